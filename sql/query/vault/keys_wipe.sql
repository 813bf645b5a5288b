-- SPDX-License-Identifier: Apache-2.0
-- A retired key signs no more: its private part goes.
-- params: bigint
-- returns: none
UPDATE vault.signing_key SET sealed = ''
WHERE retired_at <= to_timestamp($1) AND sealed <> ''
