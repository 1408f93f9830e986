/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts, transfers and fees (S69): verdicts in their order, books that balance after every one
 * of a hundred thousand random transfers, the tables checked whole.
 */
#include "ledger/fee.h"
#include "ledger/position.h"
#include "ledger/transfer.h"
#include "lib/base/random.h"
#include "tests/unit/scratch.h"

enum { ACCOUNTS = 6, HOLDS = 64 };

struct hold {
    uint32_t debit, credit;
    int64_t amount_minor;
};

static bool balanced(const struct account *account)
{
    int64_t pending = 0, posted = 0;
    for (size_t i = 0; i < ACCOUNTS; i++) {
        pending += account[i].debits_pending - account[i].credits_pending;
        posted += account[i].debits_posted - account[i].credits_posted;
    }
    return pending == 0 && posted == 0;
}

static void one_step(struct account *account, struct hold *hold, const struct random *random)
{
    struct account *debit = &account[hold->debit], *credit = &account[hold->credit];
    if (hold->amount_minor > 0) {
        if (random_below(random, 2) == 0) ledger_post(debit, credit, hold->amount_minor);
        else ledger_release(debit, credit, hold->amount_minor);
        hold->amount_minor = 0;
        return;
    }
    hold->debit = random_below(random, ACCOUNTS);
    hold->credit = random_below(random, ACCOUNTS);
    int64_t amount_minor = random_below(random, 1000);
    debit = &account[hold->debit];
    credit = &account[hold->credit];
    if (random_below(random, 4) == 0) {
        (void)ledger_move(debit, credit, amount_minor);
        return;
    }
    if (ledger_hold(debit, credit, amount_minor) == TRANSFER_OK) hold->amount_minor = amount_minor;
}

static void books_always_balance(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct random_seeded source;
        random_seed(&source, seed);
        struct random random = random_from_seed(&source);
        struct account account[ACCOUNTS] = {0};
        struct hold hold[HOLDS] = {0};
        for (size_t i = 0; i < ACCOUNTS; i++) account[i].currency = 156;
        account[0].debits_limited = true;
        account[0].credits_posted = account[1].debits_posted = 50000; /* an opening balance */
        for (int i = 0; i < 20000; i++) {
            one_step(account, &hold[random_below(&random, HOLDS)], &random);
            if (!balanced(account)) fail_msg("seed %d, step %d", (int)seed, i);
            assert_true(account[0].debits_pending + account[0].debits_posted <=
                        account[0].credits_posted);
        }
        for (size_t i = 0; i < HOLDS; i++)
            if (hold[i].amount_minor > 0)
                ledger_release(&account[hold[i].debit], &account[hold[i].credit],
                               hold[i].amount_minor);
        for (size_t i = 0; i < ACCOUNTS; i++)
            assert_int_equal(account[i].debits_pending + account[i].credits_pending, 0);
    }
}

static void refusals_come_in_their_order_and_change_nothing(void **state)
{
    (void)state;
    struct account shop = {.currency = 156}, yen = {.currency = 392};
    struct account full = {.currency = 156, .debits_posted = INT64_MAX - 10, .credits_posted = 5};
    struct account poor = {.currency = 156, .debits_limited = true, .credits_posted = 99};
    struct account full_poor = full;
    full_poor.debits_limited = true;

    assert_int_equal(ledger_hold(&shop, &shop, 0), TRANSFER_AMOUNT_ZERO);
    assert_int_equal(ledger_hold(&full, &full, 11), TRANSFER_SAME_ACCOUNT);
    assert_int_equal(ledger_hold(&full, &yen, 11), TRANSFER_CURRENCY);
    assert_int_equal(ledger_hold(&full_poor, &shop, 11), TRANSFER_OVERFLOW);
    assert_int_equal(ledger_move(&full_poor, &shop, 10), TRANSFER_OVER_LIMIT);
    assert_int_equal(ledger_hold(&poor, &shop, 100), TRANSFER_OVER_LIMIT);
    assert_int_equal(shop.credits_pending + shop.credits_posted, 0);
    assert_int_equal(full.debits_pending, 0);
    assert_int_equal(poor.debits_pending, 0);

    assert_int_equal(ledger_hold(&full, &shop, 10), TRANSFER_OK);
    assert_int_equal(ledger_move(&full, &shop, 1), TRANSFER_OVERFLOW); /* the hold counts */
    assert_int_equal(ledger_hold(&poor, &shop, 99), TRANSFER_OK);
    assert_int_equal(ledger_hold(&poor, &shop, 1), TRANSFER_OVER_LIMIT);
    ledger_release(&poor, &shop, 99);
    assert_int_equal(ledger_hold(&poor, &shop, 1), TRANSFER_OK);
    for (int v = 0; v < TRANSFER_VERDICTS; v++)
        assert_true(strlen(transfer_verdict_text((enum transfer_verdict)v)) > 5);
}

