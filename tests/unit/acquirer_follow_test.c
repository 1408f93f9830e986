/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Voids, refunds and holds through the host: what is refused and why, two at once from two
 * terminals, repeats, reversals of what follows, restarts, and what the ledger makes of it.
 * S87 S88 S94 S95 S96 S97 S98 S99
 */
#include "journal/close.h"
#include "tests/unit/acquirer_following.h"

/* S94: approved once, in the ledger back to nothing with its fee; a second one is refused. */
static void a_void_takes_all_back(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = approved(&t, PAYMENT_SALE, 12800);
    assert_int_equal(books().income, 64);
    struct payment v = following(&t, PAYMENT_VOID, &sale, 12800);
    rig_again(&rig, &t, &v);
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    assert_int_equal(asked.type, PAYMENT_VOID);
    assert_string_equal(asked.original.rrn, sale.rrn);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_expect_state(&v, PAYMENT_APPROVED, 2);
    struct sums s = books();
    assert_int_equal(s.payable + s.income + s.receivable, 0);
    assert_int_equal(s.income, 0);
    ends(&t, &v, "00"); /* a repeat gets the recorded answer (S87) */
    struct payment again = following(&t, PAYMENT_VOID, &sale, 12800);
    refused(&t, &again, "B1");
    struct payment r = following(&t, PAYMENT_REFUND, &sale, 1);
    refused(&t, &r, "B1");
}

/* S94: each condition, also after a restart, because it is read from the journal. */
static void a_void_is_refused_by_name(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_SECOND);
    struct payment sale = approved(&t, PAYMENT_SALE, 5000), v;
    v = following(&t, PAYMENT_VOID, &sale, 4999);
    refused(&t, &v, "64");
    v = following(&t, PAYMENT_VOID, &sale, 5000);
    v.original.stan = 999, v.original.rrn[0] = '\0';
    refused(&t, &v, "25");
    v = following(&other, PAYMENT_VOID, &sale, 5000);
    refused(&other, &v, "B3");
    struct payment r = following(&t, PAYMENT_REFUND, &sale, 1000);
    ends(&t, &r, "00");
    v = following(&t, PAYMENT_VOID, &sale, 5000);
    refused(&t, &v, "B9");
    rig_sign_in(&rig, &t);
    rig_restart(&rig);
    t = rig_terminal(&rig, RIG_TID);
    t.stan = 500;
    sale = approved(&t, PAYMENT_SALE, 700);
    v = following(&t, PAYMENT_VOID, &sale, 700);
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    ends(&t, &v, "00");
}

/* S95: two terminals at once ask for more than there is: one of them gets it. */
static void two_refunds_at_once(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_SECOND);
    struct payment sale = approved(&t, PAYMENT_SALE, 10000);
    struct payment a = following(&t, PAYMENT_REFUND, &sale, 6000);
    struct payment b = following(&other, PAYMENT_REFUND, &sale, 4001);
    struct payment c = following(&other, PAYMENT_REFUND, &sale, 4000);
    struct payment v = following(&t, PAYMENT_VOID, &sale, 10000);
    rig_again(&rig, &t, &a); /* the network has not answered */
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    refused(&other, &b, "B2");
    rig_again(&rig, &t, &v);
    rig_expect(&rig, &t, 0x0210, "BA");
    rig_again(&rig, &other, &c);
    struct payment second = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &second, "00");
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "51"); /* what was refused is free again */
    rig_took(&rig.to_terminal);
    rig_took(&rig.to_terminal);
    b = following(&other, PAYMENT_REFUND, &sale, 6001);
    refused(&other, &b, "B2");
    b = following(&other, PAYMENT_REFUND, &sale, 6000);
    ends(&other, &b, "00");
    b = following(&other, PAYMENT_REFUND, &sale, 1);
    refused(&other, &b, "B2");
    struct sums s = books();
    assert_int_equal(s.receivable, 0);
    assert_int_equal(s.payable + s.income, 0);
    assert_int_equal(s.income, 0); /* the fee went back in shares, to the fen */
}

/* S95: of two terminals that refund one sale at the same moment, one loses the network's answer,
 * and one the host's. What is not decided counts as given back, over a restart too; what was taken
 * back is free again; in the end there is never more given back than was taken. */
