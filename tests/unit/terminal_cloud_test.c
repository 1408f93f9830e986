/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S164, S167, S124: a till without any medium hands its backup over to the back office, a piece at
 * a time and over lines that break, and says when it is kept there; a device that takes its place
 * finds it, fetches it, and is restored from it with the owner's digits.
 */
#include "lib/base/base64.h"
#include "lib/wire/backup_source.h"
#include "tests/unit/terminal_backup_rig.h"

enum { DAY = 86400000 };

/* The office: one bundle, and how much of it has come. */
static struct {
    uint8_t at[MEDIUM_FILE_MAX], digest[DEVICE_DIGEST];
    size_t len, size;
    int offers, pieces, finds, fetches;
    bool refuses, has;
    char serial[33];
    int asked; /* for the key of it */
    bool grants, denies;
    struct bench *hsm;
} office;

static err answer(struct rig *rig, const struct device_message *m)
{
    static char json[DEVICE_FRAME_MAX];
    struct writer w = writer_over(json, sizeof json - 1);
    device_write_answer(&w, m);
    json[w.len] = '\0';
    return rig_manage(rig, json);
}

static void take_piece(const struct device_message *q, struct device_message *a)
{
    size_t some = 0;
    office.pieces++;
    assert_int_equal(q->part, office.len / DEVICE_PART_MAX + 1);
    GOOD_CODE(base64_decode(q->policy, office.at + office.len, DEVICE_PART_MAX, &some));
    office.len += some;
    office.has = office.len == office.size;
    if (office.has) return;
    a->has = DEVICE_HAS_PART;
    a->part = q->part + 1;
}

static void tell_found(struct device_message *a)
{
    office.finds++;
    if (!office.has) return;
    a->has = DEVICE_HAS_KEPT | DEVICE_HAS_NUMBER;
    memcpy(a->digest, office.digest, sizeof a->digest);
    a->size = (int64_t)office.len;
    a->number = 1;
    a->at_ms = RIG_START_MS;
    memcpy(a->serial, office.serial, sizeof a->serial);
}

static void give_piece(const struct device_message *q, struct device_message *a, uint8_t *base64)
{
    struct writer w = writer_over(base64, 8000);
    size_t at = (size_t)(q->part - 1) * DEVICE_PART_MAX;
    office.fetches++;
    if (at >= office.len) return;
    size_t left = office.len - at < DEVICE_PART_MAX ? office.len - at : DEVICE_PART_MAX;
    base64_write(&w, bytes_of(office.at + at, left));
    a->has = DEVICE_HAS_BYTES;
    a->policy = writer_view(&w);
}

/* Two people of the desk have said yes, or one has said no, or nobody anything. */
static void give_key(const struct device_message *q, struct device_message *a, uint8_t *base64)
{
    struct writer w = writer_over(base64, 8000);
    struct backup_part head;
    uint8_t grant[160];
    office.asked++;
    if (office.denies) {
        a->status = DEVICE_REFUSED;
        a->has = DEVICE_HAS_REASON;
        memcpy(a->reason, "desk", sizeof "desk");
    }
    if (!office.grants) return;
    assert_memory_equal(q->digest, office.digest, sizeof q->digest);
    GOOD_CODE(backup_cut(bytes_of(office.at, office.len), &head));
    size_t len = bench_open_backup(office.hsm, head.whole, q->nonce, q->transport, grant);
    base64_write(&w, bytes_of(grant, len));
    a->has = DEVICE_HAS_BYTES;
    a->policy = writer_view(&w);
}

