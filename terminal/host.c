/* SPDX-License-Identifier: Apache-2.0 */
/* The conversation with the host: see host.h. */
#include "terminal/host.h"

#include "lib/base/hex.h"
#include "lib/iso8583/frame.h"
#include "payment/response_code.h"
#include "terminal/shown.h"

enum { HOST_ADDRESS = 0x0003, OWN_ADDRESS = 0x0000, SHORT_MS = 15000 };

void host_start(struct terminal *t)
{
    t->host = (struct host){.wanted = t->facts.provisioned, .retry_ms = TERMINAL_RETRY_FIRST_MS};
    host_hurry(t);
}

void host_hurry(struct terminal *t)
{
    struct host *h = &t->host;
    if (!h->wanted || h->state != SCREEN_OFFLINE) return;
    h->state = SCREEN_CONNECTING;
    h->retry_at_us = 0;
    t->ports.host_connect(t->ports.context);
}

int64_t host_pause_us(unsigned failures)
{
    int64_t pause_ms = TERMINAL_RETRY_FIRST_MS;
    for (unsigned i = 0; i < failures && pause_ms < TERMINAL_RETRY_MAX_MS; i++) pause_ms *= 2;
    return (pause_ms > TERMINAL_RETRY_MAX_MS ? TERMINAL_RETRY_MAX_MS : pause_ms) * 1000;
}

void host_again_choice(struct terminal *t)
{
    if (t->records.signed_in)
        screen_choice(t, "retry", TEXT_ENTRY_RETRY, SCREEN_PRIMARY, NULL, true);
    else screen_choice(t, "sign_in", TEXT_ENTRY_SIGN_IN, SCREEN_PRIMARY, "signin", true);
}

bool host_free(const struct terminal *t)
{
    const struct host *h = &t->host;
    bool waits = h->task != HOST_NOTHING && h->task != HOST_ECHO && h->task != HOST_ADVICE;
    return h->state == SCREEN_ONLINE && !waits && !training_on(t); /* S181: nothing leaves */
}

void host_forget(struct terminal *t)
{
    t->host.task = HOST_NOTHING;
    t->host.outcome = HOST_WAITING;
    t->reverse.under_way = t->advice.under_way = false;
}

/* ---- asking ---- */

enum vault_status host_keys(struct terminal *t, bool fresh)
{
    struct host *h = &t->host;
    size_t len = payment_profile(t->config.profile)->ksn_len;
    ENSURE(len <= sizeof h->ksn);
    h->ksn_len = 0;
    if (len == 0) return VAULT_OK;
    enum vault_status status = secure_keys_next(t, fresh, h->ksn, len);
    if (status == VAULT_OK) h->ksn_len = (uint8_t)len;
    return status;
}

/* The serial number of a message that is to have a MAC; good for this one. */
static enum vault_status put_ksn(struct terminal *t, struct iso8583_message *message)
{
    struct host *h = &t->host;
    if (payment_profile(t->config.profile)->ksn_len == 0) return VAULT_OK;
    enum vault_status status = h->ksn_len > 0 ? VAULT_OK : host_keys(t, false);
    if (status == VAULT_OK) payment_set_ksn(message, bytes_of(h->ksn, h->ksn_len));
    h->ksn_len = 0;
    return status;
}

enum vault_status host_encode(struct terminal *t, struct iso8583_message *message,
                              struct bytes *ret_frame)
{
    enum vault_status keys = iso8583_has(message, 64) ? put_ksn(t, message) : VAULT_OK;
    if (keys != VAULT_OK) return keys;
    const struct iso8583_dialect *dialect = payment_profile(t->config.profile)->dialect;
    struct iso8583_frame_header header = iso8583_frame_header_new(HOST_ADDRESS, OWN_ADDRESS);
    struct writer w = writer_over(t->frame, sizeof t->frame);
    struct iso8583_fault fault;
    iso8583_frame_write(&header, &w);
    err e = iso8583_encode(dialect, message, &w, &fault);
    if (FAILED(e)) {
        log_event(t->config.log, LOG_ERROR, "message_not_encoded", LOG_INT("field", fault.field),
                  LOG_ERR(e));
        return VAULT_BAD_REQUEST;
    }
    if (iso8583_has(message, 64)) {
        uint8_t mac[ISO8583_MAC_SIZE];
        uint8_t *encoded = t->frame + ISO8583_FRAME_HEADER_SIZE;
        size_t len = w.len - ISO8583_FRAME_HEADER_SIZE;
        struct bytes input = iso8583_mac_input(dialect, bytes_of(encoded, len));
        enum vault_status status = secure_mac_make(t, input, mac);
        if (status != VAULT_OK) return status;
        iso8583_seal(dialect, encoded, len, mac);
    }
    *ret_frame = writer_view(&w);
    return VAULT_OK;
}

