/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: offline data authentication with a card that lies in every way that EMV Book 2 lists: each
 * fault of each certificate and signature sets the bit of the method, and missing data its own.
 */
#include "tests/unit/crypto_vectors.h"
#include "tests/unit/emv_card.h"
#include "tests/unit/emv_fake_card.h"
#include "tests/unit/emv_rig.h"

static struct rig rig;
static struct fake_card card;
static const struct rig_application plain = {.aid = "A000000333010101"};

/* Through the kernel to its end; offline where nothing speaks against it. */
static void run(void)
{
    rig.setup.payment.amount_minor = 100;
    (void)rig_begin(&rig);
    (void)fake_run(&card, &rig);
    assert_int_equal(rig.k.want, EMV_DONE);
}

static void expect_tvr(const char *what, unsigned byte_0)
{
    if (rig.k.tvr[0] != byte_0) fail_msg("%s: TVR %02X and not %02X", what, rig.k.tvr[0], byte_0);
}

static void good_cards(void **state)
{
    (void)state;
    static const struct {
        uint8_t aip, tvr;
        enum emv_oda oda;
    } row[] = {
        {0x5C, 0x02, EMV_ODA_SDA},
        {0x7C, 0x00, EMV_ODA_DDA},
        {0x7D, 0x00, EMV_ODA_CDA},
        {0x1C, 0x80, EMV_ODA_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++)
        for (unsigned form = 0; form < 2; form++) {
            fake_start(&card);
            card.aip[0] = row[i].aip;
            card.options_77 = form == 1;
            card.cryptogram_77 = form == 1;
            fake_build(&card);
            fake_rig(&card, &rig, &plain);
            run();
            expect_tvr("good card", row[i].tvr);
            assert_int_equal(rig.k.oda, row[i].oda);
            rig_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
            rig_assert_data(&rig, 0x9F26, "A1A2A3A4A5A6A7A8");
            assert_int_equal((rig.k.tsi[0] & 0x80) != 0, row[i].oda != EMV_ODA_NONE);
        }
    rig_assert_data(&rig, 0x9F4C, "");
}

static void numbers_of_the_card(void **state)
{
    (void)state;
    static const struct {
        uint8_t aip;
        uint32_t tag;
        const char *value;
    } row[] = {
        {0x5C, 0x9F45, "DAC1"}, {0x7C, 0x9F4C, "0102030405060708"}, {0x7D, 0x9F4C, "01020304"}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        fake_start(&card);
        card.aip[0] = row[i].aip;
        fake_build(&card);
        fake_rig(&card, &rig, &plain);
        run();
        rig_assert_data(&rig, row[i].tag, row[i].value);
    }
}

/* The bit of the method, and whether the fault is one of missing data. */
static unsigned expected_tvr(uint8_t aip, bool missing)
{
    unsigned bit = (aip & 1) != 0 ? 0x04u : (aip & 0x20) != 0 ? 0x08u : 0x40u | 0x02u;
    return bit | (missing ? 0x20u : 0u);
}

static bool is_missing(enum fake_fault fault)
{
    return fault == FAKE_NO_REMAINDER || fault == FAKE_ABSENT || fault == FAKE_NO_EXPONENT;
}

static void faults_of_certificates(void **state)
{
    (void)state;
    static const uint8_t aips[] = {0x5C, 0x7C, 0x7D};
    for (size_t a = 0; a < ARRAY_LEN(aips); a++)
        for (unsigned whose = 0; whose < 2; whose++)
            for (unsigned fault = 1; fault < FAKE_BAD_PADDING; fault++) { /* no room for padding */
                if (whose == 1 && aips[a] == 0x5C) continue;              /* SDA has no card key */
                fake_start(&card);
                card.aip[0] = aips[a];
                *(whose == 0 ? &card.issuer_fault : &card.card_fault) = (enum fake_fault)fault;
                fake_build(&card);
                fake_rig(&card, &rig, &plain);
                run();
                expect_tvr(fake_fault_text[fault],
                           expected_tvr(aips[a], is_missing((enum fake_fault)fault)));
                rig_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE); /* no action code */
            }
}

