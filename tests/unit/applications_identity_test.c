/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks of identity and account over their wire (S132, S133): what is written and read, by itself
 * and against the provider's simulator over HTTP: right, wrong and unknown people; whatever a
 * provider may do wrong is no answer, and is asked again; an id never stands for two questions; and
 * nothing secret in a log.
 */
#include "backoffice/applications/identity_port.h"
#include "simulators/channels.h"
#include "tests/unit/applications_bench.h"

/* ---- bytes ---- */

static struct sms_key counted_key(void)
{
    struct sms_key key = {.bearer = ""};
    for (size_t i = 0; i < sizeof key.signing; i++) key.signing[i] = (uint8_t)i;
    return key;
}

static const struct identity_question good = {.id = "17-2-1",
                                              .elements = IDENTITY_FOUR,
                                              .name = "王小明",
                                              .identity = BENCH_IDENTITY,
                                              .phone = BENCH_PHONE,
                                              .account = BENCH_ACCOUNT};

static err written(const struct identity_question *question, char text[IDENTITY_CHECK_BODY_MAX + 1])
{
    struct writer w = writer_over(text, IDENTITY_CHECK_BODY_MAX);
    err done = identity_check_write(&w, question);
    text[w.len] = '\0';
    return done;
}

static void a_question_is_written(void **state)
{
    (void)state;
    char text[IDENTITY_CHECK_BODY_MAX + 1];
    struct identity_question q = good;
    assert_ok(written(&q, text));
    assert_string_equal(text, "{\"id\":\"17-2-1\",\"elements\":4,\"name\":\"王小明\","
                              "\"identity\":\"110108198005062314\",\"phone\":\"13900001234\","
                              "\"account\":\"110907448810567\"}");
    q.elements = IDENTITY_THREE;
    assert_ok(written(&q, text));
    assert_null(strstr(text, "account"));
    q.identity = "11010819800506231X";
    assert_ok(written(&q, text));
    char longest[IDENTITY_CHECK_NAME_MAX + 2];
    memset(longest, 0x1f, sizeof longest);
    longest[IDENTITY_CHECK_NAME_MAX] = '\0';
    q.name = longest;
    q.elements = IDENTITY_FOUR;
    assert_ok(written(&q, text)); /* each byte in six, and it still fits */
}

/* By its licence; no person's number or telephone goes along. */
static void a_company_is_asked_about_by_its_licence(void **state)
{
    (void)state;
    char text[IDENTITY_CHECK_BODY_MAX + 1];
    struct identity_question q = good;
    q.name = "北京开源茶馆有限公司";
    q.elements = IDENTITY_THREE;
    q.licence = "92110108MA00ABCD1Q";
    assert_ok(written(&q, text));
    assert_string_equal(text, "{\"id\":\"17-2-1\",\"elements\":3,\"name\":\"北京开源茶馆有限公司\","
                              "\"licence\":\"92110108MA00ABCD1Q\","
                              "\"account\":\"110907448810567\"}");
    assert_int_equal(identity_register(&q), IDENTITY_RIGHT);
    q.licence = "92110108MA00AB4041";
    assert_int_equal(identity_register(&q), IDENTITY_WRONG);
    static const char *const bad[] = {"", "92110108MA00ABCD1", "92110108MA00ABCD1QQ",
                                      "92110108ma00abcd1q", "92110108MA00ABCD1 "};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        q.licence = bad[i];
        assert_err(written(&q, text), FORMAT);
    }
}

static void what_cannot_be_asked_is_not(void **state)
{
    (void)state;
    char text[IDENTITY_CHECK_BODY_MAX + 1];
    static const struct {
        const char *id, *name, *identity, *phone, *account;
    } bad[] = {{"", "a", BENCH_IDENTITY, BENCH_PHONE, "12"},
               {"17 2", "a", BENCH_IDENTITY, BENCH_PHONE, "12"},
               {"1", "\xff", BENCH_IDENTITY, BENCH_PHONE, "12"},
               {"1", "", BENCH_IDENTITY, BENCH_PHONE, "12"},
               {"1", "a", "", BENCH_PHONE, "12"},
               {"1", "a", "11010819800506X314", BENCH_PHONE, "12"},
               {"1", "a", "1101081980050623x4", BENCH_PHONE, "12"},
               {"1", "a", BENCH_IDENTITY "1", BENCH_PHONE, "12"},
               {"1", "a", BENCH_IDENTITY, "1390000123", "12"},
               {"1", "a", BENCH_IDENTITY, "+1390000123", "12"},
               {"1", "a", BENCH_IDENTITY, BENCH_PHONE, ""},
               {"1", "a", BENCH_IDENTITY, BENCH_PHONE, "12 34"}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const struct identity_question q = {
            bad[i].id,    IDENTITY_FOUR,  bad[i].name, bad[i].identity,
            bad[i].phone, bad[i].account, NULL};
        assert_true(FAILED(written(&q, text)));
    }
}

