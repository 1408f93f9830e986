/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device channel: every question as it is written, every answer and tell that is taken and that
 * is not, events until they are acknowledged and over a restart, connections that break.
 */
#include "lib/wire/json.h"
#include "tests/unit/terminal_rig.h"

/* ---- the messages ---- */

static void written(const struct manage_question *question, const char *wanted)
{
    uint8_t block[1024];
    struct writer w = writer_over(block, sizeof block - 1);
    manage_write(&w, 7, question);
    block[w.len] = '\0';
    assert_string_equal((const char *)block, wanted);
}

static void test_questions(void **state)
{
    (void)state;
    const struct notes_event event = {3, "password_set", "01", "", 1903321800000};
    struct manage_question q = {.ask = MANAGE_HELLO,
                                .serial = "TB1-0000017",
                                .model = "TB-1",
                                .version = "0.1.0",
                                .policy = 4,
                                .first_login_ms = 5};
    q.anchor[7] = 9;
    written(&q, "{\"id\":7,\"ask\":\"hello\",\"serial\":\"TB1-0000017\",\"model\":\"TB-1\","
                "\"version\":\"0.1.0\",\"policy\":4,\"first_login_ms\":5,"
                "\"epoch\":\"000000000000000900000000000000000000000000000000\"}");
    q = (struct manage_question){.ask = MANAGE_RECOVER,
                                 .operator_id = "01",
                                 .way = VAULT_BY_SMS,
                                 .challenge = {0xab, 0xcd},
                                 .challenge_len = 2};
    written(&q, "{\"id\":7,\"ask\":\"recover\",\"operator\":\"01\",\"way\":\"sms\","
                "\"challenge\":\"ABCD\"}");
    q.ask = MANAGE_RECOVER_END;
    written(&q, "{\"id\":7,\"ask\":\"recover_end\",\"operator\":\"01\",\"challenge\":\"ABCD\"}");
    q.ask = MANAGE_APPROVE;
    written(&q, "{\"id\":7,\"ask\":\"approve\",\"operator\":\"01\",\"challenge\":\"ABCD\"}");
    q.ask = MANAGE_PAIR;
    written(&q, "{\"id\":7,\"ask\":\"pair\",\"token\":\"ABCD\"}");
    q.ask = MANAGE_PAIR_END;
    q.pair = 2;
    written(&q, "{\"id\":7,\"ask\":\"pair_end\",\"token\":\"ABCD\",\"pair\":2}");
    q = (struct manage_question){.ask = MANAGE_EVENT, .event = &event};
    written(&q, "{\"id\":7,\"ask\":\"event\",\"kind\":\"password_set\",\"operator\":\"01\","
                "\"detail\":\"\",\"number\":3,\"at_ms\":1903321800000}");
}

static err read_text(const char *json, enum manage_ask asked, struct manage_heard *out)
{
    struct json_document document = {0};
    err e = manage_read(bytes_text(json), asked, &document, out);
    out->policy = (struct bytes){0}; /* its view ends here */
    json_free(&document);
    return e;
}

