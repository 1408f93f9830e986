/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fold (S69, S187): stories of payments and what they leave on the accounts, repeats and gaps,
 * a thousand random lives against a model of four lines, killed at every call of the store, rebuilt
 * and compared, altered and found out.
 */
#include <sys/resource.h>

#include "ledger/fold.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "tests/unit/scratch.h"

static struct store_anchor *anchor;
static struct ledger *ledger;

static void reopen(void)
{
    ledger_close(ledger);
    ledger = NULL;
    struct store_fault fault = {""};
    err e = ledger_open("fold-test", STORE_MEMORY, &fault, &ledger);
    if (FAILED(e)) print_error("%s\n", fault.text);
    assert_ok(e);
}

static int make_ledger(void **state)
{
    (void)state;
    if (FAILED(store_anchor_open("fold-test", &anchor))) return -1;
    return FAILED(ledger_open("fold-test", STORE_MEMORY, NULL, &ledger));
}

static int drop_ledger(void **state)
{
    (void)state;
    ledger_close(ledger);
    ledger = NULL;
    store_anchor_close(anchor);
    return 0;
}

static struct ledger_entry entry(int64_t seq, enum ledger_kind kind, uint32_t stan,
                                 int64_t amount_minor)
{
    struct ledger_entry e = {.seq = seq,
                             .at_ms = 1700000000000 + seq,
                             .kind = kind,
                             .merchant = "898310153110001",
                             .network = LEDGER_CARD_NETWORK,
                             .amount_minor = amount_minor,
                             .currency = 156,
                             .class = FEE_CREDIT,
                             .plan = FEE_PLAN_STANDARD};
    ledger_key(e.key, "10000017", 12, stan);
    return e;
}

static err fold_one(struct ledger_entry e)
{
    return ledger_fold(ledger, &e, 1);
}

static err take_account(void *context, const struct account *account)
{
    struct account *wanted = context;
    if (wanted->kind == account->kind && wanted->currency == account->currency &&
        strcmp(wanted->owner, account->owner) == 0)
        *wanted = *account;
    return OK;
}

static struct account account_now(enum account_kind kind, const char *owner)
{
    struct account account = {.kind = kind, .currency = 156};
    snprintf(account.owner, sizeof account.owner, "%s", owner);
    assert_ok(ledger_accounts(ledger, take_account, &account));
    return account;
}

/* What the merchant, the card network and the fee account have: pending, and posted net. */
static void stands_at(int64_t held, int64_t owed_by_network, int64_t owed_to_merchant, int64_t fees)
{
    struct account merchant = account_now(ACCOUNT_MERCHANT_PAYABLE, "898310153110001");
    struct account network = account_now(ACCOUNT_NETWORK_RECEIVABLE, "card-network");
    struct account income = account_now(ACCOUNT_FEE_INCOME, "");
    assert_int_equal(merchant.credits_pending, held);
    assert_int_equal(network.debits_pending, held);
    assert_int_equal(network.debits_posted - network.credits_posted, owed_by_network);
    assert_int_equal(merchant.credits_posted - merchant.debits_posted, owed_to_merchant);
    assert_int_equal(income.credits_posted - income.debits_posted, fees);
}

static struct ledger_trial trial(void)
{
    struct ledger_trial trial = {0};
    assert_ok(ledger_trial_balance(ledger, &trial));
    assert_true(trial.balanced);
    assert_true(trial.transfers_agree);
    return trial;
}

static void said(const char *text)
{
    if (strstr(ledger_error_text(ledger), text) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", ledger_error_text(ledger), text);
}

/* ---- stories ----------------------------------------------------------------------------------
 */

static void an_empty_ledger_balances(void **state)
{
    (void)state;
    struct ledger_trial found = trial();
    assert_int_equal(found.accounts, 0);
    assert_int_equal(found.seq, 0);
}

static void approved_is_owed_less_the_fee(void **state)
{
    (void)state;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 10000)));
    stands_at(10000, 0, 0, 0);
    assert_int_equal(trial().open_holds, 1);
    assert_ok(fold_one(entry(2, LEDGER_POST, 1, 10000)));
    stands_at(0, 10000, 9940, 60);
    assert_int_equal(trial().open_holds, 0);
    assert_int_equal(trial().transfers, 3); /* hold, post, fee */
}

