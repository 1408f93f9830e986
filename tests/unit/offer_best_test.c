/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The best offer (S150): against every subset that the rules allow, twenty thousand times, and
 * the examples of docs/loyalty.md to the fen.
 */
#include "lib/base/random.h"
#include "tests/unit/offer_rig.h"

enum { CANDIDATES = 9, ROUNDS = 20000 };

static bool may_stand_together(const struct offer_candidate *candidate, uint32_t set)
{
    bool group[256] = {false};
    if (__builtin_popcount(set) <= 1) return true;
    for (size_t i = 0; i < CANDIDATES; i++) {
        if ((set >> i & 1) == 0) continue;
        const struct offer_campaign *c = candidate[i].campaign;
        if (c->stacking != OFFER_WITH_OTHERS || (c->group != 0 && group[c->group])) return false;
        group[c->group] = true;
    }
    return true;
}

/* The most that any subset takes off, and the fewest campaigns that do. */
static void by_force(const struct offer_candidate *candidate, const struct offer_member *member,
                     const struct offer_sale *sale, int64_t *most_total, int *fewest)
{
    int64_t most = sale->price_minor - sale->points_minor - (sale->may_be_free ? 0 : 1);
    *most_total = 0;
    *fewest = 0;
    for (uint32_t set = 1; set < 1 << CANDIDATES; set++) {
        int64_t total = 0;
        bool counts = may_stand_together(candidate, set);
        for (size_t i = 0; i < CANDIDATES && counts; i++) {
            int64_t minor = 0;
            if ((set >> i & 1) == 0) continue;
            counts = offer_benefit(&candidate[i], member, sale, &minor) == OFFER_TAKEN;
            total += minor;
        }
        if (!counts) continue;
        if (total > most) total = most < 0 ? 0 : most;
        int count = __builtin_popcount(set);
        if (total > *most_total || (total == *most_total && total > 0 && count < *fewest)) {
            *most_total = total;
            *fewest = count;
        }
    }
}

static struct offer_campaign random_campaign(const struct random *random, size_t i)
{
    char id[8];
    snprintf(id, sizeof id, "c%d", (int)i);
    struct offer_campaign c = random_below(random, 2) == 0
                                  ? rig_campaign(id)
                                  : rig_percent(id, 1 + random_below(random, 600000),
                                                (enum offer_rounding)(1 + random_below(random, 3)));
    if (c.off_minor > 0) c.off_minor = 1 + random_below(random, 8) * 100;
    if (random_below(random, 3) == 0) c.minimum_minor = c.off_minor + random_below(random, 3000);
    if (random_below(random, 3) == 0) c.cap_minor = 1 + random_below(random, 900);
    if (random_below(random, 5) == 0) c.members_only = true;
    c.stacking = (enum offer_stacking)(1 + random_below(random, 6) % 4);
    if (c.stacking >= OFFER_WITH_OTHERS) {
        c.stacking = OFFER_WITH_OTHERS;
        c.group = (uint8_t)random_below(random, 4);
    }
    c.budget_minor = 1 + random_below(random, 5000);
    assert_int_equal(offer_campaign_check(&c), OFFER_SOUND);
    return c;
}

/* What must hold of every answer, whatever the best is. */
static void check_lines(const struct offer_result *result, const struct offer_sale *sale)
{
    int64_t sum = 0;
    size_t taken = 0;
    for (size_t i = 0; i < result->count; i++) {
        const struct offer_line *line = &result->line[i];
        assert_int_equal(line->reason == OFFER_TAKEN, line->minor > 0);
        assert_int_equal(line->reason == OFFER_TAKEN, i < result->taken);
        assert_true(line->minor <= line->campaign->budget_minor);
        if (line->campaign->cap_minor > 0) assert_true(line->minor <= line->campaign->cap_minor);
        sum += line->minor;
        taken += line->minor > 0;
    }
    assert_int_equal(sum, result->total_minor);
    assert_int_equal(taken, result->taken);
    assert_int_equal(result->pay_minor + sum, sale->price_minor);
    assert_true(result->pay_minor >= sale->points_minor);
    if (!sale->may_be_free) assert_true(result->pay_minor >= 1);
}

static void the_best_is_what_every_subset_says(void **state)
{
    (void)state;
    struct random_seeded source;
    random_seed(&source, 150);
    struct random random = random_from_seed(&source);
    int stacked = 0, cut = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct offer_campaign campaign[CANDIDATES];
        struct offer_candidate candidate[CANDIDATES];
        for (size_t i = 0; i < CANDIDATES; i++) {
            campaign[i] = random_campaign(&random, i);
            candidate[i] = rig_candidate(&campaign[i]);
        }
        struct offer_member member = rig_member();
        member.known = random_below(&random, 2) == 0;
        struct offer_sale sale = rig_sale(1 + random_below(&random, 4000));
        sale.may_be_free = random_below(&random, 2) == 0;
        if (random_below(&random, 4) == 0)
            sale.points_minor = random_below(&random, (uint32_t)sale.price_minor + 1);
        struct offer_result result, again;
        offer_best(candidate, CANDIDATES, &member, &sale, &result);
        check_lines(&result, &sale);
        int64_t most = 0;
        int fewest = 0;
        by_force(candidate, &member, &sale, &most, &fewest);
        if (result.total_minor != most || (int)result.taken != fewest)
            fail_msg("round %d: %d fen by %d, best is %d by %d", round, (int)result.total_minor,
                     (int)result.taken, (int)most, fewest);
        stacked += result.taken > 1;
        cut += result.total_minor > 0 && result.pay_minor <= sale.points_minor + 1;

        for (size_t i = CANDIDATES - 1; i > 0; i--) { /* in another order */
            size_t k = random_below(&random, (uint32_t)i + 1);
            struct offer_candidate swap = candidate[i];
            candidate[i] = candidate[k];
            candidate[k] = swap;
        }
        offer_best(candidate, CANDIDATES, &member, &sale, &again);
        assert_memory_equal(&again, &result, sizeof result);
    }
    assert_true(stacked > 1000 && cut > 1000); /* the cases that matter did come */
}

