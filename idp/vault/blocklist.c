/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/blocklist.h"
#include "idp/base/crypto.h"
#include "idp/base/log.h"
#include "idp/base/settings.h"
#include "idp/base/str.h"
#include "idp/vault/password.h"
#include "otp/nfc.h"
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct blocklist {
	size_t n;
	uint64_t prints[]; /* sorted, each once */
};

static void close_file(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static void free_text(char **text)
{
	free(*text);
}

static void print_text(const char *normal, uint64_t *out)
{
	uint8_t hash[SHA256_LEN];
	crypto_sha256(normal, strlen(normal), hash);
	memcpy(out, hash, sizeof *out);
}

/* Of ASCII alone, as nearly every line of a list is, the normal form is lower case: a fifth of the
 * time. False: there is another character, or it is too long. */
static bool print_of_ascii(const char *password, uint64_t *out)
{
	char normal[PASSWORD_MAX + 1];
	size_t len = 0;
	for (; password[len] > 0 && len < PASSWORD_MAX; len++) {
		const char c = password[len];
		normal[len] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	normal[len] = '\0';
	const bool whole = password[len] == '\0';
	if (whole)
		print_text(normal, out);
	explicit_bzero(normal, sizeof normal);
	return whole;
}

/* False: no UTF-8. */
static bool print_of(const char *password, uint64_t *out)
{
	if (print_of_ascii(password, out))
		return true;
	struct arena *arena = arena_new();
	const char *normal = nfc_lower(arena, password);
	if (normal)
		print_text(normal, out);
	arena_free(arena);
	return normal != NULL;
}

static int by_print(const void *a, const void *b)
{
	const uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;
	return (one > other) - (one < other);
}

static void sort_once(struct blocklist *list)
{
	size_t kept = 0;
	qsort(list->prints, list->n, sizeof list->prints[0], by_print);
	for (size_t i = 0; i < list->n; i++)
		if (i == 0 || list->prints[i] != list->prints[i - 1])
			list->prints[kept++] = list->prints[i];
	list->n = kept;
}

/* The mark that some editors set before UTF-8 is no part of the first password. */
static void skip_mark(FILE *file)
{
	char mark[sizeof BYTE_ORDER_MARK] = "";
	if (fread(mark, 1, sizeof mark - 1, file) != sizeof mark - 1 ||
		strcmp(mark, BYTE_ORDER_MARK) != 0)
		rewind(file);
}

/* NULL, or why the list is refused. */
static const char *read_lines(FILE *file, struct blocklist *list)
{
	__attribute__((cleanup(free_text))) char *line = NULL;
	size_t size = 0;
	ssize_t got;
	while ((got = getline(&line, &size, file)) >= 0) {
		line[strcspn(line, "\r\n")] = '\0';
		const size_t len = strlen(line);
		if (len < PASSWORD_MIN || len > PASSWORD_MAX ||
			!print_of(line, &list->prints[list->n]))
			continue;
		if (++list->n > BLOCKLIST_LINES_MAX)
			return "expected at most 2000000 passwords";
	}
	return ferror(file) ? strerror(errno) : NULL;
}

static const char *read_file(const char *path, struct blocklist *list)
{
	__attribute__((cleanup(close_file))) FILE *file = fopen(path, "re");
	struct stat found;
	if (!file || fstat(fileno(file), &found) != 0)
		return strerror(errno);
	if (!S_ISREG(found.st_mode) || found.st_size > SETTINGS_BLOCKLIST_MAX)
		return "expected a file of at most 64 MiB";
	skip_mark(file);
	const char *fault = read_lines(file, list);
	if (!fault && list->n == 0 && found.st_size > 0)
		return "expected one password a line, in UTF-8, and found none";
	return fault;
}

static struct blocklist *make(size_t n)
{
	struct blocklist *list = calloc(1, sizeof *list + n * sizeof list->prints[0]);
	if (!list)
		abort();
	return list;
}

static void log_loaded(const char *path, size_t n)
{
	char passwords[24];
	(void)snprintf(passwords, sizeof passwords, "%zu", n);
	log_info("vault.password_blocklist", "file", path, LOG_NUMBER("passwords"), passwords);
}

struct result blocklist_load(const char *path, struct blocklist **out)
{
	if (str_empty(path)) {
		*out = make(0);
		return OK;
	}
	struct blocklist *all = make(BLOCKLIST_LINES_MAX + 1);
	const char *fault = read_file(path, all);
	if (fault) {
		log_error("vault.password_blocklist", "file", path, "error", fault);
		blocklist_free(all);
		FAIL(ERR_CONFIG);
	}
	sort_once(all);
	log_loaded(path, all->n);
	*out = make(all->n);
	(*out)->n = all->n;
	memcpy((*out)->prints, all->prints, all->n * sizeof all->prints[0]);
	blocklist_free(all);
	return OK;
}

void blocklist_free(struct blocklist *blocklist)
{
	free(blocklist);
}

bool blocklist_has(const struct blocklist *blocklist, const char *password)
{
	uint64_t print;
	return blocklist && print_of(password, &print) &&
	       bsearch(&print, blocklist->prints, blocklist->n, sizeof print, by_print);
}

size_t blocklist_count(const struct blocklist *blocklist)
{
	return blocklist ? blocklist->n : 0;
}
