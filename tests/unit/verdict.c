/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"
#include "idp/courier/verdict.h"

static const struct {
	struct transfer_report report;
	enum verdict http, smtp;
	bool http_works, smtp_works;
} rows[] = {
	/* Nothing of the message has left: certainly not accepted, whatever went wrong. */
	{{TRANSFER_NO_CONNECTION, false, 0}, VERDICT_AGAIN, VERDICT_AGAIN, false, false},
	{{TRANSFER_NO_TLS, false, 0}, VERDICT_AGAIN, VERDICT_AGAIN, false, false},
	{{TRANSFER_LOGIN, false, 535}, VERDICT_AGAIN, VERDICT_AGAIN, false, false},
	{{TRANSFER_TIMEOUT, false, 0}, VERDICT_AGAIN, VERDICT_AGAIN, false, false},
	{{TRANSFER_TIMEOUT, false, 250}, VERDICT_AGAIN, VERDICT_AGAIN, false, false},
	{{TRANSFER_BROKEN, false, 0}, VERDICT_AGAIN, VERDICT_AGAIN, false, false},
	{{TRANSFER_BROKEN, false, 220}, VERDICT_AGAIN, VERDICT_AGAIN, false, false},
	{{TRANSFER_NOT_LET, false, 0}, VERDICT_LEFT, VERDICT_LEFT, true, true},
	/* Begun, and no whole answer: it may have been accepted. */
	{{TRANSFER_TIMEOUT, true, 0}, VERDICT_UNKNOWN, VERDICT_UNKNOWN, false, false},
	{{TRANSFER_BROKEN, true, 0}, VERDICT_UNKNOWN, VERDICT_UNKNOWN, false, false},
	{{TRANSFER_BROKEN, true, 354}, VERDICT_AGAIN, VERDICT_UNKNOWN, false, false},
	{{TRANSFER_TIMEOUT, true, 354}, VERDICT_AGAIN, VERDICT_UNKNOWN, false, false},
};

static void what_has_not_left_was_not_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct judgement http = verdict_of_http(&rows[i].report),
				       smtp = verdict_of_smtp(&rows[i].report);
		assert_int_equal(http.verdict, rows[i].http);
		assert_int_equal(smtp.verdict, rows[i].smtp);
		assert_int_equal(http.works, rows[i].http_works);
		assert_int_equal(smtp.works, rows[i].smtp_works);
		assert_non_null(http.reason);
		assert_non_null(smtp.reason);
	}
}

static const struct {
	long status;
	enum verdict verdict;
	bool works;
} http[] = {
	{200, VERDICT_SENT, true},
	{202, VERDICT_SENT, true},
	{302, VERDICT_AGAIN, false},
	{400, VERDICT_REFUSED, true},
	{401, VERDICT_AGAIN, false},
	{403, VERDICT_AGAIN, false},
	{404, VERDICT_AGAIN, false},
	{408, VERDICT_UNKNOWN, false},
	{413, VERDICT_REFUSED, true},
	{429, VERDICT_AGAIN, false},
	{500, VERDICT_UNKNOWN, false},
	{502, VERDICT_UNKNOWN, false},
	{503, VERDICT_AGAIN, false},
	{504, VERDICT_UNKNOWN, false},
};

/* Also where the connection is lost behind the status line: that stands for the decision. */
static void an_http_status_says_whether_it_was_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(http); i++) {
		struct transfer_report report = {TRANSFER_DONE, true, http[i].status};
		assert_int_equal(verdict_of_http(&report).verdict, http[i].verdict);
		assert_int_equal(verdict_of_http(&report).works, http[i].works);
		report.end = TRANSFER_BROKEN;
		assert_int_equal(verdict_of_http(&report).verdict, http[i].verdict);
	}
	assert_null(verdict_of_http(&(struct transfer_report){TRANSFER_DONE, true, 202}).reason);
}

static void an_smtp_reply_is_for_now_or_for_ever(void **state)
{
	static const struct {
		struct transfer_report report;
		enum verdict verdict;
		bool works;
	} replies[] = {
		{{TRANSFER_DONE, true, 250}, VERDICT_SENT, true},
		{{TRANSFER_BROKEN, true, 451}, VERDICT_AGAIN, false},
		{{TRANSFER_BROKEN, true, 552}, VERDICT_REFUSED, true},
		/* One mailbox that is busy or full: the server works. */
		{{TRANSFER_BROKEN, false, 450}, VERDICT_AGAIN, true},
		{{TRANSFER_BROKEN, true, 450}, VERDICT_AGAIN, true},
		{{TRANSFER_BROKEN, false, 452}, VERDICT_AGAIN, true},
		{{TRANSFER_BROKEN, false, 451}, VERDICT_AGAIN, false},
		{{TRANSFER_BROKEN, false, 421}, VERDICT_AGAIN, false},
		{{TRANSFER_BROKEN, false, 550}, VERDICT_REFUSED, true},
		{{TRANSFER_BROKEN, false, 530}, VERDICT_AGAIN, false},
		{{TRANSFER_BROKEN, false, 554}, VERDICT_AGAIN, false},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(replies); i++) {
		const struct judgement judged = verdict_of_smtp(&replies[i].report);
		assert_int_equal(judged.verdict, replies[i].verdict);
		assert_int_equal(judged.works, replies[i].works);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_not_left_was_not_accepted),
		cmocka_unit_test(an_http_status_says_whether_it_was_accepted),
		cmocka_unit_test(an_smtp_reply_is_for_now_or_for_ever),
	};
	return cmocka_run_group_tests_name("courier/verdict", tests, NULL, NULL);
}
