-- SPDX-License-Identifier: Apache-2.0
-- One client as it is registered, without its secret.
-- params: client_id text
-- returns: client json
-- rows: maybe
SELECT json_build_object(
	'client_id', client_id,
	'metadata', metadata,
	'has_secret', secret_hash IS NOT NULL,
	'former_secret_until', CASE WHEN former_secret_until > now()
		THEN to_char(former_secret_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END,
	'sector', sector,
	'disabled', disabled,
	'created_at', to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	'updated_at', to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) AS client
FROM idp.client
WHERE client_id = :client_id
