/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a text of parameters: a refusal names a line that exists and changes nothing, and
 * what is taken is a document that the parser takes.
 */
#include "lib/emv/parameters_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t block[EMV_PARAMETERS_MAX];
    static struct emv_parameters p, before, again;
    struct emv_parameters_text_fault at = {0};
    struct emv_parameters_fault fault;
    struct writer out = writer_over(block, sizeof block);
    size_t lines = 1;
    for (size_t i = 0; i < size; i++) lines += data[i] == '\n';
    memset(&p, 0x5A, sizeof p);
    memcpy(&before, &p, sizeof p);
    err e = emv_parameters_text(bytes_of(data, size), 7, &out, &p, &at);
    if (FAILED(e)) {
        ENSURE(at.line <= lines && at.cause == e.code);
        ENSURE(memcmp(&before, &p, sizeof p) == 0);
        return 0;
    }
    ENSURE(p.number == 7);
    e = emv_parameters_parse(writer_view(&out), &again, &fault);
    ENSURE(!FAILED(e) && again.applications == p.applications && again.ca_keys == p.ca_keys);
    return 0;
}
