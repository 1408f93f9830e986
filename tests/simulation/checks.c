/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be true when everything has come to rest, whatever has happened (S87, S88, S89, S95,
 * S101, S191, S192):
 *
 *   the books balance, and nothing is held but what is disputed
 *   every payment is decided: at the terminal, at the acquirer, at the network
 *   what a terminal shows as paid was charged exactly once and is in the ledger; nothing else is
 *   nothing gives back more than was paid, or completes more than 115 % of what was held
 *   what a customer's account says is what his payments add up to, holds and their ends with them
 *   what cards have approved alone is told once; what its issuer will not pay is in suspense
 *   the ledger is what a fresh fold of the journal gives
 *   a terminal that the host believes to have parameters of chip cards has them
 *   every approved payment is in a batch that was closed once; what differs has a work item
 *   a money order is made once, and pays out no more than is there
 *   a balance that was asked for is in no store
 *   what a customer pays by plates is within the limits of their class
 *   a device that was restored has what the old one had, but for cash and for what cards had
 *   approved and nobody had told, which are counted
 *   no card number, track, PIN or password stands in any store
 */
#include <stdio.h>
#include <stdlib.h>

#include "acquirer/fold.h"
#include "journal/journal.h"
#include "ledger/fold.h"
#include "payment/kind.h"
#include "tests/simulation/census.h"
#include "tests/simulation/needles.h"
#include "tests/simulation/world.h"

/* What is not at rest yet, in words; NULL when everything is. */
static const char *restless_terminal(const struct side_terminal *t)
{
    if (t->terminal == NULL) return "the terminal is dead";
    if (t->vault == NULL) return "the vault is dead";
    if (t->restoring) return "a device has not been restored yet";
    if (replaced_behind((struct side_terminal *)t)) return "a restored device has not caught up";
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
    if (w->office.waits) return "an order waits for its answer";
    if (!gate_at_rest(w)) return "the gateway waits for a provider";
    if (!plates_at_rest(w)) return "a plate is undecided";
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

/* ---- what the acquirer says of each payment: the last journal row of each key -----------------
 */

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
        for (size_t i = 0; i < got && !FAILED(done); i++) {
            struct decided *d = census_slot(c, &rows[i].payment.key);
            orders_up_to(c, rows[i].seq);
            orders_see(c, &rows[i].payment, &d->standing_minor);
            d->payment = rows[i].payment;
            d->was_approved = d->was_approved || d->payment.state == PAYMENT_APPROVED;
        }
    }
    orders_up_to(c, INT64_MAX);
    free(rows);
    store_close(store);
    return done;
}

static enum world_end end_of(const struct payment *p)
{
    return p->state == PAYMENT_APPROVED   ? END_APPROVED
           : p->state == PAYMENT_DECLINED ? END_DECLINED
           : p->state == PAYMENT_DISPUTED ? END_DISPUTED
                                          : END_REVERSED;
}

static void count_payment(struct census *c, const struct payment *p)
{
    enum payment_direction direction = payment_type_row(p->type)->direction;
    bool approved = p->state == PAYMENT_APPROVED, moves = payment_side_of(p->type) != 0;
    c->w->counts.ends[p->type][end_of(p)]++;
    c->w->counts.offline += payment_told(p);
    c->w->counts.told += payment_told(p) && approved;
    if (p->state == PAYMENT_DISPUTED) {
        c->disputed++;
        c->disputed_minor += p->amount_minor;
    }
    if (!approved || !moves) return;
    if (p->entry == PAYMENT_ENTRY_PLATE) {
        c->plates++;
        c->plates_minor += p->amount_minor;
    }
    c->approved++;
    c->approved_minor += direction == PAYMENT_GIVES ? -p->amount_minor : p->amount_minor;
}

static void check_entry(void *context, const struct entry *e)
{
    struct census *c = context;
    if (e->type == PAYMENT_BALANCE) world_fail(c->w, "a network has kept a balance");
}

/* Is this reference of a payment that the acquirer has approved? Only asked when sums differ. */
static bool approved_here(const struct census *c, const char *rrn)
{
    for (size_t i = 0; i < c->capacity; i++)
        if (c->row[i].payment.state == PAYMENT_APPROVED && strcmp(c->row[i].payment.rrn, rrn) == 0)
            return true;
    return false;
}

static void name_stray(void *context, const struct entry *e)
{
    struct census *c = context;
    if (e->state != ENTRY_CHARGED || entry_taken(e) == 0 || approved_here(c, e->rrn)) return;
    census_explain(c, e->rrn);
    world_fail(c->w, "%s is charged at the network, and no payment of ours", e->rrn);
}

