-- SPDX-License-Identifier: Apache-2.0
-- Remember the jti of a client assertion until it has expired by any clock. No row changed: it was used before.
-- params: client_id text, jti_hash bytea, until_s bigint
-- returns: none
-- rows: none
INSERT INTO idp.assertion (client_id, jti_hash, expires_at)
SELECT :client_id, :jti_hash, to_timestamp(:until_s)
WHERE NOT EXISTS (SELECT FROM idp.assertion a WHERE a.client_id = :client_id AND a.jti_hash = :jti_hash
	AND a.expires_at > now() AND a.expires_at <= now() + interval '1 hour')
ON CONFLICT DO NOTHING
