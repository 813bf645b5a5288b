-- SPDX-License-Identifier: Apache-2.0
-- A client and what it proves itself with. Always one row; what is not there is NULL.
-- params: text
-- returns: metadata jsonb, secret_hash bytea, disabled boolean
SELECT c.metadata, c.secret_hash, coalesce(c.disabled, true) AS disabled
FROM (VALUES (1)) AS one
LEFT JOIN idp.client c ON c.client_id = $1
