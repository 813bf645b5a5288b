/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/web_help.h"
#include "idp/base/crypto.h"
#include "idp/base/str.h"
#include "idp/page/page.h"
#include "idp/page/page_text.h"
#include "pages.h"
#include <openssl/evp.h>

#define FIRST_PAINT 30720 /* bytes of a page and its stylesheet */

static const char HOSTILE[] = "\\\"><script>alert(1)</script><a href='x' onclick=\\\"";

/* All that any page asks for; s stands wherever a stranger's or an agency's words may come. */
static json_t *everything(struct arena *arena, const char *s)
{
	static const char shape[] =
		"{\"t\":\"@\",\"agency\":\"@\",\"subject_key\":\"disclosure.pairwise\",\"claims\":"
		"["
		"{\"parts\":[{\"label_key\":\"claim.name\"},{\"label_key\":\"claim.middle_name\","
		"\"more\":true}],"
		"\"value\":\"@\"},{\"parts\":[{\"label_key\":\"claim.email\"}]}]"
		","
		"\"offline\":true,\"links\":{\"site\":\"https://a.example/\","
		"\"policy\":\"https://a.example/\",\"tos\":\"https://a.example/\"},"
		"\"login\":\"@\",\"step\":1,\"name\":\"@\",\"duration\":\"@\",\"keep_key\":\"wait."
		"keep\",\"lead_key\":\"wait.text\",\"why_key\":\"wait.why\",\"count\":3,\"to_"
		"password\":"
		"true,"
		"\"problem\":{\"items\":[{\"field\":\"login\",\"text_key\":\"signin.refused\"}],"
		"\"advice_key\":\"factor.advice\"},\"login_error\":\"signin.refused_login\","
		"\"password_error\":\"signin.refused_password\",\"code_error\":\"factor.refused\","
		"\"known\":true,\"notice_key\":\"home.ended\",\"this\":{\"device\":\"@\","
		"\"agencies\":[\"@\"],\"since\":\"@\",\"seen\":\"@\",\"address\":\"@\"}"
		","
		"\"others\":[{\"other\":true,\"session_id\":\"@\",\"device\":\"@\","
		"\"agencies\":[],\"since\":\"\",\"seen\":\"\",\"address\":\"\"}],\"has_others\":"
		"true,"
		"\"client_name\":\"@\",\"handle\":\"@\",\"action\":\"https://a.example/cb\","
		"\"fields\":[{\"name\":\"state\",\"value\":\"@\"}],"
		"\"title_key\":\"error.generic.title\",\"text_key\":\"error.generic.text\","
		"\"link\":\"/\",\"link_key\":\"error.home\",\"correlation_id\":\"@\","
		"\"detail\":\"@\",\"change_password\":\"https://a.example/\","
		"\"connected\":[{\"client_id\":\"@\",\"agency_name\":\"@\",\"since\":\"@\","
		"\"offline\":true}],"
		"\"seconds\":239,\"purpose\":\"@\",\"folded\":2,\"notice\":\"https://a.example/"
		"\",\"record_days\":90,\"session_hours\":12,"
		"\"offline_days\":90}";
	struct buf text = buf_new(arena);
	json_t *data = NULL;

	for (const char *at = shape; *at; at++)
		buf_putn(&text, *at == '@' ? s : at, *at == '@' ? strlen(s) : 1);
	assert_ok(json_parse(text.text, text.len, &data, NULL));
	return data;
}

static const char *const PAGES[] = {"account", "blocked", "consent", "error", "expired",
	"form_post", "help", "home", "logout_confirm", "notice", "privacy", "signed_out",
	"signin_password", "signin_factor", "wait"};

static size_t style_len(void)
{
	for (const struct embedded_file *f = pages_files; f->name; f++) {
		if (strcmp(f->name, "style.css") == 0)
			return f->len;
	}
	fail_msg("no stylesheet");
	return 0;
}

