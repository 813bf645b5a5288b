/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways by which a second factor comes, one row each. A new channel is one file
 * otp/channel_<name>.c that defines its row, and one line in channel.c. A row judges a typed code
 * against what is stored; it neither counts nor stores. Pure.
 */
#ifndef PRATU_OTP_CHANNEL_H
#define PRATU_OTP_CHANNEL_H

#include "idp/base/crypto.h"
#include "idp/base/result.h"
#include "idp/base/str.h"
#include "otp/level.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All that a channel may judge by. */
struct channel_facts {
	const char *code; /* as typed, normalised by typed_code() */
	struct bytes code_hash; /* the keyed hash of code, for channels that store one */
	struct bytes secret; /* what is stored: a seed, or a keyed hash */
	int64_t last_step; /* the last one accepted, 0 if none */
	int64_t now_s;
};

struct channel_decision {
	bool good;
	const char
		*reason; /* why not, a short fixed word for the record: "wrong_code", "replayed" */
	int64_t step; /* what must become the last step, 0 where there are no steps */
};

struct channel {
	const char *name; /* for the record */
	const char *amr; /* RFC 8176 s2 */
	enum level level; /* earned by a password and this */
	bool sandbox_only; /* counts only where the settings say mode = sandbox */
	/* ERR_CRYPTO. */
	struct result (*judge)(const struct channel_facts *facts, struct channel_decision *out);
};

extern const struct channel channel_totp, channel_sandbox_code;

/* The row of that name, or NULL. */
const struct channel *channel_find(const char *name);
/* What a sign-in by password and this channel states as amr: "pwd", the channel's own, "mfa". */
struct str_list channel_amr(struct arena *arena, const struct channel *channel);

#endif
