/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S164, S165, S166, S167, S124: a till is backed up while it trades, once a week by itself; another
 * device is restored from the medium and has the same payments, totals, batch, orders and
 * operators, sends what was unsent, and trades on. Wherever the power is cut, and whatever is done
 * to the medium, nothing is half.
 */
#include "tests/unit/terminal_backup_rig.h"
#include "tests/unit/terminal_fuse.h"

enum { DAY = 86400000 };

/* A backup by itself, to its end. */
static void back_up(struct rig *rig)
{
    size_t before = medium.files;
    GOOD(backup_start(rig->terminal));
    for (int i = 0; i < 100 && rig->terminal->backup.job.open; i++)
        GOOD(backup_tick(rig->terminal));
    assert_false(rig->terminal->backup.job.open);
    assert_int_equal(rig->terminal->backup.outcome, BACKUP_WRITTEN);
    assert_int_equal(medium.files, before + 1);
}

/* A supervisor of the bench, logged in there. */
static struct rig *till_ready(const char *serial)
{
    struct rig *rig = till_new(serial, NULL);
    bench_first_day(rig->bench, 1, "826047");
    bench_first_day(rig->bench, 0, "739516");
    rig_make_ready(rig);
    return rig;
}

/* Before anybody has signed in; its supervisor is logged in at the vault. */
static struct rig *replacement(const struct rig *elder, const char *serial)
{
    struct rig *rig = till_new(serial, elder->bench);
    rig->now_us = elder->now_us + 1000000;
    bench_first_day(rig->bench, 0, "402869");
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 100));
    AT(rig, "login.operator");
    return rig;
}

/* What the host knows of the terminal number goes on. */
static void same_host(struct rig *rig, const struct rig *elder)
{
    memcpy(rig->row, elder->row, sizeof rig->row);
    rig->rows = elder->rows;
    rig->host_batch = elder->host_batch;
}

static enum restore_outcome restore(struct rig *rig, enum vault_restore_key key, const char *digits,
                                    struct restore_result *result)
{
    const struct medium_file *found = &medium.file[0]; /* a restored device adds its own */
    if (digits != NULL) bench_enter_owner(rig->bench, digits);
    err e = restore_read(rig->terminal, found->name, key, true, result);
    if (FAILED(e)) return RESTORE_GONE;
    if (result->outcome == RESTORE_DONE) {
        rig_off(rig);
        GOOD(rig_boot(rig));
        GOOD(rig_advance(rig, 100));
    }
    return result->outcome;
}

/* A sale, its void, a sale in cash is left out of here, an order, goods, a parameter, a closed
 * shift, a settlement, and two more sales of which the last is being reversed. */
static err trade(struct rig *rig)
{
    struct basket basket = {.count = 1};
    struct order order = {.total_minor = 5000, .operator_id = "01", .begun_ms = rig_now_ms(rig)};
    memcpy(basket.line[0].name, "tea", 4);
    basket.line[0].price_minor = 5000;
    basket.line[0].quantity = 1;
    TRY(rig_sale(rig));
    TRY(rig_key(rig, "cancel"));
    TRY(rig_sale(rig));
    TRY(rig_key(rig, "cancel"));
    TRY(records_parameter_set(&rig->terminal->records, "limit_sale", 40000, "99", "400.00"));
    TRY(orders_begin(&rig->terminal->records, &order, &basket));
    TRY(orders_turn(&rig->terminal->records, &order, ORDER_GIVING_UP, "01", rig_now_ms(rig)));
    TRY(orders_turn(&rig->terminal->records, &order, ORDER_GIVEN_UP, "01", rig_now_ms(rig)));
    TRY(rig_keys(rig, "choice:manage choice:shift choice:z choice:yes"));
    for (int i = 0; i < 6 && strcmp(rig_id(rig), "main.menu") != 0; i++)
        TRY(rig_key(rig, "cancel"));
    TRY(rig_sale(rig));
    TRY(rig_key(rig, "cancel"));
    rig->mood = RIG_SILENT;
    rig->refuse_reversal = true;
    TRY(rig_sale(rig));
    TRY(rig_advance(rig, 62000));
    return rig_key(rig, "cancel");
}

