/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/io/vault_call.h"
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

static void put(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, MSG_NOSIGNAL), (ssize_t)len);
}

static void a_frame_is_length_and_object(void **state)
{
	int fds[2];
	char bytes[64];
	AUTO_JSON json_t *out = json_pack("{s:s, s:i}", "op", "status", "n", 1), *in = NULL;
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	assert_ok(vault_frame_write(fds[0], out));
	const ssize_t n = recv(fds[1], bytes, sizeof bytes, MSG_PEEK);
	assert_int_equal(n, 4 + 21);
	assert_memory_equal(bytes, "\0\0\0\x15{\"op\":\"status\",\"n\":1}", 25);
	assert_ok(vault_frame_read(fds[1], &in));
	assert_true(json_equal(in, out));
	close(fds[0]);
	close(fds[1]);
}

static void frames_follow_each_other(void **state)
{
	int fds[2];
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	put(fds[0], "\0\0\0\2{}\0\0\0\7{\"a\":1}", 17);
	for (size_t i = 0; i < 2; i++) {
		AUTO_JSON json_t *in = NULL;
		assert_ok(vault_frame_read(fds[1], &in));
		assert_int_equal(json_object_size(in), i);
	}
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
		{"\0\0\0\0", 4, ERR_FORMAT}, {"\0\0\0\1{", 5, ERR_FORMAT},
		{"\0\0\0\2[]", 6, ERR_FORMAT}, {"\0\0\0\2\"\"", 6, ERR_FORMAT},
		{"\0\0\0\2{x", 6, ERR_FORMAT}, {"\0\0\0\4{} x", 8, ERR_FORMAT},
		{"\0\0\0\x0d{\"a\":1,\"a\":2}", 17, ERR_FORMAT}, {"\0\4\0\1{}", 6, ERR_FORMAT},
		{"\xff\xff\xff\xff{}", 6, ERR_FORMAT}};
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int fds[2];
		json_t *in = NULL;
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
		if (rows[i].len > 0)
			put(fds[0], rows[i].bytes, rows[i].len);
		close(fds[0]);
		assert_err(vault_frame_read(fds[1], &in), rows[i].err);
		assert_null(in);
		close(fds[1]);
	}
}

static void bounds_what_it_sends(void **state)
{
	int fds[2];
	AUTO_JSON json_t *object = json_object();
	char *text = calloc(1, VAULT_FRAME_MAX + 1);
	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	memset(text, 'a', VAULT_FRAME_MAX - 7);
	json_object_set_new(object, "a", json_string(text));
	assert_err(vault_frame_write(fds[0], object), ERR_BOUNDS);
	assert_int_equal(recv(fds[1], text, 1, MSG_DONTWAIT), -1);
	close(fds[0]);
	close(fds[1]);
	free(text);
}

/* A vault that answers each request with its own "n", and hangs up as told. */
struct vault {
	char dir[64], path[96];
	int listen_fd, requests, answers_per_connection;
	pthread_t thread;
};

static void serve_one(struct vault *vault, int fd)
{
	for (int i = 0; i < vault->answers_per_connection; i++) {
		AUTO_JSON json_t *request = NULL;
		if (vault_frame_read(fd, &request).err != ERR_NONE)
			return;
		vault->requests++;
		if (json_str(request, "hang_up") != NULL ||
			vault_frame_write(fd, request).err != ERR_NONE)
			return;
	}
}

static void *vault_main(void *arg)
{
	struct vault *vault = arg;
	for (int fd = accept(vault->listen_fd, NULL, NULL); fd >= 0;
		fd = accept(vault->listen_fd, NULL, NULL)) {
		serve_one(vault, fd);
		close(fd);
	}
	return NULL;
}

static void vault_start(struct vault *vault, int answers_per_connection)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	memset(vault, 0, sizeof *vault);
	strcpy(vault->dir, "/tmp/pratu-test-XXXXXX");
	assert_non_null(mkdtemp(vault->dir));
	snprintf(vault->path, sizeof vault->path, "%s/web.sock", vault->dir);
	memcpy(at.sun_path, vault->path, strlen(vault->path));
	vault->answers_per_connection = answers_per_connection;
	vault->listen_fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(vault->listen_fd, (const struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(vault->listen_fd, 8), 0);
	assert_int_equal(pthread_create(&vault->thread, NULL, vault_main, vault), 0);
}

static void vault_stop(struct vault *vault)
{
	shutdown(vault->listen_fd, SHUT_RDWR);
	pthread_join(vault->thread, NULL);
	close(vault->listen_fd);
	unlink(vault->path);
	rmdir(vault->dir);
}

static struct result ask(struct vault_call *call, int n, const char *also)
{
	AUTO_JSON json_t *request = json_pack("{s:s, s:i}", "op", "x", "n", n), *reply = NULL;
	json_put(request, also, "y");
	const struct result result = vault_call(call, request, &reply);
	if (result.err == ERR_NONE)
		assert_int_equal(json_int(reply, "n", -1), n);
	else
		assert_null(reply);
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
	assert_err(ask(call, 1, "hang_up"), ERR_VAULT);
	assert_ok(ask(call, 2, "z"));
	vault_call_free(call);
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
		cmocka_unit_test(a_frame_is_length_and_object),
		cmocka_unit_test(frames_follow_each_other),
		cmocka_unit_test(refuses_bad_frames),
		cmocka_unit_test(bounds_what_it_sends),
		cmocka_unit_test(calls_go_over_one_connection),
		cmocka_unit_test(a_connection_that_ended_between_calls_is_opened_anew),
		cmocka_unit_test(a_request_is_never_sent_twice),
		cmocka_unit_test(a_vault_that_is_away_is_a_failure),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
