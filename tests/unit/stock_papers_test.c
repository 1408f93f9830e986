/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is printed for a parcel (S138): what stands on a label and a manual is the registry's, the
 * binding's and the courier's, and nobody types it; telephones are masked; who has asked is written
 * down before anything is drawn; a drawing that fails, or that there is no room for, is said in
 * words. Drawing itself is looked at in tests/manual.
 */
#include "backoffice/stock/papers.h"
#include "backoffice/stock/shipment_rows.h"
#include "tests/unit/stock_joint_scene.h"

#define PDF "%PDF-1.5 a label"

struct press {
    struct paper_job job;
    struct paper asked;
    unsigned count;
    bool full;
};

static err on_draw(void *context, const struct paper_job *job, struct bytes request)
{
    struct press *p = context;
    if (p->full) return ERR(FULL);
    assert_ok(paper_read(request, &p->asked));
    p->job = *job;
    p->count++;
    return OK;
}

/* Asks, lets it be drawn, and gives the status. */
static unsigned print_as(struct scene *s, struct browser *who, const char *path, struct press *p,
                         err drawn)
{
    struct rig *rig = s->t.rig;
    const struct paper_ports ports = {p, on_draw};
    char full[96];
    snprintf(full, sizeof full, "/api/v1/stock/terminals/%s", path);
    rig->b->ports.paper = &ports;
    p->count = 0;
    unsigned status = rig_send(rig, who, "GET", full, "");
    rig->b->ports.paper = NULL;
    if (status != 0) return status;
    assert_int_equal(p->count, 1);
    papers_on_drawn(rig->b, &p->job, drawn, FAILED(drawn) ? bytes_of(NULL, 0) : BYTES(PDF));
    const struct pending *answer = rig_pending(rig, p->job.ticket);
    assert_true(answer != NULL && answer->answered);
    return answer->status;
}

static void a_label_says_what_is_known(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    struct press p = {.full = false};
    /* On the shelf it is nobody's. */
    assert_int_equal(print_as(&s, &s.keeper, SERIAL "/label", &p, OK), 200);
    assert_string_equal(s.t.rig->answer, PDF);
    assert_int_equal(p.job.kind, PAPER_LABEL);
    assert_string_equal(p.asked.serial, SERIAL);
    assert_string_equal(p.asked.model, "TB-1");
    assert_string_equal(p.asked.name_zh, "");
    assert_string_equal(p.asked.terminal, "");
    /* For a shop. */
    assert_int_equal(assign(&s, SERIAL), 200);
    assert_int_equal(print_as(&s, &s.keeper, SERIAL "/label", &p, OK), 200);
    assert_string_equal(p.asked.name_zh, "海淀开源茶馆");
    assert_string_equal(p.asked.name_en, "HAIDIAN TEA");
    assert_string_equal(p.asked.address, "北京市海淀区中关村大街1号");
    assert_int_equal(strlen(p.asked.terminal), 8);
    assert_null(strstr(p.asked.phone, BENCH_PHONE));
    assert_non_null(strstr(p.asked.phone, "****"));
    assert_string_equal(p.asked.courier, "");
    assert_int_equal(print_as(&s, &s.admin, SERIAL "/manual", &p, OK), 200);
    assert_int_equal(p.job.kind, PAPER_MANUAL);
    assert_string_equal(p.asked.name_zh, "海淀开源茶馆");
    assert_non_null(strstr(p.asked.link, "/apply/status"));
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE event = 'paper_printed' AND"
                                  " subject = '" SERIAL "'"),
                     3);
    rig_close(s.t.rig);
}

