/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The wallet and plates (静态码, S79): a customer scans a code that stands in a shop and types the
 * amount; the wallet charges him and asks the acquirer. It asks again when no answer comes, and at
 * last takes back; what is refused it gives back at once.
 *
 * The acquirer's answer names the day in whose file a payment stands. A kill forgets what was being
 * asked: what the book has charged by a plate without a day is taken back after a restart.
 */
#include "lib/base/clock.h"
#include "lib/qr/order_code.h"
#include "payment/clearing.h"
#include "payment/shown.h"
#include "simulators/network_core.h"

enum { ASK_MS = 10000, ASKS = 3, FIELD_CUSTOMER = 60 };

static struct promise *promise_of(struct network *n, struct bytes reference)
{
    for (size_t i = 0; i < ARRAY_LEN(n->promise); i++)
        if (n->promise[i].state != PROMISE_NONE &&
            bytes_equal(reference, bytes_text(n->promise[i].payment.rrn)))
            return &n->promise[i];
    return NULL;
}

static bool open(const struct promise *p)
{
    return p->state == PROMISE_ASKED || p->state == PROMISE_UNDOING;
}

/* A free place, or that of the oldest which has ended; NULL. */
static struct promise *place(struct network *n)
{
    struct promise *oldest = NULL;
    for (size_t i = 0; i < ARRAY_LEN(n->promise); i++) {
        struct promise *p = &n->promise[i];
        if (p->state == PROMISE_NONE) return p;
        if (!open(p) && (oldest == NULL || p->due_ms < oldest->due_ms)) oldest = p;
    }
    return oldest;
}

/* The millisecond of the day: the tails above are those of wallets over HTTP (provider_plate.c). */
static void next_reference(struct network *n, char out[static 13])
{
    int64_t now_ms = clock_now_ms(&n->config.clock);
    uint32_t second = (uint32_t)((now_ms + CLOCK_CHINA_OFFSET_MS) / 1000 % 86400);
    payment_wallet_reference_write(now_ms, second * 1000 + n->promises++ % 1000, out);
}

/* One that was never used: a restart in the same second counts from nothing again. */
static void new_reference(struct network *n, char out[static 13])
{
    do next_reference(n, out);
    while (book_find(n->book, bytes_text(out)) != NULL);
}

static void send(struct network *n, struct promise *p)
{
    bool undo = p->state == PROMISE_UNDOING;
    int64_t now_ms = clock_now_ms(&n->config.clock);
    struct arena arena = arena_over(n->scratch, sizeof n->scratch);
    const struct payment_sensitive s = {.shown_code = bytes_text(p->text)};
    struct iso8583_message m;
    err built = payment_network_message(undo ? PAYMENT_NETWORK_REVERSAL : PAYMENT_NETWORK_REQUEST,
                                        &p->payment, &s, now_ms, &arena, &m);
    if (!FAILED(built) && !undo) iso8583_set(&m, FIELD_CUSTOMER, bytes_text(p->payment.token));
    p->due_ms = now_ms + ASK_MS;
    p->asks++;
    if (!FAILED(built)) network_queue(n, PAYMENT_ROUTE_WALLET, &m, 0);
    arena_reset(&arena);
}

/* What is said of it to the acquirer. */
static struct payment payment_of(const struct network *n, const struct entry *e)
{
    struct payment p = {.type = PAYMENT_SALE,
                        .means = PAYMENT_SHOWN,
                        .entry = PAYMENT_ENTRY_PLATE,
                        .reversal_reason = "98",
                        .amount_minor = e->amount_minor,
                        .currency = CURRENCY_CNY,
                        .key = {.batch = 1, .stan = n->promises % 999999 + 1}};
    struct writer token = writer_over(p.token, sizeof p.token - 1);
    write_bytes(&token, BYTES("a11ce"));
    write_decimal(&token, e->account, 11);
    ENSURE(token.fault == ERR_OK);
    memcpy(p.key.tid, e->plate, sizeof e->plate);
    memcpy(p.mid, e->merchant, sizeof e->merchant);
    memcpy(p.rrn, e->rrn, sizeof e->rrn);
    return p;
}

