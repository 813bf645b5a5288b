-- SPDX-License-Identifier: Apache-2.0
-- After factor_right, where there are failures: those of this device in the factors that the code earns back are forgotten, and the
-- wrong codes of others were told (stopped: how many, 0: none).
-- params: subject_id uuid, device_hash bytea, earned text[], stopped bigint
-- returns: none
-- rows: none
WITH earned AS (
	DELETE FROM vault.factor_failure w
	WHERE w.citizen_id = :subject_id AND w.device_hash = :device_hash AND w.kind = ANY (:earned)
)
UPDATE vault.factor_failure w SET told = w.failures
WHERE w.citizen_id = :subject_id AND w.device_hash <> :device_hash AND w.told < w.failures AND :stopped > 0
