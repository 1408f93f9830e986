/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S89: what a card has approved by itself and the host refuses for good is set aside by name: it
 * stays paid here, with its evidence, in totals, lists and reports, and holds up nothing.
 */
#include "tests/unit/terminal_rig_offline.h"

static void sign_in_again(struct rig *rig)
{
    for (int i = 0; i < 5 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
    GOOD(rig_keys(rig, rig_has_choice(rig, "sign_in", true) ? "choice:sign_in"
                                                            : "choice:manage choice:sign_in"));
    AT(rig, "sign_in.done");
    GOOD(rig_key(rig, "ok"));
}

/* Refused for good: the card's word stands here, with its evidence, and the shop settles: the host
 * gets it with the upload. It is told once more after each sign-in, and in the end it is heard. */
static void refused_for_good_and_settled(void **state)
{
    (void)state;
    struct rig *rig = ready();
    int64_t kept;
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    home(rig);
    GOOD(pay(rig, "digit:7 digit:0", by_y3));
    home(rig);
    memcpy(rig->offline.code, "12", 3);
    mend(rig);
    assert_int_equal(rig->terminal->records.offline, 0); /* nothing waits any more */
    struct payment p = stored(rig, 1);
    assert_int_equal(p.state, PAYMENT_DISPUTED);
    assert_string_equal(p.response_code, "12");
    assert_true(payment_offline(&p));
    AT(rig, "main.menu");
    assert_string_equal(
        rig_line(rig, "MAIN_DISPUTED"),
        "2 笔脱机收款主机拒收，共 120.00 元：凭据保留着，请保留签购单并联系收单机构");
    assert_int_equal(rig->terminal->records.batch_approved, 2);
    assert_int_equal(rig->terminal->records.batch_minor, 12000);
    GOOD(store_query_int(rig->store, "SELECT sum(length(held) > 0) FROM payment", &kept));
    assert_int_equal(kept, 2);
    unsigned seen = rig->offline.seen;
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->offline.seen, seen); /* nor is the host asked without end */
    GOOD(rig_restart(rig));
    assert_int_equal(rig->terminal->records.batch_minor, 12000);
    assert_int_equal(rig->terminal->records.disputed, 2);

    rig->printed_all[0] = '\0';
    GOOD(rig_keys(rig, "choice:manage choice:shift choice:x"));
    assert_non_null(strstr(rig->printed_all, "其中主机拒收 REFUSED BY HOST"));
    GOOD(rig_keys(rig, "cancel cancel choice:records choice:query"));
    GOOD(rig_key(rig, "choice:row_1"));
    assert_string_equal(rig_line(rig, "QUERY_STATE"), "结果\t已收款，主机拒收");
    GOOD(rig_keys(rig, "cancel cancel cancel choice:manage choice:settle"));
    AT(rig, "settle.ask");
    rig->settling.differs = true;
    GOOD(rig_key(rig, "choice:yes"));
    AT(rig, "settle.done");
    assert_int_equal(rig->settling.said.side[PAYMENT_SIDE_DEBIT].minor, 12000);
    assert_int_equal(rig->settling.rows, 2);

    rig->offline.code[0] = '\0';
    sign_in_again(rig);
    GOOD(rig_advance(rig, 62000));
    assert_int_equal(rig->offline.heard, 2);
    assert_int_equal(stored(rig, 1).state, PAYMENT_APPROVED);
    assert_int_equal(rig->terminal->records.disputed, 0);
    assert_int_equal(rig->terminal->records.batch_approved, 0); /* of the batch before */
    GOOD(store_query_int(rig->store, "SELECT sum(length(held)) FROM payment", &kept));
    assert_int_equal(kept, 0);
    rig_check_books(rig);
    rig_free(rig);
}

/* A refusal that may pass is told again; that the shop need not wait for it is a person's word. */
static void set_aside_by_a_person(void **state)
{
    (void)state;
    struct rig *rig = ready();
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    home(rig);
    memcpy(rig->offline.code, "A7", 3);
    mend(rig);
    assert_int_equal(rig->terminal->records.offline, 1);
    GOOD(rig_keys(rig, "choice:manage choice:settle choice:deliver"));
    AT(rig, "advice.failed");
    assert_string_equal(rig_line(rig, "ADVICE_SAID"), "凭证号 000002，主机答复 A7：安全处理失败");
    GOOD(rig_key(rig, "choice:aside"));
    AT(rig, "settle.ask");
    assert_int_equal(stored(rig, 1).state, PAYMENT_DISPUTED);
    assert_int_equal(rig->terminal->records.disputed_kept, 1);
    rig_check_books(rig);
    rig_free(rig);
}

/* The payments are that much older: the rig's host is always of the same day. */
static void age(struct rig *rig, int days)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    struct store_statement *s;
    GOOD(store_begin(rig->store, &tx));
    GOOD(store_statement(rig->store, "UPDATE payment SET created_ms = created_ms - ?", &s));
    store_bind_int(s, days * INT64_C(86400000));
    GOOD(store_run(s));
    GOOD(store_commit(&tx));
}

/* Card data is not kept for ever: a month, and then it is told in vain for the last time. */
static void given_up_after_a_month(void **state)
{
    (void)state;
    struct rig *rig = ready();
    cut(rig);
    GOOD(pay(rig, "digit:5 digit:0", by_y1));
    home(rig);
    memcpy(rig->offline.code, "12", 3);
    mend(rig);
    static const struct {
        int days;
        unsigned told, kept;
    } sign_ins[] = {{0, 1, 1}, {29, 1, 1}, {1, 1, 0}, {1, 0, 0}};
    for (size_t i = 0; i < ARRAY_LEN(sign_ins); i++) {
        unsigned seen = rig->offline.seen;
        age(rig, sign_ins[i].days);
        sign_in_again(rig);
        GOOD(rig_advance(rig, 62000));
        assert_int_equal(rig->offline.seen, seen + sign_ins[i].told);
        assert_int_equal(rig->terminal->records.disputed_kept, sign_ins[i].kept);
        assert_int_equal(rig->terminal->records.disputed, 1);
    }
    assert_int_equal(stored(rig, 1).state, PAYMENT_DISPUTED); /* paid, in the books, and said */
    rig_check_books(rig);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_for_good_and_settled),
        cmocka_unit_test(set_aside_by_a_person),
        cmocka_unit_test(given_up_after_a_month),
    };
    return cmocka_run_group_tests_name("terminal_refused", tests, NULL, NULL);
}
