/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "idp/io/vault_frame.h"
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What was received survives being sent and received again. */
static void again(struct vault_frame *frame)
{
	int fds[2];
	struct vault_frame back = {0};
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	must(vault_frame_send(fds[0], frame).err == ERR_NONE);
	must(vault_frame_receive(fds[1], &back).err == ERR_NONE);
	must(back.len == frame->len && memcmp(back.bytes, frame->bytes, back.len) == 0);
	vault_frame_free(&back);
	close(fds[0]);
	close(fds[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fds[2];
	struct vault_frame frame = {0};
	if (size > 65536 || socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
		return 0;
	must(send(fds[0], data, size, MSG_NOSIGNAL) == (ssize_t)size);
	shutdown(fds[0], SHUT_WR);
	if (vault_frame_receive(fds[1], &frame).err == ERR_NONE) {
		must(frame.len == size && memcmp(frame.bytes, data, size) == 0);
		again(&frame);
	}
	vault_frame_free(&frame);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
