/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of serial numbers, and what looks alike. */
#include "backoffice/stock/serial.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_capital(uint8_t c)
{
    return c >= 'A' && c <= 'Z';
}

static bool varies(uint8_t c)
{
    return c == '#' || c == '@' || c == '?';
}

bool serial_form_valid(struct bytes form)
{
    bool some = false;
    if (form.len == 0 || form.len > SERIAL_MAX) return false;
    for (size_t i = 0; i < form.len; i++) {
        uint8_t c = form.at[i];
        if (!varies(c) && !is_digit(c) && !is_capital(c) && c != '-') return false;
        some = some || varies(c);
    }
    return some;
}

static bool fits(uint8_t c, uint8_t form)
{
    switch (form) {
    case '#':
        return is_digit(c);
    case '@':
        return is_capital(c);
    case '?':
        return is_digit(c) || is_capital(c);
    default:
        return c == form;
    }
}

bool serial_has_form(struct bytes serial, struct bytes form)
{
    if (serial.len != form.len || serial.len == 0) return false;
    for (size_t i = 0; i < serial.len; i++)
        if (!fits(serial.at[i], form.at[i])) return false;
    return true;
}

/* '\0' for what is passed over. */
static char folded(uint8_t c)
{
    static const char from[] = "OILSB", to[] = "01158";
    if (c == '-') return '\0';
    if (c >= 'a' && c <= 'z') c = (uint8_t)(c - 'a' + 'A');
    const char *at = c == '\0' ? NULL : strchr(from, c);
    return at == NULL ? (char)c : to[at - from];
}

err serial_fold(struct bytes serial, char out[SERIAL_MAX + 1])
{
    size_t len = 0;
    if (serial.len > SERIAL_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < serial.len; i++) {
        char c = folded(serial.at[i]);
        if (c != '\0') out[len++] = c;
    }
    out[len] = '\0';
    return OK;
}
