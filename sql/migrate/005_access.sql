-- SPDX-License-Identifier: Apache-2.0
-- Who is signed in where, and what agencies were given: every row is found by a time that its handle carries, subject and actor
-- are two columns, a sign-in on its way is no row any more, and one function ends access for every cause.

-- Unix milliseconds, as handles carry them.
CREATE FUNCTION idp.at_ms(ms bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN to_timestamp(ms / 1000.0::double precision);
GRANT EXECUTE ON FUNCTION idp.at_ms(bigint) TO pratu_web, pratu_vault, pratu_admin;

-- ---------------------------------------------------------------- clients, held in memory by the web role

-- A change of a client counts up: the web role notices by NOTIFY, and the statement that commits compares the version.
CREATE SEQUENCE idp.client_version;
ALTER TABLE idp.client ADD COLUMN version bigint NOT NULL DEFAULT nextval('idp.client_version');
-- From here on by the trigger alone: who may insert a client needs no right to the sequence.
ALTER TABLE idp.client ALTER COLUMN version SET DEFAULT 0;

CREATE FUNCTION idp.client_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	NEW.version := nextval('idp.client_version');
	PERFORM pg_notify('pratu_client', NEW.client_id);
	RETURN NEW;
END $$;
CREATE TRIGGER client_changed BEFORE INSERT OR UPDATE ON idp.client
FOR EACH ROW EXECUTE FUNCTION idp.client_changed();

-- ---------------------------------------------------------------- sign-ins on their way are sealed values now

DROP TABLE idp.authn_transaction;
DELETE FROM idp.partition_policy WHERE schema_name = 'idp' AND table_name = 'authn_transaction';

-- ---------------------------------------------------------------- sessions and grants: subject, actor, time

-- subject: whom it is about. actor: who acts. One person today.
ALTER TABLE idp.session RENAME COLUMN citizen_id TO subject_id;
ALTER TABLE idp.session ADD COLUMN actor_id uuid;
UPDATE idp.session SET actor_id = subject_id;
ALTER TABLE idp.session ALTER COLUMN actor_id SET NOT NULL;

ALTER TABLE idp.authz_grant RENAME COLUMN citizen_id TO subject_id;
ALTER TABLE idp.authz_grant ADD COLUMN actor_id uuid, ADD COLUMN session_created_at timestamptz;
UPDATE idp.authz_grant g SET actor_id = subject_id,
	session_created_at = (SELECT s.created_at FROM idp.session s WHERE s.session_id = g.session_id LIMIT 1);
ALTER TABLE idp.authz_grant ALTER COLUMN actor_id SET NOT NULL;

-- A code and a refresh token name their grant with its time, so that the look-up touches one partition.
ALTER TABLE idp.code ADD COLUMN grant_created_at timestamptz;
UPDATE idp.code k SET grant_created_at =
	(SELECT g.created_at FROM idp.authz_grant g WHERE g.grant_id = k.grant_id LIMIT 1);
ALTER TABLE idp.refresh_token ADD COLUMN grant_created_at timestamptz,
	ADD COLUMN successor_hash bytea,          -- of the token that took its place
	ADD COLUMN successor_created_at timestamptz;
UPDATE idp.refresh_token k SET grant_created_at =
	(SELECT g.created_at FROM idp.authz_grant g WHERE g.grant_id = k.grant_id LIMIT 1);

COMMENT ON COLUMN idp.session.created_at IS 'The time that the cookie''s handle begins with';
COMMENT ON COLUMN idp.authz_grant.created_at IS 'The time within grant_id (UUID version 7)';
COMMENT ON COLUMN idp.refresh_token.spent_at IS 'Rotated away, or replaced before it was used';

-- ---------------------------------------------------------------- ended stays ended

-- Their conditions are in the functions: PostgreSQL reads a WHEN clause from its text for each statement, which costs more than the
-- call. UPDATE OF: other columns do not come here.
CREATE FUNCTION idp.session_stays_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.ended_at IS NOT NULL AND (NEW.ended_at IS DISTINCT FROM OLD.ended_at OR NEW.ticket <> '') THEN
		RAISE EXCEPTION 'what was ended stays ended: %.%', TG_TABLE_SCHEMA, TG_TABLE_NAME
			USING ERRCODE = 'insufficient_privilege';
	END IF;
	RETURN NEW;
END $$;
CREATE FUNCTION idp.grant_stays_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at OR NEW.ticket <> '') THEN
		RAISE EXCEPTION 'what was ended stays ended: %.%', TG_TABLE_SCHEMA, TG_TABLE_NAME
			USING ERRCODE = 'insufficient_privilege';
	END IF;
	RETURN NEW;
END $$;
CREATE FUNCTION idp.stays_spent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.spent_at IS NOT NULL AND NEW.spent_at IS DISTINCT FROM OLD.spent_at THEN
		RAISE EXCEPTION 'what was spent stays spent: %.%', TG_TABLE_SCHEMA, TG_TABLE_NAME
			USING ERRCODE = 'insufficient_privilege';
	END IF;
	RETURN NEW;
END $$;
-- Row triggers of a partitioned table are handed down to every partition, also to those made later.
CREATE TRIGGER ended_stays_ended BEFORE UPDATE OF ended_at, ticket ON idp.session
FOR EACH ROW EXECUTE FUNCTION idp.session_stays_ended();
CREATE TRIGGER revoked_stays_revoked BEFORE UPDATE OF revoked_at, ticket ON idp.authz_grant
FOR EACH ROW EXECUTE FUNCTION idp.grant_stays_revoked();
CREATE TRIGGER spent_stays_spent BEFORE UPDATE OF spent_at ON idp.code FOR EACH ROW EXECUTE FUNCTION idp.stays_spent();
CREATE TRIGGER spent_stays_spent BEFORE UPDATE OF spent_at ON idp.refresh_token
FOR EACH ROW EXECUTE FUNCTION idp.stays_spent();
UPDATE idp.session SET ticket = '' WHERE ended_at IS NOT NULL;
UPDATE idp.authz_grant SET ticket = '' WHERE revoked_at IS NOT NULL;
