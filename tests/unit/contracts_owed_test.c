/* SPDX-License-Identifier: Apache-2.0 */
/* What a merchant is owed, read from a ledger that the acquirer's own code has written (S142). */
#include "backoffice/contracts/owed.h"
#include "ledger/fold.h"
#include "tests/unit/scratch.h"

#define MID "898310153110001"

static void fold(struct ledger *ledger, int64_t seq, enum ledger_kind kind, int64_t amount_minor)
{
    struct ledger_entry e = {.seq = seq,
                             .at_ms = 1700000000000 + seq,
                             .kind = kind,
                             .merchant = MID,
                             .network = LEDGER_CARD_NETWORK,
                             .amount_minor = amount_minor,
                             .currency = 156,
                             .class = FEE_CREDIT,
                             .plan = FEE_PLAN_STANDARD};
    ledger_key(e.key, "10000017", 12, 1);
    assert_ok(ledger_fold(ledger, &e, 1));
}

static void what_is_not_paid_out_is_owed(void **state)
{
    (void)state;
    struct scratch scratch;
    struct ledger *ledger = NULL;
    struct store_fault fault = {""};
    struct owed owed = {.payable_minor = 7};
    scratch_make(&scratch);
    const char *path = scratch_path(&scratch, "ledger.db");
    assert_true(FAILED(owed_read(path, MID, &owed)));
    assert_int_equal(owed.payable_minor, 7);
    assert_ok(ledger_open(path, STORE_CREATE, &fault, &ledger));
    assert_ok(owed_read(path, MID, &owed)); /* beside the one that writes */
    assert_int_equal(owed.payable_minor, 0);
    fold(ledger, 1, LEDGER_HOLD, 10000);
    assert_ok(owed_read(path, MID, &owed));
    assert_int_equal(owed.payable_minor, 10000); /* nobody knows yet whether it is his */
    fold(ledger, 2, LEDGER_POST, 10000);
    assert_ok(owed_read(path, MID, &owed));
    assert_int_equal(owed.payable_minor, 9940); /* less 0.6 % */
    assert_int_equal(owed.held_minor, 0);
    assert_int_equal(owed.transit_minor, 0);
    assert_ok(owed_read(path, "898310153110002", &owed));
    assert_int_equal(owed.payable_minor, 0);
    ledger_close(ledger);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_not_paid_out_is_owed)};
    return cmocka_run_group_tests_name("contracts_owed", tests, NULL, NULL);
}
