-- SPDX-License-Identifier: Apache-2.0
-- Make a client, or change it where it differs; no row: it was the same already. $3 NULL keeps the stored secret,
-- if its authentication method has one ($6).
-- params: text, jsonb, bytea, text, boolean, boolean
-- returns: created boolean
INSERT INTO idp.client AS c (client_id, metadata, secret_hash, sector, disabled)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (client_id) DO UPDATE SET metadata = $2, sector = $4, disabled = $5, updated_at = now(),
	secret_hash = CASE WHEN $6 THEN coalesce($3, c.secret_hash) END
WHERE (c.metadata, c.sector, c.disabled, c.secret_hash) IS DISTINCT FROM
	($2, $4, $5, CASE WHEN $6 THEN coalesce($3, c.secret_hash) END)
RETURNING c.created_at = now() AS created
