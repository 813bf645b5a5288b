-- SPDX-License-Identifier: Apache-2.0
-- Remember the jti of a client assertion. No row: it was used before.
-- params: text, bytea, bigint
-- returns: none
INSERT INTO idp.assertion (client_id, jti_hash, expires_at)
SELECT $1, $2, to_timestamp($3)
WHERE NOT EXISTS (SELECT FROM idp.assertion a WHERE a.client_id = $1 AND a.jti_hash = $2
	AND a.expires_at > now() AND a.expires_at <= now() + interval '1 hour')
ON CONFLICT DO NOTHING
