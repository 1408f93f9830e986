/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master key sealed by a PKCS#11 token: made, found again, moved over from a passphrase, and
 * refused by name for a wrong PIN, a token that is gone, and another token. SoftHSM 2 plays the
 * token, with a store of its own for each test. S190.
 */
#include "hsm/token.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "hsm/state.h"
#include "lib/base/file.h"
#include "lib/crypto/cipher.h"
#include "tests/unit/scratch.h"

extern char **environ;

static const char *const modules[] = {
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
};

static const char *module; /* the one that is here; NULL: none is */

struct fixture {
    struct crypto crypto;
    struct scratch scratch;
    struct process_fault fault;
    char passphrase[160], store[160];
    struct hsm_token_options token;
};

/* Runs a program to its end with its output thrown away; fails the test when it fails. */
static void run(const char *const *argv)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    assert_int_equal(posix_spawnp(&pid, argv[0], &actions, NULL, (char **)argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void make_token(const char *label)
{
    const char *const argv[] = {"softhsm2-util", "--init-token", "--free", "--label", label,
                                "--so-pin",      "87654321",     "--pin",  "4711",    NULL};
    run(argv);
}

static void remove_tokens(const struct fixture *f)
{
    const char *const argv[] = {"rm", "-rf", f->store, NULL};
    run(argv);
    assert_int_equal(mkdir(f->store, 0700), 0);
}

static int make(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char conf[256];
    assert_ok(crypto_open(random_system(), &f->crypto));
    scratch_make(&f->scratch);
    snprintf(f->store, sizeof f->store, "%s-tokens", f->scratch.directory);
    assert_int_equal(mkdir(f->store, 0700), 0);
    snprintf(f->passphrase, sizeof f->passphrase, "%s/passphrase", f->scratch.directory);
    assert_ok(file_write(f->passphrase, FILE_PRIVATE, BYTES("correct horse battery\n")));
    int len =
        snprintf(conf, sizeof conf, "directories.tokendir = %s\nlog.level = ERROR\n", f->store);
    assert_ok(file_write(scratch_path(&f->scratch, "softhsm2.conf"), FILE_PRIVATE,
                         bytes_of((uint8_t *)conf, (size_t)len)));
    setenv("SOFTHSM2_CONF", scratch_path(&f->scratch, "softhsm2.conf"), 1);
    f->token = (struct hsm_token_options){module, "shop", -1};
    *state = f;
    return 0;
}

static int unmake(void **state)
{
    struct fixture *f = *state;
    const char *const argv[] = {"rm", "-rf", f->store, NULL};
    run(argv);
    scratch_remove(&f->scratch);
    crypto_close(&f->crypto);
    free(f);
    return 0;
}

/* A descriptor from which `pin` is read. */
static int pin_fd(const char *pin)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], pin, strlen(pin)), strlen(pin));
    close(ends[1]);
    return ends[0];
}

struct how {
    const char *pin, *passphrase;
    bool initialise, adopt;
};

static err load(struct fixture *f, struct how how, struct hsm_master *ret_master)
{
    const struct hsm_state_options options = {
        .directory = f->scratch.directory,
        .passphrase_file = how.passphrase,
        .initialise = how.initialise,
        .token = how.pin != NULL ? &f->token : NULL,
        .adopt = how.adopt,
    };
    bool made;
    if (how.pin != NULL) f->token.pin_fd = pin_fd(how.pin);
    err e = hsm_state_load(&options, &f->crypto, ret_master, &made, &f->fault);
    if (!FAILED(e)) assert_int_equal(made, how.initialise);
    return e;
}

