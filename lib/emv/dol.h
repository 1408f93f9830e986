/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * dol: data object lists (EMV Book 3, 5.4): a card lists tags and lengths, the terminal answers
 * with the values alone, each made exactly as long as asked. PDOL, CDOL1, CDOL2, DDOL and TDOL.
 */

#include "lib/emv/data.h"

enum { EMV_DOL_FILLED_MAX = 252 }; /* what a command can carry behind template 83 and its length */

struct emv_dol_entry {
    uint32_t tag;
    bool constructed;
    uint8_t len;
};

/* The next entry. False at the end and at a fault; reader_finish() says which (SHORT, FORMAT). */
bool emv_dol_next(struct reader *dol, struct emv_dol_entry *out);

/* What the values come to. Errors: SHORT, FORMAT, LENGTH (above EMV_DOL_FILLED_MAX). */
MUST_USE err emv_dol_length(struct bytes dol, size_t *ret_len);

/* Whether a tag is listed. False for a malformed list. */
bool emv_dol_lists(struct bytes dol, uint32_t tag);

/* Where a value comes from: `get` of the first source that has it wins. */
struct emv_dol_source {
    bool (*get)(const void *context, uint32_t tag, struct bytes *ret_value);
    const void *context;
};

/*
 * Appends the values. A tag that nobody has, or that is constructed, is filled with zeros. A value
 * of another length is cut or padded by its format: numbers on the left, with zeros; compressed
 * numbers on the right, with F; everything else on the right, with zeros.
 * Errors: as emv_dol_length, FULL. Nothing is written then.
 */
MUST_USE err emv_dol_fill(struct bytes dol, const struct emv_dol_source *source, size_t sources,
                          struct writer *w);

/* The same out of the store. */
MUST_USE err emv_dol_fill_from(struct bytes dol, const struct emv_data *data, struct writer *w);

/* How a tag's value is written: Book 3, annex A. Unlisted tags are binary. */
enum emv_format { EMV_BINARY, EMV_NUMERIC, EMV_COMPRESSED };
enum emv_format emv_tag_format(uint32_t tag);
