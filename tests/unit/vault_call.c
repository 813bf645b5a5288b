/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* gettid */
#include "tests/unit/unit.h"
#include "tests/unit/vault_wire.h"
#include "idp/io/vault_call.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

static void put(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

static void a_frame_is_length_and_body(void **state)
{
	int fds[2];
	char bytes[64];
	struct vault_frame out = wire_frame("abc", 3), in = {0};
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_ok(vault_frame_send(fds[0], &out));
	assert_int_equal(recv(fds[1], bytes, sizeof bytes, MSG_PEEK), 7);
	assert_memory_equal(bytes, "\0\0\0\3abc", 7);
	assert_ok(vault_frame_receive(fds[1], &in));
	assert_int_equal(wire_len(&in), 3);
	assert_memory_equal(wire_body(&in), "abc", 3);
	vault_frame_free(&out);
	vault_frame_free(&in);
	close(fds[0]);
	close(fds[1]);
}

static void refuses_bad_frames(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		enum err err;
	} rows[] = {{"", 0, ERR_IO}, {"\0\0\0", 3, ERR_IO}, {"\0\0\0\4{}", 6, ERR_IO},
		{"\0\0\0\0", 4, ERR_FORMAT}, {"\0\0\0\1ab", 6, ERR_FORMAT},
		{"\0\0\0\1a\0\0\0\1b", 10, ERR_FORMAT}, {"\0\4\0\1{}", 6, ERR_FORMAT},
		{"\xff\xff\xff\xff{}", 6, ERR_FORMAT}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int fds[2];
		struct vault_frame in = {0};
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		if (rows[i].len > 0)
			put(fds[0], rows[i].bytes, rows[i].len);
		close(fds[0]);
		assert_err(vault_frame_receive(fds[1], &in), rows[i].err);
		vault_frame_free(&in);
		close(fds[1]);
	}
}

static void *send_large(void *arg)
{
	struct vault_frame out = {0};
	uint8_t byte = 0;
	vault_frame_clear(&out);
	for (size_t i = 0; i < VAULT_FRAME_MAX; i++, byte++)
		vault_frame_put(&out, &byte, 1);
	const struct result sent = vault_frame_send(*(const int *)arg, &out);
	vault_frame_free(&out);
	return sent.err == ERR_NONE ? arg : NULL;
}

/* Over what a socket holds at once, in both directions of waiting. */
static void the_largest_frame_passes(void **state)
{
	int fds[2];
	pthread_t thread;
	void *sent = NULL;
	struct vault_frame in = {0};
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_int_equal(pthread_create(&thread, NULL, send_large, &fds[0]), 0);
	assert_ok(vault_frame_receive(fds[1], &in));
	pthread_join(thread, &sent);
	assert_non_null(sent);
	assert_int_equal(wire_len(&in), VAULT_FRAME_MAX);
	for (size_t i = 0; i < VAULT_FRAME_MAX; i++)
		assert_int_equal(wire_body(&in)[i], i & 0xff);
	vault_frame_free(&in);
	close(fds[0]);
	close(fds[1]);
}

static void bounds_what_it_sends(void **state)
{
	int fds[2];
	char byte = 'a';
	char *text = calloc(1, VAULT_FRAME_MAX);
	struct vault_frame out = wire_frame(text, VAULT_FRAME_MAX);
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	vault_frame_put(&out, &byte, 1);
	assert_err(vault_frame_send(fds[0], &out), ERR_BOUNDS);
	assert_int_equal(recv(fds[1], text, 1, MSG_DONTWAIT), -1);
	vault_frame_free(&out);
	close(fds[0]);
	close(fds[1]);
	free(text);
}

/* A vault that answers each blind_index with its own value, and hangs up as told. */
struct vault {
	char dir[64], path[96];
	int listen_fd, connections, requests, answers_per_connection;
	int kept; /* a connection that is not closed before the end; 0: none */
	pthread_t thread;
};

