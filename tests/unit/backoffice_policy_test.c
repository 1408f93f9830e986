/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies of terminals in the staff console (S20): read in plain words, edited, refused below the
 * floor by name, proposed by one administrator and approved by another, and no key is here.
 */
#include "backoffice/accounts/policy_drafts.h"
#include "lib/auth/blocklist_build.h"
#include "registry/policy.h"
#include "tests/unit/backoffice_rig.h"

struct cast {
    struct rig *rig;
    struct browser first, second;
};

static void open_cast(struct cast *c)
{
    *c = (struct cast){.rig = rig_open()};
    (void)rig_known(c->rig, &c->first, "an", ROLE_ADMIN);
    (void)rig_known(c->rig, &c->second, "bo", ROLE_ADMIN);
}

#define EDIT(min, max, lock, ways)                                                                \
    "{\"model\":\"TB-1\",\"role\":\"cashier\",\"profile\":\"numeric-any\",\"rules\":\"default\"," \
    "\"min\":" #min ",\"max\":" #max ",\"lock\":" #lock ",\"ways\":[" ways "]}"

static unsigned post(struct cast *c, struct browser *b, const char *path, const char *body)
{
    return rig_ask(c->rig, b, "POST", path, body);
}

/* S20: the same words as `tongbao policy show`. */
static void the_words_are_those_of_policy_show(void **state)
{
    (void)state;
    struct cast c;
    struct policy_document document;
    char words[4096];
    struct writer w = writer_over(words, sizeof words - 1);
    open_cast(&c);
    assert_int_equal(rig_ask(c.rig, &c.first, "GET", "/api/staff/policies", ""), 200);
    assert_true(rig_says(c.rig, "\"model\":\"TB-1\",\"version\":1"));
    assert_false(rig_says(c.rig, "CONSOLE"));
    assert_int_equal(rig_ask(c.rig, &c.first, "GET", "/api/staff/policies/TB-1/cashier", ""), 200);
    assert_true(policy_builtin(BYTES("TB-1"), &document));
    policy_describe(policy_document_role(&document, POLICY_CASHIER), POLICY_EN, &w);
    words[w.len] = '\0';
    unsigned lines = 0;
    for (char *at = words, *end; (end = strchr(at, '\n')) != NULL; at = end + 1, lines++) {
        *end = '\0';
        if (!rig_says(c.rig, at)) fail_msg("%s is not in %s", at, c.rig->answer);
    }
    assert_true(lines > 3);
    assert_true(rig_says(c.rig, "\"result\":\"satisfied\""));
    assert_true(rig_says(c.rig, "\"result\":\"n.a.\"") ||
                rig_says(c.rig, "\"result\":\"violated\""));
    static const char *const none[] = {"TB-1/owner", "TB-1", "CONSOLE/staff", "NONE/cashier", ""};
    for (size_t i = 0; i < ARRAY_LEN(none); i++) {
        char path[64];
        snprintf(path, sizeof path, "/api/staff/policies/%s", none[i]);
        assert_int_equal(rig_ask(c.rig, &c.first, "GET", path, ""), 404);
    }
    rig_close(c.rig);
}

/* S20, S29: what would weaken a terminal is refused with the rule that it breaks. */
static void below_the_floor_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *body, *key, *fault;
    } rows[] = {
        {EDIT(4, 32, 300, "\"supervisor\""), "length", "floor"},
        {EDIT(0, 32, 300, "\"supervisor\""), "length", "skips"},
        {EDIT(9, 8, 300, "\"supervisor\""), "length", "value"},
        {EDIT(6, 32, 5, "\"supervisor\""), "auto-lock", "floor"},
        {EDIT(6, 32, 9999, "\"supervisor\""), "auto-lock", "floor"},
        {"{\"model\":\"TB-1\",\"role\":\"cashier\",\"profile\":\"passphrase\",\"rules\":\"default\","
         "\"min\":15,\"max\":64,\"lock\":300,\"ways\":[]}",
         "profile", "profile"}, /* no letters on its keys */
    };
    struct cast c;
    open_cast(&c);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        static const char *const paths[] = {"/api/staff/policies/check",
                                            "/api/staff/policies/propose"};
        for (size_t k = 0; k < ARRAY_LEN(paths); k++) {
            char key[64], fault[64];
            unsigned status = post(&c, &c.first, paths[k], rows[i].body);
            snprintf(key, sizeof key, "\"key\":\"%s\"", rows[i].key);
            snprintf(fault, sizeof fault, "\"fault\":\"%s\"", rows[i].fault);
            if (status != 422 || !rig_says(c.rig, key) || !rig_says(c.rig, fault))
                fail_msg("%zu: %u %s", i, status, c.rig->answer);
        }
    }
    assert_int_equal(
        post(&c, &c.first, "/api/staff/policies/check", EDIT(6, 32, 300, "\"supervisor\",\"sms\"")),
        200);
    assert_int_equal(post(&c, &c.first, "/api/staff/policies/check", EDIT(6, 32, 300, "\"magic\"")),
                     400);
    rig_close(c.rig);
}

