/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first half of a payment: from a terminal's bytes to a request that the network may see.
 * conclude.c is the second half. They are two because the network's answer takes a round trip, and
 * no transaction is open while we wait for one.
 *
 *   frame -> message -> payment -> hsm -> replay? -> journal row PENDING -> commit -> network
 *
 * What can be refused before the MAC has been checked leaves no trace: the bytes may be anybody's.
 * What is refused afterwards is journaled, because the terminal will believe it: a late copy of the
 * same request must not be approved when the terminal has shown a refusal.
 */
#include "acquirer/advice.h"
#include "acquirer/allowance.h"
#include "acquirer/catch_up.h"
#include "acquirer/inquiry.h"
#include "acquirer/original.h"
#include "acquirer/shown.h"
#include "acquirer/zone.h"

/* ---- a frame ---- */

static const char *code_of(err failure)
{
    switch (failure.code) {
    case ERR_UNSUPPORTED:
        return "40";
    case ERR_RANGE:
        return "13";
    default:
        return "30";
    }
}

/* Our own profile has no field for a card number: who sends one leaks it. */
static bool shows_card(enum payment_profile profile, const struct iso8583_fault *fault)
{
    if (!payment_profile(profile)->envelope || fault->code != ERR_FIELD) return false;
    return fault->field == 2 || fault->field == 14 || fault->field == 35 || fault->field == 36;
}

/* The type of a request that we know, from its first two bytes; 0 otherwise. */
static uint16_t known_type(struct bytes raw)
{
    static const uint16_t known[] = {0x0300, 0x0320, 0x0400, 0x0500, 0x0800, 0x0820};
    struct reader r = reader_over(raw);
    uint16_t mti = (uint16_t)read_be(&r, 2);
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (mti == known[i]) return mti;
    return payment_kind_mti(mti) ? mti : 0;
}

/* An answer that says only which kind of message could not be read. */
static err malformed(struct acquirer *a, struct session *session,
                     const struct iso8583_frame_header *header, struct bytes raw,
                     const struct iso8583_fault *fault)
{
    const struct terminal *t = &a->terminal[session->terminal];
    uint16_t mti = known_type(raw);
    if (shows_card(t->profile, fault))
        watch_note(a, WATCH_CLEAR_CARD, bytes_text(t->tid), "card data in clear: field %u",
                   fault->field);
    if (mti != 0) {
        struct iso8583_message request;
        iso8583_start(&request, mti);
        iso8583_set(&request, 41, bytes_text(t->tid));
        TRY(reply_refuse(a, session, header, &request, "30"));
    }
    return session_malformed(a, session, fault, "message does not decode");
}

/* The terminal says that it is somebody else than its certificate. */
static bool another(const struct terminal *t, const struct iso8583_message *message)
{
    return !bytes_equal(iso8583_get(message, 41), bytes_text(t->tid));
}

static err unknown(struct acquirer *a, struct session *session,
                   const struct iso8583_frame_header *header, const struct iso8583_message *message,
                   enum watch_cause cause)
{
    const struct terminal *t = &a->terminal[session->terminal];
    struct bytes said = iso8583_get(message, 41);
    watch_note(a, cause, bytes_text(t->tid), "field 41 says \"%.*s\"", (int)said.len,
               said.len > 0 ? (const char *)said.at : "");
    return reply_refuse(a, session, header, message, "97");
}

static err take(struct acquirer *a, struct session *session,
                const struct iso8583_frame_header *header, struct bytes raw)
{
    struct terminal *t = &a->terminal[session->terminal];
    bool replaced = false;
    TRY(session_judge(a, session, &replaced));
    if (replaced) return OK;
    terminal_refresh(a, t);
    struct iso8583_message message;
    struct iso8583_fault fault = {0};
    arena_reset(&a->arena);
    err decoded =
        iso8583_decode(payment_profile(t->profile)->dialect, raw, &a->arena, &message, &fault);
    if (FAILED(decoded)) return malformed(a, session, header, raw, &fault);
    if (t->registry_version == 0) return reply_refuse(a, session, header, &message, "96");
    if (!t->known) return unknown(a, session, header, &message, WATCH_UNKNOWN_TERMINAL);
    if (another(t, &message)) return unknown(a, session, header, &message, WATCH_WRONG_IDENTITY);
    if (payment_kind_mti(message.mti)) return accept_payment(a, session, header, &message, raw);
    switch (message.mti) {
    case 0x0300:
        return catch_up_asked(a, session, header, &message, raw);
    case 0x0400:
        return accept_payment(a, session, header, &message, raw);
    case 0x0800:
    case 0x0820:
        return sign_in_asked(a, session, header, &message);
    case 0x0320:
    case 0x0500:
        return settle_asked(a, session, header, &message);
    default:
        return reply_refuse(a, session, header, &message, "40");
    }
}

