/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/vault/factor_secret.h"
#include "idp/vault/login.h"
#include "idp/vault/ops.h"
#include "otp/challenge.h"
#include "otp/delivered.h"
#include "otp/strength.h"
#include "queries_vault.h"
#include <string.h>

/*
 * Credentials of one citizen in the form in which they are stored. The vault stores nothing here:
 * the command line does, in its own transaction, and reads none of it back. What is the same as
 * before says so, so that applying a document twice changes nothing.
 */

#define SAME_MAX (3 + FACTORS_MAX) /* members and factors that may be the same as stored */

struct person {
	const struct vault_prepare_citizen_in *in;
	struct vault_prepare_citizen_out *out;
	const char *citizen_id;
	struct typed_login national_id, alias; /* text NULL: not given */
	uint8_t national_id_index[SHA256_LEN], alias_index[SHA256_LEN];
	const char *password;
	struct password_peppered peppered;
	struct given_factor *factors; /* as many as in the request */
};

/* A factor that is given, read as its row defines. */
struct given_factor {
	const struct factor *factor;
	struct bytes value;
};

/* What is stored of the citizen. */
struct stored {
	struct q_vault_citizen_load_row citizen;
	struct q_vault_citizen_factors_rows factors;
};

/* What is wrong with a member, for the person who wrote the document. */
struct fault {
	const char *member, *reason;
};

static const struct fault too_weak = {"password",
	"it is too easy to guess: expected no common password, none of the citizen's own data, and "
	"for example three or four unrelated words"};

static const struct fault listed = {
	"password", "it is on the operator's list of passwords that nobody may choose"};

static struct fault read_identifiers(struct op_call *call, struct person *person)
{
	const struct fault bad_id = {"national_id",
		"expected 13 digits, the first 1 to 8, the last the check digit of the others"};
	const struct fault bad_alias = {
		"alias", "expected 3 to 64 characters without spaces, and not a national ID"};
	const char *national_id = person->in->national_id, *alias = person->in->alias;
	if (national_id) {
		person->national_id = typed_login(call->arena, national_id);
		if (strlen(national_id) > LOGIN_MAX ||
			person->national_id.kind != TYPED_NATIONAL_ID)
			return bad_id;
		login_index(call->arena, call->vault->secrets, person->national_id,
			person->national_id_index);
	}
	if (alias) {
		person->alias = typed_login(call->arena, alias);
		if (strlen(alias) > LOGIN_MAX || person->alias.kind != TYPED_ALIAS)
			return bad_alias;
		login_index(call->arena, call->vault->secrets, person->alias, person->alias_index);
	}
	return (struct fault){NULL, NULL};
}

static struct fault read_password(struct op_call *call, struct person *person)
{
	person->password = person->in->password;
	if (person->password && password_pepper(call->arena, call->vault->secrets, person->password,
					&person->peppered) != PASSWORD_SHAPE_GOOD)
		return (struct fault){"password", "expected 8 to 256 bytes of UTF-8 text"};
	return (struct fault){NULL, NULL};
}

/* No code would ever be sent to a number of another country. */
static bool reachable(struct op_call *call, const struct given_factor *given)
{
	if (!(given->factor->channels & FACTOR_SMS))
		return true;
	const struct delivered_target target = delivered_target(call->arena, given->value);
	return challenge_prefix_allowed(target.number, call->vault->settings->sms_prefixes);
}

static struct fault read_factors(struct op_call *call, struct person *person)
{
	const size_t n = person->in->factors.n;
	person->factors = ARENA_ARRAY(call->arena, struct given_factor, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct vault_prepare_citizen_factors_item *const item =
			&person->in->factors.items[i];
		struct given_factor *const given = &person->factors[i];
		given->factor = factor_find(call->vault->factors, item->kind);
		if (!given->factor)
			return (struct fault){item->kind, "no such kind of second factor"};
		if (!given->factor->read(call->arena, item->value, &given->value))
			return (struct fault){given->factor->member, given->factor->expected};
		if (!reachable(call, given))
			return (struct fault){given->factor->member,
				"expected a number that begins with one of sms_prefixes"};
	}
	return (struct fault){NULL, NULL};
}

