/* SPDX-License-Identifier: Apache-2.0 */
/* The networks: one answer for one request, whatever is repeated, reversed or late (S87, S93,
 * S176). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/crypto/envelope.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "payment/message.h"
#include "simulators/clearing.h"
#include "simulators/network.h"

struct fixture {
    struct crypto crypto;
    struct network_config config;
    struct network *network;
    int64_t now_ms;
    uint8_t answer[NETWORK_MESSAGE_MAX];
    size_t answer_len;
    unsigned answers;
    uint8_t arena_block[8192];
};

static int64_t now(void *context)
{
    return ((struct fixture *)context)->now_ms;
}

static void take(void *context, enum payment_route route, struct bytes message)
{
    struct fixture *f = context;
    (void)route;
    memcpy(f->answer, message.at, message.len);
    f->answer_len = message.len;
    f->answers++;
}

static void open_network(struct fixture *f)
{
    const struct network_ports ports = {f, take};
    assert_int_equal(network_open(&f->config, &ports, &f->network).code, ERR_OK);
}

static int set_up(void **state)
{
    static struct fixture fixture;
    struct fixture *f = &fixture;
    memset(f, 0, sizeof *f);
    f->now_ms = 1900000000000;
    assert_int_equal(crypto_open(random_system(), &f->crypto).code, ERR_OK);
    f->config = (struct network_config){
        .clock = {now, now, f}, .random = random_system(), .crypto = &f->crypto, .capacity = 1024};
    key_generate(&f->crypto, KEY_AES128, KEY_USAGE_ZONE_PIN, &f->config.pin);
    key_generate(&f->crypto, KEY_AES128, KEY_USAGE_ZONE_MAC, &f->config.mac);
    key_generate(&f->crypto, KEY_AES128, KEY_USAGE_ZONE_DATA, &f->config.data);
    open_network(f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    network_close(f->network);
    crypto_close(&f->crypto);
    return 0;
}

static struct payment sale(const char *rrn, int64_t amount_minor)
{
    struct payment p = {.key = {"10000017", 1, 7},
                        .type = PAYMENT_SALE,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_SWIPE,
                        .amount_minor = amount_minor,
                        .currency = CURRENCY_CNY,
                        .mid = "898290058120001",
                        .reversal_reason = "98"};
    memcpy(p.rrn, rrn, 12);
    return p;
}

static void send_message(struct fixture *f, enum payment_network_kind kind, const struct payment *p,
                         const struct payment_sensitive *s, bool spoil)
{
    uint8_t block[1024], mac[MAC_MAX];
    struct arena arena = arena_over(f->arena_block, sizeof f->arena_block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct writer w = writer_over(block, sizeof block);
    assert_int_equal(payment_network_message(kind, p, s, f->now_ms, &arena, &m).code, ERR_OK);
    assert_int_equal(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault).code, ERR_OK);
    struct bytes input = iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w));
    assert_int_equal(mac_generate(&f->crypto, MAC_AES_CMAC_8, &f->config.mac, input, mac).code,
                     ERR_OK);
    if (spoil) mac[0] ^= 1;
    iso8583_seal(&iso8583_dialect_ascii87, block, w.len, mac);
    enum payment_route route =
        p->means == PAYMENT_CODE ? PAYMENT_ROUTE_WALLET : PAYMENT_ROUTE_CARD_NETWORK;
    assert_int_equal(network_on_message(f->network, route, writer_view(&w)).code, ERR_OK);
    assert_int_equal(network_flush(f->network).code, ERR_OK);
}

static struct payment_network_answer answer_of(struct fixture *f)
{
    struct arena arena = arena_over(f->arena_block, sizeof f->arena_block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct payment_network_answer a;
    struct bytes raw = bytes_of(f->answer, f->answer_len);
    assert_int_equal(iso8583_decode(&iso8583_dialect_ascii87, raw, &arena, &m, &fault).code,
                     ERR_OK);
    assert_int_equal(mac_verify(&f->crypto, MAC_AES_CMAC_8, &f->config.mac,
                                bytes_of(raw.at, m.mac_input), iso8583_get(&m, 64))
                         .code,
                     ERR_OK);
    assert_int_equal(payment_network_answer_parse(&m, &a).code, ERR_OK);
    return a;
}

/* A swipe of a virtual card with this PIN. */
static void present(struct fixture *f, const char *name, const char *pin_digits, struct payment p)
{
    const struct virtual_card *card = virtual_card_named(bytes_text(name));
    assert_non_null(card);
    p.pin_entered = true;
    struct card_data data = {0};
    memcpy(data.pan, card->pan, strlen(card->pan));
    virtual_card_expiry(card, f->now_ms, data.expiry);
    memcpy(data.service_code, card->service_code, 3);
    char aad[40];
    int aad_len = snprintf(aad, sizeof aad, "%s|%012lld", p.rrn, (long long)p.amount_minor);
    uint8_t block[ENVELOPE_MAX];
    struct writer envelope = writer_over(block, sizeof block);
    assert_int_equal(
        envelope_seal(&f->crypto, &f->config.data, bytes_of(aad, (size_t)aad_len), &data, &envelope)
            .code,
        ERR_OK);
    struct pin pin;
    struct pin_block pin_block;
    assert_int_equal(pin_from_digits(bytes_text(pin_digits), &pin).code, ERR_OK);
    assert_int_equal(pin_block_encrypt(&f->crypto, &f->config.pin, PIN_ISO4, &pin,
                                       bytes_text(card->pan), &pin_block)
                         .code,
                     ERR_OK);
    const struct payment_sensitive s = {.pin_block = bytes_of(pin_block.at, pin_block.len),
                                        .envelope = writer_view(&envelope)};
    send_message(f, PAYMENT_NETWORK_REQUEST, &p, &s, false);
}

