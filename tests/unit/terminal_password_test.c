/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seven steps of the guide (S9 to S16) with a real vault: set, change, cancel at each step,
 * every refusal by name, the strength that only the page can read; the first log-in (S33, S37);
 * log-in without a network (S49); the duress password.
 */
#include "tests/unit/terminal_rig_real.h"

#define OWN     "927461"
#define ANOTHER "381947"

/* S9, S33: the first log-in walks the steps; the one-time password is dead afterwards. */
static void test_first_password(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    GOOD(rig_keys(rig, real_keys_of(1)));
    GOOD(rig_enter(rig, bench_initial(rig->bench, 1)));
    AT(rig, "login.first");
    assert_non_null(rig_line(rig, "FIRST_NEVER"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "login.operator"); /* nothing else can be done with it */
    rig->transcript[0] = '\0';
    real_first_day(rig, 1, OWN);
    assert_string_equal(rig->transcript,
                        "login.operator login.password login.first password.new password.repeat "
                        "password.review password.saved tip.show main.menu ");
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'password_set'"), 1);
    assert_int_equal(real_count(rig, "SELECT count(*) FROM event WHERE kind = 'first_login'"), 1);
    /* S16: who has another password now is told, so that he hears of it elsewhere. */
    assert_int_equal(real_count(rig, "SELECT count(*) FROM event WHERE kind = 'password_set' AND"
                                     " operator_id = '01'"),
                     1);
    real_log_out(rig);
    real_log_in(rig, 1, bench_initial(rig->bench, 1));
    AT(rig, "login.operator");
    assert_non_null(rig_line(rig, "LOGIN_WRONG"));
    rig_real_free(rig);
}

/* S37: who comes second sees when the device was first used, and what to do if it was not he. */
static void test_used_before(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    GOOD(rig_keys(rig, real_keys_of(99))); /* somebody on the way */
    GOOD(rig_enter(rig, bench_initial(rig->bench, 99)));
    AT(rig, "login.first");
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_advance(rig, 86400000));
    GOOD(rig_keys(rig, real_keys_of(0)));
    GOOD(rig_enter(rig, bench_initial(rig->bench, 0)));
    AT(rig, "login.first");
    assert_null(rig_line(rig, "FIRST_NEVER"));
    assert_non_null(strstr(rig_line(rig, "LOGIN_SINCE"), "2030-04-25 12:30"));
    assert_non_null(strstr(rig_line(rig, "FIRST_BEFORE"), TERMINAL_SUPPORT));
    rig_real_free(rig);
}

/* To the screen of step 4 in three touches, by either menu and by digits alone (S3). */
static void test_three_touches(void **state)
{
    (void)state;
    static const char *const paths[] = {
        "choice:settings choice:passwords choice:change",
        "choice:settings choice:security choice:change",
        "digit:0 digit:2 digit:1",
        "digit:0 digit:1 digit:2",
    };
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        GOOD(rig_keys(rig, paths[i]));
        AT(rig, "password.current");
        GOOD(rig_keys(rig, "cancel cancel cancel"));
        AT(rig, "main.menu");
    }
    rig_real_free(rig);
}

/* S10: a wrong current password counts and changes nothing. S12: neither does a mismatch. */
static void test_change(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    rig->transcript[0] = '\0';
    GOOD(rig_keys(rig, "choice:settings choice:security choice:change"));
    GOOD(rig_enter(rig, ANOTHER));
    AT(rig, "password.current");
    assert_non_null(rig_line(rig, "LOGIN_WRONG"));
    GOOD(rig_advance(rig, 5000));
    GOOD(rig_enter(rig, OWN));
    AT(rig, "password.new");
    GOOD(rig_enter(rig, ANOTHER));
    GOOD(rig_enter(rig, "381948"));
    GOOD(rig_key(rig, "choice:save"));
    AT(rig, "password.new");
    assert_non_null(rig_line(rig, "PASSWORD_MISMATCH"));
    real_choose(rig, ANOTHER);
    AT(rig, "password.saved");
    assert_non_null(rig_line(rig, "PASSWORD_SESSIONS")); /* S16 */
    GOOD(rig_key(rig, "ok"));
    real_past_tips(rig);
    AT(rig, "settings.security");
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'password_refused'"),
                     1);
    GOOD(rig_keys(rig, "cancel cancel"));
    real_log_out(rig);
    real_log_in(rig, 1, OWN);
    AT(rig, "login.operator");
    GOOD(rig_advance(rig, 5000));
    real_log_in(rig, 1, ANOTHER);
    AT(rig, "main.menu");
    rig_real_free(rig);
}

