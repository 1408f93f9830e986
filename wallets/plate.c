/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payments at plates (静态码, S79): a customer pays by a code that stands in a shop, and his wallet
 * tells us, with the plate's text and a number that no acquirer gives. The acquirer is asked what
 * the wallet on its own link asks it; only what it has answered ends the notice.
 *
 *   notice, checked -> query -> 0200 -> 0210 "00" -> heard
 *                                    -> 0210 refusal -> refund under the same number -> heard
 *                                    -> silence, three times -> 0400 until 0410 -> the same refund
 *
 * Nothing is kept: whatever stops in between has the notice not heard, and the provider tells it
 * again. Then the same question gets the same answer, and the same refund is made once.
 */
#include "lib/base/hex.h"
#include "lib/qr/order_code.h"
#include "payment/clearing.h"
#include "payment/shown.h"
#include "wallets/limits.h"
#include "wallets/task.h"

enum { FIELD_DAY = 15, FIELD_CUSTOMER = 60, STANS = 999999, CUSTOMER_BYTES = 8 };

static void note(const struct gateway *g, const char *event, const struct task *task)
{
    if (g->config.log != NULL)
        log_event(g->config.log, LOG_INFO, event, LOG_TEXT("rrn", task->payment.rrn),
                  LOG_TEXT("plate", task->payment.key.tid), LOG_TEXT("code", task->plate_code));
}

/* ---- what a notice says ---- */

/* Sixteen digits that stand for the customer: the acquirer counts what he pays in a day. */
static void write_customer(const struct task *task, struct payment *p)
{
    uint8_t digest[HSM_WALLET_DIGEST_BYTES], block[sizeof task->notice.customer + 16];
    struct writer w = writer_over(block, sizeof block);
    struct writer token = writer_over(p->token, sizeof p->token - 1);
    write_format(&w, "%s:%s", wallet_provider_name(task->provider), task->notice.customer);
    ENSURE(w.fault == ERR_OK);
    hsm_wallet_digest(writer_view(&w), digest);
    write_hex(&token, bytes_of(digest, CUSTOMER_BYTES));
    ENSURE(token.fault == ERR_OK);
}

/* Errors: those of the text, which is not one of our plates. */
static err read_plate(struct task *task)
{
    struct order_code code;
    struct payment p = {.type = PAYMENT_SALE,
                        .means = PAYMENT_SHOWN,
                        .entry = PAYMENT_ENTRY_PLATE,
                        .reversal_reason = "98",
                        .amount_minor = task->notice.amount_minor,
                        .currency = CURRENCY_CNY,
                        .key = {.batch = 1}};
    TRY(order_code_parse(bytes_text(task->notice.plate), &code));
    if (!code.plate || strlen(code.reference) != sizeof p.key.tid - 1) return ERR(FORMAT);
    if (p.amount_minor <= 0 || task->notice.customer[0] == '\0') return ERR(MISSING);
    memcpy(p.key.tid, code.reference, sizeof p.key.tid);
    TRY(bytes_to_text(bytes_text(code.merchant), p.mid, sizeof p.mid));
    TRY(bytes_to_text(bytes_text(task->notice.number), p.rrn, sizeof p.rrn));
    struct reader r = reader_over(bytes_of(p.rrn + 6, 6)); /* the same of every question */
    p.key.stan = read_digits(&r, 6) % STANS + 1;
    write_customer(task, &p);
    task->payment = p;
    return OK;
}

static bool is_active(const struct gateway *g, const struct task *task)
{
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++) {
        const struct task *t = &g->task[i];
        if (t != task && t->phase != TASK_FREE && t->purpose == TASK_PLATE &&
            strcmp(t->payment.rrn, task->notice.number) == 0)
            return true;
    }
    return false;
}

static bool is_full(const struct gateway *g)
{
    unsigned count = 0;
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++)
        if (g->task[i].phase != TASK_FREE && g->task[i].purpose == TASK_PLATE) count++;
    return count >= GATEWAY_PLATES_MAX;
}

bool gateway_plate_noticed(struct gateway *g, struct task *task)
{
    const struct wallet_notice *n = &task->notice;
    if (n->plate[0] == '\0' || !payment_wallet_reference(n->number)) return false;
    err read = read_plate(task);
    if (FAILED(read)) {
        if (g->config.log != NULL)
            log_event(g->config.log, LOG_WARN, "plate_unreadable", LOG_TEXT("number", n->number),
                      LOG_ERR(read));
        notice_end(g, task, false);
        return true;
    }
    if (is_active(g, task) || is_full(g)) { /* told again, and then it is decided */
        notice_end(g, task, false);
        return true;
    }
    const struct payment *p = &task->payment;
    task->purpose = TASK_PLATE;
    task->kind = PAYMENT_NETWORK_REQUEST;
    task->ask.order = (struct wallet_order){.number = p->rrn,
                                            .part = p->rrn,
                                            .terminal = p->key.tid,
                                            .amount_minor = p->amount_minor,
                                            .total_minor = p->amount_minor,
                                            .shown = true};
    ask_begin(g, task, WALLET_QUERY);
    return true;
}

/* ---- what the provider says ---- */

static void give_back(struct gateway *g, struct task *task)
{
    task->give_up_ms = gateway_now_ms(g) + GATEWAY_GIVE_UP_MS;
    note(g, "plate_given_back", task);
    ask_begin(g, task, WALLET_REFUND);
}

