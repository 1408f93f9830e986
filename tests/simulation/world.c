/* SPDX-License-Identifier: Apache-2.0 */
/* One run: make the world, let it trade under faults, heal it, let it come to rest, check it. */
#include "tests/simulation/gate.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/wire/hsm_protocol.h"

enum {
    HEAL_MAX_MS = 4 * 3600 * 1000,
    FOLD_ROWS = 256,
    LATE_HOST = 4, /* one world in so many begins without a host: its seeds are 3, 7, 11 ... */
    LATE_HOST_MS = 300000, /* long enough that everybody has asked in vain, and again */
};

static int64_t world_now(void *context)
{
    return ((struct world *)context)->now_ms;
}

static int64_t world_monotonic(void *context)
{
    return ((struct world *)context)->now_ms * 1000;
}

static int64_t part_now(void *context)
{
    const struct part_clock *part = context;
    return part->world->now_ms + part->wrong_ms;
}

static int64_t part_monotonic(void *context)
{
    return ((const struct part_clock *)context)->world->now_ms * 1000;
}

struct clock world_part_clock(struct part_clock *part)
{
    return (struct clock){part_now, part_monotonic, part};
}

void world_fail(struct world *w, const char *format, ...)
{
    char later[sizeof w->failure];
    bool first = w->failure[0] == '\0'; /* the one to look at */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(first ? w->failure : later, sizeof later, format, arguments);
    va_end(arguments);
    if (!first && w->options.verbose) fprintf(stderr, "and then: %s\n", later);
}

bool world_chance(struct world *w, uint32_t one_in)
{
    return one_in > 0 && random_below(&w->chance, one_in) == 0;
}

/* FNV-1a by words: every byte counts, and a long run spends its time elsewhere. */
static void trace_bytes(struct world *w, const void *at, size_t len)
{
    const uint8_t *bytes = at;
    for (size_t i = 0; i < len; i += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, bytes + i, len - i < sizeof word ? len - i : sizeof word);
        w->trace = (w->trace ^ word) * UINT64_C(0x100000001b3);
        w->trace ^= w->trace >> 29;
    }
}

void world_trace(struct world *w, uint64_t kind, uint64_t who, struct bytes what)
{
    const uint64_t head[] = {(uint64_t)w->now_ms, kind, who, what.len};
    trace_bytes(w, head, sizeof head);
    trace_bytes(w, what.at, what.len);
    if (w->options.verbose)
        fprintf(stderr, "%lld %llu %llu %zu\n", (long long)(w->now_ms % 100000000),
                (unsigned long long)kind, (unsigned long long)who, what.len);
}

/* Every log line is searched as it is written: card numbers have no business there (S65). All
 * virtual cards begin alike, so one search finds whether it is worth looking closer. */
static void take_log(void *context, struct bytes line)
{
    struct world *w = context;
    if (w->options.verbose) fprintf(stderr, "%.*s", (int)line.len, (const char *)line.at);
    if (memmem(line.at, line.len, "6200", 4) == NULL) return;
    size_t count;
    const struct virtual_card *cards = virtual_cards(&count);
    for (size_t i = 0; i < count; i++)
        if (memmem(line.at, line.len, cards[i].pan, strlen(cards[i].pan)) != NULL)
            world_fail(w, "a log line holds the card number of '%s'", cards[i].name);
}

static uint32_t between(struct world *w, uint32_t low, uint32_t high)
{
    return low + random_below(&w->chance, high - low + 1);
}

