/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/form_origins.h"
#include "oidc/uri.h"
#include <string.h>

/* RFC 3986 lets a host hold what would end a policy. */
static void add(struct arena *arena, struct str_list *list, const char *uri)
{
	const char *origin = uri ? uri_origin(arena, uri) : NULL;

	if (!origin || strpbrk(origin, ";,'") || list->n == FORM_ORIGINS_MAX ||
		str_list_has(list, origin))
		return;
	list->items[list->n++] = origin;
}

const char *form_origins(struct arena *arena, const struct client *client, const char *first)
{
	struct str_list list = {ARENA_ARRAY(arena, const char *, FORM_ORIGINS_MAX), 0};

	add(arena, &list, first);
	for (size_t i = 0; client && i < client->redirect_uris.n; i++)
		add(arena, &list, client->redirect_uris.items[i]);
	for (size_t i = 0; client && i < client->post_logout_redirect_uris.n; i++)
		add(arena, &list, client->post_logout_redirect_uris.items[i]);
	add(arena, &list, client ? client->client_uri : NULL);
	return str_join(arena, &list, " ");
}
