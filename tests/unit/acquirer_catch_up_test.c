/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S165, S124: a terminal that was restored is told what the journal has of it since its backup: its
 * own payments alone, each once and as it is now, in the order in which they began, and how its
 * batches were closed; it stays in its batch; and what may be lost is alarmed.
 */
#include "payment/catch_up.h"
#include "tests/unit/acquirer_offline.h"

#define RIG_OTHER "10000041"

static struct rig rig;

static int setup(void **state)
{
    (void)state;
    rig_make(&rig);
    rig_add_terminal(&rig, RIG_OTHER, REGISTRY_TONGBAO);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rig_end(&rig);
    return 0;
}

/* ---- asking ---- */

struct told {
    struct payment payment[64];
    struct payment_catch_up_closing closing[32];
    size_t payments, closings, pages;
    uint32_t last_stan;
};

struct said {
    char code[3];
    struct payment_catch_up_page page;
    uint8_t field[512];
    bool mac;
};

static struct bytes question(struct rig_terminal *t, const struct payment_catch_up_ask *ask,
                             uint8_t *out)
{
    uint8_t block[PAYMENT_MESSAGE_ARENA], field[64];
    struct arena arena = arena_over(block, sizeof block);
    struct writer w = writer_over(field, sizeof field);
    struct iso8583_message m;
    struct payment_catch_up in = {.stan = ++t->stan, .batch = t->batch};
    payment_catch_up_write_ask(&w, ask);
    memcpy(in.tid, t->tid, 9);
    memcpy(in.mid, RIG_MID, sizeof in.mid);
    in.field = writer_view(&w);
    assert_ok(payment_catch_up_request(&in, &arena, &m));
    return rig_frame(&rig, t, &m, true, out);
}

static struct said answer_of(struct rig_terminal *t)
{
    struct iso8583_message m;
    struct said said = {.code = ""};
    struct payment_catch_up read;
    rig_answer_to(&rig, t, &m); /* checks its MAC when it has one */
    assert_int_equal(m.mti, 0x0310);
    said.mac = m.mac_input > 0;
    assert_ok(bytes_to_text(iso8583_get(&m, 39), said.code, sizeof said.code));
    if (strcmp(said.code, "00") == 0) {
        assert_ok(payment_catch_up_parse(&m, &read));
        memcpy(said.field, read.field.at, read.field.len);
        assert_ok(payment_catch_up_read_page(bytes_of(said.field, read.field.len), &said.page));
    }
    rig_took(&rig.to_terminal);
    return said;
}

static struct said ask(struct rig_terminal *t, const struct payment_catch_up_ask *ask)
{
    uint8_t out[RIG_FRAME];
    rig_send(&rig, t, question(t, ask, out));
    return answer_of(t);
}

static void take_page(const struct payment_catch_up_page *page, struct told *told)
{
    struct reader r = reader_over(page->records);
    for (unsigned i = 0; i < page->count; i++) {
        if (page->at.step == CATCH_UP_PAYMENTS)
            assert_ok(payment_catch_up_read_payment(&r, &told->payment[told->payments++]));
        else assert_ok(payment_catch_up_read_closing(&r, &told->closing[told->closings++]));
    }
    assert_ok(reader_finish(&r));
}

/* From the beginning to the end. */
static void catch_up_from(struct rig_terminal *t, const char *rrn, struct told *told)
{
    struct payment_catch_up_ask question = {.at = {CATCH_UP_BEGIN, 0, 0},
                                            .until_ms = INT64_C(1893553445000)};
    memset(told, 0, sizeof *told);
    memcpy(question.rrn, rrn, strlen(rrn) + 1);
    for (;;) {
        struct said said = ask(t, &question);
        assert_string_equal(said.code, "00");
        assert_true(said.mac);
        assert_memory_equal(&said.page.at, &question.at, sizeof question.at);
        told->pages++;
        told->last_stan = said.page.last_stan;
        take_page(&said.page, told);
        if (question.at.step == CATCH_UP_END) return;
        assert_true(said.page.next.step > question.at.step ||
                    said.page.next.after > question.at.after);
        question.at = said.page.next;
        question.rrn[0] = '\0';
        question.payments = (uint32_t)told->payments;
        question.batches = (uint32_t)told->closings;
    }
}

/* ---- trading ---- */

static struct payment sell(struct rig_terminal *t, int64_t minor, const char *code)
{
    struct payment p = rig_sell(&rig, t, PAYMENT_CARD, minor);
    struct payment asked = rig_issuer(&rig, code);
    rig_expect(&rig, t, 0x0210, code);
    memcpy(p.rrn, asked.rrn, sizeof p.rrn);
    return p;
}

