-- SPDX-License-Identifier: Apache-2.0
-- The keys of an algorithm give way to one that is active from $2 on: they leave the JWKS at $3, and those
-- that would have come after it at once ($4, now).
-- params: text, bigint, bigint, bigint
-- returns: none
UPDATE vault.signing_key
SET retired_at = to_timestamp(CASE WHEN active_from > to_timestamp($2) THEN $4 ELSE $3 END)
WHERE alg = $1 AND retired_at IS NULL
