/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A card inside the test, with the derived card's keys, that can be told to lie: in its
 * certificates, in its records, in any answer.
 */

#include "lib/crypto/rsa.h"
#include "tests/unit/emv_card.h"
#include "tests/unit/emv_rig.h"

struct fake_key {
    uint8_t n[256], d[256];
    size_t len, d_len;
};

/* What is wrong with a certificate or a signature. */
/* clang-format off */
#define FAKE_FAULT_LIST(X)                                                                         \
    X(GOOD) X(TRAILER) X(HEADER) X(FORMAT) X(HASH) X(HASH_ALGORITHM) X(KEY_ALGORITHM) X(EXPIRED)   \
    X(OTHER_NUMBER) X(LONGER_KEY) X(NO_REMAINDER) X(SHORT_REMAINDER) X(EXPONENT_LENGTH) X(SHORTER) \
    X(ABSENT) X(NO_EXPONENT) X(BAD_EXPONENT) X(LONG_REMAINDER) X(BAD_PADDING)
/* clang-format on */

enum fake_fault {
#define X(name) FAKE_##name,
    FAKE_FAULT_LIST(X)
#undef X
        FAKE_FAULTS
};

static const char *const fake_fault_text[] = {
#define X(name) #name,
    FAKE_FAULT_LIST(X)
#undef X
};

struct fake_record {
    uint8_t sfi, number;
    bool covered;
    uint8_t at[255];
    size_t len;
};

struct fake_card {
    struct fake_key ca, issuer, icc;
    /* what it says; texts are hex, NULL is left out */
    const char *aid, *pdol, *pan, *track, *expiry, *effective, *version, *usage, *country, *cvm,
        *iac_default, *iac_denial, *iac_online, *cdol1, *cdol2, *ddol, *static_tags, *limits,
        *currency, *more;
    uint8_t aip[2];
    uint8_t ca_index;
    bool options_77, cryptogram_77;
    bool far_record;             /* one of SFI 12 is under authentication too */
    bool padded;                 /* what is left of a signed block is no BB */
    const char *certified_until; /* MMYY of both certificates */
    const char *dynamic;         /* what INTERNAL AUTHENTICATE signs */
    const char *sequence;        /* 5F34 */
    enum fake_fault issuer_fault, card_fault, signature_fault; /* the last: SDA, DDA, CDA */
    /* what it decides */
    uint8_t first_cid, second_cid; /* the most it gives */
    const char *pin;
    int tries; /* -1: does not tell */
    uint16_t counter, last_online;
    uint16_t internal_sw, external_sw, script_sw, challenge_sw;
    /* what it has heard */
    uint8_t pdol_data[255], cdol1_data[255], cdol2_data[255];
    size_t pdol_len, cdol1_len, cdol2_len;
    unsigned generated, scripts, verified;
    /* its records */
    struct fake_record record[8];
    size_t records;
    uint8_t static_data[1024];
    size_t static_len;
    uint8_t answer[300];
    struct writer out;
};

static inline void fake_key_from(struct fake_key *key, const json_t *object)
{
    struct bytes n = hex_at(object, "modulus"), d = hex_at(object, "d");
    memcpy(key->n, n.at, n.len);
    memcpy(key->d, d.at, d.len);
    key->len = n.len;
    key->d_len = d.len;
}

static inline void fake_start(struct fake_card *card)
{
    json_t *json = vector_file_whole(CARD_VECTORS);
    memset(card, 0, sizeof *card);
    fake_key_from(&card->ca, json_object_get(json, "ca"));
    fake_key_from(&card->issuer, json_object_get(json, "issuer"));
    fake_key_from(&card->icc, json_object_get(json, "icc"));
    json_decref(json);
    card->aid = "A000000333010101";
    card->pan = "6200000000000005";
    card->track = "6200000000000005D30122200000000000";
    card->expiry = "301231";
    card->effective = "200101";
    card->version = "0030";
    card->usage = "FF00";
    card->country = "0156";
    card->cvm = "00000000000000001F00";
    card->iac_default = card->iac_denial = card->iac_online = "0000000000";
    card->cdol1 = "9F02069F03069F1A0295055F2A029A039C019F3704";
    card->cdol2 = "8A029F02069F03069F1A0295055F2A029A039C019F3704";
    card->ddol = "9F3704";
    card->static_tags = "82";
    card->ca_index = 0xF1;
    card->aip[0] = 0x7C;
    card->certified_until = "1230";
    card->sequence = "01";
    card->dynamic = "080102030405060708";
    card->first_cid = 0x40;
    card->second_cid = 0x40;
    card->tries = 3;
    card->counter = 0x21;
    card->last_online = 0x20;
    card->internal_sw = card->external_sw = card->script_sw = card->challenge_sw = 0x9000;
}

