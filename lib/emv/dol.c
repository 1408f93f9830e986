/* SPDX-License-Identifier: Apache-2.0 */
/* Data object lists: walking one, and answering it. EMV Book 3, 5.4. */
#include "lib/emv/dol.h"

static const uint32_t numeric[] = {
    0x5F24, 0x5F25, 0x5F28, 0x5F2A, 0x5F30, 0x5F34, 0x5F36, 0x5F57, 0x9A,   0x9C,   0x9F01, 0x9F02,
    0x9F03, 0x9F11, 0x9F15, 0x9F19, 0x9F1A, 0x9F21, 0x9F35, 0x9F39, 0x9F3B, 0x9F3C, 0x9F3D, 0x9F41,
    0x9F42, 0x9F43, 0x9F44, 0x9F54, 0x9F57, 0x9F5C, 0x9F5D, 0x9F6D, 0x9F77, 0x9F78, 0x9F79, 0x9F7B,
};
static const uint32_t compressed[] = {0x5A, 0x9F20, 0x9F62};

enum emv_format emv_tag_format(uint32_t tag)
{
    for (size_t i = 0; i < ARRAY_LEN(numeric); i++)
        if (numeric[i] == tag) return EMV_NUMERIC;
    for (size_t i = 0; i < ARRAY_LEN(compressed); i++)
        if (compressed[i] == tag) return EMV_COMPRESSED;
    return EMV_BINARY;
}

static uint32_t read_dol_tag(struct reader *r)
{
    uint32_t tag = (uint32_t)read_be(r, 1);
    if ((tag & 0x1F) != 0x1F) return tag;
    for (size_t bytes = 1; bytes < TLV_TAG_BYTES; bytes++) {
        uint32_t next = (uint32_t)read_be(r, 1);
        tag = tag << 8 | next;
        if ((next & 0x80) == 0) return tag;
    }
    reader_fail(r, ERR_FORMAT);
    return 0;
}

bool emv_dol_next(struct reader *dol, struct emv_dol_entry *out)
{
    if (dol->left.len == 0 || dol->fault != ERR_OK) return false;
    bool constructed = (dol->left.at[0] & 0x20) != 0;
    uint32_t tag = read_dol_tag(dol);
    uint8_t len = (uint8_t)read_be(dol, 1);
    if (dol->fault == ERR_OK && tag == 0) reader_fail(dol, ERR_FORMAT);
    if (dol->fault != ERR_OK) return false;
    *out = (struct emv_dol_entry){tag, constructed, len};
    return true;
}

err emv_dol_length(struct bytes dol, size_t *ret_len)
{
    struct reader r = reader_over(dol);
    struct emv_dol_entry entry;
    size_t len = 0;
    while (emv_dol_next(&r, &entry)) len += entry.len;
    TRY(reader_finish(&r));
    if (len > EMV_DOL_FILLED_MAX) return ERR(LENGTH);
    *ret_len = len;
    return OK;
}

bool emv_dol_lists(struct bytes dol, uint32_t tag)
{
    struct reader r = reader_over(dol);
    struct emv_dol_entry entry;
    bool listed = false;
    while (emv_dol_next(&r, &entry)) listed |= entry.tag == tag;
    return listed && !FAILED(reader_finish(&r));
}

static void write_fitted(struct writer *w, const struct emv_dol_entry *entry, struct bytes value)
{
    uint8_t *space = write_space(w, entry->len);
    if (space == NULL || entry->len == 0) return;
    enum emv_format format = emv_tag_format(entry->tag);
    size_t kept = value.len < entry->len ? value.len : entry->len;
    size_t pad = entry->len - kept;
    memset(space, format == EMV_COMPRESSED && value.len > 0 ? 0xFF : 0, entry->len);
    if (kept == 0) return;
    if (format == EMV_NUMERIC) memcpy(space + pad, value.at + value.len - kept, kept);
    else memcpy(space, value.at, kept);
}

err emv_dol_fill(struct bytes dol, const struct emv_dol_source *source, size_t sources,
                 struct writer *w)
{
    size_t len;
    TRY(emv_dol_length(dol, &len));
    if (w->fault != ERR_OK) return (err){w->fault};
    if (len > w->max - w->len) return ERR(FULL);
    struct reader r = reader_over(dol);
    struct emv_dol_entry entry;
    while (emv_dol_next(&r, &entry)) {
        struct bytes value = {0};
        for (size_t i = 0; i < sources && !entry.constructed; i++)
            if (source[i].get(source[i].context, entry.tag, &value)) break;
        write_fitted(w, &entry, value);
    }
    return OK;
}

static bool get_from_data(const void *context, uint32_t tag, struct bytes *ret_value)
{
    return emv_data_get((const struct emv_data *)context, tag, ret_value);
}

err emv_dol_fill_from(struct bytes dol, const struct emv_data *data, struct writer *w)
{
    const struct emv_dol_source source = {get_from_data, data};
    return emv_dol_fill(dol, &source, 1, w);
}
