/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long an answer about signing keys stays valid, between the vault, the web processes and
 * whoever holds a copy of /jwks.
 *
 * A web process tells the vault what it publishes, and may answer /jwks with that for JWKS_SERVED_S
 * from the moment it asked; then it answers 503. So a process from which the vault has received
 * nothing for JWKS_LIVE_S publishes nothing, and keys need not wait for it. A vault signs with the
 * keys it has read for KEYS_TRUE_S; then it signs nothing until it has read them again.
 */
#ifndef PRATU_IO_JWKS_TIMES_H
#define PRATU_IO_JWKS_TIMES_H

#define JWKS_SERVED_S 120
#define JWKS_LIVE_S 150
#define JWKS_MAX_AGE_S 300 /* a copy of /jwks may be used that long (Cache-Control) */
#define KEYS_TRUE_S 600

#endif
