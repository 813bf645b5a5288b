/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/base/str.h"
#include "idp/io/http_parse.h"
#include <arpa/inet.h>
#include <string.h>

/* A value that was found stands in the header; an address is one, whatever a proxy's client wrote.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	struct in6_addr six;
	struct in_addr four;
	const char *header = arena_strndup(arena, (const char *)data, size);
	const char *value = http_parse_cookie(arena, header, "a");
	must(value == NULL || (strchr(value, ';') == NULL && strstr(header, value) != NULL));
	const char *address = http_parse_forwarded(arena, "10.0.0.1", "10.0.0.1 10.0.0.2", header);
	must(inet_pton(AF_INET, address, &four) == 1 || inet_pton(AF_INET6, address, &six) == 1);
	must(str_eq(address, http_parse_address(arena, address)));
	(void)http_parse_is_form(header);
	arena_free(arena);
	return 0;
}
