/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A month of business of some shops, in a state directory of the acquirer: payments of all kinds,
 * some in instalments whose fee the merchant bears, holds, corrections, payouts both ways, banks
 * that send money back, networks that pay for their days and take what is charged back,
 * agreements that change.
 *
 *   month --state DIR --shops N --payments N --days N --seed N
 *
 * Orders go through the real core and its control commands under a simulated clock. Payments are
 * written to the journal as the core writes them, row by row in its transactions, but without
 * terminals, hsm and networks: those are tests/simulation's, and a million payments would take it
 * an hour. It begins on 10 September 2026, so that a weekend that is worked, the Mid-Autumn
 * Festival and the week of the National Day are in it.
 */
#include "tests/recompute/month.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/workday.h"
#include "lib/store/migrate.h"
#include "lib/wire/process.h"
#include "payment/instalment.h"
#include "registry/agreement.h"
#include "registry/payout.h"

void month_must(err e, const char *what)
{
    if (!FAILED(e)) return;
    fprintf(stderr, "month: %s: %s\n", what, err_text(e));
    exit(1);
}

uint32_t month_below(struct month *m, uint32_t n)
{
    return random_below(&m->random, n);
}

/* ---- who exists ---- */

static void fill_registry(struct month *m)
{
    static const char block[] = "D0016D0AB00E0000"; /* has the form of a key block, and is none */
    const struct registry_actor actor = {BYTES("month"), 1000};
    month_must(registry_open(m->registry_path, STORE_CREATE, NULL, &m->registry), "registry");
    for (int zone = REGISTRY_CARD_NETWORK; zone < REGISTRY_ZONES; zone++) {
        struct registry_zone_keys keys = {.zone = (enum registry_zone)zone};
        memcpy(keys.pin_block, block, sizeof block);
        memcpy(keys.mac_block, block, sizeof block);
        memcpy(keys.data_block, block, sizeof block);
        memcpy(keys.token_block, block, sizeof block);
        month_must(registry_set_zone_keys(m->registry, &actor, &keys),
                   registry_error_text(m->registry));
    }
    for (int64_t i = 0; i < m->shops; i++) {
        struct shop *s = &m->shop[i];
        struct registry_merchant merchant = {.name_zh = "商户",
                                             .name_en = "SHOP",
                                             .fee_plan = i % 3 == 0 ? 2 : 1,
                                             .status = REGISTRY_ACTIVE};
        snprintf(s->mid, sizeof s->mid, "8983101531%05u", (unsigned)i % 100000);
        snprintf(s->tid, sizeof s->tid, "1%07u", (unsigned)i % 100000);
        memcpy(merchant.mid, s->mid, sizeof merchant.mid);
        month_must(registry_add_merchant(m->registry, &actor, &merchant),
                   registry_error_text(m->registry));
        if (i % 7 == 3) /* he wants to be paid at once */
            month_must(
                registry_add_agreement(m->registry, &actor, s->mid, merchant.fee_plan, 802, 2000),
                "agreement");
    }
}

/* Accounts as the back office has them, without the staff that approves them; one shop in fifty has
 * none, one in ten changes his on the fifth day. */
static void fill_payouts(struct month *m)
{
    CLEANUP(store_close_at) struct store *store = NULL;
    const struct store_options options = {.mode = STORE_CREATE};
    month_must(store_open(m->payouts, &options, NULL, &store), "payouts");
    month_must(store_migrate(store, &payout_schema), "payouts");
    month_must(
        store_exec(store, "PRAGMA foreign_keys = OFF; DROP TRIGGER payout_version_of_request"),
        "payouts");
    struct store_tx tx;
    month_must(store_begin(store, &tx), "payouts");
    for (int64_t i = 0; i < m->shops; i++) {
        for (int version = 1; version <= (i % 10 == 4 ? 2 : 1) && i % 50 != 7; version++) {
            struct store_statement *insert;
            month_must(store_statement(store,
                                       "INSERT INTO payout_account"
                                       " VALUES(?, ?, 'W', 'B', '7781', x'00', ?, ?)",
                                       &insert),
                       "payouts");
            store_bind_text(insert, bytes_text(m->shop[i].mid));
            store_bind_int(insert, version);
            store_bind_int(insert, version == 1 ? 0 : workday_end_ms(FIRST_DAY + 5));
            store_bind_int(insert, 2 * i + version);
            month_must(store_run(insert), "payouts");
        }
    }
    month_must(store_commit(&tx), "payouts");
}

