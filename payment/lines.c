/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a receipt: see lines.h. */
#include "payment/lines.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/clock.h"
#include "payment/columns.h"

struct lines lines_begin(struct receipt *receipt, unsigned columns)
{
    ENSURE(columns == 0 || columns == RECEIPT_COLUMNS || columns == RECEIPT_COLUMNS_WIDE);
    receipt->columns = columns == 0 ? RECEIPT_COLUMNS : columns;
    return (struct lines){receipt, ERR_OK};
}

bool lines_wide(const struct lines *b)
{
    return b->receipt->columns == RECEIPT_COLUMNS_WIDE;
}

void lines_add(struct lines *b, enum receipt_style style, const char *format, ...)
{
    if (b->receipt->count == RECEIPT_LINES) b->fault = ERR_FULL;
    if (b->fault != ERR_OK) return;
    struct receipt_line *line = &b->receipt->line[b->receipt->count];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(line->text, sizeof line->text, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof line->text ||
        receipt_columns(line->text) > b->receipt->columns) {
        b->fault = ERR_FULL;
        return;
    }
    line->style = style;
    b->receipt->count++;
}

void lines_rule(struct lines *b)
{
    static const char line[] = "------------------------------------------------";
    lines_add(b, RECEIPT_RULE, "%.*s", (int)b->receipt->columns, line);
}

void lines_pair(struct lines *b, enum receipt_style style, const char *label, const char *value)
{
    size_t left = receipt_columns(label), right = receipt_columns(value);
    size_t room = b->receipt->columns;
    if (left + right >= room) {
        lines_add(b, style, "%s", label);
        lines_add(b, style, "%*s%s", right < room ? (int)(room - right) : 0, "", value);
        return;
    }
    lines_add(b, style, "%s%*s%s", label, (int)(room - left - right), "", value);
}

void lines_strong_centre(struct lines *b, const char *text)
{
    size_t used = receipt_columns(text), room = b->receipt->columns;
    lines_add(b, RECEIPT_STRONG, "%*s%s", used < room ? (int)((room - used) / 2) : 0, "", text);
}

/* Where a full line ends in front of `next`: words of Latin letters stay whole if they can. */
static size_t line_end(const char *line, size_t len, char next)
{
    bool inside = next != ' ' && (uint8_t)next < 0x80;
    for (size_t end = len; inside && end > 0; end--)
        if (line[end - 1] == ' ' || (uint8_t)line[end - 1] >= 0x80) return end;
    return len;
}

/* Without the spaces at its end. */
static void wrapped_line(struct lines *b, const char *line, size_t len)
{
    while (len > 0 && line[len - 1] == ' ') len--;
    lines_add(b, RECEIPT_NORMAL, "  %.*s", (int)len, line);
}

void lines_wrapped(struct lines *b, const char *text)
{
    enum { ROOM = RECEIPT_LINE_BYTES - sizeof "  " };
    char line[ROOM + 1];
    size_t len = 0, columns = 2;
    uint32_t code;
    for (size_t i = 0; text[i] != '\0';) {
        size_t step = columns_point(text + i, &code);
        if (columns + columns_of_point(code) > b->receipt->columns || len + step > ROOM) {
            size_t end = line_end(line, len, text[i]);
            wrapped_line(b, line, end);
            memmove(line, line + end, len - end);
            len -= end;
            line[len] = '\0';
            columns = 2 + receipt_columns(line);
        }
        if (len > 0 || code != ' ' || i == 0) {
            memcpy(line + len, text + i, step);
            len += step;
            columns += columns_of_point(code);
        }
        i += step;
    }
    if (len > 0) wrapped_line(b, line, len);
}

void lines_field(struct lines *b, const char *label, const char *value)
{
    if (lines_wide(b)) {
        lines_pair(b, RECEIPT_NORMAL, label, value);
        return;
    }
    lines_add(b, RECEIPT_NORMAL, "%s", label);
    lines_wrapped(b, value);
}

struct lines_money lines_money(int64_t minor)
{
    struct lines_money out = {""};
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    money_write(&w, minor);
    return out;
}

struct lines_sum lines_sum(int64_t minor)
{
    struct lines_sum out = {""};
    struct writer w = writer_over(out.text, sizeof out.text - 1);
    write_bytes(&w, BYTES("RMB "));
    money_write(&w, minor);
    out.text[w.len] = '\0';
    return out;
}

void lines_moment(struct lines *b, const char *label, int64_t local_ms)
{
    struct civil at = civil_from_ms(local_ms);
    lines_add(b, RECEIPT_NORMAL, "%s %04d/%02d/%02d %02d:%02d:%02d", label, at.year, at.month,
              at.day, at.hour, at.minute, at.second);
}

/* Number and price of more than one are told; a single one has its price at the right edge. */
static void item(struct lines *b, const struct basket_line *line)
{
    char label[RECEIPT_LINE_BYTES];
    struct lines_money sum = lines_money(basket_line_minor(line));
    if (line->quantity == 1 &&
        receipt_columns(line->name) + strlen(sum.text) < b->receipt->columns) {
        lines_pair(b, RECEIPT_NORMAL, line->name, sum.text);
        return;
    }
    snprintf(label, sizeof label, "  %lld x %s", (long long)line->quantity,
             lines_money(line->price_minor).text);
    lines_add(b, RECEIPT_NORMAL, "%s", line->name);
    lines_pair(b, RECEIPT_NORMAL, label, sum.text);
}

void lines_items(struct lines *b, const struct basket *basket)
{
    if (basket == NULL || basket->count == 0) return;
    lines_rule(b);
    for (size_t i = 0; i < basket->count; i++) item(b, &basket->line[i]);
    lines_rule(b);
}

const char *lines_means(enum payment_means means)
{
    switch (means) {
    case PAYMENT_CODE:
        return "扫码 CODE";
    case PAYMENT_SHOWN:
        return "收款码 SHOWN";
    case PAYMENT_CASH:
        return "现金 CASH";
    case PAYMENT_POINTS:
        return "积分 POINTS";
    case PAYMENT_CARD:
    case PAYMENT_MEANS_NONE:
        break;
    }
    return "银行卡 CARD";
}