static void pay(struct fixture *f, const char *name, const char *pin_digits, const char *rrn,
                int64_t amount)
{
    present(f, name, pin_digits, sale(rrn, amount));
}

static int64_t charged(struct fixture *f)
{
    struct network_totals t;
    network_totals(f->network, &t);
    return t.charged_minor[PAYMENT_ROUTE_CARD_NETWORK] + t.charged_minor[PAYMENT_ROUTE_WALLET];
}

/* S93: the BIN table, the black list and every other reason, as a table. */
static void each_card_gets_its_answer(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *card, *pin, *code;
        enum payment_card_class class;
    } table[] = {
        {"good", "246810", "00", PAYMENT_CLASS_DEBIT},
        {"credit", "135790", "00", PAYMENT_CLASS_CREDIT},
        {"good", "246811", "55", PAYMENT_CLASS_DEBIT},
        {"chip", "246810", "45", PAYMENT_CLASS_DEBIT},
        {"expired", "246810", "54", PAYMENT_CLASS_DEBIT},
        {"poor", "246810", "51", PAYMENT_CLASS_DEBIT},
        {"wrongpin", "000000", "55", PAYMENT_CLASS_CREDIT},
        {"stolen", "246810", "43", PAYMENT_CLASS_DEBIT},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char rrn[13];
        snprintf(rrn, sizeof rrn, "63270000000%zu", i);
        pay(f, table[i].card, table[i].pin, rrn, 12800);
        struct payment_network_answer a = answer_of(f);
        assert_string_equal(a.response_code, table[i].code);
        assert_int_equal(a.card_class, table[i].class);
        assert_string_equal(a.rrn, rrn);
    }
    assert_int_equal(charged(f), 2 * 12800);
}

