/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new master key for a device in the field: it comes behind working keys, sealed by the hsm for
 * this device and this number, and is taken with them or not at all (S62, S120). A copy of it is of
 * no use to another device, and a cut at any call to the store leaves the old one or the new one.
 */
#include "tests/unit/vault_people_rig.h"

/* What a sign-in carries: working keys under `under`, and behind them `renewed`, sealed. */
struct renewal {
    uint8_t at[DELIVERY_MAX + 256];
    size_t len;
};

struct sealing {
    const struct transport_pair *sender;
    const uint8_t *recipient;
    const char *label;
    const struct key *under, *renewed;
};

static struct renewal make_renewal(struct rig *rig, const struct sealing *how)
{
    struct renewal made;
    struct writer w = writer_over(made.at, sizeof made.at);
    bool aes = how->under->algorithm == KEY_AES128;
    assert_ok(delivery_generate(&rig->crypto, how->under, how->under->algorithm,
                                how->under->algorithm, true, &rig->working));
    assert_true(aes || how->under->algorithm == KEY_SM4 || how->under->algorithm == KEY_TDES);
    assert_ok(delivery_wrap(&rig->crypto, how->under, &rig->working, &w));
    assert_ok(transport_seal_key(&rig->crypto, how->sender, how->recipient, how->renewed,
                                 bytes_text(how->label), &w));
    made.len = w.len;
    return made;
}

static struct key new_master(struct rig *rig, enum key_algorithm algorithm)
{
    struct key key = {0};
    key_generate(&rig->crypto, algorithm, KEY_USAGE_TERMINAL_MASTER, &key);
    return key;
}

static struct sealing rightly(struct rig *rig, const struct key *renewed)
{
    return (struct sealing){&rig->hsm, rig->device, RIG_TID, renewed, renewed};
}

static enum vault_status load(struct rig *rig, const struct renewal *r)
{
    return rig_bytes(rig, VAULT_KEYS_LOAD, bytes_of(r->at, r->len));
}

static void assert_master(struct rig *rig, const struct key *master)
{
    uint8_t kcv[KEY_CHECK_BYTES];
    assert_ok(key_check_value(&rig->crypto, master, kcv));
    assert_memory_equal(rig_status(rig).kcv_master.at, kcv, sizeof kcv);
}

static struct rig *ready(uint64_t seed)
{
    struct rig *rig = rig_new(seed);
    rig_provision(rig, KEY_AES128);
    rig_panel(rig);
    assert_status(rig_sign_in(rig), VAULT_OK);
    return rig;
}

static void the_new_key_replaces_the_old(void **state)
{
    (void)state;
    struct rig *rig = ready(21);
    struct key old = rig->master, master = new_master(rig, KEY_AES128);
    const struct sealing how = rightly(rig, &master);
    struct renewal first = make_renewal(rig, &how);
    assert_status(load(rig, &first), VAULT_OK);
    assert_master(rig, &master);
    rig_restart(rig);
    assert_master(rig, &master);
    assert_int_equal(rig_status(rig).working_keys, 1);
    assert_status(load(rig, &first), VAULT_OK); /* told twice, taken once */
    int64_t renewals = 0;
    assert_ok(store_query_int(vault_store(rig->vault),
                              "SELECT count(*) FROM audit WHERE event = 'master_renewed'",
                              &renewals));
    assert_int_equal(renewals, 1);
    rig->master = master; /* a sign-in as always, under the new one */
    assert_status(rig_sign_in(rig), VAULT_OK);
    rig->master = old; /* what the old one carries is worth nothing any more */
    assert_status(rig_sign_in(rig), VAULT_BAD_KEYS);
    assert_master(rig, &master);
    rig_free(rig);
}

/* Refused, the old master key stays, and with it the next sign-in. */
static void assert_refused(struct rig *rig, const struct renewal *r)
{
    assert_status(load(rig, r), VAULT_BAD_KEYS);
    assert_master(rig, &rig->master);
    assert_int_equal(rig_status(rig).working_keys, 0); /* as with any bad delivery */
    assert_status(rig_sign_in(rig), VAULT_OK);
}

