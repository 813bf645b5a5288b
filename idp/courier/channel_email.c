/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/clock.h"
#include "idp/courier/courier.h"
#include "idp/courier/mime.h"
#include <string.h>

static struct transfer_report send(const struct attempt *attempt)
{
	struct arena *const arena = attempt->arena;
	const struct settings *const settings = attempt->courier->settings;
	const struct clock clock = clock_system();
	const bool thai = str_eq(attempt->language, "th");
	const struct mime mime = {
		.message_id = attempt->message_id,
		.from_name = thai ? settings->service_name_th : settings->service_name_en,
		.from = settings->mail_from,
		.to = attempt->text.to,
		.subject = attempt->text.subject,
		.body = attempt->text.body,
		.language = thai ? "th" : "en",
		.now_s = clock_now_s(&clock),
	};
	const struct transfer_mail mail = {
		.url = arena_printf(arena, "%s/%s", attempt->gateway->url,
			strchr(settings->mail_from, '@') + 1),
		.user = attempt->gateway->user,
		.password = attempt->gateway->password,
		.from = settings->mail_from,
		.to = attempt->text.to,
		.text = mime_mail(arena, &mime),
	};
	return transfer_mail(attempt->transfer, &mail, &attempt->leave);
}

const struct channel_kind channel_kind_email = {
	.name = "email",
	.smtp = true,
	.takes = mime_address_valid,
	.send = send,
	.judge = verdict_of_smtp,
};
