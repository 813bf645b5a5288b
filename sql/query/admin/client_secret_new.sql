-- SPDX-License-Identifier: Apache-2.0
-- Give a client another secret; the present one is taken too for overlap_s seconds more (0: no longer). No row: there is no such
-- client with a secret.
-- params: client_id text, secret_hash bytea, overlap_s bigint, correlation_id text, detail jsonb
-- returns: former_until text null
-- rows: maybe
WITH changed AS (
	UPDATE idp.client SET secret_hash = :secret_hash, updated_at = now(),
		former_secret_hash = CASE WHEN :overlap_s > 0 THEN secret_hash END,
		former_secret_until = CASE WHEN :overlap_s > 0 THEN now() + make_interval(secs => :overlap_s) END
	WHERE client_id = :client_id AND secret_hash IS NOT NULL
	RETURNING client_id, former_secret_until
), recorded AS (
	INSERT INTO record.event (kind, outcome, client_id, correlation_id, detail)
	SELECT 'apply', 'ok', client_id, :correlation_id, :detail FROM changed
)
SELECT to_char(former_secret_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS former_until FROM changed