static struct result refuse(const struct person *person, struct fault fault)
{
	person->out->member = fault.member;
	person->out->reason = fault.reason;
	person->out->outcome = VAULT_REFUSED;
	return OK;
}

static struct result load(struct op_call *call, const struct person *person, struct stored *out)
{
	AUTO_LEASE struct pool_lease lease = {0};
	const struct bytes none = {NULL, 0};
	const struct q_vault_citizen_load_in in = {
		.citizen_id = person->citizen_id,
		.national_id_index = person->national_id.text
					     ? (struct bytes){person->national_id_index, SHA256_LEN}
					     : none,
		.alias_index =
			person->alias.text ? (struct bytes){person->alias_index, SHA256_LEN} : none,
	};
	const struct q_vault_citizen_factors_in factors = {person->citizen_id};
	TRY(pool_take(call->vault->pool, &lease));
	TRY(q_vault_citizen_load(lease.db, call->arena, &in, &out->citizen));
	return q_vault_citizen_factors(lease.db, call->arena, &factors, &out->factors);
}

static bool taken(const char *owner, const struct person *person)
{
	return owner && !str_eq(owner, person->citizen_id);
}

/* It is large enough for each member's name. */
static void put_same(const struct person *person, const char *member)
{
	struct str_list *const same = &person->out->same;
	same->items[same->n++] = member;
}

static bool same_bytes(struct bytes found, struct bytes expected)
{
	return found.data && found.len == expected.len &&
	       crypto_equal(found.data, expected.data, expected.len);
}

/* A reply may point into the arena, not to what is wiped before it is encoded. */
static struct bytes kept(struct op_call *call, const uint8_t index[static SHA256_LEN])
{
	return (struct bytes){arena_memdup(call->arena, index, SHA256_LEN), SHA256_LEN};
}

/* Those that are not stored as they are. */
static void put_identifiers(
	struct op_call *call, const struct stored *stored, const struct person *person)
{
	const struct bytes national_id = kept(call, person->national_id_index);
	const struct bytes alias = kept(call, person->alias_index);
	struct vault_prepare_citizen_identifiers_item *const list =
		ARENA_ARRAY(call->arena, struct vault_prepare_citizen_identifiers_item, 2);
	size_t n = 0;
	if (person->national_id.text && !same_bytes(stored->citizen.national_id_index, national_id))
		list[n++] =
			(struct vault_prepare_citizen_identifiers_item){"national_id", national_id};
	if (person->alias.text && !same_bytes(stored->citizen.alias_index, alias))
		list[n++] = (struct vault_prepare_citizen_identifiers_item){"alias", alias};
	person->out->identifiers.items = list;
	person->out->identifiers.n = n;
	if (n == 0 && (person->national_id.text || person->alias.text))
		put_same(person, "identifiers");
}

/* The same if what is stored opens to it. */
static struct result put_national_id(
	struct op_call *call, const struct stored *stored, const struct person *person)
{
	const struct seal seal = ops_seal(call);
	const struct seal_name name = {"national_id", person->citizen_id};
	const char *const text = person->national_id.text;
	struct bytes opened = {NULL, 0};
	if (!text)
		return OK;
	const struct bytes plain = {(const uint8_t *)text, strlen(text)};
	if (stored->citizen.national_id.data &&
		seal_open(&seal, name, stored->citizen.national_id, &opened).err == ERR_NONE &&
		same_bytes(opened, plain)) {
		put_same(person, "national_id_sealed");
		return OK;
	}
	return seal_close(&seal, name, plain, &person->out->national_id_sealed);
}

static bool factor_is_same(struct op_call *call, const struct stored *stored,
	const struct person *person, const struct given_factor *given)
{
	const struct seal seal = ops_seal(call);
	const struct factor_owner owner = {given->factor, person->citizen_id};
	for (size_t i = 0; i < stored->factors.n; i++)
		if (str_eq(stored->factors.items[i].kind, given->factor->kind))
			return factor_secret_same(
				&seal, owner, given->value, stored->factors.items[i].secret);
	return false;
}

