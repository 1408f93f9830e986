/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is on the screens: golden screens in both languages (S2, S7), the status bar with every
 * indicator forced (S6), the widths of all texts, the JSON that the page gets.
 *
 * The golden files are written anew by TERMINAL_GOLDEN=write, and then read with care.
 */
#include <jansson.h>

#include "tests/unit/terminal_rig_late.h"

static const char *const style_name[] = {"normal", "big",     "hint",  "warning",
                                         "error",  "success", "amount"};

/* A screen as text that a person can read in a diff. */
static void dump(struct writer *w, const struct rig *rig)
{
    const struct screen *s = terminal_screen(rig->terminal);
    write_format(w, "== %s: %s\n", s->id, s->title);
    for (size_t i = 0; i < s->line_count; i++)
        write_format(w, "   %-8s %s\n", style_name[s->line[i].style], s->line[i].text);
    for (size_t i = 0; i < s->choice_count; i++)
        write_format(w, "   [%s%s] %s\n", s->choice[i].key, s->choice[i].enabled ? "" : ", grey",
                     s->choice[i].text);
    if (s->field.kind != SCREEN_FIELD_NONE)
        write_format(w, "   field    %s: %s\n", s->field.label, s->field.value);
    if (s->entry.purpose != 0)
        write_format(w, "   entry    %s (%u to %u)\n", s->entry.label, s->entry.min, s->entry.max);
    if (s->qr[0] != '\0') write_format(w, "   code     %s\n", s->qr);
    if (s->wait[0] != '\0') write_format(w, "   wait     %s, %u s\n", s->wait, s->wait_seconds);
    if (s->help[0] != '\0') write_format(w, "   help     %s\n", s->help);
    if (s->receipt != NULL) write_format(w, "   receipt  %zu lines\n", s->receipt->count);
    if (s->speech_number != 0) write_format(w, "   speech   %s\n", s->speech);
    write_format(w, "   keys%s%s, countdown %u%s%s\n", s->keys & SCREEN_KEY_OK ? " ok" : "",
                 s->keys & SCREEN_KEY_CANCEL ? " cancel" : "", s->countdown,
                 s->scan ? ", scanner" : "", s->card ? ", reader" : "");
}

/* Every "keys" step shows its last screen. */
static void walk(struct rig *rig, struct writer *w)
{
    static const char *const steps[] = {
        "cancel",
        "cancel",
        "choice:sale",
        "digit:1 digit:2 digit:8 ok",
        "cancel cancel choice:records",
        "choice:query",
        "choice:row_1",
        "cancel cancel choice:reprint_any digit:9 ok",
        "cancel choice:reprint_last",
        "ok cancel choice:manage",
        "choice:sign_out",
        "cancel cancel choice:settings",
        "choice:about",
        "cancel choice:network",
        "cancel choice:security",
        "choice:duress",
        "cancel choice:passwords",
        "choice:change",
        "cancel cancel cancel cancel",
    };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        GOOD(rig_keys(rig, steps[i]));
        dump(w, rig);
    }
}

/* What ends a sale, each kind once. */
static void outcomes(struct rig *rig, struct writer *w)
{
    rig->mood = RIG_SILENT;
    GOOD(rig_sale(rig));
    dump(w, rig);
    rig->refuse_reversal = true;
    GOOD(rig_advance(rig, 61000));
    dump(w, rig);
    GOOD(rig_key(rig, "cancel"));
    dump(w, rig);
    GOOD(rig_sale(rig));
    dump(w, rig);
    rig->refuse_reversal = false;
    rig->mood = RIG_ANSWER;
    memcpy(rig->code, "51", 3);
    GOOD(rig_advance(rig, 62000)); /* the reversal is repeated, the sale goes on */
    dump(w, rig);
    GOOD(rig_key(rig, "ok"));
    memcpy(rig->code, "00", 3);
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok"));
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    dump(w, rig);
    GOOD(rig_enter(rig, "135790"));
    dump(w, rig);
    GOOD(rig_key(rig, "ok"));
}

/* What follows a payment: a void to its card, and the ways to a refund. */
static void after(struct rig *rig, struct writer *w)
{
    static const char *const steps[] = {
        "choice:void",
        "digit:9 digit:9 ok",
        "digit:5 ok",
        "ok",
        "cancel cancel",
        "cancel choice:refund",
        "choice:voucher",
        "digit:5 ok",
        "digit:9 digit:9 digit:9 ok",
        "clear digit:5 ok",
        "cancel cancel",
        "choice:card",
        "cancel cancel",
    };
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        GOOD(rig_keys(rig, steps[i]));
        dump(w, rig);
    }
}