/* The signatures were made by somebody else's HMAC (Python's hmac), key 00 01 .. 1f. */
#define BODY      "{\"id\":\"17-2-1\",\"result\":\"right\"}"
#define TIME      INT64_C(1790000000)
#define SIGNATURE "v1,Qw2XZC6OGSnGTFwhiLXbv8a/bKZjM4/PCEqCBFG+xb0="

static void an_answer_is_read_if_it_is_signed(void **state)
{
    (void)state;
    const struct sms_key key = counted_key();
    const struct identity_answer right = {200, "1790000000", SIGNATURE, BYTES(BODY)};
    enum identity_result result = IDENTITY_RESULTS;
    assert_ok(identity_check_read(&key, TIME + 299, &right, "17-2-1", &result));
    assert_int_equal(result, IDENTITY_RIGHT);
    result = IDENTITY_RESULTS;
    assert_err(identity_check_read(&key, TIME + 301, &right, "17-2-1", &result), MAC);
    assert_err(identity_check_read(&key, TIME - 301, &right, "17-2-1", &result), MAC);
    assert_err(identity_check_read(&key, TIME, &right, "17-2-2", &result), FORMAT);
    struct identity_answer bad = right;
    bad.body = BYTES("{\"id\":\"17-2-1\",\"result\":\"wrong\"}");
    assert_err(identity_check_read(&key, TIME, &bad, "17-2-1", &result), MAC);
    bad = right;
    static const char *const times[] = {NULL,          "",          "1790000001", "179000000",
                                        "01790000000", " 790000000"};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        bad.timestamp = times[i];
        assert_err(identity_check_read(&key, TIME, &bad, "17-2-1", &result), MAC);
    }
    bad = right;
    static const char *const signatures[] = {NULL, "", "v1,", SIGNATURE "=", "v0,"};
    for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
        bad.signature = signatures[i];
        assert_err(identity_check_read(&key, TIME, &bad, "17-2-1", &result), MAC);
    }
    bad = right;
    static const struct {
        int status;
        const char *name;
    } statuses[] = {{429, "BUSY"},    {503, "BUSY"},    {409, "CONFLICT"}, {0, "REFUSED"},
                    {201, "REFUSED"}, {302, "REFUSED"}, {401, "REFUSED"},  {500, "REFUSED"}};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        bad.status = statuses[i].status;
        assert_string_equal(err_name(identity_check_read(&key, TIME, &bad, "17-2-1", &result)),
                            statuses[i].name);
    }
    assert_int_equal(result, IDENTITY_RESULTS); /* untouched */
}

/* Signed, and still no answer. */
static void a_signed_answer_has_one_spelling(void **state)
{
    (void)state;
    const struct sms_key key = counted_key();
    enum identity_result result = IDENTITY_RESULTS;
    static const char *const bodies[] = {
        "", "{}", "[]", "{\"id\":\"17-2-1\"}", "{\"id\":\"17-2-1\",\"result\":\"Right\"}",
        "{\"id\":\"17-2-1\",\"result\":true}", "{\"id\":17,\"result\":\"right\"}", BODY BODY,
        BODY "x", "{\"id\":\"17-2-1\",\"result\":\"right\",\"more\":1}",
        "{\"id\":\"17-2-1\",\"id\":\"17-2-1\",\"result\":\"right\"}",
        /* Our own question, sent back. */
        "{\"id\":\"17-2-1\",\"elements\":3,\"name\":\"a\",\"identity\":\"\",\"phone\":\"\"}"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        char signature[SMS_SIGNATURE_MAX + 1];
        assert_ok(sms_sign(&key, TIME, bytes_text(bodies[i]), signature));
        const struct identity_answer a = {200, "1790000000", signature, bytes_text(bodies[i])};
        assert_err(identity_check_read(&key, TIME, &a, "17-2-1", &result), FORMAT);
    }
    char long_body[IDENTITY_CHECK_ANSWER_MAX + 2];
    memset(long_body, ' ', sizeof long_body);
    const struct identity_answer a = {200, "1790000000", SIGNATURE, BYTES_OF(long_body)};
    assert_err(identity_check_read(&key, TIME, &a, "17-2-1", &result), FORMAT);
    assert_int_equal(result, IDENTITY_RESULTS);
}

