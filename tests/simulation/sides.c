/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Life and death of the parts. A part dies between two calls to its store: the call returns
 * CRASHED, the part unwinds, and what it had not committed is gone. It comes back a while later
 * from what its memory database holds. Nobody is told but by connections that break.
 */
#include "terminal/records.h"
#include "tests/simulation/gate.h"

static int64_t down_ms(struct world *w)
{
    return 1 + random_below(&w->chance, w->healing ? 1000 : w->faults.down_ms);
}

static bool dies(struct world *w, uint32_t one_in)
{
    return !w->healing && !w->options.calm && world_chance(w, one_in);
}

/*
 * A part that reads all of its past when it starts costs more with every payment, so it dies the
 * less often the longer that past is: a long run has its restarts, and most of them early, where
 * they are cheap and where there is as much under way as later.
 */
static uint32_t less_often(uint32_t one_in, uint64_t least)
{
    return one_in > least ? one_in : (uint32_t)least;
}

/* ---- acquirer ------------------------------------------------------------------------------- */

enum {
    RECOVERY_DEATHS = 8, /* one start in so many dies before it has recovered */
    ORDER_DEATHS = 80,   /* likewise of calls while a money order is made */
    RECOVERY_CALLS = 4,  /* calls of a recovery to its store, for each payment: journal rows */
};

/*
 * While it recovers it takes a call for each journal row: with the chance of its working hours it
 * would never get through a long journal. So a recovery is either let through or dies at one of its
 * calls, each as likely.
 */
static err acquirer_fault(void *context, enum store_call call)
{
    struct world *w = context;
    (void)call;
    if (w->acquirer != NULL && w->ordering &&
        dies(w, less_often(ORDER_DEATHS, w->payments_started / 8)))
        return ERR(CRASHED);
    if (w->acquirer != NULL)
        return dies(w, less_often(w->faults.acquirer_kill, w->payments_started * 4)) ? ERR(CRASHED)
                                                                                     : OK;
    return w->recovery_calls > 0 && --w->recovery_calls == 0 ? ERR(CRASHED) : OK;
}

static uint32_t recovery_dies_at(struct world *w)
{
    if (!dies(w, RECOVERY_DEATHS)) return 0;
    return 1 + random_below(&w->chance, 16 + (uint32_t)w->payments_started * RECOVERY_CALLS);
}

static struct side_terminal *terminal_of_session(struct world *w, uint32_t session,
                                                 uint32_t *ret_generation)
{
    *ret_generation = session / WORLD_TERMINALS_MAX;
    return &w->terminal[session % WORLD_TERMINALS_MAX];
}

static void to_terminal(void *context, uint32_t session, struct bytes frame)
{
    struct world *w = context;
    uint32_t generation;
    struct side_terminal *t = terminal_of_session(w, session, &generation);
    link_send(w, EVENT_TO_TERMINAL, t->index, generation, frame);
}

/* The acquirer has forgotten the session itself: only the terminal has to hear of it. */
static void close_terminal(void *context, uint32_t session)
{
    struct world *w = context;
    uint32_t generation;
    struct side_terminal *t = terminal_of_session(w, session, &generation);
    if (t->connection != generation) return;
    t->connection++;
    t->connected = false;
    event_push(w, w->now_ms + 1, EVENT_DISCONNECTED, t->index, t->life, (struct bytes){0});
}

static void to_hsm(void *context, struct bytes request)
{
    struct world *w = context;
    event_push(w, w->now_ms, EVENT_TO_HSM, 0, w->acquirer_life, request);
}

static void to_route(void *context, enum payment_route route, struct bytes message)
{
    if (route == PAYMENT_ROUTE_WALLET) gate_route(context, message);
    else link_send(context, EVENT_TO_NETWORK, (uint32_t)route, 0, message);
}

/* Up to a quarter of a million payments, all of them and those that were reversed unseen. */
static uint32_t remembered(const struct world *w)
{
    uint32_t recent = 1 << 12;
    while (recent < 1 << 20 && recent < w->options.payments * 4) recent *= 2;
    return recent;
}

