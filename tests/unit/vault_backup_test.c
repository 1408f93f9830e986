/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backups as the vault makes and opens them (S164, S165, DV-13): what is in one can be read by
 * nobody without a key; whatever is altered, cut off, moved, older or another shop's is refused by
 * name, and changes nothing; taken on this device or on one in its place, the people are those of
 * then, with their passwords. And a vault that is killed over it has the old people or the new.
 */
#include "tests/unit/vault_backup_rig.h"

static uint8_t login(struct rig *rig, uint8_t id, const char *password)
{
    rig->now_ms += 1000000;
    return rig_login(rig, id, password).verdict;
}

static void it_comes_back_whole(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(301);
    static struct bundle b;
    bundle_make(rig, &b);
    struct bundle_read read = bundle_open(rig, &b, VAULT_RESTORE_BY_DEVICE, false);
    assert_restore(read, "ok");
    assert_int_equal(read.settings, 1);
    assert_int_equal(read.payments, 2);
    assert_int_equal(read.said.number, 1);
    /* Looking changes nothing: nobody is staged, and everybody is as he was. */
    int64_t staged = -1;
    assert_ok(store_query_int(vault_store(rig->vault), "SELECT count(*) FROM restored", &staged));
    assert_int_equal(staged, 0);
    assert_int_equal(login(rig, 1, OWN_CASHIER), VAULT_LOGIN_OK);
    rig_free(rig);
}

static bool has(struct bytes in, struct bytes what)
{
    return memmem(in.at, in.len, what.at, what.len) != NULL;
}

/* The head says which device, which terminal, when and what; everything else is opaque. */
static void only_the_head_can_be_read(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(302);
    static struct bundle b;
    struct backup_head head;
    bundle_make(rig, &b);
    assert_ok(backup_read_head(bundle_part(&b, 0), &head));
    assert_true(bytes_equal(head.serial, BYTES(RIG_SERIAL)));
    assert_true(bytes_equal(head.tid, BYTES(RIG_TID)) && bytes_equal(head.mid, BYTES(RIG_MID)));
    assert_int_equal(head.made_ms, rig->now_ms);
    assert_int_equal(head.sections, 3);
    assert_int_equal(head.section[0].kind, BACKUP_PEOPLE);
    assert_int_equal(head.section[0].rows, 7);
    assert_int_equal(head.section[2].rows, 2);
    struct bytes all = bytes_of(b.at, b.len);
    assert_false(has(all, BYTES(BUNDLE_SETTINGS)));
    assert_false(has(all, BYTES(BUNDLE_PAYMENT)));
    assert_false(has(all, BYTES("620000")));
    assert_false(has(all, BYTES("argon2")));
    assert_false(has(all, BYTES_OF(rig->master.value.at)));
    /* Nor does any answer of the vault hold a hash, while it is read as while it is made. */
    assert_restore(bundle_open(rig, &b, VAULT_RESTORE_BY_DEVICE, false), "ok");
    assert_false(has(bytes_of(rig->kept, rig->kept_len), BYTES("argon2")));
    /* The same twice has no piece in common. */
    static struct bundle again;
    bundle_make(rig, &again);
    for (size_t i = 1; i < b.parts; i++)
        assert_false(has(bytes_of(again.at, again.len), bundle_part(&b, i)));
    rig_free(rig);
}

/* ---- refused ---- */

static struct bundle_read cut(struct rig *rig, const struct bundle *b, size_t parts)
{
    return bundle_read_parts(rig, b, parts, VAULT_RESTORE_BY_DEVICE, false, (struct bytes){0});
}

