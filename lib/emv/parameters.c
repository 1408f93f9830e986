/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document of parameters: a table of what each kind of entry holds, one loop that fills in a
 * row, and a check of each finished row.
 */
#include "lib/emv/parameters.h"

#include "lib/crypto/rsa.h"
#include "lib/emv/dol.h"

/* Where a value goes, and how it is read. */
enum reading { COPY, VIEW, NUMBER, AMOUNT, PERCENT, FLAG, NOT_FLAG, BYTE, CONSTANT_1, DATE, AID };

struct item {
    uint32_t tag;
    uint8_t min, max; /* bytes of the value */
    bool mandatory;
    enum reading reading;
    size_t at; /* offset in the row */
};

#define AT(type, member) offsetof(struct type, member)

/* clang-format off */
static const struct item application_items[] = {
    {0x9F06, EMV_AID_MIN, EMV_AID_MAX, true, AID, AT(emv_application, aid)},
    {0xDF01, 1, 1, true,  NOT_FLAG, AT(emv_application, partial)},
    {0x9F08, 2, 2, false, COPY,    AT(emv_application, version)},
    {0x9F09, 2, 2, false, COPY,    AT(emv_application, version)},
    {0xDF11, 5, 5, true,  COPY,    AT(emv_application, tac_default)},
    {0xDF12, 5, 5, true,  COPY,    AT(emv_application, tac_online)},
    {0xDF13, 5, 5, true,  COPY,    AT(emv_application, tac_denial)},
    {0x9F1B, 4, 4, true,  NUMBER,  AT(emv_application, floor_limit)},
    {0xDF15, 4, 4, true,  NUMBER,  AT(emv_application, threshold)},
    {0xDF16, 1, 1, true,  PERCENT, AT(emv_application, maximum_percent)},
    {0xDF17, 1, 1, true,  PERCENT, AT(emv_application, target_percent)},
    {0xDF14, 1, 252, false, VIEW,  AT(emv_application, ddol)},
    {0x97,   1, 252, false, VIEW,  AT(emv_application, tdol)},
    {0xDF18, 1, 1, true,  FLAG,    AT(emv_application, online_pin)},
    {0x9F7B, 6, 6, false, AMOUNT,  AT(emv_application, cash_limit_minor)},
    {0xDF19, 6, 6, false, AMOUNT,  AT(emv_application, tap_floor_minor)},
    {0xDF20, 6, 6, false, AMOUNT,  AT(emv_application, tap_limit_minor)},
    {0xDF21, 6, 6, false, AMOUNT,  AT(emv_application, tap_cvm_minor)},
    {0x9F35, 1, 1, false, BYTE,    AT(emv_application, type)},
    {0x9F33, 3, 3, false, COPY,    AT(emv_application, capabilities)},
};

/* A CA key as it is read, with the checksum that says whether it is right. */
struct ca_row {
    struct emv_ca_key key;
    struct bytes rid;
    uint8_t checksum[RSA_SHA1_BYTES];
};

static const struct item ca_items[] = {
    {0x9F06, 5, 5, true, VIEW,       AT(ca_row, rid)},
    {0x9F22, 1, 1, true, BYTE,       AT(ca_row, key.index)},
    {0xDF05, 4, 8, true, DATE,       AT(ca_row, key.expiry)},
    {0xDF06, 1, 1, true, CONSTANT_1, 0}, /* SHA-1 */
    {0xDF07, 1, 1, true, CONSTANT_1, 0}, /* RSA */
    {0xDF02, 64, 255, true, VIEW,    AT(ca_row, key.modulus)},
    {0xDF04, 1, 3, true, VIEW,       AT(ca_row, key.exponent)},
    {0xDF03, 20, 20, true, COPY,     AT(ca_row, checksum)},
};

struct exception_row {
    struct bytes pan;
    uint8_t sequence;
    bool has_sequence;
};

static const struct item exception_items[] = {
    {0x5A,   4, 10, true,  VIEW, AT(exception_row, pan)},
    {0x5F34, 1, 1,  false, PERCENT, AT(exception_row, sequence)},
};

static const struct item revoked_items[] = {
    {0x9F06,   5, 5, true, COPY, AT(emv_revoked, rid)},
    {0x9F22,   1, 1, true, BYTE, AT(emv_revoked, index)},
    {0xDF8104, 3, 3, true, COPY, AT(emv_revoked, serial)},
};

