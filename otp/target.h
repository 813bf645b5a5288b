/* SPDX-License-Identifier: Apache-2.0 */
/* Whereto codes are sent, in its one normal form, however it was written. Pure. */
#ifndef PRATU_OTP_TARGET_H
#define PRATU_OTP_TARGET_H

#include "idp/base/arena.h"

#define TARGET_NUMBER_MAX 16 /* characters: a plus and fifteen digits (ITU-T E.164 s6.1) */
#define TARGET_MAILBOX_MAX 254 /* characters; RFC 5321 s4.5.3.1.3 */

/* A telephone number that messages can be sent to, in E.164's form: "+66812345678". Spaces, dashes,
 * brackets, dots and Thai digits are taken, 00 for the plus, and a Thai number as it is dialled at
 * home (081 234 5678). Of +66, a mobile number alone. NULL: it is none. In the arena. */
const char *target_number(struct arena *arena, const char *text);
/* A mailbox: "somchai@mail.example", of ASCII, without quotes and comments (RFC 5321 s4.1.2), its
 * domain in lower case. NULL: it is none. In the arena. */
const char *target_mailbox(struct arena *arena, const char *text);

#endif
