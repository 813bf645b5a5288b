-- SPDX-License-Identifier: Apache-2.0
-- A row of the record: what the command line did, or looked at.
-- params: text, text, uuid, text, text, jsonb
-- returns: none
INSERT INTO record.event (kind, outcome, citizen_id, client_id, correlation_id, detail)
VALUES ($1, $2, $3, $4, $5, $6)
