/* SPDX-License-Identifier: Apache-2.0 */
#include "oidc/grant_type.h"

#define AT_ID(name) [GRANT_##name] = &grant_##name,
static const struct grant_type *const rows[] = {GRANT_TYPES(AT_ID)};

const struct grant_type *grant_type_of(enum grant_type_id id)
{
	return rows[id];
}

const struct grant_type *grant_type_find(const char *name)
{
	for (size_t i = 0; i < GRANT_TYPES_N; i++)
		if (str_eq(rows[i]->name, name))
			return rows[i];
	return NULL;
}

const char *grant_type_names(struct arena *arena, const char *word)
{
	struct buf out = buf_new(arena);
	for (size_t i = 0; i < GRANT_TYPES_N; i++) {
		const char *before =
			i + 1 < GRANT_TYPES_N ? ", " : arena_printf(arena, " %s ", word);
		buf_printf(&out, "%s%s", i ? before : "", rows[i]->name);
	}
	return out.text;
}

bool grant_type_registered(const struct client *client, enum grant_type_id id)
{
	return client->grant_types >> id & 1;
}
