/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a message that carries a code says, in the citizen's language (idp/vault/text): to which
 * agency it signs in, that nobody else may know it, and in its last line for which origin it is
 * ("@login.example #123456"), by which browsers fill it in there alone. Never a link. Pure.
 */
#ifndef PRATU_VAULT_CODE_TEXT_H
#define PRATU_VAULT_CODE_TEXT_H

#include "idp/io/outbox.h"
#include <stdbool.h>

/* UTF-16 units of a short message that is not of GSM's alphabet, and septets of one that is: two
 * parts (3GPP TS 23.040 s9.2.3.24.1). */
#define CODE_TEXT_SMS_WIDE 134
#define CODE_TEXT_SMS_PLAIN 306

struct code_text {
	const char *code;
	bool thai; /* or English */
	const char *agency; /* its name in that language; NULL: a sign-in to the service itself */
	const char *service; /* the service's own name in that language */
	const char *issuer; /* https://host[:port] */
};

/* Of a short message: at most two parts, for which the agency's name is cut. In the arena. */
const char *code_text_sms(struct arena *arena, const struct code_text *text);
/* Of an e-mail: subject and body are set. In the arena. */
void code_text_mail(struct arena *arena, const struct code_text *text, struct outbox_text *out);

#endif
