/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fold (S69, S187): stories of payments and what they leave on the accounts, repeats and gaps,
 * a thousand random lives against a model of four lines, killed at every call of the store.
 */
#include "tests/unit/ledger_fixture.h"

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

static int64_t instalments_owed(const char *network)
{
    struct account owed = account_now(ACCOUNT_INSTALMENT_FEE, network);
    return owed.credits_posted - owed.debits_posted;
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
    assert_int_equal(trial().transfers, 5); /* hold, post, fee, and the shares of two others */
    int64_t first = 0;
    assert_ok(store_query_int(ledger_store(ledger),
                              "SELECT id FROM transfer WHERE kind = 0 AND at_ms = 1700000000001"
                              " AND debit = 1 AND credit = 2 AND amount_minor = 10000",
                              &first));
    assert_int_equal(first, 1 << 28); /* under its own number, as when it was open */
}

/* S89: what the issuer will not pay stays visible against suspense, until a person has decided. */
static void disputed_waits_for_a_person(void **state)
{
    (void)state;
    assert_ok(fold_one(entry(1, LEDGER_HOLD, 1, 10000)));
    assert_ok(fold_one(entry(2, LEDGER_HOLD, 2, 10000)));
    assert_ok(fold_one(entry(3, LEDGER_DISPUTE, 1, 10000)));
    assert_ok(fold_one(entry(4, LEDGER_DISPUTE, 2, 10000)));
    assert_int_equal(account_now(ACCOUNT_NETWORK_RECEIVABLE, "card-network").debits_pending, 0);
    assert_int_equal(account_now(ACCOUNT_MERCHANT_PAYABLE, "898310153110001").credits_pending,
                     20000);
    assert_int_equal(account_now(ACCOUNT_SUSPENSE, "").debits_pending, 20000);
    assert_int_equal(trial().open_holds, 2);
    reopen();
    assert_ok(fold_one(entry(5, LEDGER_UNDO, 1, 10000))); /* the merchant bears it */
    assert_ok(fold_one(entry(6, LEDGER_POST, 2, 10000))); /* it is paid after all */
    stands_at(0, 0, 9940, 60);
    assert_int_equal(account_now(ACCOUNT_SUSPENSE, "").debits_pending, 0);
    assert_int_equal(account_now(ACCOUNT_SUSPENSE, "").debits_posted, 10000);
    assert_int_equal(account_now(ACCOUNT_NETWORK_COST, "").debits_posted, 0); /* nobody's share */
    assert_int_equal(trial().open_holds, 0);
    assert_int_equal(fold_one(entry(7, LEDGER_DISPUTE, 2, 10000)).code, ERR_CONFLICT);
    said("disputed without a hold");
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
    assert_int_equal(trial().transfers, 9);
    assert_int_equal(ledger_seq(ledger), 6);
}

/* A sale of 1,000.00 whose merchant bears 34.80 for instalments, held and posted. */
static int64_t in_instalments(int64_t seq, uint32_t stan)
{
    struct ledger_entry post = entry(seq + 1, LEDGER_POST, stan, 100000);
    post.instalment_minor = 3480;
    assert_ok(fold_one(entry(seq, LEDGER_HOLD, stan, 100000)));
    assert_ok(fold_one(post));
    return post.seq;
}

static struct ledger_entry give_back(int64_t seq, uint32_t stan, int64_t amount_minor,
                                     enum fee_reason reason, int64_t original)
{
    struct ledger_entry e = entry(seq, LEDGER_HOLD, stan, amount_minor);
    e.reason = reason;
    e.original_seq = original;
    assert_ok(fold_one(e));
    e.seq++, e.kind = LEDGER_POST;
    assert_ok(fold_one(e));
    return e;
}

/* S85: the issuer's fee is taken beside ours, and goes back with a reversal and with a void whole.
 */
static void instalments_are_charged_and_go_back_whole(void **state)
{
    (void)state;
    int64_t seq = in_instalments(1, 1);
    stands_at(0, 100000, 100000 - 600 - 3480, 600);
    assert_int_equal(instalments_owed("card-network"), 3480);
    /* Not a part of what issuers get of our fee, which a cost stands against. */
    struct account issuer = account_now(ACCOUNT_ISSUER_FEE, "card-network");
    assert_int_equal(issuer.credits_posted, 450);
    assert_int_equal(trial().transfers, 6);
    reopen();
    assert_ok(fold_one(entry(++seq, LEDGER_UNDO, 1, 100000)));
    stands_at(0, 0, 0, 0);
    assert_int_equal(instalments_owed("card-network"), 0);

    int64_t original = in_instalments(seq + 1, 2);
    give_back(original + 1, 3, 100000, FEE_VOIDED, original);
    stands_at(0, 0, 0, 0);
    assert_int_equal(instalments_owed("card-network"), 0);
    trial();
}

/* S85: refunds take their share of it along, half-even, and the last one what is left; one that is
 * undone gives its share again, also when it was read back from its transfers. */
static void instalments_go_back_with_refunds_by_their_share(void **state)
{
    (void)state;
    int64_t original = in_instalments(1, 1);
    struct ledger_entry first = give_back(3, 2, 33333, FEE_REFUNDED, original);
    assert_int_equal(instalments_owed("card-network"), 3480 - 1160); /* 1159.9884 */
    give_back(5, 3, 33333, FEE_REFUNDED, original);
    assert_int_equal(instalments_owed("card-network"), 3480 - 2320); /* 2319.9768 */
    reopen();
    first.seq = 7, first.kind = LEDGER_UNDO;
    assert_ok(fold_one(first));
    assert_int_equal(instalments_owed("card-network"), 3480 - 1160);
    give_back(8, 4, 100000 - 33333, FEE_REFUNDED, original);
    stands_at(0, 0, 0, 0);
    assert_int_equal(instalments_owed("card-network"), 0);
    trial();
}

