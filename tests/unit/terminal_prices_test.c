/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The price list that is kept at the merchant's console, at a terminal (S125): fetched in pieces by
 * what was signed, in force at rest, over restarts and without a line; what is altered, cut or away
 * is refused with the document that named it, and the list before stays; where it is kept at the
 * console nothing is changed here, and it is the shop's own again when the console keeps none.
 */
#include "lib/base/base64.h"
#include "terminal/goods.h"
#include "tests/unit/terminal_rig_real.h"

static uint8_t list[PRICE_LIST_MAX];
static size_t list_len;
static char progress[256];
static int pieces, cut_at, spoil_at; /* the piece at which the line is cut or the byte is another */

static void write_list(int count, int64_t price)
{
    struct writer w = writer_over(list, sizeof list);
    price_list_begin(&w);
    for (int i = 0; i < count; i++) {
        struct price_good good = {.price_minor = price + i};
        snprintf(good.code, sizeof good.code, "CODE-%d", i);
        snprintf(good.name, sizeof good.name, "第%d号面", i);
        if (i % 2 == 0) snprintf(good.name_en, sizeof good.name_en, "Noodle number %d", i);
        price_list_add(&w, &good);
    }
    assert_int_equal(w.fault, ERR_OK);
    list_len = w.len;
}

static bool said(const struct rig *rig, const char *text)
{
    return strstr(rig->manage_said, text) != NULL;
}

static void keep_progress(const struct rig *rig)
{
    const char *number = strstr(rig->manage_said, "\"number\":");
    const char *state = strstr(rig->manage_said, "\"state\":\"");
    const char *reason = strstr(rig->manage_said, "\"reason\":\"");
    size_t used = strlen(progress);
    snprintf(progress + used, sizeof progress - used, "%d:%.3s%s%.5s ",
             (int)strtol(number + 9, NULL, 10), state + 9, reason ? "=" : "",
             reason ? reason + 10 : "");
}

static void answer_piece(struct rig *rig)
{
    static char json[8192];
    uint8_t base64[DEVICE_FRAME_MAX];
    struct writer w = writer_over(base64, sizeof base64);
    long part = strtol(strstr(rig->manage_said, "\"part\":") + 7, NULL, 10);
    size_t at = (size_t)(part - 1) * DEVICE_PART_MAX;
    pieces++;
    if (at >= list_len) {
        GOOD(rig_manage_answer(rig, "refused", "\"reason\":\"not_found\""));
        return;
    }
    size_t left = list_len - at, len = left < DEVICE_PART_MAX ? left : DEVICE_PART_MAX;
    if (part == spoil_at) list[at + len / 2] ^= 1;
    base64_write(&w, bytes_of(list + at, len));
    snprintf(json, sizeof json, "{\"id\":%ld,\"status\":\"ok\",\"bytes\":\"%.*s\"}",
             rig_manage_id(rig), (int)w.len, (const char *)base64);
    GOOD(rig_manage(rig, json));
}

static void settle(struct rig *rig)
{
    for (int i = 0; i < 200; i++) {
        int frames = rig->manage_frames;
        GOOD(rig_advance(rig, 20));
        bool asked = rig->terminal->manage.asked != DEVICE_NO_ASK;
        if (!asked && rig->manage_frames == frames) return;
        if (!asked) continue;
        if (said(rig, "\"ask\":\"goods_fetch\"")) {
            if (pieces + 1 == cut_at) return;
            answer_piece(rig);
            continue;
        }
        if (said(rig, "\"ask\":\"applied\"")) keep_progress(rig);
        GOOD(rig_manage_answer(rig, "ok", ""));
    }
    fail_msg("it goes on asking: %s", rig->manage_said);
}

static struct rig *ready(void)
{
    struct rig *rig = rig_new();
    rig->with_manage = rig->manage_reachable = true;
    pieces = cut_at = spoil_at = 0;
    list_len = 0;
    GOOD(rig_boot(rig));
    settle(rig);
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_keys(rig, "choice:sign_in"));
    GOOD(rig_key(rig, "ok"));
    settle(rig);
    progress[0] = '\0';
    return rig;
}