err acquirer_on_terminal(struct acquirer *a, uint32_t id, struct bytes frame)
{
    uint32_t place = index_find(&a->session_by_id, id);
    if (place == INDEX_NONE) return OK; /* closed in this very iteration */
    struct session *session = &a->session[place];
    a->counts.frames++;
    if (session->under_way >= ACQUIRER_SESSION_UNDER_WAY) {
        watch_note(a, WATCH_FLOOD, bytes_text(a->terminal[session->terminal].tid),
                   "%u requests without waiting for an answer", session->under_way);
        return session_drop(a, session);
    }
    struct iso8583_frame_header header;
    struct bytes raw;
    err split = iso8583_frame_split(frame, &header, &raw);
    if (FAILED(split)) {
        struct iso8583_fault fault = {.code = split.code};
        return session_malformed(a, session, &fault, "TPDU or header");
    }
    header = iso8583_frame_reply(&header);
    err taken = take(a, session, &header, raw);
    arena_reset(&a->arena);
    return taken;
}

/* ---- a request ---- */

/* What binds an envelope to its message: TID|batch|STAN|amount from the terminal, RRN|amount to the
 * network. */
static void write_associated(struct writer *w, const struct payment_key *key, int64_t amount_minor)
{
    write_bytes(w, bytes_text(key->tid));
    write_bytes(w, BYTES("|"));
    write_decimal(w, key->batch, 6);
    write_bytes(w, BYTES("|"));
    write_decimal(w, key->stan, 6);
    write_bytes(w, BYTES("|"));
    write_decimal(w, (uint64_t)amount_minor, 12);
}

static void write_zone_associated(struct writer *w, const char *rrn, int64_t amount_minor)
{
    write_bytes(w, bytes_text(rrn));
    write_bytes(w, BYTES("|"));
    write_decimal(w, (uint64_t)amount_minor, 12);
}

static err ask_hsm(struct acquirer *a, struct task *task, const struct iso8583_message *message,
                   struct bytes raw, const struct payment_sensitive *s)
{
    const struct terminal *t = &a->terminal[task->terminal];
    const struct payment *p = &task->payment;
    zone_begin(a, task);
    const struct zone_set *zone = zone_of(a, task);
    char aad_text[64], zone_text[32];
    struct writer aad = writer_over(aad_text, sizeof aad_text);
    struct writer zone_aad = writer_over(zone_text, sizeof zone_text);
    write_associated(&aad, &p->key, p->amount_minor);
    write_zone_associated(&zone_aad, p->rrn, p->amount_minor);
    ENSURE(aad.fault == ERR_OK && zone_aad.fault == ERR_OK);

    struct hsm_accept command = {
        .suite = payment_profile(task->profile)->suite,
        .mac_key = key_view(&t->mac),
        .mac_data = bytes_of(raw.at, message->mac_input),
        .mac = message->field[64],
        .token_key = key_view(&a->route[p->route].token),
        .zone_pin_key = key_view(&zone->pin),
        .zone_data_key = key_view(&zone->data),
        .zone_aad = writer_view(&zone_aad),
        .clear_pan = s->pan,
        .clear_expiry = s->expiry,
        .clear_track2 = s->track2,
    };
    if (s->pin_block.len > 0) {
        command.pin_key = key_view(&t->pin);
        command.pin_block = s->pin_block;
    }
    if (s->envelope.len > 0) {
        command.data_key = key_view(&t->data);
        command.envelope = s->envelope;
        command.aad = writer_view(&aad);
    }
    return hsm_accept(a, task, &command);
}

