/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of an application (S132, S145): a picture by its content and not by its name, large
 * enough to be read and not too large; kept under its digest, asked for before sending, erased with
 * the application; and a crash at every call to the store leaves no file that nobody knows of.
 */
#include "backoffice/applications/documents.h"
#include "tests/unit/applications_bench.h"

#define DAY_MS INT64_C(86400000)

static size_t jpeg(unsigned width, unsigned height, uint8_t out[128])
{
    static const uint8_t head[] = {0xFF, 0xD8, 0xFF, 0xE0, 0, 4,  'J',
                                   'F',  0xFF, 0xFF, 0xC2, 0, 11, 8};
    static const uint8_t tail[] = {1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8,    1,   1,
                                   0, 0, 63,   0, 5,    5,    5, 0xFF, 0xD9};
    struct writer w = writer_over(out, 128);
    write_bytes(&w, BYTES_OF(head));
    write_be(&w, height, 2);
    write_be(&w, width, 2);
    write_bytes(&w, BYTES_OF(tail));
    return w.len;
}

static size_t png(unsigned width, unsigned height, uint8_t out[128])
{
    struct writer w = writer_over(out, 128);
    write_bytes(&w, BYTES("\x89PNG\r\n\x1A\n"));
    write_be(&w, 13, 4);
    write_bytes(&w, BYTES("IHDR"));
    write_be(&w, width, 4);
    write_be(&w, height, 4);
    write_bytes(&w, BYTES("\x08\x02\0\0\0\0\0\0\0"));
    write_be(&w, 0, 4);
    write_bytes(&w, BYTES("IEND\xAE\x42\x60\x82"));
    return w.len;
}