static void the_chart_is_whole(void **state)
{
    (void)state;
    for (int i = ACCOUNT_NONE + 1; i < ACCOUNT_KINDS; i++) {
        const struct account_row *row = account_row((enum account_kind)i);
        assert_int_equal(strlen(row->code), 4);
        bool is_debit = row->code[0] == '1' || row->code[0] == '5'; /* assets and costs */
        assert_int_equal(row->side, is_debit ? ACCOUNT_DEBIT : ACCOUNT_CREDIT);
        for (int k = ACCOUNT_NONE + 1; k < i; k++)
            assert_string_not_equal(row->code, account_row((enum account_kind)k)->code);
    }
    struct account account = {
        .kind = ACCOUNT_MERCHANT_PAYABLE, .owner = "898310153110001", .currency = 156};
    char text[ACCOUNT_TEXT_MAX];
    account_text(&account, text);
    assert_string_equal(text, "2100-898310153110001-156");
    account = (struct account){.kind = ACCOUNT_FEE_INCOME, .currency = 8};
    account_text(&account, text);
    assert_string_equal(text, "4100-008");
}

/* ---- fees -------------------------------------------------------------------------------------
 */

static void the_fee_table_is_whole(void **state)
{
    (void)state;
    size_t count = 0;
    const struct fee_rule *rules = fee_rules(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(rules[i].version > 0 && rules[i].plan > 0);
        assert_true(rules[i].class > FEE_UNKNOWN && rules[i].class < FEE_CLASSES);
        assert_true(rules[i].parts_per_million >= 0 && rules[i].parts_per_million <= 30000);
        assert_true(rules[i].cap_minor >= 0 && rules[i].from_ms >= 0);
        assert_ptr_equal(fee_rule_of(rules[i].version), &rules[i]); /* so versions are unique */
        assert_ptr_equal(fee_rule_for(rules[i].plan, rules[i].class, rules[i].from_ms), &rules[i]);
    }
    for (int class = 0; class < FEE_CLASSES; class ++) {
        assert_non_null(fee_rule_for(FEE_PLAN_STANDARD, (enum fee_class) class, 0));
        assert_ptr_equal(fee_rule_for(4711, (enum fee_class) class, 5),
                         fee_rule_for(FEE_PLAN_STANDARD, (enum fee_class) class, 5));
    }
    assert_null(fee_rule_of(0));
    assert_int_equal(fee_rule_for(FEE_PLAN_STANDARD, FEE_UNKNOWN, 0)->class, FEE_CREDIT);
    assert_int_equal(fee_rule_for(FEE_PLAN_STANDARD, FEE_DEBIT, -1)->class, FEE_DEBIT);
}

/* What somebody would add to the table next year. */
static const struct fee_rule later_table[] = {
    {101, FEE_PLAN_STANDARD, FEE_DEBIT, 0, 5000, 2000},
    {102, FEE_PLAN_STANDARD, FEE_CREDIT, 0, 6000, 0},
    {103, FEE_PLAN_STANDARD, FEE_WALLET, 0, 3800, 0},
    {104, FEE_PLAN_STANDARD, FEE_FOREIGN, 0, 25000, 0},
    {201, FEE_PLAN_SMALL, FEE_DEBIT, 0, 3800, 2000},
    {202, FEE_PLAN_SMALL, FEE_CREDIT, 0, 3800, 0},
    {302, FEE_PLAN_SMALL, FEE_CREDIT, 1000, 9000, 0}, /* dearer */
    {303, FEE_PLAN_SMALL, FEE_WALLET, 1000, 3800, 0}, /* of what the plan had nothing */
};

