/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `pratu courier`: hands messages to citizens over to SMS gateways and a mail server. It is the
 * only role with outbound connections, and listens only where gateways report what became of an
 * SMS.
 */
#ifndef PRATU_COURIER_COURIER_MAIN_H
#define PRATU_COURIER_COURIER_MAIN_H

#include "idp/base/settings.h"

/* Run until SIGTERM or SIGINT. Returns the process's exit status. */
int courier_main(const struct settings *settings);

#endif
