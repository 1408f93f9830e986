/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CR-20 at its full size, and whose turn it is in a flood from everywhere (CR-22, HS-14), under a
 * simulated clock: the core with its tables and its queue; only the hash itself is a cheap port,
 * which knows the one right password of everybody.
 */
#include "tests/unit/backoffice_rig.h"

#define MINUTE INT64_C(60000)
#define HOUR   (60 * MINUTE)

enum { ACCOUNTS = 1000, ADDRESSES = 10000, POOL = 1024 };

struct owner {
    struct browser at; /* with the device's cookie */
    int64_t id;
    char login[16];
    int64_t guessed_ms[TRIES_IN_ALL + 1]; /* when a guess was held against the own record */
    unsigned guesses;
};

static struct owner owners[ACCOUNTS];
static struct browser pool[POOL]; /* of the attacker; each is answered long before its next turn */
static char pool_address[POOL][24];

/* An account that is in use, and a browser that it was used on. */
static void make_owner(struct rig *rig, struct store_tx *tx, unsigned n)
{
    struct owner *o = &owners[n];
    struct account a = {.kind = ACCOUNT_OWNER, .roles = ROLE_OWNER, .mid = RIG_MID};
    const struct registry_actor actor = {BYTES("rig"), rig->now_ms};
    char record[32];
    *o = (struct owner){.at = {.address = "203.0.113.1"}};
    snprintf(o->login, sizeof o->login, "owner%04u", n);
    memcpy(a.login, o->login, sizeof o->login);
    snprintf(a.name, sizeof a.name, "Owner %u", n);
    snprintf(a.mail, sizeof a.mail, "%s@example.com", o->login);
    assert_ok(account_add(tx, &actor, &a, &o->id));
    snprintf(record, sizeof record, "$cheap$%u", n);
    assert_ok(credential_set_password(tx, &actor, o->id, bytes_text(record), false));
    assert_ok(credential_set_totp(tx, &actor, o->id, BYTES("sealed")));
    assert_ok(account_set_status(tx, &actor, o->id, ACCOUNT_ACTIVE));
    assert_ok(account_find(rig->b->store, o->id, &a));
    struct http_response response = {.status = 200,
                                     .body = writer_over(rig->block, sizeof rig->block)};
    assert_ok(device_add(rig->b, tx, &a, "rig", rig->now_ms, &response));
    rig_keep(rig, &o->at, &response);
}

static struct rig *open_flood(void)
{
    struct rig *rig = rig_open();
    CLEANUP(store_rollback) struct store_tx tx = {0};
    assert_ok(store_begin(rig->b->store, &tx));
    for (unsigned n = 0; n < ACCOUNTS; n++) make_owner(rig, &tx, n);
    assert_ok(store_commit(&tx));
    rig->hold = true;
    return rig;
}

/* The first job that is out: right when the password is and the record is somebody's own. */
static void hash_one(struct rig *rig)
{
    struct backoffice_hash *job = &rig->out[0].job;
    bool own = strncmp(job->record, "$cheap$", 7) == 0;
    if (own && !bytes_equal(job->password, BYTES(RIG_PASSWORD))) {
        struct owner *o = &owners[strtol(job->record + 7, NULL, 10)];
        assert_true(o->guesses < TRIES_IN_ALL);
        o->guessed_ms[o->guesses++] = rig->now_ms;
    }
    const struct backoffice_hashed result = {
        .id = job->id, .right = own && bytes_equal(job->password, BYTES(RIG_PASSWORD))};
    rig->hashes++;
    if (--rig->jobs > 0) {
        rig->out[0] = rig->out[1];
        rig->out[0].job.whose = rig->out[0].whose;
        rig->out[0].job.record = rig->out[0].record;
        rig->out[0].job.password.at = rig->out[0].password;
    }
    assert_int_equal(rig->b->config.hash_threads, 2);
    assert_ok(backoffice_on_hashed(rig->b, &result));
}

static void hash_all(struct rig *rig)
{
    assert_ok(backoffice_flush(rig->b));
    while (rig->jobs > 0) hash_one(rig);
}

/* One guess from the next of the attacker's addresses, every one in a network of its own. */
static unsigned guess_at(struct rig *rig, unsigned account)
{
    static unsigned next;
    char body[96];
    unsigned n = next++, at = n % POOL, from = n % ADDRESSES;
    snprintf(pool_address[at], sizeof pool_address[at], "10.%u.%u.9", from / 250, from % 250);
    pool[at] = (struct browser){.address = pool_address[at]};
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"a guess like any other\"}",
             owners[account].login);
    return rig_send(rig, &pool[at], "POST", "/api/console/login", body);
}

static unsigned log_in(struct rig *rig, struct browser *at, unsigned account)
{
    char body[96];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"" RIG_PASSWORD "\"}",
             owners[account].login);
    return rig_send(rig, at, "POST", "/api/console/login", body);
}

/* Everybody with the device's cookie, at this moment of the attack. */
static void every_owner_logs_in(struct rig *rig)
{
    for (unsigned n = 0; n < ACCOUNTS; n++) {
        assert_int_equal(log_in(rig, &owners[n].at, n), 0);
        uint64_t ticket = rig->tickets;
        hash_all(rig);
        assert_int_equal(rig_pending(rig, ticket)->status, 200);
        assert_true(rig_says(rig, "\"state\":\"factor\""));
    }
}

