/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminals in stock (S138): the life as a table, whole; lists of the maker, all or nothing; serial
 * numbers that look alike are refused and never taken for one another (a device is packed only when
 * the serial number that was scanned is the one assigned); numbers by rule (S137) through the
 * interface; a history that nobody changes; killed at every call to the store.
 */
#include "backoffice/api/keys.h"
#include "backoffice/stock/stock.h"
#include "registry/contact.h"
#include "tests/unit/backoffice_rig.h"

#define PRINT_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PRINT_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SUBJECT "91310000MA1FL0A062" /* of nobody; the check character is right */
#define ACCOUNT "6222020000001234"

/* ---- serial numbers ---- */

static void forms_are_what_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *form;
        bool good;
    } forms[] = {{"TB1-####-######", true},
                 {"@@??", true},
                 {"TB1", false},
                 {"", false},
                 {"tb-##", false},
                 {"TB_##", false},
                 {"#", true},
                 {"#################################", false}};
    for (size_t i = 0; i < ARRAY_LEN(forms); i++)
        assert_int_equal(serial_form_valid(bytes_text(forms[i].form)), forms[i].good);
    static const struct {
        const char *serial;
        bool good;
    } serials[] = {{"TB1-2030-A00017", true},   {"TB1-2030-a00017", false},
                   {"TB1-2O30-A00017", false},  {"TB1-2030-A0001", false},
                   {"TB1-2030-A000177", false}, {" TB1-2030-A00017", false},
                   {"TB1_2030-A00017", false},  {"", false}};
    for (size_t i = 0; i < ARRAY_LEN(serials); i++)
        assert_int_equal(serial_has_form(bytes_text(serials[i].serial), BYTES("TB1-####-??????")),
                         serials[i].good);
}

static void look_alikes_fold_together_and_others_do_not(void **state)
{
    (void)state;
    static const char *const same[][2] = {{"TB1-O0", "TB1-00"}, {"I1L", "111"},  {"S5", "55"},
                                          {"B8", "88"},         {"ab-c", "ABC"}, {"lio", "110"}};
    static const char *const other[][2] = {{"A", "4"}, {"Z", "2"}, {"G", "6"}, {"12", "21"}};
    char a[SERIAL_MAX + 1], b[SERIAL_MAX + 1];
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        assert_ok(serial_fold(bytes_text(same[i][0]), a));
        assert_ok(serial_fold(bytes_text(same[i][1]), b));
        if (i != 4) assert_string_equal(a, b);
    }
    assert_ok(serial_fold(BYTES("ab-c"), a));
    assert_string_equal(a, "A8C");
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        assert_ok(serial_fold(bytes_text(other[i][0]), a));
        assert_ok(serial_fold(bytes_text(other[i][1]), b));
        assert_string_not_equal(a, b);
    }
    assert_int_equal(serial_fold(BYTES("012345678901234567890123456789012"), a).code, ERR_LENGTH);
}

/* ---- the life ---- */

/* All of it: a row for each state, a column for each event, 0 where nothing happens. */
static void the_life_is_this_table(void **state)
{
    (void)state;
    static const uint8_t to[STOCK_STATES][STOCK_HAPPENINGS] = {
        /* take assign unassign pack unpack ship deliver activate return restock scrap replace
           release */
        [STOCK_IN_STOCK] = {0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 8},
        [STOCK_ASSIGNED] = {0, 0, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0},
        [STOCK_PACKED] = {0, 0, 0, 0, 0, 2, 4, 0, 0, 0, 0, 0},
        [STOCK_SHIPPED] = {0, 0, 0, 0, 0, 0, 0, 5, 6, 7, 0, 8, 8},
        [STOCK_DELIVERED] = {0, 0, 0, 0, 0, 0, 0, 0, 6, 7, 0, 0, 8},
        [STOCK_ACTIVE] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 8, 5},
        [STOCK_RETURNED] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 8},
    };
    for (int s = STOCK_IN_STOCK; s < STOCK_STATES; s++)
        for (int e = STOCK_DOES_TAKE_IN; e < STOCK_HAPPENINGS; e++)
            assert_int_equal(stock_next((enum stock_state)s, (enum stock_happening)e), to[s][e]);
    for (int v = STOCK_OK + 1; v < STOCK_VERDICTS; v++)
        for (int english = 0; english <= 1; english++)
            assert_true(stock_verdict_text((enum stock_verdict)v, english)[0] != '\0');
}

/* ---- the interface ---- */

struct scene {
    struct rig *rig;
    struct browser keeper, admin, owner;
};

