/* SPDX-License-Identifier: Apache-2.0 */
/* The record goes first wherever something is believed less, and last where it is believed more;
 * the vault, which forgets nothing, behind it. */
#include "update/slots.h"

#include "lib/base/file.h"
#include "lib/base/reader.h"
#include "lib/wire/vault_floor.h"

/* ---- the record ---- */

static const struct bytes magic = {(const uint8_t *)"TBSLOTS1", 8};

static err write_record(struct slots *s, const struct slots_record *record)
{
    uint8_t block[SLOTS_RECORD_BYTES], digest[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, magic);
    write_be(&w, record->active, 1);
    write_be(&w, record->floor, 8);
    write_be(&w, record->refused, 8);
    for (enum slot i = 0; i < SLOT_COUNT; i++) {
        write_be(&w, record->slot[i].state, 1);
        write_be(&w, record->slot[i].tries, 1);
        write_be(&w, record->slot[i].version, 8);
    }
    crypto_sha256(writer_view(&w), digest);
    write_bytes(&w, BYTES_OF(digest));
    ENSURE(w.fault == ERR_OK);
    TRY(s->ports.store(s->ports.context, writer_view(&w)));
    s->record = *record;
    return OK;
}

static bool parse_record(struct bytes text, struct slots_record *ret_record)
{
    uint8_t digest[CRYPTO_SHA256_BYTES];
    struct slots_record record = {0};
    struct reader r = reader_over(text);
    if (text.len < sizeof digest) return false;
    crypto_sha256(bytes_of(text.at, text.len - sizeof digest), digest);
    bool ours = bytes_equal(read_bytes(&r, magic.len), magic);
    record.active = (enum slot)read_be(&r, 1);
    record.floor = read_be(&r, 8);
    record.refused = read_be(&r, 8);
    bool known = record.active < SLOT_COUNT;
    for (enum slot i = 0; i < SLOT_COUNT; i++) {
        record.slot[i].state = (enum slot_state)read_be(&r, 1);
        record.slot[i].tries = (unsigned)read_be(&r, 1);
        record.slot[i].version = read_be(&r, 8);
        known = known && record.slot[i].state <= SLOT_REFUSED;
    }
    bool whole = bytes_equal(read_bytes(&r, sizeof digest), BYTES_OF(digest));
    if (FAILED(reader_finish(&r)) || !ours || !known || !whole) return false;
    *ret_record = record;
    return true;
}

/* ---- images ---- */

/* What stands in a slot, into the block, when it verifies. */
static err look_at(struct slots *s, enum slot slot, struct image *ret_image)
{
    size_t len = 0;
    TRY(s->ports.read(s->ports.context, slot, s->block, s->max, &len));
    return image_check(bytes_of(s->block, len), s->model, s->key, ret_image);
}

/* Without a record: the older one of what verifies is taken for healthy, the newer one is tried. */
static struct slots_record make_record(struct slots *s)
{
    struct slots_record record = {.active = SLOT_A};
    for (enum slot i = 0; i < SLOT_COUNT; i++) {
        struct image image;
        if (FAILED(look_at(s, i, &image))) continue;
        record.slot[i].state = SLOT_GOOD;
        record.slot[i].version = image.version;
        record.active = i;
    }
    uint64_t a = record.slot[SLOT_A].version, b = record.slot[SLOT_B].version;
    if (a > 0 && b > 0 && a != b) {
        enum slot newer = a > b ? SLOT_A : SLOT_B;
        record.active = a > b ? SLOT_B : SLOT_A;
        record.slot[newer].state = SLOT_NEW;
        record.slot[newer].tries = SLOTS_TRIES;
    }
    record.floor = record.slot[record.active].version;
    return record;
}

err slots_open(const struct slots_ports *ports, const struct document_key *key, const char *model,
               void *block, size_t max, struct slots *ret_slots)
{
    uint8_t text[SLOTS_RECORD_BYTES];
    size_t len = 0;
    struct slots s = {.ports = *ports, .key = key, .model = model, .block = block, .max = max};
    err e = ports->load(ports->context, text, sizeof text, &len);
    if (FAILED(e) || !parse_record(bytes_of(text, len), &s.record)) {
        struct slots_record record = make_record(&s);
        /* Cannot be written now: the next start looks again. */
        if (FAILED(write_record(&s, &record))) s.record = record;
    }
    *ret_slots = s;
    return OK;
}

/* ---- the vault ---- */

static err ask_vault(struct slots *s, uint64_t version)
{
    if (s->ports.floor == NULL) {
        s->heard = true;
        return OK;
    }
    TRY(s->ports.floor(s->ports.floor_context, version, &s->floor));
    s->heard = true;
    return OK;
}

err slots_keep(struct slots *slots, enum slot slot, uint64_t version)
{
    ENSURE(slot < SLOT_COUNT);
    bool healthy =
        slots->record.slot[slot].state == SLOT_GOOD && slots->record.slot[slot].version == version;
    TRY(ask_vault(slots, healthy ? version : 0));
    return version < slots->floor ? ERR(RANGE) : OK;
}

/* ---- install ---- */

static err may_install(const struct slots *slots, enum slot other, uint64_t version)
{
    const struct slots_record *record = &slots->record;
    if (record->slot[other].state == SLOT_NEW) {
        /* Started, and nobody has said how it went: it may be what runs. */
        if (record->slot[other].tries < SLOTS_TRIES) return ERR(BUSY);
        if (record->slot[other].version == version) return ERR(EXISTS);
    }
    if (version <= record->floor || version <= record->slot[record->active].version ||
        version < slots->floor)
        return ERR(RANGE);
    return version == record->refused ? ERR(DENIED) : OK;
}

