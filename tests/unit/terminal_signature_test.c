/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signature on the screen (S81): what the pen draws is packed within its bound, stored with its
 * payment, and stands on the merchant's copy as dots and as a picture; who does not sign does so on
 * paper; small taps and PINs are not asked.
 */
#include "terminal/device/sheet.h"
#include "terminal/device/strokes.h"
#include "tests/unit/terminal_rig.h"

struct ink {
    uint8_t at[4 * STROKES_POINTS_MAX + 8];
    size_t len;
};

static void point(struct ink *ink, unsigned x, unsigned y)
{
    struct writer w = writer_over(ink->at + ink->len, sizeof ink->at - ink->len);
    write_be(&w, x, 2);
    write_be(&w, y, 2);
    assert_int_equal(w.fault, ERR_OK);
    ink->len += w.len;
}

static struct bytes view(const struct ink *ink)
{
    return bytes_of(ink->at, ink->len);
}

/* Two strokes that cross, and a dot. */
static const struct ink *cross(void)
{
    static struct ink ink;
    ink.len = 0;
    for (unsigned i = 0; i <= 100; i++) point(&ink, 100 + 5 * i, 50 + 3 * i);
    point(&ink, 0xffff, 0xffff);
    for (unsigned i = 0; i <= 100; i++) point(&ink, 600 - 5 * i, 50 + 3 * i);
    point(&ink, 0xffff, 0xffff);
    point(&ink, 999, 399);
    return &ink;
}

static err pack(const struct ink *ink, uint8_t packed[static STROKES_MAX], size_t *ret_len)
{
    struct writer w = writer_over(packed, STROKES_MAX);
    err e = strokes_pack(view(ink), &w);
    *ret_len = w.len;
    return e;
}

/* ---- packing ---- */

static void test_pack(void **state)
{
    (void)state;
    uint8_t packed[STROKES_MAX];
    size_t len;
    GOOD(pack(cross(), packed, &len));
    assert_true(len < 450); /* two bytes a point */
    GOOD(strokes_check(bytes_of(packed, len)));
    struct strokes_walk walk = strokes_walk_over(bytes_of(packed, len));
    int strokes = 0, points = 0;
    while (strokes_next(&walk)) {
        if (points < 101) assert_true(walk.x == 100 + 5 * points && walk.y == 50 + 3 * points);
        strokes += walk.begins;
        points++;
    }
    assert_int_equal(strokes, 3);
    assert_int_equal(points, 203);
    assert_true(walk.x == 999 && walk.y == 399);
}

/* A hand that never rests: points that lie close together go, the ends of strokes stay. */
static void test_bound(void **state)
{
    (void)state;
    static struct ink ink;
    uint8_t packed[STROKES_MAX];
    size_t len;
    for (unsigned i = 0; i < STROKES_POINTS_MAX - 1; i++)
        point(&ink, 500 + (i * 7) % 400, (i * 3) % 390);
    point(&ink, 3, 5);
    GOOD(pack(&ink, packed, &len));
    assert_true(len <= STROKES_MAX);
    struct strokes_walk walk = strokes_walk_over(bytes_of(packed, len));
    while (strokes_next(&walk)) continue;
    assert_true(walk.x == 3 && walk.y == 5);
    point(&ink, 4, 5);
    assert_int_equal(pack(&ink, packed, &len).code, ERR_LENGTH);

    ink.len = 0; /* strokes without end take room that no thinning gives back */
    for (unsigned i = 0; i < 1000; i++) {
        point(&ink, i, 200);
        point(&ink, i, 100);
        point(&ink, 0xffff, 0xffff);
    }
    assert_int_equal(pack(&ink, packed, &len).code, ERR_LENGTH);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        unsigned x, y;
        enum err_code code;
    } beside[] = {{1000, 0, ERR_RANGE},
                  {0, 400, ERR_RANGE},
                  {0xffff, 0, ERR_RANGE},
                  {0, 0xffff, ERR_RANGE},
                  {100, 101, ERR_SHORT}};
    uint8_t packed[STROKES_MAX];
    size_t len;
    for (size_t i = 0; i < ARRAY_LEN(beside); i++) {
        struct ink ink = {.len = 0};
        point(&ink, 100, 100);
        point(&ink, beside[i].x, beside[i].y);
        assert_int_equal(pack(&ink, packed, &len).code, beside[i].code);
        assert_int_equal(len, 0);
    }
    struct ink ink = *cross();
    ink.len--;
    assert_int_equal(pack(&ink, packed, &len).code, ERR_FORMAT);
    ink.len = 0;
    assert_int_equal(pack(&ink, packed, &len).code, ERR_SHORT);
}

/* Packed strokes that are cut anywhere, or have any byte changed, are refused or stay on the grid.
 */