static void declined_leaves_nothing(void **state)
{
    (void)state;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 10000)));
    assert_ok(fold_one(entry(2, LEDGER_UNDO, 1, 10000)));
    stands_at(0, 0, 0, 0);
    /* The terminal did not hear it and reverses: there is nothing left to undo. */
    assert_ok(fold_one(entry(3, LEDGER_UNDO, 1, 10000)));
    stands_at(0, 0, 0, 0);
    assert_int_equal(trial().transfers, 2);
}

static void reversed_after_approval_goes_back_with_its_fee(void **state)
{
    (void)state;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 10000)));
    assert_ok(fold_one(entry(2, LEDGER_POST, 1, 10000)));
    assert_ok(fold_one(entry(3, LEDGER_NOTHING, 0, 0)));
    reopen(); /* what is remembered of it comes from the transfers then */
    assert_ok(fold_one(entry(4, LEDGER_UNDO, 1, 10000)));
    stands_at(0, 0, 0, 0);
    assert_ok(fold_one(entry(5, LEDGER_UNDO, 1, 10000)));
    stands_at(0, 0, 0, 0);
    reopen();
    assert_ok(fold_one(entry(6, LEDGER_UNDO, 1, 10000)));
    stands_at(0, 0, 0, 0);
    assert_int_equal(trial().transfers, 5);
    assert_int_equal(ledger_seq(ledger), 6);
}

/* I5: what was undone never becomes money, whatever comes late. */
static void late_approval_is_refused(void **state)
{
    (void)state;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 10000)));
    assert_ok(fold_one(entry(2, LEDGER_UNDO, 1, 10000)));
    assert_err(fold_one(entry(3, LEDGER_POST, 1, 10000)), CONFLICT);
    said("without a hold");
    assert_int_equal(ledger_seq(ledger), 2);
    stands_at(0, 0, 0, 0);
}

static void fees_follow_class_and_small_amounts_have_none(void **state)
{
    (void)state;
    struct ledger_entry wallet = entry(4, LEDGER_POST, 2, 12800);
    wallet.class = FEE_WALLET;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 1)));
    assert_ok(fold_one(entry(2, LEDGER_POST, 1, 1)));
    stands_at(0, 1, 1, 0);
    assert_ok(fold_one(entry(3, LEDGER_HOLD, 2, 12800)));
    assert_ok(fold_one(wallet));
    stands_at(0, 12801, 12801 - 49, 49);
    int64_t rule = 0;
    assert_ok(
        store_query_int(ledger_store(ledger), "SELECT rule FROM transfer WHERE kind = 3", &rule));
    assert_ptr_equal(fee_rule_of((uint32_t)rule), fee_rule_for(FEE_PLAN_STANDARD, FEE_WALLET, 1));
}

static void currencies_and_networks_have_their_own_accounts(void **state)
{
    (void)state;
    struct ledger_entry other = entry(2, LEDGER_HOLD, 2, 500);
    other.currency = 344;
    other.network = LEDGER_WALLET;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 10000)));
    assert_ok(fold_one(other));
    struct ledger_trial found = trial();
    assert_int_equal(found.accounts, 4);
    assert_int_equal(found.currencies, 2);
    assert_int_equal(found.balance[1].currency, 344);
    assert_int_equal(found.balance[1].debits_pending, 500);
    stands_at(10000, 0, 0, 0);
}

/* ---- what cannot follow -----------------------------------------------------------------------
 */

static void folding_again_changes_nothing(void **state)
{
    (void)state;
    struct ledger_entry entries[] = {entry(1, LEDGER_HOLD, 1, 100), entry(2, LEDGER_HOLD, 2, 200),
                                     entry(3, LEDGER_POST, 1, 100)};
    assert_ok(ledger_fold(ledger, entries, 2));
    assert_ok(ledger_fold(ledger, entries, 2));
    assert_ok(ledger_fold(ledger, entries, 3)); /* the first two are passed over */
    assert_ok(ledger_fold(ledger, entries, 3));
    assert_ok(ledger_fold(ledger, NULL, 0));
    stands_at(200, 100, 99, 1);
    assert_int_equal(trial().transfers, 4);
}

