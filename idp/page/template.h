/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small template language, without logic and without raw output: everything but the template's
 * own words is escaped for HTML, so that it is safe in text and in a quoted attribute alike.
 *
 *   {{name}}           the member of the innermost object that has it; {{.}} is the item itself
 *   {{url:name}}       the same, but only an https or http address or a path of ours: for href and
 * action
 *   {{t:key}}          a text of the language; its {placeholders} are members. {{t:@name}}: the
 * member names the key
 *   {{#x}}..{{/x}}     for each item, or once with an object or a true, non-empty value
 *   {{^x}}..{{/x}}     if there is none of it
 *   {{>file}}          another template: file.html
 *   {{!words}}         nothing
 *
 * Who writes a template is trusted, who fills it is not. Pure: it reads no clock, file or setting.
 */
#ifndef PRATU_PAGE_TEMPLATE_H
#define PRATU_PAGE_TEMPLATE_H

#include "idp/base/embedded.h"
#include "idp/base/json.h"

#define TEMPLATE_OUT_MAX 262144 /* bytes of one page */
#define TEMPLATE_DEPTH 12 /* sections and partials within each other */

/* Where templates and texts come from. Borrowed. */
struct template_set {
	const struct embedded_file *files; /* ended by a NULL name */
	const struct embedded_text *texts; /* sorted by key */
	size_t n_texts;
};

/* Fill the template called name (without ".html") with data. *out lives in the arena.
 * ERR_ABSENT: no such template, text or member, ERR_FORMAT: a broken template, or a value that may
 * not stand there (an object as text, a foreign address), ERR_BOUNDS: too long or too deep. */
MUST_CHECK struct result template_render(struct arena *arena, const struct template_set *set,
	const char *name, const json_t *data, const char **out);
/* The text of key with its {placeholders} filled from data (may be NULL), not escaped: to be a
 * member of other data. Errors as above. */
MUST_CHECK struct result template_text(struct arena *arena, const struct template_set *set,
	const char *key, const json_t *data, const char **out);
/* The text of key as it was written, NULL if there is none. */
const char *template_lookup(const struct template_set *set, const char *key);
/* Is this safe in an href? "https://...", "http://..." or one slash and no second; no control
 * characters, spaces or backslashes. */
bool template_url_ok(const char *url);

#endif
