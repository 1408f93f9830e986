/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody at the acquirer who orders money that is no payment, while the shop trades (S68, S109):
 * holds and their ends, payouts and what the bank says of them, corrections. Answers are lost, the
 * acquirer dies at every call to its store in between; he asks again, and of what nobody could know
 * again (a hold, a correction) he looks first. What must have come of it is in orders.c.
 */
#include <stdio.h>
#include <stdlib.h>

#include "journal/order.h"
#include "ledger/workday.h"
#include "lib/wire/acquirer_protocol.h"
#include "registry/payout.h"
#include "tests/simulation/world.h"

enum { PATIENCE_MS = 30000, PAUSE_MS = 30000, ANSWER_LOST = 6, ASKED_TWICE = 6, DAY_MS = 86400000 };

#define MID "898290058120001"

/* A version that has come to be as registry/payout.c says, without the staff that approves it. */
static err put_account(struct store *store, int64_t since_ms)
{
    struct store_statement *s;
    TRY(store_migrate(store, &payout_schema));
    TRY(store_exec(store, "DROP TRIGGER payout_version_of_request; PRAGMA foreign_keys = OFF"));
    TRY(store_statement(store,
                        "INSERT INTO payout_account VALUES('" MID "', 1, 'Wang', 'Example bank',"
                        " '7781', x'00', ?, 1)",
                        &s));
    store_bind_int(s, since_ms);
    return store_run(s);
}

err office_open_account(struct world *w)
{
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    TRY(store_open("sim-payouts", &options, NULL, &store));
    CLEANUP(store_rollback) struct store_tx tx = {0};
    err done = put_account(store, w->now_ms - 1000);
    store_close(store);
    return done;
}

/* ---- what he asks ---- */

static void wake(struct world *w, int64_t after_ms)
{
    event_push(w, w->now_ms + after_ms, EVENT_OFFICE, 0, 0, (struct bytes){0});
}

void office_start(struct world *w)
{
    wake(w, PAUSE_MS);
}

/* Its number is known to nobody but who has given it. */
static bool unnamed(uint8_t command)
{
    return command == ACQUIRER_HOLD || command == ACQUIRER_CREDIT || command == ACQUIRER_DEBIT;
}

static void ask(struct world *w)
{
    struct office *o = &w->office;
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer out = writer_over(block, sizeof block);
    struct acquirer_header header = {o->command, o->cases};
    bool hold = o->command == ACQUIRER_HOLD, bank = o->command == ACQUIRER_PAYOUT_CONFIRM;
    const struct acquirer_request request = {
        .actor = BYTES("office"),
        .mid = o->original > 0 ? (struct bytes){0} : BYTES(MID),
        .reason = hold ? BYTES("risk") : bytes_text(o->mark),
        .evidence = hold ? bytes_text(o->mark) : (struct bytes){0},
        .appeal = hold ? BYTES("risk desk") : (struct bytes){0},
        .reference = bank ? bytes_text(o->mark) : (struct bytes){0},
        .amount_minor = o->amount_minor,
        .original = o->original,
        .deadline_ms = o->deadline_ms,
        .day = o->day,
        .way = o->way};
    acquirer_write_request(&out, header, &request);
    ENSURE(out.fault == ERR_OK);
    o->waits = true;
    o->due_ms = w->now_ms + PATIENCE_MS;
    unsigned times = !unnamed(o->command) && world_chance(w, ASKED_TWICE) ? 2 : 1;
    for (unsigned i = 0; i < times; i++)
        event_push(w, w->now_ms + 1, EVENT_TO_CONTROL, 0, w->acquirer_life, writer_view(&out));
}

/* ---- what he begins ---- */

static int64_t drawn(struct world *w)
{
    return 1 + random_below(&w->chance, 300000);
}

/* One of those that he knows to be open; it is not known to him any more. */
static struct open_order *take(struct open_order *list, size_t *count, struct world *w,
                               struct open_order *out)
{
    if (*count == 0) return NULL;
    size_t at = random_below(&w->chance, (uint32_t)*count);
    *out = list[at];
    list[at] = list[--*count];
    return out;
}

static void begin_payout(struct world *w)
{
    struct office *o = &w->office;
    o->command = ACQUIRER_PAYOUT;
    o->way = (uint8_t)(1 + random_below(&w->chance, 2));
    o->day = workday_of(w->now_ms) - (o->way == ORDER_NEXT_DAY);
}

static void begin_end(struct world *w, bool payout)
{
    struct office *o = &w->office;
    struct open_order one;
    static const uint8_t ends[2][2] = {{ACQUIRER_RELEASE, ACQUIRER_CONVERT},
                                       {ACQUIRER_PAYOUT_CONFIRM, ACQUIRER_PAYOUT_RETURN}};
    size_t *count = payout ? &o->payouts : &o->holds;
    if (take(payout ? o->payout : o->hold, count, w, &one) == NULL) return;
    o->command = ends[payout][random_below(&w->chance, 3) == 0];
    o->original = one.number;
}