static void compare(struct rig *rig, struct rig *elder)
{
    static struct till_rows before, after;
    const struct records *a = &elder->terminal->records, *b = &rig->terminal->records;
    till_dump(elder, &before);
    till_dump(rig, &after);
    assert_int_equal(before.len, after.len);
    assert_memory_equal(before.at, after.at, before.len);
    assert_int_equal(a->batch, b->batch);
    assert_int_equal(a->stan, b->stan);
    assert_int_equal(a->batch_count, b->batch_count);
    assert_int_equal(a->batch_minor, b->batch_minor);
    assert_int_equal(a->unsent, b->unsent);
    assert_int_equal(a->offline_minor, b->offline_minor);
    struct records_operator x = {.count = -1}, y = {.count = -2};
    GOOD(records_operators_total(&elder->terminal->records, &x));
    GOOD(records_operators_total(&rig->terminal->records, &y));
    assert_int_equal(x.count, y.count);
    assert_int_equal(x.minor, y.minor);
}

/* ---- another device ---- */

static void test_another_device(void **state)
{
    (void)state;
    struct rig *rig = till_ready("TB1-00004711");
    char digits[41];
    struct restore_result result;
    bench_owner_key(rig->bench, digits);
    GOOD(trade(rig));
    assert_int_equal(rig->terminal->records.unsent, 1);
    back_up(rig);
    struct rig *next = replacement(rig, "TB1-00009999");
    assert_int_equal(restore(next, VAULT_RESTORE_BY_OWNER, digits, &result), RESTORE_DONE);
    assert_int_equal(result.payments, 4);
    compare(next, rig);
    assert_true(bench_login(next->bench, 1, "826047"));
    assert_true(bench_login(next->bench, 0, "739516"));

    /* It signs in for keys of its own, what was unsent is sent, and it trades on. */
    same_host(next, rig);
    GOOD(rig_panel_open(next));
    GOOD(rig_login_as(next, "digit:0 digit:1 ok", "8264"));
    GOOD(rig_key(next, "choice:sign_in"));
    AT(next, "catch_up.done");
    GOOD(rig_key(next, "ok"));
    AT(next, "sign_in.done");
    GOOD(rig_key(next, "ok"));
    GOOD(rig_advance(next, 60000));
    assert_int_equal(next->terminal->records.unsent, 0);
    GOOD(rig_sale(next));
    AT(next, "sale.approved");
    rig_check_books(next);
    till_free(next);
    till_free(rig);
    medium_clear();
}

/* It was destroyed at any call to the store of its day: what it had then is there again. */
static void test_destroyed_at_every_call(void **state)
{
    (void)state;
    int cuts = 0;
    for (int at = 0;; at += 5) {
        struct rig *rig = till_ready("TB1-00004711");
        struct fuse fuse = {.left = at, .how = ERR(CRASHED)};
        char digits[41];
        struct restore_result result;
        bench_owner_key(rig->bench, digits);
        rig_set_fault(rig, burn, &fuse);
        (void)!FAILED(trade(rig));
        rig_set_fault(rig, NULL, NULL);
        rig_off(rig);
        rig->mood = RIG_DEAF; /* what is unsent stays so */
        GOOD(rig_boot(rig));
        GOOD(rig_advance(rig, 200));
        back_up(rig);
        struct rig *next = replacement(rig, "TB1-00009999");
        assert_int_equal(restore(next, VAULT_RESTORE_BY_OWNER, digits, &result), RESTORE_DONE);
        compare(next, rig);
        assert_true(bench_login(next->bench, 1, "826047"));
        till_free(next);
        till_free(rig);
        medium_clear();
        if (!fuse.blown) break;
        cuts++;
    }
    print_message("%d devices destroyed\n", cuts);
    assert_true(cuts > 20);
}

