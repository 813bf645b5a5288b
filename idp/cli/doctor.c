/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/doctor.h"
#include <stdarg.h>
#include <stdio.h>

void doctor_report(struct doctor *doctor, enum doctor_verdict verdict, const char *todo,
	const char *format, ...)
{
	static const char *const words[] = {"ok", "warn", "fault"};
	char found[600];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(found, sizeof found, format, args);
	va_end(args);
	json_t *line = json_object();
	json_put(line, "check", doctor->check);
	json_put(line, "verdict", words[verdict]);
	json_put(line, "found", found);
	json_put(line, "todo", todo);
	(void)json_array_append_new(doctor->lines, line);
	doctor->warns += verdict == DOCTOR_WARN ? 1 : 0;
	doctor->faults += verdict == DOCTOR_FAULT ? 1 : 0;
	cli_print(doctor->cli, "%-5s  %-12s  %s", words[verdict], doctor->check, found);
	if (todo)
		cli_print(doctor->cli, "       %-12s  -> %s", "", todo);
}