static void assert_payment(const struct payment *got, const struct payment *wanted,
                           enum payment_state state)
{
    assert_int_equal(got->key.batch, wanted->key.batch);
    assert_int_equal(got->key.stan, wanted->key.stan);
    assert_int_equal(got->amount_minor, wanted->amount_minor);
    assert_int_equal(got->state, state);
    assert_string_equal(got->rrn, wanted->rrn);
    assert_string_equal(got->token, ""); /* of no use at a terminal */
    assert_non_null(strchr(got->pan_masked, '*'));
}

/* ---- tests ---- */

static void each_once_as_it_is_now(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID), other = rig_terminal(&rig, RIG_OTHER);
    static struct told told;
    sell(&t, 100, "00");
    struct payment known = sell(&t, 200, "00");
    /* Here the backup was made. */
    struct payment a = sell(&t, 300, "00");
    sell(&other, 999, "00");
    struct payment b = sell(&t, 400, "51"), c = sell(&t, 500, "00");
    rig_reverse(&rig, &t, &c);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_pass(&rig, 100);
    rig_undo(&rig, "00");
    struct payment d = rig_sell(&rig, &t, PAYMENT_CARD, 600); /* it dies without the answer */
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_REQUEST);
    memcpy(d.rrn, asked.rrn, sizeof d.rrn);

    catch_up_from(&t, known.rrn, &told);
    assert_int_equal(told.payments, 5); /* the known one once more */
    assert_payment(&told.payment[0], &known, PAYMENT_APPROVED);
    assert_payment(&told.payment[1], &a, PAYMENT_APPROVED);
    assert_payment(&told.payment[2], &b, PAYMENT_DECLINED);
    assert_payment(&told.payment[3], &c, PAYMENT_REVERSED);
    assert_payment(&told.payment[4], &d, PAYMENT_PENDING);
    assert_int_equal(told.last_stan, d.key.stan);
    assert_int_equal(told.closings, 0);
    /* Without a reference that we know: everything. */
    catch_up_from(&t, "", &told);
    assert_int_equal(told.payments, 6);
    catch_up_from(&t, "999999999999", &told);
    assert_int_equal(told.payments, 6);
    /* The other one hears of its own alone. */
    catch_up_from(&other, "", &told);
    assert_int_equal(told.payments, 1);
    assert_int_equal(told.payment[0].amount_minor, 999);
    /* What the terminal takes back of it is taken back. */
    rig_network(&rig, PAYMENT_NETWORK_REQUEST, &asked, "00");
    rig_expect(&rig, &t, 0x0210, "00");
    rig_reverse(&rig, &t, &d);
    rig_expect(&rig, &t, 0x0410, "00");
    rig_pass(&rig, 100);
    rig_undo(&rig, "00");
    catch_up_from(&t, known.rrn, &told);
    assert_payment(&told.payment[4], &d, PAYMENT_REVERSED);
}

/* A number that was taken back before its request came is taken, too. */
static void numbers_that_were_barred(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    static struct told told;
    struct payment known = sell(&t, 100, "00");
    t.stan += 5;
    struct payment never = rig_payment(&t, PAYMENT_CARD, 300);
    rig_reverse(&rig, &t, &never);
    rig_expect(&rig, &t, 0x0410, "25");
    catch_up_from(&t, known.rrn, &told);
    assert_int_equal(told.payments, 1);
    assert_int_equal(told.last_stan, never.key.stan);
}

/* More than a page, and more than a stretch of the journal. */
static void many(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    static struct told told;
    struct payment known = sell(&t, 100, "00");
    for (int i = 0; i < 40; i++) sell(&t, 1000 + i, "00");
    catch_up_from(&t, known.rrn, &told);
    assert_int_equal(told.payments, 41);
    for (size_t i = 1; i < told.payments; i++) {
        assert_int_equal(told.payment[i].amount_minor, 1000 + (int)i - 1);
        assert_true(told.payment[i].key.stan > told.payment[i - 1].key.stan);
    }
    assert_true(told.pages > 10);
    rig_restart(&rig); /* nothing of it is in memory */
    t = rig_terminal(&rig, RIG_TID);
    catch_up_from(&t, known.rrn, &told);
    assert_int_equal(told.payments, 41);
}

/* ---- the sign-in ---- */

static uint32_t sign_in_again(struct rig_terminal *t, uint32_t batch, uint32_t stan, bool restored)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment_sign_in in = {.stan = stan,
                                 .batch = batch,
                                 .has_kcv = true,
                                 .restored = restored},
                           answer;
    memcpy(in.mid, RIG_MID, sizeof in.mid);
    memcpy(in.tid, t->tid, 9);
    memcpy(in.code, "006", 4);
    assert_ok(payment_sign_in_request(t->profile, &in, &arena, &m));
    rig_send(&rig, t, rig_frame(&rig, t, &m, false, out));
    rig_answer_to(&rig, t, &m);
    assert_ok(payment_sign_in_parse(&m, &answer));
    assert_string_equal(answer.response_code, "00");
    rig_took(&rig.to_terminal);
    return answer.batch;
}

