/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded templates and texts of a language, and what pages format as words: times, durations,
 * devices. Pure. */
#ifndef PRATU_PAGE_PAGE_TEXT_H
#define PRATU_PAGE_PAGE_TEXT_H

#include "idp/page/page_lang.h"
#include "idp/page/template.h"

/* All templates, and the texts of lang. */
struct template_set page_text_set(enum page_lang lang);
/* "4 minutes": seconds below a minute and a half, minutes below an hour and a half, hours up
 * to ninety of them, then days; rounded up, at least one second. */
const char *page_text_duration(struct arena *arena, enum page_lang lang, int64_t seconds);
/* A moment (unix seconds) on Thailand's clock, UTC+7 the year round; in Thai with the year of the
 * Buddhist era. */
const char *page_text_when(struct arena *arena, enum page_lang lang, int64_t at_s);
/* Roughly which browser on which system, from a User-Agent (may be NULL): "Chrome, Android". */
const char *page_text_device(struct arena *arena, enum page_lang lang, const char *user_agent);

#endif
