/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The side of the acquirer and of the hsm: messages in, their MAC, answers out. What is decided
 * about them is in decide.c, how a provider is asked in ask.c.
 */
#include "wallets/gateway.h"

#include <stdlib.h>

#include "payment/clearing.h"
#include "payment/response_code.h"
#include "wallets/task.h"

err gateway_open(const struct gateway_config *config, const struct gateway_ports *ports,
                 struct gateway **ret_gateway)
{
    struct gateway *g = calloc(1, sizeof *g);
    if (g == NULL) return ERR(NO_MEMORY);
    g->config = *config;
    g->ports = *ports;
    g->memory.forgotten_ms = gateway_now_ms(g); /* whoever was here before had a memory too */
    *ret_gateway = g;
    return OK;
}

void gateway_close(struct gateway *gateway)
{
    if (gateway == NULL) return;
    explicit_bzero(gateway, sizeof *gateway);
    free(gateway);
}

struct gateway_counts gateway_counts(const struct gateway *gateway)
{
    return gateway->counts;
}

static void note(const struct gateway *g, const char *event, err why)
{
    if (g->config.log != NULL) log_event(g->config.log, LOG_WARN, event, LOG_ERR(why));
}

/* ---- tasks ---- */

struct task *gateway_task_new(struct gateway *g, enum task_phase phase)
{
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++) {
        struct task *task = &g->task[i];
        if (task->phase != TASK_FREE) continue;
        *task = (struct task){.phase = phase, .id = i};
        return task;
    }
    return NULL;
}

void gateway_task_free(struct task *task)
{
    explicit_bzero(task, sizeof *task);
}

void task_drop(struct gateway *g, struct task *task, const char *why)
{
    if (task->purpose == TASK_FETCH) {
        fetch_failed(g, task, ERR(CLOSED)); /* no hsm */
        return;
    }
    g->counts.unanswered++;
    if (g->config.log != NULL)
        log_event(g->config.log, LOG_WARN, "unanswered", LOG_TEXT("rrn", task->payment.rrn),
                  LOG_TEXT("why", why));
    if (task->purpose == TASK_PLATE) notice_end(g, task, false); /* its wallet tells it again */
    else gateway_task_free(task);
}

/* An id that no answer to an earlier command can carry. */
static void renew_id(struct gateway *g, struct task *task)
{
    uint32_t place = (uint32_t)(task - g->task);
    g->generation = (g->generation + 1) % (UINT32_MAX / GATEWAY_TASKS_MAX);
    task->id = g->generation * GATEWAY_TASKS_MAX + place;
}

static struct task *task_of(struct gateway *g, uint32_t id)
{
    struct task *task = &g->task[id % GATEWAY_TASKS_MAX];
    return task->phase != TASK_FREE && task->id == id ? task : NULL;
}

/* ---- the hsm ---- */

struct writer gateway_command(struct gateway *g, struct task *task, uint8_t command)
{
    struct writer w = writer_over(g->command, sizeof g->command);
    renew_id(g, task);
    hsm_write_header(&w, command, task->id);
    return w;
}

bool gateway_send_command(struct gateway *g, struct task *task, const struct writer *w,
                          enum task_phase phase)
{
    bool sent = g->hsm_up && w->fault == ERR_OK;
    if (sent) {
        task->phase = phase;
        g->ports.hsm(g->ports.context, writer_view(w));
    }
    explicit_bzero(g->command, w->len);
    if (!sent) task_drop(g, task, g->hsm_up ? "a command is too long" : "no hsm");
    return sent;
}

void gateway_send_mac(struct gateway *g, struct task *task, uint8_t command, struct bytes data,
                      struct bytes mac, enum task_phase phase)
{
    const struct hsm_mac m = {HSM_SUITE_TONGBAO, bytes_text(g->config.accounts->zone_mac), data,
                              mac};
    struct writer w = gateway_command(g, task, command);
    hsm_write_mac(&w, &m);
    (void)gateway_send_command(g, task, &w, phase);
}

/* ---- answers ---- */

static err encode(struct task *task, const struct iso8583_message *m)
{
    struct iso8583_fault fault;
    struct writer w = writer_over(task->message, sizeof task->message);
    TRY(iso8583_encode(&iso8583_dialect_ascii87, m, &w, &fault));
    task->message_len = w.len;
    return OK;
}