void side_start_acquirer(struct world *w)
{
    ENSURE(w->acquirer == NULL);
    const struct acquirer_config config = {
        .clock = world_part_clock(&w->acquirer_clock),
        .log = &w->log,
        .mode = STORE_MEMORY,
        .journal_path = "sim-journal",
        .ledger_path = "sim-ledger",
        .audit_path = "sim-audit",
        .registry_path = "sim-registry",
        .payout_path = "sim-payouts",
        .fold_in_line = true,
        .limits = {.terminals = 1024,
                   .sessions = 1024,
                   .tasks = 1024,
                   .recent = remembered(w),
                   .reversals = 8192},
        .store_fault = acquirer_fault,
        .store_fault_context = w,
    };
    const struct acquirer_ports ports = {w,      to_terminal, close_terminal,
                                         to_hsm, to_route,    office_answer};
    struct acquirer_fault fault = {""};
    w->recovery_calls = recovery_dies_at(w);
    err opened = acquirer_open(&config, &ports, &fault, &w->acquirer);
    if (opened.code == ERR_CRASHED) { /* killed again while it recovered */
        w->acquirer = NULL;
        w->counts.acquirer_kills++;
        event_push(w, w->now_ms + down_ms(w), EVENT_START_ACQUIRER, 0, 0, (struct bytes){0});
        return;
    }
    if (FAILED(opened)) {
        world_fail(w, "acquirer does not start: %s %s", err_name(opened), fault.text);
        return;
    }
    w->acquirer_life++;
    if (w->hsm == NULL) side_acquirer_did(w, acquirer_on_hsm_lost(w->acquirer));
    for (int route = PAYMENT_ROUTE_CARD_NETWORK; route < PAYMENT_ROUTES && w->network != NULL;
         route++)
        if (w->acquirer != NULL)
            side_acquirer_did(
                w, acquirer_on_route_state(w->acquirer, (enum payment_route)route, true));
    w->acquirer_tick_at = INT64_MAX;
    event_push(w, w->now_ms + 1, EVENT_ACQUIRER_TICK, 0, w->acquirer_life, (struct bytes){0});
}

bool side_acquirer_was_up(const struct world *w)
{
    return w->acquirer_life > 0;
}

void side_kill_acquirer(struct world *w)
{
    if (w->acquirer == NULL) return;
    acquirer_close(w->acquirer);
    w->acquirer = NULL;
    w->acquirer_dirty = false;
    w->counts.acquirer_kills++;
    world_trace(w, 1001, 0, (struct bytes){0});
    for (unsigned i = 0; i < w->options.terminals; i++) link_terminal_close(&w->terminal[i]);
    event_push(w, w->now_ms + down_ms(w), EVENT_START_ACQUIRER, 0, 0, (struct bytes){0});
}

void side_acquirer_did(struct world *w, err result)
{
    w->acquirer_dirty = w->acquirer != NULL;
    if (!FAILED(result)) return;
    if (result.code != ERR_CRASHED)
        world_fail(w, "acquirer: %s %s", err_name(result),
                   w->acquirer == NULL ? "" : acquirer_error_text(w->acquirer));
    side_kill_acquirer(w);
}

/* ---- hsm ------------------------------------------------------------------------------------ */

void side_start_hsm(struct world *w)
{
    ENSURE(w->hsm == NULL);
    const struct hsm_config config = {.random = w->secret, .log = &w->log, .development = true};
    err opened = hsm_open(&config, &w->master, &w->hsm);
    if (FAILED(opened)) {
        world_fail(w, "hsm does not start: %s", err_name(opened));
        return;
    }
    w->hsm_life++;
    gate_hsm_state(w, true);
    if (w->acquirer != NULL && w->hsm_life > 1)
        side_acquirer_did(w, acquirer_on_hsm_up(w->acquirer));
}

void side_kill_hsm(struct world *w)
{
    hsm_close(w->hsm);
    w->hsm = NULL;
    w->counts.hsm_kills++;
    world_trace(w, 1002, 0, (struct bytes){0});
    event_push(w, w->now_ms + down_ms(w), EVENT_START_HSM, 0, 0, (struct bytes){0});
    gate_hsm_state(w, false);
    if (w->acquirer != NULL) side_acquirer_did(w, acquirer_on_hsm_lost(w->acquirer));
}

