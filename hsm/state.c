/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and making the two files. */
#include "hsm/state.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/file.h"
#include "lib/base/reader.h"
#include "lib/crypto/sealed.h"

enum {
    VERSION = 1,       /* with the master key */
    VERSION_TOKEN = 2, /* with its check value: a token holds it */
    FLAG_DEVELOPMENT = 1,
    MASTER_BYTES = 32,
    PLAIN_BYTES = 1 + 1 + MASTER_BYTES + TRANSPORT_KEY_BYTES, /* the longer of the two */
    SEALED_BYTES = PLAIN_BYTES + SEALED_OVERHEAD
};

static const char label[] = "tongbao-hsm master key";

struct plain {
    uint8_t at[PLAIN_BYTES];
};

static void plain_wipe(struct plain *plain)
{
    secret_wipe_bytes(plain, sizeof *plain);
}

/* What opens the sealed file, in memory for as long as that takes. */
struct opener {
    uint8_t at[SEALED_PASSPHRASE_MAX];
    struct sealed_secret secret;
};

static void opener_wipe(struct opener *opener)
{
    secret_wipe_bytes(opener, sizeof *opener);
}

static void say(struct process_fault *fault, const char *format, ...) PRINTF(2, 3);

static void say(struct process_fault *fault, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    vsnprintf(fault->text, sizeof fault->text, format, list);
    va_end(list);
}

/* The passphrase is the file's first line: an editor's line feed at its end is no part of it. */
static err take_passphrase(const char *path, struct opener *ret_opener, struct process_fault *fault)
{
    size_t len;
    err read = file_read(path, FILE_PRIVATE, ret_opener->at, sizeof ret_opener->at, &len);
    if (FAILED(read)) {
        say(fault, "cannot read the passphrase file %s: %s; it must be yours alone (chmod 600)",
            path, err_text(read));
        return read;
    }
    while (len > 0 && (ret_opener->at[len - 1] == '\n' || ret_opener->at[len - 1] == '\r')) len--;
    if (len < SEALED_PASSPHRASE_MIN) {
        say(fault, "the passphrase in %s is shorter than %d characters; choose a longer one", path,
            SEALED_PASSPHRASE_MIN);
        return ERR(CONFIG);
    }
    ret_opener->secret =
        (struct sealed_secret){SEALED_BY_PASSPHRASE, bytes_of(ret_opener->at, len)};
    return OK;
}

static err take_key(const char *path, struct opener *ret_opener, struct process_fault *fault)
{
    size_t len;
    err read = file_read(path, FILE_PRIVATE, ret_opener->at, sizeof ret_opener->at, &len);
    if (!FAILED(read) && len != SEALED_KEY_BYTES) read = ERR(CORRUPT);
    if (FAILED(read)) {
        say(fault,
            "cannot use %s: %s; restore it, or start with --passphrase-file if the master key "
            "was sealed with one",
            path, err_text(read));
        return read;
    }
    ret_opener->secret = (struct sealed_secret){SEALED_BY_KEY, bytes_of(ret_opener->at, len)};
    return OK;
}

/* What is done here, and the token's PIN, which can be read only once. */
struct visit {
    const struct hsm_state_options *options;
    struct hsm_token_pin pin;
    char sealed_path[FILE_PATH_MAX], key_path[FILE_PATH_MAX];
    struct process_fault *fault;
};

static void visit_wipe(struct visit *visit)
{
    hsm_token_pin_wipe(&visit->pin);
}

/*
 * A token that is asked to make its key is asked for it again: what is sealed must open tomorrow.
 */
