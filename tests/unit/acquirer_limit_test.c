/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits at the host: each side of a day's and a month's, two at once that have room for one, a
 * card whose class only its answer tells, what frees a limit and what does not, midnight in
 * Beijing, a restart, a table that is published while payments run, and two shops of one person.
 * S86, S144, F-11
 */
#include "ledger/fold.h"
#include "payment/kind.h"
#include "payment/quota.h"
#include "registry/limits.h"
#include "tests/unit/acquirer_peers.h"

#define DAY_MS INT64_C(86400000)

/* The same first six digits as RIG_PAN, and other ones. Neither passes a Luhn check. */
#define OTHER_CARD "6222021234567908"
#define OTHER_BIN  "6200011234567890"

static struct rig rig;

static void put_in_class(const char *class)
{
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    assert_ok(registry_set_risk(rig.registry, &actor, BYTES(RIG_MID), bytes_text(class)));
    rig_pass(&rig, 1100); /* the registry is looked at once a second */
}

static void publish(uint32_t version, const char *text)
{
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    assert_ok(registry_publish_limits(rig.registry, &actor, version, bytes_text(text)));
    rig_pass(&rig, 1100);
}

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    rig.class = PAYMENT_CLASS_CREDIT;
    put_in_class("micro");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

static void send_sale(struct rig_terminal *t, const struct payment *p, const char *pan)
{
    uint8_t out[RIG_FRAME];
    rig_send(&rig, t, rig_sale_frame(&rig, t, p, pan, out));
}

/* Takes the answer: its code, and the notice as the terminal reads it. */
static void hears(struct rig_terminal *t, struct payment *p, const char *code, const char *notice)
{
    struct iso8583_message m;
    rig_answer_to(&rig, t, &m);
    assert_ok(payment_apply_response(&m, (uint16_t)(payment_kind_of(p)->mti + 0x10), p));
    assert_string_equal(p->response_code, code);
    assert_string_equal(p->notice, notice);
    rig_took(&rig.to_terminal);
}

/* A sale that the network is asked for and approves. */
static struct payment pays(struct rig_terminal *t, int64_t amount_minor)
{
    struct payment p = rig_sell(&rig, t, PAYMENT_CARD, amount_minor);
    rig_issuer(&rig, "00");
    hears(t, &p, "00", "");
    return p;
}

/* One that nobody is asked for. */
static struct payment refused(struct rig_terminal *t, int64_t amount_minor, const char *code,
                              const char *notice)
{
    struct payment p = rig_sell(&rig, t, PAYMENT_CARD, amount_minor);
    assert_int_equal(rig.to_route.count, 0);
    hears(t, &p, code, notice);
    rig_expect_state(&p, PAYMENT_DECLINED, 1);
    return p;
}

static struct payment following(struct rig_terminal *t, enum payment_type type,
                                const struct payment *original, int64_t amount_minor)
{
    struct payment p = rig_payment(t, original->means, amount_minor);
    p.type = type;
    p.original =
        (struct payment_original){.batch = original->key.batch, .stan = original->key.stan};
    memcpy(p.original.rrn, original->rrn, sizeof original->rrn);
    memcpy(p.original.auth_code, original->auth_code, sizeof original->auth_code);
    memcpy(p.original.date, original->local_date, sizeof original->local_date);
    return p;
}

static void follows(struct rig_terminal *t, enum payment_type type, const struct payment *original,
                    int64_t amount_minor)
{
    struct payment p = following(t, type, original, amount_minor);
    rig_again(&rig, t, &p);
    rig_issuer(&rig, "00");
    hears(t, &p, "00", "");
}

/* To the fen; a repeat gets the same refusal; another terminal of the merchant has the same sum. */
static void each_side_of_a_day(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_CUP);
    (void)pays(&t, 99999);
    struct payment p = refused(&t, 2, "61", "DCAa00001000000000000001");
    rig_again(&rig, &t, &p);
    hears(&t, &p, "61", "DCAa00001000000000000001");
    rig_expect_state(&p, PAYMENT_DECLINED, 1);
    struct payment elsewhere = rig_sell(&rig, &other, PAYMENT_CARD, 2);
    hears(&other, &elsewhere, "61", ""); /* a foreign terminal hears the code alone */
    (void)pays(&t, 1);
    (void)refused(&t, 1, "61", "DCAa00001000000000000000");
    p = rig_sell(&rig, &t, PAYMENT_CODE, 500000); /* a wallet is no credit card */
    rig_issuer(&rig, "00");
    hears(&t, &p, "00", "");
}

