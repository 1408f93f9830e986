/* SPDX-License-Identifier: Apache-2.0 */
/* The stack of procedures and the loop that drives it. */
#include "terminal/procedure.h"

#include "terminal/core.h"

void procedure_waits(struct terminal *t)
{
    t->waiting = true;
}

void procedure_push(struct terminal *t, procedure_function run)
{
    ENSURE(t->depth < TERMINAL_DEPTH);
    t->stack[t->depth++] = (struct procedure){.run = run};
}

void procedure_pop(struct terminal *t, struct procedure *p, enum outcome outcome)
{
    ENSURE(t->depth > 1 && p == &t->stack[t->depth - 1]);
    t->depth--;
    t->outcome = outcome;
}

void procedure_unwind(struct terminal *t)
{
    ENSURE(t->depth > 0);
    while (t->depth > 1 && !t->stack[t->depth - 1].home) t->depth--;
    t->outcome = OUTCOME_BACK;
}

void procedure_restart(struct terminal *t)
{
    ENSURE(t->depth > 0);
    t->depth = 1;
    t->outcome = OUTCOME_BACK;
}

err procedure_run(struct terminal *t)
{
    ENSURE(t->depth > 0 && !t->running);
    err e = OK;
    t->running = true;
    t->waiting = false;
    while (!t->waiting && !FAILED(e)) {
        struct procedure *p = &t->stack[t->depth - 1];
        e = p->run(t, p);
    }
    t->running = false;
    t->event = (struct event){0};
    return e;
}