static err take_token(const struct visit *v, bool make, struct opener *ret_opener)
{
    const struct hsm_token_options *token = v->options->token;
    uint8_t made[SEALED_KEY_BYTES];
    if (make) TRY(hsm_token_key(token, &v->pin, true, made, v->fault));
    TRY(hsm_token_key(token, &v->pin, false, ret_opener->at, v->fault));
    bool lasting = !make || secret_equal(BYTES_OF(made), bytes_of(ret_opener->at, sizeof made));
    secret_wipe_bytes(made, sizeof made);
    if (!lasting) {
        say(v->fault, "the token %s does not keep the key that it made; use another", token->label);
        return ERR(CRYPTO);
    }
    ret_opener->secret =
        (struct sealed_secret){SEALED_BY_KEY, bytes_of(ret_opener->at, SEALED_KEY_BYTES)};
    return OK;
}

/* The master key of the token, or `put` into it, and what the hsm needs of it: never the key. */
static err take_master(const struct visit *v, enum hsm_token_way way, const struct key *put,
                       struct hsm_master *master)
{
    CLEANUP(hsm_token_master_wipe) struct hsm_token_master found = {0};
    TRY(hsm_token_master(v->options->token, &v->pin, way, put, &found, v->fault));
    key_wipe(&master->key);
    master->in_token = true;
    master->keys = found.keys;
    memcpy(master->kcv, found.kcv, sizeof master->kcv);
    return OK;
}

/* What opens the file that is there; with `adopt`, not yet the token. */
static err take_opener(const struct visit *v, struct opener *ret_opener)
{
    const struct hsm_state_options *options = v->options;
    if (options->token != NULL && !options->adopt)
        return take_token(v, options->initialise, ret_opener);
    if (options->passphrase_file != NULL)
        return take_passphrase(options->passphrase_file, ret_opener, v->fault);
    if (!options->development) {
        say(v->fault,
            "the master key needs a passphrase: give --passphrase-file FILE, or --development "
            "on a test machine");
        return ERR(CONFIG);
    }
    return take_key(v->key_path, ret_opener, v->fault);
}

/* With the master key, or, of a token's file, with its check value in its place. */
static err decode(struct bytes plain, struct hsm_master *ret_master)
{
    struct reader r = reader_over(plain);
    uint64_t version = read_be(&r, 1), flags = read_be(&r, 1);
    bool in_token = version == VERSION_TOKEN;
    struct bytes key = read_bytes(&r, in_token ? KEY_CHECK_BYTES : MASTER_BYTES);
    struct bytes transport = read_bytes(&r, TRANSPORT_KEY_BYTES);
    if (r.fault == ERR_OK && version > VERSION_TOKEN) return ERR(NEWER);
    TRY(reader_finish(&r));
    if (version < VERSION || flags > FLAG_DEVELOPMENT) return ERR(CORRUPT);
    if (in_token) memcpy(ret_master->kcv, key.at, KEY_CHECK_BYTES);
    else TRY(key_make(KEY_AES256, KEY_USAGE_MASTER, key, &ret_master->key));
    transport_from_secret(transport.at, &ret_master->transport);
    ret_master->development = flags & FLAG_DEVELOPMENT;
    ret_master->in_token = in_token;
    return OK;
}

/* What to do when the file was sealed in another way than it is opened. */
static const char *other_way(const struct opener *opener, bool token)
{
    if (token) return "give --passphrase-file FILE, and --pkcs11-adopt to keep it in the token";
    return opener->secret.kind == SEALED_BY_KEY
               ? "give --passphrase-file FILE"
               : "leave --passphrase-file out, or give --pkcs11-module if a token sealed it";
}

static err load(struct crypto *crypto, const struct opener *opener, struct bytes sealed, bool token,
                const char *path, struct hsm_master *ret_master, struct process_fault *fault)
{
    CLEANUP(plain_wipe) struct plain plain;
    struct writer w = writer_over(plain.at, sizeof plain.at);
    err opened = sealed_read(crypto, &opener->secret, bytes_text(label), sealed, &w);
    if (!FAILED(opened)) opened = decode(writer_view(&w), ret_master);
    if (opened.code == ERR_MAC && token)
        say(fault,
            "%s does not open: it was sealed with another token, or the file was altered; put in "
            "the token that it was sealed with",
            path);
    else if (opened.code == ERR_MAC)
        say(fault,
            "%s does not open: the passphrase or key is not the one it was sealed with, or the "
            "file was altered; restore both from the same backup",
            path);
    else if (opened.code == ERR_KEY)
        say(fault, "%s was sealed the other way: %s", path, other_way(opener, token));
    else if (FAILED(opened))
        say(fault, "%s cannot be used: %s; restore it from a backup", path, err_text(opened));
    return opened;
}

