/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/event.h"
#include "idp/base/enc.h"
#include "queries_vault.h"

struct db_args event_args(const struct op_call *call, const struct event *event)
{
	const struct vault_call_context *context = &call->context;
	const struct bytes device = context->device_hash;
	struct db_args args = db_args(call->arena);
	db_text(&args, event->kind);
	db_text(&args, event->outcome);
	db_text(&args, event->reason);
	db_text(&args, context->client_id);
	db_text(&args, event->citizen_id);
	db_text(&args, context->session_id);
	db_text(&args, event->authentication_id);
	db_text(&args, event->acr);
	db_text(&args, event->amr);
	db_text(&args, event->detail);
	db_text(&args, context->address);
	db_text(&args, device.data == NULL ? NULL : enc_hex(call->arena, device.data, device.len));
	db_text(&args, context->user_agent);
	db_text(&args, context->correlation_id);
	return args;
}

struct result event_write(struct db *db, const struct op_call *call, const struct event *event)
{
	const struct db_args args = event_args(call, event);
	return db_exec(db, &q_vault_event_insert, &args, NULL);
}
