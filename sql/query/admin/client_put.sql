-- SPDX-License-Identifier: Apache-2.0
-- Make a client, or change it where it differs; no row: it was the same already. secret_hash NULL keeps the stored secret,
-- if its authentication method has one (wants_secret); so does the secret before the present one, which a document may still
-- have after `pratu client secret new`. Any other secret replaces both at once.
-- params: client_id text, metadata jsonb, secret_hash bytea null, sector text, disabled boolean, wants_secret boolean
-- returns: created boolean
-- rows: maybe
WITH old AS (
	SELECT secret_hash AS present, former_secret_hash AS former, former_secret_until AS until FROM idp.client
	WHERE client_id = :client_id
), wanted AS (
	SELECT CASE WHEN NOT :wants_secret THEN NULL WHEN :secret_hash = o.former THEN o.present
		ELSE coalesce(:secret_hash, o.present) END AS secret, o.present, o.former, o.until
	FROM (SELECT 1) AS one LEFT JOIN old o ON true
), kept AS (
	SELECT secret, CASE WHEN secret = present THEN former END AS former, CASE WHEN secret = present THEN until END AS until
	FROM wanted
)
INSERT INTO idp.client AS c (client_id, metadata, secret_hash, sector, disabled)
SELECT :client_id, :metadata, secret, :sector, :disabled FROM kept
ON CONFLICT (client_id) DO UPDATE SET metadata = :metadata, sector = :sector, disabled = :disabled, updated_at = now(),
	secret_hash = EXCLUDED.secret_hash, former_secret_hash = (SELECT former FROM kept),
	former_secret_until = (SELECT until FROM kept)
WHERE (c.metadata, c.sector, c.disabled, c.secret_hash) IS DISTINCT FROM (:metadata, :sector, :disabled, EXCLUDED.secret_hash)
RETURNING c.created_at = now() AS created
