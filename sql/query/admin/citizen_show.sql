-- SPDX-License-Identifier: Apache-2.0
-- One citizen with what it may sign in with, where it is signed in, what it let agencies have and by which sub they know it.
-- params: citizen_id uuid
-- returns: citizen json
-- rows: maybe
SELECT json_build_object(
	'citizen_id', c.citizen_id,
	'locked', c.locked,
	'created_at', to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	'updated_at', to_char(c.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	'claims', c.claims,
	'alias', EXISTS (SELECT FROM vault.identifier i
		WHERE i.citizen_id = c.citizen_id AND i.kind = 'alias'),
	'password', EXISTS (SELECT FROM vault.password p WHERE p.citizen_id = c.citizen_id),
	'totp', EXISTS (SELECT FROM vault.factor f WHERE f.citizen_id = c.citizen_id AND f.kind = 'totp'),
	'sandbox_code', EXISTS (SELECT FROM vault.factor f WHERE f.citizen_id = c.citizen_id AND f.kind = 'sandbox_code'),
	'factors', coalesce((SELECT json_agg(json_build_object(
			'kind', f.kind,
			'bound_at', to_char(f.bound_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
			'last_used_at', to_char(f.last_used_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
			'wrong_codes', (SELECT coalesce(sum(w.failures), 0) FROM vault.factor_failure w
				WHERE w.citizen_id = f.citizen_id AND w.kind = f.kind)) ORDER BY f.kind)
		FROM vault.factor f WHERE f.citizen_id = c.citizen_id), '[]'),
	'wrong_codes', (SELECT coalesce(sum(w.failures), 0) FROM vault.factor_failure w WHERE w.citizen_id = c.citizen_id),
	'public_sub', c.public_sub,
	'subs', coalesce((SELECT jsonb_object_agg(s.sector, s.sub) FROM vault.subject s
		WHERE s.citizen_id = c.citizen_id), '{}'),
	'sessions', coalesce((SELECT json_agg(json_build_object(
			'session_id', s.session_id,
			'acr', s.acr,
			'amr', to_jsonb(s.amr),
			'auth_time', to_char(s.auth_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
			'last_seen_at', to_char(s.last_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
			'expires_at', to_char(s.expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
			'address', host(s.address),
			'user_agent', s.user_agent) ORDER BY s.auth_time)
		FROM idp.session s
		WHERE s.subject_id = c.citizen_id AND s.ended_at IS NULL AND s.expires_at > now()), '[]'),
	'consents', coalesce((SELECT json_agg(json_build_object(
			'client_id', o.client_id,
			'scope', o.scope,
			'given_at', to_char(o.given_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
			ORDER BY o.client_id)
		FROM idp.consent o WHERE o.citizen_id = c.citizen_id), '[]')) AS citizen
FROM idp.citizen c
WHERE c.citizen_id = :citizen_id
