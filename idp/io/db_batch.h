/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements that wait at the same moment, sent as one. A query whose file says "-- batch: N" is
 * written over a relation of jobs; connections that have joined a batch send it together with those
 * of other threads (combine.h), over one of the batch's own connections. To the caller it is the
 * same function with the same structs.
 *
 * - In a transaction, or without a batch, it is sent alone, over the caller's own connection.
 * - Jobs are sorted by their first parameter, so that two batches lock rows in the same order.
 * - If a statement for several jobs fails by an error of the server, nothing was changed, and each
 *   job is sent once more, alone, over its caller's connection: what is wrong with one denies none
 *   of the others.
 * - Nobody waits long for a row that somebody else's job wants: after lock_ms the statement fails,
 *   and so each job goes alone; only those that want that row wait on.
 * - If the outcome is unknown, every job of the statement fails, and nothing is sent again (I4).
 * - An answer is given out when the statement is committed, never earlier (I1).
 */
#ifndef PRATU_IO_DB_BATCH_H
#define PRATU_IO_DB_BATCH_H

#include "idp/io/combine.h"
#include "idp/io/db.h"

struct db_batch;

struct db_batch_setup {
	const char *conninfo, *application; /* as db_new's */
	int connections; /* statements under way at once; at least 1 */
	int lock_ms; /* a statement waits so long for a lock; 0: as any other */
	struct meter *meter; /* as db_observe's */
	struct meter *batches, *jobs; /* statements of the batch by query, and jobs in them; NULL:
					 not counted */
	bool admitted; /* as db_new_admitted */
};

extern const struct meter_kind db_batch_meter_kind, db_batch_jobs_meter_kind;

/* Does not connect yet. Never NULL; owned by the caller. */
struct db_batch *db_batch_new(const struct db_batch_setup *setup);
/* NULL-safe. After the connections that have joined are no longer used. */
void db_batch_free(struct db_batch *batch);
/* From here on queries in batches of this connection go through the batch. */
void db_batch_join(struct db *db, struct db_batch *batch);
/* Statements sent so far, and jobs in them. Any thread. */
struct combine_figures db_batch_figures(struct db_batch *batch);

#endif
