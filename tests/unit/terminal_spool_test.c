/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slips and a printer that answers, is mute, runs out of paper in the middle, loses its plug, falls
 * silent or talks nonsense (S175): a slip is never printed twice, one in doubt is told, and those
 * that were not begun wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "terminal/device/spool.h"

/* What the printer got, and what was told. */
struct stand {
    struct spool spool;
    int64_t now_ms;
    unsigned paper_questions, through_questions, changes;
    unsigned slips[8]; /* by the first byte of a slip: how often it came */
    int64_t ended[16]; /* numbers in order; negative: in doubt */
    size_t ends;
};

static void on_send(void *context, struct bytes b)
{
    struct stand *s = context;
    if (b.len == 3 && memcmp(b.at, "\x10\x04\x04", 3) == 0) s->paper_questions++;
    else if (b.len == 3 && memcmp(b.at, "\x1dr\x01", 3) == 0) s->through_questions++;
    else if (b.len == 3 && memcmp(b.at,
                                  "\x1d"
                                  "a\0",
                                  3) == 0)
        return;
    else {
        assert_true(b.len > 3 && b.at[0] >= '0' && b.at[0] <= '7');
        s->slips[b.at[0] - '0']++;
    }
}

static void on_changed(void *context)
{
    ((struct stand *)context)->changes++;
}

static void on_ended(void *context, int64_t number, enum spool_end end)
{
    struct stand *s = context;
    assert_true(s->ends < ARRAY_LEN(s->ended));
    s->ended[s->ends++] = end == SPOOL_PRINTED ? number : -number;
}

static struct stand stand;

static int begin(void **state)
{
    (void)state;
    memset(&stand, 0, sizeof stand);
    const struct spool_ports ports = {&stand, on_send, on_changed, on_ended};
    stand.now_ms = 1000000;
    spool_begin(&stand.spool, &ports);
    return 0;
}

static void says(const char *bytes, size_t len)
{
    spool_taken(&stand.spool, bytes_of(bytes, len), stand.now_ms);
}

static void wait_ms(int64_t ms)
{
    int64_t until = stand.now_ms + ms, due;
    while (spool_tick(&stand.spool, stand.now_ms, &due) && due <= until)
        stand.now_ms = due > stand.now_ms ? due : stand.now_ms;
    stand.now_ms = until;
}

static err slip(unsigned number)
{
    char text[8] = {(char)('0' + number), 's', 'l', 'i', 'p', '\n'};
    return spool_add(&stand.spool, number, bytes_of(text, 6), stand.now_ms);
}

#define PAPER       "\x12"
#define PAPER_LOW   "\x1e"
#define NO_PAPER    "\x72"
#define THROUGH     "\0"
#define THROUGH_OUT "\x0c"

static void open_well(void)
{
    spool_opened(&stand.spool, stand.now_ms);
    assert_int_equal(stand.spool.state, SPOOL_ASKING);
    says(PAPER, 1);
    assert_int_equal(stand.spool.state, stand.spool.count > 0 ? SPOOL_BUSY : SPOOL_READY);
}

static void slips_one_after_the_other(void **state)
{
    (void)state;
    assert_int_equal(slip(1).code, ERR_OK); /* waits for the plug */
    assert_int_equal(stand.slips[1], 0);
    open_well();
    assert_int_equal(stand.spool.state, SPOOL_BUSY);
    assert_int_equal(slip(2).code, ERR_OK);
    assert_int_equal(stand.slips[1], 1);
    assert_int_equal(stand.slips[2], 0); /* not before the first is through */
    says(THROUGH, 1);
    assert_int_equal(stand.ended[0], 1);
    assert_int_equal(stand.slips[2], 1);
    says(PAPER_LOW, 1); /* an answer of the watch: still printing, and little paper */
    assert_int_equal(stand.spool.state, SPOOL_BUSY);
    assert_true(stand.spool.low);
    says(THROUGH, 1);
    assert_int_equal(stand.ended[1], 2);
    assert_int_equal(stand.spool.state, SPOOL_READY);
    assert_int_equal(stand.through_questions, 2);
    says(THROUGH, 1); /* an answer that nobody waits for */
    assert_int_equal(stand.ends, 2);
}

