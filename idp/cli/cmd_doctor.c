/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/commands.h"
#include "idp/cli/doctor.h"

/* Each name is printed before its lines. */
static void run(struct doctor *doctor, const char *check, void (*look)(struct doctor *doctor))
{
	doctor->check = check;
	look(doctor);
}

static void look(struct doctor *doctor)
{
	run(doctor, "settings", doctor_settings);
	if (!doctor->cli->settings)
		return;
	run(doctor, "limits", doctor_limits);
	run(doctor, "disk", doctor_disk);
	run(doctor, "key file", doctor_key_file);
	run(doctor, "files", doctor_named_files);
	run(doctor, "certificate", doctor_certificate);
	run(doctor, "database", doctor_database);
	if (doctor->database) {
		run(doctor, "restore", doctor_restore);
		run(doctor, "grants", doctor_grants);
		run(doctor, "partitions", doctor_partitions);
		run(doctor, "keys", doctor_signing_keys);
	}
	run(doctor, "vault", doctor_vault);
	run(doctor, "gateways", doctor_gateways);
}

int cmd_doctor(struct cli *cli)
{
	AUTO_JSON json_t *answer = json_object();
	struct doctor doctor = {.cli = cli, .lines = json_array()};
	json_put_new(answer, "checks", doctor.lines);
	look(&doctor);
	json_put_int(answer, "warns", doctor.warns);
	json_put_int(answer, "faults", doctor.faults);
	if (cli->json)
		cli_json(cli, answer);
	cli_print(cli, "faults: %lld, warnings: %lld", (long long)doctor.faults,
		(long long)doctor.warns);
	return doctor.faults == 0 ? CLI_OK : CLI_REFUSED;
}
