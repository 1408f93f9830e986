/* SPDX-License-Identifier: Apache-2.0 */
/* Records first, then the certificates over them, then the locator of both. */
#include "simulators/cards/issue.h"

#include "lib/base/tlv.h"
#include "lib/crypto/rsa.h"

enum { ISSUER_HEAD = 36, CARD_HEAD = 42, HASH = 20, PAD = 0xBB };
enum { SERIAL_ISSUER = 1, SERIAL_CONTACT, SERIAL_FIELD };

const struct bytes chip_pdol = BYTES("\x9F\x66\x04\x9F\x02\x06\x9F\x03\x06\x9F\x1A\x02\x95\x05"
                                     "\x5F\x2A\x02\x9A\x03\x9C\x01\x9F\x37\x04");
const struct bytes chip_cdol1 = BYTES("\x9F\x02\x06\x9F\x03\x06\x9F\x1A\x02\x95\x05\x5F\x2A\x02"
                                      "\x9A\x03\x9C\x01\x9F\x37\x04\x9F\x21\x03\x9F\x4E\x14");
const struct bytes chip_cdol2 = BYTES("\x8A\x02\x9F\x02\x06\x9F\x03\x06\x9F\x1A\x02\x95\x05"
                                      "\x5F\x2A\x02\x9A\x03\x9C\x01\x9F\x37\x04\x9F\x21\x03");
const struct bytes chip_ddol = BYTES("\x9F\x37\x04");

void chip_write_digits(struct writer *w, struct bytes digits, size_t size)
{
    for (size_t i = 0; i < digits.len || i / 2 < size; i += 2) {
        unsigned high = i < digits.len ? digits.at[i] - '0' : 0xF;
        unsigned low = i + 1 < digits.len ? digits.at[i + 1] - '0' : 0xF;
        write_be(w, high << 4 | low, 1);
    }
}

/* ---- who it is ---- */

void chip_identity_of(const struct personality *personality, int64_t now_ms,
                      struct chip_identity *out)
{
    const struct virtual_card *card = virtual_card_named(bytes_text(personality->account));
    ENSURE(card != NULL);
    *out = (struct chip_identity){.name = "TEST/CARD", .sequence = personality->sequence};
    struct writer w = writer_over(out->pan, sizeof out->pan - 1);
    write_bytes(&w, bytes_text(card->pan));
    struct writer pin = writer_over(out->pin, sizeof out->pin - 1);
    write_bytes(&pin, bytes_text(card->pin));
    ENSURE(w.fault == ERR_OK && pin.fault == ERR_OK);
    virtual_card_expiry(card, now_ms, out->expiry);
    memcpy(out->service_code, "220", sizeof out->service_code);
}

/* The last day of the month of expiry: 5F24. */
static void write_expiry(struct writer *w, const char expiry[5])
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    unsigned year = (unsigned)(expiry[0] - '0') * 10 + (unsigned)(expiry[1] - '0');
    unsigned month = (unsigned)(expiry[2] - '0') * 10 + (unsigned)(expiry[3] - '0');
    ENSURE(month >= 1 && month <= 12);
    unsigned last = days[month - 1] + (month == 2 && year % 4 == 0);
    char digits[7];
    struct writer text = writer_over(digits, sizeof digits);
    write_format(&text, "%.4s%02u", expiry, last);
    chip_write_digits(w, bytes_of(digits, 6), 0);
}

/* 57: number D YYMM service code, zeros; 17 bytes, or what a long number needs. */
static err make_track2(const struct chip_identity *who, bool other, struct chip_issued *out)
{
    char text[40];
    struct writer t = writer_over(text, sizeof text);
    write_format(&t, "%s:%.4s%.3s", who->pan, who->expiry, who->service_code);
    while (t.fault == ERR_OK && t.len < 34) write_be(&t, '0', 1);
    TRY((err){t.fault});
    if (other) text[8] = text[8] == '9' ? '0' : (char)(text[8] + 1);
    struct writer w = writer_over(out->track2, sizeof out->track2);
    for (size_t i = 0; i < t.len; i += 2)
        write_be(&w, (uint64_t)(text[i] & 0xF) << 4 | (uint64_t)(text[i + 1] & 0xF), 1);
    out->track2_len = w.len;
    /* ':' is 3A: the nibble that stands for the separator is D. */
    size_t at = strlen(who->pan);
    uint8_t mask = at % 2 == 0 ? 0xD0 : 0x0D, keep = at % 2 == 0 ? 0x0F : 0xF0;
    out->track2[at / 2] = (uint8_t)((out->track2[at / 2] & keep) | mask);
    return (err){w.fault};
}

