/* SPDX-License-Identifier: Apache-2.0 */
/* One sentence, and the check of its signature with the key of a certificate. */
#include "lib/auth/p256.h" /* first, for OpenSSL */

#include "lib/auth/last_words.h"

err last_words_write(struct bytes tid, struct bytes serial, struct writer *w)
{
    write_bytes(w, BYTES("tongbao last words 1\n"));
    write_bytes(w, tid);
    write_bytes(w, BYTES("\n"));
    write_bytes(w, serial);
    write_bytes(w, BYTES("\n"));
    return w->fault == ERR_OK ? OK : ERR(LENGTH);
}

err last_words_check(struct bytes certificate, struct bytes signature, struct bytes tid,
                     struct bytes serial, uint8_t ret_print[LAST_WORDS_PRINT])
{
    uint8_t block[LAST_WORDS_TEXT_MAX];
    struct writer w = writer_over(block, sizeof block);
    if (certificate.len > LAST_WORDS_CERTIFICATE_MAX || signature.len > LAST_WORDS_SIGNATURE_MAX)
        return ERR(LENGTH);
    TRY(last_words_write(tid, serial, &w));
    return p256_check(p256_of_certificate(certificate), writer_view(&w), signature, ret_print);
}
