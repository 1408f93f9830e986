/* SPDX-License-Identifier: Apache-2.0 */
/* Lines chained by a hash: checked whole at the start, appended and synced one by one. */
#include "lib/base/chain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/hex.h"
#include "lib/base/writer.h"

enum { HEX_DIGITS = 2 * CHAIN_HASH_BYTES, LINE_MAX_BYTES = CHAIN_TEXT_MAX + 1 + HEX_DIGITS + 1 };

static err from_errno(int error)
{
    if (error == EACCES || error == EPERM || error == EROFS) return ERR(DENIED);
    return error == ENOSPC || error == EDQUOT ? ERR(FULL) : ERR(IO);
}

static void link_hash(const struct chain *chain, struct bytes text,
                      uint8_t ret_hash[CHAIN_HASH_BYTES])
{
    uint8_t block[CHAIN_HASH_BYTES + CHAIN_TEXT_MAX];
    struct writer w = writer_over(block, sizeof block);
    write_bytes(&w, BYTES_OF(chain->last));
    write_bytes(&w, text);
    ENSURE(w.fault == ERR_OK);
    chain->hash(writer_view(&w), ret_hash);
}

/* One whole line without its line feed continues the chain, or CORRUPT. */
static err take_line(struct chain *chain, struct bytes line)
{
    uint8_t told[CHAIN_HASH_BYTES], hash[CHAIN_HASH_BYTES];
    size_t len;
    if (line.len <= HEX_DIGITS || line.len > CHAIN_TEXT_MAX + 1 + HEX_DIGITS) return ERR(CORRUPT);
    struct bytes text = bytes_of(line.at, line.len - HEX_DIGITS - 1);
    if (line.at[text.len] != ' ') return ERR(CORRUPT);
    struct bytes digits = bytes_of(line.at + text.len + 1, HEX_DIGITS);
    if (FAILED(hex_decode(digits, told, sizeof told, &len))) return ERR(CORRUPT);
    link_hash(chain, text, hash);
    if (memcmp(hash, told, sizeof hash) != 0) return ERR(CORRUPT);
    memcpy(chain->last, hash, sizeof hash);
    chain->entries++;
    return OK;
}

/* Every line of the file; `ret_whole` is where the last finished one ends. */
static err take_lines(struct chain *chain, FILE *file, long *ret_whole)
{
    char line[LINE_MAX_BYTES + 1];
    while (fgets(line, sizeof line, file) != NULL) {
        size_t len = strlen(line);
        if (len == 0 || line[len - 1] != '\n') {
            if (len + 1 == sizeof line) return ERR(CORRUPT); /* longer than any that we write */
            break;
        }
        TRY(take_line(chain, bytes_of(line, len - 1)));
        *ret_whole = ftell(file);
    }
    return ferror(file) ? ERR(IO) : OK;
}

err chain_open(const char *path, chain_hash *hash, struct chain *ret_chain, uint64_t *ret_entry)
{
    struct chain chain = {.hash = hash};
    if (FAILED(bytes_to_text(bytes_text(path), chain.path, sizeof chain.path))) return ERR(CONFIG);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_PRIVATE);
    if (fd < 0) return from_errno(errno);
    FILE *file = fdopen(fd, "r+");
    if (file == NULL) {
        close(fd);
        return ERR(IO);
    }
    long whole = 0;
    err e = take_lines(&chain, file, &whole);
    *ret_entry = chain.entries + (FAILED(e) ? 1 : 0);
    if (!FAILED(e) && ftruncate(fd, whole) != 0) e = from_errno(errno);
    if (fclose(file) != 0 && !FAILED(e)) e = ERR(IO);
    if (FAILED(e)) return e;
    *ret_chain = chain;
    return OK;
}

static err write_line(const char *path, struct bytes line)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return from_errno(errno);
    ssize_t written = write(fd, line.at, line.len);
    err e = written == (ssize_t)line.len ? OK : written < 0 ? from_errno(errno) : ERR(FULL);
    if (!FAILED(e) && fsync(fd) != 0) e = from_errno(errno);
    if (close(fd) != 0 && !FAILED(e)) e = ERR(IO);
    return e;
}

err chain_append(struct chain *chain, struct bytes text)
{
    if (text.len == 0 || text.len > CHAIN_TEXT_MAX) return ERR(LENGTH);
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] < 0x20 || text.at[i] == 0x7f) return ERR(FORMAT);
    uint8_t hash[CHAIN_HASH_BYTES], line[LINE_MAX_BYTES];
    struct writer w = writer_over(line, sizeof line);
    link_hash(chain, text, hash);
    write_bytes(&w, text);
    write_bytes(&w, BYTES(" "));
    write_hex(&w, BYTES_OF(hash));
    write_bytes(&w, BYTES("\n"));
    ENSURE(w.fault == ERR_OK);
    TRY(write_line(chain->path, writer_view(&w)));
    memcpy(chain->last, hash, sizeof hash);
    chain->entries++;
    return OK;
}