static struct scene open_scene(void)
{
    struct scene s = {.rig = rig_open_desk(true),
                      .keeper = {.realm = "staff"},
                      .admin = {.realm = "staff"},
                      .owner = {.realm = "console"}};
    (void)rig_known(s.rig, &s.keeper, "keeper", ROLE_AGENT);
    (void)rig_known(s.rig, &s.admin, "admin", ROLE_ADMIN | ROLE_APPROVER);
    (void)rig_known(s.rig, &s.owner, "wang", ROLE_OWNER);
    return s;
}

static unsigned post(struct scene *s, struct browser *who, const char *path, const char *body)
{
    char full[160];
    snprintf(full, sizeof full, "/api/v1/stock/%s", path);
    return rig_ask(s->rig, who, "POST", full, body);
}

static unsigned get(struct scene *s, struct browser *who, const char *path)
{
    char full[160];
    snprintf(full, sizeof full, "/api/v1/stock/%s", path);
    return rig_ask(s->rig, who, "GET", full, "");
}

static void add_model(struct scene *s)
{
    assert_int_equal(post(s, &s->admin, "models",
                          "{\"model\":\"TB-1\",\"kind\":\"smart\",\"form\":\"TB1-####-??????\"}"),
                     201);
}

static unsigned take(struct scene *s, const char *lines)
{
    char body[1024];
    snprintf(body, sizeof body, "{\"list\":\"serial,model,print\\n%s\"}", lines);
    return post(s, &s->keeper, "lists", body);
}

#define LINE_A "TB1-2030-000017,TB-1," PRINT_A "\\n"
#define LINE_B "TB1-2030-000018,TB-1," PRINT_B "\\n"

static int64_t count_of(struct scene *s, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->rig->b->store, sql, &count));
    return count;
}

