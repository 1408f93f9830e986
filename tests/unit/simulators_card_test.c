/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual chip cards: given the keys and random numbers of the derived card (tests/vectors/emv),
 * every answer of its transcripts byte for byte; then what a card does that no transcript shows.
 */
#include "lib/base/tlv.h"
#include "lib/crypto/rsa.h"
#include "simulators/cards/card.h"
#include "tests/unit/crypto_vectors.h"

static struct crypto crypto;

/* A source that says what it was told, then zeros. */
struct told {
    uint8_t bytes[64];
    size_t len, at;
};

static void tell(void *context, void *out, size_t len)
{
    struct told *told = context;
    uint8_t *to = out;
    for (size_t i = 0; i < len; i++) to[i] = told->at < told->len ? told->bytes[told->at++] : 0;
}

static struct told told;

static int open_crypto(void **state)
{
    (void)state;
    assert_ok(crypto_open(random_system(), &crypto));
    return 0;
}

static int close_crypto(void **state)
{
    (void)state;
    crypto_close(&crypto);
    return 0;
}

static struct bytes ask(struct chip_card *card, struct bytes command)
{
    static uint8_t block[4][CHIP_ANSWER_MAX];
    static unsigned next;
    struct writer w = writer_over(block[next++ % 4], CHIP_ANSWER_MAX);
    chip_card_command(card, command, &w);
    assert_int_equal(w.fault, ERR_OK);
    assert_true(w.len >= 2);
    return writer_view(&w);
}

static unsigned status_of(struct bytes answer)
{
    return (unsigned)answer.at[answer.len - 2] << 8 | answer.at[answer.len - 1];
}

static unsigned say(struct chip_card *card, const char *command)
{
    return status_of(ask(card, hex(command)));
}

static struct bytes body(struct bytes answer)
{
    return bytes_of(answer.at, answer.len - 2);
}

/* ---- the transcripts ---- */

/* The card of the vector. Its currency is not on it, and its limits are not in the file. */
static const struct personality derived = {
    .name = "derived",
    .account = "chip",
    .sequence = 1,
    .contact = true,
    .contactless = true,
    .aid = BYTES("\xA0\x00\x00\x03\x33\x01\x01\x01"),
    .label = "UnionPay Debit",
    .auth = CHIP_AUTH_DDA,
    .cvm_list = BYTES("\0\0\0\0\0\0\0\0\x42\x03\x1E\x03\x1F\x03"),
    .country = 0x0156,
    .contact_offline_minor = 20000,
    .contactless_offline_minor = 1000,
    .tries = 3,
};

static const struct chip_identity derived_identity = {.pan = "6200000000000005",
                                                      .expiry = "3012",
                                                      .service_code = "220",
                                                      .pin = "246810",
                                                      .name = "TEST/CARD",
                                                      .sequence = 1};

static const char *text(const json_t *object, const char *name)
{
    const char *value = json_string_value(json_object_get(object, name));
    assert_non_null(value);
    return value;
}

/* What the card drew: eight bytes at the beginning, which INTERNAL AUTHENTICATE signs; and for a
 * tap four more, which stand in 9F69. */
static void recover_random(const json_t *transaction)
{
    size_t i;
    json_t *apdu;
    uint8_t plain[128];
    told = (struct told){.len = 8};
    const char *version = json_string_value(json_object_get(transaction, "f9F69"));
    if (version != NULL) {
        memcpy(told.bytes + 8, hex(version).at + 1, 4);
        told.len = 12;
    }
    json_array_foreach(json_object_get(transaction, "apdus"), i, apdu)
    {
        if (strncmp(text(apdu, "c"), "0088", 4) != 0) continue;
        struct bytes answer = hex(text(apdu, "r"));
        struct bytes signature = bytes_of(answer.at + 3, sizeof plain);
        assert_ok(
            rsa_public_raw(chip_keys.card.modulus, chip_keys.card.exponent, signature, plain));
        assert_int_equal(plain[4], 8);
        memcpy(told.bytes, plain + 5, 8);
    }
}

