-- SPDX-License-Identifier: Apache-2.0
-- The first step to remove a client: from here on no statement stores a grant for it. found: it is there.
-- params: client_id text
-- returns: found boolean
-- rows: one
WITH disabled AS (
	UPDATE idp.client SET disabled = true, updated_at = now() WHERE client_id = :client_id AND NOT disabled
)
SELECT EXISTS (SELECT FROM idp.client WHERE client_id = :client_id) AS found