static void a_gap_is_an_error(void **state)
{
    (void)state;
    struct ledger_entry gap[] = {entry(2, LEDGER_HOLD, 2, 200), entry(4, LEDGER_NOTHING, 0, 0)};
    assert_err(fold_one(entry(2, LEDGER_HOLD, 1, 100)), CORRUPT);
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 100)));
    assert_err(ledger_fold(ledger, gap, 2), CORRUPT);
    said("missing");
    assert_int_equal(ledger_seq(ledger), 1);
    stands_at(100, 0, 0, 0);
    assert_ok(fold_one(entry(2, LEDGER_HOLD, 2, 200)));
    stands_at(300, 0, 0, 0);
}

static void conflicts(const struct ledger_entry *bad, const char *says)
{
    assert_err(ledger_fold(ledger, bad, 1), CONFLICT);
    said(says);
    said("journal row 3");
    stands_at(100, 0, 0, 0);
    assert_int_equal(ledger_seq(ledger), 2);
}

static void what_cannot_follow_is_named_and_undone(void **state)
{
    (void)state;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 100)));
    assert_ok(fold_one(entry(2, LEDGER_NOTHING, 0, 0)));
    struct ledger_entry e;
#define CONFLICTS(first, change, says) e = first, change, conflicts(&e, says)
    CONFLICTS(entry(3, LEDGER_HOLD, 1, 100), (void)0, "known already");
    CONFLICTS(entry(3, LEDGER_POST, 9, 100), (void)0, "without a hold");
    CONFLICTS(entry(3, LEDGER_UNDO, 9, 100), (void)0, "never seen");
    CONFLICTS(entry(3, LEDGER_POST, 1, 101), (void)0, "not what was held");
    CONFLICTS(entry(3, LEDGER_UNDO, 1, 99), (void)0, "not what was held");
    CONFLICTS(entry(3, LEDGER_POST, 1, 100), e.currency = 344, "not what was held");
    CONFLICTS(entry(3, LEDGER_POST, 1, 100), e.merchant[14] = '2', "not what was held");
    CONFLICTS(entry(3, LEDGER_HOLD, 2, 0), (void)0, "out of its range");
    CONFLICTS(entry(3, LEDGER_HOLD, 2, 5), e.network = 0, "out of its range");
    CONFLICTS(entry(3, LEDGER_HOLD, 2, 5), e.merchant[0] = '\0', "out of its range");
    CONFLICTS(entry(3, LEDGER_HOLD, 2, INT64_MAX), (void)0, "would not fit");
    assert_ok(fold_one(entry(3, LEDGER_POST, 1, 100)));
}

/* All or nothing: the entries before the bad one are not folded either, and go in later. */
static void a_batch_is_whole_or_not_there(void **state)
{
    (void)state;
    struct ledger_entry entries[] = {entry(1, LEDGER_HOLD, 1, 100), entry(2, LEDGER_POST, 1, 100),
                                     entry(3, LEDGER_POST, 1, 100)};
    assert_err(ledger_fold(ledger, entries, 3), CONFLICT);
    assert_int_equal(trial().transfers, 0);
    assert_int_equal(trial().accounts, 0);
    assert_ok(ledger_fold(ledger, entries, 2));
    stands_at(0, 100, 99, 1);
}

/* ---- random lives -----------------------------------------------------------------------------
 */

enum { PAYMENTS = 400, ENTRIES = 3000, MERCHANTS = 3 };

struct life {
    enum { LIFE_NEW, LIFE_HELD, LIFE_POSTED, LIFE_UNDONE } state;
    int64_t amount_minor;
    uint32_t merchant;
    enum ledger_network network;
    enum fee_class class;
};

struct lives {
    struct life life[PAYMENTS];
    struct ledger_entry entry[ENTRIES];
};