static void faults_of_signatures(void **state)
{
    (void)state;
    static const struct {
        uint8_t aip;
        enum fake_fault fault;
        bool missing;
    } row[] = {
        {0x5C, FAKE_TRAILER, false},        {0x5C, FAKE_HEADER, false},
        {0x5C, FAKE_FORMAT, false},         {0x5C, FAKE_HASH, false},
        {0x5C, FAKE_SHORTER, false},        {0x5C, FAKE_ABSENT, true},
        {0x5C, FAKE_HASH_ALGORITHM, false}, {0x7C, FAKE_TRAILER, false},
        {0x7C, FAKE_HEADER, false},         {0x7C, FAKE_FORMAT, false},
        {0x7C, FAKE_HASH, false},           {0x7C, FAKE_SHORTER, false},
        {0x7C, FAKE_LONGER_KEY, false},     {0x7C, FAKE_HASH_ALGORITHM, false},
        {0x7C, FAKE_ABSENT, true},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        fake_start(&card);
        card.aip[0] = row[i].aip;
        card.options_77 = true;
        card.signature_fault = row[i].fault;
        fake_build(&card);
        fake_rig(&card, &rig, &plain);
        run();
        expect_tvr(fake_fault_text[row[i].fault], expected_tvr(row[i].aip, row[i].missing));
    }
}

/* CDA: behind a TC a wrong signature declines at once; behind an ARQC by a second GENERATE AC. */
static void faults_of_combined_signatures(void **state)
{
    (void)state;
    static const enum fake_fault fault[] = {FAKE_TRAILER, FAKE_HASH,   FAKE_EXPIRED,
                                            FAKE_ABSENT,  FAKE_HEADER, FAKE_KEY_ALGORITHM};
    for (size_t i = 0; i < ARRAY_LEN(fault); i++)
        for (unsigned online = 0; online < 2; online++) {
            fake_start(&card);
            card.aip[0] = 0x7D;
            card.signature_fault = fault[i];
            if (online == 1) card.first_cid = 0x80;
            card.second_cid = 0x40;
            fake_build(&card);
            fake_rig(&card, &rig, &plain);
            run();
            expect_tvr(fake_fault_text[fault[i]], 0x04);
            rig_assert_end(&rig, EMV_DECLINED, EMV_REASON_SIGNATURE);
            assert_false(rig.k.outcome.reverse);
            assert_int_equal(card.generated, 1 + online);
            rig_assert_data(&rig, 0x9F27, online == 1 ? "00" : "40");
        }
}

/* CDA over the second cryptogram, good and spoiled after the host has approved. */
static void combined_signature_online(void **state)
{
    (void)state;
    for (unsigned spoiled = 0; spoiled < 2; spoiled++) {
        fake_start(&card);
        card.aip[0] = 0x7D;
        card.first_cid = 0x80;
        fake_build(&card);
        fake_rig(&card, &rig, &plain);
        (void)rig_begin(&rig);
        assert_int_equal(fake_run(&card, &rig), EMV_WANT_ONLINE);
        if (spoiled == 1) card.signature_fault = FAKE_HASH;
        (void)rig_host(&rig, "00", (struct bytes){0});
        (void)fake_run(&card, &rig);
        if (spoiled == 0) rig_assert_end(&rig, EMV_APPROVED_ONLINE, EMV_REASON_NONE);
        else rig_assert_end(&rig, EMV_DECLINED, EMV_REASON_SIGNATURE);
        assert_int_equal(rig.k.outcome.reverse, spoiled == 1);
    }
}

static void authorities(void **state)
{
    (void)state;
    /* The card names a key that the terminal does not have: failed, not left out. */
    fake_start(&card);
    card.ca_index = 0xF2;
    fake_build(&card);
    fake_rig(&card, &rig, &plain);
    run();
    expect_tvr("unknown index", 0x08);
    /* The authority's key has expired. */
    fake_start(&card);
    fake_build(&card);
    rig_start(&rig);
    static const uint8_t index = 0xF1;
    rig_add_application(&rig, &plain);
    rig_add_ca_key(&rig, hex("A000000333"), bytes_of(&index, 1), bytes_of(card.ca.n, card.ca.len),
                   hex("03"), "20251121");
    memcpy(rig.number, "\x55\x66\x77\x88", 4);
    run();
    expect_tvr("expired authority", 0x08);
    /* The issuer's certificate is revoked by its serial number. */
    fake_rig(&card, &rig, &plain);
    rig_append(&rig, 0xE4, hex("9F0605A0000003339F2201F1DF810403000001"));
    run();
    expect_tvr("revoked", 0x08);
    fake_rig(&card, &rig, &plain);
    rig_append(&rig, 0xE4, hex("9F0605A0000003339F2201F1DF810403000002"));
    run();
    expect_tvr("another is revoked", 0x00);
}

