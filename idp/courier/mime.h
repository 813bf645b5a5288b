/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An e-mail as it goes over the wire: headers and a text in UTF-8 (RFC 5322, RFC 2047, RFC 2045).
 * Pure. No header takes more than one line of what it was given, whatever that holds.
 */
#ifndef PRATU_COURIER_MIME_H
#define PRATU_COURIER_MIME_H

#include "idp/base/arena.h"
#include <stdbool.h>
#include <stdint.h>

struct mime {
	const char *message_id; /* becomes the Message-ID, with the host of from behind it */
	const char *from_name, *from; /* name: any UTF-8; from, to: addresses alone */
	const char *to, *subject, *body; /* body: lines end in "\n" */
	const char *language; /* "th" or "en" */
	int64_t now_s;
};

/* Is it an address that can stand in a command of SMTP and in a header as it is: ASCII, one '@',
 * nothing that would have to be quoted? */
bool mime_address_valid(const char *address);
/* The mail, with lines ended by CRLF, in the arena. */
const char *mime_mail(struct arena *arena, const struct mime *mime);

#endif
