/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/private_file.h"
#include "idp/base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct result fault(const char *event, const char *path, const char *what)
{
	log_error(event, "file", path, "error", what);
	FAIL(ERR_CONFIG);
}

static const char *check(int fd)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode) || (st.st_mode & 07177) != 0)
		return "expected a file with mode 0600 or 0400: chmod 0600 it";
	/* Root may: it has given the file to the user that the role becomes. */
	if (st.st_uid != 0 && st.st_uid != geteuid() && geteuid() != 0)
		return "expected it to belong to root or to the role's user";
	return NULL;
}

struct result private_file_read(const char *path, const char *event, char *out, size_t size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fault(event, path, strerror(errno));
	const char *wrong = check(fd);
	const ssize_t n = wrong ? 0 : read(fd, out, size - 1);
	if (n < 0)
		wrong = strerror(errno);
	close(fd);
	out[n < 0 ? 0 : n] = '\0';
	return wrong ? fault(event, path, wrong) : OK;
}
