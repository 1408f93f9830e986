/* SPDX-License-Identifier: Apache-2.0 */
/* Clearing files: what is taken is the same file again when it is written. The digest is a toy's,
 * so that inputs come behind it. */
#include "payment/clearing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void no_digest(struct bytes data, uint8_t ret_digest[CLEARING_DIGEST_BYTES])
{
    (void)data;
    memset(ret_digest, 0, CLEARING_DIGEST_BYTES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct clearing_row rows[512];
    static uint8_t text[1 << 16];
    const struct clearing_head head = {PAYMENT_ROUTE_CARD_NETWORK, 20454, CURRENCY_CNY};
    struct clearing_sums sums;
    struct clearing_fault fault = {0};
    size_t count = 0;
    err e =
        clearing_parse(bytes_of(data, size), &head, no_digest, rows, 512, &count, &sums, &fault);
    ENSURE(FAILED(e) == (fault.why != NULL));
    if (FAILED(e) || sums.version == 1) return 0; /* that is read and not written */
    struct writer w = writer_over(text, sizeof text);
    clearing_write_head(&w, &head);
    for (size_t i = 0; i < count; i++) clearing_write_row(&w, &rows[i]);
    clearing_write_end(&w, &sums, no_digest);
    ENSURE(w.fault == ERR_OK && bytes_equal(writer_view(&w), bytes_of(data, size)));
    return 0;
}