/* What the registry is given, as `tongbao admin policy --pending` does. */
static void publish(struct rig *rig, const char *model, uint32_t version)
{
    struct policy_document document;
    uint8_t signer[POLICY_SIGNER_BYTES], secret[POLICY_SIGNER_SECRET_BYTES];
    uint8_t text[POLICY_DOCUMENT_MAX];
    struct policy_fault fault;
    struct registry_policy policy = {.version = version};
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    const struct random random = random_from_seed(&rig->source);
    policy_signer_make(&random, signer, secret);
    assert_true(policy_builtin(bytes_text(model), &document));
    document.version = version;
    struct writer w = writer_over(text, sizeof text);
    struct writer out = writer_over(policy.document, sizeof policy.document);
    policy_document_write(&document, &w);
    assert_ok(policy_document_sign(writer_view(&w), secret, &out, &fault));
    policy.document_len = out.len;
    snprintf(policy.model, sizeof policy.model, "%s", model);
    assert_ok(registry_publish_policy(rig->registry, &actor, &policy));
}

/* S20: two people, one change a model at a time, and published when the registry has it. */
static void two_administrators_and_a_signer(void **state)
{
    (void)state;
    struct cast c = {.rig = rig_open_desk(true)};
    char id[16], body[64];
    (void)rig_known(c.rig, &c.first, "an", ROLE_ADMIN);
    (void)rig_known(c.rig, &c.second, "bo", ROLE_ADMIN);
    assert_int_equal(post(&c, &c.first, "/api/staff/policies/propose", EDIT(7, 32, 120, "\"sms\"")),
                     200);
    assert_true(rig_says(c.rig, "\"version\":2"));
    snprintf(id, sizeof id, "%ld", strtol(strstr(c.rig->answer, "\"id\":") + 5, NULL, 10));
    snprintf(body, sizeof body, "{\"id\":%s}", id);
    assert_int_equal(
        post(&c, &c.second, "/api/staff/policies/propose", EDIT(8, 32, 120, "\"sms\"")), 409);
    assert_int_equal(post(&c, &c.first, "/api/staff/policies/approve", body), 409);
    assert_true(rig_says(c.rig, "Somebody else"));
    assert_int_equal(post(&c, &c.second, "/api/staff/policies/approve", body), 204);
    assert_int_equal(post(&c, &c.second, "/api/staff/policies/approve", body), 404);
    assert_int_equal(rig_ask(c.rig, &c.first, "GET", "/api/staff/policies", ""), 200);
    assert_true(rig_says(c.rig, "\"state\":\"approved\",\"author\":\"Person an\","
                                "\"approver\":\"Person bo\""));
    /* What it would be, and what it is. */
    assert_true(rig_says(c.rig, "\"words\":[\"7 to 32 digits"));
    assert_true(rig_says(c.rig, "\"now\":[\"6 to 12 digits"));
    assert_true(rig_says(c.rig, "\"model\":\"TB-1\",\"version\":1"));
    publish(c.rig, "TB-1", 2);
    assert_int_equal(rig_ask(c.rig, &c.first, "GET", "/api/staff/policies", ""), 200);
    assert_true(rig_says(c.rig, "\"model\":\"TB-1\",\"version\":2"));
    assert_true(rig_says(c.rig, "\"drafts\":[]"));
    rig_close(c.rig);
}

