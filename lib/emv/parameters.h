/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * parameters: which cards a terminal takes and how. One document, "tongbao parameters v1", holds
 * the applications (AIDs), the certification authorities' public keys, revoked certificates, the
 * exception list and the limits, so that they are signed, loaded and given up together.
 *
 * The document is BER-TLV. Entries carry the tags of protocol facts 1.14, so that what an acquirer
 * sends over 8583 goes in unchanged.
 *
 *     DF8101 01      version of this form            1 byte, must be 01
 *     DF8102 04      number of the document          rises; the caller refuses an older one
 *     E1 ..          an application                  9F06 DF01 9F08 DF11 DF12 DF13 9F1B DF15 DF16
 *                                                    DF17 [DF14] [97] DF18 [9F7B] [DF19 DF20 DF21]
 *                                                    [9F35] [9F33]
 *     E2 ..          a CA public key                 9F06 9F22 DF05 DF06 DF07 DF02 DF04 DF03
 *     E3 ..          a card that may not pay         5A [5F34]
 *     E4 ..          a revoked issuer certificate    9F06 9F22 DF8104
 *     E5 ..          limits of the terminal          [DF8105] [DF8106 [DF8107 DF8108 DF8109]]
 *
 * Strict: an unknown tag, a second entry of the same name, a wrong length or a checksum that does
 * not match (SHA-1 over RID, index, modulus and exponent: EMV Book 2, 11.2.2) refuses the whole
 * document. The signature around it is the caller's to check, before anything here is called.
 *
 * Views point into the document, which must live as long as the parameters.
 */

#include "lib/base/tlv.h"

enum {
    EMV_AID_MIN = 5,
    EMV_AID_MAX = 16, /* ISO/IEC 7816-4 */
    EMV_RID_BYTES = 5,
    EMV_APPLICATIONS = 32, /* a terminal of six schemes has about twenty */
    EMV_CA_KEYS = 64,      /* six indexes a scheme and those of tests */
    EMV_EXCEPTIONS = 256,  /* longer lists belong to the host */
    EMV_REVOKED = 64,
    EMV_PARAMETERS_MAX = 49152, /* bytes of a document; 64 keys of 248 bytes are 20 kB */
    EMV_PARAMETERS_VERSION = 1,
};

struct emv_application {
    struct bytes aid;         /* 9F06 */
    bool partial;             /* DF01 = 00: longer names on the card are meant too */
    uint8_t version[2];       /* 9F08 (or 9F09): compared with the card's */
    uint8_t tac_default[5];   /* DF11 */
    uint8_t tac_online[5];    /* DF12 */
    uint8_t tac_denial[5];    /* DF13 */
    uint32_t floor_limit;     /* 9F1B, minor units */
    uint32_t threshold;       /* DF15, biased random selection, minor units */
    uint8_t maximum_percent;  /* DF16, 0 to 99 */
    uint8_t target_percent;   /* DF17, 0 to 99, not above the maximum */
    struct bytes ddol;        /* DF14, may be empty */
    struct bytes tdol;        /* 97, may be empty */
    bool online_pin;          /* DF18 = 01 */
    int64_t cash_limit_minor; /* 9F7B electronic cash; -1: none */
    int64_t tap_floor_minor;  /* DF19 contactless floor limit; -1: contactless is not offered */
    int64_t tap_limit_minor;  /* DF20 */
    int64_t tap_cvm_minor;    /* DF21 */
    /* What the terminal is for this application when a payment may be approved without the host: */
    uint8_t type;            /* 9F35, 0x22 or 0x21; 0: not given, as it is set up */
    uint8_t capabilities[3]; /* 9F33 while the host is away; 000000: not given */
};

struct emv_ca_key {
    uint8_t rid[EMV_RID_BYTES];
    uint8_t index;
    uint8_t expiry[3]; /* YYMMDD, packed */
    struct bytes modulus, exponent;
};

struct emv_exception {
    struct bytes pan; /* packed digits padded with F */
    int sequence;     /* -1: every card of this number */
};

struct emv_revoked {
    uint8_t rid[EMV_RID_BYTES];
    uint8_t index;
    uint8_t serial[3];
};

struct emv_limits {
    int64_t
        tap_free_minor; /* DF8105: contactless below needs neither PIN nor signature; -1: none */
    /* The risk of payments that cards approve by themselves, which there are only when all four are
     * given: what may wait for its delivery to the host, together and each, and how long. */
    int64_t offline_total_minor; /* DF8106; -1: none */
    uint32_t offline_count;      /* DF8107 */
    int64_t offline_each_minor;  /* DF8108; -1: none */
    uint8_t offline_days;        /* DF8109: since the host was heard last */
};

struct emv_parameters {
    uint32_t number; /* of the document */
    size_t applications, ca_keys, exceptions, revoked;
    struct emv_application application[EMV_APPLICATIONS];
    struct emv_ca_key ca_key[EMV_CA_KEYS];
    struct emv_exception exception[EMV_EXCEPTIONS];
    struct emv_revoked revoked_key[EMV_REVOKED];
    struct emv_limits limits;
};

struct emv_parameters_fault {
    size_t offset; /* of the entry, from the start of the document */
    uint32_t tag;  /* within the entry; 0 when it is the entry itself */
};

/*
 * Reads a whole document. `out` is untouched on failure, and `ret_fault` says where.
 * Errors: SHORT, FORMAT, LENGTH, FIELD (unknown tag), MISSING, RANGE, EXISTS (twice), FULL (more
 * than a table holds), NEWER (another version of the form), KCV (a checksum does not match), KEY
 * (modulus or exponent is no RSA key), UNSUPPORTED (not SHA-1 and RSA).
 */
MUST_USE err emv_parameters_parse(struct bytes document, struct emv_parameters *out,
                                  struct emv_parameters_fault *ret_fault);

/* NULL when there is none. */
const struct emv_ca_key *emv_parameters_ca_key(const struct emv_parameters *p, struct bytes rid,
                                               uint8_t index);
bool emv_parameters_revoked(const struct emv_parameters *p, struct bytes rid, uint8_t index,
                            struct bytes serial);

/* Whether the card stands on the exception list; sequence -1 when it has none. */
bool emv_parameters_excepted(const struct emv_parameters *p, struct bytes pan_packed, int sequence);

/*
 * The application for a name on the card: the exact one, else the longest that is its beginning and
 * may be partial. NULL when there is none.
 */
const struct emv_application *emv_parameters_application(const struct emv_parameters *p,
                                                         struct bytes name);

/* Checksum of a CA key. */
MUST_USE err emv_ca_key_checksum(const struct emv_ca_key *key, uint8_t ret_checksum[20]);
