-- SPDX-License-Identifier: Apache-2.0
-- A web process publishes these keys; the rows are those that it must publish from now on.
-- params: process_id uuid, kids text[]
-- returns: kid text
-- rows: many
SELECT kid FROM vault.keys_publish(:process_id, :kids) AS kid