/* What a card has left (S101). */
static void balance(struct rig *rig, struct writer *w)
{
    GOOD(rig_keys(rig, "choice:records choice:balance"));
    dump(w, rig);
    rig->balance.minor = 123456;
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    GOOD(rig_enter(rig, "135790"));
    dump(w, rig);
    GOOD(rig_keys(rig, "ok cancel"));
}

/* S86: a limit of the host's. */
static void limited(struct rig *rig, struct writer *w)
{
    memcpy(rig->code, "61", 3);
    memcpy(rig->notice, "DCAA00001000000000012345", PAYMENT_NOTICE_MAX + 1);
    GOOD(rig_sale(rig));
    dump(w, rig);
    GOOD(rig_key(rig, "ok"));
    memcpy(rig->code, "00", 3);
    rig->notice[0] = '\0';
}

/* A code that the terminal shows, paid, and another that nobody pays (S78). */
static void shown(struct rig *rig, struct writer *w)
{
    GOOD(rig_keys(rig, "cancel cancel"));
    memcpy(rig->shown.text, "https://qr.example.com/a", sizeof "https://qr.example.com/a");
    rig->shown.seconds = 120;
    GOOD(rig_keys(rig, "choice:sale digit:1 digit:2 digit:8 ok choice:show_code"));
    dump(w, rig);
    GOOD(rig_keys(rig, "help"));
    dump(w, rig);
    GOOD(rig_keys(rig, "help"));
    GOOD(rig_scanned(rig));
    dump(w, rig);
    memcpy(rig->code, "98", 3);
    GOOD(rig_keys(rig, "choice:next digit:1 ok choice:show_code"));
    GOOD(rig_advance(rig, 121000));
    dump(w, rig);
    GOOD(rig_scanned(rig));
    dump(w, rig);
    memcpy(rig->code, "00", 3);
    GOOD(rig_keys(rig, "ok choice:records choice:query"));
    dump(w, rig);
    GOOD(rig_keys(rig, "cancel cancel"));
}

/* As if it had been restored from yesterday's backup, and its host had two payments since (S165).
 */
static void begin_restored(struct rig *rig)
{
    struct records *r = &rig->terminal->records;
    struct rig_catch_up *c = &rig->catch_up;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t number = 0;
    c->payments = 2;
    for (unsigned i = 0; i < c->payments; i++) {
        struct payment *p = &c->payment[i];
        GOOD(records_last_approved(r, &number, p));
        p->key = (struct payment_key){.batch = r->batch, .stan = r->stan + 3 + i};
        memcpy(p->key.tid, "10000017", 9);
    }
    c->last_stan = r->stan + 4;
    GOOD(store_begin(rig->store, &tx));
    GOOD(catch_up_begin(rig->store, RIG_START_MS - 86400000, true, r->last_number));
    GOOD(store_exec(rig->store, "UPDATE state SET signed_in = 0"));
    GOOD(store_commit(&tx));
    GOOD(rig_restart(rig));
}

static void restored(struct rig *rig, struct writer *w)
{
    begin_restored(rig);
    dump(w, rig);
    rig->catch_up.fault = RIG_PAGE_SILENT;
    rig->catch_up.fault_at = 3;
    GOOD(rig_key(rig, "choice:sign_in"));
    dump(w, rig);
    GOOD(rig_key(rig, "help"));
    dump(w, rig);
    GOOD(rig_key(rig, "help"));
    GOOD(rig_advance(rig, 61000));
    dump(w, rig);
    GOOD(rig_key(rig, "choice:retry"));
    dump(w, rig);
    GOOD(rig_keys(rig, "ok ok"));
    dump(w, rig);
}

static void compare(const char *path, struct bytes made)
{
    static uint8_t golden[64 * 1024];
    FILE *file;
    if (getenv("TERMINAL_GOLDEN") != NULL) {
        file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(made.at, 1, made.len, file), made.len);
        fclose(file);
    }
    file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(golden, 1, sizeof golden, file);
    fclose(file);
    size_t same = 0;
    while (same < len && same < made.len && golden[same] == made.at[same]) same++;
    if (same < len || same < made.len) {
        size_t from = same > 200 ? same - 200 : 0;
        print_message("%s differs at byte %zu:\n%.*s\n", path, same,
                      (int)(made.len - from > 400 ? 400 : made.len - from), made.at + from);
        fail();
    }
}

