/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * lines: a receipt under construction, for the files that lay receipts out. What does not fit sets
 * `fault` to FULL, and nothing is added any more: who has begun looks at it once, at the end.
 */

#include "payment/receipt.h"

struct lines {
    struct receipt *receipt;
    enum err_code fault;
};

/* `columns` of struct receipt, or 0 for those of narrow paper; ENSURE on others. */
struct lines lines_begin(struct receipt *receipt, unsigned columns);
bool lines_wide(const struct lines *b);

void lines_add(struct lines *b, enum receipt_style style, const char *format, ...) PRINTF(3, 4);
void lines_rule(struct lines *b);

/* Label on the left, value on the right edge; on two lines where one has no room. */
void lines_pair(struct lines *b, enum receipt_style style, const char *label, const char *value);

/* Bold and in the middle, by spaces: a line has one style. */
void lines_strong_centre(struct lines *b, const char *text);

/* A text of any length over as many lines as it needs, each indented by two columns; words of Latin
 * letters are parted only where a line has no other place to end. Characters of
 * four bytes and one column fill a line's bytes before its columns. */
void lines_wrapped(struct lines *b, const char *text);

/* A value that has a line of its own on narrow paper, and stands at the right edge on wide paper.
 */
void lines_field(struct lines *b, const char *label, const char *value);

/* What was bought; nothing for NULL and for an empty basket. */
void lines_items(struct lines *b, const struct basket *basket);

/* "从 2026/04/25 12:30:15" */
void lines_moment(struct lines *b, const char *label, int64_t local_ms);

/* "银行卡 CARD", "现金 CASH" ... */
const char *lines_means(enum payment_means means);

/* "128.00", "-128.00" */
struct lines_money {
    char text[MONEY_TEXT_MAX + 1];
};
struct lines_money lines_money(int64_t minor);

/* "RMB 128.00" */
struct lines_sum {
    char text[MONEY_TEXT_MAX + sizeof "RMB "];
};
struct lines_sum lines_sum(int64_t minor);
