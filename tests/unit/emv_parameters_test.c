/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: the document of parameters: the published CA keys pass with their checksums, as TLV of the
 * UnionPay network too; every fault of a document is a refusal that says where.
 */
#include "lib/crypto/rsa.h"
#include "lib/emv/parameters.h"
#include "tests/unit/crypto_vectors.h"

#define HEAD "DF81010101DF81020400000007"
#define APPLICATION_REST \
    "DF010100"           \
    "9F08020030"         \
    "DF1105D84000A800"   \
    "DF1205D84004F800"   \
    "DF13050010000000"   \
    "9F1B0400001388"     \
    "DF150400000100"     \
    "DF160199"           \
    "DF170120"           \
    "DF14039F3704"       \
    "DF180101"
#define APPLICATION \
    "E14C"          \
    "9F0608A000000333010101" APPLICATION_REST

static struct emv_parameters parameters;
static struct emv_parameters_fault fault;
static uint8_t document[EMV_PARAMETERS_MAX + 8];

/* The texts one after the other as the document. */
static struct bytes document_of(const char *a, const char *b)
{
    size_t first, second;
    assert_ok(hex_decode(bytes_text(a), document, sizeof document, &first));
    assert_ok(hex_decode(bytes_text(b), document + first, sizeof document - first, &second));
    return bytes_of(document, first + second);
}

static const char *parse(const char *a, const char *b)
{
    return err_name(emv_parameters_parse(document_of(a, b), &parameters, &fault));
}

static void an_application(void **state)
{
    (void)state;
    assert_string_equal(parse(HEAD APPLICATION, ""), "OK");
    assert_int_equal(parameters.number, 7);
    assert_int_equal(parameters.applications, 1);
    const struct emv_application *a = &parameters.application[0];
    assert_bytes(a->aid, hex("A000000333010101"));
    assert_true(a->partial);
    assert_true(a->online_pin);
    assert_memory_equal(a->version, "\x00\x30", 2);
    assert_memory_equal(a->tac_denial, "\x00\x10\x00\x00\x00", 5);
    assert_memory_equal(a->tac_online, "\xD8\x40\x04\xF8\x00", 5);
    assert_memory_equal(a->tac_default, "\xD8\x40\x00\xA8\x00", 5);
    assert_int_equal(a->floor_limit, 5000);
    assert_int_equal(a->threshold, 256);
    assert_int_equal(a->maximum_percent, 99);
    assert_int_equal(a->target_percent, 20);
    assert_bytes(a->ddol, hex("9F3704"));
    assert_int_equal(a->tap_limit_minor, -1);
    assert_int_equal(parameters.limits.tap_free_minor, -1);
}

static void names(void **state)
{
    (void)state;
    /* A shorter name that may be partial, a longer one, and one that may not. */
    static const char rest[] = "E149"
                               "9F0605A000000333" APPLICATION_REST "E14C"
                               "9F0608A000000333010101" APPLICATION_REST "E14B"
                               "9F0607A0000000031010"
                               "DF010101"
                               "9F08020030"
                               "DF1105D84000A800"
                               "DF1205D84004F800"
                               "DF13050010000000"
                               "9F1B0400001388"
                               "DF150400000100"
                               "DF160199"
                               "DF170120"
                               "DF14039F3704"
                               "DF180101";
    assert_string_equal(parse(HEAD, rest), "OK");
    const struct emv_application *row = parameters.application;
    assert_ptr_equal(emv_parameters_application(&parameters, hex("A000000333010101")), &row[1]);
    assert_ptr_equal(emv_parameters_application(&parameters, hex("A00000033301010199")), &row[1]);
    assert_ptr_equal(emv_parameters_application(&parameters, hex("A000000333010102")), &row[0]);
    assert_ptr_equal(emv_parameters_application(&parameters, hex("A0000000031010")), &row[2]);
    assert_null(emv_parameters_application(&parameters, hex("A000000003101001")));
    assert_null(emv_parameters_application(&parameters, hex("A0000000043060")));
}

