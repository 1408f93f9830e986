/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Offline redemptions (S151): devices give from their shares without a line, are cut between taking
 * and giving, lose answers, and their reports come doubled and out of order, to a host that is
 * killed now and then. Nothing is doubled, no budget is exceeded, each coupon is good once.
 *
 * `loyalty_escrow_test 1000000` runs a million redemptions (make redemptions); without a number it
 * is twenty thousand.
 */
#include "loyalty/escrow.h"
#include "offer/share.h"
#include "tests/unit/loyalty_campaign_rig.h"

enum {
    DEVICES = 48,
    CAMPAIGNS = 3,  /* plenty, scarce, coupons */
    PENDING = 512,  /* reports that a device keeps until they are acknowledged */
    COUPONS = 6000, /* of the third campaign */
    HELD = 8,       /* coupons that a device asks for at once */
};

static int64_t wanted = 20000; /* redemptions */

struct pending {
    enum loyalty_report_kind kind;
    char lease[LOYALTY_ID_LEN + 1], key[24];
    int coupon; /* place, or -1 */
    int64_t minor;
};

struct device {
    char id[LOYALTY_DEVICE_MAX + 1];
    struct offer_share share[CAMPAIGNS];
    int64_t asked;      /* leases asked for: the key of the next one */
    int asking;         /* a campaign whose answer was lost, plus 1 */
    int64_t seq, acked; /* reports made; acknowledged */
    struct pending pending[PENDING];
};

struct world {
    struct loyalty_rig rig;
    struct offer_campaign campaign[CAMPAIGNS];
    struct device device[DEVICES];
    char code[COUPONS][LOYALTY_COUPON_LEN + 1];
    int16_t holder[COUPONS]; /* device + 1 that believes it holds it */
    uint8_t used[COUPONS];   /* how often a customer got something for it */
    int asked[COUPONS];      /* scratch of one asking */
    int64_t given_minor[CAMPAIGNS], given_uses[CAMPAIGNS]; /* what customers got */
    int64_t redemptions, repeats, gaps, kills, refused;
    bool in_group;
};

static uint32_t any(struct world *w, uint32_t below)
{
    return random_below(&w->rig.random, below);
}

static struct pending *report_of(struct device *d, int64_t seq)
{
    return &d->pending[seq % PENDING];
}

static bool has_room(const struct device *d)
{
    return d->seq - d->acked < PENDING - CAMPAIGNS;
}

static void note(struct device *d, enum loyalty_report_kind kind, const char *lease, int coupon,
                 int64_t minor)
{
    ENSURE(d->seq - d->acked < PENDING);
    d->seq++;
    struct pending *p = report_of(d, d->seq);
    *p = (struct pending){.kind = kind, .coupon = coupon, .minor = minor};
    memcpy(p->lease, lease, sizeof p->lease);
    if (kind == LOYALTY_REDEEMED) snprintf(p->key, sizeof p->key, "%s-%d", d->id, (int)d->seq);
}

/* ---- at the counter, without a line -----------------------------------------------------------
 */

/* A customer shows a coupon, any coupon, to any device: two devices may see the same one. */
static int shown_coupon(struct world *w, size_t device)
{
    for (int tries = 0; tries < 6; tries++) {
        int i = (int)any(w, COUPONS);
        if (w->holder[i] == (int)device + 1) return i;
        w->refused++; /* not kept for this device: it says so */
    }
    return -1;
}

static void redeem(struct world *w, size_t at, size_t campaign)
{
    struct device *d = &w->device[at];
    struct offer_share *share = &d->share[campaign];
    int coupon = -1;
    int64_t minor = 1 + any(w, 400);
    if (!has_room(d)) return;
    if (campaign == 2) {
        coupon = shown_coupon(w, at);
        if (coupon < 0) return;
    }
    if (offer_share_take(share, RIG_NOW_MS, minor) != OFFER_TAKEN) return;
    if (any(w, 10) == 0) { /* cut, or declined: what was taken for it is there again */
        offer_share_put_back(share, minor);
        return;
    }
    note(d, LOYALTY_REDEEMED, share->lease, coupon, minor);
    if (coupon >= 0) {
        w->holder[coupon] = 0;
        w->used[coupon]++;
    }
    w->given_minor[campaign] += minor;
    w->given_uses[campaign]++;
    w->redemptions++;
}

