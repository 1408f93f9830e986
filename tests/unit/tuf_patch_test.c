/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file by its delta (S119): taken when the lists announce one for what is here, and only when the
 * announced file comes out; whatever else travels, whenever the power goes, what is here stays and
 * the whole file is to be had. Bytes that travel are counted.
 */
#include "lib/tuf/delta.h"
#include "tests/unit/tuf_repository.h"

enum { FILE_BYTES = 4096, ROOM = 8192 };

static struct repository r;
static struct repository_device d;
static uint8_t before[FILE_BYTES], after[FILE_BYTES], delta[ROOM];
static size_t delta_len;
static char path[64], custom[256];

/* The delta as a target, with this said of it. */
static void announce(const uint8_t from[32], const uint8_t to[32])
{
    struct writer w = writer_over(custom, sizeof custom - 1);
    write_bytes(&w, BYTES("{\"delta\":{\"from\":\""));
    write_hex(&w, bytes_of(from, 32));
    write_bytes(&w, BYTES("\",\"to\":\""));
    write_hex(&w, bytes_of(to, 32));
    write_bytes(&w, BYTES("\"}}"));
    custom[w.len] = '\0';
    struct repository_role *targets = repository_role(&r, "targets");
    repository_add_bytes(&r, "targets", path, bytes_of(delta, delta_len));
    for (size_t i = 0; i < targets->file_count; i++)
        if (strcmp(targets->files[i].path, path) == 0) targets->files[i].custom = custom;
    repository_publish_all(&r);
}

static int begin(void **state)
{
    (void)state;
    struct delta head;
    for (size_t i = 0; i < FILE_BYTES; i++) before[i] = (uint8_t)(i * i >> 3 ^ i * 7);
    memcpy(after, before, sizeof after);
    memcpy(after + 1000, "another build", 13);
    struct writer w = writer_over(delta, sizeof delta);
    assert_ok(delta_write(BYTES_OF(before), BYTES_OF(after), &w));
    delta_len = w.len;
    assert_ok(delta_read(writer_view(&w), &head));
    assert_ok(delta_path("image", head.from, path, sizeof path));
    repository_begin(&r, &d);
    assert_verdict(device_init(&d), TUF_ACCEPTED);
    repository_add_bytes(&r, "targets", "image", BYTES_OF(after));
    announce(head.from, head.to);
    return 0;
}

static int end(void **state)
{
    (void)state;
    repository_end(&r, &d);
    return 0;
}

static enum tuf_verdict patch(struct bytes base, size_t *ret_travelled)
{
    struct tuf_target target;
    struct bytes content = {0};
    TUF_TRY(device_refresh(&d));
    TUF_TRY(tuf_client_find(d.client, "image", &target));
    TUF_TRY(tuf_client_patch(d.client, &target, base, &content, ret_travelled));
    assert_int_equal(content.len, FILE_BYTES);
    assert_memory_equal(content.at, after, FILE_BYTES);
    return TUF_ACCEPTED;
}

static void assert_whole_is_to_be_had(void)
{
    assert_int_equal(d.file_count, 0);
    assert_verdict(device_download(&d, "image", NULL), TUF_ACCEPTED);
    assert_memory_equal(device_file(&d, "image")->text, after, FILE_BYTES);
}

/* What a mirror puts in the place of the delta. */
static void serve_delta(const void *content, size_t len)
{
    size_t replaced = 0;
    for (size_t i = 0; i < r.published_count; i++) {
        const char *name = r.published[i].name, *at = strstr(name, ".delta");
        if (at == NULL || strcmp(at, ".delta") != 0) continue;
        repository_serve(&r, name, content, len);
        replaced++;
    }
    assert_true(replaced > 0);
}

static void it_travels_in_place_of_the_file(void **state)
{
    (void)state;
    size_t travelled = 0;
    assert_verdict(device_refresh(&d), TUF_ACCEPTED);
    uint64_t fetched = r.fetched;
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_ACCEPTED);
    assert_int_equal(travelled, delta_len);
    assert_true(travelled < FILE_BYTES / 10);
    assert_true(r.fetched - fetched < FILE_BYTES);
    assert_int_equal(d.file_count, 1); /* the file, and not the delta */
    assert_memory_equal(device_file(&d, "image")->text, after, FILE_BYTES);
    /* It is here now, whatever it would be made from. */
    struct tuf_target target;
    struct bytes content = {0};
    assert_verdict(tuf_client_find(d.client, "image", &target), TUF_ACCEPTED);
    assert_verdict(tuf_client_patch(d.client, &target, (struct bytes){0}, &content, &travelled),
                   TUF_UNCHANGED);
    assert_int_equal(travelled, 0);
    assert_int_equal(content.len, FILE_BYTES);
}