/* Nine days to the limit, and the month is used up on the tenth; the next month is new. */
static void each_side_of_a_month(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (int day = 0; day < 10; day++, rig.now_ms += DAY_MS) (void)pays(&t, 100000);
    (void)refused(&t, 1, "61", "MCAa00010000000000000000");
    rig.now_ms += 21 * DAY_MS; /* 1 February */
    (void)pays(&t, 100000);
}

/* The rig begins at 08:00 in Beijing on 1 January. */
static void midnight_is_beijings(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    (void)pays(&t, 100000);
    int64_t midnight_ms = rig.now_ms - rig.now_ms % DAY_MS + DAY_MS / 24 * 16;
    rig.now_ms = midnight_ms - 1;
    (void)refused(&t, 1, "61", "DCAa00001000000000000000");
    rig.now_ms = midnight_ms;
    struct payment p = pays(&t, 100000);
    rig.now_ms -= 3600000; /* the clock is put back: no second day */
    (void)refused(&t, 1, "61", "DCAa00001000000000000000");
    rig_reverse(&rig, &t, &p);
    rig_expect(&rig, &t, 0x0410, "00");
    (void)pays(&t, 100000);
}

/* What is under way has its place, and gives it back when it is declined or has no answer. */
static void two_at_once(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_CUP);
    (void)pays(&t, 40000); /* and the class of such cards is known from now on */
    struct payment a = rig_sell(&rig, &t, PAYMENT_CARD, 60000);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    struct payment b = rig_sell(&rig, &other, PAYMENT_CARD, 1);
    assert_int_equal(rig.to_route.count, 0);
    hears(&other, &b, "61", "");
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "51");
    hears(&t, &a, "51", "");
    a = rig_sell(&rig, &t, PAYMENT_CARD, 60000);
    (void)rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_pass(&rig, 31000);
    hears(&t, &a, "98", "");
    rig_undo(&rig, "96"); /* the reversal is still owed, and the money is not the merchant's */
    (void)pays(&t, 60000);
}

/* Nobody knows its class: it is asked for, approved, above the limit, and turns back. */
static void the_answer_tells_the_class(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = rig_sell(&rig, &t, PAYMENT_CARD, 100001);
    rig_issuer(&rig, "00");
    hears(&t, &p, "61", "DCAa00001000000000100000");
    assert_string_equal(p.auth_code, "");
    rig_expect_state(&p, PAYMENT_REVERSING, 2);
    rig_again(&rig, &t, &p); /* the answer was lost */
    hears(&t, &p, "61", "DCAa00001000000000100000");
    rig_pass(&rig, 200);
    rig_undo(&rig, "00");
    rig_expect_state(&p, PAYMENT_REVERSED, 3);
    rig_again(&rig, &t, &p);
    hears(&t, &p, "61", "DCAa00001000000000100000");
    rig_reverse(&rig, &t, &p);
    rig_expect(&rig, &t, 0x0410, "00");
    assert_true(acquirer_quiet(rig.a));
    (void)refused(&t, 100001, "61", "DCAa00001000000000100000"); /* such cards are known now */
    (void)pays(&t, 100000);
}

/* Two of them at once, whose class nobody knew: the second answer finds no room. */
static void two_answers_at_once(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment a = rig_sell(&rig, &t, PAYMENT_CARD, 60000);
    struct payment asked_a = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    struct payment b = rig_sell(&rig, &t, PAYMENT_CARD, 60000);
    struct payment asked_b = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    /* Both answers are with the hsm before either is decided. */
    uint8_t out[RIG_FRAME];
    rig.hsm_holds = true;
    struct bytes frame = rig_answer_frame(&rig, PAYMENT_NETWORK_REQUEST, &asked_a, "00", out);
    assert_ok(acquirer_on_route(rig.a, asked_a.route, frame));
    frame = rig_answer_frame(&rig, PAYMENT_NETWORK_REQUEST, &asked_b, "00", out);
    assert_ok(acquirer_on_route(rig.a, asked_b.route, frame));
    rig.hsm_holds = false;
    rig_settle(&rig);
    hears(&t, &a, "00", "");
    hears(&t, &b, "61", "DCAa00001000000000040000");
    rig_expect_state(&a, PAYMENT_APPROVED, 2);
    rig_expect_state(&b, PAYMENT_REVERSING, 2);
    rig_pass(&rig, 200);
    rig_undo(&rig, "00");
    assert_true(acquirer_quiet(rig.a));
}