static void return_share(struct world *w, size_t at, size_t campaign)
{
    struct device *d = &w->device[at];
    struct offer_share *share = &d->share[campaign];
    if (share->lease[0] == '\0' || share->returned || d->seq - d->acked >= PENDING) return;
    share->returned = true;
    note(d, LOYALTY_RETURNED, share->lease, -1, 0);
    for (int i = 0; i < COUPONS && campaign == 2; i++)
        if (w->holder[i] == (int)at + 1) w->holder[i] = 0;
}

/* ---- with a line ------------------------------------------------------------------------------
 */

static void host_commit(struct world *w)
{
    if (!w->in_group) return;
    assert_ok(store_group_commit(w->rig.store));
    store_group_leave(w->rig.store);
    w->in_group = false;
}

/* Asks for a share; when the answer is lost, the same is asked again later. */
static void ask_share(struct world *w, size_t at, size_t campaign)
{
    struct device *d = &w->device[at];
    struct bytes coupon[HELD];
    char key[24], lease[LOYALTY_ID_LEN + 1] = "";
    size_t coupons = 0;
    host_commit(w);
    if (d->asking == 0) d->asked++;
    else campaign = (size_t)d->asking - 1;
    snprintf(key, sizeof key, "%s/%d", d->id, (int)d->asked);
    int first = (int)((at * 977 + (size_t)d->asked * 7919) % COUPONS);
    for (int k = 0; k < COUPONS && campaign == 2 && coupons < HELD && d->asking == 0; k++) {
        int i = (first + k) % COUPONS;
        if (w->holder[i] != 0 || w->used[i] > 0) continue;
        w->asked[coupons] = i;
        coupon[coupons++] = bytes_text(w->code[i]);
    }
    struct loyalty_lease_ask ask = {.merchant = RIG_SHOP,
                                    .campaign = bytes_text(w->campaign[campaign].id),
                                    .device = bytes_text(d->id),
                                    .key = bytes_text(key),
                                    .minor = 4000,
                                    .uses = 20,
                                    .coupons = coupons,
                                    .coupon = coupon,
                                    .at_ms = RIG_NOW_MS,
                                    .until_ms = RIG_NOW_MS + RIG_A_DAY_MS};
    enum loyalty_verdict verdict;
    assert_ok(loyalty_lease(w->rig.store, &w->rig.random, &ask, &verdict, lease));
    bool has = verdict == LOYALTY_DONE || verdict == LOYALTY_REPEATED;
    if (verdict == LOYALTY_DONE) {
        /* The answer lists the coupons; here they are noted at once, on either side of a loss. */
        for (size_t i = 0; i < coupons; i++) w->holder[w->asked[i]] = (int16_t)(at + 1);
        if (any(w, 4) == 0) {
            d->asking = (int)campaign + 1;
            return;
        }
    }
    d->asking = 0;
    if (!has) return;
    struct offer_share *share = &d->share[campaign];
    *share = (struct offer_share){
        .until_ms = ask.until_ms, .left_minor = ask.minor, .left_uses = ask.uses};
    memcpy(share->lease, lease, sizeof share->lease);
}

/* One copy of one report arrives; the answer may be lost. */
static void deliver(struct world *w, struct device *d, int64_t seq)
{
    const struct pending *p = report_of(d, seq);
    struct loyalty_report r = {.device = bytes_text(d->id),
                               .seq = seq,
                               .kind = p->kind,
                               .lease = bytes_text(p->lease),
                               .key = bytes_text(p->key),
                               .minor = p->minor,
                               .at_ms = RIG_NOW_MS};
    enum loyalty_verdict verdict;
    int64_t next = 0;
    if (p->coupon >= 0) r.coupon = bytes_text(w->code[p->coupon]);
    if (!w->in_group) store_group_enter(w->rig.store);
    w->in_group = true;
    assert_ok(loyalty_report(w->rig.store, &r, &verdict, &next));
    w->repeats += verdict == LOYALTY_REPEATED;
    w->gaps += verdict == LOYALTY_REPORT_GAP;
    if (verdict != LOYALTY_DONE && verdict != LOYALTY_REPEATED && verdict != LOYALTY_REPORT_GAP)
        fail_msg("%s of %s %d", loyalty_verdict_name(verdict), d->id, (int)seq);
}

