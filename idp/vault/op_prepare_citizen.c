/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include "idp/vault/login.h"
#include "idp/vault/ops.h"
#include "idp/vault/sandbox_code.h"
#include "otp/seed.h"
#include "queries_vault.h"
#include <string.h>

/*
 * Credentials of one citizen in the form in which they are stored. The vault stores nothing here:
 * the command line does, in its own transaction, and reads none of it back. What is the same as
 * before says so, so that applying a document twice changes nothing.
 */

struct person {
	const char *citizen_id;
	struct typed_login national_id, alias; /* text NULL: not given */
	uint8_t national_id_index[SHA256_LEN], alias_index[SHA256_LEN];
	const char *password, *sandbox_code;
	struct password_peppered peppered;
	uint8_t seed[SEED_MAX];
	size_t seed_len; /* 0: not given */
};

/* What is wrong with a member, for the person who wrote the document. */
struct fault {
	const char *member, *reason;
};

static struct fault read_identifiers(struct op_call *call, struct person *person)
{
	const struct fault bad_id = {"national_id",
		"expected 13 digits, the first 1 to 8, the last the check digit of the others"};
	const struct fault bad_alias = {
		"alias", "expected 3 to 64 characters without spaces, and not a national ID"};
	const char *national_id = ops_text(call, "national_id"), *alias = ops_text(call, "alias");
	if (national_id != NULL) {
		person->national_id = typed_login(call->arena, national_id);
		if (strlen(national_id) > LOGIN_MAX ||
			person->national_id.kind != TYPED_NATIONAL_ID)
			return bad_id;
		login_index(call->arena, call->vault->secrets, person->national_id,
			person->national_id_index);
	}
	if (alias != NULL) {
		person->alias = typed_login(call->arena, alias);
		if (strlen(alias) > LOGIN_MAX || person->alias.kind != TYPED_ALIAS)
			return bad_alias;
		login_index(call->arena, call->vault->secrets, person->alias, person->alias_index);
	}
	return (struct fault){NULL, NULL};
}

static struct fault read_factors(struct op_call *call, struct person *person)
{
	const char *totp_secret = ops_text(call, "totp_secret");
	person->password = ops_text(call, "password");
	person->sandbox_code = ops_text(call, "sandbox_code");
	if (person->password != NULL &&
		password_pepper(call->arena, call->vault->secrets, person->password,
			&person->peppered) != PASSWORD_SHAPE_GOOD)
		return (struct fault){"password", "expected 8 to 256 bytes of UTF-8 text"};
	if (totp_secret != NULL && !seed_decode(totp_secret, person->seed, &person->seed_len))
		return (struct fault){"totp_secret", "expected 16 to 64 bytes in base32: A to Z "
						     "and 2 to 7 (RFC 4648 section 6)"};
	if (person->sandbox_code != NULL && !sandbox_code_valid(person->sandbox_code))
		return (struct fault){"sandbox_code", "expected 4 to 16 ASCII letters and digits"};
	return (struct fault){NULL, NULL};
}

static struct result refuse(struct op_call *call, struct fault fault)
{
	json_put(call->reply, "member", fault.member);
	json_put(call->reply, "reason", fault.reason);
	return ops_outcome(call, "refused");
}

static struct result load(struct op_call *call, const struct person *person, struct rows **out)
{
	AUTO_LEASE struct pool_lease lease = {0};
	struct db_args args = db_args(call->arena);
	db_text(&args, person->citizen_id);
	db_bytes(&args, person->national_id.text == NULL ? NULL : person->national_id_index,
		SHA256_LEN);
	db_bytes(&args, person->alias.text == NULL ? NULL : person->alias_index, SHA256_LEN);
	TRY(pool_take(call->vault->pool, &lease));
	return db_query(lease.db, &q_vault_citizen_load, &args, out);
}

static bool taken(const struct rows *rows, const char *column, const struct person *person)
{
	const char *owner = rows_text(rows, 0, column);
	return owner != NULL && !str_eq(owner, person->citizen_id);
}

static void put_same(struct op_call *call, const char *member)
{
	json_t *same = json_object();
	json_put_flag(same, "same", true);
	json_put_new(call->reply, member, same);
}

static void put_bytes(struct op_call *call, const char *member, struct bytes bytes)
{
	json_put(call->reply, member, enc_b64url(call->arena, bytes.data, bytes.len));
}

static bool stored(
	struct op_call *call, const struct rows *rows, const char *column, struct bytes expected)
{
	const struct bytes found = rows_bytes(call->arena, rows, 0, column);
	return found.data != NULL && found.len == expected.len &&
	       crypto_equal(found.data, expected.data, expected.len);
}

static void add_identifier(struct op_call *call, json_t *list, const char *kind, struct bytes index)
{
	json_t *item = json_object();
	json_put(item, "kind", kind);
	json_put(item, "blind_index", enc_b64url(call->arena, index.data, index.len));
	json_array_append_new(list, item);
}