static void test_answers(void **state)
{
    (void)state;
    static const struct {
        enum manage_ask asked;
        const char *json;
        enum manage_status status;
    } good[] = {
        {MANAGE_HELLO, "{\"id\":1,\"status\":\"ok\"}", MANAGE_STATUS_OK},
        {MANAGE_HELLO, "{\"id\":1,\"status\":\"ok\",\"policy\":\"text\"}", MANAGE_STATUS_OK},
        {MANAGE_RECOVER,
         "{\"id\":1,\"status\":\"sent\",\"contact\":\"138****5678\",\"seconds\":300}",
         MANAGE_STATUS_SENT},
        {MANAGE_RECOVER, "{\"id\":1,\"status\":\"ticket\",\"number\":\"R-000123\"}",
         MANAGE_STATUS_TICKET},
        {MANAGE_RECOVER, "{\"id\":1,\"status\":\"limit\",\"seconds\":3600}", MANAGE_STATUS_LIMIT},
        {MANAGE_RECOVER, "{\"id\":1,\"status\":\"no_contact\"}", MANAGE_STATUS_NO_CONTACT},
        {MANAGE_RECOVER, "{\"id\":1,\"status\":\"something new\"}", MANAGE_STATUS_REFUSED},
        {MANAGE_PAIR, "{\"id\":1,\"status\":\"ok\",\"url\":\"http://localhost/pair#x\"}",
         MANAGE_STATUS_OK},
        {MANAGE_APPROVE, "{\"id\":1,\"status\":\"asked\",\"seconds\":90}", MANAGE_STATUS_ASKED},
    };
    static const struct {
        enum manage_ask asked;
        const char *json;
    } bad[] = {
        {MANAGE_NOTHING, "{\"id\":1,\"status\":\"ok\"}"}, /* nothing was asked */
        {MANAGE_HELLO, ""},
        {MANAGE_HELLO, "[]"},
        {MANAGE_HELLO, "{\"id\":1}"},
        {MANAGE_HELLO, "{\"id\":0,\"status\":\"ok\"}"},
        {MANAGE_HELLO, "{\"id\":1,\"status\":\"ok\",\"grant\":\"00\"}"},
        {MANAGE_HELLO, "{\"id\":1,\"status\":\"ok\",\"anchor\":\"00\"}"},
        {MANAGE_EVENT, "{\"id\":1,\"status\":\"ok\",\"contact\":\"138\"}"},
        {MANAGE_RECOVER, "{\"id\":1,\"status\":\"sent\",\"seconds\":-1}"},
        {MANAGE_RECOVER, "{\"id\":1,\"status\":\"ticket\",\"number\":\"R-0000000000000123\"}"},
        {MANAGE_HELLO, "{\"id\":1,\"status\":\"ok\"}{}"},
    };
    struct manage_heard heard;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        GOOD(read_text(good[i].json, good[i].asked, &heard));
        assert_int_equal(heard.tell, MANAGE_ANSWER);
        assert_int_equal(heard.status, good[i].status);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_true(FAILED(read_text(bad[i].json, bad[i].asked, &heard)));
}

#define GRANT "0123456789ABCDEF0123456789ABCDEF"

static void test_tells(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum manage_tell tell; /* MANAGE_ANSWER: it is refused */
    } rows[] = {
        {"{\"tell\":\"grant\",\"operator\":\"01\",\"challenge\":\"ABCD\",\"grant\":\"" GRANT "\"}",
         MANAGE_GRANT_TOLD},
        {"{\"tell\":\"refused\",\"operator\":\"01\",\"challenge\":\"ABCD\",\"reason\":\"desk\"}",
         MANAGE_REFUSED_TOLD},
        {"{\"tell\":\"policy\",\"document\":\"text\"}", MANAGE_POLICY_TOLD},
        {"{\"tell\":\"grant\",\"operator\":\"1\",\"challenge\":\"ABCD\",\"grant\":\"" GRANT "\"}",
         MANAGE_ANSWER},
        {"{\"tell\":\"grant\",\"operator\":\"01\",\"challenge\":\"ABCD\",\"grant\":\"AB\"}",
         MANAGE_ANSWER},
        {"{\"tell\":\"grant\",\"operator\":\"01\",\"challenge\":\"ABCD\"}", MANAGE_ANSWER},
        {"{\"tell\":\"grant\",\"operator\":\"01\",\"challenge\":\"ABCD\",\"grant\":\"" GRANT
         "\",\"id\":1}",
         MANAGE_ANSWER},
        {"{\"tell\":\"pair_key\",\"token\":\"AB\",\"key\":\"04\",\"label\":\"x\"}", MANAGE_ANSWER},
        {"{\"tell\":\"approval\",\"challenge\":\"AB\",\"pair\":256,\"signature\":\"00\"}",
         MANAGE_ANSWER},
        {"{\"tell\":\"nothing known\"}", MANAGE_ANSWER},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct manage_heard heard = {0};
        err e = read_text(rows[i].json, MANAGE_HELLO, &heard);
        assert_int_equal(FAILED(e), rows[i].tell == MANAGE_ANSWER);
        assert_int_equal(heard.tell, rows[i].tell);
    }
}

/* ---- the conversation ---- */

