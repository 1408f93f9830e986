/* SPDX-License-Identifier: Apache-2.0 */
/* One HMAC over parts that cannot be shifted into one another. */
#include "lib/crypto/pepper.h"

#include "lib/base/writer.h"
#include "lib/crypto/keyed_mac.h"

err pepper_apply(struct crypto *crypto, const struct key *key, struct bytes context,
                 struct bytes data, uint8_t ret_mac[PEPPER_BYTES])
{
    if (key->usage != KEY_USAGE_PEPPER || key->algorithm != KEY_HMAC_SHA256) return ERR(KEY);
    if (context.len > PEPPER_CONTEXT_MAX || data.len == 0 || data.len > PEPPER_DATA_MAX)
        return ERR(LENGTH);
    uint8_t input[32 + PEPPER_CONTEXT_MAX + PEPPER_DATA_MAX];
    struct writer w = writer_over(input, sizeof input);
    write_bytes(&w, BYTES("tongbao pepper v1"));
    write_prefixed(&w, 1, context);
    write_bytes(&w, data);
    ENSURE(w.fault == ERR_OK);
    err made =
        keyed_mac(crypto, CRYPTO_HMAC_SHA256, secret_view(&key->value), writer_view(&w), ret_mac);
    secret_wipe_bytes(input, sizeof input);
    return made;
}
