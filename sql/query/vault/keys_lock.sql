-- SPDX-License-Identifier: Apache-2.0
-- One vault at a time makes keys; held until the transaction's end.
-- params: none
-- returns: locked text
-- rows: one
SELECT pg_advisory_xact_lock(hashtextextended('pratu.signing_key', 0))::text AS locked
