/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link to the hsm: commands go out with the group, answers come back in the same order and are
 * matched by their number. An answer that is out of order means that nothing on the link can be
 * trusted any more: it counts as lost.
 *
 * When the hsm is lost, what had not been journaled is refused (96), and what had been is reversed.
 * Answers then go out without a MAC, so a terminal takes them for no answer and reverses.
 */
#include "acquirer/catch_up.h"
#include "acquirer/plate.h"
#include "acquirer/shown.h"
#include "acquirer/zone.h"
#include "lib/wire/hsm_protocol_cards.h"

bool hsm_ready(const struct acquirer *a)
{
    /* Half of the ring, so that the tasks that exist can always go on. */
    return a->hsm_up && a->call_next - a->call_first < ACQUIRER_CALLS / 2;
}

static struct writer begin(struct acquirer *a, uint8_t command)
{
    struct writer w = writer_over(a->scratch, sizeof a->scratch);
    hsm_write_header(&w, command, a->call_next);
    return w;
}

static err send(struct acquirer *a, struct writer *w, struct task *task, enum hsm_purpose purpose)
{
    ENSURE(a->hsm_up);
    ENSURE(a->call_next - a->call_first < ACQUIRER_CALLS);
    struct bytes command;
    TRY(writer_finish(w, &command));
    a->call[a->call_next & (ACQUIRER_CALLS - 1)] =
        (struct hsm_call){task_place(a, task), task->generation, purpose, host_monotonic_ms(a)};
    a->call_next++;
    a->counts.hsm_commands++;
    return group_hold(a, HELD_HSM, 0, command, (struct bytes){0});
}

err hsm_mac_make(struct acquirer *a, struct task *task, enum hsm_purpose purpose, uint8_t suite,
                 const struct key_block *key, struct bytes data)
{
    ENSURE(key->len > 0 && data.len > 0);
    struct writer w = begin(a, HSM_MAC_MAKE);
    hsm_write_mac(&w, &(struct hsm_mac){suite, key_view(key), data, {0}});
    return send(a, &w, task, purpose);
}

err hsm_mac_check(struct acquirer *a, struct task *task, enum hsm_purpose purpose, uint8_t suite,
                  const struct key_block *key, struct bytes data, struct bytes mac)
{
    ENSURE(key->len > 0 && data.len > 0 && mac.len == ISO8583_MAC_SIZE);
    struct writer w = begin(a, HSM_MAC_CHECK);
    hsm_write_mac(&w, &(struct hsm_mac){suite, key_view(key), data, mac});
    return send(a, &w, task, purpose);
}

/* A MAC of the task's terminal: under the keys of a sign-in, or of the message's serial number. */
static err terminal_mac(struct acquirer *a, struct task *task, enum hsm_purpose purpose,
                        struct bytes data, struct bytes mac)
{
    const struct terminal *t = &a->terminal[task->terminal];
    uint8_t suite = payment_profile(task->profile)->suite;
    ENSURE(serial_ready(task));
    if (task->ksn_len == 0)
        return mac.len == 0 ? hsm_mac_make(a, task, purpose, suite, &t->mac, data)
                            : hsm_mac_check(a, task, purpose, suite, &t->mac, data, mac);
    ENSURE(t->mac.len > 0 && data.len > 0);
    const struct hsm_side from = {suite, key_view(&t->mac), bytes_of(task->ksn, task->ksn_len)};
    struct writer w = begin(a, HSM_DUKPT_MAC);
    hsm_write_dukpt_mac(&w, &(struct hsm_dukpt_mac){from, data, mac});
    return send(a, &w, task, purpose);
}

err hsm_terminal_mac_make(struct acquirer *a, struct task *task, enum hsm_purpose purpose,
                          struct bytes data)
{
    return terminal_mac(a, task, purpose, data, (struct bytes){0});
}

err hsm_terminal_mac_check(struct acquirer *a, struct task *task, enum hsm_purpose purpose,
                           struct bytes data, struct bytes mac)
{
    ENSURE(mac.len == ISO8583_MAC_SIZE);
    return terminal_mac(a, task, purpose, data, mac);
}

err hsm_accept(struct acquirer *a, struct task *task, const struct hsm_accept *command)
{
    ENSURE(command->mac_key.len > 0 && command->mac.len == ISO8583_MAC_SIZE);
    struct bytes ksn = bytes_of(task->ksn, task->ksn_len);
    struct writer w = begin(a, ksn.len > 0 ? HSM_ACCEPT_SERIAL : HSM_ACCEPT);
    if (ksn.len > 0) hsm_write_accept_serial(&w, &(struct hsm_accept_serial){ksn, *command});
    else hsm_write_accept(&w, command);
    err sent = send(a, &w, task, FOR_ACCEPT);
    explicit_bzero(a->scratch, w.len); /* a PAN in clear, in the plain profile */
    return sent;
}

err hsm_sign_in(struct acquirer *a, struct task *task, const struct hsm_sign_in *command)
{
    struct writer w = begin(a, HSM_SIGN_IN);
    hsm_write_sign_in(&w, command);
    return send(a, &w, task, FOR_SIGN_IN);
}

/* ---- answers ---- */

/* The MAC in an answer to MAC_MAKE, or an empty view: a status that is not OK, or not eight bytes.
 */
static struct bytes mac_of(enum hsm_status status, struct reader *body)
{
    struct bytes mac;
    if (status != HSM_OK || FAILED(hsm_read_bytes(body, &mac))) return (struct bytes){0};
    return mac.len == ISO8583_MAC_SIZE ? mac : (struct bytes){0};
}

