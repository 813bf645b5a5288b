/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/factor_list.h"
#include "idp/vault/factor_secret.h"
#include "otp/delivered.h"

struct factor_list factor_list_new(const struct op_call *call, size_t n)
{
	return (struct factor_list){ARENA_ARRAY(call->arena, struct factor_offer, n + 1), 0};
}

static struct result hint_of(const struct op_call *call, const struct factor *factor,
	const struct factor_stored *stored, const char **hint)
{
	const struct seal seal = ops_seal(call);
	const struct factor_owner owner = {factor, stored->citizen_id};
	struct factor_facts facts = {.code = ""};
	*hint = "";
	if (!factor->channels)
		return OK;
	TRY(factor_secret_facts(&seal, owner, stored->secret, &facts));
	const struct delivered_target target = delivered_target(call->arena, facts.secret);
	*hint = delivered_hint(call->arena, &target);
	return OK;
}

struct result factor_list_add(
	const struct op_call *call, struct factor_list *list, const struct factor_stored *stored)
{
	const struct factor *const factor = factor_find(call->vault->factors, stored->kind);
	const bool sandbox = call->vault->settings->mode == MODE_SANDBOX;
	struct factor_offer offer = {factor, "", stored->blocked};
	if (!factor || (factor->sandbox_only && !sandbox))
		return OK;
	if (stored->blocked && list->n > 0 && !list->items[0].blocked)
		return OK;
	TRY(hint_of(call, factor, stored, &offer.hint));
	if (!stored->blocked && list->n > 0 && list->items[0].blocked)
		list->n = 0;
	list->items[list->n++] = offer;
	return OK;
}
