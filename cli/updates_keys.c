/* SPDX-License-Identifier: Apache-2.0 */
/* A line, a sealed file, a key. */
#include "cli/updates_keys.h"

#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/crypto/secret.h"

static const struct bytes label = {(const uint8_t *)"tongbao update key", 18};

void updates_passphrase_wipe(struct updates_passphrase *passphrase)
{
    secret_wipe_bytes(passphrase, sizeof *passphrase);
}

/* ---- the passphrase ---- */

/* Byte by byte: what follows the line feed belongs to whoever reads next. */
static err read_line(int fd, struct updates_passphrase *ret)
{
    ret->len = 0;
    for (;;) {
        uint8_t c = 0;
        ssize_t got = read(fd, &c, 1);
        if (got < 0) return ERR(IO);
        if (got == 0 || c == '\n') return OK;
        if (ret->len == sizeof ret->at) return ERR(LENGTH);
        ret->at[ret->len++] = c;
    }
}

static err read_hidden(int fd, const char *prompt, struct updates_passphrase *ret)
{
    struct termios before, hidden;
    fprintf(stderr, "%s: ", prompt);
    if (tcgetattr(fd, &before) != 0) return ERR(IO);
    hidden = before;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(fd, TCSAFLUSH, &hidden) != 0) return ERR(IO);
    err read = read_line(fd, ret);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return read;
}

static err read_terminal(bool twice, struct updates_passphrase *ret, struct process_fault *fault)
{
    CLEANUP(updates_passphrase_wipe) struct updates_passphrase again = {.len = 0};
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        snprintf(fault->text, sizeof fault->text,
                 "there is no terminal to ask for the passphrase; give --passphrase-fd N "
                 "(没有终端，请用 --passphrase-fd 指定描述符)");
        return ERR(NOT_FOUND);
    }
    err read = read_hidden(fd, "Passphrase, not shown (口令，不显示)", ret);
    if (!FAILED(read) && twice) read = read_hidden(fd, "Once more (再输一次)", &again);
    (void)close(fd);
    TRY(read);
    if (!twice || bytes_equal(bytes_of(ret->at, ret->len), bytes_of(again.at, again.len)))
        return OK;
    snprintf(fault->text, sizeof fault->text, "the two are not the same (两次输入不一致)");
    return ERR(CONFLICT);
}

err updates_passphrase_read(int fd, bool twice, struct updates_passphrase *ret,
                            struct process_fault *fault)
{
    TRY(fd >= 0 ? read_line(fd, ret) : read_terminal(twice, ret, fault));
    if (ret->len >= SEALED_PASSPHRASE_MIN) return OK;
    snprintf(fault->text, sizeof fault->text,
             "a passphrase has at least %d characters (口令至少 %d 个字符)", SEALED_PASSPHRASE_MIN,
             SEALED_PASSPHRASE_MIN);
    return ERR(LENGTH);
}

/* ---- keys ---- */

void updates_key_free(struct updates_key *key)
{
    document_key_free(&key->key);
}

static err name_key(const struct document_key *key, struct tuf_author_key *ret_name)
{
    uint8_t hex[TUF_PUBLIC_TEXT];
    struct writer w = writer_over(hex, sizeof hex);
    TRY(document_key_write_public(key, &w));
    return tuf_author_key_read(writer_view(&w), ret_name);
}

static struct sealed_secret under(const struct updates_passphrase *passphrase)
{
    return (struct sealed_secret){SEALED_BY_PASSPHRASE, bytes_of(passphrase->at, passphrase->len)};
}

static err seal(const struct document_key *key, const struct updates_passphrase *passphrase,
                struct writer *w)
{
    struct crypto crypto;
    CLEANUP(secret_wipe) struct secret seed = {.len = DOCUMENT_SEED_BYTES};
    const struct sealed_secret secret = under(passphrase);
    TRY(document_key_seed(key, seed.at));
    TRY(crypto_open(random_system(), &crypto));
    err sealed = sealed_write(&crypto, &secret, label, secret_view(&seed), w);
    crypto_close(&crypto);
    return sealed;
}

static err write_files(const char *path, struct bytes sealed, const char *public_hex)
{
    char beside[FILE_PATH_MAX];
    struct writer w = writer_over(beside, sizeof beside - 1);
    write_format(&w, "%s.public", path);
    if (w.fault != ERR_OK) return ERR(CONFIG);
    beside[w.len] = '\0';
    TRY(file_write(path, FILE_PRIVATE, sealed));
    return file_write(beside, FILE_PUBLIC, bytes_text(public_hex));
}

err updates_key_make(const char *path, const struct updates_passphrase *passphrase,
                     struct tuf_author_key *ret_name, struct process_fault *fault)
{
    uint8_t block[DOCUMENT_SEED_BYTES + SEALED_OVERHEAD];
    CLEANUP(document_key_free) struct document_key key = {0};
    struct writer w = writer_over(block, sizeof block);
    if (access(path, F_OK) == 0) {
        snprintf(
            fault->text, sizeof fault->text,
            "%.120s is there already: a key is never written over (文件已存在，密钥不会被覆盖)",
            path);
        return ERR(EXISTS);
    }
    TRY(document_key_generate(DOCUMENT_ED25519, &key));
    TRY(name_key(&key, ret_name));
    TRY(seal(&key, passphrase, &w));
    err written = write_files(path, writer_view(&w), ret_name->public_hex);
    if (FAILED(written))
        snprintf(fault->text, sizeof fault->text, "cannot write %.150s: %s", path,
                 err_text(written));
    return written;
}

static err unseal(struct bytes sealed, const struct updates_passphrase *passphrase,
                  struct document_key *ret_key)
{
    struct crypto crypto;
    CLEANUP(secret_wipe) struct secret seed = {.len = DOCUMENT_SEED_BYTES};
    struct writer w = writer_over(seed.at, DOCUMENT_SEED_BYTES);
    const struct sealed_secret secret = under(passphrase);
    TRY(crypto_open(random_system(), &crypto));
    err opened = sealed_read(&crypto, &secret, label, sealed, &w);
    crypto_close(&crypto);
    TRY(opened);
    return document_key_read_seed(writer_view(&w), ret_key);
}

err updates_key_open(const char *path, const struct updates_passphrase *passphrase,
                     struct updates_key *ret_key, struct process_fault *fault)
{
    uint8_t block[512];
    size_t len = 0;
    struct updates_key key = {0};
    err done = file_read(path, FILE_PRIVATE, block, sizeof block, &len);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text,
                 "cannot read %.150s: %s; it must be yours alone (chmod 600)", path,
                 err_text(done));
        return done;
    }
    done = unseal(bytes_of(block, len), passphrase, &key.key);
    if (!FAILED(done)) done = name_key(&key.key, &key.name);
    if (FAILED(done)) {
        updates_key_free(&key);
        snprintf(fault->text, sizeof fault->text,
                 "%.120s does not open: another passphrase, or the file was altered "
                 "(无法打开：口令不对或文件被改动)",
                 path);
        return done;
    }
    *ret_key = key;
    return OK;
}
