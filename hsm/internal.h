/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What hsm.c, keys.c, accept.c and recovery.c share. */

#include "hsm/cache.h"
#include "hsm/hsm.h"
#include "lib/base/reader.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/wire/hsm_protocol.h"

struct hsm {
    struct crypto crypto;
    struct hsm_master master;
    const struct log *log;
    bool development;
    uint64_t commands, refusals;
    struct hsm_cache cache;
};

/* What a suite means in algorithms. */
struct hsm_suite_row {
    enum key_algorithm master, pin, mac, data;
    enum mac_algorithm mac_algorithm;
    enum pin_format pin_format;
    bool has_data; /* card data in envelopes; otherwise clear, as in the plain profile */
};

/* NULL for a number that is no suite. */
const struct hsm_suite_row *hsm_suite_row(uint8_t suite);

/*
 * Commands: read their body from `r`; on HSM_OK they have appended header and body of the answer,
 * otherwise nothing.
 */
typedef enum hsm_status hsm_do(struct hsm *hsm, struct reader *r, struct hsm_header header,
                               struct writer *response);
hsm_do hsm_do_make_key, hsm_do_import_key, hsm_do_sign_in, hsm_do_accept, hsm_do_mac_make,
    hsm_do_mac_check, hsm_do_recovery, hsm_do_pepper, hsm_do_anchor;

/* The key of a block, if it is for this use. BAD_KEY_BLOCK or WRONG_USAGE otherwise. */
enum hsm_status hsm_take_key(struct hsm *hsm, struct bytes block, enum key_usage usage,
                             enum key_algorithm algorithm, const struct key **ret_key);

/* Stops at the first status that is not HSM_OK, as TRY does for err. */
#define HSM_TRY(call)                          \
    do {                                       \
        enum hsm_status status_ = (call);      \
        if (status_ != HSM_OK) return status_; \
    } while (0)

/* An err of lib/crypto that only a failing cipher, never the request, can cause. */
static inline enum hsm_status hsm_cipher_status(err e)
{
    return FAILED(e) ? HSM_FAILED : HSM_OK;
}
