-- SPDX-License-Identifier: Apache-2.0
-- A retired key signs no more: its private part goes. So do web processes that ended long ago.
-- params: none
-- returns: none
-- rows: none
WITH gone AS (DELETE FROM vault.publisher WHERE seen_at < now() - interval '1 hour')
UPDATE vault.signing_key SET sealed = '' WHERE retired_at <= now() AND sealed <> ''