static void replay(const char *name, const json_t *transaction)
{
    size_t i;
    json_t *apdu;
    struct chip_card card;
    struct personality is = derived;
    is.declines = strcmp(name, "quickpass_declined_aac") == 0;
    if (strcmp(name, "quickpass_bad_fdda") == 0) is.lie = CHIP_LIES_FDDA;
    if (strcmp(name, "quickpass_fdda_version_00") == 0) is.lie = CHIP_LIES_VERSION;
    bool contact = strcmp(text(transaction, "interface"), "contact") == 0;

    recover_random(transaction);
    struct random random = {tell, &told};
    assert_ok(chip_card_make(&crypto, random, &is, &derived_identity, 0, &card));
    struct bytes input = hex(text(transaction, "arqc_input"));
    card.atc = (uint16_t)((input.at[31] << 8 | input.at[32]) - 1);
    chip_card_power(&card, contact ? CHIP_CONTACT : CHIP_CONTACTLESS, true);
    json_array_foreach(json_object_get(transaction, "apdus"), i, apdu)
    {
        struct bytes got = ask(&card, hex(text(apdu, "c"))), expected = hex(text(apdu, "r"));
        if (!bytes_equal(got, expected)) print_message("%s, command %zu\n", name, i);
        assert_bytes(got, expected);
    }
}

static void the_transcripts_of_the_derived_card_are_its_own(void **state)
{
    (void)state;
    json_t *file = vector_file("tests/vectors/emv/card_A_unionpay_debit.json");
    const char *name;
    json_t *transaction;
    unsigned count = 0;
    json_object_foreach(json_object_get(file, "transactions"), name, transaction)
    {
        replay(name, transaction);
        count++;
    }
    assert_int_equal(count, 10);
    vector_file_end(file);
}

/* ---- the machine ---- */

#define SELECT_DEBIT "00A4040008A00000033301010100"
#define GPO          "80A8000002830000"
/* CDOL1 and CDOL2 of 100.00 and of 300.00; the amount comes first. */
#define REST \
    "00000000000001560000008000015625112200556677881011125445535420534D415254204D45524348414E5420"
#define SMALL1 "000000010000" REST
#define LARGE1 "000000030000" REST
#define REST2  "0000000000000156000000800001562511220055667788101112"
#define SMALL2 "000000010000" REST2

static void make(struct chip_card *card, const char *name)
{
    const struct personality *is = personality_named(bytes_text(name));
    assert_non_null(is);
    assert_ok(chip_card_make(&crypto, random_system(), is, NULL, 1764374400000, card));
}

static void begin(struct chip_card *card)
{
    chip_card_power(card, CHIP_CONTACT, true);
    assert_int_equal(say(card, SELECT_DEBIT), 0x9000);
    assert_int_equal(say(card, GPO), 0x9000);
}

/* A GENERATE AC; the information byte of its answer. */
static unsigned generate(struct chip_card *card, const char *p1, const char *data)
{
    char command[256];
    snprintf(command, sizeof command, "80AE%s00%02zX%s00", p1, strlen(data) / 2, data);
    struct bytes answer = ask(card, hex(command));
    assert_int_equal(status_of(answer), 0x9000);
    return answer.at[2];
}

static void a_card_gives_what_was_asked_or_less(void **state)
{
    (void)state;
    static const struct {
        const char *card, *p1, *data;
        unsigned given;
    } cases[] = {
        {"debit", "40", SMALL1, CHIP_TC},     {"debit", "40", LARGE1, CHIP_ARQC},
        {"debit", "80", SMALL1, CHIP_ARQC},   {"debit", "00", SMALL1, CHIP_AAC},
        {"declines", "40", SMALL1, CHIP_AAC}, {"declines", "80", SMALL1, CHIP_AAC},
        {"boaster", "00", SMALL1, CHIP_TC},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct chip_card card;
        make(&card, cases[i].card);
        begin(&card);
        assert_int_equal(generate(&card, cases[i].p1, cases[i].data), cases[i].given);
        /* After its last word there is no second one. */
        if (cases[i].given != CHIP_ARQC)
            assert_int_equal(say(&card, "80AE4000223030" SMALL2 "00"), 0x6985);
    }
}

