/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/kinds.h"
#include "idp/base/str.h"
#include <stddef.h>

/* totp: second factors, as rows before migration 006 have it. */
#define KINDS(X) \
	X(apply) \
	X(authorize) \
	X(citizen_list) X(citizen_show) X(client_auth) X(code) X(consent) X(expire) X(factor) \
		X(factor_block) X(introspect) X(keys_publish) X(keys_rotate) X(lock) X(logout) \
			X(national_id) X(password) X(records_list) X(refresh) X(revoke) \
				X(session_end) X(sign_in) X(token) X(totp) X(unlock) X(userinfo)

#define ITEM(name) #name,
#define WORD(name) " " #name
const char *const kinds[] = {KINDS(ITEM) NULL};
const char kinds_expected[] = "one of" KINDS(WORD);

bool kinds_has(const char *text)
{
	for (size_t i = 0; kinds[i]; i++)
		if (str_eq(kinds[i], text))
			return true;
	return false;
}
