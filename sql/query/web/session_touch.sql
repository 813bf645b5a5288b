-- SPDX-License-Identifier: Apache-2.0
-- A session was used. Idle time counts from here.
-- params: uuid
-- returns: none
UPDATE idp.session SET last_seen_at = now() WHERE session_id = $1 AND ended_at IS NULL