/* Answers what was asked last. False: nothing is outstanding. */
static bool office_turn(struct rig *rig)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct device_message q = {0};
    uint8_t base64[8000];
    if (rig->terminal->manage.asked == DEVICE_NO_ASK) return false;
    assert_int_equal(device_read_ask(bytes_text(rig->manage_said), true, &document, &q),
                     DEVICE_UNDERSTOOD);
    struct device_message a = {.ask = q.ask, .id = q.id};
    if (q.ask == DEVICE_BACKUP) {
        office.offers++;
        if (memcmp(office.digest, q.digest, sizeof q.digest) != 0) office.len = 0;
        memcpy(office.digest, q.digest, sizeof q.digest);
        office.size = (size_t)q.size;
        a.has = DEVICE_HAS_PART;
        a.part = (int64_t)(office.len / DEVICE_PART_MAX) + 1;
        if (office.refuses) {
            a = (struct device_message){.ask = q.ask, .id = q.id, .status = DEVICE_REFUSED};
            a.has = DEVICE_HAS_REASON;
            memcpy(a.reason, "not_signed", 11);
        }
    } else if (q.ask == DEVICE_BACKUP_PART) {
        take_piece(&q, &a);
    } else if (q.ask == DEVICE_BACKUP_FIND) {
        tell_found(&a);
    } else if (q.ask == DEVICE_BACKUP_FETCH) {
        give_piece(&q, &a, base64);
    } else if (q.ask == DEVICE_RESTORE_ASK) {
        give_key(&q, &a, base64);
    }
    GOOD_CODE(answer(rig, &a));
    return true;
}

/* Time goes by, and the office answers whatever it is asked. */
static void go_on(struct rig *rig, int seconds)
{
    for (int i = 0; i < 10 * seconds; i++) {
        GOOD(rig_advance(rig, 100));
        for (int turn = 0; turn < 50 && office_turn(rig); turn++) GOOD(rig_advance(rig, 0));
    }
}

static struct rig *till(const char *serial, const struct bench *elder)
{
    struct rig *rig = till_new(serial, elder);
    rig->with_manage = rig->manage_reachable = true;
    rig->spool = rig->backup;
    rig->backup = (struct backup_ports){NULL};
    return rig;
}

static struct rig *till_that_trades(char digits[41])
{
    struct rig *rig = till("TB1-00004711", NULL);
    bench_first_day(rig->bench, 1, "826047");
    bench_first_day(rig->bench, 0, "739516");
    bench_owner_key(rig->bench, digits);
    rig_make_ready(rig);
    for (int i = 0; i < 20; i++) {
        GOOD(rig_sale(rig));
        GOOD(rig_key(rig, "cancel"));
    }
    memset(&office, 0, sizeof office);
    memcpy(office.serial, "TB1-00004711", 13);
    return rig;
}

static void test_handed_over(void **state)
{
    (void)state;
    char digits[41];
    struct rig *rig = till_that_trades(digits);
    for (int i = 0; i < 200 && office.pieces < 1; i++) go_on(rig, 1);
    assert_int_equal(office.pieces, 1);
    assert_int_equal(rig->terminal->backup.outcome, BACKUP_ON_ITS_WAY);
    assert_int_equal(rig->terminal->backup.made_ms, 0); /* it does not count yet */
    assert_true(office.size > DEVICE_PART_MAX);

    /* The line breaks, and the power is cut: it goes on from there. */
    size_t had = office.len;
    rig->manage_online = false;
    GOOD(rig_pump(rig));
    GOOD(rig_restart(rig));
    go_on(rig, 30);
    assert_true(office.has);
    assert_int_equal(office.offers, 2);
    assert_true(office.pieces > 1 && had < office.len);
    assert_int_equal(rig->terminal->backup.office_ms, rig->terminal->backup.made_ms);
    assert_true(rig->terminal->backup.made_ms > 0);
    assert_int_equal(medium.files, 0); /* nothing is left here */
    assert_false(backup_stale(rig->terminal));
    medium_clear();
    till_free(rig);
}

/* S170: on a network that nobody trusts not a piece leaves; it goes on when the network is another.
 */
static void test_not_over_any_network(void **state)
{
    (void)state;
    char digits[41];
    const struct network_facts open_wifi = {.kind = NETWORK_WIFI, .security = NETWORK_OPEN};
    const struct network_facts mobile = {.kind = NETWORK_MOBILE};
    struct rig *rig = till_that_trades(digits);
    for (int i = 0; i < 200 && office.pieces < 1; i++) go_on(rig, 1);
    assert_int_equal(office.pieces, 1);
    GOOD(terminal_on_network(rig->terminal, 0, &open_wifi));
    go_on(rig, 30);
    assert_int_equal(office.pieces, 1);
    assert_false(office.has);
    GOOD(terminal_on_network(rig->terminal, 0, &mobile));
    go_on(rig, 30);
    assert_true(office.has);
    medium_clear();
    till_free(rig);
}

