/* SPDX-License-Identifier: Apache-2.0 */
/* What an agency will receive, in plain words for the citizen: each claim by a text of its own.
 * Pure.
 */
#ifndef PRATU_WEB_DISCLOSURE_H
#define PRATU_WEB_DISCLOSURE_H

#include "idp/page/page_lang.h"
#include "oidc/client.h"

struct disclosure {
	const struct client *client;
	struct str_list
		names; /* of claims, each once; tags of languages ("name#th") are left out */
	const json_t *values; /* the citizen's claims, to be shown beside their names; NULL: names
				 alone */
	bool offline; /* access goes on after the citizen signed out */
};
/* Put into data what disclosure.html and disclosure_list.html show: agency, subject_key, claims
 * (each with parts and value), offline, links. */
void disclosure_put(json_t *data, const struct disclosure *disclosure, enum page_lang lang);
/* The citizen's name as pages show it, in the arena; NULL if they have none. */
const char *disclosure_name(struct arena *arena, const json_t *claims);

#endif
