-- SPDX-License-Identifier: Apache-2.0
-- The outbox: messages to citizens that the vault writes, in the transaction that makes what they tell of, and the courier hands over.

-- ---------------------------------------------------------------- the outbox

CREATE SCHEMA courier;

-- One message. message_id is a UUID of version 7, and created_at exactly its millisecond, so that a look-up touches one partition.
-- sealed: number and text, sealed for the courier; there only while the message may still have to be sent.
-- begun_at: written before the first byte of the message leaves. A row that is claimed and begun when its lease has run out may have
-- been sent; it becomes `unknown` and is never sent again. Not begun, it was not sent, and is claimed anew.
CREATE TABLE courier.message (
	message_id        uuid NOT NULL,
	created_at        timestamptz NOT NULL,
	channel           text NOT NULL CHECK (channel IN ('sms', 'email')),
	purpose           text NOT NULL CHECK (purpose IN ('code', 'notice')),
	state             text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'handed_over', 'delivered', 'failed',
		'unknown', 'expired')),
	attempts          integer NOT NULL DEFAULT 0, -- claims so far; whoever claimed it says which claim was theirs
	next_at           timestamptz NOT NULL,       -- not before
	lease_until       timestamptz,
	begun_at          timestamptz,                -- of the present claim
	expires_at        timestamptz NOT NULL,       -- no try after it
	gateway           text,                       -- that it was last given to
	epoch             integer NOT NULL,           -- of the key that seals
	sealed            bytea,
	subject_id        uuid,
	authentication_id uuid,
	client_id         text,
	correlation_id    text,
	language          text NOT NULL,
	handed_over_at    timestamptz,
	ended_at          timestamptz,
	reason            text,                       -- a short fixed word
	PRIMARY KEY (message_id, created_at),
	-- Its key lives a little longer (idp/io/seal_epoch.h).
	CONSTRAINT message_lives_hours CHECK (expires_at > created_at AND expires_at <= created_at + interval '4 hours'),
	CONSTRAINT message_is_wiped CHECK ((sealed IS NOT NULL) = (state IN ('waiting', 'claimed'))),
	CONSTRAINT message_is_leased CHECK ((lease_until IS NOT NULL) = (state = 'claimed')),
	CONSTRAINT message_begins_claimed CHECK (begun_at IS NULL OR state <> 'waiting')
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE courier.message IS 'Messages to citizens: what became of each; number and text only until it was handed over';
-- What is due, and what was left behind.
CREATE INDEX ON courier.message (channel, next_at) WHERE state IN ('waiting', 'claimed');

INSERT INTO idp.partition_policy (schema_name, table_name, key, step, ahead, keep, storage) VALUES
	('courier', 'message', 'created_at', 'day', '1 day', '7 days', 'fillfactor = 50');

-- Which state follows which. What has ended stays as it is; what may have been sent is not claimed again.
CREATE FUNCTION courier.check_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT (CASE OLD.state
		WHEN 'waiting' THEN NEW.state IN ('claimed', 'expired')
		WHEN 'claimed' THEN NEW.state <> 'claimed' OR OLD.begun_at IS NULL
		WHEN 'handed_over' THEN NEW.state IN ('delivered', 'failed')
		WHEN 'unknown' THEN NEW.state IN ('delivered', 'failed')
		ELSE false END) THEN
		RAISE EXCEPTION 'message_move: a message that is % does not become %', OLD.state, NEW.state
			USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER message_move BEFORE UPDATE ON courier.message FOR EACH ROW EXECUTE FUNCTION courier.check_move();

-- The courier need not ask: it is told, at COMMIT.
CREATE FUNCTION courier.tell() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM pg_notify('courier', '');
	RETURN NULL;
END $$;
CREATE TRIGGER tell AFTER INSERT ON courier.message FOR EACH STATEMENT EXECUTE FUNCTION courier.tell();

SELECT idp.housekeep();

-- ---------------------------------------------------------------- who may do what

GRANT USAGE ON SCHEMA courier TO pratu_vault, pratu_courier, pratu_admin;
-- The vault writes messages, reads what became of them, and takes back what was not sent.
GRANT INSERT (message_id, created_at, channel, purpose, next_at, expires_at, epoch, sealed, subject_id, authentication_id, client_id,
	correlation_id, language) ON courier.message TO pratu_vault;
