/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/reason.h"
#include "idp/base/str.h"
#include <string.h>

#define REASON_MAX 500 /* bytes */

int reason_check(struct cli *cli)
{
	const char *const reason = cli_option(cli, "--reason");
	if (!reason)
		return CLI_OK;
	const size_t len = strlen(reason);
	if (len >= 1 && len <= REASON_MAX && str_utf8_valid(reason, len))
		return CLI_OK;
	return cli_fail(cli, CLI_USAGE,
		"--reason: expected 1 to %d bytes of UTF-8 text, received %zu bytes", REASON_MAX,
		len);
}
