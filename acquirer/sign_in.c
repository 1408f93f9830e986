/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sign-in (签到), sign-out (签退) and echo.
 *
 * A sign-in gives a terminal new working keys, its batch number and the time. The keys are stored
 * as key blocks before the terminal hears of them. The batch stays as it is while the terminal goes
 * on where it was; a terminal that has lost its place (another batch, or an earlier STAN than the
 * host has seen) gets a new one, so that no key of a payment is ever used twice; so does one whose
 * batch is closed.
 */
#include <stdio.h>

#include "acquirer/host.h"
#include "payment/download.h"
#include "registry/delivery.h"

enum { STAN_MAX = 999999, STAN_RESERVE = 2000 /* more than a terminal keeps back of them */ };

err sign_in_code(struct acquirer *a, struct task *task, const char *code)
{
    memcpy(task->sign_in.response_code, code, sizeof task->sign_in.response_code);
    return reply_sign_in(a, task);
}

static err sign_out(struct acquirer *a, struct task *task, struct terminal *t)
{
    bool had_keys = terminal_signed_in(t);
    terminal_drop_keys(t);
    watch_note(a, WATCH_SIGN_OUT, bytes_text(t->tid), "operator %s", task->sign_in.operator_id);
    if (had_keys) TRY(record_terminal(a, t));
    return sign_in_code(a, task, "00");
}

static err begin(struct acquirer *a, struct task *task, const struct terminal *t)
{
    const struct payment_profile_row *row = payment_profile(task->profile);
    if (strcmp(task->sign_in.code, row->sign_in_code) != 0) return sign_in_code(a, task, "40");
    if (!t->active || strcmp(task->sign_in.mid, t->mid) != 0) return sign_in_code(a, task, "03");
    if (t->master.len == 0)
        return sign_in_code(a, task, "97"); /* registered, not yet provisioned */
    if (!hsm_ready(a)) return sign_in_code(a, task, "96");
    struct hsm_sign_in command = {.suite = row->suite, .master_block = key_view(&t->master)};
    return hsm_sign_in(a, task, &command);
}

err sign_in_asked(struct acquirer *a, struct session *session,
                  const struct iso8583_frame_header *header, const struct iso8583_message *message)
{
    struct terminal *t = &a->terminal[session->terminal];
    struct payment_sign_in in;
    if (FAILED(payment_sign_in_parse(message, &in))) {
        a->counts.malformed++;
        return reply_refuse(a, session, header, message, "30");
    }
    struct task *task = task_new(a, TASK_SIGNING_IN, session->terminal);
    if (task == NULL) return OK;
    task->profile = t->profile;
    task->sign_in = in;
    task->sign_in.delivery = (struct bytes){0}; /* of the answer */
    task_wait(a, task, session, header);
    if (message->mti == 0x0800 && payment_download_code(in.code))
        return download_asked(a, task, t, in.delivery);
    if (message->mti == 0x0800) {
        /* A device that was provisioned a moment ago must not get keys under its old master key. */
        terminals_watch_registry(a);
        terminal_refresh(a, t);
        return begin(a, task, t);
    }
    if (strcmp(in.code, "002") == 0) return sign_out(a, task, t);
    return sign_in_code(a, task, strcmp(in.code, "301") == 0 ? "00" : "40");
}

/* The batch for what the terminal says of itself. */
static uint32_t batch_for(const struct terminal *t, const struct payment_sign_in *in)
{
    if (t->batch == 0) return t->first_batch;
    bool untouched = t->last_stan == 0;
    bool goes_on = in->batch == t->batch && in->stan >= t->last_stan;
    /* It asks where to go on before it pays, and there are numbers left to go on with. */
    goes_on = goes_on || (in->restored && t->last_stan < STAN_MAX - STAN_RESERVE);
    if (!t->closed && (untouched || goes_on)) return t->batch;
    return t->batch == 999999 ? 1 : t->batch + 1;
}

/*
 * Behind the working keys goes a new master key, sealed to its device, for a terminal that has said
 * that it has another one. As often as it says so: a vault takes it once.
 */
static err add_master(struct acquirer *a, const struct task *task, const struct terminal *t,
                      struct writer *w)
{
    struct registry_delivery delivery;
    const struct payment_sign_in *said = &task->sign_in;
    err found = registry_find_delivery(a->registry, bytes_text(t->tid), &delivery);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    bool has_it = said->has_kcv && bytes_equal(BYTES_OF(said->master_kcv), BYTES_OF(delivery.kcv));
    /* The working keys were made under what we knew: never beside another master key. */
    bool current = bytes_equal(key_view(&t->master), bytes_text(delivery.master_block));
    if (has_it || !current) return OK;
    write_bytes(w, bytes_of(delivery.sealed, delivery.sealed_len));
    watch_note(a, WATCH_SIGN_IN, bytes_text(t->tid), "gets the master key %02X%02X%02X%02X",
               delivery.kcv[0], delivery.kcv[1], delivery.kcv[2], delivery.kcv[3]);
    return (err){w->fault};
}

/* What the terminal has said of its master key, for the record. */
static struct said_kcv {
    char text[24];
} said_kcv(const struct payment_sign_in *in)
{
    struct said_kcv said = {""};
    if (in->has_kcv)
        snprintf(said.text, sizeof said.text, ", master %02X%02X%02X%02X", in->master_kcv[0],
                 in->master_kcv[1], in->master_kcv[2], in->master_kcv[3]);
    return said;
}

err sign_in_answered(struct acquirer *a, struct task *task, enum hsm_status status,
                     struct reader *body)
{
    ENSURE(task->phase == TASK_SIGNING_IN);
    struct terminal *t = &a->terminal[task->terminal];
    struct hsm_sign_in_answer keys;
    struct key_block pin, mac, data;
    if (status != HSM_OK || FAILED(hsm_read_sign_in_answer(body, &keys)) ||
        FAILED(key_copy(&pin, keys.pin_block)) || FAILED(key_copy(&mac, keys.mac_block)) ||
        FAILED(key_copy(&data, keys.data_block)) || mac.len == 0)
        return sign_in_code(a, task, "96");
    uint8_t delivery[HSM_DELIVERY_MAX + REGISTRY_SEALED_MAX];
    struct writer w = writer_over(delivery, sizeof delivery);
    write_bytes(&w, keys.delivery);
    if (FAILED(add_master(a, task, t, &w))) return sign_in_code(a, task, "96");

    uint32_t batch = batch_for(t, &task->sign_in);
    if (batch != t->batch) TRY(batch_begin(a, t, batch));
    t->pin = pin;
    t->mac = mac;
    t->data = data;
    t->bad_macs = 0;
    TRY(record_terminal(a, t));
    a->counts.sign_ins++;
    watch_note(a, WATCH_SIGN_IN, bytes_text(t->tid), "operator %s, batch %06u, STAN %06u%s",
               task->sign_in.operator_id, batch, task->sign_in.stan, said_kcv(&task->sign_in).text);
    task->sign_in.batch = batch;
    task->sign_in.delivery =
        writer_view(&w); /* a view: the response is encoded before this returns */
    return sign_in_code(a, task, "00");
}
