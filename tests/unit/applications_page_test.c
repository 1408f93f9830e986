/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public form (S128, S129, S131, S141), as a browser without a script sees it: filled in page
 * by page, the telephone verified, sent, approved, signed; in both languages. What is typed is
 * escaped, nobody sees another's, a form sent twice is one, and what did not arrive whole is
 * refused.
 */
#include "backoffice/applications/apply_http.h"
#include "backoffice/applications/review.h"
#include "tests/unit/applications_bench.h"

#define BOUNDARY "----WebKitFormBoundaryAB12"
#define TYPE     "multipart/form-data; boundary=" BOUNDARY

static const char type_header[] = TYPE;

/* "name=value" each; NULL ends them. */
static unsigned post(struct bench *t, struct browser *at, const char *path,
                     const char *const *fields)
{
    char body[4096];
    size_t used = 0;
    for (; *fields != NULL; fields++) {
        size_t name = strcspn(*fields, "=");
        used += (size_t)snprintf(body + used, sizeof body - used,
                                 "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%.*s\""
                                 "\r\n\r\n%s\r\n",
                                 (int)name, *fields, *fields + name + 1);
    }
    snprintf(body + used, sizeof body - used, "--" BOUNDARY "--\r\n");
    at->type = type_header;
    return rig_ask(t->rig, at, "POST", path, body);
}

#define POST(t, at, path, ...) post(t, at, path, (const char *const[]){__VA_ARGS__, NULL})

static unsigned get(struct bench *t, struct browser *at, const char *path)
{
    return rig_ask(t->rig, at, "GET", path, "");
}

/* Each page is whole, says its language, and has no script. */
static void check_page(const struct bench *t)
{
    const char *end = strstr(t->rig->answer, "</body></html>");
    assert_true(end != NULL && end[14] == '\0');
    assert_non_null(strstr(t->rig->answer, "<html lang=\""));
    assert_non_null(strstr(t->rig->answer, "name=\"viewport\""));
    assert_null(strstr(t->rig->answer, "<script"));
    assert_null(strstr(t->rig->answer, "style=\""));
}

static void fill_in(struct bench *t, struct browser *at)
{
    assert_int_equal(POST(t, at, "/apply", "act=begin"), 303);
    assert_int_equal(POST(t, at, "/apply/step/1", "type=individual", "needs=print", "needs=counter",
                          "turnover=360,000"),
                     303);
    assert_int_equal(POST(t, at, "/apply/step/2", "shop=海淀区开源茶馆", "trade=5812",
                          "region=110108", "address=海淀区中关村大街1号"),
                     303);
    assert_int_equal(POST(t, at, "/apply/step/3", "owner=王小明", "identity=" BENCH_IDENTITY,
                          "identity_ends=2040-01-31", "licence=92110108MA00ABCD1Q",
                          "licence_ends=长期", "phone=" BENCH_PHONE),
                     303);
    assert_int_equal(POST(t, at, "/apply/step/4", "bank=中国银行中关村支行", "holder=王小明",
                          "account=" BENCH_ACCOUNT),
                     303);
}

static void verify(struct bench *t, struct browser *at)
{
    char code[7], said[16];
    assert_int_equal(POST(t, at, "/apply/phone", "act=code"), 200);
    check_page(t);
    bench_code(t, code);
    snprintf(said, sizeof said, "code=%s", code);
    assert_int_equal(POST(t, at, "/apply/phone", "act=verify", said), 303);
}

