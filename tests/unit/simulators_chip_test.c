/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The issuer of chip cards: real virtual cards ask, and what the issuer answers is given back to
 * them: 91 must satisfy the card, a script must do its work. Then all that must be refused: a
 * cryptogram of another card, of another amount, a counter that was there before (S93).
 */

#include "lib/base/hex.h"
#include "lib/base/tlv.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/emv/card_code.h"
#include "payment/message.h"
#include "simulators/cards/card.h"
#include "simulators/chip_issuer.h"
#include "simulators/network.h"
#include "tests/unit/scratch.h"
#include "tests/unit/vector_file.h"

enum { NOW_S = 1764374400 };

static struct crypto crypto;
static struct network_config config;
static struct network *network;
static uint8_t answer[NETWORK_MESSAGE_MAX];
static size_t answer_len;

/* Bytes of a hex text, in one of a few rotating buffers. */
static struct bytes hex(const char *text)
{
    static uint8_t block[8][512];
    static unsigned next;
    uint8_t *out = block[next++ % 8];
    size_t len;
    assert_ok(hex_decode(bytes_text(text), out, sizeof block[0], &len));
    return bytes_of(out, len);
}

static int64_t now(void *context)
{
    (void)context;
    return NOW_S * 1000LL;
}

static void take(void *context, enum payment_route route, struct bytes message)
{
    (void)context;
    (void)route;
    memcpy(answer, message.at, message.len);
    answer_len = message.len;
}

static void open_network(void)
{
    const struct network_ports ports = {NULL, take};
    assert_ok(network_open(&config, &ports, &network));
}

static int set_up(void **state)
{
    (void)state;
    assert_ok(crypto_open(random_system(), &crypto));
    config = (struct network_config){
        .clock = {now, now, NULL}, .random = random_system(), .crypto = &crypto, .capacity = 1024};
    key_generate(&crypto, KEY_AES128, KEY_USAGE_ZONE_PIN, &config.pin);
    key_generate(&crypto, KEY_AES128, KEY_USAGE_ZONE_MAC, &config.mac);
    key_generate(&crypto, KEY_AES128, KEY_USAGE_ZONE_DATA, &config.data);
    open_network();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    network_close(network);
    crypto_close(&crypto);
    return 0;
}

/* ---- a card and what a terminal makes of it ---- */

#define TERMINAL                                                   \
    "000000000000015600000080000156251122005566778810111254455354" \
    "20534D415254204D45524348414E5420"

struct visit {
    struct chip_card card;
    char amount[13];
    struct payment_chip chip;
};

static void ask(struct chip_card *card, struct bytes command, struct writer *w, unsigned status)
{
    chip_card_command(card, command, w);
    assert_true(w->len >= 2);
    w->len -= 2;
    assert_int_equal(w->at[w->len] << 8 | w->at[w->len + 1], status);
}

static void ask_hex(struct chip_card *card, const char *command, unsigned status)
{
    uint8_t block[CHIP_ANSWER_MAX];
    struct writer w = writer_over(block, sizeof block);
    ask(card, hex(command), &w, status);
}

/* Field 55 of a contact card's ARQC (protocol facts 1.8). */
static void write_field55(struct visit *v, struct bytes said, struct payment_chip *out)
{
    uint8_t block[PAYMENT_CHIP_MAX];
    struct writer w = writer_over(block, sizeof block);
    tlv_write(&w, 0x9F26, bytes_of(said.at + 5, 8));
    tlv_write(&w, 0x9F27, bytes_of(said.at + 2, 1));
    tlv_write(&w, 0x9F10, bytes_of(said.at + 13, 8));
    tlv_write(&w, 0x9F37, hex("55667788"));
    tlv_write(&w, 0x9F36, bytes_of(said.at + 3, 2));
    tlv_write(&w, 0x95, hex("0000008000"));
    tlv_write(&w, 0x9A, hex("251122"));
    tlv_write(&w, 0x9C, hex("00"));
    tlv_write(&w, 0x9F02, hex(v->amount));
    tlv_write(&w, 0x5F2A, hex("0156"));
    tlv_write(&w, 0x82, BYTES_OF(v->card.issued.contact.aip));
    tlv_write(&w, 0x9F1A, hex("0156"));
    tlv_write(&w, 0x9F03, hex("000000000000"));
    assert_ok(payment_chip_take(writer_view(&w), out));
}