static err ask(struct acquirer *a, struct task *task, const struct iso8583_message *message,
               struct bytes raw, const struct payment_sensitive *s)
{
    struct payment *p = &task->payment;
    p->route = route_of(p);
    p->created_ms = host_now_ms(a);
    p->fee_plan = a->terminal[task->terminal].fee_plan;
    p->agreement = a->terminal[task->terminal].agreement;
    p->signed_ms = a->terminal[task->terminal].signed_ms;
    TRY(task_is_advice(task) ? advice_number(a, task) : route_new_number(a, task));
    task_await_network(a, task);
    if (s->payment_code.len > 0) {
        ENSURE(s->payment_code.len < sizeof task->payment_code);
        memcpy(task->payment_code, s->payment_code.at, s->payment_code.len);
    }
    return ask_hsm(a, task, message, raw, s);
}

/* Why a request is not even shown to the hsm; NULL when it is. */
static const char *refusal(const struct terminal *t, const struct payment *p,
                           const struct iso8583_message *message)
{
    if (!terminal_signed_in(t)) return "77";
    /* A reversal or an advice of a payment of an earlier batch is still a duty. */
    bool here = p->key.batch == t->batch && !t->closed;
    bool duty = message->mti == 0x0400 || (message->mti == 0x0220 && payment_told(p));
    if (!here && !duty) return "77";
    if (message->mac_input == 0 || message->field[64].len != ISO8583_MAC_SIZE) return "A0";
    if (strcmp(p->mid, t->mid) != 0) return "03";
    if (p->currency != CURRENCY_CNY) return "A1";
    return NULL;
}

err accept_payment(struct acquirer *a, struct session *session,
                   const struct iso8583_frame_header *header, const struct iso8583_message *message,
                   struct bytes raw)
{
    struct terminal *t = &a->terminal[session->terminal];
    struct payment payment;
    struct payment_sensitive sensitive;
    err parsed = payment_from_request(t->profile, message, &payment, &sensitive);
    if (FAILED(parsed)) {
        a->counts.malformed++;
        return reply_refuse(a, session, header, message, code_of(parsed));
    }
    const char *code = refusal(t, &payment, message);
    if (code == NULL) code = serial_refusal(a, t, sensitive.ksn);
    if (code != NULL) {
        if (code[0] == 'A' && code[1] == '0') {
            a->counts.bad_mac++;
            watch_note(a, WATCH_BAD_MAC, bytes_text(t->tid), "message has none");
        }
        return reply_refuse(a, session, header, message, code);
    }
    bool reversal = message->mti == 0x0400;
    struct task *task = hsm_ready(a) ? task_new(a, reversal ? TASK_REVERSAL_ASKED : TASK_ACCEPTING,
                                                session->terminal)
                                     : NULL;
    if (task == NULL) return reply_refuse(a, session, header, message, "96");
    task->profile = t->profile;
    task->answer_mti = (uint16_t)(message->mti | 0x0010);
    task->payment = payment;
    serial_set(task, sensitive.ksn);
    task_wait(a, task, session, header);
    if (reversal) return reverse_asked(a, task, message, raw);
    return ask(a, task, message, raw, &sensitive);
}

/* ---- the hsm's verdict ---- */

err accept_count_bad_mac(struct acquirer *a, struct task *task, uint32_t stan)
{
    struct terminal *t = &a->terminal[task->terminal];
    a->counts.bad_mac++;
    watch_note(a, WATCH_BAD_MAC, bytes_text(t->tid), "STAN %06u", stan);
    if (++t->bad_macs < ACQUIRER_BAD_MACS || !terminal_signed_in(t)) return OK;
    terminal_drop_keys(t);
    watch_note(a, WATCH_KEYS_DROPPED, bytes_text(t->tid), "%d bad MACs running: it must sign in",
               ACQUIRER_BAD_MACS);
    return record_terminal(a, t);
}

err accept_bad_mac(struct acquirer *a, struct task *task)
{
    TRY(accept_count_bad_mac(a, task, task->payment.key.stan));
    return reply_code(a, task, "A0");
}

err accept_decline(struct acquirer *a, struct task *task, uint64_t key, const char *code)
{
    struct payment *p = &task->payment;
    struct payment_step submitted, declined;
    struct recent *r = recent_add(a, key);
    if (r == NULL) return reply_code(a, task, "96");
    TRY(payment_step(p->state, PAYMENT_SUBMIT, &submitted));
    TRY(payment_step(submitted.next, PAYMENT_DECLINE, &declined));
    p->state = declined.next;
    p->route = PAYMENT_ROUTE_NONE; /* it went nowhere: the ledger has nothing to undo */
    memcpy(p->response_code, code, sizeof p->response_code);
    reply_stamp(p, host_now_ms(a));
    r->digest = p->digest;
    r->means = recent_means(p);
    TRY(recent_record(a, r, p, PAYMENT_DECLINE));
    a->counts.declined++;
    return reply_payment(a, task, p);
}

