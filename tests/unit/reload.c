/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/base/log.h"
#include "idp/io/reload.h"
#include <stdio.h>
#include <stdlib.h>

#define FIRST "issuer = https://localhost:8443\nservice_name_en = First\nquick_workers = 4\n"

struct rig {
	char dir[32], path[64];
	struct settings *settings;
	struct reload *reload;
	int asked;
};

static void write_file(const struct rig *rig, const char *text)
{
	FILE *file = fopen(rig->path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void begin(struct rig *rig)
{
	struct settings_fault fault;
	*rig = (struct rig){.dir = "/tmp/pratu-reload-XXXXXX"};
	assert_non_null(mkdtemp(rig->dir));
	(void)snprintf(rig->path, sizeof rig->path, "%s/conf", rig->dir);
	write_file(rig, FIRST);
	assert_ok(settings_load(rig->path, &rig->settings, &fault));
	rig->reload = reload_new(rig->settings);
}

static void end(struct rig *rig)
{
	reload_free(rig->reload);
	settings_free(rig->settings);
	unlink(rig->path);
	rmdir(rig->dir);
}

static struct result agree(void *arg, const struct settings *fresh)
{
	struct rig *rig = arg;
	rig->asked++;
	assert_string_equal(fresh->issuer, "https://localhost:8443");
	return OK;
}

static struct result refuse(void *arg, const struct settings *fresh)
{
	(void)fresh;
	((struct rig *)arg)->asked++;
	FAIL(ERR_CONFIG);
}

static void what_may_change_is_in_force(void **state)
{
	struct rig rig;
	(void)state;
	begin(&rig);
	const struct settings *before = reload_settings(rig.reload);
	assert_ptr_equal(before, rig.settings);
	write_file(&rig, "issuer = https://localhost:8443\nservice_name_en = Second\n"
			 "quick_workers = 9\ncode_ttl_s = 30\n");
	reload_read(rig.reload, agree, &rig);
	const struct settings *now = reload_settings(rig.reload);
	assert_int_equal(rig.asked, 1);
	assert_string_equal(now->service_name_en, "Second");
	assert_int_equal(now->code_ttl_s, 30);
	assert_int_equal(now->quick_workers, 4); /* a restart changes it */
	/* Who still works with the former ones finds them as they were. */
	assert_string_equal(before->service_name_en, "First");
	end(&rig);
}

/* The sandbox's fixed codes are never a reload away. */
static void mode_and_issuer_stay(void **state)
{
	struct rig rig;
	(void)state;
	begin(&rig);
	write_file(&rig, "issuer = https://other.example\nmode = sandbox\n"
			 "listen = 127.0.0.1:9\nservice_name_en = Second\n");
	reload_read(rig.reload, agree, &rig);
	const struct settings *now = reload_settings(rig.reload);
	assert_string_equal(now->service_name_en, "Second");
	assert_int_equal(now->mode, MODE_PRODUCTION);
	assert_string_equal(now->issuer, "https://localhost:8443");
	assert_int_equal(now->listen_port, 8443);
	end(&rig);
}

static void what_was_taken_out_has_its_default_again(void **state)
{
	struct rig rig;
	(void)state;
	begin(&rig);
	write_file(&rig, "issuer = https://localhost:8443\n");
	reload_read(rig.reload, NULL, NULL);
	assert_string_equal(reload_settings(rig.reload)->service_name_en, "Pratu");
	assert_int_equal(reload_settings(rig.reload)->quick_workers, 4);
	write_file(&rig, FIRST);
	reload_read(rig.reload, NULL, NULL);
	assert_string_equal(reload_settings(rig.reload)->service_name_en, "First");
	end(&rig);
}

static void nothing_changes(struct rig *rig, const char *text)
{
	const struct settings *before = reload_settings(rig->reload);
	write_file(rig, text);
	reload_read(rig->reload, agree, rig);
	assert_ptr_equal(reload_settings(rig->reload), before);
}

static void a_wrong_file_changes_nothing(void **state)
{
	static const char *const wrong[] = {"", "issuer = https://localhost:8443\nnonsense\n",
		"issuer = https://localhost:8443\nservice_name_en = X\ncode_ttl_s = 0\n",
		"issuer = https://localhost:8443\nservice_name_en = X\nmodes = sandbox\n",
		/* Right by itself, but not beside session_absolute_s as it stays. */
		"issuer = https://localhost:8443\nsession_absolute_s = 90000\n"
		"session_idle_s = 80000\n"};
	struct rig rig;
	(void)state;
	begin(&rig);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		nothing_changes(&rig, wrong[i]);
	assert_int_equal(rig.asked, 0);
	unlink(rig.path);
	reload_read(rig.reload, agree, &rig);
	assert_ptr_equal(reload_settings(rig.reload), rig.settings);
	end(&rig);
}

static void what_the_role_cannot_use_changes_nothing(void **state)
{
	struct rig rig;
	(void)state;
	begin(&rig);
	write_file(&rig, "issuer = https://localhost:8443\nservice_name_en = Second\n");
	reload_read(rig.reload, refuse, &rig);
	assert_int_equal(rig.asked, 1);
	assert_ptr_equal(reload_settings(rig.reload), rig.settings);
	end(&rig);
}

/* The certificate's files may have another content under the same names. */
static void the_role_is_asked_though_no_setting_changed(void **state)
{
	struct rig rig;
	(void)state;
	begin(&rig);
	nothing_changes(&rig, FIRST);
	assert_int_equal(rig.asked, 1);
	/* What needs a restart alone puts no other settings in force either. */
	nothing_changes(&rig, FIRST "hash_threads = 4\n");
	end(&rig);
}

static void settings_without_a_file_stay(void **state)
{
	const struct settings made = {.issuer = "https://localhost:8443"};
	struct reload *reload = reload_new(&made);
	(void)state;
	reload_read(reload, NULL, NULL);
	assert_ptr_equal(reload_settings(reload), &made);
	reload_free(reload);
	reload_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_change_is_in_force),
		cmocka_unit_test(mode_and_issuer_stay),
		cmocka_unit_test(what_was_taken_out_has_its_default_again),
		cmocka_unit_test(a_wrong_file_changes_nothing),
		cmocka_unit_test(what_the_role_cannot_use_changes_nothing),
		cmocka_unit_test(the_role_is_asked_though_no_setting_changed),
		cmocka_unit_test(settings_without_a_file_stay),
	};
	log_open("test", LOG_LEVEL_NONE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
