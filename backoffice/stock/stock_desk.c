/* SPDX-License-Identifier: Apache-2.0 */
/* What may be done with a terminal and by whom, and what is found of the stock. */
#include "backoffice/stock/stock_desk.h"

static const struct {
    const char *word;
    enum stock_happening event;
    unsigned roles;
} steps[STOCK_STEPS] = {
#define X(name, word, event, roles) {word, (enum stock_happening)(event), roles},
    STOCK_STEP_LIST(X)
#undef X
};

const char *stock_step_word(enum stock_desk_step step)
{
    ENSURE(step < STOCK_STEPS);
    return steps[step].word;
}

/* ---- what may be done ---- */

static bool is_on_its_way(const struct stock_terminal *t)
{
    return t->state == STOCK_SHIPPED || t->state == STOCK_DELIVERED;
}

static enum stock_verdict of_replacement(const struct stock_keeper *keeper,
                                         const struct replacement *open, enum stock_desk_step step)
{
    if (step == STOCK_STEP_REPLACE) return open == NULL ? STOCK_OK : STOCK_ASKED;
    if (open == NULL) return STOCK_NOT_ASKED;
    bool same = strcmp(open->asked_by, keeper->subject) == 0;
    return step == STOCK_STEP_APPROVE && same ? STOCK_SAME_PERSON : STOCK_OK;
}

/* What would leave the place of another terminal empty. */
static err of_spare(struct store *store, const struct stock_terminal *t,
                    enum stock_verdict *ret_verdict)
{
    bool serves = false;
    TRY(replacement_serves(store, t, &serves));
    *ret_verdict = serves ? STOCK_SERVES : STOCK_OK;
    return OK;
}

static err of_life(struct store *store, const struct stock_terminal *t, enum stock_desk_step step,
                   enum stock_verdict *ret_verdict)
{
    bool was_active = false;
    *ret_verdict = STOCK_OK;
    if (step == STOCK_STEP_UNASSIGN || step == STOCK_STEP_RETURN || step == STOCK_STEP_SCRAP)
        return of_spare(store, t, ret_verdict);
    if (step != STOCK_STEP_RESTOCK) return OK;
    TRY(stock_was_active(store, t->serial, &was_active));
    *ret_verdict = was_active ? STOCK_USED : STOCK_OK;
    return OK;
}

err stock_may(struct store *store, const struct stock_keeper *keeper,
              const struct stock_terminal *t, const struct replacement *open,
              enum stock_desk_step step, enum stock_verdict *ret_verdict)
{
    ENSURE(step < STOCK_STEPS);
    const enum stock_happening event = steps[step].event;
    bool fits =
        event != 0 ? stock_next(t->state, event) != 0 : step != STOCK_STEP_CODE || is_on_its_way(t);
    *ret_verdict = STOCK_STATE;
    if (!fits) return OK;
    if (event == STOCK_DOES_REPLACE) {
        *ret_verdict = of_replacement(keeper, open, step);
        if (*ret_verdict == STOCK_NOT_ASKED || *ret_verdict == STOCK_ASKED) return OK;
    }
    bool has_role = (keeper->roles & steps[step].roles) != 0;
    if (!has_role) *ret_verdict = STOCK_ROLE;
    if (!has_role || event == STOCK_DOES_REPLACE) return OK;
    return of_life(store, t, step, ret_verdict);
}

/* ---- what is found ---- */

err stock_counts(struct store *store, int64_t ret[STOCK_STATES])
{
    struct store_statement *query;
    bool row = false;
    memset(ret, 0, sizeof(int64_t) * STOCK_STATES);
    TRY(store_statement(store, "SELECT state, count(*) FROM stock_terminal GROUP BY state",
                        &query));
    for (;;) {
        TRY(store_step(query, &row));
        if (!row) return OK;
        int64_t state = store_read_int(query), count = store_read_int(query);
        if (state > 0 && state < STOCK_STATES) ret[state] = count;
    }
}
