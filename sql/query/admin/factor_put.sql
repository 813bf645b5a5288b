-- SPDX-License-Identifier: Apache-2.0
-- A citizen's second factor, its secret as the vault has sealed or hashed it: bound anew, so that its counter starts anew, its block
-- ends and wrong codes are forgotten.
-- params: citizen_id uuid, kind text, secret bytea
-- returns: none
-- rows: none
WITH forgotten AS (
	DELETE FROM vault.factor_failure WHERE citizen_id = :citizen_id AND kind = :kind
)
INSERT INTO vault.factor (citizen_id, kind, secret) VALUES (:citizen_id, :kind, :secret)
ON CONFLICT (citizen_id, kind) DO UPDATE SET secret = :secret, counter = 0, bound_at = clock_timestamp(), blocked_at = NULL,
	last_used_at = NULL
