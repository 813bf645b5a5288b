/* SPDX-License-Identifier: Apache-2.0 */
/* Files that hold a secret: read only where nobody but their owner may. */
#ifndef PRATU_IO_PRIVATE_FILE_H
#define PRATU_IO_PRIVATE_FILE_H

#include "idp/base/result.h"
#include <stddef.h>

/* Read a file's text, at most size - 1 bytes; a NUL is put behind. The caller wipes out. Refused: a
 * file that others than its owner may read, and, but for root, one that belongs neither to root nor
 * to the process's user. event: of the line in the log, which names the remedy. ERR_CONFIG. */
MUST_CHECK struct result private_file_read(
	const char *path, const char *event, char *out, size_t size);

#endif
