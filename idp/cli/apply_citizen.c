/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include "idp/cli/apply.h"
#include "otp/factor.h"
#include "queries_admin.h"

#define NATIONAL_ID_EXPECTED \
	"expected 13 digits, the first 1 to 8, the last the check digit of the others"
#define ALIAS_EXPECTED "expected 3 to 64 characters without spaces, and not a national ID"

/* The members that are no claims, besides those of the second factors. */
static const char *const secrets[] = {"national_id", "alias", "password"};
#define SECRETS (sizeof secrets / sizeof secrets[0])
#define SECRET_MAX 1024 /* bytes, as in the vault's table */

static const char *member_path(
	const struct apply *apply, const struct apply_citizen *citizen, const char *member)
{
	return arena_printf(apply->cli->arena, "%s.%s", citizen->path, member);
}

static bool is_secret(const char *member)
{
	for (size_t i = 0; i < SECRETS; i++)
		if (str_eq(secrets[i], member))
			return true;
	return factor_of_member(&factor_table, member) != NULL;
}

static void read_member(
	struct apply *apply, struct apply_citizen *out, const char *key, json_t *value)
{
	const char *path = member_path(apply, out, key);
	if (is_secret(key)) {
		if (!json_is_string(value) && !json_is_null(value))
			apply_fault(apply, path, "expected a text, received %s", apply_kind(value));
		else if (json_string_length(value) > SECRET_MAX)
			apply_fault(apply, path, "expected at most %d bytes", SECRET_MAX);
		return;
	}
	if (!apply_claim_known(key)) {
		apply_fault(apply, path, "no such member of a citizen%s",
			str_eq(key, "sub") ? ": Pratu chooses each sub itself" : "");
		return;
	}
	if (!out->claims)
		out->claims = json_object();
	/* A claim without a value is one that is not there (OIDC Core s5.3.2). */
	if (json_is_null(value))
		return;
	apply_claim_check(apply, key, value, path);
	json_put_new(out->claims, key, json_incref(value));
}

/* A factor that counts in the sandbox only is refused elsewhere. */
static void check_factors(struct apply *apply, const struct apply_citizen *citizen)
{
	for (size_t i = 0; i < factor_table.n; i++) {
		const struct factor *const factor = factor_table.rows[i];
		if (factor->sandbox_only && json_str(citizen->source, factor->member) &&
			apply->cli->settings->mode != MODE_SANDBOX)
			apply_fault(apply, member_path(apply, citizen, factor->member),
				"expected none, because mode = sandbox is not set");
	}
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
	if (!json_str(source, "national_id"))
		apply_fault(apply, member_path(apply, out, "national_id"),
			"expected a text, received nothing: it identifies the citizen");
	check_factors(apply, out);
}

/* Find the citizen who has this name; *owner NULL: there is none, or the name is malformed, which
 * is added to the faults. */
static int find_owner(struct apply *apply, const struct apply_citizen *citizen, const char *kind,
	const char **owner)
{
	const struct vault_blind_index_in in = {kind, json_str(citizen->source, kind)};
	struct vault_blind_index_out out;
	struct cli *cli = apply->cli;
	const char *path = member_path(apply, citizen, kind);
	const struct result asked =
		vault_call_blind_index(cli_vault(cli), citizen->arena, &in, &out);
	const int status = cli_vault_status(cli, asked, out.outcome);
	*owner = NULL;
	if (status != CLI_OK)
		return status;
	if (out.outcome != VAULT_OK) {
		apply_fault(apply, path, "%s",
			str_eq(kind, "alias") ? ALIAS_EXPECTED : NATIONAL_ID_EXPECTED);
		return CLI_OK;
	}
	(void)apply_first(apply, kind,
		enc_b64url(cli->arena, out.blind_index.data, out.blind_index.len), path);
	*owner = out.citizen_id;
	return CLI_OK;
}

static int identify(struct apply *apply, struct apply_citizen *citizen)
{
	const char *owner = NULL;
	int status = find_owner(apply, citizen, "national_id", &citizen->citizen_id);
	if (status != CLI_OK)
		return status;
	citizen->is_new = !citizen->citizen_id;
	if (citizen->is_new)
		citizen->citizen_id = rng_uuid(&apply->cli->rng, apply->cli->arena);
	if (!json_str(citizen->source, "alias"))
		return CLI_OK;
	status = find_owner(apply, citizen, "alias", &owner);
	if (owner && !str_eq(owner, citizen->citizen_id))
		apply_fault(apply, member_path(apply, citizen, "alias"), "it is another citizen's");
	return status;
}

/* The second factors that the document gives. n: of the list, which lives in the citizen's arena.
 */
static const struct vault_prepare_citizen_factors_item *factors_of(
	const struct apply_citizen *citizen, size_t *n)
{
	struct vault_prepare_citizen_factors_item *const list = ARENA_ARRAY(
		citizen->arena, struct vault_prepare_citizen_factors_item, factor_table.n);
	*n = 0;
	for (size_t i = 0; i < factor_table.n; i++) {
		const struct factor *const factor = factor_table.rows[i];
		const char *const value = json_str(citizen->source, factor->member);
		if (value)
			list[(*n)++] =
				(struct vault_prepare_citizen_factors_item){factor->kind, value};
	}
	return list;
}

#define WORDS_MAX 32 /* as in the vault's table, as is their length */
#define WORD_MAX 256

