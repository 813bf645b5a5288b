/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the HTTP server may need at most, and how many connections fit what its process is allowed:
 * pure arithmetic over the settings. The figures of memory are those that tests/raw measures, of
 * connections that each hold a whole head and a whole body, rounded up.
 */
#ifndef PRATU_IO_HTTP_SIZE_H
#define PRATU_IO_HTTP_SIZE_H

#include "idp/base/settings.h"

#define HTTP_SIZE_CONNECTION_KIB 128 /* the library's memory, a TLS session, a body on its way */
#define HTTP_SIZE_REQUEST_KIB \
	256 /* beside that, of a request that waits in a lane or is handled \
	     */
#define HTTP_SIZE_BASE_MIB 64 /* of the role itself */

struct http_size {
	int64_t connections; /* open at once */
	int64_t lingering; /* sockets beside them that are only read off */
	int64_t files; /* descriptors of the whole role */
	int64_t memory_mib; /* of the whole role */
};

/* For all of max_connections. */
struct http_size http_size_wanted(const struct settings *settings);
/* At most that much of it for which there are so many descriptors and so much memory (-1: as much
 * as is wanted). connections may be 0 or less: then there is too little of one. */
struct http_size http_size_within(
	const struct settings *settings, int64_t files, int64_t memory_mib);

#endif
