-- SPDX-License-Identifier: Apache-2.0
-- With a right password whose bucket had failures, or whose hash was made at another cost: the bucket is forgotten, and the hash
-- gives way to a new one (new_hash NULL: it stays).
-- params: subject_id uuid, bucket bytea, hash text, new_hash text null
-- returns: none
-- rows: none
WITH forgotten AS (
	DELETE FROM vault.throttle WHERE bucket = :bucket
)
UPDATE vault.password SET hash = :new_hash, updated_at = now()
WHERE citizen_id = :subject_id AND hash = :hash AND :new_hash IS NOT NULL
