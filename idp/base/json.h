/* SPDX-License-Identifier: Apache-2.0 */
/* jansson, held to one manner: duplicates refused, types checked, references released by scope. */
#ifndef PRATU_BASE_JSON_H
#define PRATU_BASE_JSON_H

#include "idp/base/arena.h"
#include "idp/base/result.h"
#include <jansson.h>
#include <stdbool.h>

/* Have jansson end the process where memory is out (log_die): otherwise it calls a text malformed,
 * or cuts it short, for what is no fault of the text. Its memory is freed by release. Called
 * once at the start of each process, before any other use. */
void json_memory(void (*release)(void *));

#define AUTO_JSON __attribute__((cleanup(json_auto), unused))
/* Releases at the end of the scope: AUTO_JSON json_t *x = ...; */
void json_auto(json_t **value);

/* Why a text did not parse: a phrase, and where. */
struct json_fault {
	int line, column;
	char text[160];
};

/* Parse the whole of text, at most 32 levels deep; duplicates and trailing bytes refused. *out is
 * owned by the caller. fault may be NULL. ERR_FORMAT. */
MUST_CHECK struct result json_parse(
	const char *text, size_t len, json_t **out, struct json_fault *fault);
/* Compact text in the arena; keys in insertion order. */
const char *json_text(struct arena *arena, const json_t *value);
/* The member if it has that type, otherwise NULL / the fallback. obj may be NULL. */
const char *json_str(const json_t *obj, const char *key);
int64_t json_int(const json_t *obj, const char *key, int64_t fallback);
bool json_flag(const json_t *obj, const char *key, bool fallback);
const json_t *json_arr(const json_t *obj, const char *key);
const json_t *json_obj(const json_t *obj, const char *key);
/* Set a text member; NULL text sets nothing; in text that is no UTF-8 the bytes beyond ASCII become
 * '?'. */
void json_put(json_t *obj, const char *key, const char *text);
void json_put_int(json_t *obj, const char *key, int64_t number);
void json_put_flag(json_t *obj, const char *key, bool flag);
/* Set a member to a new value whose reference is passed to the object. */
void json_put_new(json_t *obj, const char *key, json_t *value);

#endif