static void a_shop_applies_without_a_script(void **state)
{
    (void)state;
    static const char *const pages[] = {"/apply/step/1", "/apply/step/2",    "/apply/step/3",
                                        "/apply/step/4", "/apply/documents", "/apply/phone",
                                        "/apply/send",   "/apply/status"};
    for (int english = 0; english < 2; english++) {
        struct bench t = bench_open();
        struct browser at = {.lang = english ? "en" : "zh"};
        const char *tag = english ? "<html lang=\"en\">" : "<html lang=\"zh-CN\">";
        assert_int_equal(get(&t, &at, "/apply"), 200);
        check_page(&t);
        fill_in(&t, &at);
        for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
            assert_int_equal(get(&t, &at, pages[i]), 200);
            check_page(&t);
            assert_non_null(strstr(t.rig->answer, tag));
            assert_null(strstr(t.rig->answer, BENCH_IDENTITY));
            assert_null(strstr(t.rig->answer, BENCH_ACCOUNT));
        }
        assert_int_equal(POST(&t, &at, "/apply/send", "act=send"), 422);
        assert_true(rig_says(t.rig, english ? "Verify the telephone" : "验证手机号"));
        verify(&t, &at);
        assert_int_equal(get(&t, &at, "/apply/send"), 200);
        assert_true(rig_says(t.rig, "110***********2314") && rig_says(t.rig, "****0567"));
        assert_int_equal(POST(&t, &at, "/apply/send", "act=send"), 303);
        assert_int_equal(POST(&t, &at, "/apply/send", "act=send"), 303); /* twice is one */
        assert_int_equal(bench_count(&t, "SELECT count(*) FROM application"), 1);
        assert_int_equal(get(&t, &at, "/apply/status"), 200);
        check_page(&t);
        assert_true(rig_says(t.rig, english ? "In review" : "审核中"));
        /* What was sent is not filled in any more. */
        assert_int_equal(POST(&t, &at, "/apply/step/2", "shop=别的店"), 303);
        assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_value WHERE text ="
                                         " '海淀区开源茶馆'"),
                         1);
        rig_close(t.rig);
    }
}

static void what_is_wrong_is_said_beside_it(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct browser at = {.lang = "en"};
    assert_int_equal(POST(&t, &at, "/apply", "act=begin"), 303);
    assert_int_equal(POST(&t, &at, "/apply/step/2", "shop=\"><script>alert(1)</script>", "trade=58",
                          "region=110108", "address=x"),
                     422);
    check_page(&t);
    assert_true(rig_says(t.rig, "role=\"alert\""));
    assert_true(rig_says(t.rig, "id=\"trade_fault\"") && rig_says(t.rig, "id=\"address_fault\""));
    assert_false(rig_says(t.rig, "id=\"region_fault\""));
    assert_true(rig_says(t.rig, "value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\""));
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_value"), 0);
    /* A short one that is allowed is kept as it is, and escaped wherever it is shown. */
    assert_int_equal(POST(&t, &at, "/apply/step/2", "shop=<b>茶&'"), 303);
    assert_int_equal(get(&t, &at, "/apply/send"), 200);
    check_page(&t);
    assert_true(rig_says(t.rig, "&lt;b&gt;茶&amp;&#39;"));
    /* The hsm away: said, and nothing is lost. */
    t.rig->hsm_away = true;
    assert_int_equal(POST(&t, &at, "/apply/step/4", "bank=Bank of Tea", "account=" BENCH_ACCOUNT),
                     503);
    check_page(&t);
    assert_true(rig_says(t.rig, "value=\"Bank of Tea\""));
    assert_false(rig_says(t.rig, BENCH_ACCOUNT));
    rig_close(t.rig);
}

