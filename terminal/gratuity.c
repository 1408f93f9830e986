/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 小费 (S82): the customer takes a share of the amount by one touch, types one, or gives none. It
 * is a part of what is paid (payment.tip_minor), so limits, totals and the settlement count it.
 */
#include "terminal/core.h"
#include "terminal/counter.h"

/* Of `per_cent` of the amount without it; a tie goes to the even fen. */
static int64_t share(int64_t base_minor, int64_t per_cent)
{
    return money_rate_half_even(base_minor, per_cent * 10000);
}

static void tip_key(size_t index, char out[static 8])
{
    memcpy(out, "share_1", 8);
    out[6] = (char)('1' + index);
}

static void show(struct terminal *t, int64_t base_minor)
{
    struct screen *s = &t->screen;
    screen_begin(t, "sale.tip", TEXT_GRATUITY_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(base_minor).text);
    screen_notice(t);
    for (size_t i = 0; i < COUNTER_TIPS; i++) {
        int64_t per_cent = t->counter.value[COUNTER_TIP_1 + i];
        char key[8];
        if (share(base_minor, per_cent) == 0) continue; /* not offered, or less than a fen */
        tip_key(i, key);
        screen_choice(t, key, TEXT_ENTRY_BACK, SCREEN_CHIP, NULL, true);
        struct screen_choice *choice = &s->choice[s->choice_count - 1];
        text_fill(TEXT_GRATUITY_SHARE, s->language,
                  (const char *const[]){number_text(per_cent).text,
                                        amount_text(share(base_minor, per_cent)).text, NULL},
                  choice->text, sizeof choice->text);
    }
    screen_choice(t, "none", TEXT_ENTRY_NO_TIP, SCREEN_CHIP, NULL, true);
    amount_field(t, TEXT_GRATUITY_AMOUNT);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    timeout_of(t, TIMEOUT_AMOUNT);
    screen_show(t);
}

/* What was chosen or typed; -1 while nothing is, with a notice when it is more than it may be. */
static int64_t taken(struct terminal *t, int64_t base_minor)
{
    int64_t most = share(base_minor, t->counter.value[COUNTER_TIP_MOST]);
    int64_t tip = -1;
    for (size_t i = 0; i < COUNTER_TIPS; i++) {
        char key[8];
        tip_key(i, key);
        if (choice_is(t, key)) tip = share(base_minor, t->counter.value[COUNTER_TIP_1 + i]);
    }
    if (choice_is(t, "none")) return 0;
    if (key_is(t, "ok")) tip = amount_typed(t);
    if (tip <= most) return tip;
    NOTICE(t, SCREEN_WARNING, TEXT_GRATUITY_OVER, amount_text(most).text);
    return -1;
}

/* The amount without the tip is what the screen before shows again. */
static void restore(struct terminal *t, int64_t base_minor)
{
    struct amount_text amount = amount_text(base_minor);
    memcpy(t->work.amount, amount.text, strlen(amount.text) + 1);
}

err gratuity(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->work.payment.amount_minor;
    t->work.amount[0] = '\0';
    for (;;) {
        show(t, p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) break;
        amount_key(t);
        p->local[1] = taken(t, p->local[0]);
        if (p->local[1] >= 0) break;
    }
    restore(t, p->local[0]);
    if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
    t->work.payment.tip_minor = p->local[1];
    t->work.payment.amount_minor = p->local[0] + p->local[1];
    PROCEDURE_END(t, p);
}