/* ---- signing ---- */

static inline void fake_raise(const struct fake_key *key, const uint8_t *plain, uint8_t *out)
{
    assert_ok(rsa_private_raw(bytes_of(key->n, key->len), bytes_of(key->d, key->d_len),
                              bytes_of(plain, key->len), out));
}

/* Header, body, hash over body and more, trailer; spoiled as told; signed. */
static inline void fake_sign(const struct fake_key *key, struct bytes body,
                             const struct bytes *more, size_t parts, enum fake_fault fault,
                             uint8_t *out)
{
    uint8_t plain[256];
    struct bytes part[8] = {body};
    assert_int_equal(body.len, key->len - 22);
    for (size_t i = 0; i < parts; i++) part[1 + i] = more[i];
    plain[0] = fault == FAKE_HEADER ? 0x6B : 0x6A;
    memcpy(plain + 1, body.at, body.len);
    assert_ok(rsa_sha1(part, 1 + parts, plain + 1 + body.len));
    if (fault == FAKE_HASH) plain[key->len - 2] ^= 1;
    plain[key->len - 1] = fault == FAKE_TRAILER ? 0xBD : 0xBC;
    fake_raise(key, plain, out);
}

/* A certificate for `subject` by `signer`: its own bytes, and the remainder that did not fit. */
struct fake_certificate {
    uint8_t at[256], remainder[256];
    size_t len, remainder_len;
    const char *exponent; /* hex */
};

static inline void fake_certify(const struct fake_key *signer, const struct fake_key *subject,
                                uint8_t format, const char *number, const char *until,
                                const struct bytes *more, size_t parts, enum fake_fault fault,
                                struct fake_certificate *out)
{
    uint8_t body[256];
    struct writer w = writer_over(body, signer->len - 22);
    write_be(&w, fault == FAKE_FORMAT ? 9 : format, 1);
    write_bytes(&w, hex(number));
    write_bytes(&w, hex(fault == FAKE_EXPIRED ? "1025" : until));
    write_bytes(&w, hex("000001"));
    write_be(&w, fault == FAKE_HASH_ALGORITHM ? 2 : 1, 1);
    write_be(&w, fault == FAKE_KEY_ALGORITHM ? 2 : 1, 1);
    write_be(&w, fault == FAKE_LONGER_KEY ? signer->len + 8 : subject->len, 1);
    write_be(&w, fault == FAKE_EXPONENT_LENGTH ? 3 : 1, 1);
    size_t left = w.max - w.len;
    size_t carried = subject->len < left ? subject->len : left;
    write_bytes(&w, bytes_of(subject->n, carried));
    while (w.len < w.max) write_be(&w, fault == FAKE_BAD_PADDING ? 0xBA : 0xBB, 1);
    assert_int_equal(w.fault, ERR_OK);
    out->remainder_len = subject->len - carried;
    memcpy(out->remainder, subject->n + carried, out->remainder_len);
    if (fault == FAKE_LONGER_KEY)
        while (carried + out->remainder_len < signer->len + 8)
            out->remainder[out->remainder_len++] = 0x11;
    if (fault == FAKE_SHORT_REMAINDER) out->remainder_len--;
    if (fault == FAKE_LONG_REMAINDER) out->remainder[out->remainder_len++] = 0x11;
    out->exponent = fault == FAKE_BAD_EXPONENT ? "05" : "03";
    struct bytes hashed[6] = {bytes_of(out->remainder, out->remainder_len), hex(out->exponent)};
    for (size_t i = 0; i < parts; i++) hashed[2 + i] = more[i];
    fake_sign(signer, writer_view(&w), hashed, 2 + parts, fault, out->at);
    out->len = signer->len - (fault == FAKE_SHORTER);
    if (fault == FAKE_ABSENT) out->len = 0;
    if (fault == FAKE_NO_REMAINDER) out->remainder_len = 0;
    if (fault == FAKE_NO_EXPONENT) out->exponent = NULL;
}

/* ---- records ---- */

static inline void fake_object(struct writer *w, uint32_t tag, const char *text)
{
    if (text != NULL) tlv_write(w, tag, hex(text));
}

