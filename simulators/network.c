/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages in, answers out: MAC, parsing, idempotency, delays. What an issuer decides is in
 * issuer.c, what a wallet decides in wallet.c.
 */
#include "simulators/network.h"

#include <stdlib.h>

#include "lib/crypto/mac.h"
#include "payment/clearing.h"
#include "payment/key_change.h"
#include "payment/kind.h"
#include "simulators/loyalty.h"
#include "simulators/network_core.h"

/* After a restart: what was charged before is still spent. */
static void count_spent(void *context, const struct entry *e)
{
    struct network *n = context;
    ENSURE(e->route < PAYMENT_ROUTES);
    if (e->state == ENTRY_CHARGED) *network_spent(n, e) += follower_effect(n, e);
}

err network_open(const struct network_config *config, const struct network_ports *ports,
                 struct network **ret_network)
{
    struct network *n = calloc(1, sizeof *n);
    if (n == NULL) return ERR(NO_MEMORY);
    n->config = *config;
    n->ports = *ports;
    n->phones = (struct phones){
        .clock = config->clock, .random = config->random, .generous = config->generous};
    err opened = book_open(config->capacity, config->store, &n->book);
    if (FAILED(opened)) {
        free(n);
        return opened;
    }
    book_each(n->book, count_spent, n);
    opened = key_change_open(n);
    if (FAILED(opened)) {
        network_close(n);
        return opened;
    }
    n->lapse_ms = 0; /* the first look finds out */
    plate_resume(n);
    *ret_network = n;
    return OK;
}

void network_close(struct network *network)
{
    if (network == NULL) return;
    book_close(network->book);
    explicit_bzero(network,
                   offsetof(struct network, answer) + network->waited * sizeof network->answer[0]);
    free(network);
}

static void note(const struct network *n, const char *event, err why)
{
    if (n->config.log == NULL) return;
    log_event(n->config.log, LOG_WARN, event, LOG_ERR(why));
}

static err check_mac(struct network *n, enum payment_route route, struct bytes raw,
                     const struct iso8583_message *m)
{
    if (m->mac_input == 0) return ERR(MISSING);
    unsigned field = iso8583_has(m, 128) ? 128 : 64;
    return key_change_check(n, route, bytes_of(raw.at, m->mac_input), iso8583_get(m, field));
}

void network_queue(struct network *n, enum payment_route route, const struct iso8583_message *m,
                   int64_t delay_ms)
{
    if (n->waiting == NETWORK_ANSWERS_MAX) {
        note(n, "answer_dropped", ERR(FULL));
        return;
    }
    struct answer *a = &n->answer[n->waiting];
    if (n->waiting == n->waited) n->waited++;
    struct writer w = writer_over(a->message, sizeof a->message);
    struct iso8583_fault fault;
    uint8_t mac[MAC_MAX];
    err done = iso8583_encode(&iso8583_dialect_ascii87, m, &w, &fault);
    if (!FAILED(done))
        done = mac_generate(n->config.crypto, MAC_AES_CMAC_8, &key_change_side(n, route)->mac,
                            iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w)), mac);
    if (FAILED(done)) {
        note(n, "answer_failed", done);
        return;
    }
    iso8583_seal(&iso8583_dialect_ascii87, a->message, w.len, mac);
    a->len = (uint16_t)w.len;
    a->route = route;
    a->due_ms = clock_now_ms(&n->config.clock) + delay_ms;
    n->waiting++;
}

static void answer(struct network *n, struct question *q, int64_t delay_ms)
{
    struct arena arena = arena_over(n->scratch, sizeof n->scratch);
    struct iso8583_message m;
    err built = payment_network_response(q->kind, &q->payment, &arena, &m);
    if (!FAILED(built) && q->has_balance) built = payment_balance_put(&m, &arena, q->balance_minor);
    if (FAILED(built)) note(n, "answer_failed", built);
    else network_queue(n, q->route, &m, delay_ms);
    arena_reset(&arena);
}

