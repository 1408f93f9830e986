/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GENERATE AC, first and second (EMV Book 3, 6.5.5, 10.8, 10.11), and the signature over it when
 * combined authentication was agreed (CDA: Book 2, 6.6).
 *
 * A card may answer with less than it was asked for (TC, then ARQC, then AAC), never with more.
 */
#include "lib/emv/kernel.h"

enum {
    COMMAND_GENERATE_AC = 0x80AE0000,
    WITH_CDA = 0x10,
    CID_KIND = 0xC0,
    CID_ADVICE = 0x08,
    CID_REASON = 0x07,
    CID_NOT_ALLOWED = 0x01,
    CID_AAR = 0xC0,
};

/* 98, the TC hash, when the list asks for it (10.8 and Book 3, 5.4). */
static bool put_tc_hash(struct emv_contact *k, struct bytes cdol)
{
    struct emv_sent filled;
    uint8_t digest[RSA_SHA1_BYTES];
    struct bytes tdol;
    if (!emv_dol_lists(cdol, 0x98)) return true;
    if (!emv_data_get(&k->data, 0x97, &tdol)) {
        tdol = k->application->tdol;
        kernel_tvr(k, TVR_DEFAULT_TDOL);
    }
    if (!kernel_fill(k, tdol, &filled)) return false;
    const struct bytes part = emv_sent_view(&filled);
    if (FAILED(rsa_sha1(&part, 1, digest))) return false;
    emv_data_set(&k->data, 0x98, BYTES_OF(digest));
    return true;
}

static void begin(struct emv_contact *k, uint32_t list, struct emv_sent *sent)
{
    struct bytes cdol = {0};
    (void)emv_data_get(&k->data, list, &cdol);
    k->cda_asked =
        k->oda == EMV_ODA_CDA && k->asked != EMV_AAC && !kernel_has_tvr(k, TVR_CDA_FAILED);
    if (!put_tc_hash(k, cdol)) {
        if (k->want != EMV_DONE) kernel_terminate(k, EMV_REASON_BAD_DATA);
        return;
    }
    if (!kernel_fill(k, cdol, sent)) return;
    kernel_tsi(k, TSI_CARD_RISK);
    uint32_t p1 = (uint32_t)k->asked | (k->cda_asked ? WITH_CDA : 0);
    kernel_command(k, COMMAND_GENERATE_AC | p1 << 8, emv_sent_view(sent), true);
}

/* What a cryptogram's answer holds. Views into the answer. */
struct given {
    struct bytes cid, atc, cryptogram, issuer_data, signature;
};

static err read_plain(struct bytes value, struct given *g)
{
    struct reader r = reader_over(value);
    g->cid = read_bytes(&r, 1);
    g->atc = read_bytes(&r, 2);
    g->cryptogram = read_bytes(&r, 8);
    g->issuer_data = read_rest(&r);
    TRY(reader_finish(&r));
    return g->issuer_data.len <= 32 ? OK : ERR(LENGTH);
}

/* Where an object of the answer is kept; NULL for what has no meaning here. */
static struct bytes *place_of(struct given *g, uint32_t tag)
{
    switch (tag) {
    case 0x9F27:
        return &g->cid;
    case 0x9F36:
        return &g->atc;
    case 0x9F26:
        return &g->cryptogram;
    case 0x9F10:
        return &g->issuer_data;
    case 0x9F4B:
        return &g->signature;
    default:
        return NULL;
    }
}

/* A cryptogram stands there, or a signature that it comes out of. */
static bool given_good(const struct given *g)
{
    if (g->cid.len != 1 || g->atc.len != 2 || g->issuer_data.len > 32) return false;
    return g->cryptogram.len == 8 || (g->cryptogram.len == 0 && g->signature.len > 0);
}

static err read_objects(struct bytes value, struct given *g)
{
    struct tlv_walk walk = tlv_walk_over(value);
    struct tlv object;
    while (tlv_next(&walk, &object)) {
        struct bytes *to = place_of(g, object.tag);
        if (to == NULL) continue;
        if (to->len > 0) return ERR(EXISTS);
        *to = object.value;
    }
    TRY(tlv_finish(&walk));
    return given_good(g) ? OK : ERR(FORMAT);
}

static err read_given(struct emv_contact *k, struct given *g, struct bytes *ret_objects)
{
    bool plain;
    struct bytes value;
    if (!kernel_template(emv_apdu_data(&k->apdu), &plain, &value)) return ERR(FORMAT);
    *ret_objects = plain ? (struct bytes){0} : value;
    return plain ? read_plain(value, g) : read_objects(value, g);
}

/* The hash over what was sent and what came back, all but the signature (6.6.2 step 10). */
static err transaction_hash(const struct emv_contact *k, struct bytes objects, bool second,
                            uint8_t ret_digest[RSA_SHA1_BYTES])
{
    enum { BEFORE = 4 };
    struct bytes part[BEFORE + 1] = {emv_sent_view(&k->pdol_sent), emv_sent_view(&k->cdol1_sent)};
    if (second) part[2] = emv_sent_view(&k->cdol2_sent);
    struct tlv_walk walk = tlv_walk_over(objects);
    struct tlv object;
    while (tlv_next(&walk, &object)) {
        if (object.tag != 0x9F4B) continue;
        size_t end = (size_t)(object.value.at - objects.at) + object.value.len;
        part[3] = bytes_of(objects.at, object.offset);
        part[4] = bytes_of(objects.at + end, objects.len - end);
    }
    TRY(tlv_finish(&walk));
    return rsa_sha1(part, ARRAY_LEN(part), ret_digest);
}

