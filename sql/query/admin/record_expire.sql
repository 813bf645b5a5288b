-- SPDX-License-Identifier: Apache-2.0
-- Drop the months of the record that ended more than `days` days ago, or with dry_run only name them. actor: who did it.
-- params: days integer, dry_run boolean, actor text
-- returns: partition text
-- rows: many
SELECT expire AS partition FROM record.expire(:days, :dry_run, :actor)
