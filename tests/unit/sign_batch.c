/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs for the vault that go together, to a vault of the test's own that is held up until all wait.
 */
#include "tests/unit/unit.h"
#include "tests/unit/vault_wire.h"
#include "idp/base/log.h"
#include "idp/web/sign_batch.h"
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#define CALLERS_MAX 20

/* It answers each job with its own ticket as the token, or the grant's ticket; "refused" is
 * refused, and at "hang up" the connection ends. */
struct vault {
	char dir[64], path[96];
	int listen_fd;
	pthread_t acceptor, servers[CALLERS_MAX];
	int fds[CALLERS_MAX], connections;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	bool open; /* otherwise each request waits */
	int frames;
	size_t jobs[CALLERS_MAX]; /* in each frame */
};

struct server {
	struct vault *vault;
	int fd;
};

struct caller {
	struct sign_batch *batch;
	struct context ctx;
	struct vault_sign_jobs_item in;
	struct vault_sign_results_item out;
	struct vault_bind_results_item bound; /* of a job that binds */
	struct result result;
	pthread_t thread;
};

static void wait_until_open(struct vault *vault, size_t jobs)
{
	pthread_mutex_lock(&vault->mutex);
	vault->jobs[vault->frames++] = jobs;
	pthread_cond_broadcast(&vault->changed);
	while (!vault->open)
		pthread_cond_wait(&vault->changed, &vault->mutex);
	pthread_mutex_unlock(&vault->mutex);
}

/* What comes of a job; NULL: the connection ends. */
static const char *made_of(const char *ticket, enum vault_outcome *outcome)
{
	*outcome = strcmp(ticket, "refused") == 0 ? VAULT_REFUSED : VAULT_OK;
	return strcmp(ticket, "hang up") == 0 ? NULL : ticket;
}

static bool sign(struct vault *vault, const struct vault_frame *request, struct arena *arena,
	struct vault_frame *reply)
{
	const struct vault_op *const op = &vault_table[VAULT_OP_SIGN];
	struct vault_sign_in in = {0};
	struct vault_sign_results_item results[CALLERS_MAX] = {0};
	if (vault_codec_get_request(op, request, arena, &in).err != ERR_NONE)
		return false;
	wait_until_open(vault, in.jobs.n);
	for (size_t i = 0; i < in.jobs.n; i++) {
		struct vault_sign_results_item *one = &results[i];
		const char *made = made_of(in.jobs.items[i].grant_ticket, &one->outcome);
		if (!made)
			return false;
		one->access_token = one->outcome == VAULT_OK ? made : NULL;
	}
	const struct vault_sign_out out = {.outcome = VAULT_OK, .results = {results, in.jobs.n}};
	return vault_codec_put_reply(op, &out, reply).err == ERR_NONE;
}

static bool bind_all(struct vault *vault, const struct vault_frame *request, struct arena *arena,
	struct vault_frame *reply)
{
	const struct vault_op *const op = &vault_table[VAULT_OP_BIND];
	struct vault_bind_in in = {0};
	struct vault_bind_results_item results[CALLERS_MAX] = {0};
	if (vault_codec_get_request(op, request, arena, &in).err != ERR_NONE)
		return false;
	wait_until_open(vault, in.jobs.n);
	for (size_t i = 0; i < in.jobs.n; i++) {
		struct vault_bind_results_item *one = &results[i];
		const char *made = made_of(in.jobs.items[i].ticket, &one->outcome);
		if (!made)
			return false;
		if (one->outcome == VAULT_OK)
			one->grant_ticket = one->sub = made;
	}
	const struct vault_bind_out out = {.outcome = VAULT_OK, .results = {results, in.jobs.n}};
	return vault_codec_put_reply(op, &out, reply).err == ERR_NONE;
}

static bool answer(struct vault *vault, int fd, struct vault_frame *request, struct arena *arena)
{
	struct vault_frame reply = {0};
	struct vault_codec_head head;
	if (vault_frame_receive(fd, request).err != ERR_NONE ||
		vault_codec_head(request, &head).err != ERR_NONE)
		return false;
	const bool made = head.number == VAULT_OP_BIND ? bind_all(vault, request, arena, &reply)
						       : sign(vault, request, arena, &reply);
	const bool sent = made && vault_frame_send(fd, &reply).err == ERR_NONE;
	vault_frame_free(&reply);
	return sent;
}

static void *serve(void *arg)
{
	struct server *server = arg;
	struct vault_frame frame = {0};
	struct arena *arena = arena_new();
	while (answer(server->vault, server->fd, &frame, arena))
		continue;
	vault_frame_free(&frame);
	arena_free(arena);
	shutdown(server->fd, SHUT_RDWR);
	free(server);
	return NULL;
}