static void show(struct help *help, const char *name, const char *lang, const char *words)
{
	struct page page = {.name = name, .ui_locales = lang};

	help->settings.mode = MODE_SANDBOX;
	help->request.query_text = "t=x";
	page.data = everything(help->ctx.arena, words);
	page_show(&help->ctx, &page);
}

static void every_page_in_both_languages(void **state)
{
	static const char *const langs[] = {"th", "en"};

	(void)state;
	for (size_t i = 0; i < COUNT(PAGES) * COUNT(langs); i++) {
		const char *lang = langs[i % COUNT(langs)];
		struct help help;
		help_open(&help);
		show(&help, PAGES[i / COUNT(langs)], lang, "กรม & co");
		const char *body = help.response.body;
		assert_int_equal(help.response.status, 200);
		assert_non_null(
			strstr(body, arena_printf(help.ctx.arena, "<html lang=\"%s\">", lang)));
		assert_non_null(strstr(body, "<main id=\"main\""));
		assert_non_null(strstr(body, "class=\"sandbox\""));
		assert_non_null(strstr(body, "pratu.example"));
		assert_non_null(strstr(body, str_eq(lang, "th") ? "โทร 1111" : "Call 1111"));
		assert_non_null(strstr(body, "/language?to="));
		assert_true(help.response.body_len + style_len() < FIRST_PAINT);
		help_close(&help);
	}
}

static void no_page_lets_words_become_markup(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(PAGES); i++) {
		struct help help;
		help_open(&help);
		show(&help, PAGES[i], "en", HOSTILE);
		assert_int_equal(help.response.status, 200);
		assert_null(strstr(help.response.body, "<script>alert"));
		assert_null(strstr(help.response.body, "<a href='x'"));
		help_close(&help);
	}
}

static void strict_headers(void **state)
{
	struct help help;
	struct page page = {.name = "signed_out", .form_self = true};

	(void)state;
	help_open(&help);
	page_show(&help.ctx, &page);
	assert_string_equal(help_answer(&help, "Content-Security-Policy", 0),
		"default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors "
		"'none'; "
		"base-uri 'none'; form-action 'self'");
	assert_string_equal(help_answer(&help, "X-Frame-Options", 0), "DENY");
	assert_string_equal(help_answer(&help, "X-Content-Type-Options", 0), "nosniff");
	assert_string_equal(help_answer(&help, "Referrer-Policy", 0), "strict-origin");
	assert_string_equal(help_answer(&help, "Cache-Control", 0), "no-store");
	assert_string_equal(help_answer(&help, "Content-Language", 0), "th");
	assert_null(help_answer(&help, "Cross-Origin-Opener-Policy", 0));
	page.isolated = true;
	page.form_self = false;
	help.response = (struct http_response){0};
	page_show(&help.ctx, &page);
	assert_string_equal(help_answer(&help, "Content-Security-Policy", 0),
		"default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors "
		"'none'; base-uri 'none'");
	assert_string_equal(help_answer(&help, "Cross-Origin-Opener-Policy", 0), "same-origin");
	help_close(&help);
}

/* 'sha256-…' of a text, as a Content-Security-Policy names a script. */
static const char *script_source(struct arena *arena, const char *text, size_t len)
{
	uint8_t hash[SHA256_LEN];
	unsigned char base64[64];

	crypto_sha256(text, len, hash);
	assert_int_equal(EVP_EncodeBlock(base64, hash, SHA256_LEN), 44);
	return arena_printf(arena, "; script-src 'sha256-%s'", (const char *)base64);
}

static void one_script_runs_and_only_on_its_page(void **state)
{
	struct help help;
	struct page page = {.name = "form_post", .auto_submit = true};

	(void)state;
	help_open(&help);
	page.data = everything(help.ctx.arena, "x");
	page_show(&help.ctx, &page);
	const char *csp = help_answer(&help, "Content-Security-Policy", 0);
	const char *open = strstr(help.response.body, "<script>");
	assert_non_null(open);
	open += strlen("<script>");
	const char *close = strstr(open, "</script>");
	assert_non_null(close);
	assert_non_null(strstr(csp, script_source(help.ctx.arena, open, (size_t)(close - open))));
	assert_null(strstr(csp, "form-action"));
	assert_null(strstr(close + 1, "<script"));
	assert_null(strstr(csp, "unsafe"));
	help_close(&help);
}

