/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a restored terminal does not know any more, out of the journal (S165). It brings the newest
 * reference of its backup; from that row on its own rows are looked for in the order in which they
 * were written, a stretch of the journal for each question, so that nobody waits for it longer than
 * for a commit. There is no index by terminal to do it faster: that would cost each payment of
 * every day ten times its row (journal.h), for a question that is asked once in a device's life.
 *
 * Each payment is told once, at the place of its first row behind the backup, and as it is now. One
 * that is still PENDING is told so: whoever died without its answer turns it back, as he would
 * after a restart. Nothing is remembered of it here: every answer follows from the question, so a
 * terminal may ask again, from anywhere.
 *
 * What a card has approved and the old device has told us, and that the network has not decided, is
 * told by nobody again: the card's data was in the old device alone. It becomes DISPUTED, for a
 * person. What it has not told us, and its cash, are lost with it: that is alarmed at the end.
 */
#include "acquirer/catch_up.h"

#include "acquirer/advice.h"
#include "journal/close.h"
#include "journal/trail.h"
#include "payment/catch_up.h"
#include "payment/download.h"

enum {
    STRETCH_ROWS = 4096, /* of the journal, looked through for one question: 2 ms */
    CLOSINGS_MAX = 12,   /* in one page: 34 bytes each */
};

/* A page under construction. */
struct paging {
    struct acquirer *a;
    struct task *task;
    struct terminal *t;
    struct payment_catch_up_page page;
    uint8_t block[PAYMENT_FIELD_62_MAX];
    struct writer records;
};

/* ---- payments ---- */

/* The key of its original, its authorisation and its day, when it is of this terminal: they are no
 * columns of the journal. */
static err add_original(struct paging *g, struct payment *p)
{
    struct payment o;
    if (p->original.row == 0) return OK;
    TRY(record_read(g->a, p->original.row, &o));
    memcpy(p->original.auth_code, o.auth_code, sizeof p->original.auth_code);
    memcpy(p->original.date, o.local_date, sizeof p->original.date);
    if (strcmp(o.key.tid, g->t->tid) != 0) return OK;
    p->original.batch = o.key.batch;
    p->original.stan = o.key.stan;
    return OK;
}

/* Told by a device that is gone, and not decided. `*ret_later`: its network is being asked. */
static err give_up_advice(struct paging *g, struct payment *p, bool *ret_later)
{
    struct payment_step step;
    struct recent *r = NULL;
    uint64_t key = recent_key(g->task->terminal, p->key.batch, p->key.stan);
    *ret_later = false;
    if (p->state != PAYMENT_OFFLINE || !payment_offline(p)) return OK;
    err looked = recent_look(g->a, key, &p->key, &r);
    *ret_later = looked.code == ERR_BUSY || (r != NULL && r->task != INDEX_NONE);
    if (*ret_later) return OK;
    TRY(looked);
    if (r == NULL) return ERR(CORRUPT);
    TRY(payment_step(p->state, PAYMENT_DECLINE, &step));
    p->state = step.next;
    memcpy(p->response_code, "98", 3);
    reply_stamp(p, host_now_ms(g->a));
    TRY(recent_record(g->a, r, p, PAYMENT_DECLINE));
    advice_disputed(g->a, p);
    return OK;
}

/* What its own answer would have said, and nothing of the host's books. */
static void as_told(struct payment *p)
{
    advice_as_heard(p);
    p->token[0] = '\0';
}

/* The row is of this terminal. False: it has no place on this page. */
static err add_payment(struct paging *g, int64_t seq, const char *rrn, bool *ret_fits)
{
    struct journal_row last;
    int64_t first = 0;
    bool later = false;
    *ret_fits = true;
    TRY(journal_first_of(g->a->store, rrn, g->page.at.floor, &first));
    if (first != seq) return OK; /* told at its first one */
    TRY(journal_last_of(g->a->store, rrn, &last));
    *ret_fits = g->records.max - g->records.len >= PAYMENT_CATCH_UP_PAYMENT_MAX;
    if (!*ret_fits) return OK;
    TRY(give_up_advice(g, &last.payment, &later));
    *ret_fits = !later;
    if (later) return OK;
    TRY(add_original(g, &last.payment));
    as_told(&last.payment);
    payment_catch_up_write_payment(&g->records, &last.payment);
    g->page.count++;
    return OK;
}