/* S135: a later rule is nobody's who has not signed it; what was never signed costs nothing. */
static void a_rule_is_charged_to_who_has_signed_it(void **state)
{
    (void)state;
    static const struct {
        uint32_t plan;
        enum fee_class class;
        int64_t at_ms, signed_ms;
        uint32_t rule; /* 0: none */
    } rows[] = {
        {FEE_PLAN_SMALL, FEE_CREDIT, 999, 5, 202},
        {FEE_PLAN_SMALL, FEE_CREDIT, 5000, 999, 202},  /* signed before it held */
        {FEE_PLAN_SMALL, FEE_CREDIT, 5000, 1000, 302}, /* and with it */
        {FEE_PLAN_SMALL, FEE_CREDIT, 999, 5000, 202},  /* signed, and not in force yet */
        {FEE_PLAN_SMALL, FEE_UNKNOWN, 5000, 0, 202},
        {FEE_PLAN_SMALL, FEE_WALLET, 5000, 999, 0}, /* not the standard plan's either */
        {FEE_PLAN_SMALL, FEE_WALLET, 5000, 1000, 303},
        {FEE_PLAN_SMALL, FEE_FOREIGN, 5000, 5000, 0},
        {4711, FEE_WALLET, 5000, 0, 103}, /* a plan of which the table knows nothing */
    };
    fee_rules_use(later_table, ARRAY_LEN(later_table));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct fee_rule *rule =
            fee_rule_agreed(rows[i].plan, rows[i].class, rows[i].at_ms, rows[i].signed_ms);
        assert_int_equal(rule == NULL ? 0 : rule->version, rows[i].rule);
    }
    struct fee_standing fee = fee_standing_of(FEE_PLAN_SMALL, FEE_CREDIT, 5000, 999);
    assert_int_equal(fee.now->version, 302);
    assert_int_equal(fee.agreed->version, 202);
    fee_rules_use(NULL, 0);
    assert_ptr_equal(fee_rule_of(302), NULL);
}

/* All with a void, its share with a refund, whatever plan the merchant has. */
static void instalments_go_back_by_their_own_table(void **state)
{
    (void)state;
    assert_int_equal(fee_return_of_instalment(FEE_TAKEN), FEE_RETURN_NONE);
    assert_int_equal(fee_return_of_instalment(FEE_VOIDED), FEE_RETURN_ALL);
    assert_int_equal(fee_return_of_instalment(FEE_REFUNDED), FEE_RETURN_SHARE);
}

static void fees_round_to_even_and_stop_at_the_cap(void **state)
{
    (void)state;
    static const struct {
        uint32_t plan;
        enum fee_class class;
        int64_t amount_minor, fee_minor;
    } cases[] = {
        {FEE_PLAN_STANDARD, FEE_CREDIT, 100000, 600},  /* 1,000.00 at 0.6 % */
        {FEE_PLAN_STANDARD, FEE_DEBIT, 10000, 50},     /* 100.00 at 0.5 % */
        {FEE_PLAN_STANDARD, FEE_DEBIT, 400000, 2000},  /* exactly the cap */
        {FEE_PLAN_STANDARD, FEE_DEBIT, 399900, 2000},  /* 19.995: the tie goes to the even 20.00 */
        {FEE_PLAN_STANDARD, FEE_DEBIT, 1000000, 2000}, /* 10,000.00: capped */
        {FEE_PLAN_STANDARD, FEE_DEBIT, 100, 0},        /* 0.005: the tie goes to 0.00 */
        {FEE_PLAN_STANDARD, FEE_DEBIT, 300, 2},        /* 0.015: the tie goes to 0.02 */
        {FEE_PLAN_STANDARD, FEE_DEBIT, 500, 2},        /* 0.025: and so does this */
        {FEE_PLAN_STANDARD, FEE_WALLET, 12800, 49},    /* 0.4864 */
        {FEE_PLAN_STANDARD, FEE_UNKNOWN, 100000, 600},
        {FEE_PLAN_SMALL, FEE_CREDIT, 100000, 380},
        {FEE_PLAN_STANDARD, FEE_CREDIT, 1, 0},
        {FEE_PLAN_STANDARD, FEE_CREDIT, 0, 0},
        {FEE_PLAN_STANDARD, FEE_CREDIT, MONEY_FIELD_MAX, 6000000000},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct fee_rule *rule = fee_rule_for(cases[i].plan, cases[i].class, 1);
        assert_int_equal(fee_amount(rule, cases[i].amount_minor), cases[i].fee_minor);
    }
}

