-- SPDX-License-Identifier: Apache-2.0
-- Begin the check of a code: lock the citizen's factors, and load them with what was counted. One row for each factor; one with kind
-- NULL if there is none; no row: no such citizen. spent: also where all access was ended since the sign-in began. steps_from_s: steps that
-- began before are not accepted.
-- params: subject_id uuid, device_hash bytea, partial_id uuid, partial_expires_s bigint
-- returns: locked boolean, credentials_us bigint, spent boolean, known_device boolean, stopped bigint
-- returns: kind text null, secret bytea null, counter bigint null, blocked boolean, failures bigint, since_ms bigint, total bigint
-- returns: steps_from_s bigint
-- rows: many
SELECT f.locked, f.credentials_us, f.spent OR idp.id_from(:partial_id) < i.access_from AS spent, f.known_device, f.stopped, f.kind, f.secret,
	f.counter, f.blocked, f.failures, f.since_ms, f.total,
	CASE WHEN isfinite(i.steps_from) THEN ceil(extract(epoch FROM i.steps_from))::bigint ELSE 0 END AS steps_from_s
FROM vault.factor_begin(:subject_id, :device_hash, :partial_id, to_timestamp(:partial_expires_s)) f JOIN idp.instance i ON i.one