/* Digits that were seen with two classes say nothing: the answer does. */
static void mixed_digits_say_nothing(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    (void)pays(&t, 100000);
    rig.class = PAYMENT_CLASS_DEBIT;
    struct payment p = rig_payment(&t, PAYMENT_CARD, 1); /* by its digits a credit card: no room */
    send_sale(&t, &p, OTHER_CARD);
    hears(&t, &p, "61", "DCAa00001000000000000000");
    p = rig_payment(&t, PAYMENT_CARD, 300000);
    send_sale(&t, &p, OTHER_BIN);
    rig_issuer(&rig, "00");
    hears(&t, &p, "00", "");
    rig.now_ms += DAY_MS;
    p = rig_payment(&t, PAYMENT_CARD, 100000); /* there is room: the network says it is debit */
    send_sale(&t, &p, OTHER_CARD);
    rig_issuer(&rig, "00");
    hears(&t, &p, "00", "");
    p = rig_payment(&t, PAYMENT_CARD, 500000);
    send_sale(&t, &p, OTHER_CARD);
    rig_issuer(&rig, "00");
    hears(&t, &p, "00", "");
    rig.class = PAYMENT_CLASS_CREDIT;
    (void)pays(&t, 100000); /* nothing of it was counted as credit */
    rig_pass(&rig, 100);
}

/* A reversal and a void free it, a refund does not; a void that is reversed takes it again. */
static void what_frees_a_limit(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = pays(&t, 100000);
    rig_reverse(&rig, &t, &p);
    rig_expect(&rig, &t, 0x0410, "00");
    p = pays(&t, 100000);
    struct payment v = following(&t, PAYMENT_VOID, &p, 100000);
    rig_again(&rig, &t, &v);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    (void)refused(&t, 1, "61", "DCAa00001000000000000000"); /* it is not decided */
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    hears(&t, &v, "00", "");
    struct payment next = pays(&t, 40000);
    rig_reverse(&rig, &t, &v); /* the sale stands again, and is above the limit for that */
    rig_expect(&rig, &t, 0x0410, "00");
    (void)refused(&t, 1, "61", "DCAa00001000000000000000");
    rig_pass(&rig, 300);
    while (rig.to_route.count > 0) rig_undo(&rig, "00");
    follows(&t, PAYMENT_VOID, &p, 100000);
    (void)pays(&t, 60000);
    follows(&t, PAYMENT_REFUND, &next, 40000);
    (void)refused(&t, 1, "61", "DCAa00001000000000000000");
}

/* Everything is in the journal: a restart knows sums, classes of cards, and what was undone. */
static void a_restart_knows_the_sums(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = pays(&t, 30000);
    follows(&t, PAYMENT_VOID, &p, 30000);
    (void)pays(&t, 70000);
    p = rig_sell(&rig, &t, PAYMENT_CARD, 30000);
    (void)rig_asked(&rig, PAYMENT_NETWORK_REQUEST); /* under way when it dies */
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    rig_pass(&rig, 200);
    rig_undo(&rig, "25");
    (void)refused(&t, 30001, "61", "DCAa00001000000000030000");
    (void)pays(&t, 30000);
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    (void)refused(&t, 1, "61", "DCAa00001000000000000000");
}

