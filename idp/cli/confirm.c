/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/confirm.h"
#include "idp/base/str.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int confirm(struct cli *cli, const char *what)
{
	char answer[16] = "";
	if (cli_option(cli, "--yes"))
		return CLI_OK;
	if (isatty(STDIN_FILENO) == 0)
		return cli_fail(cli, CLI_USAGE, "%s: expected --yes", what);
	(void)fprintf(stderr, "%s. Type yes to go on: ", what);
	if (!fgets(answer, sizeof answer, stdin))
		answer[0] = '\0';
	answer[strcspn(answer, "\r\n")] = '\0';
	return str_eq(answer, "yes") ? CLI_OK : cli_fail(cli, CLI_REFUSED, "nothing was done");
}
