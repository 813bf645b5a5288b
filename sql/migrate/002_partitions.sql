-- SPDX-License-Identifier: Apache-2.0
-- Partitions by time: made ahead, dropped when outlived, and the record's months let go only after 90 days.

CREATE TABLE idp.partition_policy (
	schema_name text NOT NULL,
	table_name  text NOT NULL,
	key         text NOT NULL,        -- the column that it is partitioned by
	step        text NOT NULL CHECK (step IN ('day', 'month')),
	ahead       interval NOT NULL,
	keep        interval,             -- after a partition's end; NULL: housekeeping never drops
	PRIMARY KEY (schema_name, table_name)
);

-- Few partitions: each statement locks and opens all that it might touch. Housekeeping comes hourly, and the
-- DEFAULT partition catches what it should have caught.
INSERT INTO idp.partition_policy VALUES
	('idp', 'authn_transaction', 'created_at', 'day', '1 day', '1 day'),
	('idp', 'code', 'created_at', 'day', '1 day', '1 day'),
	('idp', 'assertion', 'expires_at', 'day', '1 day', '1 day'),
	('idp', 'session', 'created_at', 'day', '1 day', '1 day'),
	('idp', 'authz_grant', 'created_at', 'month', '1 month', '90 days 1 month'),
	('idp', 'refresh_token', 'created_at', 'month', '1 month', '90 days 1 month'),
	('vault', 'spent_partial', 'expires_at', 'day', '1 day', '1 day'),
	('record', 'event', 'at', 'month', '1 month', NULL);