/* ---- networks ------------------------------------------------------------------------------- */

static err network_fault(void *context, enum store_call call)
{
    struct world *w = context;
    (void)call;
    return dies(w, less_often(w->faults.network_kill, w->payments_started)) ? ERR(CRASHED) : OK;
}

static void network_answer(void *context, enum payment_route route, struct bytes message)
{
    if (route == PAYMENT_ROUTE_WALLET) errand_overhear(context, message);
    link_send(context, EVENT_FROM_NETWORK, (uint32_t)route, 0, message);
}

void side_start_network(struct world *w)
{
    ENSURE(w->network == NULL);
    const struct store_options options = {.mode = STORE_MEMORY};
    if (w->network_anchor != NULL) {
        err opened = store_open("sim-network", &options, NULL, &w->network_store);
        if (FAILED(opened)) {
            world_fail(w, "network's store: %s", err_name(opened));
            return;
        }
    }
    struct network_config config = {
        .clock = world_part_clock(&w->network_clock),
        .random = w->secret,
        .log = &w->log,
        .crypto = &w->crypto,
        .pin = w->zone.pin,
        .mac = w->zone.mac,
        .data = w->zone.data,
        .transport = &w->zone.transport,
        .store = w->network_store,
        .capacity = 1 << 12,
        .generous = true,
    };
    memcpy(config.hsm_public, w->zone.hsm_public, sizeof config.hsm_public);
    while (config.capacity < w->options.payments * 2) config.capacity *= 2;
    const struct network_ports ports = {w, network_answer};
    err opened = network_open(&config, &ports, &w->network);
    if (FAILED(opened)) {
        world_fail(w, "network does not start: %s", err_name(opened));
        return;
    }
    if (w->network_store != NULL) store_set_fault(w->network_store, network_fault, w);
    w->network_life++;
    providers_side_start(w);
    for (int route = PAYMENT_ROUTE_CARD_NETWORK; route < PAYMENT_ROUTES; route++)
        if (w->acquirer != NULL)
            side_acquirer_did(
                w, acquirer_on_route_state(w->acquirer, (enum payment_route)route, true));
}

void side_kill_network(struct world *w)
{
    if (w->network == NULL) return;
    providers_side_stop(w); /* whose telephones are the network's */
    network_close(w->network);
    store_close(w->network_store);
    w->network = NULL;
    w->network_store = NULL;
    w->network_dirty = false;
    w->counts.network_kills++;
    world_trace(w, 1003, 0, (struct bytes){0});
    for (int route = PAYMENT_ROUTE_CARD_NETWORK; route < PAYMENT_ROUTES; route++)
        if (w->acquirer != NULL)
            side_acquirer_did(
                w, acquirer_on_route_state(w->acquirer, (enum payment_route)route, false));
    event_push(w, w->now_ms + down_ms(w), EVENT_START_NETWORK, 0, 0, (struct bytes){0});
}

void side_network_did(struct world *w, err result)
{
    w->network_dirty = w->network != NULL;
    if (!FAILED(result)) return;
    if (result.code != ERR_CRASHED) world_fail(w, "network: %s", err_name(result));
    side_kill_network(w);
}

/* ---- vault ---------------------------------------------------------------------------------- */

static err vault_fault(void *context, enum store_call call)
{
    struct side_terminal *t = context;
    (void)call;
    const struct world *w = t->world;
    return dies(t->world, less_often(w->faults.vault_kill, w->payments_started / 64)) ? ERR(CRASHED)
                                                                                      : OK;
}

static err poll_reader(void *context, struct vault_swipe *out)
{
    struct side_terminal *t = context;
    *out = t->swipe;
    vault_swipe_wipe(&t->swipe);
    return OK;
}

static err read_counter(void *context, uint8_t block[VAULT_COUNTER_MAX], size_t *ret_len)
{
    const struct side_terminal *t = context;
    if (t->counter_len == 0) return ERR(NOT_FOUND);
    memcpy(block, t->counter, t->counter_len);
    *ret_len = t->counter_len;
    return OK;
}

