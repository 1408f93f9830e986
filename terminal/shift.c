/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 交接班 (S107): what an operator has taken in his shift, read as often as he likes (X), and closed
 * once, with a number (Z); then the next operator logs in. A cashier sees his own shift, a
 * supervisor everybody's. Every figure is a sum over the rows of payments.
 */
#include "payment/receipt.h"
#include "terminal/shift_cash.h"

/* ---- paper ---- */

/* X or Z as a sheet in t->sheet. */
static err make_sheet(struct terminal *t, const struct shift *shift, bool reprint)
{
    struct receipt_report report = {
        .kind_of = shift->number == 0 ? RECEIPT_REPORT_X : RECEIPT_REPORT_Z,
        .number = shift->number,
        .reprint = reprint,
        .merchant_name = shop_name_at(t, shift->to_ms),
        .mid = t->facts.mid,
        .tid = t->facts.tid,
        .operator_id = shift->operator_id,
        .batch = t->records.batch,
        .from_local_ms = shift->from_ms + CLOCK_CHINA_OFFSET_MS,
        .to_local_ms = shift->to_ms + CLOCK_CHINA_OFFSET_MS,
        .columns = t->config.paper_columns,
        .cash = shift->cash,
        .float_minor = shift->float_minor,
        .cash_minor = shift->cash_minor,
        .counted_minor = shift->counted_minor,
    };
    err e = shifts_kinds(&t->records, shift, &report);
    if (!FAILED(e)) e = receipt_report(&report, &t->sheet);
    if (!FAILED(e)) return OK;
    t->sheet.count = 0;
    if (e.code != ERR_FULL) return e;
    log_event(t->config.log, LOG_ERROR, "shift_sheet_not_made", LOG_ERR(e));
    return OK;
}

static err print(struct terminal *t, const struct shift *shift, bool reprint)
{
    TRY(make_sheet(t, shift, reprint));
    queue_sheet(t, reprint);
    if (shift->number == 0) return audit(t, "shift_read", shift->operator_id, "");
    return reprint ? audit(t, "shift_reprint", number_text(shift->number).text, "") : OK;
}

/* ---- closing one ---- */

static void show_ask(struct terminal *t, const struct shift *shift)
{
    screen_begin(t, "shift.ask", TEXT_SHIFT_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_SHIFT_OPERATOR, shift->operator_id);
    SAY(t, SCREEN_BIG, TEXT_SHIFT_TOTAL, number_text(shift->count).text,
        amount_text(shift->minor).text);
    if (shift->cash) shift_say_count(t, shift);
    SAY(t, SCREEN_HINT, TEXT_SHIFT_ASK);
    if (shift->cash)
        screen_choice(t, "recount", TEXT_ENTRY_SHIFT_RECOUNT, SCREEN_PLAIN, "fresh", true);
    screen_choice(t, "yes", TEXT_ENTRY_SHIFT_YES, SCREEN_PRIMARY, "check", true);
    screen_show(t);
}

static err show_closed(struct terminal *t, int64_t number)
{
    struct shift shift;
    TRY(shifts_get(&t->records, number, &shift));
    TRY(make_sheet(t, &shift, false));
    screen_begin(t, "shift.closed", TEXT_SHIFT_TITLE);
    SAY(t, SCREEN_SUCCESS, TEXT_SHIFT_CLOSED, padded_text(number, 6).text);
    t->screen.receipt = &t->sheet;
    t->screen.receipt_number = 0; /* of no payment */
    if (strcmp(shift.operator_id, t->operator_id) == 0)
        screen_choice(t, "hand_over", TEXT_ENTRY_SHIFT_HAND_OVER, SCREEN_PRIMARY, "operator", true);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, TERMINAL_RESULT_S);
    screen_show(t);
    return OK;
}

/* The open shift of number local[0], with what was counted, local[2]. */
static err open_shift(struct terminal *t, const struct procedure *p, struct shift *out)
{
    char operator_id[3];
    operator_text((uint8_t)p->local[0], operator_id);
    TRY(shifts_now(&t->records, operator_id, now_ms(t), out));
    out->counted_minor = p->local[2];
    return OK;
}

/* What is undecided is in no shift: a reversal, and a notice that the host has not heard of. */
static err decide_all(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    if (t->records.unsent > 0) PROCEDURE_CALL(t, p, reverse_first);
    if (t->records.unsent == 0 && t->records.notices > 0) PROCEDURE_CALL(t, p, advice_first);
    bool open = t->records.unsent > 0 || t->records.notices > 0;
    PROCEDURE_LEAVE(t, p, open ? OUTCOME_BACK : OUTCOME_DONE);
    PROCEDURE_END(t, p);
}

