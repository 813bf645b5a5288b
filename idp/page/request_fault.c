/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/request_fault.h"
#include <stddef.h>
#include <string.h>

static const struct {
	const char *reason, *text;
} rows[] = {
	{"path_slashes",
		"The path has two slashes in a row, as where an address that ends with a slash is "
		"put before a path. Expected one slash."},
	{"path", "The path is malformed. Expected UTF-8 without a broken escape, a backslash, or "
		 "the segments . and "
		 ".. in it."},
	{"target_form",
		"The request target is malformed. Expected a path, or an http or https address."},
	{"target_characters",
		"The request target holds a character that RFC 3986 does not allow unescaped."},
	{"too_many_parameters", "The query has too many parameters. Expected at most 100."},
	{"nul", "The request holds %00. Expected no NUL in a path, a query or a form."},
	{"header_repeated", "A header that may be sent once was sent more than once."},
	{"header_value", "A header holds a control character. Expected none."},
	{"header_name", "A header has a malformed name."},
	{"host", "Host is malformed. Expected a host name, with a port where needed."},
	{"host_missing", "Host is missing. HTTP/1.1 requires it."},
	{"content_length", "Content-Length is malformed. Expected a whole number, once."},
	{"transfer_encoding",
		"Transfer-Encoding is not supported. Expected a body with Content-Length."},
	{"two_framings", "Both Content-Length and Transfer-Encoding were sent. Expected "
			 "Content-Length alone."},
	{"method", "The method is malformed."},
	{"version", "The HTTP version is not supported. Expected HTTP/1.1."},
	{"head_malformed", "The head of the request is malformed (RFC 9112)."},
};

const char *request_fault_text(const char *reason)
{
	for (size_t i = 0; reason && i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].reason, reason) == 0)
			return rows[i].text;
	return reason;
}