static inline void fake_record_add(struct fake_card *card, uint8_t sfi, bool covered,
                                   const struct writer *objects)
{
    struct fake_record *r = &card->record[card->records];
    struct writer w = writer_over(r->at, sizeof r->at);
    assert_int_equal(objects->fault, ERR_OK);
    tlv_write(&w, 0x70, writer_view(objects));
    assert_int_equal(w.fault, ERR_OK);
    r->sfi = sfi;
    r->covered = covered;
    r->len = w.len;
    r->number = 1;
    for (size_t i = 0; i < card->records; i++)
        if (card->record[i].sfi == sfi) r->number++;
    card->records++;
    if (!covered) return;
    struct bytes hashed = sfi <= 10 ? writer_view(objects) : writer_view(&w);
    memcpy(card->static_data + card->static_len, hashed.at, hashed.len);
    card->static_len += hashed.len;
}

static inline void fake_number(const char *pan, size_t bytes, char *out)
{
    memset(out, 'F', 2 * bytes);
    memcpy(out, pan, strlen(pan));
    out[2 * bytes] = '\0';
}

static inline struct bytes fake_aip_if_signed(const struct fake_card *card)
{
    return card->static_tags != NULL && strncmp(card->static_tags, "82", 2) == 0
               ? bytes_of(card->aip, 2)
               : (struct bytes){0};
}

static inline void fake_build_issuer(struct fake_card *card)
{
    uint8_t block[250];
    char number[9];
    struct fake_certificate c = {0};
    struct writer w = writer_over(block, sizeof block);
    fake_number(card->issuer_fault == FAKE_OTHER_NUMBER ? "621" : "6200", 4, number);
    fake_certify(&card->ca, &card->issuer, 2, number, card->certified_until, NULL, 0,
                 card->issuer_fault, &c);
    tlv_write(&w, 0x8F, bytes_of(&card->ca_index, 1));
    fake_object(&w, 0x9F32, c.exponent);
    if (c.remainder_len > 0) tlv_write(&w, 0x92, bytes_of(c.remainder, c.remainder_len));
    if (c.len > 0) tlv_write(&w, 0x90, bytes_of(c.at, c.len));
    fake_record_add(card, 3, false, &w);
}

static inline void fake_build_card_key(struct fake_card *card)
{
    uint8_t block[250];
    char number[21];
    struct fake_certificate c = {0};
    struct writer w = writer_over(block, sizeof block);
    const struct bytes more[] = {bytes_of(card->static_data, card->static_len),
                                 fake_aip_if_signed(card)};
    fake_number(card->card_fault == FAKE_OTHER_NUMBER ? "6200000000000013" : card->pan, 10, number);
    fake_certify(&card->issuer, &card->icc, 4, number, card->certified_until, more, 2,
                 card->card_fault, &c);
    fake_object(&w, 0x9F47, c.exponent);
    if (c.remainder_len > 0) tlv_write(&w, 0x9F48, bytes_of(c.remainder, c.remainder_len));
    if (c.len > 0) tlv_write(&w, 0x9F46, bytes_of(c.at, c.len));
    fake_record_add(card, 3, false, &w);
}

static inline void fake_build_static(struct fake_card *card)
{
    uint8_t block[250], body[256], signature[256];
    struct writer w = writer_over(block, sizeof block);
    struct writer b = writer_over(body, card->issuer.len - 22);
    const struct bytes more[] = {bytes_of(card->static_data, card->static_len),
                                 fake_aip_if_signed(card)};
    enum fake_fault fault = card->signature_fault;
    write_be(&b, fault == FAKE_FORMAT ? 9 : 3, 1);
    write_be(&b, fault == FAKE_HASH_ALGORITHM ? 2 : 1, 1);
    write_bytes(&b, hex("DAC1"));
    while (b.len < b.max) write_be(&b, card->padded ? 0xBA : 0xBB, 1);
    fake_sign(&card->issuer, writer_view(&b), more, 2, fault, signature);
    size_t len = card->issuer.len - (fault == FAKE_SHORTER);
    if (fault != FAKE_ABSENT) tlv_write(&w, 0x93, bytes_of(signature, len));
    else tlv_write(&w, 0x9F69, hex("00"));
    fake_record_add(card, 3, false, &w);
}