/* S14: Cancel at each of the steps changes nothing, by the key and by the page's own cancel. */
static void test_cancel_at_each_step(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    for (int step = 0; step < 5; step++) {
        GOOD(rig_key(rig, "choice:settings"));
        if (step > 0) GOOD(rig_key(rig, "choice:security"));
        if (step > 1) GOOD(rig_key(rig, "choice:change"));
        if (step > 2) GOOD(rig_enter(rig, OWN));
        if (step > 3) GOOD(rig_enter(rig, ANOTHER));
        if (step > 3) GOOD(rig_enter(rig, ANOTHER));
        real_home(rig);
        real_log_out(rig);
        real_log_in(rig, 1, OWN);
        AT(rig, "main.menu");
    }
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'password_set'"), 1);
    rig_real_free(rig);
}

/* S11: the sentence names the rule, in both languages; the old password stays. */
static void test_refusals(void **state)
{
    (void)state;
    static const char *const bad[] = {"123456", "111111", "888888", "20300425", "10000017"};
    struct rig *rig = rig_real("TB-1");
    char said[ARRAY_LEN(bad)][SCREEN_TEXT];
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:settings choice:security choice:change"));
    GOOD(rig_enter(rig, OWN));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        real_choose(rig, bad[i]);
        AT(rig, "password.new");
        assert_non_null(rig_line(rig, "PASSWORD_REFUSED"));
        snprintf(said[i], sizeof said[i], "%s", rig_line(rig, "PASSWORD_REFUSED"));
        assert_true(strlen(said[i]) > 10);
    }
    assert_string_not_equal(said[0], said[1]);
    GOOD(rig_keys(rig, "language"));
    real_choose(rig, "123456");
    assert_string_not_equal(rig_line(rig, "PASSWORD_REFUSED"), said[0]);
    real_home(rig);
    real_log_out(rig);
    real_log_in(rig, 1, OWN);
    AT(rig, "main.menu");
    rig_real_free(rig);
}

/* S28: the page reads how strong it is; the terminal program has only what is sealed. S15. */
static void test_strength_is_sealed(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    char advice[SCREEN_SEALED_MAX], weak;
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:settings choice:security choice:change"));
    GOOD(real_type(rig, OWN));
    assert_int_equal(terminal_screen(rig->terminal)->entry.strength_len, 0); /* of NEW alone */
    GOOD(rig_keys(rig, "cancel choice:change"));
    GOOD(rig_enter(rig, OWN));
    const struct screen_entry *entry = &terminal_screen(rig->terminal)->entry;
    GOOD(real_type(rig, "111111"));
    assert_true(entry->strength_len > 0);
    assert_true(bench_open(rig->bench, bytes_of(entry->strength, entry->strength_len), advice,
                           sizeof advice) > 1); /* it has advice */
    weak = advice[0];
    GOOD(rig_keys(rig, "cancel choice:change"));
    GOOD(rig_enter(rig, OWN));
    GOOD(real_type(rig, "927461830527"));
    (void)bench_open(rig->bench, bytes_of(entry->strength, entry->strength_len), advice,
                     sizeof advice);
    assert_true(advice[0] > weak && advice[0] <= 4);
    rig_real_free(rig);
}

/* S21: a model with letters has a keyboard; what is pasted too long is not taken, and is said. */
static void test_keyboard(void **state)
{
    (void)state;
    static const char *const own = "Teapot 7 lantern!", *const next = "kingfisher & 19 stones";
    struct rig *rig = rig_real("TB-2");
    char longer[600];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    GOOD(rig_keys(rig, real_keys_of(0)));
    GOOD(rig_enter(rig, bench_initial(rig->bench, 0)));
    GOOD(rig_key(rig, "choice:continue"));
    AT(rig, "password.new");
    assert_true(terminal_screen(rig->terminal)->entry.text);
    GOOD(real_type(rig, longer));
    assert_true(terminal_screen(rig->terminal)->entry.too_long);
    assert_int_equal(terminal_screen(rig->terminal)->entry.count, 0);
    assert_non_null(rig_line(rig, "PASSWORD_PASTE_LONG"));
    GOOD(rig_keys(rig, "cancel"));
    real_first_day(rig, 0, own);
    real_log_out(rig);
    real_log_in(rig, 0, own);
    AT(rig, "main.menu");
    GOOD(rig_keys(rig, "choice:settings choice:passwords choice:change"));
    GOOD(rig_enter(rig, own));
    real_choose(rig, next);
    AT(rig, "password.saved");
    rig_real_free(rig);
}

