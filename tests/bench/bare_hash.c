/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limit for a sign-in: the Argon2id hash alone, as the vault computes it.
 * usage: bare_hash COUNT MEMORY_KIB PASSES; prints CPU microseconds per hash.
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int main(int argc, char **argv)
{
	char out[crypto_pwhash_STRBYTES];
	struct timespec t;
	long count;

	if (argc != 4 || sodium_init() < 0 || (count = atol(argv[1])) < 1)
		return 2;
	for (long i = 0; i < count; i++) {
		if (crypto_pwhash_str_alg(out, "a peppered password, 32 bytes...", 32,
			    strtoull(argv[3], NULL, 10), strtoul(argv[2], NULL, 10) * 1024,
			    crypto_pwhash_ALG_ARGON2ID13) != 0)
			return 1;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	printf("%.0f\n", ((double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3) / (double)count);
	return 0;
}