static err save(struct crypto *crypto, const struct opener *opener, const char *path,
                const struct hsm_master *master)
{
    CLEANUP(plain_wipe) struct plain plain;
    uint8_t sealed[SEALED_BYTES];
    struct writer p = writer_over(plain.at, sizeof plain.at);
    struct writer w = writer_over(sealed, sizeof sealed);
    write_be(&p, master->in_token ? VERSION_TOKEN : VERSION, 1);
    write_be(&p, master->development ? FLAG_DEVELOPMENT : 0, 1);
    write_bytes(&p, master->in_token ? BYTES_OF(master->kcv) : secret_view(&master->key.value));
    write_bytes(&p, BYTES_OF(master->transport.secret_key));
    ENSURE(p.fault == ERR_OK);
    TRY(sealed_write(crypto, &opener->secret, bytes_text(label), writer_view(&p), &w));
    return file_write(path, FILE_PRIVATE, writer_view(&w));
}

/* A development key file that is there already is used again: it may outlive a sealed file. */
static err make_key_file(struct crypto *crypto, const char *path)
{
    uint8_t value[SEALED_KEY_BYTES];
    size_t len;
    if (!FAILED(file_read(path, FILE_PRIVATE, value, sizeof value, &len))) return OK;
    random_fill(&crypto->random, value, sizeof value);
    err written = file_write(path, FILE_PRIVATE, BYTES_OF(value));
    secret_wipe_bytes(value, sizeof value);
    return written;
}

/* A new master key in `ret_master`: the ceremony's or a random one, in the token or here. */
static err make_master(const struct visit *v, struct crypto *crypto, struct hsm_master *ret_master)
{
    const struct hsm_state_options *options = v->options;
    if (options->token == NULL) {
        hsm_master_generate(crypto, options->development, ret_master);
        if (options->master != NULL) ret_master->key = *options->master;
        return OK;
    }
    transport_generate(crypto, &ret_master->transport);
    ret_master->development = options->development;
    enum hsm_token_way way = options->master == NULL ? HSM_TOKEN_GENERATE : HSM_TOKEN_PUT;
    return take_master(v, way, options->master, ret_master);
}

static err make(const struct visit *v, struct crypto *crypto, struct hsm_master *ret_master)
{
    const struct hsm_state_options *options = v->options;
    if (options->adopt || (!options->initialise && (options->token || !options->development))) {
        say(v->fault,
            "there is no master key in %s; give --initialise to make a new one, or restore "
            "master.sealed from a backup",
            options->directory);
        return ERR(NOT_FOUND);
    }
    CLEANUP(opener_wipe) struct opener opener = {0};
    err done = OK;
    if (options->passphrase_file == NULL && options->token == NULL)
        done = make_key_file(crypto, v->key_path);
    if (FAILED(done)) {
        say(v->fault, "cannot write %s: %s", v->key_path, err_text(done));
        return done;
    }
    TRY(take_opener(v, &opener));
    TRY(make_master(v, crypto, ret_master));
    done = save(crypto, &opener, v->sealed_path, ret_master);
    if (FAILED(done)) say(v->fault, "cannot write %s: %s", v->sealed_path, err_text(done));
    return done;
}

/* The token's master key goes with the file: the same check value. */
static err join_token(const struct visit *v, struct hsm_master *master)
{
    uint8_t kcv[KEY_CHECK_BYTES];
    memcpy(kcv, master->kcv, sizeof kcv);
    TRY(take_master(v, HSM_TOKEN_FIND, NULL, master));
    if (secret_equal(BYTES_OF(kcv), BYTES_OF(master->kcv))) return OK;
    say(v->fault, "the token %s holds another master key than %s was made with; restore both",
        v->options->token->label, v->sealed_path);
    return ERR(MAC);
}