static void a_list_is_taken_in_whole_or_not_at_all(void **state)
{
    (void)state;
    struct scene s = open_scene();
    add_model(&s);
    static const struct {
        const char *lines, *code, *where;
    } rows[] = {
        {LINE_A "TB1-2030-000018,TB-9," PRINT_B "\\n", "model", "Line 3"},
        {LINE_A "TB1-2030-00001,TB-1," PRINT_B "\\n", "form", "Line 3"},
        {LINE_A "tb1-2030-000018,TB-1," PRINT_B "\\n", "form", "Line 3"},
        {LINE_A " TB1-2030-000018,TB-1," PRINT_B "\\n", "line", "Line 3"},
        {LINE_A "\\\"TB1-2030-000018\\\",TB-1," PRINT_B "\\n", "line", "Line 3"},
        {LINE_A "TB1-2030-000018,TB-1\\n", "line", "Line 3"},
        {LINE_A "TB1-2030-000018,TB-1," PRINT_B ",more\\n", "line", "Line 3"},
        {LINE_A "TB1-2030-000018,TB-1,BBBB\\n", "print", "Line 3"},
        {LINE_A LINE_A, "there", "Line 3"},
        {LINE_A "TB1-2030-O00017,TB-1," PRINT_B "\\n", "alike", "TB1-2030-000017"},
        {LINE_A "TB1-2030-0000I7,TB-1," PRINT_B "\\n", "alike", "TB1-2030-000017"},
        {LINE_A "TB1-2030-000018,TB-1," PRINT_A "\\n", "shared", "TB1-2030-000017"},
        {LINE_A "\\n", "line", "Line 3"},
        {LINE_A "TB1-2030-000018,TB-1," PRINT_B, "line", "Line 3"},
        {"", "list", "Line 1"},
        {"=cmd()\\n", "line", "Line 2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char code[40];
        s.rig->now_ms += 1000;
        assert_int_equal(take(&s, rows[i].lines), 422);
        snprintf(code, sizeof code, "\"error\":\"%s\"", rows[i].code);
        if (!rig_says(s.rig, code) || !rig_says(s.rig, rows[i].where))
            fail_msg("row %zu: %s", i, s.rig->answer);
        assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_terminal"), 0);
        assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_event"), 0);
    }
    assert_int_equal(take(&s, LINE_A LINE_B), 201);
    assert_true(rig_says(s.rig, "\"count\":2"));
    assert_int_equal(get(&s, &s.keeper, "terminals"), 200);
    assert_true(rig_says(s.rig, "TB1-2030-000017") && rig_says(s.rig, "\"kind\":\"smart\""));
    assert_false(rig_says(s.rig, PRINT_A));
    /* What looks like one that is there is refused, and nobody gets the other one for it. */
    assert_int_equal(get(&s, &s.keeper, "terminals/TB1-2030-O00017"), 422);
    assert_true(rig_says(s.rig, "\"error\":\"alike\"") && !rig_says(s.rig, "in_stock"));
    assert_int_equal(get(&s, &s.keeper, "terminals/TB1-2030-999999"), 404);
    /* A merchant has nothing here, and hears no more than that. */
    struct browser program = {.key = NULL};
    char key[80], secret[KEY_TEXT + 1];
    assert_int_equal(rig_post(s.rig, &s.owner, "/api/v1/keys",
                              "{\"name\":\"till\",\"scopes\":[\"stock:read\",\"stock:write\"],"
                              "\"days\":30}"),
                     201);
    rig_member(s.rig, "secret", secret, sizeof secret);
    snprintf(key, sizeof key, "Bearer %s", secret);
    program.key = key;
    assert_int_equal(get(&s, &program, "terminals"), 200);
    assert_true(rig_says(s.rig, "\"terminals\":[]"));
    assert_int_equal(get(&s, &program, "terminals/TB1-2030-000017"), 404);
    assert_int_equal(get(&s, &program, "terminals/TB1-2030-O00017"), 404);
    assert_int_equal(get(&s, &program, "models"), 404);
    assert_int_equal(post(&s, &program, "terminals/TB1-2030-000017/ship", ""), 404);
    rig_close(s.rig);
}

/* ---- to the shop ---- */

static unsigned assign_as(struct scene *s, const char *serial, const char *subject,
                          const char *account, const char *address, const char *phone)
{
    char path[80], body[600];
    snprintf(path, sizeof path, "terminals/%s/assign_contract", serial);
    snprintf(body, sizeof body,
             "{\"application\":\"A-17\",\"merchant\":\"" RIG_MID "\",\"subject\":\"%s\","
             "\"account\":\"%s\",\"address\":\"%s\",\"phone\":\"%s\"}",
             subject, account, address, phone);
    return post(s, &s->admin, path, body);
}

static unsigned assign(struct scene *s)
{
    return assign_as(s, "TB1-2030-000017", SUBJECT, ACCOUNT, "上海市黄浦区中山东一路17号",
                     "13800005678");
}

static void five_elements_have_their_forms(void **state)
{
    (void)state;
    struct scene s = open_scene();
    add_model(&s);
    assert_int_equal(take(&s, LINE_A), 201);
    static const struct {
        const char *subject, *account, *address, *phone, *code;
    } rows[] = {
        {"91310000MA1FL0A061", ACCOUNT, "中山东一路17号", "13800005678", "subject"},
        {"91310000MA1FL0A06", ACCOUNT, "中山东一路17号", "13800005678", "subject"},
        {"11010519491231002Y", ACCOUNT, "中山东一路17号", "13800005678", "subject"},
        {SUBJECT, "1234567", "中山东一路17号", "13800005678", "account"},
        {SUBJECT, "6222-0200-0000", "中山东一路17号", "13800005678", "account"},
        {SUBJECT, ACCOUNT, "中山路一号", "13800005678", "address"}, /* five characters */
        {SUBJECT, ACCOUNT, "中山东一路17号", "138-0000", "phone"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char code[40];
        s.rig->now_ms += 1000;
        assert_int_equal(assign_as(&s, "TB1-2030-000017", rows[i].subject, rows[i].account,
                                   rows[i].address, rows[i].phone),
                         422);
        snprintf(code, sizeof code, "\"error\":\"%s\"", rows[i].code);
        if (!rig_says(s.rig, code)) fail_msg("row %zu: %s", i, s.rig->answer);
    }
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding"), 0);
    /* An identity number does as well (11010519491231002X is the standard's own example). */
    assert_int_equal(assign_as(&s, "TB1-2030-000017", "11010519491231002X", ACCOUNT,
                               "中山东一路17号", "13800005678"),
                     200);
    /* Nothing of it stands in the file in clear. */
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding WHERE instr(subject,"
                                  " CAST('19491231' AS BLOB)) > 0 OR instr(account,"
                                  " CAST('622202' AS BLOB)) > 0"),
                     0);
    rig_close(s.rig);
}

static void the_device_that_was_scanned_is_the_one_assigned(void **state)
{
    (void)state;
    struct scene s = open_scene();
    add_model(&s);
    assert_int_equal(take(&s, LINE_A LINE_B), 201);
    assert_int_equal(
        post(&s, &s.keeper, "terminals/TB1-2030-000017/pack", "{\"scanned\":\"TB1-2030-000017\"}"),
        409);
    assert_int_equal(assign(&s), 200);
    assert_true(rig_says(s.rig, "\"terminal\":\"10000001\"") &&
                rig_says(s.rig, "\"merchant\":\"" RIG_MID "\""));
    assert_int_equal(assign(&s), 409);
    static const struct {
        const char *scanned, *code;
    } wrong[] = {{"TB1-2030-000018", "another"},
                 {"TB1-2030-O00017", "alike"},
                 {"tb1-2030-000017", "alike"},
                 {"TB1-2030-000017 ", "another"},
                 {"nonsense", "another"}};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        char body[80], code[40];
        snprintf(body, sizeof body, "{\"scanned\":\"%s\"}", wrong[i].scanned);
        assert_int_equal(post(&s, &s.keeper, "terminals/TB1-2030-000017/pack", body), 422);
        snprintf(code, sizeof code, "\"error\":\"%s\"", wrong[i].code);
        assert_true(rig_says(s.rig, code));
    }
    assert_int_equal(
        post(&s, &s.keeper, "terminals/TB1-2030-000017/pack", "{\"scanned\":\"TB1-2030-000017\"}"),
        200);
    assert_int_equal(post(&s, &s.keeper, "terminals/TB1-2030-000017/ship", ""), 200);
    assert_int_equal(post(&s, &s.keeper, "terminals/TB1-2030-000017/deliver", ""), 200);
    assert_int_equal(get(&s, &s.keeper, "terminals/TB1-2030-000017"), 200);
    assert_true(rig_says(s.rig, "\"state\":\"delivered\"") &&
                rig_says(s.rig, "\"event\":\"packed\"") && rig_says(s.rig, "\"was\":\"shipped\""));
    assert_true(rig_says(s.rig, "\"subject\":\"A062\"") && rig_says(s.rig, "\"account\":\"1234\""));
    assert_false(rig_says(s.rig, SUBJECT) || rig_says(s.rig, ACCOUNT));
    rig_close(s.rig);
}

