-- SPDX-License-Identifier: Apache-2.0
-- Factors as rows of one table, guesses counted by factor and device, delays by login name, and a use-by date on whatever
-- strangers can make grow.

-- A second factor that a citizen has. A new kind of factor is a row of otp/factor.c, not a table.
CREATE TABLE vault.factor (
	citizen_id uuid NOT NULL REFERENCES idp.citizen,
	kind       text NOT NULL,         -- 'totp', 'sandbox_code', ...: a row of otp/factor.c
	secret     bytea NOT NULL,        -- what the kind stores: a sealed seed, a keyed hash
	counter    bigint NOT NULL DEFAULT 0, -- the last step accepted, for kinds that have steps: forward only
	bound_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
	blocked_at timestamptz,           -- too many wrong codes: not accepted until it is bound anew
	PRIMARY KEY (citizen_id, kind)
);
INSERT INTO vault.factor (citizen_id, kind, secret, counter, bound_at, blocked_at)
	SELECT citizen_id, 'totp', sealed, last_step, updated_at, CASE WHEN failures >= 50 THEN now() END FROM vault.totp;
INSERT INTO vault.factor (citizen_id, kind, secret, bound_at, blocked_at)
	SELECT citizen_id, 'sandbox_code', code_hash, now(), CASE WHEN failures >= 50 THEN now() END FROM vault.sandbox_code;

-- Wrong codes that were not earned back: by the device that sent them. A success takes back those of its own device only. Written
-- under the lock of the factor's row.
CREATE TABLE vault.factor_failure (
	citizen_id  uuid NOT NULL REFERENCES idp.citizen,
	kind        text NOT NULL,
	device_hash bytea NOT NULL,       -- SHA-256 of the device cookie; '' where none is known
	known       boolean NOT NULL,     -- was it a known device at its last failure
	failures    integer NOT NULL,
	last_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
	told        integer NOT NULL DEFAULT 0, -- how many of them the citizen was told of
	PRIMARY KEY (citizen_id, kind, device_hash)
);
INSERT INTO vault.factor_failure (citizen_id, kind, device_hash, known, failures)
	SELECT citizen_id, 'totp', ''::bytea, false, failures FROM vault.totp WHERE failures > 0
	UNION ALL SELECT citizen_id, 'sandbox_code', ''::bytea, false, failures FROM vault.sandbox_code WHERE failures > 0;
DROP TABLE vault.totp, vault.sandbox_code;

-- Delays are per login name and device now: the old buckets mean nothing any more.
TRUNCATE vault.throttle;
ALTER TABLE vault.throttle ADD COLUMN forget_at timestamptz NOT NULL; -- of no more use from here on
COMMENT ON COLUMN vault.throttle.bucket IS 'HMAC of (login name, known device or unknown)';

ALTER TABLE vault.device ADD COLUMN forget_at timestamptz NOT NULL DEFAULT now() + interval '400 days';
CREATE INDEX ON vault.device (forget_at);

-- When the credentials were last changed by anybody but the citizen's own sign-ins: a sign-in that was begun before is not finished.
ALTER TABLE idp.citizen ADD COLUMN credentials_at timestamptz NOT NULL DEFAULT clock_timestamp();

-- ---------------------------------------------------------------- one try of a password, one try of a factor

-- What the check of a password needs, under a lock of the name's and device's bucket that lasts until the transaction ends: tries at
-- one bucket are judged one after the other. One row always, whether or not the name is anybody's. A function, for each statement
-- within it sees what was committed before that statement began; a single statement would wait for the lock, and then read what was
-- there before it waited.
CREATE FUNCTION vault.password_begin(login_index bytea, device bytea, bucket_unknown bytea, bucket_known bytea)
RETURNS TABLE (subject_id uuid, locked boolean, hash text, credentials_us bigint, known_device boolean, failures integer, wait_ms bigint)
LANGUAGE plpgsql AS $$
DECLARE
	is_known boolean := EXISTS (SELECT FROM vault.identifier i JOIN vault.device d ON d.citizen_id = i.citizen_id
		WHERE i.blind_index = login_index AND d.device_hash = device AND d.forget_at > clock_timestamp());
	mine bytea := CASE WHEN is_known THEN bucket_known ELSE bucket_unknown END;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended(encode(mine, 'hex'), 0));
	RETURN QUERY
	SELECT i.citizen_id, c.locked, p.hash, (extract(epoch FROM c.credentials_at) * 1000000)::bigint, is_known,
		coalesce(t.failures, 0),
		greatest(0, coalesce(ceil(extract(epoch FROM t.next_at - clock_timestamp()) * 1000), 0))::bigint
	FROM (VALUES (login_index)) AS asked (login_index)
	LEFT JOIN vault.identifier i ON i.blind_index = asked.login_index
	LEFT JOIN idp.citizen c ON c.citizen_id = i.citizen_id
	LEFT JOIN vault.password p ON p.citizen_id = i.citizen_id
	LEFT JOIN vault.throttle t ON t.bucket = mine AND t.forget_at > clock_timestamp();
