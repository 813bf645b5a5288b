-- SPDX-License-Identifier: Apache-2.0
-- Rows of the record, the newest $10 of those that fit, in the order of time. Each of $1..$9 may be NULL: from, to,
-- citizen, client, kind, outcome, session, authentication, correlation.
-- params: timestamptz, timestamptz, uuid, text, text, text, uuid, uuid, text, integer
-- returns: event json
SELECT event FROM (
	SELECT at, event_id, json_build_object('event_id', event_id,
		'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
		'kind', kind, 'outcome', outcome, 'reason', reason, 'citizen_id', citizen_id,
		'session_id', session_id, 'authentication_id', authentication_id, 'client_id', client_id,
		'acr', acr, 'amr', to_jsonb(amr), 'address', host(address), 'device', device,
		'user_agent', user_agent, 'correlation_id', correlation_id, 'detail', detail) AS event
	FROM record.event
	WHERE at >= coalesce($1, '-infinity') AND at < coalesce($2, 'infinity')
		AND ($3 IS NULL OR citizen_id = $3)
		AND ($4 IS NULL OR client_id = $4)
		AND ($5 IS NULL OR kind = $5)
		AND ($6 IS NULL OR outcome = $6)
		AND ($7 IS NULL OR session_id = $7)
		AND ($8 IS NULL OR authentication_id = $8)
		AND ($9 IS NULL OR correlation_id = $9)
	ORDER BY at DESC, event_id DESC
	LIMIT $10
) newest
ORDER BY at, event_id