static void nothing_else_is_taken(void **state)
{
    (void)state;
    struct rig *rig = ready(22);
    struct transport_pair other;
    struct key master = new_master(rig, KEY_AES128), third = new_master(rig, KEY_AES128);
    struct key recovery = {0}, weak = new_master(rig, KEY_SM4), tdes = new_master(rig, KEY_TDES);
    transport_generate(&rig->crypto, &other);
    key_generate(&rig->crypto, KEY_AES128, KEY_USAGE_ZONE_MASTER, &recovery);
    const struct sealing rows[] = {
        {&other, rig->device, RIG_TID, &master, &master},         /* not from our hsm */
        {&rig->hsm, other.public_key, RIG_TID, &master, &master}, /* for another device */
        {&rig->hsm, rig->device, "10000018", &master, &master},   /* under another number */
        {&rig->hsm, rig->device, RIG_TID, &third, &master},       /* working keys of another */
        {&rig->hsm, rig->device, RIG_TID, &rig->master, &master}, /* working keys of the old */
        {&rig->hsm, rig->device, RIG_TID, &recovery, &recovery},  /* not a terminal's */
        {&rig->hsm, rig->device, RIG_TID, &weak, &weak},          /* of another cipher */
        {&rig->hsm, rig->device, RIG_TID, &tdes, &tdes},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct renewal made = make_renewal(rig, &rows[i]);
        assert_refused(rig, &made);
    }
    const struct sealing how = rightly(rig, &master);
    struct renewal good = make_renewal(rig, &how);
    for (size_t at = 0; at < good.len; at += 3) {
        struct renewal altered = good;
        altered.at[at] ^= 0x10;
        assert_refused(rig, &altered);
    }
    for (size_t len = DELIVERY_WITH_DATA + 1; len < good.len; len += 7) {
        struct renewal cut = good;
        cut.len = len;
        assert_refused(rig, &cut);
    }
    assert_status(load(rig, &good), VAULT_OK);
    assert_master(rig, &master);
    rig_free(rig);
}

/* Two devices of one hsm and, worse, of one number: what was meant for one opens in no other. */
static void an_intercepted_copy_is_useless(void **state)
{
    (void)state;
    struct rig *rig = ready(23), *thief = ready(24);
    struct key master = new_master(rig, KEY_AES128);
    const struct sealing how = rightly(rig, &master);
    struct renewal made = make_renewal(rig, &how);
    assert_ok(store_exec(vault_store(thief->vault), "UPDATE device SET hsm_public = x''"));
    struct store_statement *s;
    assert_ok(store_statement(vault_store(thief->vault), "UPDATE device SET hsm_public = ?", &s));
    store_bind_blob(s, BYTES_OF(rig->hsm.public_key));
    assert_ok(store_run(s));
    rig_restart(thief);
    rig_panel(thief);
    assert_refused(thief, &made);
    assert_status(load(rig, &made), VAULT_OK);
    rig_free(rig);
    rig_free(thief);
}

/* A device that does not know its hsm, because it was provisioned before, takes none. */
static void an_older_device_keeps_its_key(void **state)
{
    (void)state;
    struct rig *rig = ready(25);
    struct key master = new_master(rig, KEY_AES128);
    assert_ok(store_exec(vault_store(rig->vault), "UPDATE device SET hsm_public = x''"));
    rig_restart(rig);
    rig_panel(rig);
    const struct sealing how = rightly(rig, &master);
    struct renewal made = make_renewal(rig, &how);
    assert_refused(rig, &made);
    rig_free(rig);
}

static int64_t audited(struct rig *rig, const char *event, const char *detail)
{
    struct store_statement *s;
    bool row = false;
    assert_ok(store_statement(vault_store(rig->vault),
                              "SELECT count(*) FROM audit WHERE event = ? AND detail = ?", &s));
    store_bind_text(s, bytes_text(event));
    store_bind_text(s, bytes_text(detail));
    assert_ok(store_step(s, &row));
    int64_t count = store_read_int(s);
    store_reset(s);
    return count;
}

#define WAS_REPLACED "a master key that was replaced before"

/* Sealed by our hsm for this very device and number, whole and in order, but of yesterday. */
static void assert_goes_not_back(struct rig *rig, const struct key *to, const struct key *now)
{
    const struct sealing how = rightly(rig, to);
    struct renewal old = make_renewal(rig, &how);
    int64_t before = audited(rig, "keys_refused", WAS_REPLACED);
    assert_status(load(rig, &old), VAULT_OLD_KEY);
    assert_int_equal(audited(rig, "keys_refused", WAS_REPLACED), before + 1);
    assert_master(rig, now);
    assert_int_equal(rig_status(rig).working_keys, 0);
}