/* ---- records ---- */

static void tlv_be(struct writer *w, uint32_t tag, uint64_t value, size_t width)
{
    uint8_t number[8];
    struct writer v = writer_over(number, sizeof number);
    write_be(&v, value, width);
    tlv_write(w, tag, writer_view(&v));
}

static void tlv_digits(struct writer *w, uint32_t tag, const char *digits)
{
    uint8_t value[16];
    struct writer v = writer_over(value, sizeof value);
    chip_write_digits(&v, bytes_text(digits), 0);
    tlv_write(w, tag, writer_view(&v));
}

static err put_record(struct chip_application *a, uint8_t sfi, uint8_t number, struct writer *body)
{
    ENSURE(a->records < CHIP_RECORDS_MAX);
    TRY((err){body->fault});
    struct chip_record *r = &a->record[a->records++];
    *r = (struct chip_record){.sfi = sfi, .number = number};
    struct writer w = writer_over(r->data, sizeof r->data);
    tlv_write(&w, 0x70, writer_view(body));
    r->len = (uint16_t)w.len;
    return (err){w.fault};
}

static void put_locator(struct chip_application *a, uint8_t sfi, uint8_t first, uint8_t last,
                        uint8_t hashed)
{
    ENSURE(a->afl_len + 4 <= CHIP_AFL_MAX);
    const uint8_t entry[4] = {(uint8_t)(sfi << 3), first, last, hashed};
    memcpy(a->afl + a->afl_len, entry, sizeof entry);
    a->afl_len += sizeof entry;
}

static void write_number(struct writer *w, const struct chip_identity *who)
{
    tlv_digits(w, 0x5A, who->pan);
    tlv_be(w, 0x5F34, who->sequence / 10u * 16 + who->sequence % 10, 1);
}

/* What the card's certificate vouches for, and what the terminal decides by. */
static void write_contact_static(struct writer *w, const struct personality *is,
                                 const struct chip_identity *who)
{
    uint8_t date[3];
    struct writer expiry = writer_over(date, sizeof date);
    write_expiry(&expiry, who->expiry);
    tlv_be(w, 0x5F25, 0x200101, 3);
    tlv_write(w, 0x5F24, writer_view(&expiry));
    tlv_be(w, 0x9F07, 0xFF00, 2);
    write_number(w, who);
    tlv_write(w, 0x8E, is->cvm_list);
    tlv_be(w, 0x9F0D, 0xD86004A800, 5);
    tlv_be(w, 0x9F0E, 0x0010980000, 5);
    tlv_be(w, 0x9F0F, 0xD86804F800, 5);
    tlv_be(w, 0x5F28, is->country, 2);
    if (is->currency != 0) tlv_be(w, 0x9F42, is->currency, 2);
    tlv_be(w, 0x9F4A, 0x82, 1);
}

static void write_contact_rest(struct writer *w, const struct personality *is,
                               const struct chip_issued *card)
{
    const struct chip_identity *who = &card->identity;
    char service[5] = "0";
    memcpy(service + 1, who->service_code, sizeof who->service_code);
    tlv_write(w, 0x57, bytes_of(card->track2, card->track2_len));
    if (is->lie == CHIP_LIES_TWICE) tlv_digits(w, 0x5A, who->pan);
    tlv_write(w, 0x5F20, bytes_text(who->name));
    tlv_digits(w, 0x5F30, service);
    tlv_be(w, 0x9F08, 0x0030, 2);
    tlv_write(w, 0x8C, chip_cdol1);
    tlv_write(w, 0x8D, chip_cdol2);
    tlv_write(w, 0x9F49, chip_ddol);
}

