/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "tests/unit/unit.h"
#include "idp/io/process.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The sanitizers' leak check attaches to its own process, which therefore stays traceable. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define DUMPABLE 1
#else
#define DUMPABLE 0
#endif

static bool leaves_a_core(void)
{
	struct rlimit limit = {0, 0};
	if (DUMPABLE)
		return false;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 || getrlimit(RLIMIT_CORE, &limit) != 0 ||
	       limit.rlim_max != 0;
}

/* What changes a process for good is tried in a child; its verdict is the exit code. */
static int in_child(int (*act)(void))
{
	int status = 0;
	const pid_t child = fork();
	if (child == 0)
		_exit(act());
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int harden_and_look(void)
{
	const int stray = open("/dev/null", O_RDONLY);
	close(0);
	if (process_harden().err != ERR_NONE)
		return 1;
	if (fcntl(stray, F_GETFD) != -1 || errno != EBADF)
		return 2;
	if (fcntl(0, F_GETFD) == -1)
		return 3;
	if (umask(0) != 0077)
		return 4;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 5;
	if (leaves_a_core())
		return 8;
	int fds[2];
	if (pipe(fds) != 0)
		return 6;
	close(fds[0]);
	return write(fds[1], "x", 1) == -1 && errno == EPIPE ? 0 : 7;
}

static void harden_gives_up_what_is_not_needed(void **state)
{
	(void)state;
	assert_int_equal(in_child(harden_and_look), 0);
}

static int become_nobody(void)
{
	const struct passwd *nobody = getpwnam("nobody");
	if (process_become("nobody").err != ERR_NONE)
		return 1;
	if (getuid() != nobody->pw_uid || geteuid() != nobody->pw_uid || getgid() != nobody->pw_gid)
		return 2;
	if (setuid(0) == 0 || setgid(0) == 0)
		return 3;
	if (leaves_a_core()) /* a change of user alone makes a process dumpable */
		return 5;
	/* Nobody else can be become from here. */
	return process_become("root").err == ERR_NONE && getuid() == nobody->pw_uid ? 0 : 4;
}

static int become_nobody_known(void)
{
	return process_become("no such user").err == ERR_CONFIG ? 0 : 1;
}

static void become_is_for_good(void **state)
{
	(void)state;
	assert_ok(process_become(NULL));
	assert_ok(process_become(""));
	if (geteuid() == 0) {
		assert_int_equal(in_child(become_nobody), 0);
		assert_int_equal(in_child(become_nobody_known), 0);
	} else {
		assert_ok(process_become("nobody"));
		assert_int_not_equal(getuid(), getpwnam("nobody")->pw_uid);
	}
}

static int signals_come_as_events(void)
{
	int fd = -1;
	if (process_signals(&fd).err != ERR_NONE)
		return 1;
	if (process_wait(fd, 0) != 0)
		return 2;
	kill(getpid(), SIGHUP);
	if (process_wait(fd, -1) != PROCESS_RELOAD)
		return 3;
	kill(getpid(), SIGTERM);
	kill(getpid(), SIGHUP);
	if (process_wait(fd, -1) != (PROCESS_STOP | PROCESS_RELOAD))
		return 4;
	kill(getpid(), SIGINT);
	if (process_wait(fd, -1) != PROCESS_STOP)
		return 5;
	if (fork() == 0)
		_exit(0);
	return process_wait(fd, -1) == PROCESS_CHILD ? 0 : 6;
}

static int signals_strike_after_restore(void)
{
	int fd = -1;
	if (process_signals(&fd).err != ERR_NONE)
		return 1;
	process_signals_restore();
	kill(getpid(), SIGTERM);
	return 2;
}

/* As for a role that is told to reload before it listens to signals. */
static int a_reload_waits_after_restore(void)
{
	int fd = -1, after = -1;
	if (process_signals(&fd).err != ERR_NONE)
		return 1;
	process_signals_restore();
	raise(SIGHUP);
	if (process_signals(&after).err != ERR_NONE)
		return 2;
	return process_wait(after, 0) == PROCESS_RELOAD ? 0 : 3;
}

static void signals(void **state)
{
	(void)state;
	assert_int_equal(in_child(signals_come_as_events), 0);
	assert_int_equal(in_child(signals_strike_after_restore), 255);
	assert_int_equal(in_child(a_reload_waits_after_restore), 0);
}

static int follow_a_parent_that_is_gone(void)
{
	return process_follow(getppid()).err == ERR_NONE && process_follow(1 << 30).err == ERR_IO
		       ? 0
		       : 1;
}

static void follow_knows_its_parent(void **state)
{
	(void)state;
	assert_int_equal(in_child(follow_a_parent_that_is_gone), 0);
}

static int listen_at(const char *name, size_t len)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	memcpy(at.sun_path, name, len);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at,
				 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)),
		0);
	return fd;
}

