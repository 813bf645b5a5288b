-- SPDX-License-Identifier: Apache-2.0
-- What was counted and not stored one by one: one row of the record for a minute, kind, reason and client.
-- params: kind text, outcome text, reason text null, client_id text null, n bigint
-- returns: none
-- rows: none
INSERT INTO record.event (kind, outcome, reason, client_id, n) VALUES (:kind, :outcome, :reason, :client_id, :n)