static bool answer(struct vault *vault, int fd, struct vault_frame *frame, struct arena *arena)
{
	const struct vault_op *const op = &vault_table[VAULT_OP_BLIND_INDEX];
	struct vault_blind_index_in in = {0};
	if (vault_frame_receive(fd, frame).err != ERR_NONE ||
		vault_codec_get_request(op, frame, arena, &in).err != ERR_NONE)
		return false;
	vault->requests++;
	const struct vault_blind_index_out out = {
		.outcome = VAULT_REFUSED, .member = "m", .reason = arena_strdup(arena, in.value)};
	if (strcmp(in.kind, "disconnect") == 0)
		return false;
	if (strcmp(in.kind, "last") == 0) {
		/* As a vault that ends: what is sent from here on is not received. */
		shutdown(fd, SHUT_RD);
		vault->kept = dup(fd);
	}
	if (strcmp(in.kind, "nonsense") == 0) {
		vault_frame_clear(frame);
		vault_frame_put(frame, "\1", 1);
	} else if (vault_codec_put_reply(op, &out, frame).err != ERR_NONE)
		return false;
	return vault_frame_send(fd, frame).err == ERR_NONE;
}

static void serve_one(struct vault *vault, int fd)
{
	struct vault_frame frame = {0};
	struct arena *arena = arena_new();
	for (int i = 0; i < vault->answers_per_connection; i++)
		if (!answer(vault, fd, &frame, arena))
			break;
	vault_frame_free(&frame);
	arena_free(arena);
}

static void *vault_main(void *arg)
{
	struct vault *vault = arg;
	for (int fd = accept(vault->listen_fd, NULL, NULL); fd >= 0;
		fd = accept(vault->listen_fd, NULL, NULL)) {
		vault->connections++;
		serve_one(vault, fd);
		close(fd);
	}
	return NULL;
}

static void vault_place(struct vault *vault)
{
	memset(vault, 0, sizeof *vault);
	strcpy(vault->dir, "/tmp/pratu-test-XXXXXX");
	assert_non_null(mkdtemp(vault->dir));
	snprintf(vault->path, sizeof vault->path, "%s/web.sock", vault->dir);
}

static void vault_listen(struct vault *vault, int answers_per_connection)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	memcpy(at.sun_path, vault->path, strlen(vault->path));
	vault->answers_per_connection = answers_per_connection;
	vault->listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(vault->listen_fd, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(vault->listen_fd, 8), 0);
	assert_int_equal(pthread_create(&vault->thread, NULL, vault_main, vault), 0);
}

static void vault_start(struct vault *vault, int answers_per_connection)
{
	vault_place(vault);
	vault_listen(vault, answers_per_connection);
}

static void vault_stop(struct vault *vault)
{
	shutdown(vault->listen_fd, SHUT_RDWR);
	pthread_join(vault->thread, NULL);
	close(vault->listen_fd);
	if (vault->kept > 0)
		close(vault->kept);
	unlink(vault->path);
	rmdir(vault->dir);
}

static struct result ask(struct vault_call *call, int n, const char *kind)
{
	char value[16];
	const struct vault_blind_index_in in = {kind, value};
	struct vault_blind_index_out out;
	struct arena *arena = arena_new();
	(void)snprintf(value, sizeof value, "%d", n);
	const struct result result = vault_call_blind_index(call, arena, &in, &out);
	if (result.err == ERR_NONE) {
		assert_int_equal(out.outcome, VAULT_REFUSED);
		assert_string_equal(out.reason, value);
	} else {
		assert_int_equal(out.outcome, VAULT_FAILED);
		assert_null(out.reason);
	}
	arena_free(arena);
	return result;
}

static void calls_go_over_one_connection(void **state)
{
	struct vault vault;
	(void)state;
	vault_start(&vault, 100);
	struct vault_call *call = vault_call_new(vault.dir, "web.sock");
	for (int i = 0; i < 5; i++)
		assert_ok(ask(call, i, "z"));
	vault_call_free(call);
	vault_stop(&vault);
	assert_int_equal(vault.requests, 5);
}

static void a_connection_that_ended_between_calls_is_opened_anew(void **state)
{
	struct vault vault;
	(void)state;
	vault_start(&vault, 1);
	struct vault_call *call = vault_call_new(vault.dir, "web.sock");
	/* Each may meet a connection that is just closing: then it fails, and the next does not. */
	int failures = 0;
	for (int i = 0; i < 10; i++)
		failures += ask(call, i, "z").err != ERR_NONE;
	assert_true(failures < 10);
	assert_ok(ask(call, 11, "z").err == ERR_NONE ? OK : ask(call, 12, "z"));
	vault_call_free(call);
	vault_stop(&vault);
}