/* Another table is in force within a second, and one that makes no sense is left alone. */
static void tables_change(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    publish(1, "limits 1\nclass usual\nclass micro\n"
               "every any swipe day count 2\nevery wallet code payment amount 5.00\n"
               "micro foreign any payment amount 0\n");
    (void)pays(&t, 100);
    (void)pays(&t, 500000);
    (void)refused(&t, 1, "65", "DASN00000000020000000000");
    struct payment p = rig_sell(&rig, &t, PAYMENT_CODE, 501);
    hears(&t, &p, "61", "PWQA00000005000000000500");
    p = rig_sell(&rig, &t, PAYMENT_CODE, 500);
    rig_issuer(&rig, "00");
    hears(&t, &p, "00", "");
    publish(2, "limits 2\nno such thing\n");
    assert_true(rig_logged(&rig, "limits_unread"));
    (void)refused(&t, 1, "65", "DASN00000000020000000000");
    publish(3, "limits 3\nclass usual\nevery credit swipe payment amount 0\n");
    (void)refused(&t, 1, "57", "PCSA00000000000000000000");
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    assert_err(registry_publish_limits(rig.registry, &actor, 3, BYTES("limits 3\n")), STATE);
    assert_err(registry_publish_limits(rig.registry, &actor, 0, BYTES("limits 0\n")), FORMAT);
    assert_err(registry_set_risk(rig.registry, &actor, BYTES(RIG_MID), BYTES("Micro")), FORMAT);
    assert_err(registry_set_risk(rig.registry, &actor, BYTES("111111111111111"), BYTES("micro")),
               NOT_FOUND);
}

/* A class by itself, and an entry by itself. */
static void foreign_and_typed_cards(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    publish(1, "limits 1\nclass usual\nevery foreign any day amount 2.00\n"
               "every any manual payment amount 0\n");
    rig.class = PAYMENT_CLASS_FOREIGN;
    (void)pays(&t, 150);
    (void)refused(&t, 51, "61", "DFAA00000002000000000050");
    (void)pays(&t, 50);
    struct payment p = rig_payment(&t, PAYMENT_CARD, 1);
    p.entry = PAYMENT_ENTRY_MANUAL;
    send_sale(&t, &p, OTHER_BIN);
    assert_int_equal(rig.to_route.count, 0);
    hears(&t, &p, "57", "PAMA00000000000000000000");
}

/* A hold is no taking: its amount alone is looked at; its completion is, and counts. */
static void holds_and_completions(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment hold = rig_payment(&t, PAYMENT_CARD, 90000);
    hold.type = PAYMENT_PREAUTH;
    rig_again(&rig, &t, &hold);
    rig_issuer(&rig, "00");
    hears(&t, &hold, "00", "");
    (void)pays(&t, 50000);
    struct payment done = following(&t, PAYMENT_COMPLETION, &hold, 90000);
    rig_again(&rig, &t, &done);
    assert_int_equal(rig.to_route.count, 0);
    hears(&t, &done, "61", "DCAa00001000000000050000");
    follows(&t, PAYMENT_COMPLETION, &hold, 50000);
    (void)refused(&t, 1, "61", "DCAa00001000000000000000");
}

/* ---- two shops of one person (S144) ---- */

#define SECOND_MID "898310153110002"
#define SECOND_TID "10000042"

static void set_person(const char *mid, const char *person)
{
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    assert_ok(registry_set_person(rig.registry, &actor, bytes_text(mid), bytes_text(person)));
    rig_pass(&rig, 1100);
}

static struct rig_terminal open_second_shop(void)
{
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    struct registry_merchant merchant = {.mid = SECOND_MID,
                                         .name_zh = "通宝面馆",
                                         .name_en = "TONGBAO NOODLES",
                                         .fee_plan = 1,
                                         .status = REGISTRY_ACTIVE};
    struct registry_terminal terminal;
    assert_ok(registry_add_merchant(rig.registry, &actor, &merchant));
    assert_ok(registry_find_terminal(rig.registry, BYTES(RIG_TID), &terminal));
    memcpy(terminal.tid, SECOND_TID, sizeof terminal.tid);
    memcpy(terminal.mid, SECOND_MID, sizeof terminal.mid);
    memcpy(terminal.serial, "SN900001", sizeof "SN900001");
    assert_ok(registry_add_terminal(rig.registry, &actor, &terminal));
    assert_ok(registry_set_risk(rig.registry, &actor, BYTES(SECOND_MID), BYTES("micro")));
    rig_pass(&rig, 1100);
    struct rig_terminal t = rig_connect(&rig, SECOND_TID, PAYMENT_PROFILE_TONGBAO);
    t.mid = SECOND_MID;
    rig_sign_in(&rig, &t);
    return t;
}

