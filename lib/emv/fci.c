/* SPDX-License-Identifier: Apache-2.0 */
/* File control information: template 6F, the name and the proprietary template inside it. */
#include "lib/emv/fci.h"

/* The value of an optional object, empty when it is not there. */
static err optional(struct bytes within, uint32_t tag, struct bytes *ret_value)
{
    err e = tlv_find(within, tag, ret_value);
    return e.code == ERR_NOT_FOUND ? OK : e;
}

static err one_byte(struct bytes within, uint32_t tag, uint8_t *ret_byte)
{
    struct bytes value = {0};
    TRY(optional(within, tag, &value));
    if (value.len > 1) return ERR(FORMAT);
    *ret_byte = value.len == 1 ? value.at[0] : 0;
    return OK;
}

static err parse_proprietary(struct emv_fci *fci)
{
    uint8_t priority;
    TRY(optional(fci->proprietary, 0x50, &fci->label));
    TRY(optional(fci->proprietary, 0x9F12, &fci->preferred));
    TRY(optional(fci->proprietary, 0xBF0C, &fci->discretionary));
    TRY(one_byte(fci->proprietary, 0x87, &priority));
    TRY(one_byte(fci->proprietary, 0x88, &fci->directory));
    TRY(one_byte(fci->proprietary, 0x9F11, &fci->code_table));
    fci->priority = priority & 0x0F;
    fci->confirm = (priority & 0x80) != 0;
    if (fci->directory > 10) fci->directory = 0;
    return OK;
}

err emv_fci_parse(struct bytes answer, struct emv_fci *out)
{
    struct emv_fci fci = {0};
    struct tlv_walk walk = tlv_walk_over(answer);
    struct tlv template;
    struct tlv more;
    if (!tlv_next(&walk, &template))
        return FAILED(tlv_finish(&walk)) ? tlv_finish(&walk) : ERR(FORMAT);
    if (template.tag != 0x6F || tlv_next(&walk, &more)) return ERR(FORMAT);
    TRY(tlv_finish(&walk));
    TRY(optional(template.value, 0x84, &fci.name));
    TRY(optional(template.value, 0xA5, &fci.proprietary));
    if (fci.name.len < 5 || fci.name.len > 16) return ERR(FORMAT);
    TRY(parse_proprietary(&fci));
    *out = fci;
    return OK;
}
