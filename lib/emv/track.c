/* SPDX-License-Identifier: Apache-2.0 */
/* Magnetic tracks: from the reader's text to their parts. */
#include "lib/emv/track.h"

#include "lib/base/reader.h"

struct track_rule {
    char start;
    char separator;
    uint8_t base; /* the character of value 0; the set is 64 or 16 characters from there */
    uint8_t last;
    size_t max;
};

static const struct track_rule rules[TRACK_COUNT] = {
    {'%', '^', 0x20, 0x5F, TRACK_1_MAX},
    {';', '=', 0x30, 0x3F, TRACK_2_MAX},
    {';', '=', 0x30, 0x3F, TRACK_3_MAX},
};

/* Everything up to the separator, which is taken too. */
static struct bytes read_until(struct reader *r, char separator)
{
    size_t len = 0;
    while (len < r->left.len && r->left.at[len] != (uint8_t)separator) len++;
    struct bytes value = read_bytes(r, len);
    (void)read_bytes(r, 1);
    return value;
}

/* `count` digits, or nothing when the separator stands in their place. */
static struct bytes read_or_absent(struct reader *r, char separator, size_t count)
{
    if (r->left.len > 0 && r->left.at[0] == (uint8_t)separator) {
        (void)read_bytes(r, 1);
        return (struct bytes){0};
    }
    const size_t left = r->left.len;
    struct bytes value = read_bytes(r, count);
    if (left >= count && !bytes_all_digits(value)) {
        r->left.at -= count; /* so that the offset is that of the value */
        reader_fail(r, ERR_DIGIT);
    }
    return value;
}

static struct bytes read_pan(struct reader *r, char separator)
{
    struct bytes pan = read_until(r, separator);
    if (r->fault != ERR_OK) return (struct bytes){0};
    if (!bytes_all_digits(pan)) reader_fail(r, ERR_DIGIT);
    if (!pan_well_formed(pan)) reader_fail(r, ERR_LENGTH);
    return pan;
}

static void check_month(struct reader *r, struct bytes expiry)
{
    if (r->fault != ERR_OK || expiry.len == 0) return;
    unsigned month = (expiry.at[2] - '0') * 10u + (expiry.at[3] - '0');
    if (month < 1 || month > 12) reader_fail(r, ERR_FORMAT);
}

static void read_parts(struct reader *r, struct track *t, const struct track_rule *rule)
{
    if (t->number == 1) {
        if (read_be(r, 1) != 'B') reader_fail(r, ERR_UNSUPPORTED);
    } else if (t->number == 3) {
        if (!bytes_equal(read_bytes(r, 2), BYTES("99"))) reader_fail(r, ERR_UNSUPPORTED);
    }
    t->pan = read_pan(r, rule->separator);
    if (t->number == 3) {
        t->discretionary = read_rest(r);
        return;
    }
    if (t->number == 1) {
        t->name = read_until(r, rule->separator);
        if (r->fault == ERR_OK && (t->name.len < 2 || t->name.len > 26)) reader_fail(r, ERR_LENGTH);
    }
    t->expiry = read_or_absent(r, rule->separator, 4);
    check_month(r, t->expiry);
    t->service_code = read_or_absent(r, rule->separator, 3);
    t->discretionary = read_rest(r);
}

/* The data bits of the LRC are the XOR of all characters from start to end sentinel (7811-2, 8). */
static bool lrc_matches(struct bytes with_sentinels, uint8_t lrc, const struct track_rule *rule)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < with_sentinels.len; i++)
        sum ^= (uint8_t)(with_sentinels.at[i] - rule->base);
    return (uint8_t)(lrc - rule->base) == sum;
}

/* Where the end sentinel is, or the length of the text when there is none. */
static size_t find_end(struct bytes text)
{
    size_t end = 1;
    while (end < text.len && text.at[end] != '?') end++;
    return end;
}

/* Takes sentinels and LRC off. Text without a start sentinel is the data already. */
static enum err_code strip(struct bytes text, const struct track_rule *rule, struct bytes *ret_data)
{
    if (text.len == 0) return ERR_SHORT;
    bool plus = text.at[0] == '+' && rule->max == TRACK_3_MAX; /* some readers' track 3 */
    if (text.at[0] != (uint8_t)rule->start && !plus) {
        *ret_data = text;
        return ERR_OK;
    }
    size_t end = find_end(text);
    if (end == text.len) return ERR_SHORT;
    if (text.len > end + 2) return ERR_TRAILING;
    bool has_lrc = text.len == end + 2 && !plus;
    if (has_lrc && !lrc_matches(bytes_of(text.at, end + 1), text.at[end + 1], rule)) return ERR_MAC;
    *ret_data = bytes_of(text.at + 1, end - 1);
    return ERR_OK;
}

static bool in_set(struct bytes data, const struct track_rule *rule)
{
    for (size_t i = 0; i < data.len; i++)
        if (data.at[i] < rule->base || data.at[i] > rule->last || data.at[i] == '?' ||
            data.at[i] == (uint8_t)rule->start)
            return false;
    return true;
}

err track_parse(struct bytes text, unsigned number, struct track *out, struct track_fault *fault)
{
    ENSURE(number >= 1 && number <= TRACK_COUNT && out != NULL && fault != NULL);
    const struct track_rule *rule = &rules[number - 1];
    struct track t = {.number = number};
    enum err_code code = strip(text, rule, &t.data);
    size_t offset = 0;

    if (code == ERR_OK && t.data.len > rule->max) code = ERR_LENGTH;
    if (code == ERR_OK && !in_set(t.data, rule)) code = ERR_FORMAT;
    if (code == ERR_OK) {
        struct reader r = reader_over(t.data);
        read_parts(&r, &t, rule);
        code = r.fault;
        offset = (size_t)(t.data.at - text.at) + reader_offset(&r);
    }
    if (code != ERR_OK) {
        *fault = (struct track_fault){number, offset};
        return (err){code};
    }
    *out = t;
    return OK;
}

err track_of_packed(struct bytes packed, char out[static TRACK_2_MAX + 1])
{
    size_t len = 0;
    for (size_t i = 0; i < 2 * packed.len; i++) {
        uint8_t digit = i % 2 == 0 ? packed.at[i / 2] >> 4 : packed.at[i / 2] & 15;
        if (digit == 15) break;
        if (digit > 9 && digit != 13) return ERR(FORMAT);
        if (len == TRACK_2_MAX) return ERR(LENGTH);
        out[len++] = digit == 13 ? '=' : (char)('0' + digit);
    }
    out[len] = '\0';
    return OK;
}

/* Whether `c` is one of the characters of `set`. */
static bool among(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

err track_service_code(struct bytes code, struct track_service *out)
{
    if (code.len != 3 || !bytes_all_digits(code)) return ERR(FORMAT);
    char first = (char)code.at[0], second = (char)code.at[1], third = (char)code.at[2];
    if (!among(first, "125679") || !among(second, "024") || !among(third, "01234567"))
        return ERR(RANGE);
    *out = (struct track_service){
        .international = among(first, "12"),
        .national = among(first, "56"),
        .private_use = among(first, "7"),
        .test = among(first, "9"),
        .chip = among(first, "26"),
        .online = among(second, "24"),
        .pin_required = among(third, "035"),
        .pin_prompt = among(third, "67"),
        .cash_only = among(third, "4"),
        .goods_only = among(third, "257"),
    };
    return OK;
}