/* The table itself refuses one person as both. */
static void one_person_is_not_two(void **state)
{
    (void)state;
    struct cast c;
    struct store_statement *s;
    open_cast(&c);
    assert_int_equal(post(&c, &c.first, "/api/staff/policies/propose", EDIT(7, 32, 120, "\"sms\"")),
                     200);
    {
        CLEANUP(store_rollback) struct store_tx tx = {0};
        assert_ok(store_begin(c.rig->b->store, &tx));
        assert_ok(store_statement(c.rig->b->store,
                                  "UPDATE policy_draft SET state = 2, approver = author", &s));
        assert_true(FAILED(store_run(s)));
    }
    rig_close(c.rig);
}

static void a_dropped_one_makes_room(void **state)
{
    (void)state;
    struct cast c;
    open_cast(&c);
    for (int i = 0; i < 2; i++) {
        char body[64];
        assert_int_equal(
            post(&c, &c.first, "/api/staff/policies/propose", EDIT(7, 32, 120, "\"sms\"")), 200);
        snprintf(body, sizeof body, "{\"id\":%ld}",
                 strtol(strstr(c.rig->answer, "\"id\":") + 5, NULL, 10));
        assert_int_equal(post(&c, &c.first, "/api/staff/policies/drop", body), 204);
    }
    rig_close(c.rig);
}

/* CR-07: the file that the vaults take, by the same rules; kept with a decision. */
static void additions_to_the_blocklist(void **state)
{
    (void)state;
    static uint8_t file[BLOCKLIST_FILE_MAX];
    static const char word[] = "purple anvil seventeen kites"; /* RIG_OTHER, five pieces */
    struct rig *rig = rig_open();
    struct browser b = {0};
    struct blocklist_words words = {0};
    struct blocklist filter;
    uint16_t *fingerprint = NULL;
    uint8_t signer[POLICY_SIGNER_BYTES], secret[POLICY_SIGNER_SECRET_BYTES];
    enum blocklist_fault fault = BLOCKLIST_FAULTS;
    const struct random random = random_from_seed(&rig->source);
    (void)rig_known(rig, &b, "an", ROLE_ADMIN);
    policy_signer_make(&random, signer, secret);
    assert_ok(blocklist_words_add(&words, bytes_text(word)));
    assert_ok(blocklist_build(&words, &filter, &fingerprint));
    struct writer w = writer_over(file, sizeof file);
    assert_ok(blocklist_file_sign(&filter, 3, secret, &w));
    static const char path[] = "/api/staff/security/password";
    static const char body[] = "{\"current\":\"" RIG_PASSWORD "\",\"password\":\"" RIG_OTHER "\"}";
    assert_ok(backoffice_take_blocklist(rig->b, bytes_of(file, w.len - 1), signer, &fault));
    assert_int_equal(fault, BLOCKLIST_FAULT_END);
    assert_ok(backoffice_take_blocklist(rig->b, bytes_of(file, w.len), signer, &fault));
    assert_int_equal(fault, BLOCKLIST_FAULT_NONE);
    unsigned status = rig_ask(rig, &b, "POST", path, body);
    if (status != 422 || !rig_says(rig, "\"rule\":\"common\""))
        fail_msg("%u %s", status, rig->answer);
    w = writer_over(file, sizeof file);
    assert_ok(blocklist_file_sign(&filter, 2, secret, &w));
    assert_ok(backoffice_take_blocklist(rig->b, bytes_of(file, w.len), signer, &fault));
    assert_int_equal(fault, BLOCKLIST_FAULT_OLDER);
    assert_int_equal(rig_ask(rig, &b, "POST", path, body), 422);
    free(fingerprint);
    blocklist_words_free(&words);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_are_those_of_policy_show),
        cmocka_unit_test(below_the_floor_is_refused_by_name),
        cmocka_unit_test(two_administrators_and_a_signer),
        cmocka_unit_test(one_person_is_not_two),
        cmocka_unit_test(a_dropped_one_makes_room),
        cmocka_unit_test(additions_to_the_blocklist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
