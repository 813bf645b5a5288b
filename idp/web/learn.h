/* SPDX-License-Identifier: Apache-2.0 */
/* What an agency will learn, in plain words for the citizen. Pure. */
#ifndef PRATU_WEB_LEARN_H
#define PRATU_WEB_LEARN_H

#include "idp/page/page_lang.h"
#include "oidc/client.h"

/* The agency's name in the page's language. */
const char *learn_agency(const struct client *client, enum page_lang lang);
/* Put into data what learn.html and learn_list.html show: agency, subject_key, claims, offline,
 * links. asked: claim names. scope: a JSON array of texts, may be NULL. values: the citizen's
 * claims, to be shown beside their names; NULL: names alone. */
struct learn {
	const struct client *client;
	const struct str_list *asked;
	const json_t *scope, *values;
};
void learn_put(json_t *data, const struct learn *learn, enum page_lang lang);
/* The citizen's name as pages show it, in the arena; NULL if they have none. */
const char *learn_name(struct arena *arena, const json_t *claims);

#endif
