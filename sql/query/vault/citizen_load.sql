-- SPDX-License-Identifier: Apache-2.0
-- What is stored of a citizen ($1), and whose the two identifiers ($2 national ID, $3 alias) are: one row
-- always.
-- params: uuid, bytea, bytea
-- returns: national_id_index bytea, alias_index bytea, national_id_owner uuid, alias_owner uuid, national_id bytea, hash text, totp bytea, sandbox_code bytea
SELECT
	(SELECT blind_index FROM vault.identifier WHERE citizen_id = $1 AND kind = 'national_id')
		AS national_id_index,
	(SELECT blind_index FROM vault.identifier WHERE citizen_id = $1 AND kind = 'alias')
		AS alias_index,
	(SELECT citizen_id FROM vault.identifier WHERE blind_index = $2) AS national_id_owner,
	(SELECT citizen_id FROM vault.identifier WHERE blind_index = $3) AS alias_owner,
	(SELECT sealed FROM vault.national_id WHERE citizen_id = $1) AS national_id,
	(SELECT hash FROM vault.password WHERE citizen_id = $1) AS hash,
	(SELECT sealed FROM vault.totp WHERE citizen_id = $1) AS totp,
	(SELECT code_hash FROM vault.sandbox_code WHERE citizen_id = $1) AS sandbox_code