/* The power is cut at every call of the restore: nothing, or all of it; and it is done again. */
static void test_cut_while_it_is_restored(void **state)
{
    (void)state;
    struct rig *rig = till_ready("TB1-00004711");
    char digits[41];
    int cuts = 0, nothing = 0, all = 0;
    bench_owner_key(rig->bench, digits);
    GOOD(trade(rig));
    back_up(rig);
    for (int at = 0;; at++) {
        struct rig *next = replacement(rig, "TB1-00009999");
        struct fuse fuse = {.left = at, .how = ERR(CRASHED)};
        struct restore_result result;
        rig_set_fault(next, burn, &fuse);
        bench_enter_owner(next->bench, digits);
        err e = restore_read(next->terminal, medium.file[0].name, VAULT_RESTORE_BY_OWNER, true,
                             &result);
        assert_int_equal(FAILED(e), fuse.blown);
        rig_set_fault(next, NULL, NULL);
        rig_off(next);
        GOOD(rig_boot(next));
        GOOD(rig_advance(next, 100));
        bool done = next->terminal->records.last_number > 0;
        if (done) {
            compare(next, rig);
            all++;
        } else {
            /* The people may be the bundle's already: whoever is supervisor now does it again. */
            if (!bench_login(next->bench, 0, "402869"))
                assert_true(bench_login(next->bench, 0, "739516"));
            assert_int_equal(restore(next, VAULT_RESTORE_BY_OWNER, digits, &result), RESTORE_DONE);
            compare(next, rig);
            nothing++;
        }
        till_free(next);
        while (medium.files > 1) free(medium.file[--medium.files].at);
        if (!fuse.blown) break;
        cuts++;
    }
    print_message("%d cuts: %d left nothing, %d all\n", cuts, nothing, all);
    assert_true(cuts > 15 && nothing > 15 && all >= 1);
    till_free(rig);
    medium_clear();
}

/* What this device has taken before stays, behind what comes; what is here already is refused. */
static void test_merging(void **state)
{
    (void)state;
    struct rig *rig = till_ready("TB1-00004711");
    char digits[41];
    struct restore_result result;
    bench_owner_key(rig->bench, digits);
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    back_up(rig);
    /* On the device itself all of it is there: nothing is taken, and nobody changes. */
    assert_int_equal(restore(rig, VAULT_RESTORE_BY_DEVICE, NULL, &result), RESTORE_HAS_DATA);
    assert_int_equal(rig->terminal->records.last_number, 2);

    struct rig *next = till_new("TB1-00009999", rig->bench);
    next->now_us = rig->now_us + 1000000;
    bench_first_day(next->bench, 0, "402869");
    next->host_batch = 40;
    rig_make_ready(next);
    GOOD(rig_sale(next)); /* the one of its activation */
    GOOD(rig_key(next, "cancel"));
    uint32_t batch = next->terminal->records.batch;
    assert_int_equal(restore(next, VAULT_RESTORE_BY_OWNER, digits, &result), RESTORE_DONE);
    assert_int_equal(next->terminal->records.batch, batch); /* where its host has put it */
    assert_int_equal(next->terminal->records.last_number, 3);
    struct payment p;
    GOOD(records_get(&next->terminal->records, 3, &p));
    assert_int_equal(p.key.batch, batch);
    GOOD(records_get(&next->terminal->records, 1, &p));
    assert_int_equal(p.key.batch, rig->terminal->records.batch);
    till_free(next);
    till_free(rig);
    medium_clear();
}

/* ---- the medium ---- */

