-- SPDX-License-Identifier: Apache-2.0
-- A new signing key that signs in wait_s seconds at the earliest; with only_first, only if its algorithm has none.
-- params: kid text, alg text, public_jwk jsonb, sealed bytea, wait_s bigint, only_first boolean
-- returns: none
-- rows: none
INSERT INTO vault.signing_key (kid, alg, public_jwk, sealed, active_from)
SELECT :kid, :alg, :public_jwk, :sealed, now() + make_interval(secs => :wait_s)
WHERE NOT :only_first OR NOT EXISTS (SELECT FROM vault.signing_key WHERE alg = :alg AND retired_at IS NULL)