/* A ledger of before instalments were charged, or of before a payment was one row with its fees and
 * its hold, begins again at the first row. */
static void folded_again_from(size_t migrations)
{
    struct scratch scratch;
    struct store *store = NULL;
    struct ledger *disk = NULL;
    scratch_make(&scratch);
    const char *path = scratch_path(&scratch, "ledger.db");
    const struct store_options options = {.mode = STORE_CREATE};
    struct store_schema before = ledger_schema;
    before.count = migrations;
    assert_ok(store_open(path, &options, NULL, &store));
    assert_ok(store_migrate(store, &before));
    assert_ok(store_exec(
        store, "UPDATE ledger_state SET seq = 2, ord = 1, sub = 1;"
               "INSERT INTO account VALUES(1, 2, 'card-network', 156, 0, 0, 5, 0, 0),"
               "(2, 1, '898310153110001', 156, 0, 0, 0, 0, 5);"
               "INSERT INTO open_hold VALUES(1, x'00', 1, 2, 5);"
               "INSERT INTO returned(seq, amount_minor, fee_minor, issuer_minor, network_minor)"
               " VALUES(2, 1, 0, 0, 0);"
               "INSERT INTO account_day VALUES(1, 20000, 5, 0);"
               "INSERT INTO day_range VALUES(20000, 16, 16)"));
    assert_ok(store_exec(store, migrations < 6
                                    ? "INSERT INTO transfer VALUES(16, 1, 0, x'00', 1, 2, 5, 0, 0)"
                                    : "INSERT INTO booking(id, at_ms, kind, key, debit, credit,"
                                      " amount_minor, rule, agreement)"
                                      " VALUES(17, 1, 1, x'00', 1, 2, 5, 0, 0)"));
    store_close(store);
    assert_ok(ledger_open(path, STORE_CREATE, NULL, &disk));
    assert_int_equal(ledger_reached(disk).seq, 0);
    assert_int_equal(ledger_reached(disk).order, 0);
    int64_t rows = -1;
    assert_ok(store_query_int(ledger_store(disk),
                              "SELECT (SELECT count(*) FROM account)"
                              " + (SELECT count(*) FROM transfer)"
                              " + (SELECT count(*) FROM open_hold)"
                              " + (SELECT count(*) FROM returned)"
                              " + (SELECT count(*) FROM account_day)"
                              " + (SELECT count(*) FROM day_range)",
                              &rows));
    assert_int_equal(rows, 0);
    struct ledger_entry sale[] = {entry(1, LEDGER_HOLD, 1, 100), entry(2, LEDGER_POST, 1, 100)};
    assert_ok(ledger_fold(disk, sale, 2));
    assert_err(store_exec(ledger_store(disk), "DELETE FROM booking"), DENIED);
    ledger_close(disk);
    scratch_remove(&scratch);
}

static void an_old_ledger_is_folded_again(void **state)
{
    (void)state;
    folded_again_from(4);
    folded_again_from(5);
    folded_again_from(6);
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
    CONFLICTS(entry(3, LEDGER_POST, 1, 100), e.instalment_minor = 101, "out of its range");
    CONFLICTS(entry(3, LEDGER_POST, 1, 100), e.instalment_minor = -1, "out of its range");
    CONFLICTS(entry(3, LEDGER_HOLD, 2, 5),
              (e.instalment_minor = 1, e.reason = FEE_REFUNDED, e.original_seq = 2),
              "out of its range");
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

/* The model: what each life is worth, summed without a ledger. */
static void check_model(const struct lives *lives)
{
    int64_t held = 0, network = 0, fees = 0, instalments = 0, net = 0;
    for (size_t i = 0; i < PAYMENTS; i++) {
        const struct life *life = &lives->life[i];
        if (life->state == LIFE_HELD) held += life->amount_minor;
        if (life->state != LIFE_POSTED) continue;
        int64_t fee =
            fee_amount(fee_rule_for(FEE_PLAN_STANDARD, life->class, 1), life->amount_minor);
        network += life->amount_minor;
        fees += fee;
        instalments += life->instalment_minor;
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
    assert_int_equal(instalments_owed("card-network") + instalments_owed("wallet"), instalments);
    assert_int_equal(net, network - fees - instalments);
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
        assert_int_equal(trial().transfers, 17);
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
        assert_int_equal(trial().transfers, 10);
    }
    assert_true(n > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LEDGER(an_empty_ledger_balances),
        WITH_LEDGER(approved_is_owed_less_the_fee),
        WITH_LEDGER(disputed_waits_for_a_person),
        WITH_LEDGER(declined_leaves_nothing),
        WITH_LEDGER(reversed_after_approval_goes_back_with_its_fee),
        WITH_LEDGER(instalments_are_charged_and_go_back_whole),
        WITH_LEDGER(instalments_go_back_with_refunds_by_their_share),
        cmocka_unit_test(an_old_ledger_is_folded_again),
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
    };
    return cmocka_run_group_tests_name("the fold", tests, NULL, NULL);
}