/* Puts the master key that a file held into the token, and writes the file without it. */
static err move_to_token(const struct visit *v, struct crypto *crypto, struct hsm_master *master)
{
    CLEANUP(opener_wipe) struct opener token = {0};
    CLEANUP(key_wipe) struct key key = master->key;
    TRY(take_token(v, true, &token));
    TRY(take_master(v, HSM_TOKEN_PUT, &key, master));
    err done = save(crypto, &token, v->sealed_path, master);
    if (FAILED(done)) say(v->fault, "cannot write %s: %s", v->sealed_path, err_text(done));
    return done;
}

/* Opens what is there. With a token the master key is in it afterwards, and only in it. */
static err open_sealed(const struct visit *v, struct crypto *crypto, struct bytes sealed,
                       struct hsm_master *ret_master)
{
    const struct hsm_state_options *options = v->options;
    CLEANUP(opener_wipe) struct opener opener = {0};
    TRY(take_opener(v, &opener));
    TRY(load(crypto, &opener, sealed, options->token != NULL && !options->adopt, v->sealed_path,
             ret_master, v->fault));
    if (options->token == NULL) return OK;
    return ret_master->in_token ? join_token(v, ret_master) : move_to_token(v, crypto, ret_master);
}

static err begin_visit(const struct hsm_state_options *options, struct process_fault *fault,
                       struct visit *v)
{
    v->options = options;
    v->fault = fault;
    say(fault, "the path of the state directory is too long; choose a shorter one");
    TRY(file_path(options->directory, "master.sealed", v->sealed_path, sizeof v->sealed_path));
    return file_path(options->directory, "master.key", v->key_path, sizeof v->key_path);
}

/* Is the token needed with a file that was `found`, or not? Only then is its PIN asked for. */
static bool needs_token(const struct hsm_state_options *options, err found)
{
    if (options->token == NULL) return false;
    bool makes = found.code == ERR_NOT_FOUND && options->initialise && !options->adopt;
    return makes || (!FAILED(found) && !options->initialise);
}

err hsm_state_load(const struct hsm_state_options *options, struct crypto *crypto,
                   struct hsm_master *ret_master, bool *ret_made, struct process_fault *fault)
{
    CLEANUP(visit_wipe) struct visit v = {0};
    TRY(begin_visit(options, fault, &v));
    uint8_t sealed[SEALED_BYTES];
    size_t len;
    err found = file_read(v.sealed_path, FILE_PRIVATE, sealed, sizeof sealed, &len);
    CLEANUP(hsm_master_wipe) struct hsm_master master = {0};
    if (needs_token(options, found)) TRY(hsm_token_read_pin(options->token->pin_fd, &v.pin, fault));
    if (found.code == ERR_NOT_FOUND) {
        TRY(make(&v, crypto, &master));
    } else if (FAILED(found)) {
        say(fault, "cannot read %s: %s", v.sealed_path, err_text(found));
        return found;
    } else if (options->initialise) {
        say(fault,
            "%s exists: a new master key would make every stored key useless; leave "
            "--initialise out",
            v.sealed_path);
        return ERR(EXISTS);
    } else {
        TRY(open_sealed(&v, crypto, bytes_of(sealed, len), &master));
    }
    TRY(hsm_master_derive(crypto, &master));
    *ret_master = master;
    *ret_made = found.code == ERR_NOT_FOUND;
    return OK;
}

err hsm_state_absent(const struct hsm_state_options *options, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    uint8_t sealed[SEALED_BYTES];
    size_t len;
    TRY(file_path(options->directory, "master.sealed", path, sizeof path));
    if (file_read(path, FILE_PRIVATE, sealed, sizeof sealed, &len).code == ERR_NOT_FOUND) return OK;
    say(fault, "%s exists: a new master key would make every stored key useless", path);
    return ERR(EXISTS);
}