/* Makes records and certificates of what was set. */
static inline void fake_build(struct fake_card *card)
{
    uint8_t first[250], second[250];
    struct writer w = writer_over(first, sizeof first), v = writer_over(second, sizeof second);
    card->records = 0;
    card->static_len = 0;
    fake_object(&w, 0x5F25, card->effective);
    fake_object(&w, 0x5F24, card->expiry);
    fake_object(&w, 0x9F07, card->usage);
    fake_object(&w, 0x5A, card->pan);
    fake_object(&w, 0x5F34, card->sequence);
    fake_object(&w, 0x8E, card->cvm);
    fake_object(&w, 0x9F0D, card->iac_default);
    fake_object(&w, 0x9F0E, card->iac_denial);
    fake_object(&w, 0x9F0F, card->iac_online);
    fake_object(&w, 0x5F28, card->country);
    fake_object(&w, 0x9F4A, card->static_tags);
    fake_record_add(card, 1, true, &w);
    uint8_t third[20];
    struct writer far = writer_over(third, sizeof third);
    tlv_write(&far, 0x5A, hex("6200000000000013")); /* nobody reads what stands there */
    if (card->far_record) fake_record_add(card, 12, true, &far);
    fake_object(&v, 0x57, card->track);
    fake_object(&v, 0x8C, card->cdol1);
    fake_object(&v, 0x8D, card->cdol2);
    fake_object(&v, 0x9F49, card->ddol);
    fake_object(&v, 0x9F08, card->version);
    fake_object(&v, 0x9F42, card->currency);
    if (card->limits != NULL) write_bytes(&v, hex(card->limits));
    if (card->more != NULL) write_bytes(&v, hex(card->more));
    fake_record_add(card, 2, false, &v);
    fake_build_issuer(card);
    if ((card->aip[0] & 0x61) == 0x40) fake_build_static(card);
    else fake_build_card_key(card);
}

/* ---- answers ---- */

static inline void fake_select(struct fake_card *card, struct bytes name)
{
    uint8_t block[200], inner[200], all[250];
    struct writer w = writer_over(block, sizeof block), v = writer_over(inner, sizeof inner);
    struct writer a = writer_over(all, sizeof all);
    if (!bytes_equal(name, hex(card->aid))) {
        write_be(&card->out, 0x6A82, 2);
        return;
    }
    tlv_write(&v, 0x50, BYTES("TEST"));
    fake_object(&v, 0x9F38, card->pdol);
    tlv_write(&w, 0x84, name);
    tlv_write(&w, 0xA5, writer_view(&v));
    tlv_write(&a, 0x6F, writer_view(&w));
    write_bytes(&card->out, writer_view(&a));
    write_be(&card->out, 0x9000, 2);
}

static inline void fake_options(struct fake_card *card, struct bytes data)
{
    uint8_t afl[32], block[80];
    struct writer w = writer_over(afl, sizeof afl), v = writer_over(block, sizeof block);
    card->pdol_len = data.len - 2;
    memcpy(card->pdol_data, data.at + 2, card->pdol_len);
    for (size_t i = 0; i < card->records; i++) {
        const struct fake_record *r = &card->record[i];
        write_be(&w, r->sfi << 3, 1);
        write_be(&w, r->number, 1);
        write_be(&w, r->number, 1);
        write_be(&w, r->covered, 1);
    }
    if (card->options_77) {
        tlv_write(&v, 0x82, bytes_of(card->aip, 2));
        tlv_write(&v, 0x94, writer_view(&w));
    } else {
        write_bytes(&v, bytes_of(card->aip, 2));
        write_bytes(&v, writer_view(&w));
    }
    tlv_write(&card->out, card->options_77 ? 0x77 : 0x80, writer_view(&v));
    write_be(&card->out, 0x9000, 2);
}

static inline void fake_read(struct fake_card *card, uint8_t number, uint8_t sfi)
{
    for (size_t i = 0; i < card->records; i++)
        if (card->record[i].sfi == sfi && card->record[i].number == number) {
            write_bytes(&card->out, bytes_of(card->record[i].at, card->record[i].len));
            write_be(&card->out, 0x9000, 2);
            return;
        }
    write_be(&card->out, 0x6A83, 2);
}

/* Signed dynamic data: the dynamic part, and what is hashed behind it. */
static inline void fake_dynamic(struct fake_card *card, struct bytes dynamic, struct bytes more,
                                uint8_t signature[256])
{
    uint8_t body[256];
    enum fake_fault fault = card->signature_fault;
    struct writer b = writer_over(body, card->icc.len - 22);
    write_be(&b, fault == FAKE_FORMAT ? 9 : 5, 1);
    write_be(&b, fault == FAKE_HASH_ALGORITHM ? 2 : 1, 1);
    write_be(&b, fault == FAKE_LONGER_KEY ? 0xF0 : dynamic.len, 1);
    write_bytes(&b, dynamic);
    while (b.len < b.max) write_be(&b, card->padded ? 0xBA : 0xBB, 1);
    fake_sign(&card->icc, writer_view(&b), &more, 1, fault, signature);
}