static unsigned most_in_half_an_hour(const struct owner *o)
{
    unsigned most = 0;
    for (unsigned i = 0, from = 0; i < o->guesses; i++) {
        while (o->guessed_ms[i] - o->guessed_ms[from] >= 30 * MINUTE) from++;
        if (i - from + 1 > most) most = i - from + 1;
    }
    return most;
}

/*
 * CR-20: one attacker, 10,000 addresses, 1,000 accounts, 24 hours. Every account is guessed at as
 * often as a patient attacker can gain by: eleven times, and again when forty minutes have passed;
 * and when a hundred are spent, to see that nothing more is looked at.
 */
static void a_day_against_a_thousand_accounts(void **state)
{
    (void)state;
    struct rig *rig = open_flood();
    uint64_t sent = 0, total = 0;
    int64_t began = rig->now_ms;
    for (int batch = 0; batch < 36; batch++) {
        int rounds = batch < 10 ? TRIES_IN_WINDOW + 1 : batch % 4 == 0;
        for (int round = 0; round < rounds; round++) {
            rig->now_ms = began + batch * 40 * MINUTE + round * MINUTE;
            for (unsigned n = 0; n < ACCOUNTS; n++, sent++) {
                assert_int_equal(guess_at(rig, n), 0);
                if (n % 16 == 15) hash_all(rig);
            }
            hash_all(rig);
        }
        if (batch % 12 == 5) every_owner_logs_in(rig);
    }
    assert_true(rig->now_ms < began + 24 * HOUR);
    every_owner_logs_in(rig);
    unsigned most = 0;
    for (unsigned n = 0; n < ACCOUNTS; n++) {
        unsigned in_window = most_in_half_an_hour(&owners[n]);
        if (in_window > most) most = in_window;
        assert_true(in_window <= TRIES_IN_WINDOW);
        assert_true(owners[n].guesses <= TRIES_IN_ALL);
        total += owners[n].guesses;
    }
    print_message("%llu requests, %llu looked at, %u at most in half an hour, %u to an account\n",
                  (unsigned long long)sent, (unsigned long long)total, most, owners[0].guesses);
    assert_int_equal(total, TRIES_IN_ALL * ACCOUNTS); /* the attack was one */
    rig_close(rig);
}

/* ---- a flood, and who does not take part in it ---- */

struct newcomer {
    struct browser at;
    char address[24];
    uint64_t ticket;
    int64_t asked_ms, served_ms;
};

static bool served(struct rig *rig, struct newcomer *who)
{
    struct pending *p = rig_pending(rig, who->ticket);
    if (who->served_ms == 0 && p != NULL && p->answered) {
        assert_int_equal(p->status, 200);
        who->served_ms = rig->now_ms;
    }
    return who->served_ms != 0;
}

/*
 * 400 guesses a second from 10,000 networks, and two threads that manage 50. Without a cookie, from
 * a network that took no part, every one of 60 owners is served at the first time of asking, and
 * before 200 ms are over: the threads' present work and no more.
 */
static void a_newcomer_goes_before_the_flood(void **state)
{
    (void)state;
    static struct newcomer people[60];
    struct rig *rig = open_flood();
    unsigned came = 0, refused = 0, sent = 0;
    int64_t began = rig->now_ms, longest = 0;
    for (int tick = 0; tick < 60 * 50; tick++) { /* of 20 ms: a hash is done */
        rig->now_ms = began + tick * 20;
        for (int i = 0; i < 8; i++, sent++) refused += guess_at(rig, sent % ACCOUNTS) == 429;
        if (tick >= 30 * 50 && tick % 25 == 7) {
            struct newcomer *p = &people[came];
            unsigned account = ACCOUNTS - 1 - came;
            snprintf(p->address, sizeof p->address, "198.51.%u.20", came++);
            p->at = (struct browser){.address = p->address};
            p->asked_ms = rig->now_ms;
            /* Its own budget is another matter (a reset gives it back): it is whole here. */
            struct tries_key key = tries_of_account(owners[account].id);
            CLEANUP(store_rollback) struct store_tx tx = {0};
            assert_ok(store_begin(rig->b->store, &tx));
            assert_ok(tries_give_back(&tx, &key));
            assert_ok(store_commit(&tx));
            assert_int_equal(log_in(rig, &p->at, account), 0);
            p->ticket = rig->tickets;
        }
        assert_ok(backoffice_flush(rig->b));
        if (rig->jobs > 0) hash_one(rig);
        for (unsigned i = 0; i < came; i++) served(rig, &people[i]);
    }
    assert_int_equal(came, 60);
    for (unsigned i = 0; i < came; i++) {
        int64_t waited = people[i].served_ms - people[i].asked_ms;
        assert_true(people[i].served_ms > 0);
        if (waited > longest) longest = waited;
    }
    print_message("%u guesses, %u refused at once; 60 of 60 newcomers in, the slowest in %lld ms\n",
                  sent, refused, (long long)longest);
    assert_true(longest <= 200);
    assert_true(refused > sent / 4); /* it was a flood */
    hash_all(rig);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_against_a_thousand_accounts),
        cmocka_unit_test(a_newcomer_goes_before_the_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
