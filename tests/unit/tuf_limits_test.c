/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A repository that is hostile or broken: endless data, endless roots, lists that go round, numbers
 * and texts at and past their limits, every byte of a file changed. Each ends with a verdict, what
 * is trusted stays, and no more is read than may be. S119.
 */
#include "tests/unit/tuf_repository.h"

static struct repository r;
static struct repository_device d;

static int begin(void **state)
{
    (void)state;
    repository_begin(&r, &d);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    return 0;
}

static int end(void **state)
{
    (void)state;
    repository_end(&r, &d);
    return 0;
}

/* One byte more than each may have; the kept metadata is as it was. */
static void endless_data(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        size_t max;
    } rows[] = {{"2.root.json", TUF_ROOT_BYTES},
                {"timestamp.json", TUF_TIMESTAMP_BYTES},
                {"1.snapshot.json", TUF_SNAPSHOT_BYTES},
                {"1.targets.json", TUF_TARGETS_BYTES}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        end(NULL);
        begin(NULL);
        size_t kept = d.kept_count;
        char *text = malloc(rows[i].max + 1);
        memset(text, ' ', rows[i].max + 1);
        repository_serve(&r, rows[i].file, text, rows[i].max + 1);
        assert_verdict(device_refresh(&d), TUF_TOO_LONG);
        assert_int_equal(d.kept_count, kept + (i >= 2) + (i >= 3));
        /* As much as it may have is read, and is nothing. */
        repository_serve(&r, rows[i].file, text, rows[i].max);
        assert_verdict(device_refresh(&d), TUF_MALFORMED);
        free(text);
    }
}

static void roots_without_end(void **state)
{
    (void)state;
    for (int i = 0; i < TUF_ROTATIONS_MAX + 2; i++) repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_TOO_MANY);
    assert_int_equal(device_version(&d, "root"), TUF_ROTATIONS_MAX + 1);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED); /* it goes on from there */
    assert_int_equal(device_version(&d, "root"), TUF_ROTATIONS_MAX + 3);
}

static void the_last_number(void **state)
{
    (void)state;
    repository_role(&r, "timestamp")->version = INT64_MAX;
    repository_publish_again(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "timestamp"), INT64_MAX);
}

/* A chain that is longer than a search: it stops, and what was kept is not touched. */
static void a_chain_of_lists(void **state)
{
    (void)state;
    static char names[40][8];
    const char *from = "targets";
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(names[i], sizeof names[i], "role%zu", i);
        repository_delegate(&r, from, names[i], 8, "*", false);
        from = names[i];
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++) repository_publish(&r, names[i]);
    repository_publish_all(&r);
    assert_verdict(device_download(&d, "file", NULL), TUF_TOO_MANY);
    assert_int_equal(d.kept_count, 4 + TUF_VISITS_MAX - 1);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
}

