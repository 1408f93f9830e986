/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 查找交易 (S103): every payment of this terminal, of earlier batches too, by amount, by the last
 * four digits of the card or code, by voucher number, or by date; newest first, and one of them in
 * full.
 */
#include "terminal/core.h"
#include "terminal/records_row.h"

enum search_by { SEARCH_AMOUNT, SEARCH_CARD, SEARCH_VOUCHER, SEARCH_DATE, SEARCHES };

#define FIND(where)                                                \
    "SELECT number, " RECORDS_COLUMNS " FROM payment WHERE " where \
    " AND number < ?2 ORDER BY number DESC LIMIT ?3"

/* clang-format off */
static const struct {
    const char *key;
    enum text_id entry, field;
    unsigned digits; /* at most; 0: an amount */
    const char *sql;
} ways[SEARCHES] = {
    [SEARCH_AMOUNT]  = {"amount",  TEXT_ENTRY_SEARCH_AMOUNT,  TEXT_SEARCH_AMOUNT,  0, FIND("amount_minor = ?1")},
    [SEARCH_CARD]    = {"card",    TEXT_ENTRY_SEARCH_CARD,    TEXT_SEARCH_CARD,    4, FIND("substr(pan_masked, -4) = printf('%04d', ?1)")},
    [SEARCH_VOUCHER] = {"voucher", TEXT_ENTRY_SEARCH_VOUCHER, TEXT_SEARCH_VOUCHER, 6, FIND("stan = ?1")},
    [SEARCH_DATE]    = {"date",    TEXT_ENTRY_SEARCH_DATE,    TEXT_SEARCH_DATE,    4, FIND("created_ms >= ?1 AND created_ms < ?1 + 86400000")},
};
/* clang-format on */

/* ---- the store ---- */

static err find(struct terminal *t, enum search_by by, int64_t value, int64_t below,
                struct records_row *rows, size_t max, size_t *ret_count)
{
    struct store_statement *s;
    size_t count = 0;
    bool row;
    TRY(store_statement(t->records.store, ways[by].sql, &s));
    store_bind_int(s, value);
    store_bind_int(s, below);
    store_bind_int(s, (int64_t)max);
    TRY(store_step(s, &row));
    while (row) {
        ENSURE(count < max);
        rows[count].number = store_read_int(s);
        records_row_read(s, &rows[count].payment);
        count++;
        TRY(store_step(s, &row));
    }
    *ret_count = count;
    return OK;
}

/* ---- what to look for ---- */

static void show_ways(struct terminal *t)
{
    screen_begin(t, "search.menu", TEXT_SEARCH_TITLE);
    SAY(t, SCREEN_HINT, TEXT_SEARCH_ABOUT);
    for (enum search_by by = 0; by < SEARCHES; by++)
        screen_choice(t, ways[by].key, ways[by].entry, SCREEN_LIST, "query", true);
    screen_show(t);
}

static void show_field(struct terminal *t, enum search_by by)
{
    struct screen *s = &t->screen;
    screen_begin(t, "search.value", TEXT_SEARCH_TITLE);
    screen_notice(t);
    if (ways[by].digits == 0) {
        amount_field(t, ways[by].field);
    } else {
        s->field.kind = SCREEN_FIELD_DIGITS;
        s->field.max = (uint8_t)ways[by].digits;
        text_fill(ways[by].field, s->language, NULL, s->field.label, sizeof s->field.label);
        memcpy(s->field.value, t->typed, sizeof t->typed);
        s->keypad = SCREEN_KEYPAD_DIGITS;
    }
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_show(t);
}

/* The beginning of that day, this year or, when that is still to come, last year; -1: no such day.
 */