static bool settles(enum host_task task)
{
    return task == HOST_SETTLE || task == HOST_UPLOAD;
}

/* The host answers out of what it has. */
static bool asks_books(enum host_task task)
{
    return settles(task) || task == HOST_CATCH_UP;
}

void host_request(struct terminal *t, enum host_task task, uint16_t mti, uint32_t stan,
                  struct bytes frame)
{
    struct host *h = &t->host;
    ENSURE(host_free(t) && task != HOST_NOTHING);
    shown_forget(h);
    host_forget_balance(h);
    t->advice.under_way = false; /* it is simply not waited for any more, and neither is an echo */
    /* What asks no issuer is answered at once. */
    bool soon = task == HOST_ECHO || task == HOST_DOWNLOAD || asks_books(task);
    unsigned wait_ms = soon && t->config.answer_ms > SHORT_MS ? SHORT_MS : t->config.answer_ms;
    h->task = task;
    h->outcome = HOST_WAITING;
    h->mti = mti;
    h->stan = stan;
    h->deadline_us = now_us(t) + (int64_t)wait_ms * 1000;
    h->heard_us = now_us(t); /* we have just spoken: no echo is needed for a while */
    t->ports.host_send(t->ports.context, frame);
}

/* Our own host sees by its check value whether the vault has the newest master key. */
static void say_master(const struct terminal *t, struct payment_sign_in *in)
{
    size_t len = 0;
    if (!payment_profile(t->config.profile)->envelope) return; /* field 62 is ours to fill */
    err read =
        hex_decode(bytes_text(t->facts.kcv_master), in->master_kcv, sizeof in->master_kcv, &len);
    in->has_kcv = !FAILED(read) && len == sizeof in->master_kcv;
}

static const char *code_of(const struct terminal *t, enum host_task task)
{
    if (task == HOST_SIGN_IN) return payment_profile(t->config.profile)->sign_in_code;
    if (task == HOST_DOWNLOAD) return download_code(&t->download);
    return task == HOST_SIGN_OUT ? "002" : "301";
}

err host_send_sign_in(struct terminal *t, enum host_task task, enum vault_status *ret_status)
{
    const char *code = code_of(t, task);
    uint16_t mti = task == HOST_SIGN_IN || task == HOST_DOWNLOAD ? 0x0810 : 0x0830;
    struct arena arena = arena_over(t->arena, sizeof t->arena);
    struct iso8583_message message;
    struct bytes frame;
    struct payment_sign_in in = {.stan = records_next_stan(&t->records), .batch = t->records.batch};
    memcpy(in.tid, t->facts.tid, sizeof in.tid);
    memcpy(in.mid, t->facts.mid, sizeof in.mid);
    memcpy(in.code, code, sizeof in.code);
    if (task != HOST_ECHO) memcpy(in.operator_id, t->operator_id, sizeof in.operator_id);
    if (task == HOST_SIGN_IN) say_master(t, &in);
    in.restored = task == HOST_SIGN_IN && catch_up_due(t);
    if (task == HOST_DOWNLOAD) in.delivery = bytes_of(t->download.ask, t->download.ask_len);
    err e = payment_sign_in_request(t->config.profile, &in, &arena, &message);
    *ret_status = FAILED(e) ? VAULT_BAD_REQUEST : host_encode(t, &message, &frame);
    if (*ret_status != VAULT_OK) return OK;

    /* From the moment the host sees a sign-in our old keys are gone: no answer, no payments. */
    struct records next = t->records;
    next.stan = in.stan;
    next.batch_used++;
    if (task == HOST_SIGN_IN) next.signed_in = false;
    TRY(records_save(&t->records, &next, "", NULL, "", ""));
    host_request(t, task, mti, in.stan, frame);
    return OK;
}