/* A document with `lines` that names the list as it is written now. */
static void give(struct rig *rig, int number, const char *lines, bool named)
{
    char json[1024], hex[2 * PRICE_DIGEST + 1] = "", goods[128] = "";
    uint8_t digest[PRICE_DIGEST];
    if (named) {
        GOOD(price_list_digest(bytes_of(list, list_len), digest));
        for (size_t i = 0; i < sizeof digest; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
        snprintf(goods, sizeof goods, "goods %s %zu\\n", hex, list_len);
    }
    snprintf(json, sizeof json,
             "{\"tell\":\"parameters\",\"number\":%d,\"document\":\"tongbao parameters 1\\n%s%s\","
             "\"nonce\":\"00000000000000000000000000000000\",\"mac\":"
             "\"00000000000000000000000000000000\"}",
             number, lines, goods);
    GOOD(rig_manage(rig, json));
    settle(rig);
}

static void holds(struct rig *rig, int64_t count, int64_t first_minor)
{
    struct good good[1];
    int64_t all = -1;
    size_t got = 0;
    GOOD(goods_count(rig->store, &all));
    GOOD(goods_page(rig->store, 0, good, 1, &got));
    assert_int_equal(all, count);
    assert_int_equal(got > 0 ? good[0].price_minor : 0, first_minor);
}

static void power_cut(struct rig *rig)
{
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    settle(rig);
}

static void it_comes_in_pieces_and_is_in_force_at_rest(void **state)
{
    (void)state;
    struct rig *rig = ready();
    struct goods_import done;
    GOOD(goods_import(&rig->terminal->records, BYTES("卤蛋 2.50"), "00", &done));
    write_list(PRICE_GOODS_MAX, 100);
    GOOD(rig_keys(rig, "choice:sale digit:1"));
    give(rig, 3, "tip 1\\n", true);
    assert_int_equal(pieces, (list_len + DEVICE_PART_MAX - 1) / DEVICE_PART_MAX);
    assert_string_equal(progress, "3:ack "); /* somebody is in the middle of a sale */
    holds(rig, 1, 250);
    GOOD(rig_key(rig, "cancel"));
    settle(rig);
    assert_string_equal(progress, "3:ack 3:ver ");
    holds(rig, PRICE_GOODS_MAX, 100);
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 1);
    /* The same list with something else: nothing is fetched again. */
    int before = pieces;
    give(rig, 4, "", true);
    assert_int_equal(pieces, before);
    assert_string_equal(progress, "3:ack 3:ver 4:ack 4:ver ");
    /* Without a line it holds, over a power cut. */
    rig->manage_reachable = false;
    rig_off(rig);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    holds(rig, PRICE_GOODS_MAX, 100);
    assert_int_equal(rig->terminal->afar.number, 4);
    rig_free(rig);
}

/* Names in the language of the screen; the list is looked at here and not changed. */
static void it_is_sold_from_and_not_changed_here(void **state)
{
    (void)state;
    struct rig *rig = ready();
    write_list(3, 800);
    give(rig, 3, "", true);
    GOOD(rig_keys(rig, "choice:sale choice:items choice:row_1 choice:row_2"));
    AT(rig, "sale.items");
    assert_string_equal(rig_line(rig, "SALE_TOTAL"), "￥16.01");
    assert_string_equal(rig->terminal->work.basket.line[0].name, "第0号面");
    GOOD(rig_keys(rig, "cancel cancel cancel"));
    const struct good good = {.name = "面", .name_en = "Noodle"}, bare = {.name = "茶"};
    assert_string_equal(goods_name(&good, LANGUAGE_EN), "Noodle");
    assert_string_equal(goods_name(&good, LANGUAGE_ZH), "面");
    assert_string_equal(goods_name(&bare, LANGUAGE_EN), "茶");
    memcpy(rig->password[0], "246813", 7);
    GOOD(rig_keys(rig, "choice:log_out"));
    GOOD(rig_login_as(rig, "digit:0 digit:0 ok", "246813"));
    GOOD(rig_keys(rig, "choice:manage choice:goods"));
    AT(rig, "goods.list");
    assert_non_null(rig_line(rig, "AFAR_GOODS"));
    assert_false(rig_has_choice(rig, "add", true) || rig_has_choice(rig, "import", true));
    GOOD(rig_key(rig, "choice:row_1"));
    AT(rig, "goods.list");
    assert_non_null(rig_line(rig, "AFAR_HELD"));
    /* The console keeps none any more. */
    for (int i = 0; i < 6 && strcmp(rig->terminal->screen.id, "main.menu") != 0; i++)
        GOOD(rig_key(rig, "cancel"));
    AT(rig, "main.menu");
    give(rig, 4, "", false);
    assert_string_equal(progress, "3:ack 3:ver 4:ack 4:ver ");
    holds(rig, 0, 0);
    GOOD(rig_keys(rig, "choice:manage choice:goods"));
    assert_true(rig_has_choice(rig, "add", true));
    rig_free(rig);
}

