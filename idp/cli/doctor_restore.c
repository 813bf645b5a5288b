/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/doctor.h"
#include "queries_admin.h"

void doctor_restore(struct doctor *doctor)
{
	struct q_admin_doctor_restore_rows rows;
	struct db *db = cli_db(doctor->cli);
	if (q_admin_doctor_restore(db, doctor->cli->arena, &rows).err) {
		doctor_report(doctor, DOCTOR_FAULT, "pratu migrate", "%s", db_message(db));
		return;
	}
	for (size_t i = 0; i < rows.n; i++) {
		const struct q_admin_doctor_restore_row *const row = &rows.items[i];
		doctor_report(doctor,
			row->fault  ? DOCTOR_FAULT
			: row->todo ? DOCTOR_WARN
				    : DOCTOR_OK,
			row->todo, "%s", row->found);
	}
	if (rows.n == 0)
		doctor_report(doctor, DOCTOR_FAULT, "pratu recover --to TIME",
			"it does not tell which database it is");
}
