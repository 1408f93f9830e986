/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Advices at the host: what a card has approved by itself is journaled before it is told to the
 * network, once whatever is repeated, never reversed, and acknowledged when the network has it;
 * what its issuer will not pay waits for a person and is alarmed; a kill at every call of the store
 * loses none. S87 S89, F-12
 */
#include "acquirer/fold.h"
#include "journal/close.h"
#include "ledger/fold.h"
#include "payment/settlement.h"
#include "tests/unit/acquirer_offline.h"

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

static void advise(struct rig_terminal *t, const struct payment *p)
{
    uint8_t out[RIG_FRAME];
    rig_send(&rig, t, rig_advice_frame(&rig, t, p, RIG_PAN, out));
}

/* The network takes the oldest advice and answers it. */
static struct payment issuer(const char *code)
{
    struct payment p = rig_asked(&rig, PAYMENT_NETWORK_ADVICE);
    rig_network(&rig, PAYMENT_NETWORK_ADVICE, &p, code);
    return p;
}

/* No answer that a terminal would believe. */
static void unheard(struct rig_terminal *t)
{
    struct iso8583_message m;
    rig_answer_to(&rig, t, &m);
    assert_int_equal(m.mti, 0x0230);
    assert_int_equal(m.mac_input, 0);
    rig_took(&rig.to_terminal);
}

static void told_and_acknowledged(void **state)
{
    (void)state;
    static const char *const tids[] = {RIG_TID, RIG_CUP};
    for (size_t i = 0; i < ARRAY_LEN(tids); i++) {
        struct rig_terminal t = rig_terminal(&rig, tids[i]);
        struct payment p = rig_offline(&t, 12800);
        advise(&t, &p);
        rig_expect_state(&p, PAYMENT_OFFLINE, 1); /* on disk before the network hears of it */
        assert_int_equal(rig.to_terminal.count, 0);
        struct payment asked = issuer("00");
        assert_int_equal(asked.amount_minor, 12800);
        assert_true(payment_offline(&asked));
        struct iso8583_message m;
        struct payment mine = p;
        rig_answer_to(&rig, &t, &m);
        assert_ok(payment_apply_response(&m, 0x0230, &mine));
        assert_string_equal(mine.response_code, "00");
        assert_string_equal(mine.rrn, asked.rrn);
        rig_took(&rig.to_terminal);
        rig_expect_state(&p, PAYMENT_APPROVED, 2);
        advise(&t, &p); /* the answer was lost on the way */
        rig_expect(&rig, &t, 0x0230, "00");
        assert_int_equal(rig.to_route.count, 0);
        rig_expect_state(&p, PAYMENT_APPROVED, 2);
        assert_true(acquirer_quiet(rig.a));
    }
    assert_false(rig_logged(&rig, RIG_PAN));
}

/* Days later, from a batch that is closed, beside what is paid online. */
static void of_an_earlier_batch(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment first = rig_sell(&rig, &t, PAYMENT_CARD, 300);
    (void)rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&first, PAYMENT_APPROVED, 2);
    struct payment p = rig_offline(&t, 500);
    t.stan = 0; /* another batch begins */
    rig_sign_in(&rig, &t);
    assert_int_not_equal(t.batch, p.key.batch);
    struct payment online = rig_sell(&rig, &t, PAYMENT_CARD, 700);
    (void)rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    advise(&t, &p);
    (void)issuer("00");
    rig_expect(&rig, &t, 0x0230, "00");
    rig_expect_state(&p, PAYMENT_APPROVED, 2);
    rig_expect_state(&online, PAYMENT_APPROVED, 2);
}

/* A silent network, one with troubles of its own, one that is away: told again, by one number. */
static void told_again_until_the_network_has_it(void **state)
{
    (void)state;
    static const char *const troubles[] = {"91", "96", "68", "09"};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = rig_offline(&t, 900);
    advise(&t, &p);
    struct payment first = rig_asked(&rig, PAYMENT_NETWORK_ADVICE);
    advise(&t, &p); /* while it is under way: both wait for the one answer */
    assert_int_equal(rig.to_route.count, 0);
    rig_pass(&rig, 31000);
    unheard(&t);
    unheard(&t);
    assert_int_equal(rig.to_route.count, 0); /* nothing is reversed */
    for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
        advise(&t, &p);
        struct payment asked = issuer(troubles[i]);
        assert_string_equal(asked.rrn, first.rrn);
        unheard(&t);
    }
    rig_network(&rig, PAYMENT_NETWORK_ADVICE, &first, "00"); /* late: nobody waits */
    rig_expect_state(&p, PAYMENT_OFFLINE, 1);
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_CARD_NETWORK, false));
    advise(&t, &p);
    unheard(&t);
    assert_ok(acquirer_on_route_state(rig.a, PAYMENT_ROUTE_CARD_NETWORK, true));
    rig_restart(&rig); /* and the host begins anew */
    t = rig_connect(&rig, RIG_TID, PAYMENT_PROFILE_TONGBAO);
    struct rig_terminal before = t;
    before.batch = p.key.batch;
    rig_sign_in(&rig, &before);
    advise(&before, &p);
    struct payment asked = issuer("00");
    assert_string_equal(asked.rrn, first.rrn);
    rig_expect(&rig, &before, 0x0230, "00");
    rig_expect_state(&p, PAYMENT_APPROVED, 2);
}

