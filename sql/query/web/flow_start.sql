-- A new transaction: handle's hash, device, client (NULL at "/"), request, stage, seconds to live.
-- params: bytea, bytea, text, jsonb, jsonb, bigint
-- returns: none
INSERT INTO idp.authn_transaction (handle_hash, device_hash, client_id, request, stage, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))
