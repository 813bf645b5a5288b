/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/backup.h"
#include "idp/base/enc.h"
#include "idp/base/str.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MANIFEST_MAX ((size_t)16 * 1048576) /* bytes */

/* A file as it is on the disk. */
struct mapped {
	const uint8_t *bytes; /* NULL: empty */
	size_t len;
};

static struct result map(const char *path, struct mapped *out)
{
	struct stat found;
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		FAIL(ERR_IO);
	const bool regular = fstat(fd, &found) == 0 && S_ISREG(found.st_mode);
	void *bytes = NULL;
	if (regular && found.st_size > 0)
		bytes = mmap(NULL, (size_t)found.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	(void)close(fd);
	if (!regular || bytes == MAP_FAILED)
		FAIL(ERR_IO);
	*out = (struct mapped){bytes, (size_t)found.st_size};
	return OK;
}

static void unmap(struct mapped *mapped)
{
	if (mapped->bytes)
		(void)munmap((void *)(uintptr_t)mapped->bytes, mapped->len);
}

static int cannot(struct cli *cli, const char *path)
{
	return cli_fail(cli, CLI_REFUSED, "%s: %s", path, strerror(errno));
}

/* {name, bytes, sha256} of a file of dir. */
static int describe(struct cli *cli, const char *dir, const char *name, json_t **out)
{
	uint8_t hash[SHA256_LEN];
	struct mapped file = {NULL, 0};
	const char *const path = arena_printf(cli->arena, "%s/%s", dir, name);
	errno = 0;
	if (map(path, &file).err != ERR_NONE)
		return cannot(cli, path);
	crypto_sha256(file.bytes ? file.bytes : (const uint8_t *)"", file.len, hash);
	*out = json_object();
	json_put(*out, "name", name);
	json_put_int(*out, "bytes", (json_int_t)file.len);
	json_put(*out, "sha256", enc_hex(cli->arena, hash, sizeof hash));
	unmap(&file);
	return CLI_OK;
}

static int not_dots(const struct dirent *entry)
{
	return !str_eq(entry->d_name, ".") && !str_eq(entry->d_name, "..");
}

int backup_list(struct cli *cli, const char *dir, json_t **out)
{
	AUTO_JSON json_t *list = json_array();
	struct dirent **entries = NULL;
	const char *const path = arena_printf(cli->arena, "%s/%s", dir, BACKUP_DATABASE);
	const int n = scandir(path, &entries, not_dots, alphasort);
	int status = n < 0 ? cannot(cli, path) : CLI_OK;
	for (int i = 0; i < n; i++) {
		json_t *file = NULL;
		if (status == CLI_OK)
			status = describe(cli, dir,
				arena_printf(
					cli->arena, "%s/%s", BACKUP_DATABASE, entries[i]->d_name),
				&file);
		if (file)
			(void)json_array_append_new(list, file);
		free(entries[i]);
	}
	free((void *)entries);
	if (status == CLI_OK) {
		*out = list;
		list = NULL;
	}
	return status;
}

static int read_manifest(struct cli *cli, const char *dir, json_t **out)
{
	struct mapped file = {NULL, 0};
	const char *const path = arena_printf(cli->arena, "%s/%s", dir, BACKUP_MANIFEST);
	errno = 0;
	if (map(path, &file).err != ERR_NONE)
		return cli_fail(cli, CLI_REFUSED, "%s is no whole backup, which has a %s: %s", dir,
			BACKUP_MANIFEST, strerror(errno));
	const bool good = file.bytes && file.len <= MANIFEST_MAX &&
			  json_parse((const char *)file.bytes, file.len, out, NULL).err == ERR_NONE;
	unmap(&file);
	if (!good)
		return cli_fail(cli, CLI_REFUSED, "%s is damaged", path);
	if (json_int(*out, "format", 0) != BACKUP_FORMAT || !json_arr(*out, "files") ||
		!json_str(*out, "at"))
		return cli_fail(cli, CLI_REFUSED,
			"%s: expected format %d: it was made by another version of pratu", path,
			BACKUP_FORMAT);
	return CLI_OK;
}

int backup_open(struct cli *cli, const char *dir, json_t **out)
{
	AUTO_JSON json_t *manifest = NULL;
	AUTO_JSON json_t *found = NULL;
	int status = read_manifest(cli, dir, &manifest);
	if (status == CLI_OK)
		status = backup_list(cli, dir, &found);
	if (status != CLI_OK)
		return status;
	if (!json_equal(found, json_arr(manifest, "files")))
		return cli_fail(cli, CLI_REFUSED,
			"%s is damaged: its files are not those that %s names", dir,
			BACKUP_MANIFEST);
	*out = manifest;
	manifest = NULL;
	return CLI_OK;
}
