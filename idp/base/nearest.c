/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/nearest.h"
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* One row of the table of distances, from the two before it. */
static void next_row(const char *one, const char *other, size_t i, size_t rows[3][NEAREST_MAX + 1])
{
	const size_t *const before = rows[0], *const last = rows[1];
	size_t *const row = rows[2];
	row[0] = i;
	for (size_t j = 1; other[j - 1]; j++) {
		const size_t differs = one[i - 1] != other[j - 1];
		row[j] = least(last[j - 1] + differs, least(last[j], row[j - 1]) + 1);
		if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
			row[j] = least(row[j], before[j - 2] + 1);
	}
}

size_t nearest_distance(const char *one, const char *other)
{
	size_t rows[3][NEAREST_MAX + 1] = {{0}};
	const size_t len = strlen(other);
	for (size_t j = 0; j <= len; j++)
		rows[1][j] = j;
	for (size_t i = 1; one[i - 1]; i++) {
		next_row(one, other, i, rows);
		memcpy(rows[0], rows[1], sizeof rows[0]);
		memcpy(rows[1], rows[2], sizeof rows[1]);
	}
	return rows[1][len];
}

const char *nearest_word(const char *text, const char *const *words)
{
	const char *found = NULL;
	const size_t len = strlen(text);
	size_t best = len / 3 + 1;
	for (; len <= NEAREST_MAX && *words; words++) {
		if (strlen(*words) > NEAREST_MAX)
			continue;
		const size_t distance = nearest_distance(text, *words);
		if (distance < best) {
			best = distance;
			found = *words;
		}
	}
	return found;
}
