/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be true when everything has come to rest, whatever has happened (S87, S88, S95, S191,
 * S192):
 *
 *   the books balance, and nothing is held
 *   every payment is decided: at the terminal, at the acquirer, at the network
 *   what a terminal shows as paid was charged exactly once and is in the ledger; nothing else is
 *   the ledger is what a fresh fold of the journal gives
 *   a terminal that the host believes to have parameters of chip cards has them
 *   every approved payment is in a batch that was closed once; what differs has a work item
 *   no card number, track, PIN or password stands in any store
 */
#include <stdio.h>
#include <stdlib.h>

#include "acquirer/fold.h"
#include "journal/journal.h"
#include "ledger/fold.h"
#include "payment/kind.h"
#include "tests/simulation/needles.h"
#include "tests/simulation/world.h"

/* What is not at rest yet, in words; NULL when everything is. */
static const char *restless_terminal(const struct side_terminal *t)
{
    if (t->terminal == NULL) return "the terminal is dead";
    if (t->vault == NULL) return "the vault is dead";
    if (terminal_screen(t->terminal)->status.unsent > 0) return "a reversal is unsent";
    if (!terminal_settled(t->terminal)) return "a batch is not settled";
    const struct payment *p = terminal_payment(t->terminal);
    bool open = p->state != PAYMENT_NONE && p->state != PAYMENT_CREATED;
    return open && !payment_state_final(p->state) ? "a payment is under way" : NULL;
}

static const char *restless(struct world *w, unsigned *ret_terminal)
{
    size_t rows;
    if (w->acquirer == NULL || w->hsm == NULL || w->network == NULL)
        return "a part of the host is dead";
    for (unsigned i = 0; i < w->options.terminals; i++) {
        *ret_terminal = i;
        const char *why = restless_terminal(&w->terminal[i]);
        if (why != NULL) return why;
    }
    if (!acquirer_quiet(w->acquirer)) return "the acquirer has something under way";
    do {
        err done = acquirer_fold(w->acquirer, 1024, &rows);
        if (FAILED(done)) return "the fold fails";
    } while (rows > 0);
    return NULL;
}

bool world_at_rest(struct world *w)
{
    unsigned terminal;
    return restless(w, &terminal) == NULL;
}

void world_describe_unrest(struct world *w)
{
    unsigned i = 0;
    const char *why = restless(w, &i);
    const struct side_terminal *t = &w->terminal[i];
    const struct screen *s = t->terminal == NULL ? NULL : terminal_screen(t->terminal);
    world_fail(w, "four hours after the last fault: %s (terminal %u shows '%s', network %d)",
               why == NULL ? "nothing" : why, i, s == NULL ? "nothing" : s->id,
               s == NULL ? -1 : (int)s->status.network);
}

/* ---- what the acquirer says of each payment: the last journal row of each key ------------------
 */

struct decided {
    struct payment payment;
    bool seen_at_terminal;
};

struct census {
    struct world *w;
    struct decided *row; /* by slot of the key's hash */
    size_t capacity;
    uint64_t approved;
    int64_t approved_minor;
};

static struct decided *slot(struct census *c, const struct payment_key *key)
{
    uint64_t hash =
        key->stan * UINT64_C(0x9e3779b97f4a7c15) ^ key->batch * UINT64_C(0xbf58476d1ce4e5b9);
    for (const char *at = key->tid; *at != '\0'; at++)
        hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    for (size_t i = (size_t)(hash >> 20) & (c->capacity - 1);; i = (i + 1) & (c->capacity - 1)) {
        struct decided *d = &c->row[i];
        if (d->payment.state == PAYMENT_NONE || payment_key_equal(&d->payment.key, key)) return d;
    }
}