static void what_came_back_is_for_another_shop_with_another_number(void **state)
{
    (void)state;
    struct scene s = open_scene();
    add_model(&s);
    assert_int_equal(take(&s, LINE_A), 201);
    assert_int_equal(assign(&s), 200);
    assert_int_equal(post(&s, &s.keeper, "terminals/TB1-2030-000017/unassign", ""), 200);
    assert_false(rig_says(s.rig, "merchant"));
    assert_int_equal(assign(&s), 200);
    assert_true(rig_says(s.rig, "\"terminal\":\"10000002\""));
    assert_int_equal(get(&s, &s.keeper, "terminals/TB1-2030-000017"), 200);
    assert_true(rig_says(s.rig, "\"reason\":\"unassigned\""));
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding WHERE ended_ms = 0"), 1);
    /* Neither history nor device nor binding is anybody's to change. */
    static const char *const tries[] = {
        "DELETE FROM stock_event",
        "UPDATE stock_event SET note = 'x'",
        "DELETE FROM stock_terminal",
        "UPDATE stock_terminal SET serial = 'TB1-2030-000099'",
        "UPDATE stock_terminal SET state = 6",
        "DELETE FROM stock_binding",
        "UPDATE stock_binding SET address = 'elsewhere'",
    };
    for (size_t i = 0; i < ARRAY_LEN(tries); i++)
        assert_int_equal(store_exec(s.rig->b->store, tries[i]).code, ERR_DENIED);
    rig_close(s.rig);
}

/* ---- a merchant's number ---- */

#define MERCHANT(application, pinyin)                                                             \
    "{\"application\":\"" application "\",\"acquirer\":\"898\",\"region\":\"3101\",\"category\":" \
    "\"5812\",\"name_zh\":\"晨光面馆\",\"name_en\":\"DAWN NOODLES\",\"city\":\"SHANGHAI\","   \
    "\"contact_zh\":\"陈晓虹\",\"contact_pinyin\":\"" pinyin "\",\"phone\":\"13800001234\"}"

static void an_approved_shop_gets_the_next_number(void **state)
{
    (void)state;
    struct scene s = open_scene();
    struct registry_contact contact[CONTACTS_MAX];
    size_t count = 0;
    assert_int_equal(post(&s, &s.admin, "merchants", MERCHANT("A-17", "chen xiaohong")), 201);
    assert_true(rig_says(s.rig, "\"merchant\":\"898310158120001\""));
    assert_int_equal(post(&s, &s.admin, "merchants", MERCHANT("A-18", "chen xiaohong")), 201);
    assert_true(rig_says(s.rig, "\"merchant\":\"898310158120002\""));
    assert_int_equal(post(&s, &s.admin, "merchants", MERCHANT("A-17", "chen xiaohong")), 201);
    assert_true(rig_says(s.rig, "\"merchant\":\"898310158120001\""));
    assert_ok(registry_contacts(s.rig->registry, BYTES("898310158120001"), contact, &count));
    assert_int_equal(count, 1);
    assert_string_equal(contact[0].phone, "13800001234");
    /* Refused by name; it costs no number. */
    assert_int_equal(post(&s, &s.admin, "merchants", MERCHANT("A-19", "Chen Xiaohong")), 422);
    assert_true(rig_says(s.rig, "\"error\":\"registry\""));
    assert_int_equal(post(&s, &s.keeper, "merchants", MERCHANT("A-20", "chen xiaohong")), 403);
    rig_close(s.rig);
}