/* Of whom t->number says. BACK: not closed. */
static err close_shift(struct terminal *t, struct procedure *p)
{
    struct shift shift;

    PROCEDURE_BEGIN(p);
    p->local[0] = t->number;
    p->local[2] = -1;
    PROCEDURE_CALL(t, p, decide_all);
    if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
    do {
        TRY(open_shift(t, p, &shift));
        if (shift.cash && shift.counted_minor < 0) {
            PROCEDURE_CALL(t, p, shift_count);
            if (t->outcome == OUTCOME_BACK) PROCEDURE_BACK(t, p);
            p->local[2] = t->chosen;
        }
        TRY(open_shift(t, p, &shift));
        show_ask(t, &shift);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "recount")) p->local[2] = -1;
    } while (!choice_is(t, "yes"));
    TRY(open_shift(t, p, &shift));
    TRY(shifts_close(&t->records, &shift, t->operator_id));
    TRY(print(t, &shift, false));
    p->local[1] = shift.number;
    for (;;) {
        TRY(show_closed(t, p->local[1]));
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "ok") || key_is(t, "cancel")) break;
        if (choice_is(t, "hand_over")) PROCEDURE_CALL(t, p, log_out);
    }
    PROCEDURE_END(t, p);
}

/* ---- closed ones ---- */

static bool sees_all(const struct terminal *t)
{
    return permission_of(t->role, PERMISSION_OPERATORS) == PERMISSION_YES;
}

static void add_row(struct terminal *t, const struct shift *shift)
{
    struct screen *s = &t->screen;
    char key[24];
    struct writer w = writer_over(key, sizeof key - 1);
    write_format(&w, "z_%lld", (long long)shift->number);
    key[w.len] = '\0';
    screen_choice(t, key, TEXT_ENTRY_BACK, SCREEN_LIST, "print", true);
    struct screen_choice *choice = &s->choice[s->choice_count - 1];
    text_fill(TEXT_SHIFT_ROW, s->language,
              (const char *const[]){padded_text(shift->number, 6).text, shift->operator_id,
                                    time_text(shift->to_ms + CLOCK_CHINA_OFFSET_MS).text,
                                    amount_text(shift->minor).text, NULL},
              choice->text, sizeof choice->text);
}

/* Below number local[0]; local[1] remembers the last one on the page. */
static err show_old(struct terminal *t, struct procedure *p)
{
    struct shift rows[TERMINAL_LIST_ROWS + 1];
    size_t count = 0;
    TRY(shifts_page(&t->records, sees_all(t) ? NULL : t->operator_id, p->local[0], rows,
                    ARRAY_LEN(rows), &count));
    bool more = count > TERMINAL_LIST_ROWS;
    if (more) count = TERMINAL_LIST_ROWS;
    screen_begin(t, "shift.list", TEXT_SHIFT_TITLE);
    if (count == 0) SAY(t, SCREEN_NORMAL, TEXT_SHIFT_NONE);
    for (size_t i = 0; i < count; i++) add_row(t, &rows[i]);
    if (p->local[0] != INT64_MAX)
        screen_choice(t, "newer", TEXT_ENTRY_NEWER, SCREEN_PLAIN, NULL, true);
    if (more) screen_choice(t, "older", TEXT_ENTRY_OLDER, SCREEN_PLAIN, NULL, true);
    p->local[1] = count > 0 ? rows[count - 1].number : 0;
    screen_show(t);
    return OK;
}

static err show_z(struct terminal *t, int64_t number)
{
    struct shift shift;
    TRY(shifts_get(&t->records, number, &shift));
    TRY(make_sheet(t, &shift, true));
    screen_begin(t, "shift.z", TEXT_SHIFT_TITLE);
    screen_notice(t);
    t->screen.receipt = &t->sheet;
    t->screen.receipt_number = 0;
    screen_choice(t, "print", TEXT_ENTRY_PRINT, SCREEN_PRIMARY, "print",
                  t->devices.paper != SCREEN_PAPER_OUT);
    screen_show(t);
    return OK;
}

static err one_z(struct terminal *t, struct procedure *p)
{
    struct shift shift;

    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    notice_clear(t);
    for (;;) {
        TRY(show_z(t, p->local[0]));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (!choice_is(t, "print")) continue;
        TRY(shifts_get(&t->records, p->local[0], &shift));
        TRY(print(t, &shift, true));
        NOTICE(t, SCREEN_SUCCESS, TEXT_SHIFT_PRINTED);
    }
    PROCEDURE_END(t, p);
}

/* The number behind "choice:z_" among those on the screen, or 0. */
static int64_t chosen(const struct terminal *t)
{
    static const char prefix[] = "choice:z_";
    if (t->event.kind != EVENT_KEY || strncmp(t->event.key, prefix, sizeof prefix - 1) != 0)
        return 0;
    struct reader r = reader_over(bytes_text(t->event.key + sizeof prefix - 1));
    int64_t number = read_digits(&r, r.left.len < 9 ? r.left.len : 9);
    return FAILED(reader_finish(&r)) ? 0 : number;
}

static err old_ones(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = INT64_MAX;
    for (;;) {
        TRY(show_old(t, p));
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "older")) p->local[0] = p->local[1];
        if (choice_is(t, "newer")) p->local[0] = INT64_MAX;
        t->chosen = chosen(t);
        if (t->chosen > 0) PROCEDURE_CALL(t, p, one_z);
    }
    PROCEDURE_END(t, p);
}

