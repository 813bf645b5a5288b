/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/partial.h"

static struct str_list texts(struct arena *arena, const json_t *array)
{
	struct str_list list = {ARENA_ARRAY(arena, const char *, json_array_size(array) + 1), 0};
	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *const text = json_string_value(json_array_get(array, i));
		if (text)
			list.items[list.n++] = arena_strdup(arena, text);
	}
	return list;
}

enum ticket_verdict partial_read(
	const struct op_call *call, const char *text, const char *transaction, struct partial *out)
{
	AUTO_JSON json_t *claims = NULL;
	const struct ticket_check check = {call->vault->secrets, TICKET_PARTIAL, call->now_s};
	const enum ticket_verdict verdict = ticket_open(&check, text, &claims);
	if (verdict == TICKET_FOREIGN)
		return verdict;
	if (!crypto_equal_text(json_str(claims, "transaction"), transaction))
		return TICKET_FOREIGN;
	*out = (struct partial){
		.subject_id = arena_strdup(call->arena, ticket_subject(claims)),
		.actor_id = arena_strdup(call->arena, ticket_actor(claims)),
		.authentication_id =
			arena_strdup(call->arena, json_str(claims, "authentication_id")),
		.exp_s = json_int(claims, "exp", 0),
		.credentials_us = json_int(claims, "credentials_us", 0),
		.auth_time_s = json_int(claims, "auth_time", 0),
		.amr = texts(call->arena, json_arr(claims, "amr")),
	};
	return verdict;
}

const char *partial_reason(enum ticket_verdict verdict)
{
	return verdict == TICKET_FOREIGN ? "partial_foreign" : "partial_expired";
}
