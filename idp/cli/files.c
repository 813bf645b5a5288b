/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/cli/files.h"
#include "idp/base/str.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_directory(const char *path)
{
	struct stat found;
	return stat(path, &found) == 0 && S_ISDIR(found.st_mode);
}

/* The umask does not count: modes are chosen by the caller. */
static struct result make_one(const char *path, mode_t mode)
{
	if (is_directory(path))
		return OK;
	if (mkdir(path, mode) != 0 || chmod(path, mode) != 0)
		FAIL(ERR_IO);
	return OK;
}

struct result files_directory(const char *path, mode_t mode, bool *made)
{
	char above[PATH_MAX];
	*made = false;
	if (is_directory(path))
		return OK;
	if ((size_t)snprintf(above, sizeof above, "%s", path) >= sizeof above) {
		errno = ENAMETOOLONG;
		FAIL(ERR_IO);
	}
	for (char *slash = strchr(above + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		TRY(make_one(above, 0755));
		*slash = '/';
	}
	TRY(make_one(above, mode));
	*made = true;
	return OK;
}

struct result files_directory_of(const char *path, mode_t mode, bool *made)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	*made = false;
	if (!slash || slash == path)
		return OK;
	(void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
	return files_directory(folder, mode, made);
}

bool files_is_empty(const char *path)
{
	DIR *const dir = opendir(path);
	int n = 0;
	while (dir && readdir(dir))
		n++;
	if (dir)
		(void)closedir(dir);
	return n == 2; /* "." and ".." */
}

static struct result fill(int fd, const struct files_new *file)
{
	const size_t len = strlen(file->text);
	if (write(fd, file->text, len) != (ssize_t)len || fchmod(fd, file->mode) != 0 ||
		fsync(fd) != 0)
		FAIL(ERR_IO);
	return OK;
}

/* A link and not a rename: a file that appeared meanwhile stays. */
static struct result settle(const char *draft, const char *path, bool *made)
{
	*made = link(draft, path) == 0;
	if (!*made && errno != EEXIST)
		FAIL(ERR_IO);
	return OK;
}

struct result files_write_new(const struct files_new *file, bool *made)
{
	char draft[PATH_MAX];
	*made = false;
	if (access(file->path, F_OK) == 0)
		return OK;
	(void)snprintf(draft, sizeof draft, "%s.%ld", file->path, (long)getpid());
	const int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		FAIL(ERR_IO);
	struct result done = fill(fd, file);
	if (close(fd) != 0 && done.err == ERR_NONE)
		done = FAILED(ERR_IO);
	if (done.err == ERR_NONE)
		done = settle(draft, file->path, made);
	const int why = errno;
	(void)unlink(draft);
	errno = why;
	return done;
}

struct result files_give(const char *path, const struct files_owner *owner)
{
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	if (geteuid() != 0)
		return OK;
	const struct passwd *entry = str_empty(owner->user) ? NULL : getpwnam(owner->user);
	if (entry)
		uid = entry->pw_uid;
	entry = str_empty(owner->group_of) ? NULL : getpwnam(owner->group_of);
	if (entry)
		gid = entry->pw_gid;
	if (chown(path, uid, gid) != 0)
		FAIL(ERR_IO);
	return OK;
}
