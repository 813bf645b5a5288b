/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device cookie: which browser a sign-in transaction belongs to, and by which the vault knows a
 * citizen's device. Its value is a new one after each sign-in; the former one stays as long as a
 * transaction lives, so that what other tabs have open still works.
 */
#ifndef PRATU_WEB_DEVICE_H
#define PRATU_WEB_DEVICE_H

#include "idp/base/crypto.h"
#include "idp/web/web.h"

#define DEVICE_COOKIE "__Host-device"
#define DEVICE_WAS_COOKIE "__Host-device-was"

/* The browser's value; made, and set in the response, if it sent none. Never NULL. */
const char *device_cookie(struct context *ctx);
/* SHA-256 of it, SHA256_LEN bytes in the arena. Never NULL. */
const uint8_t *device_hash(struct context *ctx);
/* SHA-256 of the value before the last sign-in; NULL: the browser sent none. */
const uint8_t *device_was_hash(struct context *ctx);
/* SHA-256 of the value that device_renew will set; the same within one request. */
const uint8_t *device_next_hash(struct context *ctx);
/* After a sign-in was committed: set the new value, and keep the present one as the former.
 * device_cookie gives the new one from here on. */
void device_renew(struct context *ctx);

#endif
