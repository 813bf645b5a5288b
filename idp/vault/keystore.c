/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/keystore.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/jwks_times.h"
#include "queries_vault.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void keystore_set_free(struct keyring_set *set)
{
	if (!set)
		return;
	for (size_t i = 0; i < set->n; i++)
		jose_key_free(set->items[i].key);
	free(set->items);
	free(set);
}

static struct result open_key(
	const struct seal *seal, const char *kid, struct bytes sealed, struct jose_key **out)
{
	struct bytes plain = {NULL, 0};
	AUTO_JSON json_t *jwk = NULL;
	TRY(seal_open(seal, (struct seal_name){KEYSTORE_PURPOSE, kid}, sealed, &plain));
	TRY(json_parse((const char *)plain.data, plain.len, &jwk, NULL));
	return jose_key_from_jwk(jwk, out);
}

static struct result read_row(
	const struct seal *seal, const struct q_vault_keys_load_row *row, struct keyring_key *out)
{
	if (!jose_alg_parse(row->alg, &out->alg))
		FAIL(ERR_FORMAT);
	out->active_from_s = row->active_from_s;
	out->signs_since_s = row->signs_since_s_null ? INT64_MAX : row->signs_since_s;
	out->retired_at_s = row->retired_at_s_null ? INT64_MAX : row->retired_at_s;
	if (open_key(seal, row->kid, row->sealed, &out->key).err != ERR_NONE) {
		log_error("vault.key", "kid", row->kid, "error",
			"it does not open: was it sealed with another key file?");
		FAIL(ERR_CRYPTO);
	}
	return OK;
}

static struct result read_rows(
	const struct seal *seal, const struct q_vault_keys_load_rows *rows, struct keyring_set *set)
{
	for (size_t i = 0; i < rows->n; i++) {
		TRY(read_row(seal, &rows->items[i], &set->items[set->n]));
		set->n++;
	}
	return OK;
}

/* What tells one state of the rows from another. */
static void fingerprint(
	struct arena *arena, const struct q_vault_keys_load_rows *rows, uint8_t out[SHA256_LEN])
{
	struct buf text = buf_new(arena);
	for (size_t i = 0; i < rows->n; i++) {
		const struct q_vault_keys_load_row *row = &rows->items[i];
		buf_printf(&text, "%s %s %" PRId64 " %" PRId64 " %" PRId64 "|", row->kid, row->alg,
			row->active_from_s, row->signs_since_s_null ? -1 : row->signs_since_s,
			row->retired_at_s_null ? -1 : row->retired_at_s);
	}
	crypto_sha256(text.text, text.len, out);
}

static struct result make_set(const struct seal *seal, const struct q_vault_keys_load_rows *rows,
	struct keyring_set **out)
{
	struct keyring_set *set = calloc(1, sizeof *set);
	if (!set)
		abort();
	set->items = calloc(rows->n + 1, sizeof *set->items);
	if (!set->items)
		abort();
	const struct result read = read_rows(seal, rows, set);
	if (read.err != ERR_NONE) {
		keystore_set_free(set);
		return read;
	}
	*out = set;
	return OK;
}

static struct result load(const struct seal *seal, const struct keyring_home *home,
	const struct keyring_set *present, struct keyring_set **out)
{
	AUTO_LEASE struct pool_lease lease = {0};
	struct q_vault_keys_load_rows rows;
	uint8_t seen[SHA256_LEN];
	TRY(pool_take(home->pool, &lease));
	TRY(q_vault_keys_load(lease.db, seal->arena, &rows));
	pool_give(&lease);
	fingerprint(seal->arena, &rows, seen);
	if (memcmp(seen, present->fingerprint, sizeof seen) == 0) {
		*out = NULL;
		return OK;
	}
	TRY(make_set(seal, &rows, out));
	memcpy((*out)->fingerprint, seen, sizeof seen);
	return OK;
}

struct result keystore_load(const struct keyring_home *home, const struct keyring_set *present,
	struct keyring_set **out)
{
	const struct seal seal = {arena_new(), home->secrets, &home->rng};
	const struct result loaded = load(&seal, home, present, out);
	arena_free(seal.arena);
	return loaded;
}

/* A key before it is stored. Making an RSA key takes a good part of a second, so no connection is
 * held meanwhile. */
struct made {
	const char *kid, *public_jwk;
	struct bytes sealed;
};

static struct result make(const struct seal *seal, enum jose_alg alg, struct made *out)
{
	struct jose_key *key = NULL;
	TRY(jose_key_generate(alg, &key));
	AUTO_JSON json_t *whole = jose_key_private(key);
	AUTO_JSON json_t *public = jose_key_public(key, alg);
	out->kid = arena_strdup(seal->arena, jose_key_kid(key));
	out->public_jwk = json_text(seal->arena, public);
	jose_key_free(key);
	const char *text = json_text(seal->arena, whole);
	const struct bytes plain = {(const uint8_t *)text, strlen(text)};
	return seal_close(
		seal, (struct seal_name){KEYSTORE_PURPOSE, out->kid}, plain, &out->sealed);
}

