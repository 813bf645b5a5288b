-- SPDX-License-Identifier: Apache-2.0
-- How many days the key that signs with each algorithm has done so; -1: there is none.
-- params: none
-- returns: alg text, days bigint
-- rows: many
SELECT alg, coalesce((SELECT extract(day FROM now() - max(k.active_from))::bigint FROM vault.signing_key k
	WHERE k.alg = wanted.alg AND k.active_from <= now() AND (k.retired_at IS NULL OR k.retired_at > now())), -1)
	AS days
FROM (VALUES ('ES256'), ('RS256'), ('PS256')) AS wanted (alg)
