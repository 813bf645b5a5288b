/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/json.h"
#include <string.h>

static int depth_of(const json_t *value)
{
	int deepest = 0;
	size_t i = 0;
	const char *key = NULL;
	json_t *item = NULL;
	json_array_foreach((json_t *)(uintptr_t)value, i, item)
	{
		int depth = depth_of(item);
		deepest = depth > deepest ? depth : deepest;
	}
	json_object_foreach((json_t *)(uintptr_t)value, key, item)
	{
		int depth = depth_of(item);
		deepest = depth > deepest ? depth : deepest;
	}
	return json_is_array(value) || json_is_object(value) ? deepest + 1 : 0;
}

/* What parses is a container of at most 32 levels, and comes back equal from its own text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct json_fault fault = {0, 0, ""};
	json_t *value = NULL, *back = NULL;
	if (json_parse((const char *)data, size, &value, &fault).err == ERR_NONE) {
		must(depth_of(value) >= 1 && depth_of(value) <= 32);
		const char *text = json_text(arena, value);
		must(json_parse(text, strlen(text), &back, NULL).err == ERR_NONE);
		must(strcmp(json_text(arena, back), text) == 0);
	} else {
		must(value == NULL && strlen(fault.text) > 0);
	}
	json_decref(value);
	json_decref(back);
	arena_free(arena);
	return 0;
}
