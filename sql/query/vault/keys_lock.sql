-- SPDX-License-Identifier: Apache-2.0
-- One vault at a time makes keys; held until the transaction's end. vault.keys_begin and vault.keys_publish take it too.
-- params: none
-- returns: locked boolean
-- rows: one
SELECT pg_advisory_xact_lock(hashtextextended('pratu.signing_key', 0)) IS NOT NULL AS locked
