/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tampering (S70, DV-07): whatever is noticed, at whatever moment, and wherever the power is cut
 * then, the keys are gone from memory and disk, and the device stays in that state.
 */
#include "lib/auth/last_words.h"
#include "tests/unit/vault_people_rig.h"
#include "vault/state.h"
#include "vault/tamper_inputs.h"

#ifndef MOMENTS
#define MOMENTS 20 /* of each class; tests/torture takes a thousand */
#endif
enum { SCRIPT = 9 };

/* ---- a day's work, in steps ---- */

static void step_sign_in(struct rig *rig)
{
    (void)rig_sign_in(rig);
}

static void step_card(struct rig *rig)
{
    if (rig_arm(rig) != VAULT_OK) return;
    rig_swipe(rig, "", ";" RIG_PAN "=29121200000000?");
    (void)rig_plain(rig, VAULT_CARD_POLL);
}

static void step_pin(struct rig *rig)
{
    struct vault_entry_answer out = {0};
    if (rig_begin(rig, VAULT_ENTRY_PIN, true) != VAULT_OK) return;
    for (uint8_t i = 0; i < sizeof rig->layout; i++)
        if (rig->layout[i] >= '0' && rig->layout[i] <= '9' && rig_touch(rig, i, &out) != VAULT_OK)
            return;
    (void)rig_touch(rig, 'O', &out);
}

static void step_pin_block(struct rig *rig)
{
    (void)rig_plain(rig, VAULT_PIN_BLOCK);
}

static void step_mac(struct rig *rig)
{
    (void)rig_bytes(rig, VAULT_MAC_MAKE, BYTES("a message"));
}

static void step_envelope(struct rig *rig)
{
    const struct vault_envelope in = {BYTES(RIG_TID), 1, 1, 12800};
    vault_write_envelope(rig_ask(rig, VAULT_CARD_ENVELOPE), &in);
    (void)rig_send(rig);
}

static void step_tls(struct rig *rig)
{
    const uint8_t digest[32] = {7};
    (void)rig_bytes(rig, VAULT_TLS_VERIFY, BYTES_OF(digest));
}

static void step_type_password(struct rig *rig)
{
    struct vault_entry_answer out = {0};
    if (rig_begin_for(rig, VAULT_ENTRY_PASSWORD, false, 1) == VAULT_OK)
        (void)rig_touch(rig, 3, &out);
}

static void step_phones(struct rig *rig)
{
    (void)rig_plain(rig, VAULT_PAIR_LIST);
}

static void (*const script[SCRIPT])(struct rig *rig) = {
    step_sign_in,  step_card, step_pin,           step_pin_block, step_mac,
    step_envelope, step_tls,  step_type_password, step_phones};

static struct rig *ready(uint64_t seed)
{
    struct rig *rig = rig_new(seed);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    return rig;
}

/* ---- what must be so afterwards ---- */

static bool all_zero(const void *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (((const uint8_t *)at)[i] != 0) return false;
    return true;
}

static int64_t count(struct rig *rig, const char *sql)
{
    int64_t value = -1;
    assert_ok(store_query_int(vault_store(rig->vault), sql, &value));
    return value;
}

/* Not one command but STATUS, the certificates and the last words is answered; none of them brings
 * a secret back. */
static void assert_answers_nothing(struct rig *rig)
{
    for (uint8_t command = 1; command < VAULT_COMMANDS; command++) {
        bool answered = command == VAULT_STATUS || command == VAULT_TLS_CERTIFICATES ||
                        command == VAULT_LAST_WORDS;
        enum vault_status status = rig_plain(rig, command);
        if (status == VAULT_BAD_REQUEST) continue; /* a number that no command has */
        assert_status(status, answered ? VAULT_OK : VAULT_TAMPERED);
    }
    assert_true(all_zero(rig->vault->secrets, sizeof *rig->vault->secrets));
}