/* S85: credit cards, with the plan of the issuer's own table; its void gives the whole back. */
static void instalments_by_the_table(void **state)
{
    struct fixture *f = *state;
    struct payment p = sale("632700000101", 100000);
    p.type = PAYMENT_INSTALMENT;
    p.plan = instalment_plan(instalment_find(BYTES("620001"), 6, f->now_ms), p.amount_minor);
    present(f, "good", "246810", p);
    assert_string_equal(answer_of(f).response_code, "57"); /* a debit card */
    memcpy(p.rrn, "632700000102", 12);
    p.plan.fee_minor -= 1;
    present(f, "credit", "135790", p);
    assert_string_equal(answer_of(f).response_code, "57");
    assert_int_equal(charged(f), 0);
    memcpy(p.rrn, "632700000103", 12);
    p.plan.fee_minor += 1;
    present(f, "credit", "135790", p);
    assert_string_equal(answer_of(f).response_code, "00");
    assert_int_equal(charged(f), 100000);
    struct payment v = sale("632700000104", 100000);
    v.type = PAYMENT_INSTALMENT_VOID;
    v.original.stan = 7;
    memcpy(v.original.rrn, p.rrn, sizeof v.original.rrn);
    present(f, "credit", "135790", v);
    assert_string_equal(answer_of(f).response_code, "00");
    assert_int_equal(charged(f), 0);
}

static void a_repeat_is_answered_and_not_charged_again(void **state)
{
    struct fixture *f = *state;
    pay(f, "good", "246810", "632700000001", 500);
    struct payment_network_answer first = answer_of(f);
    pay(f, "good", "246810", "632700000001", 500);
    struct payment_network_answer second = answer_of(f);
    assert_string_equal(first.auth_code, second.auth_code);
    assert_int_equal(charged(f), 500);
}

static void a_reversal_takes_back_once_and_bars_what_comes_later(void **state)
{
    struct fixture *f = *state;
    const struct payment_sensitive none = {0};
    struct payment p = sale("632700000002", 700);
    pay(f, "good", "246810", p.rrn, 700);
    send_message(f, PAYMENT_NETWORK_REVERSAL, &p, &none, false);
    assert_string_equal(answer_of(f).response_code, "00");
    send_message(f, PAYMENT_NETWORK_REVERSAL, &p, &none, false);
    assert_string_equal(answer_of(f).response_code, "00");
    assert_int_equal(charged(f), 0);
    struct payment early = sale("632700000003", 900);
    send_message(f, PAYMENT_NETWORK_REVERSAL, &early, &none, false);
    assert_string_equal(answer_of(f).response_code, "25");
    pay(f, "good", "246810", early.rrn, 900);
    assert_string_equal(answer_of(f).response_code, "12");
    assert_int_equal(charged(f), 0);
}

static void silence_charges_and_slowness_waits(void **state)
{
    struct fixture *f = *state;
    pay(f, "silent", "246810", "632700000004", 300);
    assert_int_equal(f->answers, 0);
    assert_int_equal(charged(f), 300);
    pay(f, "slow", "246810", "632700000005", 300);
    assert_int_equal(f->answers, 0);
    assert_int_equal(network_next_ms(f->network), f->now_ms + NETWORK_SLOW_MS);
    f->now_ms += NETWORK_SLOW_MS;
    assert_int_equal(network_tick(f->network).code, ERR_OK);
    assert_int_equal(f->answers, 1);
}

static void a_bad_mac_gets_no_answer(void **state)
{
    struct fixture *f = *state;
    const struct payment_sensitive none = {0};
    struct payment p = sale("632700000006", 100);
    send_message(f, PAYMENT_NETWORK_REVERSAL, &p, &none, true);
    assert_int_equal(f->answers, 0);
    assert_null(book_find(network_book(f->network), BYTES("632700000006")));
}

/* S77: pending while the customer types, then paid; a code is used once and not after a minute. */
/* Shown to two terminals, the second while its customer is still typing for the first, and again
 * when that was taken back: one payment at most, and the second is told why. */
