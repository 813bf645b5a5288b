-- SPDX-License-Identifier: Apache-2.0
-- What was left behind: a message that was begun by a claim that has run out may have been sent, and becomes unknown; one whose time is
-- over without having been sent has expired. Both are wiped, and have a row in the record.
-- params: none
-- returns: channel text, purpose text, state text
-- rows: many
WITH left_behind AS (
	SELECT m.message_id, m.created_at
	FROM courier.message m
	WHERE m.state IN ('waiting', 'claimed') AND (m.lease_until IS NULL OR m.lease_until < now())
		AND (m.expires_at <= now() OR m.begun_at IS NOT NULL)
	LIMIT 200
	FOR UPDATE SKIP LOCKED
), ended AS (
	UPDATE courier.message m SET state = CASE WHEN m.begun_at IS NULL THEN 'expired' ELSE 'unknown' END, sealed = NULL, lease_until = NULL,
		ended_at = CASE WHEN m.begun_at IS NULL THEN now() END,
		reason = CASE WHEN m.begun_at IS NULL THEN coalesce(m.reason, 'expired') ELSE 'interrupted' END
	FROM left_behind l
	WHERE m.message_id = l.message_id AND m.created_at = l.created_at
	RETURNING m.*
), recorded AS (
	INSERT INTO record.event (kind, outcome, reason, subject_id, actor_id, authentication_id, client_id, correlation_id, detail)
	SELECT 'message', CASE e.state WHEN 'unknown' THEN 'unknown' ELSE 'failed' END, e.reason, e.subject_id, e.subject_id,
		e.authentication_id, e.client_id, e.correlation_id,
		jsonb_build_object('message_id', e.message_id, 'channel', e.channel, 'purpose', e.purpose, 'gateway', e.gateway)
	FROM ended e
)
SELECT e.channel, e.purpose, e.state FROM ended e
