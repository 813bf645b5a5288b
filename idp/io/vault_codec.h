/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the structs of the vault's operations become bytes and back: one interpreter of descriptors
 * that deploy/build/ops.py makes from idp/io/vault_ops.table, the same on both sides.
 *
 *   request  u32 fingerprint of the table, u16 number of the operation, the members in order
 *   reply    u8 outcome, the members of that outcome in order
 *   member   nullable: u8 1, or 0 and nothing more. A text or uuid: u32 length, the bytes, a NUL.
 *            bytes: u32 length, the bytes. hash: 32 bytes. int: 8 bytes. bool, alg, outcome: 1
 * byte. texts: u32 count, each a text. list: u32 count, each item's members. context: its members.
 *
 * Numbers are big-endian. Decoding takes exactly these bytes, checks every length before it is used
 * and every bound of the table, UTF-8 and NUL, and refuses bytes behind the last member. Texts and
 * bytes of what was decoded point into the frame; only lists allocate.
 */
#ifndef PRATU_IO_VAULT_CODEC_H
#define PRATU_IO_VAULT_CODEC_H

#include "idp/base/arena.h"
#include "idp/base/crypto.h"
#include "idp/base/jose.h"
#include "idp/base/str.h"
#include "idp/io/vault_frame.h"

/* How an operation ended. Zeroed means failed: unknown denies. */
enum vault_outcome {
	VAULT_FAILED, /* the operation failed; the vault's log has the reason */
	VAULT_OK,
	VAULT_REFUSED,
	VAULT_WAIT, /* throttled */
	VAULT_BLOCKED, /* too many wrong second factors */
	VAULT_EXPIRED,
	VAULT_CHANGED, /* the client is not of the version that was named, or is disabled */
};

/* One of the vault's sockets, in the generated table. */
struct vault_socket_row {
	const char *name; /* of the file, without ".sock" */
	unsigned bit; /* an enum vault_socket */
	size_t user; /* offset in struct settings: whose process connects, as text */
};

#define VAULT_AGENT_MAX 512 /* bytes of a user agent that are kept */

/* Who is behind a request, for the audit log: each may be NULL, device_hash without data. */
struct vault_call_context {
	const char *address;
	const char *user_agent; /* at most VAULT_AGENT_MAX bytes */
	struct bytes device_hash; /* 32 bytes */
	const char *correlation_id, *client_id;
	const char *session_id; /* a UUID */
};

enum vault_type {
	VAULT_TEXT,
	VAULT_SECRET,
	VAULT_JSON,
	VAULT_TEXTS,
	VAULT_BYTES,
	VAULT_HASH,
	VAULT_UUID,
	VAULT_INT,
	VAULT_BOOL,
	VAULT_ALG,
	VAULT_OUTCOME,
	VAULT_CONTEXT,
	VAULT_LIST,
};

struct vault_member {
	const char *name;
	enum vault_type type;
	enum vault_outcome on; /* the outcome whose reply has it */
	bool nullable;
	size_t offset, has_offset; /* has_offset: of the bool that is set if a scalar is given */
	size_t max, item_max;
	const struct vault_shape *items;
};

struct vault_shape {
	const struct vault_member *members;
	size_t n;
	size_t size; /* of the struct */
};

struct vault_op {
	const char *name;
	uint32_t fingerprint; /* of the whole table */
	uint16_t number;
	unsigned callers; /* a set of enum vault_socket */
	struct vault_shape in, out; /* of out, the outcome is first */
};

/* Each puts a whole frame, in place of what it held. ERR_BOUNDS: a member beyond its bound, or all
 * together beyond VAULT_FRAME_MAX. ERR_FORMAT: no UTF-8, no UUID, or NULL where that may not be;
 * where names the check, the log line of the caller the operation. in: NULL if it has no members.
 */
MUST_CHECK struct result vault_codec_put_request(
	const struct vault_op *op, const void *in, struct vault_frame *frame);
MUST_CHECK struct result vault_codec_put_reply(
	const struct vault_op *op, const void *out, struct vault_frame *frame);

struct vault_codec_head {
	uint32_t fingerprint;
	uint16_t number;
};
/* Read the head of a request. ERR_FORMAT: too short for one. */
MUST_CHECK struct result vault_codec_head(
	const struct vault_frame *frame, struct vault_codec_head *head);
/* Fill in (zeroed, of op->in.size bytes) from a request whose head is op's. It points into the
 * frame, and lives as long. ERR_FORMAT. */
MUST_CHECK struct result vault_codec_get_request(
	const struct vault_op *op, const struct vault_frame *frame, struct arena *arena, void *in);
/* Fill out (zeroed, of op->out.size bytes) from a reply. It points into the arena. ERR_FORMAT. */
MUST_CHECK struct result vault_codec_get_reply(
	const struct vault_op *op, const struct vault_frame *frame, struct arena *arena, void *out);

#endif
