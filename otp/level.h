/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Levels of assurance and their names. A level is earned by what the citizen proved in one sign-in;
 * the vault states it as `acr`, the web role compares it with what an agency asks for. Pure.
 */
#ifndef PRATU_OTP_LEVEL_H
#define PRATU_OTP_LEVEL_H

#include <stdbool.h>

enum level {
	LEVEL_NONE,
	LEVEL_1,
	LEVEL_2,
	LEVEL_3,
};

/* The acr value: "urn:pratu:loa:2". NULL for LEVEL_NONE. Static storage. */
const char *level_acr(enum level level);

#endif