static void golden(bool english, const char *path)
{
    static uint8_t block[64 * 1024];
    struct writer w = writer_over(block, sizeof block);
    struct rig *rig = rig_new();
    GOOD(rig_boot(rig));
    if (english) GOOD(rig_key(rig, "language"));
    dump(&w, rig);
    GOOD(rig_keys(rig, "help"));
    dump(&w, rig);
    GOOD(rig_keys(rig, "help digit:0 digit:1 ok"));
    dump(&w, rig);
    GOOD(rig_key(rig, "choice:forgotten"));
    dump(&w, rig);
    GOOD(rig_key(rig, "choice:supervisor"));
    dump(&w, rig);
    GOOD(rig_keys(rig, "ok cancel digit:0 digit:1 ok"));
    GOOD(rig_enter(rig, "0000"));
    dump(&w, rig);
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    dump(&w, rig);
    GOOD(rig_key(rig, "choice:sale"));
    dump(&w, rig);
    GOOD(rig_key(rig, "choice:sign_in"));
    dump(&w, rig);
    GOOD(rig_keys(rig, "ok cancel"));
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "ok"));
    dump(&w, rig);
    walk(rig, &w);
    outcomes(rig, &w);
    after(rig, &w);
    shown(rig, &w);
    balance(rig, &w);
    limited(rig, &w);
    restored(rig, &w);
    GOOD(rig_keys(rig, "cancel choice:lock"));
    dump(&w, rig);
    assert_int_equal(w.fault, ERR_OK);
    compare(path, writer_view(&w));
    rig_free(rig);
}

static void test_golden_zh(void **state)
{
    (void)state;
    golden(false, "tests/vectors/terminal/screens.zh.txt");
}

static void test_golden_en(void **state)
{
    (void)state;
    golden(true, "tests/vectors/terminal/screens.en.txt");
}

/* S2: the entries, in their order, each with an icon. */
static void test_main_screen(void **state)
{
    (void)state;
    static const char *const keys[] = {"sale",   "void",     "refund",  "preauth", "records",
                                       "member", "campaign", "figures", "manage",  "settings"};
    struct rig *rig = rig_ready();
    const struct screen *s = terminal_screen(rig->terminal);
    assert_int_equal(s->choice_count, ARRAY_LEN(keys));
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        assert_string_equal(s->choice[i].key, keys[i]);
        assert_int_equal(s->choice[i].style, SCREEN_TILE);
        assert_non_null(s->choice[i].icon);
    }
    rig_free(rig);
}

/* The screen as the page gets it. */
static json_t *json_of(struct rig *rig)
{
    static uint8_t block[SCREEN_JSON_MAX];
    struct writer w = writer_over(block, sizeof block);
    GOOD(screen_write_json(terminal_screen(rig->terminal), &w));
    json_t *root = json_loadb((const char *)block, w.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    return root;
}

static const char *status_text(struct rig *rig, const char *member)
{
    static char text[160];
    json_t *root = json_of(rig);
    json_t *value = json_object_get(json_object_get(root, "status"), member);
    assert_non_null(value);
    if (json_is_string(value)) snprintf(text, sizeof text, "%s", json_string_value(value));
    else if (json_is_boolean(value))
        snprintf(text, sizeof text, "%s", json_is_true(value) ? "yes" : "no");
    else snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    json_decref(root);
    return text;
}

#define STATUS(rig, member, wanted) assert_string_equal(status_text(rig, member), wanted)

/* S6: every indicator forced to every value. */
static void test_status_bar(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->reachable = false;
    GOOD(rig_boot(rig));
    STATUS(rig, "network", "offline");
    STATUS(rig, "operator", "");
    STATUS(rig, "signed_in", "no");
    GOOD(rig_advance(rig, 6000));
    rig->reachable = true;
    GOOD(rig_advance(rig, 8000));
    STATUS(rig, "network", "online");
    STATUS(rig, "merchant", "虹桥小馆(示例)");
    STATUS(rig, "time", "12:30");
    GOOD(rig_advance(rig, 60000));
    STATUS(rig, "time", "12:31");
    GOOD(rig_login_as(rig, "digit:0 digit:1 ok", "8264"));
    STATUS(rig, "operator", "01");
    GOOD(rig_keys(rig, "choice:sign_in ok"));
    STATUS(rig, "signed_in", "yes");
    struct terminal_devices devices = {.battery = 15, .paper = SCREEN_PAPER_LOW};
    GOOD(terminal_on_devices(rig->terminal, &devices));
    STATUS(rig, "battery", "15");
    STATUS(rig, "paper", "low");
    devices.paper = SCREEN_PAPER_OUT;
    GOOD(terminal_on_devices(rig->terminal, &devices));
    STATUS(rig, "paper", "out");
    devices.paper = SCREEN_PAPER_OK;
    GOOD(terminal_on_devices(rig->terminal, &devices));
    STATUS(rig, "paper", "ok");
    STATUS(rig, "unsent", "0");
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    STATUS(rig, "unsent", "1");
    GOOD(rig_keys(rig, "cancel cancel choice:lock"));
    STATUS(rig, "locked", "yes");
    rig->online = rig->reachable = false;
    GOOD(rig_pump(rig));
    STATUS(rig, "network", "offline");
    rig_free(rig);
}

/* Members that the page relies on, where they apply and only there. */
static void test_json(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:sale digit:1 point digit:5"));
    json_t *root = json_of(rig);
    assert_int_equal(json_integer_value(json_object_get(root, "v")), 1);
    assert_string_equal(json_string_value(json_object_get(root, "keypad")), "amount");
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "field"), "value")),
                        "1.5");
    assert_null(json_object_get(root, "entry"));
    assert_null(json_object_get(root, "receipt"));
    json_decref(root);

    GOOD(rig_key(rig, "ok"));
    rig_card(rig, VAULT_CARD_READ, true);
    GOOD(rig_advance(rig, 300));
    root = json_of(rig);
    json_t *entry = json_object_get(root, "entry");
    assert_string_equal(json_string_value(json_object_get(entry, "purpose")), "pin");
    assert_int_equal(strlen(json_string_value(json_object_get(entry, "layout"))), 48);
    json_decref(root);

    GOOD(rig_enter(rig, "135790"));
    root = json_of(rig);
    json_t *receipt = json_object_get(root, "receipt");
    assert_string_equal(json_string_value(json_object_get(receipt, "png")), "/api/receipt/1.png");
    assert_true(json_array_size(json_object_get(receipt, "lines")) > 10);
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "speech"), "url")),
                        "/api/speech/1.wav");
    json_decref(root);
    rig_free(rig);
}