static void commands_out_of_their_order_change_nothing(void **state)
{
    (void)state;
    static const char *const before[] = {
        GPO,
        "00B2010C00",
        "80CA9F1700",
        "0084000000",
        "002000800826246810FFFFFFFF",
        "00880000040F0E0D0C00",
        "80AE400034" SMALL1 "00",
        "008200000A0D7395680CE459063030",
        "841E0000049A8DC64A",
    };
    struct chip_card card;
    make(&card, "debit");
    chip_card_power(&card, CHIP_CONTACT, true);
    for (size_t i = 0; i < ARRAY_LEN(before); i++) assert_int_equal(say(&card, before[i]), 0x6985);
    assert_int_equal(card.atc, 0);
    assert_int_equal(card.tries, 3);
    begin(&card);
    assert_int_equal(card.atc, 1);
    assert_int_equal(say(&card, GPO), 0x6985);
    assert_int_equal(say(&card, "008200000A0D7395680CE459063030"), 0x6985);
    assert_int_equal(say(&card, "80AE400001FF00"), 0x6700); /* not as long as the list */
    assert_int_equal(say(&card, "80AEC00034" SMALL1 "00"), 0x6A86);
    assert_int_equal(say(&card, "80AE500034" SMALL1 "00"), 0x6A86); /* no CDA on this card */
    assert_int_equal(say(&card, "00B2011C"), 0x9000);
    assert_int_equal(say(&card, "00B2031C00"), 0x6A83);
    assert_int_equal(say(&card, "00D6000000"), 0x6D00);
    assert_int_equal(say(&card, "A0A4000000"), 0x6E00);
    assert_int_equal(say(&card, "00A40400FF00"), 0x6700); /* says more than it has */
}

static void what_is_blocked_stays_shut(void **state)
{
    (void)state;
    struct chip_card card;
    make(&card, "blocked");
    chip_card_power(&card, CHIP_CONTACT, true);
    assert_int_equal(say(&card, SELECT_DEBIT), 0x6283);
    assert_int_equal(say(&card, GPO), 0x6985);
    make(&card, "dead");
    chip_card_power(&card, CHIP_CONTACT, true);
    assert_int_equal(say(&card, SELECT_DEBIT), 0x6A81);
    make(&card, "debit");
    chip_card_power(&card, CHIP_CONTACT, true);
    assert_int_equal(say(&card, "00A4040008A00000033301010300"), 0x6A82);
}

static void a_name_cut_short_finds_both_applications(void **state)
{
    (void)state;
    struct chip_card card;
    struct bytes name;
    make(&card, "two");
    chip_card_power(&card, CHIP_CONTACT, true);
    struct bytes answer = ask(&card, hex("00A4040007A000000333010100"));
    assert_ok(tlv_find_deep(body(answer), 0x84, &name));
    assert_bytes(name, hex("A000000333010101"));
    answer = ask(&card, hex("00A4040207A000000333010100"));
    assert_ok(tlv_find_deep(body(answer), 0x84, &name));
    assert_bytes(name, hex("A000000333010102"));
}

/* ---- the PIN ---- */

static void the_pin_has_three_tries(void **state)
{
    (void)state;
    struct chip_card card;
    make(&card, "pinplain");
    begin(&card);
    assert_int_equal(say(&card, "0020008008241111FFFFFFFFFF"), 0x63C2);
    assert_int_equal(say(&card, "002000800826246810FFFFFFFF"), 0x9000);
    assert_bytes(body(ask(&card, hex("80CA9F1700"))), hex("9F170103"));
    assert_int_equal(say(&card, "0020008008241111FFFFFFFFFF"), 0x63C2);
    assert_int_equal(say(&card, "0020008008241111FFFFFFFFFF"), 0x63C1);
    assert_int_equal(say(&card, "0020008008341111FFFFFFFFFF"),
                     0x6984); /* of no known form: no try */
    begin(&card);             /* power brings none back */
    assert_int_equal(say(&card, "0020008008241111FFFFFFFFFF"), 0x63C0);
    assert_int_equal(say(&card, "002000800826246810FFFFFFFF"), 0x6983);
    assert_int_equal(card.tries, 0);
}

/* 7F, block, challenge, padding under the card's key. */
static unsigned verify_enciphered(struct chip_card *card, const char *block, struct bytes challenge)
{
    uint8_t plain[128] = {0x7F}, command[5 + 128] = {0x00, 0x20, 0x00, 0x88, 128};
    memcpy(plain + 1, hex(block).at, 8);
    memcpy(plain + 9, challenge.at, 8);
    assert_ok(rsa_public_raw(chip_keys.card.modulus, chip_keys.card.exponent, BYTES_OF(plain),
                             command + 5));
    return status_of(ask(card, BYTES_OF(command)));
}

