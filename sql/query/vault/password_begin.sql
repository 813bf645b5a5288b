-- SPDX-License-Identifier: Apache-2.0
-- Begin the check of a password: lock the bucket of its login name and device, and load whose name it is, what the check needs and
-- the delay that runs. One row always.
-- params: login_index bytea, device_hash bytea, bucket_unknown bytea, bucket_known bytea
-- returns: subject_id uuid null, locked boolean null, hash text null, credentials_us bigint null, known_device boolean, failures integer, wait_ms bigint
-- rows: one
SELECT subject_id, locked, hash, credentials_us, known_device, failures, wait_ms
FROM vault.password_begin(:login_index, :device_hash, :bucket_unknown, :bucket_known)
