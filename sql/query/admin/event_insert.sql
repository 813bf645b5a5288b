-- SPDX-License-Identifier: Apache-2.0
-- A row of the record: what the command line did, or looked at.
-- params: kind text, outcome text, subject_id uuid null, client_id text null, correlation_id text, detail jsonb
-- returns: none
-- rows: none
INSERT INTO record.event (kind, outcome, subject_id, client_id, correlation_id, detail)
VALUES (:kind, :outcome, :subject_id, :client_id, :correlation_id, :detail)
