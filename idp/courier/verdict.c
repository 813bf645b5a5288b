/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/verdict.h"
#include <stddef.h>

/* Where nothing of the message has left, whatever went wrong. */
static struct judgement not_begun(const struct transfer_report *report)
{
	static const char *const reasons[] = {
		[TRANSFER_DONE] = "broken",
		[TRANSFER_NOT_LET] = "left",
		[TRANSFER_NO_CONNECTION] = "no_connection",
		[TRANSFER_NO_TLS] = "no_tls",
		[TRANSFER_LOGIN] = "login",
		[TRANSFER_TIMEOUT] = "timeout",
		[TRANSFER_BROKEN] = "broken",
	};
	return (struct judgement){VERDICT_AGAIN, reasons[report->end], false};
}

static struct judgement unknown(const struct transfer_report *report)
{
	const char *const reason = report->end == TRANSFER_TIMEOUT ? "timeout" : "lost";
	return (struct judgement){VERDICT_UNKNOWN, reason, false};
}

/* Replies after which the request was certainly not accepted. What is not here, a 500 or a proxy's
 * 502 and 504, may stand behind one that was. */
static const struct {
	long status;
	struct judgement judgement;
} http_replies[] = {
	{400, {VERDICT_REFUSED, "refused", true}},
	{401, {VERDICT_AGAIN, "login", false}},
	{403, {VERDICT_AGAIN, "login", false}}, /* Kannel's, for a wrong user */
	{404, {VERDICT_AGAIN, "not_found", false}},
	{405, {VERDICT_AGAIN, "not_found", false}},
	{413, {VERDICT_REFUSED, "refused", true}},
	{429, {VERDICT_AGAIN, "busy", false}},
	{503, {VERDICT_AGAIN, "busy", false}},
};

struct judgement verdict_of_http(const struct transfer_report *report)
{
	if (report->end == TRANSFER_NOT_LET)
		return (struct judgement){VERDICT_LEFT, "left", true};
	if (!report->begun)
		return not_begun(report);
	if (report->status >= 200 && report->status < 300)
		return (struct judgement){VERDICT_SENT, NULL, true};
	if (report->status >= 300 && report->status < 400)
		return (struct judgement){VERDICT_AGAIN, "not_found", false};
	for (size_t i = 0; i < sizeof http_replies / sizeof *http_replies; i++)
		if (http_replies[i].status == report->status)
			return http_replies[i].judgement;
	return unknown(report);
}

/* 4yz: another time perhaps; 5yz: never. 450 and 452 are about one mailbox, which is busy or full
 * (RFC 5321 s4.2.3): whose it is must not have the server left alone, and others without mail. */
static struct judgement smtp_refused(long status)
{
	const bool of_mailbox = status == 450 || status == 452;
	if (status < 500)
		return (struct judgement){VERDICT_AGAIN, "busy", of_mailbox};
	return (struct judgement){VERDICT_REFUSED, "refused", true};
}

struct judgement verdict_of_smtp(const struct transfer_report *report)
{
	const bool replied = report->end == TRANSFER_BROKEN && report->status >= 400;
	if (report->end == TRANSFER_NOT_LET)
		return (struct judgement){VERDICT_LEFT, "left", true};
	/* Before the text nobody has accepted anything; 530 and 554 are about us, not about the
	 * recipient: a server that lets nobody in may let us in later. */
	if (!report->begun && replied && report->status != 530 && report->status != 554)
		return smtp_refused(report->status);
	if (!report->begun)
		return not_begun(report);
	if (report->end == TRANSFER_DONE)
		return (struct judgement){VERDICT_SENT, NULL, true};
	return replied ? smtp_refused(report->status) : unknown(report);
}