static void two_refunds_and_lost_answers(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_SECOND);
    struct payment sale = approved(&t, PAYMENT_SALE, 10000);
    struct payment a = following(&t, PAYMENT_REFUND, &sale, 6000);
    struct payment b = following(&other, PAYMENT_REFUND, &sale, 4000);
    rig_again(&rig, &t, &a);
    rig_again(&rig, &other, &b);
    (void)rig_asked(&rig, PAYMENT_NETWORK_REQUEST); /* done, and its answer is lost */
    struct payment second = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &second, "00");
    rig_took(&rig.to_terminal); /* this answer is lost on its way to the counter */
    struct payment more = following(&other, PAYMENT_REFUND, &sale, 1);
    refused(&other, &more, "B2");
    rig_pass(&rig, 31000);
    rig_expect(&rig, &t, 0x0230, "98");
    (void)rig_asked(&rig, PAYMENT_NETWORK_REVERSAL); /* not heard either */
    rig_reverse(&rig, &other, &b);
    rig_expect(&rig, &other, 0x0410, "00");
    rig_restart(&rig);
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    assert_ok(acquirer_session_opened(rig.a, other.session, bytes_text(other.tid)));
    more = following(&other, PAYMENT_REFUND, &sale, 1);
    refused(&other, &more, "B2");
    rig_pass(&rig, 1100);
    rig_undo(&rig, "00");
    rig_undo(&rig, "00");
    rig_expect_state(&a, PAYMENT_REVERSED, 3);
    rig_expect_state(&b, PAYMENT_REVERSED, 4);
    more = following(&other, PAYMENT_REFUND, &sale, 10001);
    refused(&other, &more, "B2");
    more = following(&other, PAYMENT_REFUND, &sale, 10000);
    ends(&other, &more, "00");
    more = following(&t, PAYMENT_REFUND, &sale, 1);
    refused(&t, &more, "B2");
    struct sums s = books();
    assert_int_equal(s.receivable, 0);
    assert_int_equal(s.payable + s.income, 0);
    assert_true(acquirer_quiet(rig.a));
}

/* S88: a void whose answer is lost is turned back, and the sale is as it was. */
static void a_void_is_reversed(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = approved(&t, PAYMENT_SALE, 12800);
    struct payment v = following(&t, PAYMENT_VOID, &sale, 12800);
    ends(&t, &v, "00");
    rig_reverse(&rig, &t, &v);
    rig_expect(&rig, &t, 0x0410, "00");
    struct payment again = following(&t, PAYMENT_VOID, &sale, 12800);
    rig_again(&rig, &t, &again); /* while it is undecided */
    rig_expect(&rig, &t, 0x0210, "BA");
    rig_pass(&rig, 200);
    struct payment undone = rig_undo(&rig, "00");
    assert_int_equal(undone.type, PAYMENT_VOID);
    struct sums s = books();
    assert_int_equal(s.income, 64);
    assert_int_equal(s.receivable, 12800);
    again = following(&t, PAYMENT_VOID, &sale, 12800);
    ends(&t, &again, "00");
    s = books();
    assert_int_equal(s.receivable, 0);
    assert_int_equal(s.income, 0);
    /* And the sale cannot be reversed on top of that: nothing is left to take back. */
    rig_reverse(&rig, &t, &sale);
    rig_expect(&rig, &t, 0x0410, "12");
    rig_expect_state(&sale, PAYMENT_APPROVED, 2);
}

static size_t items_of(const struct payment *p, struct journal_item *ret)
{
    static struct journal_item items[64];
    struct store *store = NULL;
    size_t count = 0, found = 0;
    const struct store_options options = {.mode = STORE_MEMORY};
    assert_ok(store_open("journal", &options, NULL, &store));
    assert_ok(journal_item_read(store, 1, items, ARRAY_LEN(items), &count));
    store_close(store);
    for (size_t i = 0; i < count; i++)
        if (items[i].stan == p->key.stan) {
            *ret = items[i];
            found++;
        }
    return found;
}

/* Its terminal never heard of the approval and turns the sale back; another one has refunded it
 * meanwhile. No money goes back twice, the terminal is let go, and what is left is for a person. */