/* Each seed has a character of its own: some lose many messages, some kill often, some do both. */
static void draw_faults(struct world *w)
{
    uint32_t links = random_below(&w->chance, 4) == 0 ? 8 : 1; /* a storm on the links */
    uint32_t kills = random_below(&w->chance, 4) == 0 ? 8 : 1; /* a bad day for processes */
    w->faults = (struct world_faults){
        .drop = between(w, 40, 400) / links,
        .repeat = between(w, 20, 400) / links,
        .truncate = between(w, 80, 1000) / links,
        .disconnect = between(w, 160, 2000) / links,
        .delay_ms = between(w, 1000, 90000),
        .terminal_kill = between(w, 800, 5000) / kills,
        .vault_kill = between(w, 300, 2000) / kills,
        .acquirer_kill = between(w, 300, 6000) / kills,
        .network_kill = between(w, 800, 5000) / kills,
        .hsm_kill = between(w, 1000, 10000) / kills,
        .down_ms = between(w, 1000, 60000),
        .cut = between(w, 12, 120),
        .paper = between(w, 50, 500),
        .jump = between(w, 500, 5000),
        .wrong = between(w, 20, 300),
        .pull = between(w, 8, 80),
    };
}

static void deliver(struct world *w, const struct event *e)
{
    struct bytes payload = {e->payload, e->len};
    struct side_terminal *t = e->index < w->options.terminals ? &w->terminal[e->index] : NULL;
    switch (e->kind) {
    case EVENT_CASHIER:
        cashier_act(t);
        return;
    case EVENT_TERMINAL_TICK:
        if (t->terminal == NULL || e->generation != t->life || e->at_ms != t->tick_at) return;
        t->tick_at = INT64_MAX;
        side_terminal_did(t, terminal_tick(t->terminal));
        return;
    case EVENT_ACQUIRER_TICK:
        if (w->acquirer == NULL || e->generation != w->acquirer_life) return;
        side_acquirer_did(w, acquirer_tick(w->acquirer));
        if (w->acquirer != NULL)
            event_push(w, w->now_ms + 100, EVENT_ACQUIRER_TICK, 0, w->acquirer_life,
                       (struct bytes){0});
        return;
    case EVENT_NETWORK_TICK:
        if (w->network != NULL) side_network_did(w, network_tick(w->network));
        return;
    case EVENT_TO_TERMINAL:
        if (t->terminal != NULL && t->connected && e->generation == t->connection)
            side_terminal_did(t, terminal_on_host(t->terminal, payload));
        return;
    case EVENT_TO_ACQUIRER:
        if (w->acquirer == NULL || !t->connected || e->generation != t->connection) return;
        side_acquirer_did(w, acquirer_on_terminal(w->acquirer,
                                                  e->generation * WORLD_TERMINALS_MAX + t->index,
                                                  payload));
        if (!w->healing && !w->options.calm && world_chance(w, w->faults.disconnect)) {
            w->counts.disconnected++;
            link_terminal_close(t);
        }
        return;
    case EVENT_TO_HSM: {
        uint8_t block[HSM_FRAME_MAX];
        struct writer out = writer_over(block, sizeof block);
        if (w->hsm == NULL || e->generation != w->acquirer_life) return;
        if (!w->healing && !w->options.calm && world_chance(w, w->faults.hsm_kill)) {
            side_kill_hsm(w);
            return;
        }
        err done = hsm_execute(w->hsm, payload, &out);
        if (FAILED(done)) world_fail(w, "hsm: %s", err_name(done));
        /* Answers of one hsm life to one acquirer life: what died in between is lost. */
        event_push(w, w->now_ms, EVENT_FROM_HSM, w->hsm_life, w->acquirer_life, writer_view(&out));
        return;
    }
    case EVENT_FROM_HSM:
        if (w->acquirer != NULL && w->hsm != NULL && e->generation == w->acquirer_life &&
            e->index == w->hsm_life)
            side_acquirer_did(w, acquirer_on_hsm(w->acquirer, payload));
        return;
    case EVENT_TO_NETWORK:
        if (w->network != NULL)
            side_network_did(w,
                             network_on_message(w->network, (enum payment_route)e->index, payload));
        return;
    case EVENT_FROM_NETWORK:
        if (w->acquirer != NULL)
            side_acquirer_did(
                w, acquirer_on_route(w->acquirer, (enum payment_route)e->index, payload));
        return;
    case EVENT_CONNECTED:
        if (e->generation != t->connection || t->terminal == NULL) return;
        if (w->acquirer == NULL || (w->now_ms < t->cut_until_ms && !w->healing)) {
            t->connection++;
            side_terminal_did(t, terminal_on_host_state(t->terminal, false, "refused"));
            return;
        }
        t->connected = true;
        side_acquirer_did(w, acquirer_session_opened(w->acquirer,
                                                     e->generation * WORLD_TERMINALS_MAX + t->index,
                                                     bytes_text(t->tid)));
        if (t->terminal != NULL)
            side_terminal_did(t, terminal_on_host_state(t->terminal, true, NULL));
        return;
    case EVENT_DISCONNECTED:
        if (t->terminal != NULL && e->generation == t->life && !t->connected &&
            t->connection % 2 == 0)
            side_terminal_did(t, terminal_on_host_state(t->terminal, false, "connection lost"));
        return;
    case EVENT_START_TERMINAL:
        side_start_terminal(t);
        return;
    case EVENT_START_VAULT:
        side_start_vault(t);
        return;
    case EVENT_START_ACQUIRER:
        side_start_acquirer(w);
        return;
    case EVENT_START_HSM:
        side_start_hsm(w);
        return;
    case EVENT_START_NETWORK:
        side_start_network(w);
        return;
    case EVENT_READER:
        if (t->vault != NULL && e->generation == t->vault_life) reader_turn(t);
        return;
    case EVENT_NOTICE:
        t->noticed = false;
        if (t->terminal != NULL && e->generation == t->life)
            side_terminal_did(t, terminal_on_notice(t->terminal));
        return;
    case EVENT_PAPER:
        side_terminal_paper(t, false);
        return;
    case EVENT_CARD_OUT:
        if (e->generation == t->card_visit) customer_takes_card(t);
        return;
    case EVENT_TO_GATE:
    case EVENT_GATE_HSM:
    case EVENT_GATE_ASK:
    case EVENT_GATE_END:
    case EVENT_GATE_NOTICE:
    case EVENT_GATE_HEARD:
    case EVENT_GATE_TICK:
    case EVENT_START_GATE:
    case EVENT_PROVIDERS_TICK:
        gate_deliver(w, e);
        return;
    case EVENT_OFFICE:
        office_act(w);
        return;
    case EVENT_TO_CONTROL:
        if (w->acquirer == NULL || e->generation != w->acquirer_life) return;
        w->ordering = true;
        side_acquirer_did(w, acquirer_on_control(w->acquirer, 1, payload));
        return;
    case EVENT_FROM_CONTROL:
        office_hear(w, payload);
        return;
    case EVENT_ROTATION:
        rotation_act(w);
        return;
    }
}

