/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/settings_inner.h"
#include "idp/base/str.h"
#include <stdio.h>
#include <string.h>

bool settings_fit(const struct settings *s, const char **key, struct settings_why *why)
{
	if (str_empty(s->tls_cert_file) != str_empty(s->tls_key_file)) {
		*key = str_empty(s->tls_key_file) ? "tls_cert_file" : "tls_key_file";
		(void)snprintf(why->text, sizeof why->text,
			"expected tls_cert_file and tls_key_file both, got one");
		return false;
	}
	if (str_empty(s->tls_cert_file) && !settings_value_is_loopback(s->listen_address)) {
		*key = "listen";
		(void)snprintf(why->text, sizeof why->text,
			"expected a loopback address, because no tls_cert_file is given, got %.60s",
			s->listen_address);
		return false;
	}
	if (s->session_idle_s > s->session_absolute_s) {
		*key = "session_idle_s";
		(void)snprintf(why->text, sizeof why->text,
			"expected no more than session_absolute_s (%lld), got %lld",
			(long long)s->session_absolute_s, (long long)s->session_idle_s);
		return false;
	}
	return settings_courier_fit(s, key, why);
}

static struct result wrong(struct settings_fault *fault, const char *key, const char *why)
{
	if (fault) {
		fault->line = 0;
		(void)snprintf(fault->text, sizeof fault->text, "%s: %s", key, why);
	}
	return FAILED(ERR_CONFIG);
}

/* What only a restart changes is as it was. */
static struct result keep_fixed(const struct settings_loaded *now, struct settings_loaded *fresh,
	struct settings_changes *changes, struct settings_fault *fault)
{
	struct settings_why why = {""};
	const char *key = "";
	changes->n = 0;
	for (size_t i = 0; settings_table[i].key; i++) {
		const struct settings_row *row = &settings_table[i];
		if (str_eq(now->texts[i], fresh->texts[i]))
			continue;
		changes->items[changes->n].key = row->key;
		changes->items[changes->n++].live = row->live;
		if (row->live)
			continue;
		fresh->texts[i] = arena_strdup(fresh->arena, now->texts[i]);
		if (!row->read(fresh, row, fresh->texts[i], &why))
			return wrong(fault, row->key, why.text);
	}
	return settings_fit(&fresh->settings, &key, &why) ? OK : wrong(fault, key, why.text);
}

struct result settings_reload(const struct settings *now, struct settings_changes *changes,
	struct settings **out, struct settings_fault *fault)
{
	struct settings *fresh = NULL;
	if (!now->file)
		return wrong(fault, "settings", "expected a file that they were read from");
	TRY(settings_load(now->file, &fresh, fault));
	const struct result kept = keep_fixed((const struct settings_loaded *)(const void *)now,
		(struct settings_loaded *)(void *)fresh, changes, fault);
	if (kept.err != ERR_NONE) {
		settings_free(fresh);
		return kept;
	}
	*out = fresh;
	return OK;
}