static void write_contactless_static(struct writer *w, const struct personality *is,
                                     const struct chip_identity *who)
{
    uint8_t date[3];
    struct writer expiry = writer_over(date, sizeof date);
    write_expiry(&expiry, who->expiry);
    tlv_write(w, 0x5F24, writer_view(&expiry));
    write_number(w, who);
    tlv_be(w, 0x9F07, 0xFF00, 2);
    tlv_be(w, 0x5F28, is->country, 2);
    tlv_be(w, 0x9F4A, 0x82, 1);
}

/* ---- certificates ---- */

/* 6A, what is known, padding, SHA-1 over that and `more`, BC; signed. EMV Book 2, A2.1. */
static err sign(const struct chip_key *key, struct bytes known, const struct bytes *more,
                size_t parts, uint8_t *out)
{
    uint8_t plain[CHIP_RSA_MAX];
    struct bytes hashed[6];
    size_t len = key->modulus.len;
    ENSURE(len <= sizeof plain && known.len + HASH + 2 <= len && parts < ARRAY_LEN(hashed));
    memset(plain, PAD, len);
    plain[0] = 0x6A;
    memcpy(plain + 1, known.at, known.len);
    hashed[0] = bytes_of(plain + 1, len - HASH - 2);
    for (size_t i = 0; i < parts; i++) hashed[i + 1] = more[i];
    TRY(rsa_sha1(hashed, parts + 1, plain + len - HASH - 1));
    plain[len - 1] = 0xBC;
    return rsa_private_raw(key->modulus, key->private_exponent, bytes_of(plain, len), out);
}

/* MMYY of the card: its issuer's certificate ends with it. */
static void write_end(struct writer *w, const struct chip_identity *who)
{
    const char mmyy[4] = {who->expiry[2], who->expiry[3], who->expiry[0], who->expiry[1]};
    chip_write_digits(w, bytes_of(mmyy, 4), 0);
}

/* Serial, algorithms, lengths and as much of the key as fits; the rest is returned. */
static struct bytes write_key(struct writer *w, unsigned serial, const struct chip_key *key,
                              size_t room)
{
    write_be(w, serial, 3);
    write_be(w, 0x0101, 2);
    write_be(w, key->modulus.len, 1);
    write_be(w, key->exponent.len, 1);
    size_t fits = key->modulus.len < room ? key->modulus.len : room;
    write_bytes(w, bytes_of(key->modulus.at, fits));
    return bytes_of(key->modulus.at + fits, key->modulus.len - fits);
}

static err write_issuer_certificate(struct writer *w, const struct personality *is,
                                    const struct chip_identity *who)
{
    const struct chip_key *by = &chip_keys.authority, *key = &chip_keys.issuer;
    uint8_t known[CHIP_RSA_MAX], certificate[CHIP_RSA_MAX];
    struct writer k = writer_over(known, sizeof known);
    write_be(&k, 0x02, 1);
    chip_write_digits(&k, bytes_of(who->pan, 8), 0);
    write_end(&k, who);
    struct bytes rest = write_key(&k, SERIAL_ISSUER, key, by->modulus.len - ISSUER_HEAD);
    const struct bytes more[] = {rest, key->exponent};
    TRY(sign(by, writer_view(&k), more, ARRAY_LEN(more), certificate));
    if (is->lie == CHIP_LIES_ISSUER) certificate[1] ^= 1;
    tlv_be(w, 0x8F, chip_keys.index, 1);
    tlv_write(w, 0x9F32, key->exponent);
    if (rest.len > 0) tlv_write(w, 0x92, rest);
    tlv_write(w, 0x90, bytes_of(certificate, by->modulus.len));
    return OK;
}

