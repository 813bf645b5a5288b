/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that a browser carries for us in an address or a form, and can neither read nor change. It
 * opens for the purpose and the owner alone that it was sealed for. Nothing is stored for it; how
 * old it is, the caller keeps within.
 *
 * Form: base64url of version (1 byte), epoch (4 bytes, big-endian), nonce, ciphertext, tag;
 * AES-256-GCM under the key of that epoch (at most 2^32 values by one key: an epoch is four hours),
 * AAD "<purpose>|1|<epoch>|<owner>".
 */
#ifndef PRATU_WEB_SEALED_H
#define PRATU_WEB_SEALED_H

#include "idp/web/seal_keys.h"

/* Constants of the program, but for the owner. */
struct sealed_for {
	const char *purpose, *owner; /* without '|' */
};

/* Seal text with a new nonce. *sealed lives in the arena. ERR_VAULT: no key. */
MUST_CHECK struct result sealed_make(
	struct context *ctx, struct sealed_for whom, const char *text, const char **sealed);
/* Open it: *opened is the text, with a NUL added behind, in the arena; data NULL: not ours, for
 * another purpose or owner, or older than any key. ERR_VAULT: there is no key at present to tell.
 */
MUST_CHECK struct result sealed_open(
	struct context *ctx, struct sealed_for whom, const char *sealed, struct bytes *opened);

#endif