static inline void fake_internal(struct fake_card *card, struct bytes data)
{
    uint8_t signature[256], inner[260];
    struct writer v = writer_over(inner, sizeof inner);
    if (card->internal_sw == 0x9000) {
        fake_dynamic(card, hex(card->dynamic), data, signature);
        struct bytes whole =
            bytes_of(signature, card->icc.len - (card->signature_fault == FAKE_SHORTER));
        if (card->options_77) {
            if (card->signature_fault != FAKE_ABSENT) tlv_write(&v, 0x9F4B, whole);
            tlv_write(&card->out, 0x77, writer_view(&v));
        } else {
            tlv_write(&card->out, 0x80, whole);
        }
    }
    write_be(&card->out, card->internal_sw, 2);
}

static inline void fake_get_data(struct fake_card *card, uint8_t low)
{
    uint16_t tag = (uint16_t)(0x9F00 | low);
    if (low == 0x17 && card->tries >= 0) {
        uint8_t tries = (uint8_t)card->tries;
        tlv_write(&card->out, tag, bytes_of(&tries, 1));
    } else if (low == 0x36 || low == 0x13) {
        uint16_t value = low == 0x36 ? card->counter : card->last_online;
        const uint8_t two[2] = {(uint8_t)(value >> 8), (uint8_t)value};
        if (value != 0xFFFF) tlv_write(&card->out, tag, BYTES_OF(two));
    }
    write_be(&card->out, card->out.len > 0 ? 0x9000 : 0x6A88, 2);
}

static inline const uint8_t *fake_challenge(void)
{
    return (const uint8_t *)"\xC1\xC2\xC3\xC4\xC5\xC6\xC7\xC8";
}

static inline void fake_verify(struct fake_card *card, bool enciphered, struct bytes data)
{
    uint8_t plain[256], block[8];
    char digits[20];
    size_t count;
    card->verified++;
    if (enciphered) {
        assert_ok(rsa_private_raw(bytes_of(card->icc.n, card->icc.len),
                                  bytes_of(card->icc.d, card->icc.d_len), data, plain));
        assert_int_equal(plain[0], 0x7F);
        assert_memory_equal(plain + 9, fake_challenge(), 8);
        memcpy(block, plain + 1, 8);
    } else {
        assert_int_equal(data.len, 8);
        memcpy(block, data.at, 8);
    }
    assert_int_equal(block[0] >> 4, 2);
    assert_ok(emv_digits(bytes_of(block + 1, 7), digits, 14, &count));
    assert_int_equal(count, block[0] & 15);
    bool right = card->pin != NULL && strcmp(digits, card->pin) == 0 && card->tries != 0;
    if (right) card->tries = 3;
    else if (card->tries > 0) card->tries--;
    write_be(&card->out, right ? 0x9000u : 0x63C0u | (unsigned)card->tries, 2);
}

static inline uint8_t fake_least(uint8_t asked, uint8_t most)
{
    static const uint8_t order[] = {0x00, 0x80, 0x40};
    for (size_t i = 0; i < 3; i++)
        if (order[i] == (asked & 0xC0) || order[i] == (most & 0xC0)) return order[i];
    return 0;
}

static inline void fake_with_cda(struct fake_card *card, uint8_t cid, struct bytes cryptogram)
{
    uint8_t inner[260], dynamic[64], signature[256], digest[20];
    struct writer v = writer_over(inner, sizeof inner), d = writer_over(dynamic, sizeof dynamic);
    const uint8_t counter[2] = {(uint8_t)(card->counter >> 8), (uint8_t)card->counter};
    tlv_write(&v, 0x9F27, bytes_of(&cid, 1));
    tlv_write(&v, 0x9F36, BYTES_OF(counter));
    const struct bytes part[] = {
        bytes_of(card->pdol_data, card->pdol_len), bytes_of(card->cdol1_data, card->cdol1_len),
        bytes_of(card->cdol2_data, card->cdol2_len), writer_view(&v), hex("9F100701010103A00000")};
    assert_ok(rsa_sha1(part, ARRAY_LEN(part), digest));
    if (card->signature_fault == FAKE_EXPIRED) digest[0] ^= 1; /* another transaction's */
    write_bytes(&d, hex("0401020304"));
    write_be(&d, card->signature_fault == FAKE_KEY_ALGORITHM ? 0u : cid, 1);
    write_bytes(&d, cryptogram);
    write_bytes(&d, BYTES_OF(digest));
    fake_dynamic(card, writer_view(&d), bytes_of((const uint8_t *)"\x55\x66\x77\x88", 4),
                 signature);
    if (card->signature_fault != FAKE_ABSENT)
        tlv_write(&v, 0x9F4B, bytes_of(signature, card->icc.len));
    else tlv_write(&v, 0x9F26, cryptogram);
    write_bytes(&v, hex("9F100701010103A00000"));
    tlv_write(&card->out, 0x77, writer_view(&v));
}

