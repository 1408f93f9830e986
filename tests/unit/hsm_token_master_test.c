/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master key in a PKCS#11 token: made in it or put in by a ceremony, the keys of TR-31 version
 * D derived inside, never read out, and nowhere in the hsm's memory. SoftHSM 2 plays the token.
 * S190.
 */
#include "hsm/internal.h"
#include "tests/unit/hsm_token_rig.h"

static CK_OBJECT_HANDLE find_master(const struct session *s)
{
    CK_OBJECT_HANDLE key;
    CK_ULONG count;
    CK_ATTRIBUTE label = {CKA_LABEL, "tongbao-hsm-master", 18};
    assert_int_equal(s->call->C_FindObjectsInit(s->handle, &label, 1), CKR_OK);
    assert_int_equal(s->call->C_FindObjects(s->handle, &key, 1, &count), CKR_OK);
    assert_int_equal(count, 1);
    (void)s->call->C_FindObjectsFinal(s->handle);
    return key;
}

/* Who has the PIN may use the master key, and does not get it: neither its value, nor under a key
 * of his own. */
static void assert_stays_inside(void)
{
    struct session s = log_in();
    CK_OBJECT_HANDLE master = find_master(&s), own;
    uint8_t value[64];
    CK_BBOOL yes = CK_TRUE;
    CK_ULONG len = 32;
    CK_ATTRIBUTE read = {CKA_VALUE, value, sizeof value};
    CK_ATTRIBUTE open[] = {{CKA_EXTRACTABLE, &yes, sizeof yes}};
    CK_ATTRIBUTE of_own[] = {{CKA_VALUE_LEN, &len, sizeof len}, {CKA_WRAP, &yes, sizeof yes}};
    CK_MECHANISM generate = {CKM_AES_KEY_GEN, NULL, 0}, wrap = {CKM_AES_KEY_WRAP, NULL, 0};
    assert_int_equal(s.call->C_GetAttributeValue(s.handle, master, &read, 1),
                     CKR_ATTRIBUTE_SENSITIVE);
    assert_int_not_equal(s.call->C_SetAttributeValue(s.handle, master, open, 1), CKR_OK);
    assert_int_equal(s.call->C_GenerateKey(s.handle, &generate, of_own, 2, &own), CKR_OK);
    len = sizeof value;
    assert_int_equal(s.call->C_WrapKey(s.handle, &wrap, own, master, value, &len),
                     CKR_KEY_UNEXTRACTABLE);
    log_out(&s);
}

/* No half of the key's value is in what the hsm keeps in memory, nor anywhere in its file. */
static void assert_not_in(const void *memory, size_t len, const struct key *key)
{
    for (size_t half = 0; half < 2; half++)
        assert_null(memmem(memory, len, key->value.at + 16 * half, 16));
}

/*
 * A ceremony's master key goes into the token. The hsm has two derived keys instead, which are
 * those that TR-31 says, and blocks that were made under the master key open.
 */
