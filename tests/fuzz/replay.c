/* SPDX-License-Identifier: Apache-2.0 */
/* main() of a fuzzer that was built without libFuzzer: runs each file that is named, or fails. */
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (1u << 20) /* bytes */

static int replay(const char *path, uint8_t *bytes)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		return 1;
	}
	size_t len = fread(bytes, 1, INPUT_MAX, file);
	int bad = ferror(file) != 0 || fclose(file) != 0;
	/* A copy of its exact size, so that a sanitizer sees one byte too far. */
	uint8_t *exact = malloc(len == 0 ? 1 : len);
	if (bad != 0 || exact == NULL) {
		(void)fprintf(stderr, "%s: expected a readable file\n", path);
		free(exact);
		return 1;
	}
	for (size_t i = 0; i < len; i++)
		exact[i] = bytes[i];
	(void)LLVMFuzzerTestOneInput(exact, len);
	free(exact);
	return 0;
}

int main(int argc, char **argv)
{
	uint8_t *bytes = malloc(INPUT_MAX);
	int bad = argc < 2 || bytes == NULL;
	if (bad)
		(void)fprintf(stderr, "expected the files of a corpus, got none\n");
	for (int i = 1; i < argc && !bad; i++)
		bad = replay(argv[i], bytes);
	free(bytes);
	return bad;
}
