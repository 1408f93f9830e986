/* SPDX-License-Identifier: Apache-2.0 */
/* ESC/POS, as section 6 of the protocol notes has it. */
#include "terminal/device/printer.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

#include "terminal/device/strokes.h"

struct printer {
    iconv_t to_gb18030;
};

err printer_open(struct printer **ret_printer)
{
    struct printer *printer = calloc(1, sizeof *printer);
    if (printer == NULL) return ERR(NO_MEMORY);
    printer->to_gb18030 = iconv_open("GB18030", "UTF-8");
    if (printer->to_gb18030 == (iconv_t)-1) {
        free(printer);
        return ERR(UNSUPPORTED);
    }
    *ret_printer = printer;
    return OK;
}

void printer_close(struct printer *printer)
{
    if (printer == NULL) return;
    iconv_close(printer->to_gb18030);
    free(printer);
}

static void command(struct writer *w, uint8_t a, uint8_t b)
{
    write_be(w, a, 1);
    write_be(w, b, 1);
}

static void command_with(struct writer *w, uint8_t a, uint8_t b, unsigned value)
{
    command(w, a, b);
    write_be(w, value, 1);
}

void printer_reset(struct writer *w)
{
    command(w, 0x1b, '@');
}

void printer_justify(struct writer *w, enum printer_justify justify)
{
    command_with(w, 0x1b, 'a', justify);
}

void printer_size(struct writer *w, unsigned width, unsigned height)
{
    ENSURE(width >= 1 && width <= 8 && height >= 1 && height <= 8);
    command_with(w, 0x1d, '!', (width - 1) << 4 | (height - 1));
}

void printer_bold(struct writer *w, bool on)
{
    command_with(w, 0x1b, 'E', on);
}

/* One character of UTF-8; how long it is. */
static size_t character(struct bytes text, size_t at)
{
    size_t len = 1;
    while (at + len < text.len && (text.at[at + len] & 0xc0) == 0x80) len++;
    return len;
}

void printer_text(struct printer *printer, struct writer *w, struct bytes utf8)
{
    for (size_t i = 0; i < utf8.len;) {
        size_t len = character(utf8, i);
        /* Names come from outside: what would be a command to the printer is printed as a space. */
        bool control = len == 1 && (utf8.at[i] < 0x20 || utf8.at[i] == 0x7f);
        if (control) {
            write_bytes(w, BYTES(" "));
            i++;
            continue;
        }
        bool yen = len == 2 && utf8.at[i] == 0xc2 && utf8.at[i + 1] == 0xa5;
        char *from = (char *)(yen ? (const uint8_t *)"\xef\xbf\xa5" : utf8.at + i);
        size_t left = yen ? 3 : len;
        char out[8], *to = out;
        size_t room = sizeof out;
        if (iconv(printer->to_gb18030, &from, &left, &to, &room) == (size_t)-1) {
            write_bytes(w, BYTES("?"));
            (void)iconv(printer->to_gb18030, NULL, NULL, NULL, NULL);
        } else {
            write_bytes(w, bytes_of(out, sizeof out - room));
        }
        i += len;
    }
}

void printer_line(struct printer *printer, struct writer *w, struct bytes utf8)
{
    printer_text(printer, w, utf8);
    write_bytes(w, BYTES("\n"));
}

void printer_qr(struct writer *w, struct bytes data, unsigned module_dots)
{
    ENSURE(data.len > 0 && data.len <= 2000 && module_dots >= 1 && module_dots <= 16);
    static const uint8_t model[] = {0x1d, 0x28, 0x6b, 4, 0, 0x31, 0x41, 0x32, 0};
    static const uint8_t size[] = {0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x43};
    static const uint8_t level_m[] = {0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x45, 0x31};
    static const uint8_t print[] = {0x1d, 0x28, 0x6b, 3, 0, 0x31, 0x51, 0x30};
    size_t len = data.len + 3;
    write_bytes(w, BYTES_OF(model));
    write_bytes(w, BYTES_OF(size));
    write_be(w, module_dots, 1);
    write_bytes(w, BYTES_OF(level_m));
    command_with(w, 0x1d, 0x28, 0x6b);
    command(w, (uint8_t)(len & 0xff), (uint8_t)(len >> 8));
    write_bytes(w, BYTES("\x31\x50\x30"));
    write_bytes(w, data);
    write_bytes(w, BYTES_OF(print));
}

void printer_feed(struct writer *w, unsigned lines)
{
    command_with(w, 0x1b, 'd', lines);
}

void printer_cut(struct writer *w)
{
    command(w, 0x1d, 'V');
    command(w, 0x42, 0);
}

void printer_drawer(struct writer *w)
{
    enum { PIN_2 = 0, ON = 50, OFF = 250 /* times 2 ms */ };
    command(w, 0x1b, 'p');
    write_be(w, PIN_2, 1);
    command(w, ON, OFF);
}

void printer_strokes(struct writer *w, struct bytes packed)
{
    enum { ROW_BYTES = STROKES_DOTS / 8 };
    uint8_t bits[STROKES_ROWS * ROW_BYTES];
    strokes_draw(packed, bits);
    command_with(w, 0x1d, 'v', '0');
    write_be(w, 0, 1); /* dot by dot */
    command(w, ROW_BYTES, 0);
    command(w, STROKES_ROWS & 0xff, STROKES_ROWS >> 8);
    write_bytes(w, BYTES_OF(bits));
}

static void strokes_before(const struct receipt *receipt, size_t line, struct writer *w)
{
    if (receipt->strokes_len > 0 && receipt->strokes_at == line)
        printer_strokes(w, bytes_of(receipt->strokes, receipt->strokes_len));
}

void printer_receipt(struct printer *printer, const struct receipt *receipt, struct writer *w)
{
    printer_reset(w);
    command(w, 0x1c, '&'); /* Chinese characters on */
    for (size_t i = 0; i < receipt->count; i++) {
        const struct receipt_line *line = &receipt->line[i];
        strokes_before(receipt, i, w);
        bool centre = line->style == RECEIPT_CENTRE, strong = line->style == RECEIPT_STRONG;
        if (centre) printer_justify(w, PRINTER_CENTRE);
        if (strong) printer_bold(w, true);
        printer_line(printer, w, bytes_text(line->text));
        if (strong) printer_bold(w, false);
        if (centre) printer_justify(w, PRINTER_LEFT);
    }
    strokes_before(receipt, receipt->count, w);
    printer_feed(w, 4);
    printer_cut(w);
}