/* Every key is gone, and yet the device can still say so: its certificate and these words. */
static void assert_can_tell(struct rig *rig)
{
    struct bytes certificate, words;
    uint8_t print[LAST_WORDS_PRINT], own[CRYPTO_SHA256_BYTES];
    char name[IDENTITY_NAME_MAX + 1];
    assert_status(rig_plain(rig, VAULT_LAST_WORDS), VAULT_OK);
    assert_ok(vault_read_pair(&rig->answer, &certificate, &words));
    assert_ok(last_words_check(certificate, words, BYTES(RIG_TID), BYTES(RIG_SERIAL), print));
    assert_ok(identity_describe(bytes_text(rig->certificate), name, own));
    assert_memory_equal(print, own, sizeof own);
    assert_err(last_words_check(certificate, words, BYTES("10000018"), BYTES(RIG_SERIAL), print),
               MAC);
    assert_err(last_words_check(certificate, words, BYTES(RIG_TID), BYTES("TB1-00004712"), print),
               MAC);
}

static void assert_erased(struct rig *rig, uint8_t kind)
{
    assert_int_equal(rig_status(rig).tampered, kind);
    assert_int_equal(rig_status(rig).working_keys, 0);
    assert_int_equal(rig_status(rig).kcv_master.len, 0);
    assert_true(all_zero(rig->vault->secrets, sizeof *rig->vault->secrets));
    assert_int_equal(rig->erased_kind, kind);
    assert_true(all_zero(rig->device_key, sizeof rig->device_key));
    assert_int_equal(count(rig, "SELECT count(*) FROM secret"), 0);
    assert_int_equal(count(rig, "SELECT count(*) FROM history"), 0);
    assert_int_equal(
        count(rig, "SELECT count(*) FROM operator WHERE record || duress || decoy != ''"), 0);
    assert_int_equal(count(rig, "SELECT count(*) FROM audit WHERE event = 'tampered'"), 1);
    assert_can_tell(rig);
}

/* ---- tests ---- */

static void test_each_class_erases_and_stays(void **state)
{
    (void)state;
    for (uint8_t kind = 1; kind < VAULT_TAMPERS; kind++) {
        struct rig *rig = ready(kind);
        uint8_t copy[VAULT_DEVICE_KEY_BYTES];
        memcpy(copy, rig->device_key, sizeof copy);
        for (size_t i = 0; i < 3; i++) script[i](rig); /* keys, a card and a PIN are there */
        assert_true(rig->vault->secrets->card.pan[0] != '\0');
        assert_int_equal(rig_status(rig).tampered, VAULT_TAMPER_NONE);
        rig->tamper_kind = kind;
        assert_ok(vault_watch(rig->vault)); /* no command is needed */
        assert_true(all_zero(rig->vault->secrets, sizeof *rig->vault->secrets));
        assert_erased(rig, kind);
        assert_answers_nothing(rig);

        rig->tamper_kind = VAULT_TAMPER_NONE; /* the case is closed again */
        rig_restart(rig);
        assert_erased(rig, kind);
        assert_answers_nothing(rig);

        memcpy(rig->device_key, copy, sizeof copy); /* a copy of the key is put back: no use */
        rig->erased_kind = VAULT_TAMPER_NONE;
        rig_restart(rig);
        assert_erased(rig, kind);
        rig_free(rig);
    }
}

struct reaper {
    int left;
    enum err_code with;
};

static err reap(struct reaper *reaper)
{
    return reaper->left-- == 0 ? (err){reaper->with} : OK;
}

static err reap_store(void *context, enum store_call call)
{
    (void)call;
    return reap(context);
}

static err reap_erase(void *context)
{
    return reap(context);
}

static void arm_reaper(struct rig *rig, struct reaper *reaper)
{
    store_set_fault(vault_store(rig->vault), reap_store, reaper);
    rig->erase_fault = reap_erase;
    rig->erase_context = reaper;
}

static void disarm(struct rig *rig)
{
    store_set_fault(vault_store(rig->vault), NULL, NULL);
    rig->erase_fault = NULL;
}

/*
 * Killed, or refused by the disk, at every call: memory is clean whatever happens. After a restart
 * with inputs that have forgotten, either nothing at all has been done, and the keys still open; or
 * the device is erased for good. With inputs that remember, it is always erased.
 */