static err add_payments(struct paging *g)
{
    int64_t after = g->page.at.after, end = 0;
    TRY(journal_last(g->a->store, &end));
    int64_t upto = end - after > STRETCH_ROWS ? after + STRETCH_ROWS : end;
    g->page.next = g->page.at;
    for (;;) {
        int64_t seq = 0;
        char rrn[13];
        bool fits = true;
        err next = journal_next_of_terminal(g->a->store, g->t->tid, after, upto, &seq, rrn);
        if (next.code == ERR_NOT_FOUND) break;
        TRY(next);
        TRY(add_payment(g, seq, rrn, &fits));
        g->page.next.after = fits ? seq : after;
        if (!fits) return OK;
        after = seq;
    }
    g->page.next.after = upto > after ? upto : after;
    if (upto >= end) g->page.next.step = CATCH_UP_CLOSINGS;
    if (upto >= end) g->page.next.after = 0;
    return OK;
}

/* ---- closings ---- */

static enum payment_settle_flag flag_of(enum journal_closing how)
{
    if (how == JOURNAL_CLOSED_EQUAL) return PAYMENT_SETTLE_EQUAL;
    return how == JOURNAL_CLOSED_UPLOAD ? PAYMENT_SETTLE_DIFFERENT : PAYMENT_SETTLE_ERROR;
}

static err add_closings(struct paging *g)
{
    struct journal_close rows[CLOSINGS_MAX];
    size_t count = 0;
    TRY(journal_close_of(g->a->store, g->t->tid, g->page.at.floor, g->page.at.after, rows,
                         CLOSINGS_MAX, &count));
    g->page.next = g->page.at;
    for (size_t i = 0; i < count; i++) {
        const struct payment_catch_up_closing closing = {rows[i].batch, flag_of(rows[i].how),
                                                         rows[i].at_ms, rows[i].terminal};
        payment_catch_up_write_closing(&g->records, &closing);
        g->page.next.after = rows[i].number;
        g->page.count++;
    }
    ENSURE(g->records.fault == ERR_OK);
    if (count < CLOSINGS_MAX) g->page.next.step = CATCH_UP_END;
    return OK;
}

/* ---- where it begins, and that it has ended ---- */

/* The first row of the newest payment that it knows; of a reference that we do not know, or none,
 * from the first row of all. */
static err find_begin(struct paging *g, const char *rrn)
{
    int64_t first = 0;
    err found = rrn[0] == '\0' ? ERR(NOT_FOUND) : journal_first_of(g->a->store, rrn, 1, &first);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (FAILED(found)) first = 1;
    g->page.next = (struct payment_catch_up_place){CATCH_UP_PAYMENTS, first, first - 1};
    return OK;
}

struct moment {
    char text[24];
};

