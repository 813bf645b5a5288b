-- SPDX-License-Identifier: Apache-2.0
-- Whose identifier it is: no row if nobody's.
-- params: bytea
-- returns: citizen_id uuid
SELECT citizen_id FROM vault.identifier WHERE blind_index = $1