static void seal(struct gateway *g, struct task *task)
{
    struct bytes message = bytes_of(task->message, task->message_len);
    gateway_send_mac(g, task, HSM_MAC_MAKE, iso8583_mac_input(&iso8583_dialect_ascii87, message),
                     (struct bytes){0}, TASK_SEALING);
}

/* The name of the wallet, on slips; and the last six of the provider's number for the payment,
 * which are none when it has fewer or when they are no letters and digits: field 38 has six of
 * those. */
static err describe(const struct gateway *g, struct task *task)
{
    const char *transaction = task->reading.said.transaction;
    size_t len = strlen(transaction), size = sizeof task->payment.auth_code - 1;
    const char *last = len >= size ? transaction + len - size : "";
    if (strspn(last, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") < size)
        last = "";
    task->payment.card_class = PAYMENT_CLASS_WALLET;
    TRY(bytes_to_text(bytes_text(g->config.accounts->account[task->provider].name),
                      task->payment.issuer, sizeof task->payment.issuer));
    return bytes_to_text(bytes_text(last), task->payment.auth_code, size + 1);
}

/* In whose file of the day it stands: the business day of the moment that the provider gives it,
 * which is not that of the answer when this is of the minutes about 23:00 in China, or late. A
 * refund that stays is answered 22 (decide.c). */
static void name_day(struct task *task, const char *code)
{
    struct payment *p = &task->payment;
    int64_t at_ms = task->reading.said.at_ms;
    bool made = response_approved(code) || strcmp(code, "22") == 0;
    p->settlement_date[0] = '\0';
    if (made && at_ms > 0) clearing_day_mmdd(clearing_day(at_ms), p->settlement_date);
}

/* Builds our answer and asks for its MAC; `shown` may be empty. */
static void say(struct gateway *g, struct task *task, const char *code, struct bytes shown)
{
    struct iso8583_message m;
    struct arena arena = arena_over(g->texts, sizeof g->texts);
    ENSURE(strlen(code) == 2);
    memcpy(task->payment.response_code, code, 3);
    name_day(task, code);
    err done = response_approved(code) ? describe(g, task) : OK;
    if (!FAILED(done)) done = payment_network_response(task->kind, &task->payment, &arena, &m);
    if (!FAILED(done) && shown.len > 0) payment_shown_set(&m, shown);
    if (!FAILED(done)) done = encode(task, &m);
    arena_reset(&arena);
    if (FAILED(done)) task_drop(g, task, err_text(done));
    else seal(g, task);
}

void gateway_say(struct gateway *g, struct task *task, const char *code)
{
    say(g, task, code, (struct bytes){0});
}

void gateway_say_shown(struct gateway *g, struct task *task)
{
    say(g, task, "09", bytes_text(task->reading.said.shown));
}

static void say_echo(struct gateway *g, struct task *task, const struct iso8583_message *in)
{
    static const uint8_t place[ISO8583_MAC_SIZE];
    static const unsigned echoed[] = {7, 11, 70};
    struct iso8583_message m;
    iso8583_start(&m, 0x0810);
    for (size_t i = 0; i < ARRAY_LEN(echoed); i++)
        if (iso8583_has(in, echoed[i])) iso8583_set(&m, echoed[i], iso8583_get(in, echoed[i]));
    iso8583_set(&m, 39, BYTES("00"));
    iso8583_set(&m, 128, BYTES_OF(place));
    err done = encode(task, &m);
    if (FAILED(done)) task_drop(g, task, err_text(done));
    else seal(g, task);
}

static void sealed(struct gateway *g, struct task *task, struct bytes mac)
{
    if (mac.len != ISO8583_MAC_SIZE) {
        task_drop(g, task, "the hsm makes no MAC");
        return;
    }
    iso8583_seal(&iso8583_dialect_ascii87, task->message, task->message_len, mac.at);
    g->counts.answers++;
    g->ports.answer(g->ports.context, bytes_of(task->message, task->message_len));
    gateway_task_free(task);
}

void gateway_hand_on(struct gateway *g, struct task *task)
{
    ENSURE(g->config.other);
    g->counts.handed_on++;
    g->ports.hand_on(g->ports.context, bytes_of(task->message, task->message_len));
    gateway_task_free(task);
}

/* ---- questions ---- */

static enum task_purpose purpose_of(enum payment_network_kind kind, const struct payment *p)
{
    bool follows = payment_linked(p->type), shown = p->means == PAYMENT_SHOWN;
    if (kind == PAYMENT_NETWORK_QUERY) return TASK_LOOK;
    if (kind == PAYMENT_NETWORK_REVERSAL) return follows ? TASK_UNDO : TASK_TAKE_BACK;
    return follows ? TASK_GIVE_BACK : shown ? TASK_SHOW : TASK_PAY;
}

/* The payment of a question; views of `m` end with it, so the code is copied. */
static err read_question(struct task *task, const struct iso8583_message *m)
{
    struct payment_sensitive sensitive;
    TRY(payment_from_network(m, &task->payment, &sensitive, &task->kind));
    if (!payment_by_code(task->payment.means) || task->payment.currency != CURRENCY_CNY)
        return ERR(UNSUPPORTED);
    if (!bytes_all_digits(bytes_text(task->payment.rrn)) || task->payment.amount_minor <= 0)
        return ERR(FORMAT);
    task->purpose = purpose_of(task->kind, &task->payment);
    struct bytes code = sensitive.payment_code;
    if (task->purpose != TASK_PAY) return OK;
    if (code.len == 0) return ERR(MISSING);
    if (code.len > sizeof task->code) return ERR(LENGTH);
    memcpy(task->code, code.at, code.len);
    task->code_len = code.len;
    return OK;
}

/* 0210, 0230, 0410: to what we have asked of a plate (docs/dialect.md), or the wallet behind us,
 * whose MAC is that wallet's to check. */
static bool is_answer(uint16_t mti)
{
    return (mti & 0x0010) != 0;
}

/* Points are kept by whoever is behind the other wallet; the MAC is his to check, too. */
static bool of_points(const struct iso8583_message *m)
{
    return bytes_equal(iso8583_get(m, 25), BYTES("65"));
}

static err pass_on(struct gateway *g, struct bytes message)
{
    if (!g->config.other) return ERR(UNSUPPORTED);
    g->counts.handed_on++;
    g->ports.hand_on(g->ports.context, message);
    return OK;
}

static err take(struct gateway *g, struct bytes message)
{
    struct arena arena = arena_over(g->decoded, sizeof g->decoded);
    struct iso8583_message m;
    struct iso8583_fault fault;
    if (message.len > TASK_MESSAGE_MAX) return ERR(LENGTH);
    TRY(iso8583_decode(&iso8583_dialect_ascii87, message, &arena, &m, &fault));
    if (is_answer(m.mti) && gateway_plate_heard(g, message, &m)) return OK;
    if (is_answer(m.mti) || of_points(&m)) return pass_on(g, message);
    g->counts.questions++;
    if (m.mac_input == 0) return ERR(MISSING);
    struct task *task = gateway_task_new(g, TASK_CHECKING);
    if (task == NULL) return ERR(FULL);
    err read = m.mti == 0x0800 ? OK : read_question(task, &m);
    if (FAILED(read)) {
        gateway_task_free(task);
        return read;
    }
    memcpy(task->message, message.at, message.len);
    task->message_len = message.len;
    gateway_send_mac(g, task, HSM_MAC_CHECK, bytes_of(message.at, m.mac_input),
                     iso8583_get(&m, iso8583_has(&m, 128) ? 128 : 64), TASK_CHECKING);
    return OK;
}

void gateway_on_message(struct gateway *g, struct bytes message)
{
    err taken = take(g, message);
    explicit_bzero(g->decoded, sizeof g->decoded); /* a payment code */
    if (!FAILED(taken)) return;
    g->counts.unanswered++;
    note(g, "message_ignored", taken);
}

/* Its MAC is right: now it is the acquirer's. */
static void checked(struct gateway *g, struct task *task)
{
    if (task->purpose != TASK_ECHO) {
        decide_begin(g, task);
        return;
    }
    uint8_t copy[TASK_MESSAGE_MAX]; /* our answer is written over the question */
    struct arena arena = arena_over(g->decoded, sizeof g->decoded);
    struct iso8583_message m;
    struct iso8583_fault fault;
    memcpy(copy, task->message, task->message_len);
    err decoded = iso8583_decode(&iso8583_dialect_ascii87, bytes_of(copy, task->message_len),
                                 &arena, &m, &fault);
    ENSURE(!FAILED(decoded)); /* it was, before */
    say_echo(g, task, &m);
}

/* ---- what the hsm answers ---- */

static void on_status(struct gateway *g, struct task *task, enum hsm_status status,
                      struct bytes body)
{
    bool good = status == HSM_OK;
    switch (task->phase) {
    case TASK_CHECKING:
        if (good) checked(g, task);
        else task_drop(g, task, "its MAC is wrong");
        return;
    case TASK_HIDING:
        if (good) ask_hidden(g, task, body);
        else decide_unreached(g, task);
        return;
    case TASK_SHOWING:
        ask_shown(g, task, good, body);
        return;
    case TASK_SIGNING:
        if (good) ask_signed(g, task, body);
        else decide_unreached(g, task);
        return;
    case TASK_VERIFYING:
        ask_verified(g, task, good);
        return;
    case TASK_SEALING:
        sealed(g, task, body);
        return;
    case TASK_OPENING:
        if (task->purpose == TASK_FETCH) fetch_opened(g, task, good, body);
        else notice_opened(g, task, good, body);
        return;
    case TASK_NOTICED:
        notice_checked(g, task, good);
        return;
    case TASK_TELLING:
        gateway_plate_sealed(g, task, body);
        return;
    case TASK_HEARING:
        gateway_plate_checked(g, task, good);
        return;
    case TASK_TOLD:
    case TASK_FREE:
    case TASK_QUEUED:
    case TASK_ASKING:
    case TASK_PAUSING:
        break;
    }
}

static bool has_body(enum task_phase phase)
{
    return phase == TASK_SIGNING || phase == TASK_SEALING || phase == TASK_OPENING ||
           phase == TASK_HIDING || phase == TASK_SHOWING || phase == TASK_TELLING;
}

void gateway_on_hsm(struct gateway *g, struct bytes answer)
{
    struct reader r = reader_over(answer);
    struct hsm_header header;
    enum hsm_status status;
    struct bytes body = {0};
    err read = hsm_read_answer(&r, &header, &status);
    struct task *task = FAILED(read) ? NULL : task_of(g, header.id);
    if (task != NULL && status == HSM_OK && has_body(task->phase)) read = hsm_read_bytes(&r, &body);
    if (FAILED(read)) {
        note(g, "hsm_malformed", read);
        return;
    }
    if (status != HSM_OK && g->config.log != NULL)
        log_event(g->config.log, LOG_WARN, "hsm_refused", LOG_INT("command", header.command),
                  LOG_TEXT("reason", hsm_status_text(status)));
    if (task != NULL) on_status(g, task, status, body);
}

void gateway_on_hsm_state(struct gateway *g, bool up)
{
    g->hsm_up = up;
    for (unsigned i = 0; !up && i < GATEWAY_TASKS_MAX; i++) {
        struct task *task = &g->task[i];
        bool asked = task->phase == TASK_CHECKING || task->phase == TASK_SIGNING ||
                     task->phase == TASK_VERIFYING || task->phase == TASK_SEALING ||
                     task->phase == TASK_HIDING || task->phase == TASK_SHOWING ||
                     task->phase == TASK_TELLING || task->phase == TASK_HEARING;
        bool fetches = task->phase == TASK_OPENING && task->purpose == TASK_FETCH;
        if (asked || fetches) task_drop(g, task, "the hsm has gone");
        if (task->phase == TASK_OPENING || task->phase == TASK_NOTICED)
            notice_checked(g, task, false);
    }
}

/* ---- time ---- */

void gateway_on_answer(struct gateway *g, const char *id, err reason, const struct wallet_raw *raw)
{
    struct reader r = reader_over(bytes_text(id));
    size_t digits = r.left.len;
    uint64_t number = 0;
    while (r.left.len > 0 && digits <= 10) number = number * 10 + read_digits(&r, 1);
    struct task *task = r.fault == ERR_OK && digits <= 10 && number <= UINT32_MAX
                            ? task_of(g, (uint32_t)number)
                            : NULL;
    if (task != NULL && task->phase == TASK_ASKING) ask_answered(g, task, reason, raw);
}

static bool is_waiting(const struct task *task)
{
    return task->phase == TASK_PAUSING || task->phase == TASK_TOLD;
}

void gateway_tick(struct gateway *g)
{
    int64_t now_ms = gateway_now_ms(g);
    bool room = true;
    fetch_tick(g);
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++) {
        struct task *task = &g->task[i];
        if (is_waiting(task) && now_ms >= task->due_ms) decide_again(g, task);
        if (task->phase != TASK_QUEUED || !room) continue;
        ask_send(g, task);
        room = task->phase != TASK_QUEUED;
    }
}

int64_t gateway_next_ms(const struct gateway *g)
{
    int64_t next = fetch_next_ms(g);
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++)
        if (is_waiting(&g->task[i]) && g->task[i].due_ms < next) next = g->task[i].due_ms;
    return next;
}
