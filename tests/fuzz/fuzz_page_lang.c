/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/arena.h"
#include "idp/page/page_lang.h"
#include <string.h>

/* Accept-Language and ui_locales are strangers' words: whatever they are, the answer is one of our
 * languages, and a choice made on the page outweighs them. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char *text =
		arena_strndup(arena, (const char *)data, strnlen((const char *)data, size));
	enum page_lang asked = page_lang_pick(NULL, text, NULL);
	enum page_lang lang = page_lang_pick(text, text, text);

	must(lang == PAGE_TH || lang == PAGE_EN);
	must(asked == PAGE_TH || asked == PAGE_EN);
	must(page_lang_pick(NULL, NULL, text) <= PAGE_EN);
	must(page_lang_pick("en", text, text) == PAGE_EN);
	must(page_lang_pick("th", text, text) == PAGE_TH);
	arena_free(arena);
	return 0;
}
