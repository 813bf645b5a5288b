/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzzer is one file: tests/fuzz/fuzz_<name>.c with this function, and seeds in
 * tests/fuzz/corpus/<name>/. `make fuzz` builds it with libFuzzer; tests/fuzz/replay.c runs the
 * seeds in every ordinary run of the tests. A fuzzer does not only wait for a crash: it says with
 * must() what always holds.
 */
#ifndef PRATU_TESTS_FUZZ_H
#define PRATU_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Called with each input. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(condition) \
	do { \
		if (!(condition)) { \
			(void)fprintf( \
				stderr, "%s:%d: must(%s)\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#endif
