/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/tool.h"
#include "idp/io/db_environ.h"
#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOT_THERE 127

/* In the child. exec changes no argument, though its type does not say so. */
static void become(const struct cli *cli, const char *const *argv)
{
	(void)umask(0077);
	if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
		db_environ(cli->settings->owner_database).err != ERR_NONE)
		_exit(1);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(errno == ENOENT ? NOT_THERE : 1);
}

int tool_run(struct cli *cli, const char *const *argv)
{
	int status = 0;
	const pid_t child = fork();
	if (child == 0)
		become(cli, argv);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return cli_fail(cli, CLI_REFUSED, "%s could not be run", argv[0]);
	if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_THERE)
		return cli_fail(cli, CLI_REFUSED,
			"%s is not installed: apt-get install postgresql-client, of the server's "
			"version or newer",
			argv[0]);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return cli_fail(cli, CLI_REFUSED, "%s failed; its messages are above", argv[0]);
	return CLI_OK;
}
