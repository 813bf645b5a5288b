-- SPDX-License-Identifier: Apache-2.0
-- Whether a client is there and has a secret. Always one row.
-- params: client_id text
-- returns: has_secret boolean
-- rows: one
SELECT EXISTS (SELECT FROM idp.client WHERE client_id = :client_id AND secret_hash IS NOT NULL) AS has_secret