static struct ledger_entry next_entry(struct lives *lives, int64_t seq, const struct random *random)
{
    uint32_t stan = random_below(random, PAYMENTS);
    struct life *life = &lives->life[stan];
    enum ledger_kind kind = LEDGER_NOTHING;
    if (life->state == LIFE_NEW) {
        *life = (struct life){LIFE_HELD, 1 + random_below(random, 500000),
                              random_below(random, MERCHANTS),
                              random_below(random, 2) == 0 ? LEDGER_WALLET : LEDGER_CARD_NETWORK,
                              (enum fee_class)random_below(random, FEE_CLASSES)};
        kind = LEDGER_HOLD;
    } else if (life->state == LIFE_HELD && random_below(random, 3) > 0) {
        life->state = LIFE_POSTED;
        kind = LEDGER_POST;
    } else if (random_below(random, 3) == 0) {
        life->state = LIFE_UNDONE; /* also of what is undone already: told again, late */
        kind = LEDGER_UNDO;
    }
    struct ledger_entry e = entry(seq, kind, stan + 1, life->amount_minor);
    e.merchant[14] = (char)('1' + life->merchant);
    e.network = life->network;
    e.class = life->class;
    return e;
}

/* The model: what each life is worth, summed without a ledger. */
static void check_model(const struct lives *lives)
{
    int64_t held = 0, network = 0, fees = 0, net = 0;
    for (size_t i = 0; i < PAYMENTS; i++) {
        const struct life *life = &lives->life[i];
        if (life->state == LIFE_HELD) held += life->amount_minor;
        if (life->state != LIFE_POSTED) continue;
        int64_t fee =
            fee_amount(fee_rule_for(FEE_PLAN_STANDARD, life->class, 1), life->amount_minor);
        network += life->amount_minor;
        fees += fee;
    }
    struct ledger_trial found = trial();
    for (uint32_t i = 0; i < MERCHANTS; i++) {
        char mid[16] = "898310153110001";
        mid[14] = (char)('1' + i);
        struct account merchant = account_now(ACCOUNT_MERCHANT_PAYABLE, mid);
        net += merchant.credits_posted - merchant.debits_posted;
    }
    struct account card = account_now(ACCOUNT_NETWORK_RECEIVABLE, "card-network");
    struct account wallet = account_now(ACCOUNT_NETWORK_RECEIVABLE, "wallet");
    struct account income = account_now(ACCOUNT_FEE_INCOME, "");
    assert_int_equal(found.balance[0].debits_pending, held);
    assert_int_equal(card.debits_posted + wallet.debits_posted - card.credits_posted -
                         wallet.credits_posted,
                     network);
    assert_int_equal(income.credits_posted - income.debits_posted, fees);
    assert_int_equal(net, network - fees);
}

static void random_lives_sum_to_what_they_are_worth(void **state)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        static struct lives lives;
        struct random_seeded source;
        random_seed(&source, seed);
        struct random random = random_from_seed(&source);
        memset(&lives, 0, sizeof lives);
        for (int64_t seq = 1; seq <= ENTRIES;) {
            struct ledger_entry batch[64];
            size_t count = 1 + random_below(&random, 64);
            for (size_t i = 0; i < count; i++) batch[i] = next_entry(&lives, seq++, &random);
            assert_ok(ledger_fold(ledger, batch, count));
            if (random_below(&random, 10) == 0) reopen();
            if (random_below(&random, 10) == 0) check_model(&lives);
        }
        check_model(&lives);
        drop_ledger(state);
        make_ledger(state);
    }
}

/* ---- crashes ----------------------------------------------------------------------------------
 */

static err kill_at(void *context, enum store_call call)
{
    (void)call;
    int *left = context;
    return (*left)-- == 0 ? ERR(CRASHED) : OK;
}

