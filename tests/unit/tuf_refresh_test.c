/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the published conformance suite of The Update Framework asks of a refresh: which files are
 * asked for, what is trusted afterwards, and what is refused: unsigned, older, expired, of another
 * role, with too few or doubled keys. A test here for each behaviour there, named after it. S119.
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

static void assert_trusted(int64_t root, int64_t timestamp, int64_t snapshot, int64_t targets)
{
    assert_int_equal(device_version(&d, "root"), root);
    assert_int_equal(device_version(&d, "timestamp"), timestamp);
    assert_int_equal(device_version(&d, "snapshot"), snapshot);
    assert_int_equal(device_version(&d, "targets"), targets);
}

static struct repository_role *role(const char *name)
{
    return repository_role(&r, name);
}

/* Replaces every `from` of a published file by `to`, of the same length. */
static void spoil(const char *file, const char *from, const char *to)
{
    struct repository_published *p = repository_served(&r, file);
    assert_non_null(p);
    char *at = memmem(p->text, p->len, from, strlen(from));
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
}

/* ---- basic ---- */

static void init_and_refresh(void **state)
{
    (void)state;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_string_equal(r.log, "2.root.json timestamp.json 1.snapshot.json 1.targets.json");
    assert_trusted(1, 1, 1, 1);
    /* Again: what is kept is not fetched. */
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_string_equal(r.log, "2.root.json timestamp.json");
}

static void a_download_refreshes_first(void **state)
{
    (void)state;
    assert_verdict(device_download(&d, "nonexistent artifact", NULL), TUF_NO_TARGET);
    assert_string_equal(r.log, "2.root.json timestamp.json 1.snapshot.json 1.targets.json");
    assert_trusted(1, 1, 1, 1);
}

/* A root without a version, and one that somebody else has signed: nothing is asked of anybody. */
static void an_invalid_first_root_is_refused(void **state)
{
    (void)state;
    repository_end(&r, &d);
    repository_begin(&r, &d);
    spoil("1.root.json", "\"version\"", "\"versiom\"");
    assert_verdict(device_init(&d), TUF_MALFORMED);
    assert_verdict(device_refresh(&d), TUF_NO_ROOT);
    assert_string_equal(r.log, "");
    repository_set_signers(role("root"), (size_t[]){9}, 1);
    repository_publish_again(&r, "root");
    assert_verdict(device_init(&d), TUF_UNSIGNED);
    assert_verdict(device_refresh(&d), TUF_NO_ROOT);
    assert_string_equal(r.log, "");
    assert_int_equal(d.kept_count, 0);
}

/* The device was begun with by somebody who may do so; he does not undo a rotation by mistake. */
static void init_does_not_go_back(void **state)
{
    (void)state;
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_verdict(device_init(&d), TUF_OLDER);
    assert_int_equal(device_version(&d, "root"), 2);
}

static void unsigned_metadata_stops_there(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t root, timestamp, snapshot, targets;
    } rows[] = {{"root", 1, 0, 0, 0},
                {"timestamp", 1, 0, 0, 0},
                {"snapshot", 1, 2, 0, 0},
                {"targets", 1, 2, 2, 0}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        repository_end(&r, &d);
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        role(rows[i].name)->signer_count = 0;
        if (i == 0) repository_publish(&r, "root");
        else repository_publish_all(&r);
        assert_verdict(device_refresh(&d), TUF_UNSIGNED);
        assert_trusted(rows[i].root, rows[i].timestamp, rows[i].snapshot, rows[i].targets);
    }
}

/* One signature of the key, but over something else. */
static void a_changed_byte_is_unsigned(void **state)
{
    (void)state;
    repository_publish_all(&r);
    spoil("2.targets.json", "1.0.31", "1.0.32");
    assert_verdict(device_refresh(&d), TUF_UNSIGNED);
    assert_trusted(1, 2, 2, 0);
}

static void a_timestamp_of_the_same_version_is_not_taken(void **state)
{
    (void)state;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    r.snapshot.version = 100;
    repository_publish_again(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_string_equal(r.log, "2.root.json timestamp.json");
    /* Not "100": digits of a signature may be that. */
    assert_null(strstr(device_kept(&d, "timestamp.json")->text, "\"version\":100"));
    assert_non_null(strstr(device_kept(&d, "timestamp.json")->text, "\"version\":"));
}

static void hashes_of_metadata_count(void **state)
{
    (void)state;
    r.hashes = true;
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_trusted(1, 2, 2, 2);
    repository_publish(&r, "targets");
    r.meta[0].sha256[0] = r.meta[0].sha256[0] == '0' ? '1' : '0';
    repository_publish(&r, "snapshot");
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_HASH);
    assert_trusted(1, 3, 3, 2);
    /* As long as announced, and no byte more. */
    repository_publish(&r, "targets");
    r.meta[0].length--;
    repository_publish(&r, "snapshot");
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_TOO_LONG);
    assert_trusted(1, 4, 4, 2);
}

