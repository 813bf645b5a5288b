/* SPDX-License-Identifier: Apache-2.0 */
/* What the two directions of idp/io/vault_codec.h share; only vault_codec*.c include this. */
#ifndef PRATU_IO_VAULT_CODEC_IMPL_H
#define PRATU_IO_VAULT_CODEC_IMPL_H

#include "idp/io/vault_codec.h"

#define VAULT_CODEC_ALG_LAST JOSE_PS256
#define VAULT_CODEC_OUTCOME_LAST VAULT_CHANGED

/* Enums of the structs are read and written as this. */
_Static_assert(sizeof(enum jose_alg) == sizeof(unsigned), "size of enum jose_alg");
_Static_assert(sizeof(enum vault_outcome) == sizeof(unsigned), "size of enum vault_outcome");

/* A list of any item type: the generated structs have the same two members. */
struct vault_codec_list {
	const void *items;
	size_t n;
};

/* Of struct vault_call_context. */
extern const struct vault_shape vault_codec_context;

/* Is a text of len bytes, with a NUL behind, one of the member's type? */
bool vault_codec_text_fits(const struct vault_member *member, const char *text, size_t len);
/* The bound of a text, in bytes; of texts, of each. */
size_t vault_codec_most(const struct vault_member *member);

#endif