/* Of this assignment, and of none before it. */
static void the_couriers_number_is_on_it(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    struct press p = {.full = false};
    struct stock_terminal t;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_int_equal(assign(&s, SERIAL), 200);
    assert_ok(stock_find(s.t.rig->b->store, BYTES(SERIAL), &t));
    const struct shipment sent = {.id = "0123456789abcdef0123456789abcdef",
                                  .serial = SERIAL,
                                  .label = "TB0000000007",
                                  .assignment = t.assignment,
                                  .state = SHIPMENT_UNDER_WAY};
    struct shipment there;
    assert_ok(store_begin(s.t.rig->b->store, &tx));
    assert_ok(shipment_insert(&tx, &sent));
    assert_ok(shipment_find(s.t.rig->b->store, SERIAL, &there));
    memcpy(there.label, sent.label, sizeof there.label);
    assert_ok(shipment_put(&tx, &there));
    assert_ok(store_commit(&tx));
    assert_int_equal(print_as(&s, &s.keeper, SERIAL "/label", &p, OK), 200);
    assert_string_equal(p.asked.courier, "TB0000000007");
    s.t.rig->now_ms += 5000;
    assert_int_equal(step(&s, SERIAL, "unassign", ""), 200);
    assert_int_equal(assign(&s, SERIAL), 200);
    assert_int_equal(print_as(&s, &s.keeper, SERIAL "/label", &p, OK), 200);
    assert_string_equal(p.asked.courier, "");
    rig_close(s.t.rig);
}

static void what_cannot_be_printed_is_said(void **state)
{
    (void)state;
    struct scene s = open_agreed();
    struct press p = {.full = false};
    struct browser auditor = {.realm = "staff"}, nobody = {.realm = "staff"};
    (void)rig_known(s.t.rig, &auditor, "auditor", ROLE_AUDITOR);
    assert_int_equal(print_as(&s, &auditor, SERIAL "/label", &p, OK), 403);
    assert_int_equal(print_as(&s, &nobody, SERIAL "/label", &p, OK), 401);
    assert_int_equal(print_as(&s, &s.keeper, "TB1-2030-O00017/label", &p, OK), 422);
    assert_true(rig_says(s.t.rig, "\"error\":\"alike\""));
    assert_int_equal(print_as(&s, &s.keeper, "TB1-2030-000099/label", &p, OK), 404);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE event = 'paper_printed'"), 0);
    static const struct {
        err drawn;
        unsigned status;
        const char *says;
    } rows[] = {{{ERR_CLOSED}, 503, "\"error\":\"paper\""},
                {{ERR_NOT_FOUND}, 503, "\"error\":\"paper\""},
                {{ERR_TIMEOUT}, 503, "\"error\":\"paper\""},
                {{ERR_UNSUPPORTED}, 409, "\"error\":\"model\""}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        assert_int_equal(print_as(&s, &s.keeper, SERIAL "/manual", &p, rows[i].drawn),
                         rows[i].status);
        assert_true(rig_says(s.t.rig, rows[i].says));
        s.t.rig->now_ms += 5000;
    }
    p.full = true;
    assert_int_equal(print_as(&s, &s.keeper, SERIAL "/label", &p, OK), 503);
    assert_true(rig_says(s.t.rig, "\"error\":\"paper\""));
    rig_close(s.t.rig);
}

/* What is asked has one form at both ends. */
static void a_request_is_read_as_it_was_written(void **state)
{
    (void)state;
    static const struct paper paper = {.serial = SERIAL,
                                       .model = "TB-1",
                                       .name_zh = "<b>\"茶\"\\</b>",
                                       .name_en = "=1+1",
                                       .address = "中山东一路17号",
                                       .phone = "138****5678"};
    static const char *const bad[] = {"", "{}", "[]", "{\"serial\":\"A\",\"model\":\"B\"}"};
    uint8_t block[PAPER_REQUEST_MAX];
    struct writer w = writer_over(block, sizeof block);
    struct paper read = {.serial = "untouched"};
    paper_write(&w, &paper);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_true(FAILED(paper_read(bytes_text(bad[i]), &read)));
    assert_string_equal(read.serial, "untouched");
    assert_ok(paper_read(writer_view(&w), &read));
    assert_string_equal(read.name_zh, paper.name_zh);
    assert_string_equal(read.name_en, paper.name_en);
    assert_string_equal(read.address, paper.address);
    assert_string_equal(read.courier, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_says_what_is_known),
        cmocka_unit_test(the_couriers_number_is_on_it),
        cmocka_unit_test(what_cannot_be_printed_is_said),
        cmocka_unit_test(a_request_is_read_as_it_was_written),
    };
    return cmocka_run_group_tests_name("stock_papers", tests, NULL, NULL);
}
