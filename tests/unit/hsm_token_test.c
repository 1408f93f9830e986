/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state directory of a hsm whose master key is in a PKCS#11 token: made, found again, moved
 * over from a passphrase; and refused by name for a wrong PIN, a token that is gone, and another
 * token. SoftHSM 2 plays the token, with a store of its own for each test. S190.
 */
#include "lib/crypto/cipher.h"
#include "tests/unit/hsm_token_rig.h"

static void made_and_found_again(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0}, again = {0};
    make_token("shop");
    assert_err(load(f, (struct how){.pin = "4711\n"}, &master), NOT_FOUND);
    assert_remedy(f, "--initialise");
    assert_ok(load(f, (struct how){.pin = "4711\n", .initialise = true}, &master));
    assert_true(master.in_token);
    assert_int_equal(master.key.value.len, 0);               /* the token made it, and has it */
    assert_ok(load(f, (struct how){.pin = "4711"}, &again)); /* a line may end with the input */
    assert_memory_equal(&master, &again, sizeof master);
    assert_ok(load(f, (struct how){.pin = "4711\r\n"}, &again));
    assert_err(load(f, (struct how){.pin = "4711\n", .initialise = true}, &again), EXISTS);
    assert_err(load(f, (struct how){.passphrase = f->passphrase}, &again), KEY);
    assert_remedy(f, "--pkcs11-module");
}

static void refused_by_name(void **state)
{
    struct fixture *f = *state;
    const struct how how = {.pin = "4711\n"};
    struct hsm_master master = {0};
    make_token("shop");
    assert_ok(load(f, (struct how){.pin = "4711\n", .initialise = true}, &master));
    assert_refused(f, (struct how){.pin = "4712\n"}, "DENIED", "does not take this PIN");
    assert_refused(f, (struct how){.pin = ""}, "SHORT", "one line");
    char longest[HSM_TOKEN_PIN_MAX + 2];
    memset(longest, '1', sizeof longest);
    longest[sizeof longest - 1] = 0;
    assert_refused(f, (struct how){.pin = longest}, "LENGTH", "one line");
    f->token.label = "shop two";
    assert_refused(f, how, "NOT_FOUND", "there is no token shop two");
    f->token.label = "sho"; /* no prefix is a name */
    assert_refused(f, how, "NOT_FOUND", "there is no token sho ");
    f->token.label = "a label that is longer than 32 cha";
    assert_refused(f, how, "CONFIG", "32 characters");
    f->token.label = "shop";
    f->token.module = "/nonexistent/module.so";
    assert_refused(f, how, "CONFIG", "cannot load the PKCS#11 module");
    f->token.module = "libm.so.6";
    assert_refused(f, how, "CONFIG", "no PKCS#11 module");
    f->token.module = module;
    assert_ok(load(f, how, &master));
}

static void gone_or_another(void **state)
{
    struct fixture *f = *state;
    const struct how how = {.pin = "4711\n"};
    struct hsm_master master = {0};
    uint8_t before[512], after[512];
    make_token("shop");
    assert_ok(load(f, (struct how){.pin = "4711\n", .initialise = true}, &master));
    size_t len = sealed(f, before);
    remove_tokens(f);
    assert_refused(f, how, "NOT_FOUND", "put it in");
    make_token("shop"); /* of the same name, and empty */
    assert_refused(f, how, "NOT_FOUND", "it is another one");
    uint8_t key[SEALED_KEY_BYTES];
    struct hsm_token_pin pin = {"4711", 4};
    assert_ok(hsm_token_key(&f->token, &pin, true, key, &f->fault)); /* and with a key of its own */
    assert_refused(f, how, "MAC", "another token");
    make_token("shop");
    assert_refused(f, how, "CONFIG", "2 tokens are labelled shop");
    assert_int_equal(sealed(f, after), len); /* nothing of this has touched the file */
    assert_memory_equal(before, after, len);
}

