/* SPDX-License-Identifier: Apache-2.0 */
/* The spellings of a secret, and a search for all of them at once by their first two bytes. */
#include "tests/canary/marks.h"

#include "lib/base/base64.h"
#include "lib/base/hex.h"
#include "lib/base/writer.h"

enum { PACKED_DIGITS_MIN = 10 /* five bytes: fewer stand in a gigabyte by chance */ };

static size_t key_of(const uint8_t *at)
{
    return (size_t)at[0] << 8 | at[1];
}

/* The spelling is in its place already, without a name. */
static void keep(struct marks *m, const char *name, size_t len)
{
    struct mark_spelling *s = &m->spelling[m->spellings];
    ENSURE(len >= 2 && len <= MARK_SPELLING_MAX);
    s->len = len;
    s->name = name;
    s->mark = m->count;
    struct mark_spelling **chain = &m->first[key_of(s->at)];
    s->next = *chain;
    *chain = s;
    m->spellings++;
    if (len > m->longest) m->longest = len;
}

static uint8_t *next_place(struct marks *m)
{
    return m->spelling[m->spellings].at;
}

static void spell_plain(struct marks *m, struct bytes secret)
{
    memcpy(next_place(m), secret.at, secret.len);
    m->spelling[m->spellings].alone = secret.len < MARK_LONE && bytes_all_digits(secret);
    keep(m, "utf-8", secret.len);
}

/* Code points above U+00FF are not needed: a mark is made of ASCII. */
static void spell_wide(struct marks *m, struct bytes secret)
{
    uint8_t *to = next_place(m);
    for (size_t i = 0; i < secret.len; i++) {
        to[2 * i] = secret.at[i];
        to[2 * i + 1] = 0;
    }
    keep(m, "utf-16le", 2 * secret.len);
}

static void spell_hex(struct marks *m, struct bytes secret, bool upper)
{
    struct writer w = writer_over(next_place(m), MARK_SPELLING_MAX);
    if (upper) write_hex_upper(&w, secret);
    else write_hex(&w, secret);
    ENSURE(w.fault == ERR_OK);
    keep(m, upper ? "HEX" : "hex", w.len);
}

/*
 * Where the secret begins at byte `shift` of three, in the base64 of something longer: the
 * characters that depend on the secret alone.
 */
static void spell_base64(struct marks *m, struct bytes secret, size_t shift)
{
    uint8_t plain[MARK_MAX + 2] = {0};
    uint8_t text[2 * MARK_MAX];
    struct writer w = writer_over(text, sizeof text);
    memcpy(plain + shift, secret.at, secret.len);
    base64_write(&w, bytes_of(plain, shift + secret.len));
    ENSURE(w.fault == ERR_OK);
    size_t from = (8 * shift + 5) / 6, to = 8 * (shift + secret.len) / 6;
    memcpy(next_place(m), text + from, to - from);
    keep(m, "base64", to - from);
}

/* Two digits a byte, beginning in the upper or the lower half: the whole bytes of it. */
static void spell_packed(struct marks *m, struct bytes secret, size_t shift)
{
    uint8_t *to = next_place(m);
    size_t pairs = (secret.len - shift) / 2;
    for (size_t i = 0; i < pairs; i++) {
        uint8_t high = (uint8_t)(secret.at[shift + 2 * i] - '0');
        uint8_t low = (uint8_t)(secret.at[shift + 2 * i + 1] - '0');
        to[i] = (uint8_t)(high << 4 | low);
    }
    keep(m, "packed digits", pairs);
}

err marks_add(struct marks *m, const char *label, struct bytes secret)
{
    ENSURE(m != NULL && label != NULL);
    if (secret.len < MARK_MIN || secret.len > MARK_MAX) return ERR(LENGTH);
    if (label[0] == '\0' || strlen(label) >= MARK_LABEL_MAX) return ERR(LENGTH);
    if (m->count == MARKS_MAX) return ERR(FULL);
    for (size_t i = 0; i < m->spellings; i++)
        if (bytes_equal(secret, bytes_of(m->spelling[i].at, m->spelling[i].len)))
            return ERR(EXISTS);
    spell_plain(m, secret);
    spell_wide(m, secret);
    spell_hex(m, secret, false);
    spell_hex(m, secret, true);
    for (size_t shift = 0; shift < 3; shift++) spell_base64(m, secret, shift);
    if (secret.len >= PACKED_DIGITS_MIN + 1 && bytes_all_digits(secret))
        for (size_t shift = 0; shift < 2; shift++) spell_packed(m, secret, shift);
    return bytes_to_text(bytes_text(label), m->label[m->count++], MARK_LABEL_MAX);
}

/* "label" and what stands behind the tab. */
static err read_line(struct marks *m, struct bytes label, struct bytes text)
{
    char name[MARK_LABEL_MAX];
    uint8_t bytes[MARK_MAX];
    size_t len = 0;
    TRY(bytes_to_text(label, name, sizeof name));
    if (text.len < 4 || memcmp(text.at, "hex:", 4) != 0) return marks_add(m, name, text);
    TRY(hex_decode(bytes_of(text.at + 4, text.len - 4), bytes, sizeof bytes, &len));
    return marks_add(m, name, bytes_of(bytes, len));
}

err marks_read(struct marks *m, struct bytes lines)
{
    while (lines.len > 0) {
        const uint8_t *end = memchr(lines.at, '\n', lines.len);
        if (end == NULL) return ERR(FORMAT);
        const uint8_t *tab = memchr(lines.at, '\t', (size_t)(end - lines.at));
        if (tab == NULL) return ERR(FORMAT);
        TRY(read_line(m, bytes_of(lines.at, (size_t)(tab - lines.at)),
                      bytes_of(tab + 1, (size_t)(end - tab) - 1)));
        lines = bytes_of(end + 1, lines.len - (size_t)(end - lines.at) - 1);
    }
    return m->count > 0 ? OK : ERR(MISSING);
}

/* At a block's edge nobody knows what is beyond: it counts. */
static bool stands(const struct mark_spelling *s, struct bytes block, size_t at)
{
    if (s->len > block.len - at || memcmp(block.at + at, s->at, s->len) != 0) return false;
    if (!s->alone) return true;
    bool before = at > 0 && bytes_all_digits(bytes_of(block.at + at - 1, 1));
    bool behind = at + s->len < block.len && bytes_all_digits(bytes_of(block.at + at + s->len, 1));
    return !before && !behind;
}

void marks_search(const struct marks *m, struct bytes block, marks_found found, void *context)
{
    for (size_t i = 0; i + 1 < block.len; i++) {
        const struct mark_spelling *s = m->first[key_of(block.at + i)];
        for (; s != NULL; s = s->next)
            if (stands(s, block, i)) found(context, s, i);
    }
}
