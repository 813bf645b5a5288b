/* SPDX-License-Identifier: Apache-2.0 */
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

#define SAME_MAX 5 /* members that may be the same as stored */

struct person {
	const struct vault_prepare_citizen_in *in;
	struct vault_prepare_citizen_out *out;
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
	const char *national_id = person->in->national_id, *alias = person->in->alias;
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
	const char *totp_secret = person->in->totp_secret;
	person->password = person->in->password;
	person->sandbox_code = person->in->sandbox_code;
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

static struct result refuse(const struct person *person, struct fault fault)
{
	person->out->member = fault.member;
	person->out->reason = fault.reason;
	person->out->outcome = VAULT_REFUSED;
	return OK;
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

/* There is room for each member's name. */
static void put_same(const struct person *person, const char *member)
{
	struct str_list *const same = &person->out->same;
	same->items[same->n++] = member;
}

static bool stored(
	struct op_call *call, const struct rows *rows, const char *column, struct bytes expected)
{
	const struct bytes found = rows_bytes(call->arena, rows, 0, column);
	return found.data != NULL && found.len == expected.len &&
	       crypto_equal(found.data, expected.data, expected.len);
}

/* A reply may point into the arena, not to what is wiped before it is encoded. */
static struct bytes kept(struct op_call *call, const uint8_t index[static SHA256_LEN])
{
	return (struct bytes){arena_memdup(call->arena, index, SHA256_LEN), SHA256_LEN};
}

/* Those that are not stored as they are. */
static void put_identifiers(
	struct op_call *call, const struct rows *rows, const struct person *person)
{
	const struct bytes national_id = kept(call, person->national_id_index);
	const struct bytes alias = kept(call, person->alias_index);
	struct vault_prepare_citizen_identifiers_item *const list =
		ARENA_ARRAY(call->arena, struct vault_prepare_citizen_identifiers_item, 2);
	size_t n = 0;
	if (person->national_id.text != NULL &&
		!stored(call, rows, "national_id_index", national_id))
		list[n++] =
			(struct vault_prepare_citizen_identifiers_item){"national_id", national_id};
	if (person->alias.text != NULL && !stored(call, rows, "alias_index", alias))
		list[n++] = (struct vault_prepare_citizen_identifiers_item){"alias", alias};
	person->out->identifiers.items = list;
	person->out->identifiers.n = n;
	if (n == 0 && (person->national_id.text != NULL || person->alias.text != NULL))
		put_same(person, "identifiers");
}

struct sealing {
	const char *purpose, *member;
	struct bytes before; /* as stored, or no data */
};

/* A sealed value: the same if what is stored opens to it. */
static struct result put_sealed(struct op_call *call, const struct person *person,
	struct sealing sealing, struct bytes plain, struct bytes *out)
{
	const struct seal seal = ops_seal(call);
	const struct seal_name name = {sealing.purpose, person->citizen_id};
	const struct bytes before = sealing.before;
	struct bytes opened = {NULL, 0};
	if (before.data != NULL && seal_open(&seal, name, before, &opened).err == ERR_NONE &&
		opened.len == plain.len && crypto_equal(opened.data, plain.data, plain.len)) {
		put_same(person, sealing.member);
		return OK;
	}
	return seal_close(&seal, name, plain, out);
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
		put_same(person, "password_hash");
	else
		person->out->password_hash = arena_strdup(call->arena, c.made);
	return OK;
}

static void put_sandbox_code(
	struct op_call *call, const struct rows *rows, const struct person *person)
{
	uint8_t *const hash = arena_alloc(call->arena, SHA256_LEN);
	const struct bytes made = {hash, SHA256_LEN};
	sandbox_code_hash(
		call->arena, call->vault->secrets, person->citizen_id, person->sandbox_code, hash);
	if (stored(call, rows, "sandbox_code", made))
		put_same(person, "sandbox_code_hash");
	else
		person->out->sandbox_code_hash = made;
}

static struct result put_all(
	struct op_call *call, const struct rows *rows, const struct person *person)
{
	const char *national_id = person->national_id.text;
	put_identifiers(call, rows, person);
	if (national_id != NULL)
		TRY(put_sealed(call, person,
			(struct sealing){"national_id", "national_id_sealed",
				rows_bytes(call->arena, rows, 0, "national_id")},
			(struct bytes){(const uint8_t *)national_id, strlen(national_id)},
			&person->out->national_id_sealed));
	if (person->seed_len > 0)
		TRY(put_sealed(call, person,
			(struct sealing){
				"totp", "totp_sealed", rows_bytes(call->arena, rows, 0, "totp")},
			(struct bytes){person->seed, person->seed_len}, &person->out->totp_sealed));
	if (person->password != NULL)
		TRY(put_password(call, rows, person));
	if (person->sandbox_code != NULL)
		put_sandbox_code(call, rows, person);
	person->out->outcome = VAULT_OK;
	return OK;
}

static struct result prepare(struct op_call *call, struct person *person)
{
	AUTO_ROWS struct rows *rows = NULL;
	struct fault fault = read_identifiers(call, person);
	if (fault.member == NULL)
		fault = read_factors(call, person);
	if (fault.member != NULL)
		return refuse(person, fault);
	TRY(load(call, person, &rows));
	if (taken(rows, "national_id_owner", person))
		return refuse(person, (struct fault){"national_id", "it is another citizen's"});
	if (taken(rows, "alias_owner", person))
		return refuse(person, (struct fault){"alias", "it is another citizen's"});
	return put_all(call, rows, person);
}

struct result op_prepare_citizen(struct op_call *call, const struct vault_prepare_citizen_in *in,
	struct vault_prepare_citizen_out *out)
{
	struct person person = {.in = in, .out = out, .citizen_id = in->citizen_id};
	out->same.items = ARENA_ARRAY(call->arena, const char *, SAME_MAX);
	const struct result done = prepare(call, &person);
	explicit_bzero(&person, sizeof person);
	return done;
}