static void assert_same_master(const struct hsm_master *a, const struct hsm_master *b)
{
    assert_memory_equal(&a->keys, &b->keys, sizeof a->keys);
    assert_memory_equal(a->kcv, b->kcv, sizeof a->kcv);
    assert_memory_equal(&a->transport, &b->transport, sizeof a->transport);
}

static void moved_from_a_passphrase(void **state)
{
    struct fixture *f = *state;
    const struct how adopt = {.pin = "4711\n", .passphrase = f->passphrase, .adopt = true};
    struct hsm_master master = {0}, again = {0};
    uint8_t before[512], after[512];
    make_token("shop");
    assert_err(load(f, adopt, &again), NOT_FOUND); /* there is nothing to move */
    assert_ok(load(f, (struct how){.passphrase = f->passphrase, .initialise = true}, &master));
    assert_false(master.in_token);
    assert_refused(f, (struct how){.pin = "4711\n", .initialise = true}, "EXISTS", "--initialise");
    size_t len = sealed(f, before);
    assert_refused(f, (struct how){.pin = "4712\n", .passphrase = f->passphrase, .adopt = true},
                   "DENIED", "PIN");
    assert_int_equal(sealed(f, after), len); /* the passphrase still opens it */
    assert_memory_equal(before, after, len);
    assert_ok(load(f, adopt, &again));
    assert_true(again.in_token);
    assert_int_equal(again.key.value.len, 0);
    assert_same_master(&master, &again);
    assert_true(sealed(f, after) < len); /* the file holds no master key any more */
    memset(&again, 0, sizeof again);
    assert_ok(load(f, (struct how){.pin = "4711\n"}, &again));
    assert_same_master(&master, &again);
    assert_err(load(f, (struct how){.passphrase = f->passphrase}, &again), KEY);
    assert_err(load(f, adopt, &again), KEY); /* it was moved already */
    /* The power went between token and file: it is moved again, and is the same. */
    assert_ok(file_write(scratch_path(&f->scratch, "master.sealed"), FILE_PRIVATE,
                         bytes_of(before, len)));
    assert_ok(load(f, adopt, &again));
    assert_same_master(&master, &again);
}

/* A file that an earlier version sealed with the token has the master key in it: it is moved. */
static void moved_from_an_earlier_version(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0}, again = {0};
    struct hsm_token_pin pin = {"4711", 4};
    uint8_t key[SEALED_KEY_BYTES], plain[128], file[256];
    make_token("shop");
    hsm_master_generate(&f->crypto, false, &master);
    assert_ok(hsm_master_derive(&f->crypto, &master));
    assert_ok(hsm_token_key(&f->token, &pin, true, key, &f->fault));
    struct writer p = writer_over(plain, sizeof plain), w = writer_over(file, sizeof file);
    write_be(&p, 1, 1);
    write_be(&p, 0, 1);
    write_bytes(&p, secret_view(&master.key.value));
    write_bytes(&p, BYTES_OF(master.transport.secret_key));
    const struct sealed_secret secret = {SEALED_BY_KEY, BYTES_OF(key)};
    assert_ok(
        sealed_write(&f->crypto, &secret, BYTES("tongbao-hsm master key"), writer_view(&p), &w));
    assert_ok(
        file_write(scratch_path(&f->scratch, "master.sealed"), FILE_PRIVATE, writer_view(&w)));
    for (int n = 0; n < 2; n++) {
        assert_ok(load(f, (struct how){.pin = "4711\n"}, &again));
        assert_true(again.in_token);
        assert_same_master(&master, &again);
        uint8_t now[512];
        assert_true(sealed(f, now) < w.len);
    }
}

/* Before it is moved, a token alone does not open what a passphrase sealed. */
static void not_sealed_by_a_token(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0};
    uint8_t key[SEALED_KEY_BYTES];
    struct hsm_token_pin pin = {"4711", 4};
    make_token("shop");
    assert_ok(hsm_token_key(&f->token, &pin, true, key, &f->fault));
    assert_ok(load(f, (struct how){.passphrase = f->passphrase, .initialise = true}, &master));
    assert_refused(f, (struct how){.pin = "4711\n"}, "KEY", "--pkcs11-adopt");
}

