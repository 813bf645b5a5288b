/* SPDX-License-Identifier: Apache-2.0 */
/* The choice of a page's language from a browser's and an agency's preferences. Pure; all three are
 * untrusted input. */
#ifndef PRATU_PAGE_PAGE_LANG_H
#define PRATU_PAGE_PAGE_LANG_H

#include "idp/page/page.h"

#define PAGE_LANG_COOKIE "__Host-lang"

/* cookie: "th" or "en". ui_locales: BCP 47 tags by preference, space-separated (OIDC Core
 * s3.1.2.1). accept: the value of Accept-Language (RFC 9110 s12.5.4). Each may be NULL; what is
 * unknown or malformed in them is passed over. Thai if nothing decides. */
enum page_lang page_lang_pick(const char *cookie, const char *ui_locales, const char *accept);
/* "th" or "en" exactly? */
bool page_lang_parse(const char *code, enum page_lang *out);
/* "th" or "en". */
const char *page_lang_code(enum page_lang lang);

#endif
