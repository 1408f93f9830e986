/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two slots in a directory: what is installed, tried, confirmed, refused, rolled back; never an
 * older version, never one that is not signed, whatever stands in a slot or in the record. S119.
 */
#include "tests/unit/scratch.h"

#include "lib/base/file.h"
#include "update/slots.h"

enum { ROOM = 1024 };

static struct scratch scratch;
static struct document_key key, other;
static struct slots slots;
static uint8_t block[ROOM];

/* A vault: what it keeps is not on the disk that somebody puts back. */
static struct {
    bool there, silent;
    uint64_t floor;
} vault;

static struct bytes image_of(uint64_t version, const char *model, const struct document_key *by)
{
    static uint8_t made[ROOM];
    char software[64];
    struct writer w = writer_over(made, sizeof made);
    int n = snprintf(software, sizeof software, "software %llu", (unsigned long long)version);
    assert_ok(image_write(version, model, bytes_of(software, (size_t)n), by, &w));
    return writer_view(&w);
}

static struct bytes good(uint64_t version)
{
    return image_of(version, "T1", &key);
}

static err vault_floor(void *context, uint64_t version, uint64_t *ret_floor)
{
    (void)context;
    if (vault.silent) return ERR(REFUSED);
    if (version > vault.floor) vault.floor = version;
    *ret_floor = vault.floor;
    return OK;
}

static void open_again(void)
{
    struct slots_ports ports = slots_of_directory(scratch.directory, NULL);
    if (vault.there) ports.floor = vault_floor;
    assert_ok(slots_open(&ports, &key, "T1", block, sizeof block, &slots));
}

