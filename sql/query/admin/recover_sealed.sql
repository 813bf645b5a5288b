-- SPDX-License-Identifier: Apache-2.0
-- A value that only the right key file opens. No row: there is none, or it is withdrawn already.
-- params: none
-- returns: kid text, sealed bytea
-- rows: maybe
SELECT kid, sealed FROM vault.signing_key WHERE sealed <> '' ORDER BY created_at DESC LIMIT 1