/* ---- the core ---- */

static int64_t now_ms(void *context)
{
    return ((struct month *)context)->now_ms;
}

static int64_t monotonic_us(void *context)
{
    return ((struct month *)context)->now_ms * 1000;
}

static void nowhere_terminal(void *context, uint32_t session, struct bytes frame)
{
    (void)context, (void)session, (void)frame;
}

static void nowhere_close(void *context, uint32_t session)
{
    (void)context, (void)session;
}

static void nowhere_hsm(void *context, struct bytes request)
{
    (void)context, (void)request;
}

static void nowhere_route(void *context, enum payment_route route, struct bytes message)
{
    (void)context, (void)route, (void)message;
}

static void heard(void *context, uint32_t client, struct bytes frame)
{
    struct month *m = context;
    struct acquirer_header header;
    (void)client;
    month_must(acquirer_read_answer(frame, &header, &m->status, &m->answer), "answer");
}

static void quiet(void *context, struct bytes line)
{
    (void)context, (void)line;
}

static void open_core(struct month *m)
{
    const struct clock clock = {now_ms, monotonic_us, m};
    m->log = (struct log){quiet, m, clock, "month", LOG_ERROR};
    const struct acquirer_config config = {.clock = clock,
                                           .log = &m->log,
                                           .mode = STORE_CREATE,
                                           .journal_path = m->journal,
                                           .ledger_path = m->ledger,
                                           .audit_path = m->audit,
                                           .registry_path = m->registry_path,
                                           .payout_path = m->payouts,
                                           .fold_in_line = true};
    const struct acquirer_ports ports = {m,           nowhere_terminal, nowhere_close,
                                         nowhere_hsm, nowhere_route,    heard};
    struct acquirer_fault fault = {""};
    err opened = acquirer_open(&config, &ports, &fault, &m->a);
    month_must(opened, fault.text);
}

