/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Papers of a change (S142, S132): sent by who asked and while it waits, by their content; a name
 * and an account are not agreed to without theirs; the staff looks at them, and every look is on
 * record; nobody else's are seen, and all are gone when the years of the files are over.
 */
#include "backoffice/contracts/change.h"
#include "backoffice/desk/desk_internal.h"
#include "registry/payout.h"
#include "tests/unit/fleet_rig.h"
#include "tests/unit/scratch.h"

#define MINE   "/api/v1/contracts/" RIG_MID "/changes"
#define PAPERS "/api/v1/papers/" RIG_MID
#define PDF    "%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
#define NAME                                                                                        \
    "{\"kind\":\"name\",\"reason\":\"new sign\",\"name_zh\":\"海淀区通宝面馆\",\"name_en\":" \
    "\"TONGBAO NOODLES\"}"
#define YES     "{\"agrees\":true,\"papers\":\"licence\"}"
#define ACCOUNT "{\"holder\":\"王小明\",\"bank\":\"招商银行\",\"number\":\"6222021234567890128\"}"

static struct scratch scratch;

struct scene {
    struct rig *rig;
    struct browser owner, other, agent, chief, auditor;
};

static struct scene open_scene(void)
{
    struct scene s = {.rig = with_devices()};
    scratch_make(&scratch);
    s.rig->b->uploads->directory = scratch.directory;
    s.rig->b->desk->config.papers = true;
    s.owner = person(s.rig, "owner", RIG_MID, ROLE_OWNER);
    s.other = person(s.rig, "stranger", OTHER_MID, ROLE_OWNER);
    s.agent = person(s.rig, "agent", "", ROLE_AGENT);
    s.chief = person(s.rig, "chief", "", ROLE_APPROVER);
    s.auditor = person(s.rig, "auditor", "", ROLE_AUDITOR);
    return s;
}

static void close_scene(struct scene *s)
{
    rig_close(s->rig);
    scratch_remove(&scratch);
}

static unsigned act(struct scene *s, struct browser *who, const char *path, const char *body)
{
    s->rig->now_ms += 1000;
    return rig_ask(s->rig, who, "POST", path, body);
}

static unsigned look(struct scene *s, struct browser *who, const char *path)
{
    return rig_ask(s->rig, who, "GET", path, "");
}

static bool refused(struct scene *s, const char *code)
{
    char said[60];
    snprintf(said, sizeof said, "\"error\":\"%s\"", code);
    return rig_says(s->rig, said);
}

static int64_t count_of(struct scene *s, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->rig->b->store, sql, &count));
    return count;
}

static void a_name_is_not_agreed_to_without_its_licence(void **state)
{
    (void)state;
    struct scene s = open_scene();
    static const char licence[] = PAPERS "/changes/1/licence";
    assert_int_equal(act(&s, &s.owner, MINE, NAME), 200);
    assert_true(rig_says(s.rig, "\"uploads\":[{\"name\":\"licence\",\"text_zh\":\"营业执照\"") &&
                rig_says(s.rig, "\"text_en\":\"Business licence\",\"needed\":true}"));
    assert_int_equal(act(&s, &s.chief, MINE "/1/decision", YES), 409);
    assert_true(refused(&s, "papers_lack"));
    assert_int_equal(act(&s, &s.owner, PAPERS "/changes/1/identity", PDF), 200); /* not the one */
    assert_int_equal(act(&s, &s.chief, MINE "/1/decision", YES), 409);
    assert_true(refused(&s, "papers_lack"));
    assert_int_equal(act(&s, &s.owner, licence, PDF), 200);
    assert_true(rig_says(s.rig, "\"needed\":true,\"type\":\"application/pdf\",\"bytes\":35,"));
    assert_int_equal(act(&s, &s.chief, MINE "/1/decision", "{\"agrees\":true}"), 409);
    assert_true(refused(&s, "no_papers")); /* there, and not said to have been looked at */
    assert_int_equal(act(&s, &s.chief, MINE "/1/decision", YES), 200);
    assert_true(rig_says(s.rig, "\"state\":\"taken\""));
    assert_int_equal(act(&s, &s.owner, licence, PDF), 409); /* what was decided on stays */
    assert_true(refused(&s, "no_request"));
    close_scene(&s);
}

/* By its content, and no other thing than what is asked for; a refusal needs none of it. */
static void what_is_no_paper_of_it_is_not_taken(void **state)
{
    (void)state;
    static const char *const none[] = {"", "{}", "licence.jpg", "<svg onload=alert(1)>",
                                       "%PDF-1.7 /OpenAction << /S /JavaScript >> %%EOF"};
    static char large[UPLOAD_BYTES_MAX + 2];
    struct scene s = open_scene();
    static const char licence[] = PAPERS "/changes/1/licence";
    memset(large, 'x', sizeof large - 1);
    assert_int_equal(act(&s, &s.owner, MINE, NAME), 200);
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        assert_int_equal(act(&s, &s.owner, licence, none[i]), 422);
        assert_true(refused(&s, "not_picture"));
    }
    assert_int_equal(act(&s, &s.owner, licence, large), 413);
    assert_int_equal(act(&s, &s.owner, PAPERS "/changes/1/premises", PDF), 404);
    assert_int_equal(act(&s, &s.owner, PAPERS "/changes/1/passport", PDF), 404);
    assert_int_equal(act(&s, &s.owner, PAPERS "/changes/9/licence", PDF), 404);
    assert_int_equal(act(&s, &s.owner, PAPERS "/changes/x/licence", PDF), 404);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM upload_file"), 0);
    s.rig->b->uploads->directory = NULL; /* a house without uploads asks for none */
    assert_int_equal(act(&s, &s.owner, licence, PDF), 409);
    assert_true(refused(&s, "no_uploads"));
    assert_int_equal(act(&s, &s.chief, MINE "/1/decision", "{\"agrees\":false}"), 200);
    close_scene(&s);
}

