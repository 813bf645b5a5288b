/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/vault/vault_main.h"
#include "idp/base/log.h"

int vault_main(const struct settings *settings)
{
	(void)settings;
	log_error("vault.start", "error", "not built in yet");
	return 1;
}
