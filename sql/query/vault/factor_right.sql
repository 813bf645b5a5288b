-- SPDX-License-Identifier: Apache-2.0
-- A right code, all or nothing: the partial ticket is spent, the step becomes the last accepted (NULL: a factor without steps), the
-- device is known from here on under its new hash, the sign-in stands in the record, and the client gets the name under which it knows
-- the citizen, as in bind_subject. No row: the ticket or the step was spent before. Failures are settled by factor_settle.
-- params: subject_id uuid, factor text, step bigint null, partial_expires_s bigint, device_hash bytea, new_device_hash bytea null
-- params: acr text, amr text[], grant_client_id text null, client_version bigint null
-- params: authentication_id uuid, client_id text null, session_id uuid null, address inet null, device text null, user_agent text null, correlation_id text null
-- returns: partial_id uuid, sub uuid null
-- rows: maybe
WITH spent AS (
	INSERT INTO vault.spent_partial (partial_id, expires_at)
	VALUES (:authentication_id, to_timestamp(:partial_expires_s))
	ON CONFLICT DO NOTHING
	RETURNING partial_id
), stepped AS (
	UPDATE vault.factor f SET counter = coalesce(:step, f.counter), last_used_at = now()
	WHERE f.citizen_id = :subject_id AND f.kind = :factor AND (:step IS NULL OR f.counter < :step) AND EXISTS (SELECT FROM spent)
	RETURNING f.citizen_id
), won AS (
	SELECT s.partial_id FROM spent s WHERE EXISTS (SELECT FROM stepped)
), forgotten AS (
	DELETE FROM vault.device d
	WHERE d.citizen_id = :subject_id AND d.device_hash = :device_hash AND d.device_hash <> :new_device_hash
		AND EXISTS (SELECT FROM won)
), remembered AS (
	INSERT INTO vault.device AS d (citizen_id, device_hash)
	SELECT :subject_id, :new_device_hash FROM won WHERE :new_device_hash IS NOT NULL
	ON CONFLICT (citizen_id, device_hash) DO UPDATE SET last_used_at = now(), forget_at = excluded.forget_at
), asked AS (
	SELECT cl.sector, cl.metadata ->> 'subject_type' = 'public' AS is_public, ci.public_sub, s.sub
	FROM idp.client cl
	CROSS JOIN idp.citizen ci
	LEFT JOIN vault.subject s ON s.citizen_id = ci.citizen_id AND s.sector = cl.sector
	WHERE cl.client_id = :grant_client_id AND cl.version = :client_version AND NOT cl.disabled AND ci.citizen_id = :subject_id AND NOT ci.locked AND EXISTS (SELECT FROM won)
), made AS (
	INSERT INTO vault.subject (citizen_id, sector)
	SELECT :subject_id, a.sector FROM asked a WHERE a.sub IS NULL AND a.is_public IS NOT TRUE
	ON CONFLICT DO NOTHING
	RETURNING sub
), recorded AS (
	INSERT INTO record.event (kind, outcome, factor, acr, amr, subject_id, actor_id, authentication_id, client_id, session_id, address,
		device, user_agent, correlation_id)
	SELECT e.kind, 'ok', :factor, :acr, :amr, :subject_id, :subject_id, :authentication_id, :client_id, :session_id, :address, :device,
		:user_agent, :correlation_id
	FROM won, (VALUES ('factor'), ('sign_in')) AS e (kind)
)
SELECT w.partial_id, CASE WHEN a.is_public THEN a.public_sub ELSE coalesce(a.sub, (SELECT m.sub FROM made m)) END AS sub
FROM won w LEFT JOIN asked a ON true
