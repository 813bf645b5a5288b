/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/doctor.h"
#include "idp/cli/roles.h"
#include "idp/cli/doctor_as.h"
#include "idp/cli/migrate.h"
#include "queries_admin.h"
#include <stdio.h>
#include <stdlib.h>

#define OLDEST 150000 /* PostgreSQL, as server_version_num */
#define CLOCK_WARN_S 2
#define CLOCK_FAULT_S 30 /* a TOTP step */

struct way {
	const char *setting, *role, *user;
	const char *conninfo;
};

/* The database's answer to one role. Without pointers, so that another process can send it. */
struct answer {
	bool reached;
	int64_t now_s, version;
	char role[64], message[300];
	char durable[3][16]; /* as in durable_names */
};

static const char *const durable_names[] = {"fsync", "full_page_writes", "synchronous_commit"};

static void copy(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text ? text : "");
}

static void ask(const void *arg, void *found)
{
	struct q_admin_doctor_role_row row;
	struct arena *arena = arena_new();
	const struct way *way = arg;
	struct answer *answer = found;
	struct db *db = db_new(way->conninfo, "pratu doctor");
	answer->reached = q_admin_doctor_role(db, arena, &row).err == ERR_NONE;
	copy(answer->message, sizeof answer->message, db_message(db));
	if (answer->reached) {
		answer->now_s = row.now_s;
		answer->version = row.version;
		copy(answer->role, sizeof answer->role, row.role);
		const char *const durable[] = {
			row.fsync, row.full_page_writes, row.synchronous_commit};
		for (size_t i = 0; i < 3; i++)
			copy(answer->durable[i], sizeof answer->durable[i], durable[i]);
	}
	arena_free(arena);
	db_free(db);
}

/* Settings can be a role's own, so each is asked. */
static void check_durability(
	struct doctor *doctor, const struct way *way, const struct answer *answer)
{
	for (size_t i = 0; i < 3; i++)
		if (str_eq(answer->durable[i], "off"))
			doctor_report(doctor, DOCTOR_FAULT,
				arena_printf(doctor->cli->arena,
					"ALTER SYSTEM SET %s = on; SELECT pg_reload_conf(); and "
					"see "
					"ALTER ROLE ... SET",
					durable_names[i]),
				"%s is off for %s: a sign-in that was acknowledged may be lost",
				durable_names[i], way->role);
}

static void check_clock(struct doctor *doctor, const struct answer *answer)
{
	const int64_t off_s = llabs(answer->now_s - clock_now_s(&doctor->cli->clock));
	doctor->check = "clock";
	if (off_s >= CLOCK_WARN_S)
		doctor_report(doctor, off_s >= CLOCK_FAULT_S ? DOCTOR_FAULT : DOCTOR_WARN,
			"keep both machines on time with NTP (timedatectl, chronyc tracking)",
			"this machine and the database are %lld s apart", (long long)off_s);
	else
		doctor_report(doctor, DOCTOR_OK, NULL, "as the database's");
}

/* Returns what is wrong. */
static bool reach(struct doctor *doctor, const struct way *way, struct answer *answer)
{
	const struct doctor_as as = {way->user, ask, way, sizeof *answer};
	if (!doctor_as(&as, answer))
		copy(answer->message, sizeof answer->message, "its user cannot be assumed");
	if (!answer->reached)
		doctor_report(doctor, DOCTOR_FAULT,
			"is PostgreSQL running? was pratu migrate run on it? do pg_hba.conf and "
			"pg_ident.conf let this user be that role? (deploy/pg/PRODUCTION.md)",
			"%s: %s", way->setting, answer->message);
	else if (!str_eq(answer->role, way->role))
		doctor_report(doctor, DOCTOR_FAULT,
			arena_printf(doctor->cli->arena, "write user=%s into %s", way->role,
				way->setting),
			"%s: expected to be %s, and is %s", way->setting, way->role, answer->role);
	else if (answer->version < OLDEST)
		doctor_report(doctor, DOCTOR_FAULT, "upgrade PostgreSQL",
			"PostgreSQL 15 or newer is needed");
	else
		doctor_report(doctor, DOCTOR_OK, NULL, "%s reaches it", way->role);
	return answer->reached && str_eq(answer->role, way->role);
}