/* 9F4A may name the AIP and nothing else. */
static void static_tags(void **state)
{
    (void)state;
    static const struct {
        const char *tags;
        unsigned tvr;
    } row[] = {{"82", 0}, {NULL, 0}, {"8295", 8}, {"5F24", 8}, {"95", 8}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        fake_start(&card);
        card.static_tags = row[i].tags;
        fake_build(&card);
        fake_rig(&card, &rig, &plain);
        run();
        expect_tvr(row[i].tags == NULL ? "no 9F4A" : row[i].tags, row[i].tvr);
    }
}

static void lists_for_dynamic_data(void **state)
{
    (void)state;
    /* The card's list does not ask for the random number. */
    fake_start(&card);
    card.ddol = "9A03";
    fake_build(&card);
    fake_rig(&card, &rig, &plain);
    run();
    expect_tvr("no random number in the DDOL", 0x08);
    /* No list of the card: the application's default. */
    fake_start(&card);
    card.ddol = NULL;
    fake_build(&card);
    fake_rig(&card, &rig, &plain);
    run();
    expect_tvr("default DDOL", 0x00);
    /* The card refuses the command. */
    fake_start(&card);
    card.internal_sw = 0x6985;
    fake_build(&card);
    fake_rig(&card, &rig, &plain);
    run();
    expect_tvr("INTERNAL AUTHENTICATE refused", 0x08);
}

/* The card's number has two to eight bytes and stands first (Book 2, 6.5.1). */
static void numbers_that_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *dynamic;
        unsigned tvr;
    } row[] = {{"02A1A2", 0},
               {"02A1A2FF", 0},
               {"01A1", 8},
               {"00", 8},
               {"", 8},
               {"03A1A2", 8},
               {"09A1A2A3A4A5A6A7A8A9", 8}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        fake_start(&card);
        card.dynamic = row[i].dynamic;
        fake_build(&card);
        fake_rig(&card, &rig, &plain);
        run();
        expect_tvr(row[i].dynamic, row[i].tvr);
    }
}

/* Terminal and card together choose the best that both have. */
static void what_both_can(void **state)
{
    (void)state;
    static const struct {
        uint8_t terminal, aip;
        enum emv_oda oda;
    } row[] = {
        {0xC8, 0x7D, EMV_ODA_CDA},  {0xC0, 0x7D, EMV_ODA_DDA},  {0x80, 0x5C, EMV_ODA_SDA},
        {0x40, 0x5C, EMV_ODA_NONE}, {0x00, 0x7D, EMV_ODA_NONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        fake_start(&card);
        card.aip[0] = row[i].aip;
        fake_build(&card);
        fake_rig(&card, &rig, &plain);
        rig.setup.terminal.capabilities[2] = row[i].terminal;
        run();
        assert_int_equal(rig.k.oda, row[i].oda);
        assert_int_equal(rig.k.tvr[0] & 0x80, row[i].oda == EMV_ODA_NONE ? 0x80 : 0);
    }
}

/* Padding of signatures that is not BB, under a hash that is right. */
static void padding_of_signatures(void **state)
{
    (void)state;
    static const uint8_t aips[] = {0x5C, 0x7C, 0x7D};
    for (size_t i = 0; i < ARRAY_LEN(aips); i++) {
        fake_start(&card);
        card.aip[0] = aips[i];
        card.padded = true;
        fake_build(&card);
        fake_rig(&card, &rig, &plain);
        run();
        expect_tvr("padding", expected_tvr(aips[i], false));
    }
}

/* A certificate is good to the end of its month. */
static void last_month(void **state)
{
    (void)state;
    static const struct {
        const char *until;
        unsigned tvr;
    } row[] = {{"1125", 0}, {"1025", 8}, {"1224", 8}, {"0126", 0}, {"1299", 8}, {"1325", 8}};
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        fake_start(&card);
        card.certified_until = row[i].until;
        fake_build(&card);
        fake_rig(&card, &rig, &plain);
        run();
        expect_tvr(row[i].until, row[i].tvr);
    }
}