/* Acknowledged to the terminal, which has done its part; for us a work item and an alarm. */
static void disputed_by_its_issuer(void **state)
{
    (void)state;
    static const char *const codes[] = {"59", "43",
                                        "05"}; /* a TC that is not; a listed card; ... */
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        struct payment p = rig_offline(&t, 1100);
        advise(&t, &p);
        (void)issuer(codes[i]);
        rig_expect(&rig, &t, 0x0230, "A4");
        rig_expect_state(&p, PAYMENT_DISPUTED, 2);
        advise(&t, &p);
        rig_expect(&rig, &t, 0x0230, "A4");
        rig_expect_state(&p, PAYMENT_DISPUTED, 2);
    }
    assert_int_equal(rig_audited("payment_disputed"), 3);
    assert_int_equal(rig.to_route.count, 0);
    size_t rows = 1;
    while (rows > 0) assert_ok(acquirer_fold(rig.a, 100, &rows));
    struct ledger *ledger;
    struct ledger_trial trial;
    assert_ok(ledger_open("ledger", STORE_MEMORY, NULL, &ledger));
    assert_ok(ledger_trial_balance(ledger, &trial));
    assert_true(trial.balanced && trial.transfers_agree);
    assert_int_equal(trial.open_holds, 3); /* the merchant's money is still spoken for */
    ledger_close(ledger);
}

/* The terminal has it approved (A4), so it is in both totals: whoever has to pay for it, the goods
 * are handed over, and the batch settles without a difference. S104 */
static void disputed_and_settled(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = rig_offline(&t, 1100);
    advise(&t, &p);
    (void)issuer("59");
    rig_expect(&rig, &t, 0x0230, "A4");
    (void)rig_sell(&rig, &t, PAYMENT_CARD, 500);
    (void)rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_restart(&rig); /* the totals are a fold of the journal */
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    struct payment_settlement s = {.mid = RIG_MID, .operator_id = "01", .batch = t.batch}, answer;
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    memcpy(s.tid, t.tid, 9);
    s.stan = ++t.stan;
    s.totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){2, 1600};
    assert_ok(payment_settle_request(t.profile, &s, &arena, &m));
    rig_send(&rig, &t, rig_frame(&rig, &t, &m, false, out));
    rig_answer_to(&rig, &t, &m);
    assert_ok(payment_settlement_parse(t.profile, &m, &answer));
    assert_string_equal(answer.response_code, "00");
    assert_int_equal(answer.flag, PAYMENT_SETTLE_EQUAL);
    rig_took(&rig.to_terminal);
}

/* The same key, something else: refused by a code that no terminal takes for an acknowledgement. */
static void another_content_is_refused(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = rig_offline(&t, 1300);
    uint8_t out[RIG_FRAME];
    advise(&t, &p);
    (void)issuer("00");
    rig_expect(&rig, &t, 0x0230, "00");
    struct payment other = p;
    other.amount_minor = 1301;
    advise(&t, &other);
    rig_expect(&rig, &t, 0x0230, "12");
    rig_send(&rig, &t, rig_advice_frame(&rig, &t, &p, "6200000000000013", out)); /* another card */
    rig_expect(&rig, &t, 0x0230, "12");
    struct payment online = rig_sell(&rig, &t, PAYMENT_CARD, 1500);
    (void)rig_issuer(&rig, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    struct payment again = online;
    again.entry = PAYMENT_ENTRY_CHIP;
    again.chip = p.chip;
    advise(&t, &again); /* it was paid online */
    rig_expect(&rig, &t, 0x0230, "12");
    advise(&t, &again);
    rig_expect(&rig, &t, 0x0230, "12");
    /* A card's word is kept for a person, each once, with what the terminal says of it. */
    struct journal_item items[4];
    size_t count;
    struct store *store;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_item_read(store, 1, items, ARRAY_LEN(items), &count));
    store_close(store);
    assert_int_equal(count, 2);
    assert_int_equal(items[0].kind, JOURNAL_ITEM_ADVICE);
    assert_int_equal(items[0].stan, p.key.stan);
    assert_int_equal(items[0].terminal_minor, 1301);
    assert_int_equal(items[0].host_minor, 0);
    assert_int_equal(items[1].stan, online.key.stan);
    assert_int_equal(items[1].terminal_minor, 1500);
    assert_string_equal(items[1].shown, "622202******7890");
    assert_int_equal(rig_audited("advice_refused"), 4);
    rig_expect_state(&p, PAYMENT_APPROVED, 2);
    rig_expect_state(&online, PAYMENT_APPROVED, 2);
    assert_int_equal(rig.to_route.count, 0);
}

