-- SPDX-License-Identifier: Apache-2.0
-- A new signing key; with the last argument true only if its algorithm has none.
-- params: text, text, jsonb, bytea, bigint, boolean
-- returns: none
INSERT INTO vault.signing_key (kid, alg, public_jwk, sealed, active_from)
SELECT $1, $2, $3, $4, to_timestamp($5)
WHERE NOT $6 OR NOT EXISTS (SELECT FROM vault.signing_key WHERE alg = $2 AND retired_at IS NULL)
