/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * certificate: the keys of issuer and card out of the card's certificates, and what they signed
 * (EMV Book 2, 5 to 7). Contact SDA, DDA and CDA, offline PINs, and contactless fDDA use it.
 *
 * Nothing here sets a bit anywhere: a caller learns whether a key or a signature is good, and says
 * in its own TVR what it makes of it. Errors of all functions:
 *
 *     MISSING      the card did not give an object that is needed (ICC data missing)
 *     NOT_FOUND    no such CA key in the parameters, or it has expired
 *     DENIED       the issuer's certificate is revoked
 *     IDENTITY     the certificate is another card's
 *     RANGE        it has expired
 *     LENGTH       lengths that do not fit: a key longer than its signer's, a wrong remainder
 *     FORMAT       not 6A .. BC, another format number, padding, algorithm or exponent
 *     MAC          the hash is another
 *     CRYPTO       OpenSSL
 */

#include "lib/crypto/rsa.h"
#include "lib/emv/data.h"
#include "lib/emv/parameters.h"

enum { EMV_KEY_BYTES_MAX = 248 };

struct emv_key {
    uint8_t modulus[EMV_KEY_BYTES_MAX];
    uint8_t modulus_len;
    uint8_t exponent[3];
    uint8_t exponent_len;
};

static inline struct bytes emv_key_modulus(const struct emv_key *key)
{
    return bytes_of(key->modulus, key->modulus_len);
}

/* What certificates are judged by: the card's data (8F 90 92 9F32 5A 9F46 ..), the application's
 * name, the day (YYMMDD, packed). */
struct emv_trust {
    const struct emv_parameters *parameters;
    const struct emv_data *data;
    struct bytes aid;
    uint8_t date[3];
};

/* Book 2, 5.3 and 6.3. */
MUST_USE err emv_issuer_key(const struct emv_trust *trust, struct emv_key *ret_key);

/*
 * Book 2, 6.4. `static_data` are the records for offline authentication; the values named in 9F4A
 * are appended here.
 */
MUST_USE err emv_card_key(const struct emv_trust *trust, const struct emv_key *issuer,
                          struct bytes static_data, struct emv_key *ret_key);

/* The key for PINs (Book 2, 7.1): the one of 9F2D, or the card's own when there is no 9F2D. */
MUST_USE err emv_pin_key(const struct emv_trust *trust, const struct emv_key *issuer,
                         struct bytes static_data, struct emv_key *ret_key);

/* SDA (5.4): verifies 93 over the static data; gives the data authentication code (9F45). */
MUST_USE err emv_static_signature(const struct emv_trust *trust, const struct emv_key *issuer,
                                  struct bytes static_data, uint8_t ret_code[2]);

/*
 * Signed dynamic data (6.5.2, 6.6.2): verifies `signed_data` over itself and the parts behind it
 * (DDOL values; for CDA the unpredictable number). `ret_dynamic` is a view into `block`: the ICC
 * dynamic data.
 */
MUST_USE err emv_dynamic_signature(const struct emv_key *card, struct bytes signed_data,
                                   const struct bytes *part, size_t parts,
                                   uint8_t block[EMV_KEY_BYTES_MAX], struct bytes *ret_dynamic);
