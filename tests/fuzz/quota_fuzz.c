/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of limits and notices: what is taken is written the same way again. */
#include <stdlib.h>

#include "payment/quota.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct quota_table table, again;
    static uint8_t text[1 << 17];
    char notice[64] = "", written[PAYMENT_NOTICE_MAX + 1];
    struct quota_fault fault;
    struct quota_notice n;
    if (!FAILED(quota_table_parse(bytes_of(data, size), &table, &fault))) {
        struct writer w = writer_over(text, sizeof text);
        quota_table_write(&table, &w);
        ENSURE(w.fault == ERR_OK);
        if (FAILED(quota_table_parse(writer_view(&w), &again, &fault))) abort();
        ENSURE(memcmp(&table, &again, sizeof table) == 0);
    }
    if (size < sizeof notice) memcpy(notice, data, size);
    if (!FAILED(quota_notice_read(notice, &n))) {
        quota_notice_write(&n, written);
        ENSURE(strcmp(written, notice) == 0);
    }
    return 0;
}