/* The card is inserted and is asked for `cryptogram` (80 ARQC, 40 TC); what it says goes into field
 * 55. */
static void insert_for(struct visit *v, int64_t amount, unsigned cryptogram)
{
    char command[200];
    uint8_t block[CHIP_ANSWER_MAX];
    struct writer w = writer_over(block, sizeof block);
    snprintf(v->amount, sizeof v->amount, "%012lld", (long long)amount);
    chip_card_power(&v->card, CHIP_CONTACT, true);
    bool debit = v->card.is->aid.at[7] == 1;
    ask_hex(&v->card, debit ? "00A4040008A00000033301010100" : "00A4040008A00000033301010200",
            0x9000);
    ask_hex(&v->card, "80A8000002830000", 0x9000);
    snprintf(command, sizeof command, "80AE%02X0034%s" TERMINAL "00", cryptogram, v->amount);
    ask(&v->card, hex(command), &w, 0x9000);
    write_field55(v, writer_view(&w), &v->chip);
}

static void insert(struct visit *v, int64_t amount)
{
    insert_for(v, amount, 0x80);
}

static void make(struct visit *v, const char *name)
{
    *v = (struct visit){.amount = ""};
    const struct personality *is = personality_named(bytes_text(name));
    assert_non_null(is);
    assert_ok(chip_card_make(&crypto, random_system(), is, NULL, now(NULL), &v->card));
}

/* ---- the network ---- */