END $$;

-- What the judgement of a code needs, under a lock of the citizen's factors that lasts until the transaction ends. A row for each
-- factor, one with kind NULL where there is none, no row where there is no such citizen. A function, as password_begin.
-- failures, since_ms: of the device's bucket, which is its own if it is known, and otherwise that of all unknown devices; total: of
-- all devices; stopped: wrong codes of other devices that the citizen was not told of. Failures count for 30 days after the last.
CREATE FUNCTION vault.factor_begin(subject uuid, device bytea, partial uuid, partial_expires_at timestamptz)
RETURNS TABLE (locked boolean, credentials_us bigint, spent boolean, known_device boolean, stopped bigint, kind text, secret bytea,
	counter bigint, blocked boolean, failures bigint, since_ms bigint, total bigint)
LANGUAGE plpgsql AS $$
DECLARE
	recent timestamptz := clock_timestamp() - interval '30 days';
	is_known boolean := EXISTS (SELECT FROM vault.device d
		WHERE d.citizen_id = subject AND d.device_hash = device AND d.forget_at > clock_timestamp());
BEGIN
	PERFORM FROM vault.factor f WHERE f.citizen_id = subject ORDER BY f.kind FOR UPDATE;
	RETURN QUERY
	SELECT c.locked, (extract(epoch FROM c.credentials_at) * 1000000)::bigint,
		EXISTS (SELECT FROM vault.spent_partial s WHERE s.partial_id = partial AND s.expires_at = partial_expires_at),
		is_known,
		(SELECT coalesce(sum(o.n), 0)::bigint FROM (SELECT max(w.failures - w.told) AS n FROM vault.factor_failure w
			WHERE w.citizen_id = subject AND w.device_hash <> device GROUP BY w.device_hash) o),
		f.kind, f.secret, f.counter, f.blocked_at IS NOT NULL, coalesce(w.failures, 0),
		coalesce((extract(epoch FROM clock_timestamp() - w.last_at) * 1000)::bigint, 0), coalesce(w.total, 0)
	FROM idp.citizen c
	LEFT JOIN vault.factor f ON f.citizen_id = c.citizen_id
	LEFT JOIN LATERAL (
		SELECT sum(x.failures) FILTER (WHERE x.mine) AS failures, max(x.last_at) FILTER (WHERE x.mine) AS last_at,
			sum(x.failures) AS total
		FROM (SELECT o.failures, o.last_at, CASE WHEN is_known THEN o.device_hash = device ELSE NOT o.known END AS mine
			FROM vault.factor_failure o
			WHERE o.citizen_id = subject AND o.kind = f.kind AND o.last_at > recent) x
	) w ON true
	WHERE c.citizen_id = subject;
END $$;
GRANT EXECUTE ON FUNCTION vault.password_begin(bytea, bytea, bytea, bytea), vault.factor_begin(uuid, bytea, uuid, timestamptz)
	TO pratu_vault;

-- ---------------------------------------------------------------- a credential was set anew

-- Whoever is signed in as this citizen, or half signed in, is not any more; the devices are unknown. After the credential was
-- written, in the same transaction. Returns how many sessions and grants ended. It waits for a code that is being judged: the device
-- that it makes known is forgotten too.
CREATE FUNCTION vault.credentials_changed(subject uuid, context record.context)
RETURNS TABLE (sessions bigint, grants bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM FROM vault.factor held WHERE held.citizen_id = subject ORDER BY held.kind FOR UPDATE;
	UPDATE idp.citizen SET credentials_at = clock_timestamp() WHERE citizen_id = subject;
	DELETE FROM vault.device WHERE citizen_id = subject;
	RETURN QUERY SELECT count(e.ended_session), count(e.ended_grant)
	FROM idp.end_access('subject', subject, NULL, NULL, NULL, false, 'credentials_changed', context) e;
END $$;
GRANT EXECUTE ON FUNCTION vault.credentials_changed(uuid, record.context) TO pratu_admin;

-- ---------------------------------------------------------------- who may do what

GRANT SELECT (credentials_at) ON idp.citizen TO pratu_web, pratu_vault, pratu_admin;
GRANT SELECT (version) ON idp.client TO pratu_vault;
GRANT SELECT, INSERT, UPDATE, DELETE ON vault.factor_failure TO pratu_vault;
GRANT SELECT, UPDATE (counter, blocked_at) ON vault.factor TO pratu_vault;
GRANT INSERT, DELETE ON vault.factor TO pratu_admin;
GRANT SELECT (citizen_id, kind, bound_at, blocked_at), UPDATE (secret, counter, bound_at, blocked_at) ON vault.factor TO pratu_admin;
GRANT SELECT (citizen_id, kind, failures, last_at), DELETE ON vault.factor_failure TO pratu_admin;