static void a_code_is_shown_to_two_terminals(void **state)
{
    struct fixture *f = *state;
    char code[20];
    struct payment first = sale("632700000017", 2550), second = sale("632700000018", 2550);
    first.means = second.means = PAYMENT_CODE;
    first.entry = second.entry = PAYMENT_ENTRY_CODE;
    memcpy(second.key.tid, "10000041", 9);
    network_payment_code(f->network, virtual_phone_named(BYTES("asks")), code);
    const struct payment_sensitive s = {.payment_code = bytes_text(code)}, none = {{0}};
    send_message(f, PAYMENT_NETWORK_REQUEST, &first, &s, false);
    assert_string_equal(answer_of(f).response_code, "09");
    send_message(f, PAYMENT_NETWORK_REQUEST, &second, &s, false);
    assert_string_equal(answer_of(f).response_code, "14");
    memcpy(first.reversal_reason, "98", 3);
    send_message(f, PAYMENT_NETWORK_REVERSAL, &first, &none, false);
    assert_string_equal(answer_of(f).response_code, "00");
    memcpy(second.rrn, "632700000019", 12);
    send_message(f, PAYMENT_NETWORK_REQUEST, &second, &s, false);
    assert_string_equal(answer_of(f).response_code, "14");
    f->now_ms += NETWORK_ASKS_MS;
    send_message(f, PAYMENT_NETWORK_QUERY, &first, &s, false);
    assert_string_not_equal(answer_of(f).response_code, "00");
    assert_int_equal(charged(f), 0);
}

static void a_code_is_paid_once_and_in_time(void **state)
{
    struct fixture *f = *state;
    char code[20], late[20];
    struct payment p = sale("632700000007", 2550);
    p.means = PAYMENT_CODE;
    p.entry = PAYMENT_ENTRY_CODE;
    network_payment_code(f->network, virtual_phone_named(BYTES("asks")), code);
    network_payment_code(f->network, virtual_phone_named(BYTES("good")), late);
    struct payment_sensitive s = {.payment_code = bytes_text(code)};
    send_message(f, PAYMENT_NETWORK_REQUEST, &p, &s, false);
    assert_string_equal(answer_of(f).response_code, "09");
    assert_int_equal(charged(f), 0);
    f->now_ms += NETWORK_ASKS_MS;
    send_message(f, PAYMENT_NETWORK_QUERY, &p, &s, false);
    assert_string_equal(answer_of(f).response_code, "00");
    assert_int_equal(charged(f), 2550);
    memcpy(p.rrn, "632700000008", 12);
    send_message(f, PAYMENT_NETWORK_REQUEST, &p, &s, false);
    assert_string_equal(answer_of(f).response_code, "14");
    f->now_ms += NETWORK_CODE_LIFE_MS + 1;
    memcpy(p.rrn, "632700000009", 12);
    s.payment_code = bytes_text(late);
    send_message(f, PAYMENT_NETWORK_REQUEST, &p, &s, false);
    assert_string_equal(answer_of(f).response_code, "14");
    assert_int_equal(charged(f), 2550);
}

/* S95: no wallet takes a refund back: one that was made stays, one that never came never will. */
static void a_refund_by_code_stays(void **state)
{
    struct fixture *f = *state;
    char code[20];
    const struct payment_sensitive none = {0};
    struct payment p = sale("632700000007", 2550), back;
    p.means = PAYMENT_CODE;
    p.entry = PAYMENT_ENTRY_CODE;
    network_payment_code(f->network, virtual_phone_named(BYTES("good")), code);
    struct payment_sensitive s = {.payment_code = bytes_text(code)};
    send_message(f, PAYMENT_NETWORK_REQUEST, &p, &s, false);
    assert_string_equal(answer_of(f).response_code, "00");
    back = p;
    back.type = PAYMENT_REFUND;
    back.amount_minor = 550;
    memcpy(back.original.rrn, p.rrn, sizeof p.rrn);
    memcpy(back.rrn, "632700000008", 12);
    send_message(f, PAYMENT_NETWORK_REQUEST, &back, &none, false);
    assert_string_equal(answer_of(f).response_code, "00");
    for (int again = 0; again < 2; again++) {
        send_message(f, PAYMENT_NETWORK_REVERSAL, &back, &none, false);
        struct payment_network_answer answer = answer_of(f);
        assert_string_equal(answer.response_code, "22");
        assert_int_equal(strlen(answer.settlement_date), 4); /* the day of its file */
        assert_int_equal(charged(f), 2000);
    }
    memcpy(back.rrn, "632700000009", 12);
    send_message(f, PAYMENT_NETWORK_REVERSAL, &back, &none, false);
    assert_string_equal(answer_of(f).response_code, "25");
    send_message(f, PAYMENT_NETWORK_REQUEST, &back, &none, false);
    assert_string_equal(answer_of(f).response_code, "12");
    assert_int_equal(charged(f), 2000);
    memcpy(back.rrn, "632700000010", 12);
    back.amount_minor = 1;
    send_message(f, PAYMENT_NETWORK_REQUEST, &back, &none, false);
    assert_int_equal(book_find(network_book(f->network), BYTES("632700000010"))->before_minor, 550);
}