static int begin(void **state)
{
    (void)state;
    memset(&vault, 0, sizeof vault);
    scratch_make(&scratch);
    if (key.pkey == NULL) {
        assert_ok(document_key_generate(DOCUMENT_ED25519, &key));
        assert_ok(document_key_generate(DOCUMENT_ED25519, &other));
    }
    assert_ok(file_write(scratch_path(&scratch, "slot-a.image"), FILE_PUBLIC, good(5)));
    open_again();
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static enum slot assert_starts(uint64_t version)
{
    struct image image = {0};
    enum slot slot = SLOT_COUNT;
    open_again();
    assert_ok(slots_start(&slots, &slot, &image));
    assert_int_equal(image.version, version);
    return slot;
}

static void spoil(const char *name)
{
    uint8_t content[ROOM];
    size_t len = 0;
    assert_ok(file_read(scratch_path(&scratch, name), FILE_PUBLIC, content, ROOM, &len));
    content[len - 1] ^= 1;
    assert_ok(file_write(scratch.path, FILE_PUBLIC, bytes_of(content, len)));
}

static void an_update_that_is_healthy(void **state)
{
    (void)state;
    assert_int_equal(assert_starts(5), SLOT_A);
    assert_ok(slots_install(&slots, good(6)));
    assert_int_equal(assert_starts(6), SLOT_B);
    assert_ok(slots_confirm(&slots, SLOT_B));
    assert_int_equal(assert_starts(6), SLOT_B);
    /* Now the other slot is written. */
    assert_ok(slots_install(&slots, good(9)));
    assert_int_equal(assert_starts(9), SLOT_A);
    assert_ok(slots_confirm(&slots, SLOT_A));
    assert_starts(9);
}

static void an_update_that_says_nothing_is_rolled_back(void **state)
{
    (void)state;
    assert_ok(slots_install(&slots, good(6)));
    for (int i = 0; i < SLOTS_TRIES; i++) assert_starts(6);
    for (int i = 0; i < 3; i++) assert_int_equal(assert_starts(5), SLOT_A);
    assert_err(slots_install(&slots, good(6)), DENIED); /* not again */
    assert_ok(slots_install(&slots, good(7)));
    assert_starts(7);
}

static void an_update_that_is_not_healthy(void **state)
{
    (void)state;
    assert_ok(slots_install(&slots, good(6)));
    assert_starts(6);
    assert_ok(slots_refuse(&slots, SLOT_B));
    assert_starts(5);
    assert_err(slots_refuse(&slots, SLOT_A), STATE);
    assert_err(slots_confirm(&slots, SLOT_B), STATE);
    assert_err(slots_install(&slots, good(6)), DENIED);
}

static void what_is_not_taken(void **state)
{
    (void)state;
    struct slots_record before = slots.record;
    assert_err(slots_install(&slots, good(5)), RANGE);
    assert_err(slots_install(&slots, good(4)), RANGE);
    assert_err(slots_install(&slots, image_of(6, "T1", &other)), IDENTITY);
    assert_err(slots_install(&slots, image_of(6, "T2", &key)), CONFLICT);
    assert_err(slots_install(&slots, BYTES("TBIMAGE1")), SHORT);
    assert_err(slots_install(&slots, bytes_of(block, ROOM + 1)), LENGTH);
    assert_memory_equal(&before, &slots.record, sizeof before);
    assert_ok(slots_install(&slots, good(6)));
    assert_err(slots_install(&slots, good(6)), EXISTS);
    assert_ok(slots_install(&slots, good(7))); /* a newer one before the first was tried */
    assert_starts(7);
    assert_err(slots_install(&slots, good(8)), BUSY); /* it may be what runs */
    assert_ok(slots_confirm(&slots, SLOT_B));
    assert_ok(slots_install(&slots, good(8)));
}

/* After 6 was healthy 5 does not start, even when 6 is broken: it stands still with a reason. */
static void never_an_older_one(void **state)
{
    (void)state;
    assert_ok(slots_install(&slots, good(6)));
    assert_ok(slots_confirm(&slots, assert_starts(6)));
    spoil("slot-b.image");
    struct image image;
    enum slot slot;
    open_again();
    assert_err(slots_start(&slots, &slot, &image), NOT_FOUND);
    /* An old image that is signed, written past us. */
    assert_ok(file_write(scratch_path(&scratch, "slot-b.image"), FILE_PUBLIC, good(4)));
    assert_err(slots_start(&slots, &slot, &image), NOT_FOUND);
    assert_ok(
        file_write(scratch_path(&scratch, "slot-b.image"), FILE_PUBLIC, image_of(7, "T1", &other)));
    assert_err(slots_start(&slots, &slot, &image), NOT_FOUND);
    assert_ok(file_write(scratch_path(&scratch, "slot-b.image"), FILE_PUBLIC, good(6)));
    assert_starts(6);
}

/* What was spoiled between its installation and its start is not started. */
static void a_new_image_that_is_spoiled(void **state)
{
    (void)state;
    assert_ok(slots_install(&slots, good(6)));
    spoil("slot-b.image");
    assert_starts(5);
    assert_int_equal(slots.record.slot[SLOT_B].state, SLOT_REFUSED);
    /* Another one than the record says, though signed and newer. */
    assert_ok(slots_install(&slots, good(7)));
    assert_ok(file_write(scratch_path(&scratch, "slot-b.image"), FILE_PUBLIC, good(8)));
    assert_starts(5);
}

static void an_active_slot_that_is_spoiled(void **state)
{
    (void)state;
    assert_ok(slots_install(&slots, good(6)));
    spoil("slot-a.image");
    assert_starts(6);
    for (int i = 0; i < SLOTS_TRIES + 2; i++) assert_int_equal(assert_starts(6), SLOT_B);
}

/* The record costs the counts, never the start; whatever it says, it is signed what starts. */
static void a_record_that_is_lost(void **state)
{
    (void)state;
    assert_ok(slots_install(&slots, good(6)));
    assert_ok(file_remove(scratch_path(&scratch, "slots.record")));
    for (int i = 0; i < SLOTS_TRIES; i++) assert_starts(6);
    assert_starts(5);
    uint8_t content[ROOM];
    size_t len = 0;
    assert_ok(file_read(scratch_path(&scratch, "slots.record"), FILE_PUBLIC, content, ROOM, &len));
    for (size_t bit = 0; bit < 8 * len; bit += 9) { /* one of each byte, each time another */
        content[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_ok(file_write(scratch_path(&scratch, "slots.record"), FILE_PUBLIC,
                             bytes_of(content, len)));
        content[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_starts(6); /* as without a record */
    }
    for (size_t short_by = 1; short_by <= len; short_by += 5) {
        assert_ok(file_write(scratch_path(&scratch, "slots.record"), FILE_PUBLIC,
                             bytes_of(content, len - short_by)));
        assert_starts(6);
    }
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct image image;
    enum slot slot;
    assert_ok(file_remove(scratch_path(&scratch, "slot-a.image")));
    assert_ok(file_remove(scratch_path(&scratch, "slots.record")));
    open_again();
    assert_err(slots_start(&slots, &slot, &image), NOT_FOUND);
    assert_ok(slots_install(&slots, good(1)));
    assert_starts(1);
}

/* ---- with a vault that keeps the floor ---- */

/* Everything that is on the disk. */
struct disk {
    uint8_t file[3][ROOM];
    size_t len[3];
};
static const char *const on_disk[3] = {"slot-a.image", "slot-b.image", "slots.record"};

static struct disk copy_disk(void)
{
    struct disk d = {.len = {0}};
    for (int i = 0; i < 3; i++)
        (void)!FAILED(
            file_read(scratch_path(&scratch, on_disk[i]), FILE_PUBLIC, d.file[i], ROOM, &d.len[i]));
    return d;
}

static void put_back(const struct disk *d)
{
    for (int i = 0; i < 3; i++) {
        if (d->len[i] > 0)
            assert_ok(file_write(scratch_path(&scratch, on_disk[i]), FILE_PUBLIC,
                                 bytes_of(d->file[i], d->len[i])));
        else (void)!FAILED(file_remove(scratch_path(&scratch, on_disk[i])));
    }
    open_again();
}

static void assert_starts_not(enum err_code code)
{
    struct image image;
    enum slot slot;
    open_again();
    assert_int_equal(slots_start(&slots, &slot, &image).code, code);
}

/* The whole disk of before is put back: nothing of it starts, and what was healthy is taken again.
 */
static void a_disk_that_is_put_back(void **state)
{
    (void)state;
    vault.there = true;
    assert_starts(5);
    assert_int_equal(vault.floor, 5); /* the first start over this vault has told it */
    struct disk old = copy_disk();
    assert_ok(slots_install(&slots, good(6)));
    struct disk waiting = copy_disk();
    assert_ok(slots_confirm(&slots, assert_starts(6)));
    assert_int_equal(vault.floor, 6);
    put_back(&old);
    assert_starts_not(ERR_RANGE);
    put_back(&waiting); /* the same version, not yet tried: it starts */
    assert_ok(slots_confirm(&slots, assert_starts(6)));
    assert_ok(slots_install(&slots, good(8)));
    assert_ok(slots_confirm(&slots, assert_starts(8)));
    put_back(&waiting);
    assert_starts_not(ERR_RANGE);
    assert_err(slots_install(&slots, good(7)), RANGE);
    assert_ok(slots_install(&slots, good(8)));
    assert_ok(slots_confirm(&slots, assert_starts(8)));
    assert_starts(8);
}

/* Without a record, or with one that says that all is well with an old image. */
static void a_record_is_no_way_round_the_vault(void **state)
{
    (void)state;
    vault.there = true;
    vault.floor = 6;
    assert_ok(file_remove(scratch_path(&scratch, "slots.record")));
    assert_starts_not(ERR_RANGE);
    assert_err(slots_confirm(&slots, SLOT_A), STATE);
    assert_int_equal(vault.floor, 6);
    assert_int_equal(slots_keep(&slots, SLOT_A, 5).code, ERR_RANGE);
}

/* What failed its health check goes back to what was healthy: the floor has not moved. */
static void a_roll_back_is_not_below_the_floor(void **state)
{
    (void)state;
    vault.there = true;
    assert_starts(5);
    assert_ok(slots_install(&slots, good(6)));
    for (int i = 0; i < SLOTS_TRIES; i++) assert_starts(6);
    assert_int_equal(vault.floor, 5);
    assert_starts(5);
    assert_ok(slots_install(&slots, good(7)));
    assert_starts(7);
    assert_ok(slots_refuse(&slots, SLOT_B));
    assert_starts(5);
    assert_int_equal(vault.floor, 5);
}

/* Nothing is installed or tried, and what ran last runs; the vault is told when it is there. */
static void a_vault_that_does_not_answer(void **state)
{
    (void)state;
    vault.there = true;
    assert_starts(5);
    assert_ok(slots_install(&slots, good(6)));
    vault.silent = true;
    assert_starts(5);
    assert_false(slots.heard);
    assert_int_equal(slots.record.slot[SLOT_B].tries, SLOTS_TRIES); /* none is spent */
    assert_err(slots_install(&slots, good(7)), REFUSED);
    assert_err(slots_keep(&slots, SLOT_A, 5), REFUSED);
    vault.silent = false;
    assert_ok(slots_keep(&slots, SLOT_A, 5));
    enum slot slot = assert_starts(6);
    vault.silent = true; /* gone between the health check and its confirmation */
    assert_err(slots_confirm(&slots, slot), REFUSED);
    assert_int_equal(slots.record.slot[slot].state, SLOT_GOOD);
    assert_starts(6);
    vault.silent = false;
    assert_int_equal(vault.floor, 5);
    assert_starts(6);
    assert_int_equal(vault.floor, 6);
}

/* Another vault knows nothing: the record's floor holds, and it learns at the next start. */
static void a_vault_that_was_replaced(void **state)
{
    (void)state;
    vault.there = true;
    assert_ok(slots_install(&slots, good(6)));
    assert_ok(slots_confirm(&slots, assert_starts(6)));
    vault.floor = 0;
    assert_err(slots_install(&slots, good(5)), RANGE);
    assert_starts(6);
    assert_int_equal(vault.floor, 6);
}

/* What waits to be tried has no say before it was healthy, even where it alone can start. */
static void a_new_image_does_not_raise_it(void **state)
{
    (void)state;
    vault.there = true;
    spoil("slot-a.image");
    assert_ok(file_remove(scratch_path(&scratch, "slots.record")));
    open_again();
    assert_ok(slots_install(&slots, good(6)));
    assert_starts(6);
    assert_int_equal(vault.floor, 0);
    vault.silent = true; /* nothing else is there: it is tried without the vault */
    assert_starts(6);
    assert_int_equal(vault.floor, 0);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        ROW(an_update_that_is_healthy),
        ROW(an_update_that_says_nothing_is_rolled_back),
        ROW(an_update_that_is_not_healthy),
        ROW(what_is_not_taken),
        ROW(never_an_older_one),
        ROW(a_new_image_that_is_spoiled),
        ROW(an_active_slot_that_is_spoiled),
        ROW(a_record_that_is_lost),
        ROW(nothing_at_all),
        ROW(a_disk_that_is_put_back),
        ROW(a_record_is_no_way_round_the_vault),
        ROW(a_roll_back_is_not_below_the_floor),
        ROW(a_vault_that_does_not_answer),
        ROW(a_vault_that_was_replaced),
        ROW(a_new_image_does_not_raise_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
