/* SPDX-License-Identifier: Apache-2.0 */
/* What every cmocka test includes first, and a few helpers. */
#ifndef PRATU_TESTS_UNIT_H
#define PRATU_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define assert_ok(expression) assert_int_equal((expression).err, ERR_NONE)
#define assert_err(expression, expected) assert_int_equal((expression).err, (expected))

/* Does act(arg) end its process by abort()? It runs in a child, with standard error closed. */
static inline int unit_aborts(void (*act)(void *arg), void *arg)
{
	pid_t child = fork();
	if (child == 0) {
		const struct rlimit no_core = {0, 0};
		(void)setrlimit(RLIMIT_CORE, &no_core);
		(void)signal(SIGABRT, SIG_DFL);
		(void)close(STDERR_FILENO);
		act(arg);
		_exit(0);
	}
	int status = 0;
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 0;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