static void the_service_manager_is_told(void **state)
{
	char dir[] = "/tmp/pratu-test-XXXXXX", path[64], abstract[64], heard[32] = "";
	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/notify", dir);
	int fd = listen_at(path, strlen(path));
	setenv("NOTIFY_SOCKET", path, 1);
	process_ready();
	assert_int_equal(recv(fd, heard, sizeof heard, 0), 7);
	assert_memory_equal(heard, "READY=1", 7);
	close(fd);
	unlink(path);
	rmdir(dir);
	const int n = snprintf(abstract, sizeof abstract, "@pratu-test-%d", (int)getpid());
	setenv("NOTIFY_SOCKET", abstract, 1);
	abstract[0] = '\0';
	fd = listen_at(abstract, (size_t)n);
	process_stopping(0); /* no limit: the test goes on */
	assert_int_equal(recv(fd, heard, sizeof heard, 0), 10);
	assert_memory_equal(heard, "STOPPING=1", 10);
	close(fd);
	unsetenv("NOTIFY_SOCKET");
	process_ready();
}

static void files_are_allowed(void **state)
{
	struct rlimit limit;
	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(process_files(1), (int64_t)limit.rlim_cur);
	assert_true(process_files((int64_t)limit.rlim_cur + 1) >= (int64_t)limit.rlim_cur);
	assert_int_equal(process_files(-1), -1);
}

/* The group of this very process, in a hierarchy of the test's own; NULL if it is in none. */
static const char *own_group(char *text, size_t size)
{
	FILE *file = fopen("/proc/self/cgroup", "re");
	const char *found = NULL;
	assert_non_null(file);
	while (found == NULL && fgets(text, (int)size, file) != NULL)
		found = strncmp(text, "0::", 3) == 0 ? text + 3 : NULL;
	(void)fclose(file);
	text[strcspn(text, "\n")] = '\0';
	return found;
}

static int64_t limit_read(const char *root, const char *group, const char *limit)
{
	char command[4096];
	snprintf(command, sizeof command, "mkdir -p '%s%s' && printf '%s' >'%s%s/memory.max'", root,
		group, limit, root, group);
	assert_int_equal(system(command), 0);
	return process_memory_mib(root);
}

static void the_group_of_the_process_limits_its_memory(void **state)
{
	char root[] = "/tmp/pratu-cgroup-XXXXXX", text[2048], command[64];
	(void)state;
	assert_non_null(mkdtemp(root));
	assert_int_equal(process_memory_mib(root), -1);
	const char *group = own_group(text, sizeof text);
	if (group != NULL) {
		assert_int_equal(limit_read(root, group, "2147483648\n"), 2048);
		assert_int_equal(limit_read(root, group, "max\n"), -1);
		assert_int_equal(limit_read(root, group, ""), -1);
	}
	snprintf(command, sizeof command, "rm -r '%s'", root);
	assert_int_equal(system(command), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(harden_gives_up_what_is_not_needed),
		cmocka_unit_test(become_is_for_good),
		cmocka_unit_test(signals),
		cmocka_unit_test(follow_knows_its_parent),
		cmocka_unit_test(the_service_manager_is_told),
		cmocka_unit_test(files_are_allowed),
		cmocka_unit_test(the_group_of_the_process_limits_its_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
