/* SPDX-License-Identifier: Apache-2.0 */
#include "idp/page/template.h"
#include "idp/base/str.h"
#include <string.h>

#define NAME_MAX_LEN 64

/* One rendering: the data, innermost last, and what was written so far. */
struct render {
	struct arena *arena;
	const struct template_set *set;
	const json_t *stack[TEMPLATE_DEPTH + 1];
	size_t n;
	size_t depth;
	struct buf out;
};

struct span {
	const char *at, *end;
};

/* A tag between two braces: its sign (0 for a plain name), its name, and where it began and ended.
 */
struct tag {
	char sign;
	const char *prefix; /* "t:", "url:" or "" */
	char name[NAME_MAX_LEN];
	const char *at, *end;
};

static const char SIGNS[] = "#^/>!";

static const char *escape_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

/* Control characters have no meaning in HTML; only white space among them is kept. */
static bool is_control(char c)
{
	unsigned char byte = (unsigned char)c;

	return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
}

static struct result put(struct render *r, const char *text, size_t len)
{
	if (len > TEMPLATE_OUT_MAX - r->out.len)
		FAIL(ERR_BOUNDS);
	buf_putn(&r->out, text, len);
	return OK;
}

static struct result put_escaped(struct render *r, const char *text)
{
	const char *run = text;

	for (const char *at = text; *at; at++) {
		if (*at > '>' && *at < 0x7f)
			continue; /* most characters: all that is escaped or left out is beside */
		const char *escape = is_control(*at) ? "" : escape_of(*at);
		if (!escape)
			continue;
		TRY(put(r, run, (size_t)(at - run)));
		TRY(put(r, escape, strlen(escape)));
		run = at + 1;
	}
	return put(r, run, strlen(run));
}

static const json_t *lookup(const struct render *r, const char *name)
{
	if (strcmp(name, ".") == 0)
		return r->stack[r->n - 1];
	for (size_t i = r->n; i > 0; i--) {
		const json_t *found = json_object_get(r->stack[i - 1], name);
		if (found)
			return found;
	}
	return NULL;
}

/* The member as text: a string, a whole number, or nothing for null. */
static struct result member_text(const struct render *r, const char *name, const char **out)
{
	const json_t *value = lookup(r, name);