static void cut_off_and_moved_is_named(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(303);
    static struct bundle b, moved;
    bundle_make(rig, &b);
    for (size_t parts = 2; parts < b.parts - 1; parts++)
        assert_restore(cut(rig, &b, parts), "truncated");
    assert_restore(cut(rig, &b, b.parts - 1), "truncated"); /* without its tail */
    for (size_t i = 1; i + 2 < b.parts; i++) {
        moved = (struct bundle){0};
        for (size_t at = 0; at < b.parts; at++)
            bundle_add(&moved, bundle_part(&b, at == i ? i + 1 : at == i + 1 ? i : at));
        assert_restore(cut(rig, &moved, moved.parts), "reordered");
        moved = (struct bundle){0};
        for (size_t at = 0; at < b.parts; at++) { /* one of them twice */
            bundle_add(&moved, bundle_part(&b, at));
            if (at == i) bundle_add(&moved, bundle_part(&b, at));
        }
        assert_restore(cut(rig, &moved, moved.parts), "reordered");
    }
    rig_free(rig);
}

/* Every bit of it: whatever is said about it, nothing is taken. */
static void every_bit_counts(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(304);
    static struct bundle b, bad;
    unsigned seen[VAULT_RESTORE_VERDICTS] = {0};
    bundle_make(rig, &b);
    for (size_t at = 0; at < b.len; at++) {
        bad = b;
        bad.at[at] ^= (uint8_t)(1u << (at % 8));
        struct bundle_read read = bundle_open(rig, &bad, VAULT_RESTORE_BY_DEVICE, false);
        assert_status(read.status, VAULT_OK);
        assert_int_not_equal(read.said.verdict, VAULT_RESTORE_OK);
        seen[read.said.verdict]++;
        rig->kept_len = 0;
    }
    assert_true(seen[VAULT_RESTORE_ALTERED] > 1000);
    assert_true(seen[VAULT_RESTORE_NOT_SIGNED] > 0 && seen[VAULT_RESTORE_NEWER] > 0);
    assert_true(seen[VAULT_RESTORE_NO_BUNDLE] > 0 && seen[VAULT_RESTORE_OTHER_TERMINAL] > 0);
    rig_free(rig);
}

static void another_shop_and_another_acquirer(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(305), *stranger = rig_shop(306);
    static struct bundle b;
    bundle_make(stranger, &b); /* of the same numbers, by another authority */
    assert_restore(bundle_open(rig, &b, VAULT_RESTORE_BY_DEVICE, false), "not_signed");
    rig_free(stranger);
    rig_free(rig);
}

static void the_wrong_key_and_none(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(307);
    static struct bundle b;
    char digits[BACKUP_CODE_DIGITS + 1], wrong[BACKUP_CODE_DIGITS + 1];
    bundle_make(rig, &b); /* before there was an owner's key */
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    bundle_owner(rig, digits);
    rig_enter_for(rig, VAULT_ENTRY_OWNER, 0, digits);
    assert_restore(bundle_open(rig, &b, VAULT_RESTORE_BY_OWNER, false), "no_key");
    bundle_make(rig, &b);
    assert_restore(bundle_open(rig, &b, VAULT_RESTORE_BY_OWNER, false), "ok");
    memcpy(wrong, digits, sizeof wrong);
    wrong[3] = wrong[3] == '9' ? '0' : (char)(wrong[3] + 1);
    rig_enter_for(rig, VAULT_ENTRY_OWNER, 0, wrong);
    assert_restore(bundle_open(rig, &b, VAULT_RESTORE_BY_OWNER, false), "wrong_key");
    /* Wrong is gone: it has to be typed again. */
    assert_status(bundle_open(rig, &b, VAULT_RESTORE_BY_OWNER, false).status, VAULT_NO_ENTRY);
    assert_restore(bundle_read_parts(rig, &b, b.parts, VAULT_RESTORE_BY_GRANT, false,
                                     BYTES("no grant of any hsm")),
                   "wrong_key");
    assert_true(rig_never_shown(rig, digits));
    rig_free(rig);
}

