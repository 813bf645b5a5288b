-- SPDX-License-Identifier: Apache-2.0
-- The signing keys that are not retired: by algorithm, in the order in which they began or will begin to sign.
-- params: none
-- returns: kid text, alg text, sealed bytea, active_from_s bigint, signs_since_s bigint null, retired_at_s bigint null
-- rows: many
SELECT kid, alg, sealed, extract(epoch FROM active_from)::bigint AS active_from_s,
	extract(epoch FROM signs_since)::bigint AS signs_since_s, extract(epoch FROM retired_at)::bigint AS retired_at_s
FROM vault.signing_key
WHERE retired_at IS NULL OR retired_at > now()
ORDER BY alg, signs_since NULLS LAST, active_from, kid