/* A vault may die before it, or after: the file is the old or the new one. */
static err write_counter(void *context, struct bytes content)
{
    struct side_terminal *t = context;
    err before = t->vault == NULL ? OK : vault_fault(t, STORE_CALL_COMMIT);
    if (FAILED(before)) return before;
    ENSURE(content.len <= sizeof t->counter);
    memcpy(t->counter, content.at, content.len);
    t->counter_len = content.len;
    return t->vault == NULL ? OK : vault_fault(t, STORE_CALL_COMMIT);
}

void side_start_vault(struct side_terminal *t)
{
    struct world *w = t->world;
    ENSURE(t->vault == NULL);
    const struct vault_config config = {
        .store_path = t->vault_name,
        .store = {.mode = STORE_MEMORY},
        .clock = world_part_clock(&t->clock),
        .random = w->secret,
        .log = &w->log,
        .device_key = BYTES_OF(t->device_key),
        .cost = password_cost_quick(),
        .reader = {poll_reader, NULL, t},
        .card = reader_calls(t),
        .counter = {read_counter, write_counter, t},
        .pin_entries_an_hour = 1 << 20,
    };
    struct vault_fault fault = {""};
    err opened = vault_open(&config, &fault, &t->vault);
    if (FAILED(opened)) {
        world_fail(w, "vault %u does not start: %s %s", t->index, err_name(opened), fault.text);
        return;
    }
    t->vault_life++;
    store_set_fault(vault_store(t->vault), vault_fault, t);
    reader_start(t);
}

void side_kill_vault(struct side_terminal *t)
{
    if (t->vault == NULL) return;
    vault_close(t->vault);
    t->vault = NULL;
    reader_stop(t);
    t->world->counts.vault_kills++;
    world_trace(t->world, 1004, t->index, (struct bytes){0});
    event_push(t->world, t->world->now_ms + down_ms(t->world), EVENT_START_VAULT, t->index, 0,
               (struct bytes){0});
}

/* ---- terminal ------------------------------------------------------------------------------- */

static err terminal_fault(void *context, enum store_call call)
{
    struct side_terminal *t = context;
    (void)call;
    const struct world *w = t->world;
    if (replaced_dies_now(t)) return ERR(CRASHED);
    return dies(t->world, less_often(w->faults.terminal_kill, w->payments_started / 8))
               ? ERR(CRASHED)
               : OK;
}

/* The vault is called inside a call of the terminal; when it dies it is buried after that. */
static err call_vault(void *context, struct bytes request, struct writer *response)
{
    struct side_terminal *t = context;
    if (t->vault == NULL || t->vault_died) return ERR(CLOSED);
    err done = vault_execute(t->vault, request, response);
    reader_work(t);
    if (!FAILED(done)) return OK;
    if (done.code != ERR_CRASHED) world_fail(t->world, "vault %u: %s", t->index, err_name(done));
    t->vault_died = true;
    return ERR(CLOSED);
}

static void host_connect(void *context)
{
    link_terminal_connect(context);
}

static void host_close(void *context)
{
    link_terminal_close(context);
}

static void host_send(void *context, struct bytes frame)
{
    struct side_terminal *t = context;
    if (t->connected) link_send(t->world, EVENT_TO_ACQUIRER, t->index, t->connection, frame);
}

static void show(void *context, const struct screen *screen)
{
    struct side_terminal *t = context;
    world_trace(t->world, 1100, t->index, bytes_text(screen->id));
    cashier_wake(t, 200 + (int64_t)random_below(&t->world->chance, 800));
}

static void speak(void *context, const struct speech *speech)
{
    (void)context;
    (void)speech;
}

static void print_receipt(void *context, const struct terminal_receipt *receipt)
{
    papers_take(context, receipt);
}

void side_terminal_faults(struct side_terminal *t, bool on)
{
    if (on) store_set_fault(t->store, terminal_fault, t);
    else store_set_fault(t->store, NULL, NULL);
}

void side_terminal_paper(struct side_terminal *t, bool out)
{
    const struct terminal_devices devices = {.battery = 100,
                                             .paper = out ? SCREEN_PAPER_OUT : SCREEN_PAPER_OK};
    if (t->terminal != NULL) side_terminal_did(t, terminal_on_devices(t->terminal, &devices));
}

