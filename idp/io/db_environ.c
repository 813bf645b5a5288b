/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/db_environ.h"
#include <libpq-fe.h>
#include <stdlib.h>

struct result db_environ(const char *conninfo)
{
	PQconninfoOption *const items = PQconninfoParse(conninfo, NULL);
	bool good = items != NULL;
	for (PQconninfoOption *item = items; item && item->keyword; item++)
		if (item->val && item->envvar)
			good = setenv(item->envvar, item->val, 1) == 0 && good;
	PQconninfoFree(items);
	return good ? OK : FAILED(ERR_CONFIG);
}