static void who_looks_is_on_record(void **state)
{
    (void)state;
    struct scene s = open_scene();
    static const char path[] = PAPERS "/changes/1/licence";
    static const char views[] = "SELECT count(*) FROM audit WHERE event = 'paper_viewed' AND"
                                " detail = 'change 1, licence'";
    assert_int_equal(act(&s, &s.owner, MINE, NAME), 200);
    assert_int_equal(look(&s, &s.chief, path), 404); /* nothing is there yet */
    assert_int_equal(act(&s, &s.owner, path, PDF), 200);
    assert_int_equal(count_of(&s, views), 0);
    assert_int_equal(look(&s, &s.chief, path), 200);
    assert_true(rig_says(s.rig, "\"type\":\"application/pdf\",\"bytes\":35,\"from\":0,\"piece\":\""
                                "JVBERi0xLjcK"));
    assert_int_equal(look(&s, &s.chief, path), 200);
    assert_int_equal(count_of(&s, views), 1);
    assert_int_equal(look(&s, &s.agent, path), 200);
    assert_int_equal(count_of(&s, views), 2);
    /* Not the owner, not another's, not who only reads books. */
    assert_int_equal(look(&s, &s.owner, path), 403);
    assert_int_equal(look(&s, &s.auditor, path), 403);
    assert_int_equal(act(&s, &s.other, path, PDF), 404);
    assert_int_equal(look(&s, &s.chief, "/api/v1/papers/" OTHER_MID "/changes/1/licence"), 404);
    assert_int_equal(count_of(&s, views), 2);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE event = 'paper_sent'"), 1);
    close_scene(&s);
}

/* S59: an account takes its proof, and then two of the staff. */
static void an_account_is_not_approved_without_its_proof(void **state)
{
    (void)state;
    struct scene s = open_scene();
    struct payout_account account;
    static const char path[] = PAPERS "/payouts/1/account";
    static const char one[] = "{\"request\":1}";
    assert_int_equal(act(&s, &s.owner, "/api/console/payout/ask", ACCOUNT), 200);
    assert_int_equal(act(&s, &s.agent, "/api/staff/payout/approve", one), 409);
    assert_true(refused(&s, "papers_lack"));
    assert_int_equal(act(&s, &s.other, path, PDF), 404);
    assert_int_equal(act(&s, &s.owner, PAPERS "/payouts/1/licence", PDF), 404);
    assert_int_equal(look(&s, &s.owner, "/api/console/payout"), 200);
    assert_true(rig_says(s.rig, "\"uploads\":[{\"name\":\"account\"") &&
                rig_says(s.rig, "\"needed\":true}"));
    assert_int_equal(act(&s, &s.owner, path, PDF), 200);
    assert_int_equal(look(&s, &s.agent, path), 200);
    assert_int_equal(act(&s, &s.agent, "/api/staff/payout/approve", one), 200);
    assert_int_equal(act(&s, &s.chief, "/api/staff/payout/approve", one), 200);
    assert_ok(payout_find(s.rig->b->store, RIG_MID, s.rig->now_ms, &account));
    assert_string_equal(account.details.last4, "0128");
    assert_int_equal(act(&s, &s.owner, path, PDF), 409);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE event = 'paper_viewed' AND"
                                  " detail = 'account 1, account'"),
                     1);
    close_scene(&s);
}

/* Two requests with the same paper have one file, until the last of them is gone. */
static void a_file_goes_with_the_last_who_has_it(void **state)
{
    (void)state;
    struct scene s = open_scene();
    assert_int_equal(act(&s, &s.owner, MINE, NAME), 200);
    assert_int_equal(act(&s, &s.owner, PAPERS "/changes/1/licence", PDF), 200);
    assert_int_equal(act(&s, &s.owner, PAPERS "/changes/1/identity", PDF), 200);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM upload_file"), 1);
    assert_ok(store_exec(s.rig->b->store, "DELETE FROM upload WHERE kind = 1"));
    assert_ok(uploads_sweep(s.rig->b->uploads));
    assert_int_equal(look(&s, &s.chief, PAPERS "/changes/1/identity"), 200);
    assert_ok(store_exec(s.rig->b->store, "DELETE FROM upload"));
    assert_ok(uploads_sweep(s.rig->b->uploads));
    assert_int_equal(count_of(&s, "SELECT count(*) FROM upload_file"), 0);
    assert_int_equal(rmdir(scratch.directory), 0); /* nothing lies there any more */
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_not_agreed_to_without_its_licence),
        cmocka_unit_test(what_is_no_paper_of_it_is_not_taken),
        cmocka_unit_test(who_looks_is_on_record),
        cmocka_unit_test(an_account_is_not_approved_without_its_proof),
        cmocka_unit_test(a_file_goes_with_the_last_who_has_it),
    };
    return cmocka_run_group_tests_name("contracts_papers", tests, NULL, NULL);
}
