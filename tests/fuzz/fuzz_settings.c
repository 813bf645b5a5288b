/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/arena.h"
#include "idp/base/settings.h"
#include "idp/base/str.h"
#include <string.h>

/* What loads is whole and within its bounds; what does not says why. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct settings *settings = NULL;
	struct settings_fault fault = {-1, ""};
	const char *text = arena_strndup(arena, (const char *)data, size);
	if (settings_parse("/etc/pratu/pratu.conf", text, &settings, &fault).err == ERR_NONE) {
		must(str_starts(settings->issuer, "https://"));
		must(settings->issuer[strlen(settings->issuer) - 1] != '/');
		must(settings->listen_port >= 1 && settings->listen_port <= 65535);
		must(settings->code_ttl_s >= 10 && settings->code_ttl_s <= 600);
		must(settings->web_database != NULL && settings->log_level != NULL);
		must(settings->key_file[0] == '/' || str_empty(settings->key_file) ||
			str_starts(settings->key_file, "${"));
	} else {
		must(settings == NULL && fault.line >= 0 && strlen(fault.text) > 0);
	}
	settings_free(settings);
	arena_free(arena);
	return 0;
}