/* After a restart: nobody knows what the acquirer was asked, so it is to take it back. */
static void resume(void *context, const struct entry *e)
{
    struct network *n = context;
    if (e->plate[0] == '\0' || e->state != ENTRY_CHARGED || e->day != 0) return;
    if (promise_of(n, bytes_text(e->rrn)) != NULL) return;
    struct promise *p = place(n);
    n->promises_wait = n->promises_wait || p == NULL; /* until another has ended */
    if (p == NULL) return;
    *p = (struct promise){
        .state = PROMISE_UNDOING, .phone = e->account, .payment = payment_of(n, e)};
}

void plate_resume(struct network *n)
{
    n->promises_wait = false;
    book_each(n->book, resume, n);
}

err plate_scan(struct network *n, const struct scan *scan, const struct order_code *code,
               struct scan_result *result)
{
    static const struct text2 busy = {"请稍后再试", "try again in a moment"};
    static const struct text2 poor = {"余额不足", "there is not enough in the account"};
    size_t count;
    const struct virtual_phone *phone = &virtual_phones(&count)[scan->phone];
    struct promise *p = place(n);
    result->amount_minor = scan->amount_minor;
    result->reference[0] = '\0';
    result->outcome = scan->amount_minor == 0 ? SCAN_AMOUNT : SCAN_REFUSED;
    result->reason = busy;
    if (scan->amount_minor == 0 || p == NULL || strlen(code->reference) != 8) return OK;

    struct payment charged = {.response_code = ""};
    struct entry e = {.route = PAYMENT_ROUTE_WALLET,
                      .class = PAYMENT_CLASS_WALLET,
                      .account = scan->phone,
                      .type = PAYMENT_SALE,
                      .amount_minor = scan->amount_minor};
    memcpy(e.plate, code->reference, sizeof e.plate);
    memcpy(e.merchant, code->merchant, sizeof e.merchant);
    new_reference(n, e.rrn);
    network_charge(n, &charged, &e, phone->balance_minor);
    if (e.state != ENTRY_CHARGED) {
        result->reason = poor;
        return OK;
    }
    memcpy(e.response_code, charged.response_code, sizeof e.response_code);
    memcpy(e.auth_code, charged.auth_code, sizeof e.auth_code);
    result->outcome = SCAN_ASKED;
    memcpy(result->reference, e.rrn, sizeof e.rrn);
    *p = (struct promise){
        .state = PROMISE_ASKED, .phone = scan->phone, .payment = payment_of(n, &e)};
    err fits = bytes_to_text(scan->text, p->text, sizeof p->text);
    ENSURE(!FAILED(fits));
    TRY(book_put(n->book, &e));
    send(n, p);
    return OK;
}

/* The customer has his money back. */
static err give_back(struct network *n, const struct promise *p, enum entry_state state,
                     const char *code)
{
    const struct entry *known = book_find(n->book, bytes_text(p->payment.rrn));
    if (known == NULL || known->state != ENTRY_CHARGED) return OK;
    struct entry e = *known;
    *network_spent(n, &e) -= e.amount_minor;
    e.state = (uint8_t)state;
    memcpy(e.response_code, code, sizeof e.response_code);
    return book_put(n->book, &e);
}

static bool is_day(int32_t day, const char *mmdd)
{
    char text[5];
    clearing_day_mmdd(day, text);
    return memcmp(mmdd, text, 4) == 0;
}

/* The day that the acquirer has named: the nearest of that month and day, which is one only within
 * half a year. The answer may have been on its way while a clock was set. */
