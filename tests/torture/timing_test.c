/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does time tell the vault's secrets (S27, CR-37)? A wrong password that is right but for its last
 * digit against one of which no digit is right; and a wrong password of somebody who has a duress
 * password against one of somebody who has none.
 *
 *   timing_test SAMPLES [full]
 *
 * What is measured is the processor time of vault_execute() for one LOGIN, the two sides of a
 * question in pairs of random order. It leaves out what other programs do to the clock on the wall,
 * so it sees smaller differences than anybody at a socket could. At the quick cost of tests
 * Argon2id hides little; "full" takes what programs take. Two-sample Kolmogorov-Smirnov; p above
 * 0.01 is wanted, so that each question fails by chance once in a hundred runs.
 *
 * Who exists is no secret at a terminal: it names unknown and suspended operators, and says so at
 * once. That median is printed beside the others.
 */
#include <math.h>
#include <time.h>

#include "tests/unit/vault_people_rig.h"
#include "vault/state.h"

#define NEAR   "826048" /* OWN_CASHIER but for the last digit */
#define FAR    "159380"
#define FORCED "514938" /* a duress password */

enum { SAMPLES_MAX = 20000 };

static const double p_least = 0.01;
static size_t samples = 1000;
static bool full;

struct side {
    const char *name;
    struct rig *rig;
    uint8_t id;
    const char *password;
    double us[SAMPLES_MAX];
};

static double processor_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static const char *own_of(uint8_t id)
{
    return id == 1 ? OWN_CASHIER : "640283";
}

static struct rig *shop(uint64_t seed)
{
    struct rig *rig = rig_shop(seed);
    if (full) rig->vault->config.cost = password_cost_full();
    assert_int_equal(rig_login(rig, 0, OWN_SUPERVISOR).verdict, VAULT_LOGIN_OK);
    struct rig_given given = rig_operator_ok(rig, VAULT_OPERATOR_RESET, 2);
    rig_logout(rig);
    rig_own(rig, 2, given.password, own_of(2));
    rig_logout(rig);
    rig->now_ms += 3600000;
    for (uint8_t id = 1; id <= 2; id++) { /* records of the cost asked for */
        assert_int_equal(rig_login(rig, id, own_of(id)).verdict, VAULT_LOGIN_OK);
        rig_logout(rig);
    }
    return rig;
}

static double one(struct side *side, uint8_t verdict)
{
    side->rig->now_ms += 100000; /* no wait is open */
    side->rig->kept_len = 0;     /* of what it has answered: no rig keeps so much */
    rig_enter_for(side->rig, VAULT_ENTRY_PASSWORD, side->id, side->password);
    double began = processor_us();
    struct vault_login_answer said = rig_login_entered(side->rig, side->id);
    double took = processor_us() - began;
    assert_int_equal(said.verdict, verdict);
    if (verdict != VAULT_LOGIN_WRONG) return took;
    assert_int_equal(rig_login(side->rig, side->id, own_of(side->id)).verdict, VAULT_LOGIN_OK);
    rig_logout(side->rig); /* his tries are whole again */
    return took;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The greatest distance of the two sorted sets, and its p by the asymptotic series. */
static double distance(const double *a, const double *b, size_t count, double *ret_p)
{
    double d = 0, n = sqrt((double)count / 2), p = 0;
    for (size_t i = 0, k = 0; i < count && k < count;) {
        if (a[i] <= b[k]) i++;
        else k++;
        d = fmax(d, fabs((double)i - (double)k) / (double)count);
    }
    double lambda = (n + 0.12 + 0.11 / n) * d;
    for (int j = 1; j < 100; j++) p += (j % 2 == 1 ? 2 : -2) * exp(-2.0 * lambda * lambda * j * j);
    *ret_p = fmin(1, fmax(0, p));
    return d;
}

static void ask(struct side *a, struct side *b)
{
    struct random_seeded source;
    double p = 0;
    random_seed(&source, 17);
    const struct random random = random_from_seed(&source);
    for (size_t i = 0; i < samples; i++) {
        bool turned = random_below(&random, 2) == 1; /* a store has rhythms of its own */
        struct side *first = turned ? b : a, *second = turned ? a : b;
        first->us[i] = one(first, VAULT_LOGIN_WRONG);
        second->us[i] = one(second, VAULT_LOGIN_WRONG);
    }
    qsort(a->us, samples, sizeof a->us[0], by_size);
    qsort(b->us, samples, sizeof b->us[0], by_size);
    double d = distance(a->us, b->us, samples, &p);
    print_message("%zu of each: %s %.1f us, %s %.1f us at the median; D %.4f, p %.3f\n", samples,
                  a->name, a->us[samples / 2], b->name, b->us[samples / 2], d, p);
    assert_true(p > p_least);
}

static void test_how_much_is_right(void **state)
{
    (void)state;
    static struct side near = {.name = "last digit wrong", .id = 1, .password = NEAR};
    static struct side far = {.name = "all digits wrong", .id = 1, .password = FAR};
    near.rig = far.rig = shop(11);
    ask(&near, &far);
    rig_free(near.rig);
}

static void give_duress(struct rig *rig)
{
    assert_int_equal(rig_login(rig, 1, OWN_CASHIER).verdict, VAULT_LOGIN_OK);
    rig_enter_for(rig, VAULT_ENTRY_PASSWORD, 1, OWN_CASHIER);
    rig_enter_for(rig, VAULT_ENTRY_NEW, 1, FORCED);
    rig_enter_for(rig, VAULT_ENTRY_REPEAT, 1, FORCED);
    vault_write_duress(rig_ask(rig, VAULT_DURESS_SET),
                       &(struct vault_duress){{1, VAULT_ENGLISH}, VAULT_DURESS_CHOOSE});
    assert_status(rig_send(rig), VAULT_OK);
    rig_logout(rig);
    assert_int_equal(rig_login(rig, 1, FORCED).duress, 1);
    rig_logout(rig);
}

static void test_who_has_a_duress_password(void **state)
{
    (void)state;
    static struct side with = {.name = "with a duress password", .id = 1, .password = FAR};
    static struct side without = {.name = "without one", .id = 2, .password = FAR};
    with.rig = without.rig = shop(12); /* of one vault: two differ in where their memory lies */
    give_duress(with.rig);
    ask(&with, &without);
    rig_free(with.rig);
}

/* No secret, so nothing is asserted but what the vault says. */
static void test_who_is_named(void **state)
{
    (void)state;
    static struct side nobody = {.name = "nobody", .id = 42, .password = FAR};
    nobody.rig = shop(14);
    for (size_t i = 0; i < samples; i++) nobody.us[i] = one(&nobody, VAULT_LOGIN_NO_OPERATOR);
    qsort(nobody.us, samples, sizeof nobody.us[0], by_size);
    print_message("an unknown operator is named in %.1f us\n", nobody.us[samples / 2]);
    rig_free(nobody.rig);
}

int main(int argc, char **argv)
{
    if (argc > 1) samples = strtoul(argv[1], NULL, 10);
    full = argc > 2 && strcmp(argv[2], "full") == 0;
    if (samples < 8 || samples > SAMPLES_MAX) return 2;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_much_is_right),
        cmocka_unit_test(test_who_has_a_duress_password),
        cmocka_unit_test(test_who_is_named),
    };
    return cmocka_run_group_tests_name("torture_timing", tests, NULL, NULL);
}
