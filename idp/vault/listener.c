/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* struct ucred, O_PATH */
#include "idp/vault/listener.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 128

static struct result fault(const char *file, const char *what)
{
	log_error("vault.socket", "file", file, "error", what);
	FAIL(ERR_IO);
}

/* Only root can give files away; and only if there is such a user. */
static const struct passwd *user_for(const char *name)
{
	return geteuid() == 0 && !str_empty(name) ? getpwnam(name) : NULL;
}

static uid_t uid_of(const char *name)
{
	const struct passwd *user = str_empty(name) ? NULL : getpwnam(name);
	return user ? user->pw_uid : geteuid();
}

static const char *user_of(const struct settings *settings, const struct vault_socket_row *row)
{
	return *(const char *const *)((const uint8_t *)settings + row->user);
}

/* The vault's own user connects too; others need the group. */
static bool is_for_others(const struct vault_socket_row *row)
{
	return row->user != offsetof(struct settings, vault_user);
}

/* Who owns a file and which group may use it; -1 leaves as is. */
struct owner {
	uid_t uid;
	gid_t gid;
};

/* The vault's user, and the group of the socket's user if that is another. */
static struct owner owner_of(const struct settings *settings, const struct vault_socket_row *row)
{
	struct owner made = {(uid_t)-1, (gid_t)-1};
	const struct passwd *user = user_for(settings->vault_user);
	if (user)
		made.uid = user->pw_uid;
	user = is_for_others(row) ? user_for(user_of(settings, row)) : NULL;
	if (user)
		made.gid = user->pw_gid;
	return made;
}

/* The one group of all that connect, and the directory's mode. */
static struct owner directory_owner(const struct settings *settings, mode_t *mode)
{
	struct owner made = {(uid_t)-1, (gid_t)-1};
	*mode = 0710;
	for (size_t i = 0; i < VAULT_SOCKETS_N; i++) {
		const struct owner one = owner_of(settings, &vault_sockets[i]);
		made.uid = one.uid;
		if (one.gid == (gid_t)-1)
			continue;
		if (made.gid != (gid_t)-1 && made.gid != one.gid)
			*mode = 0711;
		made.gid = one.gid;
	}
	return made;
}

/* Whose the directory may be beside root, and whose group may write to it: the vault's. */
static struct owner vault_itself(const struct settings *settings)
{
	const struct passwd *user = user_for(settings->vault_user);
	return user ? (struct owner){user->pw_uid, user->pw_gid}
		    : (struct owner){geteuid(), getegid()};
}

/* Whoever may write to the directory can put another socket in the place of the vault's. */
static struct result check_directory(const struct settings *settings, const struct stat *st)
{
	const char *dir = settings->vault_socket_dir;
	const struct owner vault = vault_itself(settings);
	char what[160];
	if (st->st_uid != 0 && st->st_uid != vault.uid) {
		(void)snprintf(what, sizeof what,
			"expected a directory of root or of the vault's user (uid %u), found one "
			"of uid %u",
			(unsigned)vault.uid, (unsigned)st->st_uid);
		return fault(dir, what);
	}
	const bool group_may = (st->st_mode & S_IWGRP) == 0 || st->st_gid == vault.gid;
	if (group_may && (st->st_mode & S_IWOTH) == 0)
		return OK;
	(void)snprintf(what, sizeof what,
		"expected a directory that only root and the vault's user or group (gid %u) may "
		"write to, found mode %04o and gid %u",
		(unsigned)vault.gid, (unsigned)(st->st_mode & 07777), (unsigned)st->st_gid);
	return fault(dir, what);
}

static struct result settle_directory(const struct settings *settings, int fd, bool made)
{
	const char *dir = settings->vault_socket_dir;
	mode_t mode;
	const struct owner owner = directory_owner(settings, &mode);
	struct stat st;
	/* By the descriptor: it cannot have become another directory meanwhile. */
	if (made && owner.gid != (gid_t)-1 &&
		(fchown(fd, owner.uid, owner.gid) != 0 || fchmod(fd, mode) != 0))
		return fault(dir, strerror(errno));
	if (fstat(fd, &st) != 0)
		return fault(dir, strerror(errno));
	return check_directory(settings, &st);
}

