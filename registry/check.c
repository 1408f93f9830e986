/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of every value that the registry takes, as tables of character classes. A value that is
 * wrong here would travel into messages, certificates and receipts.
 */
#include "lib/base/reader.h"
#include "registry/internal.h"

enum class {
    DIGITS,
    TID,      /* digits and capital letters: field 41 */
    SERIAL,   /* letters, digits, '-' */
    PLAIN,    /* printable ASCII */
    NAME,     /* UTF-8 without control characters */
    HEX,      /* lower-case hex digits */
    KEYBLOCK, /* TR-31: capital letters, digits, '-' */
};

static bool is_one_of(uint8_t c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static bool in_class(uint8_t c, enum class class)
{
#define DIGIT_SET "0123456789"
#define UPPER_SET "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER_SET "abcdefghijklmnopqrstuvwxyz"
    switch (class) {
    case DIGITS:
        return is_one_of(c, DIGIT_SET);
    case TID:
        return is_one_of(c, DIGIT_SET UPPER_SET);
    case KEYBLOCK: /* an optional block may hold '-' */
        return is_one_of(c, DIGIT_SET UPPER_SET "-");
    case SERIAL:
        return is_one_of(c, DIGIT_SET UPPER_SET LOWER_SET "-");
    case HEX:
        return is_one_of(c, DIGIT_SET "abcdef");
    case PLAIN:
        return c >= 0x20 && c < 0x7f;
    case NAME:
        return c >= 0x20 && c != 0x7f;
    }
    return false;
}

/* Bytes after the first of a UTF-8 sequence, or 9 for a byte that begins none. */
static size_t utf8_more(uint8_t first)
{
    if (first < 0x80) return 0;
    if ((first & 0xE0) == 0xC0) return 1;
    if ((first & 0xF0) == 0xE0) return 2;
    return (first & 0xF8) == 0xF0 ? 3 : 9;
}

/* Neither overlong nor a surrogate nor beyond the last: what a receipt printer can convert. */
static bool is_code_point(uint32_t code, size_t more)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    return code >= least[more] && code <= 0x10FFFF && (code < 0xD800 || code >= 0xE000);
}

static bool is_utf8(struct bytes text)
{
    struct reader r = reader_over(text);
    while (r.left.len > 0) {
        uint8_t first = (uint8_t)read_be(&r, 1);
        size_t more = utf8_more(first);
        struct bytes rest = read_bytes(&r, more);
        if (r.fault != ERR_OK) return false;
        uint32_t code = more == 0 ? first : first & (0x3Fu >> more);
        for (size_t i = 0; i < rest.len; i++) {
            if ((rest.at[i] & 0xC0) != 0x80) return false;
            code = code << 6 | (rest.at[i] & 0x3Fu);
        }
        if (!is_code_point(code, more)) return false;
    }
    return true;
}

static bool has_form(struct bytes text, enum class class, size_t least, size_t most)
{
    if (text.len < least || text.len > most) return false;
    for (size_t i = 0; i < text.len; i++)
        if (!in_class(text.at[i], class)) return false;
    return class != NAME || is_utf8(text);
}

static err wrong(struct registry *registry, const char *what, const char *form)
{
    return store_refuse(registry->store, ERR(FORMAT), what, form);
}

err registry_check_merchant(struct registry *registry, const struct registry_merchant *m)
{
    if (!has_form(bytes_text(m->mid), DIGITS, 15, 15))
        return wrong(registry, "merchant id", "must be 15 digits");
    if (!has_form(bytes_text(m->name_zh), NAME, 1, REGISTRY_NAME_MAX))
        return wrong(registry, "merchant's name", "must be 1 to 40 bytes of UTF-8");
    if (!has_form(bytes_text(m->name_en), PLAIN, 1, REGISTRY_NAME_MAX))
        return wrong(registry, "merchant's English name", "must be 1 to 40 ASCII characters");
    if (m->fee_plan < 1 || m->fee_plan > 9999)
        return wrong(registry, "fee plan", "must be a number of 1 to 9999");
    if (m->status < REGISTRY_ACTIVE || m->status >= REGISTRY_STATUSES)
        return wrong(registry, "merchant's status", "must be active, suspended or closed");
    return OK;
}

