-- The first storey: citizens, clients, sign-ins, grants, the vault's tables, the record.
-- Run as pratu_owner (SET ROLE), in one transaction, by `pratu migrate`.

-- Nothing is anybody's unless a GRANT below says so.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM PUBLIC;

CREATE SCHEMA idp;
CREATE SCHEMA vault;
CREATE SCHEMA record;

-- What has been migrated. A file that changed after it was applied stops `pratu migrate`.
CREATE TABLE idp.migration (
	version    integer PRIMARY KEY,
	name       text NOT NULL,
	sha256     bytea NOT NULL,        -- of the file
	applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- ---------------------------------------------------------------- idp: what the web role works on

CREATE TABLE idp.client (
	client_id   text PRIMARY KEY,
	metadata    jsonb NOT NULL,       -- RFC 7591 / OIDC Registration names, without the secret
	secret_hash bytea,                -- SHA-256 of client_secret
	sector      text NOT NULL,        -- host of sector_identifier_uri or of the redirect_uris
	disabled    boolean NOT NULL DEFAULT false,
	created_at  timestamptz NOT NULL DEFAULT now(),
	updated_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE idp.citizen (
	citizen_id uuid PRIMARY KEY,
	public_sub uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
	claims     jsonb NOT NULL,        -- OIDC standard claims; never the national ID
	locked     boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);

-- One sign-in at one door: an authorization request on its way, or a plain sign-in at "/".
CREATE TABLE idp.authn_transaction (
	handle_hash  bytea NOT NULL,      -- SHA-256 of the handle in the form
	device_hash  bytea NOT NULL,      -- SHA-256 of the device cookie it was given to
	client_id    text,                -- NULL: a sign-in at "/"
	request      jsonb NOT NULL,      -- the validated authorization request; {} at "/"
	stage        jsonb NOT NULL DEFAULT '{}', -- what has been done: partial ticket, account chosen, ...
	created_at   timestamptz NOT NULL DEFAULT now(),
	expires_at   timestamptz NOT NULL,
	finished_at  timestamptz,
	PRIMARY KEY (handle_hash, created_at)
) PARTITION BY RANGE (created_at);

CREATE TABLE idp.session (
	session_id   uuid NOT NULL,
	token_hash   bytea NOT NULL,      -- SHA-256 of the session cookie
	citizen_id   uuid NOT NULL,
	authentication_id uuid NOT NULL,
	ticket       text NOT NULL,       -- the vault's word for it
	acr          text NOT NULL,
	amr          text[] NOT NULL,
	auth_time    timestamptz NOT NULL,
	device_hash  bytea,
	address      inet,
	user_agent   text,
	created_at   timestamptz NOT NULL DEFAULT now(),
	last_seen_at timestamptz NOT NULL DEFAULT now(),
	expires_at   timestamptz NOT NULL,
	ended_at     timestamptz,
	PRIMARY KEY (session_id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX ON idp.session (token_hash);
CREATE INDEX ON idp.session (citizen_id) WHERE ended_at IS NULL;

-- What a citizen let a client have in one authorization; codes and tokens hang on it.
CREATE TABLE idp.authz_grant (
	grant_id     uuid NOT NULL,
	client_id    text NOT NULL,
	citizen_id   uuid NOT NULL,
	session_id   uuid NOT NULL,
	authentication_id uuid NOT NULL,
	sub          text NOT NULL,
	scope        text NOT NULL,       -- space-separated, as granted
	claims       jsonb NOT NULL DEFAULT '{}', -- the `claims` parameter, as granted
	ticket       text NOT NULL,       -- the vault's grant ticket
	offline      boolean NOT NULL,    -- outlives the session
	created_at   timestamptz NOT NULL DEFAULT now(),
	expires_at   timestamptz NOT NULL,
	revoked_at   timestamptz,
	PRIMARY KEY (grant_id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX ON idp.authz_grant (session_id);
CREATE INDEX ON idp.authz_grant (citizen_id, client_id);

CREATE TABLE idp.code (
	code_hash      bytea NOT NULL,
	grant_id       uuid NOT NULL,
	client_id      text NOT NULL,
	redirect_uri   text NOT NULL,
	code_challenge text,
	nonce          text,
	created_at     timestamptz NOT NULL DEFAULT now(),
	expires_at     timestamptz NOT NULL,
	spent_at       timestamptz,
	PRIMARY KEY (code_hash, created_at)
) PARTITION BY RANGE (created_at);

CREATE TABLE idp.refresh_token (
	token_hash bytea NOT NULL,
	grant_id   uuid NOT NULL,         -- the family
	client_id  text NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	spent_at   timestamptz,           -- rotated away; seen again, it kills the family
	PRIMARY KEY (token_hash, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX ON idp.refresh_token (grant_id);

-- jti of client assertions (RFC 7523), each once.
CREATE TABLE idp.assertion (
	client_id  text NOT NULL,
	jti_hash   bytea NOT NULL,
	expires_at timestamptz NOT NULL,
	PRIMARY KEY (client_id, jti_hash, expires_at)
) PARTITION BY RANGE (expires_at);

CREATE TABLE idp.consent (
	citizen_id uuid NOT NULL,
	client_id  text NOT NULL,
	scope      text NOT NULL,         -- space-separated, all that was ever allowed and not taken back
	claims     jsonb NOT NULL DEFAULT '[]', -- names allowed through the `claims` parameter
	given_at   timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (citizen_id, client_id)
);

-- ---------------------------------------------------------------- vault: what no other role reads

CREATE TABLE vault.identifier (
	blind_index bytea PRIMARY KEY,    -- HMAC of 'national_id|...' or 'alias|...'
	citizen_id  uuid NOT NULL REFERENCES idp.citizen,
	kind        text NOT NULL CHECK (kind IN ('national_id', 'alias'))
);
CREATE UNIQUE INDEX ON vault.identifier (citizen_id, kind);

CREATE TABLE vault.national_id (
	citizen_id uuid PRIMARY KEY REFERENCES idp.citizen,
	sealed     bytea NOT NULL
);

CREATE TABLE vault.password (
	citizen_id uuid PRIMARY KEY REFERENCES idp.citizen,
	hash       text NOT NULL,         -- Argon2id string over the peppered password
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE vault.totp (
	citizen_id uuid PRIMARY KEY REFERENCES idp.citizen,
	sealed     bytea NOT NULL,        -- the seed
	last_step  bigint NOT NULL DEFAULT 0, -- the last step accepted: codes go forward only
	failures   integer NOT NULL DEFAULT 0, -- wrong second factors since the last success
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE vault.sandbox_code (
	citizen_id uuid PRIMARY KEY REFERENCES idp.citizen,
	code_hash  bytea NOT NULL,        -- keyed hash
	failures   integer NOT NULL DEFAULT 0 -- wrong second factors since the last success
);

-- Partial tickets (password passed) whose second step was done, each once: a sandbox code has no steps that
-- go forward only.
CREATE TABLE vault.spent_partial (
	partial_id uuid NOT NULL,
	expires_at timestamptz NOT NULL,
	PRIMARY KEY (partial_id, expires_at)
) PARTITION BY RANGE (expires_at);

CREATE TABLE vault.throttle (
	bucket   bytea PRIMARY KEY,       -- HMAC of (account, known device or 'unknown')
	failures integer NOT NULL,
	next_at  timestamptz NOT NULL
);

CREATE TABLE vault.device (
	citizen_id  uuid NOT NULL,
	device_hash bytea NOT NULL,
	last_used_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (citizen_id, device_hash)
);

CREATE TABLE vault.subject (
	citizen_id uuid NOT NULL,
	sector     text NOT NULL,
	sub        uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
	PRIMARY KEY (citizen_id, sector)
);

CREATE TABLE vault.signing_key (
	kid         text PRIMARY KEY,
	alg         text NOT NULL,
	public_jwk  jsonb NOT NULL,
	sealed      bytea NOT NULL,       -- the private JWK
	created_at  timestamptz NOT NULL DEFAULT now(),
	active_from timestamptz NOT NULL, -- signs from here on, until a newer one does
	retired_at  timestamptz           -- out of the JWKS from here on
);

-- ---------------------------------------------------------------- record: append only

CREATE TABLE record.event (
	event_id       uuid NOT NULL DEFAULT gen_random_uuid(),
	at             timestamptz NOT NULL DEFAULT clock_timestamp(),
	kind           text NOT NULL,     -- 'password', 'totp', 'sign_in', 'code', 'token', 'refresh', 'consent', ...
	outcome        text NOT NULL CHECK (outcome IN ('ok', 'refused', 'failed', 'abandoned')),
	reason         text,              -- a short fixed word: 'wrong_code', 'wait', 'code_reuse'
	citizen_id     uuid,
	session_id     uuid,
	authentication_id uuid,
	client_id      text,
	acr            text,
	amr            text[],
	address        inet,
	device         text,              -- hex of SHA-256 of the device cookie
	user_agent     text,
	correlation_id text,
	detail         jsonb,             -- never a secret, never a stranger's typo in clear
	PRIMARY KEY (event_id, at)
) PARTITION BY RANGE (at);
CREATE INDEX ON record.event (at);
CREATE INDEX ON record.event (citizen_id, at);
CREATE INDEX ON record.event (client_id, at);
CREATE INDEX ON record.event (correlation_id);

-- No record is changed or removed, not by its owner either: only whole months go, by record.expire().
CREATE FUNCTION record.refuse_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RAISE EXCEPTION 'the record is append-only: % on %.% is refused',
		TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

-- Triggers of statements are not handed down to partitions, and a new table starts with all of its
-- owner's rights: so the table and each partition are protected one by one.
CREATE FUNCTION record.protect(event_table regclass) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
		'FOR EACH STATEMENT EXECUTE FUNCTION record.refuse_change()', event_table);
	EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM pratu_owner', event_table);
END $$;

SELECT record.protect('record.event');

-- ---------------------------------------------------------------- partitions

CREATE TABLE idp.partition_policy (
	schema_name text NOT NULL,
	table_name  text NOT NULL,
	key         text NOT NULL,        -- the column that it is partitioned by
	step        text NOT NULL CHECK (step IN ('day', 'month')),
	ahead       interval NOT NULL,
	keep        interval,             -- after a partition's end; NULL: housekeeping never drops
	PRIMARY KEY (schema_name, table_name)
);

INSERT INTO idp.partition_policy VALUES
	('idp', 'authn_transaction', 'created_at', 'day', '7 days', '2 days'),
	('idp', 'code', 'created_at', 'day', '7 days', '2 days'),
	('idp', 'assertion', 'expires_at', 'day', '7 days', '2 days'),
	('idp', 'session', 'created_at', 'day', '7 days', '3 days'),
	('idp', 'authz_grant', 'created_at', 'month', '3 months', '90 days 1 month'),
	('idp', 'refresh_token', 'created_at', 'month', '3 months', '90 days 1 month'),
	('vault', 'spent_partial', 'expires_at', 'day', '7 days', '2 days'),
	('record', 'event', 'at', 'month', '3 months', NULL);

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

-- ---------------------------------------------------------------- grants
-- Partitions are reached through their parents and carry no grants of their own.

GRANT USAGE ON SCHEMA idp TO pratu_web, pratu_vault, pratu_admin;
GRANT USAGE ON SCHEMA vault TO pratu_vault, pratu_admin;
GRANT USAGE ON SCHEMA record TO pratu_web, pratu_vault, pratu_admin;
GRANT SELECT ON idp.migration TO pratu_web, pratu_vault, pratu_admin;

GRANT SELECT ON idp.client TO pratu_web;
GRANT SELECT (citizen_id, claims, locked, created_at, updated_at) ON idp.citizen TO pratu_web;
GRANT SELECT, INSERT ON idp.authn_transaction, idp.session, idp.authz_grant, idp.code,
	idp.refresh_token, idp.assertion, idp.consent TO pratu_web;
GRANT UPDATE (stage, finished_at) ON idp.authn_transaction TO pratu_web;
GRANT UPDATE (last_seen_at, ended_at) ON idp.session TO pratu_web;
GRANT UPDATE (session_id, revoked_at) ON idp.authz_grant TO pratu_web;
GRANT UPDATE (spent_at) ON idp.code, idp.refresh_token TO pratu_web;
GRANT UPDATE (scope, claims, updated_at) ON idp.consent TO pratu_web;
GRANT EXECUTE ON FUNCTION idp.housekeep() TO pratu_web;

GRANT SELECT (citizen_id, public_sub, locked) ON idp.citizen TO pratu_vault;
GRANT SELECT (client_id, metadata, sector, disabled) ON idp.client TO pratu_vault;
GRANT SELECT ON vault.identifier, vault.national_id, vault.password, vault.totp, vault.sandbox_code,
	vault.throttle, vault.device, vault.subject, vault.signing_key TO pratu_vault;
GRANT UPDATE (hash, updated_at) ON vault.password TO pratu_vault;
GRANT UPDATE (last_step, failures) ON vault.totp TO pratu_vault;
GRANT INSERT, UPDATE, DELETE ON vault.throttle, vault.device TO pratu_vault;
GRANT UPDATE (failures) ON vault.sandbox_code TO pratu_vault;
GRANT SELECT, INSERT ON vault.spent_partial TO pratu_vault;
GRANT INSERT ON vault.subject, vault.signing_key TO pratu_vault;
GRANT UPDATE (sealed, active_from, retired_at) ON vault.signing_key TO pratu_vault;

-- The command line sets credentials up and never reads one back.
GRANT SELECT, INSERT, UPDATE ON idp.client TO pratu_admin;
GRANT SELECT, INSERT ON idp.citizen TO pratu_admin;
GRANT UPDATE (claims, locked, updated_at) ON idp.citizen TO pratu_admin;
GRANT SELECT ON idp.consent, idp.partition, idp.partition_policy TO pratu_admin;
GRANT SELECT (session_id, citizen_id, authentication_id, acr, amr, auth_time, address, user_agent,
	created_at, last_seen_at, expires_at, ended_at), UPDATE (ended_at) ON idp.session TO pratu_admin;
GRANT SELECT (grant_id, client_id, citizen_id, session_id, authentication_id, sub, scope, claims,
	offline, created_at, expires_at, revoked_at), UPDATE (revoked_at) ON idp.authz_grant TO pratu_admin;
GRANT INSERT ON vault.identifier, vault.national_id, vault.password, vault.totp, vault.sandbox_code
	TO pratu_admin;
GRANT SELECT (citizen_id, kind), UPDATE (blind_index) ON vault.identifier TO pratu_admin;
GRANT SELECT (citizen_id), UPDATE (sealed) ON vault.national_id TO pratu_admin;
GRANT SELECT (citizen_id, updated_at), UPDATE (hash, updated_at) ON vault.password TO pratu_admin;
GRANT SELECT (citizen_id, failures, updated_at), UPDATE (sealed, last_step, failures, updated_at)
	ON vault.totp TO pratu_admin;
GRANT SELECT (citizen_id), UPDATE (code_hash, failures) ON vault.sandbox_code TO pratu_admin;
GRANT SELECT ON vault.subject TO pratu_admin;
GRANT SELECT (kid, alg, public_jwk, created_at, active_from, retired_at) ON vault.signing_key
	TO pratu_admin;
GRANT EXECUTE ON FUNCTION record.expire(integer, boolean, text) TO pratu_admin;

GRANT INSERT ON record.event TO pratu_web, pratu_vault, pratu_admin;
GRANT SELECT ON record.event TO pratu_admin;