/* A piece a second, and never before what somebody waits for. */
static void test_slower_than_anything_else(void **state)
{
    (void)state;
    char digits[41];
    struct rig *rig = till_that_trades(digits);
    for (int i = 0; i < 200 && office.offers < 1; i++) go_on(rig, 1);
    int before = office.pieces;
    for (int i = 0; i < 50 && office.pieces == before; i++) {
        GOOD(rig_advance(rig, 100));
        (void)office_turn(rig);
    }
    assert_int_equal(office.pieces, ++before);
    GOOD(rig_advance(rig, 800));
    assert_false(office_turn(rig));
    assert_int_equal(office.pieces, before);
    GOOD(manage_event(rig->terminal, "login_locked", "01", ""));
    GOOD(rig_advance(rig, 600));
    assert_non_null(strstr(rig->manage_said, "login_locked"));
    medium_clear();
    till_free(rig);
}

static void test_refused(void **state)
{
    (void)state;
    char digits[41];
    struct rig *rig = till_that_trades(digits);
    office.refuses = true;
    for (int i = 0; i < 200 && office.offers < 1; i++) go_on(rig, 1);
    go_on(rig, 5);
    assert_int_equal(office.offers, 1);
    assert_int_equal(rig->terminal->backup.outcome, BACKUP_REFUSED);
    assert_int_equal(medium.files, 0);
    go_on(rig, 60);
    assert_int_equal(office.offers, 1); /* not again before tomorrow */
    medium_clear();
    till_free(rig);
}

static void test_fetched_by_its_successor(void **state)
{
    (void)state;
    char digits[41];
    struct restore_result result;
    struct rig *rig = till_that_trades(digits);
    for (int i = 0; i < 200 && !office.has; i++) go_on(rig, 1);
    assert_true(office.has);
    struct rig *next = till("TB1-00009999", rig->bench);
    next->now_us = rig->now_us + 1000000;
    bench_first_day(next->bench, 0, "402869");
    GOOD(rig_boot(next));
    GOOD(rig_advance(next, 100));
    go_on(next, 2);
    assert_int_equal(office.finds, 1);
    assert_true(cloud_offers(next->terminal));
    cloud_begin(next->terminal, CLOUD_FETCH);
    GOOD(rig_advance(next, 100));
    assert_true(office_turn(next));
    next->manage_online = false; /* it goes on with the next piece */
    GOOD(rig_pump(next));
    go_on(next, 10);
    assert_int_equal(next->terminal->backup.cloud.progress, CLOUD_DONE);
    assert_int_equal(office.fetches, next->terminal->backup.cloud.parts);
    bench_enter_owner(next->bench, digits);
    next->terminal->backup.from_spool = true;
    GOOD(restore_read(next->terminal, cloud_fetched, VAULT_RESTORE_BY_OWNER, true, &result));
    assert_int_equal(result.outcome, RESTORE_DONE);
    assert_int_equal(result.payments, 20);
    assert_false(cloud_offers(next->terminal) && next->terminal->records.last_number > 0);

    /* What was altered on the way is not taken. */
    office.at[office.len / 2] ^= 1;
    rig_off(next);
    GOOD(rig_boot(next));
    medium_clear();
    till_free(next);
    till_free(rig);
}

static void test_altered_on_the_way(void **state)
{
    (void)state;
    char digits[41];
    struct rig *rig = till_that_trades(digits);
    for (int i = 0; i < 200 && !office.has; i++) go_on(rig, 1);
    struct rig *next = till("TB1-00009999", rig->bench);
    next->now_us = rig->now_us + 1000000;
    bench_first_day(next->bench, 0, "402869");
    GOOD(rig_boot(next));
    go_on(next, 2);
    office.at[office.len / 2] ^= 1;
    cloud_begin(next->terminal, CLOUD_FETCH);
    go_on(next, 10);
    assert_int_equal(next->terminal->backup.cloud.progress, CLOUD_FAILED);
    assert_int_equal(medium.files, 0);
    medium_clear();
    till_free(next);
    till_free(rig);
}

