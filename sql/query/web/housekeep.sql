-- SPDX-License-Identifier: Apache-2.0
-- Partitions made ahead and old ones dropped; what was done.
-- params: none
-- returns: did text, partition text
SELECT did, partition FROM idp.housekeep()