static void older_than_the_last_is_refused_and_names_it(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(308);
    static struct bundle first, second;
    bundle_make(rig, &first);
    bundle_make(rig, &second);
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    struct bundle_read read = bundle_open(rig, &first, VAULT_RESTORE_BY_DEVICE, true);
    assert_restore(read, "older");
    assert_int_equal(read.said.number, 2);
    assert_restore(bundle_open(rig, &first, VAULT_RESTORE_BY_DEVICE, false), "ok"); /* looked at */
    assert_restore(bundle_open(rig, &second, VAULT_RESTORE_BY_DEVICE, true), "ok");
    rig_free(rig);
}

static void who_may(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(309);
    static struct bundle b;
    bundle_make(rig, &b); /* anybody: on a schedule nobody is there */
    assert_status(bundle_open(rig, &b, VAULT_RESTORE_BY_DEVICE, true).status, VAULT_NOT_ALLOWED);
    assert_int_equal(login(rig, 1, OWN_CASHIER), VAULT_LOGIN_OK);
    assert_status(bundle_open(rig, &b, VAULT_RESTORE_BY_DEVICE, true).status, VAULT_NOT_ALLOWED);
    vault_write_byte(rig_ask(rig, VAULT_BACKUP_OWNER), 1);
    assert_status(rig_send(rig), VAULT_NOT_ALLOWED);
    vault_write_byte(rig_ask(rig, VAULT_BACKUP_OWNER), 0);
    assert_status(rig_send(rig), VAULT_OK);
    rig_free(rig);
}

/* Somebody who changes his password in the middle of it voids it: half of one state is none. */
static void the_people_are_of_one_moment(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(310);
    static struct bundle b;
    bool more = false;
    assert_status(bundle_begin(rig, &b), VAULT_OK);
    for (int i = 0; i < 3; i++)
        assert_status(bundle_piece(rig, &b, BACKUP_PEOPLE, "", &more), VAULT_OK);
    assert_true(more);
    assert_int_equal(login(rig, 1, OWN_CASHIER), VAULT_LOGIN_OK);
    assert_status(bundle_people(rig, &b), VAULT_OK);
    assert_status(bundle_end(rig, &b), VAULT_NOT_READY);
    bundle_make(rig, &b); /* again, and it is whole */
    assert_restore(bundle_open(rig, &b, VAULT_RESTORE_BY_DEVICE, false), "ok");
    rig_free(rig);
}

/* ---- taken ---- */

static void the_people_of_then_on_the_same_device(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(311);
    static struct bundle b;
    bundle_make(rig, &b);
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_ADD, 7);
    (void)rig_operator_ok(rig, VAULT_OPERATOR_SUSPEND, 1);
    assert_restore(bundle_open(rig, &b, VAULT_RESTORE_BY_DEVICE, true), "ok");
    assert_int_equal(rig_listed(rig, 7).id, 255);
    assert_int_equal(login(rig, 1, OWN_CASHIER), VAULT_LOGIN_OK);
    assert_int_equal(rig_logged(rig, "restored", NULL, NULL), 1);
    rig_free(rig);
}

/* Tries that were spent after the backup stay spent. */
static void no_guess_comes_back(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(312);
    static struct bundle b;
    bundle_make(rig, &b);
    for (int i = 0; i < 10; i++) (void)login(rig, 99, "00000000");
    assert_int_equal(login(rig, 99, OWN_ADMINISTRATOR), VAULT_LOGIN_LOCKED);
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    assert_restore(bundle_open(rig, &b, VAULT_RESTORE_BY_DEVICE, true), "ok");
    assert_int_equal(login(rig, 99, OWN_ADMINISTRATOR), VAULT_LOGIN_LOCKED);
    rig_free(rig);
}

