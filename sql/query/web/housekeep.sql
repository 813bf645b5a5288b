-- SPDX-License-Identifier: Apache-2.0
-- Make partitions ahead, drop the outlived ones, delete rows of no more use. did 'more': call again for the rest of a table.
-- params: none
-- returns: did text, partition text
-- rows: many
SELECT did, partition FROM idp.housekeep()
