-- SPDX-License-Identifier: Apache-2.0
-- Make a client, or change it where it differs; no row: it was the same already. secret_hash NULL keeps the stored secret,
-- if its authentication method has one (wants_secret).
-- params: client_id text, metadata jsonb, secret_hash bytea null, sector text, disabled boolean, wants_secret boolean
-- returns: created boolean
-- rows: maybe
INSERT INTO idp.client AS c (client_id, metadata, secret_hash, sector, disabled)
VALUES (:client_id, :metadata, :secret_hash, :sector, :disabled)
ON CONFLICT (client_id) DO UPDATE SET metadata = :metadata, sector = :sector, disabled = :disabled, updated_at = now(),
	secret_hash = CASE WHEN :wants_secret THEN coalesce(:secret_hash, c.secret_hash) END
WHERE (c.metadata, c.sector, c.disabled, c.secret_hash) IS DISTINCT FROM
	(:metadata, :sector, :disabled, CASE WHEN :wants_secret THEN coalesce(:secret_hash, c.secret_hash) END)
RETURNING c.created_at = now() AS created