static int64_t day_ms(const struct terminal *t, unsigned mmdd)
{
    struct civil at = civil_from_ms(now_local_ms(t));
    at.month = (int)(mmdd / 100);
    at.day = (int)(mmdd % 100);
    at.hour = at.minute = at.second = 0;
    for (int tries = 0; tries < 8; tries++, at.year--) { /* a 29 February comes in eight years */
        int64_t day = civil_to_ms(at);
        struct civil back = civil_from_ms(day);
        bool real = at.month >= 1 && at.month <= 12 && back.month == at.month && back.day == at.day;
        if (real && day <= now_local_ms(t)) return day - CLOCK_CHINA_OFFSET_MS;
    }
    return -1;
}

/* What was typed as the value to bind, or -1. */
static int64_t value_of(const struct terminal *t, enum search_by by)
{
    struct reader r = reader_over(bytes_text(t->typed));
    int64_t amount = amount_typed(t);
    if (ways[by].digits == 0) return amount > 0 ? amount : -1;
    if (t->typed[0] == '\0') return -1;
    unsigned digits = read_digits(&r, strlen(t->typed));
    bool whole = strlen(t->typed) == ways[by].digits;
    if (by == SEARCH_VOUCHER) return digits;
    if (!whole) return -1;
    return by == SEARCH_DATE ? day_ms(t, digits) : digits;
}

/* ---- what was found ---- */

/* Below number local[2], of the way local[0] and the value local[1]. */
static err show_found(struct terminal *t, struct procedure *p, int64_t *ret_last)
{
    struct records_row rows[TERMINAL_LIST_ROWS + 1];
    size_t count = 0;
    TRY(find(t, (enum search_by)p->local[0], p->local[1], p->local[2], rows, ARRAY_LEN(rows),
             &count));
    bool more = count > TERMINAL_LIST_ROWS;
    if (more) count = TERMINAL_LIST_ROWS;
    screen_begin(t, "search.list", TEXT_SEARCH_TITLE);
    if (count == 0) SAY(t, SCREEN_NORMAL, TEXT_SEARCH_NOTHING);
    for (size_t i = 0; i < count; i++) query_row(t, &rows[i]);
    if (p->local[2] != INT64_MAX)
        screen_choice(t, "newer", TEXT_ENTRY_NEWER, SCREEN_PLAIN, NULL, true);
    if (more) screen_choice(t, "older", TEXT_ENTRY_OLDER, SCREEN_PLAIN, NULL, true);
    *ret_last = count > 0 ? rows[count - 1].number : 0;
    screen_show(t);
    return OK;
}

static err found(struct terminal *t, struct procedure *p)
{
    int64_t last = 0;

    PROCEDURE_BEGIN(p);
    p->local[0] = t->search.by;
    p->local[1] = t->search.value;
    p->local[2] = INT64_MAX;
    for (;;) {
        TRY(show_found(t, p, &last));
        t->search.last = last;
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "older")) p->local[2] = t->search.last;
        if (choice_is(t, "newer")) p->local[2] = INT64_MAX;
        t->chosen = query_chosen(t);
        if (t->chosen > 0) PROCEDURE_CALL(t, p, query_detail);
    }
    PROCEDURE_END(t, p);
}

static err one_way(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->search.by;
    t->typed[0] = t->work.amount[0] = '\0';
    notice_clear(t);
    for (;;) {
        show_field(t, (enum search_by)p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (ways[p->local[0]].digits == 0) amount_key(t);
        else (void)typed_key(t, ways[p->local[0]].digits);
        if (!key_is(t, "ok")) continue;
        t->search.by = (int)p->local[0];
        t->search.value = value_of(t, (enum search_by)p->local[0]);
        if (t->search.value >= 0) PROCEDURE_CALL(t, p, found);
        else NOTICE(t, SCREEN_WARNING, TEXT_SEARCH_BAD);
    }
    PROCEDURE_END(t, p);
}

err search(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (;;) {
        show_ways(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        for (t->search.by = 0; t->search.by < SEARCHES; t->search.by++)
            if (choice_is(t, ways[t->search.by].key)) break;
        if (t->search.by < SEARCHES) PROCEDURE_CALL(t, p, one_way);
    }
    PROCEDURE_END(t, p);
}