static void test_what_was_done_to_the_file(void **state)
{
    (void)state;
    struct rig *rig = till_ready("TB1-00004711");
    char digits[41];
    struct restore_result result;
    bench_owner_key(rig->bench, digits);
    GOOD(trade(rig));
    back_up(rig);
    struct medium_file *file = medium_last();
    struct rig *next = replacement(rig, "TB1-00009999");
    size_t len = file->len;
    unsigned refused = 0;
    for (size_t at = 40; at < len; at += 61) { /* altered */
        file->at[at] ^= 0x10;
        bench_enter_owner(next->bench, digits);
        GOOD(restore_read(next->terminal, file->name, VAULT_RESTORE_BY_OWNER, true, &result));
        assert_int_equal(result.outcome, RESTORE_REFUSED);
        assert_int_equal(rig_count_rows(next), 0);
        file->at[at] ^= 0x10;
        refused++;
    }
    for (file->len = 1100; file->len < len; file->len += 211) { /* cut off */
        bench_enter_owner(next->bench, digits);
        GOOD(restore_read(next->terminal, file->name, VAULT_RESTORE_BY_OWNER, true, &result));
        assert_int_equal(result.outcome, RESTORE_REFUSED);
        assert_int_equal(result.verdict, VAULT_RESTORE_TRUNCATED);
    }
    file->len = len;
    bench_enter_owner(next->bench, "0000000000000000000000000000000000000000");
    GOOD(restore_read(next->terminal, file->name, VAULT_RESTORE_BY_OWNER, true, &result));
    assert_int_equal(result.verdict, VAULT_RESTORE_WRONG_KEY);
    GOOD(restore_read(next->terminal, file->name, VAULT_RESTORE_BY_DEVICE, true, &result));
    assert_int_equal(result.verdict, VAULT_RESTORE_NO_KEY);
    medium.gone = true;
    GOOD(restore_read(next->terminal, file->name, VAULT_RESTORE_BY_DEVICE, true, &result));
    assert_int_equal(result.outcome, RESTORE_GONE);
    medium.gone = false;
    assert_true(refused > 40);
    assert_int_equal(rig_count_rows(next), 0);
    assert_int_equal(restore(next, VAULT_RESTORE_BY_OWNER, digits, &result), RESTORE_DONE);
    compare(next, rig);
    till_free(next);
    till_free(rig);
    medium_clear();
}

/* No text of the till is in it, in no form that a search finds. */
static void test_nothing_to_read(void **state)
{
    (void)state;
    static const char *const needles[] = {"******", "limit_sale", "tea", "042512000345"};
    struct rig *rig = till_ready("TB1-00004711");
    GOOD(trade(rig));
    back_up(rig);
    const struct medium_file *file = medium_last();
    struct bytes image;
    GOOD(store_anchor_image(rig->anchor, &image));
    for (size_t i = 0; i < ARRAY_LEN(needles); i++) {
        size_t len = strlen(needles[i]);
        if (memmem(image.at, image.len, needles[i], len) == NULL) fail_msg("no %s", needles[i]);
        assert_null(memmem(file->at, file->len, needles[i], len));
    }
    store_image_free(image);
    till_free(rig);
    medium_clear();
}

/* ---- once a week ---- */

static void test_by_itself(void **state)
{
    (void)state;
    struct rig *rig = till_ready("TB1-00004711");
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(medium.files, 0); /* there is nothing to lose */
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(medium.files, 1); /* the first at once */
    assert_false(backup_stale(rig->terminal));
    GOOD(rig_advance(rig, 2 * DAY));
    assert_int_equal(medium.files, 1);
    assert_int_equal(backup_age_days(rig->terminal), 2);
    GOOD(rig_advance(rig, 5 * DAY));
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(medium.files, 2);
    rig_off(rig); /* when it was made is in the store */
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(medium.files, 2);
    assert_int_equal(backup_age_days(rig->terminal), 0);
    till_free(rig);
    medium_clear();
}

/* Without a medium, or with one that is full: it says so, tries again, and begins no payment late.
 */
static void test_no_medium(void **state)
{
    (void)state;
    struct rig *rig = till_new("TB1-00004711", NULL);
    medium.gone = true;
    rig_make_ready(rig);
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(rig->terminal->backup.outcome, BACKUP_NO_PLACE);
    assert_true(backup_stale(rig->terminal));
    assert_int_equal(backup_age_days(rig->terminal), -1);
    medium.gone = false;
    medium.room = 1500;
    GOOD(rig_advance(rig, 3700000));
    assert_int_equal(rig->terminal->backup.outcome, BACKUP_MEDIUM_FULL);
    assert_int_equal(medium.files, 0); /* half a file is none */
    medium.room = 0;
    GOOD(rig_advance(rig, 3700000));
    assert_int_equal(rig->terminal->backup.outcome, BACKUP_WRITTEN);
    assert_int_equal(medium.files, 1);
    int64_t failed = 0, stale = 0;
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM event WHERE kind = 'backup_failed'",
                         &failed));
    GOOD(store_query_int(rig->store, "SELECT count(*) FROM event WHERE kind = 'backup_stale'",
                         &stale));
    assert_int_equal(failed, 2);
    assert_int_equal(stale, 1); /* the back office was told, once */
    till_free(rig);
    medium_clear();
}

