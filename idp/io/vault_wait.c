/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/io/vault_wait.h"
#include <stdatomic.h>
#include <stdlib.h>

#define WAIT_US (VAULT_WAIT_MS * INT64_C(1000))

/* Two calls that change both at once leave one time or the other: either will do. */
struct vault_wait {
	atomic_llong since_us; /* when it was first found away; 0: it was reached after that */
	atomic_llong last_us; /* when it was last found away */
};

struct vault_wait *vault_wait_new(void)
{
	struct vault_wait *wait = calloc(1, sizeof *wait);
	if (!wait)
		abort();
	return wait;
}

void vault_wait_free(struct vault_wait *wait)
{
	free(wait);
}

/* Without a try for so long, nobody knows that it was away all the time. */
static bool is_new(const struct vault_wait *wait, int64_t since_us, int64_t now_us)
{
	return since_us == 0 || now_us - atomic_load(&wait->last_us) > WAIT_US;
}

/* since_us is read once: another call may reach the vault meanwhile, and then this one does so at
 * its next try. */
bool vault_wait_again(struct vault_wait *wait, int64_t now_us)
{
	if (!wait)
		return false;
	int64_t since_us = atomic_load(&wait->since_us);
	if (is_new(wait, since_us, now_us)) {
		since_us = now_us;
		atomic_store(&wait->since_us, since_us);
	}
	atomic_store(&wait->last_us, now_us);
	return now_us - since_us < WAIT_US;
}

void vault_wait_over(struct vault_wait *wait)
{
	if (wait)
		atomic_store(&wait->since_us, 0);
}
