-- SPDX-License-Identifier: Apache-2.0
-- Consent names exactly what was shown, and one function puts a new session in the place of the one that a browser had.

-- The names of the claims that the page named. NULL, in rows of older versions: not kept; all claims of the scopes and of claims.
ALTER TABLE idp.consent ADD COLUMN shown jsonb;
GRANT UPDATE (shown) ON idp.consent TO pratu_web;

-- "openid email" and "openid phone": each word once.
CREATE FUNCTION idp.union_words(a text, b text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN (SELECT string_agg(DISTINCT word, ' ') FROM unnest(string_to_array(a || ' ' || b, ' ')) AS word);
-- Two arrays of names, each name once. NULL with one that is NULL: the other alone.
CREATE FUNCTION idp.union_names(a jsonb, b jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN CASE WHEN a IS NULL THEN b WHEN b IS NULL THEN a
		ELSE (SELECT coalesce(jsonb_agg(DISTINCT item), '[]') FROM jsonb_array_elements(a || b) AS item) END;
GRANT EXECUTE ON FUNCTION idp.union_words(text, text), idp.union_names(jsonb, jsonb) TO pratu_web;

-- The session that a browser had (by the hash of its cookie, made in that span of time) ends for the new one. What agencies were given
-- in it lives on in the new one if it is the same citizen's, and ends otherwise, but for offline access. Returns how many ended. The
-- session is locked before its grants, as end_access does; so a code that is issued at the same moment has its grant here too.
CREATE FUNCTION idp.session_replace(old_token_hash bytea, from_ms bigint, until_ms bigint, new_session uuid,
	new_created_at timestamptz, new_subject uuid, context record.context)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	old record;
	ended integer := 0;
BEGIN
	FOR old IN SELECT s.session_id, s.subject_id FROM idp.session s
		WHERE s.token_hash = old_token_hash AND s.created_at >= idp.at_ms(from_ms) AND s.created_at < idp.at_ms(until_ms)
			AND s.ended_at IS NULL
		FOR NO KEY UPDATE
	LOOP
		IF old.subject_id = new_subject THEN
			UPDATE idp.authz_grant g SET session_id = new_session, session_created_at = new_created_at
			WHERE g.session_id = old.session_id AND g.revoked_at IS NULL AND g.expires_at > now();
		END IF;
		PERFORM idp.end_access('session', NULL, old.session_id, NULL, NULL, true, 'replaced', context);
		ended := ended + 1;
	END LOOP;
	RETURN ended;
END $$;
GRANT EXECUTE ON FUNCTION idp.session_replace(bytea, bigint, bigint, uuid, timestamptz, uuid, record.context) TO pratu_web;
REVOKE UPDATE (session_id, session_created_at) ON idp.authz_grant FROM pratu_web;

-- A session stands on credentials as they are: not on a citizen who was locked, nor on a password or factor that was changed, since
-- the sign-in began (the time within authentication_id, UUID version 7). The citizen's row is held until the session is committed, so
-- that whoever locks or changes it ends that session too. Otherwise no row is made.
CREATE FUNCTION idp.session_begins() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	id text := NEW.authentication_id::text;
	began_at timestamptz := CASE WHEN substr(id, 15, 1) = '7'
		THEN idp.at_ms(('x' || left(translate(id, '-', ''), 12))::bit(48)::bigint + 1) ELSE 'infinity' END;
BEGIN
	PERFORM FROM idp.citizen c WHERE c.citizen_id = NEW.subject_id AND NOT c.locked AND c.credentials_at <= began_at FOR SHARE;
	RETURN CASE WHEN FOUND THEN NEW END;
END $$;
CREATE TRIGGER session_begins BEFORE INSERT ON idp.session FOR EACH ROW EXECUTE FUNCTION idp.session_begins();
