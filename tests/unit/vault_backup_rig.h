/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * More of vault_people_rig.h: a bundle of this device, whole in memory, and what another (or the
 * same) makes of it, given to the vault part by part as the terminal program does it.
 */

#include "lib/crypto/backup_seal.h"
#include "lib/wire/vault_protocol_backup.h"
#include "tests/unit/vault_people_rig.h"

enum { BUNDLE_MAX = 1 << 16, BUNDLE_PARTS_MAX = 64 };

struct bundle {
    uint8_t at[BUNDLE_MAX];
    size_t len;
    size_t start[BUNDLE_PARTS_MAX + 1]; /* of its parts; one more than the last: its end */
    size_t parts;
};

/* What the terminal brings in these tests. */
#define BUNDLE_SETTINGS "language=1 of this shop"
#define BUNDLE_PAYMENT  "payment of 128.00 by 620000******0005"

static inline void bundle_add(struct bundle *b, struct bytes part)
{
    assert_true(b->len + part.len <= sizeof b->at && b->parts < BUNDLE_PARTS_MAX);
    memcpy(b->at + b->len, part.at, part.len);
    b->start[b->parts++] = b->len;
    b->len += part.len;
    b->start[b->parts] = b->len;
}

static inline struct bytes bundle_part(const struct bundle *b, size_t i)
{
    return bytes_of(b->at + b->start[i], b->start[i + 1] - b->start[i]);
}

/* One piece; its part goes into the bundle. */
static inline enum vault_status bundle_piece(struct rig *rig, struct bundle *b, uint8_t kind,
                                             const char *content, bool *ret_more)
{
    const struct vault_backup_piece piece = {kind, bytes_text(content)};
    struct vault_backup_part said;
    vault_write_backup_piece(rig_ask(rig, VAULT_BACKUP_PIECE), &piece);
    enum vault_status status = rig_send(rig);
    if (status != VAULT_OK) return status;
    assert_ok(vault_read_backup_part(&rig->answer, &said));
    bundle_add(b, said.part);
    if (ret_more != NULL) *ret_more = said.more != 0;
    return status;
}

static inline enum vault_status bundle_begin(struct rig *rig, struct bundle *b)
{
    const struct vault_backup_begin begin = {
        .program = BYTES("0.1.0"),
        .sections = 2,
        .section = {{BACKUP_STATE, 7, 1}, {BACKUP_PAYMENT, 38, 2}}};
    *b = (struct bundle){0};
    vault_write_backup_begin(rig_ask(rig, VAULT_BACKUP_BEGIN), &begin);
    enum vault_status status = rig_send(rig);
    if (status == VAULT_OK) bundle_add(b, rig_answer_bytes(rig));
    return status;
}

static inline enum vault_status bundle_people(struct rig *rig, struct bundle *b)
{
    bool more = true;
    while (more) {
        enum vault_status status = bundle_piece(rig, b, BACKUP_PEOPLE, "", &more);
        if (status != VAULT_OK) return status;
    }
    return VAULT_OK;
}

/* The last piece and the tail. */
static inline enum vault_status bundle_end(struct rig *rig, struct bundle *b)
{
    struct vault_backup_part said;
    struct backup_part last;
    enum vault_status status = rig_plain(rig, VAULT_BACKUP_END);
    if (status != VAULT_OK) return status;
    assert_ok(vault_read_backup_part(&rig->answer, &said));
    assert_ok(backup_cut(said.part, &last));
    bundle_add(b, last.whole);
    bundle_add(b, bytes_of(said.part.at + last.whole.len, said.part.len - last.whole.len));
    return status;
}

/* All of it; stops at the first refusal. */
static inline enum vault_status bundle_try(struct rig *rig, struct bundle *b)
{
    enum vault_status status = bundle_begin(rig, b);
    if (status == VAULT_OK) status = bundle_people(rig, b);
    if (status == VAULT_OK) status = bundle_piece(rig, b, BACKUP_STATE, BUNDLE_SETTINGS, NULL);
    for (int i = 0; i < 2 && status == VAULT_OK; i++)
        status = bundle_piece(rig, b, BACKUP_PAYMENT, BUNDLE_PAYMENT, NULL);
    return status == VAULT_OK ? bundle_end(rig, b) : status;
}