static void send_message(enum payment_network_kind kind, const struct payment *p,
                         const struct payment_sensitive *s)
{
    static uint8_t arena_block[8192];
    uint8_t block[1024], mac[MAC_MAX];
    struct arena arena = arena_over(arena_block, sizeof arena_block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct writer w = writer_over(block, sizeof block);
    assert_ok(payment_network_message(kind, p, s, now(NULL), &arena, &m));
    assert_ok(iso8583_encode(&iso8583_dialect_ascii87, &m, &w, &fault));
    struct bytes input = iso8583_mac_input(&iso8583_dialect_ascii87, writer_view(&w));
    assert_ok(mac_generate(&crypto, MAC_AES_CMAC_8, &config.mac, input, mac));
    iso8583_seal(&iso8583_dialect_ascii87, block, w.len, mac);
    assert_ok(network_on_message(network, PAYMENT_ROUTE_CARD_NETWORK, writer_view(&w)));
    assert_ok(network_flush(network));
}

static struct payment_network_answer answered(void)
{
    static uint8_t arena_block[8192];
    struct arena arena = arena_over(arena_block, sizeof arena_block);
    struct iso8583_message m;
    struct iso8583_fault fault;
    struct payment_network_answer a;
    assert_ok(
        iso8583_decode(&iso8583_dialect_ascii87, bytes_of(answer, answer_len), &arena, &m, &fault));
    assert_ok(payment_network_answer_parse(&m, &a));
    return a;
}

/* What the acquirer sends of a visit; with an online PIN unless `pin` is NULL. */
static struct payment_network_answer tell(enum payment_network_kind kind, const struct visit *v,
                                          const char *rrn, int64_t amount, const char *pin)
{
    const struct chip_identity *who = &v->card.issued.identity;
    struct payment p = {.key = {"10000017", 1, 7},
                        .type = PAYMENT_SALE,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_CHIP,
                        .pin_entered = pin != NULL,
                        .amount_minor = amount,
                        .currency = CURRENCY_CNY,
                        .mid = "898290058120001",
                        .chip = v->chip};
    struct card_data data = {0};
    char aad[40];
    uint8_t block[ENVELOPE_MAX];
    struct writer envelope = writer_over(block, sizeof block);
    struct pin_block pin_block = {.len = 0};
    memcpy(p.rrn, rrn, 12);
    snprintf(p.card_sequence, sizeof p.card_sequence, "%03u", who->sequence % 100u);
    memcpy(data.pan, who->pan, sizeof who->pan);
    memcpy(data.expiry, who->expiry, sizeof who->expiry);
    memcpy(data.service_code, who->service_code, sizeof who->service_code);
    int len = snprintf(aad, sizeof aad, "%s|%012lld", p.rrn, (long long)amount);
    assert_ok(envelope_seal(&crypto, &config.data, bytes_of(aad, (size_t)len), &data, &envelope));
    if (pin != NULL) {
        struct pin clear;
        assert_ok(pin_from_digits(bytes_text(pin), &clear));
        assert_ok(pin_block_encrypt(&crypto, &config.pin, PIN_ISO4, &clear, bytes_text(who->pan),
                                    &pin_block));
    }
    const struct payment_sensitive s = {.pin_block = bytes_of(pin_block.at, pin_block.len),
                                        .envelope = writer_view(&envelope)};
    send_message(kind, &p, &s);
    return answered();
}

static struct payment_network_answer pay(const struct visit *v, const char *rrn, int64_t amount,
                                         const char *pin)
{
    return tell(PAYMENT_NETWORK_REQUEST, v, rrn, amount, pin);
}

static struct payment_network_answer advise(const struct visit *v, const char *rrn, int64_t amount)
{
    return tell(PAYMENT_NETWORK_ADVICE, v, rrn, amount, NULL);
}

static void assert_code(const struct payment_network_answer *a, const char *code)
{
    assert_string_equal(a->response_code, code);
}

/* ---- the tests ---- */

static void authenticate(struct visit *v, const struct payment_chip *reply)
{
    uint8_t command[15] = {0x00, 0x82, 0x00, 0x00, 10}, block[CHIP_ANSWER_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct bytes issuer = payment_chip_get(reply, 0x91);
    assert_int_equal(issuer.len, 10);
    memcpy(command + 5, issuer.at, 10);
    ask(&v->card, BYTES_OF(command), &w, 0x9000);
}

static void the_card_believes_its_issuer(void **state)
{
    (void)state;
    static const struct {
        const char *card, *pin, *code;
    } cases[] = {
        {"debit", "246810", "00"},     {"credit", "135790", "00"}, {"debit", "111111", "55"},
        {"pinplain", NULL, "00"},      {"poor", "246810", "51"},   {"expired", "246810", "54"},
        {"pinonline", "246810", "00"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct visit v;
        char rrn[13];
        snprintf(rrn, sizeof rrn, "1234567890%02zu", i);
        make(&v, cases[i].card);
        v.card.atc = (uint16_t)(100 * i);
        insert(&v, 30000);
        struct payment_network_answer a = pay(&v, rrn, 30000, cases[i].pin);
        assert_code(&a, cases[i].code);
        assert_memory_equal(payment_chip_get(&a.chip, 0x91).at + 8, cases[i].code, 2);
        authenticate(&v, &a.chip);
    }
}

/* The command of a template, given to the card. */
static void obey(struct visit *v, const struct payment_chip *reply, uint32_t template)
{
    uint8_t block[CHIP_ANSWER_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct bytes command;
    assert_ok(tlv_find(payment_chip_get(reply, template), 0x86, &command));
    ask(&v->card, command, &w, 0x9000);
}

static void scripts_reach_the_card(void **state)
{
    (void)state;
    struct visit v;
    make(&v, "script");
    v.card.tries = 0;
    insert(&v, 30000);
    struct payment_network_answer a = pay(&v, "123456789012", 30000, NULL);
    assert_code(&a, "00");
    authenticate(&v, &a.chip);
    obey(&v, &a.chip, 0x71);
    assert_int_equal(v.card.tries, 3);

    make(&v, "doomed");
    insert(&v, 30000);
    a = pay(&v, "123456789013", 30000, "246810");
    authenticate(&v, &a.chip);
    obey(&v, &a.chip, 0x72);
    chip_card_power(&v.card, CHIP_CONTACT, true);
    ask_hex(&v.card, "00A4040008A00000033301010100", 0x6283);

    /* None with a refusal. */
    make(&v, "doomed");
    v.card.atc = 100;
    insert(&v, 30000);
    a = pay(&v, "123456789014", 30000, "111111");
    assert_code(&a, "55");
    assert_int_equal(payment_chip_get(&a.chip, 0x72).len, 0);
}

static void what_the_card_did_not_say_is_refused(void **state)
{
    (void)state;
    struct visit v, other;
    make(&v, "debit");
    insert(&v, 30000);
    v.chip.at[4] ^= 1; /* of its cryptogram */
    struct payment_network_answer a = pay(&v, "123456789020", 30000, "246810");
    assert_code(&a, "59");
    assert_int_equal(a.chip.len, 0);

    insert(&v, 100); /* the card agreed to another amount */
    a = pay(&v, "123456789021", 30000, "246810");
    assert_code(&a, "13");

    make(&other, "credit");
    insert(&other, 30000);
    insert(&v, 30000);
    struct payment_chip own = v.chip;
    v.chip = other.chip; /* of another card */
    a = pay(&v, "123456789022", 30000, "246810");
    assert_code(&a, "59");

    v.chip = own;
    v.chip.len -= 9; /* its last object, the other amount */
    a = pay(&v, "123456789023", 30000, "246810");
    assert_code(&a, "30");
    v.chip = (struct payment_chip){0};
    a = pay(&v, "123456789024", 30000, "246810");
    assert_code(&a, "30");

    v.chip = own;
    v.card.issued.identity.sequence = 77; /* the account has no such card */
    a = pay(&v, "123456789025", 30000, "246810");
    assert_code(&a, "14");
}

/* A recording of a card is worth nothing, not even after the network has begun anew; the same
 * request again is the same request. */
static void a_counter_is_good_for_one_request(void **state)
{
    (void)state;
    struct scratch place;
    struct store_fault fault;
    struct visit v;
    scratch_make(&place);
    network_close(network);
    assert_ok(store_open(scratch_path(&place, "networks.db"),
                         &(struct store_options){.mode = STORE_CREATE}, &fault, &config.store));
    open_network();
    make(&v, "debit");
    insert(&v, 30000);
    struct payment_network_answer first = pay(&v, "123456789030", 30000, "246810");
    assert_code(&first, "00");
    struct payment_network_answer again = pay(&v, "123456789030", 30000, "246810");
    assert_code(&again, "00");
    assert_string_equal(again.auth_code, first.auth_code);
    assert_int_equal(again.chip.len, first.chip.len);
    assert_memory_equal(again.chip.at, first.chip.at, first.chip.len);
    struct payment_network_answer replayed = pay(&v, "123456789031", 30000, "246810");
    assert_code(&replayed, "59");

    network_close(network);
    open_network();
    replayed = pay(&v, "123456789032", 30000, "246810");
    assert_code(&replayed, "59");
    insert(&v, 30000);
    struct payment_network_answer next = pay(&v, "123456789033", 30000, "246810");
    assert_code(&next, "00");

    network_close(network);
    store_close(config.store);
    config.store = NULL;
    open_network();
    scratch_remove(&place);
}

static int64_t charged(void)
{
    struct network_totals totals;
    network_totals(network, &totals);
    return totals.charged_minor[PAYMENT_ROUTE_CARD_NETWORK];
}

/* S89: what cards approve by themselves comes late, in any order and again, and is charged once. */
static void an_advice_is_charged_once(void **state)
{
    (void)state;
    struct visit v;
    make(&v, "debit");
    insert_for(&v, 5000, 0x40);
    struct payment_chip first = v.chip;
    insert_for(&v, 7000, 0x40);
    struct payment_chip second = v.chip;
    insert(&v, 30000); /* and meanwhile the card was online elsewhere */
    struct payment_network_answer a = pay(&v, "123456789040", 30000, "246810");
    assert_code(&a, "00");
    v.chip = second;
    a = advise(&v, "123456789041", 7000);
    assert_code(&a, "00");
    assert_int_equal(a.card_class, PAYMENT_CLASS_DEBIT);
    assert_int_equal(a.chip.len, 0); /* no card waits for it */
    v.chip = first;
    a = advise(&v, "123456789042", 5000);
    assert_code(&a, "00");
    a = advise(&v, "123456789042", 5000);
    assert_code(&a, "00");
    assert_int_equal(charged(), 42000);
    a = advise(&v, "123456789043", 5000); /* the same approval under another number */
    assert_code(&a, "59");
    assert_int_equal(charged(), 42000);
}

/* Nothing but what the card has said, for the amount that it has said. */
static void what_no_card_has_approved_is_not_charged(void **state)
{
    (void)state;
    struct visit v;
    make(&v, "debit");
    insert_for(&v, 5000, 0x40);
    v.chip.at[4] ^= 1;
    struct payment_network_answer a = advise(&v, "123456789051", 5000);
    assert_code(&a, "59");
    v.chip.at[4] ^= 1;
    a = advise(&v, "123456789052", 5001);
    assert_code(&a, "13");
    insert(&v, 30000); /* it has asked for the host, and nobody else may say yes */
    a = advise(&v, "123456789053", 30000);
    assert_code(&a, "05");
    assert_int_equal(charged(), 0);
}

/* The derived card's script, byte for byte (tests/vectors/emv). */
static void the_answer_of_the_derived_cards_issuer_is_ours(void **state)
{
    (void)state;
    json_t *file = vector_file("tests/vectors/emv/card_A_unionpay_debit.json");
    const json_t *t = json_object_get(json_object_get(file, "transactions"),
                                      "contact_online_approved_script_block");
    struct cryptogram_key card, session;
    uint8_t mac[4], arpc[8];
    struct bytes arqc = hex(json_string_value(json_object_get(t, "arqc")));
    struct bytes issuer = hex(json_string_value(json_object_get(t, "issuer_auth_data_tag91")));
    struct bytes command = hex(json_string_value(json_object_get(t, "script_command")));
    assert_ok(
        cryptogram_card_key(&crypto, &chip_keys.cryptogram, BYTES("6200000000000005"), 1, &card));
    assert_ok(cryptogram_session_key(&crypto, &card, 0x23, &session));
    assert_ok(cryptogram_arpc(&crypto, &session, arqc.at, issuer.at + 8, arpc));
    assert_memory_equal(arpc, issuer.at, 8);
    assert_ok(
        cryptogram_card_key(&crypto, &chip_keys.script_mac, BYTES("6200000000000005"), 1, &card));
    assert_ok(cryptogram_session_key(&crypto, &card, 0x23, &session));
    assert_ok(cryptogram_script_mac(&crypto, &session, command.at, 0x23, arqc.at, (struct bytes){0},
                                    mac));
    assert_memory_equal(mac, command.at + 5, 4);
    vector_file_end(file);
}

/* ---- a card that a telephone shows as a code (S77) ---- */

/* What a vault makes of what the telephone shows. */
struct shown {
    struct card_data data;
    struct payment_chip chip;
};

static struct shown shown_by(const char *name)
{
    static struct card_code code;
    uint8_t text[CARD_PHONE_TEXT_MAX], block[PAYMENT_CHIP_MAX];
    struct writer t = writer_over(text, sizeof text), w = writer_over(block, sizeof block);
    struct shown out = {.chip = {.len = 0}};
    assert_ok(network_card_code(network, card_phone_named(bytes_text(name)), &t));
    assert_ok(card_code_parse(writer_view(&t), &code));
    assert_ok(card_code_card(&code, 0, &out.data));
    assert_ok(card_code_field55(&code, 0, &w));
    assert_ok(payment_chip_take(writer_view(&w), &out.chip));
    return out;
}

static const char *pay_shown(const struct shown *shown, const char *rrn, int64_t amount,
                             const char *pin)
{
    static struct payment_network_answer a;
    struct payment p = {.key = {"10000017", 1, 7},
                        .type = PAYMENT_SALE,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_CODE,
                        .pin_entered = pin != NULL,
                        .amount_minor = amount,
                        .currency = CURRENCY_CNY,
                        .mid = "898290058120001",
                        .chip = shown->chip};
    char aad[40];
    uint8_t block[ENVELOPE_MAX];
    struct writer envelope = writer_over(block, sizeof block);
    struct pin_block pin_block = {.len = 0};
    memcpy(p.rrn, rrn, 12);
    memcpy(p.card_sequence, shown->data.sequence, sizeof p.card_sequence);
    int len = snprintf(aad, sizeof aad, "%s|%012lld", p.rrn, (long long)amount);
    assert_ok(
        envelope_seal(&crypto, &config.data, bytes_of(aad, (size_t)len), &shown->data, &envelope));
    if (pin != NULL) {
        struct pin clear;
        assert_ok(pin_from_digits(bytes_text(pin), &clear));
        assert_ok(pin_block_encrypt(&crypto, &config.pin, PIN_ISO4, &clear,
                                    bytes_text(shown->data.pan), &pin_block));
    }
    const struct payment_sensitive s = {.pin_block = bytes_of(pin_block.at, pin_block.len),
                                        .envelope = writer_view(&envelope)};
    send_message(PAYMENT_NETWORK_REQUEST, &p, &s);
    a = answered();
    assert_int_equal(a.chip.len, 0); /* there is no card that could check an answer */
    return a.response_code;
}

static void a_code_is_good_once_and_for_a_minute(void **state)
{
    (void)state;
    struct shown first = shown_by("card"), second = shown_by("card");
    assert_string_equal(pay_shown(&first, "000000000101", 12800, NULL), "00");
    assert_string_equal(pay_shown(&first, "000000000101", 12800, NULL), "00"); /* a repeat */
    assert_string_equal(pay_shown(&first, "000000000102", 12800, NULL), "14"); /* another */
    assert_string_equal(pay_shown(&second, "000000000103", 500, "246810"), "00");
    struct shown third = shown_by("card");
    assert_string_equal(pay_shown(&third, "000000000104", 500, "111111"), "55");
    assert_string_equal(pay_shown(&third, "000000000105", 500, "246810"), "14"); /* used up */
    struct shown stale = shown_by("stale");
    assert_string_equal(pay_shown(&stale, "000000000106", 500, NULL), "14");
    struct shown poor = shown_by("cardpoor");
    assert_string_equal(pay_shown(&poor, "000000000107", 500, NULL), "51");
    struct network_totals totals;
    network_totals(network, &totals);
    assert_int_equal(totals.card_minor[0], 13300);
}

/* Every byte of what the issuer judges counts; a code of one card is none of another's. */
static void a_forged_code_is_refused(void **state)
{
    (void)state;
    struct shown good = shown_by("card");
    static const uint32_t judged[] = {0x9F26, 0x9F10, 0x9F37, 0x9F36, 0x82};
    unsigned number = 200;
    char rrn[13];
    for (size_t i = 0; i < ARRAY_LEN(judged); i++) {
        struct shown forged = good;
        struct bytes value = payment_chip_get(&forged.chip, judged[i]);
        size_t at = value.len > 4 ? 4 : value.len - 1; /* of 9F10, the card's results */
        forged.chip.at[(size_t)(value.at - forged.chip.at) + at] ^= 1;
        snprintf(rrn, sizeof rrn, "%012u", ++number);
        assert_string_equal(pay_shown(&forged, rrn, 500, NULL), "59");
    }
    struct shown other = shown_by("card");
    memcpy(other.data.sequence, "003", 4); /* the chip of the same account */
    snprintf(rrn, sizeof rrn, "%012u", ++number);
    assert_string_equal(pay_shown(&other, rrn, 500, NULL), "14");
    other.chip.len = 0;
    snprintf(rrn, sizeof rrn, "%012u", ++number);
    assert_string_equal(pay_shown(&other, rrn, 500, NULL), "30");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_card_believes_its_issuer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scripts_reach_the_card, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_card_did_not_say_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_counter_is_good_for_one_request, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_code_is_good_once_and_for_a_minute, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_forged_code_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_advice_is_charged_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_no_card_has_approved_is_not_charged, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_answer_of_the_derived_cards_issuer_is_ours, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
