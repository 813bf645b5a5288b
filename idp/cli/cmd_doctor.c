/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/commands.h"
#include "idp/cli/doctor.h"
#include <stdarg.h>
#include <stdio.h>

void doctor_say(struct doctor *doctor, enum doctor_verdict verdict, const char *check,
	const char *todo, const char *format, ...)
{
	static const char *const words[] = {"ok", "warn", "fault"};
	char found[600];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(found, sizeof found, format, args);
	va_end(args);
	json_t *line = json_object();
	json_put(line, "check", check);
	json_put(line, "verdict", words[verdict]);
	json_put(line, "found", found);
	json_put(line, "todo", todo);
	(void)json_array_append_new(doctor->lines, line);
	doctor->warns += verdict == DOCTOR_WARN ? 1 : 0;
	doctor->faults += verdict == DOCTOR_FAULT ? 1 : 0;
	cli_say(doctor->cli, "%-5s  %-12s  %s", words[verdict], check, found);
	if (todo != NULL)
		cli_say(doctor->cli, "       %-12s  -> %s", "", todo);
}

static void look(struct doctor *doctor)
{
	doctor_settings(doctor);
	if (doctor->cli->settings == NULL)
		return;
	doctor_key_file(doctor);
	doctor_certificate(doctor);
	doctor_database(doctor);
	if (doctor->database) {
		doctor_grants(doctor);
		doctor_partitions(doctor);
		doctor_signing_keys(doctor);
	}
	doctor_vault(doctor);
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
	cli_say(cli, "faults: %lld, warnings: %lld", (long long)doctor.faults,
		(long long)doctor.warns);
	return doctor.faults == 0 ? CLI_OK : CLI_REFUSED;
}
