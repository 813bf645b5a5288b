-- SPDX-License-Identifier: Apache-2.0
-- Begin the check of a code: lock the citizen's factors, and load them with what was counted. One row for each factor; one with kind
-- NULL if there is none; no row: no such citizen.
-- params: subject_id uuid, device_hash bytea, partial_id uuid, partial_expires_s bigint
-- returns: locked boolean, credentials_us bigint, spent boolean, known_device boolean, stopped bigint
-- returns: kind text null, secret bytea null, counter bigint null, blocked boolean, failures bigint, since_ms bigint, total bigint
-- rows: many
SELECT locked, credentials_us, spent, known_device, stopped, kind, secret, counter, blocked, failures, since_ms, total
FROM vault.factor_begin(:subject_id, :device_hash, :partial_id, to_timestamp(:partial_expires_s))
