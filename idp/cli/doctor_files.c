/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include "idp/cli/doctor.h"
#include "idp/cli/roles.h"
#include "idp/io/http_size.h"
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_DIGITS 64

/* A password in a conninfo is for those alone who may read the file. */
static void check_passwords(struct doctor *doctor)
{
	const struct settings *s = doctor->cli->settings;
	const char *const conninfos[] = {s->web_database, s->vault_database, s->courier_database,
		s->admin_database, s->owner_database};
	struct stat found;
	bool holds = false;
	for (size_t i = 0; i < sizeof conninfos / sizeof *conninfos; i++)
		holds = holds || strstr(conninfos[i], "password");
	if (holds && stat(s->file, &found) == 0 && (found.st_mode & (S_IROTH | S_IWOTH)) != 0)
		doctor_report(doctor, DOCTOR_FAULT,
			arena_printf(doctor->cli->arena,
				"chmod o-rwx %s, or better use peer authentication or a .pgpass",
				s->file),
			"%s holds a database password and everybody may read it", s->file);
}

static void check_users(struct doctor *doctor)
{
	const struct settings *s = doctor->cli->settings;
	const struct role_kind *kind = role_kind_without_user(s);
	if (kind)
		doctor_report(doctor, DOCTOR_FAULT,
			"adduser --system --group NAME, or leave the setting empty",
			"%s: there is no user %s", kind->user_setting, role_kind_user(kind, s));
}

void doctor_settings(struct doctor *doctor)
{
	struct cli *cli = doctor->cli;
	struct settings_fault fault = {0, ""};
	if (settings_load(cli->config, &cli->settings, &fault).err != ERR_NONE) {
		doctor_report(doctor, DOCTOR_FAULT,
			fault.line == 0
				? "pratu init makes a sample; --config FILE names another file"
				: "correct that line",
			"%s%s%s", cli->config,
			fault.line == 0 ? ": " : arena_printf(cli->arena, " line %d: ", fault.line),
			fault.text);
		return;
	}
	if (cli->settings->mode == MODE_SANDBOX)
		doctor_report(doctor, DOCTOR_WARN, "mode = production where citizens sign in",
			"%s: a sandbox: fixed codes are accepted", cli->config);
	else
		doctor_report(doctor, DOCTOR_OK, NULL, "%s", cli->config);
	check_users(doctor);
	check_passwords(doctor);
}

void doctor_limits(struct doctor *doctor)
{
	const struct settings *settings = doctor->cli->settings;
	const struct http_size size = http_size_wanted(settings);
	const int64_t machine_mib =
		(int64_t)sysconf(_SC_PHYS_PAGES) / 1024 * (int64_t)sysconf(_SC_PAGESIZE) / 1024;
	const bool fits = size.memory_mib <= machine_mib;
	doctor_report(doctor, fits ? DOCTOR_OK : DOCTOR_WARN,
		fits ? NULL : "a smaller max_connections, quick_queue or slow_queue",
		"max_connections = %lld: the web role may take %lld MiB (MemoryMax) and %lld files "
		"(LimitNOFILE); this machine has %lld MiB",
		(long long)size.connections, (long long)size.memory_mib, (long long)size.files,
		(long long)machine_mib);
}

/* NULL: it is as it should be. */
static const char *content_fault(const char *path)
{
	char text[KEY_DIGITS + 2] = "";
	FILE *file = fopen(path, "re");
	if (!file)
		return strerror(errno);
	size_t n = fread(text, 1, sizeof text, file);
	(void)fclose(file);
	while (n > 0 && text[n - 1] == '\n')
		n--;
	bool good = n == KEY_DIGITS;
	for (size_t i = 0; i < n && good; i++)
		good = enc_hex_digit(text[i]) >= 0;
	explicit_bzero(text, sizeof text);
	return good ? NULL : "it does not hold 64 hexadecimal digits";
}

/* Root, whoever runs the vault, or this user, where no vault_user is set. */
static bool owner_good(const struct settings *settings, uid_t owner)
{
	const struct passwd *vault =
		str_empty(settings->vault_user) ? NULL : getpwnam(settings->vault_user);
	return owner == 0 || owner == (vault ? vault->pw_uid : geteuid());
}

static bool check_mode(struct doctor *doctor, const char *path)
{
	struct cli *cli = doctor->cli;
	struct stat found;
	if (stat(path, &found) != 0) {
		const bool closed = errno == EACCES;
		doctor_report(doctor, closed ? DOCTOR_WARN : DOCTOR_FAULT,
			closed ? "run doctor as root, or as the vault's user"
			       : "pratu init makes one; if there was one, restore it from its "
				 "copy: without it no secret can be read",
			"%s: %s", path, strerror(errno));
		return false;
	}
	if (!S_ISREG(found.st_mode) || (found.st_mode & 0077) != 0) {
		doctor_report(doctor, DOCTOR_FAULT, arena_printf(cli->arena, "chmod 0600 %s", path),
			"%s has mode %04o: others may use it", path,
			(unsigned)found.st_mode & 07777);
		return false;
	}
	if (!owner_good(cli->settings, found.st_uid))
		doctor_report(doctor, DOCTOR_FAULT,
			arena_printf(cli->arena, "chown the vault's user to %s", path),
			"%s belongs to neither root nor the vault's user", path);
	return true;
}

void doctor_key_file(struct doctor *doctor)
{
	const char *path = doctor->cli->settings->key_file;
	if (!check_mode(doctor, path))
		return;
	const char *fault = content_fault(path);
	if (!fault)
		doctor_report(doctor, DOCTOR_OK, NULL, "%s", path);
	else if (errno == EACCES)
		doctor_report(doctor, DOCTOR_WARN, "run doctor as root, or as the vault's user",
			"%s: %s", path, fault);
	else
		doctor_report(
			doctor, DOCTOR_FAULT, "restore it from its copy", "%s: %s", path, fault);
}
