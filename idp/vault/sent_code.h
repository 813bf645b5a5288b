/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes that are sent: made here, known afterwards by a keyed hash alone (vault.challenge), and
 * tried under the lock of the citizen's factors, each try counted before the code is judged.
 */
#ifndef PRATU_VAULT_SENT_CODE_H
#define PRATU_VAULT_SENT_CODE_H

#include "idp/io/db.h"
#include "idp/vault/ops.h"
#include "otp/challenge.h"

/* A new code: CHALLENGE_DIGITS digits, each code as likely as any other. In the call's arena, which
 * wipes it. */
const char *sent_code_new(const struct op_call *call);
/* The keyed hash of a code, which is worth nothing under another challenge_id. In the call's arena.
 */
struct bytes sent_code_hash(const struct op_call *call, const char *challenge_id, const char *code);
/* The keyed hash of whom messages go to or come from. what: "number", "mailbox", "address",
 * "range". In the call's arena. */
struct bytes sent_code_name(const struct op_call *call, const char *what, const char *value);

/* The live code of a sign-in, of which one try was taken. */
struct sent_code {
	const char *challenge_id; /* NULL: there is none */
	struct bytes hash;
	int64_t tries; /* this one included */
};
/* Take one try, within a transaction that holds the factors' lock; whoever does not judge the code
 * then rolls back. ERR_DB. */
MUST_CHECK struct result sent_code_take(const struct op_call *call, struct db *db,
	const char *authentication_id, const char *kind, struct sent_code *out);

#endif