static void no_paper_before_a_slip(void **state)
{
    (void)state;
    spool_opened(&stand.spool, stand.now_ms);
    says(NO_PAPER, 1);
    assert_int_equal(stand.spool.state, SPOOL_PAPER_OUT);
    assert_int_equal(slip(1).code, ERR_OK);
    for (int i = 0; i < 300; i++) { /* five minutes without paper */
        wait_ms(SPOOL_WATCH_MS);
        says(NO_PAPER, 1);
    }
    assert_int_equal(stand.slips[1], 0);
    assert_true(stand.paper_questions >= 300);
    says(PAPER, 1);
    assert_int_equal(stand.slips[1], 1);
    says(THROUGH, 1);
    assert_int_equal(stand.ended[0], 1); /* nothing of it was cut: no doubt */
}

static void paper_ends_in_the_middle(void **state)
{
    (void)state;
    open_well();
    assert_int_equal(slip(1).code, ERR_OK);
    assert_int_equal(slip(2).code, ERR_OK);
    wait_ms(SPOOL_WATCH_MS);
    says(NO_PAPER, 1);
    assert_int_equal(stand.spool.state, SPOOL_PAPER_OUT);
    assert_int_equal(stand.ends, 0); /* it may go on by itself */
    for (int i = 0; i < 60; i++) {
        wait_ms(SPOOL_WATCH_MS);
        says(NO_PAPER, 1);
    }
    says(PAPER, 1);
    assert_int_equal(stand.spool.state, SPOOL_BUSY);
    says(THROUGH, 1);
    assert_int_equal(stand.ended[0], -1); /* a person looks at it */
    assert_int_equal(stand.slips[1], 1);  /* and it did not come again */
    assert_int_equal(stand.slips[2], 1);
    says(THROUGH_OUT, 1); /* the last line was the end of the roll */
    assert_int_equal(stand.ended[1], -2);
    assert_int_equal(stand.spool.state, SPOOL_PAPER_OUT);
}

static void the_plug_is_pulled(void **state)
{
    (void)state;
    open_well();
    assert_int_equal(slip(1).code, ERR_OK);
    assert_int_equal(slip(2).code, ERR_OK);
    spool_lost(&stand.spool);
    assert_int_equal(stand.ended[0], -1);
    assert_int_equal(stand.ends, 1);
    assert_true(spool_out_of_order(&stand.spool));
    int64_t due;
    assert_false(spool_tick(&stand.spool, stand.now_ms + 100000, &due));
    says(PAPER, 1); /* of a line that is gone */
    assert_int_equal(stand.spool.state, SPOOL_ABSENT);
    open_well();
    says(THROUGH, 1);
    assert_int_equal(stand.ended[1], 2);
    assert_int_equal(stand.slips[1], 1);
}

static void a_printer_without_answers(void **state)
{
    (void)state;
    spool_opened(&stand.spool, stand.now_ms);
    assert_int_equal(slip(1).code, ERR_OK);
    wait_ms(SPOOL_ANSWER_MS * SPOOL_QUESTIONS - 1);
    assert_int_equal(stand.slips[1], 0);
    wait_ms(2);
    assert_int_equal(stand.slips[1], 1);
    assert_int_equal(stand.through_questions, 0);
    assert_int_equal(stand.ends, 0);
    spool_written(&stand.spool, stand.now_ms);
    assert_int_equal(stand.ended[0], 1);
    assert_int_equal(stand.spool.state, SPOOL_READY);
    unsigned before = stand.paper_questions;
    wait_ms(60000);
    assert_int_equal(stand.paper_questions, before); /* it is not asked any more */
    assert_int_equal(slip(2).code, ERR_OK);
    wait_ms(SPOOL_PRINT_MS + SPOOL_WATCH_MS); /* it takes no bytes: out of order */
    assert_int_equal(stand.ended[1], -2);
    assert_int_equal(stand.spool.state, SPOOL_FAULT);
}

