-- SPDX-License-Identifier: Apache-2.0
-- Return when every statement that was storing or changing grants is over: what it stored is seen by the next. Those that come
-- meanwhile wait; after 2 s of waiting it gives up (lock_not_available), so that no sign-in waits longer. A statement locks the table
-- before it takes its snapshot, so one that comes later sees what was committed before this was called.
CREATE FUNCTION idp.grants_settled() RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
BEGIN
	LOCK TABLE ONLY idp.authz_grant IN SHARE MODE;
END $$;
REVOKE ALL ON FUNCTION idp.grants_settled() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION idp.grants_settled() TO pratu_admin;
