/* SPDX-License-Identifier: Apache-2.0 */
/* What both drivers use: verdicts by table, percent-encoding, headers. */
#include "wallets/driver.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/base64.h"
#include "lib/base/clock.h"
#include "lib/base/reader.h"

const struct wallet_driver *wallet_driver_of(enum wallet_provider provider)
{
    static const struct wallet_driver *const drivers[WALLET_PROVIDERS] = {
        [WALLET_ALIPAY] = &wallet_alipay,
        [WALLET_WECHATPAY] = &wallet_wechatpay,
    };
    ENSURE((unsigned)provider < WALLET_PROVIDERS);
    return drivers[provider];
}

bool wallet_judge(const struct wallet_verdict *rows, struct bytes name, struct wallet_said *said)
{
    for (; rows->name[0] != '\0'; rows++) {
        if (!bytes_equal(name, bytes_text(rows->name))) continue;
        said->word = rows->word;
        memcpy(said->response_code, rows->response_code, sizeof said->response_code);
        return true;
    }
    return false;
}

void wallet_only_asked(const struct wallet_ask *ask, struct wallet_said *said)
{
    bool asks = ask->call == WALLET_QUERY || ask->call == WALLET_REFUND_QUERY;
    if (asks && said->word == WALLET_REFUSED) said->word = WALLET_UNKNOWN;
}

struct bytes wallet_member(const struct json_t *row, const char *name)
{
    struct bytes found = {0};
    if (FAILED(json_text(row, name, WALLET_SHOWN_MAX, &found))) return (struct bytes){0};
    return found;
}

bool wallet_says(const struct json_t *row, const char *name, const char *value)
{
    return bytes_equal(wallet_member(row, name), bytes_text(value));
}

static bool unreserved(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

void wallet_escape(struct writer *w, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (unreserved(text.at[i])) {
            write_be(w, text.at[i], 1);
            continue;
        }
        write_be(w, '%', 1);
        write_hex_upper(w, bytes_of(text.at + i, 1));
    }
}

void wallet_add_header(struct wallet_request *request, const char *name, const char *format, ...)
{
    ENSURE(request->headers < WALLET_HEADERS_MAX);
    struct wallet_header *h = &request->header[request->headers++];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(h->value, sizeof h->value, format, list);
    va_end(list);
    ENSURE(strlen(name) < sizeof h->name && len >= 0 && (size_t)len < sizeof h->value);
    memcpy(h->name, name, strlen(name) + 1);
}

err wallet_take_signature(struct bytes base64, struct wallet_reading *out)
{
    TRY(base64_decode(base64, out->signature, sizeof out->signature, &out->signature_len));
    return out->signature_len > 0 ? OK : ERR(MISSING);
}

/* Two digits, or four of a year; *ok is false when they are none. */
static int number_of(struct reader *r, size_t digits, bool *ok)
{
    struct bytes text = read_bytes(r, digits);
    int value = 0;
    *ok = *ok && text.len == digits && bytes_all_digits(text);
    for (size_t i = 0; *ok && i < digits; i++) value = value * 10 + (text.at[i] - '0');
    return value;
}

static void expect(struct reader *r, const char *one_of, bool *ok)
{
    struct bytes mark = read_bytes(r, 1);
    *ok = *ok && mark.len == 1 && strchr(one_of, mark.at[0]) != NULL && mark.at[0] != '\0';
}

/* Behind the seconds: nothing is China, as these interfaces have it. */
static int64_t zone_of(struct reader *r, bool *ok)
{
    if (r->left.len == 0) return CLOCK_CHINA_OFFSET_MS;
    bool behind = r->left.at[0] == '-';
    if (bytes_equal(r->left, BYTES("Z"))) {
        (void)read_bytes(r, 1);
        return 0;
    }
    expect(r, "+-", ok);
    int64_t minutes = (int64_t)number_of(r, 2, ok) * 60;
    expect(r, ":", ok);
    minutes += number_of(r, 2, ok);
    return (behind ? -minutes : minutes) * 60000;
}

int64_t wallet_moment(struct bytes text)
{
    struct reader r = reader_over(text);
    struct civil c = {0};
    bool ok = true;
    c.year = number_of(&r, 4, &ok);
    expect(&r, "-", &ok);
    c.month = number_of(&r, 2, &ok);
    expect(&r, "-", &ok);
    c.day = number_of(&r, 2, &ok);
    expect(&r, " T", &ok);
    c.hour = number_of(&r, 2, &ok);
    expect(&r, ":", &ok);
    c.minute = number_of(&r, 2, &ok);
    expect(&r, ":", &ok);
    c.second = number_of(&r, 2, &ok);
    int64_t offset_ms = ok ? zone_of(&r, &ok) : 0;
    bool sense = c.year >= 2000 && c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= 31 &&
                 c.hour < 24 && c.minute < 60 && c.second <= 60;
    return ok && sense && r.left.len == 0 ? civil_to_ms(c) - offset_ms : 0;
}