bool accept_conflicts(struct acquirer *a, const struct task *task, const struct recent *r)
{
    uint32_t means = recent_means(&task->payment);
    /* What follows another payment may come without a card, and is then of the original's. */
    bool none = means == 0 && payment_linked(task->payment.type);
    bool other_means = r->means != 0 && means != r->means && !none;
    if (r->digest == task->payment.digest && !other_means) return false;
    a->counts.conflicts++;
    watch_note(a, WATCH_CONFLICT, bytes_text(task->payment.key.tid),
               "STAN %06u of batch %06u used again with other content", task->payment.key.stan,
               task->payment.key.batch);
    return true;
}

void accept_join(struct acquirer *a, struct task *task, struct task *first)
{
    struct waiter waiter = task->waiter[0];
    bool there = task->waiters > 0 && a->session[waiter.session].open &&
                 a->session[waiter.session].id == waiter.session_id;
    serial_set(first, bytes_of(task->ksn, task->ksn_len)); /* the answer has the later keys */
    task_free(a, task);
    if (there) task_wait(a, first, &a->session[waiter.session], &waiter.header);
}

/* What a repeat is told of a payment that has turned back, whoever asked for that; one that was
 * refused after its answer, by a limit, is told so again. */
static void as_reversed(struct payment *p)
{
    if (p->notice[0] != '\0') return;
    memcpy(p->response_code, "98", 3);
    p->auth_code[0] = '\0';
}

static err repeat(struct acquirer *a, struct task *task, struct recent *r)
{
    if (accept_conflicts(a, task, r)) return reply_code(a, task, "94");
    a->counts.repeats++;
    if (r->task != INDEX_NONE) { /* it gets the answer when there is one */
        accept_join(a, task, &a->task[r->task]);
        return shown_again(a, &a->task[r->task]);
    }
    if (r->state == PAYMENT_PENDING) return reply_code(a, task, "96"); /* its wallet is asked */
    struct payment recorded;
    TRY(record_read(a, r->row, &recorded));
    if (r->state == PAYMENT_REVERSING || r->state == PAYMENT_REVERSED) as_reversed(&recorded);
    ENSURE(recorded.response_code[0] != '\0');
    return reply_payment(a, task, &recorded);
}

/* Which payment it follows, and whether it may; the refusal is journaled with what was found. */
static err follow(struct acquirer *a, struct task *task, uint64_t key, bool *ret_answered)
{
    const char *code = NULL;
    *ret_answered = true;
    err judged = original_judge(a, task, &code);
    if (judged.code == ERR_BUSY) return reply_code(a, task, "96");
    TRY(judged);
    if (code != NULL) return accept_decline(a, task, key, code);
    *ret_answered = false;
    return OK;
}

static err submit(struct acquirer *a, struct task *task, uint64_t key,
                  const struct hsm_accept_answer *answer)
{
    struct payment *p = &task->payment;
    struct payment_step step;
    if (!reverse_room(a)) return reply_code(a, task, "96");
    struct recent *r = recent_add(a, key);
    if (r == NULL) return reply_code(a, task, "96");
    TRY(payment_step(p->state, PAYMENT_SUBMIT, &step));
    ENSURE(step.effect == PAYMENT_EFFECT_SEND_REQUEST);
    p->state = step.next;
    r->digest = p->digest;
    r->means = recent_means(p);
    r->task = task_place(a, task);
    TRY(recent_record(a, r, p, PAYMENT_SUBMIT));
    a->counts.payments++;

    struct payment_sensitive zone = {
        .pin_block = answer->zone_pin_block,
        .envelope = answer->zone_envelope,
        .payment_code = bytes_text(task->payment_code),
    };
    bool typed = payment_by_code(p->means) && !shown_is(task); /* a password, maybe */
    task->due_ms = task->started_ms + (typed ? ACQUIRER_WALLET_MS : ACQUIRER_NETWORK_MS);
    if (shown_is(task)) return shown_sign(a, task);
    task->phase = TASK_SEALING;
    return route_encode(a, task, PAYMENT_NETWORK_REQUEST, &zone, FOR_NETWORK_MAC);
}