static void it_falls_silent(void **state)
{
    (void)state;
    open_well();
    wait_ms(SPOOL_LOOK_MS + SPOOL_ANSWER_MS * (SPOOL_QUESTIONS + 8));
    assert_int_equal(stand.spool.state, SPOOL_FAULT);
    assert_int_equal(slip(1).code, ERR_OK);
    wait_ms(60000);
    assert_int_equal(stand.slips[1], 0);
    says(PAPER, 1);
    assert_int_equal(stand.slips[1], 1);
    wait_ms(SPOOL_PRINT_MS + SPOOL_WATCH_MS); /* and now in the middle of a slip */
    assert_int_equal(stand.ended[0], -1);
    assert_int_equal(stand.spool.state, SPOOL_FAULT);
    says(PAPER, 1);
    assert_int_equal(stand.spool.state, SPOOL_READY);
    assert_int_equal(stand.slips[1], 1);
}

static void it_talks_nonsense(void **state)
{
    (void)state;
    open_well();
    assert_int_equal(slip(1).code, ERR_OK);
    says("HTTP", 4);
    assert_int_equal(stand.spool.state, SPOOL_FAULT);
    assert_int_equal(stand.ended[0], -1);
    assert_int_equal(slip(2).code, ERR_OK);
    /* Every byte there is, in every state: no slip comes out of it. */
    for (unsigned round = 0; round < 64; round++) {
        char all[256];
        for (unsigned i = 0; i < 256; i++) all[i] = (char)(i * 7 + round);
        says(all, sizeof all);
    }
    assert_int_equal(stand.spool.state, SPOOL_FAULT);
    assert_int_equal(stand.slips[2], 0);
    wait_ms(SPOOL_AGAIN_MS);
    says(PAPER, 1);
    says(THROUGH, 1);
    assert_int_equal(stand.ended[1], 2);
    /* Two wrong bytes are noise on the line. */
    says("HT", 2);
    assert_int_equal(stand.spool.state, SPOOL_READY);
    says(PAPER, 1);
    says("HT", 2);
    assert_int_equal(stand.spool.state, SPOOL_READY);
}

static void a_full_spool_says_so(void **state)
{
    (void)state;
    static const uint8_t long_slip[SPOOL_JOB_MAX + 1];
    for (unsigned i = 0; i < SPOOL_JOBS; i++) assert_int_equal(slip(i % 8).code, ERR_OK);
    assert_int_equal(slip(1).code, ERR_FULL);
    assert_int_equal(spool_add(&stand.spool, 1, BYTES(""), 0).code, ERR_LENGTH);
    assert_int_equal(spool_add(&stand.spool, 1, BYTES_OF(long_slip), 0).code, ERR_LENGTH);
    open_well();
    for (unsigned i = 0; i < SPOOL_JOBS; i++) says(THROUGH, 1);
    assert_int_equal(stand.ends, SPOOL_JOBS);
    for (unsigned i = 0; i < SPOOL_JOBS; i++) assert_int_equal(stand.ended[i], i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(slips_one_after_the_other, begin),
        cmocka_unit_test_setup(no_paper_before_a_slip, begin),
        cmocka_unit_test_setup(paper_ends_in_the_middle, begin),
        cmocka_unit_test_setup(the_plug_is_pulled, begin),
        cmocka_unit_test_setup(a_printer_without_answers, begin),
        cmocka_unit_test_setup(it_falls_silent, begin),
        cmocka_unit_test_setup(it_talks_nonsense, begin),
        cmocka_unit_test_setup(a_full_spool_says_so, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
