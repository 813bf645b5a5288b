-- SPDX-License-Identifier: Apache-2.0
-- Build one index that a closed partition of the record lacks, if the partition is not larger than 512 MiB. built NULL: there is
-- none, or the next call tries again.
-- params: none
-- returns: built text null
-- rows: one
SELECT record.index_next(536870912) AS built
