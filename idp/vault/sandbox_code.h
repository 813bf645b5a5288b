/* SPDX-License-Identifier: Apache-2.0 */
/* Sandbox codes: fixed second-factor codes of test citizens, stored as a keyed hash. */
#ifndef PRATU_VAULT_SANDBOX_CODE_H
#define PRATU_VAULT_SANDBOX_CODE_H

#include "idp/vault/secrets.h"
#include <stdbool.h>

/* 4 to 16 ASCII letters and digits? */
bool sandbox_code_valid(const char *code);
/* What is stored of a citizen's code. */
void sandbox_code_hash(struct arena *arena, const struct secrets *secrets, const char *citizen_id,
	const char *code, uint8_t out[static SHA256_LEN]);

#endif