/* ---- killed anywhere ---- */

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(IO) : OK;
}

/* The state is the last row's, and no terminal number is two devices'. */
static void check_whole(struct scene *s)
{
    assert_int_equal(count_of(s, "SELECT count(*) FROM stock_terminal t WHERE t.state <> (SELECT"
                                 " became FROM stock_event e WHERE e.serial = t.serial ORDER BY"
                                 " number DESC LIMIT 1)"),
                     0);
    assert_int_equal(count_of(s, "SELECT count(*) FROM stock_terminal WHERE (state IN (2, 3, 4))"
                                 " <> (tid <> '')"),
                     0);
    assert_int_equal(count_of(s, "SELECT count(*) FROM stock_terminal t WHERE (state IN (2, 3, 4))"
                                 " <> EXISTS(SELECT 1 FROM stock_binding b WHERE b.serial ="
                                 " t.serial AND b.ended_ms = 0)"),
                     0);
    assert_int_equal(count_of(s, "SELECT count(*) FROM stock_terminal WHERE (state = 4) <>"
                                 " EXISTS(SELECT 1 FROM stock_activation WHERE state = 1)"),
                     0);
}

static const struct {
    const char *path, *body;
    int becomes;
} acts[] = {
    {"assign_contract",
     "{\"application\":\"A-17\",\"merchant\":\"" RIG_MID "\",\"subject\":\"" SUBJECT
     "\",\"account\":\"" ACCOUNT "\",\"address\":\"中山东一路17号\",\"phone\":\"13800005678\"}",
     STOCK_ASSIGNED},
    {"pack", "{\"scanned\":\"TB1-2030-000017\"}", STOCK_PACKED},
    {"ship", "", STOCK_SHIPPED},
};

static void killed_anywhere_it_is_the_old_or_the_new(void **state)
{
    (void)state;
    for (size_t act = 0; act < ARRAY_LEN(acts); act++) {
        int cuts = 0;
        for (int cut = 0;; cut++) {
            struct scene s = open_scene();
            struct reaper reaper = {cut};
            char path[80];
            add_model(&s);
            assert_int_equal(take(&s, LINE_A), 201);
            for (size_t i = 0; i < act; i++) {
                snprintf(path, sizeof path, "terminals/TB1-2030-000017/%s", acts[i].path);
                assert_int_equal(post(&s, &s.admin, path, acts[i].body), 200);
            }
            snprintf(path, sizeof path, "terminals/TB1-2030-000017/%s", acts[act].path);
            s.rig->may_end = true;
            store_set_fault(s.rig->b->store, reap, &reaper);
            unsigned status = post(&s, &s.admin, path, acts[act].body);
            bool over = !s.rig->ended;
            rig_restart(s.rig);
            check_whole(&s);
            int64_t now = count_of(&s, "SELECT state FROM stock_terminal");
            if (status == 200) assert_int_equal(now, acts[act].becomes);
            if (now != acts[act].becomes) {
                assert_int_equal(post(&s, &s.admin, path, acts[act].body), 200);
                check_whole(&s);
            }
            rig_close(s.rig);
            cuts = cut;
            if (over) break;
        }
        assert_true(cuts > 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_what_they_say),
        cmocka_unit_test(look_alikes_fold_together_and_others_do_not),
        cmocka_unit_test(the_life_is_this_table),
        cmocka_unit_test(a_list_is_taken_in_whole_or_not_at_all),
        cmocka_unit_test(five_elements_have_their_forms),
        cmocka_unit_test(the_device_that_was_scanned_is_the_one_assigned),
        cmocka_unit_test(what_came_back_is_for_another_shop_with_another_number),
        cmocka_unit_test(an_approved_shop_gets_the_next_number),
        cmocka_unit_test(killed_anywhere_it_is_the_old_or_the_new),
    };
    return cmocka_run_group_tests_name("stock", tests, NULL, NULL);
}