static err write_card_certificate(struct writer *w, const struct chip_identity *who,
                                  unsigned serial, struct bytes hashed, struct bytes aip)
{
    const struct chip_key *by = &chip_keys.issuer, *key = &chip_keys.card;
    uint8_t known[CHIP_RSA_MAX], certificate[CHIP_RSA_MAX];
    struct writer k = writer_over(known, sizeof known);
    write_be(&k, 0x04, 1);
    chip_write_digits(&k, bytes_text(who->pan), 10);
    write_end(&k, who);
    struct bytes rest = write_key(&k, serial, key, by->modulus.len - CARD_HEAD);
    const struct bytes more[] = {rest, key->exponent, hashed, aip};
    TRY(sign(by, writer_view(&k), more, ARRAY_LEN(more), certificate));
    tlv_write(w, 0x9F47, key->exponent);
    if (rest.len > 0) tlv_write(w, 0x9F48, rest);
    tlv_write(w, 0x9F46, bytes_of(certificate, by->modulus.len));
    return OK;
}

/* 93: the issuer's signature over the same data, for terminals that compare nothing else. */
static err write_static_signature(struct writer *w, struct bytes hashed, struct bytes aip)
{
    const struct chip_key *by = &chip_keys.issuer;
    uint8_t signature[CHIP_RSA_MAX];
    const struct bytes more[] = {hashed, aip};
    TRY(sign(by, BYTES("\x03\x01\xDA\xC1"), more, ARRAY_LEN(more), signature));
    tlv_write(w, 0x93, bytes_of(signature, by->modulus.len));
    return OK;
}

/* SFI 3: the chain of certificates. `hashed` is the content of the record that it vouches for. */
static err put_chain(struct chip_application *a, const struct personality *is,
                     const struct chip_identity *who, unsigned serial, struct bytes hashed)
{
    uint8_t block[2 * CHIP_RECORD_MAX];
    struct bytes aip = BYTES_OF(a->aip);
    struct writer w = writer_over(block, sizeof block);
    TRY(write_issuer_certificate(&w, is, who));
    TRY(put_record(a, 3, 1, &w));
    w = writer_over(block, sizeof block);
    if (is->auth == CHIP_AUTH_SDA) TRY(write_static_signature(&w, hashed, aip));
    else TRY(write_card_certificate(&w, who, serial, hashed, aip));
    return put_record(a, 3, 2, &w);
}

/* ---- applications ---- */

static void set_profile(struct chip_application *a, enum chip_auth auth)
{
    /* Cardholder verification, risk management, issuer authentication; then SDA, DDA, CDA. */
    static const uint8_t profile[] = {0x1C, 0x5C, 0x7C, 0x7D};
    a->aip[0] = profile[auth];
}

static err issue_contact(const struct personality *is, struct chip_issued *card)
{
    struct chip_application *a = &card->contact;
    uint8_t data[CHIP_RECORD_MAX], rest[CHIP_RECORD_MAX];
    struct writer hashed = writer_over(data, sizeof data), w = writer_over(rest, sizeof rest);
    set_profile(a, is->auth);
    write_contact_static(&hashed, is, &card->identity);
    TRY(put_record(a, 1, 1, &hashed));
    write_contact_rest(&w, is, card);
    TRY(put_record(a, 2, 1, &w));
    put_locator(a, 1, 1, 1, 1);
    put_locator(a, 2, 1, 1, 0);
    if (is->auth == CHIP_AUTH_NONE) return OK;
    put_locator(a, 3, 1, 2, 0);
    return put_chain(a, is, &card->identity, SERIAL_CONTACT, writer_view(&hashed));
}

/* The third record of SFI 3, 9F69, is made anew for every transaction. */
static err issue_contactless(const struct personality *is, struct chip_issued *card)
{
    struct chip_application *a = &card->contactless;
    uint8_t data[CHIP_RECORD_MAX];
    struct writer hashed = writer_over(data, sizeof data);
    set_profile(a, CHIP_AUTH_DDA);
    write_contactless_static(&hashed, is, &card->identity);
    TRY(put_record(a, 1, 1, &hashed));
    put_locator(a, 1, 1, 1, 1);
    put_locator(a, 3, 1, 3, 0);
    return put_chain(a, is, &card->identity, SERIAL_FIELD, writer_view(&hashed));
}

