/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/roles.h"
#include "idp/base/str.h"
#include "idp/courier/courier_main.h"
#include "idp/io/handed.h"
#include "idp/vault/vault_main.h"
#include "idp/web/web_main.h"
#include <pwd.h>
#include <unistd.h>

static bool web_at(
	struct arena *arena, const struct settings *settings, const char **address, int64_t *port)
{
	(void)arena;
	*address = settings->listen_address;
	*port = settings->listen_port;
	return true;
}

static bool metrics_at(
	struct arena *arena, const struct settings *settings, const char **address, int64_t *port)
{
	return settings_listen(arena, settings->metrics_listen, address, port);
}

/* All has ended 10 s after SIGTERM, whatever hangs. Each role ends by itself sooner than its
 * stop_us if nothing hangs. */
#define USER(member) .user_setting = #member, .user = offsetof(struct settings, member)
#define DATABASE(member) .database_setting = #member, .database = offsetof(struct settings, member)
const struct role_kind role_kinds[] = {
	{
		.name = "web",
		.summary = "run the web role alone",
		.main = web_main,
		.needs = "vault",
		.stop_us = 6000000,
		USER(web_user),
		DATABASE(web_database),
		.sockets = {{"web", web_at}, {HANDED_METRICS, metrics_at}},
		.database_role = "pratu_web",
	},
	{
		.name = "courier",
		.summary = "run the courier alone: SMS and e-mail",
		.main = courier_main,
		.needs = "vault",
		.stop_us = 8500000,
		USER(courier_user),
		DATABASE(courier_database),
		.database_role = "pratu_courier",
	},
	{
		.name = "vault",
		.summary = "run the vault role alone",
		.main = vault_main,
		.stop_us = 8500000,
		USER(vault_user),
		DATABASE(vault_database),
		.database_role = "pratu_vault",
	},
	{.name = NULL},
};
#define ROLES (sizeof role_kinds / sizeof *role_kinds - 1)
_Static_assert(ROLES <= ROLES_MAX, "raise ROLES_MAX");

static const char *text_at(const struct settings *settings, size_t offset)
{
	return *(const char *const *)((const uint8_t *)settings + offset);
}

const char *role_kind_user(const struct role_kind *kind, const struct settings *settings)
{
	return text_at(settings, kind->user);
}

const char *role_kind_database(const struct role_kind *kind, const struct settings *settings)
{
	return text_at(settings, kind->database);
}

const struct role_kind *role_kind_without_user(const struct settings *settings)
{
	for (const struct role_kind *kind = role_kinds; kind->name && geteuid() == 0; kind++) {
		const char *user = role_kind_user(kind, settings);
		if (!str_empty(user) && !getpwnam(user))
			return kind;
	}
	return NULL;
}

static int run(struct cli *cli)
{
	const struct role_kind *kind = role_kinds;
	while (!str_eq(kind->name, cli->command->name))
		kind++;
	return kind->main(cli->settings);
}

const struct cli_command *role_commands(struct arena *arena, const struct cli_command *commands)
{
	size_t n = 0, at = 0;
	while (commands[n].name)
		n++;
	struct cli_command *made = ARENA_ARRAY(arena, struct cli_command, n + ROLES + 1);
	for (size_t i = 0; i < n; i++) {
		made[at++] = commands[i];
		for (size_t j = 0; str_eq(commands[i].name, "serve") && j < ROLES; j++)
			made[at++] = (struct cli_command){.name = role_kinds[j].name,
				.args = "",
				.summary = role_kinds[j].summary,
				.needs_settings = true,
				.run = run};
	}
	return made;
}
