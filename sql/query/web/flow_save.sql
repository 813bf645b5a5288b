-- SPDX-License-Identifier: Apache-2.0
-- What was done in a live transaction.
-- params: bytea, bytea, jsonb
-- returns: none
UPDATE idp.authn_transaction SET stage = $3
WHERE handle_hash = $1 AND device_hash = $2 AND finished_at IS NULL AND expires_at > now()
