/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao admin blocklist publish`: words to a signed addition to the blocklist. The words are
 * read from a file with one a line; only their filter is in what is published.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/admin.h"
#include "cli/host_policy.h"
#include "lib/auth/blocklist_build.h"
#include "lib/auth/blocklist_file.h"
#include "lib/auth/normalise.h"
#include "lib/base/file.h"

enum { WORDS_MAX = 8 << 20, PATH_MAX_HERE = FILE_PATH_MAX };

/* As a password is looked up: in its normal form. What is no text is passed over and counted. */
static err add_line(struct blocklist_words *words, struct bytes line, unsigned *skipped)
{
    struct password_text text;
    if (line.len == 0) return OK;
    bool good = password_normalise(line, &text) == POLICY_OK;
    struct bytes word = good ? password_text_view(&text) : (struct bytes){0};
    if (word.len < BLOCKLIST_WORD_MIN || word.len > BLOCKLIST_WORD_MAX) ++*skipped;
    return blocklist_words_add(words, word);
}

static err add_lines(struct blocklist_words *words, struct bytes text, unsigned *skipped)
{
    while (text.len > 0) {
        const uint8_t *end = memchr(text.at, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.at);
        size_t without = len > 0 && text.at[len - 1] == '\r' ? len - 1 : len;
        TRY(add_line(words, bytes_of(text.at, without), skipped));
        size_t cut = end == NULL ? len : len + 1;
        text = bytes_of(text.at + cut, text.len - cut);
    }
    return OK;
}

static err read_words(const char *path, struct blocklist_words *words, unsigned *skipped,
                      struct process_fault *fault)
{
    size_t len = 0;
    uint8_t *block = malloc(WORDS_MAX);
    if (block == NULL) return ERR(NO_MEMORY);
    err done = file_read(path, FILE_PUBLIC, block, WORDS_MAX, &len);
    if (FAILED(done)) snprintf(fault->text, sizeof fault->text, "%.200s: %s", path, err_text(done));
    if (!FAILED(done)) done = add_lines(words, bytes_of(block, len), skipped);
    free(block);
    if (!FAILED(done) && words->len == 0) {
        snprintf(fault->text, sizeof fault->text, "%.200s: no word of 4 to 64 bytes is in it",
                 path);
        done = ERR(FORMAT);
    }
    return done;
}

static err put(const char *directory, struct bytes file, struct process_fault *fault)
{
    char path[PATH_MAX_HERE];
    TRY(file_path(directory, BLOCKLIST_FILE_NAME, path, sizeof path));
    err done = file_write(path, FILE_PUBLIC, file);
    if (FAILED(done)) snprintf(fault->text, sizeof fault->text, "%.200s: %s", path, err_text(done));
    return done;
}

/* A vault that has seen a newer one would refuse this: said here, where it can be mended. */
static err check_newer(const char *state, uint32_t version, struct process_fault *fault)
{
    static uint8_t file[BLOCKLIST_FILE_MAX];
    uint8_t signer[POLICY_SIGNER_BYTES];
    char path[FILE_PATH_MAX];
    size_t len = 0;
    struct blocklist *there = NULL;
    enum blocklist_fault why;
    TRY(host_policy_signer(state, signer, fault));
    TRY(file_path(state, BLOCKLIST_FILE_NAME, path, sizeof path));
    err read = file_read(path, FILE_PUBLIC, file, sizeof file, &len);
    if (read.code == ERR_NOT_FOUND) return OK;
    TRY(read);
    TRY(blocklist_file_open(bytes_of(file, len), signer, 1, &there, &why));
    uint32_t newest = blocklist_version(there);
    blocklist_file_close(there);
    if (version > newest) return OK;
    snprintf(fault->text, sizeof fault->text, "version %u is published: take a higher one", newest);
    return ERR(CONFLICT);
}

static err publish(const char *state, const char *words_file, uint32_t version, const char *to,
                   struct process_fault *fault)
{
    static uint8_t file[BLOCKLIST_FILE_MAX];
    struct blocklist_words words = {0};
    struct blocklist filter;
    uint16_t *fingerprint = NULL;
    unsigned skipped = 0;
    struct writer w = writer_over(file, sizeof file);
    TRY(check_newer(state, version, fault));
    err done = read_words(words_file, &words, &skipped, fault);
    if (!FAILED(done)) done = blocklist_build(&words, &filter, &fingerprint);
    if (!FAILED(done)) done = host_policy_sign_blocklist(state, &filter, version, &w, fault);
    if (!FAILED(done)) done = put(state, writer_view(&w), fault);
    if (!FAILED(done) && to != NULL) done = put(to, writer_view(&w), fault);
    if (!FAILED(done))
        printf("blocklist version %u: %zu words in %zu bytes, %u lines passed over\n", version,
               words.len, w.len, skipped);
    free(fingerprint);
    blocklist_words_free(&words);
    return done;
}

int admin_blocklist(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL, *file = NULL, *to = NULL;
    int64_t version = 0;
    const struct process_option options[] = {
        {"state", "DIR",
         "the operator's directory; the back office reads " BLOCKLIST_FILE_NAME
         " there when it starts",
         .text = &state, .required = true},
        {"file", "FILE", "words to refuse, one a line", .text = &file, .required = true},
        {"publish", "N", "the version, higher than the last one's", .number = &version, .min = 1,
         .max = 999999999, .required = true},
        {"to", "DIR",
         "put it into this directory as well: a vault's, which reads it when it starts",
         .text = &to},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    err done = publish(state, file, (uint32_t)version, to, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
