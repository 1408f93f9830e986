/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host is killed at every call of its store, once each (F-12, S88), and started again: what a
 * terminal was told is in the journal, what is undecided is reversed at the network, and afterwards
 * journal and network agree about every payment. Failing disks send nothing that is not on disk.
 */
#include "ledger/fold.h"
#include "tests/unit/acquirer_peers.h"

static struct rig rig;

/* The network's book: it charges what it is asked, and takes back what it is told. */
enum { SALES = 6 };

static struct charge {
    char rrn[13];
    bool charged, undone;
} book[4 * SALES];
static size_t charges;

static struct sale {
    struct payment payment;
    bool told_approved;
} sales[SALES];

static struct charge *charge_of(const char *rrn)
{
    for (size_t i = 0; i < charges; i++)
        if (strcmp(book[i].rrn, rrn) == 0) return &book[i];
    assert_true(charges < ARRAY_LEN(book));
    memcpy(book[charges].rrn, rrn, 13);
    return &book[charges++];
}

/* Answers the oldest message to a network; `silent` charges and says nothing. */
static err network_turn(bool silent)
{
    uint8_t out[RIG_FRAME];
    enum { MTI = 4, BITMAP = 16 };
    const uint8_t *at = rig.to_route.item[0].at;
    bool undo = memcmp(at, "0400", MTI) == 0;
    bool query = memcmp(at + MTI + BITMAP, "660000", 6) == 0;
    enum payment_network_kind kind = undo    ? PAYMENT_NETWORK_REVERSAL
                                     : query ? PAYMENT_NETWORK_QUERY
                                             : PAYMENT_NETWORK_REQUEST;
    struct payment p = rig_asked(&rig, kind);
    struct charge *charge = charge_of(p.rrn);
    /* A code that the terminal shows is scanned between the request and the first query. */
    bool order = p.means == PAYMENT_SHOWN && kind == PAYMENT_NETWORK_REQUEST;
    if (undo) charge->undone = true;
    else charge->charged = !order;
    if (silent) return OK;
    const char *code = order ? "09" : "00";
    TRY(acquirer_on_route(rig.a, p.route, rig_answer_frame(&rig, kind, &p, code, out)));
    return rig_settle_err(&rig);
}

static void terminal_turn(struct rig_terminal *t)
{
    while (rig.to_terminal.count > 0) {
        struct iso8583_message m;
        rig_answer_to(&rig, t, &m);
        for (size_t i = 0; i < SALES; i++) {
            struct payment copy = sales[i].payment;
            if (copy.key.stan == 0 || FAILED(payment_apply_response(&m, 0x0210, &copy))) continue;
            if (strcmp(copy.response_code, "00") == 0) sales[i].told_approved = true;
        }
        rig_took(&rig.to_terminal);
    }
}

static err send(struct rig_terminal *t, struct bytes frame)
{
    TRY(acquirer_on_terminal(rig.a, t->session, frame));
    return rig_settle_err(&rig);
}

/* Approved, silent, reversed by the terminal, approved after its code was shown (S78); the last two
 * are cut off, one of them while its code is on the screen. */
static err life(struct rig_terminal *t)
{
    uint8_t out[RIG_FRAME], block[PAYMENT_MESSAGE_ARENA];
    for (size_t i = 0; i < SALES; i++) {
        struct sale *s = &sales[i];
        bool shown = i == 3 || i == 4;
        s->payment = rig_payment(t, shown ? PAYMENT_SHOWN : PAYMENT_CODE, 100 + (int64_t)i);
        TRY(send(t, rig_sale_frame(&rig, t, &s->payment, RIG_PAN, out)));
        if (i < 4 || shown) TRY(network_turn(i == 1));
        if (i == 3) TRY(rig_pass_err(&rig, 3000)); /* it is asked whether it was scanned */
        terminal_turn(t);
        if (i == 1) TRY(rig_pass_err(&rig, 31000));
        if (i == 2) {
            struct arena arena = arena_over(block, sizeof block);
            struct iso8583_message m;
            struct payment back = s->payment;
            memcpy(back.reversal_reason, "98", 3);
            s->told_approved = false; /* the answer was lost on the way */
            assert_ok(payment_reversal_message(t->profile, &back, &arena, &m));
            TRY(send(t, rig_frame(&rig, t, &m, true, out)));
            TRY(rig_pass_err(&rig, 200));
        }
        while (i < 4 && rig.to_route.count > 0) TRY(network_turn(false));
        terminal_turn(t);
    }
    return OK;
}

static struct rig_journal journal; /* as heal_and_check has found it */

static bool approved_in_journal(const struct payment *p)
{
    size_t rows;
    return rig_state_in(&journal, &p->key, &rows) == PAYMENT_APPROVED;
}

/* Does the journal's payment of this key have a charge that stands? */
static bool charged(const struct payment_key *key)
{
    bool stands = false;
    for (size_t i = 0; i < journal.count; i++) {
        const struct payment *p = &journal.row[i].payment;
        if (payment_key_equal(&p->key, key) && p->rrn[0] != '\0')
            stands = charge_of(p->rrn)->charged && !charge_of(p->rrn)->undone;
    }
    return stands;
}

