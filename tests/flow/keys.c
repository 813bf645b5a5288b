/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's public keys: what the vault is told, how long they are published, and a vault that
 * hangs. */
#define _GNU_SOURCE /* accept4 */
#include "tests/unit/unit.h"
#include "idp/base/clock.h"
#include "idp/base/jose.h"
#include "idp/base/str.h"
#include "idp/io/vault_frame.h"
#include "vault_table.h"
#include "idp/web/keys.h"
#include "idp/web/web.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_US 2000000 /* far below the time-out of a call */

struct rig {
	char dir[64];
	struct sockaddr_un at;
	int fd; /* listens */
	struct web_keys *keys;
};

static int setup(void **state)
{
	struct rig *rig = calloc(1, sizeof *rig);
	strcpy(rig->dir, "/tmp/pratu-keys-XXXXXX");
	assert_non_null(mkdtemp(rig->dir));
	rig->at.sun_family = AF_UNIX;
	snprintf(rig->at.sun_path, sizeof rig->at.sun_path, "%s/web.sock", rig->dir);
	rig->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(rig->fd, (struct sockaddr *)&rig->at, sizeof rig->at), 0);
	assert_int_equal(listen(rig->fd, 16), 0);
	rig->keys = web_keys_new(120);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;
	web_keys_free(rig->keys);
	close(rig->fd);
	unlink(rig->at.sun_path);
	rmdir(rig->dir);
	free(rig);
	return 0;
}

static struct result refresh(struct rig *rig)
{
	struct web web = {.keys = rig->keys};
	struct context ctx = {
		.role = &web, .arena = arena_new(), .vault = vault_call_new(rig->dir, "web.sock")};
	struct result result = web_keys_refresh(&ctx, true);
	vault_call_free(ctx.vault);
	arena_free(ctx.arena);
	return result;
}

static void *worker(void *rig)
{
	return refresh(rig).err == ERR_VAULT ? rig : NULL;
}

static void test_a_vault_that_hangs_holds_one_worker(void **state)
{
	struct rig *rig = *state;
	struct pollfd called = {.fd = rig->fd, .events = POLLIN};
	pthread_t thread;
	void *held = NULL;
	assert_int_equal(pthread_create(&thread, NULL, worker, rig), 0);
	assert_int_equal(poll(&called, 1, 5000), 1);
	int call = accept4(rig->fd, NULL, NULL, SOCK_CLOEXEC);
	int64_t began_us = clock_monotonic_us();
	for (int i = 0; i < 3; i++)
		assert_int_equal(refresh(rig).err, ERR_VAULT);
	assert_true(clock_monotonic_us() - began_us < WAIT_US);
	close(call); /* the first one's call has failed */
	pthread_join(thread, &held);
	assert_ptr_equal(held, rig);
	assert_int_equal(refresh(rig).err, ERR_VAULT);
	assert_int_equal(accept4(rig->fd, NULL, NULL, SOCK_CLOEXEC), -1);
	assert_int_equal(errno, EAGAIN); /* nobody asked again at once */
}

/* A vault that answers each jwks request of one connection with the next of these documents, and
 * the last one from then on. */
struct answers {
	int fd; /* that listens */
	const char *documents[2];
	size_t asked;
	size_t kids[8]; /* how many each request told of */
	char first_kid[8][64];
	char process_id[8][40];
};

static void note(struct answers *answers, const struct vault_jwks_in *in)
{
	const size_t at = answers->asked++;
	assert_true(at < COUNT(answers->kids));
	answers->kids[at] = in->kids.n;
	snprintf(answers->first_kid[at], sizeof answers->first_kid[at], "%s",
		in->kids.n ? in->kids.items[0] : "");
	snprintf(answers->process_id[at], sizeof answers->process_id[at], "%s", in->process_id);
}

