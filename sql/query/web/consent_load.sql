-- SPDX-License-Identifier: Apache-2.0
-- What is known of a citizen who has just signed in, and what they allowed a client before.
-- params: subject_id uuid, client_id text
-- returns: claims jsonb, consent_scope text null, consent_claims jsonb null, consent_shown jsonb null
-- rows: maybe
SELECT z.claims, k.scope AS consent_scope, k.claims AS consent_claims, k.shown AS consent_shown
FROM idp.citizen z
LEFT JOIN idp.consent k ON k.citizen_id = z.citizen_id AND k.client_id = :client_id
WHERE z.citizen_id = :subject_id