static void *accept_all(void *arg)
{
	struct vault *vault = arg;
	for (int fd = accept(vault->listen_fd, NULL, NULL); fd >= 0;
		fd = accept(vault->listen_fd, NULL, NULL)) {
		struct server *server = malloc(sizeof *server);
		*server = (struct server){vault, fd};
		vault->fds[vault->connections] = fd;
		pthread_create(&vault->servers[vault->connections++], NULL, serve, server);
	}
	return NULL;
}

static void vault_start(struct vault *vault)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	*vault = (struct vault){
		.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
	strcpy(vault->dir, "/tmp/pratu-test-XXXXXX");
	assert_non_null(mkdtemp(vault->dir));
	(void)snprintf(vault->path, sizeof vault->path, "%s/web.sock", vault->dir);
	memcpy(at.sun_path, vault->path, strlen(vault->path));
	vault->listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(vault->listen_fd, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(vault->listen_fd, CALLERS_MAX), 0);
	assert_int_equal(pthread_create(&vault->acceptor, NULL, accept_all, vault), 0);
}

/* After the callers' connections are closed. */
static void vault_stop(struct vault *vault)
{
	shutdown(vault->listen_fd, SHUT_RDWR);
	pthread_join(vault->acceptor, NULL);
	for (int i = 0; i < vault->connections; i++) {
		pthread_join(vault->servers[i], NULL);
		close(vault->fds[i]);
	}
	close(vault->listen_fd);
	unlink(vault->path);
	rmdir(vault->dir);
}

static void *ask(void *arg)
{
	struct caller *caller = arg;
	caller->result = sign_batch_run(caller->batch, &caller->ctx, &caller->in, &caller->out);
	return NULL;
}

static void *ask_bound(void *arg)
{
	struct caller *caller = arg;
	const struct vault_bind_jobs_item in = {.ticket = caller->in.grant_ticket,
		.client_id = "c",
		.scope = "openid",
		.grant_id = "01a20040-0000-7000-8000-000000000000"};
	caller->result = sign_batch_bind(caller->batch, &caller->ctx, &in, &caller->bound);
	return NULL;
}

/* Each with a connection and an arena of its own. claims NULL: it binds. */
static void call(struct caller *caller, const struct vault *vault, struct sign_batch *batch,
	const char *ticket, const char *claims)
{
	*caller = (struct caller){.batch = batch,
		.ctx = {.arena = arena_new(), .vault = vault_call_new(vault->dir, "web.sock")},
		.in = {.grant_ticket = ticket, .access_token = claims}};
	assert_int_equal(
		pthread_create(&caller->thread, NULL, claims ? ask : ask_bound, caller), 0);
}

static void await_frames(struct vault *vault, int n)
{
	pthread_mutex_lock(&vault->mutex);
	while (vault->frames < n)
		pthread_cond_wait(&vault->changed, &vault->mutex);
	pthread_mutex_unlock(&vault->mutex);
}

static void await_waiting(struct sign_batch *batch, size_t n)
{
	while (sign_batch_figures(batch).waiting != n)
		sched_yield();
}

static void open_vault(struct vault *vault)
{
	pthread_mutex_lock(&vault->mutex);
	vault->open = true;
	pthread_cond_broadcast(&vault->changed);
	pthread_mutex_unlock(&vault->mutex);
}

/* The first is held up by the vault while the others gather; then all go. */
static void gather_for(const char *claims, struct vault *vault, struct caller *callers,
	const char *const *tickets, size_t n)
{
	struct sign_batch *batch = sign_batch_new(1);
	vault_start(vault);
	for (size_t i = 0; i < n; i++) {
		call(&callers[i], vault, batch, tickets[i], claims);
		if (i == 0)
			await_frames(vault, 1);
		else
			await_waiting(batch, i);
	}
	open_vault(vault);
	for (size_t i = 0; i < n; i++)
		pthread_join(callers[i].thread, NULL);
	sign_batch_free(batch);
}

static void gather(
	struct vault *vault, struct caller *callers, const char *const *tickets, size_t n)
{
	gather_for("{}", vault, callers, tickets, n);
}

static void finish(struct vault *vault, struct caller *callers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		vault_call_free(callers[i].ctx.vault);
		arena_free(callers[i].ctx.arena);
	}
	vault_stop(vault);
}

static void each_job_has_its_own_answer(void **state)
{
	static const char *const tickets[] = {"a", "b", "refused", "d", "e"};
	struct vault vault;
	struct caller callers[COUNT(tickets)];
	(void)state;
	gather(&vault, callers, tickets, COUNT(tickets));
	for (size_t i = 0; i < COUNT(tickets); i++) {
		assert_ok(callers[i].result);
		assert_int_equal(callers[i].out.outcome, i == 2 ? VAULT_REFUSED : VAULT_OK);
		if (i == 2)
			assert_null(callers[i].out.access_token);
		else
			assert_string_equal(callers[i].out.access_token, tickets[i]);
	}
	assert_int_equal(vault.frames, 2);
	assert_int_equal(vault.jobs[1], 4);
	finish(&vault, callers, COUNT(tickets));
}

