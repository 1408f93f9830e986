/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The back office is killed at every call to its store in turn, while parts of payments are
 * reserved, given, released and undone and points are held and spent: who asks the same again
 * afterwards finds everything done once (S148, S150).
 */
#include "tests/unit/loyalty_campaign_rig.h"

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(CRASHED) : OK;
}

struct scene {
    struct loyalty_rig rig;
    struct bytes image; /* of the store before the script */
    struct offer_campaign campaign;
    char member[LOYALTY_ID_LEN + 1];
};

static err is_done(enum loyalty_verdict verdict)
{
    bool done = verdict == LOYALTY_DONE || verdict == LOYALTY_REPEATED;
    if (!done) fail_msg("%s", loyalty_verdict_name(verdict));
    return OK;
}

static err reserve(struct scene *s, const char *key)
{
    struct loyalty_reservation r = {
        .ask = rig_ask(s->member, 5000), .key = bytes_text(key), .parts = 1};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    r.part[0] = (struct loyalty_part){.campaign = bytes_text(s->campaign.id), .minor = 1000};
    TRY(loyalty_reserve(s->rig.store, &r, &verdict));
    return is_done(verdict);
}

static err earn(struct scene *s, const char *key, int64_t amount_minor)
{
    struct loyalty_purchase p = {RIG_SHOP, bytes_text(key), bytes_text(s->member),
                                 1,        amount_minor,    RIG_NOW_MS};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    struct loyalty_earned earned;
    TRY(loyalty_earn(s->rig.store, &p, &verdict, &earned));
    return is_done(verdict);
}

/* Three payments: given, released, given and voided; points earned, held, spent, taken back. */
static err script(struct scene *s)
{
    struct store *store = s->rig.store;
    enum loyalty_verdict v = LOYALTY_DONE;
    struct loyalty_back back;
    int64_t worth = 0;
    struct loyalty_points_payment pay = {RIG_SHOP, BYTES("x"), bytes_text(s->member), 70,
                                         RIG_NOW_MS};
    TRY(reserve(s, "a"));
    TRY(loyalty_give(store, BYTES("a"), RIG_NOW_MS, &v));
    TRY(is_done(v));
    TRY(reserve(s, "b"));
    TRY(loyalty_release(store, BYTES("b"), RIG_NOW_MS, &v));
    TRY(is_done(v));
    TRY(earn(s, "a", 10000));
    TRY(loyalty_points_hold(store, &pay, &v, &worth));
    TRY(is_done(v));
    TRY(loyalty_points_commit(store, BYTES("x"), RIG_NOW_MS, &v));
    TRY(is_done(v));
    TRY(loyalty_earn_back(store, RIG_SHOP, BYTES("a"), BYTES("r"), 5000, RIG_NOW_MS, &v, &back));
    return is_done(v);
}

/* The void comes apart: undoing before giving again would be another story than the first. */
static err script_end(struct scene *s)
{
    enum loyalty_verdict v = LOYALTY_DONE;
    TRY(loyalty_undo(s->rig.store, BYTES("a"), RIG_NOW_MS, &v));
    return is_done(v);
}

static void set_up(struct scene *s)
{
    memset(s, 0, sizeof *s);
    rig_start(&s->rig);
    rig_member_enrol(&s->rig, 1, s->member);
    s->campaign = rig_campaign("x");
    s->campaign.budget_minor = 2500;
    rig_run(&s->rig, &s->campaign);
    store_close(s->rig.store);
    s->rig.store = NULL;
    assert_ok(store_anchor_image(s->rig.anchor, &s->image));
}

static void begin_again(struct scene *s)
{
    store_anchor_close(s->rig.anchor);
    assert_ok(store_anchor_open("loyalty-rig", &s->rig.anchor));
    assert_ok(store_anchor_fill(s->rig.anchor, s->image));
    rig_open(&s->rig);
}

/* The script with a death at call n; then again, whole, without one. */
static bool killed_at(struct scene *s, err (*part)(struct scene *s), int n)
{
    struct reaper reaper = {.left = n};
    store_set_fault(s->rig.store, reap, &reaper);
    err e = part(s);
    bool killed = FAILED(e);
    if (killed) assert_err(e, CRASHED);
    if (killed) {
        store_close(s->rig.store);
        rig_open(&s->rig);
        rig_check(&s->rig);
        assert_ok(part(s));
    } else {
        store_set_fault(s->rig.store, NULL, NULL);
    }
    rig_check(&s->rig);
    return killed;
}

static void what_is_asked_again_is_done_once(void **state)
{
    (void)state;
    static struct scene scene;
    struct scene *s = &scene;
    set_up(s);
    bool killed = true;
    int n = 0;
    for (; killed; n++) {
        begin_again(s);
        killed = killed_at(s, script, n);
        struct loyalty_campaign now = rig_read(&s->rig, s->campaign.id);
        assert_int_equal(now.given_minor, 1000);
        assert_int_equal(now.given_uses, 1);
        assert_int_equal(now.left_minor, 1500);
        struct loyalty_points_state points = rig_points(&s->rig, s->member, RIG_NOW_MS);
        assert_int_equal(points.free, 0);
        assert_int_equal(points.owed, 20); /* 100 earned, 70 spent, 50 taken back */
        int m = n % 30;                    /* the void, killed somewhere too */
        (void)killed_at(s, script_end, m);
        now = rig_read(&s->rig, s->campaign.id);
        assert_int_equal(now.given_minor, 0);
        assert_int_equal(now.left_minor, 2500);
        store_close(s->rig.store);
    }
    assert_true(n > 100); /* calls in that life */
    store_image_free(s->image);
    store_anchor_close(s->rig.anchor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_again_is_done_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