static err read_journal(struct census *c)
{
    enum { AT_ONCE = 256 };
    struct store *store = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    TRY(store_open("sim-journal", &options, NULL, &store));
    struct journal_row *rows = calloc(AT_ONCE, sizeof *rows);
    ENSURE(rows != NULL);
    err done = OK;
    size_t got = AT_ONCE;
    for (int64_t from = 1; got == AT_ONCE && !FAILED(done); from += (int64_t)got) {
        done = journal_read(store, from, rows, AT_ONCE, &got);
        for (size_t i = 0; i < got && !FAILED(done); i++)
            slot(c, &rows[i].payment.key)->payment = rows[i].payment;
    }
    free(rows);
    store_close(store);
    return done;
}

static void check_against_network(struct census *c)
{
    for (size_t i = 0; i < c->capacity; i++) {
        const struct payment *p = &c->row[i].payment;
        if (p->state == PAYMENT_NONE) continue;
        char key[24];
        payment_key_text(&p->key, key);
        if (!payment_state_final(p->state)) {
            world_fail(c->w, "payment %s is %s at the acquirer: undecided", key,
                       payment_state_name(p->state));
            return;
        }
        bool approved = p->state == PAYMENT_APPROVED;
        const struct entry *e = strlen(p->rrn) == 12
                                    ? book_find(network_book(c->w->network), bytes_text(p->rrn))
                                    : NULL;
        bool charged = e != NULL && e->state == ENTRY_CHARGED;
        if (approved != charged || (charged && e->amount_minor != p->amount_minor)) {
            world_fail(c->w, "payment %s is %s at the acquirer and %s at the network", key,
                       payment_state_name(p->state), charged ? "charged" : "not charged");
            return;
        }
        c->approved += approved;
        bool gives = payment_type_row(p->type)->direction == PAYMENT_GIVES;
        if (approved) c->approved_minor += gives ? -p->amount_minor : p->amount_minor;
        c->w->counts.refunded += approved && gives;
        c->w->counts.approved += approved;
        c->w->counts.declined += p->state == PAYMENT_DECLINED;
        c->w->counts.reversed += p->state == PAYMENT_REVERSED;
    }
    struct network_totals totals;
    network_totals(c->w->network, &totals);
    int64_t charged = totals.charged_minor[PAYMENT_ROUTE_CARD_NETWORK] +
                      totals.charged_minor[PAYMENT_ROUTE_WALLET];
    if (charged != c->approved_minor)
        world_fail(c->w, "networks have charged %lld fen, the acquirer has approved %lld",
                   (long long)charged, (long long)c->approved_minor);
}

/* ---- every terminal agrees ----------------------------------------------------------------------
 */

static err check_terminal_payment(void *context, int64_t number, const struct payment *p)
{
    struct census *c = context;
    (void)number;
    char key[24];
    payment_key_text(&p->key, key);
    struct decided *d = slot(c, &p->key);
    bool paid_here = p->state == PAYMENT_APPROVED;
    bool paid_there = d->payment.state == PAYMENT_APPROVED;
    if (!payment_state_final(p->state) && p->state != PAYMENT_CREATED)
        world_fail(c->w, "payment %s is %s at the terminal: undecided", key,
                   payment_state_name(p->state));
    else if (paid_here != paid_there)
        world_fail(c->w, "payment %s is %s at the terminal and %s at the acquirer", key,
                   payment_state_name(p->state),
                   d->payment.state == PAYMENT_NONE ? "unknown"
                                                    : payment_state_name(d->payment.state));
    else if (paid_here &&
             (d->payment.amount_minor != p->amount_minor || strcmp(d->payment.rrn, p->rrn) != 0))
        world_fail(c->w, "payment %s has another amount or reference at the terminal", key);
    else if (paid_here && d->seen_at_terminal)
        world_fail(c->w, "payment %s stands twice at the terminal", key);
    d->seen_at_terminal = true;
    return c->w->failure[0] == '\0' ? OK : ERR(STATE);
}