static const struct offer_line *line_of(const struct offer_result *result, const char *id)
{
    for (size_t i = 0; i < result->count; i++)
        if (strcmp(result->line[i].campaign->id, id) == 0) return &result->line[i];
    fail_msg("no line of %s", id);
    return NULL;
}

/* The examples of docs/loyalty.md. */
static void the_examples_of_the_document(void **state)
{
    (void)state;
    struct offer_campaign spring = rig_campaign("spring"); /* 10.00 off from 100.00 on */
    spring.minimum_minor = 10000;
    spring.group = 1;
    struct offer_campaign tea = rig_percent("tea", 50000, OFFER_ROUND_DOWN); /* 5 % off */
    struct offer_campaign twelve = rig_percent("twelve", 120000, OFFER_ROUND_DOWN);
    twelve.cap_minor = 1500; /* 12 %, at most 15.00, with no other */
    twelve.stacking = OFFER_ALONE;
    struct offer_campaign small = rig_campaign("small"); /* 3.00, of the same group as spring */
    small.off_minor = 300;
    small.group = 1;
    const struct offer_campaign *all[] = {&spring, &tea, &twelve, &small};
    struct offer_candidate candidate[4];
    for (size_t i = 0; i < 4; i++) candidate[i] = rig_candidate(all[i]);
    struct offer_member member = rig_member();
    struct offer_sale sale = rig_sale(12850);
    struct offer_result result;
    offer_best(candidate, 4, &member, &sale, &result);
    assert_int_equal(result.total_minor, 1642); /* 10.00 and 6.42 */
    assert_int_equal(result.pay_minor, 11208);
    assert_string_equal(result.line[0].campaign->id, "spring");
    assert_int_equal(line_of(&result, "tea")->minor, 642);
    assert_int_equal(line_of(&result, "twelve")->reason, OFFER_OTHERS_BETTER);
    assert_int_equal(line_of(&result, "small")->reason, OFFER_GROUP_BETTER);

    sale = rig_sale(9000); /* below the minimum of spring: 12 % is best */
    offer_best(candidate, 4, &member, &sale, &result);
    assert_int_equal(result.total_minor, 1080);
    assert_int_equal(line_of(&result, "spring")->reason, OFFER_BELOW_MINIMUM);
    assert_int_equal(line_of(&result, "tea")->reason, OFFER_OTHERS_BETTER);
    assert_int_equal(line_of(&result, "small")->reason, OFFER_OTHERS_BETTER);

    sale = rig_sale(250); /* small is more than the price: a fen is left, nothing else is used */
    offer_best(candidate, 4, &member, &sale, &result);
    assert_int_equal(result.pay_minor, 1);
    assert_int_equal(result.taken, 1);
    assert_int_equal(line_of(&result, "tea")->reason, OFFER_NOTHING_LEFT);
    sale.may_be_free = true;
    offer_best(candidate, 4, &member, &sale, &result);
    assert_int_equal(result.pay_minor, 0);

    sale = rig_sale(250); /* points pay all of it */
    sale.points_minor = 250;
    offer_best(candidate, 4, &member, &sale, &result);
    assert_int_equal(result.total_minor, 0);
    assert_int_equal(line_of(&result, "tea")->reason, OFFER_NOTHING_LEFT);
    assert_int_equal(line_of(&result, "twelve")->reason, OFFER_NOT_WITH_POINTS);
}

static void thirty_two_campaigns_may_run(void **state)
{
    (void)state;
    struct offer_campaign campaign[OFFER_CANDIDATES_MAX];
    struct offer_candidate candidate[OFFER_CANDIDATES_MAX];
    for (size_t i = 0; i < OFFER_CANDIDATES_MAX; i++) {
        char id[8];
        snprintf(id, sizeof id, "c%02d", (int)i);
        campaign[i] = rig_campaign(id);
        campaign[i].off_minor = (int64_t)(100 + i);
        candidate[i] = rig_candidate(&campaign[i]);
    }
    struct offer_member member = rig_member();
    struct offer_sale sale = rig_sale(1000000);
    struct offer_result result;
    offer_best(candidate, OFFER_CANDIDATES_MAX, &member, &sale, &result);
    assert_int_equal(result.taken, 32);
    assert_int_equal(result.total_minor, 32 * 100 + 31 * 32 / 2);
    assert_string_equal(result.line[0].campaign->id, "c31");

    offer_best(NULL, 0, &member, &sale, &result);
    assert_int_equal(result.pay_minor, 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_is_what_every_subset_says),
        cmocka_unit_test(the_examples_of_the_document),
        cmocka_unit_test(thirty_two_campaigns_may_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