static void name_strays(struct census *c)
{
    book_each(network_book(c->w->network), name_stray, c);
    for (size_t i = 0; i < c->providers; i++) {
        const struct clearing_row *row = &c->provider[i].row;
        if (!row->stands || approved_here(c, row->rrn)) continue;
        census_explain(c, row->rrn);
        world_fail(c->w, "%s of %lld fen stands at the provider, and is no payment of ours",
                   row->rrn, (long long)row->amount_minor);
    }
}

/* Approved at the acquirer is done at the network, once and to the fen; and nothing else is. */
static void check_against_network(struct census *c)
{
    for (size_t i = 0; i < c->capacity; i++) {
        const struct payment *p = &c->row[i].payment;
        if (p->state == PAYMENT_NONE) continue;
        if (p->type == PAYMENT_BALANCE) world_fail(c->w, "the journal has kept a balance");
        char key[24];
        payment_key_text(&p->key, key);
        if (!payment_state_final(p->state) && p->state != PAYMENT_DISPUTED) {
            world_fail(c->w, "payment %s is %s at the acquirer: undecided", key,
                       payment_state_name(p->state));
            return;
        }
        bool approved = p->state == PAYMENT_APPROVED;
        const struct entry *e = census_entry(c, p->rrn);
        const struct clearing_row *row = providers_row(c, p->rrn);
        bool charged = e != NULL && e->state == ENTRY_CHARGED;
        if (charged && row != NULL) world_fail(c->w, "%s %s is charged twice", e->rrn, key);
        int64_t minor = charged ? e->amount_minor : row != NULL ? row->amount_minor : 0;
        enum payment_type type = charged ? e->type : row != NULL ? row->type : PAYMENT_TYPE_NONE;
        c->w->counts.by_providers += row != NULL;
        charged = charged || row != NULL;
        if (approved != charged || (charged && (minor != p->amount_minor || type != p->type))) {
            census_explain(c, p->rrn);
            world_fail(c->w, "%s %s, rrn %s, is %s at the acquirer and %s at the %s",
                       payment_type_row(p->type)->en, key, p->rrn, payment_state_name(p->state),
                       charged ? "charged" : "not charged", row != NULL ? "provider" : "network");
            return;
        }
        count_payment(c, p);
    }
    book_each(network_book(c->w->network), check_entry, c);
    struct network_totals totals;
    network_totals(c->w->network, &totals);
    int64_t charged = totals.charged_minor[PAYMENT_ROUTE_CARD_NETWORK] +
                      totals.charged_minor[PAYMENT_ROUTE_WALLET] + providers_sum(c);
    if (charged != c->approved_minor) name_strays(c);
    if (charged != c->approved_minor)
        world_fail(c->w, "networks have charged %lld fen, the acquirer has approved %lld",
                   (long long)charged, (long long)c->approved_minor);
}

/* ---- every terminal agrees --------------------------------------------------------------------
 */

static err check_terminal_payment(void *context, int64_t number, const struct payment *p)
{
    struct census *c = context;
    if (replaced_aside(c, p)) return OK;
    papers_check_slip(c->terminal, number, p);
    if (p->type == PAYMENT_BALANCE) world_fail(c->w, "a terminal has kept a balance");
    if (p->means == PAYMENT_CASH) { /* between two people: there is nobody to agree with */
        c->w->counts.cash++;
        return c->w->failure[0] == '\0' ? OK : ERR(STATE);
    }
    char key[24];
    payment_key_text(&p->key, key);
    struct decided *d = census_slot(c, &p->key);
    bool paid_here = p->state == PAYMENT_APPROVED;
    /* To the terminal the telling of it was the end: what its issuer says is not its business. */
    bool paid_there = d->payment.state == PAYMENT_APPROVED || d->payment.state == PAYMENT_DISPUTED;
    if (!payment_state_final(p->state) && p->state != PAYMENT_CREATED)
        world_fail(c->w, "payment %s is %s at the terminal: undecided", key,
                   payment_state_name(p->state));
    else if (paid_here != paid_there && !(paid_there && d->kept))
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
    d->reversed_at_terminal = p->state == PAYMENT_REVERSED;
    return c->w->failure[0] == '\0' ? OK : ERR(STATE);
}