/* The end of a moment: what happened in it is committed together, as in a loop's iteration. */
static void flush(struct world *w)
{
    if (w->network_dirty && w->network != NULL) {
        w->network_dirty = false;
        side_network_did(w, network_flush(w->network));
        w->network_dirty = false;
        int64_t next = w->network == NULL ? INT64_MAX : network_next_ms(w->network);
        if (next != INT64_MAX) next -= w->network_clock.wrong_ms;
        if (next != INT64_MAX && next != w->network_tick_at) {
            w->network_tick_at = next;
            event_push(w, next, EVENT_NETWORK_TICK, 0, 0, (struct bytes){0});
        }
    }
    if (w->acquirer_dirty && w->acquirer != NULL) {
        w->acquirer_dirty = false;
        err done = acquirer_flush(w->acquirer);
        size_t rows;
        if (!FAILED(done) && world_chance(w, 64))
            done = acquirer_fold(w->acquirer, FOLD_ROWS, &rows);
        if (FAILED(done)) side_acquirer_did(w, done);
        w->acquirer_dirty = false;
    }
    w->ordering = false;
}

static bool step(struct world *w)
{
    struct event e;
    if (w->event_count == 0 || w->failure[0] != '\0') return false;
    if (w->heap[0].at_ms > w->moment_ms) {
        flush(w);
        if (w->event_count == 0) return false;
        if (w->heap[0].at_ms > w->now_ms) w->now_ms = w->heap[0].at_ms;
    }
    if (!event_pop(w, &e)) return false;
    w->moment_ms = e.at_ms; /* before now_ms, when the clock has jumped */
    w->counts.events++;
    bool person = e.kind == EVENT_CASHIER;
    /* Keys of RSA are other ones in every process, and what is signed with them. */
    bool signed_by_rsa = e.kind >= EVENT_GATE_HSM && e.kind <= EVENT_GATE_NOTICE;
    if (!person)
        world_trace(w, e.kind, e.index,
                    signed_by_rsa ? (struct bytes){0} : (struct bytes){e.payload, e.len});
    deliver(w, &e);
    free(e.payload);
    return true;
}

