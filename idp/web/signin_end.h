/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a sign-in: both steps were good. One statement makes the session, with a new cookie,
 * in place of the one that the browser had; and where nothing else is to be asked, grant and code.
 */
#ifndef PRATU_WEB_SIGNIN_END_H
#define PRATU_WEB_SIGNIN_END_H

#include "idp/web/flow.h"

/* factor: the vault's answer, VAULT_OK. foreseen: the code whose bind the vault was asked for in
 * the same call; NULL: none. Answers: the code, an error, the page of the next step, or 303 to "/".
 * The device cookie is a new one from here on. ERR_DB, ERR_VAULT. */
MUST_CHECK struct result signin_end(struct context *ctx, struct flow *flow,
	const struct signin_factor *factor, const struct grant_code *foreseen);

#endif
