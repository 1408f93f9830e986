/* SPDX-License-Identifier: Apache-2.0 */
/* What a device signs that has only what its maker gave it, and the check of it. */
#include "lib/auth/p256.h" /* first, for OpenSSL */

#include "lib/auth/factory.h"

#include "lib/base/hex.h"

err factory_write(const struct factory_words *words, struct writer *w)
{
    const struct bytes lines[] = {words->way, words->code, words->step};
    write_bytes(w, BYTES("tongbao activation 1\n"));
    write_bytes(w, words->serial);
    write_bytes(w, BYTES("\n"));
    write_bytes(w, words->model);
    write_bytes(w, BYTES("\n"));
    write_hex(w, bytes_of(words->transport, FACTORY_TRANSPORT));
    write_bytes(w, BYTES("\n"));
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        write_bytes(w, lines[i]);
        write_bytes(w, BYTES("\n"));
    }
    return w->fault == ERR_OK ? OK : ERR(LENGTH);
}

err factory_check(struct bytes request, struct bytes signature, const struct factory_words *words,
                  uint8_t ret_print[FACTORY_PRINT])
{
    uint8_t block[FACTORY_TEXT_MAX];
    struct writer w = writer_over(block, sizeof block);
    if (request.len > FACTORY_REQUEST_MAX || signature.len > FACTORY_SIGNATURE_MAX)
        return ERR(LENGTH);
    TRY(factory_write(words, &w));
    return p256_check(p256_of_request(request), writer_view(&w), signature, ret_print);
}
