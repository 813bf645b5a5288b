/* SPDX-License-Identifier: Apache-2.0 */
/* The socket that an HTTP listener accepts from: one that was handed to the process
 * (idp/io/handed.h), or its own. */
#ifndef PRATU_IO_HTTP_LISTEN_H
#define PRATU_IO_HTTP_LISTEN_H

#include "idp/base/result.h"
#include <stdint.h>

/* *fd: the socket handed to this process under that name (NULL: none can be), or else a new one
 * that listens at address and port. Owned by the caller, close-on-exec, non-blocking. One that was
 * handed over and listens elsewhere is used, with a warning; but not if address is a loopback
 * address and its own is none. ERR_CONFIG, ERR_IO; logged. */
MUST_CHECK struct result http_listen(const char *name, const char *address, int64_t port, int *fd);

#endif