/* F-04: some begin their life where the numbers of payments wrap. */
static err use_up_stans(struct side_terminal *t)
{
    enum { ONE_IN = 8, LEFT_MAX = 80 };
    struct store_statement *s;
    if (t->life > 0 || t->world->options.calm || !world_chance(t->world, ONE_IN)) return OK;
    TRY(store_statement(t->store, "UPDATE state SET stan = ? WHERE id = 1", &s));
    store_bind_int(s, 999999 - random_below(&t->world->chance, LEFT_MAX));
    return store_run(s);
}

void side_start_terminal(struct side_terminal *t)
{
    struct world *w = t->world;
    ENSURE(t->terminal == NULL);
    if (t->destroyed && !replaced_by_spare(t)) {
        event_push(w, w->now_ms + down_ms(w), EVENT_START_TERMINAL, t->index, 0, (struct bytes){0});
        return;
    }
    const struct store_options options = {.mode = STORE_MEMORY};
    err opened = store_open(t->store_name, &options, NULL, &t->store);
    if (FAILED(opened)) {
        world_fail(w, "terminal %u's store: %s", t->index, err_name(opened));
        return;
    }
    /* In every other shop the administrator lets cashiers refund; elsewhere a supervisor is asked.
     */
    struct records records;
    opened = records_open(&records, t->store);
    if (!FAILED(opened) && t->index % 2 == 0)
        opened = records_parameter_set(&records, "limit_refund", 5000000, "99", "50000.00");
    if (!FAILED(opened) && t->index % 4 == 1)
        opened = records_parameter_set(&records, "tip", 1, "99", "1");
    if (!FAILED(opened) && t->index % 3 == 0)
        opened = records_parameter_set(&records, "points", 1, "99", "1");
    if (!FAILED(opened)) opened = use_up_stans(t);
    if (FAILED(opened)) world_fail(w, "terminal %u's parameter: %s", t->index, err_name(opened));
    store_set_fault(t->store, terminal_fault, t);
    const struct terminal_config config = {.clock = world_part_clock(&t->clock),
                                           .log = &w->log,
                                           .store = t->store,
                                           .profile = PAYMENT_PROFILE_TONGBAO,
                                           .version = "simulation",
                                           .no_keep_alive = true};
    struct terminal_ports ports = {t,         call_vault, host_connect, host_close,
                                   host_send, show,       speak,        print_receipt};
    replaced_ports(t, &ports);
    t->life++;
    t->tick_at = INT64_MAX;
    opened = terminal_open(&config, &ports, &t->terminal);
    if (FAILED(opened) && opened.code != ERR_CRASHED)
        world_fail(w, "terminal %u does not start: %s", t->index, err_name(opened));
    side_terminal_did(t, FAILED(opened) ? opened : terminal_boot(t->terminal));
}

void side_kill_terminal(struct side_terminal *t)
{
    terminal_close(t->terminal);
    t->terminal = NULL;
    store_close(t->store);
    t->store = NULL;
    t->cashier.panel_open = false;
    t->world->counts.terminal_kills++;
    replaced_died(t);
    world_trace(t->world, 1005, t->index, (struct bytes){0});
    if (t->vault != NULL) vault_forget_session(t->vault);
    link_terminal_close(t);
    event_push(t->world, t->world->now_ms + down_ms(t->world), EVENT_START_TERMINAL, t->index, 0,
               (struct bytes){0});
}

void side_terminal_did(struct side_terminal *t, err result)
{
    struct world *w = t->world;
    if (t->vault_died) {
        t->vault_died = false;
        side_kill_vault(t);
    }
    if (FAILED(result)) {
        if (result.code != ERR_CRASHED)
            world_fail(w, "terminal %u: %s", t->index, err_name(result));
        side_kill_terminal(t);
        return;
    }
    if (t->terminal == NULL) return;
    int64_t wait = terminal_next_ms(t->terminal);
    if (wait < 0) return;
    int64_t at = w->now_ms + (wait > 0 ? wait : 1);
    if (at >= t->tick_at && t->tick_at > w->now_ms) return; /* an earlier one is on its way */
    t->tick_at = at;
    event_push(w, at, EVENT_TERMINAL_TICK, t->index, t->life, (struct bytes){0});
}
