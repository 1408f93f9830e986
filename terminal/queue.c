/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Persist, then send. A payment is committed as PENDING before its first byte leaves, its result
 * before anybody hears of it, and what has no definitive answer becomes REVERSING, which reverse.c
 * sends until the host acknowledges it. Nothing else changes the state of a payment.
 */
#include "payment/kind.h"
#include "payment/response_code.h"
#include "terminal/core.h"
#include "terminal/device/speaker.h"
#include "terminal/goods.h"

/* Steps the payment of `number` and commits; `payment` and memory follow only then. */
static err step(struct terminal *t, int64_t number, struct payment *payment,
                enum payment_event event)
{
    struct payment_step next;
    struct payment changed = *payment;
    err e = payment_step(payment->state, event, &next);
    ENSURE(!FAILED(e));
    changed.state = next.next;
    TRY(records_update(&t->records, number, payment->state, &changed));
    *payment = changed;
    return OK;
}

/* ---- before ---- */

static void complete(struct terminal *t, struct payment *p)
{
    ENSURE(!catch_up_due(t)); /* which numbers are free is not known */
    ENSURE((p->amount_minor > 0) == payment_moves(p->type) && p->means != PAYMENT_MEANS_NONE);
    memcpy(p->key.tid, t->facts.tid, sizeof p->key.tid);
    p->key.batch = t->records.batch;
    p->key.stan = records_next_stan(&t->records);
    memcpy(p->mid, t->facts.mid, sizeof p->mid);
    memcpy(p->operator_id, t->operator_id, sizeof p->operator_id);
    ENSURE(p->type != PAYMENT_TYPE_NONE);
    allow_approver(t, p->approver_id);
    p->state = PAYMENT_CREATED;
    p->currency = CURRENCY_CNY;
    p->created_ms = now_ms(t);
    p->digest = payment_digest(p);
}

/* What travels beside the payment, made by the vault for this key and amount alone. */
static enum vault_status sensitive_parts(struct terminal *t, struct writer *w,
                                         struct payment_sensitive *out)
{
    const struct payment *p = &t->work.payment;
    enum vault_status status = VAULT_OK;
    struct payment_sensitive s = {0};
    if (p->entry == PAYMENT_ENTRY_UNKNOWN) {
        ENSURE(payment_linked(p->type)); /* its original says whose card or code it was */
    } else if (p->means == PAYMENT_SHOWN) {
        ENSURE(p->entry == PAYMENT_ENTRY_CODE); /* the host makes the code */
    } else if (p->means == PAYMENT_CODE || p->means == PAYMENT_POINTS) {
        s.payment_code = bytes_of(t->work.code, t->work.code_len);
    } else {
        struct vault_envelope in = {bytes_text(p->key.tid), p->key.batch, p->key.stan,
                                    (uint64_t)p->amount_minor};
        size_t from = w->len;
        status = secure_envelope(t, &in, w);
        s.envelope = bytes_of(w->at + from, w->len - from);
        from = w->len;
        if (status == VAULT_OK && p->pin_entered) status = secure_pin_block(t, w);
        s.pin_block = bytes_of(w->at + from, w->len - from);
        size_t wanted = p->pin_entered ? payment_profile(t->config.profile)->pin_block_len : 0;
        if (status == VAULT_OK && s.pin_block.len != wanted) status = VAULT_FAILED;
    }
    if (status == VAULT_OK) *out = s;
    return status;
}

