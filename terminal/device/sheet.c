/* SPDX-License-Identifier: Apache-2.0 */
/* Both directions of the one form; what is not of it is refused, though it comes from ourselves. */
#include "terminal/device/sheet.h"

#include "lib/base/reader.h"
#include "terminal/device/strokes.h"

enum { SIGNATURE = 0xff /* where a line has its style */ };

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
    if (receipt->strokes_len == 0) return;
    write_be(w, SIGNATURE, 1);
    write_be(w, receipt->strokes_at, 1);
    write_be(w, receipt->strokes_len, 2);
    write_bytes(w, bytes_of(receipt->strokes, receipt->strokes_len));
}

/* What stands behind its mark. */
static err read_strokes(struct reader *r, struct receipt *receipt)
{
    receipt->strokes_at = (size_t)read_be(r, 1);
    receipt->strokes_len = (size_t)read_be(r, 2);
    if (receipt->strokes_len > sizeof receipt->strokes || r->left.len != receipt->strokes_len)
        return ERR(LENGTH);
    struct bytes strokes = read_bytes(r, receipt->strokes_len);
    if (receipt->strokes_at > receipt->count) return ERR(RANGE);
    memcpy(receipt->strokes, strokes.at, strokes.len);
    return strokes_check(strokes);
}

err sheet_read(struct bytes sheet, struct receipt *out)
{
    struct receipt receipt = {.count = 0};
    struct reader r = reader_over(sheet);
    receipt.columns = (unsigned)read_be(&r, 1);
    if (receipt.columns != RECEIPT_COLUMNS && receipt.columns != RECEIPT_COLUMNS_WIDE)
        return r.fault != ERR_OK ? (err){r.fault} : ERR(RANGE);
    while (r.left.len > 0) {
        uint64_t style = read_be(&r, 1);
        if (style == SIGNATURE) {
            TRY(read_strokes(&r, &receipt));
            break;
        }
        if (receipt.count == RECEIPT_LINES) return ERR(LENGTH);
        struct receipt_line *line = &receipt.line[receipt.count++];
        uint64_t len = read_be(&r, 1);
        if (style > RECEIPT_RULE) return ERR(RANGE);
        line->style = (enum receipt_style)style;
        TRY(bytes_to_text(read_bytes(&r, len), line->text, sizeof line->text));
    }
    TRY(reader_finish(&r));
    *out = receipt;
    return OK;
}