static int32_t day_said(const struct network *n, const char *mmdd)
{
    enum { HALF_A_YEAR = 180 };
    int32_t today = clearing_day(clock_now_ms(&n->config.clock));
    for (int32_t away = 0; strlen(mmdd) == 4 && away <= HALF_A_YEAR; away++) {
        if (is_day(today - away, mmdd)) return today - away;
        if (is_day(today + away, mmdd)) return today + away;
    }
    return today;
}

/* Paid for good: it stands in the file of a day. */
static err settle(struct network *n, const struct promise *p, const char *mmdd)
{
    const struct entry *known = book_find(n->book, bytes_text(p->payment.rrn));
    if (known == NULL || known->state != ENTRY_CHARGED) return OK;
    struct entry e = *known;
    e.day = day_said(n, mmdd);
    return book_put(n->book, &e);
}

/* Its end, by an answer to what was asked last. */
static err end(struct network *n, struct promise *p, const struct payment_network_answer *answer)
{
    bool undo = answer->mti == 0x0410, good = strcmp(answer->response_code, "00") == 0;
    memcpy(p->code, answer->response_code, sizeof p->code);
    memcpy(p->why, answer->shown_code, sizeof p->why);
    if (!undo) {
        p->state = good ? PROMISE_PAID : PROMISE_REFUSED;
        return good ? settle(n, p, answer->settlement_date)
                    : give_back(n, p, ENTRY_DECLINED, p->code);
    }
    bool back = good || strcmp(p->code, "25") == 0; /* 12: the merchant has given it back already */
    p->state = back ? PROMISE_REFUSED : PROMISE_PAID;
    return back ? give_back(n, p, ENTRY_REVERSED, p->code) : settle(n, p, answer->settlement_date);
}

err plate_heard(struct network *n, const struct iso8583_message *m)
{
    struct payment_network_answer answer;
    if (FAILED(payment_network_answer_parse(m, &answer))) return OK;
    struct promise *p = promise_of(n, bytes_text(answer.rrn));
    if (p == NULL || strcmp(answer.response_code, "96") == 0) return OK; /* asked again later */
    enum promise_state state = answer.mti == 0x0410 ? PROMISE_UNDOING : PROMISE_ASKED;
    return p->state == state ? end(n, p, &answer) : OK;
}

/* A clock that was set back must not leave anything asked for until it has caught up. */
static int64_t due(const struct promise *p, int64_t now_ms)
{
    return p->due_ms > now_ms + ASK_MS ? now_ms : p->due_ms;
}

void plate_tick(struct network *n)
{
    int64_t now_ms = clock_now_ms(&n->config.clock);
    if (n->promises_wait) plate_resume(n);
    for (size_t i = 0; i < ARRAY_LEN(n->promise); i++) {
        struct promise *p = &n->promise[i];
        if (!open(p) || due(p, now_ms) > now_ms) continue;
        if (p->asks >= ASKS) p->state = PROMISE_UNDOING;
        send(n, p);
    }
}

int64_t plate_next_ms(const struct network *n)
{
    int64_t next = INT64_MAX, now_ms = clock_now_ms(&n->config.clock);
    for (size_t i = 0; i < ARRAY_LEN(n->promise); i++) {
        const struct promise *p = &n->promise[i];
        if (open(p) && due(p, now_ms) < next) next = due(p, now_ms);
    }
    return next;
}

enum scan_outcome network_scanned(const struct network *network, const char *reference,
                                  char ret_code[static 3], const char **ret_why)
{
    static const char none[] = "";
    *ret_why = none;
    for (size_t i = 0; i < ARRAY_LEN(network->promise); i++) {
        const struct promise *p = &network->promise[i];
        if (p->state == PROMISE_NONE || strcmp(p->payment.rrn, reference) != 0) continue;
        memcpy(ret_code, p->code, sizeof p->code);
        *ret_why = p->why;
        return open(p) ? SCAN_ASKED : p->state == PROMISE_PAID ? SCAN_PAID : SCAN_REFUSED;
    }
    memcpy(ret_code, "25", 3);
    return SCAN_REFUSED;
}