bool registry_name_valid(struct bytes name)
{
    return has_form(name, NAME, 1, REGISTRY_NAME_MAX);
}

bool registry_line_valid(struct bytes line, size_t most)
{
    return has_form(line, NAME, 1, most);
}

err registry_check_outlet(struct registry *registry, const struct registry_outlet *outlet)
{
    if (outlet->number < 1 || outlet->number > 9999)
        return wrong(registry, "outlet", "must be a number of 1 to 9999");
    if (!has_form(bytes_text(outlet->name), NAME, 1, REGISTRY_NAME_MAX))
        return wrong(registry, "outlet's name", "must be 1 to 40 bytes of UTF-8");
    return OK;
}

err registry_check_fingerprint(struct registry *registry, struct bytes fingerprint)
{
    if (fingerprint.len == 0 ||
        has_form(fingerprint, HEX, REGISTRY_FINGERPRINT_LEN, REGISTRY_FINGERPRINT_LEN))
        return OK;
    return wrong(registry, "certificate's fingerprint", "must be 64 lower-case hex digits");
}

/* Version, length and length of a whole number of blocks: protocols 3.3. The hsm does the rest. */
err registry_check_key_block(struct registry *registry, struct bytes block)
{
    bool form = has_form(block, KEYBLOCK, 16, REGISTRY_KEY_BLOCK_MAX);
    if (form && bytes_all_digits(bytes_of(block.at + 1, 4))) {
        size_t len = 0;
        for (size_t i = 1; i <= 4; i++) len = len * 10 + (size_t)(block.at[i] - '0');
        if (len == block.len) return OK;
    }
    return wrong(registry, "key block", "must be a whole TR-31 key block");
}

err registry_check_device(struct registry *registry, const struct registry_terminal *t)
{
    if (!has_form(bytes_text(t->tid), TID, 8, 8))
        return wrong(registry, "terminal id", "must be 8 digits or capital letters");
    if (!has_form(bytes_text(t->serial), SERIAL, 1, REGISTRY_SERIAL_MAX))
        return wrong(registry, "serial number", "must be 1 to 32 letters, digits or '-'");
    if (!has_form(bytes_text(t->model), SERIAL, 1, REGISTRY_MODEL_MAX))
        return wrong(registry, "model", "must be 1 to 16 letters, digits or '-'");
    return OK;
}

err registry_check_terminal(struct registry *registry, const struct registry_terminal *t)
{
    TRY(registry_check_device(registry, t));
    const struct registry_suite_row *suite = registry_suite(t->suite);
    if (suite == NULL)
        return wrong(registry, "suite", "must be tongbao, cup, sm4, dukpt-aes or dukpt-tdes");
    if (t->ksn_len != suite->ksn_len)
        return wrong(registry, "key serial number", "must be there exactly when its suite has one");
    if (t->status < REGISTRY_ACTIVE || t->status >= REGISTRY_STATUSES)
        return wrong(registry, "terminal's status", "must be active, suspended or closed");
    if (t->first_batch < 1 || t->first_batch > 999999)
        return wrong(registry, "first batch", "must be a number of 1 to 999999");
    TRY(registry_check_fingerprint(registry, bytes_text(t->fingerprint)));
    if (t->recovery_block[0] != '\0')
        TRY(registry_check_key_block(registry, bytes_text(t->recovery_block)));
    return registry_check_key_block(registry, bytes_text(t->master_block));
}

err registry_check_zone_keys(struct registry *registry, const struct registry_zone_keys *keys)
{
    if (keys->zone < REGISTRY_CARD_NETWORK || keys->zone >= REGISTRY_ZONES)
        return wrong(registry, "zone", "must be the card network or the wallet");
    TRY(registry_check_key_block(registry, bytes_text(keys->pin_block)));
    TRY(registry_check_key_block(registry, bytes_text(keys->mac_block)));
    TRY(registry_check_key_block(registry, bytes_text(keys->data_block)));
    return registry_check_key_block(registry, bytes_text(keys->token_block));
}