err host_send_settlement(struct terminal *t, enum host_task task, struct payment_settlement *m,
                         enum vault_status *ret_status)
{
    struct arena arena = arena_over(t->arena, sizeof t->arena);
    struct iso8583_message message;
    struct bytes frame;
    bool totals = task == HOST_SETTLE;
    ENSURE(settles(task));
    m->stan = records_next_stan(&t->records);
    memcpy(m->tid, t->facts.tid, sizeof m->tid);
    memcpy(m->mid, t->facts.mid, sizeof m->mid);
    err e = totals ? payment_settle_request(t->config.profile, m, &arena, &message)
                   : payment_upload_request(t->config.profile, m, &arena, &message);
    *ret_status = FAILED(e) ? VAULT_BAD_REQUEST : host_encode(t, &message, &frame);
    if (*ret_status != VAULT_OK) return OK;
    struct records next = t->records;
    next.stan = m->stan;
    next.batch_used++;
    TRY(records_save(&t->records, &next, "", NULL, "", ""));
    host_request(t, task, totals ? 0x0510 : 0x0330, m->stan, frame);
    return OK;
}

err host_keys_useless(struct terminal *t, const char *why)
{
    if (!t->records.signed_in) return OK;
    struct records next = t->records;
    next.signed_in = false;
    log_event(t->config.log, LOG_WARN, "sign_in_needed", LOG_TEXT("code", why));
    return records_save(&t->records, &next, "terminal", "sign_in_needed", t->facts.tid, why);
}

/* ---- being answered ---- */

/* What was outstanding has ended. Who asked for it hears of it. */
static err finish(struct terminal *t, enum host_outcome outcome)
{
    struct host *h = &t->host;
    enum host_task task = h->task;
    ENSURE(task != HOST_NOTHING && outcome != HOST_WAITING);
    h->task = HOST_NOTHING;
    h->outcome = outcome;
    if (task == HOST_ECHO) return OK;
    if (task == HOST_REVERSAL) return reverse_ended(t);
    if (task == HOST_ADVICE) return advice_ended(t);
    return terminal_event(t, (struct event){.kind = EVENT_ANSWER}, false);
}

static bool field_is(const struct iso8583_message *m, unsigned field, const char *value)
{
    return bytes_equal(iso8583_get(m, field), bytes_text(value));
}

/* Is it the answer to what is outstanding? Message type, STAN and terminal say so. */
static bool matches(const struct terminal *t, const struct iso8583_message *m)
{
    const struct host *h = &t->host;
    return h->task != HOST_NOTHING && m->mti == h->mti &&
           field_is(m, 11, padded_text(h->stan, 6).text) && field_is(m, 41, t->facts.tid);
}

static bool about_payment(const struct host *h)
{
    return h->task == HOST_SALE || h->task == HOST_REVERSAL || h->task == HOST_ADVICE ||
           h->task == HOST_INQUIRY;
}

/* Is its answer nothing without a MAC? */
static bool has_mac(const struct host *h)
{
    return about_payment(h) || h->task == HOST_CATCH_UP;
}

/* What is left, when the answer says so; one that says it wrongly is no answer. */
static bool take_balance(struct host *h, const struct iso8583_message *m)
{
    if (h->task != HOST_INQUIRY) return true;
    err e = payment_balance_get(m, &h->balance_minor);
    h->has_balance = !FAILED(e);
    return !FAILED(e) || e.code == ERR_MISSING;
}

/* The answer of a payment must be of the same batch and amount as well. */
static bool apply(struct terminal *t, const struct iso8583_message *m)
{
    struct host *h = &t->host;
    if (about_payment(h)) {
        struct bytes trade = iso8583_get(m, 60);
        struct number_text batch = padded_text(h->payment.key.batch, 6);
        if (trade.len >= 8 && !bytes_equal(bytes_of(trade.at + 2, 6), bytes_text(batch.text)))
            return false;
        return take_balance(h, m) && !FAILED(payment_apply_response(m, h->mti, &h->payment));
    }
    if (h->task == HOST_CATCH_UP) return !FAILED(payment_catch_up_parse(m, &h->catch_up));
    if (asks_books(h->task))
        return !FAILED(payment_settlement_parse(t->config.profile, m, &h->settlement)) &&
               h->settlement.batch == t->settle.now.batch;
    return !FAILED(payment_sign_in_parse(m, &h->sign_in));
}

static bool mac_good(struct terminal *t, const struct iso8583_message *m, struct bytes message)
{
    if (!has_mac(&t->host)) return true;
    if (m->mac_input == 0) return false;
    return secure_mac_check(t, bytes_of(message.at, m->mac_input), iso8583_get(m, 64)) == VAULT_OK;
}

/* Codes after which only a new sign-in helps: batch, MAC, PIN key, terminal. */
static bool wants_sign_in(struct bytes code)
{
    return bytes_equal(code, BYTES("77")) || bytes_equal(code, BYTES("A0")) ||
           bytes_equal(code, BYTES("99")) || bytes_equal(code, BYTES("97"));
}