/* Another serial number, by the owner's key: S165, S124. */
static void another_device_takes_its_place(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(313);
    static struct bundle b;
    char digits[BACKUP_CODE_DIGITS + 1];
    assert_int_equal(login(rig, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    bundle_owner(rig, digits);
    rig_logout(rig);
    bundle_make(rig, &b);
    struct rig *next = rig_replacement(rig, 314, "TB1-00009999");
    assert_restore(bundle_open(next, &b, VAULT_RESTORE_BY_DEVICE, false), "no_key");
    rig_enter_for(next, VAULT_ENTRY_OWNER, 0, digits);
    struct bundle_read read = bundle_open(next, &b, VAULT_RESTORE_BY_OWNER, false);
    assert_restore(read, "ok");
    assert_true(read.settings == 1 && read.payments == 2);
    assert_restore(bundle_open(next, &b, VAULT_RESTORE_BY_OWNER, true), "ok");
    assert_int_equal(login(next, 0, "402869"), VAULT_LOGIN_WRONG); /* of this device, before */
    assert_int_equal(login(next, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    rig_logout(next);
    assert_int_equal(login(next, 1, OWN_CASHIER), VAULT_LOGIN_OK);
    rig_logout(next);
    assert_int_equal(login(next, 99, OWN_ADMINISTRATOR), VAULT_LOGIN_OK);
    rig_restart(next);
    rig_panel(next);
    assert_int_equal(login(next, 1, OWN_CASHIER), VAULT_LOGIN_OK);
    assert_int_equal(rig_status(next).working_keys, 0); /* they are not in it: sign in */
    /* Its own next backup is later than the one it came from. */
    static struct bundle later;
    struct backup_head head;
    bundle_make(next, &later);
    assert_ok(backup_read_head(bundle_part(&later, 0), &head));
    assert_int_equal(head.number, 2);
    /* And the owner's digits open it as they opened that one. */
    rig_enter_for(next, VAULT_ENTRY_OWNER, 0, digits);
    assert_restore(bundle_open(next, &later, VAULT_RESTORE_BY_OWNER, false), "ok");
    rig_free(next);
    rig_free(rig);
}

/* What the hsm would answer: hsm/restore.c. */
static size_t hsm_opens(struct rig *next, const struct bundle *b,
                        const struct vault_restore_asked *asked,
                        uint8_t ret_grant[BACKUP_WRAPPED_BYTES])
{
    struct backup_head head;
    struct backup_key key;
    char block[BACKUP_GRANT_LABEL_MAX];
    struct writer label = writer_over(block, sizeof block);
    struct writer grant = writer_over(ret_grant, BACKUP_WRAPPED_BYTES);
    assert_ok(backup_read_head(bundle_part(b, 0), &head));
    const struct backup_wrap *wrap = &head.wrap[head.wraps - 1];
    assert_int_equal(wrap->kind, BACKUP_FOR_ACQUIRER);
    assert_ok(
        backup_key_unwrap(&next->hsm, head.sender, BYTES(RIG_SERIAL "|1"), wrap->sealed, &key));
    backup_grant_label(BYTES(RIG_SERIAL "|1"), asked->nonce, &label);
    assert_ok(backup_key_wrap(&next->crypto, &next->hsm, asked->public_key.at, writer_view(&label),
                              &key, &grant));
    return grant.len;
}

static enum vault_status ask_the_hsm(struct rig *rig, struct bytes head,
                                     struct vault_restore_asked *ret)
{
    vault_write_bytes(rig_ask(rig, VAULT_RESTORE_ASK), head);
    enum vault_status status = rig_send(rig);
    if (status == VAULT_OK) assert_ok(vault_read_restore_asked(&rig->answer, ret));
    return status;
}

/* S124: the acquirer's way: its hsm opens the key and seals it for the new device. */
static void the_hsm_opens_it_for_another_device(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(315);
    static struct bundle b;
    struct vault_restore_asked asked, again;
    uint8_t grant[BACKUP_WRAPPED_BYTES], nonce[16];
    bundle_make(rig, &b);
    struct rig *next = rig_replacement(rig, 316, "TB1-00009999");
    next->hsm = rig->hsm;
    assert_status(ask_the_hsm(next, bundle_part(&b, 0), &asked), VAULT_OK);
    assert_string_equal(vault_restore_text(asked.verdict), "ok");
    assert_true(bytes_equal(asked.public_key, BYTES_OF(next->device)));
    memcpy(nonce, asked.nonce.at, sizeof nonce);
    size_t len = hsm_opens(next, &b, &asked, grant);
    /* Asked again, the question is the same, and the answer still fits. */
    assert_status(ask_the_hsm(next, bundle_part(&b, 0), &again), VAULT_OK);
    assert_true(bytes_equal(again.nonce, BYTES_OF(nonce)));
    assert_restore(
        bundle_read_parts(next, &b, b.parts, VAULT_RESTORE_BY_GRANT, false, bytes_of(grant, len)),
        "ok"); /* looked at */
    assert_restore(
        bundle_read_parts(next, &b, b.parts, VAULT_RESTORE_BY_GRANT, true, bytes_of(grant, len)),
        "ok");
    assert_int_equal(login(next, 1, OWN_CASHIER), VAULT_LOGIN_OK);
    /* It was good for that once. */
    assert_int_equal(login(next, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    assert_restore(
        bundle_read_parts(next, &b, b.parts, VAULT_RESTORE_BY_GRANT, true, bytes_of(grant, len)),
        "wrong_key");
    assert_status(ask_the_hsm(next, bundle_part(&b, 0), &again), VAULT_OK);
    assert_false(bytes_equal(again.nonce, BYTES_OF(nonce)));
    rig_free(next);
    rig_free(rig);
}

static void a_grant_of_somebody_else_opens_nothing(void **state)
{
    (void)state;
    struct rig *rig = rig_shop(317);
    static struct bundle b;
    struct vault_restore_asked asked;
    uint8_t grant[BACKUP_WRAPPED_BYTES];
    bundle_make(rig, &b);
    struct rig *next = rig_replacement(rig, 318, "TB1-00009999");
    struct rig *other = rig_replacement(rig, 319, "TB1-00009998");
    next->hsm = other->hsm = rig->hsm;
    assert_status(ask_the_hsm(next, bundle_part(&b, 0), &asked), VAULT_OK);
    size_t len = hsm_opens(next, &b, &asked, grant);
    assert_restore(
        bundle_read_parts(other, &b, b.parts, VAULT_RESTORE_BY_GRANT, true, bytes_of(grant, len)),
        "wrong_key"); /* it has not asked */
    assert_status(ask_the_hsm(other, bundle_part(&b, 0), &asked), VAULT_OK);
    assert_restore(
        bundle_read_parts(other, &b, b.parts, VAULT_RESTORE_BY_GRANT, true, bytes_of(grant, len)),
        "wrong_key"); /* and is another */
    assert_status(ask_the_hsm(other, BYTES("no head of any bundle"), &asked), VAULT_OK);
    assert_string_equal(vault_restore_text(asked.verdict), "no_bundle");
    /* Who only stands there asks for nothing. */
    assert_int_equal(login(other, 1, rig_initial(other, 1)), VAULT_LOGIN_MUST_CHANGE);
    assert_status(ask_the_hsm(other, bundle_part(&b, 0), &asked), VAULT_NOT_ALLOWED);
    rig_free(other);
    rig_free(next);
    rig_free(rig);
}

/* ---- killed at every call to the store ---- */

struct reaper {
    int left;
    enum err_code with;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? (err){reaper->with} : OK;
}

static void a_cut_leaves_the_old_people_or_the_new(void **state)
{
    (void)state;
    unsigned cuts = 0, old = 0, new = 0;
    struct rig *elder = rig_shop(317);
    static struct bundle b;
    char digits[BACKUP_CODE_DIGITS + 1];
    assert_int_equal(login(elder, 0, OWN_SUPERVISOR), VAULT_LOGIN_OK);
    bundle_owner(elder, digits);
    bundle_make(elder, &b);
    for (int at = 0;; at++) {
        struct rig *rig = rig_replacement(elder, 318, "TB1-00009999");
        struct reaper reaper = {at, at % 2 == 0 ? ERR_CRASHED : ERR_IO};
        rig_enter_for(rig, VAULT_ENTRY_OWNER, 0, digits);
        store_set_fault(vault_store(rig->vault), reap, &reaper);
        struct bundle_read read = bundle_open(rig, &b, VAULT_RESTORE_BY_OWNER, true);
        store_set_fault(vault_store(rig->vault), NULL, NULL);
        bool over = reaper.left >= 0;
        if (over) assert_restore(read, "ok");
        else cuts++;
        if (FAILED(rig->executed)) rig_restart(rig);
        rig_panel(rig);
        bool is_new = login(rig, 1, OWN_CASHIER) == VAULT_LOGIN_OK;
        rig_logout(rig);
        assert_int_equal(login(rig, 0, is_new ? OWN_SUPERVISOR : "402869"), VAULT_LOGIN_OK);
        if (is_new) new ++;
        else old++;
        /* And once more, whatever has happened: now it is taken. */
        rig_enter_for(rig, VAULT_ENTRY_OWNER, 0, digits);
        assert_restore(bundle_open(rig, &b, VAULT_RESTORE_BY_OWNER, true), "ok");
        assert_int_equal(login(rig, 1, OWN_CASHIER), VAULT_LOGIN_OK);
        rig_free(rig);
        if (over) break;
    }
    rig_free(elder);
    print_message("%u cuts: %u with the old people, %u with the new\n", cuts, old, new);
    assert_true(cuts > 40 && old > 30 && new > 0);
}

static void a_cut_while_it_is_made(void **state)
{
    (void)state;
    unsigned cuts = 0;
    static struct bundle b, next;
    uint64_t highest = 0;
    for (int at = 0;; at++) {
        struct rig *rig = rig_shop(319);
        struct reaper reaper = {at, ERR_CRASHED};
        struct backup_head head;
        store_set_fault(vault_store(rig->vault), reap, &reaper);
        enum vault_status status = bundle_try(rig, &b);
        store_set_fault(vault_store(rig->vault), NULL, NULL);
        bool over = reaper.left >= 0;
        if (over) assert_status(status, VAULT_OK);
        else cuts++;
        if (FAILED(rig->executed)) rig_restart(rig);
        rig_panel(rig);
        highest = 0;
        if (b.parts > 0) {
            assert_ok(backup_read_head(bundle_part(&b, 0), &head));
            highest = head.number;
        }
        bundle_make(rig, &next); /* never again with that number */
        assert_ok(backup_read_head(bundle_part(&next, 0), &head));
        assert_true(head.number > highest);
        assert_restore(bundle_open(rig, &next, VAULT_RESTORE_BY_DEVICE, false), "ok");
        rig_free(rig);
        if (over) break;
    }
    print_message("%u cuts\n", cuts);
    assert_true(cuts > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_comes_back_whole),
        cmocka_unit_test(only_the_head_can_be_read),
        cmocka_unit_test(cut_off_and_moved_is_named),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(another_shop_and_another_acquirer),
        cmocka_unit_test(the_wrong_key_and_none),
        cmocka_unit_test(older_than_the_last_is_refused_and_names_it),
        cmocka_unit_test(who_may),
        cmocka_unit_test(the_people_are_of_one_moment),
        cmocka_unit_test(the_people_of_then_on_the_same_device),
        cmocka_unit_test(no_guess_comes_back),
        cmocka_unit_test(another_device_takes_its_place),
        cmocka_unit_test(the_hsm_opens_it_for_another_device),
        cmocka_unit_test(a_grant_of_somebody_else_opens_nothing),
        cmocka_unit_test(a_cut_leaves_the_old_people_or_the_new),
        cmocka_unit_test(a_cut_while_it_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
