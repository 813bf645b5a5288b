/* SPDX-License-Identifier: Apache-2.0 */
/* How many bits a client_secret can have: an upper bound by its characters, which a password that
 * somebody invented may reach too. Only random secrets are good ones. Pure. */
#ifndef PRATU_OIDC_CLIENT_SECRET_H
#define PRATU_OIDC_CLIENT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define CLIENT_SECRET_BITS 128 /* the least (RFC 6749 s10.10 has 2^-128 for a guess) */
#define CLIENT_SECRET_MAX 256 /* bytes */

/* At most so many bits: its length times those of one character, by the kinds of characters that it
 * has (hexadecimal, digits, letters, others), or by how many different ones where these are few. */
size_t client_secret_bits(const char *secret);
/* One that stands in documentation, for somebody to replace? */
bool client_secret_placeholder(const char *secret);

#endif