static void a_reversal_after_a_refund(void **state)
{
    (void)state;
    static const int64_t refunds[] = {4000, 10000};
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_SECOND);
    for (size_t i = 0; i < ARRAY_LEN(refunds); i++) {
        struct payment sale = approved(&t, PAYMENT_SALE, 10000);
        struct payment r = following(&other, PAYMENT_REFUND, &sale, refunds[i]);
        struct journal_item item;
        struct sums before = books();
        rig_again(&rig, &other, &r);
        struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
        rig_reverse(&rig, &t, &sale);
        rig_expect(&rig, &t, 0x0410, "22"); /* the refund is not decided: ask again */
        assert_int_equal(items_of(&sale, &item), 0);
        rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
        rig_expect(&rig, &other, 0x0230, "00");
        for (int again = 0; again < 3; again++) {
            rig_reverse(&rig, &t, &sale);
            rig_expect(&rig, &t, 0x0410, "12");
        }
        rig_restart(&rig);
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
        assert_ok(acquirer_session_opened(rig.a, other.session, bytes_text(other.tid)));
        rig_reverse(&rig, &t, &sale);
        rig_expect(&rig, &t, 0x0410, "12");
        rig_pass(&rig, 300);
        assert_int_equal(rig.to_route.count, 0); /* nobody is told to give anything back */
        rig_expect_state(&sale, PAYMENT_APPROVED, 2);
        assert_int_equal(items_of(&sale, &item), 1);
        assert_int_equal(item.kind, JOURNAL_ITEM_KEPT);
        assert_int_equal(item.terminal_minor, 0);
        assert_int_equal(item.host_minor, 10000 - refunds[i]);
        assert_string_equal(item.rrn, sale.rrn);
        assert_int_equal(before.receivable - books().receivable, refunds[i]);
    }
    /* A hold that another terminal has completed. */
    struct payment hold = approved(&t, PAYMENT_PREAUTH, 500);
    struct payment done = following(&other, PAYMENT_COMPLETION, &hold, 500);
    struct journal_item item;
    ends(&other, &done, "00");
    rig_reverse(&rig, &t, &hold);
    rig_expect(&rig, &t, 0x0410, "12");
    assert_int_equal(items_of(&hold, &item), 1);
}

/* The network times out: the void is reversed by us, and counts until that is acknowledged. */
static void a_void_times_out(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment sale = approved(&t, PAYMENT_SALE, 800);
    struct payment v = following(&t, PAYMENT_VOID, &sale, 800);
    rig_again(&rig, &t, &v);
    (void)rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    rig_pass(&rig, 31000);
    rig_expect(&rig, &t, 0x0210, "98");
    rig_restart(&rig); /* it is in the journal */
    rig_pass(&rig, 200);
    rig_undo(&rig, "25");
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    v = following(&t, PAYMENT_VOID, &sale, 800);
    ends(&t, &v, "00");
    assert_int_equal(books().receivable, 0);
}

/* S95: by reference, date and amount alone; what does not agree is not found. */
static void a_reference_finds_it(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_SECOND);
    struct payment sale = approved(&t, PAYMENT_SALE, 3000), r;
    r = following(&other, PAYMENT_REFUND, &sale, 3000);
    r.original.batch = r.original.stan = 0;
    memcpy(r.original.date, "1231", 5);
    refused(&other, &r, "25");
    r = following(&other, PAYMENT_REFUND, &sale, 3000);
    r.original.rrn[11] ^= 1;
    refused(&other, &r, "25");
    r = following(&other, PAYMENT_REFUND, &sale, 3000);
    r.original.batch = r.original.stan = 0;
    ends(&other, &r, "00");
    r = following(&other, PAYMENT_REFUND, &sale, 1); /* with another card: B7, by its token */
    uint8_t out[RIG_FRAME];
    rig_send(&rig, &other, rig_sale_frame(&rig, &other, &r, "6222021234567908", out));
    rig_expect(&rig, &other, 0x0230, "B7");
}

