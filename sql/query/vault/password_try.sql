-- SPDX-License-Identifier: Apache-2.0
-- Count a try as a failure and reserve the delay that follows it, before it is known how it ends; not while
-- an earlier delay runs. $2: the delay in seconds after 1, 2, ... failures.
-- params: bytea, integer[]
-- returns: allowed boolean, wait_s bigint
WITH tried AS (
	INSERT INTO vault.throttle AS t (bucket, failures, next_at)
	VALUES ($1, 1, clock_timestamp() + $2[1] * interval '1 second')
	ON CONFLICT (bucket) DO UPDATE
	SET failures = t.failures + 1,
		next_at = clock_timestamp()
			+ $2[least(t.failures + 1, cardinality($2))] * interval '1 second'
	WHERE t.next_at <= clock_timestamp()
	RETURNING t.bucket
)
SELECT EXISTS (SELECT FROM tried) AS allowed,
	greatest(1, coalesce((SELECT ceil(extract(epoch FROM t.next_at - clock_timestamp()))
		FROM vault.throttle t WHERE t.bucket = $1), 1))::bigint AS wait_s
