-- SPDX-License-Identifier: Apache-2.0
-- A search reads one day after the other, in place of all that its range covers at once.

-- The newest rows that fit, newest first: `most` of them, from a time on and before another; older than (before_at, before_id) if these
-- are given, which are those of the last row of the page before. NULL: any. One day is read after the other, later several at once, until
-- there are enough rows; each by a statement that is planned for the filters that are given: one plan for all would read everything.
-- network: of the address, or one host. enable_seqscan: a summary saves far more than the planner believes. Compiling or dividing
-- such a statement among processes takes longer than to run it.
CREATE OR REPLACE FUNCTION record.search(since timestamptz, until timestamptz, before_at timestamptz, before_id uuid, subject uuid, client text,
	session uuid, authentication uuid, granted uuid, correlation text, network inet, kinds text, outcomes text, most integer)
RETURNS SETOF record.event
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET jit = off SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
	one_host CONSTANT boolean := masklen(network) = CASE family(network) WHEN 4 THEN 32 ELSE 128 END;
	statement CONSTANT text := concat_ws(' AND ', 'SELECT e.* FROM record.event e WHERE e.at >= $1 AND e.at < $2',
		CASE WHEN before_at IS NOT NULL THEN '(e.at, e.event_id) < ($3, $4)' END,
		CASE WHEN subject IS NOT NULL THEN 'e.subject_id = $5' END,
		CASE WHEN client IS NOT NULL THEN 'e.client_id = $6' END,
		CASE WHEN session IS NOT NULL THEN 'e.session_id = $7' END,
		CASE WHEN authentication IS NOT NULL THEN 'e.authentication_id = $8' END,
		CASE WHEN granted IS NOT NULL THEN 'e.grant_id = $9' END,
		CASE WHEN correlation IS NOT NULL THEN 'e.correlation_id = $10' END,
		CASE WHEN one_host THEN 'e.address = $11' WHEN network IS NOT NULL THEN 'e.address <<= $11' END,
		CASE WHEN kinds IS NOT NULL THEN 'e.kind = $12' END,
		CASE WHEN outcomes IS NOT NULL THEN 'e.outcome = $13' END) || ' ORDER BY e.at DESC, e.event_id DESC LIMIT $14';
	upper_at timestamptz := least(until, before_at + interval '1 microsecond');
	lower_at timestamptz := greatest(since, date_trunc('day', least(upper_at, now()), 'UTC'));
	still integer := most; -- rows wanted
	n integer;
BEGIN
	FOR i IN 1 .. 62 LOOP
		RETURN QUERY EXECUTE statement USING lower_at, upper_at, before_at, before_id, subject, client, session, authentication,
			granted, correlation, network, kinds, outcomes, still;
		GET DIAGNOSTICS n = ROW_COUNT;
		still := still - n;
		EXIT WHEN still <= 0 OR lower_at <= since;
		upper_at := lower_at;
		lower_at := CASE WHEN i < 31 THEN greatest(since, upper_at - interval '1 day')
			WHEN i < 61 THEN greatest(since, upper_at - interval '31 days') ELSE since END;
	END LOOP;
END $$;