static struct moment moment(int64_t at_ms)
{
    struct civil c = civil_from_ms(at_ms + CLOCK_CHINA_OFFSET_MS);
    struct moment m = {""};
    struct writer w = writer_over(m.text, sizeof m.text - 1);
    write_format(&w, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
    return m;
}

/* It has all of it: what neither it nor we have is for people to look for. */
static void note_end(struct paging *g, const struct payment_catch_up_ask *ask)
{
    watch_note(g->a, WATCH_RESTORED, bytes_text(g->t->tid),
               "backup of %s, got %u payments, %u batches; cash and untold offline sales until %s "
               "may be missing",
               moment(ask->until_ms).text, ask->payments, ask->batches,
               moment(host_now_ms(g->a)).text);
}

static err make_page(struct paging *g, const struct payment_catch_up_ask *ask)
{
    switch (ask->at.step) {
    case CATCH_UP_BEGIN:
        return find_begin(g, ask->rrn);
    case CATCH_UP_PAYMENTS:
        return add_payments(g);
    case CATCH_UP_CLOSINGS:
        return add_closings(g);
    case CATCH_UP_END:
        note_end(g, ask);
        g->page.next = g->page.at;
        return OK;
    case CATCH_UP_STEPS:
        break;
    }
    return ERR(FORMAT);
}

/* ---- the conversation ---- */

/* With a page or, `code` not 00, without. */
static err answer(struct acquirer *a, struct task *task, const char *code, struct bytes field)
{
    const struct terminal *t = &a->terminal[task->terminal];
    struct payment_catch_up said = {.stan = task->catch_up.stan, .batch = t->batch, .field = field};
    memcpy(said.tid, t->tid, sizeof said.tid);
    memcpy(said.mid, task->catch_up.mid, sizeof said.mid);
    memcpy(said.response_code, code, sizeof said.response_code);
    if (strcmp(code, "00") != 0) a->counts.refused++;
    return reply_catch_up(a, task, &said);
}

static err answer_page(struct acquirer *a, struct task *task)
{
    struct paging g = {.a = a, .task = task, .t = &a->terminal[task->terminal]};
    const struct payment_catch_up_ask *ask = &task->catch_up.ask;
    g.page.at = ask->at;
    g.page.last_stan = g.t->last_stan;
    g.records =
        writer_over(g.block + PAYMENT_CATCH_UP_HEAD, sizeof g.block - PAYMENT_CATCH_UP_HEAD);
    TRY(make_page(&g, ask));
    struct writer head = writer_over(g.block, PAYMENT_CATCH_UP_HEAD);
    payment_catch_up_write_head(&head, &g.page);
    ENSURE(head.fault == ERR_OK && head.len == PAYMENT_CATCH_UP_HEAD);
    return answer(a, task, "00", bytes_of(g.block, PAYMENT_CATCH_UP_HEAD + g.records.len));
}

err catch_up_checked(struct acquirer *a, struct task *task, enum hsm_status status)
{
    ENSURE(task->phase == TASK_CATCHING_UP);
    const char *code;
    if (status == HSM_BAD_MAC) {
        TRY(accept_count_bad_mac(a, task, task->catch_up.stan));
        return answer(a, task, "A0", (struct bytes){0});
    }
    if (status != HSM_OK) {
        task_free(a, task); /* silence: it asks again */
        return OK;
    }
    TRY(serial_use(a, task, &code));
    if (code != NULL) return answer(a, task, code, (struct bytes){0});
    a->terminal[task->terminal].bad_macs = 0;
    return answer_page(a, task);
}

static const char *refusal(const struct terminal *t, const struct payment_catch_up *said,
                           const struct iso8583_message *message)
{
    if (!payment_profile(t->profile)->envelope) return "40"; /* its rows would say too much */
    if (!terminal_signed_in(t)) return "77";
    if (message->mac_input == 0 || message->field[64].len != ISO8583_MAC_SIZE) return "A0";
    return !t->active || strcmp(said->mid, t->mid) != 0 ? "03" : NULL;
}

err catch_up_asked(struct acquirer *a, struct session *session,
                   const struct iso8583_frame_header *header, const struct iso8583_message *message,
                   struct bytes raw)
{
    const struct terminal *t = &a->terminal[session->terminal];
    struct payment_catch_up said;
    struct payment_catch_up_ask ask;
    err parsed = payment_catch_up_parse(message, &said);
    if (!FAILED(parsed)) parsed = payment_catch_up_read_ask(said.field, &ask);
    if (FAILED(parsed)) {
        a->counts.malformed++;
        return reply_refuse(a, session, header, message, "30");
    }
    const char *code = refusal(t, &said, message);
    if (code == NULL) code = serial_refusal(a, t, said.ksn);
    if (code == NULL && !hsm_ready(a)) code = "96";
    if (code != NULL) return reply_refuse(a, session, header, message, code);
    struct task *task = task_new(a, TASK_CATCHING_UP, session->terminal);
    if (task == NULL) return OK; /* it asks again */
    task->profile = t->profile;
    task->catch_up.stan = said.stan;
    task->catch_up.ask = ask;
    memcpy(task->catch_up.mid, said.mid, sizeof said.mid);
    serial_set(task, said.ksn);
    task_wait(a, task, session, header);
    return hsm_terminal_mac_check(a, task, FOR_CATCH_UP_CHECK, bytes_of(raw.at, message->mac_input),
                                  message->field[64]);
}