/* ---- the memory of payments -------------------------------------------------------------------
 */

static void key_of(uint8_t key[LEDGER_KEY_LEN], uint32_t number)
{
    ledger_key(key,
               number % 3 == 0   ? "10000017"
               : number % 3 == 1 ? "10000018"
                                 : "A",
               1 + number / 1000000, number % 1000000 + 1);
}

static void keys_are_exact(void **state)
{
    (void)state;
    uint8_t key[LEDGER_KEY_LEN];
    ledger_key(key, "10000017", 12, 345);
    assert_memory_equal(key, "10000017\0\0\0\x0c\0\0\x01\x59", LEDGER_KEY_LEN);
    ledger_key(key, "A", 1, 2);
    assert_memory_equal(key, "A\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\x02", LEDGER_KEY_LEN);
}

/* More payments than are remembered: held ones stay, of the decided ones the oldest go first. */
static void the_oldest_decided_give_way(void **state)
{
    (void)state;
    enum { PAYMENTS = LEDGER_RECENT + 50000 };
    struct positions positions = {0};
    uint8_t key[LEDGER_KEY_LEN];
    assert_ok(positions_make(&positions));
    for (uint32_t i = 0; i < PAYMENTS; i++) {
        struct position *position = NULL;
        key_of(key, i);
        assert_ok(positions_add(&positions, key, &position));
        position->amount_minor = i;
        if (i % 100 == 7) continue; /* stays held */
        positions_decide(&positions, position, i % 2 == 0 ? POSITION_POSTED : POSITION_UNDONE);
        if (i % 10 == 2) positions_decide(&positions, position, POSITION_UNDONE);
    }
    assert_int_equal(positions.held, (PAYMENTS + 92) / 100);
    assert_int_equal(positions.decided, LEDGER_RECENT);
    uint32_t decided = 0;
    for (uint32_t i = PAYMENTS; i-- > 0;) {
        key_of(key, i);
        struct position *position = positions_find(&positions, key);
        bool held = i % 100 == 7;
        bool expected = held || decided < LEDGER_RECENT;
        if ((position != NULL) != expected) fail_msg("payment %u", i);
        if (position != NULL) assert_int_equal(position->amount_minor, i);
        decided += !held;
    }
    positions_clear(&positions);
    key_of(key, PAYMENTS - 1);
    assert_null(positions_find(&positions, key));
    positions_free(&positions);
}

static void holds_have_a_limit(void **state)
{
    (void)state;
    struct positions positions = {0};
    struct position *position = NULL;
    uint8_t key[LEDGER_KEY_LEN];
    assert_ok(positions_make(&positions));
    for (uint32_t i = 0; i < LEDGER_OPEN_MAX; i++) {
        key_of(key, i);
        assert_ok(positions_add(&positions, key, &position));
    }
    key_of(key, LEDGER_OPEN_MAX);
    assert_err(positions_add(&positions, key, &position), NO_MEMORY);
    positions_decide(&positions, position, POSITION_POSTED);
    assert_ok(positions_add(&positions, key, &position));
    positions_free(&positions);
}

