/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The web role as a process: the listener, its workers, each with a connection to the database and
 * one to the vault, and background threads that refresh keys and maintain the database (upkeep.h).
 */
#ifndef PRATU_WEB_WEB_MAIN_H
#define PRATU_WEB_WEB_MAIN_H

#include "idp/base/settings.h"

/* Run until SIGTERM or SIGINT, then finish what is in flight. The caller has read the settings and
 * opened nothing else. It starts, and answers 503, also while the database or the vault is away.
 * Returns the process's exit status: 0 after an orderly stop, 1 if it could not start. */
int web_main(const struct settings *settings);

#endif
