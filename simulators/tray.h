/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tray: where a person presents virtual cards and phones. Questions and answers are JSON:
 *
 *   {"ask":"tray"}                                   the cards and phones, to be drawn
 *   {"ask":"present","card":NAME,"reader":SERIAL}    holds a card to the reader of a terminal
 *   {"ask":"read","reader":SERIAL}                   the reader's question: {"track2":...} once, or
 * {}
 *   {"ask":"code","phone":NAME}                      a fresh payment code, as digits and as a QR
 * picture
 *   {"ask":"accounts"}                               what each card and phone has been charged
 *
 * An error is {"error":"..."} and leaves the connection open.
 */

#include "simulators/network.h"

struct tray;

MUST_USE err tray_open(struct network *network, struct clock clock, struct tray **ret_tray);
void tray_close(struct tray *tray);

/* The answer is a view that lives until the next call. Errors: FULL. */
MUST_USE err tray_answer(struct tray *tray, struct bytes question, struct bytes *ret_answer);
