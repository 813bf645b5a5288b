-- SPDX-License-Identifier: Apache-2.0
-- A client's secret is changed while two are taken; a client can be removed.

-- The secret before the present one, and until when it is taken too.
ALTER TABLE idp.client ADD COLUMN former_secret_hash bytea;
ALTER TABLE idp.client ADD COLUMN former_secret_until timestamptz;
ALTER TABLE idp.client ADD CHECK ((former_secret_hash IS NULL) = (former_secret_until IS NULL));

GRANT DELETE ON idp.client, idp.consent TO pratu_admin;

-- The web role hears of a removed client as of a changed one.
CREATE FUNCTION idp.client_removed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	PERFORM pg_notify('pratu_client', OLD.client_id);
	RETURN NULL;
END $$;
CREATE TRIGGER client_removed AFTER DELETE ON idp.client FOR EACH ROW EXECUTE FUNCTION idp.client_removed();