/* Every key that it had, the first and those of renewals, also after a restart. */
static void a_replaced_key_is_not_taken_again(void **state)
{
    (void)state;
    struct rig *rig = ready(27);
    struct key had[4] = {rig->master};
    for (size_t i = 1; i < ARRAY_LEN(had); i++) {
        had[i] = new_master(rig, KEY_AES128);
        const struct sealing how = rightly(rig, &had[i]);
        struct renewal made = make_renewal(rig, &how);
        assert_status(load(rig, &made), VAULT_OK);
        for (size_t before = 0; before < i; before++)
            assert_goes_not_back(rig, &had[before], &had[i]);
        assert_status(load(rig, &made), VAULT_OK); /* the one that is there: as ever */
        rig_restart(rig);
        assert_goes_not_back(rig, &had[0], &had[i]);
    }
    rig_free(rig);
}

/* Each refusal is on record by its own name. */
static void a_refusal_says_why(void **state)
{
    (void)state;
    struct rig *rig = ready(28);
    struct transport_pair other;
    struct key master = new_master(rig, KEY_AES128), tdes = new_master(rig, KEY_TDES);
    transport_generate(&rig->crypto, &other);
    const struct {
        struct sealing how;
        const char *why;
    } rows[] = {
        {{&rig->hsm, other.public_key, RIG_TID, &master, &master},
         "master key is not sealed by our hsm for this device and number"},
        {{&rig->hsm, rig->device, RIG_TID, &rig->master, &master}, "check value does not match"},
        {{&rig->hsm, rig->device, RIG_TID, &tdes, &tdes},
         "a key of another use or cipher, or from an hsm that is not known"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct renewal made = make_renewal(rig, &rows[i].how);
        assert_status(load(rig, &made), VAULT_BAD_KEYS);
        assert_int_equal(audited(rig, "keys_refused", rows[i].why), 1);
    }
    rig_free(rig);
}

struct reaper {
    int left; /* calls that still succeed */
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    if (reaper->left-- == 0) return (err){reaper->with};
    return OK;
}

/* Cut at the n-th call. False when it went through before that. */
static bool cut_at(int n, enum err_code with)
{
    struct rig *rig = ready(26);
    struct reaper reaper = {n, with};
    struct key old = rig->master, master = new_master(rig, KEY_AES128);
    struct working_keys before = rig->working;
    const struct sealing how = rightly(rig, &master);
    struct renewal made = make_renewal(rig, &how);
    uint8_t kcv[KEY_CHECK_BYTES], mac[KEY_CHECK_BYTES];
    store_set_fault(vault_store(rig->vault), reap, &reaper);
    (void)load(rig, &made);
    store_set_fault(vault_store(rig->vault), NULL, NULL);
    bool hit = reaper.left < 0;
    rig_restart(rig);
    struct vault_status_answer said = rig_status(rig);
    assert_ok(key_check_value(&rig->crypto, &master, kcv));
    bool renewed = memcmp(said.kcv_master.at, kcv, sizeof kcv) == 0;
    struct working_keys *working = renewed ? &rig->working : &before; /* both, or neither */
    assert_ok(key_check_value(&rig->crypto, &working->mac, mac));
    assert_memory_equal(said.kcv_mac.at, mac, sizeof mac);
    if (!renewed) assert_master(rig, &old);
    assert_true(hit || renewed);
    int64_t replaced = -1; /* with the renewal, or not at all */
    assert_ok(store_query_int(vault_store(rig->vault), "SELECT count(*) FROM master_replaced",
                              &replaced));
    assert_int_equal(replaced, renewed);
    assert_status(load(rig, &made), VAULT_OK); /* the host tells it again */
    assert_master(rig, &master);
    assert_goes_not_back(rig, &old, &master);
    rig_free(rig);
    return hit;
}

static void a_cut_leaves_the_old_or_the_new(void **state)
{
    (void)state;
    static const enum err_code ends[] = {ERR_CRASHED, ERR_FULL};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        int n = 0;
        while (cut_at(n, ends[i])) n++;
        assert_true(n > 5); /* the enumeration did pass through the calls */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_new_key_replaces_the_old),
        cmocka_unit_test(nothing_else_is_taken),
        cmocka_unit_test(an_intercepted_copy_is_useless),
        cmocka_unit_test(an_older_device_keeps_its_key),
        cmocka_unit_test(a_replaced_key_is_not_taken_again),
        cmocka_unit_test(a_refusal_says_why),
        cmocka_unit_test(a_cut_leaves_the_old_or_the_new),
    };
    return cmocka_run_group_tests_name("vault_renewal", tests, NULL, NULL);
}
