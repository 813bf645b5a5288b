-- SPDX-License-Identifier: Apache-2.0
-- One try of the code that was sent last in this sign-in, if it lives: it counts before the code is judged. No row: there is none, it is
-- too old, or it was tried often enough. Under the lock of the citizen's factors.
-- params: authentication_id uuid, kind text, most bigint
-- returns: challenge_id uuid, code_hash bytea, tries bigint
-- rows: maybe
UPDATE vault.challenge SET tries = tries + 1
WHERE authentication_id = :authentication_id AND kind = :kind AND created_at = idp.id_from(:authentication_id)
	AND tries < :most AND expires_at > clock_timestamp()
RETURNING challenge_id, code_hash, tries::bigint AS tries