static bool host_killed(struct world *w)
{
    if (any(w, 40) != 0) return false;
    w->kills++;
    if (w->in_group) store_group_leave(w->rig.store);
    w->in_group = false;
    store_close(w->rig.store); /* what was not committed never was */
    rig_open(&w->rig);
    return true;
}

/* What the host has durably taken of a device: the only thing that it may be told. */
static int64_t host_seq(struct world *w, struct device *d)
{
    struct store_statement *query;
    bool row = false;
    assert_ok(store_statement(w->rig.store, "SELECT seq FROM device WHERE id = ?", &query));
    store_bind_text(query, bytes_text(d->id));
    assert_ok(store_step(query, &row));
    int64_t seq = row ? store_read_int(query) : 0;
    if (row) store_reset(query);
    return seq;
}

static void line_is_up(struct world *w, size_t at)
{
    struct device *d = &w->device[at];
    int64_t from = d->acked + 1, count = d->seq - d->acked;
    for (int64_t i = 0; i < count; i++) { /* in order, with holes, copies and leaps */
        int64_t seq = from + i;
        if (any(w, 30) == 0) continue;
        deliver(w, d, seq);
        if (any(w, 6) == 0) deliver(w, d, from + any(w, (uint32_t)count));
        if (d->acked > 0 && any(w, 12) == 0 && d->acked > d->seq - PENDING)
            deliver(w, d, d->acked); /* a copy that was under way for long */
    }
    if (host_killed(w)) return;
    host_commit(w);
    if (any(w, 5) != 0) d->acked = host_seq(w, d); /* otherwise the answer is lost */
    for (size_t c = 0; c < CAMPAIGNS; c++) {
        struct offer_share *share = &d->share[c];
        bool low = share->left_uses < 3 || share->left_minor < 400;
        if (share->lease[0] != '\0' && !share->returned && low && any(w, 2) == 0)
            return_share(w, at, c);
        if (share->returned || share->lease[0] == '\0' || d->asking == (int)c + 1)
            ask_share(w, at, c);
    }
}

/* ---- what must hold ---------------------------------------------------------------------------
 */

static int64_t count(struct world *w, const char *sql)
{
    int64_t value = -1;
    assert_ok(store_query_int(w->rig.store, sql, &value));
    return value;
}

static void check_budgets(struct world *w)
{
    for (size_t c = 0; c < CAMPAIGNS; c++) {
        struct loyalty_campaign now = rig_read(&w->rig, w->campaign[c].id);
        assert_true(now.given_minor <= w->given_minor[c]);
        assert_true(w->given_minor[c] <= w->campaign[c].budget_minor);
        assert_true(now.left_minor >= 0 && now.left_uses >= 0);
        assert_true(now.given_minor + now.left_minor <= w->campaign[c].budget_minor);
    }
}

static void finish(struct world *w)
{
    for (size_t at = 0; at < DEVICES; at++) {
        struct device *d = &w->device[at];
        while (d->asking != 0) ask_share(w, at, 0);
        for (size_t c = 0; c < CAMPAIGNS; c++) return_share(w, at, c);
        while (d->acked < d->seq) {
            for (int64_t seq = d->acked + 1; seq <= d->seq; seq++) deliver(w, d, seq);
            host_commit(w);
            d->acked = host_seq(w, d);
        }
    }
}