static void check_terminals(struct census *c)
{
    for (unsigned i = 0; i < c->w->options.terminals && c->w->failure[0] == '\0'; i++) {
        err done = terminal_each_payment(c->w->terminal[i].terminal, check_terminal_payment, c);
        if (FAILED(done)) world_fail(c->w, "terminal %u's payments: %s", i, err_name(done));
    }
    for (size_t i = 0; i < c->capacity && c->w->failure[0] == '\0'; i++) {
        const struct decided *d = &c->row[i];
        if (d->payment.state != PAYMENT_APPROVED || d->seen_at_terminal) continue;
        char key[24];
        payment_key_text(&d->payment.key, key);
        world_fail(c->w, "payment %s is approved at the acquirer and its terminal does not know it",
                   key);
    }
}

/* ---- books
 * ---------------------------------------------------------------------------------------- */

struct sums {
    int64_t receivable, payable_and_income;
};

static err add_account(void *context, const struct account *a)
{
    struct sums *sums = context;
    if (a->kind == ACCOUNT_NETWORK_RECEIVABLE)
        sums->receivable += a->debits_posted - a->credits_posted;
    if (a->kind == ACCOUNT_MERCHANT_PAYABLE || a->kind == ACCOUNT_FEE_INCOME)
        sums->payable_and_income += a->credits_posted - a->debits_posted;
    return OK;
}

static err check_books(struct census *c)
{
    struct world *w = c->w;
    struct ledger *ledger = NULL;
    struct ledger_trial trial;
    struct sums sums = {0};
    struct store *journal = NULL;
    struct ledger_difference difference;
    const struct store_options options = {.mode = STORE_MEMORY};
    TRY(store_open("sim-journal", &options, NULL, &journal));
    struct fold_reader *reader = fold_reader_new(journal);
    ENSURE(reader != NULL);
    err done = ledger_open("sim-ledger", STORE_MEMORY, NULL, &ledger);
    if (!FAILED(done)) done = ledger_trial_balance(ledger, &trial);
    if (!FAILED(done)) done = ledger_accounts(ledger, add_account, &sums);
    if (!FAILED(done)) done = ledger_rebuild_compare(ledger, fold_read, reader, &difference);
    ledger_close(ledger);
    fold_reader_free(reader);
    store_close(journal);
    if (FAILED(done)) return done;
    if (!trial.balanced || !trial.transfers_agree) world_fail(w, "the books do not balance");
    if (trial.open_holds != 0) world_fail(w, "%zu holds are open in the ledger", trial.open_holds);
    if (sums.receivable != c->approved_minor || sums.payable_and_income != c->approved_minor)
        world_fail(w, "the ledger says networks owe %lld fen, the approved payments are %lld",
                   (long long)sums.receivable, (long long)c->approved_minor);
    if (!difference.same) world_fail(w, "a fresh fold differs: %s", difference.text);
    return OK;
}

/* ---- secrets (S61, S64)
 * ------------------------------------------------------------------------------ */

/* What is nowhere to be found. The tracks are made here; the rest stands with its owner. */
struct secrets {
    struct needles needles;
    char track[NEEDLES_MAX][64];
};

static void collect(const struct world *w, struct secrets *s)
{
    size_t count;
    const struct virtual_card *cards = virtual_cards(&count);
    for (size_t i = 0; i < count; i++) {
        struct writer t = writer_over(s->track[i], sizeof s->track[i] - 1);
        needles_add(&s->needles, bytes_text(cards[i].pan), "a card number");
        if (FAILED(virtual_card_track2(&cards[i], w->now_ms, &t))) continue;
        const char *discretionary = strchr(s->track[i], '=');
        ENSURE(discretionary != NULL);
        size_t len = strcspn(discretionary + 1, "?");
        needles_add(&s->needles, bytes_of(discretionary + 1, len), "a track");
    }
    for (unsigned i = 0; i < w->options.terminals; i++) {
        const struct cashier *c = &w->terminal[i].cashier;
        needles_add(&s->needles, bytes_text(c->password), "the password of an operator");
    }
}

