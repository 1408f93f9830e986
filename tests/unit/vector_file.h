/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Vector files for the tests: found, read, and on demand spoiled to see who notices.
 *
 * A test reads a file with vector_file() and is done with it at vector_file_end(). With
 * VECTOR_MUTATION set (tests/vectors/mutation sets it), vector_file() first runs the rest of the
 * calling test once for each row of the file, in a process of its own, with one value of it
 * changed: a digit of a number, of hex or of a text, or the verdict of a row that must be
 * refused. A failed assertion has noticed; coming to vector_file_end() has not. What was
 * noticed is appended to the file that VECTOR_RESULTS names, a line each:
 *
 *   noticed|passed FILE PATH OF ROW OR VALUE
 *
 * "row" changes the values of each innermost object one after the other until one is noticed,
 * "all" tells of each value.
 */

#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { VECTOR_PASSED = 42, VECTOR_LEAVES_MAX = 8192, VECTOR_PATH_MAX = 200 };

/* One value that may be spoiled. */
struct vector_leaf {
    json_t *parent;
    const char *member; /* NULL: of an array */
    size_t index;
    char path[VECTOR_PATH_MAX];
};

/* In a process that runs with a spoiled file: which, at which of its values, and what was read. */
static struct {
    const char *file;
    size_t leaf;
    json_t *tree;
} vector_spoiled;

enum vector_verdict { VECTOR_GOES_ON, VECTOR_NOTICED, VECTOR_UNNOTICED };

/* What people wrote about the vectors: no test reads it. */
static inline bool vector_is_prose(const char *member)
{
    static const char *const prose[] = {
        "provenance", "note",        "notes",
        "source",     "source_note", "comment",
        "test",       "flags",       "independent_check",
        "sequence",   "description", "derivation_data",
        "title",      "tcId",
    };
    for (size_t i = 0; i < sizeof prose / sizeof *prose; i++)
        if (strcmp(member, prose[i]) == 0) return true;
    return false;
}

/* The members that say that a row must be refused. */
static inline bool vector_is_verdict(const char *member)
{
    return strcmp(member, "error") == 0 || strcmp(member, "expect") == 0 ||
           strcmp(member, "negative") == 0;
}

static inline void vector_gather(json_t *node, const char *path, struct vector_leaf *leaf,
                                 size_t *count);

static inline void vector_gather_one(json_t *parent, const char *member, size_t index,
                                     json_t *value, const char *path, struct vector_leaf *leaf,
                                     size_t *count)
{
    char here[VECTOR_PATH_MAX];
    if (member != NULL) snprintf(here, sizeof here, "%s/%s", path, member);
    else snprintf(here, sizeof here, "%s/%zu", path, index);
    if (json_is_object(value) || json_is_array(value)) {
        vector_gather(value, here, leaf, count);
        return;
    }
    if (json_is_null(value) && (member == NULL || strcmp(member, "provider") != 0)) return;
    if (json_is_string(value) && json_string_length(value) == 0) return;
    assert_true(*count < VECTOR_LEAVES_MAX);
    leaf[*count] = (struct vector_leaf){parent, member, index, {0}};
    memcpy(leaf[*count].path, here, sizeof here);
    ++*count;
}

static inline void vector_gather(json_t *node, const char *path, struct vector_leaf *leaf,
                                 size_t *count)
{
    const char *member;
    json_t *value;
    size_t i;
    if (json_is_object(node)) {
        bool refused = json_object_get(node, "error") != NULL;
        json_object_foreach(node, member, value)
        {
            /* What is refused anyway stays so with another argument: its verdict alone counts. */
            if (vector_is_prose(member) || (refused && !vector_is_verdict(member))) continue;
            vector_gather_one(node, member, 0, value, path, leaf, count);
        }
        return;
    }
    json_array_foreach(node, i, value)
    {
        vector_gather_one(node, NULL, i, value, path, leaf, count);
    }
}

/* Two further in its alphabet: never the parity bit of a DES key alone. */
static inline char vector_other_digit(char c, bool decimal)
{
    static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    const char *at = strchr(lower, c);
    const char *of = at != NULL ? lower : upper;
    if (at == NULL) at = strchr(upper, c);
    if (at == NULL || c == '\0') return (char)(c ^ 2);
    return of[(size_t)(at - of + 2) % (decimal ? 10 : 16)];
}

/* The text with one character changed: the middle one, or a digit next to it. */
static inline json_t *vector_other_text(const char *text)
{
    size_t len = strlen(text), at = len / 2;
    bool decimal = strspn(text, "0123456789") == len;
    char *copy = strdup(text);
    while (at + 1 < len && (copy[at] & 0x80) != 0) at++; /* not inside a character of UTF-8 */
    copy[at] = vector_other_digit(copy[at], decimal);
    json_t *made = json_string(copy);
    if (made == NULL) made = json_string("spoiled");
    free(copy);
    return made;
}

static inline json_t *vector_other(const json_t *value)
{
    if (json_is_string(value)) return vector_other_text(json_string_value(value));
    if (json_is_null(value)) return json_string("spoiled");
    if (json_is_integer(value)) return json_integer(json_integer_value(value) + 1);
    return json_boolean(!json_is_true(value));
}