static void check_end(struct world *w)
{
    int64_t uses = 0;
    for (size_t c = 0; c < CAMPAIGNS; c++) {
        struct loyalty_campaign now = rig_read(&w->rig, w->campaign[c].id);
        assert_int_equal(now.given_minor, w->given_minor[c]);
        assert_int_equal(now.given_uses, w->given_uses[c]);
        assert_int_equal(now.given_minor + now.left_minor, w->campaign[c].budget_minor);
        uses += now.given_uses;
    }
    assert_int_equal(uses, w->redemptions);
    assert_int_equal(count(w, "SELECT count(*) FROM redemption WHERE state = 2"), w->redemptions);
    assert_int_equal(count(w, "SELECT count(*) FROM redemption WHERE state <> 2"), 0);
    assert_int_equal(count(w, "SELECT count(DISTINCT key) FROM redemption"), w->redemptions);
    assert_int_equal(count(w, "SELECT sum(times) FROM campaign_day"), w->redemptions);
    int64_t over = -1, used = 0;
    assert_ok(loyalty_over_count(w->rig.store, RIG_SHOP, &over));
    assert_int_equal(over, 0);
    for (size_t i = 0; i < COUPONS; i++) {
        assert_true(w->used[i] <= 1);
        used += w->used[i];
    }
    assert_int_equal(count(w, "SELECT count(*) FROM coupon WHERE state = 4"), used);
    assert_int_equal(count(w, "SELECT count(*) FROM coupon WHERE state = 3"), 0);
    assert_int_equal(used, w->given_uses[2]);
    assert_true(w->repeats > wanted / 20 && w->gaps > wanted / 100 && w->kills > 10);
    assert_true(w->refused > 100 && used > 100); /* coupons were shown to devices without them */
    assert_true(w->given_minor[1] > w->campaign[1].budget_minor * 9 / 10); /* the scarce one */
}

static void start(struct world *w)
{
    memset(w, 0, sizeof *w);
    rig_start(&w->rig);
    for (size_t c = 0; c < CAMPAIGNS; c++) {
        w->campaign[c] = rig_campaign("x");
        w->campaign[c].budget_minor = c == 1 ? 600000 : 1000000000;
        if (c == 2) w->campaign[c].kind = OFFER_COUPON;
        rig_run(&w->rig, &w->campaign[c]);
    }
    for (int i = 0; i < COUPONS; i++) {
        char key[16];
        snprintf(key, sizeof key, "coupon %d", i);
        rig_coupon(&w->rig, w->campaign[2].id, "", key, w->code[i]);
    }
    for (int i = 0; i < DEVICES; i++) snprintf(w->device[i].id, sizeof w->device[i].id, "d%03d", i);
}

static void nothing_is_doubled_and_no_budget_exceeded(void **state)
{
    (void)state;
    static struct world world;
    struct world *w = &world;
    start(w);
    for (int64_t step = 0; w->redemptions < wanted; step++) {
        size_t at = any(w, DEVICES);
        if (any(w, 60) == 0) line_is_up(w, at);
        else redeem(w, at, any(w, CAMPAIGNS));
        if (step % 100000 == 0) check_budgets(w);
    }
    finish(w);
    check_end(w);
    print_message("%d redemptions, %d reports repeated, %d out of order, %d kills of the host,"
                  " %d coupons refused by devices that do not hold them\n",
                  (int)w->redemptions, (int)w->repeats, (int)w->gaps, (int)w->kills,
                  (int)w->refused);
    rig_stop(&w->rig);
}

/* ---- what a faulty device does ----------------------------------------------------------------
 */

static enum loyalty_verdict report(struct loyalty_rig *rig, int64_t seq, const char *lease,
                                   const char *key, const char *coupon, int64_t minor)
{
    struct loyalty_report r = {.device = BYTES("d1"),
                               .seq = seq,
                               .kind = key[0] == '\0' ? LOYALTY_RETURNED : LOYALTY_REDEEMED,
                               .lease = bytes_text(lease),
                               .key = bytes_text(key),
                               .coupon = bytes_text(coupon),
                               .minor = minor,
                               .at_ms = RIG_NOW_MS};
    enum loyalty_verdict verdict;
    int64_t next = 0;
    assert_ok(loyalty_report(rig->store, &r, &verdict, &next));
    return verdict;
}