/* Trade and city are words in groups; what was chosen stays chosen; what a name lacks is said. */
static void trade_and_city_are_chosen_from_lists(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct browser at = {.lang = "zh"};
    assert_int_equal(POST(&t, &at, "/apply", "act=begin"), 303);
    assert_int_equal(get(&t, &at, "/apply/step/2"), 200);
    check_page(&t);
    assert_true(rig_says(t.rig, "<optgroup label=\"餐饮\"><option value=\"5812\">餐馆</option>"));
    assert_true(rig_says(t.rig, "<optgroup label=\"广东\"><option value=\"440100\">广州</option>"));
    assert_int_equal(
        POST(&t, &at, "/apply/step/2", "shop=开源", "trade=5813", "region=440300", "address=x"),
        422);
    assert_true(rig_says(t.rig, "<option value=\"440300\" selected>深圳"));
    assert_int_equal(POST(&t, &at, "/apply/step/2", "shop=开源", "trade=5813", "region=440300",
                          "address=南山区科苑路1号"),
                     422);
    check_page(&t);
    assert_true(rig_says(t.rig, "店铺名称要写明地区和行业"));
    assert_true(rig_says(t.rig, "请写明地区，例如“广东”。请写明行业（茶馆、咖啡馆、酒吧）。"
                                "名称要7个字以上。</p>"));
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM application_value"), 0);
    at.lang = "en";
    assert_int_equal(POST(&t, &at, "/apply/step/2", "shop=深圳市开源咖啡", "trade=5813",
                          "region=440300", "address=南山区科苑路1号"),
                     303);
    assert_int_equal(get(&t, &at, "/apply/step/2"), 200);
    assert_true(rig_says(t.rig, "<option value=\"440300\" selected>Shenzhen"));
    assert_true(rig_says(t.rig, "<option value=\"5813\" selected>Tea house"));
    assert_int_equal(get(&t, &at, "/apply/send"), 200);
    assert_true(rig_says(t.rig, "<dd>Shenzhen, Guangdong</dd>"));
    /* No district becomes a city by being looked at. */
    assert_int_equal(POST(&t, &at, "/apply/step/2", "region=440305"), 303);
    assert_int_equal(get(&t, &at, "/apply/step/2"), 200);
    assert_true(rig_says(t.rig, "<option value=\"440305\" selected>Shenzhen"));
    assert_false(rig_says(t.rig, "value=\"440300\""));
    /* What was in order with one city is not with another: it is not sent. */
    assert_int_equal(POST(&t, &at, "/apply/step/2", "region=110100"), 422);
    rig_close(t.rig);
}

static void above_the_cap_is_another_offer(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct browser at = {.lang = "en"};
    fill_in(&t, &at);
    verify(&t, &at);
    assert_int_equal(
        POST(&t, &at, "/apply/step/1", "type=individual", "needs=counter", "turnover=1000000.01"),
        303);
    assert_int_equal(POST(&t, &at, "/apply/send", "act=send"), 422);
    check_page(&t);
    assert_true(rig_says(t.rig, "buy or rent one") && rig_says(t.rig, "Take the other offer"));
    assert_int_equal(POST(&t, &at, "/apply/send", "act=send"), 303);
    assert_int_equal(bench_count(&t, "SELECT product FROM application"), PRODUCT_OTHER);
    rig_close(t.rig);
}

