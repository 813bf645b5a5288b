/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/result.h"
#include <stddef.h>

const char *result_name(enum err err)
{
	static const char *const names[] = {
		[ERR_NONE] = "none",
		[ERR_DB] = "db",
		[ERR_VAULT] = "vault",
		[ERR_IO] = "io",
		[ERR_FORMAT] = "format",
		[ERR_BOUNDS] = "bounds",
		[ERR_CRYPTO] = "crypto",
		[ERR_CONFIG] = "config",
		[ERR_BUSY] = "busy",
		[ERR_ABSENT] = "absent",
	};
	size_t i = (size_t)err;
	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}
