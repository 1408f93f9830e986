/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the tests of PKCS#11 tokens share: SoftHSM 2 with a store of its own for each test, the
 * state directory beside it, and a session of somebody else who has the PIN.
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <p11-kit/pkcs11.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "hsm/state.h"
#include "hsm/token.h"
#include "lib/base/file.h"
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
static inline void run(const char *const *argv)
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

static inline void make_token(const char *label)
{
    const char *const argv[] = {"softhsm2-util", "--init-token", "--free", "--label", label,
                                "--so-pin",      "87654321",     "--pin",  "4711",    NULL};
    run(argv);
}

static inline void remove_tokens(const struct fixture *f)
{
    const char *const argv[] = {"rm", "-rf", f->store, NULL};
    run(argv);
    assert_int_equal(mkdir(f->store, 0700), 0);
}

static inline int make(void **state)
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

static inline int unmake(void **state)
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
static inline int pin_fd(const char *pin)
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
    const struct key *master;
};

static inline err load(struct fixture *f, struct how how, struct hsm_master *ret_master)
{
    const struct hsm_state_options options = {
        .directory = f->scratch.directory,
        .passphrase_file = how.passphrase,
        .initialise = how.initialise,
        .token = how.pin != NULL ? &f->token : NULL,
        .adopt = how.adopt,
        .master = how.master,
    };
    bool made;
    if (how.pin != NULL) f->token.pin_fd = pin_fd(how.pin);
    err e = hsm_state_load(&options, &f->crypto, ret_master, &made, &f->fault);
    if (!FAILED(e)) assert_int_equal(made, how.initialise);
    return e;
}

static inline void assert_remedy(const struct fixture *f, const char *words)
{
    if (strstr(f->fault.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", f->fault.text, words);
}

/* The sealed file as it lies there. */
static inline size_t sealed(struct fixture *f, uint8_t out[512])
{
    size_t len;
    assert_ok(file_read(scratch_path(&f->scratch, "master.sealed"), FILE_PRIVATE, out, 512, &len));
    return len;
}

/* Each refusal leaves the output as it was, and says what to do. */
static inline void assert_refused(struct fixture *f, struct how how, const char *error,
                                  const char *words)
{
    struct hsm_master master, untouched;
    memset(&master, 0x5a, sizeof master);
    memset(&untouched, 0x5a, sizeof untouched);
    assert_string_equal(err_name(load(f, how, &master)), error);
    assert_remedy(f, words);
    assert_memory_equal(&master, &untouched, sizeof master);
}

/* A session of somebody else who has the PIN. */
struct session {
    void *library;
    CK_FUNCTION_LIST *call;
    CK_SESSION_HANDLE handle;
};

static inline struct session log_in(void)
{
    struct session s = {.library = dlopen(module, RTLD_NOW | RTLD_LOCAL)};
    CK_C_GetFunctionList list;
    CK_ULONG count = 1;
    CK_SLOT_ID slots[2];
    uint8_t pin[] = "4711";
    assert_non_null(s.library);
    void *symbol = dlsym(s.library, "C_GetFunctionList");
    memcpy(&list, &symbol, sizeof list);
    assert_int_equal(list(&s.call), CKR_OK);
    assert_int_equal(s.call->C_Initialize(NULL), CKR_OK);
    assert_int_equal(s.call->C_GetSlotList(CK_TRUE, NULL, &count), CKR_OK);
    assert_in_range(count, 1, 2); /* the token, and SoftHSM's slot for a new one behind it */
    assert_int_equal(s.call->C_GetSlotList(CK_TRUE, slots, &count), CKR_OK);
    assert_int_equal(
        s.call->C_OpenSession(slots[0], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &s.handle),
        CKR_OK);
    assert_int_equal(s.call->C_Login(s.handle, CKU_USER, pin, 4), CKR_OK);
    return s;
}

static inline void log_out(struct session *s)
{
    assert_int_equal(s->call->C_Finalize(NULL), CKR_OK);
    dlclose(s->library);
}

/* Chooses the library; false, and said, where SoftHSM is not installed. */
static inline bool softhsm_is_here(void)
{
    for (size_t i = 0; i < ARRAY_LEN(modules) && module == NULL; i++)
        if (access(modules[i], R_OK) == 0) module = modules[i];
    if (module == NULL)
        printf("skipped: SoftHSM 2 is not installed (Debian: softhsm2; tools/bootstrap test)\n");
    return module != NULL;
}