static void make(struct world *w, const struct world_options *options)
{
    *w = (struct world){.options = *options,
                        .now_ms = (int64_t)WORLD_START_S * 1000,
                        .trace = UINT64_C(0xcbf29ce484222325)};
    w->clock = (struct clock){world_now, world_monotonic, w};
    w->acquirer_clock.world = w->network_clock.world = w;
    random_seed(&w->chance_source, options->seed);
    random_seed(&w->secret_source, options->seed ^ UINT64_C(0x5ec4e7));
    w->chance = random_from_seed(&w->chance_source);
    w->secret = random_from_seed(&w->secret_source);
    /* Warnings always; what is said of every payment in one seed of four, for its time. */
    enum log_level least = options->seed % 4 == 0 || options->verbose ? LOG_INFO : LOG_WARN;
    w->log = (struct log){take_log, w, w->clock, "simulation", least};
    w->terminal = calloc(options->terminals, sizeof *w->terminal);
    ENSURE(w->terminal != NULL);
    err opened = crypto_open(w->secret, &w->crypto);
    if (!FAILED(opened)) opened = panel_pair_generate(&w->crypto, &w->page_pair);
    ENSURE(!FAILED(opened));
    static const char *const names[] = {"sim-journal",  "sim-ledger",  "sim-audit",
                                        "sim-registry", "sim-network", "sim-payouts"};
    struct store_anchor **const anchors[] = {&w->journal_anchor, &w->ledger_anchor,
                                             &w->audit_anchor,   &w->registry_anchor,
                                             &w->network_anchor, &w->payout_anchor};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        opened = store_anchor_open(names[i], anchors[i]);
        ENSURE(!FAILED(opened));
    }
}

/* Those who may know a card go first; then nobody and nothing may know one any more. */
static void close_knowers(struct world *w)
{
    for (unsigned i = 0; i < w->options.terminals; i++) {
        vault_close(w->terminal[i].vault);
        w->terminal[i].vault = NULL;
        vault_swipe_wipe(&w->terminal[i].swipe);
        explicit_bzero(&w->terminal[i].reader, sizeof w->terminal[i].reader);
    }
    explicit_bzero(w->chip, sizeof w->chip);
    hsm_close(w->hsm);
    gate_close(w);
    network_close(w->network);
    store_close(w->network_store);
    w->hsm = NULL;
    w->network = NULL;
    w->network_store = NULL;
}

static void unmake(struct world *w)
{
    for (unsigned i = 0; i < w->options.terminals; i++) {
        struct side_terminal *t = &w->terminal[i];
        terminal_close(t->terminal);
        papers_free(t);
        replaced_free(t);
        store_close(t->store);
        store_anchor_close(t->anchor);
        store_anchor_close(t->vault_anchor);
    }
    free(w->terminal);
    acquirer_close(w->acquirer);
    struct store_anchor *const anchors[] = {w->journal_anchor, w->ledger_anchor,
                                            w->audit_anchor,   w->registry_anchor,
                                            w->network_anchor, w->payout_anchor};
    for (size_t i = 0; i < ARRAY_LEN(anchors); i++) store_anchor_close(anchors[i]);
    event_free_all(w);
    crypto_close(&w->crypto);
    hsm_master_wipe(&w->master);
}