	if (!value)
		FAIL(ERR_ABSENT);
	if (json_is_string(value))
		*out = json_string_value(value);
	else if (json_is_integer(value))
		*out = arena_printf(r->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else if (json_is_null(value))
		*out = "";
	else
		FAIL(ERR_FORMAT);
	return OK;
}

const char *template_lookup(const struct template_set *set, const char *key)
{
	size_t low = 0;
	size_t high = set->n_texts;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = strcmp(key, set->texts[mid].key);
		if (order == 0)
			return set->texts[mid].text;
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

/* Copy len bytes as a name, if they are one: lower case, digits, dot, underscore. */
static bool may_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static struct result take_name(const char *text, size_t len, char name[static NAME_MAX_LEN])
{
	if (len == 0 || len >= NAME_MAX_LEN)
		FAIL(ERR_FORMAT);
	for (size_t i = 0; i < len; i++) {
		if (!may_name(text[i]))
			FAIL(ERR_FORMAT);
		name[i] = text[i];
	}
	name[len] = '\0';
	return OK;
}

/* Write text into out with its {placeholders} filled; nothing is escaped here. */
static struct result fill(const struct render *r, const char *text, struct buf *out)
{
	for (const char *open = strchr(text, '{'); open; open = strchr(text, '{')) {
		const char *close = strchr(open, '}');
		char name[NAME_MAX_LEN];
		const char *value = NULL;
		if (!close)
			FAIL(ERR_FORMAT);
		TRY(take_name(open + 1, (size_t)(close - open) - 1, name));
		TRY(member_text(r, name, &value));
		buf_putn(out, text, (size_t)(open - text));
		buf_puts(out, value);
		text = close + 1;
	}
	buf_puts(out, text);
	return OK;
}

static struct result text_of(const struct render *r, const char *key, const char **out)
{
	const char *text = template_lookup(r->set, key);
	struct buf filled = buf_new(r->arena);

	if (!text)
		FAIL(ERR_ABSENT);
	TRY(fill(r, text, &filled));
	*out = filled.text ? filled.text : "";
	return OK;
}

bool template_url_ok(const char *url)
{
	bool ours = url[0] == '/' && url[1] != '/';

	if (!ours && !str_starts(url, "https://") && !str_starts(url, "http://"))
		return false;
	for (const char *at = url; *at; at++) {
		if ((unsigned char)*at <= ' ' || *at == 0x7f || *at == '\\')
			return false;
	}
	return true;
}

/* The first place of mark in span, NULL if there is none. What embedded files hold ends with a NUL.
 */
static const char *find(struct span span, const char *mark)
{
	const char *found = strstr(span.at, mark);

	return found && found + strlen(mark) <= span.end ? found : NULL;
}

/* The next tag in span, or *found = false. span->at moves behind it. */
static struct result next_tag(struct span *span, struct tag *tag, bool *found)
{
	const char *open = find(*span, "{{");
	const char *close = NULL;
	const char *name = NULL;

	*found = open != NULL;
	if (!open)
		return OK;
	close = find((struct span){open, span->end}, "}}");
	if (!close)
		FAIL(ERR_FORMAT);
	*tag = (struct tag){.prefix = "", .at = open, .end = close + 2};
	span->at = tag->end;
	name = open + 2;
	if (name < close && strchr(SIGNS, *name))
		tag->sign = *name++;
	if (tag->sign == '!')
		return OK;
	if (!tag->sign && str_starts(name, "t:@"))
		tag->prefix = "t:@";
	else if (!tag->sign && str_starts(name, "t:"))
		tag->prefix = "t:";
	else if (!tag->sign && str_starts(name, "url:"))
		tag->prefix = "url:";
	name += strlen(tag->prefix);
	return take_name(name, (size_t)(close - name), tag->name);
}

/* The body of the section that tag opens; rest moves behind its end tag. */
static struct result section_body(const struct tag *tag, struct span *rest, struct span *body)
{
	size_t depth = 1;
	bool found = false;
	struct tag inner;

	body->at = rest->at;
	while (depth > 0) {
		TRY(next_tag(rest, &inner, &found));
		if (!found)
			FAIL(ERR_FORMAT);
		if (inner.sign == '#' || inner.sign == '^')
			depth++;
		if (inner.sign == '/')
			depth--;
	}
	if (strcmp(inner.name, tag->name) != 0)
		FAIL(ERR_FORMAT);
	body->end = inner.at;
	return OK;
}

static struct result render_span(struct render *r, struct span span);

static struct result render_with(struct render *r, struct span body, const json_t *item)
{
	if (r->n > TEMPLATE_DEPTH)
		FAIL(ERR_BOUNDS);
	r->stack[r->n++] = item;
	TRY(render_span(r, body));
	r->n--;
	return OK;
}

static bool is_there(const json_t *value)
{
	if (json_is_string(value))
		return json_string_length(value) > 0;
	if (json_is_array(value))
		return json_array_size(value) > 0;
	return value && !json_is_null(value) && !json_is_false(value);
}

static struct result render_section(struct render *r, const struct tag *tag, struct span body)
{
	const json_t *value = lookup(r, tag->name);

	if (tag->sign == '^')
		return is_there(value) ? OK : render_span(r, body);
	if (!is_there(value))
		return OK;
	if (!json_is_array(value))
		return render_with(r, body, value);
	for (size_t i = 0; i < json_array_size(value); i++)
		TRY(render_with(r, body, json_array_get(value, i)));
	return OK;
}

static struct result render_partial(struct render *r, const char *name)
{
	const char *file = arena_printf(r->arena, "%s.html", name);

	for (const struct embedded_file *f = r->set->files; f->name; f++) {
		if (strcmp(f->name, file) == 0)
			return render_span(r, (struct span){f->text, f->text + f->len});
	}
	FAIL(ERR_ABSENT);
}

/* A tag that stands for text: a member, an address or one of the texts. */
static struct result render_value(struct render *r, const struct tag *tag)
{
	const char *value = NULL;

	if (strcmp(tag->prefix, "t:") == 0) {
		TRY(text_of(r, tag->name, &value));
		return put_escaped(r, value);
	}
	TRY(member_text(r, tag->name, &value));
	if (strcmp(tag->prefix, "t:@") == 0)
		TRY(text_of(r, value, &value));
	if (strcmp(tag->prefix, "url:") == 0 && !template_url_ok(value))
		FAIL(ERR_FORMAT);
	return put_escaped(r, value);
}

static struct result render_tag(struct render *r, const struct tag *tag, struct span *rest)
{
	struct span body;

	switch (tag->sign) {
	case '!':
		return OK;
	case '>':
		return render_partial(r, tag->name);
	case '#':
	case '^':
		TRY(section_body(tag, rest, &body));
		return render_section(r, tag, body);
	case '/':
		FAIL(ERR_FORMAT);
	default:
		return render_value(r, tag);
	}
}

static struct result render_span(struct render *r, struct span span)
{
	const char *words = span.at;
	bool found = false;
	struct tag tag;

	if (r->depth >= TEMPLATE_DEPTH)
		FAIL(ERR_BOUNDS);
	r->depth++;
	for (;;) {
		TRY(next_tag(&span, &tag, &found));
		if (!found)
			break;
		TRY(put(r, words, (size_t)(tag.at - words)));
		TRY(render_tag(r, &tag, &span));
		words = span.at;
	}
	r->depth--;
	return put(r, words, (size_t)(span.end - words));
}

struct result template_render(struct arena *arena, const struct template_set *set, const char *name,
	const json_t *data, const char **out)
{
	struct render r = {.arena = arena, .set = set, .stack = {data}, .n = 1};

	r.out = buf_new(arena);
	TRY(render_partial(&r, name));
	*out = r.out.text ? r.out.text : "";
	return OK;
}

struct result template_text(struct arena *arena, const struct template_set *set, const char *key,
	const json_t *data, const char **out)
{
	struct render r = {.arena = arena, .set = set, .stack = {data}, .n = 1};

	return text_of(&r, key, out);
}
