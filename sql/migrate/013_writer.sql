-- SPDX-License-Identifier: Apache-2.0
-- The check of each row of the record without SET, which cost more than the check: half of what a row costs, six times in a sign-in.
-- It compares text and name by operators of pg_catalog and calls nothing. The roles that write have an empty search path, and could
-- not fill another: none of them may make anything in any schema, nor a temporary table (tests/pg/test_grants.py).
ALTER FUNCTION record.check_writer() RESET search_path;
