/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP adapter refuses before any endpoint is asked, in words for an integrator. */
#ifndef PRATU_PAGE_REQUEST_FAULT_H
#define PRATU_PAGE_REQUEST_FAULT_H

/* A sentence for a reason of idp/io/http_parse.c or http_hygiene.c ("path_slashes"); the reason
 * itself where it has none. Static storage, or reason. */
const char *request_fault_text(const char *reason);

#endif
