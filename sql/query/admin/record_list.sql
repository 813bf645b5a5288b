-- SPDX-License-Identifier: Apache-2.0
-- Rows of the record, newest first. Pages: before_at and before_id are those of the last row seen.
-- params: since timestamptz, until timestamptz, before_at timestamptz null, before_id uuid null, subject_id uuid null,
-- params: client_id text null, session_id uuid null, authentication_id uuid null, grant_id uuid null,
-- params: correlation_id text null, network inet null, kind text null, outcome text null, limit integer
-- returns: at text, event_id uuid, event json
-- rows: many
SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, event_id,
	json_build_object('event_id', event_id,
		'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
		'kind', kind, 'outcome', outcome, 'reason', reason, 'n', n, 'subject_id', subject_id, 'actor_id', actor_id,
		'session_id', session_id, 'authentication_id', authentication_id, 'grant_id', grant_id,
		'client_id', client_id, 'jti', jti, 'scope', scope, 'factor', factor, 'login_hash', login_hash,
		'acr', acr, 'amr', to_jsonb(amr), 'address', host(address), 'device', device,
		'user_agent', user_agent, 'correlation_id', correlation_id, 'writer', writer, 'detail', detail) AS event
FROM record.search(:since, :until, :before_at, :before_id, :subject_id, :client_id, :session_id, :authentication_id,
	:grant_id, :correlation_id, :network, :kind, :outcome, :limit)
