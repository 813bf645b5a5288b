/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a request head that have a grammar of their own: target, cookies, forwarded
 * addresses, media type. Pure. The whole is parsed or refused.
 */
#ifndef PRATU_IO_HTTP_PARSE_H
#define PRATU_IO_HTTP_PARSE_H

#include "idp/base/arena.h"
#include "idp/io/http_hygiene.h"

/* Split a request target (origin-form, absolute-form of http or https, or "*") and decode the path
 * once. Refused: other forms, bytes that are not visible ASCII, '#', a broken escape, an escaped
 * control character, slash or backslash, dot segments, empty segments, a path that is not UTF-8,
 * %00 in path or query. *path and *query live in the arena; *query is raw and without '?', "" if
 * there is none. RFC 9112 s3.2. */
struct http_refusal http_parse_target(
	struct arena *arena, const char *target, const char **path, const char **query);

/* The value of a cookie by its exact name in a Cookie header (NULL gives NULL), in the arena; NULL
 * if absent or given twice with different values. RFC 6265 s5.4. */
const char *http_parse_cookie(struct arena *arena, const char *header, const char *name);

/* Who asks: peer, or, if peer is among the trusted addresses (space-separated), the right-most
 * address of the X-Forwarded-For list that is not. An entry that is no IP address ends the search
 * at the last good one. In canonical text, in the arena. */
const char *http_parse_forwarded(
	struct arena *arena, const char *peer, const char *trusted, const char *forwarded);

/* An IP address in canonical text (RFC 5952; an IPv4-mapped one as IPv4), in the arena; NULL if
 * text is none. A port behind it, as in "192.0.2.1:80" or "[2001:db8::1]:80", is left out. */
const char *http_parse_address(struct arena *arena, const char *text);

/* Does an Accept-Encoding (NULL: there is none) allow this content coding? RFC 9110 s12.5.3 */
bool http_parse_accepts(struct arena *arena, const char *header, const char *coding);

/* Is a Content-Type (may be NULL) that of a form, whatever its parameters? */
bool http_parse_is_form(const char *content_type);

#endif