/* A supervisor by hand, with the digits that the owner wrote down. */
static void test_screens(void **state)
{
    (void)state;
    char digits[41];
    struct rig *rig = till_that_trades(digits);
    for (int i = 0; i < 200 && !office.has; i++) go_on(rig, 1);
    struct rig *next = till("TB1-00009999", rig->bench);
    next->now_us = rig->now_us + 1000000;
    bench_first_day(next->bench, 0, "402869");
    GOOD(rig_boot(next));
    GOOD(notes_show(next->store, "first_active", RIG_START_MS));
    GOOD(notes_show(next->store, "first_supervisor", RIG_START_MS));
    GOOD(rig_restart(next));
    go_on(next, 2);
    AT(next, "first.steps");
    assert_non_null(rig_line(next, "FIRST_OPEN_STEP"));
    GOOD(rig_key(next, "choice:next"));
    GOOD(rig_panel_open(next));
    GOOD(rig_login_as(next, "digit:0 digit:0 ok", "246813"));
    AT(next, "first.restore");
    assert_non_null(rig_line(next, "FIRST_REPLACES"));
    GOOD(rig_key(next, "choice:restore"));
    go_on(next, 1);
    AT(next, "backup.office");
    assert_non_null(rig_line(next, "BACKUP_AT_OFFICE"));
    GOOD(rig_key(next, "choice:fetch"));
    GOOD(rig_advance(next, 100));
    assert_non_null(rig_line(next, "BACKUP_FETCHING"));
    go_on(next, 10);
    AT(next, "backup.one");
    GOOD(rig_keys(next, "cancel"));
    AT(next, "backup.office");
    GOOD(rig_keys(next, "cancel"));
    AT(next, "first.restore");
    assert_int_equal(medium.files, 0);
    GOOD(rig_keys(next, "choice:none")); /* then it begins without */
    AT(next, "first.steps");
    GOOD(rig_restart(next));
    go_on(next, 2);
    AT(next, "first.steps");
    GOOD(rig_key(next, "choice:next"));
    assert_string_not_equal(rig_id(next), "first.restore");
    medium_clear();
    till_free(next);
    till_free(rig);
}

/* A spare in the place of the till, with the backup on its screen. */
static struct rig *spare_at_the_backup(struct rig *rig)
{
    struct rig *next = till("TB1-00009999", rig->bench);
    next->now_us = rig->now_us + 1000000;
    office.hsm = next->bench;
    bench_first_day(next->bench, 0, "402869");
    GOOD(rig_boot(next));
    GOOD(notes_show(next->store, "first_active", RIG_START_MS));
    GOOD(notes_show(next->store, "first_supervisor", RIG_START_MS));
    GOOD(rig_restart(next));
    go_on(next, 2);
    GOOD(rig_key(next, "choice:next"));
    GOOD(rig_panel_open(next));
    GOOD(rig_login_as(next, "digit:0 digit:0 ok", "246813"));
    GOOD(rig_key(next, "choice:restore"));
    go_on(next, 1);
    GOOD(rig_key(next, "choice:fetch"));
    go_on(next, 10);
    AT(next, "backup.one");
    return next;
}

static void tell_decided(struct rig *rig)
{
    static char json[200];
    struct writer w = writer_over(json, sizeof json - 1);
    struct device_message m = {.tell = DEVICE_RESTORE_TOLD};
    memcpy(m.digest, office.digest, sizeof m.digest);
    device_write_tell(&w, &m);
    json[w.len] = '\0';
    GOOD_CODE(rig_manage(rig, json));
}

