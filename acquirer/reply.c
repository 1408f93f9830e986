/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Responses to a terminal. Each is built from the recorded payment alone, so a repeat of a request
 * gets the same bytes. The hsm makes the MAC; without a key or without an hsm the response goes out
 * bare, which a terminal takes for no answer.
 */
#include "acquirer/host.h"

/*
 * "We have a fault" is never recorded, so it never gets a MAC either: a terminal that believed it
 * would show a refusal while a late copy of its request could still be approved. Bare, it counts as
 * no answer, and the terminal reverses.
 */
#define FAULT_CODE "96"

void reply_stamp(struct payment *payment, int64_t now_ms)
{
    struct civil c = civil_from_ms(now_ms + CLOCK_CHINA_OFFSET_MS);
    char text[16];
    struct writer w = writer_over(text, sizeof text);
    write_decimal(&w, (unsigned)(c.hour * 10000 + c.minute * 100 + c.second), 6);
    write_decimal(&w, (unsigned)(c.month * 100 + c.day), 4);
    ENSURE(w.len == 10);
    memcpy(payment->local_time, text, 6);
    memcpy(payment->local_date, text + 6, 4);
    payment->local_time[6] = payment->local_date[4] = '\0';
}

/* Into task->out. Errors: those of the encoder, when a recorded value does not fit this profile. */
static err encode(struct task *task, const struct iso8583_message *message)
{
    struct writer w = writer_over(task->out, sizeof task->out);
    struct iso8583_fault fault;
    TRY(iso8583_encode(payment_profile(task->profile)->dialect, message, &w, &fault));
    task->out_len = w.len;
    return OK;
}

err reply_encode(struct acquirer *a, struct task *task, const struct payment *payment)
{
    struct iso8583_message message;
    arena_reset(&a->arena);
    TRY(payment_response_message(task->profile, payment, task->answer_mti, &a->arena, &message));
    return encode(task, &message);
}

err reply_seal(struct task *task, const struct iso8583_dialect *dialect, struct bytes mac)
{
    if (mac.len != ISO8583_MAC_SIZE) return ERR(CRYPTO);
    iso8583_seal(dialect, task->out, task->out_len, mac.at);
    return OK;
}

err reply_send(struct acquirer *a, struct task *task)
{
    ENSURE(task->out_len > 0);
    for (size_t i = 0; i < task->waiters; i++) {
        const struct waiter *waiter = &task->waiter[i];
        const struct session *session = &a->session[waiter->session];
        if (!session->open || session->id != waiter->session_id) continue; /* it has gone */
        uint8_t head[ISO8583_FRAME_HEADER_SIZE];
        struct writer w = writer_over(head, sizeof head);
        struct iso8583_frame_header header = waiter->header;
        bool free = iso8583_frame_request(&header) == ISO8583_REQUEST_NONE;
        if (free && download_behind(&a->terminal[task->terminal]))
            iso8583_frame_set_request(&header, ISO8583_REQUEST_CHIP_PARAMETERS);
        iso8583_frame_write(&header, &w);
        ENSURE(w.len == sizeof head);
        TRY(group_hold(a, HELD_TERMINAL, session->id, writer_view(&w),
                       bytes_of(task->out, task->out_len)));
    }
    return OK;
}

/* The same message without its field 64. */
static err send_bare(struct acquirer *a, struct task *task, struct iso8583_message *message)
{
    iso8583_unset(message, 64);
    err encoded = encode(task, message);
    if (FAILED(encoded)) {
        log_event(a->config.log, LOG_ERROR, "response_not_built", LOG_ERR(encoded));
        task_free(a, task);
        return OK;
    }
    TRY(reply_send(a, task));
    task_free(a, task);
    return OK;
}

/* Sends `message` as soon as it has its MAC. */
static err send_sealed(struct acquirer *a, struct task *task, struct iso8583_message *message)
{
    const struct payment_profile_row *row = payment_profile(task->profile);
    const struct terminal *t = &a->terminal[task->terminal];
    task_leave_network(a, task);
    if (!a->hsm_up || !terminal_signed_in(t) || !serial_ready(task))
        return send_bare(a, task, message);
    err encoded = encode(task, message);
    if (FAILED(encoded)) return send_bare(a, task, message);
    task->phase = TASK_REPLYING;
    return hsm_terminal_mac_make(
        a, task, FOR_REPLY_MAC,
        iso8583_mac_input(row->dialect, bytes_of(task->out, task->out_len)));
}

static err reply_with(struct acquirer *a, struct task *task, const struct payment *payment,
                      bool sealed)
{
    struct iso8583_message message;
    arena_reset(&a->arena);
    err built =
        payment_response_message(task->profile, payment, task->answer_mti, &a->arena, &message);
    if (FAILED(built)) {
        log_event(a->config.log, LOG_ERROR, "response_not_built", LOG_ERR(built));
        task_free(a, task);
        return OK;
    }
    bool balance = task->answer.has_balance && !payment_moves(payment->type);
    if (balance && FAILED(payment_balance_put(&message, &a->arena, task->answer.balance_minor)))
        ensure_failed(__FILE__, __LINE__, "the arena of a message has room for a balance");
    return sealed ? send_sealed(a, task, &message) : send_bare(a, task, &message);
}

err reply_payment(struct acquirer *a, struct task *task, const struct payment *payment)
{
    return reply_with(a, task, payment, true);
}

