/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/db_column.h"
#include "idp/io/db_impl.h"
#include <string.h>

/* Numbers of the element types, which every PostgreSQL has; pg_type.dat has them. */
#define OID_BOOL 16
#define OID_BYTEA 17
#define OID_INT8 20
#define OID_TEXT 25
#define OID_FLOAT8 701

#define HEAD_LEN 20 /* dimensions, flags, element type, elements, lower bound: 4 bytes each */
#define SIZE_LEN 4 /* before each element: its bytes, or all ones for NULL */

static uint8_t *put_number(uint8_t *at, uint64_t number, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)(number >> 8 * (len - 1 - i) & 0xff);
	return at + len;
}

/* An element before it is written. */
struct element {
	const void *bytes; /* NULL: number, in len bytes */
	uint64_t number;
	size_t len;
	bool null;
};

static struct element of_text(const char *text)
{
	return (struct element){.bytes = text, .len = strlen(text)};
}

static struct element of_float(double number)
{
	struct element made = {.len = sizeof made.number};
	memcpy(&made.number, &number, sizeof made.number);
	return made;
}

static struct element of_bytes(const struct bytes *bytes)
{
	return (struct element){.bytes = bytes->data, .len = bytes->len};
}

static struct element of_texts(struct arena *arena, const struct str_list *list)
{
	return of_text(db_text_array(arena, list->items, list->n));
}

static struct element element_of(struct arena *arena, const struct db_field *field, const void *in)
{
	const void *member = (const char *)in + field->at;
	if (db_bind_null(field, in))
		return (struct element){.null = true};
	switch (field->type) {
	case DB_TEXT:
		return of_text(*(const char *const *)member);
	case DB_INT:
		return (struct element){
			.number = (uint64_t) * (const int64_t *)member, .len = sizeof(int64_t)};
	case DB_FLOAT:
		return of_float(*(const double *)member);
	case DB_BOOL:
		return (struct element){.number = *(const bool *)member, .len = 1};
	case DB_BYTES:
		return of_bytes(member);
	case DB_TEXT_LIST:
		return of_texts(arena, member);
	case DB_INT_LIST:
		return of_text(db_int_array(arena, member));
	case DB_BYTES_LIST:
		return of_text(db_bytes_array(arena, member));
	}
	return (struct element){.null = true};
}

static uint32_t oid_of(enum db_type type)
{
	static const uint32_t oids[] = {
		[DB_TEXT] = OID_TEXT,
		[DB_INT] = OID_INT8,
		[DB_FLOAT] = OID_FLOAT8,
		[DB_BOOL] = OID_BOOL,
		[DB_BYTES] = OID_BYTEA,
		[DB_TEXT_LIST] = OID_TEXT,
		[DB_INT_LIST] = OID_TEXT,
		[DB_BYTES_LIST] = OID_TEXT,
	};
	return oids[type];
}

static uint8_t *put_head(uint8_t *at, enum db_type type, size_t n, bool any_null)
{
	at = put_number(at, 1, 4);
	at = put_number(at, any_null, 4);
	at = put_number(at, oid_of(type), 4);
	at = put_number(at, n, 4);
	return put_number(at, 1, 4);
}

static uint8_t *put_element(uint8_t *at, const struct element *element)
{
	if (element->null)
		return put_number(at, UINT32_MAX, SIZE_LEN);
	at = put_number(at, element->len, SIZE_LEN);
	if (!element->bytes)
		return put_number(at, element->number, element->len);
	memcpy(at, element->bytes, element->len);
	return at + element->len;
}

void db_column(struct db_args *args, const struct db_field *field, const void *const *in, size_t n)
{
	struct element *elements = ARENA_ARRAY(args->arena, struct element, n);
	size_t len = HEAD_LEN;
	bool any_null = false;
	for (size_t i = 0; i < n; i++) {
		elements[i] = element_of(args->arena, field, in[i]);
		any_null |= elements[i].null;
		len += SIZE_LEN + elements[i].len;
	}
	uint8_t *const bytes = arena_alloc(args->arena, len);
	uint8_t *at = put_head(bytes, field->type, n, any_null);
	for (size_t i = 0; i < n; i++)
		at = put_element(at, &elements[i]);
	db_binary(args, bytes, len);
}

static bool beyond(const struct db_extreme *extreme, const void *a, const void *b)
{
	const bool is_float = extreme->of->type == DB_FLOAT;
	const bool less = is_float ? *(const double *)a < *(const double *)b
				   : *(const int64_t *)a < *(const int64_t *)b;
	const bool more = is_float ? *(const double *)a > *(const double *)b
				   : *(const int64_t *)a > *(const int64_t *)b;
	return extreme->most ? more : less;
}

void db_column_extreme(
	struct db_args *args, const struct db_extreme *extreme, const void *const *in, size_t n)
{
	const void *found = (const char *)in[0] + extreme->of->at;
	for (size_t i = 1; i < n; i++) {
		const void *member = (const char *)in[i] + extreme->of->at;
		if (beyond(extreme, member, found))
			found = member;
	}
	uint64_t number = 0; /* the same eight bytes of either type */
	memcpy(&number, found, sizeof number);
	uint8_t *const bytes = arena_alloc(args->arena, sizeof number);
	(void)put_number(bytes, number, sizeof number);
	db_binary(args, bytes, sizeof number);
}