/* S111: the day's file has what was charged, with what is kept of it, also what was taken back. */
static void the_clearing_file_tells_the_day(void **state)
{
    struct fixture *f = *state;
    static char text[2048];
    const struct payment_sensitive none = {0};
    struct clearing_row rows[8];
    struct clearing_sums sums;
    struct clearing_fault fault;
    struct clearing_head head = {PAYMENT_ROUTE_CARD_NETWORK, clearing_day(f->now_ms), CURRENCY_CNY};
    char day[11], mmdd[5];
    size_t count = 0;
    pay(f, "credit", "135790", "632700000023", 100000);
    clearing_day_text(head.day, day);
    snprintf(mmdd, sizeof mmdd, "%.2s%.2s", day + 5, day + 8);
    assert_string_equal(answer_of(f).settlement_date, mmdd);
    pay(f, "good", "246810", "632700000021", 400000);
    pay(f, "poor", "246810", "632700000022", 101); /* refused: it is in no file */
    struct payment back = sale("632700000021", 400000);
    send_message(f, PAYMENT_NETWORK_REVERSAL, &back, &none, false);
    back = sale("632700000024", 1); /* never came */
    send_message(f, PAYMENT_NETWORK_REVERSAL, &back, &none, false);
    f->now_ms += 86400000;
    pay(f, "good", "246810", "632700000025", 700); /* of the next day */
    struct writer w = writer_over(text, sizeof text);
    assert_int_equal(clearing_write(network_book(f->network), &head, &w).code, ERR_OK);
    assert_int_equal(
        clearing_parse(writer_view(&w), &head, crypto_sha256, rows, 8, &count, &sums, &fault).code,
        ERR_OK);
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].rrn, "632700000021");
    assert_false(rows[0].stands);
    assert_int_equal(rows[0].fee_minor, 1300 + 130); /* 0.35 % up to 13.00, 0.0325 % */
    assert_string_equal(rows[1].rrn, "632700000023");
    assert_true(rows[1].stands);
    assert_int_equal(rows[1].class, PAYMENT_CLASS_CREDIT);
    assert_int_equal(rows[1].fee_minor, 450 + 32); /* 32.5 to the even fen */
    assert_int_equal(sums.taken_minor, 100000);
    head.day++;
    w = writer_over(text, sizeof text);
    assert_int_equal(clearing_write(network_book(f->network), &head, &w).code, ERR_OK);
    assert_int_equal(
        clearing_parse(writer_view(&w), &head, crypto_sha256, rows, 8, &count, &sums, &fault).code,
        ERR_OK);
    assert_int_equal(count, 1);
}