static void refused_documents(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
        uint32_t tag;
    } row[] = {
        {"MISSING", APPLICATION, 0},                   /* no version */
        {"NEWER", "DF81010102", 0},                    /* another form */
        {"EXISTS", "DF81010101DF81010101", 0},         /* the version twice */
        {"MISSING", "DF81010101" APPLICATION, 0},      /* no number */
        {"MISSING", HEAD, 0},                          /* no application */
        {"EXISTS", HEAD APPLICATION APPLICATION, 0},   /* an application twice */
        {"FIELD", HEAD "E600", 0},                     /* an unknown entry */
        {"FIELD", HEAD "E1035A0162", 0x5A},            /* an unknown object in one */
        {"LENGTH", HEAD "E1079F0604A0000003", 0x9F06}, /* a name too short */
        {"MISSING", HEAD "E10B9F0608A000000333010101", 0xDF01},
        {"EXISTS", HEAD "E108DF010100DF010100", 0xDF01},
        {"RANGE", HEAD "E104DF010102", 0xDF01},
        {"FORMAT", HEAD "E104DF16019A", 0xDF16},           /* a percentage is two digits */
        {"FORMAT", HEAD "E1099F7B06000000A00000", 0x9F7B}, /* an amount is twelve */
        {"SHORT", HEAD "E15A9F06", 0},
        {"MISSING", HEAD APPLICATION "E3045F340101", 0x5A},
        {"FORMAT", HEAD APPLICATION "E30A5A0862F0000000000005", 0},
        {"EXISTS", HEAD APPLICATION "E500E500", 0},
        {"SHORT", /* a list that is none */
         HEAD "E14B9F0608A000000333010101DF0101009F08020030DF1105D84000A800DF1205D84004F800DF130500"
              "100000009F1B0400001388DF150400000100DF160199DF170120DF14029F37DF180101",
         0},
    };
    struct emv_parameters before;
    assert_string_equal(parse(HEAD APPLICATION, ""), "OK");
    memcpy(&before, &parameters, sizeof before);
    for (size_t i = 0; i < ARRAY_LEN(row); i++) {
        const char *got = parse(row[i].text, "");
        if (strcmp(got, row[i].name) != 0) fail_msg("%s: %s", row[i].text, got);
        assert_int_equal(fault.tag, row[i].tag);
        assert_memory_equal(&before, &parameters, sizeof before); /* untouched */
    }
    static uint8_t huge[EMV_PARAMETERS_MAX + 1];
    assert_err(emv_parameters_parse(BYTES_OF(huge), &parameters, &fault), LENGTH);
}

/* An E2 entry out of a row of the published keys. */
static size_t ca_entry(const json_t *row, const char *date, uint8_t *out, size_t max)
{
    uint8_t inner[400];
    struct writer w = writer_over(inner, sizeof inner), all = writer_over(out, max);
    tlv_write(&w, 0x9F06, hex_at(row, "rid"));
    tlv_write(&w, 0x9F22, hex_at(row, "index"));
    tlv_write(&w, 0xDF05, bytes_text(date));
    tlv_write(&w, 0xDF06, hex("01"));
    tlv_write(&w, 0xDF07, hex("01"));
    tlv_write(&w, 0xDF02, hex_at(row, "modulus"));
    tlv_write(&w, 0xDF04, hex_at(row, "exponent"));
    tlv_write(&w, 0xDF03, hex_at(row, "sha1_checksum"));
    assert_int_equal(w.fault, ERR_OK);
    tlv_write(&all, 0xE2, writer_view(&w));
    assert_int_equal(all.fault, ERR_OK);
    return all.len;
}

/* Every published key is taken, found again, and refused when one bit of it is another. */
static void check_published(const char *file, size_t count)
{
    json_t *json = vectors(file);
    const json_t *keys = json_object_get(json, "keys");
    json_t *row;
    size_t i;
    assert_int_equal(json_array_size(keys), count);
    json_array_foreach(keys, i, row)
    {
        size_t head = document_of(HEAD APPLICATION, "").len;
        size_t len = head + ca_entry(row, "20301231", document + head, sizeof document - head);
        assert_ok(emv_parameters_parse(bytes_of(document, len), &parameters, &fault));
        struct bytes rid = hex_at(row, "rid");
        const struct emv_ca_key *key =
            emv_parameters_ca_key(&parameters, rid, hex_at(row, "index").at[0]);
        assert_non_null(key);
        assert_bytes(key->modulus, hex_at(row, "modulus"));
        assert_memory_equal(key->expiry, "\x30\x12\x31", 3);
        document[len - 30] ^= 2; /* in the modulus */
        assert_err(emv_parameters_parse(bytes_of(document, len), &parameters, &fault), KCV);
        assert_int_equal(fault.offset, head);
    }
    vector_file_end(json);
}

/* Other values of four of these indexes, for personalising test cards: their own checksum fits. */
static void check_alternates(void)
{
    json_t *json = vectors("emv/capk_unionpay.json"), *row;
    const json_t *keys =
        json_object_get(json_object_get(json, "card_personalisation_test_keys"), "keys");
    size_t i;
    assert_int_equal(json_array_size(keys), 4);
    json_array_foreach(keys, i, row)
    {
        struct bytes modulus = hex_at(row, "modulus");
        const struct bytes part[] = {BYTES("\xA0\x00\x00\x03\x33"), hex_at(row, "index"), modulus,
                                     hex_at(row, "exponent")};
        uint8_t digest[RSA_SHA1_BYTES];
        assert_ok(rsa_sha1(part, 4, digest));
        assert_bytes(BYTES_OF(digest), hex_at(row, "sha1_checksum_computed"));
        assert_int_equal(8 * modulus.len, json_integer_value(json_object_get(row, "bits")));
    }
    vector_file_end(json);
}