/* A verdict is taken away, so that the row looks like one that must be taken. */
static inline void vector_spoil(const struct vector_leaf *leaf)
{
    if (leaf->member != NULL && vector_is_verdict(leaf->member)) {
        json_object_del(leaf->parent, leaf->member);
        json_object_set_new(leaf->parent, "result", json_string("00"));
    } else if (leaf->member != NULL) {
        json_t *value = json_object_get(leaf->parent, leaf->member);
        json_object_set_new(leaf->parent, leaf->member, vector_other(value));
    } else {
        json_t *value = json_array_get(leaf->parent, leaf->index);
        json_array_set_new(leaf->parent, leaf->index, vector_other(value));
    }
}

static inline void vector_report(const char *file, const char *path, bool noticed)
{
    const char *name = getenv("VECTOR_RESULTS");
    FILE *results = name == NULL ? NULL : fopen(name, "a");
    if (results == NULL) return;
    fprintf(results, "%s %s %s\n", noticed ? "noticed" : "passed", file, path);
    fclose(results);
}

/* VECTOR_GOES_ON in the process that has the spoiled file. Only a failed assertion has noticed. */
static inline enum vector_verdict vector_try(const char *file, json_t *json,
                                             const struct vector_leaf *leaf, size_t index)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        setenv("CMOCKA_TEST_ABORT", "1", 1); /* the first failure ends it */
        if (freopen("/dev/null", "w", stdout) == NULL || freopen("/dev/null", "w", stderr) == NULL)
            _exit(VECTOR_PASSED);
        vector_spoil(leaf);
        vector_spoiled.file = file;
        vector_spoiled.leaf = index;
        vector_spoiled.tree = json;
        return VECTOR_GOES_ON;
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    bool noticed = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    return noticed ? VECTOR_NOTICED : VECTOR_UNNOTICED;
}

/* The values of one innermost object or array: from *first on, *count of them. */
static inline void vector_row(const struct vector_leaf *leaf, size_t leaves, size_t first,
                              size_t *ret_end)
{
    size_t end = first + 1;
    while (end < leaves && leaf[end].parent == leaf[first].parent) end++;
    *ret_end = end;
}

/* Where the row is a case that must be refused, its verdict is what is changed. */
static inline bool vector_verdict_of(const struct vector_leaf *leaf, size_t first, size_t end,
                                     size_t *ret_at)
{
    for (size_t i = first; i < end; i++)
        if (leaf[i].member != NULL && vector_is_verdict(leaf[i].member)) {
            *ret_at = i;
            return true;
        }
    return false;
}

/* All values of a row, or until one is noticed; true in the process that goes on. */
static inline bool vector_try_row(const char *file, json_t *json, const struct vector_leaf *leaf,
                                  size_t first, size_t end, bool all)
{
    size_t from = first, to = end, verdict_at;
    char row[VECTOR_PATH_MAX];
    bool noticed = false;
    if (vector_verdict_of(leaf, first, end, &verdict_at)) {
        from = verdict_at;
        to = from + 1;
    }
    for (size_t k = from; k < to && (all || !noticed); k++) {
        size_t at = from + (k + first) % (to - from); /* begins at another member in each row */
        enum vector_verdict verdict = vector_try(file, json, &leaf[at], at);
        if (verdict == VECTOR_GOES_ON) return true;
        noticed = verdict == VECTOR_NOTICED;
        if (all) vector_report(file, leaf[at].path, noticed);
    }
    snprintf(row, sizeof row, "%s", leaf[first].path);
    *strrchr(row, '/') = '\0';
    if (!all) vector_report(file, row, noticed);
    return false;
}

static inline json_t *vector_mutations(const char *file, json_t *json)
{
    static struct vector_leaf leaf[VECTOR_LEAVES_MAX];
    const char *mode = getenv("VECTOR_MUTATION");
    size_t count = 0;
    if (mode == NULL) return json;
    if (vector_spoiled.file != NULL && strcmp(vector_spoiled.file, file) != 0) return json;
    vector_gather(json, "", leaf, &count);
    if (vector_spoiled.file != NULL) { /* read again: as it was */
        vector_spoil(&leaf[vector_spoiled.leaf]);
        vector_spoiled.tree = json;
        return json;
    }
    bool all = strcmp(mode, "all") == 0;
    for (size_t i = 0, end; i < count; i = end) {
        vector_row(leaf, count, i, &end);
        if (vector_try_row(file, json, leaf, i, end, all)) break;
    }
    return json;
}

/* The file as it is. Tests that need one that is not installed are skipped, by its name; a file
 * that is there and does not parse fails them. */
static inline json_t *vector_file_whole(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_message("%s is not here: its cases are skipped\n", path);
        skip();
    }
    json_error_t error;
    json_t *json = json_loadf(file, JSON_ALLOW_NUL, &error);
    fclose(file);
    assert_non_null(json);
    return json;
}

/* A vector file by its path from the root of the tree, spoiled where that was asked for. */
static inline json_t *vector_file(const char *path)
{
    return vector_mutations(path, vector_file_whole(path));
}

/* The test has looked at everything that it looks at. */
static inline void vector_file_end(json_t *json)
{
    if (vector_spoiled.file != NULL && json == vector_spoiled.tree) _exit(VECTOR_PASSED);
    json_decref(json);
}