static void the_register_goes_by_endings(void **state)
{
    (void)state;
    static const struct {
        const char *name, *identity, *phone, *account;
        enum identity_result three, four;
    } rows[] = {
        {"王小明", BENCH_IDENTITY, BENCH_PHONE, BENCH_ACCOUNT, IDENTITY_RIGHT, IDENTITY_RIGHT},
        {"王不符", BENCH_IDENTITY, BENCH_PHONE, BENCH_ACCOUNT, IDENTITY_WRONG, IDENTITY_WRONG},
        {"王查无", BENCH_IDENTITY, BENCH_PHONE, "12", IDENTITY_UNKNOWN, IDENTITY_UNKNOWN},
        {"查无王", BENCH_IDENTITY, BENCH_PHONE, "12", IDENTITY_RIGHT, IDENTITY_RIGHT},
        {"王", "110108198005064047", BENCH_PHONE, "12", IDENTITY_WRONG, IDENTITY_WRONG},
        {"王", "11010819800506503X", BENCH_PHONE, "12", IDENTITY_UNKNOWN, IDENTITY_UNKNOWN},
        {"王", BENCH_IDENTITY, "13900000404", "12", IDENTITY_WRONG, IDENTITY_WRONG},
        {"王", BENCH_IDENTITY, "13900000503", "12", IDENTITY_UNKNOWN, IDENTITY_UNKNOWN},
        {"王", BENCH_IDENTITY, BENCH_PHONE, "620404", IDENTITY_RIGHT, IDENTITY_WRONG},
        {"王", BENCH_IDENTITY, BENCH_PHONE, "620503", IDENTITY_RIGHT, IDENTITY_UNKNOWN},
        {"王查无", BENCH_IDENTITY, BENCH_PHONE, "620404", IDENTITY_UNKNOWN, IDENTITY_WRONG},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct identity_question q = {
            "1",           IDENTITY_THREE,  rows[i].name, rows[i].identity,
            rows[i].phone, rows[i].account, NULL};
        assert_int_equal(identity_register(&q), rows[i].three);
        q.elements = IDENTITY_FOUR;
        assert_int_equal(identity_register(&q), rows[i].four);
    }
}

/* ---- over HTTP ---- */

struct line {
    struct bench t;
    struct scratch scratch;
    struct loop *loop;
    struct channels *channels;
    struct identity_port *port;
    struct log log;
    char said[8192];
    size_t said_len;
    unsigned failed;
};

static void failed(void *context, err why)
{
    (void)why;
    ((struct line *)context)->failed++;
}

static void keep(void *context, struct bytes text)
{
    struct line *l = context;
    assert_true(text.len < sizeof l->said - l->said_len);
    memcpy(l->said + l->said_len, text.at, text.len);
    l->said_len += text.len;
}

static struct identity_provider *provider(struct line *l)
{
    return channels_identity(l->channels);
}

static void open_line(struct line *l, bool own_key)
{
    static char url[64], key[128];
    struct process_fault fault = {""};
    const struct random random = random_system();
    *l = (struct line){.t = bench_open()};
    scratch_make(&l->scratch);
    const struct clock clock = l->t.rig->b->config.clock;
    l->log = (struct log){.write = keep, .context = l, .clock = clock, .program = "test"};
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &l->loop));
    const struct channels_options options = {.loop = l->loop,
                                             .clock = clock,
                                             .sms_port = CHANNELS_OFF,
                                             .smtp_port = CHANNELS_OFF,
                                             .courier_port = CHANNELS_OFF,
                                             .state = l->scratch.directory};
    assert_ok(channels_open(&options, &fault, &l->channels));
    snprintf(url, sizeof url, "http://127.0.0.1:%u", channels_identity_port(l->channels));
    snprintf(key, sizeof key, "%s",
             scratch_path(&l->scratch, own_key ? "identity.key" : "another.key"));
    CLEANUP(sms_key_wipe) struct sms_key another = {0};
    if (!own_key) assert_ok(sms_key_make(&random, key, &another));
    const struct identity_port_options port = {.loop = l->loop,
                                               .clock = clock,
                                               .log = &l->log,
                                               .url = url,
                                               .key_file = key,
                                               .timeout_ms = 500,
                                               .failed = failed,
                                               .context = l};
    assert_ok(identity_port_open(&port, &fault, &l->port));
    identity_port_attach(l->port, l->t.rig->b);
    l->t.as->checks = *identity_port_ports(l->port);
}

