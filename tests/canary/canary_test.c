/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search itself: a mark that is there is found, in every spelling, at every place, and once. A
 * search that cannot fail proves nothing about the programs.
 */
#include "tests/unit/scratch.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include "lib/base/file.h"
#include "lib/base/random.h"
#include "tests/canary/places.h"

struct told {
    unsigned count;
    char label[MARK_LABEL_MAX], encoding[32], place[PLACE_NAME_MAX];
    uint64_t at;
};

static void tell(void *context, const char *label, const char *encoding, const char *place,
                 uint64_t at)
{
    struct told *told = context;
    told->count++;
    snprintf(told->label, sizeof told->label, "%s", label);
    snprintf(told->encoding, sizeof told->encoding, "%s", encoding);
    snprintf(told->place, sizeof told->place, "%s", place);
    told->at = at;
}

static struct rig {
    struct marks marks;
    uint8_t block[SEARCH_BLOCK];
    struct told told;
    struct search search;
} rig;

static struct search *begin(const char *label, const char *secret)
{
    memset(&rig, 0, sizeof rig);
    rig.search = (struct search){
        .marks = &rig.marks, .block = rig.block, .tell = tell, .context = &rig.told};
    assert_ok(marks_add(&rig.marks, label, bytes_text(secret)));
    return &rig.search;
}

/* ---- spellings, as other programs wrote them ---------------------------------------------------
 */

static void counted(void *context, const struct mark_spelling *spelling, size_t offset)
{
    struct told *told = context;
    told->count++;
    told->at = offset;
    snprintf(told->encoding, sizeof told->encoding, "%s", spelling->name);
}

static void every_spelling_is_found(void **state)
{
    static const struct {
        const char *name;
        struct bytes text;
        uint64_t at;
    } rows[] = {
        {"utf-8", BYTES("xcanary-4711-Zxx"), 1},
        {"utf-16le", BYTES("c\0a\0n\0a\0r\0y\0-\0004\0007\0001\0001\0-\0Z\0x\0"), 0},
        {"hex", BYTES("..63616e6172792d343731312d5a78.."), 2},
        {"HEX", BYTES("63616E6172792D343731312D5A78"), 0},
        {"base64", BYTES("Y2FuYXJ5LTQ3MTEtWnghISE="), 0},
        {"base64", BYTES("YWNhbmFyeS00NzExLVp4ISEh"), 2},
        {"base64", BYTES("YWJjYW5hcnktNDcxMS1aeCEhIQ=="), 3},
    };
    (void)state;
    begin("a password", "canary-4711-Zx");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        memset(&rig.told, 0, sizeof rig.told);
        marks_search(&rig.marks, rows[i].text, counted, &rig.told);
        assert_int_equal(rig.told.count, 1);
        assert_string_equal(rig.told.encoding, rows[i].name);
        assert_int_equal(rig.told.at, rows[i].at);
    }
}

/* ISO 9564 format 4 begins 4 N and the digits, two a byte. */
static void a_pin_in_a_clear_block_is_found(void **state)
{
    (void)state;
    begin("PIN", "918273645564");
    marks_search(&rig.marks, BYTES("\x4c\x91\x82\x73\x64\x55\x64\xaa\xaa"), counted, &rig.told);
    assert_int_equal(rig.told.count, 1);
    assert_string_equal(rig.told.encoding, "packed digits");
    memset(&rig.told, 0, sizeof rig.told);
    marks_search(&rig.marks, BYTES("\xc9\x18\x27\x36\x45\x56\x4a\xaa"), counted, &rig.told);
    assert_int_equal(rig.told.count, 1);
}

static void what_is_nearly_a_mark_is_none(void **state)
{
    (void)state;
    begin("a password", "canary-4711-Zx");
    marks_search(&rig.marks, BYTES("canary-4711-Zy canary-4711-Z"), counted, &rig.told);
    marks_search(&rig.marks, BYTES("63616E6172792d343731312D5A78"), counted, &rig.told);
    marks_search(&rig.marks, BYTES(""), counted, &rig.told);
    assert_int_equal(rig.told.count, 0);
}

/* Six digits of a code are in many a time stamp; a code stands between other characters. */
static void a_short_number_stands_alone(void **state)
{
    (void)state;
    begin("a code", "592837");
    marks_search(&rig.marks, BYTES("1903592837444 5928370 0592837"), counted, &rig.told);
    assert_int_equal(rig.told.count, 0);
    marks_search(&rig.marks, BYTES("code 592837."), counted, &rig.told);
    marks_search(&rig.marks, BYTES("592837"), counted, &rig.told);
    assert_int_equal(rig.told.count, 2);
}

static void a_search_for_nothing_is_refused(void **state)
{
    static struct marks marks;
    (void)state;
    memset(&rig, 0, sizeof rig);
    assert_err(marks_read(&marks, BYTES("")), MISSING);
    assert_err(marks_read(&marks, BYTES("label\tsecret-without-an-end")), FORMAT);
    assert_err(marks_read(&marks, BYTES("no tab here\n")), FORMAT);
    assert_err(marks_read(&marks, BYTES("too short\t12345\n")), LENGTH);
    assert_err(marks_read(&marks, BYTES("\t12345678\n")), LENGTH);
    assert_ok(marks_read(&marks, BYTES("one\t12345678\ntwo\t87654321\n")));
    assert_err(marks_read(&marks, BYTES("again\t12345678\n")), EXISTS);
    assert_int_equal(marks.count, 2);
    assert_err(marks_read(&marks, BYTES("bytes\thex:01020304050\n")), FORMAT);
    assert_ok(marks_read(&marks, BYTES("bytes\thex:0a0900ff7f01\n")));
    marks_search(&marks, BYTES("..\x0a\x09\x00\xff\x7f\x01"), counted, &rig.told);
    assert_int_equal(rig.told.count, 1);
}

