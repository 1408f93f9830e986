/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passkeys, held against the vectors of Web Authentication level 3, section 16 (made by its
 * editors, not by us), and against everything that is near to them and wrong.
 */
#include "lib/auth/webauthn.h"

#include "lib/auth/cbor.h"
#include "tests/unit/scratch.h"

/* 16.2: ES256, no attestation. Its registration has no user verification, its log-in neither. */
static const char create_challenge[] =
    "00c30fb78531c464d2b6771dab8d7b603c01162f2fa486bea70f283ae556e130";
static const char create_client[] =
    "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a22414d4d507434557878"
    "475453746e63647134313759447742466938767049612d7077386f4f755657345441222c226f726967696e223a226874"
    "7470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c226578747261446174"
    "61223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e"
    "616c206669656c647320696e20746865206675747572652c207375636820617320746869733a20426b5165446a646354"
    "427258426941774a544c453551227d";
static const char create_object[] =
    "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735a"
    "e7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70"
    "189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20d"
    "b90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b"
    "9220";
static const char get_challenge[] =
    "39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408";
static const char get_authenticator[] =
    "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000";
static const char get_client[] =
    "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e5568515875"
    "6c5455506f334a5558543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a22"
    "68747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d";
static const char get_signature[] =
    "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b935381"
    "74f575bf11a1dd5d78c6e486013f937295ea13653e331e87";

/* 16.3: the same with self attestation, and with user verification. */
static const char packed_challenge[] =
    "7869c2b772d4b58eba9378cf8f29e26cf935aa77df0da89fa99c0bdc0a76f7e5";
static const char packed_client[] =
    "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a2265476e4374334c5574"
    "5936366b336a506a796e6962506b31716e666644616966715a774c33417032392d55222c226f726967696e223a226874"
    "7470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73652c226578747261446174"
    "61223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e"
    "616c206669656c647320696e20746865206675747572652c207375636820617320746869733a205539685458764b4532"
    "5552"
    "6b4d6e625f307859485667227d";
static const char packed_object[] =
    "a363666d74667061636b65646761747453746d74a263616c672663736967584630440220067a20754ab925005dbf3780"
    "97c92120031581c73228d1fb4f5b881bcd7da98302207fc7b147558c7c0eba3af18bd9d121fa3d3a26d17fe3f2202721"
    "78f473b6006d68617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4"
    "b55d00000000df850e09db6afbdfab51697791506cfc0020455ef34e2043a87db3d4afeb39bbcb6cc32df9347c789a86"
    "5ecdca129cbef58ca5010203262001215820eb151c8176b225cc651559fecf07af450fd85802046656b34c18f6cf1938"
    "43c5225820927b8aa427a2be1b8834d233a2d34f61f13bfd44119c325d5896e183fee484f2";

/* 16.4: made in a frame of another origin. */
static const char framed_challenge[] =
    "3be5aacd03537142472340ab5969f240f1d87716e20b6807ac230655fa4b3b49";
static const char framed_client[] =
    "7b2274797065223a22776562617574686e2e637265617465222c226368616c6c656e6765223a224f2d57717a514e5463"
    "554a484930437257576e7951504859647862694332674872434d475666704c4f306b222c226f726967696e223a226874"
    "7470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a747275652c22657874726144617461"
    "223a22636c69656e74446174614a534f4e206d617920626520657874656e6465642077697468206164646974696f6e61"
    "6c206669656c647320696e20746865206675747572652c207375636820617320746869733a207a5a7175457444523944"
    "577170573574425754467567227d";

struct octets {
    uint8_t at[1024];
    size_t len;
};

