/* SPDX-License-Identifier: Apache-2.0 */
/* The customer's two lines: which words belong to which screen is a table. */
#include "terminal/device/display.h"

#include "payment/kind.h"

/* clang-format off */
static const struct {
    const char *screen;
    const char *upper[PAYMENT_DIRECTIONS]; /* by enum payment_direction */
} rows[] = {
    /*                  the shop gets it          he gets it back           only held                 nothing  points      points back */
    {"sale.present",   {"请付款 PLEASE PAY",    "退款给您 REFUND",      "预授权 PRE-AUTH", NULL, "积分抵扣 POINTS", "退还积分 POINTS"}},
    {"sale.wait",      {"正在处理 PLEASE WAIT", "正在处理 PLEASE WAIT", "正在处理 PLEASE WAIT", NULL, "正在处理 PLEASE WAIT", "正在处理 PLEASE WAIT"}},
    {"sale.approved",  {"付款成功 THANK YOU",   "退款成功 REFUNDED",    "预授权成功 HELD", NULL, "抵扣成功 THANK YOU", "积分已退 RETURNED"}},
    {"sale.offline",   {"付款成功 THANK YOU",   "退款成功 REFUNDED",    "预授权成功 HELD", NULL, "抵扣成功 THANK YOU", "积分已退 RETURNED"}},
    {"sale.declined",  {"未成功 NOT PAID",      "未成功 NOT REFUNDED",  "未成功 NOT HELD", NULL, "未成功 NOT PAID", "未成功 NOT DONE"}},
    {"sale.reversing", {"未成功 NOT PAID",      "未成功 NOT REFUNDED",  "未成功 NOT HELD", NULL, "未成功 NOT PAID", "未成功 NOT DONE"}},
    {"sale.reversed",  {"未成功 NOT PAID",      "未成功 NOT REFUNDED",  "未成功 NOT HELD", NULL, "未成功 NOT PAID", "未成功 NOT DONE"}},
};
/* clang-format on */

/* What stands behind the tab of the line with the amount. */
static const char *amount_of(const struct screen *screen)
{
    for (size_t i = 0; i < screen->line_count; i++) {
        if (screen->line[i].style != SCREEN_AMOUNT) continue;
        const char *tab = strchr(screen->line[i].text, '\t');
        return tab == NULL ? screen->line[i].text : tab + 1;
    }
    return "";
}

void display_of(const struct screen *screen, enum payment_type type, struct display_lines *out)
{
    *out = (struct display_lines){""};
    if (type == PAYMENT_TYPE_NONE) return;
    enum payment_direction direction = payment_type_row(type)->direction;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].screen, screen->id) != 0 || rows[i].upper[direction] == NULL) continue;
        struct writer upper = writer_over(out->upper, sizeof out->upper - 1);
        struct writer lower = writer_over(out->lower, sizeof out->lower - 1);
        const char *amount = amount_of(screen);
        size_t columns = receipt_columns(amount);
        write_bytes(&upper, bytes_text(rows[i].upper[direction]));
        if (columns > DISPLAY_COLUMNS) return; /* better nothing than half an amount */
        write_format(&lower, "%*s%s", (int)(DISPLAY_COLUMNS - columns), "", amount);
        ENSURE(upper.fault == ERR_OK && lower.fault == ERR_OK);
        return;
    }
}

static void line(struct printer *printer, char which, const char *text, struct writer *w)
{
    const uint8_t head[] = {0x1b, 'Q', (uint8_t)which};
    if (text[0] == '\0') return;
    write_bytes(w, BYTES_OF(head));
    printer_text(printer, w, bytes_text(text));
    write_bytes(w, BYTES("\r"));
}

void display_write(struct printer *printer, const struct display_lines *lines, struct writer *w)
{
    write_bytes(w, BYTES("\x0c"));
    line(printer, 'A', lines->upper, w);
    line(printer, 'B', lines->lower, w);
}
