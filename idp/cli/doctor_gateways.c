/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/base/str.h"
#include "idp/cli/doctor.h"
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONNECT_MS 3000

static const struct scheme {
	const char *prefix, *port;
} schemes[] = {{"http://", "80"}, {"https://", "443"}, {"smtp://", "25"}, {"smtps://", "465"}};

/* Host and port of a URL that the settings took. */
struct place {
	const char *host, *port;
};

static struct place place_of(struct arena *arena, const char *url)
{
	const struct scheme *scheme = schemes;
	while (!str_starts(url, scheme->prefix))
		scheme++;
	const char *const at = url + strlen(scheme->prefix);
	const bool six = at[0] == '[';
	const size_t len = six ? strcspn(at + 1, "]") : strcspn(at, ":/");
	const char *const behind = at + len + (six ? 2 : 0);
	struct place place = {arena_strndup(arena, at + six, len), scheme->port};
	if (*behind == ':')
		place.port = arena_strndup(arena, behind + 1, strcspn(behind + 1, "/"));
	return place;
}

static bool connects(const struct addrinfo *to)
{
	int error = 0;
	socklen_t len = sizeof error;
	const int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct pollfd wait = {.fd = fd, .events = POLLOUT};
	if (fd < 0)
		return false;
	const bool begun = connect(fd, to->ai_addr, to->ai_addrlen) == 0 || errno == EINPROGRESS;
	const bool connected = begun && poll(&wait, 1, CONNECT_MS) == 1 &&
			       getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
			       error == 0;
	close(fd);
	return connected;
}

static bool answers(const struct place *place)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found = NULL;
	bool yes = false;
	if (getaddrinfo(place->host, place->port, &hints, &found) != 0)
		return false;
	for (const struct addrinfo *one = found; one && !yes; one = one->ai_next)
		yes = connects(one);
	freeaddrinfo(found);
	return yes;
}

static void check_gateway(struct doctor *doctor, const char *url)
{
	const struct place place = place_of(doctor->cli->arena, url);
	if (answers(&place))
		doctor_report(doctor, DOCTOR_OK, NULL, "%s takes connections", url);
	else
		doctor_report(doctor, DOCTOR_FAULT,
			"start it, or open the way to it: IPAddressAllow= in "
			"pratu-courier.service, a firewall, a name that does not resolve",
			"%s takes no connection from here", url);
}

/* The courier does not start with a file that others may read. */
static void check_file(struct doctor *doctor, const char *path)
{
	const char *const name = doctor->cli->settings->courier_user;
	const struct passwd *const user = str_empty(name) ? NULL : getpwnam(name);
	struct stat found;
	/* ${CREDENTIALS_DIRECTORY} is systemd's to fill, and to guard. */
	if (str_empty(path) || path[0] == '$')
		return;
	if (stat(path, &found) != 0)
		doctor_report(doctor, errno == EACCES ? DOCTOR_WARN : DOCTOR_FAULT,
			errno == EACCES ? "run doctor as root"
					: "write it, as the setting's help says",
			"%s: %s", path, strerror(errno));
	else if (!S_ISREG(found.st_mode) || (found.st_mode & 07177) != 0)
		doctor_report(doctor, DOCTOR_FAULT,
			arena_printf(doctor->cli->arena, "chmod 0600 %s", path),
			"%s has mode %04o: others may use it", path,
			(unsigned)found.st_mode & 07777);
	else if (found.st_uid != 0 && found.st_uid != (user ? user->pw_uid : geteuid()))
		doctor_report(doctor, DOCTOR_FAULT,
			arena_printf(doctor->cli->arena, "chown the courier's user to %s", path),
			"%s belongs to neither root nor the courier's user", path);
	else
		doctor_report(doctor, DOCTOR_OK, NULL, "%s", path);
}

void doctor_gateways(struct doctor *doctor)
{
	const struct settings *const settings = doctor->cli->settings;
	const struct str_list sms = str_split(doctor->cli->arena, settings->sms_gateways, ' ');
	if (sms.n == 0 && str_empty(settings->smtp_url))
		doctor_report(doctor, DOCTOR_OK, NULL,
			"none: no SMS and no e-mail is sent (sms_gateways, smtp_url)");
	for (size_t i = 0; i < sms.n; i++)
		check_gateway(doctor, sms.items[i]);
	if (!str_empty(settings->smtp_url))
		check_gateway(doctor, settings->smtp_url);
	check_file(doctor, settings->sms_auth_file);
	check_file(doctor, settings->smtp_auth_file);
}