static inline void bundle_make(struct rig *rig, struct bundle *b)
{
    assert_status(bundle_try(rig, b), VAULT_OK);
}

/* ---- and back ---- */

struct bundle_read {
    enum vault_status status;
    struct vault_restored said; /* the last answer; its view is gone */
    size_t settings, payments;  /* pieces that came out as they had gone in */
};

static inline bool bundle_answer(struct rig *rig, struct bundle_read *read)
{
    read->status = rig_send(rig);
    if (read->status != VAULT_OK) return false;
    assert_ok(vault_read_restored(&rig->answer, &read->said));
    struct bytes content = read->said.content;
    if (read->said.kind == BACKUP_PEOPLE) assert_int_equal(content.len, 0);
    if (bytes_equal(content, BYTES(BUNDLE_SETTINGS))) read->settings++;
    if (bytes_equal(content, BYTES(BUNDLE_PAYMENT))) read->payments++;
    return read->said.verdict == VAULT_RESTORE_OK;
}

/* `count` parts of it, in this order; the last of a whole bundle is its tail. */
static inline struct bundle_read bundle_read_parts(struct rig *rig, const struct bundle *b,
                                                   size_t count, uint8_t key, bool take,
                                                   struct bytes grant)
{
    struct bundle_read read = {.status = VAULT_FAILED};
    const struct vault_restore_begin begin = {key, take, bundle_part(b, 0), grant};
    vault_write_restore_begin(rig_ask(rig, VAULT_RESTORE_BEGIN), &begin);
    if (!bundle_answer(rig, &read)) return read;
    for (size_t i = 1; i < count; i++) {
        bool last = i + 1 == count;
        vault_write_bytes(rig_ask(rig, last ? VAULT_RESTORE_END : VAULT_RESTORE_PIECE),
                          bundle_part(b, i));
        if (!bundle_answer(rig, &read)) return read;
    }
    return read;
}

static inline struct bundle_read bundle_open(struct rig *rig, const struct bundle *b, uint8_t key,
                                             bool take)
{
    return bundle_read_parts(rig, b, b->parts, key, take, (struct bytes){0});
}

#define assert_restore(read, want)                                          \
    do {                                                                    \
        const struct bundle_read seen = (read);                             \
        assert_status(seen.status, VAULT_OK);                               \
        assert_string_equal(vault_restore_text(seen.said.verdict), (want)); \
    } while (0)

/* The owner's key, as the page draws it. */
static inline void bundle_owner(struct rig *rig, char digits[BACKUP_CODE_DIGITS + 1])
{
    struct vault_backup_owner said;
    vault_write_byte(rig_ask(rig, VAULT_BACKUP_OWNER), 1);
    assert_status(rig_send(rig), VAULT_OK);
    assert_ok(vault_read_backup_owner(&rig->answer, &said));
    struct writer w = writer_over(digits, BACKUP_CODE_DIGITS);
    assert_ok(panel_open(&rig->crypto, &rig->panel, said.sealed, &w));
    assert_int_equal(w.len, BACKUP_CODE_DIGITS);
    digits[w.len] = '\0';
    assert_true(said.has == 1 && said.name.len == BACKUP_NAME_BYTES);
}

/* Another device of the same shop, with first passwords of its own; its supervisor has chosen his.
 */
static inline struct rig *rig_replacement(const struct rig *elder, uint64_t seed,
                                          const char *serial)
{
    struct rig *rig = rig_new(seed);
    rig->elder = elder;
    rig->serial = serial;
    rig->now_ms = elder->now_ms;
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    rig_own(rig, 0, rig_initial(rig, 0), "402869");
    return rig;
}
