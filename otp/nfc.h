/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One writing for text that looks the same: Unicode normalisation form C (UAX #15), on utf8proc.
 * Pure.
 */
#ifndef PRATU_OTP_NFC_H
#define PRATU_OTP_NFC_H

#include "idp/base/arena.h"

/* text (UTF-8) in form C, in the arena, which wipes it at its end. NULL: no UTF-8. */
char *nfc_text(struct arena *arena, const char *text);
/* The same in lower case. */
char *nfc_lower(struct arena *arena, const char *text);

#endif