err slots_install(struct slots *slots, struct bytes content)
{
    struct image given, written;
    enum slot other = slots->record.active == SLOT_A ? SLOT_B : SLOT_A;
    if (content.len > slots->max) return ERR(LENGTH);
    TRY(image_check(content, slots->model, slots->key, &given));
    TRY(ask_vault(slots, 0));
    TRY(may_install(slots, other, given.version));
    struct slots_record record = slots->record;
    record.slot[other].state = SLOT_EMPTY;
    record.slot[other].version = 0;
    TRY(write_record(slots, &record)); /* what is there is believed no more: it may tear */
    TRY(slots->ports.write(slots->ports.context, other, content));
    if (FAILED(look_at(slots, other, &written)) || written.version != given.version)
        return ERR(CORRUPT);
    record.slot[other].state = SLOT_NEW;
    record.slot[other].version = given.version;
    record.slot[other].tries = SLOTS_TRIES;
    return write_record(slots, &record);
}

/* ---- start ---- */

static bool verifies(struct slots *s, enum slot slot, struct image *ret_image)
{
    struct image image;
    if (FAILED(look_at(s, slot, &image)) || image.version < s->record.floor ||
        image.version < s->floor)
        return false;
    *ret_image = image;
    return true;
}

/* A new one, when there is one that verifies and has a try left, which is taken. */
static bool try_new(struct slots *s, enum slot slot, struct image *ret_image)
{
    struct slots_record record = s->record;
    if (record.slot[slot].state != SLOT_NEW) return false;
    bool fine = record.slot[slot].tries > 0 && verifies(s, slot, ret_image) &&
                ret_image->version == record.slot[slot].version;
    if (fine) record.slot[slot].tries--;
    else {
        record.slot[slot].state = SLOT_REFUSED;
        if (record.slot[slot].version > record.refused) record.refused = record.slot[slot].version;
    }
    return !FAILED(write_record(s, &record)) && fine;
}

/* Nothing starts. Is it the vault that stands in the way? */
static err why_nothing(struct slots *s)
{
    struct image image;
    for (enum slot i = 0; i < SLOT_COUNT; i++)
        if (!FAILED(look_at(s, i, &image)) && image.version >= s->record.floor &&
            image.version < s->floor)
            return ERR(RANGE);
    return ERR(NOT_FOUND);
}

err slots_start(struct slots *slots, enum slot *ret_slot, struct image *ret_image)
{
    enum slot active = slots->record.active, other = active == SLOT_A ? SLOT_B : SLOT_A;
    struct image image;
    bool heard = !FAILED(ask_vault(slots, 0));
    /* Without the vault nothing is tried: its health check would fail for another's fault. */
    bool tries = heard || !verifies(slots, active, &image);
    if (tries && try_new(slots, other, &image)) {
        *ret_slot = other;
        *ret_image = image;
        return OK;
    }
    /* The active one has been healthy. Should its medium have failed, anything that is not older.
     */
    enum slot found = verifies(slots, active, &image)  ? active
                      : verifies(slots, other, &image) ? other
                                                       : SLOT_COUNT;
    if (found == SLOT_COUNT) return why_nothing(slots);
    *ret_slot = found;
    *ret_image = image;
    /* What the vault was not told when it was confirmed. Should it fail now: the next start. */
    if (heard) (void)!FAILED(slots_keep(slots, found, image.version));
    return OK;
}

/* ---- how it went ---- */

err slots_confirm(struct slots *slots, enum slot slot)
{
    struct slots_record record = slots->record;
    ENSURE(slot < SLOT_COUNT);
    if (record.slot[slot].state != SLOT_NEW && record.slot[slot].state != SLOT_GOOD)
        return ERR(STATE);
    if (record.slot[slot].version < record.floor || record.slot[slot].version < slots->floor)
        return ERR(STATE);
    record.slot[slot].state = SLOT_GOOD;
    record.slot[slot].tries = 0;
    record.active = slot;
    record.floor = record.slot[slot].version;
    TRY(write_record(slots, &record));
    return slots_keep(slots, slot, record.floor);
}

err slots_refuse(struct slots *slots, enum slot slot)
{
    struct slots_record record = slots->record;
    ENSURE(slot < SLOT_COUNT);
    if (record.slot[slot].state != SLOT_NEW) return ERR(STATE);
    record.slot[slot].state = SLOT_REFUSED;
    if (record.slot[slot].version > record.refused) record.refused = record.slot[slot].version;
    return write_record(slots, &record);
}

/* ---- files ---- */

static const char *const names[SLOT_COUNT] = {"slot-a.image", "slot-b.image"};

static err read_slot(void *context, enum slot slot, void *block, size_t max, size_t *ret_len)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(context, names[slot], path, sizeof path));
    return file_read(path, FILE_PUBLIC, block, max, ret_len);
}

static err write_slot(void *context, enum slot slot, struct bytes content)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(context, names[slot], path, sizeof path));
    return file_write(path, FILE_PUBLIC, content);
}

static err load_record(void *context, void *block, size_t max, size_t *ret_len)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(context, "slots.record", path, sizeof path));
    return file_read(path, FILE_PUBLIC, block, max, ret_len);
}

static err store_record(void *context, struct bytes record)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(context, "slots.record", path, sizeof path));
    return file_write(path, FILE_PUBLIC, record);
}

static err vault_floor(void *context, uint64_t version, uint64_t *ret_floor)
{
    return vault_floor_ask(context, version, ret_floor);
}

struct slots_ports slots_of_directory(const char *directory, const char *vault)
{
    return (struct slots_ports){.floor = vault != NULL ? vault_floor : NULL,
                                .floor_context = (void *)(uintptr_t)vault,
                                .read = read_slot,
                                .write = write_slot,
                                .load = load_record,
                                .store = store_record,
                                .context = (void *)(uintptr_t)directory};
}