static void test_damaged(void **state)
{
    (void)state;
    static uint8_t bits[STROKES_ROWS * STROKES_DOTS / 8];
    uint8_t packed[STROKES_MAX], changed[STROKES_MAX];
    size_t len;
    GOOD(pack(cross(), packed, &len));
    size_t refused = 0;
    for (size_t i = 0; i < len; i++) {
        refused += FAILED(strokes_check(bytes_of(packed, i)));
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(changed, packed, len);
            changed[i] ^= (uint8_t)(1u << bit);
            strokes_draw(bytes_of(changed, len), bits); /* under ASan: never beside the paper */
        }
    }
    assert_true(refused >= len - 2); /* a cut between two strokes leaves whole ones */
    assert_int_equal(strokes_check((struct bytes){0}).code, ERR_FORMAT);
}

/* ---- paper ---- */

static bool ink_at(const uint8_t *bits, int x, int y)
{
    return bits[y * (STROKES_DOTS / 8) + x / 8] >> (7 - x % 8) & 1;
}

static void test_dots(void **state)
{
    (void)state;
    static uint8_t bits[STROKES_ROWS * STROKES_DOTS / 8];
    uint8_t packed[STROKES_MAX];
    size_t len;
    GOOD(pack(cross(), packed, &len));
    strokes_draw(bytes_of(packed, len), bits);
    assert_true(ink_at(bits, 38, 19) && ink_at(bits, 230, 134) && ink_at(bits, 230, 19));
    assert_true(ink_at(bits, 383, 153));
    assert_false(ink_at(bits, 0, 0) || ink_at(bits, 134, 19) || ink_at(bits, 300, 80));
}

/* The sheet that goes to who draws it, and back; anything else behind the lines is refused. */
static void test_sheet(void **state)
{
    (void)state;
    static struct receipt receipt, read;
    static uint8_t block[SHEET_MAX];
    receipt = (struct receipt){.columns = RECEIPT_COLUMNS, .count = 2, .strokes_at = 1};
    memcpy(receipt.line[0].text, "above", 6);
    memcpy(receipt.line[1].text, "below", 6);
    GOOD(pack(cross(), receipt.strokes, &receipt.strokes_len));
    struct writer w = writer_over(block, sizeof block);
    sheet_write(&receipt, &w);
    GOOD(sheet_read(writer_view(&w), &read));
    assert_memory_equal(&read, &receipt, sizeof read);
    size_t lines = 1 + 2 * 7;
    for (size_t cut = lines + 1; cut < w.len; cut++)
        assert_true(FAILED(sheet_read(bytes_of(block, cut), &read)));
    block[lines + 1] = 3; /* in front of a line that is not there */
    assert_int_equal(sheet_read(writer_view(&w), &read).code, ERR_RANGE);
    block[lines + 1] = 1;
    block[lines + 5] = 0x7f; /* a point beside the grid */
    assert_true(FAILED(sheet_read(writer_view(&w), &read)));
}

/* ---- at the counter ---- */

static struct rig *ready(void)
{
    struct rig *rig = rig_ready();
    GOOD(records_parameter_set(&rig->terminal->records, "sign", 1, "00", ""));
    rig->terminal->counter.value[COUNTER_SIGN] = 1;
    return rig;
}

static void end(struct rig *rig)
{
    rig_check_books(rig);
    rig_free(rig);
}

static err draw(struct rig *rig, const struct ink *ink)
{
    return terminal_on_strokes(rig->terminal, terminal_screen(rig->terminal)->serial, view(ink));
}

static int64_t stored(struct rig *rig)
{
    int64_t bytes;
    GOOD(store_query_int(rig->store, "SELECT coalesce(sum(length(strokes)), 0) FROM signature",
                         &bytes));
    return bytes;
}

static const struct receipt *shown(struct rig *rig)
{
    AT(rig, "sale.approved");
    assert_non_null(terminal_screen(rig->terminal)->receipt);
    return terminal_screen(rig->terminal)->receipt;
}

/* Where the page finds the picture of the slip. */
static void picture(struct rig *rig, char *out, size_t size)
{
    static uint8_t block[64 << 10];
    struct writer w = writer_over(block, sizeof block - 1);
    GOOD(screen_write_json(terminal_screen(rig->terminal), &w));
    block[w.len] = '\0';
    const char *at = strstr((const char *)block, "\"png\":\"");
    assert_non_null(at);
    snprintf(out, size, "%.*s", (int)strcspn(at + 7, "\""), at + 7);
}

/* S81: signed, again after too little, printed then and not before; signed anew; after a restart.
 */