static void an_enciphered_pin_is_good_for_one_challenge(void **state)
{
    (void)state;
    struct chip_card card;
    uint8_t challenge[8];
    make(&card, "pinsecret");
    begin(&card);
    memcpy(challenge, ask(&card, hex("0084000000")).at, sizeof challenge);
    assert_int_equal(verify_enciphered(&card, "26246810FFFFFFFF", BYTES_OF(challenge)), 0x9000);
    assert_int_equal(verify_enciphered(&card, "26246810FFFFFFFF", BYTES_OF(challenge)), 0x6984);
    memcpy(challenge, ask(&card, hex("0084000000")).at, sizeof challenge);
    assert_int_equal(verify_enciphered(&card, "26111111FFFFFFFF", BYTES_OF(challenge)), 0x63C2);
    memcpy(challenge, ask(&card, hex("0084000000")).at, sizeof challenge);
    assert_int_equal(say(&card, "80CA9F1700"), 0x9000); /* the next command has been another */
    assert_int_equal(verify_enciphered(&card, "26246810FFFFFFFF", BYTES_OF(challenge)), 0x6984);
    assert_int_equal(card.tries, 2);
}

/* ---- the issuer ---- */

/* Online, and the answer of the issuer with this response code: right, or with a bit turned. */
static void go_online(struct chip_card *card, bool right)
{
    struct cryptogram_key session;
    uint8_t command[15] = {0x00, 0x82, 0x00, 0x00, 10, [13] = '0', [14] = '0'};
    begin(card);
    assert_int_equal(generate(card, "80", SMALL1), CHIP_ARQC);
    assert_ok(cryptogram_session_key(&crypto, &card->issued.cryptogram, card->atc, &session));
    assert_ok(cryptogram_arpc(&crypto, &session, card->arqc, command + 13, command + 5));
    if (!right) command[5] ^= 1;
    assert_int_equal(status_of(ask(card, BYTES_OF(command))), right ? 0x9000 : 0x6300);
    assert_int_equal(status_of(ask(card, BYTES_OF(command))), 0x6985); /* once */
}

/* A command with its MAC. `header` is CLA INS P1 P2 in hex. */
static unsigned send_script(struct chip_card *card, const char *header, struct bytes data,
                            bool right)
{
    struct cryptogram_key session;
    uint8_t command[64];
    struct writer w = writer_over(command, sizeof command);
    write_bytes(&w, hex(header));
    write_be(&w, data.len + 4, 1);
    write_bytes(&w, data);
    assert_ok(cryptogram_session_key(&crypto, &card->issued.script_mac, card->atc, &session));
    assert_ok(cryptogram_script_mac(&crypto, &session, command, card->atc, card->arqc, data,
                                    write_space(&w, 4)));
    if (!right) command[w.len - 1] ^= 1;
    return status_of(ask(card, writer_view(&w)));
}

static void an_answer_that_is_not_the_issuers_ends_in_a_refusal(void **state)
{
    (void)state;
    struct chip_card card;
    make(&card, "debit");
    go_online(&card, false);
    assert_int_equal(generate(&card, "40", "3030" SMALL2), CHIP_AAC);
    go_online(&card, true);
    assert_int_equal(generate(&card, "40", "3030" SMALL2), CHIP_TC);
    assert_int_equal(card.last_online_atc, card.atc);
}

static void scripts_are_obeyed_when_their_mac_is_right(void **state)
{
    (void)state;
    struct chip_card card;
    make(&card, "debit");
    begin(&card);
    assert_int_equal(generate(&card, "40", SMALL1), CHIP_TC); /* offline: nobody was asked */
    assert_int_equal(send_script(&card, "84160000", (struct bytes){0}, true), 0x6985);

    card.tries = 0;
    go_online(&card, true);
    assert_int_equal(send_script(&card, "84240000", (struct bytes){0}, false), 0x6988);
    assert_int_equal(card.tries, 0);
    assert_int_equal(send_script(&card, "84240000", (struct bytes){0}, true), 0x9000);
    assert_int_equal(card.tries, 3);
    assert_int_equal(generate(&card, "40", "3030" SMALL2), CHIP_TC);
    assert_int_equal(send_script(&card, "04DA9F14", BYTES("\x05"), true), 0x9000);
    assert_bytes(body(ask(&card, hex("80CA9F1400"))), hex("9F140105"));
    assert_int_equal(send_script(&card, "841E0000", (struct bytes){0}, true), 0x9000);
    chip_card_power(&card, CHIP_CONTACT, true);
    assert_int_equal(say(&card, SELECT_DEBIT), 0x6283);
}

