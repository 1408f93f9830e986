/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing the host, its clockwork, and what it says of itself. */
#include "acquirer/acquirer.h"

#include <stdlib.h>

#include "acquirer/allowance.h"
#include "acquirer/control.h"
#include "acquirer/fold.h"
#include "acquirer/zone.h"
#include "journal/journal.h"

err host_refuse(struct acquirer_fault *fault, err code, const char *what, const char *text)
{
    if (fault == NULL) return code;
    struct writer w = writer_over(fault->text, sizeof fault->text - 1);
    if (text != NULL && text[0] != '\0') write_format(&w, "%s", text);
    else write_format(&w, "%s: %s", what, err_text(code));
    fault->text[w.len] = '\0';
    return code;
}

err key_copy(struct key_block *key, struct bytes from)
{
    if (from.len > sizeof key->at) return ERR(LENGTH);
    if (from.len > 0) memcpy(key->at, from.at, from.len);
    key->len = (uint8_t)from.len;
    return OK;
}

static uint32_t limit(uint32_t asked, uint32_t usual)
{
    return asked > 0 ? asked : usual;
}

static void link_sessions(struct acquirer *a)
{
    for (uint32_t i = 0; i < a->limits.sessions; i++)
        a->session[i].next_free = i + 1 < a->limits.sessions ? i + 1 : INDEX_NONE;
    a->session_free = 0;
}

static err open_tables(struct acquirer *a)
{
    const struct acquirer_limits *asked = &a->config.limits;
    struct acquirer_limits *l = &a->limits;
    *l = (struct acquirer_limits){
        .terminals = limit(asked->terminals, ACQUIRER_TERMINALS),
        .sessions = limit(asked->sessions, ACQUIRER_SESSIONS),
        .tasks = limit(asked->tasks, ACQUIRER_TASKS),
        .recent = limit(asked->recent, ACQUIRER_RECENT),
        .reversals = limit(asked->reversals, ACQUIRER_REVERSALS),
        .held = limit(asked->held, ACQUIRER_HELD_BYTES),
    };
    ENSURE(l->tasks <= ACQUIRER_CALLS / 4); /* two calls of each task, and half the ring to spare */
    a->terminal = calloc(l->terminals, sizeof *a->terminal);
    a->session = calloc(l->sessions, sizeof *a->session);
    a->task = calloc(l->tasks, sizeof *a->task);
    a->recent = calloc(l->recent, sizeof *a->recent);
    a->undo = calloc(l->reversals, sizeof *a->undo);
    a->call = calloc(ACQUIRER_CALLS, sizeof *a->call);
    a->held = calloc(l->held, 1);
    a->row = calloc(HOST_ROWS, sizeof *a->row);
    if (a->terminal == NULL || a->session == NULL || a->task == NULL || a->recent == NULL ||
        a->undo == NULL || a->call == NULL || a->held == NULL || a->row == NULL)
        return ERR(NO_MEMORY);
    a->task_free = INDEX_NONE;
    link_sessions(a);
    TRY(allowance_open(a));
    TRY(index_open(&a->terminal_by_id, l->terminals));
    TRY(index_open(&a->session_by_id, l->sessions));
    TRY(index_open(&a->task_by_rrn, l->tasks));
    TRY(index_open(&a->recent_by_key, l->recent));
    return index_open(&a->undo_by_key, l->reversals);
}

static err open_fold(struct acquirer *a, struct acquirer_fault *fault)
{
    if (!a->config.fold_in_line) return OK;
    struct store_fault cause = {{0}};
    const struct fold_config config = {
        .mode = a->config.mode,
        .journal_path = a->config.journal_path,
        .ledger_path = a->config.ledger_path,
    };
    err opened = fold_open(&config, &cause, &a->fold);
    return FAILED(opened) ? host_refuse(fault, opened, "ledger", cause.text) : OK;
}

static err open_all(struct acquirer *a, struct acquirer_fault *fault)
{
    err tables = open_tables(a);
    if (FAILED(tables)) return host_refuse(fault, tables, "tables", NULL);
    TRY(watch_open(a, fault));
    TRY(terminals_open(a, fault));
    TRY(record_open(a, fault));
    err recovered = zone_resume(a);
    if (!FAILED(recovered)) recovered = recover(a);
    if (FAILED(recovered))
        return host_refuse(fault, recovered, a->watch.failed ? "audit" : "journal",
                           acquirer_error_text(a));
    return open_fold(a, fault);
}

err acquirer_open(const struct acquirer_config *config, const struct acquirer_ports *ports,
                  struct acquirer_fault *fault, struct acquirer **ret_acquirer)
{
    ENSURE(config->log != NULL && ports->to_terminal != NULL && ports->close_terminal != NULL &&
           ports->to_hsm != NULL && ports->to_route != NULL);
    struct acquirer *a = calloc(1, sizeof *a);
    if (a == NULL) return host_refuse(fault, ERR(NO_MEMORY), "start", NULL);
    a->config = *config;
    if (a->config.shown_ms == 0) a->config.shown_ms = ACQUIRER_SHOWN_MS;
    a->ports = *ports;
    a->arena = arena_over(a->arena_block, sizeof a->arena_block);
    a->hsm_up = a->counts.hsm_up = true;
    a->registry_version = 1;
    err opened = open_all(a, fault);
    if (FAILED(opened)) {
        acquirer_close(a);
        return opened;
    }
    watch_note(a, WATCH_START, BYTES("acquirer"), "journal row %lld, %u reversals owed",
               (long long)a->counts.journal_seq, a->undo_count);
    *ret_acquirer = a;
    return OK;
}

