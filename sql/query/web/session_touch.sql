-- SPDX-License-Identifier: Apache-2.0
-- A session was used. Idle time counts from here.
-- params: session_id uuid, created_at timestamptz
-- returns: none
-- rows: none
UPDATE idp.session SET last_seen_at = now()
WHERE session_id = :session_id AND created_at = :created_at AND ended_at IS NULL