/* S13: the vault dies at the moment of saving; after it one of the two verifies, here the old one.
 */
static void test_vault_gone(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:settings choice:security choice:change"));
    GOOD(rig_enter(rig, OWN));
    GOOD(rig_enter(rig, ANOTHER));
    GOOD(rig_enter(rig, ANOTHER));
    AT(rig, "password.review");
    bench_restart(rig->bench);
    GOOD(rig_key(rig, "choice:save"));
    assert_non_null(rig_line(rig, "PASSWORD_FAULT")); /* it says that the old one still works */
    GOOD(rig_panel_open(rig));
    real_home(rig);
    real_log_out(rig);
    real_log_in(rig, 1, OWN);
    AT(rig, "main.menu");
    rig_real_free(rig);
}

/* S49: log-in asks nobody but the vault. */
static void test_log_in_offline(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    real_log_out(rig);
    rig->reachable = rig->online = rig->manage_reachable = rig->manage_online = false;
    GOOD(rig_pump(rig));
    int frames = rig->manage_frames;
    real_log_in(rig, 1, OWN);
    AT(rig, "main.menu");
    assert_int_equal(rig->manage_frames, frames);
    rig_real_free(rig);
}

/* ---- what others hear and see ---- */

static size_t screen_bytes(struct rig *rig, uint8_t *out, size_t size);

/* S73: a digit is a digit: whichever was touched, the screen changes once and by its count alone,
 * as much leaves the page, and nothing is said. So no sound or light of it can tell which it was.
 */
static void test_keys_are_alike(void **state)
{
    (void)state;
    static uint8_t first[SCREEN_JSON_MAX], other[SCREEN_JSON_MAX];
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:settings choice:security choice:keypad choice:private cancel"));
    GOOD(rig_key(rig, "choice:change"));
    const struct screen_entry *entry = &terminal_screen(rig->terminal)->entry;
    size_t first_len = 0, sealed_len = 0;
    for (char digit = '0'; digit <= '9'; digit++) {
        uint8_t block[128];
        struct writer w = writer_over(block, sizeof block);
        bench_layout(rig->bench, bytes_of(entry->layout, entry->layout_len));
        bench_digit(rig->bench, digit, &w);
        int shows = rig->shows, spoken = rig->spoken;
        GOOD(real_touch(rig, &w));
        assert_int_equal(rig->shows, shows + 1);
        assert_int_equal(rig->spoken, spoken);
        assert_int_equal(entry->count, 1);
        size_t len = screen_bytes(rig, digit == '0' ? first : other, sizeof first);
        if (digit == '0') {
            first_len = len;
            sealed_len = w.len;
        } else {
            assert_int_equal(len, first_len);
            assert_memory_equal(other, first, first_len);
            assert_int_equal(w.len, sealed_len);
        }
        GOOD(rig_keys(rig, "cancel choice:change"));
    }
    rig_real_free(rig);
}

/* ---- duress ---- */

static int64_t alarms(struct rig *rig)
{
    return real_count(rig, "SELECT count(*) FROM event WHERE kind = 'duress'");
}

/* The screen as the page gets it, without its running number. */
static size_t screen_bytes(struct rig *rig, uint8_t *out, size_t size)
{
    struct screen s = *terminal_screen(rig->terminal);
    struct writer w = writer_over(out, size);
    s.serial = 1;
    s.entry.layout_len = s.entry.strength_len = 0; /* sealed: other bytes each time */
    GOOD(screen_write_json(&s, &w));
    return w.len;
}

/* The bytes of every screen from the number to the main screen are equal; only the alarm differs.
 */