static void say(struct question *q, const char *code)
{
    memcpy(q->payment.response_code, code, 3);
}

/* Issuer or wallet of an entry, as its first answer said. */
void network_name(struct payment *p, const struct entry *e)
{
    size_t count;
    const char *name = NULL;
    if (e->route == PAYMENT_ROUTE_WALLET && e->class == PAYMENT_CLASS_WALLET)
        name = wallet_name(&virtual_phones(&count)[e->account]);
    if (e->route == PAYMENT_ROUTE_CARD_NETWORK && e->class != PAYMENT_CLASS_UNKNOWN)
        name = bin_find(bytes_text(virtual_cards(&count)[e->account].pan))->issuer;
    if (loyalty_type(e->type)) name = "示例积分";
    if (name == NULL) return;
    err fits = bytes_to_text(bytes_text(name), p->issuer, sizeof p->issuer);
    ENSURE(!FAILED(fits));
}

void network_stamp(const struct network *n, struct entry *e)
{
    if (e->state == ENTRY_CHARGED && e->day == 0)
        e->day = clearing_day(clock_now_ms(&n->config.clock));
}

/* Field 15: the day in whose clearing file it will stand. */
static void say_day(struct question *q, const struct entry *e)
{
    if (e->day != 0) clearing_day_mmdd(e->day, q->payment.settlement_date);
}

/* The answer that was given before, to a repeat of the same request or to a query. */
static void repeat(struct question *q, const struct entry *e)
{
    if (e->state == ENTRY_REVERSED) {
        say(q, "12"); /* taken back, maybe before it came: it must not be charged now */
        return;
    }
    say(q, e->response_code);
    memcpy(q->payment.auth_code, e->auth_code, sizeof e->auth_code);
    say_day(q, e);
    q->payment.card_class = (enum payment_card_class)e->class;
    network_name(&q->payment, e);
}

static void reply(struct network *n, struct question *q)
{
    if (q->payment.chip.len == 0 || q->kind == PAYMENT_NETWORK_ADVICE) return; /* no card waits */
    err replied = issuer_reply(n, q);
    if (FAILED(replied)) note(n, "chip_reply_failed", replied);
}

/* Nothing was presented: it is of the account of what it follows. */
static struct decision decide_without_card(struct network *n, struct question *q, struct entry *e)
{
    const struct entry *o =
        strlen(e->original) == 12 ? book_find(n->book, bytes_text(e->original)) : NULL;
    if (o != NULL) {
        e->account = o->account;
        q->payment.card_class = (enum payment_card_class)o->class;
        network_name(&q->payment, o);
    }
    return follower_decide(n, &q->payment, e);
}

static struct decision decide(struct network *n, struct question *q, struct entry *e)
{
    if (payment_linked(q->payment.type) && q->sensitive.envelope.len == 0)
        return decide_without_card(n, q, e);
    if (q->kind == PAYMENT_NETWORK_ADVICE) return issuer_advised(n, q, e);
    if (q->payment.means == PAYMENT_SHOWN) return wallet_order(n, q, e);
    if (q->payment.means == PAYMENT_POINTS) return loyalty_decide(n, q, e);
    return q->route == PAYMENT_ROUTE_WALLET ? wallet_decide(n, q, e) : issuer_decide(n, q, e);
}

/* An inquiry leaves nothing in the book: one that comes again is answered again. */
static err told(struct network *n, struct question *q, const struct decision *d)
{
    reply(n, q);
    if (!d->silent) answer(n, q, d->delay_ms);
    return OK;
}