/* A record of a file above SFI 10 is under authentication whole, template and all, and is not read.
 */
static void records_of_other_files(void **state)
{
    (void)state;
    fake_start(&card);
    card.far_record = true;
    fake_build(&card);
    fake_rig(&card, &rig, &plain);
    run();
    expect_tvr("record of SFI 12", 0);
    rig_assert_data(&rig, 0x5A, "6200000000000005");
    rig_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
}

/* What the issuer's certificate of the derived authority says of a key of 72 bytes. */
static err short_key(const struct fake_key *subject, enum fake_fault fault, struct emv_key *ret_key)
{
    static struct emv_data data;
    struct fake_certificate c = {0};
    fake_start(&card);
    fake_rig(&card, &rig, &plain);
    (void)rig_begin(&rig);
    fake_certify(&card.ca, subject, 2, "6200FFFF", "1230", NULL, 0, fault, &c);
    emv_data_wipe(&data);
    assert_ok(emv_data_put(&data, 0x5A, hex("6200000000000005")));
    assert_ok(emv_data_put(&data, 0x8F, hex("F1")));
    assert_ok(emv_data_put(&data, 0x90, bytes_of(c.at, c.len)));
    assert_ok(emv_data_put(&data, 0x9F32, hex("03")));
    assert_ok(emv_data_put(&data, 0x92, bytes_of(c.remainder, c.remainder_len)));
    struct emv_trust trust = {.parameters = &rig.parameters,
                              .data = &data,
                              .aid = rig.parameters.application[0].aid,
                              .date = {0x25, 0x11, 0x22}};
    return emv_issuer_key(&trust, ret_key);
}

/* A short key fills its certificate up with BB and has no remainder. */
static void short_keys(void **state)
{
    (void)state;
    struct fake_key subject = {.len = 72};
    struct emv_key key;
    memset(subject.n, 0xD5, sizeof subject.n);
    assert_ok(short_key(&subject, FAKE_GOOD, &key));
    assert_int_equal(key.modulus_len, 72);
    assert_memory_equal(key.modulus, subject.n, 72);
    assert_err(short_key(&subject, FAKE_LONG_REMAINDER, &key), LENGTH);
    assert_err(short_key(&subject, FAKE_BAD_PADDING, &key), FORMAT);
    subject.n[71] = 0xD4; /* an even modulus */
    assert_err(short_key(&subject, FAKE_GOOD, &key), FORMAT);
}

/* Appends the objects of a list of slots, two bytes a tag, and counts them. */
static void lay_out(const json_t *tags, const char *slots, struct writer *w, size_t *count)
{
    struct bytes slot = hex(slots);
    assert_int_equal(slot.len % 2, 0);
    for (size_t i = 0; i < slot.len; i += 2) {
        char name[9];
        uint32_t tag = (uint32_t)slot.at[i] << 8 | slot.at[i + 1];
        snprintf(name, sizeof name, "%02X", tag);
        tlv_write(w, tag, hex_at(tags, name));
        ++*count;
    }
}

/* All records and templates: each object of the profile is in one place, and in no other. */
static void each_object_has_one_place(const json_t *json, const json_t *tags)
{
    static const char *const list[] = {"record_layout_tag_lists", "templates"};
    static uint8_t block[2048];
    struct writer w = writer_over(block, sizeof block);
    const char *name;
    json_t *slots;
    size_t count = 0, inside = 0;
    for (size_t i = 0; i < ARRAY_LEN(list); i++) {
        json_object_foreach(json_object_get(json, list[i]), name, slots)
        {
            lay_out(tags, json_string_value(slots), &w, &count);
        }
    }
    assert_int_equal(count, json_object_size(tags));
    json_object_foreach((json_t *)tags, name, slots)
    {
        struct bytes value;
        assert_ok(tlv_find(writer_view(&w), (uint32_t)strtoul(name, NULL, 16), &value));
    }
    /* What the card says of itself at SELECT stands in A5 too. */
    w = writer_over(block, sizeof block);
    lay_out(tags, text_at(json_object_get(json, "templates"), "0005"), &w, &inside);
    assert_bytes(writer_view(&w), hex_at(tags, "A5"));
}