static void check_migrations(struct doctor *doctor, struct db *db)
{
	const struct migrate_plan *plan = NULL;
	doctor->check = "migrations";
	if (migrate_plan(doctor->cli->arena, db, &plan).err != ERR_NONE) {
		doctor_report(doctor, DOCTOR_FAULT, "pratu migrate", "%s", db_message(db));
		return;
	}
	const size_t pending = migrate_pending(plan, MIGRATE_MAX);
	doctor->database = plan->fault[0] == '\0' && pending == 0;
	if (plan->fault[0] != '\0')
		doctor_report(doctor, DOCTOR_FAULT, "run the pratu that this database belongs to",
			"%s", plan->fault);
	else if (pending > 0)
		doctor_report(doctor, DOCTOR_FAULT, "pratu migrate", "%zu not applied", pending);
	else
		doctor_report(doctor, DOCTOR_OK, NULL, "%zu applied", plan->n);
}

static void check_way(struct doctor *doctor, const struct way *way)
{
	struct answer answer = {.reached = false};
	doctor->check = "database";
	if (!reach(doctor, way, &answer))
		return;
	check_durability(doctor, way, &answer);
	if (!str_eq(way->role, "pratu_admin"))
		return;
	check_clock(doctor, &answer);
	check_migrations(doctor, cli_db(doctor->cli));
}

/* A database that nothing was applied to has no roles that could reach it, and that is what is to
 * be told: not one fault for each of them. Only the owner can see it. */
static bool is_new(struct doctor *doctor)
{
	const struct migrate_plan *plan = NULL;
	struct db *db = db_new(doctor->cli->settings->owner_database, "pratu doctor");
	const bool seen = migrate_plan(doctor->cli->arena, db, &plan).err == ERR_NONE;
	db_free(db);
	if (!seen || migrate_pending(plan, MIGRATE_MAX) < plan->n)
		return false;
	doctor->check = "migrations";
	doctor_report(doctor, DOCTOR_FAULT, "pratu migrate", "the database is new: %zu not applied",
		plan->n);
	return true;
}

void doctor_database(struct doctor *doctor)
{
	const struct settings *s = doctor->cli->settings;
	if (is_new(doctor))
		return;
	for (const struct role_kind *kind = role_kinds; kind->name; kind++) {
		const struct way way = {kind->database_setting, kind->database_role,
			role_kind_user(kind, s), role_kind_database(kind, s)};
		check_way(doctor, &way);
	}
	const struct way admin = {"admin_database", "pratu_admin", NULL, s->admin_database};
	check_way(doctor, &admin);
}

void doctor_grants(struct doctor *doctor)
{
	struct q_admin_doctor_grants_rows rows;
	struct db *db = cli_db(doctor->cli);
	if (q_admin_doctor_grants(db, doctor->cli->arena, &rows).err) {
		doctor_report(doctor, DOCTOR_FAULT, "pratu migrate", "%s", db_message(db));
		return;
	}
	for (size_t i = 0; i < rows.n; i++)
		doctor_report(doctor, DOCTOR_FAULT,
			"find out who changed it; then, as pratu_owner, set it right as "
			"sql/migrate has it",
			"%s", rows.items[i].fault);
	if (rows.n == 0)
		doctor_report(doctor, DOCTOR_OK, NULL, "each role has what it needs, no more");
}

void doctor_partitions(struct doctor *doctor)
{
	struct q_admin_doctor_partitions_rows rows;
	struct db *db = cli_db(doctor->cli);
	if (q_admin_doctor_partitions(db, doctor->cli->arena, &rows).err) {
		doctor_report(doctor, DOCTOR_FAULT, "pratu migrate", "%s", db_message(db));
		return;
	}
	for (size_t i = 0; i < rows.n; i++)
		doctor_report(doctor, rows.items[i].grave ? DOCTOR_FAULT : DOCTOR_WARN,
			rows.items[i].todo, "%s", rows.items[i].found);
	if (rows.n == 0)
		doctor_report(doctor, DOCTOR_OK, NULL, "they exist ahead of time");
}