static err on_request(struct network *n, struct question *q)
{
    const struct entry *known = book_find(n->book, bytes_text(q->payment.rrn));
    if (known != NULL) {
        repeat(q, known);
        reply(n, q);
        answer(n, q, 0);
        return OK;
    }
    struct entry e = {.route = (uint8_t)q->route, .amount_minor = q->payment.amount_minor};
    memcpy(e.rrn, q->payment.rrn, sizeof e.rrn);
    e.type = (uint8_t)q->payment.type;
    memcpy(e.original, q->payment.original.rrn, sizeof e.original);
    if (q->payment.plan.by_merchant) e.instalment_minor = q->payment.plan.fee_minor;
    struct decision d = decide(n, q, &e);
    TRY(d.store);
    if (!payment_moves(q->payment.type)) return told(n, q, &d);
    memcpy(e.response_code, q->payment.response_code, sizeof e.response_code);
    memcpy(e.auth_code, q->payment.auth_code, sizeof e.auth_code);
    e.class = (uint8_t)q->payment.card_class;
    follower_hold(n, &e);
    network_stamp(n, &e);
    say_day(q, &e);
    TRY(book_put(n->book, &e));
    reply(n, q);
    if (!d.silent) answer(n, q, d.delay_ms);
    return OK;
}

static err on_query(struct network *n, struct question *q)
{
    const struct entry *known = book_find(n->book, bytes_text(q->payment.rrn));
    if (known == NULL) {
        say(q, "25");
        answer(n, q, 0);
        return OK;
    }
    struct entry e = *known;
    if (e.state == ENTRY_ASKED && e.due_ms != 0 && e.due_ms <= clock_now_ms(&n->config.clock)) {
        wallet_paid(n, &e);
        network_stamp(n, &e);
        TRY(book_put(n->book, &e));
    }
    repeat(q, &e);
    answer(n, q, 0);
    return OK;
}

/* A refund by code that was made stays, as at every wallet. */
static bool stays(const struct question *q, const struct entry *e)
{
    if (q->route != PAYMENT_ROUTE_WALLET || e->state != ENTRY_CHARGED || e->type == 0) return false;
    return payment_type_row((enum payment_type)e->type)->direction == PAYMENT_GIVES;
}

/* Idempotent: once taken back, every repeat is answered the same and changes nothing. */
static err on_reversal(struct network *n, struct question *q)
{
    const struct entry *known = book_find(n->book, bytes_text(q->payment.rrn));
    struct entry e = {.route = (uint8_t)q->route, .amount_minor = q->payment.amount_minor};
    memcpy(e.rrn, q->payment.rrn, sizeof e.rrn);
    if (known != NULL) e = *known;
    if (known != NULL && stays(q, &e)) {
        say(q, "22");
        say_day(q, &e);
        answer(n, q, 0);
        return OK;
    }
    if (known == NULL) e.type = (uint8_t)q->payment.type;
    if (e.state == ENTRY_CHARGED) TRY(follower_undo(n, &e));
    e.state = ENTRY_REVERSED;
    TRY(book_put(n->book, &e));
    say(q, known == NULL ? "25" : "00");
    answer(n, q, 0);
    return OK;
}

/* 0800 with field 70 = 301: the other side wants to know that we are there; 161: it has new keys.
 * What we do not know is refused. */
static err on_management(struct network *n, enum payment_route route,
                         const struct iso8583_message *in)
{
    struct bytes what = iso8583_get(in, 70);
    const char *code = bytes_equal(what, BYTES("301")) ? "00" : "12";
    if (bytes_equal(what, BYTES(PAYMENT_KEY_CHANGE_CODE)))
        TRY(key_change_asked(n, route, in, &code));
    static const uint8_t place[ISO8583_MAC_SIZE];
    struct iso8583_message m;
    iso8583_start(&m, 0x0810);
    static const unsigned echoed[] = {7, 11, 70};
    for (size_t i = 0; i < ARRAY_LEN(echoed); i++)
        if (iso8583_has(in, echoed[i])) iso8583_set(&m, echoed[i], iso8583_get(in, echoed[i]));
    iso8583_set(&m, 39, bytes_text(code));
    iso8583_set(&m, 128, BYTES_OF(place));
    network_queue(n, route, &m, 0);
    return OK;
}

