-- SPDX-License-Identifier: Apache-2.0
-- A citizen who is signed in and has to prove more: no row if there is no such citizen, or if it is locked or its credentials were changed
-- or all access ended since the sign-in (the time within authentication_id); otherwise one for each second factor, the last used first
-- (of those never used the app, e-mail last), or one with kind NULL.
-- params: subject_id uuid, authentication_id uuid
-- returns: credentials_us bigint, kind text null, secret bytea null, blocked boolean
-- rows: many
SELECT (extract(epoch FROM c.credentials_at) * 1000000)::bigint AS credentials_us, f.kind, f.secret, f.blocked_at IS NOT NULL AS blocked
FROM idp.citizen c
JOIN idp.instance i ON i.one AND i.access_from <= idp.id_from(:authentication_id)
LEFT JOIN vault.factor f ON f.citizen_id = c.citizen_id
WHERE c.citizen_id = :subject_id AND NOT c.locked AND c.credentials_at < idp.id_until(:authentication_id)
ORDER BY f.last_used_at DESC NULLS LAST, f.kind DESC
