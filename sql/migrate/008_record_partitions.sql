-- SPDX-License-Identifier: Apache-2.0
-- The record by days: few indexes on the day that is written, all that are searched by on the days that are over; one function
-- that searches; and rows of no more use are deleted by housekeeping.

-- ---------------------------------------------------------------- storage parameters of partitions

ALTER TABLE idp.partition_policy ADD COLUMN storage text NOT NULL DEFAULT ''; -- parameters of CREATE TABLE ... WITH
COMMENT ON COLUMN idp.partition_policy.storage IS 'Room on each page for a later version of its rows keeps updates out of the indexes (HOT)';
-- A code and a refresh token are updated once, soon after they were made; a session again and again.
UPDATE idp.partition_policy SET storage = 'fillfactor = 50' WHERE schema_name = 'idp' AND table_name IN ('code', 'refresh_token');
UPDATE idp.partition_policy SET storage = 'fillfactor = 80' WHERE schema_name = 'idp' AND table_name = 'session';
-- Never updated: frozen by the first vacuum, and not read again for it.
UPDATE idp.partition_policy SET storage = 'autovacuum_freeze_min_age = 0' WHERE schema_name = 'record';
DO $$
DECLARE
	part record;
BEGIN
	FOR part IN SELECT p.schema_name, p.name, o.storage FROM idp.partition p
		JOIN idp.partition_policy o USING (schema_name, table_name) WHERE o.storage <> '' LOOP
		EXECUTE format('ALTER TABLE %I.%I SET (%s)', part.schema_name, part.name, part.storage);
	END LOOP;
END $$;
ALTER TABLE vault.throttle SET (fillfactor = 70);
ALTER TABLE vault.factor SET (fillfactor = 70);
ALTER TABLE vault.factor_failure SET (fillfactor = 70);

-- ---------------------------------------------------------------- what the record is searched by

-- A new column to search by is a row here. On a day that is over each has an index. On the partition that is being written each index
-- costs every insert: hot ones have theirs, and the others share a summary (BRIN with Bloom filters) that tells which 32 pages may
-- have a value and costs next to nothing.
CREATE TABLE record.search_index (
	column_name name PRIMARY KEY,
	hot         boolean NOT NULL
);
INSERT INTO record.search_index VALUES ('at', true), ('subject_id', true), ('correlation_id', true), ('client_id', true),
	('session_id', false), ('authentication_id', false), ('grant_id', false), ('address', false);

-- The columns that lack an index of their own; the summary is none.
CREATE FUNCTION record.index_missing(part regclass, hot_only boolean) RETURNS SETOF name
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT w.column_name FROM record.search_index w
	WHERE (w.hot OR NOT hot_only) AND NOT EXISTS (SELECT FROM pg_index i
		JOIN pg_class c ON c.oid = i.indexrelid
		JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
		JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = part AND i.indisvalid AND a.attname = w.column_name)
	ORDER BY w.column_name
$$;

