/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S24, CR-06 at the screens, with a real vault and a clock that goes on day by day: on which days a
 * person who logs in every day is reminded, that no age ever forces him where the policy does not
 * say so, when it does where it says so, and that a supervisor's wish is heard at once.
 */
#include "tests/unit/terminal_rig_real.h"

enum { FIVE_YEARS = 1826 /* days */, SEEN_MAX = 64 };

#define OWN            "927461"
#define NEXT           "640285"
#define OWN_SUPERVISOR "381947"

static const char *const strong[] = {"Kx7#qmWv2pZt", "mZ4!rrTu9bLd", "pW8%hhNc3sGf"};

/* On which days which screen stood between the log-in and the main screen. */
struct diary {
    size_t reminders, forced;
    int reminded_on[SEEN_MAX], forced_on[SEEN_MAX];
};

static void one_day_later(struct rig *rig)
{
    rig->now_us += INT64_C(86400) * 1000000;
    GOOD(terminal_tick(rig->terminal));
    AT(rig, "login.operator");
}

/* Logs in; `answer` is what is touched on a reminder. The main screen, or a forced change. */
static void log_in(struct rig *rig, const char *password, int day, const char *answer,
                   struct diary *diary)
{
    GOOD(rig_keys(rig, real_keys_of(1)));
    GOOD(rig_enter(rig, password));
    real_past_tips(rig);
    if (strcmp(rig_id(rig), "remind.review") == 0) {
        assert_true(diary->reminders < SEEN_MAX);
        diary->reminded_on[diary->reminders++] = day;
        GOOD(rig_key(rig, answer));
        real_past_tips(rig);
    }
    if (strcmp(rig_id(rig), "password.new") == 0) {
        assert_true(diary->forced < SEEN_MAX);
        diary->forced_on[diary->forced++] = day;
        return;
    }
    AT(rig, "main.menu");
}

static void assert_days(const int *seen, size_t count, const int *wanted, size_t wanted_count)
{
    for (size_t i = 0; i < count && i < wanted_count; i++) assert_int_equal(seen[i], wanted[i]);
    assert_int_equal(count, wanted_count);
}

#define ON_DAYS(seen, count, ...)                              \
    do {                                                       \
        static const int wanted_[] = {__VA_ARGS__};            \
        assert_days(seen, count, wanted_, ARRAY_LEN(wanted_)); \
    } while (0)

/* default: T-30, T-7, T, T+7, each once; for five years of looking away nothing else, and nobody is
 * ever kept from the main screen. After 200 days the four have been. */
static void test_never_forced_by_age(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    struct diary diary = {0};
    real_first_day(rig, 1, OWN);
    real_log_out(rig);
    for (int day = 1; day <= FIVE_YEARS; day++) {
        one_day_later(rig);
        log_in(rig, OWN, day, "cancel", &diary);
        real_log_out(rig);
        if (day == 200) ON_DAYS(diary.reminded_on, diary.reminders, 150, 173, 180, 187);
    }
    ON_DAYS(diary.reminded_on, diary.reminders, 150, 173, 180, 187);
    assert_int_equal(diary.forced, 0);
    rig_real_free(rig);
}

/* Who keeps his password when it is due is asked again half a year after that, for five years. */
static void test_kept_for_five_years(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    struct diary diary = {0};
    real_first_day(rig, 1, OWN);
    real_log_out(rig);
    for (int day = 1; day <= FIVE_YEARS; day++) {
        one_day_later(rig);
        log_in(rig, OWN, day, day % 180 == 0 ? "choice:keep" : "cancel", &diary);
        real_log_out(rig);
    }
    size_t at = 0;
    for (int since = 0; since + 150 <= FIVE_YEARS; since += 180) {
        static const int after[] = {150, 173, 180};
        for (size_t i = 0; i < ARRAY_LEN(after) && since + after[i] <= FIVE_YEARS; i++) {
            assert_true(at < diary.reminders);
            assert_int_equal(diary.reminded_on[at++], since + after[i]);
        }
    }
    assert_int_equal(at, diary.reminders);
    assert_int_equal(diary.forced, 0);
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'password_kept'"),
                     FIVE_YEARS / 180);
    rig_real_free(rig);
}