GRANT SELECT (message_id, created_at, channel, purpose, state, begun_at, expires_at, subject_id, authentication_id, handed_over_at, ended_at,
	reason), UPDATE (state, lease_until, sealed, ended_at, reason) ON courier.message TO pratu_vault;
-- The courier sends what is there and makes nothing.
GRANT SELECT, UPDATE (state, attempts, next_at, lease_until, begun_at, gateway, sealed, handed_over_at, ended_at, reason)
	ON courier.message TO pratu_courier;
GRANT SELECT (message_id, created_at, channel, purpose, state, attempts, next_at, expires_at, gateway, subject_id, authentication_id,
	client_id, correlation_id, handed_over_at, ended_at, reason) ON courier.message TO pratu_admin;

GRANT USAGE ON SCHEMA record TO pratu_courier;
GRANT INSERT (kind, outcome, reason, subject_id, actor_id, authentication_id, client_id, correlation_id, detail)
	ON record.event TO pratu_courier;

-- ---------------------------------------------------------------- the record

-- As in 018_recover.sql, with the courier and its kind, `message`, whose outcome is what is known of the message.
CREATE OR REPLACE FUNCTION record.check_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT (CASE NEW.kind WHEN 'message' THEN NEW.outcome IN ('sent', 'delivered', 'failed', 'unknown')
		ELSE NEW.outcome IN ('ok', 'refused', 'failed', 'abandoned') END) THEN
		RAISE EXCEPTION 'event_outcome: expected ok, refused, failed or abandoned, of a message sent, delivered, failed or unknown; received %',
			NEW.outcome USING ERRCODE = 'check_violation';
	END IF;
	IF NOT (CASE NEW.writer
		WHEN 'pratu_web' THEN NEW.kind IN ('authorize', 'code', 'consent', 'token', 'refresh', 'userinfo', 'introspect',
			'revoke', 'client_auth', 'logout', 'session_end') OR (NEW.kind = 'sign_in' AND NEW.outcome = 'abandoned')
		WHEN 'pratu_vault' THEN NEW.kind IN ('password', 'factor', 'sign_in', 'factor_block', 'revoke', 'session_end')
		WHEN 'pratu_courier' THEN NEW.kind IN ('message')
		WHEN 'pratu_admin' THEN NEW.kind IN ('apply', 'citizen_list', 'citizen_show', 'lock', 'unlock', 'keys_rotate',
			'records_list', 'expire', 'revoke', 'session_end', 'access_end')
		ELSE true END) THEN
		RAISE EXCEPTION 'writer_kind: % does not write events of kind %', NEW.writer, NEW.kind
			USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END $$;

-- ---------------------------------------------------------------- after a restore

-- A courier sends nothing from a database that was restored before that was recovered.
GRANT USAGE ON SCHEMA idp TO pratu_courier;
GRANT SELECT ON idp.instance TO pratu_courier;
GRANT EXECUTE ON FUNCTION idp.admit(), idp.database_here() TO pratu_courier;

-- As in 018_recover.sql, with the courier.
CREATE OR REPLACE FUNCTION idp.serving() RETURNS bigint LANGUAGE sql SET search_path = pg_catalog, pg_temp AS $$
	SELECT count(*) FROM pg_stat_activity a
	WHERE a.datname = current_database() AND a.usename IN ('pratu_web', 'pratu_vault', 'pratu_courier')
$$;

-- As in 018_recover.sql; and messages that wait belong to sign-ins that have ended.
CREATE OR REPLACE FUNCTION idp.recover(correlation text) RETURNS TABLE (sessions bigint, grants bigint, keys bigint)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET jit = off AS $$
DECLARE
	withdrawn bigint;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('pratu.signing_key', 0));
	UPDATE vault.signing_key SET retired_at = least(retired_at, clock_timestamp()), sealed = '' WHERE sealed <> '';
	GET DIAGNOSTICS withdrawn = ROW_COUNT;
	DELETE FROM vault.publisher;
	UPDATE courier.message SET state = 'expired', sealed = NULL, lease_until = NULL, ended_at = now(), reason = 'recover'
	WHERE state IN ('waiting', 'claimed');
	UPDATE idp.instance SET access_from = clock_timestamp(), steps_from = clock_timestamp();
	PERFORM idp.recover_confirm();
	RETURN QUERY SELECT count(e.ended_session), count(e.ended_grant), withdrawn
	FROM idp.end_access('all', NULL, NULL, NULL, NULL, false, 'recover', ROW(NULL, NULL, NULL, NULL, correlation)::record.context) e;
END $$;
