/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/report.h"
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include <string.h>

static const char *mac_of(
	struct arena *arena, const uint8_t key[static KEY_LEN], const char *message_id)
{
	uint8_t mac[SHA256_LEN];
	const char *const text = arena_printf(arena, "report|1|%s", message_id);
	crypto_hmac(key, text, strlen(text), mac);
	return enc_b64url(arena, mac, sizeof mac);
}

const char *report_url(struct arena *arena, const uint8_t key[static KEY_LEN], const char *base,
	const char *message_id)
{
	return arena_printf(arena, "%s?id=%s&mac=%s&status=%%d", base, message_id,
		mac_of(arena, key, message_id));
}

bool report_mac_valid(struct arena *arena, const uint8_t key[static KEY_LEN],
	const char *message_id, const char *mac)
{
	return mac && crypto_equal_text(mac_of(arena, key, message_id), mac);
}

/* Kannel User's Guide, "Delivery Reports". 4 (buffered) and 8 (taken by the SMS centre) tell of
 * something under way, and are not asked for. */
const struct report_state *report_state_of(const char *status)
{
	static const struct {
		const char *status;
		struct report_state state;
	} states[] = {
		{"1", {"delivered", NULL}},
		{"2", {"failed", "not_delivered"}},
		{"16", {"failed", "rejected"}},
	};
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (str_eq(states[i].status, status))
			return &states[i].state;
	return NULL;
}