static void pause_or_end(struct gateway *g, struct task *task)
{
    int64_t now_ms = gateway_now_ms(g);
    if (now_ms + GATEWAY_AGAIN_MS > task->give_up_ms) {
        notice_end(g, task, false);
        return;
    }
    task->due_ms = now_ms + GATEWAY_AGAIN_MS;
    task->phase = TASK_PAUSING;
}

void gateway_plate_said(struct gateway *g, struct task *task)
{
    enum wallet_word word = task->reading.said.word;
    bool closed = word == WALLET_CLOSED; /* given back, by us or by the merchant */
    if (task->ask.call == WALLET_QUERY) {
        int64_t at_ms = task->reading.said.at_ms;
        if (at_ms > 0) clearing_day_mmdd(clearing_day(at_ms), task->payment.settlement_date);
        if (word == WALLET_PAID) gateway_plate_tell(g, task);
        else notice_end(g, task, closed);
        return;
    }
    if (word == WALLET_DONE || closed) notice_end(g, task, true);
    else if (word == WALLET_ABSENT && task->ask.call == WALLET_REFUND_QUERY)
        ask_begin(g, task, WALLET_REFUND); /* under the same number: it is given back once */
    else pause_or_end(g, task);
}

void gateway_plate_unreached(struct gateway *g, struct task *task)
{
    if (task->ask.call == WALLET_QUERY) notice_end(g, task, false);
    else pause_or_end(g, task);
}

/* ---- what the acquirer is asked ---- */

static err build(struct gateway *g, struct task *task)
{
    struct arena arena = arena_over(g->texts, sizeof g->texts);
    const struct payment_sensitive s = {.shown_code = bytes_text(task->notice.plate)};
    struct writer w = writer_over(task->message, sizeof task->message);
    struct iso8583_message m;
    struct iso8583_fault fault;
    TRY(payment_network_message(task->kind, &task->payment, &s, clock_now_ms(&g->config.clock),
                                &arena, &m));
    if (task->kind == PAYMENT_NETWORK_REQUEST) {
        iso8583_set(&m, FIELD_CUSTOMER, bytes_text(task->payment.token));
        if (task->payment.settlement_date[0] != '\0')
            iso8583_set(&m, FIELD_DAY, bytes_text(task->payment.settlement_date));
    }
    TRY(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
    task->message_len = w.len;
    return OK;
}

void gateway_plate_tell(struct gateway *g, struct task *task)
{
    err built = build(g, task);
    if (FAILED(built)) {
        task_drop(g, task, err_text(built));
        return;
    }
    struct bytes message = bytes_of(task->message, task->message_len);
    gateway_send_mac(g, task, HSM_MAC_MAKE, iso8583_mac_input(&iso8583_dialect_ascii87, message),
                     (struct bytes){0}, TASK_TELLING);
}

void gateway_plate_sealed(struct gateway *g, struct task *task, struct bytes mac)
{
    if (mac.len != ISO8583_MAC_SIZE) {
        task_drop(g, task, "the hsm makes no MAC");
        return;
    }
    iso8583_seal(&iso8583_dialect_ascii87, task->message, task->message_len, mac.at);
    task->phase = TASK_TOLD;
    task->due_ms = gateway_now_ms(g) + GATEWAY_PLATE_MS;
    task->plate_asks++;
    g->ports.answer(g->ports.context, bytes_of(task->message, task->message_len));
}

void gateway_plate_again(struct gateway *g, struct task *task)
{
    if (task->phase == TASK_PAUSING) {
        ask_begin(g, task, WALLET_REFUND_QUERY);
        return;
    }
    if (task->plate_asks >= GATEWAY_PLATE_ASKS) task->kind = PAYMENT_NETWORK_REVERSAL;
    gateway_plate_tell(g, task);
}

/* ---- what the acquirer answers ---- */

static struct task *told(struct gateway *g, const struct payment_network_answer *answer)
{
    for (unsigned i = 0; i < GATEWAY_TASKS_MAX; i++) {
        struct task *t = &g->task[i];
        uint16_t mti = t->kind == PAYMENT_NETWORK_REVERSAL ? 0x0410 : 0x0210;
        if (t->phase == TASK_TOLD && mti == answer->mti && strcmp(t->payment.rrn, answer->rrn) == 0)
            return t;
    }
    return NULL;
}

bool gateway_plate_heard(struct gateway *g, struct bytes message, const struct iso8583_message *m)
{
    struct payment_network_answer answer;
    if (m->mac_input == 0 || FAILED(payment_network_answer_parse(m, &answer))) return false;
    struct task *task = told(g, &answer);
    if (task == NULL) return false;
    memcpy(task->plate_code, answer.response_code, sizeof task->plate_code);
    gateway_send_mac(g, task, HSM_MAC_CHECK, bytes_of(message.at, m->mac_input),
                     iso8583_get(m, iso8583_has(m, 128) ? 128 : 64), TASK_HEARING);
    return true;
}

/* Its MAC is right, or nothing has been said. 96: it is asked again when that is due. */
void gateway_plate_checked(struct gateway *g, struct task *task, bool good)
{
    const char *code = task->plate_code;
    bool undo = task->kind == PAYMENT_NETWORK_REVERSAL, approved = strcmp(code, "00") == 0;
    if (!good || strcmp(code, "96") == 0) {
        task->phase = TASK_TOLD;
        return;
    }
    /* 00, 25: the acquirer has it no more; 94: it never had it. 12: the merchant has given back. */
    bool gone = approved || strcmp(code, "25") == 0 || strcmp(code, "94") == 0;
    if (undo ? gone : !approved) {
        give_back(g, task);
        return;
    }
    note(g, "plate_paid", task);
    notice_end(g, task, true);
}
