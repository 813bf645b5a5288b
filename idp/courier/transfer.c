/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/courier/transfer.h"
#include "idp/base/heap.h"
#include "idp/base/log.h"
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#define REPLY_MAX 65536 /* bytes of a gateway's answer; nobody reads them */

struct transfer {
	CURL *curl;
	const struct settings *settings;
	const atomic_bool *stopping;
	/* Of the present exchange. */
	const struct transfer_leave *leave;
	bool begun, not_let;
	const char *text; /* of a mail: what is still to be sent */
	size_t replied; /* bytes */
};

struct result transfer_open(void)
{
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, heap_wipe_free, heap_wipe_realloc,
		    strdup, calloc) != CURLE_OK)
		FAIL(ERR_IO);
	return OK;
}

struct result transfer_new(
	const struct settings *settings, const atomic_bool *stopping, struct transfer **out)
{
	struct transfer *const made = calloc(1, sizeof *made);
	if (!made)
		abort();
	made->settings = settings;
	made->stopping = stopping;
	made->curl = curl_easy_init();
	if (!made->curl) {
		free(made);
		FAIL(ERR_IO);
	}
	*out = made;
	return OK;
}

void transfer_free(struct transfer *transfer)
{
	if (!transfer)
		return;
	curl_easy_cleanup(transfer->curl);
	free(transfer);
}

static bool may_leave(struct transfer *transfer)
{
	if (transfer->begun)
		return true;
	transfer->begun = transfer->leave->ask(transfer->leave->arg);
	transfer->not_let = !transfer->begun;
	return transfer->begun;
}

/* The connection stands, with its TLS; the request has not been written. */
static int on_connected(void *arg, char *ip, char *local_ip, int port, int local_port)
{
	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	return may_leave(arg) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
}

/* The mail server has answered DATA with 354, and waits for the text. */
static size_t on_read(char *out, size_t size, size_t n, void *arg)
{
	struct transfer *const transfer = arg;
	const size_t left = strlen(transfer->text), room = size * n;
	const size_t len = left < room ? left : room;
	if (!may_leave(transfer))
		return CURL_READFUNC_ABORT;
	memcpy(out, transfer->text, len);
	transfer->text += len;
	return len;
}

static size_t on_reply(char *bytes, size_t size, size_t n, void *arg)
{
	struct transfer *const transfer = arg;
	(void)bytes;
	transfer->replied += size * n;
	return transfer->replied <= REPLY_MAX ? size * n : 0;
}

/* At the stop, what has not begun is given up; another process has it at once. */
static int on_progress(
	void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	const struct transfer *const transfer = arg;
	(void)total;
	(void)now;
	(void)up_total;
	(void)up_now;
	return !transfer->begun && atomic_load(transfer->stopping);
}

#define SET(option, value) \
	if (curl_easy_setopt(curl, option, value) != CURLE_OK) \
	FAIL(ERR_IO)

/* A connection that was used before may die under a request, and libcurl would then write it a
 * second time: none is used again. */
static struct result prepare(struct transfer *transfer, const char *url, const char *protocols)
{
	CURL *const curl = transfer->curl;
	const struct settings *const settings = transfer->settings;
	curl_easy_reset(curl);
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, protocols);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TIMEOUT_MS, (long)settings->gateway_timeout_s * 1000);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)settings->gateway_timeout_s * 1000);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (!str_empty(settings->gateway_ca_file))
		SET(CURLOPT_CAINFO, settings->gateway_ca_file);
	SET(CURLOPT_WRITEFUNCTION, on_reply);
	SET(CURLOPT_WRITEDATA, transfer);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, on_progress);
	SET(CURLOPT_XFERINFODATA, transfer);
	return OK;
}