static void killed_at_every_call_it_goes_on_where_it_was(void **state)
{
    struct ledger_entry entries[] = {
        entry(1, LEDGER_HOLD, 1, 10000), entry(2, LEDGER_HOLD, 2, 20000),
        entry(3, LEDGER_POST, 1, 10000), entry(4, LEDGER_UNDO, 2, 20000),
        entry(5, LEDGER_HOLD, 3, 30000), entry(6, LEDGER_UNDO, 1, 10000),
        entry(7, LEDGER_POST, 3, 30000), entry(8, LEDGER_HOLD, 4, 40000)};
    int n = 0;
    for (bool finished = false; !finished; n++) {
        drop_ledger(state);
        make_ledger(state);
        int left = n;
        store_set_fault(ledger_store(ledger), kill_at, &left);
        err e = OK;
        for (size_t i = 0; i < ARRAY_LEN(entries) && !FAILED(e); i += 2)
            e = ledger_fold(ledger, &entries[i], 2);
        finished = !FAILED(e);
        reopen();
        assert_int_equal(ledger_seq(ledger) % 2, 0);
        trial();
        /* The next process folds what it finds from the number that was reached. */
        assert_ok(ledger_fold(ledger, entries, ARRAY_LEN(entries)));
        stands_at(40000, 30000, 30000 - 180, 180);
        assert_int_equal(trial().transfers, 11);
    }
    assert_true(n > 40);
}

/* A store that fails without dying: the fold is taken back in memory too, and can be tried again.
 */
static err fail_at(void *context, enum store_call call)
{
    int *left = context;
    bool statement = call == STORE_CALL_STEP;
    return statement && (*left)-- == 0 ? ERR(FULL) : OK;
}

static void a_failed_fold_can_be_tried_again(void **state)
{
    struct ledger_entry entries[] = {entry(1, LEDGER_HOLD, 1, 10000),
                                     entry(2, LEDGER_POST, 1, 10000), entry(3, LEDGER_HOLD, 2, 500),
                                     entry(4, LEDGER_UNDO, 1, 10000)};
    int n = 0;
    for (bool finished = false; !finished; n++) {
        drop_ledger(state);
        make_ledger(state);
        assert_ok(ledger_fold(ledger, entries, 1));
        int left = n;
        store_set_fault(ledger_store(ledger), fail_at, &left);
        err e = ledger_fold(ledger, entries, 4);
        finished = !FAILED(e);
        if (!finished) assert_err(e, FULL);
        store_set_fault(ledger_store(ledger), NULL, NULL);
        assert_ok(ledger_fold(ledger, entries, 4));
        stands_at(500, 0, 0, 0);
        assert_int_equal(trial().transfers, 6);
    }
    assert_true(n > 8);
}

/* ---- rebuild ----------------------------------------------------------------------------------
 */

struct source {
    struct ledger_entry *entries;
    size_t count;
};

static err read_source(void *context, int64_t from_seq, struct ledger_entry *entries, size_t max,
                       size_t *ret_count)
{
    struct source *source = context;
    size_t count = 0;
    for (size_t i = (size_t)from_seq - 1; i < source->count && count < max && count < 700; i++)
        entries[count++] = source->entries[i];
    *ret_count = count;
    return OK;
}

static struct source random_source(uint64_t seed)
{
    static struct lives lives;
    struct random_seeded state;
    random_seed(&state, seed);
    struct random random = random_from_seed(&state);
    memset(&lives, 0, sizeof lives);
    for (int64_t seq = 1; seq <= ENTRIES; seq++)
        lives.entry[seq - 1] = next_entry(&lives, seq, &random);
    return (struct source){lives.entry, ENTRIES};
}

static void a_rebuilt_ledger_is_the_same(void **state)
{
    (void)state;
    struct source source = random_source(99);
    struct ledger_difference difference = {0};
    for (size_t i = 0; i < source.count; i += 100) /* other batches than the rebuild has */
        assert_ok(ledger_fold(ledger, &source.entries[i], 100));
    assert_ok(ledger_rebuild_compare(ledger, read_source, &source, &difference));
    assert_true(difference.same);
    assert_int_equal(difference.seq, ENTRIES);
    assert_ok(ledger_rebuild_compare(ledger, read_source, &source, &difference));
    assert_true(difference.same);

    size_t quiet = 0; /* another journal: a hold where nothing was */
    while (source.entries[quiet].kind != LEDGER_NOTHING) quiet++;
    source.entries[quiet] = entry((int64_t)quiet + 1, LEDGER_HOLD, 99999, 5);
    assert_ok(ledger_rebuild_compare(ledger, read_source, &source, &difference));
    assert_false(difference.same);
    source = random_source(99);
    source.count = ENTRIES - 1;
    assert_err(ledger_rebuild_compare(ledger, read_source, &source, &difference), CORRUPT);
    said("ends before");
}