static void a_script_gives_the_card_a_new_pin(void **state)
{
    (void)state;
    struct chip_card card;
    struct cryptogram_key session;
    uint8_t secret[32];
    size_t len;
    make(&card, "pinplain");
    go_online(&card, true);
    assert_ok(cryptogram_session_key(&crypto, &card.issued.script_secret, card.atc, &session));
    assert_ok(cryptogram_encipher(&crypto, &session, hex("241357FFFFFFFFFF"), secret, sizeof secret,
                                  &len));
    assert_int_equal(send_script(&card, "84240002", bytes_of(secret, len), true), 0x9000);
    begin(&card);
    assert_int_equal(say(&card, "002000800826246810FFFFFFFF"), 0x63C2);
    assert_int_equal(say(&card, "0020008008241357FFFFFFFFFF"), 0x9000);
}

/* ---- CDA, T=0, the telephone ---- */

/* EMV Book 2, 6.6.2: what a terminal does with the answer. */
static void a_combined_signature_covers_cryptogram_and_data(void **state)
{
    (void)state;
    struct chip_card card;
    struct bytes value, signature, issuer;
    uint8_t plain[128], hash[RSA_SHA1_BYTES];
    make(&card, "credit");
    chip_card_power(&card, CHIP_CONTACT, true);
    assert_int_equal(say(&card, "00A4040008A00000033301010200"), 0x9000);
    assert_int_equal(say(&card, GPO), 0x9000);
    struct bytes answer = ask(&card, hex("80AE500034" SMALL1 "00"));
    assert_int_equal(status_of(answer), 0x9000);
    assert_ok(tlv_find(body(answer), 0x77, &value));
    assert_ok(tlv_find(value, 0x9F4B, &signature));
    assert_ok(tlv_find(value, 0x9F10, &issuer));
    assert_ok(rsa_public_raw(chip_keys.card.modulus, chip_keys.card.exponent, signature, plain));
    assert_int_equal(plain[0], 0x6A);
    assert_int_equal(plain[127], 0xBC);
    assert_int_equal(plain[3], 38); /* 8 and its length, information, cryptogram, hash */
    assert_int_equal(plain[13], CHIP_TC);

    const struct bytes exchanged[] = {hex(SMALL1), bytes_of(value.at, 9), BYTES("\x9F\x10\x08"),
                                      issuer};
    assert_ok(rsa_sha1(exchanged, ARRAY_LEN(exchanged), hash));
    assert_memory_equal(plain + 22, hash, sizeof hash);
    const struct bytes covered[] = {bytes_of(plain + 1, 106), hex("55667788")};
    assert_ok(rsa_sha1(covered, ARRAY_LEN(covered), hash));
    assert_memory_equal(plain + 107, hash, sizeof hash);
}

static void a_card_of_the_older_protocol_is_asked_twice(void **state)
{
    (void)state;
    struct chip_card card;
    char again[16];
    make(&card, "t0");
    chip_card_power(&card, CHIP_CONTACT, true);
    assert_int_equal(chip_card_atr(&card, CHIP_CONTACT).at[1], 0x68);
    unsigned status = say(&card, SELECT_DEBIT);
    assert_int_equal(status >> 8, 0x61);
    assert_int_equal(say(&card, "00C0000001"), 0x6C00 | (status & 0xFF));
    snprintf(again, sizeof again, "00C00000%02X", status & 0xFF);
    struct bytes answer = ask(&card, hex(again));
    assert_int_equal(answer.len, (status & 0xFF) + 2);
    assert_int_equal(say(&card, again), 0x6985); /* once */
    status = say(&card, GPO);
    assert_int_equal(status >> 8, 0x61);
    status = say(&card, "00B2010C00");
    assert_int_equal(status >> 8, 0x6C);
    snprintf(again, sizeof again, "00B2010C%02X", status & 0xFF);
    assert_int_equal(say(&card, again), 0x9000);
}

static void a_telephone_has_asked_its_owner(void **state)
{
    (void)state;
    static const struct {
        const char *card, *qualifiers;
        uint16_t answer;
        unsigned given;
    } cases[] = {
        {"phone", "3640C080", 0x2080, CHIP_ARQC},   {"debit", "36C00080", 0xA000, CHIP_ARQC},
        {"debit", "36000080", 0x2000, CHIP_TC},     {"debit", "36800080", 0x2000, CHIP_ARQC},
        {"declines", "36000080", 0x2000, CHIP_AAC},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct chip_card card;
        char gpo[128];
        struct bytes value, found;
        make(&card, cases[i].card);
        /* The telephone above its own limit. */
        const char *amount = i == 0 ? "000000030000" : "000000000500";
        chip_card_power(&card, CHIP_CONTACTLESS, true);
        assert_int_equal(say(&card, SELECT_DEBIT), 0x9000);
        snprintf(gpo, sizeof gpo,
                 "80A80000238321%s%s000000000000015600000000000156251122001112131400",
                 cases[i].qualifiers, amount);
        struct bytes answer = ask(&card, hex(gpo));
        assert_int_equal(status_of(answer), 0x9000);
        assert_ok(tlv_find(body(answer), 0x77, &value));
        assert_ok(tlv_find(value, 0x9F6C, &found));
        assert_int_equal(found.at[0] << 8 | found.at[1], cases[i].answer);
        assert_ok(tlv_find(value, 0x9F27, &found));
        assert_int_equal(found.at[0], cases[i].given);
    }
}

