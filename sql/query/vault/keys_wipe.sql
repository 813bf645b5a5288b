-- SPDX-License-Identifier: Apache-2.0
-- A retired key signs no more: its private part goes.
-- params: now_s bigint
-- returns: none
-- rows: none
UPDATE vault.signing_key SET sealed = ''
WHERE retired_at <= to_timestamp(:now_s) AND sealed <> ''
