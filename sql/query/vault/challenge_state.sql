-- SPDX-License-Identifier: Apache-2.0
-- What is known of the code that was sent last in this sign-in; of several messages, of the one that got furthest. No row: none was sent.
-- params: authentication_id uuid, kind text
-- returns: state text null, sent_s bigint, expires_s bigint, tries bigint
-- rows: maybe
SELECT (SELECT m.state FROM courier.message m
		WHERE m.message_id = ANY (c.messages) AND m.created_at >= idp.id_from(:authentication_id)
		ORDER BY array_position(string_to_array('delivered handed_over claimed waiting unknown failed expired', ' '), m.state)
		LIMIT 1) AS state,
	floor(extract(epoch FROM c.sent_at))::bigint AS sent_s, floor(extract(epoch FROM c.expires_at))::bigint AS expires_s, c.tries::bigint AS tries
FROM vault.challenge c
WHERE c.authentication_id = :authentication_id AND c.kind = :kind AND c.created_at = idp.id_from(:authentication_id)
