/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/ops.h"
#include "idp/base/clock.h"
#include "idp/base/log.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const struct vault_op *refuse(const char *op, const char *error)
{
	log_warn("vault.refused_request", "op", op, "error", error);
	return NULL;
}

/* The row that the head names, if it may be asked for on this socket. */
static const struct vault_op *find(enum vault_socket caller, const struct vault_frame *request)
{
	struct vault_codec_head head;
	char theirs[16], ours[16];
	if (vault_codec_head(request, &head).err != ERR_NONE)
		return refuse(NULL, "too short for a request");
	if (head.fingerprint != VAULT_TABLE_FINGERPRINT) {
		(void)snprintf(theirs, sizeof theirs, "%08x", head.fingerprint);
		(void)snprintf(ours, sizeof ours, "%08x", VAULT_TABLE_FINGERPRINT);
		log_warn("vault.refused_request", "error",
			"the caller is of another build: its table of operations is not ours",
			"theirs", theirs, "ours", ours);
		return NULL;
	}
	if (head.number >= VAULT_OPS_N || (vault_table[head.number].callers & caller) == 0)
		return refuse(NULL, "no such operation on this socket");
	return &vault_table[head.number];
}

static bool is_address(const char *text)
{
	struct in6_addr ignored;
	return inet_pton(AF_INET, text, &ignored) == 1 || inet_pton(AF_INET6, text, &ignored) == 1;
}

struct vault_call_context ops_context(const struct vault_op *op, const void *in)
{
	struct vault_call_context context = {0};
	for (size_t i = 0; i < op->in.n; i++)
		if (op->in.members[i].type == VAULT_CONTEXT)
			memcpy(&context, (const uint8_t *)in + op->in.members[i].offset,
				sizeof context);
	if (context.address && !is_address(context.address))
		context.address = NULL;
	return context;
}

static void log_failure(const struct op_call *call, const struct vault_op *op, struct result done)
{
	log_error("vault.failed", "op", op->name, "error", result_name(done.err), "where",
		done.where, "correlation_id", call->context.correlation_id);
}

static void run(
	struct op_call *call, const struct vault_op *op, const void *in, struct vault_frame *reply)
{
	const int64_t began_us = clock_monotonic_us();
	enum vault_outcome outcome;
	void *const out = arena_alloc(call->arena, op->out.size);
	struct result done = op_handlers[op->number](call, in, out);
	if (done.err == ERR_NONE)
		done = vault_codec_put_reply(op, out, reply);
	if (done.err != ERR_NONE) {
		log_failure(call, op, done);
		memset(out, 0, op->out.size); /* VAULT_FAILED, which has no members */
		(void)vault_codec_put_reply(op, out, reply).err;
	}
	memcpy(&outcome, out, sizeof outcome); /* the first member of each reply */
	meter_add(call->vault->operations, op->name, outcome, clock_monotonic_us() - began_us);
}

bool ops_answer(struct vault *vault, enum vault_socket caller, const struct vault_frame *request,
	struct vault_frame *reply)
{
	const struct vault_op *const op = find(caller, request);
	if (!op)
		return false;
	struct op_call call = {.vault = vault, .arena = arena_new()};
	void *const in = arena_alloc(call.arena, op->in.size);
	const bool fits = vault_codec_get_request(op, request, call.arena, in).err == ERR_NONE;
	if (fits) {
		call.now_ms = clock_now_ms(&vault->clock);
		call.now_s = call.now_ms / 1000;
		call.context = ops_context(op, in);
		run(&call, op, in, reply);
	} else {
		(void)refuse(op->name, "a member is missing, too long or of another type, or bytes "
				       "follow the last");
	}
	arena_free(call.arena);
	return fits;
}

struct seal ops_seal(const struct op_call *call)
{
	return (struct seal){call->arena, call->vault->secrets, &call->vault->rng};
}
