/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways in which a citizen can take the second step, as the transaction carries them after the
 * first: those whose level answers the request, the last used first. All kinds whose codes the
 * citizen has at hand (an app, a code of the sandbox) are one way, WAYS_APP, and one page.
 *
 * Members of the stage: "ways" (a list of [kind, acr, hint, sent]) and "way" (the kind that was
 * chosen), "step_up" (the session that stands in place of the password).
 */
#ifndef PRATU_WEB_WAYS_H
#define PRATU_WEB_WAYS_H

#include "idp/web/flow.h"

#define WAYS_APP "app" /* stands for the kinds whose codes are not sent */

struct ways {
	struct signin_way *items;
	size_t n;
};

/* Note in the stage what the first step gave: its proof and the ways. */
void ways_begin(struct flow *flow, const struct signin_password *proven);
/* Forget it where it stands on a session that the browser has no more: signed out elsewhere, or
 * somebody else's by now. */
void ways_check(struct flow *flow);
/* Forget it: the citizen proves anew who they are. */
void ways_forget(struct flow *flow);
/* Those to choose from, in the arena. flow is judged. */
struct ways ways_offered(struct arena *arena, const struct flow *flow);
/* Is there a first step, but no way among the citizen's whose level answers? flow is judged. */
bool ways_none_answers(const struct flow *flow);
/* The one of that kind among those to choose from, or NULL. In the arena. */
const struct signin_way *ways_find(struct arena *arena, const struct flow *flow, const char *kind);
/* The one that was chosen, or the only one there is; NULL: to be chosen. Where nothing is known of
 * any, WAYS_APP, of which the vault then decides. In the arena. */
const struct signin_way *ways_chosen(struct arena *arena, const struct flow *flow);
/* Must one be chosen? */
bool ways_open(const struct flow *flow);

#endif