/* ---- the open one ---- */

static err show_one(struct terminal *t, const char *operator_id)
{
    struct shift shift;
    TRY(shifts_now(&t->records, operator_id, now_ms(t), &shift));
    bool something = shift.upto > shift.above, paper = t->devices.paper != SCREEN_PAPER_OUT;
    screen_begin(t, "shift.one", TEXT_SHIFT_TITLE);
    screen_notice(t);
    SAY(t, SCREEN_NORMAL, TEXT_SHIFT_OPERATOR, operator_id);
    if (something)
        SAY(t, SCREEN_HINT, TEXT_SHIFT_SINCE,
            time_text(shift.from_ms + CLOCK_CHINA_OFFSET_MS).text);
    if (something)
        SAY(t, SCREEN_BIG, TEXT_SHIFT_TOTAL, number_text(shift.count).text,
            amount_text(shift.minor).text);
    else SAY(t, SCREEN_NORMAL, TEXT_SHIFT_EMPTY);
    if (shift.float_minor > 0)
        SAY(t, SCREEN_NORMAL, TEXT_SHIFT_FLOAT_NOW, amount_text(shift.float_minor).text);
    screen_choice(t, "x", TEXT_ENTRY_SHIFT_X, SCREEN_PLAIN, "print", something && paper);
    screen_choice(t, "z", TEXT_ENTRY_SHIFT_Z, SCREEN_PRIMARY, "check", something && paper);
    screen_choice(t, "float", TEXT_ENTRY_SHIFT_FLOAT, SCREEN_PLAIN, "cash", true);
    screen_choice(t, "old", TEXT_ENTRY_SHIFT_OLD, SCREEN_PLAIN, "query", true);
    screen_show(t);
    return OK;
}

static err one_shift(struct terminal *t, struct procedure *p)
{
    struct shift shift;
    char operator_id[3];

    PROCEDURE_BEGIN(p);
    p->local[0] = t->number;
    notice_clear(t);
    for (;;) {
        operator_text((uint8_t)p->local[0], operator_id);
        TRY(show_one(t, operator_id));
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        t->number = (uint8_t)p->local[0];
        if (choice_is(t, "old")) PROCEDURE_CALL(t, p, old_ones);
        else if (choice_is(t, "float")) PROCEDURE_CALL(t, p, shift_float);
        else if (choice_is(t, "z")) PROCEDURE_CALL(t, p, close_shift);
        else if (choice_is(t, "x")) {
            operator_text((uint8_t)p->local[0], operator_id);
            TRY(shifts_now(&t->records, operator_id, now_ms(t), &shift));
            TRY(print(t, &shift, false));
            NOTICE(t, SCREEN_SUCCESS, TEXT_SHIFT_PRINTED);
        }
    }
    PROCEDURE_END(t, p);
}

/* ---- whose ---- */

static err show_operators(struct terminal *t, struct procedure *p)
{
    char ids[TERMINAL_LIST_ROWS + 1][3];
    size_t count = 0;
    TRY(shifts_operators(&t->records, (int)p->local[0], ids, ARRAY_LEN(ids), &count));
    bool more = count > TERMINAL_LIST_ROWS;
    if (more) count = TERMINAL_LIST_ROWS;
    screen_begin(t, "shift.operators", TEXT_SHIFT_TITLE);
    if (count == 0) SAY(t, SCREEN_NORMAL, TEXT_SHIFT_NOBODY);
    for (size_t i = 0; i < count; i++) {
        char key[] = "id_00";
        memcpy(key + 3, ids[i], sizeof ids[i]);
        screen_choice_named(t, key, ids[i], SCREEN_LIST);
    }
    if (p->local[0] >= 0) screen_choice(t, "first", TEXT_ENTRY_FIRST, SCREEN_PLAIN, NULL, true);
    if (more) screen_choice(t, "more", TEXT_ENTRY_MORE, SCREEN_PLAIN, NULL, true);
    screen_choice(t, "old", TEXT_ENTRY_SHIFT_OLD, SCREEN_PLAIN, "query", true);
    p->local[1] = count > 0 ? operator_number(ids[count - 1]) : 0;
    screen_show(t);
    return OK;
}

static err everybody(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = -1;
    for (;;) {
        TRY(show_operators(t, p));
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "first")) p->local[0] = -1;
        if (choice_is(t, "more")) p->local[0] = p->local[1];
        if (choice_is(t, "old")) PROCEDURE_CALL(t, p, old_ones);
        if (t->event.kind != EVENT_KEY || strncmp(t->event.key, "choice:id_", 10) != 0) continue;
        t->number = operator_number(t->event.key + 10);
        PROCEDURE_CALL(t, p, one_shift);
    }
    PROCEDURE_END(t, p);
}

err shift(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    t->number = operator_number(t->operator_id);
    if (sees_all(t)) PROCEDURE_CALL(t, p, everybody);
    else PROCEDURE_CALL(t, p, one_shift);
    PROCEDURE_END(t, p);
}