static struct octets octets(const char *hex)
{
    struct octets out = {.len = strlen(hex) / 2};
    assert_true(out.len <= sizeof out.at);
    for (size_t i = 0; i < out.len; i++) {
        char pair[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out.at[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return out;
}

static struct bytes view(const struct octets *o)
{
    return bytes_of(o->at, o->len);
}

static struct webauthn_site site(void)
{
    return (struct webauthn_site){BYTES("example.org"), BYTES("https://example.org"), true};
}

static struct webauthn_key registered(void)
{
    struct octets challenge = octets(create_challenge), client = octets(create_client),
                  object = octets(create_object);
    struct webauthn_site s = site();
    struct webauthn_key key;
    assert_ok(webauthn_register(&s, challenge.at, view(&client), view(&object), &key));
    return key;
}

static void the_vector_of_the_standard_registers_and_logs_in(void **state)
{
    (void)state;
    struct webauthn_key key = registered();
    struct octets id = octets("f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4");
    assert_int_equal(key.credential_len, id.len);
    assert_memory_equal(key.credential, id.at, id.len);
    assert_int_equal(key.public_key[0], 4);

    struct octets challenge = octets(get_challenge), client = octets(get_client),
                  data = octets(get_authenticator), signature = octets(get_signature);
    struct webauthn_site s = site();
    const struct webauthn_assertion shown = {view(&client), view(&data), view(&signature)};
    uint32_t counter = 99;
    assert_ok(webauthn_verify(&s, challenge.at, &key, &shown, &counter));
    assert_int_equal(counter, 0);
    /* A device that counted before and no longer does may be a copy. */
    key.counter = 1;
    assert_err(webauthn_verify(&s, challenge.at, &key, &shown, &counter), CONFLICT);
    /* Alone, without a password, the person must have been verified. */
    key.counter = 0;
    s.unverified = false;
    assert_err(webauthn_verify(&s, challenge.at, &key, &shown, &counter), DENIED);
}

static void what_is_for_somebody_else_is_refused(void **state)
{
    (void)state;
    struct octets challenge = octets(create_challenge), client = octets(create_client),
                  object = octets(create_object);
    struct webauthn_key key;
    struct webauthn_site s = site();
    s.rp_id = BYTES("example.com");
    assert_err(webauthn_register(&s, challenge.at, view(&client), view(&object), &key), IDENTITY);
    s = site();
    s.origin = BYTES("https://example.orgs");
    assert_err(webauthn_register(&s, challenge.at, view(&client), view(&object), &key), IDENTITY);
    s = site();
    challenge.at[31] ^= 1;
    assert_err(webauthn_register(&s, challenge.at, view(&client), view(&object), &key), IDENTITY);
    s.unverified = false;
    challenge.at[31] ^= 1;
    assert_err(webauthn_register(&s, challenge.at, view(&client), view(&object), &key), DENIED);
    /* What was made for a log-in registers nothing, and the other way round. */
    struct octets other = octets(get_challenge), login = octets(get_client);
    assert_err(webauthn_register(&s, other.at, view(&login), view(&object), &key), IDENTITY);
    struct octets framed = octets(framed_challenge), in_frame = octets(framed_client);
    assert_err(webauthn_register(&s, framed.at, view(&in_frame), view(&object), &key), IDENTITY);
    struct octets p = octets(packed_challenge), pc = octets(packed_client),
                  po = octets(packed_object);
    assert_err(webauthn_register(&s, p.at, view(&pc), view(&po), &key), UNSUPPORTED);
}

/* Every bit of the signed data and of the signature matters. */
static void no_altered_bit_verifies(void **state)
{
    (void)state;
    const struct webauthn_key key = registered();
    const struct octets challenge = octets(get_challenge);
    struct octets part[3] = {octets(get_client), octets(get_authenticator), octets(get_signature)};
    const struct webauthn_site s = site();
    uint32_t counter;
    for (size_t p = 0; p < ARRAY_LEN(part); p++) {
        for (size_t bit = 0; bit < part[p].len * 8; bit++) {
            part[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
            const struct webauthn_assertion shown = {view(&part[0]), view(&part[1]),
                                                     view(&part[2])};
            assert_true(FAILED(webauthn_verify(&s, challenge.at, &key, &shown, &counter)));
            part[p].at[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        for (size_t len = 0; len < part[p].len; len++) {
            struct webauthn_assertion shown = {view(&part[0]), view(&part[1]), view(&part[2])};
            struct bytes *cut = p == 0   ? &shown.client_data
                                : p == 1 ? &shown.authenticator_data
                                         : &shown.signature;
            cut->len = len;
            assert_true(FAILED(webauthn_verify(&s, challenge.at, &key, &shown, &counter)));
        }
    }
}

/* An attestation object that was cut off, or goes on, registers nothing; nor does a point that is
 * none. */
static void no_altered_object_registers(void **state)
{
    (void)state;
    const struct octets challenge = octets(create_challenge), client = octets(create_client);
    struct octets object = octets(create_object);
    const struct webauthn_site s = site();
    struct webauthn_key key;
    for (size_t len = 0; len < object.len; len++)
        assert_true(FAILED(
            webauthn_register(&s, challenge.at, view(&client), bytes_of(object.at, len), &key)));
    object.at[object.len] = 0;
    assert_err(webauthn_register(&s, challenge.at, view(&client),
                                 bytes_of(object.at, object.len + 1), &key),
               TRAILING);
    object.at[object.len - 1] ^= 1;
    assert_err(webauthn_register(&s, challenge.at, view(&client), view(&object), &key), KEY);
}

static void the_name_of_a_site_is_its_host(void **state)
{
    (void)state;
    const struct {
        const char *origin, *rp_id;
    } rows[] = {{"https://pay.example", "pay.example"},
                {"http://localhost:8080", "localhost"},
                {"https://pay.example:8443", "pay.example"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_true(
            bytes_equal(webauthn_rp_id(bytes_text(rows[i].origin)), bytes_text(rows[i].rp_id)));
}

/* RFC 8949 appendix A, and what its canonical form forbids. */
static void cbor_has_one_spelling(void **state)
{
    (void)state;
    const struct {
        const char *hex;
        bool right;
    } rows[] = {
        {"00", true},
        {"17", true},
        {"1818", true},
        {"1817", false},
        {"190100", true},
        {"1900ff", false},
        {"1a00010000", true},
        {"1a0000ffff", false},
        {"1b0000000100000000", false},
        {"20", true},
        {"40", true},
        {"4401020304", true},
        {"6161", true},
        {"80", true},
        {"83010203", true},
        {"a26161016162820203", true},
        {"f4", true},
        {"f6", true},
        {"f7", false},
        {"f90000", false},
        {"c074", false},
        {"5f42010243030405ff", false},
        {"9fff", false},
        {"ff", false},
        {"8301", false},
        {"4301", false},
        {"81818180", true},
        {"818181818180", false},
        {"9a00010000", false},
        {"", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct octets o = octets(rows[i].hex);
        struct reader r = reader_over(view(&o));
        cbor_skip(&r);
        if (FAILED(reader_finish(&r)) == rows[i].right) fail_msg("%s", rows[i].hex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_of_the_standard_registers_and_logs_in),
        cmocka_unit_test(what_is_for_somebody_else_is_refused),
        cmocka_unit_test(no_altered_bit_verifies),
        cmocka_unit_test(no_altered_object_registers),
        cmocka_unit_test(the_name_of_a_site_is_its_host),
        cmocka_unit_test(cbor_has_one_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