static void bytes_are_kept_as_they_came(void **state)
{
    (void)state;
    struct repository_published *p = repository_served(&r, "timestamp.json");
    char text[8192];
    int len = snprintf(text, sizeof text, "%.*s  ", (int)p->len, p->text);
    repository_serve(&r, "timestamp.json", text, (size_t)len);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    p = device_kept(&d, "timestamp.json");
    assert_int_equal(p->len, len);
    assert_memory_equal(p->text, text, p->len);
}

static void a_version_that_is_not_announced_is_not_taken(void **state)
{
    (void)state;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    struct repository_entry before = r.meta[0];
    repository_publish(&r, "targets");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_string_equal(r.log, "2.root.json timestamp.json");
    assert_trusted(1, 1, 1, 1);
    /* Announced as 2, served as 3. */
    r.meta[0] = before;
    r.meta[0].version = 2;
    role("targets")->version = 3;
    repository_publish_again(&r, "targets");
    struct repository_published *p = repository_served(&r, "3.targets.json");
    repository_serve(&r, "2.targets.json", p->text, p->len);
    r.meta[0].version = 2;
    repository_publish(&r, "snapshot");
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_NOT_ANNOUNCED);
    assert_trusted(1, 2, 2, 1);
}

static void members_that_nobody_knows_are_signed_too(void **state)
{
    (void)state;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    role("root")->extra = "{\"a\":[1,-2,true,false,null],\"b\":\"\\\"\xe6\xb1\x89\\\\\"}";
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "root"), 2);
    repository_publish(&r, "root");
    spoil("3.root.json", "[1,-2", "[1,-3");
    assert_verdict(device_refresh(&d), TUF_UNSIGNED);
    assert_int_equal(device_version(&d, "root"), 2);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    r.snapshot.version++;
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_MISSING);
    assert_string_equal(tuf_client_subject(d.client), "snapshot");
    assert_string_equal(r.log, "2.root.json timestamp.json 2.snapshot.json");
    assert_trusted(1, 2, 1, 1);
    r.meta[0].version++;
    repository_publish(&r, "snapshot");
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_MISSING);
    assert_string_equal(tuf_client_subject(d.client), "targets");
    assert_trusted(1, 3, 2, 1);
    repository_withdraw(&r, "timestamp.json");
    assert_verdict(device_refresh(&d), TUF_MISSING);
    assert_string_equal(r.log, "2.root.json timestamp.json");
    r.failure = ERR(REFUSED);
    assert_verdict(device_refresh(&d), TUF_UNREACHABLE);
    assert_err(tuf_client_reason(d.client), REFUSED);
}

/* Everything right and signed, and yet it is a snapshot that is served as the timestamp. */
static void metadata_of_another_role_is_refused(void **state)
{
    (void)state;
    repository_set_keys(role("snapshot"), (size_t[]){1, 2}, 2);
    repository_set_signers(role("snapshot"), (size_t[]){1, 2}, 2);
    repository_publish(&r, "root");
    role("timestamp")->type = "snapshot";
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_WRONG_TYPE);
    assert_trusted(2, 0, 0, 0);
}

static void files_without_versions(void **state)
{
    (void)state;
    repository_end(&r, &d);
    repository_begin(&r, &d);
    r.consistent = false;
    repository_publish_again(&r, "root");
    repository_publish_all(&r);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_string_equal(r.log, "2.root.json timestamp.json snapshot.json targets.json");
}

/* ---- expiry ---- */

static void an_expired_root_is_kept_and_ends_it(void **state)
{
    (void)state;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    role("root")->expires_ms = d.now_ms - DAY;
    repository_publish(&r, "root");
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_EXPIRED);
    assert_string_equal(tuf_client_subject(d.client), "root 2");
    assert_trusted(2, 1, 1, 1);
    /* A root between that has expired is on the way only. */
    role("root")->expires_ms = d.now_ms + DAY;
    repository_publish(&r, "root");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_trusted(3, 2, 2, 2);
    d.now_ms += DAY; /* the moment of expiry itself is too late */
    assert_verdict(device_refresh(&d), TUF_EXPIRED);
}

static void expired_metadata_is_not_taken(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t timestamp, snapshot, targets;
    } rows[] = {{"timestamp", 1, 1, 1}, {"snapshot", 2, 1, 1}, {"targets", 2, 2, 1}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        repository_end(&r, &d);
        repository_begin(&r, &d);
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        assert_verdict(device_refresh(&d), TUF_ACCEPTED);
        role(rows[i].name)->expires_ms = d.now_ms - 5 * DAY;
        repository_publish_all(&r);
        assert_verdict(device_refresh(&d), TUF_EXPIRED);
        assert_trusted(1, rows[i].timestamp, rows[i].snapshot, rows[i].targets);
    }
}