static void nobody_sees_anothers(void **state)
{
    (void)state;
    static const char *const pages[] = {"/apply/step/1", "/apply/documents", "/apply/send",
                                        "/apply/status", "/apply/agreement"};
    struct bench t = bench_open();
    struct browser at = {.lang = "zh"}, stranger = {.lang = "zh"}, guesser = {.lang = "zh"};
    fill_in(&t, &at);
    snprintf(guesser.cookie[0][0], 96, "apply");
    snprintf(guesser.cookie[0][1], 96, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for (size_t i = 0; i < ARRAY_LEN(pages); i++) {
        assert_int_equal(get(&t, &stranger, pages[i]), 303);
        assert_int_equal(get(&t, &guesser, pages[i]), 303);
        assert_int_equal(POST(&t, &guesser, pages[i], "act=withdraw"), 303);
        t.rig->now_ms += 10000;
    }
    assert_int_equal(bench_count(&t, "SELECT count(*) FROM application WHERE state = 1"), 1);
    assert_int_equal(get(&t, &stranger, "/apply/nothing"), 404);
    assert_int_equal(get(&t, &stranger, "/apply/style.css"), 200);
    rig_close(t.rig);
}

/* At another device by number and telephone; the same is said to who knows neither. */
static void an_applicant_comes_back(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct browser at = {.lang = "en"}, other = {.lang = "en"};
    char code[7], said[16], same[2][4096];
    fill_in(&t, &at);
    unsigned letters = t.rig->letters;
    assert_int_equal(
        POST(&t, &other, "/apply/return", "act=code", "number=SQ00000001", "phone=13900009999"),
        200);
    assert_int_equal(t.rig->letters, letters);
    snprintf(same[0], sizeof same[0], "%.4095s", t.rig->answer);
    assert_int_equal(
        POST(&t, &other, "/apply/return", "act=code", "number=SQ00000001", "phone=" BENCH_PHONE),
        200);
    assert_int_equal(t.rig->letters, letters + 1);
    snprintf(same[1], sizeof same[1], "%.4095s", t.rig->answer);
    assert_string_equal(same[0], same[1]);
    check_page(&t);
    bench_code(&t, code);
    assert_int_equal(POST(&t, &other, "/apply/return", "act=enter", "number=SQ00000001",
                          strcmp(code, "111111") == 0 ? "code=222222" : "code=111111"),
                     422);
    snprintf(same[0], sizeof same[0], "%.4095s", t.rig->answer);
    assert_int_equal(
        POST(&t, &other, "/apply/return", "act=enter", "number=SQ00000002", "code=111111"), 422);
    snprintf(said, sizeof said, "code=%s", code);
    assert_int_equal(POST(&t, &other, "/apply/return", "act=enter", "number=SQ00000001", said),
                     303);
    assert_int_equal(get(&t, &other, "/apply/status"), 200);
    assert_int_equal(get(&t, &at, "/apply/status"), 303); /* the old secret has ended */
    rig_close(t.rig);
}

static void approve(struct bench *t)
{
    const struct reviewer first = {7, ROLE_AGENT, "staff a", ""},
                          second = {8, ROLE_APPROVER, "staff b", ""};
    enum application_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(t->as->store, &tx));
    assert_ok(application_find(t->as->store, 1, &t->a));
    assert_ok(review_note(t->as, &tx, &t->a, &first, BYTES("grumpy on the phone"), &verdict));
    assert_ok(review_propose(t->as, &tx, &t->a, &first, OPINION_APPROVE, REASON_NONE, &verdict));
    assert_ok(review_decide(t->as, &tx, &t->a, &second, true, BYTES(""), &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_OK);
    assert_ok(store_commit(&tx));
}

static void the_agreement_is_read_and_signed(void **state)
{
    (void)state;
    struct bench t = bench_open();
    struct browser at = {.lang = "en"};
    char code[7], said[16], digest[80];
    fill_in(&t, &at);
    verify(&t, &at);
    assert_int_equal(POST(&t, &at, "/apply/send", "act=send"), 303);
    approve(&t);
    t.rig->now_ms += 60000;
    assert_int_equal(get(&t, &at, "/apply/status"), 200);
    assert_true(rig_says(t.rig, "Read and sign the agreement"));
    assert_false(rig_says(t.rig, "grumpy")); /* what the staff writes to itself */
    assert_int_equal(get(&t, &at, "/apply/agreement"), 200);
    check_page(&t);
    assert_true(rig_says(t.rig, "debit cards: 0.38 %, at most 20.00 yuan (rule 201)"));
    assert_int_equal(POST(&t, &at, "/apply/agreement", "act=code"), 200);
    const char *shown = strstr(t.rig->answer, "name=\"digest\" value=\"");
    assert_non_null(shown);
    snprintf(digest, sizeof digest, "digest=%.64s", shown + 21);
    bench_code(&t, code);
    snprintf(said, sizeof said, "code=%s", code);
    assert_int_equal(POST(&t, &at, "/apply/agreement", "act=sign", "digest=00", said), 422);
    assert_true(rig_says(t.rig, "changed meanwhile"));
    assert_int_equal(POST(&t, &at, "/apply/agreement", "act=sign", digest, said), 303);
    assert_int_equal(bench_count(&t, "SELECT state FROM application"), APPLICATION_AGREED);
    assert_int_equal(get(&t, &at, "/apply/agreement"), 200);
    check_page(&t);
    rig_close(t.rig);
}

static void what_did_not_arrive_whole_is_refused(void **state)
{
    (void)state;
    static const char *const types[] = {NULL, "application/x-www-form-urlencoded",
                                        "application/json", TYPE, "multipart/form-data"};
    struct bench t = bench_open();
    struct browser at = {.lang = "zh"};
    assert_int_equal(POST(&t, &at, "/apply", "act=begin"), 303);
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        at.type = types[i];
        assert_int_equal(rig_ask(t.rig, &at, "POST", "/apply/step/1", "type=micro"), 422);
        check_page(&t);
        assert_true(rig_says(t.rig, "表单不完整"));
    }
    assert_int_equal(POST(&t, &at, "/apply/status", "act=steal"), 422);
    assert_int_equal(POST(&t, &at, "/apply/status", "act=appeal", "note=\xFF"), 422);
    check_page(&t);
    /* Who asks without end is told to wait. */
    unsigned passed = 0;
    for (int i = 0; i < 500; i++) passed += get(&t, &at, "/apply") == 200;
    assert_true(passed < 500);
    assert_int_equal(get(&t, &at, "/apply"), 429);
    check_page(&t);
    rig_close(t.rig);
}

