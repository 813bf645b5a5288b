-- SPDX-License-Identifier: Apache-2.0
-- Codes that are sent: the one that is live, and how many messages went to whom.

-- The factor that a citizen used last is offered first.
ALTER TABLE vault.factor ADD COLUMN last_used_at timestamptz;
GRANT UPDATE (last_used_at) ON vault.factor TO pratu_vault;
GRANT SELECT (last_used_at), UPDATE (last_used_at) ON vault.factor TO pratu_admin;

-- The code that was sent last in one sign-in, by the kind of factor: a new one takes its place. created_at is exactly the time within
-- authentication_id, so that a look-up touches one partition. Read and written under the lock of the citizen's factors.
CREATE TABLE vault.challenge (
	authentication_id uuid NOT NULL,  -- of the sign-in, which binds the code to one transaction in one browser
	created_at        timestamptz NOT NULL,
	kind              text NOT NULL,  -- of the factor
	challenge_id      uuid NOT NULL,  -- of the code; the code is hashed with it
	code_hash         bytea NOT NULL, -- keyed
	sent_at           timestamptz NOT NULL,
	expires_at        timestamptz NOT NULL,
	tries             integer NOT NULL DEFAULT 0,
	messages          uuid[] NOT NULL, -- that carry it: courier.message
	PRIMARY KEY (authentication_id, kind, created_at)
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE vault.challenge IS 'The code that was sent last in a sign-in, as a keyed hash';

-- When the last messages were sent to one number or mailbox, newest first. A request locks the row before it decides.
CREATE TABLE vault.code_target (
	target    bytea PRIMARY KEY,      -- keyed hash of the number or mailbox
	sent_at   timestamptz[] NOT NULL,
	forget_at timestamptz NOT NULL    -- of no more use from here on
);
CREATE INDEX ON vault.code_target (forget_at);
COMMENT ON TABLE vault.code_target IS 'When messages were sent to one number or mailbox';

-- How many messages were sent in one hour or day.
CREATE TABLE vault.code_count (
	scope   text NOT NULL,            -- 'address', 'range', 'day', 'hour'
	key     bytea NOT NULL,           -- keyed hash of the address or range; empty for the sum of all short messages
	from_at timestamptz NOT NULL,     -- when the hour or day begins
	sent    bigint NOT NULL,
	PRIMARY KEY (scope, key, from_at)
);
CREATE INDEX ON vault.code_count (from_at);
COMMENT ON TABLE vault.code_count IS 'How many codes were sent: by address, by range of numbers, in sum';

INSERT INTO idp.partition_policy (schema_name, table_name, key, step, ahead, keep, storage) VALUES
	('vault', 'challenge', 'created_at', 'day', '1 day', '1 day', 'fillfactor = 50');
INSERT INTO idp.row_policy VALUES
	('vault', 'code_target', 'forget_at', '0'),
	('vault', 'code_count', 'from_at', '2 days');
SELECT idp.housekeep();

-- One more of a count; how many there were before. The row is locked from here on.
CREATE FUNCTION vault.code_count_one(of_scope text, of_key bytea, step text) RETURNS bigint LANGUAGE sql AS $$
	INSERT INTO vault.code_count AS c (scope, key, from_at, sent)
	VALUES (of_scope, of_key, date_trunc(step, clock_timestamp(), 'UTC'), 1)
	ON CONFLICT (scope, key, from_at) DO UPDATE SET sent = c.sent + 1
	RETURNING sent - 1
$$;

-- Count a message that is about to be sent, and tell what there was before it; whoever then decides against it rolls back. targets: one or
-- two, sorted. address, range_key: NULL, as is what they count; the budget is counted with range_key alone. Milliseconds since the last
-- message to each target, and since the fifth last: -1 where there is none.
-- A function, for each statement within it sees what was committed while it waited. Rows are locked in the order of targets, then
-- address, range, day, hour; the sum of all last, so that it is held for the shortest time.
CREATE FUNCTION vault.challenge_count(targets bytea[], address bytea, range_key bytea)
RETURNS TABLE (last_ms bigint, nth_ms bigint, other_last_ms bigint, other_nth_ms bigint, by_address bigint, by_range bigint, by_day bigint,
	by_hour bigint)
LANGUAGE plpgsql AS $$
DECLARE
	ago bigint[] := '{}';
	times timestamptz[];
BEGIN
	FOR i IN 1 .. cardinality(targets) LOOP
		INSERT INTO vault.code_target AS t (target, sent_at, forget_at)
		VALUES (targets[i], ARRAY[clock_timestamp()], clock_timestamp() + interval '1 hour')
		ON CONFLICT (target) DO UPDATE SET sent_at = (clock_timestamp() || t.sent_at)[1:6],
			forget_at = clock_timestamp() + interval '1 hour'
		RETURNING sent_at INTO times;
		ago := ago || coalesce((extract(epoch FROM times[1] - times[2]) * 1000)::bigint, -1)
			|| coalesce((extract(epoch FROM times[1] - times[6]) * 1000)::bigint, -1);
	END LOOP;
	RETURN QUERY SELECT ago[1], ago[2], coalesce(ago[3], -1), coalesce(ago[4], -1),
		CASE WHEN address IS NULL THEN 0 ELSE vault.code_count_one('address', address, 'hour') END,
		CASE WHEN range_key IS NULL THEN 0 ELSE vault.code_count_one('range', range_key, 'hour') END,
		CASE WHEN range_key IS NULL THEN 0 ELSE vault.code_count_one('day', '', 'day') END,
		CASE WHEN range_key IS NULL THEN 0 ELSE vault.code_count_one('hour', '', 'hour') END;
END $$;

GRANT SELECT, INSERT, UPDATE ON vault.challenge, vault.code_target, vault.code_count TO pratu_vault;
GRANT EXECUTE ON FUNCTION vault.code_count_one(text, bytea, text), vault.challenge_count(bytea[], bytea, bytea) TO pratu_vault;
GRANT EXECUTE ON FUNCTION idp.id_from(uuid), idp.id_until(uuid) TO pratu_vault;

-- As in 019_outbox.sql, with two kinds of the vault's: `code_sent`, and `code_budget`, whose reason is the hour or day that is spent.
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
		WHEN 'pratu_vault' THEN NEW.kind IN ('password', 'factor', 'sign_in', 'factor_block', 'revoke', 'session_end', 'code_sent', 'code_budget')
		WHEN 'pratu_courier' THEN NEW.kind IN ('message')
		WHEN 'pratu_admin' THEN NEW.kind IN ('apply', 'citizen_list', 'citizen_show', 'lock', 'unlock', 'keys_rotate',
			'records_list', 'expire', 'revoke', 'session_end', 'access_end')
		ELSE true END) THEN
		RAISE EXCEPTION 'writer_kind: % does not write events of kind %', NEW.writer, NEW.kind
			USING ERRCODE = 'check_violation';
	END IF;
	RETURN NEW;
END $$;
