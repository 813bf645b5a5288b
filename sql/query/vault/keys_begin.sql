-- SPDX-License-Identifier: Apache-2.0
-- Let keys sign whose time has come and which every live web process publishes; the rows are these keys.
-- params: live_s bigint, keep_s bigint
-- returns: kid text
-- rows: many
SELECT kid FROM vault.keys_begin(:live_s, :keep_s) AS kid