static void every_alteration_is_found(void **state)
{
    static const struct {
        const char *sql, *says;
    } alterations[] = {
        {"UPDATE account SET credits_posted = credits_posted + 1 WHERE kind = 1", "account 2100-"},
        {"UPDATE account SET debits_posted = debits_posted + 1, credits_posted = credits_posted + 1"
         " WHERE kind = 3",
         "account 4100-156"},
        {"UPDATE transfer SET amount_minor = amount_minor + 1 WHERE kind = 1", "transfers"},
        {"UPDATE transfer SET rule = rule + 1 WHERE kind = 3", "transfers"},
        {"UPDATE transfer SET key = zeroblob(16) WHERE id = 8", "transfers"},
        {"UPDATE transfer SET at_ms = at_ms + 1 WHERE id = 8", "transfers"},
        {"DELETE FROM transfer WHERE id = 8", "transfers"},
        {"INSERT INTO transfer SELECT id + 7, at_ms, 3, key, debit, credit, 1, 101 FROM transfer"
         " WHERE id = 8",
         "transfers"},
        {"DELETE FROM open_hold WHERE seq = (SELECT min(seq) FROM open_hold)", "open holds"},
        {"UPDATE open_hold SET amount_minor = amount_minor + 1", "open holds"},
    };
    for (size_t i = 0; i < ARRAY_LEN(alterations); i++) {
        drop_ledger(state);
        make_ledger(state);
        struct source source = random_source(7);
        struct ledger_difference difference = {.same = true};
        assert_ok(ledger_fold(ledger, source.entries, source.count));
        struct store *store = ledger_store(ledger);
        assert_err(store_exec(store, "UPDATE transfer SET rule = 1"), DENIED);
        assert_err(store_exec(store, "DELETE FROM transfer"), DENIED);
        assert_ok(
            store_exec(store, "DROP TRIGGER transfer_no_update; DROP TRIGGER transfer_no_delete"));
        assert_ok(store_exec(store, alterations[i].sql));
        assert_ok(ledger_rebuild_compare(ledger, read_source, &source, &difference));
        if (difference.same || strstr(difference.text, alterations[i].says) == NULL)
            fail_msg("%s: \"%s\"", alterations[i].sql, difference.text);
    }
}

/* The trial balance alone sees what no longer balances, without a journal at hand. */
static void the_trial_balance_sees_what_is_out_of_balance(void **state)
{
    (void)state;
    struct source source = random_source(3);
    struct ledger_trial found;
    assert_ok(ledger_fold(ledger, source.entries, source.count));
    trial();
    assert_ok(store_exec(ledger_store(ledger),
                         "UPDATE account SET credits_posted = credits_posted + 1"
                         " WHERE kind = 1"));
    assert_ok(ledger_trial_balance(ledger, &found));
    assert_false(found.balanced);
    assert_false(found.transfers_agree);
    assert_ok(store_exec(ledger_store(ledger),
                         "UPDATE account SET debits_posted = debits_posted + 1"
                         " WHERE kind = 2"));
    assert_ok(ledger_trial_balance(ledger, &found));
    assert_false(found.transfers_agree);
}

/* ---- on disk ----------------------------------------------------------------------------------
 */

