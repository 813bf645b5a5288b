/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/courier.h"
#include "idp/courier/report.h"
#include "idp/courier/sms.h"
#include <string.h>

/* Kannel's sendsms by POST: all but the text stands in header fields, and so neither number nor
 * password in an address that a proxy would write to its log. Idempotency-Key is for gateways that
 * know it; Kannel does not. */
static struct str_list headers_of(const struct attempt *attempt)
{
	struct arena *const arena = attempt->arena;
	const struct settings *const settings = attempt->courier->settings;
	const struct gateway *const gateway = attempt->gateway;
	uint8_t key[KEY_LEN];
	struct str_list made = {ARENA_ARRAY(arena, const char *, 10), 0};
	made.items[made.n++] = "Content-Type: text/plain; charset=UTF-8";
	made.items[made.n++] = arena_printf(arena, "Idempotency-Key: %s", attempt->message_id);
	made.items[made.n++] = arena_printf(arena, "X-Kannel-To: %s", attempt->text.to);
	made.items[made.n++] = arena_printf(arena, "X-Kannel-From: %s", settings->sms_from);
	made.items[made.n++] =
		sms_is_gsm7(attempt->text.body) ? "X-Kannel-Coding: 0" : "X-Kannel-Coding: 2";
	if (gateway->user) {
		made.items[made.n++] = arena_printf(arena, "X-Kannel-Username: %s", gateway->user);
		made.items[made.n++] =
			arena_printf(arena, "X-Kannel-Password: %s", gateway->password);
	}
	if (!str_empty(settings->reports_url) && courier_keys_report(attempt->courier->keys, key)) {
		made.items[made.n++] = "X-Kannel-DLR-Mask: " REPORT_MASK;
		made.items[made.n++] = arena_printf(arena, "X-Kannel-DLR-Url: %s",
			report_url(arena, key, settings->reports_url, attempt->message_id));
		explicit_bzero(key, sizeof key);
	}
	return made;
}

static struct transfer_report send(const struct attempt *attempt)
{
	const struct transfer_http http = {
		.url = attempt->gateway->url,
		.body = attempt->text.body,
		.headers = headers_of(attempt),
	};
	return transfer_http(attempt->transfer, &http, &attempt->leave);
}

const struct channel_kind channel_kind_sms = {
	.name = "sms",
	.takes = sms_number_valid,
	.send = send,
	.judge = verdict_of_http,
};
