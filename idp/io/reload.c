/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/reload.h"
#include "idp/base/log.h"
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* Settings that were read; requests may be using any of them, and they are small. */
struct reading {
	struct reading *before;
	struct settings *settings;
};

struct reload {
	_Atomic(const struct settings *) now;
	struct reading *readings;
};

struct reload *reload_new(const struct settings *settings)
{
	struct reload *reload = calloc(1, sizeof *reload);
	if (!reload)
		abort();
	atomic_store(&reload->now, settings);
	return reload;
}

void reload_free(struct reload *reload)
{
	if (!reload)
		return;
	for (struct reading *one = reload->readings; one; one = reload->readings) {
		reload->readings = one->before;
		settings_free(one->settings);
		free(one);
	}
	free(reload);
}

const struct settings *reload_settings(const struct reload *reload)
{
	return atomic_load(&reload->now);
}

static void log_fault(const struct settings *settings, const struct settings_fault *fault)
{
	char line[16];
	(void)snprintf(line, sizeof line, "%d", fault->line);
	log_error("reload.refused", "file", settings->file, LOG_NUMBER("line"), line, "error",
		fault->text);
}

static bool has_live(const struct settings_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		if (changes->items[i].live)
			return true;
	return false;
}

static void log_changes(const struct settings_changes *changes)
{
	for (size_t i = 0; i < changes->n; i++)
		if (changes->items[i].live)
			log_info("reload.changed", "setting", changes->items[i].key);
		else
			log_warn("reload.needs_restart", "setting", changes->items[i].key);
}

static void put_in_force(struct reload *reload, struct settings *fresh)
{
	struct reading *made = calloc(1, sizeof *made);
	if (!made)
		abort();
	*made = (struct reading){reload->readings, fresh};
	reload->readings = made;
	log_set_level(log_level_named(fresh->log_level));
	atomic_store(&reload->now, fresh);
}

void reload_read(struct reload *reload, reload_accept *accept, void *arg)
{
	const struct settings *now = reload_settings(reload);
	struct settings_fault fault = {0, ""};
	struct settings_changes changes = {.n = 0};
	struct settings *fresh = NULL;
	if (settings_reload(now, &changes, &fresh, &fault).err != ERR_NONE) {
		log_fault(now, &fault);
		return;
	}
	if (accept && accept(arg, fresh).err != ERR_NONE) {
		log_error("reload.refused", "file", now->file, "error",
			"what these settings name cannot be used: all stays as it was");
		settings_free(fresh);
		return;
	}
	log_changes(&changes);
	if (has_live(&changes))
		put_in_force(reload, fresh);
	else
		settings_free(fresh);
	log_info("reload.done");
}
