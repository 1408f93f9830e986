/* SPDX-License-Identifier: Apache-2.0 */
/* Which limit of the host has refused a payment, and when it is free again, in words (S86). */
#include "payment/quota.h"
#include "terminal/core.h"

#include <stdio.h>

enum { SUBJECT_MAX = 96 };

static const enum text_id cards[QUOTA_CARDS] = {
    TEXT_QUOTA_CARD_ANY,     TEXT_QUOTA_CARD_DEBIT,  TEXT_QUOTA_CARD_CREDIT,
    TEXT_QUOTA_CARD_FOREIGN, TEXT_QUOTA_CARD_WALLET,
};

static const enum text_id entries[QUOTA_ENTRIES] = {
    TEXTS,
    TEXT_QUOTA_ENTRY_MANUAL,
    TEXT_QUOTA_ENTRY_SWIPE,
    TEXT_QUOTA_ENTRY_CHIP,
    TEXT_QUOTA_ENTRY_CONTACTLESS,
    TEXT_QUOTA_ENTRY_CODE,
    TEXT_QUOTA_ENTRY_STATIC,
    TEXT_QUOTA_ENTRY_SHOWN,
};

/* "Credit cards", "Credit cards (typed numbers)". */
static void subject_of(const struct terminal *t, const struct quota_notice *n, char *out,
                       size_t size)
{
    enum language language = t->records.language;
    const char *card = text(cards[n->card], language);
    if (n->entry == QUOTA_ENTRY_ANY) {
        snprintf(out, size, "%s", card);
        return;
    }
    const char *const both[] = {card, text(entries[n->entry], language), NULL};
    text_fill(TEXT_QUOTA_BOTH, language, both, out, size);
}

static enum text_id sentence(const struct quota_notice *n)
{
    static const enum text_id of[QUOTA_PERIODS][QUOTA_UNITS] = {
        [QUOTA_PAYMENT] = {TEXT_QUOTA_PAYMENT, TEXT_QUOTA_PAYMENT},
        [QUOTA_DAY] = {TEXT_QUOTA_DAY, TEXT_QUOTA_DAY_COUNT},
        [QUOTA_MONTH] = {TEXT_QUOTA_MONTH, TEXT_QUOTA_MONTH_COUNT},
    };
    /* One payment has no limit of a person (payment/quota_table.c). */
    static const enum text_id of_person[QUOTA_PERIODS][QUOTA_UNITS] = {
        [QUOTA_PAYMENT] = {TEXT_QUOTA_PAYMENT, TEXT_QUOTA_PAYMENT},
        [QUOTA_DAY] = {TEXT_QUOTA_PERSON_DAY, TEXT_QUOTA_PERSON_DAY_COUNT},
        [QUOTA_MONTH] = {TEXT_QUOTA_PERSON_MONTH, TEXT_QUOTA_PERSON_MONTH_COUNT},
    };
    if (n->most == 0) return TEXT_QUOTA_NEVER;
    return n->person ? of_person[n->period][n->unit] : of[n->period][n->unit];
}

static struct amount_text value_text(const struct quota_notice *n, int64_t value)
{
    struct amount_text out = {""};
    if (n->unit == QUOTA_AMOUNT) return amount_text(value);
    snprintf(out.text, sizeof out.text, "%s", number_text(value).text);
    return out;
}

bool quota_say(struct terminal *t, const char *notice)
{
    struct quota_notice n;
    char subject[SUBJECT_MAX];
    if (FAILED(quota_notice_read(notice, &n))) return false;
    subject_of(t, &n, subject, sizeof subject);
    SAY(t, SCREEN_WARNING, sentence(&n), subject, value_text(&n, n.most).text,
        value_text(&n, n.left).text);
    SAY(t, SCREEN_HINT, TEXT_QUOTA_RAISE);
    return true;
}
