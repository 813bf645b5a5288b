/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Jobs for the vault that wait at the same moment, of its operations sign and bind, sent in one
 * frame of one operation (idp/io/combine.h). To the caller it is one job. What comes of it is
 * decided by the vault, job by job.
 */
#ifndef PRATU_WEB_SIGN_BATCH_H
#define PRATU_WEB_SIGN_BATCH_H

#include "idp/io/combine.h"
#include "idp/page/context.h"
#include "vault_table.h"

struct sign_batch;

/* frames: under way at once, at least 1. Never NULL; owned by the caller. */
struct sign_batch *sign_batch_new(int frames);
/* NULL-safe. Nobody is in sign_batch_run or sign_batch_bind any more. */
void sign_batch_free(struct sign_batch *batch);
/* Have one job signed, over the vault's connection of this worker or of another who asks at the
 * same moment; batch NULL: alone. *out points into ctx->arena; its outcome is the vault's. A job
 * that does not fit in a frame fails alone. ERR_VAULT: no answer, for each job of the frame, and
 * nothing is asked again. */
MUST_CHECK struct result sign_batch_run(struct sign_batch *batch, struct context *ctx,
	const struct vault_sign_jobs_item *in, struct vault_sign_results_item *out);
/* The same for one that binds a sign-in to a client. */
MUST_CHECK struct result sign_batch_bind(struct sign_batch *batch, struct context *ctx,
	const struct vault_bind_jobs_item *in, struct vault_bind_results_item *out);
/* Frames asked so far, and jobs in them. Any thread. */
struct combine_figures sign_batch_figures(struct sign_batch *batch);

#endif
