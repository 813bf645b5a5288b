/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of second factors, one row each. A new kind is one file otp/factor_<kind>.c that
 * defines its row, one line in factor.c, and its texts: how its secret is stored, how it is written
 * in a document of `pratu apply` and what it earns are members of the row. A row judges a typed
 * code against what is stored; it neither counts nor stores. Pure.
 */
#ifndef PRATU_OTP_FACTOR_H
#define PRATU_OTP_FACTOR_H

#include "idp/base/crypto.h"
#include "idp/base/result.h"
#include "idp/base/str.h"
#include "otp/level.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All that a factor may judge by. */
struct factor_facts {
	const char *code; /* as typed, normalised by typed_code() */
	struct bytes code_hash; /* the keyed hash of code, for FACTOR_HASHED and for codes that are
				   sent */
	struct bytes secret; /* FACTOR_SEALED: opened; FACTOR_HASHED: the keyed hash */
	/* Of a kind whose code is sent: the keyed hash of the code that was, to be compared with
	   code_hash. No data: none is live. */
	struct bytes sent_hash;
	int64_t counter; /* the last step accepted, 0 if none */
	int64_t steps_from_s; /* steps that began before are not accepted; 0: any step is */
	int64_t now_s;
};

struct factor_decision {
	bool good;
	const char *reason; /* why not, a short fixed word for the audit log: "wrong_code" */
	int64_t step; /* what must become the counter, if the factor has steps */
};

/* How the database holds a secret. */
enum factor_storage {
	FACTOR_SEALED, /* can be opened by the vault: a seed, or whereto codes are sent */
	FACTOR_HASHED, /* a keyed hash of (hash_label, citizen, code): a code that never changes */
};

/* Over what a code is sent; a kind may have both, and then one code goes over each. */
enum factor_channel {
	FACTOR_SMS = 1,
	FACTOR_EMAIL = 2,
};

struct factor {
	const char
		*kind; /* in the database, the audit log and the texts; it seals the secret too */
	const char *amr; /* RFC 8176 s2 */
	enum level level; /* earned by a password and this */
	bool sandbox_only; /* counts only with the setting mode = sandbox */
	bool has_steps; /* a right code spends a step, and codes go forward only */
	unsigned channels; /* of enum factor_channel: the code is sent; 0: the citizen has it */
	enum factor_storage storage;
	const char *hash_label; /* FACTOR_HASHED: no two kinds have the same */
	const char *member; /* of a citizen, in a document of `pratu apply` */
	const char *expected; /* what its value must be, for who wrote the document */
	/* Read the member's value; *out lives in the arena. False: it is not as expected. */
	bool (*read)(struct arena *arena, const char *value, struct bytes *out);
	/* Judge a code. ERR_CRYPTO. */
	struct result (*judge)(const struct factor_facts *facts, struct factor_decision *out);
};

extern const struct factor factor_totp, factor_sms, factor_email, factor_sms_and_email,
	factor_sandbox_code;

struct factor_table {
	const struct factor *const *rows;
	size_t n;
};
#define FACTORS_MAX 16 /* rows, as in idp/io/vault_ops.table */

/* All kinds that there are. */
extern const struct factor_table factor_table;

/* The row of that kind, or NULL; kind may be NULL. */
const struct factor *factor_find(const struct factor_table *table, const char *kind);
/* The row of that member of a citizen, or NULL. */
const struct factor *factor_of_member(const struct factor_table *table, const char *member);
/* What a sign-in by password and this factor states as amr: "pwd", the factor's own, "mfa". In the
 * arena. */
struct str_list factor_amr(struct arena *arena, const struct factor *factor);

#endif