static void cut_at_every_call(enum err_code with, bool remembers)
{
    bool struck = true;
    int untouched = 0, sticky = 0;
    for (int n = 0; struck; n++) {
        struct rig *rig = ready(100);
        struct reaper reaper = {n, with};
        step_sign_in(rig);
        rig->tamper_kind = VAULT_TAMPER_MESH;
        arm_reaper(rig, &reaper);
        err watched = vault_watch(rig->vault);
        struck = reaper.left < 0;
        assert_true(all_zero(rig->vault->secrets, sizeof *rig->vault->secrets));
        disarm(rig);
        if (with == ERR_CRASHED && FAILED(watched)) assert_err(watched, CRASHED);
        bool nothing = rig->erased_kind == VAULT_TAMPER_NONE; /* the key is erased first */
        rig->tamper_kind = remembers ? VAULT_TAMPER_MESH : VAULT_TAMPER_NONE;
        rig_restart(rig);
        if (nothing && rig_status(rig).tampered == VAULT_TAMPER_NONE) {
            assert_false(remembers);
            assert_int_equal(rig_status(rig).working_keys, 1);
            untouched++;
        } else {
            assert_erased(rig, VAULT_TAMPER_MESH);
            sticky++;
        }
        rig_free(rig);
    }
    assert_true(sticky > 5);
    assert_int_equal(untouched > 0, !remembers && with == ERR_CRASHED);
}

static void test_cut_at_every_call(void **state)
{
    (void)state;
    cut_at_every_call(ERR_CRASHED, true);
    cut_at_every_call(ERR_CRASHED, false);
    cut_at_every_call(ERR_IO, false);
    cut_at_every_call(ERR_FULL, true);
}

/* Twelve classes at random moments of a day's work, killed in the middle of what is being written.
 */
static void test_random_moments(void **state)
{
    (void)state;
    struct random_seeded source;
    random_seed(&source, 7070);
    struct random random = random_from_seed(&source);
    for (int moment = 0; moment < MOMENTS; moment++) {
        for (uint8_t kind = 1; kind < VAULT_TAMPERS; kind++) {
            struct rig *rig = ready(1000u + (unsigned)moment);
            size_t when = random_below(&random, SCRIPT);
            struct reaper reaper = {(int)random_below(&random, 30), ERR_CRASHED};
            for (size_t i = 0; i < when; i++) script[i](rig);
            arm_reaper(rig, &reaper);
            if (random_below(&random, 2) == 0) rig->tamper_kind = kind; /* else between two */
            script[when](rig);
            rig->tamper_kind = kind;
            err watched = FAILED(rig->executed) ? rig->executed : vault_watch(rig->vault);
            assert_true(!FAILED(watched) || reaper.left < 0);
            disarm(rig);
            if (reaper.left < 0) rig_restart(rig);
            assert_erased(rig, kind);
            for (size_t i = 0; i < SCRIPT; i++) script[i](rig);
            assert_answers_nothing(rig);
            rig_free(rig);
        }
    }
}

/* A disk that refuses everything keeps no key in memory; it is asked again until it obeys. */
static void test_stubborn_disk(void **state)
{
    (void)state;
    struct rig *rig = ready(3);
    struct reaper reaper = {0, ERR_FULL};
    step_sign_in(rig);
    rig->erase_error = ERR(READ_ONLY);
    rig->tamper_kind = VAULT_TAMPER_VOLTAGE;
    store_set_fault(vault_store(rig->vault), reap_store, &reaper);
    assert_ok(vault_watch(rig->vault));
    assert_true(all_zero(rig->vault->secrets, sizeof *rig->vault->secrets));
    assert_int_equal(rig->erased_kind, VAULT_TAMPER_NONE);
    assert_int_equal(rig->vault->device.tampered, VAULT_TAMPER_VOLTAGE);
    store_set_fault(vault_store(rig->vault), NULL, NULL);
    rig->tamper_kind = VAULT_TAMPER_NONE;
    assert_answers_nothing(rig);
    assert_int_equal(count(rig, "SELECT count(*) FROM secret"), 0);
    rig->erase_error = OK;
    assert_erased(rig, VAULT_TAMPER_VOLTAGE);
    rig_free(rig);
}