static void there_is_none_for_what_is_here(void **state)
{
    (void)state;
    size_t travelled = 1;
    before[0] ^= 1;
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_NO_TARGET);
    assert_int_equal(travelled, 0);
    assert_verdict(patch((struct bytes){0}, &travelled), TUF_NO_TARGET);
    assert_whole_is_to_be_had();
}

/* A mirror cannot change it; nor does one that is announced, and wrong, come through. */
static void what_is_wrong_falls_back(void **state)
{
    (void)state;
    size_t travelled = 0;
    uint8_t changed[ROOM];
    memcpy(changed, delta, delta_len);
    changed[delta_len - 1] ^= 1;
    serve_delta(changed, delta_len);
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_HASH);
    serve_delta(changed, delta_len - 1);
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_HASH);
    memset(changed + delta_len, 0, 100);
    serve_delta(changed, delta_len + 100);
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_HASH);
    assert_int_equal(travelled, 0); /* longer than announced: it was not taken */
    assert_whole_is_to_be_had();
}

/* The lists themselves say something wrong: each kind ends in the whole file. */
static void what_is_announced_and_wrong(void **state)
{
    (void)state;
    struct delta head;
    uint8_t good[ROOM], other[FILE_BYTES];
    size_t good_len = delta_len, travelled = 0;
    memcpy(good, delta, delta_len);
    assert_ok(delta_read(bytes_of(good, good_len), &head));
    /* A frame that is none. */
    memset(delta + DELTA_HEAD_BYTES, 0, delta_len - DELTA_HEAD_BYTES);
    announce(head.from, head.to);
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_HASH);
    assert_int_equal(travelled, delta_len);
    /* Another file comes out, in the right way: as long, shorter, longer. */
    for (int by = -1; by <= 1; by++) {
        memcpy(other, after, sizeof other);
        other[5] ^= 1;
        struct writer w = writer_over(delta, sizeof delta);
        size_t len = by < 0 ? FILE_BYTES - 1 : FILE_BYTES;
        uint8_t longer[FILE_BYTES + 1] = {0};
        memcpy(longer, other, sizeof other);
        assert_ok(delta_write(BYTES_OF(before), bytes_of(longer, len + (by > 0)), &w));
        delta_len = w.len;
        announce(head.from, head.to);
        assert_verdict(patch(BYTES_OF(before), &travelled), TUF_HASH);
    }
    /* It says that it leads elsewhere, or from elsewhere; then it is not fetched. */
    memcpy(delta, good, good_len);
    delta_len = good_len;
    announce(head.from, head.from);
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_NO_TARGET);
    announce(head.to, head.to);
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_NO_TARGET);
    assert_int_equal(travelled, 0);
    assert_whole_is_to_be_had();
}

/* One that is longer than the file itself is not worth its way. */
static void one_that_is_longer(void **state)
{
    (void)state;
    struct delta head;
    size_t travelled = 0;
    assert_ok(delta_read(bytes_of(delta, delta_len), &head));
    memset(delta + delta_len, 0, FILE_BYTES - delta_len);
    delta_len = FILE_BYTES;
    announce(head.from, head.to);
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_NO_TARGET);
    assert_whole_is_to_be_had();
}

/* Before and after each write: the next time it ends where it was to end. */
static void the_power_goes(void **state)
{
    (void)state;
    size_t travelled = 0;
    assert_verdict(patch(BYTES_OF(before), &travelled), TUF_ACCEPTED);
    int writes = d.writes;
    assert_true(writes > 3);
    for (int i = 0; i < 2 * writes; i++) {
        end(NULL);
        begin(NULL);
        d.writes = 0;
        d.cut_at = i / 2;
        d.cut_after = i % 2 == 1;
        enum tuf_verdict cut = patch(BYTES_OF(before), &travelled);
        if (!d.dead) break; /* the writes of init are behind it */
        assert_verdict(cut, TUF_STORE);
        d.cut_at = -1;
        d.dead = false;
        enum tuf_verdict again = patch(BYTES_OF(before), &travelled);
        assert_true(again == TUF_ACCEPTED || again == TUF_UNCHANGED);
        assert_memory_equal(device_file(&d, "image")->text, after, FILE_BYTES);
    }
    assert_false(d.dead);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_travels_in_place_of_the_file, begin, end),
        cmocka_unit_test_setup_teardown(there_is_none_for_what_is_here, begin, end),
        cmocka_unit_test_setup_teardown(what_is_wrong_falls_back, begin, end),
        cmocka_unit_test_setup_teardown(what_is_announced_and_wrong, begin, end),
        cmocka_unit_test_setup_teardown(one_that_is_longer, begin, end),
        cmocka_unit_test_setup_teardown(the_power_goes, begin, end),
    };
    return cmocka_run_group_tests_name("tuf_patch", tests, repository_open, repository_close);
}