static struct result insert(struct arena *arena, struct db *db, const struct made *made,
	const struct keyring_rotation *rotation, bool only_first)
{
	const struct q_vault_key_insert_in in = {
		.kid = made->kid,
		.alg = jose_alg_name(rotation->alg),
		.public_jwk = made->public_jwk,
		.sealed = made->sealed,
		.wait_s = rotation->wait_s,
		.only_first = only_first,
	};
	return q_vault_key_insert(db, arena, &in, NULL);
}

static struct result withdraw(
	struct arena *arena, struct db *db, const struct keyring_rotation *rotation)
{
	const struct q_vault_keys_withdraw_in in = {
		.alg = jose_alg_name(rotation->alg), .wait_s = rotation->wait_s};
	return q_vault_keys_withdraw(db, arena, &in, NULL);
}

static struct result store(const struct seal *seal, const struct keyring_home *home,
	const struct keyring_rotation *rotation, bool only_first)
{
	AUTO_LEASE struct pool_lease lease = {0};
	struct q_vault_keys_lock_row lock;
	struct made made;
	TRY(make(seal, rotation->alg, &made));
	TRY(pool_take(home->pool, &lease));
	TRY(db_begin(lease.db));
	TRY(q_vault_keys_lock(lease.db, seal->arena, &lock));
	if (!only_first)
		TRY(withdraw(seal->arena, lease.db, rotation));
	TRY(insert(seal->arena, lease.db, &made, rotation, only_first));
	TRY(db_commit(lease.db));
	log_info("vault.key_made", "kid", made.kid, "alg", jose_alg_name(rotation->alg));
	return OK;
}

static struct result store_in_arena(
	const struct keyring_home *home, const struct keyring_rotation *rotation, bool only_first)
{
	const struct seal seal = {arena_new(), home->secrets, &home->rng};
	const struct result stored = store(&seal, home, rotation, only_first);
	arena_free(seal.arena);
	return stored;
}

struct result keystore_first(const struct keyring_home *home, enum jose_alg alg)
{
	const struct keyring_rotation rotation = {.alg = alg};
	return store_in_arena(home, &rotation, true);
}

struct result keystore_rotate(
	const struct keyring_home *home, const struct keyring_rotation *rotation)
{
	return store_in_arena(home, rotation, false);
}

static struct result begin(const struct keyring_home *home, struct arena *arena, bool *begun)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const struct q_vault_keys_begin_in in = {JWKS_LIVE_S, home->keep_s};
	struct q_vault_keys_begin_rows rows;
	TRY(pool_take(home->pool, &lease));
	TRY(q_vault_keys_begin(lease.db, arena, &in, &rows));
	for (size_t i = 0; i < rows.n; i++)
		log_info("vault.key_signs", "kid", rows.items[i].kid);
	*begun = rows.n > 0;
	return OK;
}

struct result keystore_begin(const struct keyring_home *home, bool *begun)
{
	struct arena *arena = arena_new();
	const struct result done = begin(home, arena, begun);
	arena_free(arena);
	return done;
}

struct result keystore_publish(const struct keyring_home *home, struct arena *arena,
	const struct keyring_publisher *publisher, struct str_list *kids)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const struct q_vault_keys_publish_in in = {
		.process_id = publisher->process_id, .kids = publisher->kids};
	struct q_vault_keys_publish_rows rows;
	TRY(pool_take(home->pool, &lease));
	TRY(q_vault_keys_publish(lease.db, arena, &in, &rows));
	kids->items = ARENA_ARRAY(arena, const char *, rows.n);
	kids->n = rows.n;
	for (size_t i = 0; i < rows.n; i++)
		kids->items[i] = rows.items[i].kid;
	return OK;
}

struct result keystore_leave(const struct keyring_home *home, const char *process_id)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const struct q_vault_publisher_delete_in in = {process_id};
	TRY(pool_take(home->pool, &lease));
	struct arena *arena = arena_new();
	const struct result done = q_vault_publisher_delete(lease.db, arena, &in, NULL);
	arena_free(arena);
	return done;
}

struct result keystore_wipe(const struct keyring_home *home)
{
	AUTO_LEASE struct pool_lease lease = {0};
	TRY(pool_take(home->pool, &lease));
	struct arena *arena = arena_new();
	const struct result done = q_vault_keys_wipe(lease.db, arena, NULL);
	arena_free(arena);
	return done;
}
