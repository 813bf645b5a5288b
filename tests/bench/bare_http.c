/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limit for discovery and JWKS: libmicrohttpd alone, two epoll threads, one static answer.
 * usage: bare_http PORT BODY_LEN; ends at end of standard input.
 */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum MHD_Result answer(void *arg, struct MHD_Connection *connection, const char *url,
	const char *method, const char *version, const char *body, size_t *body_len, void **state)
{
	struct MHD_Response *response = arg;

	(void)url, (void)method, (void)version, (void)body, (void)body_len;
	/* An answer to the first call would end the connection. */
	if (*state == NULL) {
		*state = response;
		return MHD_YES;
	}
	return MHD_queue_response(connection, MHD_HTTP_OK, response);
}

int main(int argc, char **argv)
{
	struct MHD_Daemon *daemon;
	struct MHD_Response *response;
	unsigned long port, len;
	char *body, byte;

	if (argc != 3)
		return 2;
	port = strtoul(argv[1], NULL, 10);
	len = strtoul(argv[2], NULL, 10);
	if (port == 0 || port > 65535 || len == 0 || len > 65536)
		return 2;
	body = malloc(len);
	if (body == NULL)
		return 1;
	memset(body, 'x', len);
	response = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	MHD_add_response_header(response, "Content-Type", "application/json");
	daemon = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, (uint16_t)port, NULL, NULL, answer,
		response, MHD_OPTION_THREAD_POOL_SIZE, 2u, MHD_OPTION_END);
	if (daemon == NULL) {
		fprintf(stderr, "bare_http: cannot listen on port %lu\n", port);
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0) {
	}
	MHD_stop_daemon(daemon);
	MHD_destroy_response(response);
	return 0;
}
