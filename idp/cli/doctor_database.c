/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/doctor.h"
#include "idp/cli/migrate.h"
#include "queries_admin.h"
#include <stdlib.h>

#define CLOCK_WARN_S 2
#define CLOCK_FAULT_S 30 /* a TOTP step */

static void db_auto(struct db **db)
{
	db_free(*db);
}

struct way {
	const char *setting, *role;
	const char *conninfo;
};

static void check_durability(struct doctor *doctor, const struct rows *rows)
{
	static const char *const names[] = {"fsync", "full_page_writes", "synchronous_commit"};
	for (size_t i = 0; i < 3; i++)
		if (str_eq(rows_text(rows, 0, names[i]), "off"))
			doctor_say(doctor, DOCTOR_FAULT,
				arena_printf(doctor->cli->arena,
					"ALTER SYSTEM SET %s = on; SELECT pg_reload_conf()",
					names[i]),
				"%s is off: a sign-in that was acknowledged may be lost", names[i]);
	if (rows_int(rows, 0, "version", 0) < 150000)
		doctor_say(doctor, DOCTOR_FAULT, "upgrade PostgreSQL",
			"PostgreSQL 15 or newer is needed");
}

static void check_clock(struct doctor *doctor, const struct rows *rows)
{
	doctor->check = "clock";
	const int64_t off_s =
		llabs(rows_int(rows, 0, "now_s", 0) - clock_now_s(&doctor->cli->clock));
	if (off_s >= CLOCK_WARN_S)
		doctor_say(doctor, off_s >= CLOCK_FAULT_S ? DOCTOR_FAULT : DOCTOR_WARN,
			"keep both machines on time with NTP (timedatectl, chronyc tracking)",
			"this machine and the database are %lld s apart", (long long)off_s);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "as the database's");
}

/* Says what is wrong, and gives the rows for further looks. */
static bool reach(struct doctor *doctor, const struct way *way, struct db *db, struct rows **rows)
{
	if (db_query(db, &q_admin_doctor_role, NULL, rows).err != ERR_NONE) {
		doctor_say(doctor, DOCTOR_FAULT,
			"is PostgreSQL running? does pg_hba.conf (and pg_ident.conf) let this user "
			"be "
			"that role?",
			"%s: %s", way->setting, db_message(db));
		return false;
	}
	if (!str_eq(rows_text(*rows, 0, "role"), way->role)) {
		doctor_say(doctor, DOCTOR_FAULT,
			arena_printf(doctor->cli->arena, "write user=%s into %s", way->role,
				way->setting),
			"%s: expected to be %s, and is %s", way->setting, way->role,
			rows_text(*rows, 0, "role"));
		return false;
	}
	doctor_say(doctor, DOCTOR_OK, NULL, "%s reaches it", way->role);
	return true;
}

static void check_migrations(struct doctor *doctor, struct db *db)
{
	const struct migrate_plan *plan = NULL;
	doctor->check = "migrations";
	if (migrate_plan(doctor->cli->arena, db, &plan).err != ERR_NONE) {
		doctor_say(doctor, DOCTOR_FAULT, "pratu migrate", "%s", db_message(db));
		return;
	}
	const size_t pending = migrate_pending(plan, MIGRATE_MAX);
	doctor->database = plan->fault[0] == '\0' && pending == 0;
	if (plan->fault[0] != '\0')
		doctor_say(doctor, DOCTOR_FAULT, "run the pratu that this database belongs to",
			"%s", plan->fault);
	else if (pending > 0)
		doctor_say(doctor, DOCTOR_FAULT, "pratu migrate", "%zu not applied", pending);
	else
		doctor_say(doctor, DOCTOR_OK, NULL, "%zu applied", plan->n);
}

static void check_way(struct doctor *doctor, const struct way *way)
{
	AUTO_ROWS struct rows *rows = NULL;
	doctor->check = "database";
	__attribute__((cleanup(db_auto))) struct db *db = db_new(way->conninfo, "pratu doctor");
	if (!reach(doctor, way, db, &rows) || !str_eq(way->setting, "admin_database"))
		return;
	check_durability(doctor, rows);
	check_clock(doctor, rows);
	check_migrations(doctor, db);
}

void doctor_database(struct doctor *doctor)
{
	const struct settings *s = doctor->cli->settings;
	const struct way ways[] = {
		{"web_database", "pratu_web", s->web_database},
		{"vault_database", "pratu_vault", s->vault_database},
		{"admin_database", "pratu_admin", s->admin_database},
	};
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		check_way(doctor, &ways[i]);
}

void doctor_grants(struct doctor *doctor)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db *db = cli_db(doctor->cli);
	if (db_query(db, &q_admin_doctor_grants, NULL, &rows).err != ERR_NONE) {
		doctor_say(doctor, DOCTOR_FAULT, "pratu migrate", "%s", db_message(db));
		return;
	}
	for (int i = 0; i < rows_n(rows); i++)
		doctor_say(doctor, DOCTOR_FAULT,
			"find out who changed it; then, as pratu_owner, set it right as "
			"sql/migrate has it",
			"%s", rows_text(rows, i, "fault"));
	if (rows_n(rows) == 0)
		doctor_say(doctor, DOCTOR_OK, NULL, "each role has what it needs, no more");
}

void doctor_partitions(struct doctor *doctor)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct db *db = cli_db(doctor->cli);
	if (db_query(db, &q_admin_doctor_partitions, NULL, &rows).err != ERR_NONE) {
		doctor_say(doctor, DOCTOR_FAULT, "pratu migrate", "%s", db_message(db));
		return;
	}
	for (int i = 0; i < rows_n(rows); i++)
		doctor_say(doctor, rows_bool(rows, i, "grave") ? DOCTOR_FAULT : DOCTOR_WARN,
			rows_text(rows, i, "todo"), "%s", rows_text(rows, i, "found"));
	if (rows_n(rows) == 0)
		doctor_say(doctor, DOCTOR_OK, NULL, "they stand ahead");
}