static void begin(struct world *w)
{
    struct office *o = &w->office;
    o->command = 0;
    o->original = o->amount_minor = o->deadline_ms = o->day = 0;
    o->way = 0;
    o->asks = 0;
    uint32_t how = random_below(&w->chance, 12);
    if (how < 4) {
        o->command = ACQUIRER_HOLD;
        o->deadline_ms = w->now_ms + 1 + random_below(&w->chance, DAY_MS);
    } else if (how < 6) o->command = how == 4 ? ACQUIRER_CREDIT : ACQUIRER_DEBIT;
    else if (how < 8) begin_payout(w);
    else begin_end(w, how >= 10);
    if (o->command == 0) return;
    if (unnamed(o->command)) o->amount_minor = drawn(w);
    snprintf(o->mark, sizeof o->mark, "case %u", ++o->cases);
    ask(w);
}

/* ---- what he hears ---- */

static void keep(struct open_order *list, size_t *count, int64_t number)
{
    if (*count < OFFICE_OPEN_MAX) list[(*count)++] = (struct open_order){number};
}

static void done(struct world *w, int64_t number)
{
    struct office *o = &w->office;
    o->waits = false;
    w->counts.orders++;
    if (o->command == ACQUIRER_HOLD) keep(o->hold, &o->holds, number);
    if (o->command == ACQUIRER_PAYOUT) keep(o->payout, &o->payouts, number);
}

/* Is there an order with his mark? He looks, as everybody may, at what is on disk. */
static err look(struct world *w, int64_t *ret_number)
{
    struct store *journal = NULL;
    struct store_statement *s;
    const struct store_options options = {.mode = STORE_MEMORY};
    bool row = false;
    if (!side_acquirer_was_up(w)) return OK; /* no order of anybody's */
    TRY(store_open("sim-journal", &options, NULL, &journal));
    err read = store_statement(
        journal, "SELECT number FROM money_order WHERE evidence = ?1 OR reason = ?1", &s);
    if (!FAILED(read)) {
        store_bind_text(s, bytes_text(w->office.mark));
        read = store_step(s, &row);
        if (row) *ret_number = store_read_int(s);
        store_reset(s);
    }
    store_close(journal);
    return read;
}

static void ask_again(struct world *w)
{
    struct office *o = &w->office;
    int64_t number = 0;
    o->asks++;
    w->counts.asked_again++;
    err looked = unnamed(o->command) ? look(w, &number) : OK;
    if (FAILED(looked)) world_fail(w, "the office looks: %s", err_name(looked));
    else if (number > 0) done(w, number);
    else ask(w);
}

void office_act(struct world *w)
{
    struct office *o = &w->office;
    if (o->waits && w->now_ms >= o->due_ms) ask_again(w);
    else if (!o->waits && !w->healing) begin(w);
    if (!w->healing || o->waits) wake(w, 1 + random_below(&w->chance, PAUSE_MS));
}

void office_answer(void *context, uint32_t client, struct bytes frame)
{
    struct world *w = context;
    bool faulty = !w->healing && !w->options.calm;
    (void)client;
    if (faulty && world_chance(w, ANSWER_LOST)) return;
    event_push(w, w->now_ms + 1 + random_below(&w->chance, 100), EVENT_FROM_CONTROL, 0,
               w->acquirer_life, frame);
}

/* Whatever is said of a case that he has done with says nothing. */
void office_hear(struct world *w, struct bytes frame)
{
    struct office *o = &w->office;
    struct acquirer_header header;
    enum acquirer_status status;
    struct acquirer_answer said;
    if (FAILED(acquirer_read_answer(frame, &header, &status, &said))) {
        world_fail(w, "an answer to an order that cannot be read");
        return;
    }
    if (!o->waits || header.id != o->cases) return;
    bool known = status == ACQUIRER_OK || status == ACQUIRER_PAID ||
                 (status == ACQUIRER_OVER && o->original > 0);
    /* By the acquirer's clock, which jumps or is wrong. */
    bool late = o->command == ACQUIRER_HOLD && status == ACQUIRER_INCOMPLETE &&
                o->deadline_ms <= w->now_ms + DAY_MS && said.detail.len >= 8 &&
                memcmp(said.detail.at, "deadline", 8) == 0;
    o->waits = false;
    if (known) done(w, said.number);
    else if (status == ACQUIRER_BEHIND && o->asks < 8) {
        o->waits = true; /* again in a moment */
        o->due_ms = w->now_ms;
    } else if (!late && (status == ACQUIRER_BAD_REQUEST || status == ACQUIRER_INCOMPLETE ||
                         status == ACQUIRER_UNKNOWN))
        world_fail(w, "order %u of '%s': %s, %.*s", header.command, o->mark,
                   acquirer_status_text(status), (int)said.detail.len,
                   (const char *)said.detail.at);
    else w->counts.orders_refused++;
}
