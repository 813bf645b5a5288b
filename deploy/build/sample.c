/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the sample settings file; used by `make install`. */
#include "idp/base/settings.h"
#include <stdio.h>

int main(void)
{
	settings_sample(stdout);
	return ferror(stdout) == 0 && fflush(stdout) == 0 ? 0 : 1;
}