static void what_is_kept_may_expire(void **state)
{
    (void)state;
    role("timestamp")->expires_ms = d.now_ms + 7 * DAY;
    repository_publish_again(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    role("timestamp")->expires_ms = d.now_ms + 21 * DAY;
    repository_publish_all(&r);
    d.now_ms += 18 * DAY;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_trusted(1, 2, 2, 2);
    /* Served again and again, a frozen timestamp is good until it expires. */
    d.now_ms += 3 * DAY - 1;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    d.now_ms += 1;
    assert_verdict(device_refresh(&d), TUF_EXPIRED);
}

/* It says what was there before, though its time is over. */
static void an_expired_timestamp_still_protects(void **state)
{
    (void)state;
    repository_publish(&r, "timestamp");
    role("timestamp")->expires_ms = d.now_ms + DAY;
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "timestamp"), 3);
    role("timestamp")->expires_ms = d.now_ms + 20 * DAY;
    role("timestamp")->version = 2;
    repository_publish_again(&r, "timestamp");
    d.now_ms += 2 * DAY;
    assert_verdict(device_refresh(&d), TUF_OLDER);
}

/* ---- older versions ---- */

static void an_older_snapshot_alone(void **state)
{
    (void)state;
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    role("snapshot")->version = 1;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "snapshot"), 2);
    assert_string_equal(r.log, "2.root.json timestamp.json");
}

static void an_older_timestamp(void **state)
{
    (void)state;
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    role("timestamp")->version = 1;
    repository_publish_again(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_OLDER);
    assert_int_equal(device_version(&d, "timestamp"), 2);
    assert_string_equal(r.log, "2.root.json timestamp.json");
}

static void an_older_snapshot_that_is_announced(void **state)
{
    (void)state;
    for (int hashes = 0; hashes < 2; hashes++) {
        repository_end(&r, &d);
        repository_begin(&r, &d);
        r.hashes = hashes == 1;
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        repository_publish(&r, "snapshot");
        repository_publish(&r, "timestamp");
        assert_verdict(device_refresh(&d), TUF_ACCEPTED);
        role("snapshot")->version = 1;
        repository_publish_again(&r, "snapshot");
        repository_publish(&r, "timestamp");
        assert_verdict(device_refresh(&d), TUF_OLDER);
        assert_trusted(1, 2, 2, 1);
        assert_string_equal(r.log, "2.root.json timestamp.json");
    }
}

static void older_targets_that_are_announced(void **state)
{
    (void)state;
    for (int hashes = 0; hashes < 2; hashes++) {
        repository_end(&r, &d);
        repository_begin(&r, &d);
        r.hashes = hashes == 1;
        assert_verdict(device_init(&d), TUF_ACCEPTED);
        repository_publish(&r, "targets");
        repository_publish_all(&r);
        assert_verdict(device_refresh(&d), TUF_ACCEPTED);
        assert_trusted(1, 2, 2, 3);
        role("targets")->version = 2;
        repository_publish_again(&r, "targets");
        repository_publish(&r, "snapshot");
        repository_publish(&r, "timestamp");
        assert_verdict(device_refresh(&d), TUF_OLDER);
        assert_trusted(1, 3, 2, 3);
    }
}

/* A list that the snapshot named once is named for ever, or left empty. */
static void a_list_that_vanishes_from_the_snapshot(void **state)
{
    (void)state;
    repository_delegate(&r, "targets", "A", 5, "*", false);
    repository_publish(&r, "A");
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assert_int_equal(r.meta_count, 2);
    r.meta_count = 1;
    repository_publish(&r, "snapshot");
    repository_publish(&r, "timestamp");
    assert_verdict(device_refresh(&d), TUF_OLDER);
    assert_string_equal(tuf_client_subject(d.client), "snapshot");
}

static void a_snapshot_that_is_not_the_announced_one(void **state)
{
    (void)state;
    role("snapshot")->version = 2;
    repository_publish_again(&r, "snapshot");
    struct repository_published *p = repository_served(&r, "2.snapshot.json");
    repository_serve(&r, "1.snapshot.json", p->text, p->len);
    assert_verdict(device_refresh(&d), TUF_NOT_ANNOUNCED);
    assert_string_equal(r.log, "2.root.json timestamp.json 1.snapshot.json");
    assert_trusted(1, 1, 0, 0);
}

int main(void)
{
#define ROW(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        ROW(init_and_refresh),
        ROW(a_download_refreshes_first),
        ROW(an_invalid_first_root_is_refused),
        ROW(init_does_not_go_back),
        ROW(unsigned_metadata_stops_there),
        ROW(a_changed_byte_is_unsigned),
        ROW(a_timestamp_of_the_same_version_is_not_taken),
        ROW(hashes_of_metadata_count),
        ROW(bytes_are_kept_as_they_came),
        ROW(a_version_that_is_not_announced_is_not_taken),
        ROW(members_that_nobody_knows_are_signed_too),
        ROW(what_is_missing_is_named),
        ROW(metadata_of_another_role_is_refused),
        ROW(files_without_versions),
        ROW(an_expired_root_is_kept_and_ends_it),
        ROW(expired_metadata_is_not_taken),
        ROW(what_is_kept_may_expire),
        ROW(an_expired_timestamp_still_protects),
        ROW(an_older_snapshot_alone),
        ROW(an_older_timestamp),
        ROW(an_older_snapshot_that_is_announced),
        ROW(older_targets_that_are_announced),
        ROW(a_list_that_vanishes_from_the_snapshot),
        ROW(a_snapshot_that_is_not_the_announced_one),
    };
    return cmocka_run_group_tests(tests, repository_open, repository_close);
}
