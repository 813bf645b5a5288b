/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a try to hand a message over has come to. Pure. The line that matters runs between what
 * certainly was not accepted, and may be tried again, and what may have been: that is never sent
 * again, for two codes to one citizen are worse than none.
 */
#ifndef PRATU_COURIER_VERDICT_H
#define PRATU_COURIER_VERDICT_H

#include <stdbool.h>

/* How the exchange with the gateway ended, as transfer.c tells. */
enum transfer_end {
	TRANSFER_DONE,
	TRANSFER_NOT_LET, /* message_begin did not allow it: not a byte of the message has left */
	TRANSFER_NO_CONNECTION,
	TRANSFER_NO_TLS, /* no STARTTLS, or a certificate that is not valid */
	TRANSFER_LOGIN, /* the mail server refused our user */
	TRANSFER_TIMEOUT,
	TRANSFER_BROKEN, /* the connection was lost, or a reply was not what it should be */
};

struct transfer_report {
	enum transfer_end end;
	bool begun; /* bytes of the message may have left */
	long status; /* of the gateway's last whole reply, HTTP or SMTP; 0: none */
};

enum verdict {
	VERDICT_SENT, /* accepted */
	VERDICT_AGAIN, /* certainly not accepted; another time or another gateway may */
	VERDICT_REFUSED, /* certainly not accepted, and never will be */
	VERDICT_UNKNOWN, /* perhaps accepted */
	VERDICT_LEFT, /* somebody else's by now: leave the row alone */
};

struct judgement {
	enum verdict verdict;
	const char *reason; /* a short fixed word; NULL where sent */
	bool works; /* the gateway does its work: not counted against it */
};

/* Of an HTTP request to Kannel's sendsms. */
struct judgement verdict_of_http(const struct transfer_report *report);
/* Of an e-mail by SMTP, RFC 5321 s4.2. begun: the text of the mail. */
struct judgement verdict_of_smtp(const struct transfer_report *report);

#endif