/* S96 to S100: hold, addition, completion up to 115 %, its void, cancellation; 30 days. */
static void a_hold_lives_its_life(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment hold = approved(&t, PAYMENT_PREAUTH, 10000), p;
    assert_int_equal(books().receivable, 0); /* nobody owes anything yet */
    p = following(&t, PAYMENT_COMPLETION, &hold, 11501);
    refused(&t, &p, "B8");
    p = following(&t, PAYMENT_PREAUTH_ADD, &hold, 10000);
    ends(&t, &p, "00");
    p = following(&t, PAYMENT_COMPLETION, &hold, 23001);
    refused(&t, &p, "B8");
    p = following(&t, PAYMENT_COMPLETION, &hold, 23000);
    struct iso8583_message m;
    rig_again(&rig, &t, &p);
    rig_issuer(&rig, "00");
    rig_answer_to(&rig, &t, &m);
    assert_ok(payment_apply_response(&m, 0x0210, &p));
    rig_took(&rig.to_terminal);
    assert_int_equal(books().receivable, 23000);
    struct payment twice = following(&t, PAYMENT_COMPLETION, &hold, 1);
    refused(&t, &twice, "B6");
    struct payment cancel = following(&t, PAYMENT_PREAUTH_CANCEL, &hold, 20000);
    refused(&t, &cancel, "B6");
    struct payment undo = following(&t, PAYMENT_COMPLETION_VOID, &p, 23000);
    ends(&t, &undo, "00");
    assert_int_equal(books().receivable, 0);
    cancel = following(&t, PAYMENT_PREAUTH_CANCEL, &hold, 10000);
    refused(&t, &cancel, "64"); /* the hold is open again, with what was added to it */
    cancel = following(&t, PAYMENT_PREAUTH_CANCEL, &hold, 20000);
    ends(&t, &cancel, "00");
    twice = following(&t, PAYMENT_COMPLETION, &hold, 1);
    refused(&t, &twice, "B1");

    hold = approved(&t, PAYMENT_PREAUTH, 500);
    rig.now_ms += INT64_C(30) * 24 * 3600 * 1000 + 1000;
    p = following(&t, PAYMENT_COMPLETION, &hold, 500);
    refused(&t, &p, "B5");
}

#define OTHER_PAN "6222021234567908"

/* A hold of another card, approved under the same code on the same day. */
static struct payment hold_of(struct rig_terminal *t, const char *pan, int64_t amount_minor)
{
    uint8_t out[RIG_FRAME];
    struct iso8583_message m;
    struct payment p = rig_payment(t, PAYMENT_CARD, amount_minor);
    p.type = PAYMENT_PREAUTH;
    rig_send(&rig, t, rig_sale_frame(&rig, t, &p, pan, out));
    rig_issuer(&rig, "00");
    rig_answer_to(&rig, t, &m);
    assert_ok(payment_apply_response(&m, 0x0110, &p));
    rig_took(&rig.to_terminal);
    return p;
}

static const char *completes(struct rig_terminal *t, const struct payment *hold, const char *pan,
                             int64_t amount_minor)
{
    static char rrn[13];
    uint8_t out[RIG_FRAME];
    struct payment p = following(t, PAYMENT_COMPLETION, hold, amount_minor);
    rig_send(&rig, t, rig_sale_frame(&rig, t, &p, pan, out));
    if (rig.to_route.count == 0) {
        struct iso8583_message m;
        rig_answer_to(&rig, t, &m);
        assert_ok(bytes_to_text(iso8583_get(&m, 39), rrn, sizeof rrn));
    } else {
        struct payment asked = rig_issuer(&rig, "00");
        memcpy(rrn, asked.original.rrn, sizeof rrn);
    }
    rig_took(&rig.to_terminal);
    return rrn;
}

/* S97, S98: two holds with one code on one day. The card, the amount and what has ended one of them
 * say which is meant; where they do not, nobody guesses. */
static void two_holds_of_one_code(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    struct payment first = hold_of(&t, RIG_PAN, 10000), second = hold_of(&t, RIG_PAN, 10000);
    assert_string_equal(first.auth_code, second.auth_code);
    assert_string_equal(completes(&t, &first, RIG_PAN, 9000), "BC");
    assert_string_equal(completes(&t, &second, RIG_PAN, 9000), "BC");
    struct payment cancel = following(&t, PAYMENT_PREAUTH_CANCEL, &first, 10000);
    refused(&t, &cancel, "BC");
    /* Another card's, of the same code: the card says which. */
    struct payment third = hold_of(&t, OTHER_PAN, 10000);
    assert_string_equal(completes(&t, &third, OTHER_PAN, 9000), third.rrn);
    assert_string_equal(completes(&t, &third, OTHER_PAN, 9000), "B6"); /* its own, not another's */
    /* An amount that only one of them covers. */
    struct payment large = hold_of(&t, RIG_PAN, 50000);
    assert_string_equal(completes(&t, &large, RIG_PAN, 40000), large.rrn);
    assert_string_equal(completes(&t, &large, RIG_PAN, 60000), "B6"); /* of the newest */
    assert_string_equal(completes(&t, &first, RIG_PAN, 9000), "BC");
    /* One of the two is taken back by its terminal: the other is meant. */
    rig_reverse(&rig, &t, &second);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_pass(&rig, 200);
    rig_undo(&rig, "00");
    assert_string_equal(completes(&t, &first, RIG_PAN, 9000), first.rrn);
    rig_restart(&rig); /* as the journal says it */
    assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
    assert_string_equal(completes(&t, &first, RIG_PAN, 9000), "B6");
}

