/* SPDX-License-Identifier: Apache-2.0 */
/* jansson's macros as cppcheck can follow them; included before each file that it reads. */
#ifndef PRATU_TESTS_LINT_CPPCHECK_H
#define PRATU_TESTS_LINT_CPPCHECK_H

#define json_array_foreach(a, i, v) for (i = 0, v = json_array_get(a, i); v; i++)
#define json_object_foreach(o, k, v) \
	for (k = json_object_iter_key(o), v = json_object_get(o, k); k && v; k = 0)

#endif
