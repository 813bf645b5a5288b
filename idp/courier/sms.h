/* SPDX-License-Identifier: Apache-2.0 */
/* The text and number of an SMS. Pure. */
#ifndef PRATU_COURIER_SMS_H
#define PRATU_COURIER_SMS_H

#include <stdbool.h>

/* Does a number have the form "+" and 7 to 15 digits, of which the first is not 0? ITU-T E.164 */
bool sms_number_valid(const char *number);
/* Can text (UTF-8) be written in GSM's 7-bit alphabet and its extension? Otherwise it goes as
 * UCS-2, of which less fits into an SMS. 3GPP TS 23.038 s6.2.1 */
bool sms_is_gsm7(const char *text);

#endif