static void ask_sign_in(struct task *task)
{
    for (size_t i = 0; i < task->waiters; i++)
        iso8583_frame_set_request(&task->waiter[i].header, ISO8583_REQUEST_SIGN_IN);
}

err reply_code(struct acquirer *a, struct task *task, const char *code)
{
    struct payment payment = task->payment;
    a->counts.refused++;
    memcpy(payment.response_code, code, sizeof payment.response_code);
    if (!terminal_signed_in(&a->terminal[task->terminal])) ask_sign_in(task);
    reply_stamp(&payment, host_now_ms(a));
    return reply_with(a, task, &payment, strcmp(code, FAULT_CODE) != 0);
}

/* Fields of a request that its refusal gives back, as far as they were there. */
static void give_back(struct iso8583_message *to, const struct iso8583_message *from)
{
    static const uint8_t fields[] = {3, 4, 11, 25, 41, 42, 49, 60};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (iso8583_has(from, fields[i])) iso8583_set(to, fields[i], from->field[fields[i]]);
}

err reply_refuse(struct acquirer *a, struct session *session,
                 const struct iso8583_frame_header *header, const struct iso8583_message *request,
                 const char *code)
{
    static const uint8_t place[ISO8583_MAC_SIZE];
    a->counts.refused++;
    struct task *task = task_new(a, TASK_REPLYING, session->terminal);
    if (task == NULL) return OK; /* too much to do: silence is the safe refusal */
    const struct terminal *t = &a->terminal[session->terminal];
    task->profile = t->profile;
    task_wait(a, task, session, header);
    if (!terminal_signed_in(t)) ask_sign_in(task);

    struct iso8583_message message;
    iso8583_start(&message, (uint16_t)(request->mti | 0x0010));
    give_back(&message, request);
    iso8583_set(&message, 39, bytes_text(code));
    bool financial = request->mti == 0x0400 || payment_kind_mti(request->mti);
    if (!financial || strcmp(code, FAULT_CODE) == 0) return send_bare(a, task, &message);
    iso8583_set(&message, 64, BYTES_OF(place));
    return send_sealed(a, task, &message);
}

err reply_sign_in(struct acquirer *a, struct task *task)
{
    struct iso8583_message message;
    arena_reset(&a->arena);
    struct payment stamp = {0};
    int64_t now_ms = host_now_ms(a);
    reply_stamp(&stamp, now_ms);
    memcpy(task->sign_in.local_time, stamp.local_time, sizeof stamp.local_time);
    memcpy(task->sign_in.local_date, stamp.local_date, sizeof stamp.local_date);
    struct writer w = writer_over(task->sign_in.local_year, sizeof task->sign_in.local_year);
    write_format(&w, "%04d", civil_from_ms(now_ms + CLOCK_CHINA_OFFSET_MS).year);
    err built = payment_sign_in_response(task->profile, &task->sign_in, &a->arena, &message);
    if (FAILED(built)) {
        log_event(a->config.log, LOG_ERROR, "response_not_built", LOG_ERR(built));
        task_free(a, task);
        return OK;
    }
    if (iso8583_has(&message, 64)) iso8583_unset(&message, 64); /* sign-in goes without a MAC */
    return send_bare(a, task, &message);
}

err reply_settlement(struct acquirer *a, struct session *session,
                     const struct iso8583_frame_header *header, uint16_t mti,
                     struct payment_settlement *answer)
{
    struct task *task = task_new(a, TASK_REPLYING, session->terminal);
    if (task == NULL) return OK; /* it asks again */
    struct iso8583_message message;
    struct payment stamp = {0};
    task->profile = a->terminal[session->terminal].profile;
    task_wait(a, task, session, header);
    reply_stamp(&stamp, host_now_ms(a));
    memcpy(answer->local_time, stamp.local_time, sizeof stamp.local_time);
    memcpy(answer->local_date, stamp.local_date, sizeof stamp.local_date);
    arena_reset(&a->arena);
    err built = payment_settlement_response(task->profile, mti, answer, &a->arena, &message);
    if (!FAILED(built)) return send_bare(a, task, &message);
    log_event(a->config.log, LOG_ERROR, "response_not_built", LOG_ERR(built));
    task_free(a, task);
    return OK;
}

err reply_catch_up(struct acquirer *a, struct task *task, struct payment_catch_up *answer)
{
    struct iso8583_message message;
    struct payment stamp = {0};
    reply_stamp(&stamp, host_now_ms(a));
    memcpy(answer->local_time, stamp.local_time, sizeof stamp.local_time);
    memcpy(answer->local_date, stamp.local_date, sizeof stamp.local_date);
    arena_reset(&a->arena);
    err built = payment_catch_up_response(answer, &a->arena, &message);
    if (!FAILED(built)) return send_sealed(a, task, &message);
    log_event(a->config.log, LOG_ERROR, "response_not_built", LOG_ERR(built));
    task_free(a, task);
    return OK;
}

err reply_sealed(struct acquirer *a, struct task *task, struct bytes mac)
{
    ENSURE(task->phase == TASK_REPLYING);
    const struct iso8583_dialect *dialect = payment_profile(task->profile)->dialect;
    if (!FAILED(reply_seal(task, dialect, mac))) TRY(reply_send(a, task));
    task_free(a, task);
    return OK;
}