static void trade(struct world *w)
{
    while (w->payments_started < w->options.payments && step(w)) {
    }
}

static void come_to_rest(struct world *w)
{
    int64_t until = w->now_ms + HEAL_MAX_MS;
    w->healing = true;
    w->acquirer_clock.wrong_ms = w->network_clock.wrong_ms = 0;
    for (unsigned i = 0; i < w->options.terminals; i++) w->terminal[i].clock.wrong_ms = 0;
    for (unsigned i = 0; i < w->options.terminals; i++) cashier_wake(&w->terminal[i], 1);
    while (w->failure[0] == '\0' && !world_at_rest(w)) {
        if (w->now_ms > until) {
            world_describe_unrest(w);
            return;
        }
        int64_t moment = w->now_ms;
        while (w->now_ms < moment + 1000 && step(w)) {
        }
    }
}

struct provision *world_provision(unsigned terminals, char *ret_failure, size_t failure_size)
{
    const struct world_options options = {.terminals = terminals, .calm = true};
    struct world *w = calloc(1, sizeof *w);
    ENSURE(w != NULL && terminals >= 1 && terminals <= WORLD_TERMINALS_MAX);
    make(w, &options);
    struct provision *provision = provision_take(w);
    snprintf(ret_failure, failure_size, "%s", w->failure);
    if (w->failure[0] != '\0') {
        provision_free(provision);
        provision = NULL;
    }
    close_knowers(w);
    unmake(w);
    free(w);
    return provision;
}

/* In some worlds the shop opens before its host was ever up: its stores are not made yet. */
static void start_host(struct world *w)
{
    if (w->options.calm || w->options.seed % LATE_HOST != LATE_HOST - 1) side_start_acquirer(w);
    else event_push(w, w->now_ms + LATE_HOST_MS, EVENT_START_ACQUIRER, 0, 0, (struct bytes){0});
}

bool world_run(const struct world_options *options, const struct provision *provision,
               struct world_counts *ret_counts, uint64_t *ret_trace, char *ret_failure,
               size_t failure_size)
{
    struct world *w = calloc(1, sizeof *w);
    ENSURE(w != NULL && options->terminals >= 1 && options->terminals <= WORLD_TERMINALS_MAX);
    make(w, options);
    w->options.calm = true; /* nothing dies while it is being made */
    provision_give(w, provision);
    w->options.calm = options->calm;
    draw_faults(w);
    err gate = gate_open(w, provision_gate(provision));
    if (FAILED(gate)) world_fail(w, "the gateway: %s", err_name(gate));
    if (w->failure[0] == '\0') side_start_network(w);
    if (w->failure[0] == '\0') start_host(w);
    for (unsigned i = 0; i < options->terminals && w->failure[0] == '\0'; i++)
        side_start_terminal(&w->terminal[i]);
    err account = office_open_account(w);
    if (FAILED(account)) world_fail(w, "the account to pay to: %s", err_name(account));
    office_start(w);
    rotation_start(w);
    if (w->failure[0] == '\0') trade(w);
    if (w->failure[0] == '\0') come_to_rest(w);
    if (w->failure[0] == '\0') world_check(w);
    close_knowers(w);
    if (w->failure[0] == '\0') world_check_memory(w);
    *ret_counts = w->counts;
    *ret_trace = w->trace;
    snprintf(ret_failure, failure_size, "%s", w->failure);
    bool good = w->failure[0] == '\0';
    unmake(w);
    free(w);
    return good;
}