static void published_keys_of_unionpay(void **state)
{
    (void)state;
    check_published("emv/capk_unionpay.json", 10);
}

static void other_keys_of_unionpay(void **state)
{
    (void)state;
    check_alternates();
}

static void published_keys_of_others(void **state)
{
    (void)state;
    check_published("emv/capk_visa_mc_amex.json", 30);
}

/* What the network sends over 0800/370 goes into an entry as it is. */
static void keys_as_the_network_sends_them(void **state)
{
    (void)state;
    json_t *json = vectors("emv/capk_unionpay.json");
    json_t *row;
    size_t i, seen = 0;
    json_array_foreach(json_object_get(json, "keys"), i, row)
    {
        if (!json_is_string(json_object_get(row, "cup_0800_370_tlv"))) continue;
        size_t head = document_of(HEAD APPLICATION, "").len;
        struct writer w = writer_over(document + head, sizeof document - head);
        tlv_write(&w, 0xE2, hex_at(row, "cup_0800_370_tlv"));
        assert_ok(emv_parameters_parse(bytes_of(document, head + w.len), &parameters, &fault));
        assert_bytes(parameters.ca_key[0].modulus, hex_at(row, "modulus"));
        uint8_t checksum[20];
        assert_ok(emv_ca_key_checksum(&parameters.ca_key[0], checksum));
        assert_bytes(BYTES_OF(checksum), hex_at(row, "sha1_checksum"));
        seen++;
    }
    assert_true(seen >= 4);
    vector_file_end(json);
}

static void exceptions_revocations_limits(void **state)
{
    (void)state;
    assert_string_equal(parse(HEAD APPLICATION, "E30A5A086200000000000005"
                                                "E30E5A0862000000000000135F340101"
                                                "E30C5A0A6217001234567890123F"
                                                "E4139F0605A0000003339F2201F1DF810403010203"
                                                "E514DF810506000000100000DF810606000001000000"),
                        "OK");
    const struct emv_parameters *p = &parameters;
    assert_true(emv_parameters_excepted(p, hex("6200000000000005FFFF"), 1));
    assert_true(emv_parameters_excepted(p, hex("6200000000000005"), -1));
    assert_true(emv_parameters_excepted(p, hex("6200000000000013"), 1));
    assert_false(emv_parameters_excepted(p, hex("6200000000000013"), 2));
    assert_false(emv_parameters_excepted(p, hex("6200000000000021"), 1));
    assert_true(emv_parameters_excepted(p, hex("6217001234567890123F"), -1));
    struct bytes rid = hex("A000000333");
    assert_true(emv_parameters_revoked(p, rid, 0xF1, hex("010203")));
    assert_false(emv_parameters_revoked(p, rid, 0xF1, hex("010204")));
    assert_false(emv_parameters_revoked(p, rid, 0xF0, hex("010203")));
    assert_int_equal(p->limits.tap_free_minor, 100000);
    assert_int_equal(p->limits.offline_total_minor, 1000000);
    assert_int_equal(p->limits.offline_days, 0);
}

/* S89: all of the risk of payments without the host is given, or there are none. */
static void limits_without_the_host(void **state)
{
    (void)state;
    assert_string_equal(parse(HEAD APPLICATION, "E521DF810606000001000000DF81070400000005"
                                                "DF810806000000020000DF81090107"),
                        "OK");
    const struct emv_limits *l = &parameters.limits;
    assert_int_equal(l->offline_total_minor, 1000000);
    assert_int_equal(l->offline_count, 5);
    assert_int_equal(l->offline_each_minor, 20000);
    assert_int_equal(l->offline_days, 7);
    static const char *const incomplete[] = {"E508DF81070400000005", "E505DF81090107",
                                             "E517DF81070400000005DF810806000000020000DF81090107"};
    for (size_t i = 0; i < ARRAY_LEN(incomplete); i++)
        assert_string_not_equal(parse(HEAD APPLICATION, incomplete[i]), "OK");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_application),
        cmocka_unit_test(names),
        cmocka_unit_test(refused_documents),
        cmocka_unit_test(published_keys_of_unionpay),
        cmocka_unit_test(other_keys_of_unionpay),
        cmocka_unit_test(published_keys_of_others),
        cmocka_unit_test(keys_as_the_network_sends_them),
        cmocka_unit_test(exceptions_revocations_limits),
        cmocka_unit_test(limits_without_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
