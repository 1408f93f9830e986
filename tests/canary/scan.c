/* SPDX-License-Identifier: Apache-2.0 */
/*
 * canary_scan: looks for secrets where none may be.
 *
 *   canary_scan [--process NAME=PID]... [--files PATH]...   <<< "label TAB secret" lines; a secret
 * of bytes that are no text is "hex:" and its digits
 *
 * A line for each mark that was found: label, encoding, place and address, with tabs between them;
 * then what was looked at. Exit status: 0 nothing found, 1 something found, 2 it could not look.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/file.h"
#include "tests/canary/places.h"

enum { LINES_MAX = MARKS_MAX * (MARK_MAX + MARK_LABEL_MAX + 2) };

static void tell(void *context, const char *label, const char *encoding, const char *place,
                 uint64_t at)
{
    (void)context;
    printf("found\t%s\t%s\t%s\t0x%llx\n", label, encoding, place, (unsigned long long)at);
}

static int fail(const char *what, err why)
{
    fprintf(stderr, "canary_scan: %s: %s\n", what, err_text(why));
    return 2;
}

/* "tongbao-hsm=4711" */
static err search_named(struct search *s, const char *word)
{
    char name[64];
    const char *equals = strchr(word, '=');
    if (equals == NULL) return ERR(FORMAT);
    TRY(bytes_to_text(bytes_of(word, (size_t)(equals - word)), name, sizeof name));
    char *end;
    long pid = strtol(equals + 1, &end, 10);
    if (pid <= 0 || *end != '\0') return ERR(FORMAT);
    return search_process(s, name, (pid_t)pid);
}

static err search_place(struct search *s, const char *option, const char *word)
{
    if (strcmp(option, "--process") == 0) return search_named(s, word);
    if (strcmp(option, "--files") == 0) return search_files(s, word);
    return ERR(UNSUPPORTED);
}

int main(int argc, char **argv)
{
    static struct marks marks;
    static uint8_t lines[LINES_MAX], block[SEARCH_BLOCK];
    struct search search = {.marks = &marks, .block = block, .tell = tell};
    size_t len = 0;
    if (argc < 3 || argc % 2 == 0) {
        fputs("usage: canary_scan [--process NAME=PID]... [--files PATH]...\n", stderr);
        return 2;
    }
    err done = file_read_input(lines, sizeof lines, &len);
    if (!FAILED(done)) done = marks_read(&marks, bytes_of(lines, len));
    if (FAILED(done)) return fail("the marks on standard input", done);
    for (int i = 1; i < argc; i += 2) {
        done = search_place(&search, argv[i], argv[i + 1]);
        if (FAILED(done)) return fail(argv[i + 1], done);
    }
    printf("looked\t%llu bytes\t%llu places\t%zu marks\t%zu spellings\n",
           (unsigned long long)search.bytes, (unsigned long long)search.places, marks.count,
           marks.spellings);
    return search.found > 0 ? 1 : 0;
}