static err answered(struct terminal *t, const struct iso8583_message *m, struct bytes message)
{
    struct host *h = &t->host;
    struct bytes code = iso8583_get(m, 39);
    char why[3] = "";
    if (FAILED(bytes_to_text(code, why, sizeof why))) why[0] = '\0';
    bool payment = has_mac(h);
    bool good = mac_good(t, m, message);
    if (good) {
        if (payment) h->bad_macs = 0;
    } else {
        h->bad_macs++;
        log_event(t->config.log, LOG_WARN, "bad_mac", LOG_INT("stan", h->stan));
        TRY(audit(t, "bad_mac", padded_text(h->stan, 6).text, why));
    }
    /* Believed without a MAC too: a host whose keys do not fit cannot make one we would accept. */
    if (payment && (wants_sign_in(code) || h->bad_macs >= TERMINAL_BAD_MACS))
        TRY(host_keys_useless(t, why));
    if (good && h->task == HOST_SALE && payment_shown_is(m, &h->payment)) return shown_told(t, m);
    return finish(t, good ? HOST_ANSWERED : HOST_BAD_MAC);
}

static void dropped(struct terminal *t, const char *why, const struct iso8583_message *m)
{
    log_event(t->config.log, LOG_WARN, "message_dropped", LOG_TEXT("why", why),
              LOG_INT("mti", m->mti), LOG_BYTES("stan", iso8583_get(m, 11)));
}

err host_frame(struct terminal *t, struct bytes frame)
{
    struct iso8583_frame_header header;
    struct bytes message;
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct arena arena = arena_over(t->host.arena, sizeof t->host.arena);
    const struct iso8583_dialect *dialect = payment_profile(t->config.profile)->dialect;
    t->host.heard_us = now_us(t);
    paths_worked(&t->paths, now_us(t));
    err e = iso8583_frame_split(frame, &header, &message);
    if (!FAILED(e)) e = iso8583_decode(dialect, message, &arena, &m, &fault);
    if (FAILED(e)) {
        log_event(t->config.log, LOG_WARN, "message_malformed", LOG_ERR(e));
        return OK; /* what it was meant to answer runs into its time-out */
    }
    if (!matches(t, &m)) {
        dropped(t, "not awaited", &m);
        return OK;
    }
    if (!apply(t, &m)) {
        dropped(t, "not this payment", &m);
        return OK;
    }
    unsigned request = iso8583_frame_request(&header);
    bool news = request == ISO8583_REQUEST_CHIP_PARAMETERS && !t->download.wanted;
    if (news) t->download.wanted = true; /* before the answer is: a sign-in looks at it at once */
    TRY(answered(t, &m, message));
    if (request == ISO8583_REQUEST_SIGN_IN) TRY(host_keys_useless(t, "rq"));
    /* The main screen may begin now. */
    return news ? terminal_event(t, (struct event){.kind = EVENT_NONE}, false) : OK;
}

/* ---- the connection ---- */

/* S172: both lines go by another path from now on. */
static void path_taken(struct terminal *t)
{
    log_event(t->config.log, LOG_INFO, "path", LOG_INT("path", (int64_t)t->paths.at),
              LOG_INT("kind", paths_facts(&t->paths)->kind));
    t->manage.moved = true;
    if (t->ports.use_path != NULL) t->ports.use_path(t->ports.context, t->paths.at);
}

/* Whether another path is worth trying at once. */
static bool path_failed(struct terminal *t)
{
    size_t before = t->paths.at;
    bool fresh = paths_failed(&t->paths, now_us(t));
    if (t->paths.at != before) path_taken(t);
    return fresh;
}

err host_leave(struct terminal *t)
{
    t->ports.host_close(t->ports.context);
    return host_state(t, false, "the link is down");
}

err host_state(struct terminal *t, bool connected, const char *reason)
{
    struct host *h = &t->host;
    enum screen_network before = h->state;
    if (connected) {
        h->state = SCREEN_ONLINE;
        h->retry_ms = TERMINAL_RETRY_FIRST_MS;
        h->heard_us = now_us(t);
    } else {
        h->state = SCREEN_OFFLINE;
        if (path_failed(t)) {
            h->retry_at_us = now_us(t);
        } else {
            h->retry_at_us = now_us(t) + (int64_t)h->retry_ms * 1000;
            h->retry_ms =
                h->retry_ms * 2 > TERMINAL_RETRY_MAX_MS ? TERMINAL_RETRY_MAX_MS : h->retry_ms * 2;
        }
        log_event(t->config.log, LOG_WARN, "host_lost", LOG_TEXT("why", reason ? reason : ""));
        if (t->broken) host_forget(t);
        if (h->task != HOST_NOTHING) TRY(finish(t, HOST_LOST));
    }
    if (t->broken || h->state == before) return OK;
    TRY(terminal_event(t, (struct event){.kind = EVENT_NONE}, false));
    TRY(reverse_drive(t));
    return advice_drive(t);
}