/* What is known of the citizen, and so is no password: the claims that are texts. */
static struct str_list words_of(const struct apply_citizen *citizen)
{
	struct str_list list = {ARENA_ARRAY(citizen->arena, const char *, WORDS_MAX), 0};
	const char *key;
	json_t *value;
	json_object_foreach(citizen->claims, key, value)
	{
		const char *const text = json_string_value(value);
		if (text && list.n < WORDS_MAX)
			list.items[list.n++] = str_clip(citizen->arena, text, WORD_MAX);
	}
	return list;
}

static void warn(struct apply *apply, const struct apply_citizen *citizen, bool has_factor)
{
	if (!citizen->is_new)
		return;
	if (!json_str(citizen->source, "password"))
		apply_warning(apply, citizen->path, "no password: this citizen cannot sign in");
	else if (!has_factor)
		apply_warning(apply, citizen->path,
			"no second factor, such as totp_secret: this citizen cannot sign in");
}

int apply_citizen_prepare(struct apply *apply, struct apply_citizen *citizen)
{
	const json_t *source = citizen->source;
	struct vault_prepare_citizen_out *out = &citizen->prepared;
	struct cli *cli = apply->cli;
	const size_t faults = json_array_size(apply->faults);
	const bool is_first = (citizen - apply->citizens) % APPLY_BATCH == 0;
	citizen->arena = is_first ? arena_new() : citizen[-1].arena;
	int status = identify(apply, citizen);
	/* Passwords are not hashed for a document that is refused anyhow. */
	if (status != CLI_OK || json_array_size(apply->faults) > faults)
		return status;
	struct vault_prepare_citizen_in in = {
		.citizen_id = citizen->citizen_id,
		.national_id = json_str(source, "national_id"),
		.alias = json_str(source, "alias"),
		.password = json_str(source, "password"),
		.words = words_of(citizen),
	};
	in.factors.items = factors_of(citizen, &in.factors.n);
	const struct result asked =
		vault_call_prepare_citizen(cli_vault(cli), citizen->arena, &in, out);
	status = cli_vault_status(cli, asked, out->outcome);
	if (status != CLI_OK)
		return status;
	if (out->outcome != VAULT_OK)
		apply_fault(apply, member_path(apply, citizen, out->member), "%s", out->reason);
	warn(apply, citizen, in.factors.n > 0);
	return CLI_OK;
}

/* One thing that changes: its name goes into the audit log, its value to the database. */
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

static struct result put_identifiers(const struct change *change)
{
	const struct vault_prepare_citizen_out *prepared = &change->citizen->prepared;
	for (size_t i = 0; i < prepared->identifiers.n; i++) {
		const struct vault_prepare_citizen_identifiers_item *item =
			&prepared->identifiers.items[i];
		const struct q_admin_identifier_put_in in = {
			change->citizen->citizen_id, item->kind, item->blind_index};
		TRY(q_admin_identifier_put(db_of(change), change->arena, &in, NULL));
		if (!str_eq(item->kind, "national_id"))
			note(change, item->kind);
	}
	return OK;
}

static struct result put_national_id(const struct change *change)
{
	const struct q_admin_national_id_put_in in = {
		change->citizen->citizen_id, change->citizen->prepared.national_id_sealed};
	return q_admin_national_id_put(db_of(change), change->arena, &in, NULL);
}

static struct result put_password(const struct change *change)
{
	const struct q_admin_password_put_in in = {
		change->citizen->citizen_id, change->citizen->prepared.password_hash};
	return q_admin_password_put(db_of(change), change->arena, &in, NULL);
}

static struct result put_factors(const struct change *change)
{
	const struct vault_prepare_citizen_out *prepared = &change->citizen->prepared;
	for (size_t i = 0; i < prepared->stored.n; i++) {
		const struct vault_prepare_citizen_stored_item *item = &prepared->stored.items[i];
		const struct factor *const factor = factor_find(&factor_table, item->kind);
		const struct q_admin_factor_put_in in = {
			change->citizen->citizen_id, item->kind, item->secret};
		TRY(q_admin_factor_put(db_of(change), change->arena, &in, NULL));
		note(change, factor ? factor->member : item->kind);
	}
	return OK;
}

/* What is not prepared was not given, or is stored already. */
static struct result put_secrets(const struct change *change)
{
	const struct vault_prepare_citizen_out *prepared = &change->citizen->prepared;
	const struct {
		const char *member;
		bool given;
		struct result (*put)(const struct change *change);
	} rows[] = {
		{"national_id", prepared->national_id_sealed.data != NULL, put_national_id},
		{"password", prepared->password_hash != NULL, put_password},
	};
	TRY(put_identifiers(change));
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!rows[i].given)
			continue;
		TRY(rows[i].put(change));
		note(change, rows[i].member);
	}
	return put_factors(change);
}

/* Whoever knew the former credentials is signed in no longer. */
static struct result end_access(const struct change *change)
{
	const struct vault_prepare_citizen_out *prepared = &change->citizen->prepared;
	const struct q_admin_credentials_changed_in in = {
		change->citizen->citizen_id, cli_correlation(change->apply->cli)};
	struct q_admin_credentials_changed_row ended;
	if (!prepared->password_hash && prepared->stored.n == 0)
		return OK;
	return q_admin_credentials_changed(db_of(change), change->arena, &in, &ended);
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
	if (!created)
		TRY(end_access(change));
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
