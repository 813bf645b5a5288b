-- SPDX-License-Identifier: Apache-2.0
-- Whose identifier it is: no row if nobody's.
-- params: blind_index bytea
-- returns: citizen_id uuid
-- rows: maybe
SELECT citizen_id FROM vault.identifier WHERE blind_index = :blind_index