static void close_line(struct line *l)
{
    static const char *const secrets[] = {BENCH_IDENTITY, BENCH_ACCOUNT, BENCH_PHONE, "王小明"};
    assert_int_equal(l->failed, 0);
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
        assert_null(memmem(l->said, l->said_len, secrets[i], strlen(secrets[i])));
    identity_port_close(l->port);
    rig_close(l->t.rig);
    channels_close(l->channels);
    loop_destroy(l->loop);
    scratch_remove(&l->scratch);
}

/* The clock moves, what is due is asked, and the loop goes until it has ended. */
static void pass(struct line *l, int64_t ms)
{
    rig_pass(l->t.rig, ms);
    for (int i = 0; i < 2000 && identity_port_busy(l->port); i++) assert_ok(loop_once(l->loop, 10));
    assert_false(identity_port_busy(l->port));
}

static void send_it(struct line *l)
{
    bench_ready(&l->t);
    assert_int_equal(bench_send(&l->t), APPLY_VERDICT_OK);
}

static enum application_state state_of(struct line *l)
{
    assert_ok(application_find(l->t.as->store, l->t.a.id, &l->t.a));
    return l->t.a.state;
}

static void assert_checks(struct line *l, enum check_state identity, enum check_state account)
{
    struct check_row row[CHECK_KINDS];
    size_t count = 0;
    assert_ok(checks_of(l->t.as->store, l->t.a.id, row, &count));
    assert_int_equal(count, 2);
    assert_int_equal(row[0].state, identity);
    assert_int_equal(row[1].state, account);
}

static void somebody_good_comes_to_review(void **state)
{
    (void)state;
    struct line l;
    open_line(&l, true);
    send_it(&l);
    assert_int_equal(state_of(&l), APPLICATION_CHECKING);
    pass(&l, 1000);
    assert_int_equal(state_of(&l), APPLICATION_REVIEW);
    assert_checks(&l, CHECK_RIGHT, CHECK_RIGHT);
    assert_int_equal(provider(&l)->count, 2);
    assert_int_equal(l.said_len, 0);
    close_line(&l);
}

static void somebody_wrong_or_unknown_too(void **state)
{
    (void)state;
    static const struct {
        enum apply_field field;
        const char *text;
        enum check_state identity, account;
    } rows[] = {{APPLY_OWNER, "王不符", CHECK_WRONG, CHECK_RIGHT},
                {APPLY_HOLDER, "王查无", CHECK_RIGHT, CHECK_UNKNOWN},
                {APPLY_ACCOUNT, "6200000404", CHECK_RIGHT, CHECK_WRONG}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct line l;
        open_line(&l, true);
        bench_ready(&l.t);
        assert_int_equal(bench_save(&l.t, rows[i].field, rows[i].text), APPLY_VERDICT_OK);
        assert_int_equal(bench_send(&l.t), APPLY_VERDICT_OK);
        pass(&l, 1000);
        assert_int_equal(state_of(&l), APPLICATION_REVIEW);
        assert_checks(&l, rows[i].identity, rows[i].account);
        close_line(&l);
    }
}