void acquirer_close(struct acquirer *a)
{
    if (a == NULL) return;
    if (a->in_tx) store_rollback(&a->tx);
    fold_close(a->fold);
    control_close(a);
    record_close(a);
    terminals_close(a);
    allowance_close(a);
    watch_close(a);
    struct index *const indexes[] = {&a->terminal_by_id, &a->session_by_id, &a->task_by_rrn,
                                     &a->recent_by_key, &a->undo_by_key};
    for (size_t i = 0; i < ARRAY_LEN(indexes); i++) index_close(indexes[i]);
    if (a->held != NULL) explicit_bzero(a->held, a->held_len);
    if (a->task != NULL) explicit_bzero(a->task, a->task_top * sizeof *a->task);
    void *const blocks[] = {a->terminal, a->session, a->task, a->recent,
                            a->undo,     a->call,    a->held, a->row};
    for (size_t i = 0; i < ARRAY_LEN(blocks); i++) free(blocks[i]);
    explicit_bzero(a, sizeof *a);
    free(a);
}

err acquirer_stop(struct acquirer *a)
{
    watch_note(a, WATCH_STOP, BYTES("acquirer"), "journal row %lld, %u messages under way",
               (long long)a->counts.journal_seq, a->task_count);
    return acquirer_flush(a);
}

/* ---- time ---- */

err acquirer_tick(struct acquirer *a)
{
    int64_t now_ms = host_monotonic_ms(a);
    a->tick_due_ms = now_ms + ACQUIRER_TICK_MS;
    TRY(hsm_check_age(a, now_ms));
    TRY(route_tick(a, now_ms));
    TRY(reverse_pump(a));
    TRY(control_expire(a, now_ms));
    if (now_ms < a->registry_due_ms) return OK;
    a->registry_due_ms = now_ms + ACQUIRER_REGISTRY_MS;
    terminals_watch_registry(a);
    return OK;
}

int64_t acquirer_next_ms(const struct acquirer *a)
{
    int64_t now_ms = host_monotonic_ms(a);
    bool busy = a->task_count > 0 || a->undo_count > 0;
    int64_t due_ms = busy ? a->tick_due_ms : a->registry_due_ms;
    if (due_ms <= now_ms) return 0;
    return due_ms - now_ms > ACQUIRER_REGISTRY_MS ? ACQUIRER_REGISTRY_MS : due_ms - now_ms;
}

err acquirer_fold(struct acquirer *a, size_t max_rows, size_t *ret_rows)
{
    ENSURE(a->fold != NULL && !a->in_tx);
    return fold_step(a->fold, max_rows, ret_rows);
}

/* ---- what it says of itself ---- */

struct acquirer_counts acquirer_counts(const struct acquirer *a)
{
    struct acquirer_counts c = a->counts;
    c.tasks = a->task_count;
    c.pending = a->pending;
    c.reversals = a->undo_count;
    c.recent = a->recent_count;
    c.card_network_up = a->route[PAYMENT_ROUTE_CARD_NETWORK].up;
    c.wallet_up = a->route[PAYMENT_ROUTE_WALLET].up;
    return c;
}

void acquirer_status(const struct acquirer *a, struct writer *w)
{
    const struct acquirer_counts c = acquirer_counts(a);
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"frames", c.frames},
        {"payments", c.payments},
        {"approved", c.approved},
        {"declined", c.declined},
        {"refused", c.refused},
        {"repeats", c.repeats},
        {"conflicts", c.conflicts},
        {"malformed", c.malformed},
        {"bad_mac", c.bad_mac},
        {"reversals_asked", c.reversals_asked},
        {"reversals_made", c.reversals_made},
        {"reversals_acknowledged", c.reversals_acknowledged},
        {"late_answers", c.late_answers},
        {"time_outs", c.time_outs},
        {"sign_ins", c.sign_ins},
        {"batches", c.batches},
        {"commits", c.commits},
        {"rows", c.rows},
        {"hsm_commands", c.hsm_commands},
        {"hsm_losses", c.hsm_losses},
        {"replaced", c.replaced},
        {"sessions", c.sessions},
        {"tasks", c.tasks},
        {"pending", c.pending},
        {"reversals", c.reversals},
        {"recent", c.recent},
        {"journal_seq", (uint64_t)c.journal_seq},
    };
    write_format(w, "{\"hsm\":%s,\"card_network\":%s,\"wallet\":%s", c.hsm_up ? "true" : "false",
                 c.card_network_up ? "true" : "false", c.wallet_up ? "true" : "false");
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        write_format(w, ",\"%s\":%llu", numbers[i].name, (unsigned long long)numbers[i].value);
    write_bytes(w, BYTES("}"));
}

bool acquirer_quiet(const struct acquirer *a)
{
    return a->task_count == 0 && a->undo_count == 0 && a->held_len == 0 && !a->in_tx;
}

const char *acquirer_error_text(const struct acquirer *a)
{
    return store_error_text(a->watch.failed ? a->watch.store : a->store);
}