static void check_terminals(struct census *c)
{
    for (unsigned i = 0; i < c->w->options.terminals && c->w->failure[0] == '\0'; i++) {
        c->terminal = &c->w->terminal[i];
        err done = terminal_each_payment(c->terminal->terminal, check_terminal_payment, c);
        if (!FAILED(done)) done = papers_check_shifts(c->terminal);
        if (!FAILED(done)) done = replaced_check(c);
        if (FAILED(done)) world_fail(c->w, "terminal %u's payments: %s", i, err_name(done));
    }
    for (size_t i = 0; i < c->capacity && c->w->failure[0] == '\0'; i++) {
        const struct decided *d = &c->row[i];
        bool paid = d->payment.state == PAYMENT_APPROVED || d->payment.state == PAYMENT_DISPUTED;
        if (!paid || d->seen_at_terminal || d->payment.entry == PAYMENT_ENTRY_PLATE) continue;
        char key[24];
        payment_key_text(&d->payment.key, key);
        world_fail(c->w, "payment %s is %s at the acquirer and its terminal does not know it", key,
                   payment_state_name(d->payment.state));
    }
}

/* ---- books ------------------------------------------------------------------------------------
 */

struct sums {
    int64_t receivable, payable_and_income, held, suspense;
};

static err add_account(void *context, const struct account *a)
{
    struct sums *sums = context;
    if (a->kind == ACCOUNT_NETWORK_RECEIVABLE)
        sums->receivable += a->debits_posted - a->credits_posted;
    if (a->kind == ACCOUNT_MERCHANT_PAYABLE || a->kind == ACCOUNT_FEE_INCOME)
        sums->payable_and_income += a->credits_posted - a->debits_posted;
    if (a->kind == ACCOUNT_MERCHANT_PAYABLE) sums->held += a->credits_pending - a->debits_pending;
    if (a->kind == ACCOUNT_SUSPENSE) sums->suspense += a->debits_pending - a->credits_pending;
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
    if (!FAILED(done)) done = ledger_accounts(ledger, orders_account, c);
    if (!FAILED(done)) done = ledger_rebuild_compare(ledger, fold_read, reader, &difference);
    ledger_close(ledger);
    fold_reader_free(reader);
    store_close(journal);
    if (FAILED(done)) return done;
    if (!trial.balanced || !trial.transfers_agree) world_fail(w, "the books do not balance");
    /* A disputed payment is held against suspense, to the fen, until a person decides. */
    if (trial.open_holds != c->disputed || sums.held != c->disputed_minor ||
        sums.suspense != c->disputed_minor)
        world_fail(w,
                   "%zu holds of %lld fen are open, %lld in suspense; %zu payments of %lld fen are "
                   "disputed",
                   trial.open_holds, (long long)sums.held, (long long)sums.suspense, c->disputed,
                   (long long)c->disputed_minor);
    int64_t owed_minor = c->approved_minor + orders_moved(c);
    if (sums.receivable != c->approved_minor || sums.payable_and_income != owed_minor)
        world_fail(w,
                   "the ledger says networks owe %lld fen, the approved payments are %lld; to the "
                   "merchant and in fees %lld, with orders %lld",
                   (long long)sums.receivable, (long long)c->approved_minor,
                   (long long)sums.payable_and_income, (long long)owed_minor);
    if (!difference.same) world_fail(w, "a fresh fold differs: %s", difference.text);
    return OK;
}

/* ---- secrets (S61, S64) -----------------------------------------------------------------------
 */

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
        needles_add(&s->needles, bytes_text(c->self.password), "the password of an operator");
        needles_add(&s->needles, bytes_text(c->supervisor.password),
                    "the password of a supervisor");
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
    needles_add(&initial, bytes_text(t->cashier.self.initial), "an initial password");
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
    TRY(store_statement(journal,
                        "SELECT 1 FROM terminal_parameters WHERE tid = ? AND number = 1"
                        " AND (device = ?2 OR ?2 = '')",
                        &s));
    store_bind_text(s, bytes_text(t->tid));
    store_bind_text(s, bytes_text(t->replaced ? t->spare.fingerprint : ""));
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

static err check_all(struct census *c)
{
    TRY(settlements_put_right(c));
    TRY(orders_read(c));
    TRY(providers_read(c));
    TRY(read_journal(c));
    TRY(settlements_kept(c));
    check_against_network(c);
    census_check_followers(c);
    census_check_accounts(c);
    check_terminals(c);
    TRY(plates_check(c));
    TRY(orders_check(c));
    TRY(check_books(c));
    TRY(settlements_check(c));
    TRY(clearing_check(c));
    return check_all_parameters(c->w);
}

void world_check(struct world *w)
{
    struct census *c = calloc(1, sizeof *c);
    ENSURE(c != NULL);
    *c = (struct census){.w = w, .capacity = 1 << 10};
    while (c->capacity < w->options.payments * 2) c->capacity *= 2;
    c->row = calloc(c->capacity, sizeof *c->row);
    ENSURE(c->row != NULL);
    err done = check_all(c);
    if (FAILED(done)) world_fail(w, "checking: %s", err_name(done));
    check_secrets(w);
    orders_free(c);
    providers_forget(c);
    free(c->row);
    free(c);
}
