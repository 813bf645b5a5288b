/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/doctor.h"
#include "queries_admin.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define MIB INT64_C(1048576) /* bytes */
#define PLACES_MAX 3

/* A part of a large disk is much, and so is a whole small one: both must be short. */
static const struct shortage {
	enum doctor_verdict verdict;
	int64_t percent, mib;
} shortages[] = {
	{DOCTOR_FAULT, 5, 2048},
	{DOCTOR_WARN, 10, 10240},
};

/* Directories of file systems that are not the same. */
struct places {
	size_t n;
	struct place {
		const char *path;
		dev_t device;
	} items[PLACES_MAX];
};

/* Nothing where it is not there, or may not be looked at. */
static void add(struct places *places, const char *path)
{
	struct stat found;
	if (stat(path, &found) != 0)
		return;
	for (size_t i = 0; i < places->n; i++)
		if (places->items[i].device == found.st_dev)
			return;
	places->items[places->n++] = (struct place){path, found.st_dev};
}

static enum doctor_verdict judge(int64_t total_mib, int64_t free_mib)
{
	for (size_t i = 0; i < sizeof shortages / sizeof *shortages; i++)
		if (free_mib < shortages[i].mib &&
			free_mib * 100 < total_mib * shortages[i].percent)
			return shortages[i].verdict;
	return DOCTOR_OK;
}

static void look(struct doctor *doctor, const char *path)
{
	struct statvfs disk;
	if (statvfs(path, &disk) != 0)
		return;
	const int64_t block = (int64_t)disk.f_frsize;
	const int64_t total_mib = (int64_t)disk.f_blocks * block / MIB;
	const int64_t free_mib = (int64_t)disk.f_bavail * block / MIB;
	const enum doctor_verdict verdict = judge(total_mib, free_mib);
	doctor_report(doctor, verdict,
		verdict == DOCTOR_OK ? NULL
				     : "free some space: PostgreSQL stops when its disk is full, "
				       "and nobody signs in",
		"%s: %lld of %lld MiB are free", path, (long long)free_mib, (long long)total_mib);
}

/* The database's directory and its log of changes. False: not to be seen from here. */
static bool add_database(struct doctor *doctor, struct places *places)
{
	struct arena *const arena = doctor->cli->arena;
	struct q_admin_doctor_directory_row row;
	struct db *db = db_new(doctor->cli->settings->owner_database, "pratu doctor");
	const bool known = q_admin_doctor_directory(db, arena, &row).err == ERR_NONE && row.here;
	db_free(db);
	if (!known)
		return false;
	const size_t before = places->n;
	add(places, row.directory);
	add(places, arena_printf(arena, "%s/pg_wal", row.directory));
	struct stat found;
	return places->n > before || stat(row.directory, &found) == 0;
}

void doctor_disk(struct doctor *doctor)
{
	struct places places = {.n = 0};
	const char *const conf = doctor->cli->config;
	const char *const slash = strrchr(conf, '/');
	add(&places,
		!slash ? "." : arena_strndup(doctor->cli->arena, conf, (size_t)(slash - conf) + 1));
	const bool seen = add_database(doctor, &places);
	for (size_t i = 0; i < places.n; i++)
		look(doctor, places.items[i].path);
	if (!seen)
		doctor_report(doctor, DOCTOR_OK, NULL,
			"the database's disk cannot be seen from here; watch it where it is");
}
