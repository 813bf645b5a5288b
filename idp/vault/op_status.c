/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/op_keys.h"

/* Anyone who may ask at all may ask this: it tells no secret. */
struct result op_status(struct op_call *call)
{
	struct vault *vault = call->vault;
	const struct hasher_figures figures = hasher_figures(vault->hasher);
	json_put(call->reply, "version", PRATU_VERSION);
	json_put_int(call->reply, "uptime_s", call->now_s - vault->started_at_s);
	json_put_flag(call->reply, "ready", keyring_ready(vault->keyring, call->now_s));
	json_put_int(call->reply, "hashes_done", figures.done);
	json_put_int(call->reply, "hashes_waiting", figures.within);
	json_put_new(call->reply, "keys", op_keys_describe(vault->keyring, call->now_s));
	return ops_outcome(call, "ok");
}
