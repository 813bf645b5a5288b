/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a sign-in, one row each, in their order. The next step is the first that is due. A
 * new step is a file step_<name>.c with its struct step, and a row of STEPS.
 */
#ifndef PRATU_WEB_STEPS_H
#define PRATU_WEB_STEPS_H

#include "idp/web/flow.h"
#include "idp/web/signin.h"

/* name, the path of its form, that form's lane */
#define STEPS(ROW) \
	ROW(password, "/signin/password", HTTP_LANE_SLOW) \
	ROW(level, "/signin/level", HTTP_LANE_QUICK) \
	ROW(choose, "/signin/choose", HTTP_LANE_QUICK) \
	ROW(factor, "/signin/factor", HTTP_LANE_QUICK) \
	ROW(notice, "/signin/notice", HTTP_LANE_QUICK) \
	ROW(account, "/signin/account", HTTP_LANE_QUICK) \
	ROW(consent, "/signin/consent", HTTP_LANE_QUICK)

struct step {
	const char *name;
	bool any_time; /* its form is taken also while it is not due: a citizen may begin again */
	const struct signin_fault *faults; /* that its forms can have; ended by a NULL name */
	/* Is it to be done now? flow is judged; asks nobody. */
	bool (*due)(const struct flow *flow);
	/* Answer with its page. fault: of the last form, to be shown; or NULL. */
	struct result (*page)(
		struct context *ctx, struct flow *flow, const struct signin_fault *fault);
	/* Its form was sent, well formed: do it, and answer by flow_next or signin_again. */
	struct result (*take)(struct context *ctx, struct flow *flow);
};

#define STEPS_DECLARE(name, path, lane) extern const struct step step_##name;
STEPS(STEPS_DECLARE)

/* The first step that is due; NULL: none, flow_end is next. flow is judged. */
const struct step *steps_due(const struct flow *flow);
/* By the path of its form; NULL: none. */
const struct step *steps_at(const char *path);
/* The fault of that name, of any step; NULL: none. */
const struct signin_fault *steps_fault(const char *name);
/* Has the citizen still to prove who they are, or to prove more? */
bool steps_wants_sign_in(const struct flow *flow);

#endif