static const struct item limit_items[] = {
    {0xDF8105, 6, 6, false, AMOUNT, AT(emv_limits, tap_free_minor)},
    {0xDF8106, 6, 6, false, AMOUNT, AT(emv_limits, offline_total_minor)},
    {0xDF8107, 4, 4, false, NUMBER, AT(emv_limits, offline_count)},
    {0xDF8108, 6, 6, false, AMOUNT, AT(emv_limits, offline_each_minor)},
    {0xDF8109, 1, 1, false, BYTE,   AT(emv_limits, offline_days)},
};
/* clang-format on */

static bool digits_packed(struct bytes b)
{
    for (size_t i = 0; i < b.len; i++)
        if (b.at[i] >> 4 > 9 || (b.at[i] & 15) > 9) return false;
    return true;
}

/* YYYYMMDD in ASCII as over 8583, or packed. */
static err read_date(struct bytes value, uint8_t out[3])
{
    uint8_t packed[4];
    if (value.len == 8 && bytes_all_digits(value))
        for (size_t i = 0; i < 4; i++)
            packed[i] = (uint8_t)((value.at[2 * i] & 15) << 4 | (value.at[2 * i + 1] & 15));
    else if (value.len == 4 && digits_packed(value)) memcpy(packed, value.at, 4);
    else return ERR(FORMAT);
    if (packed[0] != 0x20 || packed[2] < 0x01 || packed[2] > 0x12) return ERR(RANGE);
    if (packed[3] < 0x01 || packed[3] > 0x31) return ERR(RANGE);
    memcpy(out, packed + 1, 3);
    return OK;
}

static err read_percent(struct bytes value, uint8_t *out)
{
    if (!digits_packed(value)) return ERR(FORMAT);
    *out = (uint8_t)((value.at[0] >> 4) * 10 + (value.at[0] & 15));
    return OK;
}

static err read_amount(struct bytes value, int64_t *out)
{
    int64_t amount_minor = emv_amount_of(value);
    if (amount_minor < 0) return ERR(FORMAT);
    *out = amount_minor;
    return OK;
}

static uint32_t number_of(struct bytes value)
{
    uint32_t number = 0;
    for (size_t i = 0; i < value.len; i++) number = number << 8 | value.at[i];
    return number;
}

static err read_flag(struct bytes value, bool inverted, bool *out)
{
    if (value.at[0] > 1) return ERR(RANGE);
    *out = (value.at[0] == 1) != inverted;
    return OK;
}

static err read_item(const struct item *item, struct bytes value, void *row)
{
    uint8_t *to = (uint8_t *)row + item->at;
    if (value.len < item->min || value.len > item->max) return ERR(LENGTH);
    switch (item->reading) {
    case COPY:
    case BYTE:
        memcpy(to, value.at, value.len);
        return OK;
    case AID:
    case VIEW:
        *(struct bytes *)(void *)to = value;
        return OK;
    case NUMBER:
        *(uint32_t *)(void *)to = number_of(value);
        return OK;
    case AMOUNT:
        return read_amount(value, (int64_t *)(void *)to);
    case PERCENT:
        return read_percent(value, to);
    case FLAG:
    case NOT_FLAG:
        return read_flag(value, item->reading == NOT_FLAG, (bool *)to);
    case CONSTANT_1:
        return value.at[0] == 1 ? OK : ERR(UNSUPPORTED);
    case DATE:
        return read_date(value, to);
    }
    return ERR(FIELD);
}

/* Fills a row from an entry. `ret_seen` has a bit for each item that was there. */
static err read_row(struct bytes entry, const struct item *item, size_t items, void *row,
                    uint32_t *ret_seen, struct emv_parameters_fault *fault)
{
    struct tlv_walk walk = tlv_walk_over(entry);
    struct tlv object;
    uint32_t seen = 0;
    while (tlv_next(&walk, &object)) {
        size_t i = 0;
        fault->tag = object.tag;
        while (i < items && item[i].tag != object.tag) i++;
        if (i == items) return ERR(FIELD);
        if ((seen >> i & 1) != 0) return ERR(EXISTS);
        seen |= (uint32_t)1 << i;
        TRY(read_item(&item[i], object.value, row));
    }
    TRY(tlv_finish(&walk));
    for (size_t i = 0; i < items; i++)
        if (item[i].mandatory && (seen >> i & 1) == 0) {
            fault->tag = item[i].tag;
            return ERR(MISSING);
        }
    fault->tag = 0;
    *ret_seen = seen;
    return OK;
}