static void each_binding_has_its_own_answer(void **state)
{
	static const char *const tickets[] = {"a", "b", "refused", "d", "e"};
	struct vault vault;
	struct caller callers[COUNT(tickets)];
	(void)state;
	gather_for(NULL, &vault, callers, tickets, COUNT(tickets));
	for (size_t i = 0; i < COUNT(tickets); i++) {
		const struct vault_bind_results_item *bound = &callers[i].bound;
		assert_ok(callers[i].result);
		assert_int_equal(bound->outcome, i == 2 ? VAULT_REFUSED : VAULT_OK);
		if (i == 2) {
			assert_null(bound->grant_ticket);
			continue;
		}
		assert_string_equal(bound->grant_ticket, tickets[i]);
		assert_string_equal(bound->sub, tickets[i]);
	}
	assert_int_equal(vault.frames, 2);
	assert_int_equal(vault.jobs[1], 4);
	finish(&vault, callers, COUNT(tickets));
}

/* A frame is of one operation. */
static void signing_and_binding_go_apart(void **state)
{
	struct vault vault;
	struct caller callers[3];
	struct sign_batch *batch = sign_batch_new(1);
	(void)state;
	vault_start(&vault);
	call(&callers[0], &vault, batch, "a", "{}");
	await_frames(&vault, 1);
	call(&callers[1], &vault, batch, "b", NULL);
	await_waiting(batch, 1);
	call(&callers[2], &vault, batch, "c", "{}");
	await_waiting(batch, 2);
	open_vault(&vault);
	for (size_t i = 0; i < COUNT(callers); i++) {
		pthread_join(callers[i].thread, NULL);
		assert_ok(callers[i].result);
	}
	assert_string_equal(callers[1].bound.grant_ticket, "b");
	assert_string_equal(callers[2].out.access_token, "c");
	assert_int_equal(vault.frames, 3);
	sign_batch_free(batch);
	finish(&vault, callers, COUNT(callers));
}

static void without_an_answer_all_fail_and_nothing_is_asked_again(void **state)
{
	static const char *const tickets[] = {"a", "b", "hang up", "d"};
	struct vault vault;
	struct caller callers[COUNT(tickets)];
	(void)state;
	gather(&vault, callers, tickets, COUNT(tickets));
	assert_ok(callers[0].result);
	for (size_t i = 1; i < COUNT(tickets); i++)
		assert_err(callers[i].result, ERR_VAULT);
	assert_int_equal(vault.frames, 2);
	finish(&vault, callers, COUNT(tickets));
}

static void a_job_that_fits_no_frame_fails_alone(void **state)
{
	static const char *const tickets[] = {"a", "b", "\xff", "d"};
	struct vault vault;
	struct caller callers[COUNT(tickets)];
	(void)state;
	gather(&vault, callers, tickets, COUNT(tickets));
	for (size_t i = 0; i < COUNT(tickets); i++) {
		if (i == 2)
			assert_err(callers[i].result, ERR_VAULT);
		else
			assert_string_equal(callers[i].out.access_token, tickets[i]);
	}
	assert_int_equal(vault.frames, 3); /* of one job each; the broken one was never sent */
	finish(&vault, callers, COUNT(tickets));
}

/* So that what others ask always fits beside it in a frame. */
static void a_large_job_goes_alone(void **state)
{
	static char claims[9000];
	struct vault vault;
	struct caller callers[2];
	struct sign_batch *batch = sign_batch_new(1);
	(void)state;
	(void)snprintf(claims, sizeof claims, "{\"a\":\"%08900d\"}", 0);
	vault_start(&vault);
	call(&callers[0], &vault, batch, "a", "{}");
	await_frames(&vault, 1);
	call(&callers[1], &vault, batch, "large", claims);
	await_frames(&vault, 2); /* while the first is held up */
	open_vault(&vault);
	for (size_t i = 0; i < COUNT(callers); i++) {
		pthread_join(callers[i].thread, NULL);
		assert_ok(callers[i].result);
	}
	assert_string_equal(callers[1].out.access_token, "large");
	sign_batch_free(batch);
	finish(&vault, callers, COUNT(callers));
}

static int begin(void **state)
{
	(void)state;
	log_open("test", LOG_LEVEL_NONE);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_job_has_its_own_answer),
		cmocka_unit_test(each_binding_has_its_own_answer),
		cmocka_unit_test(signing_and_binding_go_apart),
		cmocka_unit_test(without_an_answer_all_fail_and_nothing_is_asked_again),
		cmocka_unit_test(a_job_that_fits_no_frame_fails_alone),
		cmocka_unit_test(a_large_job_goes_alone),
	};
	return cmocka_run_group_tests(tests, begin, NULL);
}
