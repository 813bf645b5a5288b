-- SPDX-License-Identifier: Apache-2.0
-- Build one index that a closed partition of the record lacks. built NULL: none is missing, or others hold it just now.
-- params: none
-- returns: built text null
-- rows: one
SELECT record.index_next(NULL) AS built
