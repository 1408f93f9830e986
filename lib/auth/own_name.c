/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts a name into elements, and finds them again at the start of a text, in any turn of the
 * circle. */
#include "lib/auth/own_name.h"

#include <unistr.h>

enum { STRONG_BYTES = 4 };

static bool is_latin(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static void add_element(struct own_name *name, struct bytes written)
{
    if (name->elements == OWN_NAME_ELEMENTS_MAX) return;
    struct own_name_element *element = &name->element[name->elements];
    *element = (struct own_name_element){.written = written};
    element->readings = pinyin_readings(written, element->reading);
    /* A sign or a letter of another script says nothing by itself. */
    if (element->readings > 0 || is_latin(written.at[0])) name->elements++;
}

/* The name in its normal form and in lower case; 0 for what is no text. */
static size_t put_lower(struct bytes name, uint8_t lower[POLICY_NAME_BYTES])
{
    struct password_text normal;
    size_t len = name.len < POLICY_NAME_BYTES ? name.len : POLICY_NAME_BYTES;
    while (len > 0 && len < name.len && (name.at[len] & 0xC0) == 0x80) len--;
    if (password_normalise(bytes_of(name.at, len), &normal) != POLICY_OK) return 0;
    len = normal.len < POLICY_NAME_BYTES ? normal.len : POLICY_NAME_BYTES;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = normal.at[i];
        lower[i] = (uint8_t)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return len;
}

void own_name_make(struct bytes name, struct own_name *ret_name)
{
    size_t len = put_lower(name, ret_name->lower);
    ret_name->elements = 0;
    for (size_t i = 0, used; i < len; i += used) {
        const uint8_t *at = ret_name->lower + i;
        int unit = u8_mblen(at, len - i);
        used = unit > 0 ? (size_t)unit : 1;
        if (is_latin(*at))
            while (i + used < len && is_latin(at[used])) used++;
        add_element(ret_name, bytes_of(at, used));
    }
}

/* v stands for u-umlaut, which is also typed as u. */
static bool begins_with(struct bytes text, struct bytes part)
{
    if (part.len == 0 || part.len > text.len) return false;
    for (size_t i = 0; i < part.len; i++) {
        bool umlaut = part.at[i] == 'v' && text.at[i] == 'u';
        if (text.at[i] != part.at[i] && !umlaut) return false;
    }
    return true;
}

/* How much of the text the elements from `k` on give, `left` at the most. */
static size_t consume(const struct own_name *name, struct bytes text, size_t k, size_t left,
                      size_t *ret_elements)
{
    size_t longest = 0, elements = 0;
    const struct own_name_element *element = &name->element[k % name->elements];
    for (size_t way = 0; left > 0 && way <= element->readings; way++) {
        struct bytes part = way == 0 ? element->written : element->reading[way - 1];
        if (!begins_with(text, part)) continue;
        size_t more = 0;
        struct bytes rest = {text.at + part.len, text.len - part.len};
        size_t len = part.len + consume(name, rest, k + 1, left - 1, &more);
        if (len <= longest) continue;
        longest = len;
        elements = more + 1;
    }
    *ret_elements = elements;
    return longest;
}

struct own_name_match own_name_at(const struct own_name *name, struct bytes text)
{
    struct own_name_match best = {0};
    for (size_t k = 0; k < name->elements; k++) {
        size_t elements = 0;
        size_t len = consume(name, text, k, name->elements, &elements);
        bool word = elements == 1 && name->element[k].readings == 0;
        bool strong = len >= STRONG_BYTES && (elements >= 2 || word);
        if (len > best.len) best = (struct own_name_match){len, strong || best.strong};
    }
    return best;
}

static uint8_t initial(const struct own_name_element *element)
{
    return element->readings > 0 ? element->reading[0].at[0] : element->written.at[0];
}

bool own_name_is_initials(const struct own_name *name, struct bytes letters)
{
    if (name->elements < 2 || letters.len != name->elements) return false;
    bool straight = true, turned = true;
    for (size_t i = 0; i < letters.len; i++) {
        straight = straight && letters.at[i] == initial(&name->element[i]);
        turned = turned && letters.at[i] == initial(&name->element[(i + 1) % name->elements]);
    }
    return straight || turned;
}
