/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include "idp/cli/apply.h"
#include "queries_admin.h"

#define NATIONAL_ID_EXPECTED \
	"expected 13 digits, the first 1 to 8, the last the check digit of the others"
#define ALIAS_EXPECTED "expected 3 to 64 characters without spaces, and not a national ID"

struct change;
static struct result put_national_id(const struct change *change, const char *stored);
static struct result put_password(const struct change *change, const char *stored);
static struct result put_totp(const struct change *change, const char *stored);
static struct result put_sandbox_code(const struct change *change, const char *stored);

/* The members that are no claims, and what each is stored as: the vault's name for it, and what
 * stores it. The alias is stored with the national ID, among the identifiers. */
static const struct secret {
	const char *member, *prepared;
	struct result (*put)(const struct change *change, const char *stored);
} secrets[] = {
	{"national_id", "national_id_sealed", put_national_id},
	{"alias", NULL, NULL},
	{"password", "password_hash", put_password},
	{"totp_secret", "totp_sealed", put_totp},
	{"sandbox_code", "sandbox_code_hash", put_sandbox_code},
};
#define SECRETS (sizeof secrets / sizeof secrets[0])

static const char *member_path(
	const struct apply *apply, const struct apply_citizen *citizen, const char *member)
{
	return arena_printf(apply->cli->arena, "%s.%s", citizen->path, member);
}

static bool is_secret(const char *member)
{
	for (size_t i = 0; i < SECRETS; i++)
		if (str_eq(secrets[i].member, member))
			return true;
	return false;
}

static void read_member(
	struct apply *apply, struct apply_citizen *out, const char *key, json_t *value)
{
	const char *path = member_path(apply, out, key);
	if (is_secret(key)) {
		if (!json_is_string(value) && !json_is_null(value))
			apply_fault(apply, path, "expected a text, came %s", apply_kind(value));
		return;
	}
	if (!apply_claim_known(key)) {
		apply_fault(apply, path, "no such member of a citizen%s",
			str_eq(key, "sub") ? ": Pratu chooses each sub itself" : "");
		return;
	}
	if (out->claims == NULL)
		out->claims = json_object();
	/* A claim without a value is one that is not there (OIDC Core s5.3.2). */
	if (json_is_null(value))
		return;
	apply_claim_check(apply, key, value, path);
	json_put_new(out->claims, key, json_incref(value));
}

void apply_citizen_read(struct apply *apply, const json_t *source, const char *path)
{
	struct apply_citizen *out = &apply->citizens[apply->n_citizens++];
	const char *key;
	json_t *value;
	out->path = path;
	out->source = source;
	AUTO_JSON json_t *members = json_copy((json_t *)(uintptr_t)source);
	json_object_foreach(members, key, value)
	{
		read_member(apply, out, key, value);
	}
	if (json_str(source, "national_id") == NULL)
		apply_fault(apply, member_path(apply, out, "national_id"),
			"expected a text, came nothing: it says which citizen is meant");
	if (json_str(source, "sandbox_code") != NULL && apply->cli->settings->mode != MODE_SANDBOX)
		apply_fault(apply, member_path(apply, out, "sandbox_code"),
			"expected none, for the settings do not say mode = sandbox");
}

/* Whose it is; *owner NULL: nobody's, or the name is none of its kind, which has been noted. */
static int find_owner(struct apply *apply, const struct apply_citizen *citizen, const char *kind,
	const char **owner)
{
	AUTO_JSON json_t *request = json_pack("{s:s, s:s, s:s}", "op", "blind_index", "kind", kind,
		"value", json_str(citizen->source, kind));
	AUTO_JSON json_t *reply = NULL;
	const char *path = member_path(apply, citizen, kind);
	const int status = cli_vault(apply->cli, request, &reply);
	*owner = NULL;
	if (status != CLI_OK)
		return status;
	if (!str_eq(json_str(reply, "outcome"), "ok")) {
		apply_fault(apply, path, "%s",
			str_eq(kind, "alias") ? ALIAS_EXPECTED : NATIONAL_ID_EXPECTED);
		return CLI_OK;
	}
	(void)apply_first(apply, kind, json_str(reply, "blind_index"), path);
	*owner = arena_strdup(apply->cli->arena, json_str(reply, "citizen_id"));
	return CLI_OK;
}

static int identify(struct apply *apply, struct apply_citizen *citizen)
{
	const char *owner = NULL;
	int status = find_owner(apply, citizen, "national_id", &citizen->citizen_id);
	if (status != CLI_OK)
		return status;
	citizen->is_new = citizen->citizen_id == NULL;
	if (citizen->is_new)
		citizen->citizen_id = rng_uuid(&apply->cli->rng, apply->cli->arena);
	if (json_str(citizen->source, "alias") == NULL)
		return CLI_OK;
	status = find_owner(apply, citizen, "alias", &owner);
	if (owner != NULL && !str_eq(owner, citizen->citizen_id))
		apply_fault(apply, member_path(apply, citizen, "alias"), "it is another citizen's");
	return status;
}

static void warn(struct apply *apply, const struct apply_citizen *citizen)
{
	const json_t *source = citizen->source;
	if (!citizen->is_new)
		return;
	if (json_str(source, "password") == NULL)
		apply_warning(apply, citizen->path, "no password: this citizen cannot sign in");
	else if (json_str(source, "totp_secret") == NULL &&
		 json_str(source, "sandbox_code") == NULL)
		apply_warning(apply, citizen->path, "no totp_secret: this citizen cannot sign in");
}