/* It is new and may be: the limits and the line are left to look at. */
static err permitted(struct acquirer *a, struct task *task, uint64_t key,
                     const struct hsm_accept_answer *answer)
{
    struct payment *p = &task->payment;
    const char *code = NULL;
    if (p->type == PAYMENT_INSTALMENT)
        code =
            instalment_refusal(&p->plan, bytes_text(p->pan_masked), p->amount_minor, p->created_ms);
    if (code == NULL) code = allowance_refuse(a, p);
    if (code != NULL && code[0] == '9') return reply_code(a, task, code);
    if (code != NULL) return accept_decline(a, task, key, code);
    if (!a->route[task->payment.route].up) return accept_decline(a, task, key, "91");
    return submit(a, task, key, answer);
}

static err accepted(struct acquirer *a, struct task *task, const char *code,
                    const struct hsm_accept_answer *answer)
{
    struct payment *p = &task->payment;
    const struct terminal *t = &a->terminal[task->terminal];
    uint64_t key = recent_key(task->terminal, p->key.batch, p->key.stan);
    struct recent *r = NULL;
    if (inquiry_is(task)) return inquiry_accepted(a, task, code, answer);
    err looked = recent_look(a, key, &p->key, &r);
    if (looked.code == ERR_BUSY) return reply_code(a, task, "96");
    TRY(looked);
    if (task_is_advice(task)) return advice_accepted(a, task, r, code, answer);
    if (r != NULL) return repeat(a, task, r);
    bool here = p->key.batch == t->batch && !t->closed;
    if (!here) return reply_code(a, task, "77"); /* settled or signed in meanwhile */
    if (code != NULL) return accept_decline(a, task, key, code);
    if (!t->active) return accept_decline(a, task, key, "03");
    bool answered = false;
    if (payment_linked(p->type)) TRY(follow(a, task, key, &answered));
    return answered ? OK : permitted(a, task, key, answer);
}

/* The card as the hsm saw it, or the code as it may be shown. */
static err fill_means(struct task *task, const struct hsm_accept_answer *answer)
{
    struct payment *p = &task->payment;
    TRY(bytes_to_text(answer->pan_masked, p->pan_masked, sizeof p->pan_masked));
    TRY(bytes_to_text(answer->token, p->token, sizeof p->token));
    if (payment_cardless(p->means))
        return payment_linked(p->type) || p->means == PAYMENT_SHOWN
                   ? OK
                   : payment_mask(bytes_text(task->payment_code), p->pan_masked);
    if (p->entry == PAYMENT_ENTRY_UNKNOWN) return OK; /* it has the card of its original */
    return p->pan_masked[0] != '\0' && p->token[0] != '\0' ? OK : ERR(MISSING);
}

err accept_answered(struct acquirer *a, struct task *task, enum hsm_status status,
                    struct reader *body)
{
    ENSURE(task->phase == TASK_ACCEPTING);
    struct terminal *t = &a->terminal[task->terminal];
    struct hsm_accept_answer answer = {0};
    const char *code = NULL, *spent;
    switch (status) {
    case HSM_OK:
        break;
    case HSM_BAD_MAC:
        return accept_bad_mac(a, task);
    case HSM_BAD_PIN_BLOCK:
        code = "99";
        break;
    case HSM_BAD_ENVELOPE:
        code = "A7";
        break;
    default:
        return reply_code(a, task, "96"); /* the MAC may not have been looked at */
    }
    TRY(serial_use(a, task, &spent));
    if (spent != NULL) return reply_code(a, task, spent);
    if (code == NULL &&
        (FAILED(hsm_read_accept_answer(body, &answer)) || FAILED(fill_means(task, &answer)))) {
        log_event(a->config.log, LOG_ERROR, "hsm_answer_unreadable",
                  LOG_TEXT("tid", task->payment.key.tid));
        return reply_code(a, task, "96");
    }
    t->bad_macs = 0;
    if (task->payment.key.batch == t->batch && task->payment.key.stan > t->last_stan)
        t->last_stan = task->payment.key.stan;
    return accepted(a, task, code, &answer);
}
