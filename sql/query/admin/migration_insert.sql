-- SPDX-License-Identifier: Apache-2.0
-- Note a migration as applied; run as pratu_owner, in the migration's own transaction.
-- params: version integer, name text, sha256 bytea
-- returns: none
-- rows: none
INSERT INTO idp.migration (version, name, sha256) VALUES (:version, :name, :sha256)