static err dispatch(struct network *n, enum payment_route route, struct bytes raw,
                    const struct iso8583_message *m)
{
    struct question q = {.route = route};
    err parsed = check_mac(n, route, raw, m);
    if (!FAILED(parsed)) TRY(key_change_used(n, route));
    if (!FAILED(parsed) && m->mti == 0x0800) return on_management(n, route, m);
    if (!FAILED(parsed) && (m->mti == 0x0210 || m->mti == 0x0410)) return plate_heard(n, m);
    if (!FAILED(parsed)) parsed = payment_from_network(m, &q.payment, &q.sensitive, &q.kind);
    if (FAILED(parsed)) {
        note(n, "message_ignored", parsed);
        return OK;
    }
    switch (q.kind) {
    case PAYMENT_NETWORK_REQUEST:
    case PAYMENT_NETWORK_ADVICE:
        return on_request(n, &q);
    case PAYMENT_NETWORK_QUERY:
        return on_query(n, &q);
    case PAYMENT_NETWORK_REVERSAL:
        return on_reversal(n, &q);
    case PAYMENT_NETWORK_KINDS:
        break;
    }
    return OK;
}

err network_on_message(struct network *network, enum payment_route route, struct bytes message)
{
    ENSURE(route == PAYMENT_ROUTE_CARD_NETWORK || route == PAYMENT_ROUTE_WALLET);
    if (message.len > ISO8583_FRAME_MAX) return OK;
    TRY(follower_lapse(network));
    TRY(key_change_expire(network));
    struct arena arena = arena_over(network->decoded, sizeof network->decoded);
    struct iso8583_message m;
    struct iso8583_fault fault;
    err result = OK;
    err decoded = iso8583_decode(&iso8583_dialect_ascii87, message, &arena, &m, &fault);
    if (FAILED(decoded)) note(network, "message_ignored", decoded);
    else result = dispatch(network, route, message, &m);
    arena_reset(&arena);
    return result;
}

err network_flush(struct network *network)
{
    TRY(book_flush(network->book));
    return network_tick(network);
}

/* Sends what is due. The order of what stays is kept. */
err network_tick(struct network *network)
{
    int64_t now = clock_now_ms(&network->config.clock);
    TRY(follower_lapse(network));
    plate_tick(network);
    TRY(book_flush(network->book));
    size_t kept = 0;
    for (size_t i = 0; i < network->waiting; i++) {
        struct answer *a = &network->answer[i];
        if (a->due_ms <= now) {
            network->ports.answer(network->ports.context, a->route, bytes_of(a->message, a->len));
            continue;
        }
        if (kept != i) network->answer[kept] = *a;
        kept++;
    }
    network->waiting = kept;
    return OK;
}

int64_t network_next_ms(const struct network *network)
{
    int64_t next = plate_next_ms(network);
    for (size_t i = 0; i < network->waiting; i++)
        if (network->answer[i].due_ms < next) next = network->answer[i].due_ms;
    return next;
}

static void add_total(void *context, const struct entry *e)
{
    struct network_totals *totals = context;
    if (e->state != ENTRY_CHARGED) return;
    ENSURE(e->route < PAYMENT_ROUTES && e->account < ARRAY_LEN(totals->card_minor));
    totals->charged_minor[e->route] += entry_taken(e);
    totals->charges[e->route]++;
    int64_t *own = e->route == PAYMENT_ROUTE_WALLET ? totals->phone_minor : totals->card_minor;
    own[e->account] += entry_taken(e);
}

void network_totals(const struct network *network, struct network_totals *out)
{
    struct network_totals totals = {0};
    book_each(network->book, add_total, &totals);
    _Static_assert(sizeof totals.card_used_minor == sizeof network->card_spent, "all cards");
    _Static_assert(sizeof totals.phone_used_minor >= sizeof network->phones.spent_minor, "phones");
    memcpy(totals.card_used_minor, network->card_spent, sizeof network->card_spent);
    memcpy(totals.phone_used_minor, network->phones.spent_minor,
           sizeof network->phones.spent_minor);
    *out = totals;
}

struct phones *network_phones(struct network *network)
{
    return &network->phones;
}

const struct book *network_book(const struct network *network)
{
    return network->book;
}
