/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "idp/io/process.h"
#include "idp/base/log.h"
#include "idp/base/str.h"
#include "idp/io/handed.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The sanitizers' leak check attaches to its own process. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRACEABLE 1
#else
#define TRACEABLE 0
#endif

static struct result undumpable(void)
{
	const struct rlimit none = {0, 0};
	if (TRACEABLE)
		return OK;
	if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		FAIL(ERR_IO);
	return OK;
}

/* A socket that lands on a missing descriptor 2 would get our log lines. */
static struct result fill_standard(void)
{
	int fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2)
		fd = open("/dev/null", O_RDWR);
	if (fd < 0)
		FAIL(ERR_IO);
	close(fd);
	return OK;
}

/* What was handed over stays, but goes to no other program. */
static struct result close_others(void)
{
	const unsigned n = (unsigned)handed_count();
	if (n > 0 && close_range(HANDED_FIRST, HANDED_FIRST + n - 1, CLOSE_RANGE_CLOEXEC) != 0)
		FAIL(ERR_IO);
	if (close_range(HANDED_FIRST + n, ~0u, 0) != 0)
		FAIL(ERR_IO);
	return OK;
}

struct result process_harden(void)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	TRY(fill_standard());
	TRY(close_others());
	umask(0077);
	TRY(undumpable());
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		FAIL(ERR_IO);
	if (sigaction(SIGPIPE, &ignore, NULL) != 0)
		FAIL(ERR_IO);
	return OK;
}

static struct result find_user(const char *user, uid_t *uid, gid_t *gid)
{
	char text[4096];
	struct passwd entry, *found = NULL;
	if (getpwnam_r(user, &entry, text, sizeof text, &found) != 0 || !found) {
		log_error("process.become", "user", user, "error", "no such user");
		FAIL(ERR_CONFIG);
	}
	*uid = entry.pw_uid;
	*gid = entry.pw_gid;
	return OK;
}

/* A change of user takes back the wish to end with the parent. */
static struct result follow_again(int number, pid_t parent)
{
	if (number == 0)
		return OK;
	if (prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0 || getppid() != parent)
		FAIL(ERR_IO);
	return OK;
}

struct result process_become(const char *user)
{
	const pid_t parent = getppid();
	int number = 0;
	uid_t uid;
	gid_t gid;
	if (str_empty(user) || geteuid() != 0)
		return OK;
	TRY(find_user(user, &uid, &gid));
	if (uid == 0)
		return OK;
	if (prctl(PR_GET_PDEATHSIG, &number, 0, 0, 0) != 0)
		FAIL(ERR_IO);
	if (initgroups(user, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
		setresuid(uid, uid, uid) != 0) {
		log_error("process.become", "user", user, "error", strerror(errno));
		FAIL(ERR_IO);
	}
	if (setuid(0) == 0 || setgid(0) == 0)
		FAIL(ERR_IO);
	TRY(follow_again(number, parent));
	/* A change of user makes the process dumpable again. */
	return undumpable();
}

int64_t process_files(int64_t n)
{
	struct rlimit limit;
	if (n < 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return -1;
	const rlim_t wanted = (rlim_t)n;
	if (limit.rlim_cur >= wanted)
		return (int64_t)limit.rlim_cur;
	struct rlimit raised = {
		wanted, limit.rlim_max > wanted ? limit.rlim_max : wanted}; /* hard: root only */
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		return n;
	raised = (struct rlimit){limit.rlim_max, limit.rlim_max};
	if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
		limit.rlim_cur = limit.rlim_max;
	char have[24], want[24];
	snprintf(have, sizeof have, "%lld", (long long)limit.rlim_cur);
	snprintf(want, sizeof want, "%lld", (long long)n);
	log_warn("process.files", LOG_NUMBER("wanted"), want, LOG_NUMBER("allowed"), have);
	return (int64_t)limit.rlim_cur;
}

/* The first line of a file that begins with prefix, without that and the line's end. */
static bool read_line(const char *path, const char *prefix, char *out, size_t size)
{
	bool found = false;
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && fgets(out, (int)size, file))
		found = str_starts(out, prefix);
	(void)fclose(file);
	if (found)
		memmove(out, out + strlen(prefix), strlen(out + strlen(prefix)) + 1);
	out[found ? strcspn(out, "\n") : 0] = '\0';
	return found;
}

int64_t process_memory_mib(const char *cgroups)
{
	char group[2048], path[4096], limit[32], *end;
	if (!read_line("/proc/self/cgroup", "0::", group, sizeof group))
		return -1;
	const int n = snprintf(path, sizeof path, "%s%s/memory.max", cgroups, group);
	if (n < 0 || (size_t)n >= sizeof path || !read_line(path, "", limit, sizeof limit))
		return -1;
	const long long bytes = strtoll(limit, &end, 10);
	return end == limit || bytes < 0 ? -1 : bytes >> 20; /* "max": no limit */
}

struct result process_follow(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0)
		FAIL(ERR_IO);
	if (getppid() != parent)
		FAIL(ERR_IO);
	return OK;
}

static void watched(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGCHLD);
}

struct result process_signals(int *fd)
{
	sigset_t set;
	watched(&set);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
		FAIL(ERR_IO);
	const int opened = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (opened < 0)
		FAIL(ERR_IO);
	*fd = opened;
	return OK;
}

static unsigned event_of(uint32_t number)
{
	if (number == SIGHUP)
		return PROCESS_RELOAD;
	if (number == SIGCHLD)
		return PROCESS_CHILD;
	return PROCESS_STOP;
}

unsigned process_wait(int fd, int timeout_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	struct signalfd_siginfo info;
	unsigned events = 0;
	if (poll(&poll_fd, 1, timeout_ms) <= 0)
		return 0;
	while (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
		events |= event_of(info.ssi_signo);
	return events;
}

void process_signals_restore(void)
{
	const struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t set;
	watched(&set);
	sigdelset(&set, SIGHUP);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	sigaction(SIGPIPE, &usual, NULL);
}

/* sd_notify(3): one datagram; a name that begins with '@' is in the abstract space. */
static void notify(const char *path, const char *state)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	const size_t len = strlen(path);
	if ((path[0] != '/' && path[0] != '@') || len >= sizeof to.sun_path)
		return;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	const socklen_t to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to, to_len) <
		0)
		log_warn("process.notify", "error", strerror(errno));
	close(fd);
}

static void notify_manager(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	if (path)
		notify(path, state);
}

void process_ready(void)
{
	notify_manager("READY=1");
}

void process_stopping(unsigned most_s)
{
	(void)alarm(most_s);
	notify_manager("STOPPING=1");
}