err chip_issue(struct crypto *crypto, const struct personality *personality,
               const struct chip_identity *identity, struct chip_issued *out)
{
    struct chip_issued card = {.identity = *identity};
    struct bytes pan = bytes_text(identity->pan);
    TRY(cryptogram_card_key(crypto, &chip_keys.cryptogram, pan, identity->sequence,
                            &card.cryptogram));
    TRY(cryptogram_card_key(crypto, &chip_keys.script_mac, pan, identity->sequence,
                            &card.script_mac));
    TRY(cryptogram_card_key(crypto, &chip_keys.script_secret, pan, identity->sequence,
                            &card.script_secret));
    TRY(make_track2(identity, personality->lie == CHIP_LIES_PAN, &card));
    if (personality->contact) TRY(issue_contact(personality, &card));
    if (personality->contactless) TRY(issue_contactless(personality, &card));
    *out = card;
    return OK;
}

/* ---- answers to SELECT ---- */

static void write_entry(struct writer *w, const struct personality *is, struct bytes aid,
                        unsigned priority)
{
    uint8_t entry[64];
    struct writer e = writer_over(entry, sizeof entry);
    tlv_write(&e, 0x4F, aid);
    tlv_write(&e, 0x50, bytes_text(is->label));
    tlv_be(&e, 0x87, priority, 1);
    tlv_write(w, 0x61, writer_view(&e));
}

static void write_entries(struct writer *w, const struct personality *is)
{
    write_entry(w, is, is->aid, 1);
    if (is->second_aid.len > 0) write_entry(w, is, is->second_aid, 2);
}

err chip_directory_record(const struct personality *personality, struct writer *w)
{
    uint8_t entries[128];
    struct writer e = writer_over(entries, sizeof entries);
    write_entries(&e, personality);
    tlv_write(w, 0x70, writer_view(&e));
    return (err){e.fault == ERR_OK ? w->fault : e.fault};
}

static err write_fci(struct writer *w, struct bytes name, const struct writer *proprietary)
{
    uint8_t template[CHIP_FCI_MAX];
    struct writer t = writer_over(template, sizeof template);
    tlv_write(&t, 0x84, name);
    tlv_write(&t, 0xA5, writer_view(proprietary));
    tlv_write(w, 0x6F, writer_view(&t));
    if (proprietary->fault != ERR_OK) return (err){proprietary->fault};
    return (err){t.fault == ERR_OK ? w->fault : t.fault};
}

static void write_language(struct writer *w)
{
    tlv_write(w, 0x5F2D, BYTES("zhen"));
    tlv_be(w, 0x9F11, 1, 1);
}

err chip_fci_directory(const struct personality *personality, bool contactless, struct writer *w)
{
    uint8_t proprietary[CHIP_FCI_MAX], entries[128];
    struct writer p = writer_over(proprietary, sizeof proprietary);
    if (!contactless) {
        tlv_be(&p, 0x88, 1, 1);
        write_language(&p);
        return write_fci(w, BYTES("1PAY.SYS.DDF01"), &p);
    }
    struct writer e = writer_over(entries, sizeof entries);
    write_entries(&e, personality);
    tlv_write(&p, 0xBF0C, writer_view(&e));
    TRY((err){e.fault});
    return write_fci(w, BYTES("2PAY.SYS.DDF01"), &p);
}

err chip_fci_application(const struct personality *personality, struct bytes aid, bool contactless,
                         struct writer *w)
{
    uint8_t proprietary[CHIP_FCI_MAX];
    struct writer p = writer_over(proprietary, sizeof proprietary);
    tlv_write(&p, 0x50, bytes_text(personality->label));
    tlv_be(&p, 0x87, 1, 1);
    if (contactless) tlv_write(&p, 0x9F38, chip_pdol);
    write_language(&p);
    tlv_write(&p, 0x9F12, bytes_text(personality->label));
    tlv_write(&p, 0xBF0C, BYTES("\x9F\x4D\x02\x0B\x0A"));
    return write_fci(w, aid, &p);
}