static struct result put_factors(
	struct op_call *call, const struct stored *stored, const struct person *person)
{
	const struct seal seal = ops_seal(call);
	const size_t n = person->in->factors.n;
	struct vault_prepare_citizen_stored_item *const list =
		ARENA_ARRAY(call->arena, struct vault_prepare_citizen_stored_item, n + 1);
	person->out->stored.items = list;
	for (size_t i = 0; i < n; i++) {
		const struct given_factor *const given = &person->factors[i];
		const struct factor_owner owner = {given->factor, person->citizen_id};
		struct vault_prepare_citizen_stored_item *const item = &list[person->out->stored.n];
		if (factor_is_same(call, stored, person, given)) {
			put_same(person, given->factor->kind);
			continue;
		}
		item->kind = given->factor->kind;
		TRY(factor_secret_put(&seal, owner, given->value, &item->secret));
		person->out->stored.n++;
	}
	return OK;
}

struct computation {
	const struct password_peppered *peppered;
	const struct password_cost *cost;
	const char *before; /* the stored hash, or NULL */
	bool weak; /* only what is stored already may be so */
	bool same;
	char made[PASSWORD_HASH_SIZE];
	struct result result;
};

static struct result compute(struct computation *c)
{
	if (c->before && !password_outdated(c->before, c->cost))
		TRY(password_verify(c->peppered, c->before, &c->same));
	return c->same || c->weak ? OK : password_hash(c->peppered, c->cost, c->made);
}

static int64_t work(void *arg)
{
	struct computation *const c = arg;
	c->result = compute(c);
	return 1;
}

/* NULL: it may be chosen. */
static const struct fault *fault_of_choice(struct op_call *call, const struct person *person)
{
	const struct vault_prepare_citizen_in *const in = person->in;
	struct str_list words = {ARENA_ARRAY(call->arena, const char *, in->words.n + 2), 0};
	if (person->national_id.text)
		words.items[words.n++] = person->national_id.text;
	if (person->alias.text)
		words.items[words.n++] = person->alias.text;
	for (size_t i = 0; i < in->words.n; i++)
		words.items[words.n++] = in->words.items[i];
	if (blocklist_has(call->vault->blocklist, person->password))
		return &listed;
	return strength_enough(call->arena, person->password, &words) ? NULL : &too_weak;
}

static struct result put_password(
	struct op_call *call, const struct stored *stored, const struct person *person)
{
	struct computation c = {.peppered = &person->peppered,
		.cost = &call->vault->cost,
		.before = stored->citizen.hash};
	if (!person->password)
		return OK;
	const struct fault *const fault = fault_of_choice(call, person);
	c.weak = fault != NULL;
	if (fault && !c.before)
		return refuse(person, *fault);
	const struct hasher_job job = {hasher_name(person->peppered.bytes), work, &c};
	if (!hasher_enter(call->vault->hasher, job.name))
		FAIL(ERR_BUSY);
	hasher_run(call->vault->hasher, &job);
	hasher_leave(call->vault->hasher, job.name);
	TRY(c.result);
	if (c.same)
		put_same(person, "password_hash");
	else if (fault)
		return refuse(person, *fault);
	else
		person->out->password_hash = arena_strdup(call->arena, c.made);
	return OK;
}

static struct result put_all(
	struct op_call *call, const struct stored *stored, const struct person *person)
{
	put_identifiers(call, stored, person);
	TRY(put_national_id(call, stored, person));
	TRY(put_factors(call, stored, person));
	person->out->outcome = VAULT_OK;
	return put_password(call, stored, person);
}

static struct result prepare(struct op_call *call, struct person *person)
{
	struct stored stored;
	struct fault fault = read_identifiers(call, person);
	if (!fault.member)
		fault = read_password(call, person);
	if (!fault.member)
		fault = read_factors(call, person);
	if (fault.member)
		return refuse(person, fault);
	TRY(load(call, person, &stored));
	if (taken(stored.citizen.national_id_owner, person))
		return refuse(person, (struct fault){"national_id", "it is another citizen's"});
	if (taken(stored.citizen.alias_owner, person))
		return refuse(person, (struct fault){"alias", "it is another citizen's"});
	return put_all(call, &stored, person);
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