static void what_is_no_answer_is_asked_again(void **state)
{
    (void)state;
    static const struct {
        enum identity_fault fault;
        unsigned looked_up; /* by the first two requests */
    } rows[] = {
        {IDENTITY_FAULT_DOWN, 0},    {IDENTITY_FAULT_BUSY, 0},   {IDENTITY_FAULT_LATER, 0},
        {IDENTITY_FAULT_SILENT, 2},  {IDENTITY_FAULT_BROKEN, 2}, {IDENTITY_FAULT_ANOTHER, 2},
        {IDENTITY_FAULT_FORGED, 2},  {IDENTITY_FAULT_STALE, 2},  {IDENTITY_FAULT_GARBAGE, 2},
        {IDENTITY_FAULT_DOUBLED, 2}, {IDENTITY_FAULT_SLOW, 2}};
    struct line l;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        open_line(&l, true);
        send_it(&l);
        provider(&l)->fault = rows[i].fault;
        provider(&l)->fault_count = 2;
        provider(&l)->delay_ms = 60000; /* slower than anybody waits */
        pass(&l, 1000);
        assert_int_equal(provider(&l)->fault_count, 0);
        assert_int_equal(provider(&l)->count, rows[i].looked_up);
        assert_int_equal(state_of(&l), APPLICATION_CHECKING);
        assert_checks(&l, CHECK_ASKED, CHECK_ASKED);
        /* "later" is an answer; of everything else the log has a line. */
        bool told = memmem(l.said, l.said_len, "identity_check_no_answer", 24) != NULL;
        assert_int_equal(told, rows[i].fault != IDENTITY_FAULT_LATER);
        pass(&l, CHECK_ANSWER_MS);
        assert_int_equal(state_of(&l), APPLICATION_REVIEW);
        assert_checks(&l, CHECK_RIGHT, CHECK_RIGHT);
        close_line(&l);
    }
}

static void who_is_slow_is_waited_for(void **state)
{
    (void)state;
    struct line l;
    open_line(&l, true);
    send_it(&l);
    provider(&l)->fault = IDENTITY_FAULT_SLOW;
    provider(&l)->fault_count = 2;
    provider(&l)->delay_ms = 30;
    pass(&l, 1000);
    assert_checks(&l, CHECK_RIGHT, CHECK_RIGHT);
    close_line(&l);
}

/* Three times nothing: a person looks. */
static void who_never_answers_is_given_up(void **state)
{
    (void)state;
    struct line l;
    open_line(&l, true);
    send_it(&l);
    provider(&l)->fault = IDENTITY_FAULT_FORGED;
    provider(&l)->fault_count = 2 * CHECK_TRIES;
    for (int i = 0; i < CHECK_TRIES; i++) pass(&l, CHECK_ANSWER_MS);
    assert_int_equal(state_of(&l), APPLICATION_CHECKING);
    pass(&l, CHECK_ANSWER_MS);
    assert_int_equal(state_of(&l), APPLICATION_REVIEW);
    assert_checks(&l, CHECK_UNKNOWN, CHECK_UNKNOWN);
    assert_int_equal(provider(&l)->fault_count, 0);
    close_line(&l);
}

static void a_stranger_is_answered_nothing(void **state)
{
    (void)state;
    struct line l;
    open_line(&l, false);
    send_it(&l);
    pass(&l, 1000);
    assert_int_equal(provider(&l)->count, 0);
    assert_int_equal(state_of(&l), APPLICATION_CHECKING);
    close_line(&l);
}

static void recheck(struct line *l)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    const struct application_actor actor = application_actor_named("bench", WHO_STAFF, 0);
    enum application_verdict verdict;
    assert_ok(store_begin(l->t.as->store, &tx));
    assert_ok(application_find(l->t.as->store, l->t.a.id, &l->t.a));
    assert_ok(application_move(l->t.as, &tx, &l->t.a, LIFE_RECHECK, &actor, NULL, &verdict));
    assert_int_equal(verdict, APPLY_VERDICT_OK);
    assert_ok(checks_begin(l->t.as, &tx, &l->t.a));
    assert_ok(store_commit(&tx));
}

/* Asked anew it has new ids: the provider, who keeps his answers, looks again. */
static void asked_anew_it_is_looked_up_anew(void **state)
{
    (void)state;
    struct line l;
    open_line(&l, true);
    send_it(&l);
    pass(&l, 1000);
    for (unsigned i = 2; i < 5; i++) {
        recheck(&l);
        assert_int_equal(state_of(&l), APPLICATION_CHECKING);
        pass(&l, 1000);
        assert_int_equal(state_of(&l), APPLICATION_REVIEW);
        assert_checks(&l, CHECK_RIGHT, CHECK_RIGHT);
        assert_int_equal(provider(&l)->count, 2 * i);
    }
    /* And is given up after as many tries as the first time. */
    recheck(&l);
    provider(&l)->fault = IDENTITY_FAULT_BUSY;
    provider(&l)->fault_count = 100;
    for (int i = 0; i <= CHECK_TRIES; i++) pass(&l, CHECK_ANSWER_MS);
    assert_checks(&l, CHECK_UNKNOWN, CHECK_UNKNOWN);
    assert_int_equal(provider(&l)->fault_count, 100 - 2 * CHECK_TRIES);
    close_line(&l);
}