int apply_citizen_prepare(struct apply *apply, struct apply_citizen *citizen)
{
	AUTO_JSON json_t *request = json_object();
	const size_t faults = json_array_size(apply->faults);
	int status = identify(apply, citizen);
	/* Passwords are not hashed for a document that is refused anyhow. */
	if (status != CLI_OK || json_array_size(apply->faults) > faults)
		return status;
	json_put(request, "op", "prepare_citizen");
	json_put(request, "citizen_id", citizen->citizen_id);
	for (size_t i = 0; i < SECRETS; i++)
		json_put(request, secrets[i].member, json_str(citizen->source, secrets[i].member));
	status = cli_vault(apply->cli, request, &citizen->prepared);
	if (status != CLI_OK)
		return status;
	if (!str_eq(json_str(citizen->prepared, "outcome"), "ok"))
		apply_fault(apply,
			member_path(apply, citizen, json_str(citizen->prepared, "member")), "%s",
			json_str(citizen->prepared, "reason"));
	warn(apply, citizen);
	return CLI_OK;
}

/* One thing that changes: its name goes into the record, its value to the database. */
struct change {
	struct apply *apply;
	const struct apply_citizen *citizen;
	struct arena *arena;
	json_t *members;
};

static void note(const struct change *change, const char *member)
{
	(void)json_array_append_new(change->members, json_string(member));
}

static struct db *db_of(const struct change *change)
{
	return cli_db(change->apply->cli);
}

/* Bytes as the vault sends them. ERR_VAULT. */
static struct result decode(const struct change *change, const char *text, struct bytes *out)
{
	uint8_t *data = NULL;
	if (enc_b64url_decode(change->arena, text, &data, &out->len).err)
		FAIL(ERR_VAULT);
	out->data = data;
	return OK;
}

static struct result put_national_id(const struct change *change, const char *stored)
{
	struct q_admin_national_id_put_in in = {change->citizen->citizen_id, {0}};
	TRY(decode(change, stored, &in.sealed));
	return q_admin_national_id_put(db_of(change), change->arena, &in, NULL);
}

static struct result put_password(const struct change *change, const char *stored)
{
	const struct q_admin_password_put_in in = {change->citizen->citizen_id, stored};
	return q_admin_password_put(db_of(change), change->arena, &in, NULL);
}

static struct result put_totp(const struct change *change, const char *stored)
{
	struct q_admin_totp_put_in in = {change->citizen->citizen_id, {0}};
	TRY(decode(change, stored, &in.sealed));
	return q_admin_totp_put(db_of(change), change->arena, &in, NULL);
}

static struct result put_sandbox_code(const struct change *change, const char *stored)
{
	struct q_admin_sandbox_code_put_in in = {change->citizen->citizen_id, {0}};
	TRY(decode(change, stored, &in.code_hash));
	return q_admin_sandbox_code_put(db_of(change), change->arena, &in, NULL);
}

static struct result put_identifier(
	const struct change *change, const char *kind, const char *blind_index)
{
	struct q_admin_identifier_put_in in = {change->citizen->citizen_id, kind, {0}};
	TRY(decode(change, blind_index, &in.blind_index));
	return q_admin_identifier_put(db_of(change), change->arena, &in, NULL);
}

static struct result put_identifiers(const struct change *change)
{
	const json_t *list = json_arr(change->citizen->prepared, "identifiers");
	size_t i;
	json_t *item;
	json_array_foreach(list, i, item)
	{
		const char *kind = json_str(item, "kind"), *index = json_str(item, "blind_index");
		if (kind == NULL || index == NULL)
			FAIL(ERR_VAULT);
		TRY(put_identifier(change, kind, index));
		if (!str_eq(kind, "national_id"))
			note(change, kind);
	}
	return OK;
}

static struct result put_secrets(const struct change *change)
{
	TRY(put_identifiers(change));
	for (size_t i = 0; i < SECRETS; i++) {
		const struct secret *secret = &secrets[i];
		/* Absent: not given, or the same as stored. */
		const char *stored =
			secret->put ? json_str(change->citizen->prepared, secret->prepared) : NULL;
		if (!stored)
			continue;
		TRY(secret->put(change, stored));
		note(change, secret->member);
	}
	return OK;
}

/* *created: it was not there. */
static struct result put_citizen(const struct change *change, bool *created)
{
	const struct q_admin_citizen_put_row *row = NULL;
	const json_t *claims = change->citizen->claims;
	const struct q_admin_citizen_put_in in = {
		change->citizen->citizen_id, claims ? json_text(change->arena, claims) : NULL};
	TRY(q_admin_citizen_put(db_of(change), change->arena, &in, &row));
	*created = row && row->created;
	if (row && claims)
		note(change, "claims");
	return OK;
}

static struct result store(const struct change *change)
{
	struct apply *apply = change->apply;
	bool created = false;
	TRY(put_citizen(change, &created));
	TRY(put_secrets(change));
	const struct apply_outcome outcome = {"citizen", change->citizen->citizen_id,
		change->citizen->path, created, json_array_size(change->members) > 0};
	apply_count(apply, &outcome);
	if (!outcome.created && !outcome.changed)
		return OK;
	json_t *detail = json_object();
	json_put(detail, "change", created ? "created" : "changed");
	json_put_new(detail, "members", json_incref(change->members));
	const struct cli_event event = {"apply", "ok", change->citizen->citizen_id, NULL, detail};
	return cli_record(apply->cli, &event);
}

struct result apply_citizen_store(struct apply *apply, const struct apply_citizen *citizen)
{
	const struct change change = {apply, citizen, arena_new(), json_array()};
	const struct result done = store(&change);
	json_decref(change.members);
	arena_free(change.arena);
	return done;
}
