/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/channel.h"

static const struct channel *const table[] = {
	&channel_totp,
	&channel_sandbox_code,
};

const struct channel *channel_find(const char *name)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (str_eq(table[i]->name, name))
			return table[i];
	return NULL;
}

struct str_list channel_amr(struct arena *arena, const struct channel *channel)
{
	struct str_list list = {ARENA_ARRAY(arena, const char *, 3), 3};
	list.items[0] = "pwd";
	list.items[1] = channel->amr;
	list.items[2] = "mfa";
	return list;
}