static void stays_in_its_batch(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    t.stan = 100;
    sell(&t, 100, "00");
    uint32_t batch = t.batch;
    assert_int_equal(sign_in_again(&t, batch, 7, true), batch);
    assert_int_equal(sign_in_again(&t, batch - 1, 7, true), batch); /* of a backup of before */
    assert_int_equal(sign_in_again(&t, batch, 7, false), batch + 1);
    /* So near to the end of all numbers there are none to go on with. */
    t = rig_terminal(&rig, RIG_TID);
    t.stan = 998500;
    sell(&t, 100, "00");
    batch = t.batch;
    assert_int_equal(sign_in_again(&t, batch, 7, true), batch + 1);
}

/* ---- closings ---- */

static void settle(struct rig_terminal *t, int64_t count, int64_t minor)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct iso8583_message m;
    struct payment_settlement s = {.stan = ++t->stan, .batch = t->batch};
    memcpy(s.tid, t->tid, 9);
    memcpy(s.mid, RIG_MID, sizeof s.mid);
    s.totals.side[PAYMENT_SIDE_DEBIT] = (struct payment_sum){count, minor};
    assert_ok(payment_settle_request(t->profile, &s, &arena, &m));
    rig_send(&rig, t, rig_frame(&rig, t, &m, false, out));
    rig_expect(&rig, t, 0x0510, "00");
}

static void closed_batches(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    static struct told told;
    struct payment known = sell(&t, 100, "00");
    settle(&t, 1, 100);
    uint32_t first = t.batch;
    for (int i = 0; i < 13; i++) { /* more than one page of them */
        t = rig_terminal(&rig, RIG_TID);
        settle(&t, 0, 0);
    }
    t = rig_terminal(&rig, RIG_TID);
    catch_up_from(&t, known.rrn, &told);
    assert_int_equal(told.closings, 14);
    for (size_t i = 0; i < told.closings; i++) {
        assert_int_equal(told.closing[i].batch, first + i);
        assert_int_equal(told.closing[i].flag, PAYMENT_SETTLE_EQUAL);
    }
    assert_int_equal(told.closing[0].totals.side[PAYMENT_SIDE_DEBIT].minor, 100);
    /* Those of before the backup are not told again. */
    struct payment later = sell(&t, 300, "00");
    catch_up_from(&t, later.rrn, &told);
    assert_int_equal(told.closings, 0);
    assert_int_equal(told.payments, 1);
}

/* ---- who asks ---- */

static void the_end_is_alarmed(void **state)
{
    (void)state;
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    static struct told told;
    sell(&t, 100, "00");
    int before = rig_audited("terminal_restored");
    catch_up_from(&t, "", &told);
    rig_pass(&rig, 1000);
    assert_int_equal(rig_audited("terminal_restored"), before + 1);
    assert_true(rig_logged(&rig, "backup of 2030-01-02 11:04, got 1 payments, 0 batches"));
}

static void nobody_else(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    const struct payment_catch_up_ask begin = {.at = {CATCH_UP_BEGIN, 0, 0}};
    sell(&t, 100, "00");
    /* A wrong MAC, and the third in a row costs the keys. */
    for (int i = 0; i < 3; i++) {
        struct bytes frame = question(&t, &begin, out);
        out[frame.len - 1] ^= 1;
        rig_send(&rig, &t, frame);
        struct said said = answer_of(&t);
        assert_string_equal(said.code, "A0");
    }
    rig_send(&rig, &t, question(&t, &begin, out));
    assert_string_equal(answer_of(&t).code, "77");
    t = rig_terminal(&rig, RIG_TID);
    /* Another terminal's number under this certificate. */
    struct rig_terminal liar = t;
    liar.tid = RIG_OTHER;
    rig_send(&rig, &t, question(&liar, &begin, out));
    assert_string_equal(answer_of(&t).code, "97");
    /* A place that there is not, and one behind the end. */
    const struct payment_catch_up_ask beyond = {.at = {CATCH_UP_PAYMENTS, 1, INT64_MAX}};
    struct said said = ask(&t, &beyond);
    assert_string_equal(said.code, "00");
    assert_int_equal(said.page.count, 0);
    assert_int_equal(said.page.next.step, CATCH_UP_CLOSINGS);
}

/* Terminals of the plain profile are told nothing. */
static void not_in_the_plain_profile(void **state)
{
    (void)state;
    uint8_t out[RIG_FRAME];
    struct rig_terminal t = rig_terminal(&rig, RIG_CUP);
    const struct payment_catch_up_ask begin = {.at = {CATCH_UP_BEGIN, 0, 0}};
    rig_send(&rig, &t, question(&t, &begin, out));
    assert_string_equal(answer_of(&t).code, "40");
}