-- Every partition with its bounds; a DEFAULT partition has none.
CREATE VIEW idp.partition AS
SELECT p.schema_name, p.table_name, c.relname::text AS name,
	(regexp_match(b.bound, $$FROM \('([^']+)'\)$$))[1]::timestamptz AS from_at,
	(regexp_match(b.bound, $$TO \('([^']+)'\)$$))[1]::timestamptz AS to_at
FROM idp.partition_policy p
JOIN pg_catalog.pg_namespace n ON n.nspname = p.schema_name
JOIN pg_catalog.pg_class t ON t.relnamespace = n.oid AND t.relname = p.table_name
JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid
JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound) b;

-- A table of the parent's shape, not attached yet: ATTACH takes a weaker lock on the parent than
-- CREATE TABLE ... PARTITION OF, so that sign-ins go on meanwhile.
CREATE FUNCTION idp.partition_new(policy idp.partition_policy, name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format('CREATE TABLE %1$I.%2$I (LIKE %1$I.%3$I INCLUDING ALL EXCLUDING INDEXES)',
		policy.schema_name, name, policy.table_name);
	IF policy.schema_name = 'record' THEN
		PERFORM record.protect(format('%I.%I', policy.schema_name, name)::regclass);
	END IF;
END $$;

CREATE FUNCTION idp.partition_attach(policy idp.partition_policy, name text,
	from_at timestamptz, to_at timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format('ALTER TABLE %1$I.%2$I ATTACH PARTITION %1$I.%3$I ',
		policy.schema_name, policy.table_name, name)
		|| CASE WHEN from_at IS NULL THEN 'DEFAULT'
		ELSE format('FOR VALUES FROM (%L) TO (%L)', from_at, to_at) END;
END $$;

-- Rows stand in the DEFAULT partition when housekeeping did not come for long. No row of the record may
-- be moved; so that partition becomes an ordinary one over the time its rows cover, and a new DEFAULT
-- takes its place.
CREATE FUNCTION idp.partition_adopt(policy idp.partition_policy) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	old_name text := policy.table_name || '_default';
	new_name text;
	first_at timestamptz;
	end_at timestamptz;
BEGIN
	EXECUTE format('ALTER TABLE %1$I.%2$I DETACH PARTITION %1$I.%3$I',
		policy.schema_name, policy.table_name, old_name);
	EXECUTE format('SELECT date_trunc(%4$L, min(%3$I)), date_trunc(%4$L, max(%3$I)) + %5$L::interval '
		'FROM %1$I.%2$I', policy.schema_name, old_name, policy.key, policy.step, '1 ' || policy.step)
		INTO first_at, end_at;
	new_name := format('%s_%s_to_%s', policy.table_name, to_char(first_at, 'YYYYMMDD'),
		to_char(end_at, 'YYYYMMDD'));
	EXECUTE format('ALTER TABLE %I.%I RENAME TO %I', policy.schema_name, old_name, new_name);
	PERFORM idp.partition_attach(policy, new_name, first_at, end_at);
	PERFORM idp.partition_new(policy, old_name);
	PERFORM idp.partition_attach(policy, old_name, NULL, NULL);
	RETURN new_name;
END $$;

-- One table's housekeeping. Returns what was done.
CREATE FUNCTION idp.housekeep_table(policy idp.partition_policy)
RETURNS TABLE (did text, partition text)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	step interval := ('1 ' || policy.step)::interval;
	start timestamptz := date_trunc(policy.step, now());
	fallback text := policy.table_name || '_default';
	found_rows boolean;
BEGIN
	IF NOT EXISTS (SELECT FROM idp.partition p WHERE p.schema_name = policy.schema_name
		AND p.table_name = policy.table_name AND p.from_at IS NULL) THEN
		PERFORM idp.partition_new(policy, fallback);
		PERFORM idp.partition_attach(policy, fallback, NULL, NULL);
		RETURN QUERY SELECT 'made', fallback;
	END IF;
	EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I)', policy.schema_name, fallback) INTO found_rows;
	IF found_rows THEN
		RETURN QUERY SELECT 'adopted', idp.partition_adopt(policy);
	END IF;
	WHILE start <= now() + policy.ahead LOOP
		IF NOT EXISTS (SELECT FROM idp.partition p WHERE p.schema_name = policy.schema_name
			AND p.table_name = policy.table_name
			AND p.from_at < start + step AND p.to_at > start) THEN
			partition := policy.table_name || '_'
				|| to_char(start, CASE policy.step WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END);
			PERFORM idp.partition_new(policy, partition);
			PERFORM idp.partition_attach(policy, partition, start, start + step);
			did := 'made';
			RETURN NEXT;
		END IF;
		start := start + step;
	END LOOP;
	-- Whatever the policy says, a partition with living rows stays (settings may let them live longer). Of a
	-- large one a sample of 64 MiB is looked at, so that this never takes long.
	FOR partition IN SELECT p.name FROM idp.partition p WHERE p.schema_name = policy.schema_name
		AND p.table_name = policy.table_name AND p.to_at <= now() - policy.keep LOOP
		EXECUTE format('SELECT EXISTS (SELECT FROM %1$I.%2$I TABLESAMPLE SYSTEM (least(100, '
			'100 * 67108864.0 / greatest(1, pg_relation_size(%3$L)))) WHERE expires_at > now())',
			policy.schema_name, partition, format('%I.%I', policy.schema_name, partition))
			INTO found_rows;
		CONTINUE WHEN found_rows;
		EXECUTE format('DROP TABLE %I.%I', policy.schema_name, partition);
		did := 'dropped';
		RETURN NEXT;
	END LOOP;
END $$;

-- Make partitions ahead and drop the outlived ones. Called hourly by the web role, and by `pratu
-- migrate`. It never makes a sign-in wait for long: a lock that is not to be had within 200 ms ends it
-- ('busy'), and the next hour goes on. 'stuck': a table wants a person (see `pratu doctor`).
CREATE FUNCTION idp.housekeep() RETURNS TABLE (did text, partition text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO' SET lock_timeout = '200ms' AS $$
DECLARE
	policy idp.partition_policy;
	steps text[];
	i integer;
BEGIN
	IF NOT pg_try_advisory_xact_lock(hashtextextended('pratu.housekeep', 0)) THEN
		RETURN QUERY SELECT 'busy', 'another is at it';
		RETURN;
	END IF;
	FOR policy IN SELECT * FROM idp.partition_policy p ORDER BY p.schema_name, p.table_name LOOP
		BEGIN
			-- Gathered first: what a failed step rolls back is not told as done.
			steps := ARRAY(SELECT h.did || ' ' || h.partition FROM idp.housekeep_table(policy) h);
		EXCEPTION
			WHEN lock_not_available OR deadlock_detected THEN
				RETURN QUERY SELECT 'busy', policy.table_name;
				RETURN;
			WHEN check_violation OR invalid_object_definition THEN
				steps := ARRAY['stuck ' || policy.table_name];
		END;
		FOR i IN 1 .. cardinality(steps) LOOP
			did := split_part(steps[i], ' ', 1);
			partition := split_part(steps[i], ' ', 2);
			RETURN NEXT;
		END LOOP;
	END LOOP;
END $$;

-- Drop the months of the record that ended more than `days` days ago; Thai law asks for 90 at least.
-- by: who did it, for the row that tells of it. Returns the partitions' names.
CREATE FUNCTION record.expire(days integer, dry_run boolean DEFAULT false, by text DEFAULT NULL)
RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO' SET lock_timeout = '2s' AS $$
DECLARE
	gone text[];
	name text;
BEGIN
	IF days IS NULL OR days < 90 THEN
		RAISE EXCEPTION 'the record is kept 90 days at least; came %', coalesce(days::text, 'nothing')
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
