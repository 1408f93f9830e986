/* SPDX-License-Identifier: Apache-2.0 */
/* The table of parameters, and the one spelling of a document. */
#include "lib/wire/device_parameters.h"

#include "lib/base/hex.h"
#include "lib/wire/json.h"

static const char head[] = "tongbao parameters 1\n";

static const struct device_parameter_row rows[DEVICE_PARAMETERS] = {
#define X(name, type, unit, least, most, delivered, setter, zh, en, does_zh, does_en) \
    [DEVICE_PARAMETER_##name] = {#name,                                               \
                                 DEVICE_PARAMETER_##type,                             \
                                 DEVICE_PARAMETER_UNIT_##unit,                        \
                                 least,                                               \
                                 most,                                                \
                                 delivered,                                           \
                                 DEVICE_PARAMETER_##setter,                           \
                                 zh,                                                  \
                                 en,                                                  \
                                 does_zh,                                             \
                                 does_en},
    DEVICE_PARAMETER_LIST(X)
#undef X
};

const struct device_parameter_row *device_parameter_row(enum device_parameter which)
{
    ENSURE(which < DEVICE_PARAMETERS);
    return &rows[which];
}

enum device_parameter device_parameter_named(struct bytes name)
{
    enum device_parameter at = 0;
    while (at < DEVICE_PARAMETERS && !bytes_equal(name, bytes_text(rows[at].name))) at++;
    return at;
}

static bool text_fits(const char *text, int64_t most)
{
    struct bytes all = bytes_text(text);
    if ((int64_t)all.len > most || !json_utf8_valid(all)) return false;
    for (size_t i = 0; i < all.len; i++)
        if (all.at[i] < 0x20 || all.at[i] == 0x7f) return false;
    return all.len == 0 || (all.at[0] != ' ' && all.at[all.len - 1] != ' ');
}

bool device_parameter_fits(enum device_parameter which, const struct device_parameter_value *value)
{
    const struct device_parameter_row *row = device_parameter_row(which);
    if (!value->set) return true;
    if (row->type == DEVICE_PARAMETER_TEXT) return text_fits(value->text, row->most);
    return value->number >= row->least && value->number <= row->most;
}

void device_parameters_write(struct writer *w, const struct device_parameters *set)
{
    write_bytes(w, bytes_text(head));
    for (enum device_parameter i = 0; i < DEVICE_PARAMETERS; i++) {
        const struct device_parameter_value *value = &set->value[i];
        if (!value->set) continue;
        ENSURE(device_parameter_fits(i, value));
        if (rows[i].type == DEVICE_PARAMETER_TEXT)
            write_format(w, "%s %s\n", rows[i].name, value->text);
        else write_format(w, "%s %lld\n", rows[i].name, (long long)value->number);
    }
    if (!set->goods.set) return;
    ENSURE(set->goods.size > 0 && set->goods.size <= PRICE_LIST_MAX);
    write_format(w, "goods ");
    write_hex(w, BYTES_OF(set->goods.digest));
    write_format(w, " %lld\n", (long long)set->goods.size);
}

/* ---- reading ---- */

/* "0", "12", "-1": one spelling of each. */
static bool read_number(struct bytes text, int64_t *ret)
{
    bool minus = text.len > 0 && text.at[0] == '-';
    struct bytes digits = minus ? bytes_of(text.at + 1, text.len - 1) : text;
    int64_t number = 0;
    if (digits.len == 0 || digits.len > 12 || !bytes_all_digits(digits)) return false;
    if (digits.at[0] == '0' && (digits.len > 1 || minus)) return false;
    for (size_t i = 0; i < digits.len; i++) number = number * 10 + (digits.at[i] - '0');
    *ret = minus ? -number : number;
    return true;
}

static bool read_value(enum device_parameter which, struct bytes text,
                       struct device_parameter_value *value)
{
    value->set = true;
    if (rows[which].type == DEVICE_PARAMETER_TEXT) {
        if (text.len > DEVICE_PARAMETER_TEXT_MAX ||
            FAILED(bytes_to_text(text, value->text, sizeof value->text)) ||
            strlen(value->text) != text.len) /* a NUL in it */
            return false;
    } else if (!read_number(text, &value->number)) {
        return false;
    }
    return device_parameter_fits(which, value);
}

/* "6f0c... 20480", in small letters. */
static bool read_goods(struct bytes text, struct device_goods *out)
{
    uint8_t again[2 * PRICE_DIGEST];
    struct writer w = writer_over(again, sizeof again);
    size_t len = 0;
    if (text.len < 2 * PRICE_DIGEST + 2 || text.at[2 * PRICE_DIGEST] != ' ') return false;
    struct bytes hex = bytes_of(text.at, 2 * PRICE_DIGEST);
    struct bytes size = bytes_of(text.at + hex.len + 1, text.len - hex.len - 1);
    if (FAILED(hex_decode(hex, out->digest, sizeof out->digest, &len))) return false;
    write_hex(&w, BYTES_OF(out->digest));
    out->set = bytes_equal(writer_view(&w), hex) && read_number(size, &out->size);
    return out->set && out->size > 0 && out->size <= PRICE_LIST_MAX;
}

/* How many bytes there are before the first `mark`; all of them when there is none. */
static size_t until(struct bytes text, uint8_t mark)
{
    size_t len = 0;
    while (len < text.len && text.at[len] != mark) len++;
    return len;
}

/* One line, with its end; *next is the first that may follow. */
static bool read_line(struct reader *r, struct device_parameters *out, enum device_parameter *next)
{
    struct bytes line = read_bytes(r, until(r->left, '\n'));
    bool ended = bytes_equal(read_bytes(r, 1), BYTES("\n"));
    size_t name = until(line, ' ');
    if (!ended || name == line.len) return false;
    struct bytes value = bytes_of(line.at + name + 1, line.len - name - 1);
    if (bytes_equal(bytes_of(line.at, name), BYTES("goods"))) {
        if (*next > DEVICE_PARAMETERS) return false;
        *next = DEVICE_PARAMETERS + 1; /* nothing follows it */
        return read_goods(value, &out->goods);
    }
    enum device_parameter which = device_parameter_named(bytes_of(line.at, name));
    if (which >= DEVICE_PARAMETERS || which < *next) return false;
    *next = which + 1;
    return read_value(which, value, &out->value[which]);
}

err device_parameters_read(struct bytes document, struct device_parameters *out)
{
    struct reader r = reader_over(document);
    struct device_parameters read = {0};
    enum device_parameter next = 0;
    if (document.len > DEVICE_PARAMETERS_MAX) return ERR(FORMAT);
    if (!bytes_equal(read_bytes(&r, sizeof head - 1), bytes_text(head))) return ERR(FORMAT);
    while (r.left.len > 0)
        if (!read_line(&r, &read, &next)) return ERR(FORMAT);
    *out = read;
    return OK;
}
