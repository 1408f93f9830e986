/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a director says one device is to have: taken when it is signed by who the list of targets
 * names, for this device, in force, not older than the last, and the same file as the lists
 * announce. Every bit of it was flipped. S119.
 */
#include "tests/unit/tuf_repository.h"

#include "lib/tuf/assignment.h"
#include "lib/tuf/author.h"

enum { DIRECTOR = 10, OTHER = 11, TEXT_MAX = 4096 };

static struct repository r;
static struct repository_device d;
static struct tuf_author_file file;
static uint8_t text[TEXT_MAX];
static size_t text_len;

static void describe(const char *path, const char *content)
{
    file = (struct tuf_author_file){.length = (int64_t)strlen(content)};
    snprintf(file.path, sizeof file.path, "%s", path);
    crypto_sha256(bytes_text(content), file.sha256);
}

static int begin(void **state)
{
    (void)state;
    repository_begin(&r, &d);
    repository_delegate(&r, "targets", "director", DIRECTOR, "none-of-them", false);
    repository_add_file(&r, "targets", "TB-1.image", "software 1");
    repository_add_file(&r, "targets", "other.image", "something else");
    repository_publish_all(&r);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    describe("TB-1.image", "software 1");
    return 0;
}

static int end(void **state)
{
    (void)state;
    repository_end(&r, &d);
    return 0;
}

/* The name that the repository gives a key stands in its lists: it is taken from there. */
static void assign_with(const char *serial, int64_t number, int64_t expires_ms, size_t key)
{
    uint8_t body[TEXT_MAX], signature[DOCUMENT_SIGNATURE_MAX];
    size_t len = 0;
    struct tuf_author_signature signed_by;
    struct writer w = writer_over(body, sizeof body), out = writer_over(text, sizeof text);
    const struct tuf_author_assignment a = {serial, number, expires_ms, &file};
    assert_ok(tuf_author_assignment_write(&a, &w));
    assert_ok(document_key_sign(repository_key(key), writer_view(&w), signature, &len));
    assert_int_equal(len, sizeof signed_by.at);
    memcpy(signed_by.at, signature, len);
    repository_keyid(key, signed_by.id);
    assert_ok(tuf_author_envelope(writer_view(&w), &signed_by, 1, &out));
    text_len = out.len;
}

static void assign(const char *serial, int64_t number)
{
    assign_with(serial, number, d.now_ms + DAY, DIRECTOR);
}

static enum tuf_verdict take(struct tuf_target *ret_target, int64_t *ret_number)
{
    return tuf_client_assign(d.client, bytes_of(text, text_len), "TB1-2030-000017", ret_target,
                             ret_number);
}

static void what_both_say_is_taken(void **state)
{
    (void)state;
    struct tuf_target target;
    int64_t number = 0;
    assign("TB1-2030-000017", 7);
    assert_verdict(take(&target, &number), TUF_ACCEPTED);
    assert_string_equal(target.path, "TB-1.image");
    assert_int_equal(number, 7);
    assert_verdict(tuf_client_download(d.client, &target, NULL), TUF_ACCEPTED);
    assert_non_null(device_file(&d, "TB-1.image"));
    assert_verdict(take(&target, &number), TUF_ACCEPTED); /* told twice */
}

static void what_one_alone_says_is_not(void **state)
{
    (void)state;
    struct tuf_target target;
    int64_t number = 0;
    assign("TB1-2030-000018", 7); /* another device's */
    assert_verdict(take(&target, &number), TUF_NO_TARGET);
    describe("TB-1.image", "software 2"); /* no list announces it */
    assign("TB1-2030-000017", 7);
    assert_verdict(take(&target, &number), TUF_HASH);
    describe("unknown.image", "software 1");
    assign("TB1-2030-000017", 7);
    assert_verdict(take(&target, &number), TUF_NO_TARGET);
    describe("TB-1.image", "software 1");
    file.length++;
    assign("TB1-2030-000017", 7);
    assert_verdict(take(&target, &number), TUF_HASH);
    describe("TB-1.image", "software 1");
    assign_with("TB1-2030-000017", 7, d.now_ms + DAY, OTHER);
    assert_verdict(take(&target, &number), TUF_UNSIGNED);
    assign_with("TB1-2030-000017", 7, d.now_ms, DIRECTOR);
    assert_verdict(take(&target, &number), TUF_EXPIRED);
    assert_int_equal(number, 0);
    assert_int_equal(device_version(&d, "director"), 0);
}

/* The keys of targets sign what is announced, and assign nothing. */
static void an_announcement_is_no_assignment(void **state)
{
    (void)state;
    struct tuf_target target;
    int64_t number = 0;
    const struct repository_published *list = repository_served(&r, "targets.json");
    if (list == NULL) list = repository_served(&r, "2.targets.json");
    assert_non_null(list);
    assert_verdict(tuf_client_assign(d.client, bytes_of(list->text, list->len), "TB1-2030-000017",
                                     &target, &number),
                   TUF_UNSIGNED);
}

static void an_older_one_is_refused(void **state)
{
    (void)state;
    struct tuf_target target;
    int64_t number = 0;
    assign("TB1-2030-000017", 9);
    assert_verdict(take(&target, &number), TUF_ACCEPTED);
    assign("TB1-2030-000017", 8);
    assert_verdict(take(&target, &number), TUF_OLDER);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED); /* as after a restart */
    assert_verdict(take(&target, &number), TUF_OLDER);
    assign("TB1-2030-000017", 10);
    assert_verdict(take(&target, &number), TUF_ACCEPTED);
    assert_int_equal(device_version(&d, "director"), 10);
}

static void a_list_without_a_director(void **state)
{
    (void)state;
    struct tuf_target target;
    int64_t number = 0;
    repository_role(&r, "targets")->to_count = 0;
    repository_publish_all(&r);
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    assign("TB1-2030-000017", 7);
    assert_verdict(take(&target, &number), TUF_UNKNOWN_ROLE);
}

static void every_bit_counts(void **state)
{
    (void)state;
    struct tuf_target target;
    int64_t number = 0;
    unsigned refused = 0;
    assign("TB1-2030-000017", 7);
    const uint8_t *body = memmem(text, text_len, "\"signed\":", 9);
    assert_non_null(body);
    for (size_t bit = 8 * (size_t)(body + 9 - text); bit < 8 * (text_len - 1); bit++) {
        text[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (take(&target, &number) != TUF_ACCEPTED) refused++;
        else fail_msg("bit %zu", bit);
        text[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(refused > 2000);
    for (size_t len = 0; len < text_len; len++)
        assert_true(tuf_client_assign(d.client, bytes_of(text, len), "TB1-2030-000017", &target,
                                      &number) != TUF_ACCEPTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_both_say_is_taken, begin, end),
        cmocka_unit_test_setup_teardown(what_one_alone_says_is_not, begin, end),
        cmocka_unit_test_setup_teardown(an_announcement_is_no_assignment, begin, end),
        cmocka_unit_test_setup_teardown(an_older_one_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(a_list_without_a_director, begin, end),
        cmocka_unit_test_setup_teardown(every_bit_counts, begin, end),
    };
    return cmocka_run_group_tests(tests, repository_open, repository_close);
}