/* Texts that are no metadata, or not quite. */
static void malformed_metadata(void **state)
{
    (void)state;
    static const struct {
        enum tuf_type type;
        const char *text;
        enum tuf_verdict verdict;
    } rows[] = {
#define HEAD(type, version, expires)                   \
    "{\"signatures\":[],\"signed\":{\"_type\":\"" type \
    "\",\"spec_version\":\"1.0.31\",\"version\":" version ",\"expires\":\"" expires "\","
#define GOOD "2030-01-31T23:59:59Z"
#define META "\"meta\":{\"snapshot.json\":{\"version\":1}}}}"
        {TUF_TIMESTAMP, HEAD("timestamp", "1", GOOD) META, TUF_ACCEPTED},
        {TUF_TIMESTAMP, "", TUF_MALFORMED},
        {TUF_TIMESTAMP, "[]", TUF_MALFORMED},
        {TUF_TIMESTAMP, "{}", TUF_MALFORMED},
        {TUF_TIMESTAMP, "{\"signed\":{}}", TUF_MALFORMED},
        {TUF_TIMESTAMP, "{\"signatures\":[],\"signed\":[]}", TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "0", GOOD) META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "-1", GOOD) META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1.0", GOOD) META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "\"1\"", GOOD) META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "9223372036854775808", GOOD) META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("snapshot", "1", GOOD) META, TUF_WRONG_TYPE},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", "2030-02-30T00:00:00Z") META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", "2030-13-01T00:00:00Z") META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", "2030-01-01T24:00:00Z") META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", "2030-01-01T00:00:60Z") META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", "2030-01-01T00:00:00") META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", "2030-01-01 00:00:00Z") META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", "2030-01-01T00:00:00.5Z") META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", "1969-12-31T23:59:59Z") META, TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", "9999-12-31T23:59:59Z") META, TUF_ACCEPTED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", GOOD) "\"meta\":{}}}", TUF_MALFORMED},
        {TUF_TIMESTAMP,
         HEAD("timestamp", "1",
              GOOD) "\"meta\":{\"snapshot.json\":{\"version\":1},\"targets.json\":{"
                    "\"version\":1}}}}",
         TUF_MALFORMED},
        {TUF_TIMESTAMP, HEAD("timestamp", "1", GOOD) "\"meta\":{\"snapshot.json\":{}}}}",
         TUF_MALFORMED},
        {TUF_TIMESTAMP,
         HEAD("timestamp", "1",
              GOOD) "\"meta\":{\"snapshot.json\":{\"version\":1,\"length\":-1}}}}",
         TUF_MALFORMED},
        {TUF_TIMESTAMP,
         HEAD("timestamp", "1",
              GOOD) "\"meta\":{\"snapshot.json\":{\"version\":1,\"hashes\":{}}}}}",
         TUF_MALFORMED},
        {TUF_TIMESTAMP,
         HEAD("timestamp", "1",
              GOOD) "\"meta\":{\"snapshot.json\":{\"version\":1,\"hashes\":{\"sha256\":\"00\"}}}}}",
         TUF_MALFORMED},
        {TUF_SNAPSHOT, HEAD("snapshot", "1", GOOD) "\"meta\":{\"A.json\":{\"version\":1}}}}",
         TUF_MALFORMED},
        {TUF_ROOT, HEAD("root", "1", GOOD) "\"keys\":{},\"roles\":{}}}", TUF_MALFORMED},
        {TUF_TARGETS, HEAD("targets", "1", GOOD) "\"targets\":{}}}", TUF_ACCEPTED},
        {TUF_TARGETS, HEAD("targets", "1", GOOD) "\"targets\":[]}}", TUF_MALFORMED},
        {TUF_TARGETS, HEAD("targets", "1", GOOD) "\"targets\":{\"a\":{\"length\":1}}}}",
         TUF_MALFORMED},
#define DELEGATION(what) \
    HEAD("targets", "1", GOOD) "\"targets\":{},\"delegations\":{\"keys\":{}," what "}}}"
#define ROLE(what) DELEGATION("\"roles\":[{\"name\":\"A\",\"keyids\":[]," what "}]")
        {TUF_TARGETS, ROLE("\"threshold\":1,\"terminating\":true,\"paths\":[\"*\"]"), TUF_ACCEPTED},
        {TUF_TARGETS, ROLE("\"threshold\":1,\"path_hash_prefixes\":[]"), TUF_ACCEPTED},
        {TUF_TARGETS, ROLE("\"threshold\":0,\"paths\":[\"*\"]"), TUF_MALFORMED},
        {TUF_TARGETS, ROLE("\"threshold\":1"), TUF_MALFORMED},
        {TUF_TARGETS, ROLE("\"threshold\":1,\"paths\":[],\"path_hash_prefixes\":[]"),
         TUF_MALFORMED},
        {TUF_TARGETS, ROLE("\"threshold\":1,\"paths\":[1]"), TUF_MALFORMED},
        {TUF_TARGETS, ROLE("\"threshold\":1,\"terminating\":1,\"paths\":[]"), TUF_MALFORMED},
        {TUF_TARGETS, DELEGATION("\"roles\":[{}]"), TUF_MALFORMED},
        {TUF_TARGETS, DELEGATION("\"x\":1"), TUF_MALFORMED},