/* A second shop brings no second limit; who is another person's, or nobody's, has its own. */
static void two_shops_of_one_person_have_one_limit(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), second = open_second_shop();
    (void)pays(&t, 60000);
    (void)pays(&second, 60000); /* nobody has said yet that they are of one person */
    set_person(RIG_MID, "6f1d_wang");
    (void)pays(&second, 1000);
    set_person(SECOND_MID, "6f1d_wang");
    (void)refused(&second, 1, "61", "DCAa00001000000000000000");
    (void)refused(&t, 1, "61", "DCAa00001000000000000000");
    rig.now_ms += DAY_MS;
    (void)pays(&t, 60000);
    (void)refused(&second, 40001, "61", "DCAa00001000000000040000");
    struct payment p = pays(&second, 40000);
    (void)refused(&t, 1, "61", "DCAa00001000000000000000");
    rig_reverse(&rig, &second, &p); /* frees it for both */
    rig_expect(&rig, &second, 0x0410, "00");
    rig_pass(&rig, 300);
    while (rig.to_route.count > 0) rig_undo(&rig, "00");
    (void)pays(&t, 30000);
    (void)refused(&second, 10001, "61", "DCAa00001000000000010000");
    /* Anew from the journal, though only one of them has said a word since. */
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, second.session, bytes_text(second.tid)));
    (void)refused(&second, 10001, "61", "DCAa00001000000000010000");
    set_person(SECOND_MID, "0a77_li");
    p = pays(&second, 100000);
    set_person(SECOND_MID, "");
    (void)refused(&second, 1, "61", "DCAa00001000000000000000");
}

/* At midnight each shop's day turns by itself; the month is of both. */
static void the_month_of_a_person_is_of_all_shops(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), second = open_second_shop();
    set_person(RIG_MID, "6f1d_wang");
    set_person(SECOND_MID, "6f1d_wang");
    for (int day = 0; day < 10; day++, rig.now_ms += DAY_MS)
        (void)pays(day % 2 == 0 ? &t : &second, 100000);
    (void)refused(&t, 1, "61", "MCAa00010000000000000000");
    (void)refused(&second, 1, "61", "MCAa00010000000000000000");
}

static void who_is_of_one_person_is_said_once(void **state)
{
    (void)state;
    const struct registry_actor actor = {BYTES("test"), rig.now_ms};
    char mates[REGISTRY_MATES_MAX][16];
    size_t count = 9;
    assert_ok(registry_find_mates(rig.registry, BYTES(RIG_MID), mates, &count));
    assert_int_equal(count, 0);
    for (int i = 0; i < REGISTRY_MATES_MAX + 2; i++) {
        struct registry_merchant merchant = {.name_zh = "店", .name_en = "SHOP", .fee_plan = 1};
        merchant.status = REGISTRY_ACTIVE;
        snprintf(merchant.mid, sizeof merchant.mid, "89831015311%04d", 100 + i);
        assert_ok(registry_add_merchant(rig.registry, &actor, &merchant));
        err set = registry_set_person(rig.registry, &actor, bytes_text(merchant.mid), BYTES("one"));
        if (i <= REGISTRY_MATES_MAX) assert_ok(set);
        else assert_err(set, FULL);
    }
    assert_ok(registry_find_mates(rig.registry, BYTES("898310153110100"), mates, &count));
    assert_int_equal(count, REGISTRY_MATES_MAX);
    assert_string_equal(mates[0], "898310153110101");
    assert_err(registry_set_person(rig.registry, &actor, BYTES(RIG_MID), BYTES("Wang")), FORMAT);
    assert_err(registry_set_person(rig.registry, &actor, BYTES("111111111111111"), BYTES("one_")),
               NOT_FOUND);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(each_side_of_a_day),
        WITH_RIG(each_side_of_a_month),
        WITH_RIG(midnight_is_beijings),
        WITH_RIG(two_at_once),
        WITH_RIG(the_answer_tells_the_class),
        WITH_RIG(two_answers_at_once),
        WITH_RIG(mixed_digits_say_nothing),
        WITH_RIG(what_frees_a_limit),
        WITH_RIG(a_restart_knows_the_sums),
        WITH_RIG(tables_change),
        WITH_RIG(holds_and_completions),
        WITH_RIG(foreign_and_typed_cards),
        WITH_RIG(two_shops_of_one_person_have_one_limit),
        WITH_RIG(the_month_of_a_person_is_of_all_shops),
        WITH_RIG(who_is_of_one_person_is_said_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