/* ---- files -------------------------------------------------------------------------------------
 */

static void a_mark_across_two_blocks_is_found_once(void **state)
{
    enum { SIZE = SEARCH_BLOCK + 4096 };
    static uint8_t content[SIZE];
    struct scratch scratch;
    (void)state;
    scratch_make(&scratch);
    struct search *search = begin("a password", "canary-4711-Zx");
    for (size_t before = 0; before <= 14; before++) {
        memset(content, 'c', SIZE);
        memcpy(content + SEARCH_BLOCK - before, "canary-4711-Zx", 14);
        assert_ok(file_write(scratch_path(&scratch, "deep"), FILE_PRIVATE, BYTES_OF(content)));
        memset(&rig.told, 0, sizeof rig.told);
        assert_ok(search_files(search, scratch.directory)); /* the folder: names are joined too */
        assert_int_equal(rig.told.count, 1);
        assert_int_equal(rig.told.at, SEARCH_BLOCK - before);
        assert_string_equal(rig.told.place, scratch.path);
    }
    assert_int_equal(search->bytes, 15 * (uint64_t)SIZE);
    scratch_remove(&scratch);
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct search *search = begin("a password", "canary-4711-Zx");
    assert_err(search_files(search, "/tmp/tongbao-test-no-such-file"), IO);
    assert_int_equal(search->places, 0);
}

/* ---- processes ---------------------------------------------------------------------------------
 */

/* A process of its own, made before there is a mark: what it has of it was given to it. */
struct holder {
    pid_t pid;
    int give, taken;
};

enum hold { HOLD_NOTHING, HOLD_HEAP, HOLD_STACK, HOLD_MAPPING, HOLD_WIPED };

static void hold(enum hold how, int fd, int ready)
{
    enum { FAR = 5 << 20 };
    char stack[32] = "", *heap = malloc(64);
    char *mapping =
        mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *places[] = {[HOLD_NOTHING] = NULL,
                      [HOLD_HEAP] = heap,
                      [HOLD_STACK] = stack,
                      [HOLD_MAPPING] = mapping + FAR,
                      [HOLD_WIPED] = heap};
    char end;
    if (how == HOLD_WIPED || how == HOLD_NOTHING) {
        (void)!read(fd, heap, 12);
        explicit_bzero(heap, 12);
    } else {
        (void)!read(fd, places[how], 12);
    }
    (void)!write(ready, "r", 1);
    (void)!read(fd, &end, 1); /* until the test has looked */
    _exit(stack[0] == 'x' ? 1 : 0);
}

static void holder_start(struct holder *holder, enum hold how)
{
    int give[2], taken[2];
    assert_int_equal(pipe(give), 0);
    assert_int_equal(pipe(taken), 0);
    holder->pid = fork();
    assert_true(holder->pid >= 0);
    if (holder->pid == 0) {
        close(give[1]);
        hold(how, give[0], taken[1]);
    }
    close(give[0]);
    close(taken[1]);
    holder->give = give[1];
    holder->taken = taken[0];
}

static void holder_give(const struct holder *holder, const char *secret)
{
    char ready;
    assert_int_equal(write(holder->give, secret, 12), 12);
    assert_int_equal(read(holder->taken, &ready, 1), 1);
}

static void holder_end(const struct holder *holder)
{
    close(holder->give);
    close(holder->taken);
    assert_int_equal(waitpid(holder->pid, NULL, 0), holder->pid);
}

static void make_secret(char secret[13])
{
    struct random random = random_system();
    for (int i = 0; i < 12; i++) secret[i] = (char)('A' + random_below(&random, 26));
    secret[12] = '\0';
}

static void memory_is_searched_wherever_it_may_be_written(void **state)
{
    static const struct {
        enum hold how;
        unsigned found;
    } rows[] = {
        {HOLD_NOTHING, 0}, {HOLD_HEAP, 1}, {HOLD_STACK, 1}, {HOLD_MAPPING, 1}, {HOLD_WIPED, 0}};
    (void)state;
#ifdef __SANITIZE_ADDRESS__
    print_message("skipped: the sanitizer maps sixteen terabytes, and every page is asked for\n");
    skip();
#endif
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct holder holder;
        char secret[13];
        memset(&rig, 0, sizeof rig); /* no mark of the row before in the child */
        holder_start(&holder, rows[i].how);
        make_secret(secret);
        holder_give(&holder, secret);
        struct search *search = begin("given", secret);
        assert_ok(search_process(search, "holder", holder.pid));
        assert_true(search->bytes > 4096);
        assert_int_equal(rig.told.count > 0, rows[i].found);
        holder_end(&holder);
        assert_err(search_process(search, "holder", holder.pid), NOT_FOUND);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spelling_is_found),
        cmocka_unit_test(a_pin_in_a_clear_block_is_found),
        cmocka_unit_test(what_is_nearly_a_mark_is_none),
        cmocka_unit_test(a_short_number_stands_alone),
        cmocka_unit_test(a_search_for_nothing_is_refused),
        cmocka_unit_test(a_mark_across_two_blocks_is_found_once),
        cmocka_unit_test(a_file_that_is_not_there_is_an_error),
        cmocka_unit_test(memory_is_searched_wherever_it_may_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