/* S63: nothing is taken whose MAC or card data does not hold; the terminal keeps it. */
static void altered_on_the_way(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = rig_offline(&t, 1700), more = p;
    uint8_t out[RIG_FRAME];
    struct bytes frame = rig_advice_frame(&rig, &t, &p, RIG_PAN, out);
    out[frame.len - 1] ^= 1;
    rig_send(&rig, &t, frame);
    rig_expect(&rig, &t, 0x0230, "A0");
    uint8_t envelope[ENVELOPE_MAX], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message message;
    struct writer w = writer_over(envelope, sizeof envelope);
    rig_envelope(&rig, &t, &p, RIG_PAN, &w);
    const struct payment_sensitive sensitive = {.envelope = writer_view(&w)};
    more.amount_minor = 170000; /* than the vault has shown and the card approved */
    assert_ok(payment_advice_message(t.profile, &more, &sensitive, &arena, &message));
    rig_send(&rig, &t, rig_frame(&rig, &t, &message, true, out));
    rig_expect(&rig, &t, 0x0230, "A7");
    assert_int_equal(rig_audited("advice_refused"), 1);
    rig_expect_state(&p, PAYMENT_NONE, 0);
    assert_int_equal(rig.to_route.count, 0);
}

/* A terminal that asks to take it back is told that it is too late. */
static void never_reversed(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment p = rig_offline(&t, 1900);
    advise(&t, &p);
    (void)rig_asked(&rig, PAYMENT_NETWORK_ADVICE);
    rig_reverse(&rig, &t, &p);
    rig_expect(&rig, &t, 0x0410, "22");
    rig_expect_state(&p, PAYMENT_OFFLINE, 1);
}

/* ---- killed at every call of the store ---- */

static err send_err(struct rig_terminal *t, const struct payment *p)
{
    uint8_t out[RIG_FRAME];
    TRY(acquirer_on_terminal(rig.a, t->session, rig_advice_frame(&rig, t, p, RIG_PAN, out)));
    return rig_settle_err(&rig);
}

static err life(struct rig_terminal *t, const struct payment *p, char rrn[13])
{
    uint8_t out[RIG_FRAME];
    TRY(send_err(t, p));
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_ADVICE);
    memcpy(rrn, asked.rrn, 13); /* it has charged it */
    TRY(acquirer_on_route(rig.a, asked.route,
                          rig_answer_frame(&rig, PAYMENT_NETWORK_ADVICE, &asked, "00", out)));
    return rig_settle_err(&rig);
}

static void killed_at_every_call(void **state)
{
    (void)state;
    int kills = 0;
    for (int at = 0;; at++) {
        struct rig_terminal t = rig_terminal(&rig, RIG_TID);
        struct payment p = rig_offline(&t, 2100);
        char rrn[13] = "";
        rig.calls = 0;
        rig.left = at;
        rig.with = ERR_CRASHED;
        err e = life(&t, &p, rrn);
        rig.left = -1;
        if (!FAILED(e)) break; /* the script is through without meeting the fault */
        assert_string_equal(err_name(e), "CRASHED");
        kills++;
        rig.to_terminal.count = rig.to_route.count = 0;
        rig_restart(&rig);
        struct rig_terminal again = rig_connect(&rig, RIG_TID, PAYMENT_PROFILE_TONGBAO);
        again.batch = t.batch;
        again.stan = t.stan;
        rig_sign_in(&rig, &again);
        advise(&again, &p); /* the terminal has it still */
        if (rig.to_route.count > 0) {
            struct payment asked = issuer("00");
            if (rrn[0] != '\0') assert_string_equal(asked.rrn, rrn); /* known by its number */
        }
        rig_expect(&rig, &again, 0x0230, "00");
        rig_expect_state(&p, PAYMENT_APPROVED, 2);
    }
    assert_true(kills > 3);
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(told_and_acknowledged),
        WITH(of_an_earlier_batch),
        WITH(told_again_until_the_network_has_it),
        WITH(disputed_by_its_issuer),
        WITH(disputed_and_settled),
        WITH(another_content_is_refused),
        WITH(altered_on_the_way),
        WITH(never_reversed),
        WITH(killed_at_every_call),
    };
    return cmocka_run_group_tests_name("acquirer_advice", tests, NULL, NULL);
}