static void test_duress(void **state)
{
    (void)state;
    static uint8_t usual[SCREEN_JSON_MAX], forced[SCREEN_JSON_MAX];
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:settings choice:security choice:duress"));
    AT(rig, "duress.about");
    GOOD(rig_key(rig, "choice:set"));
    GOOD(rig_enter(rig, OWN));
    real_choose(rig, OWN); /* it must differ */
    AT(rig, "password.new");
    assert_non_null(rig_line(rig, "PASSWORD_REFUSED"));
    real_choose(rig, ANOTHER);
    AT(rig, "password.saved");
    assert_non_null(rig_line(rig, "DURESS_SAVED"));
    GOOD(rig_keys(rig, "ok cancel cancel"));
    real_log_out(rig);

    real_log_in(rig, 1, OWN); /* the tips of a second day are read */
    real_log_out(rig);
    real_log_in(rig, 1, OWN);
    real_log_out(rig);
    assert_int_equal(alarms(rig), 0);
    real_log_in(rig, 1, OWN);
    AT(rig, "main.menu");
    size_t usual_len = screen_bytes(rig, usual, sizeof usual);
    real_log_out(rig);
    rig->manage_said[0] = '\0';
    real_log_in(rig, 1, ANOTHER);
    AT(rig, "main.menu");
    size_t forced_len = screen_bytes(rig, forced, sizeof forced);
    assert_int_equal(usual_len, forced_len);
    assert_memory_equal(usual, forced, usual_len);
    assert_true(rig->terminal->duress);
    assert_int_equal(real_count(rig, "SELECT count(*) FROM event WHERE kind = 'duress'"), 1);
    real_log_out(rig);
    assert_false(rig->terminal->duress);
    rig_real_free(rig);
}

/* ---- the settings under duress ---- */

#define DECOY "582093"
#define NEXT  "640285"

/* A shop whose operator 01 has a duress password, and has read every tip. */
static struct rig *with_duress(void)
{
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:settings choice:security choice:duress choice:set"));
    GOOD(rig_enter(rig, OWN));
    real_choose(rig, ANOTHER);
    GOOD(rig_keys(rig, "ok cancel cancel"));
    for (int i = 0; i < 2; i++) {
        real_log_out(rig);
        real_log_in(rig, 1, OWN);
    }
    real_log_out(rig);
    return rig;
}

static void look(struct rig *rig, struct writer *seen)
{
    static uint8_t bytes[SCREEN_JSON_MAX];
    size_t len = screen_bytes(rig, bytes, sizeof bytes);
    write_bytes(seen, bytes_of(bytes, len));
}

static void keyed(struct rig *rig, const char *key, struct writer *seen)
{
    GOOD(rig_key(rig, key));
    look(rig, seen);
}

static void entered(struct rig *rig, const char *secret, struct writer *seen)
{
    GOOD(rig_enter(rig, secret));
    look(rig, seen);
}

static void chosen(struct rig *rig, const char *password, struct writer *seen)
{
    entered(rig, password, seen);
    entered(rig, password, seen);
    keyed(rig, "choice:save", seen);
}

/* Everything a robber could ask of the settings, and a look at every screen on the way. */
static void ask_everything(struct rig *rig, const char *current, struct writer *seen)
{
    real_log_in(rig, 1, current);
    keyed(rig, "choice:settings", seen);
    keyed(rig, "choice:security", seen);
    keyed(rig, "choice:duress", seen);
    keyed(rig, "choice:set", seen);
    entered(rig, current, seen);
    chosen(rig, current, seen); /* it must differ */
    AT(rig, "password.new");
    chosen(rig, DECOY, seen);
    AT(rig, "password.saved");
    keyed(rig, "ok", seen);
    real_home(rig);
    real_log_out(rig);
    real_log_in(rig, 1, DECOY); /* does it work? */
    look(rig, seen);
    AT(rig, "main.menu");
    real_log_out(rig);
    real_log_in(rig, 1, current);
    look(rig, seen);
    GOOD(rig_keys(rig, "choice:settings choice:security choice:duress"));
    keyed(rig, "choice:remove", seen);
    entered(rig, current, seen);
    AT(rig, "duress.removed");
    keyed(rig, "ok", seen);
    keyed(rig, "choice:change", seen);
    entered(rig, current, seen);
    chosen(rig, NEXT, seen);
    AT(rig, "password.saved");
    keyed(rig, "ok", seen);
    real_past_tips(rig);
    real_home(rig);
    real_log_out(rig);
    real_log_in(rig, 1, DECOY);
    look(rig, seen);
    AT(rig, "login.operator"); /* not any more */
    real_log_in(rig, 1, NEXT);
    look(rig, seen);
    AT(rig, "main.menu");
}