CREATE FUNCTION record.index_add(part regclass, column_name name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF column_name = 'at' THEN
		EXECUTE format('CREATE INDEX ON %s (at)', part);
	ELSE
		EXECUTE format('CREATE INDEX ON %1$s (%2$I, at) WHERE %2$I IS NOT NULL', part, column_name);
	END IF;
END $$;

-- The summary of a partition that is being written. Its ranges are filled by autovacuum, the newest last.
CREATE FUNCTION record.summary_add(part regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format('CREATE INDEX ON %s USING brin (%s) WITH (pages_per_range = 32, autosummarize = on)', part,
		(SELECT string_agg(format('%I %s_bloom_ops (n_distinct_per_range = 200)', a.attname, a.atttypid::regtype), ', '
			ORDER BY a.attname)
		FROM record.search_index w JOIN pg_attribute a ON a.attrelid = part AND a.attname = w.column_name
		WHERE NOT w.hot));
END $$;

-- What a new partition of the record needs before it is attached.
CREATE FUNCTION record.prepare(part regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM record.protect(part);
	PERFORM record.index_add(part, missing) FROM record.index_missing(part, true) missing;
	PERFORM record.summary_add(part);
END $$;

CREATE OR REPLACE FUNCTION idp.partition_new(policy idp.partition_policy, name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format('CREATE TABLE %1$I.%2$I (LIKE %1$I.%3$I INCLUDING ALL EXCLUDING INDEXES)',
		policy.schema_name, name, policy.table_name)
		|| CASE WHEN policy.storage <> '' THEN format(' WITH (%s)', policy.storage) ELSE '' END;
	IF policy.schema_name = 'record' THEN
		PERFORM record.prepare(format('%I.%I', policy.schema_name, name)::regclass);
	END IF;
END $$;

-- Build one index that a partition lacks although its time is over; the newest first. Nobody writes there, so nobody waits; a lock
-- that is not to be had within 200 ms ends it, and the next call tries again. Returns what was built; NULL: there is nothing to
-- do. largest: bytes; larger partitions are left out (NULL: none is). Called by the web role, and by `pratu records index`.
CREATE FUNCTION record.index_next(largest bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO' SET lock_timeout = '200ms' AS $$
DECLARE
	part regclass;
	missing name;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended('pratu.record_index', 0)) THEN
		RETURN NULL;
	END IF;
	SELECT format('record.%I', p.name)::regclass, m INTO part, missing
	FROM idp.partition p CROSS JOIN LATERAL record.index_missing(format('record.%I', p.name)::regclass, false) m
	WHERE p.schema_name = 'record' AND p.table_name = 'event' AND p.to_at < now() - interval '1 minute'
		AND (largest IS NULL OR pg_relation_size(format('record.%I', p.name)::regclass) <= largest)
	ORDER BY p.to_at DESC, m LIMIT 1;
	IF missing IS NULL THEN
		RETURN NULL;
	END IF;
	PERFORM record.index_add(part, missing);
	RETURN format('%s (%s)', part, missing);
EXCEPTION WHEN lock_not_available THEN
	RETURN NULL;
END $$;
GRANT EXECUTE ON FUNCTION record.index_next(bigint) TO pratu_web, pratu_admin;
GRANT EXECUTE ON FUNCTION record.index_missing(regclass, boolean) TO pratu_admin;
GRANT SELECT ON record.search_index TO pratu_admin;

-- ---------------------------------------------------------------- from months to days

-- The indexes of the parent are each partition's too, so the parent has none any more. No row moves: a month that is over keeps its
-- bounds and its indexes; the month that is being written ends tomorrow, and days follow. Each partition is read once.
DO $$
DECLARE
	parts idp.partition[] := ARRAY(SELECT p FROM idp.partition p
		WHERE p.schema_name = 'record' AND p.table_name = 'event' ORDER BY p.from_at);
	part idp.partition;
	index_name text;
	last_at timestamptz;
	tomorrow CONSTANT timestamptz := date_trunc('day', now(), 'UTC') + interval '1 day';
BEGIN
	FOREACH part IN ARRAY parts LOOP
		EXECUTE format('ALTER TABLE record.event DETACH PARTITION record.%I', part.name);
	END LOOP;
	ALTER TABLE record.event DROP CONSTRAINT event_pkey;
	FOR index_name IN SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'record.event'::regclass LOOP
		EXECUTE format('DROP INDEX %s', index_name);
	END LOOP;
	FOREACH part IN ARRAY parts LOOP
		EXECUTE format('SELECT max(at) FROM record.%I', part.name) INTO last_at;
		IF last_at IS NULL THEN
			EXECUTE format('DROP TABLE record.%I', part.name);
		ELSIF part.from_at IS NULL THEN
			EXECUTE format('ALTER TABLE record.event ATTACH PARTITION record.%I DEFAULT', part.name);
		ELSE
			IF part.from_at < tomorrow AND part.to_at > tomorrow THEN
				part.to_at := greatest(tomorrow, date_trunc('day', last_at, 'UTC') + interval '1 day');
			END IF;
			EXECUTE format('ALTER TABLE record.event ATTACH PARTITION record.%I FOR VALUES FROM (%L) TO (%L)',
				part.name, part.from_at, part.to_at);
		END IF;
	END LOOP;
END $$;
UPDATE idp.partition_policy SET step = 'day', ahead = '2 days' WHERE schema_name = 'record' AND table_name = 'event';
COMMENT ON TABLE record.event IS 'Append only: INSERT, and record.expire() for whole partitions';

-- ---------------------------------------------------------------- the search

-- The newest rows that fit, newest first: `most` of them, from a time on and before another; older than (before_at, before_id) if these
-- are given, which are those of the last row of the page before. NULL: any. Planned for the filters of each call: one plan for all
-- would read everything. network: of the address, or one host. enable_seqscan: a summary saves far more than the planner believes.
CREATE FUNCTION record.search(since timestamptz, until timestamptz, before_at timestamptz, before_id uuid, subject uuid, client text,
	session uuid, authentication uuid, granted uuid, correlation text, network inet, kinds text, outcomes text, most integer)
RETURNS SETOF record.event
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_custom_plan
SET enable_seqscan = off AS $$
DECLARE
	host CONSTANT inet := CASE WHEN masklen(network) = CASE family(network) WHEN 4 THEN 32 ELSE 128 END THEN network END;
BEGIN
	RETURN QUERY SELECT e.* FROM record.event e
	WHERE e.at >= since AND e.at < until AND (before_at IS NULL OR e.at <= before_at)
		AND (before_at IS NULL OR (e.at, e.event_id) < (before_at, before_id))
		AND (subject IS NULL OR e.subject_id = subject)
		AND (client IS NULL OR e.client_id = client)
		AND (session IS NULL OR e.session_id = session)
		AND (authentication IS NULL OR e.authentication_id = authentication)
		AND (granted IS NULL OR e.grant_id = granted)
		AND (correlation IS NULL OR e.correlation_id = correlation)
		AND (host IS NULL OR e.address = host)
		AND (network IS NULL OR host IS NOT NULL OR e.address <<= network)
		AND (kinds IS NULL OR e.kind = kinds)
		AND (outcomes IS NULL OR e.outcome = outcomes)
	ORDER BY e.at DESC, e.event_id DESC
	LIMIT most;
END $$;
GRANT EXECUTE ON FUNCTION record.search(timestamptz, timestamptz, timestamptz, uuid, uuid, text, uuid, uuid, uuid, text, inet, text,
	text, integer) TO pratu_admin;

-- ---------------------------------------------------------------- rows of no more use

-- Rows that housekeeping deletes: those whose `key` is a time longer ago than `keep`.
CREATE TABLE idp.row_policy (
	schema_name text NOT NULL,
	table_name  text NOT NULL,
	key         text NOT NULL,
	keep        interval NOT NULL,
	PRIMARY KEY (schema_name, table_name)
);
INSERT INTO idp.row_policy VALUES
	('vault', 'throttle', 'forget_at', '0'),
	('vault', 'device', 'forget_at', '0'),
	('vault', 'factor_failure', 'last_at', '30 days');
GRANT SELECT ON idp.row_policy TO pratu_admin;

-- Delete at most `most` rows of one table; those that somebody works on are left for the next time. Returns how many.
CREATE FUNCTION idp.forget_rows(policy idp.row_policy, most integer) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	n integer;
BEGIN
	EXECUTE format('DELETE FROM %1$I.%2$I WHERE ctid = ANY (ARRAY('
		'SELECT ctid FROM %1$I.%2$I WHERE %3$I < now() - $1 LIMIT $2 FOR UPDATE SKIP LOCKED))',
		policy.schema_name, policy.table_name, policy.key) USING policy.keep, most;
	GET DIAGNOSTICS n = ROW_COUNT;
	RETURN n;
END $$;

-- Make partitions ahead, drop the outlived ones, delete rows of no more use. Called hourly by the web role, and by `pratu migrate`.
-- It never makes a sign-in wait for long: a lock that is not to be had within 200 ms ends it ('busy'), and the next hour
-- goes on. 'stuck': a table needs an operator (see `pratu doctor`). 'deleted': rows of a table; 'more': call again for the rest.
CREATE OR REPLACE FUNCTION idp.housekeep() RETURNS TABLE (did text, partition text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO' SET lock_timeout = '200ms' AS $$
DECLARE
	batch CONSTANT integer := 20000; -- rows: deleted in about 100 ms
	policy idp.partition_policy;
	rows_of idp.row_policy;
	steps text[];
	n integer;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended('pratu.housekeep', 0)) THEN
		RETURN QUERY SELECT 'busy', 'another is at work';
		RETURN;
	END IF;
	FOR rows_of IN SELECT * FROM idp.row_policy r ORDER BY r.schema_name, r.table_name LOOP
		n := idp.forget_rows(rows_of, batch);
		RETURN QUERY SELECT 'deleted', format('%s rows of %s', n, rows_of.table_name) WHERE n > 0;
		RETURN QUERY SELECT 'more', rows_of.table_name WHERE n = batch;
	END LOOP;
	FOR policy IN SELECT * FROM idp.partition_policy p ORDER BY p.schema_name, p.table_name LOOP
		BEGIN
			-- Gathered first: what a failed step rolls back is not reported as done.
			steps := ARRAY(SELECT h.did || ' ' || h.partition FROM idp.housekeep_table(policy) h);
		EXCEPTION
			WHEN lock_not_available OR deadlock_detected THEN
				RETURN QUERY SELECT 'busy', policy.table_name;
				RETURN;
			WHEN check_violation OR invalid_object_definition THEN
				steps := ARRAY['stuck ' || policy.table_name];
		END;
		RETURN QUERY SELECT split_part(s, ' ', 1), split_part(s, ' ', 2) FROM unnest(steps) s;
	END LOOP;
END $$;

-- Drop the partitions of the record that ended more than `days` days ago; Thai law requires 90 at least.
-- by: who did it, for the row that tells of it. Returns the partitions' names.
CREATE OR REPLACE FUNCTION record.expire(days integer, dry_run boolean DEFAULT false, by text DEFAULT NULL)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO' SET lock_timeout = '2s' AS $$
DECLARE
	gone text[];
	name text;
BEGIN
	IF days IS NULL OR days < 90 THEN
		RAISE EXCEPTION 'the record is kept for at least 90 days; received %', coalesce(days::text, 'NULL')
			USING ERRCODE = 'invalid_parameter_value';
	END IF;
	gone := ARRAY(SELECT p.name FROM idp.partition p WHERE p.schema_name = 'record'
		AND p.table_name = 'event' AND p.to_at <= now() - days * interval '1 day'
		ORDER BY p.from_at);
	IF NOT dry_run THEN
		FOREACH name IN ARRAY gone LOOP
			EXECUTE format('DROP TABLE record.%I', name);
		END LOOP;
		INSERT INTO record.event (kind, outcome, detail) VALUES ('expire', 'ok',
			jsonb_build_object('days', days, 'partitions', gone, 'by', coalesce(by, session_user)));
	END IF;
	RETURN QUERY SELECT unnest(gone);
END $$;

SELECT idp.housekeep();

COMMENT ON TABLE vault.factor IS 'Second factors that citizens have, by kind';
COMMENT ON TABLE vault.factor_failure IS 'Wrong codes that were not earned back, by device';
COMMENT ON TABLE vault.throttle IS 'Delays after wrong passwords, by login name and device';
COMMENT ON TABLE idp.row_policy IS 'Which rows housekeeping deletes, and when';
COMMENT ON TABLE record.search_index IS 'What the record is searched by';
