-- SPDX-License-Identifier: Apache-2.0
-- Note a migration as applied; run as pratu_owner, in the migration's own transaction.
-- params: integer, text, bytea
-- returns: none
INSERT INTO idp.migration (version, name, sha256) VALUES ($1, $2, $3)