/* It is being written while a customer pays: neither waits for the other, and it is of one moment.
 */
static void test_while_somebody_pays(void **state)
{
    (void)state;
    struct rig *rig = till_ready("TB1-00004711");
    char digits[41];
    struct restore_result result;
    bench_owner_key(rig->bench, digits);
    medium.gone = true;
    for (int i = 0; i < 3; i++) {
        GOOD(rig_sale(rig));
        GOOD(rig_key(rig, "cancel"));
    }
    medium.gone = false;
    GOOD(backup_start(rig->terminal));
    assert_true(rig->terminal->backup.job.open);
    GOOD(rig_sale(rig)); /* its ticks write the rest */
    AT(rig, "sale.approved");
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_advance(rig, 1000));
    assert_int_equal(rig->terminal->backup.outcome, BACKUP_WRITTEN);
    struct rig *next = replacement(rig, "TB1-00009999");
    assert_int_equal(restore(next, VAULT_RESTORE_BY_OWNER, digits, &result), RESTORE_DONE);
    assert_int_equal(result.payments, 3);
    till_free(next);
    till_free(rig);
    medium_clear();
}

/* ---- the screens ---- */

static void test_screens(void **state)
{
    (void)state;
    struct rig *rig = till_ready("TB1-0000017");
    medium.gone = true;
    GOOD(rig_sale(rig));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_advance(rig, 1000));
    GOOD(rig_keys(rig, "cancel choice:log_out"));
    GOOD(rig_panel_open(rig));
    GOOD(rig_login_as(rig, "digit:0 digit:0 ok", "246813"));
    AT(rig, "main.menu");
    assert_non_null(rig_line(rig, "MAIN_BACKUP_NEVER"));
    GOOD(rig_keys(rig, "choice:manage choice:backup"));
    AT(rig, "backup.menu");
    assert_non_null(rig_line(rig, "BACKUP_NEVER"));
    assert_non_null(rig_line(rig, "BACKUP_OWNER_NONE"));
    GOOD(rig_key(rig, "choice:now")); /* without a medium */
    assert_non_null(rig_line(rig, "BACKUP_NO_PLACE"));
    GOOD(rig_key(rig, "choice:restore"));
    AT(rig, "backup.list");
    assert_non_null(rig_line(rig, "BACKUP_LIST_NONE"));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_keys(rig, "choice:owner choice:yes"));
    AT(rig, "backup.owner");
    assert_true(terminal_screen(rig->terminal)->secret.len > 40);
    GOOD(rig_key(rig, "ok"));
    AT(rig, "backup.menu");
    assert_int_equal(terminal_screen(rig->terminal)->secret.len, 0);
    assert_non_null(rig_line(rig, "BACKUP_OWNER_HAS"));
    medium.gone = false;
    GOOD(rig_key(rig, "choice:now"));
    assert_non_null(rig_line(rig, "BACKUP_WRITING"));
    GOOD(rig_advance(rig, 1000));
    assert_non_null(rig_line(rig, "BACKUP_DONE"));
    GOOD(rig_key(rig, "choice:test"));
    assert_non_null(rig_line(rig, "BACKUP_TESTED"));
    medium_last()->at[medium_last()->len - 60] ^= 1;
    GOOD(rig_key(rig, "choice:test"));
    assert_null(rig_line(rig, "BACKUP_TESTED"));
    medium_last()->at[medium_last()->len - 60] ^= 1;
    GOOD(rig_keys(rig, "choice:restore choice:row_0"));
    AT(rig, "backup.one");
    GOOD(rig_key(rig, "choice:owner"));
    AT(rig, "backup.key");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "backup.one");
    till_free(rig);
    medium_clear();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_another_device),
        cmocka_unit_test(test_destroyed_at_every_call),
        cmocka_unit_test(test_cut_while_it_is_restored),
        cmocka_unit_test(test_merging),
        cmocka_unit_test(test_what_was_done_to_the_file),
        cmocka_unit_test(test_nothing_to_read),
        cmocka_unit_test(test_by_itself),
        cmocka_unit_test(test_no_medium),
        cmocka_unit_test(test_while_somebody_pays),
        cmocka_unit_test(test_screens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
