-- SPDX-License-Identifier: Apache-2.0
-- A web process ends: it publishes nothing any more.
-- params: process_id uuid
-- returns: none
-- rows: none
DELETE FROM vault.publisher WHERE process_id = :process_id
