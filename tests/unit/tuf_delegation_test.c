/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is asked about a file, and in which order: graphs of delegations, patterns, terminating
 * delegations, hash prefixes and bins, names of roles that lead nowhere else. The graphs are those
 * of the published conformance suite. S119.
 */
#include "tests/unit/tuf_repository.h"

#include "lib/tuf/delegation.h"
#include "lib/tuf/name.h"

static struct repository r;
static struct repository_device d;

struct edge {
    const char *from, *to, *pattern; /* NULL: "*" */
    bool terminating;
};

/* What is asked for behind the four top-level files. */
static const char *asked(void)
{
    const char *at = strstr(r.log, ".targets.json");
    assert_non_null(at);
    at += sizeof ".targets.json" - 1;
    return *at == ' ' ? at + 1 : at;
}

static void publish_all(void)
{
    for (size_t i = 4; i < r.role_count; i++) repository_publish(&r, r.roles[i].name);
    repository_publish_all(&r);
}

static void graphs(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct edge edges[6];
        const char *asked;
    } rows[] = {
        {"one", {{"targets", "A"}}, "1.A.json"},
        {"two beside", {{"targets", "A"}, {"targets", "B"}}, "1.A.json 1.B.json"},
        {"two levels",
         {{"targets", "A"}, {"targets", "B"}, {"B", "C"}},
         "1.A.json 1.B.json 1.C.json"},
        {"depth first",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C"}, {"A", "D"}},
         "1.A.json 1.C.json 1.D.json 1.B.json"},
        {"three levels, depth first",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C"}, {"C", "D"}},
         "1.A.json 1.C.json 1.D.json 1.B.json"},
        {"a terminating one",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C", NULL, true}, {"A", "D"}},
         "1.A.json 1.C.json"},
        {"behind a terminating one",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C", NULL, true}, {"C", "D"}},
         "1.A.json 1.C.json 1.D.json"},
        {"after one that is asked first",
         {{"targets", "A"}, {"targets", "B", NULL, true}, {"targets", "C"}},
         "1.A.json 1.B.json"},
        {"a terminating one that is not for this path",
         {{"targets", "A", "*.py", true}, {"targets", "B"}},
         "1.B.json"},
        {"not for this path", {{"targets", "A", "*.py"}, {"targets", "B"}, {"A", "C"}}, "1.B.json"},
        {"not for this path, deeper",
         {{"targets", "A"}, {"targets", "B"}, {"A", "C", "*.py"}, {"C", "D"}},
         "1.A.json 1.B.json"},
        {"a circle",
         {{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"C", "D"}, {"D", "B"}},
         "1.A.json 1.B.json 1.C.json 1.D.json"},
        {"to itself", {{"targets", "A"}, {"A", "A"}}, "1.A.json"},
        {"two ways to one",
         {{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"A", "C"}},
         "1.A.json 1.C.json 1.B.json"},
        {"two ways to one, the first not for this path",
         {{"targets", "A"}, {"targets", "B"}, {"B", "C"}, {"A", "C", "*.py"}},
         "1.A.json 1.B.json 1.C.json"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        print_message("%s\n", rows[i].name);
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        for (const struct edge *e = rows[i].edges; e->from != NULL; e++)
            repository_delegate(&r, e->from, e->to, (size_t)(e->to[0] - 'A') + 8,
                                e->pattern == NULL ? "*" : e->pattern, e->terminating);
        publish_all();
        assert_verdict(device_download(&d, "missingpath", NULL), TUF_NO_TARGET);
        assert_string_equal(asked(), rows[i].asked);
        /* All of it is kept: nobody is asked again. */
        assert_verdict(device_download(&d, "missingpath", NULL), TUF_NO_TARGET);
        assert_string_equal(r.log, "2.root.json timestamp.json");
        repository_end(&r, &d);
    }
}