static void a_restart_remembers_whom_it_charged(void **state)
{
    struct fixture *f = *state;
    struct store_anchor *anchor = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    network_close(f->network);
    assert_int_equal(store_anchor_open("networks-restart", &anchor).code, ERR_OK);
    assert_int_equal(store_open("networks-restart", &options, NULL, &f->config.store).code, ERR_OK);
    open_network(f);
    pay(f, "poor", "246810", "632700000010", 60);
    network_close(f->network);
    store_close(f->config.store);
    assert_int_equal(store_open("networks-restart", &options, NULL, &f->config.store).code, ERR_OK);
    open_network(f);
    assert_int_equal(charged(f), 60);
    pay(f, "poor", "246810", "632700000011", 60); /* 1.00 less 0.60 is not enough */
    assert_string_equal(answer_of(f).response_code, "51");
    network_close(f->network);
    store_close(f->config.store);
    f->config.store = NULL;
    open_network(f);
    store_anchor_close(anchor);
}

/* S101: what is left is told, each time anew, and asking costs nothing and leaves nothing. */
static void a_balance_is_told_and_not_kept(void **state)
{
    struct fixture *f = *state;
    const int64_t left[] = {100, 40};
    struct payment inquiry = sale("632700000030", 0);
    inquiry.type = PAYMENT_BALANCE;
    for (size_t i = 0; i < ARRAY_LEN(left); i++) {
        for (int again = 0; again < 2; again++) {
            present(f, "poor", "246810", inquiry);
            struct payment_network_answer a = answer_of(f);
            assert_string_equal(a.response_code, "00");
            assert_true(a.has_balance);
            assert_int_equal(a.balance_minor, left[i]);
        }
        if (i == 0) pay(f, "poor", "246810", "632700000031", 60);
    }
    present(f, "poor", "111111", inquiry); /* whose card it is proves the PIN */
    struct payment_network_answer refused = answer_of(f);
    assert_string_equal(refused.response_code, "55");
    assert_false(refused.has_balance);
    assert_int_equal(charged(f), 60);
}

/* S100: a hold that nobody completes keeps the money for thirty days and no longer, over a restart
 * too; what was completed, cancelled or added to it is counted once. */
static void a_hold_lapses_after_thirty_days(void **state)
{
    struct fixture *f = *state;
    const int64_t days_30 = INT64_C(30) * 24 * 3600 * 1000;
    struct store_anchor *anchor = NULL;
    const struct store_options options = {.mode = STORE_MEMORY};
    network_close(f->network);
    assert_int_equal(store_anchor_open("networks-lapse", &anchor).code, ERR_OK);
    assert_int_equal(store_open("networks-lapse", &options, NULL, &f->config.store).code, ERR_OK);
    open_network(f);
    struct payment hold = sale("632700000020", 40), add = sale("632700000021", 20);
    hold.type = PAYMENT_PREAUTH;
    present(f, "poor", "246810", hold);
    assert_string_equal(answer_of(f).response_code, "00");
    add.type = PAYMENT_PREAUTH_ADD;
    memcpy(add.original.rrn, hold.rrn, sizeof add.original.rrn);
    present(f, "poor", "246810", add);
    assert_string_equal(answer_of(f).response_code, "00");
    pay(f, "poor", "246810", "632700000022", 60); /* 1.00 less 0.60 is not enough */
    assert_string_equal(answer_of(f).response_code, "51");
    f->now_ms += days_30; /* to the last moment */
    pay(f, "poor", "246810", "632700000023", 60);
    assert_string_equal(answer_of(f).response_code, "51");
    f->now_ms += NETWORK_HOLD_GRACE_MS;
    pay(f, "poor", "246810", "632700000024", 60);
    assert_string_equal(answer_of(f).response_code, "00");

    struct payment late = sale("632700000025", 40);
    late.type = PAYMENT_COMPLETION;
    memcpy(late.original.rrn, hold.rrn, sizeof late.original.rrn);
    present(f, "poor", "246810", late);
    assert_string_equal(answer_of(f).response_code, "12");

    network_close(f->network);
    store_close(f->config.store);
    assert_int_equal(store_open("networks-lapse", &options, NULL, &f->config.store).code, ERR_OK);
    open_network(f);
    pay(f, "poor", "246810", "632700000026", 40); /* nothing but the 0.60 is spent */
    assert_string_equal(answer_of(f).response_code, "00");
    pay(f, "poor", "246810", "632700000027", 1);
    assert_string_equal(answer_of(f).response_code, "51");
    network_close(f->network);
    store_close(f->config.store);
    f->config.store = NULL;
    open_network(f);
    store_anchor_close(anchor);
}

