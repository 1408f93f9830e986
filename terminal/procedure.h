/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * procedure: what the terminal does, written as it happens: one function a procedure, read from top
 * to bottom, although the terminal has to leave it whenever it waits for a person or for the host.
 *
 *   err greet(struct terminal *t, struct procedure *p)
 *   {
 *       PROCEDURE_BEGIN(p);
 *       for (;;) {
 *           screen_begin(t, "greet", TEXT_GREETING);
 *           screen_show(t);
 *           PROCEDURE_AWAIT(t, p);                       leaves; comes back here with t->event
 *           if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
 *           if (key_is(t, "ok")) break;
 *       }                                                anything else shows the screen again
 *       PROCEDURE_CALL(t, p, shake_hands);               leaves; comes back with t->outcome
 *       if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
 *       PROCEDURE_END(t, p);
 *   }
 *
 * It is a protothread: `at` remembers the line and the switch in PROCEDURE_BEGIN jumps there. So
 *   - locals do not survive a wait: what must, is in struct terminal or in p->local;
 *   - no switch statement may stand around a wait;
 *   - every wait stands in a loop that shows its screen first. An event that the loop does not know
 *     (the language was changed, the connection came up) simply shows the screen anew.
 *
 * Procedures wait for one another on a stack. BACK returns one level: the caller shows what it
 * showed before. An idle screen unwinds to the nearest procedure that is a home (`p->home`). A
 * payment that has been submitted waits on a screen that cannot idle and whose Cancel reverses it,
 * so unwinding never loses a payment; and a restart finds in the store all that a procedure has
 * promised, so the stack itself is never stored.
 *
 * The err of a procedure is the store's: then nothing is certain any more, and terminal.c stops.
 */

#include "lib/base/err.h"

struct terminal;
struct procedure;

typedef err (*procedure_function)(struct terminal *t, struct procedure *p);

struct procedure {
    procedure_function run;
    unsigned at;
    bool home;
    int64_t local[3];
};

enum outcome {
    OUTCOME_DONE,
    OUTCOME_BACK,
    OUTCOME_REFUSED,   /* what was entered is not right; the notice says so */
    OUTCOME_SKIPPED,   /* of a secure entry: allowed to go on without, and did */
    OUTCOME_GUIDED,    /* of a PIN: the customer wants to be guided (guide.h) */
    OUTCOME_FORGOTTEN, /* of a secure entry: who should enter it does not know it any more */
};

#define PROCEDURE_BEGIN(p) \
    switch ((p)->at) {     \
    case 0:

#define PROCEDURE_AWAIT(t, p) \
    do {                      \
        (p)->at = __LINE__;   \
        procedure_waits(t);   \
        return OK;            \
    case __LINE__:;           \
    } while (0)

#define PROCEDURE_CALL(t, p, called) \
    do {                             \
        (p)->at = __LINE__;          \
        procedure_push(t, called);   \
        return OK;                   \
    case __LINE__:;                  \
    } while (0)

#define PROCEDURE_LEAVE(t, p, how) \
    do {                           \
        procedure_pop(t, p, how);  \
        return OK;                 \
    } while (0)

#define PROCEDURE_BACK(t, p) PROCEDURE_LEAVE(t, p, OUTCOME_BACK)
#define PROCEDURE_DONE(t, p) PROCEDURE_LEAVE(t, p, OUTCOME_DONE)

#define PROCEDURE_END(t, p) \
    }                       \
    PROCEDURE_DONE(t, p)

void procedure_waits(struct terminal *t);
void procedure_push(struct terminal *t, procedure_function run);
void procedure_pop(struct terminal *t, struct procedure *p, enum outcome outcome);

/* Drops all above the nearest home; it goes on with OUTCOME_BACK. */
void procedure_unwind(struct terminal *t);

/* Drops all but the first, the session. */
void procedure_restart(struct terminal *t);

/* Lets the uppermost procedure take t->event, and goes on until one waits. */
MUST_USE err procedure_run(struct terminal *t);
