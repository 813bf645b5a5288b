-- SPDX-License-Identifier: Apache-2.0
-- All clients.
-- params: none
-- returns: client_id text, name text null, auth_method text, sector text, disabled boolean, updated_at text
-- rows: many
SELECT client_id, metadata ->> 'client_name' AS name,
	coalesce(metadata ->> 'token_endpoint_auth_method', 'client_secret_basic') AS auth_method,
	sector, disabled,
	to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS updated_at
FROM idp.client
ORDER BY client_id