static void pictures_are_known_by_their_content(void **state)
{
    (void)state;
    uint8_t file[128];
    struct picture p;
    size_t len = jpeg(800, 600, file);
    assert_ok(picture_look(bytes_of(file, len), &p));
    assert_true(p.type == PICTURE_JPEG && p.width == 800 && p.height == 600);
    /* Cut anywhere, it is none. */
    for (size_t cut = 0; cut < len; cut++)
        assert_true(FAILED(picture_look(bytes_of(file, cut), &p)));
    len = png(801, 601, file);
    assert_ok(picture_look(bytes_of(file, len), &p));
    assert_true(p.type == PICTURE_PNG && p.width == 801 && p.height == 601);
    for (size_t cut = 0; cut < len; cut++)
        assert_true(FAILED(picture_look(bytes_of(file, cut), &p)));
    assert_err(picture_look(bytes_of(file, png(0, 600, file)), &p), RANGE);
    assert_err(picture_look(bytes_of(file, png(20001, 600, file)), &p), RANGE);
    assert_ok(picture_look(BYTES("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"), &p));
    assert_int_equal(p.type, PICTURE_PDF);
    static const char *const none[] = {"",
                                       "x",
                                       "GIF89a",
                                       "<svg onload=alert(1)>",
                                       "<html>",
                                       "MZ",
                                       "%PDF-1.7 and no end",
                                       "%PDF-1.7 /OpenAction << /S /JavaScript >> %%EOF",
                                       "\xFF\xD8\xFF",
                                       "\x89PNG\r\n\x1A\nIHDR"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        assert_true(FAILED(picture_look(bytes_text(none[i]), &p)));
}

static struct scratch scratch;

static struct bench with_directory(void)
{
    struct bench t = bench_open();
    scratch_make(&scratch);
    t.as->uploads->directory = scratch.directory;
    return t;
}

static unsigned files(void)
{
    unsigned count = 0;
    DIR *directory = opendir(scratch.directory);
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static err try_take(struct bench *t, enum document_kind kind, unsigned width,
                    enum application_verdict *verdict)
{
    uint8_t file[128];
    size_t len = jpeg(width, 600, file);
    return document_take(t->as, t->a.id, &t->applicant, kind, bytes_of(file, len), verdict);
}

static void take_all(struct bench *t)
{
    enum application_verdict verdict;
    for (enum document_kind k = DOCUMENT_IDENTITY_FRONT; k < DOCUMENT_KINDS; k++) {
        assert_ok(try_take(t, k, 600 + (unsigned)k, &verdict));
        assert_int_equal(verdict, APPLY_VERDICT_OK);
    }
}

static void what_is_sent_has_its_documents(void **state)
{
    (void)state;
    struct bench t = with_directory();
    enum application_verdict verdict;
    static uint8_t large[UPLOAD_BYTES_MAX + 1];
    bench_ready(&t);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_DOCUMENTS);
    assert_ok(try_take(&t, DOCUMENT_LICENCE, UPLOAD_SIDE_MIN - 1, &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_TOO_SMALL);
    assert_ok(document_take(t.as, t.a.id, &t.applicant, DOCUMENT_LICENCE, BYTES("licence.jpg"),
                            &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_NOT_PICTURE);
    assert_ok(
        document_take(t.as, t.a.id, &t.applicant, DOCUMENT_LICENCE, BYTES_OF(large), &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_TOO_LARGE);
    assert_int_equal(files(), 0);
    take_all(&t);
    assert_int_equal(files(), 6);
    /* Another photo takes the place of the first, which goes. */
    assert_ok(try_take(&t, DOCUMENT_LICENCE, 2000, &verdict));
    assert_int_equal(files(), 7);
    rig_pass(t.rig, 61000);
    assert_int_equal(files(), 6);
    struct upload d[UPLOADS_MAX];
    size_t count = 0, len = 0;
    assert_ok(uploads_of(t.as->store, UPLOAD_OF_APPLICATION, t.a.id, d, &count));
    assert_int_equal(count, 6);
    assert_int_equal(d[2].picture.width, 2000);
    assert_ok(upload_read(t.as->uploads, &d[2], large, &len));
    assert_int_equal(len, d[2].bytes);
    assert_int_equal(bench_send(&t), APPLY_VERDICT_OK);
    /* Sent, it takes none. */
    assert_ok(try_take(&t, DOCUMENT_LICENCE, 2000, &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_NOT_NOW);
    /* Withdrawn and its time over: all gone. */
    assert_int_equal(bench_move(&t, LIFE_WITHDRAW, WHO_APPLICANT), APPLY_VERDICT_OK);
    rig_pass(t.rig, 90 * DAY_MS);
    assert_int_equal(files(), 0);
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM upload_file"), 0);
    rig_close(t.rig);
    scratch_remove(&scratch);
}

/* Two applicants with the same photo have one file, until the last of them is gone. */
static void one_file_may_be_of_two(void **state)
{
    (void)state;
    struct bench t = with_directory();
    enum application_verdict verdict;
    for (int i = 0; i < 2; i++) {
        assert_ok(bench_try_begin(&t));
        assert_ok(try_take(&t, DOCUMENT_SHOP_FRONT, 700, &verdict));
        rig_pass(t.rig, 20 * DAY_MS);
    }
    assert_int_equal(files(), 1);
    rig_pass(t.rig, 9 * DAY_MS); /* the first is 49 days old, the second 29 */
    assert_int_equal(files(), 1);
    rig_pass(t.rig, 2 * DAY_MS);
    assert_int_equal(files(), 0);
    rig_close(t.rig);
    scratch_remove(&scratch);
}

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(CRASHED) : OK;
}

static void a_crash_leaves_no_file_that_nobody_knows(void **state)
{
    (void)state;
    bool whole = false;
    unsigned crashes = 0;
    for (int at = 0; !whole; at++) {
        struct bench t = with_directory();
        enum application_verdict verdict;
        struct reaper reaper = {at};
        assert_ok(bench_try_begin(&t));
        store_set_fault(t.as->store, reap, &reaper);
        err e = try_take(&t, DOCUMENT_SHOP_FRONT, 700, &verdict);
        store_set_fault(t.as->store, NULL, NULL);
        whole = !FAILED(e);
        crashes += FAILED(e);
        bench_restart(&t);
        t.as->uploads->directory = scratch.directory;
        int64_t has = bench_count(&t, "SELECT count(*) FROM upload");
        assert_true(files() <= bench_count(&t, "SELECT count(*) FROM upload_file"));
        rig_pass(t.rig, 61000);
        assert_int_equal(files(), has);
        assert_true(!whole || has == 1);
        rig_close(t.rig);
        scratch_remove(&scratch);
    }
    assert_true(crashes > 10);
}

/* Who looks at somebody's identity card is on record, once for each look, before he sees it. */
static void who_looks_is_on_record(void **state)
{
    (void)state;
    struct bench t = with_directory();
    struct browser agent = {.realm = "staff"}, chief = {.realm = "staff"};
    static const char path[] = "/api/v1/applications/SQ00000001/documents/identity_front";
    static const char views[] = "SELECT count(*) FROM audit WHERE event = 'document_viewed' AND"
                                " subject = 'SQ00000001' AND detail = 'identity_front'";
    (void)rig_known(t.rig, &agent, "agent", ROLE_AGENT);
    (void)rig_known(t.rig, &chief, "chief", ROLE_APPROVER);
    bench_ready(&t);
    take_all(&t);
    assert_int_equal(rig_ask(t.rig, &agent, "GET", path, ""), 200);
    assert_int_equal(bench_count(&t, views), 1);
    assert_int_equal(rig_ask(t.rig, &agent, "GET", path, ""), 200); /* the next piece of it */
    assert_int_equal(bench_count(&t, views), 1);
    assert_int_equal(rig_ask(t.rig, &chief, "GET", path, ""), 200);
    assert_int_equal(bench_count(&t, views), 2);
    t.rig->now_ms += UPLOAD_VIEW_MS;
    assert_int_equal(rig_ask(t.rig, &agent, "GET", path, ""), 200);
    assert_int_equal(bench_count(&t, views), 3);
    rig_close(t.rig);
    scratch_remove(&scratch);
}

/* A house that kept documents before papers of changes were taken has them still. */
static void documents_of_before_are_kept(void **state)
{
    (void)state;
    const struct store_schema before = {uploads_schema.name, uploads_schema.migration, 1};
    const struct store_options options = {.mode = STORE_MEMORY};
    struct store *store = NULL;
    struct upload d;
    int64_t files_now = 0;
    assert_ok(store_open("before", &options, NULL, &store));
    assert_ok(store_exec(store, "CREATE TABLE application(id INTEGER PRIMARY KEY) STRICT"));
    assert_ok(store_migrate(store, &before));
    assert_ok(store_exec(store, "INSERT INTO application VALUES(7)"));
    assert_ok(store_exec(store, "INSERT INTO application_file VALUES(zeroblob(32), 5)"));
    assert_ok(store_exec(store, "INSERT INTO application_document VALUES(7, 3, zeroblob(32), 1,"
                                " 1000, 800, 600, 6)"));
    assert_ok(store_migrate(store, &uploads_schema));
    assert_ok(upload_find(store, UPLOAD_OF_APPLICATION, 7, DOCUMENT_LICENCE, &d));
    assert_true(d.picture.type == PICTURE_JPEG && d.picture.width == 800 && d.bytes == 1000);
    assert_ok(store_query_int(store, "SELECT count(*) FROM upload_file", &files_now));
    assert_int_equal(files_now, 1);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_are_known_by_their_content),
        cmocka_unit_test(what_is_sent_has_its_documents),
        cmocka_unit_test(one_file_may_be_of_two),
        cmocka_unit_test(a_crash_leaves_no_file_that_nobody_knows),
        cmocka_unit_test(who_looks_is_on_record),
        cmocka_unit_test(documents_of_before_are_kept),
    };
    return cmocka_run_group_tests_name("applications_documents", tests, NULL, NULL);
}
