/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * factory: how a device shows that it is the one with this serial number, before anybody has given
 * it a certificate (DV-01). Its secure processor made a key at the factory, whose print the maker
 * reports with the serial number; the processor signs what it asks for:
 *
 *   "tongbao activation 1\n" serial "\n" model "\n" transport key in hex "\n" way "\n" code "\n"
 *   step "\n"
 *
 * ECDSA on P-256 over SHA-256, DER. The key for which certificate and keys will be made stands in
 * it, so that nobody can put his own in its place.
 */

#include "lib/base/bytes.h"
#include "lib/base/writer.h"

enum {
    FACTORY_TEXT_MAX = 256,
    FACTORY_REQUEST_MAX = 2048,
    FACTORY_SIGNATURE_MAX = 80,
    FACTORY_TRANSPORT = 32,
    FACTORY_PRINT = 32,
    FACTORY_CODE_MAX = 16,
};

/* Views. `way` and `step` as the device channel has them: "code", "1". */
struct factory_words {
    struct bytes serial, model, way, code, step;
    const uint8_t *transport;
};

/* Errors: LENGTH. */
MUST_USE err factory_write(const struct factory_words *words, struct writer *w);

/*
 * Is this signature of the key in `request` (PKCS #10, PEM), and of these words? *ret_print is the
 * SHA-256 of its public key. Errors: FORMAT (no request of a P-256 key), LENGTH, MAC (not so
 * signed).
 */
MUST_USE err factory_check(struct bytes request, struct bytes signature,
                           const struct factory_words *words, uint8_t ret_print[FACTORY_PRINT]);
