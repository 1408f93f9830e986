/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 手工输入卡号: only where the administrator has set an amount for it, up to that amount, and each
 * time with a supervisor's yes (S58). Number and expiry go from the page into the vault as sealed
 * touches; the terminal learns the masked number, as of every card.
 */
#include "terminal/manual.h"

#define PARAMETER "manual_most"

enum { MANUAL_MOST = 5000000 /* 50,000 yuan: nobody types a card for more */ };

err manual_load(struct records *records, int64_t *ret_most_minor)
{
    int64_t most = 0;
    TRY(records_parameter(records, PARAMETER, &most));
    if (most < 0 || most > MANUAL_MOST)
        return store_refuse(records->store, ERR(CORRUPT), "a limit is out of its range", NULL);
    *ret_most_minor = most;
    return OK;
}

bool manual_offered(const struct terminal *t)
{
    const struct payment *p = &t->work.payment;
    return p->type == PAYMENT_SALE && p->amount_minor <= t->manual_most;
}

/* ---- the card ---- */

static void ask(struct terminal *t, bool expiry)
{
    t->ask = (struct entry_ask){
        .id = expiry ? "manual.expiry" : "manual.number",
        .title = TEXT_MANUAL_TITLE,
        .label = expiry ? TEXT_MANUAL_EXPIRY : TEXT_MANUAL_NUMBER,
        .hint = expiry ? TEXT_MANUAL_EXPIRY_HINT : TEXT_MANUAL_NUMBER_HINT,
        .purpose = expiry ? VAULT_ENTRY_EXPIRY : VAULT_ENTRY_PAN,
    };
}

/* What the vault makes of what was typed stands in t->work.card, as if it had been read. */
static bool take(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    enum vault_status status =
        secure_card_manual(t, &t->work.card, p->pan_masked, p->card_sequence);
    if (status == VAULT_OK && t->work.card.state == VAULT_CARD_READ) return true;
    if (status != VAULT_OK)
        NOTICE(t, SCREEN_WARNING, TEXT_SALE_VAULT_FAULT, vault_status_text(status));
    else
        NOTICE(t, SCREEN_WARNING,
               t->work.card.state == VAULT_CARD_EXPIRED ? TEXT_SALE_EXPIRED : TEXT_MANUAL_WRONG);
    return false;
}

err manual_take(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->asked = (struct asked){LIMIT_MANUAL, 1};
    PROCEDURE_CALL(t, p, allow);
    if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
    for (;;) {
        ask(t, false);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome != OUTCOME_DONE) PROCEDURE_BACK(t, p);
        ask(t, true);
        PROCEDURE_CALL(t, p, entry_take);
        if (t->outcome != OUTCOME_DONE) continue; /* back to the number */
        if (take(t)) break;
    }
    PROCEDURE_CALL(t, p, sale_by_card);
    PROCEDURE_LEAVE(t, p, t->outcome);
    PROCEDURE_END(t, p);
}

/* ---- the parameter ---- */

static void show_most(struct terminal *t)
{
    screen_begin(t, "parameters.manual", TEXT_PARAMETERS_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_PARAMETERS_NOW, amount_text(t->manual_most).text);
    SAY(t, SCREEN_HINT, TEXT_MANUAL_MOST_HINT, amount_text(MANUAL_MOST).text);
    amount_field(t, TEXT_MANUAL_MOST);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

static err save(struct terminal *t, int64_t most_minor)
{
    if (afar_holds(t, PARAMETER)) return OK;
    TRY(records_parameter_set(&t->records, PARAMETER, most_minor, t->operator_id,
                              amount_text(most_minor).text));
    t->manual_most = most_minor;
    NOTICE(t, SCREEN_SUCCESS, TEXT_PARAMETERS_SAVED);
    return OK;
}

err manual_parameters(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->work.amount[0] = '\0';
    notice_clear(t);
    for (;;) {
        show_most(t);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        amount_key(t);
        if (!key_is(t, "ok") || t->work.amount[0] == '\0') continue;
        if (amount_typed(t) <= MANUAL_MOST) break;
        NOTICE(t, SCREEN_WARNING, TEXT_MANUAL_MOST_HINT, amount_text(MANUAL_MOST).text);
    }
    TRY(save(t, amount_typed(t)));
    PROCEDURE_END(t, p);
}