/* ---- the table ---- */

static void every_personality_can_be_issued_and_is_one_of_a_kind(void **state)
{
    (void)state;
    size_t count;
    const struct personality *is = personalities(&count);
    for (size_t i = 0; i < count; i++) {
        struct chip_card card;
        assert_true(is[i].contact || is[i].contactless);
        assert_ok(chip_card_make(&crypto, random_system(), &is[i], NULL, 1764374400000, &card));
        struct bytes pan = bytes_text(card.issued.identity.pan);
        assert_ptr_equal(personality_of(pan, is[i].sequence), &is[i]);
        assert_ptr_equal(personality_named(bytes_text(is[i].name)), &is[i]);
        assert_true(is[i].title.zh[0] != '\0' && is[i].title.en[0] != '\0');
        assert_true(is[i].hint.zh[0] != '\0' && is[i].hint.en[0] != '\0');
    }
    assert_null(personality_of(BYTES("6200000000000005"), 99));
}

/* A walk over the records that its locator names, as far as a terminal would go. */
static void liars_lie(void **state)
{
    (void)state;
    struct chip_card card;
    struct bytes first, second, value;
    make(&card, "twofaced");
    begin(&card);
    first = ask(&card, hex("00B2010C00"));
    second = ask(&card, hex("00B2011400"));
    assert_ok(tlv_find_deep(body(first), 0x5A, &value));
    assert_ok(tlv_find_deep(body(second), 0x57, &first));
    assert_memory_not_equal(value.at, first.at, 8);

    make(&card, "double");
    begin(&card);
    assert_ok(tlv_find_deep(body(ask(&card, hex("00B2010C00"))), 0x5A, &value));
    assert_ok(tlv_find_deep(body(ask(&card, hex("00B2011400"))), 0x5A, &value));

    make(&card, "cut");
    begin(&card);
    assert_err(tlv_find(body(ask(&card, hex("00B2010C00"))), 0x70, &value), SHORT);

    make(&card, "endless");
    chip_card_power(&card, CHIP_CONTACT, true);
    assert_int_equal(say(&card, "00A404000E315041592E5359532E444446303100"), 0x9000);
    assert_int_equal(say(&card, "00B2FF0C00"), 0x9000);
    begin(&card);
    assert_int_equal(say(&card, "00B2FF0C00"), 0x9000);

    make(&card, "issuerless");
    begin(&card);
    uint8_t plain[144];
    assert_ok(tlv_find_deep(body(ask(&card, hex("00B2011C00"))), 0x90, &value));
    assert_ok(
        rsa_public_raw(chip_keys.authority.modulus, chip_keys.authority.exponent, value, plain));
    assert_true(plain[0] != 0x6A || plain[143] != 0xBC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_transcripts_of_the_derived_card_are_its_own),
        cmocka_unit_test(a_card_gives_what_was_asked_or_less),
        cmocka_unit_test(commands_out_of_their_order_change_nothing),
        cmocka_unit_test(what_is_blocked_stays_shut),
        cmocka_unit_test(a_name_cut_short_finds_both_applications),
        cmocka_unit_test(the_pin_has_three_tries),
        cmocka_unit_test(an_enciphered_pin_is_good_for_one_challenge),
        cmocka_unit_test(an_answer_that_is_not_the_issuers_ends_in_a_refusal),
        cmocka_unit_test(scripts_are_obeyed_when_their_mac_is_right),
        cmocka_unit_test(a_script_gives_the_card_a_new_pin),
        cmocka_unit_test(a_combined_signature_covers_cryptogram_and_data),
        cmocka_unit_test(a_card_of_the_older_protocol_is_asked_twice),
        cmocka_unit_test(a_telephone_has_asked_its_owner),
        cmocka_unit_test(every_personality_can_be_issued_and_is_one_of_a_kind),
        cmocka_unit_test(liars_lie),
    };
    return cmocka_run_group_tests(tests, open_crypto, close_crypto);
}
