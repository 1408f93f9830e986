/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a document of a terminal's parameters (S118): what is taken fits its table and is
 * written again as the same bytes; what is not leaves the receiver's set as it was.
 */
#include "lib/wire/device_parameters.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_taken(const struct device_parameters *set, struct bytes document)
{
    uint8_t again[DEVICE_PARAMETERS_MAX];
    struct writer w = writer_over(again, sizeof again);
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++)
        ENSURE(device_parameter_fits(i, &set->value[i]));
    device_parameters_write(&w, set);
    ENSURE(w.fault == ERR_OK && bytes_equal(writer_view(&w), document));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct device_parameters set = {0};
    struct bytes document = bytes_of(data, size);
    set.value[DEVICE_PARAMETER_tip] = (struct device_parameter_value){true, 1, ""};
    if (!FAILED(device_parameters_read(document, &set))) {
        check_taken(&set, document);
    } else {
        ENSURE(set.value[DEVICE_PARAMETER_tip].set && set.value[DEVICE_PARAMETER_tip].number == 1);
        for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++)
            ENSURE(i == DEVICE_PARAMETER_tip || !set.value[i].set);
    }
    return 0;
}
