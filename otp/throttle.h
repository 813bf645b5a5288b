/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a wrong password delays the next try, and how many wrong second factors a factor bears.
 * The counters are in the database; these are the rules. Pure.
 */
#ifndef PRATU_OTP_THROTTLE_H
#define PRATU_OTP_THROTTLE_H

#include <stdint.h>

#define THROTTLE_DELAYS 13 /* after so many failures the delay no longer grows */
#define THROTTLE_FACTOR_FAILURES_MAX 50 /* then the factor must be bound anew */

/* The delays after 1, 2, ... THROTTLE_DELAYS failures as a PostgreSQL integer array, so that the
 * statement that counts a try reserves the delay that this table says. Static storage. */
const char *throttle_delays_sql(void);

#endif