static void files_are_found(void **state)
{
    (void)state;
    static const struct {
        const char *path, *asked;
        const char *by; /* NULL: nobody */
    } rows[] = {
        {"targetfile", "", "targets"},
        {"README.md", "1.A.json", "A"},
        {"releases/x/x_v1", "1.B.json 1.C.json", "C"},
        {"releases/y/y_v1.zip", "1.B.json 1.D.json", "D"},
        {"releases/z/z_v1.zip", "1.B.json", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        repository_delegate(&r, "targets", "A", 8, "*.doc", false);
        repository_role(&r, "targets")->to[0].patterns[1] = "*.md";
        repository_delegate(&r, "targets", "B", 9, "releases/*/*", false);
        repository_delegate(&r, "B", "C", 10, "releases/x/*", false);
        repository_delegate(&r, "B", "D", 11, "releases/y/*.zip", false);
        repository_add_file(&r, "targets", "targetfile", "targetfile content");
        repository_add_file(&r, "A", "README.md", "README by A");
        repository_add_file(&r, "C", "releases/x/x_v1", "x release by C");
        repository_add_file(&r, "D", "releases/y/y_v1.zip", "y release by D");
        repository_add_file(&r, "D", "releases/z/z_v1.zip", "z release by D");
        publish_all();
        struct tuf_target target = {0};
        assert_verdict(device_download(&d, rows[i].path, &target),
                       rows[i].by == NULL ? TUF_NO_TARGET : TUF_ACCEPTED);
        const char *list = asked(), *end = list + strlen(rows[i].asked);
        assert_memory_equal(list, rows[i].asked, strlen(rows[i].asked));
        if (rows[i].by == NULL) assert_string_equal(end, "");
        else assert_string_equal(target.role, rows[i].by);
        repository_end(&r, &d);
    }
}

/* What is delegated is judged like the rest; a refusal ends the search, nobody else is asked. */
static void a_list_that_is_refused_ends_the_search(void **state)
{
    (void)state;
    static const enum tuf_verdict rows[] = {TUF_UNSIGNED, TUF_EXPIRED, TUF_UNKNOWN_ROLE,
                                            TUF_MISSING, TUF_WRONG_TYPE};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        struct repository_role *a = repository_delegate(&r, "targets", "A", 8, "*", false);
        struct repository_role *b = repository_delegate(&r, "targets", "B", 9, "*", false);
        (void)b;
        repository_add_file(&r, "B", "file", "what B says");
        if (rows[i] == TUF_UNSIGNED) repository_set_signers(a, (size_t[]){9}, 1);
        if (rows[i] == TUF_EXPIRED) a->expires_ms = d.now_ms - DAY;
        if (rows[i] == TUF_WRONG_TYPE) a->type = "snapshot";
        publish_all();
        if (rows[i] == TUF_MISSING) repository_withdraw(&r, "1.A.json");
        if (rows[i] == TUF_UNKNOWN_ROLE) {
            r.meta[1] = r.meta[--r.meta_count]; /* A */
            repository_publish(&r, "snapshot");
            repository_publish(&r, "timestamp");
        }
        assert_verdict(device_refresh(&d), TUF_ACCEPTED);
        assert_verdict(device_download(&d, "file", NULL), rows[i]);
        assert_string_equal(tuf_client_subject(d.client), "A");
        assert_int_equal(device_version(&d, "A"), 0);
        assert_int_equal(d.file_count, 0);
        repository_end(&r, &d);
    }
}

/* What was kept of a delegated role expires like the rest, and a newer one takes its place. */
static void a_kept_list_expires(void **state)
{
    (void)state;
    repository_begin(&r, &d);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    struct repository_role *a = repository_delegate(&r, "targets", "A", 8, "dir/*", false);
    a->expires_ms = d.now_ms + 7 * DAY;
    repository_add_file(&r, "A", "dir/first", "first");
    repository_add_file(&r, "A", "dir/second", "second");
    publish_all();
    assert_verdict(device_download(&d, "dir/first", NULL), TUF_ACCEPTED);
    d.now_ms += 18 * DAY;
    assert_verdict(device_download(&d, "dir/second", NULL), TUF_EXPIRED);
    assert_null(device_file(&d, "dir/second"));
    a->expires_ms = d.now_ms + 3 * DAY;
    publish_all();
    assert_verdict(device_download(&d, "dir/second", NULL), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "A"), 2);
    repository_end(&r, &d);
}

