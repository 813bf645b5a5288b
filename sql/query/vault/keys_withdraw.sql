-- SPDX-License-Identifier: Apache-2.0
-- Keys of an algorithm that have not signed yet and were to begin later than one that is made now.
-- params: alg text, wait_s bigint
-- returns: none
-- rows: none
UPDATE vault.signing_key SET retired_at = now()
WHERE alg = :alg AND signs_since IS NULL AND retired_at IS NULL AND active_from > now() + make_interval(secs => :wait_s)