static err add_application(struct emv_parameters *p, struct bytes entry,
                           struct emv_parameters_fault *fault)
{
    struct emv_application row = {
        .cash_limit_minor = -1, .tap_floor_minor = -1, .tap_limit_minor = -1, .tap_cvm_minor = -1};
    uint32_t seen;
    if (p->applications == EMV_APPLICATIONS) return ERR(FULL);
    TRY(read_row(entry, application_items, ARRAY_LEN(application_items), &row, &seen, fault));
    enum { VERSION_A = 1u << 2, VERSION_B = 1u << 3, TAP = 7u << 15 };
    if ((seen & (VERSION_A | VERSION_B)) == 0) return ERR(MISSING);
    if ((seen & TAP) != 0 && (seen & TAP) != TAP) return ERR(MISSING);
    if (row.target_percent > row.maximum_percent) return ERR(RANGE);
    /* Attended, with a host: what runs here is nothing else (Book 4, annex A1). */
    if (row.type != 0 && row.type != 0x21 && row.type != 0x22) return ERR(RANGE);
    size_t len;
    TRY(emv_dol_length(row.ddol, &len));
    TRY(emv_dol_length(row.tdol, &len));
    for (size_t i = 0; i < p->applications; i++)
        if (bytes_equal(p->application[i].aid, row.aid)) return ERR(EXISTS);
    p->application[p->applications++] = row;
    return OK;
}

err emv_ca_key_checksum(const struct emv_ca_key *key, uint8_t ret_checksum[20])
{
    const struct bytes part[] = {BYTES_OF(key->rid), bytes_of(&key->index, 1), key->modulus,
                                 key->exponent};
    return rsa_sha1(part, ARRAY_LEN(part), ret_checksum);
}

static err add_ca_key(struct emv_parameters *p, struct bytes entry,
                      struct emv_parameters_fault *fault)
{
    struct ca_row row = {0};
    uint8_t checksum[RSA_SHA1_BYTES];
    uint32_t seen;
    if (p->ca_keys == EMV_CA_KEYS) return ERR(FULL);
    TRY(read_row(entry, ca_items, ARRAY_LEN(ca_items), &row, &seen, fault));
    memcpy(row.key.rid, row.rid.at, EMV_RID_BYTES);
    if (!rsa_public_valid(row.key.modulus, row.key.exponent)) return ERR(KEY);
    TRY(emv_ca_key_checksum(&row.key, checksum));
    if (memcmp(checksum, row.checksum, sizeof checksum) != 0) return ERR(KCV);
    if (emv_parameters_ca_key(p, row.rid, row.key.index) != NULL) return ERR(EXISTS);
    p->ca_key[p->ca_keys++] = row.key;
    return OK;
}

static err add_exception(struct emv_parameters *p, struct bytes entry,
                         struct emv_parameters_fault *fault)
{
    struct exception_row row = {0};
    char digits[20];
    size_t count;
    uint32_t seen;
    if (p->exceptions == EMV_EXCEPTIONS) return ERR(FULL);
    TRY(read_row(entry, exception_items, ARRAY_LEN(exception_items), &row, &seen, fault));
    TRY(emv_digits(row.pan, digits, 19, &count));
    p->exception[p->exceptions++] =
        (struct emv_exception){row.pan, (seen & 2) != 0 ? row.sequence : -1};
    return OK;
}

static err add_revoked(struct emv_parameters *p, struct bytes entry,
                       struct emv_parameters_fault *fault)
{
    struct emv_revoked row = {0};
    uint32_t seen;
    if (p->revoked == EMV_REVOKED) return ERR(FULL);
    TRY(read_row(entry, revoked_items, ARRAY_LEN(revoked_items), &row, &seen, fault));
    p->revoked_key[p->revoked++] = row;
    return OK;
}

static err add_limits(struct emv_parameters *p, struct bytes entry,
                      struct emv_parameters_fault *fault)
{
    uint32_t seen;
    enum { TOTAL = 1u << 1, OFFLINE = 7u << 2 };
    TRY(read_row(entry, limit_items, ARRAY_LEN(limit_items), &p->limits, &seen, fault));
    bool all = (seen & (TOTAL | OFFLINE)) == (TOTAL | OFFLINE);
    return (seen & OFFLINE) == 0 || all ? OK : ERR(MISSING);
}

/* The two objects that stand once, before all entries or after them. */
enum { SEEN_VERSION = 1, SEEN_NUMBER = 2, SEEN_LIMITS = 4 };