static void test_signed(void **state)
{
    (void)state;
    struct rig *rig = ready();
    char first[64], second[64];
    GOOD(rig_sale(rig));
    AT(rig, "sale.sign");
    assert_true(terminal_screen(rig->terminal)->sign);
    assert_int_equal(rig->printed, 1); /* the cardholder's copy */
    assert_int_equal(rig->spoken, 1);
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "sale.sign");
    struct ink little = {.len = 0};
    point(&little, 5, 5);
    GOOD(draw(rig, &little));
    assert_non_null(rig_line(rig, "SIGN_LITTLE"));
    GOOD(terminal_on_strokes(rig->terminal, 1, view(cross()))); /* for another screen */
    assert_int_equal(stored(rig), 0);
    GOOD(draw(rig, cross()));
    assert_int_equal(rig->printed, 2);
    assert_true(stored(rig) > 0 && stored(rig) <= STROKES_MAX);
    assert_int_equal(shown(rig)->strokes_len, stored(rig));
    int64_t number = rig->terminal->work.number, before = stored(rig);
    picture(rig, first, sizeof first);
    assert_int_equal(strncmp(first, "/api/receipt/1.png?", 19), 0);

    GOOD(rig_key(rig, "choice:sign_again"));
    AT(rig, "sale.sign");
    struct ink line = {.len = 0};
    for (unsigned i = 0; i < 50; i++) point(&line, i * 10, 200);
    GOOD(draw(rig, &line));
    assert_true(stored(rig) < before); /* it took the other's place */
    picture(rig, second, sizeof second);
    assert_string_not_equal(first, second); /* the page has kept the other one */
    assert_int_equal(rig->printed, 3);
    GOOD(draw(rig, cross())); /* nobody signs any more */
    assert_true(stored(rig) < before);

    struct receipt receipt;
    GOOD(rig_restart(rig));
    GOOD(terminal_receipt_text(rig->terminal, number, RECEIPT_MERCHANT_COPY, &receipt));
    assert_true(receipt.strokes_len > 0);
    assert_string_equal(receipt.line[receipt.strokes_at - 1].text,
                        "持卡人签名 CARDHOLDER SIGNATURE");
    GOOD(terminal_receipt_text(rig->terminal, number, RECEIPT_CARDHOLDER_COPY, &receipt));
    assert_int_equal(receipt.strokes_len, 0);
    end(rig);
}

/* On paper when he wants, and when nobody signs in time: the copy is printed with its line. */
static void test_paper(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct rig *rig = ready();
        GOOD(rig_sale(rig));
        AT(rig, "sale.sign");
        if (late) GOOD(rig_advance(rig, 91000));
        else GOOD(rig_key(rig, "choice:paper"));
        assert_int_equal(shown(rig)->strokes_len, 0);
        assert_int_equal(rig->printed, 2);
        assert_non_null(strstr(rig->printed_all, "持卡人签名 CARDHOLDER SIGNATURE\n\n\n"));
        end(rig);
    }
}

/* Nobody is asked who has entered a PIN, paid by code, or tapped for little; nor when it is off. */
static void test_not_asked(void **state)
{
    (void)state;
    struct rig *rig = ready();
    GOOD(rig_keys(rig, "choice:sale digit:8 ok"));
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    GOOD(rig_enter(rig, "135790"));
    AT(rig, "sale.approved");
    GOOD(rig_keys(rig, "choice:next digit:8 ok"));
    GOOD(terminal_on_code(rig->terminal, BYTES("280000000000000000")));
    GOOD(rig_pump(rig));
    AT(rig, "sale.approved");
    assert_false(rig_has_choice(rig, "sign_again", true));
    GOOD(rig_key(rig, "ok"));

    struct payment p = {.state = PAYMENT_APPROVED,
                        .type = PAYMENT_SALE,
                        .means = PAYMENT_CARD,
                        .entry = PAYMENT_ENTRY_CONTACTLESS,
                        .amount_minor = 100000};
    rig->terminal->work.chip.signature = true;
    assert_false(signature_wanted(rig->terminal, &p));
    assert_true(signature_free(rig->terminal, &p));
    p.amount_minor++;
    assert_true(signature_wanted(rig->terminal, &p));
    rig->terminal->work.chip.signature =
        false; /* its owner has proved who he is on his telephone */
    assert_false(signature_wanted(rig->terminal, &p));
    p.entry = PAYMENT_ENTRY_SWIPE;
    assert_true(signature_wanted(rig->terminal, &p));
    p.state = PAYMENT_DECLINED;
    assert_false(signature_wanted(rig->terminal, &p));
    rig->terminal->counter.value[COUNTER_SIGN] = 0;
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    end(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pack),      cmocka_unit_test(test_bound),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_dots),      cmocka_unit_test(test_sheet),
        cmocka_unit_test(test_signed),    cmocka_unit_test(test_paper),
        cmocka_unit_test(test_not_asked),
    };
    return cmocka_run_group_tests_name("terminal_signature", tests, NULL, NULL);
}
