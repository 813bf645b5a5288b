/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the web role shows to Prometheus besides its requests, statements and calls: whether it is
 * ready, its keys, refusals, and how far ahead the database has partitions, which is looked up in
 * the background once a minute.
 */
#ifndef PRATU_WEB_FIGURES_H
#define PRATU_WEB_FIGURES_H

#include "idp/web/web.h"

struct figures;

/* Owned by the caller; never NULL. */
struct figures *figures_new(void);
/* NULL-safe. */
void figures_free(struct figures *figures);
/* Look the partitions up, and keep them in ctx->role's figures. ERR_DB. */
MUST_CHECK struct result figures_refresh(struct context *ctx);
/* Write the families. web: what all requests share. Any thread; asks nobody. */
void figures_write(const struct web *web, struct buf *out);

#endif