/* Changed from the reminder itself: the half year begins anew. */
static void test_changed_at_the_reminder(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    struct diary diary = {0};
    real_first_day(rig, 1, OWN);
    real_log_out(rig);
    rig->now_us += INT64_C(149) * 86400 * 1000000;
    one_day_later(rig);
    GOOD(rig_keys(rig, real_keys_of(1)));
    GOOD(rig_enter(rig, OWN));
    real_past_tips(rig);
    AT(rig, "remind.review");
    assert_non_null(strstr(rig_line(rig, "REVIEW_SOON"), "30"));
    GOOD(rig_key(rig, "choice:change"));
    GOOD(rig_enter(rig, OWN));
    real_choose(rig, NEXT);
    GOOD(rig_key(rig, "ok"));
    real_past_tips(rig);
    AT(rig, "main.menu");
    real_log_out(rig);
    for (int day = 151; day <= 350; day++) {
        one_day_later(rig);
        log_in(rig, NEXT, day, "cancel", &diary);
        real_log_out(rig);
    }
    ON_DAYS(diary.reminded_on, diary.reminders, 300, 323, 330, 337);
    rig_real_free(rig);
}

/* djbp-l3: T-30 and T-7, then three log-ins that say each time that it has ended, without a "keep";
 * then nothing but a change, and half a year from there. */
static void test_forced_after_grace(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-DJ");
    struct diary diary = {0};
    const char *own = strong[0];
    size_t next = 1;
    real_first_day(rig, 1, own);
    real_log_out(rig);
    for (int day = 1; day <= 400; day++) {
        one_day_later(rig);
        size_t forced = diary.forced, reminders = diary.reminders;
        log_in(rig, own, day, "cancel", &diary);
        if (diary.reminders > reminders) assert_int_equal(diary.forced, forced);
        if (diary.forced > forced) {
            assert_non_null(rig_line(rig, "PASSWORD_EXPIRED"));
            GOOD(rig_key(rig, "cancel")); /* there is no way round it */
            AT(rig, "login.operator");
            GOOD(rig_keys(rig, real_keys_of(1))); /* the same again: it is not forgotten */
            GOOD(rig_enter(rig, own));
            AT(rig, "password.new");
            own = strong[next++];
            real_choose(rig, own);
            AT(rig, "password.saved");
            GOOD(rig_key(rig, "ok"));
            real_past_tips(rig);
        }
        real_log_out(rig);
    }
    ON_DAYS(diary.reminded_on, diary.reminders, 150, 173, 180, 181, 182, 333, 356, 363, 364, 365);
    ON_DAYS(diary.forced_on, diary.forced, 183, 366);
    assert_int_equal(next, 3);
    rig_real_free(rig);
}

/* What ends cannot be kept: the reminder does not offer it, and says that it ends. */
static void test_what_ends_is_not_kept(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-DJ");
    real_first_day(rig, 1, strong[0]);
    real_log_out(rig);
    rig->now_us += INT64_C(149) * 86400 * 1000000;
    one_day_later(rig);
    GOOD(rig_keys(rig, real_keys_of(1)));
    GOOD(rig_enter(rig, strong[0]));
    real_past_tips(rig);
    AT(rig, "remind.review");
    assert_non_null(strstr(rig_line(rig, "REVIEW_ENDS"), "30"));
    assert_false(rig_has_choice(rig, "keep", true));
    assert_true(rig_has_choice(rig, "change", true));
    rig_real_free(rig);
}

/* CR-06: a supervisor who has heard of a breach, or whose cashier's friend has left, forces a
 * change: the very next log-in, in the same second, is one, whatever the age of the password. */
static void test_forced_at_once(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    struct diary diary = {0};
    real_first_day(rig, 1, OWN);
    real_log_out(rig);
    real_first_day(rig, 0, OWN_SUPERVISOR);
    GOOD(rig_keys(rig, "choice:manage choice:operators choice:id_01 choice:force choice:yes"));
    int64_t wished_us = rig->now_us;
    real_home(rig);
    real_log_out(rig);
    log_in(rig, OWN, 0, "cancel", &diary);
    AT(rig, "password.new");
    assert_non_null(rig_line(rig, "PASSWORD_FORCED"));
    assert_true(rig->now_us - wished_us < 1000000);
    rig_real_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_forced_by_age),     cmocka_unit_test(test_kept_for_five_years),
        cmocka_unit_test(test_changed_at_the_reminder), cmocka_unit_test(test_forced_after_grace),
        cmocka_unit_test(test_what_ends_is_not_kept),   cmocka_unit_test(test_forced_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