/* What is not here broke off. */
static const struct {
	CURLcode code;
	enum transfer_end end;
} ends[] = {
	{CURLE_OK, TRANSFER_DONE},
	{CURLE_COULDNT_RESOLVE_HOST, TRANSFER_NO_CONNECTION},
	{CURLE_COULDNT_CONNECT, TRANSFER_NO_CONNECTION},
	{CURLE_SSL_CONNECT_ERROR, TRANSFER_NO_TLS},
	{CURLE_PEER_FAILED_VERIFICATION, TRANSFER_NO_TLS},
	{CURLE_SSL_CACERT_BADFILE, TRANSFER_NO_TLS},
	{CURLE_USE_SSL_FAILED, TRANSFER_NO_TLS},
	{CURLE_LOGIN_DENIED, TRANSFER_LOGIN},
	{CURLE_OPERATION_TIMEDOUT, TRANSFER_TIMEOUT},
};

static enum transfer_end end_of(const struct transfer *transfer, CURLcode code)
{
	if (transfer->not_let)
		return TRANSFER_NOT_LET;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (ends[i].code == code)
			return ends[i].end;
	return TRANSFER_BROKEN;
}

static struct transfer_report perform(struct transfer *transfer, const struct transfer_leave *leave)
{
	struct transfer_report report = {0};
	transfer->leave = leave;
	transfer->begun = transfer->not_let = false;
	transfer->replied = 0;
	const CURLcode code = curl_easy_perform(transfer->curl);
	(void)curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &report.status);
	report.end = end_of(transfer, code);
	report.begun = transfer->begun;
	if (code != CURLE_OK)
		log_debug("courier.transfer", "error", curl_easy_strerror(code));
	curl_easy_reset(transfer->curl);
	return report;
}

static void list_auto(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}
#define AUTO_LIST __attribute__((cleanup(list_auto)))

static struct result append(struct curl_slist **list, const char *text)
{
	struct curl_slist *const longer = curl_slist_append(*list, text);
	if (!longer)
		FAIL(ERR_IO);
	*list = longer;
	return OK;
}

static struct result prepare_http(
	struct transfer *transfer, const struct transfer_http *http, struct curl_slist **headers)
{
	CURL *const curl = transfer->curl;
	TRY(prepare(transfer, http->url, "http,https"));
	TRY(append(headers, "Expect:"));
	for (size_t i = 0; i < http->headers.n; i++)
		TRY(append(headers, http->headers.items[i]));
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_USERAGENT, "pratu");
	SET(CURLOPT_HTTPHEADER, *headers);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDS, http->body);
	SET(CURLOPT_PREREQFUNCTION, on_connected);
	SET(CURLOPT_PREREQDATA, transfer);
	return OK;
}

static struct result prepare_mail(
	struct transfer *transfer, const struct transfer_mail *mail, struct curl_slist **to)
{
	CURL *const curl = transfer->curl;
	const bool plain = transfer->settings->smtp_tls == SMTP_TLS_NONE;
	TRY(prepare(transfer, mail->url, "smtp,smtps"));
	TRY(append(to, mail->to));
	SET(CURLOPT_USE_SSL, plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL);
	if (mail->user) {
		SET(CURLOPT_USERNAME, mail->user);
		SET(CURLOPT_PASSWORD, mail->password);
	}
	SET(CURLOPT_MAIL_FROM, mail->from);
	SET(CURLOPT_MAIL_RCPT, *to);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, on_read);
	SET(CURLOPT_READDATA, transfer);
	transfer->text = mail->text;
	return OK;
}

/* Where libcurl could not even be told what to do. */
static const struct transfer_report nothing = {TRANSFER_BROKEN, false, 0};

struct transfer_report transfer_http(struct transfer *transfer, const struct transfer_http *http,
	const struct transfer_leave *leave)
{
	AUTO_LIST struct curl_slist *headers = NULL;
	if (prepare_http(transfer, http, &headers).err != ERR_NONE)
		return nothing;
	return perform(transfer, leave);
}

struct transfer_report transfer_mail(struct transfer *transfer, const struct transfer_mail *mail,
	const struct transfer_leave *leave)
{
	AUTO_LIST struct curl_slist *to = NULL;
	if (prepare_mail(transfer, mail, &to).err != ERR_NONE)
		return nothing;
	return perform(transfer, leave);
}
