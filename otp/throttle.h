/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long a wrong password delays the next try, and how many wrong second factors a factor bears.
 * The counters are in the database; these are the rules. Pure.
 */
#ifndef PRATU_OTP_THROTTLE_H
#define PRATU_OTP_THROTTLE_H

#include <stdint.h>

#define THROTTLE_DELAY_MAX_S 3600
#define THROTTLE_DELAYS 13 /* after so many failures the delay no longer grows */
#define THROTTLE_FACTOR_FAILURES_MAX 50 /* then the factor must be bound anew */

/* Seconds to wait after this many wrong passwords in a row: 0, 1, 2, 4, ... 2048, then 3600. */
int64_t throttle_delay_s(int64_t failures);
/* The delays after 1, 2, ... THROTTLE_DELAYS failures as a PostgreSQL integer array, so that the
 * statement that counts a try reserves the delay that this table says. Static storage. */
const char *throttle_delays_sql(void);

#endif
