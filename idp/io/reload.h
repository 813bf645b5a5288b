/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The settings of a running role, and what SIGHUP does with them: the file is read again, and what
 * may change at run time (settings_table.c marks it) is in force from then on. A file that is wrong
 * changes nothing.
 */
#ifndef PRATU_IO_RELOAD_H
#define PRATU_IO_RELOAD_H

#include "idp/base/settings.h"

struct reload;

/* settings: those of the start, borrowed until reload_free. Owned by the caller; never NULL. */
struct reload *reload_new(const struct settings *settings);
/* Releases all settings that were read since. NULL-safe. */
void reload_free(struct reload *reload);
/* Those in force. They stay as they are, and valid until reload_free. Any thread. */
const struct settings *reload_settings(const struct reload *reload);

/* What a role itself loads anew for settings that are to be in force (a certificate). A failure,
 * which it logs, keeps all as it was. */
typedef struct result reload_accept(void *arg, const struct settings *fresh);
/* Read the file again, ask accept (NULL: nobody), and put it in force; log which settings changed
 * (their names: values may hold passwords), which of them need a restart, and what was wrong. The
 * main thread. */
void reload_read(struct reload *reload, reload_accept *accept, void *arg);

#endif