/* CR-37: byte for byte what a session of the real password shows; and nothing true was touched. */
static void test_settings_under_duress(void **state)
{
    (void)state;
    static uint8_t usual[1 << 18], forced[1 << 18];
    struct writer usually = writer_over(usual, sizeof usual);
    struct writer forcedly = writer_over(forced, sizeof forced);
    struct rig *free_rig = with_duress(), *rig = with_duress();
    ask_everything(free_rig, OWN, &usually);
    ask_everything(rig, ANOTHER, &forcedly);
    assert_int_equal(usually.fault, ERR_OK);
    assert_int_equal(usually.len, forcedly.len);
    assert_memory_equal(usual, forced, usually.len);
    assert_int_equal(alarms(free_rig), 1); /* of the log-in by what was chosen meanwhile */
    assert_true(alarms(rig) > 1);

    real_log_out(rig);
    real_log_in(rig, 1, OWN);
    AT(rig, "main.menu");
    assert_false(rig->terminal->duress);
    real_log_out(free_rig);
    real_log_in(free_rig, 1, ANOTHER); /* it was given up for good */
    AT(free_rig, "login.operator");
    rig_real_free(rig);
    rig_real_free(free_rig);
}

/* CR-37: who is forced when he is already in gives the duress password where the present one is
 * asked for: the alarm goes out, the cap is on, and nothing looks different. */
static void test_forced_in_a_session(void **state)
{
    (void)state;
    struct rig *rig = with_duress();
    real_log_in(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:settings choice:security choice:change"));
    GOOD(rig_enter(rig, ANOTHER));
    AT(rig, "password.new");
    assert_int_equal(alarms(rig), 1);
    assert_true(rig->terminal->duress);
    GOOD(rig_keys(rig, "cancel choice:duress choice:remove"));
    GOOD(rig_enter(rig, ANOTHER));
    AT(rig, "duress.removed");
    assert_int_equal(alarms(rig), 1); /* one is enough */
    GOOD(rig_key(rig, "ok"));
    real_home(rig);
    real_log_out(rig);
    real_log_in(rig, 1, ANOTHER);
    AT(rig, "main.menu");
    assert_int_equal(alarms(rig), 2);
    /* The present password, and it is gone; a wrong one changes nothing. */
    GOOD(rig_keys(rig, "choice:settings choice:security choice:duress choice:remove"));
    GOOD(rig_enter(rig, NEXT));
    AT(rig, "password.current");
    GOOD(rig_enter(rig, OWN));
    AT(rig, "duress.removed");
    GOOD(rig_key(rig, "ok"));
    real_home(rig);
    real_log_out(rig);
    real_log_in(rig, 1, ANOTHER);
    AT(rig, "login.operator");
    assert_int_equal(real_count(rig, "SELECT count(*) FROM audit WHERE event = 'duress_removed'"),
                     2);
    rig_real_free(rig);
}

/* CR-37: the alarm is with the back office within seconds of the log-in. */
static void test_alarm(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    bool alarmed = false;
    real_first_day(rig, 1, OWN);
    GOOD(rig_keys(rig, "choice:settings choice:security choice:duress choice:set"));
    GOOD(rig_enter(rig, OWN));
    real_choose(rig, ANOTHER);
    GOOD(rig_keys(rig, "ok cancel cancel"));
    real_log_out(rig);
    real_log_in(rig, 1, ANOTHER);
    for (int i = 0; i < 10 && !alarmed; i++) { /* what else has happened comes first */
        GOOD(rig_advance(rig, 100));
        alarmed = strstr(rig->manage_said, "\"duress\"") != NULL;
        if (!alarmed) GOOD(rig_manage_answer(rig, "ok", ""));
    }
    assert_true(alarmed);
    rig_real_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_password),
        cmocka_unit_test(test_used_before),
        cmocka_unit_test(test_three_touches),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_cancel_at_each_step),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_strength_is_sealed),
        cmocka_unit_test(test_keys_are_alike),
        cmocka_unit_test(test_keyboard),
        cmocka_unit_test(test_vault_gone),
        cmocka_unit_test(test_log_in_offline),
        cmocka_unit_test(test_duress),
        cmocka_unit_test(test_settings_under_duress),
        cmocka_unit_test(test_forced_in_a_session),
        cmocka_unit_test(test_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
