-- SPDX-License-Identifier: Apache-2.0
-- A new transaction: handle's hash, device, client (NULL at "/"), request, seconds to live.
-- params: bytea, bytea, text, jsonb, bigint
-- returns: none
INSERT INTO idp.authn_transaction (handle_hash, device_hash, client_id, request, expires_at)
VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
