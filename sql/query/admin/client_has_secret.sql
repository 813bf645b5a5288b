-- SPDX-License-Identifier: Apache-2.0
-- Whether a client is there and has a secret. Always one row.
-- params: text
-- returns: has_secret boolean
SELECT EXISTS (SELECT FROM idp.client WHERE client_id = $1 AND secret_hash IS NOT NULL) AS has_secret
