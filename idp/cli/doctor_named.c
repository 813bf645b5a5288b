/* SPDX-License-Identifier: Apache-2.0 */
/* Files that the settings name and a role reads: each is looked at as that role's user. */
#include "idp/base/str.h"
#include "idp/cli/doctor.h"
#include "idp/cli/doctor_as.h"
#include "idp/io/seal_image.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FAULT_SIZE 128

struct verdict {
	bool good;
	char fault[FAULT_SIZE];
};

static void judge(struct verdict *verdict, const char *fault)
{
	verdict->good = !fault;
	(void)snprintf(verdict->fault, sizeof verdict->fault, "%s", fault ? fault : "");
}

static void look_at_seal(const void *path, void *found)
{
	struct arena *arena = arena_new();
	judge(found, seal_image_read(arena, path).fault);
	arena_free(arena);
}

static void look_at_blocklist(const void *path, void *found)
{
	struct stat seen;
	FILE *file = fopen(path, "re");
	const bool there = file && fstat(fileno(file), &seen) == 0;
	if (!there)
		judge(found, strerror(errno));
	else if (!S_ISREG(seen.st_mode) || seen.st_size > SETTINGS_BLOCKLIST_MAX)
		judge(found, "expected a file of at most 64 MiB");
	else
		judge(found, NULL);
	if (file)
		(void)fclose(file);
}

struct named {
	const char *setting, *path, *user, *todo;
	doctor_as_look *look;
};

static void check(struct doctor *doctor, const struct named *named)
{
	struct verdict verdict = {.good = false, .fault = "it could not be looked at"};
	const struct doctor_as as = {named->user, named->look, named->path, sizeof verdict};
	if (str_empty(named->path))
		return;
	(void)doctor_as(&as, &verdict);
	if (verdict.good)
		doctor_report(doctor, DOCTOR_OK, NULL, "%s = %s", named->setting, named->path);
	else
		doctor_report(doctor, DOCTOR_FAULT, named->todo, "%s = %s: %s", named->setting,
			named->path, verdict.fault);
}

void doctor_named_files(struct doctor *doctor)
{
	const struct settings *settings = doctor->cli->settings;
	const struct named rows[] = {
		{"seal_file", settings->seal_file, settings->web_user,
			"give an SVG or PNG of at most 64 KiB that the web role may read, or leave "
			"the setting empty: pages have no seal now",
			look_at_seal},
		{"password_blocklist", settings->password_blocklist, settings->vault_user,
			"give a file of one password a line, of at most 64 MiB, that the vault may "
			"read, or leave the setting empty: the vault does not start like this",
			look_at_blocklist},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check(doctor, &rows[i]);
}
