/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/apply.h"
#include "oidc/client_auth.h"
#include "oidc/client_secret.h"
#include "queries_admin.h"
#include <string.h>

/* Members that a client inherits from its agency if it does not give them itself. */
static const struct {
	const char *client, *agency;
} inherited[] = {
	{"client_name", "name"},
	{"client_name#th", "name_th"},
	{"client_name#en", "name_en"},
	{"client_uri", "client_uri"},
	{"logo_uri", "logo_uri"},
	{"policy_uri", "policy_uri"},
	{"tos_uri", "tos_uri"},
	{"sector_identifier_uri", "sector_identifier_uri"},
};

static void inherit(json_t *metadata, const json_t *agency)
{
	/* A client with a name of its own does not get its agency's in other languages. */
	const bool named = json_object_get(metadata, "client_name") != NULL;
	for (size_t i = 0; i < sizeof inherited / sizeof inherited[0]; i++) {
		const char *key = inherited[i].client;
		if (named && str_starts(key, "client_name"))
			continue;
		if (!json_object_get(metadata, key))
			json_put(metadata, key, json_str(agency, inherited[i].agency));
	}
}

/* RFC 6749 appendix A.2: visible ASCII and space. */
static bool is_vschar(const char *text)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

static void check_secret(struct apply *apply, const char *secret, const char *path)
{
	const size_t len = strlen(secret), bits = client_secret_bits(secret);
	const bool placeholder = client_secret_placeholder(secret);
	struct arena *arena = apply->cli->arena;
	if (len == 0 || len > CLIENT_SECRET_MAX || !is_vschar(secret)) {
		apply_fault(apply, path, "expected 1 to %d visible ASCII characters",
			CLIENT_SECRET_MAX);
		return;
	}
	if (bits >= CLIENT_SECRET_BITS && !placeholder)
		return;
	const char *received =
		placeholder ? "the placeholder of a document"
			    : arena_printf(arena, "%zu characters, %zu bits at most", len, bits);
	const char *text = arena_printf(arena,
		"expected a random secret of %d bits, as `openssl rand -base64 32` makes, received "
		"%s",
		CLIENT_SECRET_BITS, received);
	if (apply->cli->settings->mode == MODE_SANDBOX)
		apply_warning(apply, path, "%s", text);
	else
		apply_fault(apply, path, "%s", text);
}

static void read_secret(struct apply *apply, struct apply_client *out, const json_t *source,
	enum client_auth_method method)
{
	const json_t *secret = json_object_get(source, "client_secret");
	const char *text = json_string_value(secret);
	const char *path = arena_printf(apply->cli->arena, "%s.client_secret", out->path);
	out->wants_secret = client_auth_row(method)->secret;
	if (!secret || json_is_null(secret))
		return;
	if (!text) {
		apply_fault(apply, path, "expected a text, received %s", apply_kind(secret));
		return;
	}
	if (!out->wants_secret) {
		apply_fault(apply, path,
			"expected none with token_endpoint_auth_method none or private_key_jwt");
		return;
	}
	check_secret(apply, text, path);
	out->secret_hash = crypto_sha256_text(apply->cli->arena, text);
}

static void read_disabled(struct apply *apply, struct apply_client *out, const json_t *source)
{
	const json_t *disabled = json_object_get(source, "disabled");
	if (disabled && !json_is_boolean(disabled))
		apply_fault(apply, arena_printf(apply->cli->arena, "%s.disabled", out->path),
			"expected true or false, received %s", apply_kind(disabled));
	out->disabled = json_is_true(disabled);
}

/* Parsing needs memory that is not used afterwards, so it has an arena of its own. */
static void parse(struct apply *apply, struct apply_client *out, const json_t *source)
{
	struct arena *arena = arena_new();
	const struct client *client = NULL;
	struct client_fault fault = {"", ""};
	if (client_parse(arena, out->metadata, &client, &fault).err == ERR_NONE) {
		out->client_id = arena_strdup(apply->cli->arena, client->client_id);
		out->sector = arena_strdup(apply->cli->arena, client->sector);
		read_secret(apply, out, source, client->auth_method);
		(void)apply_first(apply, "client_id", out->client_id,
			arena_printf(apply->cli->arena, "%s.client_id", out->path));
	} else {
		apply_fault(apply,
			arena_printf(apply->cli->arena, "%s%s%s", out->path,
				fault.path[0] == '\0' ? "" : ".", fault.path),
			"%s", fault.text);
	}
	client_free(client);
	arena_free(arena);
}

void apply_client_read(
	struct apply *apply, const json_t *source, const json_t *agency, const char *path)
{
	static const char *const ours[] = {"client_secret", "agency", "disabled"};
	struct apply_client *out = &apply->clients[apply->n_clients++];
	out->path = path;
	out->metadata = json_deep_copy(source);
	for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
		(void)json_object_del(out->metadata, ours[i]);
	inherit(out->metadata, agency);
	read_disabled(apply, out, source);
	parse(apply, out, source);
}

struct result apply_client_check(struct apply *apply, const struct apply_client *client)
{
	const struct q_admin_client_has_secret_in in = {client->client_id};
	struct q_admin_client_has_secret_row row;
	if (!client->wants_secret || client->secret_hash)
		return OK;
	TRY(q_admin_client_has_secret(cli_db(apply->cli), apply->cli->arena, &in, &row));
	if (!row.has_secret)
		apply_fault(apply,
			arena_printf(apply->cli->arena, "%s.client_secret", client->path),
			"expected a text, received nothing, and none is stored");
	return OK;
}

struct result apply_client_store(struct apply *apply, const struct apply_client *client)
{
	const struct q_admin_client_put_row *row = NULL;
	struct arena *arena = arena_new();
	const struct q_admin_client_put_in in = {.client_id = client->client_id,
		.metadata = json_text(arena, client->metadata),
		.secret_hash = {client->secret_hash, SHA256_LEN},
		.sector = client->sector,
		.disabled = client->disabled,
		.wants_secret = client->wants_secret};
	const struct result done = q_admin_client_put(cli_db(apply->cli), arena, &in, &row);
	const bool created = row && row->created, changed = row != NULL;
	arena_free(arena);
	TRY(done);
	const struct apply_outcome outcome = {
		"client", client->client_id, client->path, created, changed};
	apply_count(apply, &outcome);
	if (!outcome.changed)
		return OK;
	json_t *detail = json_object();
	json_put(detail, "change", outcome.created ? "created" : "changed");
	json_put_flag(detail, "secret", client->secret_hash != NULL);
	json_put_flag(detail, "disabled", client->disabled);
	const struct cli_event event = {"apply", "ok", NULL, client->client_id, detail};
	return cli_record(apply->cli, &event);
}