/* ---- killed at every call of the store (F-12) ---- */

enum { KNOWN, SOLD, OFFLINE, DECLINED, TRADED };

/* One is known to the backup; of one the old device has told, and the network has not decided. */
static void trade(struct rig_terminal *t, struct payment traded[TRADED])
{
    uint8_t out[RIG_FRAME];
    struct iso8583_message m;
    traded[KNOWN] = sell(t, 100, "00");
    traded[SOLD] = sell(t, 200, "00");
    traded[OFFLINE] = rig_offline(t, 300);
    rig_send(&rig, t, rig_advice_frame(&rig, t, &traded[OFFLINE], RIG_PAN, out));
    struct payment asked = rig_asked(&rig, PAYMENT_NETWORK_ADVICE);
    rig_network(&rig, PAYMENT_NETWORK_ADVICE, &asked, "91");
    rig_answer_to(&rig, t, &m); /* none that it would believe */
    rig_took(&rig.to_terminal);
    memcpy(traded[OFFLINE].rrn, asked.rrn, sizeof asked.rrn);
    traded[DECLINED] = sell(t, 400, "51");
}

static err ask_err(struct rig_terminal *t, const struct payment_catch_up_ask *ask,
                   struct told *told, struct payment_catch_up_place *ret_next)
{
    uint8_t out[RIG_FRAME];
    TRY(acquirer_on_terminal(rig.a, t->session, question(t, ask, out)));
    TRY(rig_settle_err(&rig));
    struct said said = answer_of(t);
    assert_string_equal(said.code, "00");
    told->last_stan = said.page.last_stan;
    take_page(&said.page, told);
    *ret_next = said.page.next;
    return OK;
}

/* The host is back; what it had not answered is asked of it again. */
static void comes_back(struct rig_terminal *t)
{
    struct rig_terminal again;
    rig_restart(&rig);
    again = rig_connect(&rig, RIG_TID, PAYMENT_PROFILE_TONGBAO);
    again.batch = t->batch;
    again.stan = t->stan;
    rig_sign_in(&rig, &again);
    *t = again;
}

/* True: it met the fault. */
static bool exchange(struct rig_terminal *t, const char *rrn, struct told *told)
{
    struct payment_catch_up_ask ask = {.at = {CATCH_UP_BEGIN, 0, 0}, .until_ms = 1};
    bool killed = false, ended = false;
    memcpy(ask.rrn, rrn, 13);
    memset(told, 0, sizeof *told);
    while (!ended) {
        struct payment_catch_up_place next = ask.at;
        err e = ask_err(t, &ask, told, &next);
        if (FAILED(e)) {
            assert_false(killed);
            assert_string_equal(err_name(e), "CRASHED");
            killed = true;
            comes_back(t);
            continue;
        }
        ended = ask.at.step == CATCH_UP_END;
        ask.at = next;
    }
    rig.left = -1;
    return killed;
}

static void killed_in_the_exchange(void **state)
{
    static struct told told;
    int kills = 0;
    for (int at = 0;; at++) {
        struct payment traded[TRADED];
        struct rig_terminal t = rig_terminal(&rig, RIG_TID);
        trade(&t, traded);
        int alarms = rig_audited("terminal_restored");
        rig.left = at;
        rig.with = ERR_CRASHED;
        bool killed = exchange(&t, traded[KNOWN].rrn, &told);
        assert_int_equal(told.payments, TRADED);
        assert_payment(&told.payment[0], &traded[KNOWN], PAYMENT_APPROVED);
        assert_payment(&told.payment[1], &traded[SOLD], PAYMENT_APPROVED);
        assert_payment(&told.payment[2], &traded[OFFLINE], PAYMENT_DISPUTED);
        assert_payment(&told.payment[3], &traded[DECLINED], PAYMENT_DECLINED);
        assert_true(told.last_stan >= traded[DECLINED].key.stan);
        rig_expect_state(&traded[OFFLINE], PAYMENT_DISPUTED, 2); /* once */
        rig_pass(&rig, 1000);
        assert_true(rig_audited("terminal_restored") > alarms);
        if (!killed) break; /* it went through without meeting the fault */
        kills++;
        assert_int_equal(teardown(state) + setup(state), 0);
    }
    print_message("%d kills\n", kills);
    assert_true(kills > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(each_once_as_it_is_now),
        CASE(numbers_that_were_barred),
        CASE(many),
        CASE(stays_in_its_batch),
        CASE(closed_batches),
        CASE(the_end_is_alarmed),
        CASE(nobody_else),
        CASE(not_in_the_plain_profile),
        CASE(killed_in_the_exchange),
#undef CASE
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
