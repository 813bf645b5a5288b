-- SPDX-License-Identifier: Apache-2.0
-- What is stored of a citizen, and whose two identifiers are: one row always.
-- params: citizen_id uuid, national_id_index bytea null, alias_index bytea null
-- returns: national_id_index bytea null, alias_index bytea null, national_id_owner uuid null, alias_owner uuid null, national_id bytea null, hash text null
-- rows: one
SELECT
	(SELECT blind_index FROM vault.identifier WHERE citizen_id = :citizen_id AND kind = 'national_id') AS national_id_index,
	(SELECT blind_index FROM vault.identifier WHERE citizen_id = :citizen_id AND kind = 'alias') AS alias_index,
	(SELECT citizen_id FROM vault.identifier WHERE blind_index = :national_id_index) AS national_id_owner,
	(SELECT citizen_id FROM vault.identifier WHERE blind_index = :alias_index) AS alias_owner,
	(SELECT sealed FROM vault.national_id WHERE citizen_id = :citizen_id) AS national_id,
	(SELECT hash FROM vault.password WHERE citizen_id = :citizen_id) AS hash