static struct rig *rig_managed(void)
{
    struct rig *rig = rig_new();
    rig->with_manage = rig->manage_reachable = true;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    return rig;
}

static bool asked(const struct rig *rig, const char *what)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"ask\":\"%s\"", what);
    return strstr(rig->manage_said, wanted) != NULL;
}

/* S49: hello first, then what has happened, one after the other, each until it is acknowledged. */
static void test_events(void **state)
{
    (void)state;
    struct rig *rig = rig_managed();
    assert_true(asked(rig, "hello"));
    GOOD(manage_event(rig->terminal, "password_set", "01", ""));
    GOOD(manage_event(rig->terminal, "operator_changed", "02", "reset"));
    GOOD(rig_advance(rig, 100));
    assert_int_equal(rig->manage_frames, 1); /* nothing before hello is answered */
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 100));
    assert_true(asked(rig, "event"));
    assert_non_null(strstr(rig->manage_said, "password_set"));
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(rig->manage_frames, 2); /* one at a time */
    rig->manage_online = false;              /* gone before it is acknowledged */
    GOOD(rig_pump(rig));
    GOOD(rig_restart(rig)); /* and a power cut besides */
    GOOD(rig_advance(rig, 100));
    assert_true(asked(rig, "hello"));
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 100));
    assert_non_null(strstr(rig->manage_said, "password_set"));
    assert_non_null(strstr(rig->manage_said, "\"number\":1,"));
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 100));
    assert_non_null(strstr(rig->manage_said, "\"number\":2,"));
    assert_non_null(strstr(rig->manage_said, "reset"));
    GOOD(rig_manage_answer(rig, "ok", ""));
    int frames = rig->manage_frames;
    GOOD(rig_advance(rig, 120000));
    assert_int_equal(rig->manage_frames, frames);
    rig_free(rig);
}

/* At most so many are kept; the newest are. */
static void test_events_are_bounded(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    int64_t count, least;
    GOOD(rig_boot(rig));
    for (int i = 0; i < NOTES_EVENTS_MAX + 20; i++)
        GOOD(manage_event(rig->terminal, "login_locked", "01", ""));
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM event", &count));
    GOOD(store_query_int(rig->store, "SELECT min(number) FROM event", &least));
    assert_int_equal(count, NOTES_EVENTS_MAX);
    assert_int_equal(least, 21);
    rig_free(rig);
}

/* Reconnects with growing pauses; nonsense and late answers are dropped; silence ends it. */
static void test_connection(void **state)
{
    (void)state;
    struct rig *rig = rig_new();
    rig->with_manage = true;
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 10000));
    assert_int_equal(rig->manage_frames, 0);
    rig->manage_reachable = true;
    GOOD(rig_advance(rig, 60000));
    assert_true(rig->manage_online && asked(rig, "hello"));
    GOOD(rig_manage(rig, "nonsense"));
    GOOD(rig_manage(rig, "{\"id\":999,\"status\":\"ok\"}"));
    assert_false(rig->terminal->manage.greeted);
    int frames = rig->manage_frames;
    GOOD(rig_advance(rig, 30000)); /* no answer: hung up, and begun anew */
    assert_true(rig->manage_frames > frames);
    assert_true(asked(rig, "hello"));
    GOOD(rig_manage_answer(rig, "ok", ""));
    assert_true(rig->terminal->manage.greeted);
    rig_free(rig);
}

/* Without a back office everything works, and what needs one says so at once. */
static void test_without(void **state)
{
    (void)state;
    struct rig *rig = rig_ready();
    assert_false(rig->terminal->manage.wanted);
    GOOD(rig_sale(rig));
    AT(rig, "sale.approved");
    manage_ask(rig->terminal, &(struct manage_question){.ask = MANAGE_PAIR});
    GOOD(rig_advance(rig, 10));
    assert_int_equal(rig->terminal->manage.wish.progress, MANAGE_FAILED);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_questions),  cmocka_unit_test(test_answers),
        cmocka_unit_test(test_tells),      cmocka_unit_test(test_events),
        cmocka_unit_test(test_connection), cmocka_unit_test(test_events_are_bounded),
        cmocka_unit_test(test_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
