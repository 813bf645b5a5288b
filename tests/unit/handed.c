/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/unit/unit.h"
#include "idp/base/log.h"
#include "idp/io/handed.h"
#include "idp/io/http_listen.h"
#include "idp/io/process.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Descriptors and the environment are the process's: each case is a child, its verdict the exit
 * status. */
static int in_child(int (*act)(void))
{
	int status = 0;
	const pid_t child = fork();
	if (child == 0)
		_exit(act());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int socket_at(uint32_t address, bool listens)
{
	const struct sockaddr_in at = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)}; /* any port */
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
		(listens && listen(fd, 8) != 0))
		_exit(200);
	return fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof at;
	if (getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		_exit(201);
	return ntohs(at.sin_port);
}

static bool take_fails(const char *name)
{
	int fd = 0;
	return handed_take(name, &fd).err == ERR_CONFIG && fd == -1;
}

static int child_each_is_found_by_its_name(void)
{
	int fd = -1;
	const int web = socket_at(INADDR_LOOPBACK, true);
	const int metrics = socket_at(INADDR_LOOPBACK, true);
	const uint16_t ports[] = {port_of(web), port_of(metrics)};
	/* In the other order than they lie: none is overwritten before it is moved. */
	const struct handed given[] = {{"metrics", metrics}, {"web", web}};
	if (handed_give(given, 2).err != ERR_NONE || handed_count() != 2)
		return 1;
	if (handed_take("web", &fd).err != ERR_NONE || fd != 4 || port_of(fd) != ports[0])
		return 2;
	if (fcntl(fd, F_GETFD) != FD_CLOEXEC || (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0)
		return 3;
	if (handed_take("metrics", &fd).err != ERR_NONE || fd != 3 || port_of(fd) != ports[1])
		return 4;
	if (handed_take("we", &fd).err != ERR_NONE || fd != -1)
		return 5;
	return handed_take("", &fd).err == ERR_NONE && fd == -1 ? 0 : 6;
}

static int child_only_what_was_handed_stays_open(void)
{
	const struct handed given = {"web", socket_at(INADDR_LOOPBACK, true)};
	if (handed_give(&given, 1).err != ERR_NONE || dup2(0, 4) < 0)
		return 1;
	if (process_harden().err != ERR_NONE)
		return 2;
	return fcntl(3, F_GETFD) == FD_CLOEXEC && fcntl(4, F_GETFD) == -1 ? 0 : 3;
}

static int child_another_process_s_are_none(void)
{
	const struct handed given = {"web", socket_at(INADDR_LOOPBACK, true)};
	if (handed_give(&given, 1).err != ERR_NONE)
		return 1;
	setenv("LISTEN_PID", "1", 1);
	if (handed_count() != 0 || process_harden().err != ERR_NONE)
		return 2;
	return fcntl(3, F_GETFD) == -1 ? 0 : 3;
}

static int child_nonsense_is_none(void)
{
	static const char *const wrong[] = {"", "-1", "0", "9", "1x", " 1", "99999999999999999999"};
	char pid[24];
	(void)snprintf(pid, sizeof pid, "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDNAMES", "web", 1);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		setenv("LISTEN_FDS", wrong[i], 1);
		if (handed_count() != 0)
			return (int)i + 1;
	}
	return 0;
}

static int child_only_a_listening_socket_is_taken(void)
{
	const int bound = socket_at(INADDR_LOOPBACK, false);
	const int datagram = socket(AF_INET, SOCK_DGRAM, 0);
	const struct handed given[] = {{"bound", bound}, {"datagram", datagram},
		{"file", open("/dev/null", O_RDONLY)}, {"twice", bound}, {"twice", bound}};
	if (handed_give(given, 5).err != ERR_NONE)
		return 1;
	return take_fails("bound") && take_fails("datagram") && take_fails("file") &&
			       take_fails("twice")
		       ? 0
		       : 2;
}

static int child_listening_takes_what_was_handed(void)
{
	int fd = -1;
	const struct handed given = {"web", socket_at(INADDR_LOOPBACK, true)};
	const uint16_t port = port_of(given.fd);
	if (handed_give(&given, 1).err != ERR_NONE)
		return 1;
	if (http_listen("web", "127.0.0.1", port, &fd).err != ERR_NONE || fd != 3)
		return 2;
	/* At another port: the settings were changed, and the service goes on. */
	if (http_listen("web", "127.0.0.1", port + 1, &fd).err != ERR_NONE || fd != 3)
		return 3;
	/* Another name, or none: a socket of its own. */
	if (http_listen("metrics", "127.0.0.1", 0, &fd).err != ERR_NONE || fd <= 3)
		return 4;
	return http_listen(NULL, "127.0.0.1", 0, &fd).err == ERR_NONE && fd > 3 ? 0 : 5;
}

static int child_a_wider_address_than_loopback_is_refused(void)
{
	int fd = -1;
	const struct handed given = {"web", socket_at(INADDR_ANY, true)};
	const uint16_t port = port_of(given.fd);
	if (handed_give(&given, 1).err != ERR_NONE)
		return 1;
	if (http_listen("web", "127.0.0.1", port, &fd).err != ERR_CONFIG)
		return 2;
	if (http_listen("web", "::1", port, &fd).err != ERR_CONFIG)
		return 3;
	return http_listen("web", "0.0.0.0", port, &fd).err == ERR_NONE && fd == 3 ? 0 : 4;
}

static void each_is_found_by_its_name(void **state)
{
	(void)state;
	assert_int_equal(in_child(child_each_is_found_by_its_name), 0);
}

static void only_what_was_handed_stays_open(void **state)
{
	(void)state;
	assert_int_equal(in_child(child_only_what_was_handed_stays_open), 0);
}

static void another_process_s_are_none(void **state)
{
	(void)state;
	assert_int_equal(in_child(child_another_process_s_are_none), 0);
}

static void nonsense_is_none(void **state)
{
	(void)state;
	assert_int_equal(in_child(child_nonsense_is_none), 0);
}

static void only_a_listening_socket_is_taken(void **state)
{
	(void)state;
	assert_int_equal(in_child(child_only_a_listening_socket_is_taken), 0);
}

static void listening_takes_what_was_handed(void **state)
{
	(void)state;
	assert_int_equal(in_child(child_listening_takes_what_was_handed), 0);
}

static void a_wider_address_than_loopback_is_refused(void **state)
{
	(void)state;
	assert_int_equal(in_child(child_a_wider_address_than_loopback_is_refused), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_by_its_name),
		cmocka_unit_test(only_what_was_handed_stays_open),
		cmocka_unit_test(another_process_s_are_none),
		cmocka_unit_test(nonsense_is_none),
		cmocka_unit_test(only_a_listening_socket_is_taken),
		cmocka_unit_test(listening_takes_what_was_handed),
		cmocka_unit_test(a_wider_address_than_loopback_is_refused),
	};
	log_open("test", LOG_LEVEL_NONE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
