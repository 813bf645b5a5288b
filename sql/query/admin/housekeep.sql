-- SPDX-License-Identifier: Apache-2.0
-- Make partitions ahead and drop the outlived ones; run as pratu_owner, after migrations.
-- params: none
-- returns: did text, partition text
-- rows: many
SELECT did, partition FROM idp.housekeep()