/* Closes what seems dead and connects again at once. */
static void renew(struct terminal *t)
{
    t->ports.host_close(t->ports.context);
    t->host.state = SCREEN_OFFLINE;
    (void)path_failed(t);
    host_hurry(t);
}

/* A path that is wanted more, while nothing is outstanding that could be lost with this one. */
static void go_back(struct terminal *t)
{
    if (t->host.task != HOST_NOTHING || !paths_back(&t->paths, now_us(t))) return;
    path_taken(t);
    t->ports.host_close(t->ports.context);
    t->host.state = SCREEN_OFFLINE;
    host_hurry(t);
}

static err time_out(struct terminal *t)
{
    enum host_task task = t->host.task;
    log_event(t->config.log, LOG_WARN, "no_answer", LOG_INT("stan", t->host.stan));
    /* A sale may time out because its issuer is slow; these have no such excuse. */
    bool soon = task == HOST_ECHO || task == HOST_REVERSAL || task == HOST_DOWNLOAD;
    if (soon || asks_books(task)) renew(t);
    return finish(t, HOST_TIMED_OUT);
}

static int64_t echo_at_us(const struct terminal *t)
{
    const struct host *h = &t->host;
    if (t->config.no_keep_alive || training_on(t) || h->state != SCREEN_ONLINE ||
        h->task != HOST_NOTHING)
        return INT64_MAX;
    return h->heard_us + (int64_t)t->config.keep_alive_ms * 1000;
}

err host_tick(struct terminal *t)
{
    struct host *h = &t->host;
    int64_t now = now_us(t);
    if (h->task != HOST_NOTHING && now >= h->deadline_us) TRY(time_out(t));
    go_back(t);
    if (h->state == SCREEN_OFFLINE && h->wanted && now >= h->retry_at_us) {
        host_hurry(t);
        TRY(terminal_event(t, (struct event){.kind = EVENT_NONE}, false));
    }
    if (now >= echo_at_us(t)) {
        enum vault_status status;
        h->heard_us = now; /* when it cannot be made it is tried again later */
        TRY(host_send_sign_in(t, HOST_ECHO, &status));
    }
    return OK;
}

int64_t host_next_us(const struct terminal *t)
{
    const struct host *h = &t->host;
    int64_t next = echo_at_us(t);
    if (h->task != HOST_NOTHING && h->deadline_us < next) next = h->deadline_us;
    if (h->wanted && h->state == SCREEN_OFFLINE && h->retry_at_us < next) next = h->retry_at_us;
    if (h->task == HOST_NOTHING && t->paths.back_at_us < next) next = t->paths.back_at_us;
    return next;
}

static void show_waiting(struct terminal *t, int64_t until_us)
{
    bool busy = t->host.state == SCREEN_ONLINE;
    screen_begin(t, "host.wait", TEXT_HOST_WAIT_TITLE);
    screen_wait(t, busy ? TEXT_HOST_BUSY : TEXT_HOST_WAIT, until_us);
    screen_until(t, until_us);
    screen_show(t);
}

static void show_unreachable(struct terminal *t)
{
    screen_begin(t, "host.unreachable", TEXT_HOST_WAIT_TITLE);
    SAY(t, SCREEN_ERROR, TEXT_HOST_UNREACHABLE);
    offline_say_why(t);
    screen_choice(t, "retry", TEXT_ENTRY_RETRY, SCREEN_PRIMARY, NULL, true);
    screen_show(t);
}

err host_ready(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = now_us(t) + (int64_t)t->config.connect_ms * 1000;
    while (!host_free(t)) {
        host_hurry(t);
        if (now_us(t) < p->local[0]) {
            show_waiting(t, p->local[0]);
            PROCEDURE_AWAIT(t, p);
            if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
            continue;
        }
        show_unreachable(t);
        PROCEDURE_AWAIT(t, p);
        if (key_is(t, "cancel")) PROCEDURE_BACK(t, p);
        if (choice_is(t, "retry")) p->local[0] = now_us(t) + (int64_t)t->config.connect_ms * 1000;
    }
    PROCEDURE_END(t, p);
}
