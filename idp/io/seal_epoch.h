/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The epochs of the key that seals sign-in transactions. The vault derives one key for each epoch
 * and gives out the previous, the current and the next; the web role seals with the current one. An
 * epoch is longer than a transaction lives at most (an hour) and the hour within which an expired
 * one can begin again, so that the previous key opens all that may still be opened.
 */
#ifndef PRATU_IO_SEAL_EPOCH_H
#define PRATU_IO_SEAL_EPOCH_H

#include <stdint.h>

#define SEAL_EPOCH_S 14400

/* The epoch of a moment (unix seconds, not negative). */
static inline int64_t seal_epoch(int64_t now_s)
{
	return now_s / SEAL_EPOCH_S;
}

#endif
