/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/fuzz.h"
#include "vault_table.h"
#include <string.h>

/* The number of an operation, and the bytes of a reply to it: what is decoded fits the table. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || data[0] >= VAULT_OPS_N)
		return 0;
	const struct vault_op *const op = &vault_table[data[0]];
	struct vault_frame frame = {0}, back = {0};
	struct arena *const arena = arena_new();
	void *const out = arena_alloc(arena, op->out.size);
	vault_frame_clear(&frame);
	vault_frame_put(&frame, data + 1, size - 1);
	if (!frame.over && vault_codec_get_reply(op, &frame, arena, out).err == ERR_NONE) {
		must(vault_codec_put_reply(op, out, &back).err == ERR_NONE);
		must(back.len == frame.len && memcmp(back.bytes, frame.bytes, back.len) == 0);
	}
	vault_frame_free(&frame);
	vault_frame_free(&back);
	arena_free(arena);
	return 0;
}
