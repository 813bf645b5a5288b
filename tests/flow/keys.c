/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's public keys while the vault takes calls and answers none. */
#define _GNU_SOURCE /* accept4 */
#include "tests/unit/unit.h"
#include "idp/base/clock.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_vault_that_hangs_holds_one_worker, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