static void search(struct world *w, const struct needles *needles, struct store_anchor *anchor,
                   const char *where)
{
    struct bytes image;
    if (FAILED(store_anchor_image(anchor, &image))) {
        world_fail(w, "%s cannot be searched", where);
        return;
    }
    const struct needle *found = needles_find(needles, image);
    if (found != NULL) world_fail(w, "%s holds %s", where, found->what);
    store_image_free(image);
}

/* Its eight digits stand in a long journal by chance, so they are searched for at home. */
static void search_initial(struct world *w, const struct side_terminal *t)
{
    struct needles initial = {.count = 0};
    needles_add(&initial, bytes_text(t->cashier.initial), "an initial password");
    search(w, &initial, t->anchor, "terminal's store");
    search(w, &initial, t->vault_anchor, "vault's store");
}

static void check_secrets(struct world *w)
{
    struct secrets *s = calloc(1, sizeof *s);
    ENSURE(s != NULL);
    collect(w, s);
    search(w, &s->needles, w->journal_anchor, "journal");
    search(w, &s->needles, w->ledger_anchor, "ledger");
    search(w, &s->needles, w->audit_anchor, "audit log");
    search(w, &s->needles, w->registry_anchor, "registry");
    for (unsigned i = 0; i < w->options.terminals; i++) {
        search(w, &s->needles, w->terminal[i].anchor, "terminal's store");
        search(w, &s->needles, w->terminal[i].vault_anchor, "vault's store");
        search_initial(w, &w->terminal[i]);
    }
    explicit_bzero(s, sizeof *s);
    free(s);
}

/* ---- parameters of chip cards -----------------------------------------------------------------
 */

/* What the host believes about this terminal, whose vault says the truth. */
static err check_parameters(struct world *w, struct store *journal, const struct side_terminal *t)
{
    struct store_statement *s;
    int64_t len = 0;
    bool believed = false;
    TRY(store_statement(journal, "SELECT 1 FROM terminal_parameters WHERE tid = ? AND number = 1",
                        &s));
    store_bind_text(s, bytes_text(t->tid));
    TRY(store_step(s, &believed));
    store_reset(s);
    TRY(store_query_int(vault_store(t->vault), "SELECT length(parameters) FROM device", &len));
    if (believed && len == 0) world_fail(w, "terminal %u has lost its parameters", t->index);
    w->counts.parameters += len > 0;
    return OK;
}

static err check_all_parameters(struct world *w)
{
    struct store *journal = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    TRY(store_open("sim-journal", &options, NULL, &journal));
    err done = OK;
    for (unsigned i = 0; i < w->options.terminals && !FAILED(done); i++)
        done = check_parameters(w, journal, &w->terminal[i]);
    store_close(journal);
    if (!FAILED(done) && w->counts.parameters == 0 && w->options.terminals >= 8)
        world_fail(w, "no terminal has fetched its parameters");
    return done;
}

void world_check(struct world *w)
{
    struct census c = {.w = w, .capacity = 1 << 10};
    while (c.capacity < w->options.payments * 4) c.capacity *= 2;
    c.row = calloc(c.capacity, sizeof *c.row);
    ENSURE(c.row != NULL);
    int64_t spoilt = 0;
    err done = settlements_put_right(w, &spoilt);
    if (!FAILED(done)) done = read_journal(&c);
    if (!FAILED(done)) {
        check_against_network(&c);
        check_terminals(&c);
        done = check_books(&c);
    }
    if (!FAILED(done)) done = settlements_check(w, spoilt, c.approved, c.approved_minor);
    if (!FAILED(done)) done = check_all_parameters(w);
    if (FAILED(done)) world_fail(w, "checking: %s", err_name(done));
    check_secrets(w);
    free(c.row);
}