/* One step about an original, by the card that everybody has. */
static void follow(struct fixture *f, struct payment *p, enum payment_type type,
                   const struct payment *original)
{
    p->type = type;
    if (original != NULL) memcpy(p->original.rrn, original->rrn, sizeof original->rrn);
    present(f, "good", "246810", *p);
    assert_string_equal(answer_of(f).response_code, "00");
}

/* S96, S98, S99: an addition that is taken back when its hold has been completed or cancelled gives
 * nothing back: what it held has gone with the hold. */
static void an_addition_is_taken_back_late(void **state)
{
    struct fixture *f = *state;
    static const enum payment_type ends[] = {PAYMENT_COMPLETION, PAYMENT_PREAUTH_CANCEL};
    const struct payment_sensitive none = {0};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct network_totals before, after;
        char rrn[3][13] = {"632700000100", "632700000101", "632700000102"};
        for (size_t k = 0; k < ARRAY_LEN(rrn); k++) rrn[k][10] = (char)('1' + i);
        network_totals(f->network, &before);
        struct payment hold = sale(rrn[0], 1000), add = sale(rrn[1], 500), end = sale(rrn[2], 1500);
        follow(f, &hold, PAYMENT_PREAUTH, NULL);
        follow(f, &add, PAYMENT_PREAUTH_ADD, &hold);
        follow(f, &end, ends[i], &hold);
        send_message(f, PAYMENT_NETWORK_REVERSAL, &add, &none, false);
        assert_string_equal(answer_of(f).response_code, "00");
        network_totals(f->network, &after);
        int64_t used = after.card_used_minor[0] - before.card_used_minor[0];
        assert_int_equal(used, ends[i] == PAYMENT_COMPLETION ? 1500 : 0);
    }
}

/* S99, S100: what ended a hold is taken back when its thirty days are over: a void of its
 * completion, which had opened it, or its cancellation, which leaves it nothing to keep. */
static void what_ended_a_hold_is_taken_back_late(void **state)
{
    struct fixture *f = *state;
    struct network_totals after;
    struct payment hold = sale("632700000200", 1000), end = sale("632700000201", 800);
    struct payment undo[] = {sale("632700000202", 800), sale("632700000204", 500)};
    follow(f, &hold, PAYMENT_PREAUTH, NULL);
    follow(f, &end, PAYMENT_COMPLETION, &hold);
    follow(f, &undo[0], PAYMENT_COMPLETION_VOID, &end);
    hold = sale("632700000203", 500);
    follow(f, &hold, PAYMENT_PREAUTH, NULL);
    follow(f, &undo[1], PAYMENT_PREAUTH_CANCEL, &hold);
    for (size_t i = 0; i < ARRAY_LEN(undo); i++) {
        f->now_ms += INT64_C(31) * 24 * 3600 * 1000;
        send_message(f, PAYMENT_NETWORK_REVERSAL, &undo[i], &(struct payment_sensitive){0}, false);
        assert_string_equal(answer_of(f).response_code, "00");
        network_totals(f->network, &after);
        assert_int_equal(after.card_used_minor[0], 800);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_ended_a_hold_is_taken_back_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(instalments_by_the_table, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_card_gets_its_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_repeat_is_answered_and_not_charged_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_reversal_takes_back_once_and_bars_what_comes_later,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_addition_is_taken_back_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_charges_and_slowness_waits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bad_mac_gets_no_answer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_code_is_paid_once_and_in_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refund_by_code_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_code_is_shown_to_two_terminals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_balance_is_told_and_not_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_hold_lapses_after_thirty_days, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_clearing_file_tells_the_day, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_restart_remembers_whom_it_charged, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
