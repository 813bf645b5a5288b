/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/vault/ticket.h"
#include <string.h>

static enum ticket_verdict opened(
	const struct secrets *secrets, enum ticket_kind kind, const char *text)
{
	json_t *claims = NULL;
	const struct ticket_check check = {secrets, kind, 1000};
	const enum ticket_verdict verdict = ticket_open(&check, text, &claims);
	must((claims == NULL) == (verdict == TICKET_FOREIGN));
	json_decref(claims);
	return verdict;
}

/* Whatever is not a ticket of ours is foreign; what parses as claims makes a good one that is no
 * ticket of another kind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t key[KEY_LEN] = {1};
	struct secrets *secrets = NULL;
	struct arena *arena = arena_new();
	const char *text = arena_strndup(arena, (const char *)data, size);
	AUTO_JSON json_t *claims = NULL;
	must(secrets_derive(key, &secrets).err == ERR_NONE);
	for (enum ticket_kind kind = TICKET_PARTIAL; kind <= TICKET_GRANT; kind++)
		must(opened(secrets, kind, text) == TICKET_FOREIGN);
	if (size < TICKET_LEN_MAX / 4 &&
		json_parse(text, strlen(text), &claims, NULL).err == ERR_NONE &&
		json_is_object(claims)) {
		json_put_int(claims, "exp", 1001);
		const char *ticket = ticket_make(arena, secrets, TICKET_GRANT, claims);
		if (strlen(ticket) <= TICKET_LEN_MAX)
			must(opened(secrets, TICKET_GRANT, ticket) == TICKET_GOOD);
		must(opened(secrets, TICKET_SIGN_IN, ticket) == TICKET_FOREIGN);
	}
	secrets_free(secrets);
	arena_free(arena);
	return 0;
}
