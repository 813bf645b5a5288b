/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few questions that are asked of an absolute URI (RFC 3986): its scheme, host and port, and
 * whether it holds what a registered URI must not hold. Nothing here normalises: comparisons
 * elsewhere are byte for byte. Pure.
 */
#ifndef PRATU_OIDC_URI_H
#define PRATU_OIDC_URI_H

#include "idp/base/arena.h"
#include <stdbool.h>

#define URI_MAX 2048 /* bytes of a registered URI */

struct uri {
	const char *scheme; /* lower case */
	const char
		*host; /* lower case, with the brackets of an IPv6 literal; "" without authority */
	int port; /* -1: not given */
	bool has_userinfo, has_fragment;
};

/* Take an absolute URI apart. False: not absolute, over URI_MAX bytes, or a character or escape
 * that RFC 3986 does not allow. *out lives in the arena and is set on success only. */
bool uri_parse(struct arena *arena, const char *text, struct uri *out);
/* https with a host, or http to this machine itself (localhost, 127.0.0.1, [::1]). */
bool uri_is_web(const struct uri *uri);
/* Are both http to one loopback host (localhost, 127.0.0.1, [::1]; byte for byte), and alike in all
 * but the port, of which either may have none? RFC 8252 s7.3 */
bool uri_is_loopback_alike(const char *one, const char *other);
/* scheme://host[:port] (RFC 6454 s6.1; a default port is left out) of a URI with authority,
 * "scheme:" of one without; NULL if it does not parse. */
const char *uri_origin(struct arena *arena, const char *text);

#endif