struct result listener_directory(const struct settings *settings)
{
	const char *dir = settings->vault_socket_dir;
	const bool made = mkdir(dir, 0700) == 0;
	if (!made && errno != EEXIST)
		return fault(dir, strerror(errno));
	/* A directory that is only passed, not read, is opened too: O_PATH. One just made is ours
	 * to read, and fchmod wants that. */
	const int fd = open(dir, (made ? O_RDONLY : O_PATH) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fault(dir, errno == ENOTDIR || errno == ELOOP
					  ? "expected a directory, found a link or another file"
					  : strerror(errno));
	const struct result settled = settle_directory(settings, fd, made);
	close(fd);
	return settled;
}

/* A file from a vault that ended badly refuses connections: then it goes. */
static struct result remove_stale(const struct sockaddr_un *at)
{
	struct stat st;
	if (lstat(at->sun_path, &st) != 0)
		return errno == ENOENT ? OK : fault(at->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return fault(at->sun_path, "there is a file that is no socket");
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fault(at->sun_path, strerror(errno));
	const int rc = connect(fd, (const struct sockaddr *)at, sizeof *at);
	const int why = errno;
	close(fd);
	if (rc == 0 || why != ECONNREFUSED)
		return fault(at->sun_path, "another vault listens here");
	return unlink(at->sun_path) == 0 ? OK : fault(at->sun_path, strerror(errno));
}

static int socket_listening(const struct sockaddr_un *at, mode_t mode, struct owner owner)
{
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	/* Nobody can connect before listen, so the file's mode and owner are set in time. */
	if (bind(fd, (const struct sockaddr *)at, sizeof *at) == 0 &&
		chown(at->sun_path, owner.uid, owner.gid) == 0 && chmod(at->sun_path, mode) == 0 &&
		listen(fd, BACKLOG) == 0)
		return fd;
	const int why = errno;
	close(fd);
	errno = why;
	return -1;
}

struct result listener_open(
	const struct settings *settings, const struct vault_socket_row *row, struct listener *out)
{
	struct listener made = {.fd = -1, .row = row, .at = {.sun_family = AF_UNIX}};
	const struct owner owner = owner_of(settings, row);
	const bool for_others = is_for_others(row);
	const int n = snprintf(made.at.sun_path, sizeof made.at.sun_path, "%s/%s.sock",
		settings->vault_socket_dir, row->name);
	if (n < 0 || (size_t)n >= sizeof made.at.sun_path)
		return fault(settings->vault_socket_dir, "too long for the path of a socket");
	made.owner = owner.uid == (uid_t)-1 ? geteuid() : owner.uid;
	made.peer = for_others ? uid_of(user_of(settings, row)) : made.owner;
	TRY(remove_stale(&made.at));
	made.fd = socket_listening(&made.at, for_others ? 0660 : 0600, owner);
	if (made.fd < 0)
		return fault(made.at.sun_path, strerror(errno));
	*out = made;
	return OK;
}

/* In this order: who has found the file and is about to connect is either in the queue, or refused.
 */
void listener_refuse(struct listener *listener)
{
	if (listener->fd < 0)
		return;
	(void)unlink(listener->at.sun_path);
	(void)shutdown(listener->fd, SHUT_RD);
	listener->refuses = true;
}

void listener_close(struct listener *listener)
{
	if (listener->fd < 0)
		return;
	close(listener->fd);
	if (!listener->refuses)
		(void)unlink(listener->at.sun_path);
	listener->fd = -1;
}

static bool may_connect(const struct listener *listener, const struct ucred *peer)
{
	return peer->uid == 0 || peer->uid == listener->owner || peer->uid == listener->peer;
}

/* Who it is goes into the log, admitted or not. */
static bool admit(const struct listener *listener, int fd)
{
	struct ucred peer = {.pid = 0};
	socklen_t len = sizeof peer;
	char uid[16], pid[16];
	const bool known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0;
	const bool may = known && may_connect(listener, &peer);
	snprintf(uid, sizeof uid, "%u", (unsigned)peer.uid);
	snprintf(pid, sizeof pid, "%d", (int)peer.pid);
	log_write(may ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
		may ? "vault.connection" : "vault.connection_refused", "socket",
		listener->row->name, "uid", uid, "pid", pid, (char *)0);
	return may;
}

bool listener_accept(const struct listener *listener, int *fd)
{
	const int accepted = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (accepted < 0)
		return false;
	const bool admitted = admit(listener, accepted);
	if (!admitted)
		close(accepted);
	*fd = admitted ? accepted : -1;
	return true;
}