/* Those that are not stored as they are. */
static void put_identifiers(
	struct op_call *call, const struct rows *rows, const struct person *person)
{
	const struct bytes national_id = {person->national_id_index, SHA256_LEN};
	const struct bytes alias = {person->alias_index, SHA256_LEN};
	json_t *list = json_array();
	if (person->national_id.text != NULL &&
		!stored(call, rows, "national_id_index", national_id))
		add_identifier(call, list, "national_id", national_id);
	if (person->alias.text != NULL && !stored(call, rows, "alias_index", alias))
		add_identifier(call, list, "alias", alias);
	if (json_array_size(list) > 0)
		json_put_new(call->reply, "identifiers", json_incref(list));
	else if (person->national_id.text != NULL || person->alias.text != NULL)
		put_same(call, "identifiers");
	json_decref(list);
}

/* A sealed value: the same if what is stored opens to it. */
static struct result put_sealed(struct op_call *call, struct bytes before, const char *purpose,
	const struct person *person, struct bytes plain)
{
	const struct seal seal = ops_seal(call);
	const struct seal_name name = {purpose, person->citizen_id};
	const char *member = arena_printf(call->arena, "%s_sealed", purpose);
	struct bytes opened = {NULL, 0}, sealed = {NULL, 0};
	if (before.data != NULL && seal_open(&seal, name, before, &opened).err == ERR_NONE &&
		opened.len == plain.len && crypto_equal(opened.data, plain.data, plain.len)) {
		put_same(call, member);
		return OK;
	}
	TRY(seal_close(&seal, name, plain, &sealed));
	put_bytes(call, member, sealed);
	return OK;
}

struct computation {
	const struct password_peppered *peppered;
	const struct password_cost *cost;
	const char *before; /* the stored hash, or NULL */
	bool same;
	char made[PASSWORD_HASH_SIZE];
	struct result result;
};

static struct result compute(struct computation *c)
{
	if (c->before != NULL && !password_outdated(c->before, c->cost))
		TRY(password_verify(c->peppered, c->before, &c->same));
	return c->same ? OK : password_hash(c->peppered, c->cost, c->made);
}

static void work(void *arg)
{
	struct computation *c = arg;
	c->result = compute(c);
}

static struct result put_password(
	struct op_call *call, const struct rows *rows, const struct person *person)
{
	struct computation c = {.peppered = &person->peppered,
		.cost = &call->vault->cost,
		.before = rows_text(rows, 0, "hash")};
	if (!hasher_enter(call->vault->hasher))
		FAIL(ERR_BUSY);
	hasher_run(call->vault->hasher, work, &c);
	hasher_leave(call->vault->hasher);
	TRY(c.result);
	if (c.same)
		put_same(call, "password_hash");
	else
		json_put(call->reply, "password_hash", c.made);
	return OK;
}

static void put_sandbox_code(
	struct op_call *call, const struct rows *rows, const struct person *person)
{
	uint8_t hash[SHA256_LEN];
	const struct bytes made = {hash, sizeof hash};
	sandbox_code_hash(
		call->arena, call->vault->secrets, person->citizen_id, person->sandbox_code, hash);
	if (stored(call, rows, "sandbox_code", made))
		put_same(call, "sandbox_code_hash");
	else
		put_bytes(call, "sandbox_code_hash", made);
}

static struct result put_all(
	struct op_call *call, const struct rows *rows, const struct person *person)
{
	const char *national_id = person->national_id.text;
	put_identifiers(call, rows, person);
	if (national_id != NULL)
		TRY(put_sealed(call, rows_bytes(call->arena, rows, 0, "national_id"), "national_id",
			person, (struct bytes){(const uint8_t *)national_id, strlen(national_id)}));
	if (person->seed_len > 0)
		TRY(put_sealed(call, rows_bytes(call->arena, rows, 0, "totp"), "totp", person,
			(struct bytes){person->seed, person->seed_len}));
	if (person->password != NULL)
		TRY(put_password(call, rows, person));
	if (person->sandbox_code != NULL)
		put_sandbox_code(call, rows, person);
	return ops_outcome(call, "ok");
}

static struct result prepare(struct op_call *call, struct person *person)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct fault fault = read_identifiers(call, person);
	if (fault.member == NULL)
		fault = read_factors(call, person);
	if (fault.member != NULL)
		return refuse(call, fault);
	TRY(load(call, person, &rows));
	if (taken(rows, "national_id_owner", person))
		return refuse(call, (struct fault){"national_id", "it is another citizen's"});
	if (taken(rows, "alias_owner", person))
		return refuse(call, (struct fault){"alias", "it is another citizen's"});
	return put_all(call, rows, person);
}

struct result op_prepare_citizen(struct op_call *call)
{
	struct person person = {.citizen_id = ops_text(call, "citizen_id")};
	const struct result done = prepare(call, &person);
	explicit_bzero(&person, sizeof person);
	return done;
}
