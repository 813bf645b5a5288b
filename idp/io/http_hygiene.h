/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which request heads are refused, whatever they ask for: pure decisions over what libmicrohttpd
 * took out of the bytes. It is lenient (0.9.75 takes a bare LF for a line's end, joins folded lines
 * wrongly, and stops at a NUL), and lenience before a proxy is how requests are smuggled; so each
 * is refused here. RFC 9112 s2.2, s3, s5, s6, s11.2.
 */
#ifndef PRATU_IO_HTTP_HYGIENE_H
#define PRATU_IO_HTTP_HYGIENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_FIELDS_MAX 100

/* status 0: nothing to refuse. reason: a short word for the log and the answer; static storage. */
struct http_refusal {
	int status;
	const char *reason;
};

/* One header line. Name and value are where they stand in the read buffer; each is NUL-terminated.
 */
struct http_field {
	const char *name, *value;
};

/* A request head after the library has cut it up in place. All pointers point into the one read
 * buffer, which holds method NUL target NUL version NUL NUL { name NUL blanks value NUL NUL } NUL
 * NUL where each NUL stands for the byte of the grammar that was there: so distances tell what the
 * library swallowed. One thing is not visible: a NUL from a CR before LF; the line ends at the same
 * place. */
struct http_head {
	const char *method, *target, *version;
	size_t target_len; /* before the library decoded or cut it */
	size_t size; /* bytes from the method to the empty line, both included */
	const struct http_field *fields;
	size_t n_fields; /* those of more than HTTP_FIELDS_MAX are only counted */
};

/* Layout, characters, repeated fields, Host, framing, expectations, sizes. The first fault found.
 */
struct http_refusal http_hygiene_check(const struct http_head *head);
/* Once, digits only, at most HTTP_BODY_MAX: the value of Content-Length; 0 if there is none. */
struct http_refusal http_hygiene_length(const struct http_head *head, size_t *length);

#endif