/* S124: nobody has the digits any more; two people of the desk have said yes. */
static void test_by_the_desk(void **state)
{
    (void)state;
    char digits[41];
    struct rig *rig = till_that_trades(digits);
    for (int i = 0; i < 200 && !office.has; i++) go_on(rig, 1);
    struct rig *next = spare_at_the_backup(rig);
    GOOD(rig_key(next, "choice:desk"));
    go_on(next, 2);
    AT(next, "backup.desk");
    assert_int_equal(office.asked, 1);
    assert_non_null(rig_line(next, "BACKUP_DESK_WAITS"));
    go_on(next, 60);
    assert_int_equal(office.asked, 1); /* it is told, and does not ask by the minute */

    next->manage_online = false; /* another connection: how does it stand? */
    GOOD(rig_pump(next));
    go_on(next, 10);
    assert_int_equal(office.asked, 2);
    office.grants = true;
    tell_decided(next);
    go_on(next, 1);
    assert_int_equal(office.asked, 3);
    assert_non_null(rig_line(next, "BACKUP_DESK_GRANTED"));
    GOOD(rig_key(next, "choice:restore"));
    AT(next, "backup.restored");
    assert_non_null(rig_line(next, "BACKUP_UNTIL"));    /* what is not in it is said */
    assert_true(bench_login(next->bench, 0, "739516")); /* as it was there */
    medium_clear();
    till_free(next);
    till_free(rig);
}

static void test_the_desk_says_no(void **state)
{
    (void)state;
    char digits[41];
    struct rig *rig = till_that_trades(digits);
    for (int i = 0; i < 200 && !office.has; i++) go_on(rig, 1);
    struct rig *next = spare_at_the_backup(rig);
    office.denies = true;
    GOOD(rig_key(next, "choice:desk"));
    go_on(next, 2);
    AT(next, "backup.desk");
    assert_non_null(rig_line(next, "BACKUP_DESK_REFUSED"));
    go_on(next, 60);
    assert_int_equal(office.asked, 1);
    office.denies = false;
    GOOD(rig_key(next, "choice:again")); /* after the call */
    go_on(next, 2);
    assert_int_equal(office.asked, 2);
    assert_non_null(rig_line(next, "BACKUP_DESK_WAITS"));
    GOOD(rig_keys(next, "cancel"));
    AT(next, "backup.one");
    medium_clear();
    till_free(next);
    till_free(rig);
}

/* S170: it does not come down over a network that nobody trusts, either, nor is its key asked for.
 */
static void test_not_fetched_over_any_network(void **state)
{
    (void)state;
    char digits[41];
    const struct network_facts open_wifi = {.kind = NETWORK_WIFI, .security = NETWORK_OPEN};
    const struct network_facts mobile = {.kind = NETWORK_MOBILE};
    struct rig *rig = till_that_trades(digits);
    for (int i = 0; i < 200 && !office.has; i++) go_on(rig, 1);
    struct rig *next = till("TB1-00009999", rig->bench);
    next->now_us = rig->now_us + 1000000;
    bench_first_day(next->bench, 0, "402869");
    GOOD(rig_boot(next));
    go_on(next, 2);
    GOOD(terminal_on_network(next->terminal, 0, &open_wifi));
    cloud_begin(next->terminal, CLOUD_FETCH);
    go_on(next, 30);
    assert_int_equal(next->terminal->backup.cloud.progress, CLOUD_UNDER_WAY);
    assert_int_equal(office.fetches, 0);
    GOOD(terminal_on_network(next->terminal, 0, &mobile));
    go_on(next, 30);
    assert_int_equal(next->terminal->backup.cloud.progress, CLOUD_DONE);
    medium_clear();
    till_free(next);
    till_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handed_over),
        cmocka_unit_test(test_not_over_any_network),
        cmocka_unit_test(test_slower_than_anything_else),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_fetched_by_its_successor),
        cmocka_unit_test(test_altered_on_the_way),
        cmocka_unit_test(test_screens),
        cmocka_unit_test(test_by_the_desk),
        cmocka_unit_test(test_the_desk_says_no),
        cmocka_unit_test(test_not_fetched_over_any_network),
    };
    return cmocka_run_group_tests_name("terminal_cloud", tests, NULL, NULL);
}
