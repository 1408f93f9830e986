/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sales whose code the terminal shows and the customer scans (主扫, S78; docs/dialect.md).
 *
 *   journal row PENDING -> hsm (signs our code) -> 0200 with the code to the wallet
 *   09 of the wallet    -> hsm (MAC)            -> 0210 with 39 = 09 to the terminal; then the
 * wallet is asked every three seconds, as for any 09
 *
 * What is told in between is no state: the journal has PENDING until the wallet has decided, or
 * until the code's life is over and the payment turns back. So nothing of it is stored, and a crash
 * at any point reverses as for any payment without an answer. The code itself is in the task alone.
 */
#include "acquirer/shown.h"
#include "acquirer/zone.h"
#include "lib/qr/order_code.h"

bool shown_is(const struct task *task)
{
    return task->payment.type == PAYMENT_SALE && task->payment.means == PAYMENT_SHOWN;
}

/* The order as a code without its MAC. */
static err make_code(const struct acquirer *a, const struct task *task, struct order_code *out)
{
    const struct payment *p = &task->payment;
    const struct registry_place *place = &a->terminal[task->terminal].place;
    struct order_code code = {.currency = p->currency, .amount_minor = p->amount_minor};
    static_assert(sizeof code.category == sizeof place->category &&
                      sizeof code.city == sizeof place->city &&
                      sizeof code.postal == sizeof place->postal &&
                      sizeof code.country == sizeof place->country,
                  "copied whole");
    memcpy(code.category, place->category, sizeof code.category);
    memcpy(code.city, place->city, sizeof code.city);
    memcpy(code.postal, place->postal, sizeof code.postal);
    memcpy(code.country, place->country, sizeof code.country);
    code.expires_s = (host_now_ms(a) + a->config.shown_ms) / 1000;
    TRY(bytes_to_text(bytes_text(p->rrn), code.reference, sizeof code.reference));
    TRY(bytes_to_text(bytes_text(a->terminal[task->terminal].name), code.name, sizeof code.name));
    *out = code;
    return OK;
}

static err write_code(struct task *task, const struct order_code *code)
{
    static_assert((int)ORDER_CODE_MAX <= (int)PAYMENT_SHOWN_MAX, "our own code can be told");
    struct writer w = writer_over(task->shown_code, sizeof task->shown_code - 1);
    TRY(order_code_write(code, &w));
    task->shown_code[w.len] = '\0';
    return OK;
}

err shown_sign(struct acquirer *a, struct task *task)
{
    uint8_t covered[ORDER_CODE_MAX];
    struct writer w = writer_over(covered, sizeof covered);
    struct order_code code;
    err made = make_code(a, task, &code);
    if (!FAILED(made)) made = write_code(task, &code);
    if (!FAILED(made)) made = order_code_signed(&code, bytes_text(task->shown_code), &w);
    if (FAILED(made)) {
        log_event(a->config.log, LOG_ERROR, "code_not_made", LOG_ERR(made),
                  LOG_TEXT("rrn", task->payment.rrn));
        return conclude_time_out(a, task);
    }
    task->shown_until_ms = host_monotonic_ms(a) + a->config.shown_ms;
    task->phase = TASK_SIGNING;
    return hsm_mac_make(a, task, FOR_CODE_MAC, HSM_SUITE_TONGBAO, &zone_of(a, task)->mac,
                        writer_view(&w));
}

err shown_signed(struct acquirer *a, struct task *task, struct bytes mac)
{
    ENSURE(task->phase == TASK_SIGNING);
    struct order_code code;
    if (mac.len != sizeof code.mac) return conclude_time_out(a, task);
    TRY(order_code_parse(bytes_text(task->shown_code), &code));
    memcpy(code.mac, mac.at, sizeof code.mac);
    TRY(write_code(task, &code));
    task->phase = TASK_SEALING;
    const struct payment_sensitive order = {.shown_code = bytes_text(task->shown_code)};
    return route_encode(a, task, PAYMENT_NETWORK_REQUEST, &order, FOR_NETWORK_MAC);
}

/* ---- telling the terminal ---- */

static err build(struct acquirer *a, struct task *task)
{
    struct iso8583_message message;
    struct iso8583_fault fault;
    struct payment p = task->payment;
    int64_t left_ms = task->shown_until_ms - host_monotonic_ms(a);
    memcpy(p.response_code, "09", 3);
    reply_stamp(&p, host_now_ms(a));
    arena_reset(&a->arena);
    TRY(payment_response_message(task->profile, &p, task->answer_mti, &a->arena, &message));
    TRY(payment_shown_tell(&message, left_ms > 0 ? (unsigned)(left_ms / 1000) : 0,
                           bytes_text(task->shown_code), &a->arena));
    struct writer w = writer_over(task->out, sizeof task->out);
    TRY(iso8583_encode(payment_profile(task->profile)->dialect, &message, &w, &fault));
    task->out_len = w.len;
    return OK;
}

err shown_tell(struct acquirer *a, struct task *task)
{
    const struct iso8583_dialect *dialect = payment_profile(task->profile)->dialect;
    bool can = a->hsm_up && terminal_signed_in(&a->terminal[task->terminal]) && serial_ready(task);
    if (!task->show_due || task->phase != TASK_WAITING || !can) return OK;
    task->show_due = false;
    err built = build(a, task);
    if (FAILED(built)) { /* it runs into its time-out, and is reversed */
        log_event(a->config.log, LOG_ERROR, "response_not_built", LOG_ERR(built));
        return OK;
    }
    task->phase = TASK_SHOWING;
    return hsm_terminal_mac_make(a, task, FOR_SHOWN_MAC,
                                 iso8583_mac_input(dialect, bytes_of(task->out, task->out_len)));
}

static void wait_on(struct task *task)
{
    explicit_bzero(task->out, task->out_len);
    task->out_len = 0;
    task->phase = TASK_WAITING;
}

void shown_later(struct task *task)
{
    wait_on(task);
    task->show_due = true;
}

err shown_sealed(struct acquirer *a, struct task *task, struct bytes mac)
{
    ENSURE(task->phase == TASK_SHOWING);
    if (!FAILED(reply_seal(task, payment_profile(task->profile)->dialect, mac)))
        TRY(reply_send(a, task));
    wait_on(task);
    return shown_tell(a, task); /* somebody may have asked again meanwhile */
}

err shown_heard(struct acquirer *a, struct task *task, bool first)
{
    if (!shown_is(task)) return OK;
    if (first) {
        if (task->answer.shown_code[0] != '\0')
            memcpy(task->shown_code, task->answer.shown_code, sizeof task->shown_code);
        task->due_ms = task->shown_until_ms + ACQUIRER_SHOWN_GRACE_MS;
        task->show_due = true;
    }
    return shown_tell(a, task);
}

err shown_again(struct acquirer *a, struct task *task)
{
    if (!shown_is(task) || !task->queried) return OK;
    task->show_due = true;
    return shown_tell(a, task);
}
