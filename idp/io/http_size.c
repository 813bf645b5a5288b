/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/http_size.h"

#define FILES_FIXED \
	24 /* standard ones, signals, listening, epoll, one to spare for each look-up \
	    */
#define FILES_A_WORKER 2 /* its database and its vault connection */
#define LINGERING_MAX 256
#define LINGERING_SHARE 8 /* of so many descriptors one is for a socket that is only read off */
#define KIB_A_MIB 1024

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t workers(const struct settings *settings)
{
	return settings->quick_workers + settings->slow_workers;
}

static int64_t files_beside(const struct settings *settings)
{
	return FILES_FIXED + FILES_A_WORKER * (workers(settings) + 1) + settings->batch_connections;
}

static int64_t memory_beside_kib(const struct settings *settings)
{
	const int64_t requests = workers(settings) + settings->quick_queue + settings->slow_queue;
	return HTTP_SIZE_BASE_MIB * KIB_A_MIB + requests * HTTP_SIZE_REQUEST_KIB;
}

static struct http_size size_of(
	const struct settings *settings, int64_t connections, int64_t lingering)
{
	const int64_t kib = memory_beside_kib(settings) + connections * HTTP_SIZE_CONNECTION_KIB;
	return (struct http_size){
		.connections = connections,
		.lingering = lingering,
		.files = files_beside(settings) + connections + lingering,
		.memory_mib = (kib + KIB_A_MIB - 1) / KIB_A_MIB,
	};
}

struct http_size http_size_wanted(const struct settings *settings)
{
	return size_of(settings, settings->max_connections, LINGERING_MAX);
}

struct http_size http_size_within(
	const struct settings *settings, int64_t files, int64_t memory_mib)
{
	const int64_t free_files = files - files_beside(settings);
	const int64_t lingering = least(free_files / LINGERING_SHARE, LINGERING_MAX);
	int64_t connections = least(settings->max_connections, free_files - lingering);
	if (memory_mib >= 0) {
		const int64_t free_kib = memory_mib * KIB_A_MIB - memory_beside_kib(settings);
		connections = least(connections, free_kib / HTTP_SIZE_CONNECTION_KIB);
	}
	return size_of(settings, connections, lingering);
}