static void assert_remedy(const struct fixture *f, const char *words)
{
    if (strstr(f->fault.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", f->fault.text, words);
}

/* The sealed file as it lies there. */
static size_t sealed(struct fixture *f, uint8_t out[512])
{
    size_t len;
    assert_ok(file_read(scratch_path(&f->scratch, "master.sealed"), FILE_PRIVATE, out, 512, &len));
    return len;
}

static void made_and_found_again(void **state)
{
    struct fixture *f = *state;
    struct hsm_master master = {0}, again = {0};
    make_token("shop");
    assert_err(load(f, (struct how){.pin = "4711\n"}, &master), NOT_FOUND);
    assert_remedy(f, "--initialise");
    assert_ok(load(f, (struct how){.pin = "4711\n", .initialise = true}, &master));
    assert_ok(load(f, (struct how){.pin = "4711"}, &again)); /* a line may end with the input */
    assert_memory_equal(&master, &again, sizeof master);
    assert_ok(load(f, (struct how){.pin = "4711\r\n"}, &again));
    assert_err(load(f, (struct how){.pin = "4711\n", .initialise = true}, &again), EXISTS);
    assert_err(load(f, (struct how){.passphrase = f->passphrase}, &again), KEY);
    assert_remedy(f, "--pkcs11-module");
}

/* Each refusal leaves the output as it was, and says what to do. */
static void assert_refused(struct fixture *f, struct how how, const char *error, const char *words)
{
    struct hsm_master master, untouched;
    memset(&master, 0x5a, sizeof master);
    memset(&untouched, 0x5a, sizeof untouched);
    assert_string_equal(err_name(load(f, how, &master)), error);
    assert_remedy(f, words);
    assert_memory_equal(&master, &untouched, sizeof master);
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

static void moved_from_a_passphrase(void **state)
{
    struct fixture *f = *state;
    const struct how adopt = {.pin = "4711\n", .passphrase = f->passphrase, .adopt = true};
    struct hsm_master master = {0}, again = {0};
    uint8_t before[512], after[512];
    make_token("shop");
    assert_err(load(f, adopt, &again), NOT_FOUND); /* there is nothing to move */
    assert_ok(load(f, (struct how){.passphrase = f->passphrase, .initialise = true}, &master));
    assert_refused(f, (struct how){.pin = "4711\n", .initialise = true}, "EXISTS", "--initialise");
    size_t len = sealed(f, before);
    assert_refused(f, (struct how){.pin = "4712\n", .passphrase = f->passphrase, .adopt = true},
                   "DENIED", "PIN");
    assert_int_equal(sealed(f, after), len); /* the passphrase still opens it */
    assert_memory_equal(before, after, len);
    assert_ok(load(f, adopt, &again));
    assert_memory_equal(&master, &again, sizeof master);
    memset(&again, 0, sizeof again);
    assert_ok(load(f, (struct how){.pin = "4711\n"}, &again));
    assert_memory_equal(&master, &again, sizeof master);
    assert_err(load(f, (struct how){.passphrase = f->passphrase}, &again), KEY);
    assert_err(load(f, adopt, &again), KEY); /* it was moved already */
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

/* Puts a key with a known value into the token, as somebody else would who has its PIN. */
static void put_key(CK_BBOOL extractable)
{
    void *library = dlopen(module, RTLD_NOW | RTLD_LOCAL), *symbol;
    assert_non_null(library);
    CK_C_GetFunctionList list;
    CK_FUNCTION_LIST *call;
    CK_ULONG count = 1;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE made;
    uint8_t value[32] = {1}, pin[] = "4711";
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE is[] = {
        {CKA_CLASS, &class, sizeof class}, {CKA_KEY_TYPE, &type, sizeof type},
        {CKA_LABEL, "tongbao-hsm", 11},    {CKA_VALUE, value, sizeof value},
        {CKA_TOKEN, &yes, sizeof yes},     {CKA_ENCRYPT, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes}, {CKA_EXTRACTABLE, &extractable, sizeof extractable},
    };
    symbol = dlsym(library, "C_GetFunctionList");
    memcpy(&list, &symbol, sizeof list);
    assert_int_equal(list(&call), CKR_OK);
    assert_int_equal(call->C_Initialize(NULL), CKR_OK);
    assert_int_equal(call->C_GetSlotList(CK_TRUE, NULL, &count), CKR_OK);
    assert_in_range(count, 1, 2); /* the token, and SoftHSM's slot for a new one behind it */
    CK_SLOT_ID slots[2];
    assert_int_equal(call->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(
        call->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
        CKR_OK);
    assert_int_equal(call->C_Login(session, CKU_USER, pin, 4), CKR_OK);
    assert_int_equal(call->C_CreateObject(session, is, ARRAY_LEN(is), &made), CKR_OK);
    assert_int_equal(call->C_Finalize(NULL), CKR_OK);
    dlclose(library);
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
    for (size_t i = 0; i < ARRAY_LEN(modules) && module == NULL; i++)
        if (access(modules[i], R_OK) == 0) module = modules[i];
    if (module == NULL) {
        printf("skipped: SoftHSM 2 is not installed (Debian: softhsm2; tools/bootstrap test)\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(made_and_found_again, make, unmake),
        cmocka_unit_test_setup_teardown(refused_by_name, make, unmake),
        cmocka_unit_test_setup_teardown(gone_or_another, make, unmake),
        cmocka_unit_test_setup_teardown(moved_from_a_passphrase, make, unmake),
        cmocka_unit_test_setup_teardown(not_sealed_by_a_token, make, unmake),
        cmocka_unit_test_setup_teardown(one_key_for_each_token, make, unmake),
        cmocka_unit_test_setup_teardown(a_key_that_can_be_read_out, make, unmake),
        cmocka_unit_test_setup_teardown(two_keys_of_one_label, make, unmake),
    };
    return cmocka_run_group_tests_name("hsm_token", tests, NULL, NULL);
}
