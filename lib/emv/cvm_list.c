/* SPDX-License-Identifier: Apache-2.0 */
/* The list of cardholder verification rules: two amounts and pairs of code and condition. */
#include "lib/emv/cvm_list.h"

#include "lib/base/reader.h"

err emv_cvm_list_parse(struct bytes value, struct emv_cvm_list *out)
{
    struct reader r = reader_over(value);
    struct emv_cvm_list list = {.x = (uint32_t)read_be(&r, 4), .y = (uint32_t)read_be(&r, 4)};
    list.rules = read_rest(&r);
    TRY(reader_finish(&r));
    if (list.rules.len == 0) return ERR(MISSING);
    if (list.rules.len % 2 != 0) return ERR(FORMAT);
    *out = list;
    return OK;
}