/* Signature over card number, CID, cryptogram and the hash; the cryptogram comes out of it. */
static err verify_cda(struct emv_contact *k, struct given *g, struct bytes objects, bool second,
                      uint8_t cryptogram[8])
{
    uint8_t block[EMV_KEY_BYTES_MAX], digest[RSA_SHA1_BYTES];
    struct bytes number, dynamic;
    if (g->signature.len == 0 || !emv_data_get_exact(&k->data, 0x9F37, 4, &number))
        return ERR(MISSING);
    TRY(emv_dynamic_signature(&k->card_key, g->signature, &number, 1, block, &dynamic));
    struct reader r = reader_over(dynamic);
    struct bytes own = read_prefixed(&r, 1, 8), cid = read_bytes(&r, 1);
    struct bytes signed_cryptogram = read_bytes(&r, 8), hash = read_bytes(&r, RSA_SHA1_BYTES);
    if (r.fault != ERR_OK || own.len < 2) return ERR(FORMAT);
    if (!bytes_equal(cid, g->cid)) return ERR(CONFLICT);
    TRY(transaction_hash(k, objects, second, digest));
    if (!bytes_equal(hash, BYTES_OF(digest))) return ERR(MAC);
    emv_data_set(&k->data, 0x9F4C, own);
    memcpy(cryptogram, signed_cryptogram.at, 8);
    g->cryptogram = bytes_of(cryptogram, 8);
    return OK;
}

static int rank(unsigned kind)
{
    return kind == EMV_TC ? 2 : kind == EMV_ARQC ? 1 : 0;
}

static void keep(struct emv_contact *k, const struct given *g)
{
    emv_data_set(&k->data, 0x9F27, g->cid);
    emv_data_set(&k->data, 0x9F36, g->atc);
    if (g->cryptogram.len == 8) emv_data_set(&k->data, 0x9F26, g->cryptogram);
    if (g->issuer_data.len > 0) emv_data_set(&k->data, 0x9F10, g->issuer_data);
    k->given = (enum emv_cryptogram)(g->cid.at[0] & CID_KIND);
    k->outcome.advice = (g->cid.at[0] & CID_ADVICE) != 0;
}

/*
 * Reads the answer, keeps it, and says whether it can be gone on with. `ret_signed` is false when a
 * signature was due and is not good.
 */
static bool take_answer(struct emv_contact *k, bool second, bool *ret_signed)
{
    struct given g = {0};
    struct bytes objects;
    uint8_t cryptogram[8];
    if (k->apdu.sw != EMV_SW_OK) {
        kernel_terminate(k, EMV_REASON_BAD_STATUS);
        return false;
    }
    unsigned kind;
    if (FAILED(read_given(k, &g, &objects)) || (kind = g.cid.at[0] & CID_KIND) == CID_AAR ||
        rank(kind) > rank(k->asked) || (second && kind == EMV_ARQC)) {
        kernel_terminate(k, EMV_REASON_BAD_DATA);
        return false;
    }
    *ret_signed = true;
    if (k->cda_asked && kind != EMV_AAC) {
        err e = verify_cda(k, &g, objects, second, cryptogram);
        *ret_signed = !FAILED(e);
    } else if (g.cryptogram.len != 8) {
        kernel_terminate(k, EMV_REASON_BAD_DATA);
        return false;
    }
    if (!*ret_signed) kernel_tvr(k, TVR_CDA_FAILED);
    k->unsigned_answer |= !*ret_signed;
    keep(k, &g);
    return true;
}

void kernel_enter_generate_1(struct emv_contact *k)
{
    begin(k, 0x8C, &k->cdol1_sent);
}

static void refused_offline(struct emv_contact *k)
{
    struct bytes cid = {0};
    (void)emv_data_get(&k->data, 0x9F27, &cid);
    bool not_allowed = cid.len == 1 && (cid.at[0] & CID_REASON) == CID_NOT_ALLOWED;
    emv_data_set(&k->data, 0x8A, BYTES("Z1"));
    kernel_end(k, EMV_DECLINED,
               not_allowed           ? EMV_REASON_NOT_ALLOWED
               : k->asked == EMV_AAC ? EMV_REASON_BY_TERMINAL
                                     : EMV_REASON_BY_CARD);
}

/*
 * A signature that is wrong ends in a decline whatever the cryptogram is: at once behind a TC, by a
 * second GENERATE AC that asks for an AAC behind an ARQC (Book 4, 6.3.7).
 */
void kernel_answer_generate_1(struct emv_contact *k)
{
    bool is_signed;
    if (!take_answer(k, false, &is_signed)) return;
    if (k->given == EMV_AAC) {
        refused_offline(k);
    } else if (k->given == EMV_TC) {
        if (is_signed) kernel_end(k, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
        else {
            emv_data_set(&k->data, 0x8A, BYTES("Z1"));
            kernel_end(k, EMV_DECLINED, EMV_REASON_SIGNATURE);
        }
    } else if (!is_signed) {
        k->asked = EMV_AAC;
        emv_data_set(&k->data, 0x8A, BYTES("Z1"));
        kernel_go(k, EMV_STEP_GENERATE_2);
    } else {
        kernel_go(k, EMV_STEP_ONLINE);
    }
}

void kernel_enter_generate_2(struct emv_contact *k)
{
    k->final_asked = true;
    begin(k, 0x8D, &k->cdol2_sent);
}

void kernel_answer_generate_2(struct emv_contact *k)
{
    bool is_signed;
    if (!take_answer(k, true, &is_signed)) return;
    if (!is_signed) k->given = EMV_AAC; /* a TC that cannot be believed is none */
    kernel_go(k, EMV_STEP_SCRIPT_AFTER);
}
