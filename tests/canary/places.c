/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what is to be searched in blocks. Neighbouring blocks overlap by the longest spelling less
 * one byte, so that no mark is lost where two of them meet, and none is told twice.
 */
#include "tests/canary/places.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, PAGES_AT_ONCE = 512 };

static void found(void *context, const struct mark_spelling *spelling, size_t offset)
{
    struct search *s = context;
    if (offset + spelling->len <= s->again) return;
    s->found++;
    s->tell(s->context, s->marks->label[spelling->mark], spelling->name, s->place, s->at + offset);
}

/* Bytes of `fd` from `from` up to `to`. CLOSED when nothing is there any more. */
static err search_range(struct search *s, int fd, uint64_t from, uint64_t to)
{
    size_t kept = 0; /* of the block before */
    ENSURE(s->marks->longest > 0 && s->marks->longest < SEARCH_BLOCK / 2);
    while (from < to) {
        size_t wanted = SEARCH_BLOCK - kept;
        if (to - from < wanted) wanted = (size_t)(to - from);
        ssize_t got = pread(fd, s->block + kept, wanted, (off_t)from);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return got == 0 ? ERR(CLOSED) : ERR(IO);
        s->at = from - kept;
        s->again = kept;
        s->bytes += (uint64_t)got;
        size_t len = kept + (size_t)got;
        marks_search(s->marks, bytes_of(s->block, len), found, s);
        from += (uint64_t)got;
        kept = len < s->marks->longest - 1 ? len : s->marks->longest - 1;
        memmove(s->block, s->block + len - kept, kept);
    }
    return OK;
}

/* The kernel's word for a page: bit 63, it is there; bit 62, it is swapped out. */
static bool touched(uint64_t page)
{
    return page >> 62 != 0;
}

struct process_memory {
    int memory, pagemap;
};

static void process_memory_close(struct process_memory *p)
{
    if (p->memory >= 0) close(p->memory);
    if (p->pagemap >= 0) close(p->pagemap);
}

/* Most of an address space was never written to; looking at it would make it real. */
static err search_mapping(struct search *s, const struct process_memory *p, uint64_t from,
                          uint64_t to)
{
    uint64_t page[PAGES_AT_ONCE];
    uint64_t begin = from; /* of the touched pages that end at `at` */
    for (uint64_t at = from; at < to;) {
        size_t count =
            (to - at) / PAGE < PAGES_AT_ONCE ? (size_t)((to - at) / PAGE) : PAGES_AT_ONCE;
        ssize_t got =
            pread(p->pagemap, page, count * sizeof *page, (off_t)(at / PAGE * sizeof *page));
        if (got != (ssize_t)(count * sizeof *page)) return ERR(IO);
        for (size_t i = 0; i < count; i++, at += PAGE) {
            if (touched(page[i])) continue;
            if (begin < at) TRY(search_range(s, p->memory, begin, at));
            begin = at + PAGE;
        }
    }
    return begin < to ? search_range(s, p->memory, begin, to) : OK;
}

static err open_process(pid_t pid, const char *what, int *ret_fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, what);
    *ret_fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*ret_fd >= 0) return OK;
    return errno == ENOENT ? ERR(NOT_FOUND) : ERR(DENIED);
}

/* A line of maps(5): "from-to rw-p offset device inode name". False: not for us. */
static bool writable_mapping(const char *line, uint64_t *ret_from, uint64_t *ret_to)
{
    char *rest;
    *ret_from = strtoull(line, &rest, 16);
    if (*rest != '-') return false;
    *ret_to = strtoull(rest + 1, &rest, 16);
    return strncmp(rest, " rw", 3) == 0;
}

/* What is behind the fifth field: a file, "[heap]", or nothing. */
static const char *mapping_name(char *line)
{
    line[strcspn(line, "\n")] = '\0';
    const char *last = strrchr(line, ' ');
    return last == NULL || last[1] == '\0' ? "without a name" : last + 1;
}

static void search_process_done(FILE **maps)
{
    if (*maps != NULL) fclose(*maps);
}

static err search_mappings(struct search *s, const char *name, pid_t pid)
{
    CLEANUP(process_memory_close) struct process_memory memory = {-1, -1};
    char path[64], line[512];
    TRY(open_process(pid, "mem", &memory.memory));
    TRY(open_process(pid, "pagemap", &memory.pagemap));
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    CLEANUP(search_process_done) FILE *maps = fopen(path, "re");
    if (maps == NULL) return ERR(DENIED);
    uint64_t from, to, mappings = 0;
    while (fgets(line, sizeof line, maps) != NULL) {
        if (!writable_mapping(line, &from, &to)) continue;
        snprintf(s->place, sizeof s->place, "memory of %s, %s", name, mapping_name(line));
        TRY(search_mapping(s, &memory, from, to));
        mappings++;
    }
    s->places += mappings;
    return mappings > 0 ? OK : ERR(NOT_FOUND); /* one that is ending has none */
}

/* A thread that ends takes its stack away while it is being read: then everything is read anew. */
err search_process(struct search *s, const char *name, pid_t pid)
{
    enum { TRIES = 5 };
    err done = OK;
    for (int i = 0; i < TRIES; i++) {
        done = search_mappings(s, name, pid);
        if (done.code != ERR_IO) break;
    }
    return done;
}

static err search_file(struct search *s, int fd, const char *path, uint64_t size)
{
    snprintf(s->place, sizeof s->place, "%s", path);
    s->places++;
    err read = search_range(s, fd, 0, size);
    return read.code == ERR_CLOSED ? OK : read; /* a write-ahead log was cut meanwhile */
}

static err search_directory(struct search *s, const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL) return ERR(IO);
    err done = OK;
    for (struct dirent *entry; !FAILED(done) && (entry = readdir(directory)) != NULL;) {
        char name[PLACE_NAME_MAX];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        int len = snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        done = len < (int)sizeof name ? search_files(s, name) : ERR(LENGTH);
    }
    closedir(directory);
    return done;
}

err search_files(struct search *s, const char *path)
{
    struct stat about;
    if (lstat(path, &about) != 0) return ERR(IO);
    if (S_ISDIR(about.st_mode)) return search_directory(s, path);
    if (!S_ISREG(about.st_mode)) return OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return ERR(IO);
    err done = search_file(s, fd, path, (uint64_t)about.st_size);
    close(fd);
    return done;
}
