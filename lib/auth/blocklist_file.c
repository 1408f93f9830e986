/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head is read leniently, written again, and compared: so it has one form, and nothing that is
 * not understood passes.
 */
#include "lib/auth/blocklist_file.h"

#include <stdlib.h>

#include "lib/auth/blocklist_filter.h"
#include "lib/base/reader.h"

enum { HEAD_MAX = 256, SEGMENT_MAX = 1 << 18, ENTRIES_MAX = 1 << 20 };

static const struct {
    const char *word, *text;
} faults[] = {
#define X(name, word, text) {word, text},
    BLOCKLIST_FAULT_LIST(X)
#undef X
};

const char *blocklist_fault_word(enum blocklist_fault fault)
{
    ENSURE(fault < BLOCKLIST_FAULTS);
    return faults[fault].word;
}

const char *blocklist_fault_text(enum blocklist_fault fault)
{
    ENSURE(fault < BLOCKLIST_FAULTS);
    return faults[fault].text;
}

static void write_head(const struct blocklist *b, struct writer *w)
{
    write_format(
        w, "tongbao-blocklist 1\nversion %u\nentries %u\nseed %016llx\nsegment %u\nstarts %u\n\n",
        b->version, b->entries, (unsigned long long)b->seed, b->segment, b->starts);
}

/* The value of the line that begins with `key`; 0 and `at` at the end when there is none. */
static uint64_t take_line(struct bytes head, const char *key, uint64_t base)
{
    size_t len = strlen(key);
    const uint8_t *found = memmem(head.at, head.len, key, len);
    uint64_t value = 0;
    if (found == NULL) return 0;
    for (const uint8_t *c = found + len; c < head.at + head.len && *c != '\n'; c++) {
        unsigned digit = 16;
        if (*c >= '0' && *c <= '9') digit = *c - (unsigned)'0';
        if (*c >= 'a' && *c <= 'f') digit = *c - (unsigned)'a' + 10;
        if (digit >= base) return 0;
        value = value * base + digit;
    }
    return value;
}

/* A place that is computed with these is inside the array: segments are whole. */
static bool sizes_fit(const struct blocklist *b)
{
    bool power = b->segment != 0 && (b->segment & (b->segment - 1)) == 0;
    return power && b->segment <= SEGMENT_MAX && b->starts > 0 && b->starts % b->segment == 0 &&
           b->starts <= ENTRIES_MAX && b->entries <= ENTRIES_MAX && b->version > 0 &&
           b->fingerprints == b->starts + 2 * b->segment;
}

/* False: no head that we write. Leaves the fingerprints in *text. */
static bool read_head(struct bytes *text, struct blocklist *ret)
{
    char own[HEAD_MAX];
    struct writer w = writer_over(own, sizeof own);
    const uint8_t *end = memmem(text->at, text->len < HEAD_MAX ? text->len : HEAD_MAX, "\n\n", 2);
    if (end == NULL) return false;
    struct bytes head = bytes_of(text->at, (size_t)(end - text->at) + 2);
    struct blocklist b = {
        .version = (uint32_t)take_line(head, "\nversion ", 10),
        .entries = (uint32_t)take_line(head, "\nentries ", 10),
        .seed = take_line(head, "\nseed ", 16),
        .segment = (uint32_t)take_line(head, "\nsegment ", 10),
        .starts = (uint32_t)take_line(head, "\nstarts ", 10),
    };
    write_head(&b, &w);
    if (w.fault != ERR_OK || !bytes_equal(writer_view(&w), head)) return false;
    *text = bytes_of(text->at + head.len, text->len - head.len);
    b.fingerprints = (uint32_t)(text->len / 2);
    if (text->len % 2 != 0 || !sizes_fit(&b)) return false;
    *ret = b;
    return true;
}

static err refuse(enum blocklist_fault *ret_fault, enum blocklist_fault fault, err e)
{
    *ret_fault = fault;
    return e;
}

err blocklist_file_open(struct bytes file, const uint8_t signer[POLICY_SIGNER_BYTES],
                        uint32_t version_least, struct blocklist **ret_blocklist,
                        enum blocklist_fault *ret_fault)
{
    struct bytes text;
    struct blocklist head;
    if (file.len > BLOCKLIST_FILE_MAX) return refuse(ret_fault, BLOCKLIST_FAULT_SIZE, ERR(LENGTH));
    if (!policy_signature_split(file, &text))
        return refuse(ret_fault, BLOCKLIST_FAULT_END, ERR(SHORT));
    if (!policy_signature_verify(file, signer, &text))
        return refuse(ret_fault, BLOCKLIST_FAULT_SIGNATURE, ERR(MAC));
    if (!read_head(&text, &head)) return refuse(ret_fault, BLOCKLIST_FAULT_FORMAT, ERR(FORMAT));
    if (head.version < version_least)
        return refuse(ret_fault, BLOCKLIST_FAULT_OLDER, ERR(CONFLICT));
    struct blocklist *b = calloc(1, sizeof *b + head.fingerprints * sizeof(uint16_t));
    if (b == NULL) return refuse(ret_fault, BLOCKLIST_FAULT_NONE, ERR(NO_MEMORY));
    uint16_t *fingerprint = (uint16_t *)(void *)(b + 1);
    for (uint32_t i = 0; i < head.fingerprints; i++)
        fingerprint[i] = (uint16_t)(text.at[2 * i] | text.at[2 * i + 1] << 8);
    *b = head;
    b->fingerprint = fingerprint;
    b->floor = blocklist_builtin();
    *ret_blocklist = b;
    *ret_fault = BLOCKLIST_FAULT_NONE;
    return OK;
}

void blocklist_file_close(struct blocklist *blocklist)
{
    free(blocklist);
}

err blocklist_file_sign(const struct blocklist *filter, uint32_t version,
                        const uint8_t secret[POLICY_SIGNER_SECRET_BYTES], struct writer *out)
{
    struct blocklist b = *filter;
    ENSURE(version > 0 && out->len == 0);
    b.version = version;
    write_head(&b, out);
    for (uint32_t i = 0; i < b.fingerprints; i++) {
        const uint8_t two[2] = {(uint8_t)b.fingerprint[i], (uint8_t)(b.fingerprint[i] >> 8)};
        write_bytes(out, BYTES_OF(two));
    }
    policy_signature_write(out, secret);
    if (out->fault != ERR_OK || out->len > BLOCKLIST_FILE_MAX) return ERR(RANGE);
    return OK;
}