/* The delegator's keys count, not who has signed the list for somebody else. */
static void another_delegator_names_other_keys(void **state)
{
    (void)state;
    repository_begin(&r, &d);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    struct repository_role *a = repository_delegate(&r, "targets", "A", 8, "*", false);
    repository_add_file(&r, "A", "file", "content");
    publish_all();
    assert_verdict(device_download(&d, "file", NULL), TUF_ACCEPTED);
    repository_set_keys(a, (size_t[]){10}, 1);
    repository_publish_all(&r);
    assert_verdict(device_download(&d, "file", NULL), TUF_UNSIGNED);
    repository_end(&r, &d);
}

static void unusual_names_of_roles(void **state)
{
    (void)state;
    static const struct {
        const char *role, *asked, *kept;
    } rows[] = {
        {"?", "1.%3F.json", "%3F.json"},
        {"#", "1.%23.json", "%23.json"},
        {"/delegatedrole", "1.%2Fdelegatedrole.json", "%2Fdelegatedrole.json"},
        {"../delegatedrole", "1...%2Fdelegatedrole.json", "..%2Fdelegatedrole.json"},
        {"a b%41", "1.a%20b%2541.json", "a%20b%2541.json"},
        {"\xe9\x94\xae", "1.%E9%94%AE.json", "%E9%94%AE.json"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        repository_delegate(&r, "targets", rows[i].role, 8, "*", false);
        publish_all();
        assert_verdict(device_download(&d, "nothing", NULL), TUF_NO_TARGET);
        assert_string_equal(asked(), rows[i].asked);
        assert_int_equal(d.kept_count, 5);
        assert_non_null(device_kept(&d, rows[i].kept));
        repository_end(&r, &d);
    }
}

/* Nobody is handed the name of a top-level role: its file would take that one's place. */
static void top_level_names_are_not_delegated(void **state)
{
    (void)state;
    static const char *const names[] = {"root", "timestamp", "snapshot", "targets"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        repository_delegate(&r, "targets", names[i], 8, "*", false);
        repository_publish_all(&r);
        assert_verdict(device_refresh(&d), TUF_MALFORMED);
        repository_end(&r, &d);
    }
}

/* Bins and prefixes; the digests were made by sha256sum. */
static void bins_by_hash(void **state)
{
    (void)state;
    static const struct {
        int64_t bits;
        const char *path, *bin;
    } rows[] = {{1, "boo", "bin-0"},   {2, "foo", "bin-0"},        {2, "doo", "bin-1"},
                {2, "too", "bin-2"},   {2, "bar", "bin-3"},        {8, "bar", "bin-fc"},
                {9, "bar", "bin-1f9"}, {32, "bar", "bin-fcde2b2e"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char file[32];
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        /* Made for its entry and its file; the delegation itself is the bins. */
        struct repository_role *bin =
            repository_delegate(&r, "targets", rows[i].bin, 3, "*", false);
        repository_add_file(&r, rows[i].bin, rows[i].path, "in a bin");
        repository_role(&r, "targets")->to_count = 0;
        repository_role(&r, "targets")->bits = rows[i].bits;
        repository_publish(&r, bin->name);
        repository_publish_all(&r);
        struct tuf_target target;
        assert_verdict(device_download(&d, rows[i].path, &target), TUF_ACCEPTED);
        assert_string_equal(target.role, rows[i].bin);
        snprintf(file, sizeof file, "1.%s.json", rows[i].bin);
        assert_memory_equal(asked(), file, strlen(file));
        repository_end(&r, &d);
    }
}

static void prefixes_of_hashes(void **state)
{
    (void)state;
    static const struct {
        const char *prefix;
        bool found;
    } rows[] = {{"fcde2b2e", true}, {"fc", true},  {"f", true},        {"", true},
                {"fd", false},      {"FC", false}, {"fcde2b2f", false}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        repository_delegate(&r, "targets", "A", 8, rows[i].prefix, false);
        repository_role(&r, "targets")->to[0].prefixes = true;
        repository_add_file(&r, "A", "bar", "content");
        publish_all();
        assert_verdict(device_download(&d, "bar", NULL),
                       rows[i].found ? TUF_ACCEPTED : TUF_NO_TARGET);
        repository_end(&r, &d);
    }
}

static void patterns(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool matches;
    } rows[] = {
        {"*", "a", true},
        {"*", "", true},
        {"*", "a/b", false},
        {"*/*", "a/b", true},
        {"*/*", "a", false},
        {"*/*", "a/b/c", false},
        {"*.tgz", "x.tgz", true},
        {"*.tgz", "x.tgz2", false},
        {"*.tgz", "d/x.tgz", false},
        {"foo-?.tgz", "foo-2.tgz", true},
        {"foo-?.tgz", "foo-22.tgz", false},
        {"a?b", "a/b", false},
        {"a*b*c", "aXbXbYc", true},
        {"a*b*c", "aXbXbY", false},
        {"d/*a/b", "d/xa/b", true},
        {"d/*a/b", "d/x/a/b", false},
        {"**", "ab", true},
        {"[abc]", "b", true},
        {"[abc]", "d", false},
        {"[!abc]", "d", true},
        {"[!abc]", "a", false},
        {"[a-c]x", "bx", true},
        {"[a-c]x", "dx", false},
        {"[]]", "]", true},
        {"[", "[", true},
        {"[a", "[a", true},
        {"[!a]", "/", false},
        {"[.-0]", "/", false},
        {"", "", true},
        {"", "a", false},
        {"A", "a", false},
        {"\\*", "*", false},
        {"*.md", ".md", true},
        {"releases/y/*.zip", "releases/y/y_v1.zip", true},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (tuf_path_matches(bytes_text(rows[i].pattern), bytes_text(rows[i].path)) !=
            rows[i].matches)
            fail_msg("%s and %s", rows[i].pattern, rows[i].path);
    /* As long as both may be: a product of lengths, not a power. */
    char pattern[TUF_PATH_BYTES], path[TUF_PATH_BYTES];
    for (size_t i = 0; i < sizeof pattern; i++) pattern[i] = i % 2 == 0 ? '*' : 'a';
    memset(path, 'a', sizeof path);
    path[sizeof path - 1] = 'b';
    int64_t before = scratch_cpu_us();
    assert_false(tuf_path_matches(BYTES_OF(pattern), BYTES_OF(path)));
    assert_true(scratch_cpu_us() - before < 1000000);
}

static void paths(void **state)
{
    (void)state;
    static const char *const good[] = {"a", "a/b", "...", "a..b/.c", "\xe5\x8c\x85.bin"};
    static const char *const bad[] = {"",     ".",      "..",  "/a",   "a/",
                                      "a//b", "a/../b", "./a", "a\nb", "a\x7f"};
    for (size_t i = 0; i < ARRAY_LEN(good); i++) assert_true(tuf_path_valid(good[i]));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) assert_false(tuf_path_valid(bad[i]));
    char longest[TUF_PATH_BYTES + 2];
    memset(longest, 'a', sizeof longest);
    longest[TUF_PATH_BYTES + 1] = '\0';
    assert_false(tuf_path_valid(longest));
    longest[TUF_PATH_BYTES] = '\0';
    assert_true(tuf_path_valid(longest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(graphs),
        cmocka_unit_test(files_are_found),
        cmocka_unit_test(a_list_that_is_refused_ends_the_search),
        cmocka_unit_test(a_kept_list_expires),
        cmocka_unit_test(another_delegator_names_other_keys),
        cmocka_unit_test(unusual_names_of_roles),
        cmocka_unit_test(top_level_names_are_not_delegated),
        cmocka_unit_test(bins_by_hash),
        cmocka_unit_test(prefixes_of_hashes),
        cmocka_unit_test(patterns),
        cmocka_unit_test(paths),
    };
    return cmocka_run_group_tests(tests, repository_open, repository_close);
}
