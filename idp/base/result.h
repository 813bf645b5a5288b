/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one error system. A failure (database unavailable, socket broken, malformed file) is a struct
 * result and ends in a denial. A refusal (wrong code, bad PKCE) is never a result: it is a value in
 * a decision.
 */
#ifndef PRATU_BASE_RESULT_H
#define PRATU_BASE_RESULT_H

enum err {
	ERR_NONE = 0,
	ERR_DB, /* the database is away, or refused a statement */
	ERR_VAULT, /* the vault is away, or its answer was malformed */
	ERR_IO, /* a file or socket */
	ERR_FORMAT, /* bytes that do not parse */
	ERR_BOUNDS, /* longer, larger or more than the limit */
	ERR_CRYPTO, /* OpenSSL, cjose or libsodium failed; a MAC or tag did not match */
	ERR_CONFIG, /* settings */
	ERR_BUSY, /* a lane or pool is full */
	ERR_ABSENT, /* the thing named does not exist */
};

struct result {
	enum err err;
	const char *where; /* "file:line" of the FAIL, static storage */
};

/* Put before every prototype that returns struct result. */
#define MUST_CHECK __attribute__((warn_unused_result))

#define RESULT_STR2(x) #x
#define RESULT_STR(x) RESULT_STR2(x)
#define OK ((struct result){ERR_NONE, 0})
#define FAILED(e) ((struct result){(e), __FILE__ ":" RESULT_STR(__LINE__)})
#define FAIL(e) return FAILED(e)
#define TRY(x) \
	do { \
		struct result try_result_ = (x); \
		if (try_result_.err != ERR_NONE) \
			return try_result_; \
	} while (0)

/* The name of an error, lower case, for logs: "db", "vault", ... Static storage. */
const char *result_name(enum err err);

#endif
