/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/io/vault_call.h"
#include <sys/socket.h>
#include <unistd.h>

/* What was read is an object, and survives being written and read again. */
static void again(const int fds[static 2], const json_t *object)
{
	AUTO_JSON json_t *back = NULL;
	must(vault_frame_write(fds[1], object).err == ERR_NONE);
	must(vault_frame_read(fds[0], &back).err == ERR_NONE);
	must(json_equal(object, back));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fds[2];
	AUTO_JSON json_t *object = NULL;
	if (size > 65536 || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return 0;
	must(send(fds[0], data, size, MSG_NOSIGNAL) == (ssize_t)size);
	shutdown(fds[0], SHUT_WR);
	const struct result result = vault_frame_read(fds[1], &object);
	must((result.err == ERR_NONE) == (object != NULL));
	must(object == NULL || json_is_object(object));
	close(fds[0]);
	close(fds[1]);
	if (object != NULL && socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0) {
		again(fds, object);
		close(fds[0]);
		close(fds[1]);
	}
	return 0;
}
