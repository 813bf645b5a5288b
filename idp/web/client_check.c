/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/client_check.h"
#include "idp/base/enc.h"
#include "idp/base/log.h"
#include "idp/page/answer.h"
#include "idp/web/record.h"
#include "oidc/discovery.h"
#include "oidc/token_request.h"
#include "queries_web.h"
#include <string.h>

bool client_check_form(struct context *ctx)
{
	const struct http_request *request = ctx->request;
	struct token_request_form in = {request->has_form, http_header(request, "Content-Type"),
		request->form_verdict, request->form};
	struct error error = token_request_check_form(ctx->arena, &in);
	if (error.code != ERROR_NONE)
		answer_error(ctx, &error);
	return error.code == ERROR_NONE;
}

/* client_id: what came, or NULL. A stranger's typo may be anything, a password too: only its hash
 * is kept. */
static struct result record_refusal(
	struct context *ctx, const char *client_id, bool known, const char *reason)
{
	AUTO_JSON json_t *detail = json_object();
	json_put(detail, "endpoint", ctx->request->path);
	if (client_id && !known)
		json_put(detail, "client_id_sha256",
			enc_hex(ctx->arena, crypto_sha256_text(ctx->arena, client_id), SHA256_LEN));
	struct record_event event = {
		.kind = "client_auth",
		.outcome = "refused",
		.reason = reason,
		.client_id = known ? client_id : NULL,
		.detail = detail,
	};
	return record_write(ctx, &event);
}

static struct result refuse(struct context *ctx, const struct error *error)
{
	if (error->code == ERROR_INVALID_CLIENT)
		answer_challenge(ctx, error);
	else
		answer_error(ctx, error);
	return OK;
}

struct result client_check_read(struct context *ctx, struct client_auth_presented *out, bool *good)
{
	const char *authorization = http_header(ctx->request, "Authorization");
	struct error error = client_auth_read(ctx->arena, authorization, ctx->request->form, out);
	*good = error.code == ERROR_NONE;
	if (*good)
		return OK;
	TRY(record_refusal(ctx, NULL, false, "unreadable"));
	return refuse(ctx, &error);
}

static struct result load_client(
	struct context *ctx, const struct rows *rows, const struct client **out)
{
	const char *metadata = rows_text(rows, 0, "metadata");
	struct client_fault fault;
	AUTO_JSON json_t *object = NULL;
	*out = NULL;
	if (!metadata || rows_bool(rows, 0, "disabled"))
		return OK;
	TRY(json_parse(metadata, strlen(metadata), &object, NULL));
	struct result result = client_parse(ctx->arena, object, out, &fault);
	if (result.err != ERR_NONE)
		log_error("web.client_metadata", "path", fault.path, "fault", fault.text);
	return result;
}

/* Once, whoever else presents it at the same moment. */
static struct result spend_jti(
	struct context *ctx, const struct client *client, struct client_auth_decision *decision)
{
	int64_t inserted = 0;
	struct db_args args = db_args(ctx->arena);
	db_text(&args, client->client_id);
	db_bytes(&args, crypto_sha256_text(ctx->arena, decision->jti), SHA256_LEN);
	db_int(&args, decision->jti_until_s);
	TRY(db_exec(ctx->db, &q_web_client_assertion_spend, &args, &inserted));
	if (inserted != 1)
		*decision = client_auth_replayed(ctx->arena);
	return OK;
}

struct result client_check_decide(struct context *ctx,
	const struct client_auth_presented *presented, const struct rows *rows,
	const struct client **out)
{
	AUTO_CLIENT const struct client *client = NULL;
	const char *issuer = ctx->settings->issuer;
	const char *const audiences[] = {arena_printf(ctx->arena, "%s" DISCOVERY_TOKEN, issuer),
		arena_printf(ctx->arena, "%s%s", issuer, ctx->request->path), NULL};
	bool known = rows_text(rows, 0, "metadata") != NULL;
	TRY(load_client(ctx, rows, &client));
	struct client_auth_facts facts = {.client = client,
		.secret_hash = rows_bytes(ctx->arena, rows, 0, "secret_hash"),
		.issuer = issuer,
		.audiences = audiences,
		.now_s = ctx->now_s};
	struct client_auth_decision decision = client_auth_decide(ctx->arena, presented, &facts);
	if (decision.jti && client)
		TRY(spend_jti(ctx, client, &decision));
	*out = NULL;
	if (decision.error.code != ERROR_NONE) {
		TRY(record_refusal(ctx, presented->client_id, known, decision.reason));
		return refuse(ctx, &decision.error);
	}
	*out = client;
	client = NULL;
	return OK;
}

struct result client_check(struct context *ctx, const struct client **out)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct client_auth_presented presented;
	bool good = false;
	*out = NULL;
	if (!client_check_form(ctx))
		return OK;
	TRY(client_check_read(ctx, &presented, &good));
	if (!good)
		return OK;
	struct db_args args = db_args(ctx->arena);
	db_text(&args, presented.client_id);
	TRY(db_query(ctx->db, &q_web_client_auth, &args, &rows));
	if (rows_n(rows) != 1)
		FAIL(ERR_DB);
	return client_check_decide(ctx, &presented, rows, out);
}
