/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/pool.h"
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct pool {
	pthread_mutex_t mutex;
	pthread_cond_t given;
	size_t n, n_free;
	int64_t refused;
	struct db **free; /* a stack: the one used last is taken first */
};

struct pool *pool_new(const char *conninfo, const char *application, size_t n)
{
	pthread_condattr_t attr;
	struct pool *pool = calloc(1, sizeof *pool);
	if (!pool)
		abort();
	pool->free = calloc(n, sizeof(struct db *));
	if (!pool->free)
		abort();
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pool->given, &attr);
	pthread_condattr_destroy(&attr);
	pool->n = n;
	for (; pool->n_free < n; pool->n_free++)
		pool->free[pool->n_free] = db_new_admitted(conninfo, application);
	return pool;
}

void pool_free(struct pool *pool)
{
	if (!pool)
		return;
	while (pool->n_free > 0)
		db_free(pool->free[--pool->n_free]);
	pthread_cond_destroy(&pool->given);
	pthread_mutex_destroy(&pool->mutex);
	free(pool->free);
	free(pool);
}

void pool_observe(struct pool *pool, struct meter *meter)
{
	for (size_t i = 0; i < pool->n; i++)
		db_observe(pool->free[i], meter);
}

struct pool_figures pool_figures(struct pool *pool)
{
	pthread_mutex_lock(&pool->mutex);
	const struct pool_figures figures = {
		(int64_t)pool->n, (int64_t)pool->n_free, pool->refused};
	pthread_mutex_unlock(&pool->mutex);
	return figures;
}

struct result pool_take(struct pool *pool, struct pool_lease *out)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += POOL_WAIT_S;
	pthread_mutex_lock(&pool->mutex);
	int rc = 0;
	while (pool->n_free == 0 && rc == 0)
		rc = pthread_cond_timedwait(&pool->given, &pool->mutex, &until);
	struct db *db = pool->n_free > 0 ? pool->free[--pool->n_free] : NULL;
	pool->refused += !db;
	pthread_mutex_unlock(&pool->mutex);
	if (!db)
		FAIL(ERR_BUSY);
	*out = (struct pool_lease){pool, db};
	return OK;
}

void pool_give(struct pool_lease *lease)
{
	struct pool *pool = lease->pool;
	if (!lease->db)
		return;
	db_rollback(lease->db);
	pthread_mutex_lock(&pool->mutex);
	pool->free[pool->n_free++] = lease->db;
	pthread_cond_signal(&pool->given);
	pthread_mutex_unlock(&pool->mutex);
	*lease = (struct pool_lease){NULL, NULL};
}
