-- SPDX-License-Identifier: Apache-2.0
-- A key signs only after every web process has published it. A web process says to the vault what its /jwks shows; the vault lets a
-- key sign when its time has come and no live process lacks it.

-- When it began to sign: set once. active_from stays what it was planned as: not before.
ALTER TABLE vault.signing_key ADD COLUMN signs_since timestamptz;
UPDATE vault.signing_key SET signs_since = active_from WHERE active_from <= now();
-- A key that signs now gets its end when its successor begins, not when that is made.
UPDATE vault.signing_key k SET retired_at = NULL
WHERE retired_at > now() AND signs_since IS NOT NULL
	AND NOT EXISTS (SELECT FROM vault.signing_key n WHERE n.alg = k.alg AND n.signs_since > k.signs_since);

-- What each web process publishes. It tells it about twice a minute; one that has not for a while publishes nothing any more
-- (idp/io/jwks_times.h).
CREATE TABLE vault.publisher (
	process_id uuid PRIMARY KEY,
	kids       text[] NOT NULL,
	seen_at    timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON vault.publisher TO pratu_vault;
GRANT UPDATE (signs_since) ON vault.signing_key TO pratu_vault;
GRANT SELECT (signs_since) ON vault.signing_key TO pratu_admin;
GRANT SELECT ON vault.publisher TO pratu_admin;

-- A process publishes these keys. Returns those that it must publish from now on. Whoever asks the first time either is seen by
-- vault.keys_begin, or sees what that let sign: the lock is held until the commit, and each statement here has a snapshot of its own.
CREATE FUNCTION vault.keys_publish(process uuid, published text[]) RETURNS SETOF text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM pg_advisory_xact_lock_shared(hashtextextended('pratu.signing_key', 0));
	INSERT INTO vault.publisher (process_id, kids, seen_at) VALUES (process, published, clock_timestamp())
	ON CONFLICT (process_id) DO UPDATE SET kids = excluded.kids, seen_at = excluded.seen_at;
	RETURN QUERY SELECT k.kid FROM vault.signing_key k WHERE k.retired_at IS NULL OR k.retired_at > clock_timestamp();
END $$;

-- Let each key sign whose time has come and which no process lacks that was seen in the last live_s seconds. Its predecessors leave
-- the JWKS keep_s seconds from now. Returns the keys that sign from now on.
CREATE FUNCTION vault.keys_begin(live_s bigint, keep_s bigint) RETURNS SETOF text LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('pratu.signing_key', 0));
	RETURN QUERY
	WITH begun AS (
		UPDATE vault.signing_key k SET signs_since = clock_timestamp()
		WHERE k.signs_since IS NULL AND k.retired_at IS NULL AND k.active_from <= clock_timestamp()
			AND NOT EXISTS (SELECT FROM vault.publisher p
				WHERE p.seen_at > clock_timestamp() - make_interval(secs => live_s)
				AND k.kid <> ALL (p.kids))
		RETURNING k.kid, k.alg
	), former AS (
		UPDATE vault.signing_key k SET retired_at = clock_timestamp() + make_interval(secs => keep_s)
		WHERE k.signs_since IS NOT NULL AND k.retired_at IS NULL AND k.alg IN (SELECT b.alg FROM begun b)
	)
	SELECT b.kid FROM begun b;
END $$;
REVOKE ALL ON FUNCTION vault.keys_publish(uuid, text[]), vault.keys_begin(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION vault.keys_publish(uuid, text[]), vault.keys_begin(bigint, bigint) TO pratu_vault;

-- Web processes learn of a new key at once.
CREATE FUNCTION vault.key_made() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM pg_notify('pratu_key', NEW.kid);
	RETURN NEW;
END $$;
CREATE TRIGGER key_made AFTER INSERT ON vault.signing_key FOR EACH ROW EXECUTE FUNCTION vault.key_made();
