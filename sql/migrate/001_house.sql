-- SPDX-License-Identifier: Apache-2.0
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
-- Not partial: of an empty partition a partial index looks so small that reading all of it seems cheap, and
-- that plan is kept while the partition grows. It would also keep the end of a session from being a HOT update.
CREATE INDEX ON idp.session (citizen_id);

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
	PRIMARY KEY (at, event_id)        -- in order of time: one index for both
) PARTITION BY RANGE (at);
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
