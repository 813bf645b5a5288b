/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/web/clients.h"
#include "idp/base/log.h"
#include "idp/web/web.h"
#include "queries_web.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 1024
#define AGE_US (CLIENTS_AGE_S * INT64_C(1000000))

/* Never changed once it is made; released by its last holder. */
struct clients_entry {
	struct clients_entry *next;
	atomic_int holders;
	struct arena *arena; /* all of it */
	const char *client_id;
	struct registered registered;
	int64_t loaded_us; /* monotonic */
};

struct clients {
	pthread_mutex_t mutex;
	uint64_t changes; /* grows whenever one is forgotten */
	struct clients_entry *slots[SLOTS];
};

struct clients *clients_new(void)
{
	struct clients *clients = calloc(1, sizeof *clients);
	if (!clients)
		abort();
	pthread_mutex_init(&clients->mutex, NULL);
	return clients;
}

static void release(struct clients_entry *entry)
{
	if (atomic_fetch_sub(&entry->holders, 1) > 1)
		return;
	client_free(entry->registered.client);
	arena_free(entry->arena);
	free(entry);
}

void clients_free(struct clients *clients)
{
	if (!clients)
		return;
	clients_forget(clients, NULL);
	pthread_mutex_destroy(&clients->mutex);
	free(clients);
}

static size_t slot_of(const char *client_id)
{
	size_t hash = 5381;
	for (const char *c = client_id; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	return hash % SLOTS;
}

/* With the mutex held: every entry of the slot that is client_id's, or all if that is NULL. */
static void drop_from(struct clients *clients, size_t slot, const char *client_id)
{
	struct clients_entry **at = &clients->slots[slot];
	while (*at) {
		struct clients_entry *entry = *at;
		if (client_id && !str_eq(entry->client_id, client_id)) {
			at = &entry->next;
			continue;
		}
		*at = entry->next;
		release(entry);
	}
}

void clients_forget(struct clients *clients, const char *client_id)
{
	if (!clients)
		return;
	pthread_mutex_lock(&clients->mutex);
	clients->changes++;
	if (client_id)
		drop_from(clients, slot_of(client_id), client_id);
	for (size_t i = 0; !client_id && i < SLOTS; i++)
		drop_from(clients, i, NULL);
	pthread_mutex_unlock(&clients->mutex);
}

/* One that is young enough, held once more; or NULL. *changes: for keep. */
static struct clients_entry *held_in(
	struct clients *clients, const char *client_id, uint64_t *changes)
{
	pthread_mutex_lock(&clients->mutex);
	struct clients_entry *entry = clients->slots[slot_of(client_id)];
	while (entry && !str_eq(entry->client_id, client_id))
		entry = entry->next;
	if (entry && clock_monotonic_us() - entry->loaded_us >= AGE_US)
		entry = NULL;
	if (entry)
		atomic_fetch_add(&entry->holders, 1);
	*changes = clients->changes;
	pthread_mutex_unlock(&clients->mutex);
	return entry;
}

/* Hold it for others, unless something changed while it was loaded. */
static void keep(struct clients *clients, struct clients_entry *entry, uint64_t changes)
{
	const size_t slot = slot_of(entry->client_id);
	pthread_mutex_lock(&clients->mutex);
	if (clients->changes == changes) {
		drop_from(clients, slot, entry->client_id);
		atomic_fetch_add(&entry->holders, 1);
		entry->next = clients->slots[slot];
		clients->slots[slot] = entry;
	}
	pthread_mutex_unlock(&clients->mutex);
}

static struct bytes kept(struct clients_entry *entry, struct bytes hash)
{
	if (!hash.data)
		return (struct bytes){NULL, 0};
	return (struct bytes){
		(const uint8_t *)arena_strndup(entry->arena, (const char *)hash.data, hash.len),
		hash.len};
}

static struct result parse(struct clients_entry *entry, const struct q_web_client_load_row *row)
{
	struct client_fault fault = {{0}, {0}};
	struct registered *registered = &entry->registered;
	AUTO_JSON json_t *metadata = NULL;
	TRY(json_parse(row->metadata, strlen(row->metadata), &metadata, NULL));
	const struct result parsed =
		client_parse(entry->arena, metadata, &registered->client, &fault);
	if (parsed.err != ERR_NONE)
		log_error("web.client_metadata", "client", entry->client_id, "path", fault.path,
			"fault", fault.text);
	registered->version = row->version;
	registered->secret_hash = kept(entry, row->secret_hash);
	registered->former_hash = kept(entry, row->former_secret_hash);
	registered->former_until_s = row->former_secret_until_s;
	return parsed;
}

static struct result make(
	const char *client_id, const struct q_web_client_load_row *row, struct clients_entry **out)
{
	struct clients_entry *entry = calloc(1, sizeof *entry);
	if (!entry)
		abort();
	atomic_init(&entry->holders, 1);
	entry->arena = arena_new();
	entry->client_id = arena_strdup(entry->arena, client_id);
	entry->loaded_us = clock_monotonic_us();
	const struct result parsed = parse(entry, row);
	if (parsed.err == ERR_NONE)
		*out = entry;
	else
		release(entry);
	return parsed;
}

/* *out NULL: there is none. */
static struct result load(struct context *ctx, const char *client_id, struct clients_entry **out)
{
	const struct q_web_client_load_in in = {.client_id = client_id};
	const struct q_web_client_load_row *row = NULL;
	*out = NULL;
	TRY(q_web_client_load(ctx->db, ctx->arena, &in, &row));
	if (!row)
		return OK;
	return make(client_id, row, out);
}

struct result clients_put(
	struct clients *clients, const char *client_id, const char *metadata, int64_t version)
{
	const struct q_web_client_load_row row = {.metadata = metadata, .version = version};
	struct clients_entry *entry = NULL;
	TRY(make(client_id, &row, &entry));
	keep(clients, entry, clients->changes);
	release(entry);
	return OK;
}

/* From memory or else the database; *out NULL: there is none. */
static struct result hold(struct context *ctx, const char *client_id, struct clients_entry **out)
{
	struct clients *clients = web_of(ctx)->clients;
	uint64_t changes = 0;
	*out = clients ? held_in(clients, client_id, &changes) : NULL;
	if (*out)
		return OK;
	TRY(load(ctx, client_id, out));
	if (*out && clients)
		keep(clients, *out, changes);
	return OK;
}

struct result clients_find(
	struct context *ctx, const char *client_id, const struct registered **out)
{
	struct clients_held *held = &web_of(ctx)->held;
	struct clients_entry *entry = NULL;
	*out = NULL;
	if (!client_id)
		return OK;
	if (held->n == CLIENTS_HELD_MAX)
		FAIL(ERR_BOUNDS);
	TRY(hold(ctx, client_id, &entry));
	if (!entry)
		return OK;
	held->items[held->n++] = entry;
	*out = &entry->registered;
	return OK;
}

void clients_release(struct clients_held *held)
{
	while (held->n > 0)
		release(held->items[--held->n]);
}