static enum vault_status build(struct terminal *t, struct bytes *ret_frame)
{
    uint8_t block[ISO8583_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct arena arena = arena_over(t->arena, sizeof t->arena);
    struct payment_sensitive sensitive;
    struct iso8583_message message;
    enum vault_status status = host_keys(t, true);
    if (status == VAULT_OK) status = sensitive_parts(t, &w, &sensitive);
    if (status == VAULT_OK) {
        err e = payment_request_message(t->config.profile, &t->work.payment, &sensitive, &arena,
                                        &message);
        status = FAILED(e) ? VAULT_BAD_REQUEST : host_encode(t, &message, ret_frame);
    }
    explicit_bzero(block, w.len);
    arena_reset(&arena);
    return status;
}

err queue_submit(struct terminal *t, enum vault_status *ret_status)
{
    struct payment *p = &t->work.payment;
    struct payment_step next;
    struct bytes frame;
    ENSURE(host_free(t) && t->records.unsent == 0 && t->records.signed_in);
    complete(t, p);
    ENSURE(allowed(t, p)); /* a procedure that does not ask takes no money (S58) */
    *ret_status = build(t, &frame);
    if (*ret_status != VAULT_OK) return OK;

    err e = payment_step(p->state, PAYMENT_SUBMIT, &next);
    ENSURE(!FAILED(e) && next.effect == PAYMENT_EFFECT_SEND_REQUEST);
    p->state = next.next;
    TRY(records_insert(&t->records, p, (struct bytes){0}, &t->work.basket, &t->work.number));
    t->last.state = PAYMENT_NONE;
    t->host.payment = *p;
    host_request(t, HOST_SALE, payment_kind_of(p)->mti + 0x10, p->key.stan, frame);
    explicit_bzero(t->work.code, sizeof t->work.code); /* a code is good for one payment */
    return OK;
}

/* It moves nothing: its number is spent, and nothing else is put down. */
err queue_inquire(struct terminal *t, enum vault_status *ret_status)
{
    struct payment *p = &t->work.payment;
    struct bytes frame;
    ENSURE(host_free(t) && t->records.unsent == 0 && t->records.signed_in);
    ENSURE(!payment_moves(p->type));
    complete(t, p);
    *ret_status = build(t, &frame);
    if (*ret_status != VAULT_OK) return OK;
    struct records next = t->records;
    next.stan = p->key.stan;
    next.batch_used++;
    TRY(records_save(&t->records, &next, "", NULL, "", ""));
    t->host.payment = *p;
    host_request(t, HOST_INQUIRY, payment_kind_of(p)->mti + 0x10, p->key.stan, frame);
    return OK;
}

/* ---- without the host ---- */

err queue_offline(struct terminal *t, enum vault_status *ret_status)
{
    enum { TAG_RESPONSE_CODE = 0x8A };
    struct payment *p = &t->work.payment;
    struct payment_step next;
    uint8_t block[VAULT_HELD_MAX];
    struct writer held = writer_over(block, sizeof block);
    complete(t, p);
    p->pin_entered = false; /* whatever was entered for the issuer, nobody has judged it */
    ENSURE(allowed(t, p) && payment_offline(p));
    memcpy(p->response_code, payment_chip_get(&p->chip, TAG_RESPONSE_CODE).at, 2);
    const struct vault_envelope in = {bytes_text(p->key.tid), p->key.batch, p->key.stan,
                                      (uint64_t)p->amount_minor};
    *ret_status = secure_card_hold(t, &in, &held);
    if (*ret_status != VAULT_OK) return OK;

    err e = payment_step(p->state, PAYMENT_ADVISE, &next);
    ENSURE(!FAILED(e) && next.effect == PAYMENT_EFFECT_SEND_ADVICE);
    p->state = next.next;
    TRY(records_insert(&t->records, p, writer_view(&held), &t->work.basket, &t->work.number));
    t->last.state = PAYMENT_NONE;
    log_event(t->config.log, LOG_INFO, "offline", LOG_INT("stan", p->key.stan),
              LOG_TEXT("code", p->response_code));
    TRY(queue_print(t, t->work.number, p, false));
    return advice_drive(t);
}

/* Date and time as a host would have said them: by our own clock, in local time. */
static void moment(struct payment *p)
{
    struct civil at = civil_from_ms(p->created_ms + CLOCK_CHINA_OFFSET_MS);
    struct writer date = writer_over(p->local_date, sizeof p->local_date - 1);
    struct writer time = writer_over(p->local_time, sizeof p->local_time - 1);
    write_decimal(&date, (uint64_t)(at.month * 100 + at.day), 4);
    write_decimal(&time, (uint64_t)(at.hour * 10000 + at.minute * 100 + at.second), 6);
}

/* By the hold that covers it. */
err queue_notice(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    struct payment_step next;
    ENSURE(p->type == PAYMENT_COMPLETION_ADVICE && p->means == PAYMENT_CARD);
    complete(t, p);
    ENSURE(allowed(t, p));
    moment(p);
    err e = payment_step(p->state, PAYMENT_ADVISE, &next);
    ENSURE(!FAILED(e) && next.effect == PAYMENT_EFFECT_SEND_ADVICE);
    p->state = next.next;
    TRY(records_insert(&t->records, p, (struct bytes){0}, &t->work.basket, &t->work.number));
    t->last.state = PAYMENT_NONE;
    log_event(t->config.log, LOG_INFO, "noticed", LOG_INT("stan", p->key.stan));
    TRY(queue_print(t, t->work.number, p, false));
    return advice_drive(t);
}

/* Without anybody but the two at the counter. */
err queue_cash(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    struct payment_step next;
    complete(t, p);
    ENSURE(p->means == PAYMENT_CASH && allowed(t, p));
    moment(p);
    err e = payment_step(p->state, PAYMENT_COLLECT, &next);
    ENSURE(!FAILED(e) && next.effect == PAYMENT_EFFECT_TELL);
    p->state = next.next;
    TRY(records_insert(&t->records, p, (struct bytes){0}, &t->work.basket, &t->work.number));
    t->last.state = PAYMENT_NONE;
    log_event(t->config.log, LOG_INFO, "cash", LOG_INT("stan", p->key.stan));
    return queue_print(t, t->work.number, p, false);
}

/* ---- after ---- */

err queue_conclude(struct terminal *t)
{
    struct payment *p = &t->work.payment;
    const struct payment *answer = &t->work.answer;
    ENSURE(t->work.host_outcome == HOST_ANSWERED && p->state == PAYMENT_PENDING);
    ENSURE(payment_key_equal(&p->key, &answer->key));
    ENSURE(p->amount_minor == answer->amount_minor);
    *p = *answer;
    bool approved = response_approved(p->response_code);
    TRY(step(t, t->work.number, p, approved ? PAYMENT_APPROVE : PAYMENT_DECLINE));
    log_event(t->config.log, LOG_INFO, "payment", LOG_INT("stan", p->key.stan),
              LOG_TEXT("code", p->response_code), LOG_TEXT("rrn", p->rrn));
    return approved ? queue_print(t, t->work.number, p, false) : OK;
}

err queue_reverse(struct terminal *t, const char *reason, enum text_id ending)
{
    struct payment *p = &t->work.payment;
    ENSURE(p->state == PAYMENT_PENDING && strlen(reason) == 2);
    memcpy(p->reversal_reason, reason, 3);
    t->work.ending = ending;
    TRY(step(t, t->work.number, p, PAYMENT_TIMEOUT));
    log_event(t->config.log, LOG_WARN, "reversing", LOG_INT("stan", p->key.stan),
              LOG_TEXT("reason", reason));
    t->reverse.next_us = 0;
    return reverse_drive(t);
}

err queue_recover(struct terminal *t)
{
    for (;;) {
        int64_t number;
        struct payment p;
        err e = records_oldest(&t->records, PAYMENT_PENDING, &number, &p);
        if (e.code == ERR_NOT_FOUND) break;
        TRY(e);
        memcpy(p.reversal_reason, "98", 3);
        TRY(step(t, number, &p, PAYMENT_TIMEOUT));
    }
    if (t->records.last_number == 0) return OK;
    return records_get(&t->records, t->records.last_number, &t->last);
}

/* ---- paper and voice ---- */

/* Local time of the payment: the host's clock when it told, else ours; the year is always ours. */
int64_t queue_local_ms(const struct payment *p)
{
    int64_t created = p->created_ms + CLOCK_CHINA_OFFSET_MS;
    struct civil at = civil_from_ms(created);
    int month = at.month;
    if (!host_clock_read(p->local_date, p->local_time, &at)) return created;
    if (month == 12 && at.month == 1) at.year++; /* it was concluded in the new year */
    return civil_to_ms(at);
}

err queue_receipt(struct terminal *t, int64_t number, const struct payment *payment,
                  enum receipt_copy copy, bool reprint)
{
    struct basket basket;
    uint8_t block[RECEIPT_STROKES_MAX];
    struct writer strokes = writer_over(block, sizeof block);
    ENSURE(payment_state_paid(payment->state));
    TRY(goods_of(t->records.store, number, &basket));
    TRY(signature_get(t->records.store, number, &strokes));
    bool restored = false;
    TRY(catch_up_told(&t->records, number, &restored));
    struct receipt_context context = {.merchant_name = shop_name_at(t, payment->created_ms),
                                      .copy = copy,
                                      .reprint = reprint,
                                      .restored = restored,
                                      .local_ms = queue_local_ms(payment),
                                      .columns = t->config.paper_columns,
                                      .basket = &basket,
                                      .strokes = writer_view(&strokes),
                                      .signature_free = signature_free(t, payment),
                                      .footer = afar_text(t, DEVICE_PARAMETER_receipt_footer)};
    err e = receipt_make(payment, &context, &t->receipt);
    if (!FAILED(e)) return OK;
    /* The payment stands; a slip that cannot be laid out is said, not hidden. */
    log_event(t->config.log, LOG_ERROR, "receipt_not_made", LOG_INT("stan", payment->key.stan),
              LOG_ERR(e));
    t->receipt.count = 0;
    return OK;
}

void queue_sheet(struct terminal *t, bool reprint)
{
    struct terminal_receipt out = {0, reprint, RECEIPT_MERCHANT_COPY, &t->sheet};
    t->unsure.is = false;
    if (t->sheet.count > 0 && t->ports.receipt != NULL) t->ports.receipt(t->ports.context, &out);
}

static err print_copy(struct terminal *t, int64_t number, const struct payment *payment,
                      enum receipt_copy copy, bool reprint)
{
    TRY(queue_receipt(t, number, payment, copy, reprint));
    struct terminal_receipt out = {number, reprint, copy, &t->receipt};
    if (t->ports.receipt != NULL) t->ports.receipt(t->ports.context, &out);
    return OK;
}

bool queue_announced(const struct payment *payment)
{
    bool taken = payment_type_row(payment->type)->direction == PAYMENT_TAKES;
    return taken && payment->means != PAYMENT_CASH; /* who has it in his hand need not be told */
}

void queue_speech(const struct terminal *t, int64_t number, const struct payment *payment,
                  struct speech *out)
{
    out->number = number;
    out->language = t->records.language;
    out->count = speaker_received(payment->amount_minor, out->language, out->clip, SPEECH_CLIPS);
    struct amount_text amount = amount_text(payment->amount_minor);
    size_t len = strlen(amount.text);
    if (len > 3 && strcmp(amount.text + len - 3, ".00") == 0) amount.text[len - 3] = '\0';
    text_fill(TEXT_SPEECH_RECEIVED, out->language, (const char *const[]){amount.text, NULL},
              out->text, sizeof out->text);
}

err queue_print(struct terminal *t, int64_t number, const struct payment *payment, bool reprint)
{
    ENSURE(payment_state_paid(payment->state));
    t->unsure.is = false;
    TRY(print_copy(t, number, payment, RECEIPT_CARDHOLDER_COPY, reprint));
    /* The merchant's copy is the one that the screen shows, and waits for a signature there. */
    bool later = !reprint && signature_wanted(t, payment);
    bool single = afar_number(t, DEVICE_PARAMETER_receipt_copies) == 1;
    if (later || single) TRY(queue_receipt(t, number, payment, RECEIPT_MERCHANT_COPY, false));
    else TRY(print_copy(t, number, payment, RECEIPT_MERCHANT_COPY, reprint));
    bool paid = queue_announced(payment);
    if (reprint) return audit(t, "reprint", padded_text(payment->key.stan, 6).text, "");
    /* Once, when it is approved, and never again: neither here nor after a restart (S90). */
    if (!paid) return OK; /* "received" is said of money that came */
    queue_speech(t, number, payment, &t->speech);
    if (t->ports.speak != NULL) t->ports.speak(t->ports.context, &t->speech);
    return OK;
}

err queue_print_signed(struct terminal *t)
{
    return print_copy(t, t->work.number, &t->work.payment, RECEIPT_MERCHANT_COPY, false);
}
