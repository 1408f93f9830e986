/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S89: virtual cards that approve by themselves in the vault, by their contacts and by a tap: only
 * within the signed limits, only when the terminal says that the host is away or was asked in vain;
 * the issuer verifies what they said; the card data is sealed until it is told, and opens for that
 * payment alone, under the keys of another day too. S61 S64
 */
#include "lib/crypto/envelope.h"
#include "tests/unit/vault_chip_rig.h"

enum { SMALL = 500, UNDER = 5000, FLOOR = 12000, OVER = 15001, EVERY_WAY = 7 };

static const struct bytes none = {0};

static void put(const char *card, int64_t amount_minor, enum vault_host host, bool tap)
{
    (void)chip_start(card);
    assert_status(chip_arm_for(amount_minor, EVERY_WAY, host), VAULT_OK);
    if (tap) chip_tap();
    else chip_insert();
    assert_int_equal(rig_poll_card(slot.rig).state, VAULT_CARD_CHIP);
}

/* A PIN when one is asked for, and no host. */
static struct vault_chip alone(void)
{
    for (int turns = 0; turns < 5; turns++) {
        struct vault_chip chip = chip_poll();
        if (chip.state == VAULT_CHIP_PIN) {
            rig_enter(slot.rig, VAULT_ENTRY_PIN, slot.card.issued.identity.pin);
            assert_status(chip_say(VAULT_CHIP_IS_PIN, 0, none, none), VAULT_OK);
        } else if (chip.state == VAULT_CHIP_ONLINE) {
            assert_status(chip_say(VAULT_CHIP_IS_OFFLINE, 0, none, none), VAULT_OK);
        } else {
            return chip;
        }
    }
    fail_msg("it never ends");
    return (struct vault_chip){0};
}

static void finish(void)
{
    const char *pan = slot.card.issued.identity.pan;
    assert_null(memmem(slot.rig->kept, slot.rig->kept_len, pan, strlen(pan)));
    rig_free(slot.rig);
}

static struct payment_chip field_of(const struct vault_chip *chip)
{
    struct payment_chip out = {0};
    assert_ok(payment_chip_take(chip->field55, &out));
    return out;
}

static void each_card_as_its_issuer_has_it(void **state)
{
    (void)state;
    static const struct {
        const char *card;
        int64_t amount_minor;
        enum vault_host host;
        bool tap;
        const char *code; /* 8A; NULL: it does not come so far */
        uint8_t result, reason;
    } rows[] = {
        /* by signature: no PIN for the issuer while nobody can judge it */
        {"debit", UNDER, VAULT_HOST_AWAY, false, "Y1", VAULT_CHIP_APPROVED, 0},
        {"credit", UNDER, VAULT_HOST_AWAY, false, "Y1", VAULT_CHIP_APPROVED, 0},
        {"pinplain", UNDER, VAULT_HOST_AWAY, false, "Y1", VAULT_CHIP_APPROVED, 0},
        {"pinplain", UNDER, VAULT_HOST_FIRST, false, "Y3", VAULT_CHIP_APPROVED, 0},
        {"debit", SMALL, VAULT_HOST_AWAY, true, "Y1", VAULT_CHIP_APPROVED, 0},
        /* the floor limit of 100.00 wants the host, and its absence is not forgiven */
        {"pinplain", FLOOR, VAULT_HOST_AWAY, false, "Z3", VAULT_CHIP_DECLINED, VAULT_CHIP_NO_HOST},
        /* an online PIN was entered, and there is nobody to judge it */
        {"debit", UNDER, VAULT_HOST_FIRST, false, "Z3", VAULT_CHIP_DECLINED, VAULT_CHIP_NO_HOST},
        /* above the limit of one payment, and without leave: as a terminal that is online only */
        {"pinplain", OVER, VAULT_HOST_AWAY, false, "Z3", VAULT_CHIP_DECLINED, VAULT_CHIP_NO_HOST},
        {"pinplain", UNDER, VAULT_HOST_ALWAYS, false, "Z3", VAULT_CHIP_DECLINED,
         VAULT_CHIP_NO_HOST},
        {"debit", SMALL, VAULT_HOST_FIRST, true, "Z3", VAULT_CHIP_DECLINED, VAULT_CHIP_NO_HOST},
        /* a bad signature, and cards that want their issuer */
        {"fakefdda", SMALL, VAULT_HOST_AWAY, true, NULL, VAULT_CHIP_DECLINED, VAULT_CHIP_NO_HOST},
        {"foreign", UNDER, VAULT_HOST_AWAY, false, NULL, VAULT_CHIP_DECLINED, VAULT_CHIP_REFUSES},
        {"declines", UNDER, VAULT_HOST_AWAY, false, NULL, VAULT_CHIP_DECLINED, VAULT_CHIP_REFUSES},
        {"plain", UNDER, VAULT_HOST_AWAY, false, "Z3", VAULT_CHIP_DECLINED, VAULT_CHIP_NO_HOST},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        put(rows[i].card, rows[i].amount_minor, rows[i].host, rows[i].tap);
        struct vault_chip chip = alone();
        struct payment_chip said = field_of(&chip);
        struct bytes code = payment_chip_get(&said, 0x8A);
        if (chip.result != rows[i].result || chip.reason != rows[i].reason)
            fail_msg("row %zu, %s: result %u, reason %u, %.*s", i, rows[i].card, chip.result,
                     chip.reason, (int)code.len, (const char *)code.at);
        bool approved = rows[i].result == VAULT_CHIP_APPROVED;
        if (approved) assert_true(bytes_equal(code, bytes_text(rows[i].code)));
        const struct payment_chip *claimed = &said;
        const struct chip_claim claim = {bytes_text(slot.card.issued.identity.pan),
                                         slot.card.issued.identity.sequence, rows[i].amount_minor,
                                         claimed};
        uint16_t atc = 0;
        const char *refused = chip_judge_advice(&slot.rig->crypto, &claim, &atc);
        if (approved && refused != NULL) /* its issuer believes what it said */
            fail_msg("row %zu, %s: %s", i, rows[i].card, refused);
        finish();
    }
}

