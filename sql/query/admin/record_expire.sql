-- SPDX-License-Identifier: Apache-2.0
-- Drop the months of the record that ended more than $1 days ago, or with $2 only name them. $3: who did it.
-- params: integer, boolean, text
-- returns: partition text
SELECT expire AS partition FROM record.expire($1, $2, $3)
