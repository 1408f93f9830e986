/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page sends where the pen went and nothing else; whether it is a signature, and what of it is
 * kept, is decided here. Who does not sign in time signs on paper.
 */
#include "terminal/signature.h"

#include "lib/store/audit.h"
#include "payment/kind.h"
#include "terminal/core.h"
#include "terminal/device/strokes.h"

enum { SIGN_S = 90 /* for a pen to be handed over and back */ };

/* ---- when ---- */

static bool tapped(const struct payment *p)
{
    return p->entry == PAYMENT_ENTRY_CONTACTLESS;
}

bool signature_free(const struct terminal *t, const struct payment *payment)
{
    return tapped(payment) && payment->amount_minor <= t->counter.value[COUNTER_SIGN_FREE];
}

bool signature_wanted(const struct terminal *t, const struct payment *payment)
{
    if (!t->counter.value[COUNTER_SIGN] || !payment_state_paid(payment->state)) return false;
    if (payment->means != PAYMENT_CARD || payment->pin_entered) return false;
    if (signature_free(t, payment)) return false;
    switch (payment->entry) {
    case PAYMENT_ENTRY_CHIP:
    case PAYMENT_ENTRY_CONTACTLESS: /* the card says so: a telephone may have asked its owner */
        return t->work.chip.signature;
    case PAYMENT_ENTRY_SWIPE:
    case PAYMENT_ENTRY_FALLBACK:
    case PAYMENT_ENTRY_MANUAL:
        return true;
    case PAYMENT_ENTRY_CODE:
    case PAYMENT_ENTRY_PLATE:
    case PAYMENT_ENTRY_UNKNOWN:
        break;
    }
    return false;
}

/* ---- the store ---- */

err signature_put(struct records *records, int64_t payment, struct bytes packed, const char *actor)
{
    struct store_statement *s;
    struct number_text subject = number_text(payment);
    ENSURE(!FAILED(strokes_check(packed)));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(records->store, &tx));
    TRY(store_statement(records->store,
                        "INSERT INTO signature(payment, strokes) VALUES(?, ?)"
                        " ON CONFLICT(payment) DO UPDATE SET strokes = excluded.strokes",
                        &s));
    store_bind_int(s, payment);
    store_bind_blob(s, packed);
    TRY(store_run(s));
    struct audit_entry entry = {records->seen_ms, bytes_text(actor), BYTES("signed"),
                                bytes_text(subject.text), BYTES("")};
    TRY(audit_append(&tx, &entry));
    return store_commit(&tx);
}

err signature_get(struct store *store, int64_t payment, struct writer *packed)
{
    struct store_statement *s;
    uint8_t block[STROKES_MAX];
    bool row;
    TRY(store_statement(store, "SELECT strokes FROM signature WHERE payment = ?", &s));
    store_bind_int(s, payment);
    TRY(store_step(s, &row));
    if (!row) return OK;
    size_t len = store_read_blob_up_to(s, block, sizeof block);
    err e = store_read_finish(s);
    store_reset(s);
    TRY(e);
    if (FAILED(strokes_check(bytes_of(block, len))))
        return store_refuse(store, ERR(CORRUPT), "a signature is no signature", NULL);
    write_bytes(packed, bytes_of(block, len));
    return OK;
}

/* ---- asking ---- */

static void show(struct terminal *t, int64_t until_us)
{
    screen_begin(t, "sale.sign", TEXT_SIGN_TITLE);
    SAY(t, SCREEN_AMOUNT, TEXT_SALE_TOTAL, amount_text(t->work.payment.amount_minor).text);
    screen_notice(t);
    SAY(t, SCREEN_HINT, TEXT_SIGN_HINT);
    t->screen.sign = true;
    screen_choice(t, "paper", TEXT_ENTRY_SIGN_PAPER, SCREEN_PLAIN, "print", true);
    screen_keys(t, SCREEN_KEY_OK);
    screen_idle(t, 0);
    screen_until(t, until_us);
    screen_show(t);
}

/* What the pen has drawn; false with a notice when it is no signature. */
static bool drawn(struct terminal *t)
{
    const struct work *work = &t->work;
    if (t->event.kind != EVENT_STROKES) return false;
    if (work->strokes_fault == ERR_OK) return true;
    NOTICE(t, SCREEN_WARNING, work->strokes_fault == ERR_SHORT ? TEXT_SIGN_LITTLE : TEXT_SIGN_MUCH);
    return false;
}

err signature(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = now_us(t) + SIGN_S * INT64_C(1000000);
    notice_clear(t);
    for (;;) {
        show(t, p->local[0]);
        PROCEDURE_AWAIT(t, p);
        if (t->by_person) notice_clear(t);
        if (choice_is(t, "paper") || t->event.kind == EVENT_TIME) break;
        if (!drawn(t)) continue;
        TRY(signature_put(&t->records, t->work.number,
                          bytes_of(t->work.strokes, t->work.strokes_len), t->operator_id));
        break;
    }
    TRY(queue_print_signed(t));
    PROCEDURE_END(t, p);
}
