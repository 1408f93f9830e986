/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * notice: what people see where the terminal's page would be, when nothing can be started: one page
 * in both languages that says why and whom to call. It has no script, asks nothing, and looks again
 * by itself, so that the terminal's own page is there when its program is.
 */

#include "lib/base/err.h"

enum notice_end { NOTICE_LOOK_AGAIN, NOTICE_STOP };

/*
 * On 127.0.0.1:`port` for `show_ms`, or until a signal asks us to stop. `why` is what slots_start()
 * said. A port that is taken, or 0, is waited out in the same way: nothing else is to be done.
 */
enum notice_end notice_show(uint16_t port, err why, unsigned show_ms);

/* The page as it is sent, for tests; a literal. */
const char *notice_page(err why);