/* ---- the provider by itself ---- */

static unsigned ask(struct identity_provider *p, const char *body, const char *timestamp,
                    bool signs, char text[IDENTITY_CHECK_ANSWER_MAX + 1])
{
    char signature[SMS_SIGNATURE_MAX + 1], bearer[SMS_BEARER_LEN + 8];
    struct writer w = writer_over(text, IDENTITY_CHECK_ANSWER_MAX);
    struct identity_reply reply;
    assert_ok(sms_sign(&p->key, TIME, bytes_text(body), signature));
    if (!signs) signature[10] ^= 1;
    snprintf(bearer, sizeof bearer, "Bearer %s", p->key.bearer);
    const struct identity_request request = {bearer, timestamp, signature, bytes_text(body)};
    identity_provider_answer(p, &request, &w, &reply);
    text[w.len] = '\0';
    return reply.status;
}

static int64_t at_time(void *context)
{
    (void)context;
    return TIME * 1000;
}

#define ASKED(id, name)                                                                      \
    "{\"id\":\"" id "\",\"elements\":3,\"name\":\"" name "\",\"identity\":\"" BENCH_IDENTITY \
    "\",\"phone\":\"" BENCH_PHONE "\"}"

static void the_provider_keeps_its_word(void **state)
{
    (void)state;
    static struct identity_provider p;
    char text[IDENTITY_CHECK_ANSWER_MAX + 1], again[IDENTITY_CHECK_ANSWER_MAX + 1];
    p = (struct identity_provider){.clock = {at_time, at_time, NULL}, .key = counted_key()};
    memset(p.key.bearer, 'b', SMS_BEARER_LEN);
    assert_int_equal(ask(&p, ASKED("a1", "王小明"), "1790000000", true, text), 200);
    assert_string_equal(text, "{\"id\":\"a1\",\"result\":\"right\"}");
    assert_int_equal(ask(&p, ASKED("a1", "王小明"), "1790000000", true, again), 200);
    assert_string_equal(again, text);
    assert_int_equal(ask(&p, ASKED("a1", "王不符"), "1790000000", true, text), 409);
    assert_int_equal(p.count, 1);
    assert_int_equal(ask(&p, ASKED("a2", "王小明"), "1790000000", false, text), 401);
    assert_int_equal(ask(&p, ASKED("a2", "王小明"), "1790000400", true, text), 401);
    assert_int_equal(ask(&p, "{}", "1790000000", true, text), 400);
    assert_int_equal(ask(&p, ASKED("a 2", "王小明"), "1790000000", true, text), 400);
    assert_int_equal(p.count, 1);
    /* No number of anybody is kept. */
    assert_null(memmem(&p, sizeof p, BENCH_IDENTITY, 18));
}

static void what_is_no_provider_is_said(void **state)
{
    (void)state;
    struct process_fault fault = {""};
    struct identity_port *port = NULL;
    struct identity_port_options options = {.clock = clock_system(), .failed = failed};
    assert_ok(identity_port_open(&options, &fault, &port));
    assert_null(identity_port_ports(port));
    options.url = "http://checks.example";
    options.key_file = "/nowhere";
    assert_err(identity_port_open(&options, &fault, &port), CONFIG);
    assert_non_null(strstr(fault.text, "checks.example"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_written),
        cmocka_unit_test(a_company_is_asked_about_by_its_licence),
        cmocka_unit_test(what_cannot_be_asked_is_not),
        cmocka_unit_test(an_answer_is_read_if_it_is_signed),
        cmocka_unit_test(a_signed_answer_has_one_spelling),
        cmocka_unit_test(the_register_goes_by_endings),
        cmocka_unit_test(somebody_good_comes_to_review),
        cmocka_unit_test(somebody_wrong_or_unknown_too),
        cmocka_unit_test(what_is_no_answer_is_asked_again),
        cmocka_unit_test(who_is_slow_is_waited_for),
        cmocka_unit_test(who_never_answers_is_given_up),
        cmocka_unit_test(a_stranger_is_answered_nothing),
        cmocka_unit_test(asked_anew_it_is_looked_up_anew),
        cmocka_unit_test(the_provider_keeps_its_word),
        cmocka_unit_test(what_is_no_provider_is_said),
    };
    return cmocka_run_group_tests_name("applications_identity", tests, NULL, NULL);
}