static void what_is_not_what_was_signed_is_refused_as_a_whole(void **state)
{
    (void)state;
    struct rig *rig = ready();
    write_list(3, 800);
    give(rig, 3, "tip 1\\n", true);
    write_list(200, 900);
    spoil_at = 2;
    give(rig, 4, "tip 0\\n", true);
    assert_string_equal(progress, "3:ack 3:ver 4:ack 4:ref=goods ");
    holds(rig, 3, 800);
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 1);
    assert_int_equal(rig->terminal->afar.number, 3);
    power_cut(rig);
    holds(rig, 3, 800);
    assert_int_equal(rig->terminal->afar.number, 3); /* the document before is in the store again */
    assert_int_equal(rig->terminal->counter.value[COUNTER_TIP], 1);
    /* What is away is refused the same; the next one is taken. */
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    settle(rig);
    spoil_at = 0;
    progress[0] = '\0';
    write_list(200, 900);
    give(rig, 5, "", true);
    assert_string_equal(progress, "5:ack 5:ver ");
    holds(rig, 200, 900);
    rig_free(rig);
}

/* The line goes in the middle: it goes on with the piece that is missing. */
static void a_lost_line_is_no_failure(void **state)
{
    (void)state;
    struct rig *rig = ready();
    write_list(400, 500);
    cut_at = 3;
    give(rig, 3, "", true);
    assert_int_equal(pieces, 2);
    rig->manage_online = false;
    GOOD(rig_pump(rig));
    cut_at = 0;
    GOOD(rig_advance(rig, 5000));
    settle(rig);
    assert_int_equal(pieces, (list_len + DEVICE_PART_MAX - 1) / DEVICE_PART_MAX);
    holds(rig, 400, 500);
    rig_free(rig);
}

/* The power goes in the middle: what was in force holds, and the number is not said to be so. */
static void a_power_cut_in_the_middle(void **state)
{
    (void)state;
    struct rig *rig = ready();
    write_list(3, 800);
    give(rig, 3, "", true);
    write_list(400, 500);
    cut_at = pieces + 2;
    give(rig, 4, "", true);
    progress[0] = '\0';
    rig_off(rig);
    cut_at = 0;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    settle(rig);
    holds(rig, 3, 800);
    assert_int_equal(rig->terminal->afar.number, 0);
    give(rig, 4, "", true); /* as the back office does when it hears that */
    holds(rig, 400, 500);
    assert_string_equal(progress, "4:ack 4:ver ");
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_in_pieces_and_is_in_force_at_rest),
        cmocka_unit_test(it_is_sold_from_and_not_changed_here),
        cmocka_unit_test(what_is_not_what_was_signed_is_refused_as_a_whole),
        cmocka_unit_test(a_lost_line_is_no_failure),
        cmocka_unit_test(a_power_cut_in_the_middle),
    };
    return cmocka_run_group_tests_name("terminal_prices", tests, NULL, NULL);
}
