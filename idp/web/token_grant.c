/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/token_grant.h"

#define AT_ID(name) [GRANT_##name] = &token_##name,
static const struct token_grant *const rows[] = {GRANT_TYPES(AT_ID)};

const struct token_grant *token_grant_of(enum grant_type_id id)
{
	return rows[id];
}
