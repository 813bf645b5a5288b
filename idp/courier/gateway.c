/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/gateway.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/private_file.h"
#include <string.h>

#define AUTH_FILE_MAX 1024
#define DELAY_LEAST_MS 1000
#define DELAY_MOST_MS 30000

static const char *const sms_names[GATEWAYS_MAX] = {"sms1", "sms2"};
static const char *const smtp_names[GATEWAYS_MAX] = {"smtp"};

/* "user password": the password is the rest of the line. */
static bool take_user(struct arena *arena, const char *line, struct gateway *gateway)
{
	const size_t len = strcspn(line, "\r"), user = strcspn(line, " ");
	if (user == 0 || user + 1 >= len)
		return false;
	gateway->user = arena_strndup(arena, line, user);
	gateway->password = arena_strndup(arena, line + user + 1, len - user - 1);
	return true;
}

static struct result take_users(const char *file, struct arena *arena, struct gateways *out)
{
	char *const text = arena_alloc(arena, AUTH_FILE_MAX);
	TRY(private_file_read(file, "courier.auth_file", text, AUTH_FILE_MAX));
	const struct str_list lines = str_split(arena, text, '\n');
	bool good = lines.n == out->n;
	for (size_t i = 0; good && i < out->n; i++)
		good = take_user(arena, lines.items[i], &out->items[i]);
	if (good)
		return OK;
	log_error("courier.auth_file", "file", file, "error",
		"expected a line \"user password\" for each gateway");
	FAIL(ERR_CONFIG);
}

struct result gateways_open(
	const struct settings *settings, bool smtp, struct arena *arena, struct gateways *out)
{
	const char *const file = smtp ? settings->smtp_auth_file : settings->sms_auth_file;
	const struct str_list urls =
		str_split(arena, smtp ? settings->smtp_url : settings->sms_gateways, ' ');
	out->n = urls.n < GATEWAYS_MAX ? urls.n : GATEWAYS_MAX;
	for (size_t i = 0; i < out->n; i++) {
		out->items[i] = (struct gateway){
			.name = smtp ? smtp_names[i] : sms_names[i], .url = urls.items[i]};
		breaker_init(&out->items[i].breaker);
	}
	return out->n == 0 || str_empty(file) ? OK : take_users(file, arena, out);
}

void gateways_close(struct gateways *gateways)
{
	for (size_t i = 0; i < gateways->n; i++)
		breaker_destroy(&gateways->items[i].breaker);
	gateways->n = 0;
}

struct gateway *gateways_pick(struct gateways *gateways, const char *last, int64_t now_us)
{
	size_t first = 0;
	for (size_t i = 0; i < gateways->n; i++)
		if (str_eq(gateways->items[i].name, last))
			first = i + 1;
	for (size_t i = 0; i < gateways->n; i++) {
		struct gateway *const one = &gateways->items[(first + i) % gateways->n];
		if (breaker_permits(&one->breaker, now_us))
			return one;
	}
	return NULL;
}

int64_t gateways_wait_us(struct gateways *gateways, int64_t now_us)
{
	int64_t least_us = INT64_MAX;
	for (size_t i = 0; i < gateways->n; i++) {
		const int64_t one_us = breaker_wait_us(&gateways->items[i].breaker, now_us);
		if (one_us < least_us)
			least_us = one_us;
	}
	return least_us;
}

int64_t gateways_delay_ms(const struct gateways *gateways, int64_t tries)
{
	const int64_t n = (int64_t)gateways->n;
	int64_t delay_ms = DELAY_LEAST_MS;
	if (n == 0 || tries % n != 0)
		return 0;
	for (int64_t i = 1; i < tries / n && delay_ms < DELAY_MOST_MS; i++)
		delay_ms *= 2;
	return delay_ms < DELAY_MOST_MS ? delay_ms : DELAY_MOST_MS;
}
