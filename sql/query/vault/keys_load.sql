-- SPDX-License-Identifier: Apache-2.0
-- The signing keys that are not retired.
-- params: now_s bigint
-- returns: kid text, alg text, sealed bytea, active_from_s bigint, retired_at_s bigint null
-- rows: many
SELECT kid, alg, sealed, extract(epoch FROM active_from)::bigint AS active_from_s,
	extract(epoch FROM retired_at)::bigint AS retired_at_s
FROM vault.signing_key
WHERE retired_at IS NULL OR retired_at > to_timestamp(:now_s)
ORDER BY alg, active_from, kid