/* That program's settings are the PIN and the key that the profile gives elsewhere. */
static void settings_are_the_profiles(const json_t *json)
{
    const json_t *settings = json_object_get(json, "settings");
    assert_string_equal(text_at(settings, "0001"), text_at(json, "offline_pin"));
    assert_string_equal(text_at(settings, "0004"), text_at(json, "icc_modulus"));
    assert_string_equal(text_at(settings, "0005"), text_at(json, "icc_private_exponent"));
}

/* The published profile of another simulator: its chain is recovered, and its own key comes out. */
static void published_profile(void **state)
{
    (void)state;
    json_t *json = vectors("emv/virtual_cards/emv_card_simulator_profile.json");
    const json_t *tags = json_object_get(json, "tags"), *ca = json_object_get(json, "ca");
    static struct emv_data data;
    static const char *const wanted[] = {"5A",   "8F",   "90", "92",  "9F32",
                                         "9F46", "9F47", "82", "9F4A"};
    static uint8_t modulus[256], rid[5], index;
    struct emv_key issuer, icc;
    emv_data_wipe(&data);
    for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
        assert_ok(
            emv_data_put(&data, (uint32_t)strtoul(wanted[i], NULL, 16), hex_at(tags, wanted[i])));
    struct bytes n = hex_at(ca, "modulus");
    memcpy(modulus, n.at, n.len);
    memcpy(rid, hex_at(ca, "rid").at, 5);
    index = hex_at(ca, "index").at[0];
    rig_start(&rig);
    rig_add_application(&rig, &(struct rig_application){.aid = "AFFFFFFFFF1234"});
    rig_add_ca_key(&rig, BYTES_OF(rid), bytes_of(&index, 1), bytes_of(modulus, n.len),
                   hex_at(ca, "exponent"), "20301231");
    (void)rig_begin(&rig);
    uint8_t checksum[20];
    assert_ok(emv_ca_key_checksum(&rig.parameters.ca_key[0], checksum));
    assert_bytes(BYTES_OF(checksum), hex_at(ca, "checksum_sha1"));
    struct emv_trust trust = {.parameters = &rig.parameters,
                              .data = &data,
                              .aid = rig.parameters.application[0].aid,
                              .date = {0x18, 0x06, 0x01}};
    assert_ok(emv_issuer_key(&trust, &issuer));
    assert_bytes(emv_key_modulus(&issuer), hex_at(json, "issuer_modulus"));
    /* Its static data: the record of SFI 3 that the AFL marks, tag by tag in its layout. */
    uint8_t block[300];
    struct writer w = writer_over(block, sizeof block);
    size_t count = 0;
    lay_out(tags, text_at(json_object_get(json, "record_layout_tag_lists"), "sfi3_1"), &w, &count);
    assert_ok(emv_card_key(&trust, &issuer, writer_view(&w), &icc));
    assert_bytes(emv_key_modulus(&icc), hex_at(json, "icc_modulus"));
    const json_t *verified = json_object_get(json, "verified");
    assert_true(json_is_true(json_object_get(verified, "issuer_cert")));
    assert_true(json_is_true(json_object_get(verified, "icc_cert")));
    each_object_has_one_place(json, tags);
    settings_are_the_profiles(json);
    memcpy(trust.date, "\x49\x12\x31", 3);
    assert_err(emv_card_key(&trust, &issuer, writer_view(&w), &icc), RANGE); /* expired by then */
    vector_file_end(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_cards),
        cmocka_unit_test(numbers_of_the_card),
        cmocka_unit_test(faults_of_certificates),
        cmocka_unit_test(faults_of_signatures),
        cmocka_unit_test(faults_of_combined_signatures),
        cmocka_unit_test(combined_signature_online),
        cmocka_unit_test(authorities),
        cmocka_unit_test(static_tags),
        cmocka_unit_test(lists_for_dynamic_data),
        cmocka_unit_test(numbers_that_are_none),
        cmocka_unit_test(what_both_can),
        cmocka_unit_test(padding_of_signatures),
        cmocka_unit_test(last_month),
        cmocka_unit_test(records_of_other_files),
        cmocka_unit_test(short_keys),
        cmocka_unit_test(published_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