static err once(unsigned *seen, unsigned which)
{
    if ((*seen & which) != 0) return ERR(EXISTS);
    *seen |= which;
    return OK;
}

static err add_entry(struct emv_parameters *p, const struct tlv *object, unsigned *seen,
                     struct emv_parameters_fault *fault)
{
    switch (object->tag) {
    case 0xDF8101:
        TRY(once(seen, SEEN_VERSION));
        if (object->value.len != 1) return ERR(LENGTH);
        return object->value.at[0] == EMV_PARAMETERS_VERSION ? OK : ERR(NEWER);
    case 0xDF8102:
        TRY(once(seen, SEEN_NUMBER));
        if (object->value.len != 4) return ERR(LENGTH);
        p->number = number_of(object->value);
        return OK;
    case 0xE1:
        return add_application(p, object->value, fault);
    case 0xE2:
        return add_ca_key(p, object->value, fault);
    case 0xE3:
        return add_exception(p, object->value, fault);
    case 0xE4:
        return add_revoked(p, object->value, fault);
    case 0xE5:
        TRY(once(seen, SEEN_LIMITS));
        return add_limits(p, object->value, fault);
    default:
        return ERR(FIELD);
    }
}

static err parse(struct bytes document, struct emv_parameters *p,
                 struct emv_parameters_fault *fault)
{
    unsigned seen = 0;
    if (document.len > EMV_PARAMETERS_MAX) return ERR(LENGTH);
    struct tlv_walk walk = tlv_walk_over(document);
    struct tlv object;
    while (tlv_next(&walk, &object)) {
        *fault = (struct emv_parameters_fault){.offset = object.offset};
        TRY(add_entry(p, &object, &seen, fault));
        if ((seen & SEEN_VERSION) == 0) return ERR(MISSING); /* the version stands first */
    }
    fault->offset = walk.offset;
    TRY(tlv_finish(&walk));
    return (seen & SEEN_NUMBER) != 0 && p->applications > 0 ? OK : ERR(MISSING);
}

err emv_parameters_parse(struct bytes document, struct emv_parameters *out,
                         struct emv_parameters_fault *ret_fault)
{
    struct emv_parameters p = {
        .limits = {.tap_free_minor = -1, .offline_total_minor = -1, .offline_each_minor = -1}};
    struct emv_parameters_fault fault = {0};
    err e = parse(document, &p, &fault);
    if (FAILED(e)) *ret_fault = fault;
    else *out = p;
    return e;
}

const struct emv_ca_key *emv_parameters_ca_key(const struct emv_parameters *p, struct bytes rid,
                                               uint8_t index)
{
    for (size_t i = 0; i < p->ca_keys; i++)
        if (p->ca_key[i].index == index && bytes_equal(BYTES_OF(p->ca_key[i].rid), rid))
            return &p->ca_key[i];
    return NULL;
}

bool emv_parameters_revoked(const struct emv_parameters *p, struct bytes rid, uint8_t index,
                            struct bytes serial)
{
    for (size_t i = 0; i < p->revoked; i++) {
        const struct emv_revoked *row = &p->revoked_key[i];
        if (row->index == index && bytes_equal(BYTES_OF(row->rid), rid) &&
            bytes_equal(BYTES_OF(row->serial), serial))
            return true;
    }
    return false;
}

static bool same_number(struct bytes a, struct bytes b)
{
    char text_a[20], text_b[20];
    size_t count_a, count_b;
    return !FAILED(emv_digits(a, text_a, 19, &count_a)) &&
           !FAILED(emv_digits(b, text_b, 19, &count_b)) && count_a == count_b &&
           memcmp(text_a, text_b, count_a) == 0;
}

bool emv_parameters_excepted(const struct emv_parameters *p, struct bytes pan_packed, int sequence)
{
    for (size_t i = 0; i < p->exceptions; i++)
        if (same_number(p->exception[i].pan, pan_packed) &&
            (p->exception[i].sequence < 0 || p->exception[i].sequence == sequence))
            return true;
    return false;
}

const struct emv_application *emv_parameters_application(const struct emv_parameters *p,
                                                         struct bytes name)
{
    const struct emv_application *best = NULL;
    for (size_t i = 0; i < p->applications; i++) {
        const struct emv_application *a = &p->application[i];
        if (bytes_equal(a->aid, name)) return a;
        bool begins =
            a->partial && a->aid.len < name.len && memcmp(a->aid.at, name.at, a->aid.len) == 0;
        if (begins && (best == NULL || a->aid.len > best->aid.len)) best = a;
    }
    return best;
}