static void a_reader_looks_while_the_writer_folds(void **state)
{
    (void)state;
    struct scratch scratch;
    struct ledger *writer = NULL, *reader = NULL;
    struct ledger_trial found;
    struct source source = random_source(5);
    scratch_make(&scratch);
    const char *path = scratch_path(&scratch, "ledger.db");
    assert_err(ledger_open(path, STORE_READ_ONLY, NULL, &reader), NOT_FOUND);
    assert_ok(ledger_open(path, STORE_CREATE, NULL, &writer));
    assert_ok(ledger_fold(writer, source.entries, 1000));
    assert_ok(ledger_open(path, STORE_READ_ONLY, NULL, &reader));
    assert_ok(ledger_fold(writer, source.entries, 2000));
    assert_ok(ledger_trial_balance(reader, &found));
    assert_int_equal(found.seq, 2000);
    assert_true(found.balanced && found.transfers_agree);
    struct ledger_difference difference = {0};
    assert_ok(ledger_rebuild_compare(reader, read_source, &source, &difference));
    assert_true(difference.same);
    ledger_close(reader);
    ledger_close(writer);
    scratch_remove(&scratch);
}

static int64_t cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return (int64_t)usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
           (int64_t)usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec;
}

/* The target is 6 us of CPU a payment in batches of 1,000 rows; ten times that fails. Also: a
 * payment that has left the memory is found by reading backwards. */
static void folding_is_quick_and_the_old_are_found(void **state)
{
    (void)state;
    enum { MANY = LEDGER_RECENT + 20000, ROWS = 1000 };
    static struct ledger_entry batch[ROWS];
    struct scratch scratch;
    struct ledger *disk = NULL;
    scratch_make(&scratch);
    assert_ok(ledger_open(scratch_path(&scratch, "ledger.db"), STORE_CREATE, NULL, &disk));
    int64_t start = cpu_us(), seq = 0;
    for (uint32_t stan = 1; stan <= MANY;) {
        size_t count = 0;
        for (; count < ROWS && stan <= MANY; stan++) {
            batch[count++] = entry(++seq, LEDGER_HOLD, stan, 12800);
            batch[count++] = entry(++seq, LEDGER_POST, stan, 12800);
        }
        assert_ok(ledger_fold(disk, batch, count));
    }
    int64_t cpu = cpu_us() - start;
    print_message("fold: %lld ns CPU a payment\n", (long long)cpu * 1000 / MANY);
    assert_true(cpu < (int64_t)MANY * 60);

    struct ledger_trial before, after;
    assert_ok(ledger_trial_balance(disk, &before));
    for (int again = 0; again < 2; again++) {
        struct ledger_entry old = entry(++seq, LEDGER_UNDO, 1, 12800);
        assert_ok(ledger_fold(disk, &old, 1));
    }
    assert_ok(ledger_trial_balance(disk, &after));
    assert_true(after.balanced && after.transfers_agree);
    assert_int_equal(after.transfers, before.transfers + 2);
    ledger_close(disk);
    scratch_remove(&scratch);
}

int main(void)
{
#define WITH_LEDGER(test) cmocka_unit_test_setup_teardown(test, make_ledger, drop_ledger)
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(an_empty_ledger_balances),
        WITH_LEDGER(approved_is_owed_less_the_fee),
        WITH_LEDGER(declined_leaves_nothing),
        WITH_LEDGER(reversed_after_approval_goes_back_with_its_fee),
        WITH_LEDGER(late_approval_is_refused),
        WITH_LEDGER(fees_follow_class_and_small_amounts_have_none),
        WITH_LEDGER(currencies_and_networks_have_their_own_accounts),
        WITH_LEDGER(folding_again_changes_nothing),
        WITH_LEDGER(a_gap_is_an_error),
        WITH_LEDGER(what_cannot_follow_is_named_and_undone),
        WITH_LEDGER(a_batch_is_whole_or_not_there),
        WITH_LEDGER(random_lives_sum_to_what_they_are_worth),
        WITH_LEDGER(killed_at_every_call_it_goes_on_where_it_was),
        WITH_LEDGER(a_failed_fold_can_be_tried_again),
        WITH_LEDGER(a_rebuilt_ledger_is_the_same),
        WITH_LEDGER(every_alteration_is_found),
        WITH_LEDGER(the_trial_balance_sees_what_is_out_of_balance),
        cmocka_unit_test(a_reader_looks_while_the_writer_folds),
        cmocka_unit_test(folding_is_quick_and_the_old_are_found),
    };
    return cmocka_run_group_tests_name("the fold", tests, NULL, NULL);
}