static void an_error_says_its_detail_and_a_way_on(void **state)
{
	struct help help;

	(void)state;
	help_open(&help);
	help_header(&help, "Accept-Language", "en");
	page_error(&help.ctx, 400, "error.redirect_uri", "expected <one>", "javascript:alert(1)");
	assert_int_equal(help.response.status, 400);
	assert_non_null(strstr(help.response.body, "We cannot send you back"));
	assert_non_null(strstr(help.response.body, "expected &lt;one&gt;"));
	assert_non_null(strstr(help.response.body, "correlation0000000000x"));
	assert_non_null(strstr(help.response.body, "class=\"button\" href=\"/\""));
	assert_null(strstr(help.response.body, "javascript"));
	help_close(&help);
}

static void an_unknown_error_still_is_a_page(void **state)
{
	struct help help;

	(void)state;
	help_open(&help);
	help.request = (struct http_request){.arena = help.request.arena};
	page_error(&help.ctx, 503, "error.of_no_name", NULL, NULL);
	assert_int_equal(help.response.status, 503);
	assert_non_null(strstr(help.response.body, "ไม่สามารถดำเนินการได้"));
	help_close(&help);
}

static void a_broken_page_denies(void **state)
{
	struct help help;
	struct page page = {.name = "no_such_page"};

	(void)state;
	help_open(&help);
	page_show(&help.ctx, &page);
	assert_int_equal(help.response.status, 500);
	assert_non_null(help_answer(&help, "Content-Security-Policy", 0));
	help_close(&help);
}

/* Is a tag of the template ("{{…}}") that begins at at inside double quotes of its element? */
static bool quoted(const char *start, const char *at)
{
	bool inside = false;

	for (; start < at; start++) {
		if (*start == '<' || *start == '>')
			inside = false;
		if (*start == '"')
			inside = !inside;
	}
	return inside;
}

/* Templates keep to what the engine's escaping can hold: values in text or in double quotes,
 * addresses by url:, no style or event attribute, and no script but the one. */
static void templates_keep_the_rules(void **state)
{
	static const char *const never[] = {"style=", " on", "javascript:", "<style", "='{{"};

	(void)state;
	for (const struct embedded_file *f = pages_files; f->name; f++) {
		if (!strstr(f->name, ".html"))
			continue;
		for (size_t i = 0; i < COUNT(never); i++)
			assert_null(strstr(f->text, never[i]));
		if (strcmp(f->name, "form_post.html") != 0)
			assert_null(strstr(f->text, "<script"));
		for (const char *at = strstr(f->text, "=\"{{"); at; at = strstr(at + 1, "=\"{{")) {
			bool address = strncmp(at - 4, "href", 4) == 0 ||
				       strncmp(at - 6, "action", 6) == 0 ||
				       strncmp(at - 3, "src", 3) == 0;
			assert_true(!address || strncmp(at + 2, "{{url:", 6) == 0);
			assert_true(quoted(f->text, at + 2));
		}
		for (const char *at = strstr(f->text, "={{"); at; at = strstr(at + 1, "={{"))
			assert_true(quoted(f->text, at));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_in_both_languages),
		cmocka_unit_test(no_page_lets_words_become_markup),
		cmocka_unit_test(strict_headers),
		cmocka_unit_test(one_script_runs_and_only_on_its_page),
		cmocka_unit_test(an_error_says_its_detail_and_a_way_on),
		cmocka_unit_test(an_unknown_error_still_is_a_page),
		cmocka_unit_test(a_broken_page_denies),
		cmocka_unit_test(templates_keep_the_rules),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
