/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "oidc/client.h"
#include "oidc/uri.h"
#include <string.h>

/* A client's metadata: what is taken holds to the rules, what is not names its fault. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_JSON json_t *metadata = NULL;
	if (json_parse((const char *)data, size, &metadata, NULL).err != ERR_NONE)
		return 0;
	struct arena *arena = arena_new();
	struct client_fault fault = {0};
	const struct client *client = NULL;
	if (client_parse(arena, metadata, &client, &fault).err != ERR_NONE) {
		must(client == NULL);
		must(fault.path[0] != '\0' && fault.text[0] != '\0');
		arena_free(arena);
		return 0;
	}
	must(client->redirect_uris.n > 0);
	must(str_list_has(&client->scopes, "openid"));
	must(client_confidential(client) || client->require_pkce);
	for (size_t i = 0; i < client->redirect_uris.n; i++) {
		struct uri uri;
		must(uri_parse(arena, client->redirect_uris.items[i], &uri));
		must(!uri.has_fragment && !uri.has_userinfo);
		must(client_has_redirect_uri(client, client->redirect_uris.items[i]));
	}
	client_free(client);
	arena_free(arena);
	return 0;
}
