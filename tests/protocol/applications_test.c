/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application in a demo's host, with every real program (S129, S132, S133): the public form from
 * the first field to the last, photos, a code by SMS; then the back office asks the provider of
 * checks over HTTP, and the desk has it in review with both checks right. Somebody of whom the
 * register says otherwise comes there with what it said. No identity or account number is in what
 * any program has logged.
 */
#include "tests/protocol/office.h"

#define PHONE    "13900001234"
#define IDENTITY "110108198005062314"
#define ACCOUNT  "110907448810567"

static struct counter counter;
static struct office visitor, chief;

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    office_as_staff(&chief, &counter, "chief");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    office_leave(&chief);
    counter_close(&counter);
    return 0;
}

#define FORM(path, then, ...)                                         \
    do {                                                              \
        const struct office_field fields[] = {__VA_ARGS__};           \
        office_form(&visitor, path, fields, ARRAY_LEN(fields), then); \
    } while (0)

/* A picture that is one by its head: large enough to be read, and different for each kind. */
static struct bytes photo(unsigned width, uint8_t block[64])
{
    struct writer w = writer_over(block, 64);
    write_bytes(&w, BYTES("\x89PNG\r\n\x1A\n"));
    write_be(&w, 13, 4);
    write_bytes(&w, BYTES("IHDR"));
    write_be(&w, width, 4);
    write_be(&w, 480, 4);
    write_bytes(&w, BYTES("\x08\x02\0\0\0\0\0\0\0"));
    write_be(&w, 0, 4);
    write_bytes(&w, BYTES("IEND\xAE\x42\x60\x82"));
    return bytes_of(block, w.len);
}

static void send_photos(void)
{
    static const char *const kinds[] = {"identity_front", "identity_back", "licence",
                                        "shop_front",     "shop_inside",   "shop_counter"};
    uint8_t block[64];
    for (unsigned i = 0; i < ARRAY_LEN(kinds); i++)
        FORM("/apply/documents", "/apply/documents", {kinds[i], NULL, photo(640 + i, block)});
}

static void applies(const char *shop, const char *owner, const char *phone)
{
    char code[7] = "", contact[20];
    office_as_visitor(&visitor, &counter);
    FORM("/apply", "/apply/step/1", {"act", ""});
    FORM("/apply/step/1", "/apply/step/2", {"type", "individual"}, {"needs", "counter"},
         {"turnover", "360000"});
    FORM("/apply/step/2", "/apply/step/3", {"shop", shop}, {"trade", "5812"}, {"region", "110100"},
         {"address", "北京市海淀区中关村大街1号"});
    FORM("/apply/step/3", "/apply/step/4", {"owner", owner}, {"identity", IDENTITY},
         {"identity_ends", "2040-01-31"}, {"licence", "92110108MA00ABCD1Q"},
         {"licence_ends", "长期"}, {"phone", phone});
    FORM("/apply/step/4", "/apply/documents", {"bank", "中国银行中关村支行"}, {"holder", "王小明"},
         {"account", ACCOUNT});
    send_photos();
    FORM("/apply/phone", NULL, {"act", "code"});
    snprintf(contact, sizeof contact, "+86%s", phone);
    office_code(&counter, contact, "【通宝】", "是终端申请", 6, code);
    FORM("/apply/phone", "/apply/send", {"act", "verify"}, {"code", code});
    FORM("/apply/send", "/apply/status", {"act", ""});
    office_leave(&visitor);
}

/* Looks until it is in review. */
static void await_review(const char *number)
{
    char path[60];
    snprintf(path, sizeof path, "/applications/%s/desk", number);
    for (int waited = 0; waited < OFFICE_WAIT_MS; waited += 20) {
        office_must(&chief, "GET", path, NULL, 200);
        if (strstr(chief.answer, "\"state\":\"review\"") != NULL) return;
        programs_pause();
    }
    fail_msg("not in review: %s", chief.answer);
}

static bool check_says(const char *kind, const char *outcome)
{
    char begins[48], says[32];
    snprintf(begins, sizeof begins, "{\"name\":\"%s\",", kind);
    snprintf(says, sizeof says, "\"state\":\"%s\"", outcome);
    const char *checks = strstr(chief.answer, "\"checks\":[");
    const char *at = checks == NULL ? NULL : strstr(checks, begins);
    const char *end = at == NULL ? NULL : strchr(at, '}');
    return end != NULL && memmem(at, (size_t)(end - at), says, strlen(says)) != NULL;
}

static void it_comes_to_review_with_checks_that_are_right(void **state)
{
    (void)state;
    applies("海淀区开源茶馆", "王小明", PHONE);
    await_review("SQ00000001");
    assert_true(check_says("identity", "right"));
    assert_true(check_says("account", "right"));
    assert_null(strstr(chief.answer, IDENTITY));
    assert_null(strstr(chief.answer, ACCOUNT));
}

static void what_the_register_says_is_said(void **state)
{
    (void)state;
    applies("海淀区开源饭馆", "王不符", "13900005678");
    await_review("SQ00000002");
    assert_true(check_says("identity", "wrong"));
    assert_true(check_says("account", "right"));
}

static void no_number_is_logged(void **state)
{
    (void)state;
    assert_false(host_stored(counter.stage.children.directory, BYTES(IDENTITY)));
    assert_false(host_stored(counter.stage.children.directory, BYTES(ACCOUNT)));
    /* Nor kept in the clear, by either side. */
    assert_false(host_stored(counter.stage.backoffice, BYTES(IDENTITY)));
    assert_false(host_stored(counter.stage.networks, BYTES(IDENTITY)));
    assert_false(host_stored(counter.stage.networks, BYTES(ACCOUNT)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_to_review_with_checks_that_are_right),
        cmocka_unit_test(what_the_register_says_is_said),
        cmocka_unit_test(no_number_is_logged),
    };
    return cmocka_run_group_tests_name("protocol_applications", tests, start, stop);
}
