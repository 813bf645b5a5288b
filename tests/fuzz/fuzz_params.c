/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/params.h"
#include "idp/base/str.h"
#include <string.h>

/* What was kept is clean, named once, and survives being written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const struct params *params = NULL, *back = NULL;
	enum params_verdict verdict = params_parse(arena, (const char *)data, size, &params);
	must(params_verdict_text(verdict) != NULL);
	must(params->n <= PARAMS_MAX);
	for (size_t i = 0; i < params->n; i++) {
		const struct param *param = &params->items[i];
		must(str_utf8_valid(param->name, strlen(param->name)));
		must(str_utf8_valid(param->value, strlen(param->value)));
		must(params_get(params, param->name) == param->value);
	}
	const char *text = params_encode(arena, params);
	must(params_parse(arena, text, strlen(text), &back) == PARAMS_OK);
	must(back->n == params->n || params->n == 0);
	for (size_t i = 0; i < back->n; i++)
		must(str_eq(params_get(back, params->items[i].name), params->items[i].value));
	arena_free(arena);
	return 0;
}
