/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/doctor.h"
#include "queries_admin.h"
#include "vault_table.h"

#define OLD_DAYS 400 /* of a signing key */

void doctor_vault(struct doctor *doctor)
{
	struct cli *cli = doctor->cli;
	struct vault_status_out reply;
	struct vault_call *call = vault_call_new(cli->settings->vault_socket_dir, "admin.sock");
	const struct result asked = vault_call_status(call, cli->arena, &reply);
	vault_call_free(call);
	if (asked.err != ERR_NONE || reply.outcome != VAULT_OK)
		doctor_report(doctor, DOCTOR_FAULT,
			"start it (pratu serve, or pratu vault); if it runs, its log says why it "
			"does not "
			"answer; only root and the vault's user may ask",
			"no answer on %s/admin.sock", cli->settings->vault_socket_dir);
	else if (!reply.ready)
		doctor_report(
			doctor, DOCTOR_FAULT, "see its log", "it runs but has no signing keys");
	else if (!str_eq(reply.version, PRATU_VERSION))
		doctor_report(doctor, DOCTOR_WARN, "restart it", "it runs version %s, this is %s",
			reply.version, PRATU_VERSION);
	else
		doctor_report(doctor, DOCTOR_OK, NULL, "it answers");
}

void doctor_signing_keys(struct doctor *doctor)
{
	struct q_admin_doctor_keys_rows rows;
	struct db *db = cli_db(doctor->cli);
	bool good = true;
	if (q_admin_doctor_keys(db, doctor->cli->arena, &rows).err) {
		doctor_report(doctor, DOCTOR_FAULT, "pratu migrate", "%s", db_message(db));
		return;
	}
	for (size_t i = 0; i < rows.n; i++) {
		const char *alg = rows.items[i].alg;
		const int64_t days = rows.items[i].days;
		good = good && days >= 0 && days <= OLD_DAYS;
		if (days < 0)
			doctor_report(doctor, DOCTOR_FAULT,
				"start the vault, which makes the first keys; if it runs: pratu "
				"keys "
				"rotate --now",
				"no key signs %s", alg);
		else if (days > OLD_DAYS)
			doctor_report(doctor, DOCTOR_WARN, "pratu keys rotate",
				"the key that signs %s is %lld days old", alg, (long long)days);
	}
	if (good)
		doctor_report(doctor, DOCTOR_OK, NULL, "there is a fresh one for each algorithm");
}