static void heal_and_check(void)
{
    rig_restart(&rig);
    for (int i = 0; i < 200; i++) {
        rig_pass(&rig, 100);
        while (rig.to_route.count > 0) assert_ok(network_turn(false));
    }
    assert_true(acquirer_quiet(rig.a)); /* I9: nothing stays undecided */
    rig_read_journal(&journal);
    for (size_t i = 0; i < SALES; i++) {
        const struct payment *p = &sales[i].payment;
        if (p->key.stan == 0) continue; /* never got that far */
        if (sales[i].told_approved) assert_true(approved_in_journal(p));
        assert_int_equal(approved_in_journal(p), charged(&p->key));
    }
    for (size_t i = 0; i < charges; i++) /* no charge without a journal row */
        if (book[i].charged && !book[i].undone) {
            bool known = false;
            for (size_t k = 0; k < SALES; k++)
                known |= sales[k].payment.key.stan != 0 && charged(&sales[k].payment.key);
            assert_true(known);
        }
    size_t rows = 1;
    while (rows > 0) assert_ok(acquirer_fold(rig.a, 7, &rows));
}

static void balanced(void)
{
    struct ledger *ledger = NULL;
    struct ledger_trial trial;
    assert_ok(ledger_open("ledger", STORE_MEMORY, NULL, &ledger));
    assert_ok(ledger_trial_balance(ledger, &trial));
    assert_true(trial.balanced && trial.transfers_agree);
    assert_int_equal(trial.open_holds, 0);
    int64_t approved = 0, receivable = 0;
    for (size_t i = 0; i < SALES; i++)
        if (sales[i].payment.key.stan != 0 && approved_in_journal(&sales[i].payment))
            approved += sales[i].payment.amount_minor;
    for (size_t i = 0; i < trial.currencies; i++) receivable += trial.balance[i].debits_posted;
    assert_true(receivable >= approved);
    ledger_close(ledger);
}

static err lived(enum err_code with, int left)
{
    memset(book, 0, sizeof book);
    memset(sales, 0, sizeof sales);
    charges = 0;
    rig_make(&rig);
    struct rig_terminal t = rig_terminal(&rig, RIG_TID);
    rig.calls = 0;
    rig.left = left;
    rig.with = with;
    return life(&t);
}

static void killed_at_every_store_call(void **state)
{
    (void)state;
    int at = 0;
    for (;; at++) {
        err e = lived(ERR_CRASHED, at);
        rig.left = -1;
        if (!FAILED(e)) assert_true(sales[3].told_approved); /* whose code was shown */
        heal_and_check();
        balanced();
        rig_end(&rig);
        if (!FAILED(e)) break; /* the script is through without meeting the fault */
        assert_string_equal(err_name(e), "CRASHED");
    }
    assert_true(at > 40);
}

/* F-14: a disk that is full, or fails to sync, at every call: the process stops, and nothing that
 * is not on disk has left (the rig looks at every frame). */
static void failing_disk_sends_nothing(void **state)
{
    (void)state;
    static const enum err_code with[] = {ERR_FULL, ERR_IO};
    for (size_t k = 0; k < ARRAY_LEN(with); k++)
        for (int at = 0;; at += 3) {
            err e = lived(with[k], at);
            rig.left = -1;
            heal_and_check();
            rig_end(&rig);
            if (!FAILED(e)) break;
            assert_int_equal(e.code, with[k]);
        }
}

/* The kill strikes while the host starts: the next start does what this one could not. */
static void killed_while_starting(void **state)
{
    (void)state;
    for (int at = 0;; at++) {
        assert_ok(lived(ERR_CRASHED, -1)); /* two payments are under way */
        rig_close(&rig);
        rig.left = at;
        err e = rig_open_err(&rig);
        bool through = !FAILED(e);
        if (!through) assert_string_equal(err_name(e), "CRASHED");
        heal_and_check();
        rig_end(&rig);
        if (through) break;
    }
}

static void rrn_is_never_used_twice(void **state)
{
    (void)state;
    char last[13] = "";
    rig_make(&rig);
    for (int i = 0; i < 5; i++) {
        struct rig_terminal t = rig_terminal(&rig, RIG_TID);
        t.stan = 100 * (uint32_t)(i + 1);
        rig_sell(&rig, &t, PAYMENT_CODE, 100);
        struct payment asked = rig_issuer(&rig, "00");
        assert_true(strcmp(asked.rrn, last) > 0);
        memcpy(last, asked.rrn, sizeof last);
        assert_memory_equal(asked.rrn, "6001", 4); /* 2026, the first day */
        rig_restart(&rig);
    }
    rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_every_store_call),
        cmocka_unit_test(failing_disk_sends_nothing),
        cmocka_unit_test(killed_while_starting),
        cmocka_unit_test(rrn_is_never_used_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
