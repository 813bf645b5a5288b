/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/kinds.h"
#include "idp/base/str.h"
#include <stddef.h>

const char *const kinds[] = {
	"access_end",
	"apply",
	"authorize",
	"citizen_list",
	"citizen_show",
	"client_auth",
	"code",
	"code_budget",
	"code_sent",
	"consent",
	"expire",
	"factor",
	"factor_block",
	"introspect",
	"keys_rotate",
	"lock",
	"logout",
	"message",
	"password",
	"records_list",
	"recover",
	"refresh",
	"revoke",
	"session_end",
	"sign_in",
	"token",
	"totp", /* second factors, as rows before migration 006 have it */
	"unlock",
	"userinfo",
	NULL,
};

bool kinds_has(const char *text)
{
	for (size_t i = 0; kinds[i]; i++)
		if (str_eq(kinds[i], text))
			return true;
	return false;
}

const char *kinds_expected(struct arena *arena)
{
	struct buf out = buf_new(arena);
	buf_printf(&out, "one of");
	for (size_t i = 0; kinds[i]; i++)
		buf_printf(&out, " %s", kinds[i]);
	return out.text;
}