static void what_a_device_does_not_hold_no_budget_pays(void **state)
{
    (void)state;
    struct loyalty_rig rig;
    rig_start(&rig);
    struct offer_campaign c = rig_campaign("x");
    c.kind = OFFER_COUPON;
    c.budget_minor = 5000;
    rig_run(&rig, &c);
    char first[17], second[17], lease[LOYALTY_ID_LEN + 1], again[LOYALTY_ID_LEN + 1];
    rig_coupon(&rig, c.id, "", "1", first);
    rig_coupon(&rig, c.id, "", "2", second);
    struct bytes kept = bytes_text(first);
    struct loyalty_lease_ask ask = {
        RIG_SHOP, bytes_text(c.id), BYTES("d1"),      BYTES("k"), 3000, 2, 1,
        &kept,    RIG_NOW_MS,       RIG_NOW_MS + 1000};
    enum loyalty_verdict v;
    assert_ok(loyalty_lease(rig.store, &rig.random, &ask, &v, lease));
    assert_verdict(v, DONE);
    assert_ok(loyalty_lease(rig.store, &rig.random, &ask, &v, again));
    assert_verdict(v, REPEATED);
    assert_string_equal(again, lease);
    char codes[4][LOYALTY_COUPON_LEN + 1];
    size_t kept_count = 0;
    assert_ok(loyalty_lease_coupons(rig.store, bytes_text(lease), codes, 4, &kept_count));
    assert_int_equal(kept_count, 1);
    assert_string_equal(codes[0], first);
    ask.minor = 2999;
    assert_ok(loyalty_lease(rig.store, &rig.random, &ask, &v, again));
    assert_verdict(v, OTHER_CONTENT);
    ask.key = BYTES("k2");
    assert_ok(loyalty_lease(rig.store, &rig.random, &ask, &v, again));
    assert_verdict(v, BUDGET_SPENT); /* 20.00 are left */
    ask.minor = 1000;
    assert_ok(loyalty_lease(rig.store, &rig.random, &ask, &v, again));
    assert_verdict(v, COUPON_ELSEWHERE);
    assert_int_equal(rig_read(&rig, c.id).left_minor, 2000); /* nothing of it stayed */

    /* At the host a coupon that is kept for a device is none, with words that say where it is. */
    struct loyalty_ask nobody = rig_ask("", 5000);
    assert_verdict(rig_reserve(&rig, "h", &nobody, c.id, 1000, first), COUPON_ELSEWHERE);
    assert_verdict(rig_reserve(&rig, "h", &nobody, c.id, 1000, second), DONE);

    assert_verdict(report(&rig, 2, lease, "p2", "", 10), REPORT_GAP);
    assert_verdict(report(&rig, 1, "lnothing", "p1", "", 10), NO_LEASE);
    assert_verdict(report(&rig, 1, lease, "p1", first, 1000), DONE);
    assert_verdict(report(&rig, 1, lease, "p1", first, 1000), REPEATED);
    assert_verdict(report(&rig, 1, lease, "p1", first, 999), OTHER_CONTENT);
    assert_verdict(report(&rig, 2, lease, "p2", first, 1000), REPORT_OVER);  /* used already */
    assert_verdict(report(&rig, 3, lease, "p3", second, 1000), REPORT_OVER); /* not kept here */
    assert_verdict(report(&rig, 4, lease, "p4", "", 2001), REPORT_OVER);     /* more than is left */
    struct loyalty_lease_row late[2];
    size_t count = 9;
    assert_ok(loyalty_leases_late(rig.store, RIG_SHOP, RIG_NOW_MS + 1000, late, 2, &count));
    assert_int_equal(count, 1);
    assert_int_equal(late[0].left_minor, 2000);
    assert_int_equal(late[0].left_uses, 1);
    assert_verdict(report(&rig, 5, lease, "", "", 0), DONE); /* returned */
    assert_verdict(report(&rig, 6, lease, "p6", "", 1), REPORT_OVER);
    assert_verdict(report(&rig, 7, lease, "", "", 0), REPORT_OVER);
    assert_ok(loyalty_leases_late(rig.store, RIG_SHOP, RIG_NOW_MS + 1000, late, 2, &count));
    assert_int_equal(count, 0);
    int64_t over = 0;
    assert_ok(loyalty_over_count(rig.store, RIG_SHOP, &over));
    assert_int_equal(over, 5);
    assert_int_equal(rig_read(&rig, c.id).given_minor, 1000);
    assert_int_equal(rig_read(&rig, c.id).left_minor, 3000); /* 10.00 are held at the host */
    rig_stop(&rig);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_doubled_and_no_budget_exceeded),
        cmocka_unit_test(what_a_device_does_not_hold_no_budget_pays),
    };
    if (argc > 1) wanted = strtoll(argv[1], NULL, 10);
    if (wanted < 20000) return 2;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