/* ---- the card data, from the approval to the delivery ---- */

static const struct vault_envelope payment = {BYTES(RIG_TID), 12, 345, UNDER};

static enum vault_status hold(const struct vault_envelope *m)
{
    vault_write_envelope(rig_ask(slot.rig, VAULT_CARD_HOLD), m);
    return rig_send(slot.rig);
}

static struct bytes held(void)
{
    static uint8_t block[VAULT_HELD_MAX];
    struct bytes sealed;
    assert_ok(vault_read_bytes(&slot.rig->answer, &sealed));
    assert_true(sealed.len > 0 && sealed.len <= sizeof block);
    memcpy(block, sealed.at, sealed.len);
    return bytes_of(block, sealed.len);
}

static enum vault_status tell(const struct vault_envelope *m, struct bytes sealed)
{
    const struct vault_held in = {*m, sealed};
    vault_write_held(rig_ask(slot.rig, VAULT_HELD_ENVELOPE), &in);
    return rig_send(slot.rig);
}

/* What the hsm finds in the envelope: number, expiry and sequence, and no track. */
static void opens(const struct vault_envelope *m)
{
    struct bytes envelope;
    CLEANUP(card_data_wipe) struct card_data card = {0};
    char aad[64];
    int len = snprintf(aad, sizeof aad, "%s|%06u|%06u|%012llu", RIG_TID, m->batch, m->stan,
                       (unsigned long long)m->amount_minor);
    assert_ok(vault_read_bytes(&slot.rig->answer, &envelope));
    assert_ok(envelope_open(&slot.rig->crypto, &slot.rig->working.data, bytes_of(aad, (size_t)len),
                            envelope, &card));
    assert_string_equal(card.pan, slot.card.issued.identity.pan);
    assert_string_equal(card.expiry, slot.card.issued.identity.expiry);
    assert_string_equal(card.sequence, "006");
    assert_string_equal(card.track2, "");
}

static void held_until_it_is_told(void **state)
{
    (void)state;
    put("pinplain", UNDER, VAULT_HOST_AWAY, false);
    assert_int_equal(alone().result, VAULT_CHIP_APPROVED);
    assert_status(hold(&payment), VAULT_OK);
    struct bytes sealed = held();
    assert_null(memmem(sealed.at, sealed.len, slot.card.issued.identity.pan, 8));
    assert_status(rig_plain(slot.rig, VAULT_CARD_FORGET), VAULT_OK);
    assert_status(hold(&payment), VAULT_NO_CARD);

    assert_status(tell(&payment, sealed), VAULT_OK);
    opens(&payment);
    rig_restart(slot.rig); /* another day, other keys, and nobody at the counter */
    assert_status(rig_sign_in(slot.rig), VAULT_OK);
    assert_status(tell(&payment, sealed), VAULT_OK);
    opens(&payment);

    struct vault_envelope other = payment;
    other.amount_minor++;
    assert_status(tell(&other, sealed), VAULT_NOT_ALLOWED);
    other = payment;
    other.stan++;
    assert_status(tell(&other, sealed), VAULT_NOT_ALLOWED);
    uint8_t bent[VAULT_HELD_MAX];
    for (size_t i = 0; i < sealed.len; i += 7) {
        memcpy(bent, sealed.at, sealed.len);
        bent[i] ^= 1;
        assert_status(tell(&payment, bytes_of(bent, sealed.len)), VAULT_NOT_ALLOWED);
    }
    assert_status(tell(&payment, none), VAULT_NOT_ALLOWED);
    finish();
}

/* Only what the card has approved alone, and only the amount that was shown. */
static void nothing_else_is_held(void **state)
{
    (void)state;
    put("pinplain", UNDER, VAULT_HOST_AWAY, false);
    assert_int_equal(chip_poll().state, VAULT_CHIP_PIN);
    assert_status(hold(&payment), VAULT_NOT_ALLOWED); /* not yet */
    assert_int_equal(alone().result, VAULT_CHIP_APPROVED);
    struct vault_envelope other = payment;
    other.amount_minor = UNDER - 1;
    assert_status(hold(&other), VAULT_NOT_ALLOWED);
    other = payment;
    other.tid = BYTES("99999999");
    assert_status(hold(&other), VAULT_BAD_REQUEST);
    finish();

    put("pinplain", UNDER, VAULT_HOST_ALWAYS, false);
    assert_int_equal(alone().result, VAULT_CHIP_DECLINED);
    assert_status(hold(&payment), VAULT_NOT_ALLOWED);
    finish();
}

/* What STATUS says of the limits is what the signed document says. */
static void the_limits_are_told(void **state)
{
    (void)state;
    (void)chip_start("debit");
    struct vault_status_answer said = rig_status(slot.rig);
    assert_int_equal(said.offline_count, 5);
    assert_int_equal(said.offline_each_minor, 15000);
    assert_int_equal(said.offline_total_minor, 50000);
    assert_int_equal(said.offline_days, 7);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_card_as_its_issuer_has_it),
        cmocka_unit_test(held_until_it_is_told),
        cmocka_unit_test(nothing_else_is_held),
        cmocka_unit_test(the_limits_are_told),
    };
    return cmocka_run_group_tests_name("vault_offline", tests, NULL, NULL);
}