bool month_command(struct month *m, uint8_t code, struct acquirer_request *request)
{
    uint8_t block[ACQUIRER_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    request->actor = BYTES("month");
    acquirer_write_request(&w, (struct acquirer_header){code, 1}, request);
    month_must(acquirer_on_control(m->a, 1, writer_view(&w)), "control");
    month_must(acquirer_flush(m->a), "flush");
    if (m->status == ACQUIRER_OK) m->orders++;
    return m->status == ACQUIRER_OK;
}

/* A frame whose body is its own. */
bool month_tell(struct month *m, const struct writer *w)
{
    month_must(acquirer_on_control(m->a, 1, writer_view(w)), "control");
    month_must(acquirer_flush(m->a), "flush");
    return m->status == ACQUIRER_OK;
}

void month_fold(struct month *m)
{
    size_t rows = 1;
    month_must(acquirer_flush(m->a), "flush");
    while (rows > 0) month_must(acquirer_fold(m->a, 1000, &rows), "fold");
}

/* ---- payments ---- */

static int64_t row(struct month *m, struct payment *p, enum payment_event event,
                   enum payment_state state)
{
    int64_t number = 0;
    p->state = state;
    month_must(record_append(m->a, p, event, &number), "journal");
    if (++m->rows % COMMIT_EVERY == 0) month_must(acquirer_flush(m->a), "flush");
    return number;
}

static struct payment begin(struct month *m, struct shop *s, enum payment_type type,
                            int64_t amount_minor)
{
    struct payment p = {.key = {.batch = 1, .stan = ++s->stan},
                        .type = type,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_CHIP,
                        .route = PAYMENT_ROUTE_CARD_NETWORK,
                        .amount_minor = amount_minor,
                        .currency = CURRENCY_CNY,
                        .created_ms = m->now_ms,
                        .fee_plan = s->plan,
                        .agreement = s->agreement};
    snprintf(p.rrn, sizeof p.rrn, "7%011u", ++m->references % 1000000000u);
    memcpy(p.key.tid, s->tid, sizeof p.key.tid);
    memcpy(p.mid, s->mid, sizeof p.mid);
    return p;
}

/* From tea to furniture, and now and then a car. */
static int64_t amount(struct month *m)
{
    int64_t most = INT64_C(1000) << month_below(m, 9);
    if (month_below(m, 200) == 0) most = 50000000;
    return 1 + month_below(m, (uint32_t)most);
}

/* Two in three of those by credit card that are large enough are paid back in instalments, by any
 * plan there is. */
static void in_instalments(struct month *m, struct payment *p)
{
    size_t count = 0;
    const struct instalment_row *rows = instalment_rows(&count);
    const struct instalment_row *plan = &rows[month_below(m, (uint32_t)count)];
    if (p->card_class != PAYMENT_CLASS_CREDIT || month_below(m, 3) == 0) return;
    if (p->amount_minor < plan->least_minor || p->amount_minor > plan->most_minor) return;
    if (!instalment_holds(plan, m->now_ms)) return;
    p->type = PAYMENT_INSTALMENT;
    p->plan = instalment_plan(plan, p->amount_minor);
}

static void sell(struct month *m, struct shop *s)
{
    struct payment p = begin(m, s, PAYMENT_SALE, amount(m));
    uint32_t fate = month_below(m, 100);
    p.card_class = (enum payment_card_class)month_below(m, PAYMENT_CLASSES);
    in_instalments(m, &p);
    if (p.card_class == PAYMENT_CLASS_WALLET) p.route = PAYMENT_ROUTE_WALLET;
    row(m, &p, PAYMENT_SUBMIT, PAYMENT_PENDING);
    m->now_ms += month_below(m, 2000);
    if (fate < 4) {
        row(m, &p, PAYMENT_DECLINE, PAYMENT_DECLINED);
        return;
    }
    if (fate < 7) { /* no answer: reversed before it was decided */
        row(m, &p, PAYMENT_TIMEOUT, PAYMENT_REVERSING);
        row(m, &p, PAYMENT_REVERSAL_ACK, PAYMENT_REVERSED);
        return;
    }
    int64_t approved = row(m, &p, PAYMENT_APPROVE, PAYMENT_APPROVED);
    if (fate < 9) { /* the terminal did not hear it */
        row(m, &p, PAYMENT_REVERSE, PAYMENT_REVERSING);
        row(m, &p, PAYMENT_REVERSAL_ACK, PAYMENT_REVERSED);
        return;
    }
    s->sold[s->sales++ % RECENT] = (struct sold){approved, p.amount_minor, p};
}

/* A void, a refund, or a part of one; sometimes declined, sometimes undone after its approval. */
static void give_back(struct month *m, struct shop *s)
{
    size_t count = s->sales < RECENT ? s->sales : RECENT;
    if (count == 0) return;
    struct sold *sold = &s->sold[month_below(m, (uint32_t)count)];
    bool whole = sold->left_minor == sold->payment.amount_minor && month_below(m, 3) == 0;
    if (sold->left_minor == 0) return;
    int64_t minor = whole || month_below(m, 3) == 0
                        ? sold->left_minor
                        : 1 + month_below(m, (uint32_t)sold->left_minor);
    enum payment_type undo =
        sold->payment.type == PAYMENT_INSTALMENT ? PAYMENT_INSTALMENT_VOID : PAYMENT_VOID;
    struct payment p = begin(m, s, whole ? undo : PAYMENT_REFUND, minor);
    p.card_class = sold->payment.card_class;
    p.route = sold->payment.route;
    p.original.row = sold->row;
    row(m, &p, PAYMENT_SUBMIT, PAYMENT_PENDING);
    if (month_below(m, 10) == 0) {
        row(m, &p, PAYMENT_DECLINE, PAYMENT_DECLINED);
        return;
    }
    row(m, &p, PAYMENT_APPROVE, PAYMENT_APPROVED);
    if (month_below(m, 12) == 0) {
        row(m, &p, PAYMENT_REVERSE, PAYMENT_REVERSING);
        row(m, &p, PAYMENT_REVERSAL_ACK, PAYMENT_REVERSED);
        return;
    }
    sold->left_minor -= minor;
}

/* From `from` to `to` o'clock of a date, evenly. */
static void business(struct month *m, int32_t date, int from, int to)
{
    int64_t count = m->payments * m->shops * (to - from) / 16;
    int64_t start_ms = date * (int64_t)DAY_MS - CLOCK_CHINA_OFFSET_MS + from * (int64_t)HOUR_MS;
    int64_t span_ms = (to - from) * (int64_t)HOUR_MS;
    for (int64_t i = 0; i < count; i++) {
        int64_t at_ms = start_ms + span_ms * i / count;
        if (at_ms > m->now_ms) m->now_ms = at_ms;
        struct shop *s = &m->shop[month_below(m, (uint32_t)m->shops)];
        if (month_below(m, 15) == 0) give_back(m, s);
        else sell(m, s);
    }
    month_fold(m);
}

/* ---- orders ---- */

static void hold_or_release(struct month *m, struct shop *s)
{
    struct acquirer_request request = {.mid = bytes_text(s->mid),
                                       .reason = BYTES("risk"),
                                       .evidence = BYTES("slips"),
                                       .appeal = BYTES("risk desk"),
                                       .original = s->hold,
                                       .amount_minor = 1 + month_below(m, 200000),
                                       .deadline_ms = m->now_ms + 3 * (int64_t)DAY_MS};
    if (s->hold == 0) {
        if (month_command(m, ACQUIRER_HOLD, &request)) s->hold = m->answer.number;
        return;
    }
    month_command(m, month_below(m, 4) == 0 ? ACQUIRER_CONVERT : ACQUIRER_RELEASE, &request);
    s->hold = 0; /* also when its deadline was quicker */
}

static void pay(struct month *m, struct shop *s, int32_t day, enum order_way way)
{
    struct acquirer_request request = {.mid = bytes_text(s->mid), .day = day, .way = (uint8_t)way};
    if (!month_command(m, ACQUIRER_PAYOUT, &request)) return;
    struct acquirer_request end = {.original = m->answer.number,
                                   .reason = BYTES("account closed"),
                                   .reference = BYTES("bank")};
    m->paid++;
    bool back = month_below(m, 40) == 0;
    m->sent_back += back;
    if (month_below(m, 20) > 0)
        month_command(m, back ? ACQUIRER_PAYOUT_RETURN : ACQUIRER_PAYOUT_CONFIRM, &end);
}

/* Days after which a dispute is over in any case: before the host's deadline, which would take the
 * money on a day of its own. */
enum { ANSWERED_BY = 5 };

/* Once a day each: what is due of the day before, what some want at once, what people decide. */
static void orders(struct month *m, int32_t date, bool morning)
{
    for (int64_t i = 0; i < m->shops; i++) {
        struct shop *s = &m->shop[i];
        struct acquirer_request request = {.mid = bytes_text(s->mid),
                                           .reason = BYTES("by hand"),
                                           .amount_minor = 1 + month_below(m, 5000)};
        m->now_ms += 20;
        if (morning) {
            pay(m, s, date - 1, ORDER_NEXT_DAY);
            continue;
        }
        if (i % 7 == 3) pay(m, s, date, ORDER_SAME_DAY);
        if (month_below(m, 12) == 0) hold_or_release(m, s);
        if (s->dispute != 0 && (month_below(m, 2) == 0 || date - s->disputed_on >= ANSWERED_BY))
            month_end_dispute(m, s);
        else if (s->dispute == 0 && month_below(m, 10) == 0) {
            month_open_dispute(m, s);
            s->disputed_on = date;
        }
        if (month_below(m, 60) == 0)
            month_command(m, month_below(m, 2) == 0 ? ACQUIRER_CREDIT : ACQUIRER_DEBIT, &request);
    }
    month_must(acquirer_tick(m->a), "tick");
    month_fold(m);
}

/* One shop in twenty gets another plan on the tenth day. */
static void agree(struct month *m, int32_t date)
{
    const struct registry_actor actor = {BYTES("month"), m->now_ms};
    for (int64_t i = 0; i < m->shops; i++) {
        struct shop *s = &m->shop[i];
        struct registry_agreement agreement;
        if (date == FIRST_DAY + 10 && i % 20 == 1)
            month_must(registry_add_agreement(m->registry, &actor, s->mid, 1 + month_below(m, 2),
                                              i % 7 == 3 ? 802 : 0, m->now_ms + 1),
                       "agreement");
        month_must(registry_find_agreement(m->registry, s->mid, m->now_ms + 1, &agreement),
                   "agreement");
        s->plan = agreement.fee_plan;
        s->agreement = (uint32_t)agreement.version;
    }
}

static void live(struct month *m)
{
    for (int32_t date = FIRST_DAY; date < FIRST_DAY + m->days; date++) {
        m->now_ms = date * (int64_t)DAY_MS - CLOCK_CHINA_OFFSET_MS + 7 * (int64_t)HOUR_MS;
        agree(m, date);
        business(m, date, 7, 10);
        month_networks_pay(m, date - 1);
        orders(m, date, true);
        business(m, date, 10, 15);
        orders(m, date, false);
        business(m, date, 15, 23);
        business(m, date, 23, 24); /* of the next business day */
    }
}

int main(int argc, char **argv)
{
    struct month m = {.shops = 5, .payments = 40, .days = 31, .seed = 1};
    const struct process_option options[] = {
        {"state", "DIR", "a new directory, for the acquirer's stores", .text = &m.state,
         .required = true},
        {"shops", "N", "how many", .number = &m.shops, .min = 1, .max = 90000},
        {"payments", "N", "of a shop in a day", .number = &m.payments, .min = 1, .max = 100000},
        {"days", "N", "how many", .number = &m.days, .min = 1, .max = 100},
        {"seed", "N", "of everything that is random", .number = &m.seed, .min = 1,
         .max = INT64_MAX},
    };
    const struct process_program about = {.name = "month",
                                          .version = TONGBAO_VERSION,
                                          .summary = "A month of business, for recompute.",
                                          .options = options,
                                          .option_count = ARRAY_LEN(options)};
    int status = process_options(&about, argc, argv, NULL);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    month_must(process_state_directory(m.state, &fault), "state");
    month_must(file_path(m.state, "journal.db", m.journal, sizeof m.journal), "path");
    month_must(file_path(m.state, "ledger.db", m.ledger, sizeof m.ledger), "path");
    month_must(file_path(m.state, "audit.db", m.audit, sizeof m.audit), "path");
    month_must(file_path(m.state, "registry.db", m.registry_path, sizeof m.registry_path), "path");
    month_must(file_path(m.state, "payouts.db", m.payouts, sizeof m.payouts), "path");
    random_seed(&m.source, (uint64_t)m.seed);
    m.random = random_from_seed(&m.source);
    m.now_ms = FIRST_DAY * (int64_t)DAY_MS;
    m.shop = calloc((size_t)m.shops, sizeof *m.shop);
    month_must(m.shop != NULL ? OK : ERR(NO_MEMORY), "shops");
    fill_registry(&m);
    fill_payouts(&m);
    open_core(&m);
    live(&m);
    month_must(acquirer_stop(m.a), "stop");
    acquirer_close(m.a);
    registry_close(m.registry);
    free(m.shop);
    printf("%lld journal rows, %lld orders, %lld payouts, %lld sent back, %lld days of networks\n",
           (long long)m.rows, (long long)m.orders, (long long)m.paid, (long long)m.sent_back,
           (long long)m.settled);
    return 0;
}