/* The clock, set while the vault runs. At start, and when it was never set, nothing is said. */
static void test_clock(void **state)
{
    (void)state;
    const int64_t minute = 60000, day = 86400000;
    static const struct {
        int64_t held_min, jump_days;
        bool noticed;
    } rows[] = {{0, -2, false},  {30, -2, true},  {30, 0, false},
                {30, 60, false}, {30, 500, true}, {0, 500, true}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig *rig = ready(20 + i);
        rig->watch_clock = true;
        rig_restart(rig);
        for (int64_t m = 0; m < rows[i].held_min; m++) {
            rig->now_ms += minute;
            assert_ok(vault_watch(rig->vault));
        }
        rig->wall_offset_ms = rows[i].jump_days * day;
        int64_t noticed = rows[i].noticed ? VAULT_TAMPER_CLOCK : VAULT_TAMPER_NONE;
        assert_int_equal(rig_status(rig).tampered, noticed);
        rig_free(rig);
    }
    struct rig *rig = ready(30); /* from 1970 to now: it has been set */
    rig->watch_clock = true;
    rig->wall_offset_ms = -rig->now_ms;
    rig_restart(rig);
    rig->wall_offset_ms = 0;
    assert_int_equal(rig_status(rig).tampered, VAULT_TAMPER_NONE);
    rig_free(rig);
}

/* device.key as a file: what stands there afterwards is no key, and says what happened. */
static void test_key_file(void **state)
{
    (void)state;
    CLEANUP(scratch_remove) struct scratch scratch;
    scratch_make(&scratch);
    const char *directory = scratch.directory;
    struct random random = random_system();
    struct vault_fault fault = {{0}};
    uint8_t made[VAULT_DEVICE_KEY_BYTES], read[VAULT_DEVICE_KEY_BYTES];
    struct device_key_file file;
    assert_ok(device_key_make(directory, &random, made, &fault));
    assert_int_equal(device_key_erased(made), VAULT_TAMPER_NONE);
    assert_ok(device_key_file_open(directory, &file));
    assert_ok(device_key_erase(&file, VAULT_TAMPER_HEAT));
    assert_ok(device_key_erase(&file, VAULT_TAMPER_CASE)); /* again: no harm */
    assert_err(device_key_read(directory, read, &fault), STATE);
    assert_int_equal(device_key_erased(read), VAULT_TAMPER_CASE);
    assert_non_null(strstr(fault.text, "tampered"));
    assert_err(device_key_make(directory, &random, read, &fault), STATE); /* none is made over it */
}

static void test_debugger(void **state)
{
    (void)state;
    assert_false(tamper_inputs_traced(BYTES("Name:\tx\nTracerPid:\t0\nUid:\t0\n")));
    assert_true(tamper_inputs_traced(BYTES("Name:\tx\nTracerPid:\t4711\nUid:\t0\n")));
    assert_false(tamper_inputs_traced(BYTES("Name:\tTracerPid:\t1\n")));
    assert_false(tamper_inputs_traced(BYTES("Name:\tx\nTracerPid:\t")));
}

static void test_words(void **state)
{
    (void)state;
    for (uint8_t kind = 1; kind < VAULT_TAMPERS; kind++)
        assert_int_equal(vault_tamper_named(bytes_text(vault_tamper_word(kind))), kind);
    assert_int_equal(vault_tamper_named(BYTES("")), VAULT_TAMPER_NONE);
    assert_string_equal(vault_tamper_word(VAULT_TAMPERS), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_class_erases_and_stays),
        cmocka_unit_test(test_cut_at_every_call),
        cmocka_unit_test(test_random_moments),
        cmocka_unit_test(test_stubborn_disk),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_key_file),
        cmocka_unit_test(test_debugger),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
