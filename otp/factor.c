/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/factor.h"

static const struct factor *const rows[] = {
	&factor_totp,
	&factor_sms,
	&factor_email,
	&factor_sms_and_email,
	&factor_sandbox_code,
};
_Static_assert(sizeof rows / sizeof *rows <= FACTORS_MAX, "the vault's table can hold all");

const struct factor_table factor_table = {rows, sizeof rows / sizeof *rows};

const struct factor *factor_find(const struct factor_table *table, const char *kind)
{
	for (size_t i = 0; i < table->n; i++)
		if (str_eq(table->rows[i]->kind, kind))
			return table->rows[i];
	return NULL;
}

const struct factor *factor_of_member(const struct factor_table *table, const char *member)
{
	for (size_t i = 0; i < table->n; i++)
		if (str_eq(table->rows[i]->member, member))
			return table->rows[i];
	return NULL;
}

struct str_list factor_amr(struct arena *arena, const struct factor *factor)
{
	struct str_list list = {ARENA_ARRAY(arena, const char *, 3), 3};
	list.items[0] = "pwd";
	list.items[1] = factor->amr;
	list.items[2] = "mfa";
	return list;
}