static void a_request_is_never_sent_twice(void **state)
{
	struct vault vault;
	(void)state;
	vault_start(&vault, 100);
	struct vault_call *call = vault_call_new(vault.dir, "web.sock");
	assert_err(ask(call, 1, "disconnect"), ERR_VAULT);
	assert_ok(ask(call, 2, "z"));
	assert_err(ask(call, 3, "nonsense"), ERR_VAULT);
	assert_err(ask(call, 4, "longer than sixteen bytes"), ERR_BOUNDS); /* not sent */
	assert_ok(ask(call, 5, "z"));
	vault_call_free(call);
	vault_stop(&vault);
	assert_int_equal(vault.requests, 4);
	/* What comes late over a connection that failed is nobody's answer. */
	assert_int_equal(vault.connections, 3);
}

static void what_was_not_received_goes_over_another_connection(void **state)
{
	struct vault vault;
	(void)state;
	vault_start(&vault, 1);
	struct vault_call *call = vault_call_new(vault.dir, "web.sock");
	assert_ok(ask(call, 1, "last"));
	assert_ok(ask(call, 2, "z"));
	vault_call_free(call);
	vault_stop(&vault);
	assert_int_equal(vault.requests, 2);
	assert_int_equal(vault.connections, 2);
}

/* A thread that asks, and its number. */
struct asker {
	struct vault_call *call;
	atomic_int tid;
	struct result result;
};

static void *ask_once(void *arg)
{
	struct asker *asker = arg;
	atomic_store(&asker->tid, (int)gettid());
	asker->result = ask(asker->call, 1, "z");
	return NULL;
}

/* It rests between two tries: nothing else that it does may block. */
static void await_rest(struct asker *asker)
{
	char path[64], text[128] = "";
	while (!strstr(text, ") S ")) {
		(void)snprintf(
			path, sizeof path, "/proc/self/task/%d/stat", atomic_load(&asker->tid));
		FILE *file = fopen(path, "re");
		if (file) {
			assert_non_null(fgets(text, sizeof text, file));
			(void)fclose(file);
		}
	}
}

static void a_vault_that_is_restarted_is_waited_for(void **state)
{
	struct vault vault;
	struct vault_wait *wait = vault_wait_new();
	pthread_t thread;
	(void)state;
	vault_place(&vault);
	struct asker asker = {.call = vault_call_new(vault.dir, "web.sock")};
	vault_call_await(asker.call, wait);
	assert_int_equal(pthread_create(&thread, NULL, ask_once, &asker), 0);
	await_rest(&asker);
	vault_listen(&vault, 100);
	pthread_join(thread, NULL);
	assert_ok(asker.result);
	/* What was sent has an unknown outcome: that fails, and nothing is sent again. */
	assert_err(ask(asker.call, 3, "disconnect"), ERR_VAULT);
	vault_call_free(asker.call);
	vault_wait_free(wait);
	vault_stop(&vault);
	assert_int_equal(vault.requests, 2);
}

static void a_vault_that_is_away_is_a_failure(void **state)
{
	struct vault_call *call = vault_call_new("/nonexistent", "web.sock");
	char long_dir[200];
	(void)state;
	assert_err(ask(call, 1, "z"), ERR_VAULT);
	vault_call_free(call);
	memset(long_dir, 'a', sizeof long_dir);
	long_dir[sizeof long_dir - 1] = '\0';
	call = vault_call_new(long_dir, "web.sock");
	assert_err(ask(call, 1, "z"), ERR_VAULT);
	vault_call_free(call);
	vault_call_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_length_and_body),
		cmocka_unit_test(refuses_bad_frames),
		cmocka_unit_test(the_largest_frame_passes),
		cmocka_unit_test(bounds_what_it_sends),
		cmocka_unit_test(calls_go_over_one_connection),
		cmocka_unit_test(a_connection_that_ended_between_calls_is_opened_anew),
		cmocka_unit_test(a_request_is_never_sent_twice),
		cmocka_unit_test(what_was_not_received_goes_over_another_connection),
		cmocka_unit_test(a_vault_that_is_restarted_is_waited_for),
		cmocka_unit_test(a_vault_that_is_away_is_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
