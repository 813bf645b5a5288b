/* SPDX-License-Identifier: Apache-2.0 */
/* A TOTP seed as it is written down: base32 (RFC 4648 s6). Pure. */
#ifndef PRATU_OTP_SEED_H
#define PRATU_OTP_SEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEED_MIN 16 /* bytes; RFC 4226 s4 R6 asks for 128 bits at least */
#define SEED_MAX 64

/* Decode upper-case base32 with or without its padding into out; *len in bytes. False: a stray
 * character, a wrong padding, bits left over that are not zero, or a seed shorter than SEED_MIN or
 * longer than SEED_MAX; then out is wiped. */
bool seed_decode(const char *text, uint8_t out[static SEED_MAX], size_t *len);

#endif