static void *answer_all(void *arg)
{
	struct answers *answers = arg;
	const struct vault_op *op = &vault_table[VAULT_OP_JWKS];
	struct vault_frame request = {0}, reply = {0};
	struct pollfd called = {.fd = answers->fd, .events = POLLIN};
	assert_int_equal(poll(&called, 1, 5000), 1);
	const int fd = accept4(answers->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	called.fd = fd;
	while (poll(&called, 1, 5000) == 1 && vault_frame_receive(fd, &request).err == ERR_NONE) {
		struct arena *arena = arena_new();
		struct vault_jwks_in in;
		assert_ok(vault_codec_get_request(op, &request, arena, &in));
		const struct vault_jwks_out out = {
			VAULT_OK, answers->documents[answers->asked == 0 ? 0 : 1]};
		note(answers, &in);
		assert_ok(vault_codec_put_reply(op, &out, &reply));
		assert_ok(vault_frame_send(fd, &reply));
		arena_free(arena);
	}
	vault_frame_free(&request);
	vault_frame_free(&reply);
	close(fd);
	return NULL;
}

/* A JWKS of one new key, in the arena. */
static const char *document(struct arena *arena, const char **kid)
{
	struct jose_key *key = NULL;
	assert_ok(jose_key_generate(JOSE_ES256, &key));
	*kid = arena_strdup(arena, jose_key_kid(key));
	AUTO_JSON json_t *value = json_pack("{s:[o]}", "keys", jose_key_public(key, JOSE_ES256));
	jose_key_free(key);
	return json_text(arena, value);
}

static const char *shown(struct rig *rig, struct arena *arena)
{
	struct web web = {.keys = rig->keys};
	struct context ctx = {.role = &web, .arena = arena};
	const char *text = NULL;
	return web_keys_document(&ctx, &text).err == ERR_NONE ? text : NULL;
}

/* It is told of what was published before the answer, and asked again until the answer is that. */
static void test_what_is_published_is_acknowledged_at_once(void **state)
{
	struct rig *rig = *state;
	struct arena *arena = arena_new();
	const char *kids[2];
	struct answers answers = {.fd = rig->fd};
	pthread_t thread;
	for (size_t i = 0; i < 2; i++)
		answers.documents[i] = document(arena, &kids[i]);
	assert_null(shown(rig, arena));
	assert_int_equal(pthread_create(&thread, NULL, answer_all, &answers), 0);
	assert_ok(refresh(rig));
	pthread_join(thread, NULL);
	assert_int_equal(answers.asked, 3);
	assert_int_equal(answers.kids[0], 0);
	assert_string_equal(answers.first_kid[1], kids[0]);
	assert_string_equal(answers.first_kid[2], kids[1]);
	assert_string_equal(shown(rig, arena), answers.documents[1]);
	assert_true(str_is_uuid(answers.process_id[0]));
	assert_string_equal(answers.process_id[0], answers.process_id[2]);
	arena_free(arena);
}

/* With no time to publish it, the same answer is held to verify with, and not shown. */
static void test_what_the_vault_may_have_forgotten_is_not_published(void **state)
{
	struct rig *rig = *state;
	struct arena *arena = arena_new();
	const char *kid;
	struct answers answers = {.fd = rig->fd};
	pthread_t thread;
	answers.documents[0] = answers.documents[1] = document(arena, &kid);
	web_keys_free(rig->keys);
	rig->keys = web_keys_new(0);
	assert_int_equal(pthread_create(&thread, NULL, answer_all, &answers), 0);
	assert_ok(refresh(rig));
	pthread_join(thread, NULL);
	assert_int_equal(answers.asked, 2);
	assert_null(shown(rig, arena));
	arena_free(arena);
}

/* A JWS by key, over claims that nobody looks at here. typ NULL: none. */
static const char *signed_as(struct arena *arena, const struct jose_key *key, const char *typ)
{
	AUTO_JSON json_t *claims = json_pack("{s:s}", "sub", "x");
	const struct jose_sign in = {key, JOSE_ES256, typ, claims};
	const char *out = NULL;
	assert_ok(jose_sign(arena, &in, &out));
	return out;
}

static enum jose_verdict verified(struct rig *rig, const char *compact, const char *typ)
{
	struct web web = {.keys = rig->keys};
	struct context ctx = {.role = &web, .arena = arena_new()};
	AUTO_JSON json_t *claims = NULL;
	enum jose_verdict verdict = JOSE_GOOD;
	assert_ok(web_keys_verify(&ctx, compact, typ, &verdict, &claims));
	assert_true((verdict == JOSE_GOOD) == (claims != NULL));
	arena_free(ctx.arena);
	return verdict;
}

/* RFC 9068 s4: typ is at+jwt; RFC 8725 s3.11: and an access token is no ID token. */
static void test_a_token_counts_only_as_what_its_typ_says(void **state)
{
	static const struct {
		const char *typ;
		bool access_token, id_token;
	} rows[] = {{"at+jwt", true, false}, {"application/at+jwt", true, false},
		{"AT+JWT", true, false}, {"JWT", false, true}, {"jwt", false, true},
		{NULL, false, true}, {"", false, false}, {"at+jwtx", false, false},
		{"logout+jwt", false, false}};
	struct rig *rig = *state;
	struct arena *arena = arena_new();
	struct jose_key *key = NULL;
	struct answers answers = {.fd = rig->fd};
	pthread_t thread;
	assert_ok(jose_key_generate(JOSE_ES256, &key));
	AUTO_JSON json_t *value = json_pack("{s:[o]}", "keys", jose_key_public(key, JOSE_ES256));
	answers.documents[0] = answers.documents[1] = json_text(arena, value);
	assert_int_equal(pthread_create(&thread, NULL, answer_all, &answers), 0);
	assert_ok(refresh(rig));
	pthread_join(thread, NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *compact = signed_as(arena, key, rows[i].typ);
		assert_int_equal(verified(rig, compact, "at+jwt"),
			rows[i].access_token ? JOSE_GOOD : JOSE_MALFORMED);
		assert_int_equal(verified(rig, compact, NULL),
			rows[i].id_token ? JOSE_GOOD : JOSE_MALFORMED);
	}
	jose_key_free(key);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_vault_that_hangs_holds_one_worker, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_is_published_is_acknowledged_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_what_the_vault_may_have_forgotten_is_not_published, setup, teardown),
		cmocka_unit_test_setup_teardown(
			test_a_token_counts_only_as_what_its_typ_says, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