static inline void fake_generate(struct fake_card *card, uint8_t p1, struct bytes data)
{
    bool second = card->generated++ > 0;
    uint8_t most = second ? card->second_cid : card->first_cid;
    uint8_t cid = fake_least(p1, most) | (most & 0x0F);
    if (most == 0xFF) cid = 0x40; /* one that gives more than it was asked for */
    memcpy(second ? card->cdol2_data : card->cdol1_data, data.at, data.len);
    *(second ? &card->cdol2_len : &card->cdol1_len) = data.len;
    uint8_t block[64];
    struct writer v = writer_over(block, sizeof block);
    struct bytes cryptogram = hex("A1A2A3A4A5A6A7A8");
    const uint8_t counter[2] = {(uint8_t)(card->counter >> 8), (uint8_t)card->counter};
    if ((p1 & 0x10) != 0 && (cid & 0xC0) != 0) {
        fake_with_cda(card, cid, cryptogram);
    } else if (card->cryptogram_77) {
        tlv_write(&v, 0x9F27, bytes_of(&cid, 1));
        tlv_write(&v, 0x9F36, BYTES_OF(counter));
        tlv_write(&v, 0x9F26, cryptogram);
        tlv_write(&card->out, 0x77, writer_view(&v));
    } else {
        write_be(&v, cid, 1);
        write_bytes(&v, BYTES_OF(counter));
        write_bytes(&v, cryptogram);
        write_bytes(&v, hex("07010103A0000001"));
        tlv_write(&card->out, 0x80, writer_view(&v));
    }
    write_be(&card->out, 0x9000, 2);
}

/* The answer to any command. A view that lives until the next. */
static inline struct bytes fake_answer(struct fake_card *card, struct bytes command)
{
    struct bytes data = {0};
    card->out = writer_over(card->answer, sizeof card->answer);
    if (command.len > 5) data = bytes_of(command.at + 5, command.at[4]);
    switch (command.at[1]) {
    case 0xA4:
        fake_select(card, data);
        break;
    case 0xA8:
        fake_options(card, data);
        break;
    case 0xB2:
        fake_read(card, command.at[2], command.at[3] >> 3);
        break;
    case 0x88:
        fake_internal(card, data);
        break;
    case 0xCA:
        fake_get_data(card, command.at[3]);
        break;
    case 0x84:
        if (card->challenge_sw == 0x9000) write_bytes(&card->out, bytes_of(fake_challenge(), 8));
        write_be(&card->out, card->challenge_sw, 2);
        break;
    case 0x20:
        fake_verify(card, command.at[3] == 0x88, data);
        break;
    case 0xAE:
        fake_generate(card, command.at[2], data);
        break;
    case 0x82:
        write_be(&card->out, card->external_sw, 2);
        break;
    default:
        card->scripts++;
        write_be(&card->out, card->script_sw, 2);
        break;
    }
    assert_int_equal(card->out.fault, ERR_OK);
    return writer_view(&card->out);
}

/* Runs until the kernel wants something that is no command, or is at its end. */
static inline enum emv_want fake_run(struct fake_card *card, struct rig *rig)
{
    while (rig->k.want == EMV_WANT_APDU)
        (void)rig_answer(rig, fake_answer(card, emv_contact_command(&rig->k)));
    return rig->k.want;
}

/* A rig that knows the card's application and authority. */
static inline void fake_rig(struct fake_card *card, struct rig *rig,
                            const struct rig_application *application)
{
    static const uint8_t index = 0xF1;
    rig_start(rig);
    memcpy(rig->number, "\x55\x66\x77\x88", 4);
    rig_add_application(rig, application);
    rig_add_ca_key(rig, hex("A000000333"), bytes_of(&index, 1), bytes_of(card->ca.n, card->ca.len),
                   hex("03"), "20301231");
}