/* The derived key is the token's: the same each time, and another token's is another. */
static void one_key_for_each_token(void **state)
{
    struct fixture *f = *state;
    uint8_t key[3][SEALED_KEY_BYTES];
    struct hsm_token_pin pin = {"4711", 4};
    make_token("shop");
    make_token("other");
    assert_ok(hsm_token_key(&f->token, &pin, true, key[0], &f->fault));
    assert_ok(hsm_token_key(&f->token, &pin, true, key[1], &f->fault)); /* makes no second one */
    f->token.label = "other";
    assert_ok(hsm_token_key(&f->token, &pin, true, key[2], &f->fault));
    assert_memory_equal(key[0], key[1], sizeof key[0]);
    assert_memory_not_equal(key[0], key[2], sizeof key[0]);
    assert_memory_not_equal(key[0], key[0] + 16, 16);
}

/* Puts a key with a known value into the token. */
static void put_key(CK_BBOOL extractable)
{
    struct session s = log_in();
    CK_OBJECT_HANDLE made;
    uint8_t value[32] = {1};
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE is[] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_LABEL, "tongbao-hsm", 11},    {CKA_VALUE, value, sizeof value},
        {CKA_TOKEN, &yes, sizeof yes},     {CKA_ENCRYPT, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes}, {CKA_EXTRACTABLE, &extractable, sizeof extractable},
    };
    assert_int_equal(s.call->C_CreateObject(s.handle, is, ARRAY_LEN(is), &made), CKR_OK);
    log_out(&s);
}

static void a_key_that_can_be_read_out(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SEALED_KEY_BYTES];
    struct hsm_token_pin pin = {"4711", 4};
    make_token("shop");
    put_key(CK_TRUE);
    assert_err(hsm_token_key(&f->token, &pin, true, key, &f->fault), KEY);
    assert_remedy(f, "can be read out");
}

static void two_keys_of_one_label(void **state)
{
    struct fixture *f = *state;
    uint8_t key[SEALED_KEY_BYTES];
    struct hsm_token_pin pin = {"4711", 4};
    make_token("shop");
    put_key(CK_FALSE);
    assert_ok(hsm_token_key(&f->token, &pin, false, key, &f->fault));
    /* AES-256 of the label, a zero, 256 and the number under 01 00 .. 00: worked out apart. */
    struct key known = {0};
    uint8_t block[16] = "tongbao-seal\0\1\0", want[16];
    block[15] = 1;
    assert_ok(key_make(KEY_AES256, KEY_USAGE_MASTER, BYTES_OF(((uint8_t[32]){1})), &known));
    assert_ok(cipher_ecb_encrypt(&f->crypto, &known, BYTES_OF(block), want));
    assert_memory_equal(key, want, sizeof want);
    block[15] = 2;
    assert_ok(cipher_ecb_encrypt(&f->crypto, &known, BYTES_OF(block), want));
    assert_memory_equal(key + 16, want, sizeof want);
    put_key(CK_FALSE);
    assert_err(hsm_token_key(&f->token, &pin, false, key, &f->fault), CONFIG);
    assert_remedy(f, "two keys");
}

int main(void)
{
    if (!softhsm_is_here()) return 77;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(made_and_found_again, make, unmake),
        cmocka_unit_test_setup_teardown(refused_by_name, make, unmake),
        cmocka_unit_test_setup_teardown(gone_or_another, make, unmake),
        cmocka_unit_test_setup_teardown(moved_from_a_passphrase, make, unmake),
        cmocka_unit_test_setup_teardown(moved_from_an_earlier_version, make, unmake),
        cmocka_unit_test_setup_teardown(not_sealed_by_a_token, make, unmake),
        cmocka_unit_test_setup_teardown(one_key_for_each_token, make, unmake),
        cmocka_unit_test_setup_teardown(a_key_that_can_be_read_out, make, unmake),
        cmocka_unit_test_setup_teardown(two_keys_of_one_label, make, unmake),
    };
    return cmocka_run_group_tests_name("hsm_token", tests, NULL, NULL);
}