static void the_master_key_stays_in_the_token(void **state)
{
    struct fixture *f = *state;
    struct key known = {0}, pin = {0}, back = {0};
    struct keyblock_keys derived;
    struct hsm_master master = {0};
    uint8_t kcv[KEY_CHECK_BYTES], block[KEYBLOCK_MAX], file[512];
    make_token("shop");
    key_generate(&f->crypto, KEY_AES256, KEY_USAGE_MASTER, &known);
    assert_ok(
        load(f, (struct how){.pin = "4711\n", .initialise = true, .master = &known}, &master));
    assert_ok(keyblock_own_keys(&f->crypto, &known, &derived));
    assert_memory_equal(&master.keys, &derived, sizeof derived);
    assert_ok(key_check_value(&f->crypto, &known, kcv));
    assert_memory_equal(master.kcv, kcv, sizeof kcv);
    assert_stays_inside();

    struct hsm *hsm;
    const struct key *taken;
    assert_ok(hsm_open(&(struct hsm_config){.random = random_system()}, &master, &hsm));
    struct writer w = writer_over(block, sizeof block);
    key_generate(&f->crypto, KEY_AES128, KEY_USAGE_PIN, &pin);
    assert_ok(keyblock_wrap(&f->crypto, &known, &pin, &w));
    assert_int_equal(hsm_take_any_key(hsm, writer_view(&w), &taken), HSM_OK);
    assert_memory_equal(taken, &pin, sizeof pin);
    w.len = 0;
    assert_ok(keyblock_wrap_derived(&f->crypto, &hsm->master.keys, &pin, &w));
    assert_ok(keyblock_unwrap(&f->crypto, &known, writer_view(&w), &back));
    assert_memory_equal(&back, &pin, sizeof pin);
    assert_not_in(hsm, sizeof *hsm, &known);
    assert_not_in(&master, sizeof master, &known);
    assert_not_in(file, sealed(f, file), &known);
    hsm_close(hsm);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
/* How often a 16-byte half of the key whose complement is given stands in this process's memory. */
static unsigned count_in_memory(const uint8_t complement[32])
{
    static uint8_t block[1 << 16];
    unsigned found = 0;
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r"), *memory = fopen("/proc/self/mem", "r");
    assert_non_null(maps);
    assert_non_null(memory);
    setvbuf(memory, NULL, _IONBF, 0);
    while (fgets(line, sizeof line, maps) != NULL) {
        char *end;
        unsigned long at = strtoul(line, &end, 16), to = strtoul(end + 1, &end, 16);
        if (end[1] != 'r' || strstr(line, "[v") != NULL) continue;
        for (; at + 16 <= to; at += sizeof block - 15) {
            size_t want = to - at < sizeof block ? to - at : sizeof block;
            if (fseek(memory, (long)at, SEEK_SET) != 0) break;
            size_t got = fread(block, 1, want, memory);
            for (size_t i = 0; i + 16 <= got; i++)
                for (size_t half = 0; half < 2; half++) {
                    size_t k = 0;
                    while (k < 16 && block[i + k] + complement[16 * half + k] == 0xff) k++;
                    found += k == 16;
                }
        }
    }
    fclose(maps);
    fclose(memory);
    return found;
}
#endif

/*
 * A process puts the key in, another works with it: in the memory of the second it is nowhere, not
 * even in what the token's library has left behind. This one only ever knows its complement.
 */
static void nowhere_in_memory(void **state)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    (void)state;
    print_message(
        "skipped: a sanitizer keeps what was freed, and its shadow is too long to search\n");
    skip();
#else
    struct fixture *f = *state;
    struct hsm_master master = {0};
    uint8_t complement[32];
    int ends[2], status;
    make_token("shop");
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct key known = {0};
        key_generate(&f->crypto, KEY_AES256, KEY_USAGE_MASTER, &known);
        err e =
            load(f, (struct how){.pin = "4711\n", .initialise = true, .master = &known}, &master);
        for (size_t i = 0; i < 32; i++) complement[i] = known.value.at[i] ^ 0xff;
        bool told = write(ends[1], complement, sizeof complement) == sizeof complement;
        bool seen = count_in_memory(complement) > 0; /* it looks where the key is */
        _exit(FAILED(e) || !told || !seen);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(read(ends[0], complement, sizeof complement), sizeof complement);
    close(ends[0]);
    close(ends[1]);
    struct hsm *hsm;
    assert_ok(load(f, (struct how){.pin = "4711\n"}, &master));
    assert_ok(hsm_open(&(struct hsm_config){.random = random_system()}, &master, &hsm));
    assert_int_equal(count_in_memory(complement), 0);
    hsm_close(hsm);
#endif
}

/* Made inside it is as little seen; a token holds one, for one state directory. */
static void one_master_for_each_token(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0}, other = {0};
    const struct how how = {.pin = "4711\n"};
    make_token("shop");
    assert_ok(load(f, (struct how){.pin = "4711\n", .initialise = true}, &master));
    assert_stays_inside();
    unlink(scratch_path(&f->scratch, "master.sealed"));
    assert_refused(f, (struct how){.pin = "4711\n", .initialise = true}, "EXISTS",
                   "another state directory");
    struct session s = log_in();
    assert_int_equal(s.call->C_DestroyObject(s.handle, find_master(&s)), CKR_OK);
    log_out(&s);
    assert_ok(load(f, (struct how){.pin = "4711\n", .initialise = true}, &other));
    assert_memory_not_equal(&master.keys, &other.keys, sizeof master.keys);
    assert_memory_not_equal(master.kcv, other.kcv, sizeof master.kcv);

    s = log_in();
    assert_int_equal(s.call->C_DestroyObject(s.handle, find_master(&s)), CKR_OK);
    log_out(&s);
    assert_refused(f, how, "NOT_FOUND", "has no master key");
    struct hsm_token_pin pin = {"4711", 4};
    struct hsm_token_master made;
    assert_ok(hsm_token_master(&f->token, &pin, HSM_TOKEN_GENERATE, NULL, &made, &f->fault));
    assert_refused(f, how, "MAC", "another master key");
}

int main(void)
{
    if (!softhsm_is_here()) return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_master_key_stays_in_the_token, make, unmake),
        cmocka_unit_test_setup_teardown(nowhere_in_memory, make, unmake),
        cmocka_unit_test_setup_teardown(one_master_for_each_token, make, unmake),
    };
    return cmocka_run_group_tests_name("hsm_token_master", tests, NULL, NULL);
}
