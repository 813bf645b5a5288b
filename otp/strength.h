/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How hard a password is to guess, by zxcvbn: what it is made of (common passwords, words, names,
 * keyboard walks, dates, repetitions) counts, not which characters. No composition rules (NIST SP
 * 800-63B-4 s3.1.1.2). The only place that includes zxcvbn. Pure.
 */
#ifndef PRATU_OTP_STRENGTH_H
#define PRATU_OTP_STRENGTH_H

#include "idp/base/str.h"
#include <stdbool.h>

/* log2 of the guesses that a password has to withstand: 10^8, zxcvbn's third score. Tries at the
 * service are far fewer; this is for the day when the hashes are stolen. */
#define STRENGTH_BITS 27

/* log2 of the guesses that find the password. words: what is known of the citizen (names, numbers,
 * addresses; UTF-8): they and their parts count as the first words to be tried, before those of the
 * service and of the Thai language that are in strength.c. Only the first 72 characters are judged.
 * 0: no UTF-8. */
double strength_bits(struct arena *arena, const char *password, const struct str_list *words);
/* Is that at least STRENGTH_BITS? */
bool strength_enough(struct arena *arena, const char *password, const struct str_list *words);

#endif