/* S69: who gets the fee. Ceilings, caps, and the rest of the rounding to the acquirer, to the fen.
 */
static void shares_are_the_fee_exactly(void **state)
{
    (void)state;
    static const struct {
        enum fee_class class;
        int64_t amount_minor, fee, issuer, network, acquirer;
    } cases[] = {
        {FEE_CREDIT, 100000, 600, 450, 32, 118},      /* 0.325 is a tie: 0.32, and 1.18 are left */
        {FEE_CREDIT, 300000, 1800, 1350, 98, 352},    /* 0.975 is a tie: 0.98 */
        {FEE_DEBIT, 1000000, 2000, 1300, 325, 375},   /* all three at their caps */
        {FEE_DEBIT, 10000, 50, 35, 3, 12},            /* 100.00 */
        {FEE_CREDIT, 1000000, 6000, 4500, 325, 1175}, /* the network's cap */
        {FEE_CREDIT, 2000000, 12000, 9000, 325, 2675},
        {FEE_UNKNOWN, 100000, 600, 450, 32, 118},
        {FEE_CREDIT, 1, 0, 0, 0, 0},
        {FEE_CREDIT, 0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct fee_rule *rule = fee_rule_for(FEE_PLAN_STANDARD, cases[i].class, 1);
        int64_t fee_minor = fee_amount(rule, cases[i].amount_minor);
        struct fee_shares shares =
            fee_shares_of(fee_share_rule_for(cases[i].class, 1), cases[i].amount_minor, fee_minor);
        assert_int_equal(fee_minor, cases[i].fee);
        assert_int_equal(shares.issuer_minor, cases[i].issuer);
        assert_int_equal(shares.network_minor, cases[i].network);
        assert_int_equal(shares.acquirer_minor, cases[i].acquirer);
        assert_int_equal(shares.network_of_issuer_minor, cases[i].network);
    }
    /* A plan below what its cards cost: the acquirer bears it. */
    struct fee_shares poor = fee_shares_of(fee_share_rule_for(FEE_CREDIT, 1), 100000, 380);
    assert_int_equal(poor.acquirer_minor, 380 - 450 - 32);
}

static void the_share_table_is_whole(void **state)
{
    (void)state;
    size_t count = 0;
    const struct fee_share_rule *rules = fee_share_rules(&count);
    for (size_t i = 0; i < count; i++) {
        assert_true(rules[i].class > FEE_UNKNOWN && rules[i].class < FEE_CLASSES);
        assert_true(rules[i].issuer_ppm >= 0 && rules[i].network_ppm >= 0);
        assert_true(rules[i].issuer_cap_minor >= 0 && rules[i].network_cap_minor >= 0);
        assert_null(fee_rule_of(rules[i].version)); /* a version names one rule of all */
        for (size_t k = 0; k < i; k++) assert_true(rules[k].version != rules[i].version);
        assert_ptr_equal(fee_share_rule_for(rules[i].class, rules[i].from_ms), &rules[i]);
    }
    for (int class = 0; class < FEE_CLASSES; class ++)
        assert_non_null(fee_share_rule_for((enum fee_class) class, 0));
    assert_int_equal(fee_share_rule_for(FEE_UNKNOWN, 0)->class, FEE_CREDIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(books_always_balance),
        cmocka_unit_test(refusals_come_in_their_order_and_change_nothing),
        cmocka_unit_test(the_chart_is_whole),
        cmocka_unit_test(the_fee_table_is_whole),
        cmocka_unit_test(a_rule_is_charged_to_who_has_signed_it),
        cmocka_unit_test(instalments_go_back_by_their_own_table),
        cmocka_unit_test(fees_round_to_even_and_stop_at_the_cap),
        cmocka_unit_test(shares_are_the_fee_exactly),
        cmocka_unit_test(the_share_table_is_whole),
        cmocka_unit_test(keys_are_exact),
        cmocka_unit_test(the_oldest_decided_give_way),
        cmocka_unit_test(holds_have_a_limit),
    };
    return cmocka_run_group_tests_name("transfers and fees", tests, NULL, NULL);
}
