/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/steps.h"

static const struct {
	const char *path;
	const struct step *step;
} rows[] = {
#define STEPS_ROW(name, path, lane) {path, &step_##name},
	STEPS(STEPS_ROW)};
#define ROWS (sizeof rows / sizeof *rows)

const struct step *steps_due(const struct flow *flow)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (rows[i].step->due(flow))
			return rows[i].step;
	}
	return NULL;
}

const struct step *steps_at(const char *path)
{
	for (size_t i = 0; i < ROWS; i++) {
		if (str_eq(rows[i].path, path))
			return rows[i].step;
	}
	return NULL;
}

const struct signin_fault *steps_fault(const char *name)
{
	for (size_t i = 0; name && i < ROWS; i++) {
		const struct signin_fault *fault = rows[i].step->faults;
		for (; fault && fault->name; fault++) {
			if (str_eq(fault->name, name))
				return fault;
		}
	}
	return NULL;
}

bool steps_wants_sign_in(const struct flow *flow)
{
	if (!flow->registered)
		return !flow->session;
	return flow->decision.outcome == AUTHZ_STEP &&
	       (flow->decision.step == AUTHZ_STEP_SIGN_IN ||
		       flow->decision.step == AUTHZ_STEP_LEVEL);
}
