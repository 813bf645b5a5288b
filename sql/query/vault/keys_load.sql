-- SPDX-License-Identifier: Apache-2.0
-- The signing keys that are not retired.
-- params: bigint
-- returns: kid text, alg text, sealed bytea, active_from_s bigint, retired_at_s bigint
SELECT kid, alg, sealed, extract(epoch FROM active_from)::bigint AS active_from_s,
	extract(epoch FROM retired_at)::bigint AS retired_at_s
FROM vault.signing_key
WHERE retired_at IS NULL OR retired_at > to_timestamp($1)
ORDER BY alg, active_from, kid
