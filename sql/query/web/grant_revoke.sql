-- SPDX-License-Identifier: Apache-2.0
-- End a grant of this client, and so every token of it; idp.end_access writes the row of the record, if it had not ended before.
-- params: grant_id uuid, client_id text, cause text, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: ended bigint
-- rows: one
SELECT count(*) AS ended FROM idp.end_access('grant', NULL, NULL, :grant_id, :client_id, false, :cause,
	ROW(NULL, :address, :device, :user_agent, :correlation_id)::record.context)