#define BINS(bits)                                                                      \
    DELEGATION("\"succinct_roles\":{\"keyids\":[],\"threshold\":1,\"bit_length\":" bits \
               ",\"name_prefix\":\"bin\"}")
        {TUF_TARGETS, BINS("1"), TUF_ACCEPTED},
        {TUF_TARGETS, BINS("32"), TUF_ACCEPTED},
        {TUF_TARGETS, BINS("0"), TUF_MALFORMED},
        {TUF_TARGETS, BINS("33"), TUF_MALFORMED},
        {TUF_TIMESTAMP,
         "{\"signatures\":[],\"signed\":{\"_type\":\"timestamp\",\"spec_version\":\"2.0.0\",\"version\":1,"
         "\"expires\":\"" GOOD "\"," META,
         TUF_SPECIFICATION},
        {TUF_TIMESTAMP,
         "{\"signatures\":[],\"signed\":{\"_type\":\"timestamp\",\"spec_version\":\"10.0\",\"version\":1,"
         "\"expires\":\"" GOOD "\"," META,
         TUF_SPECIFICATION},
        {TUF_TIMESTAMP,
         "{\"signatures\":[{\"keyid\":\"a\"}],\"signed\":{\"_type\":\"timestamp\",\"spec_version\":\"1.0\","
         "\"version\":1,\"expires\":\"" GOOD "\"," META,
         TUF_MALFORMED},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        CLEANUP(tuf_metadata_free) struct tuf_metadata m = {0};
        enum tuf_verdict verdict = tuf_metadata_parse(rows[i].type, bytes_text(rows[i].text), &m);
        if (verdict != rows[i].verdict)
            fail_msg("row %zu is %s: %s", i, tuf_verdict_name(verdict), rows[i].text);
        assert_true((m.document.root != NULL) == (verdict == TUF_ACCEPTED));
    }
}

/* Each byte of a file in turn becomes another one. */
static void every_byte_of_metadata(void **state)
{
    (void)state;
    static const char *const files[] = {"timestamp.json", "1.snapshot.json"};
    unsigned refused = 0;
    for (size_t f = 0; f < ARRAY_LEN(files); f++) {
        end(NULL);
        begin(NULL);
        struct repository_published *p = repository_served(&r, files[f]);
        for (size_t i = 0; i < p->len - 1; i++, refused++) { /* without the line's end */
            p->text[i] ^= 1;
            assert_true(device_refresh(&d) != TUF_ACCEPTED);
            for (; d.kept_count > 1; d.kept_count--) free(d.kept[d.kept_count - 1].text);
            p->text[i] ^= 1;
        }
        assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    }
    assert_true(refused > 500);
}

/* What it takes is what is served, not what could be: a refresh that changes nothing is two
 * questions and some hundred bytes. */
static void a_quiet_day_costs_little(void **state)
{
    (void)state;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    r.fetched = 0;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_true(r.fetched < 1024);
}

static void texts_of_verdicts(void **state)
{
    (void)state;
    for (enum tuf_verdict v = 0; v < TUF_VERDICT_COUNT; v++) {
        assert_true(strlen(tuf_verdict_name(v)) > 0);
        assert_true(strlen(tuf_verdict_text(v, false)) > 0);
        assert_true((uint8_t)tuf_verdict_text(v, true)[0] >= 0xe4); /* a Chinese character */
    }
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        ROW(endless_data),
        ROW(roots_without_end),
        ROW(the_last_number),
        ROW(a_chain_of_lists),
        ROW(malformed_metadata),
        ROW(every_byte_of_metadata),
        ROW(a_quiet_day_costs_little),
        ROW(texts_of_verdicts),
    };
    return cmocka_run_group_tests(tests, repository_open, repository_close);
}
