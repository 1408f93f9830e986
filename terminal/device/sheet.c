/* SPDX-License-Identifier: Apache-2.0 */
/* Both directions of the one form; what is not of it is refused, though it comes from ourselves. */
#include "terminal/device/sheet.h"

#include "lib/base/reader.h"

void sheet_write(const struct receipt *receipt, struct writer *w)
{
    ENSURE(receipt->count <= RECEIPT_LINES);
    write_be(w, receipt->columns == 0 ? RECEIPT_COLUMNS : receipt->columns,
             1); /* 0: an empty one */
    for (size_t i = 0; i < receipt->count; i++) {
        const struct receipt_line *line = &receipt->line[i];
        write_be(w, line->style, 1);
        write_be(w, strlen(line->text), 1);
        write_bytes(w, bytes_text(line->text));
    }
}

err sheet_read(struct bytes sheet, struct receipt *out)
{
    struct receipt receipt = {.count = 0};
    struct reader r = reader_over(sheet);
    receipt.columns = (unsigned)read_be(&r, 1);
    if (receipt.columns != RECEIPT_COLUMNS && receipt.columns != RECEIPT_COLUMNS_WIDE)
        return r.fault != ERR_OK ? (err){r.fault} : ERR(RANGE);
    while (r.left.len > 0) {
        if (receipt.count == RECEIPT_LINES) return ERR(LENGTH);
        struct receipt_line *line = &receipt.line[receipt.count++];
        uint64_t style = read_be(&r, 1), len = read_be(&r, 1);
        if (style > RECEIPT_RULE) return ERR(RANGE);
        line->style = (enum receipt_style)style;
        TRY(bytes_to_text(read_bytes(&r, len), line->text, sizeof line->text));
    }
    TRY(reader_finish(&r));
    *out = receipt;
    return OK;
}