/* S99: the void of a completion is not taken back once its hold has been cancelled or completed
 * again, from whatever terminal: the completion would stand beside it. */
static void comes_back_beside(enum payment_type end_type)
{
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_SECOND);
    struct payment hold = approved(&t, PAYMENT_PREAUTH, 10000);
    struct payment p = following(&t, PAYMENT_COMPLETION, &hold, 9000);
    struct iso8583_message m;
    rig_again(&rig, &t, &p);
    rig_issuer(&rig, "00");
    rig_answer_to(&rig, &t, &m);
    assert_ok(payment_apply_response(&m, 0x0210, &p));
    rig_took(&rig.to_terminal);
    struct payment undo = following(&t, PAYMENT_COMPLETION_VOID, &p, 9000);
    ends(&t, &undo, "00");
    struct payment end = following(&other, end_type, &hold, 10000);
    ends(&other, &end, "00");
    rig_reverse(&rig, &t, &undo); /* its terminal has not heard the answer */
    rig_expect(&rig, &t, 0x0410, "12");
    rig_expect_state(&undo, PAYMENT_APPROVED, 2);
    struct journal_item item;
    assert_int_equal(items_of(&undo, &item), 1);
    assert_int_equal(item.kind, JOURNAL_ITEM_KEPT);
    assert_int_equal(item.host_minor, 9000);
}

static void a_completion_does_not_come_back_beside_a_cancellation(void **state)
{
    (void)state;
    comes_back_beside(PAYMENT_PREAUTH_CANCEL);
}

static void a_completion_does_not_come_back_beside_another(void **state)
{
    (void)state;
    comes_back_beside(PAYMENT_COMPLETION);
}

/* One void with the host killed at store call `at`; says whether the network did it. */
static err void_until(struct rig_terminal *t, const struct payment *v, int at, bool *ret_done)
{
    uint8_t out[RIG_FRAME], answer[RIG_FRAME];
    struct bytes frame = rig_sale_frame(&rig, t, v, RIG_PAN, out);
    rig.left = at;
    TRY(acquirer_on_terminal(rig.a, t->session, frame));
    TRY(rig_settle_err(&rig));
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    *ret_done = true;
    frame = rig_answer_frame(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00", answer);
    TRY(acquirer_on_route(rig.a, asked.route, frame));
    return rig_settle_err(&rig);
}

/* S88, F-12: the host is killed at every call of its store during a void. Journal and network agree
 * afterwards, and the sale is voided exactly once. */
static void the_host_dies_at_every_call(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    bool crashed = true;
    int cuts = 0;
    for (int at = 0; crashed; at++) {
        bool done = false;
        size_t rows;
        struct payment sale = approved(&t, PAYMENT_SALE, 100 + at);
        struct payment v = following(&t, PAYMENT_VOID, &sale, 100 + at);
        crashed = FAILED(void_until(&t, &v, at, &done));
        bool told = rig.to_terminal.count > 0;
        rig_restart(&rig);
        assert_ok(acquirer_session_opened(rig.a, t.session, bytes_text(t.tid)));
        rig_pass(&rig, 200);
        while (rig.to_route.count > 0) {
            rig_undo(&rig, "00");
            done = false;
        }
        assert_int_equal(rig_state(&v.key, &rows) == PAYMENT_APPROVED, done);
        if (told) assert_true(done);
        struct payment again = following(&t, PAYMENT_VOID, &sale, 100 + at);
        if (done) refused(&t, &again, "B1");
        else ends(&t, &again, "00");
        cuts += crashed;
    }
    print_message("%d cuts\n", cuts);
    assert_true(cuts > 3);
    assert_int_equal(books().receivable, 0);
}

int main(void)
{
#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(a_void_takes_all_back),
        WITH_RIG(a_void_is_refused_by_name),
        WITH_RIG(two_refunds_at_once),
        WITH_RIG(two_refunds_and_lost_answers),
        WITH_RIG(a_void_is_reversed),
        WITH_RIG(a_reversal_after_a_refund),
        WITH_RIG(a_void_times_out),
        WITH_RIG(a_reference_finds_it),
        WITH_RIG(a_hold_lives_its_life),
        WITH_RIG(two_holds_of_one_code),
        WITH_RIG(the_host_dies_at_every_call),
        WITH_RIG(a_completion_does_not_come_back_beside_a_cancellation),
        WITH_RIG(a_completion_does_not_come_back_beside_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