static err dispatch(struct acquirer *a, struct task *task, enum hsm_purpose purpose,
                    enum hsm_status status, struct reader *body)
{
    switch (purpose) {
    case FOR_ACCEPT:
        return accept_answered(a, task, status, body);
    case FOR_NETWORK_MAC:
        return route_sealed(a, task, mac_of(status, body));
    case FOR_ANSWER_CHECK:
        return conclude_checked(a, task, status);
    case FOR_RESPONSE_MAC:
        return conclude_sealed(a, task, status, mac_of(status, body));
    case FOR_REVERSAL_CHECK:
        return reverse_checked(a, task, status);
    case FOR_REPLY_MAC:
        return reply_sealed(a, task, mac_of(status, body));
    case FOR_SIGN_IN:
        return sign_in_answered(a, task, status, body);
    case FOR_UNDO_MAC:
        return reverse_undo_sealed(a, task, mac_of(status, body));
    case FOR_UNDO_CHECK:
        return reverse_undo_checked(a, task, status);
    case FOR_ECHO_MAC:
        return route_echo_sealed(a, task, mac_of(status, body));
    case FOR_CODE_MAC:
        return shown_signed(a, task, mac_of(status, body));
    case FOR_SHOWN_MAC:
        return shown_sealed(a, task, mac_of(status, body));
    case FOR_PLATE_CHECK:
        return plate_checked(a, task, status);
    case FOR_PLATE_MAC:
        return plate_sealed(a, task, mac_of(status, body));
    case FOR_ZONE_CHECK:
        return zone_checked(a, task, status);
    case FOR_CATCH_UP_CHECK:
        return catch_up_checked(a, task, status);
    }
    ensure_failed(__FILE__, __LINE__, "every purpose has its place");
}

static bool interesting(enum hsm_status status)
{
    return status != HSM_OK && status != HSM_BAD_MAC && status != HSM_BAD_PIN_BLOCK &&
           status != HSM_BAD_ENVELOPE;
}

err acquirer_on_hsm(struct acquirer *a, struct bytes answer)
{
    if (!a->hsm_up) return OK;
    struct reader r = reader_over(answer);
    struct hsm_header header;
    enum hsm_status status;
    err read = hsm_read_answer(&r, &header, &status);
    if (FAILED(read) || a->call_first == a->call_next || header.id != a->call_first) {
        log_event(a->config.log, LOG_ERROR, "hsm_out_of_step", LOG_INT("expected", a->call_first));
        return acquirer_on_hsm_lost(a);
    }
    struct hsm_call call = a->call[a->call_first & (ACQUIRER_CALLS - 1)];
    a->call_first++;
    if (interesting(status))
        log_event(a->config.log, LOG_ERROR, "hsm_refused", LOG_INT("command", header.command),
                  LOG_TEXT("status", hsm_status_text(status)));

    struct task *task = &a->task[call.task];
    if (task->phase == TASK_FREE || task->generation != call.generation) return OK; /* given up */
    return dispatch(a, task, call.purpose, status, &r);
}

err acquirer_on_hsm_up(struct acquirer *a)
{
    if (a->hsm_up) return OK;
    a->hsm_up = true;
    a->counts.hsm_up = true;
    a->call_first = a->call_next;
    log_event(a->config.log, LOG_INFO, "hsm_up", LOG_INT("losses", a->counts.hsm_losses));
    return OK;
}

/* Whoever asked asks again. */
static err unanswered(struct acquirer *a, struct task *task)
{
    task_free(a, task);
    return OK;
}

static err lost(struct acquirer *a, struct task *task)
{
    switch (task->phase) {
    case TASK_ACCEPTING:
    case TASK_REVERSAL_ASKED:
        return reply_code(a, task, "96");
    case TASK_SIGNING_IN: {
        memcpy(task->sign_in.response_code, "96", 3);
        return reply_sign_in(a, task);
    }
    case TASK_SIGNING:
    case TASK_SEALING:
    case TASK_CHECKING:
        return conclude_time_out(a, task);
    case TASK_SHOWING:
        shown_later(task);
        return OK;
    case TASK_UNDO_SEALING:
    case TASK_UNDO_CHECKING:
        reverse_undo_again(a, task);
        return OK;
    case TASK_REPLYING: /* decided and recorded: a repeat gets the recorded answer */
    case TASK_MANAGING: /* the network is asked, or told, again */
    case TASK_CATCHING_UP:
        return unanswered(a, task);
    case TASK_FREE:
    case TASK_WAITING:
    case TASK_UNDO_WAITING:
        return OK;
    }
    ensure_failed(__FILE__, __LINE__, "every phase has its place");
}

err acquirer_on_hsm_lost(struct acquirer *a)
{
    if (!a->hsm_up) return OK;
    a->hsm_up = false;
    a->counts.hsm_up = false;
    a->counts.hsm_losses++;
    a->call_first = a->call_next;
    if (a->counts.hsm_commands > 0) /* before the first command it is only not there yet */
        watch_note(a, WATCH_HSM, BYTES("hsm"), "lost with %u messages under way", a->task_count);
    for (uint32_t i = 0; i < a->task_top; i++) TRY(lost(a, &a->task[i]));
    return OK;
}

err hsm_check_age(struct acquirer *a, int64_t now_ms)
{
    if (!a->hsm_up || a->call_first == a->call_next) return OK;
    const struct hsm_call *oldest = &a->call[a->call_first & (ACQUIRER_CALLS - 1)];
    if (now_ms - oldest->sent_ms < ACQUIRER_HSM_MS) return OK;
    log_event(a->config.log, LOG_ERROR, "hsm_silent", LOG_INT("ms", now_ms - oldest->sent_ms));
    return acquirer_on_hsm_lost(a);
}
