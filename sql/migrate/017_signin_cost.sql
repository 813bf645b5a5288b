-- SPDX-License-Identifier: Apache-2.0
-- What a sign-in costs: its functions ask fewer questions, each of fewer tables, and answer as before.

-- As in 007_vault.sql: what the check of a password needs, under a lock of the name's and device's bucket that lasts until the
-- transaction ends. One row always. Whose name it is, and whether the device is known, tells which bucket it is, and so is read before
-- the lock; what others may have counted or changed meanwhile is read after it, by a statement of its own, which sees what was committed
-- before it began. The lock is taken by an expression: a statement for it would cost as much as the lock ten times.
DROP FUNCTION vault.password_begin(bytea, bytea, bytea, bytea);
CREATE FUNCTION vault.password_begin(login_index bytea, device bytea, bucket_unknown bytea, bucket_known bytea,
	OUT subject_id uuid, OUT locked boolean, OUT hash text, OUT credentials_us bigint, OUT known_device boolean, OUT failures integer,
	OUT wait_ms bigint)
LANGUAGE plpgsql AS $$
DECLARE
	mine bytea;
	held text;
BEGIN
	SELECT i.citizen_id, d.citizen_id IS NOT NULL INTO subject_id, known_device
	FROM vault.identifier i
	LEFT JOIN vault.device d ON d.citizen_id = i.citizen_id AND d.device_hash = device AND d.forget_at > clock_timestamp()
	WHERE i.blind_index = login_index;
	known_device := known_device IS TRUE;
	mine := CASE WHEN known_device THEN bucket_known ELSE bucket_unknown END;
	held := pg_advisory_xact_lock(hashtextextended(encode(mine, 'hex'), 0))::text;
	SELECT c.locked, p.hash, (extract(epoch FROM c.credentials_at) * 1000000)::bigint, coalesce(t.failures, 0),
		greatest(0, coalesce(ceil(extract(epoch FROM t.next_at - clock_timestamp()) * 1000), 0))::bigint
	INTO locked, hash, credentials_us, failures, wait_ms
	FROM (VALUES (mine)) AS asked (bucket)
	LEFT JOIN vault.throttle t ON t.bucket = asked.bucket AND t.forget_at > clock_timestamp()
	LEFT JOIN idp.citizen c ON c.citizen_id = subject_id
	LEFT JOIN vault.password p ON p.citizen_id = subject_id;
END $$;

-- As in 007_vault.sql: what the judgement of a code needs, under a lock of the citizen's factors that lasts until the transaction ends.
-- A row for each factor, one with kind NULL where there is none, no row where there is no such citizen. The factors are read by the
-- statement that locks them: it reads a row again that it had to wait for. One that is bound at the same moment may be missing: its
-- binding changes credentials_us, and nothing is judged then. Failures are looked for only where there are any.
CREATE OR REPLACE FUNCTION vault.factor_begin(subject uuid, device bytea, partial uuid, partial_expires_at timestamptz)
RETURNS TABLE (locked boolean, credentials_us bigint, spent boolean, known_device boolean, stopped bigint, kind text, secret bytea,
	counter bigint, blocked boolean, failures bigint, since_ms bigint, total bigint)
LANGUAGE plpgsql AS $$
DECLARE
	held CONSTANT vault.factor[] := ARRAY(SELECT f FROM vault.factor f WHERE f.citizen_id = subject ORDER BY f.kind FOR UPDATE);
	failed boolean;
BEGIN
	SELECT c.locked, (extract(epoch FROM c.credentials_at) * 1000000)::bigint,
		EXISTS (SELECT FROM vault.spent_partial s WHERE s.partial_id = partial AND s.expires_at = partial_expires_at),
		EXISTS (SELECT FROM vault.device d
			WHERE d.citizen_id = subject AND d.device_hash = device AND d.forget_at > clock_timestamp()),
		EXISTS (SELECT FROM vault.factor_failure w WHERE w.citizen_id = subject)
	INTO locked, credentials_us, spent, known_device, failed
	FROM idp.citizen c WHERE c.citizen_id = subject;
	IF locked IS NULL THEN
		RETURN;
	END IF;
	stopped := 0;
	failures := 0;
	since_ms := 0;
	total := 0;
	IF failed THEN
		stopped := (SELECT coalesce(sum(o.n), 0) FROM (SELECT max(w.failures - w.told) AS n FROM vault.factor_failure w
			WHERE w.citizen_id = subject AND w.device_hash <> device GROUP BY w.device_hash) o);
	END IF;
	FOR i IN 1 .. greatest(1, cardinality(held)) LOOP
		kind := held[i].kind;
		secret := held[i].secret;
		counter := held[i].counter;
		blocked := held[i].blocked_at IS NOT NULL;
		IF failed THEN
			SELECT coalesce(sum(x.failures) FILTER (WHERE x.mine), 0),
				coalesce(extract(epoch FROM clock_timestamp() - max(x.last_at) FILTER (WHERE x.mine)) * 1000, 0),
				coalesce(sum(x.failures), 0)
			INTO failures, since_ms, total
			FROM (SELECT w.failures, w.last_at,
					CASE WHEN known_device THEN w.device_hash = device ELSE NOT w.known END AS mine
				FROM vault.factor_failure w
				WHERE w.citizen_id = subject AND w.kind = held[i].kind
					AND w.last_at > clock_timestamp() - interval '30 days') x;
		END IF;
		RETURN NEXT;
	END LOOP;
END $$;
GRANT EXECUTE ON FUNCTION vault.password_begin(bytea, bytea, bytea, bytea) TO pratu_vault;

-- As in 010_signin.sql, in fewer expressions. It alone refuses a citizen who was locked: web/sign_in_commit does not look a second time.
CREATE OR REPLACE FUNCTION idp.session_begins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	began_at CONSTANT timestamptz := idp.id_until(NEW.authentication_id);
BEGIN
	PERFORM FROM idp.citizen c WHERE c.citizen_id = NEW.subject_id AND NOT c.locked AND c.credentials_at <= began_at FOR SHARE;
	IF FOUND THEN
		RETURN NEW;
	END IF;
	RETURN NULL;
END $$;
