/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One exchange with a gateway, by libcurl; the only place that includes it. Nothing is repeated
 * here: each exchange has a connection of its own, follows no redirect and asks no proxy. The
 * caller is asked before the first byte of a message leaves. A struct transfer is used by one
 * thread at a time.
 */
#ifndef PRATU_COURIER_TRANSFER_H
#define PRATU_COURIER_TRANSFER_H

#include "idp/base/result.h"
#include "idp/base/settings.h"
#include "idp/base/str.h"
#include "idp/courier/verdict.h"
#include <stdatomic.h>

struct transfer;

/* Once in each process, before its threads: libcurl's memory is wiped when it is released. ERR_IO.
 */
MUST_CHECK struct result transfer_open(void);
/* settings: time-out, authorities, whether SMTP must have TLS; borrowed. stopping: once true, what
 * has not begun is given up. Owned by the caller. ERR_IO. */
MUST_CHECK struct result transfer_new(
	const struct settings *settings, const atomic_bool *stopping, struct transfer **out);
/* NULL-safe. */
void transfer_free(struct transfer *transfer);

/* Asked once the connection stands, before the first byte of the message leaves: noted durably?
 * False: nothing leaves. */
struct transfer_leave {
	bool (*ask)(void *arg);
	void *arg;
};

struct transfer_http {
	const char *url, *body;
	struct str_list headers; /* "Name: value", of printable ASCII */
};
struct transfer_mail {
	const char *url; /* smtp:// or smtps://, with the name for EHLO as its path */
	const char *user, *password; /* NULL: without */
	const char *from, *to; /* addresses alone, as mime_address_valid takes them */
	const char *text;
};

/* POST body. */
struct transfer_report transfer_http(struct transfer *transfer, const struct transfer_http *http,
	const struct transfer_leave *leave);
/* MAIL, RCPT, DATA. */
struct transfer_report transfer_mail(struct transfer *transfer, const struct transfer_mail *mail,
	const struct transfer_leave *leave);

#endif
