-- SPDX-License-Identifier: Apache-2.0
-- From the commit of this on no role that serves is admitted.
-- params: none
-- returns: done boolean
-- rows: one
SELECT true AS done FROM (SELECT idp.recover_begin()) AS called