/* A key for a screen that is gone does nothing; keys for the one that is shown all count. */
static void test_serials(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_key(rig, "choice:sale"));
    uint32_t serial = terminal_screen(rig->terminal)->serial;
    struct terminal_key one = {serial, "digit:1"}, ok = {serial, "ok"};
    GOOD(terminal_on_key(rig->terminal, &one));
    GOOD(terminal_on_key(rig->terminal, &one));
    assert_string_equal(terminal_screen(rig->terminal)->field.value, "11");
    GOOD(terminal_on_key(rig->terminal, &ok));
    AT(rig, "sale.present");
    struct terminal_key cancel = {serial, "cancel"};
    GOOD(terminal_on_key(rig->terminal, &cancel)); /* meant for the screen before */
    AT(rig, "sale.present");
    rig_free(rig);
}

/* S7: no secret and no clear card number on any screen, in either language. */
static void test_about_has_no_secret(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    GOOD(rig_keys(rig, "choice:settings choice:about"));
    json_t *root = json_of(rig);
    char *text = json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII);
    assert_non_null(strstr(text, "TB1-0000017"));
    assert_non_null(strstr(text, "01020304")); /* check values are no secret */
    assert_null(strstr(text, "8264"));
    free(text);
    json_decref(root);
    rig_free(rig);
}

/* Both languages are there, places agree, and nothing is wider than where it stands. S180 */
static void test_texts(void **state)
{
    (void)state;
    for (enum text_id id = 0; id < TEXTS; id++) {
        unsigned places[LANGUAGES] = {0};
        for (enum language language = 0; language < LANGUAGES; language++) {
            const char *words = text(id, language);
            size_t columns = receipt_columns(words);
            size_t room = text_kind(id) == TEXT_KIND_HELP ? SCREEN_HELP : SCREEN_TEXT;
            assert_true(words[0] != '\0' && strlen(words) < room - 64);
            if (text_kind(id) == TEXT_KIND_TITLE) assert_true(columns <= TEXT_TITLE_COLUMNS);
            if (text_kind(id) == TEXT_KIND_CHOICE) assert_true(columns <= TEXT_CHOICE_COLUMNS);
            for (const char *at = words; (at = strchr(at, '{')) != NULL; at++)
                places[language] |= 1u << (at[1] - '0');
        }
        assert_int_equal(places[LANGUAGE_ZH], places[LANGUAGE_EN]);
    }
}

/* What does not fit is cut between characters. */
static void test_text_fill(void **state)
{
    (void)state;
    char out[10];
    text_fill(TEXT_SALE_TOTAL, LANGUAGE_ZH, (const char *const[]){"128.00", NULL}, out, sizeof out);
    assert_string_equal(out, "￥128.00");
    text_fill(TEXT_SALE_APPROVED, LANGUAGE_ZH, NULL, out, 8);
    assert_string_equal(out, "收款");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_zh),   cmocka_unit_test(test_golden_en),
        cmocka_unit_test(test_main_screen), cmocka_unit_test(test_status_bar),
        cmocka_unit_test(test_json),        cmocka_unit_test(test_serials),
        cmocka_unit_test(test_texts),       cmocka_unit_test(test_about_has_no_secret),
        cmocka_unit_test(test_text_fill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