/* As the server in front says it: no body, and a status. */
static unsigned refuse(struct bench *t, struct browser *at, const char *path, unsigned status)
{
    struct rig *rig = t->rig;
    const struct backoffice_request request = {
        .ticket = ++rig->tickets,
        .method = "POST",
        .path = path,
        .body = BYTES(""),
        .address = "192.0.2.1",
        .reader = {rig_cookie, rig_header, rig_query, at},
    };
    struct http_response response = {.status = status,
                                     .content_type = "application/json",
                                     .body = writer_over(rig->block, sizeof rig->block)};
    assert_ok(backoffice_on_refused(rig->b, &request, status, &response));
    snprintf(rig->answer, sizeof rig->answer, "%.*s", (int)response.body.len, rig->block);
    return response.status;
}

/* Refusals are pages too, in the language of the visitor, and lead on. */
static void refusals_are_pages(void **state)
{
    (void)state;
    static const unsigned statuses[] = {404, 405, 413, 503};
    struct bench t = bench_open();
    struct browser at = {.lang = "en"};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        assert_int_equal(refuse(&t, &at, "/apply/documents", statuses[i]), statuses[i]);
        check_page(&t);
        assert_true(rig_says(t.rig, "href=\"/apply\""));
    }
    /* A file that is too large is said where it was chosen, in a draft of one's own. */
    fill_in(&t, &at);
    assert_int_equal(refuse(&t, &at, "/apply/documents", 413), 413);
    check_page(&t);
    assert_true(rig_says(t.rig, "larger than 5 MB") && rig_says(t.rig, "Documents and photos"));
    at.lang = "zh";
    assert_int_equal(refuse(&t, &at, "/apply/documents", 413), 413);
    assert_true(rig_says(t.rig, "文件超过5MB"));
    assert_int_equal(get(&t, &at, "/apply/nothing"), 404);
    check_page(&t);
    assert_true(rig_says(t.rig, "没有这个页面"));
    /* Programs read JSON: nothing is written for them here. */
    assert_int_equal(refuse(&t, &at, "/api/v1/applications", 413), 413);
    assert_string_equal(t.rig->answer, "");
    assert_int_equal(refuse(&t, &at, "/applyx", 413), 413);
    assert_string_equal(t.rig->answer, "");
    rig_close(t.rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shop_applies_without_a_script),
        cmocka_unit_test(what_is_wrong_is_said_beside_it),
        cmocka_unit_test(trade_and_city_are_chosen_from_lists),
        cmocka_unit_test(above_the_cap_is_another_offer),
        cmocka_unit_test(nobody_sees_anothers),
        cmocka_unit_test(an_applicant_comes_back),
        cmocka_unit_test(the_agreement_is_read_and_signed),
        cmocka_unit_test(what_did_not_arrive_whole_is_refused),
        cmocka_unit_test(refusals_are_pages),
    };
    return cmocka_run_group_tests_name("applications_page", tests, NULL, NULL);
}
