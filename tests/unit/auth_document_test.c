/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy documents: those that ship are above the floor and have one text each (S19, S20, S21,
 * CR-42); what is altered, unsigned, for another model, older or weaker is refused by name and
 * line, and none lets a password be skipped (S29).
 */
#include "lib/auth/policy_document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <sodium.h>

struct text {
    uint8_t at[POLICY_DOCUMENT_MAX + 256];
    size_t len;
};

static struct bytes view(const struct text *t)
{
    return bytes_of(t->at, t->len);
}

static void put(struct text *t, const char *from)
{
    t->len = strlen(from);
    assert_true(t->len <= sizeof t->at);
    memcpy(t->at, from, t->len);
}

static const char *builtin_text(const char *model)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\nmodel %s\n", model);
    for (size_t i = 0; policy_builtin_text(i) != NULL; i++)
        if (strstr(policy_builtin_text(i), wanted) != NULL) return policy_builtin_text(i);
    fail_msg("no model %s", model);
    return NULL;
}

/* CR-42: at least twelve models, each with its own document, all above the floor, one text each. */
static void test_what_ships_is_above_the_floor(void **state)
{
    (void)state;
    size_t terminals = 0, consoles = 0;
    for (size_t i = 0; policy_builtin_text(i) != NULL; i++) {
        struct policy_document d, found;
        struct policy_fault fault;
        struct bytes text = bytes_text(policy_builtin_text(i));
        if (FAILED(policy_document_parse(text, &d, &fault)))
            fail_msg("%.40s line %u: %s", policy_builtin_text(i), fault.line,
                     policy_fault_text(fault.kind));
        uint8_t block[POLICY_DOCUMENT_MAX];
        struct writer w = writer_over(block, sizeof block);
        policy_document_write(&d, &w);
        assert_true(bytes_equal(writer_view(&w), text));
        assert_true(policy_builtin(bytes_text(d.model), &found));
        assert_int_equal(found.version, d.version);
        if (d.kind == POLICY_KIND_CONSOLE) consoles++;
        else terminals++;
        for (enum policy_role role = POLICY_CASHIER; role < POLICY_ROLE_END; role++) {
            const struct policy *policy = policy_document_role(&d, role);
            assert_int_equal(policy != NULL,
                             (d.kind == POLICY_KIND_CONSOLE) == (role >= POLICY_STAFF));
            if (policy == NULL) continue;
            enum policy_key key;
            assert_int_equal(policy_floor(policy, &key), POLICY_FAULT_NONE);
            assert_in_range(policy->tries, 3, 10); /* N11, on every device */
            assert_true(policy->min >= 4);
        }
    }
    assert_true(terminals >= 12);
    assert_true(consoles >= 4);
    assert_null(policy_builtin_text(1000));
}

/* S21: every profile is some model's, and every rule set too. */
static void test_every_profile_and_rule_set_is_used(void **state)
{
    (void)state;
    unsigned profiles = 0, rules = 0, kinds = 0;
    for (size_t i = 0; policy_builtin_text(i) != NULL; i++) {
        struct policy_document d;
        struct policy_fault fault;
        assert_int_equal(policy_document_parse(bytes_text(policy_builtin_text(i)), &d, &fault).code,
                         ERR_OK);
        kinds |= 1u << d.kind;
        for (enum policy_role role = POLICY_CASHIER; role < POLICY_ROLE_END; role++) {
            const struct policy *policy = policy_document_role(&d, role);
            if (policy == NULL) continue;
            profiles |= 1u << policy->profile;
            rules |= 1u << policy->rules;
        }
    }
    assert_int_equal(profiles, (1u << POLICY_PROFILES) - 1);
    assert_int_equal(rules, (1u << POLICY_RULE_SETS) - 1);
    assert_int_equal(kinds, (1u << POLICY_KINDS) - 1);
}

/* What policy_make() gives is above the floor, for every choice. */
static void test_every_choice_is_above_the_floor(void **state)
{
    (void)state;
    unsigned made = 0;
    for (unsigned n = 0; n < POLICY_PROFILES * POLICY_RULE_SETS * 5 * 2; n++) {
        struct policy_choice choice = {
            .profile = n % POLICY_PROFILES,
            .rules = n / POLICY_PROFILES % POLICY_RULE_SETS,
            .role = 1 + n / POLICY_PROFILES / POLICY_RULE_SETS % 5,
            .second_factor = n / POLICY_PROFILES / POLICY_RULE_SETS / 5 == 1,
        };
        struct policy policy;
        enum policy_key key = 0;
        if (!policy_make(choice, &policy)) continue;
        made++;
        enum policy_fault_kind kind = policy_floor(&policy, &key);
        if (kind != POLICY_FAULT_NONE)
            fail_msg("%s %s %s %d: %s %s", policy_profile_word(choice.profile),
                     policy_rules_word(choice.rules), policy_role_word(choice.role),
                     choice.second_factor, policy_key_word(key), policy_fault_word(kind));
    }
    assert_true(made > 100);
}

/* Replaces the line `line` (from 1) of the document of a model. */
static void with_line(const char *model, unsigned line, const char *instead, struct text *out)
{
    const char *from = builtin_text(model);
    out->len = 0;
    for (unsigned n = 1; *from != '\0'; n++) {
        const char *end = strchr(from, '\n') + 1;
        const char *piece = n == line ? instead : from;
        size_t len = n == line ? strlen(instead) : (size_t)(end - from);
        memcpy(out->at + out->len, piece, len);
        out->len += len;
        from = end;
    }
}

/* S29: line by line of the cashier's part, what is refused, why, and where. */
static void test_no_policy_below_the_floor(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        unsigned line;
        const char *instead;
        enum policy_fault_kind kind;
    } rows[] = {
        {"TB-1", 1, "tongbao-policy 2\n", POLICY_FAULT_VALUE},
        {"TB-1", 1, "", POLICY_FAULT_KEY},
        {"TB-1", 2, "model tb-1\n", POLICY_FAULT_VALUE},
        {"TB-1", 2, "model TB-1-AND-SOME-MORE\n", POLICY_FAULT_VALUE},
        {"TB-1", 3, "version 0\n", POLICY_FAULT_VALUE},
        {"TB-1", 3, "version 01\n", POLICY_FAULT_VALUE},
        {"TB-1", 3, "version +1\n", POLICY_FAULT_VALUE},
        {"TB-1", 3, "version 1 \n", POLICY_FAULT_VALUE},
        {"TB-1", 3, "version  1\n", POLICY_FAULT_VALUE},
        {"TB-1", 3, "version 1\r\n", POLICY_FAULT_VALUE},
        {"TB-1", 3, "version\n", POLICY_FAULT_KEY},
        {"TB-1", 4, "kind toaster\n", POLICY_FAULT_VALUE},
        {"TB-1", 5, "keyboard digits 9\n", POLICY_FAULT_VALUE},
        {"TB-1", 5, "keyboard text 6\n", POLICY_FAULT_VALUE},
        {"TB-1", 6, "name-en A\tB\n", POLICY_FAULT_VALUE},
        {"TB-1", 6, "name-en \n", POLICY_FAULT_VALUE},
        {"TB-1", 7, "name-zh \xef\xbc\x91\n", POLICY_FAULT_VALUE}, /* a full-width digit */
        {"TB-1", 8, "role owner\n", POLICY_FAULT_VALUE},
        {"TB-1", 8, "password none\n", POLICY_FAULT_KEY},
        {"TB-1", 9, "profile none\n", POLICY_FAULT_VALUE},
        {"TB-1", 9, "profile passphrase\n", POLICY_FAULT_PROFILE}, /* there are no letters */
        {"TB-1", 10, "rules djbp-l3\n", POLICY_FAULT_RULES},
        {"TB-1", 11, "length 0 12\n", POLICY_FAULT_SKIPS},
        {"TB-1", 11, "length 0 0\n", POLICY_FAULT_SKIPS},
        {"TB-1", 11, "length 5 12\n", POLICY_FAULT_FLOOR},
        {"TB-1", 11, "length 6 5\n", POLICY_FAULT_VALUE},
        {"TB-1", 11, "length 6 129\n", POLICY_FAULT_VALUE},
        {"TB-1", 11, "length 256 512\n", POLICY_FAULT_VALUE},
        {"TB-1", 11, "length 6\n", POLICY_FAULT_VALUE},
        {"TB-1", 11, "length 6 12 12\n", POLICY_FAULT_VALUE},
        {"TB-UP", 11, "length 3 3\n", POLICY_FAULT_FLOOR},
        {"TB-UP", 11, "length 4 6\n", POLICY_FAULT_PROFILE},
        {"TB-6K", 11, "length 7 16\n", POLICY_FAULT_FLOOR}, /* six to the seventh is too few */
        {"TB-2", 27, "length 7 64\n", POLICY_FAULT_FLOOR},
        {"TB-2", 27, "length 8 63\n", POLICY_FAULT_FLOOR},
        {"CONSOLE", 11, "length 7 128\n", POLICY_FAULT_FLOOR},
        {"CONSOLE-1F", 11, "length 14 128\n", POLICY_FAULT_FLOOR},
        {"CONSOLE-PCI", 11, "length 11 128\n", POLICY_FAULT_RULES},
        {"CONSOLE", 9, "profile numeric-any\n", POLICY_FAULT_FLOOR},
        {"CONSOLE", 9, "profile pin-approval\n", POLICY_FAULT_FLOOR},
        {"CONSOLE", 12, "digits-only 19\n", POLICY_FAULT_FLOOR},
        {"TB-1", 12, "digits-only 5\n", POLICY_FAULT_VALUE},
        {"TB-1", 13, "classes digit\n", POLICY_FAULT_PROFILE},
        {"CONSOLE", 13, "classes digit,letter\n", POLICY_FAULT_VALUE}, /* not in order */
        {"CONSOLE", 13, "classes letter,letter\n", POLICY_FAULT_VALUE},
        {"CONSOLE", 13, "classes letter,\n", POLICY_FAULT_VALUE},
        {"CONSOLE-PCI", 13, "classes letter\n", POLICY_FAULT_RULES},
        {"CONSOLE-DJBP", 13, "classes none\n", POLICY_FAULT_RULES},
        {"TB-1", 14, "history 0\n", POLICY_FAULT_FLOOR},
        {"TB-1", 14, "history 25\n", POLICY_FAULT_VALUE},
        {"TB-1", 15, "min-age 604801\n", POLICY_FAULT_FLOOR},
        {"TB-1", 16, "review 0\n", POLICY_FAULT_FLOOR},
        {"TB-1", 16, "review 367\n", POLICY_FAULT_FLOOR},
        {"TB-1", 17, "expires yes\n", POLICY_FAULT_RULES},
        {"CONSOLE-DJBP", 17, "expires no\n", POLICY_FAULT_RULES},
        {"TB-1", 17, "expires maybe\n", POLICY_FAULT_VALUE},
        {"TB-1", 18, "grace 1\n", POLICY_FAULT_RULES},
        {"CONSOLE-DJBP", 18, "grace 11\n", POLICY_FAULT_FLOOR},
        {"TB-1", 19, "tries 11 3 1000\n", POLICY_FAULT_FLOOR},
        {"TB-1", 19, "tries 0 0 1000\n", POLICY_FAULT_VALUE},
        {"TB-1", 19, "tries 10 11 1000\n", POLICY_FAULT_VALUE},
        {"TB-1", 19, "tries 10 3 999\n", POLICY_FAULT_FLOOR},
        {"TB-QR", 20, "approval no\n", POLICY_FAULT_PROFILE},
        {"TB-1", 21, "second-factor yes\n", POLICY_FAULT_PROFILE},
        {"CONSOLE-DJBP", 21, "second-factor no\n", POLICY_FAULT_FLOOR},
        {"CONSOLE", 21, "second-factor no\n", POLICY_FAULT_FLOOR}, /* twelve are then too few */
        {"TB-1", 22, "recovery hints\n", POLICY_FAULT_VALUE},
        {"CONSOLE", 22, "recovery supervisor\n", POLICY_FAULT_PROFILE},
        {"TB-1", 23, "auto-lock 0\n", POLICY_FAULT_FLOOR},
        {"CONSOLE", 23, "auto-lock 901\n", POLICY_FAULT_FLOOR},
        {"TB-1", 23, "auto-lock 300\nskip yes\n", POLICY_FAULT_KEY},
        {"TB-1", 23, "", POLICY_FAULT_KEY},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct text text;
        struct policy_document untouched = {.version = 77}, d = untouched;
        struct policy_fault fault;
        with_line(rows[i].model, rows[i].line, rows[i].instead, &text);
        err parsed = policy_document_parse(view(&text), &d, &fault);
        if (!FAILED(parsed) || fault.kind != rows[i].kind)
            fail_msg("%s %s: %s", rows[i].model, rows[i].instead, policy_fault_word(fault.kind));
        assert_memory_equal(&d, &untouched, sizeof d);
    }
}

/* The line of the fault is the line that must be mended. */
static void test_fault_has_its_line(void **state)
{
    (void)state;
    struct text text;
    struct policy_document d;
    struct policy_fault fault;
    with_line("TB-1", 43, "length 4 12\n", &text); /* the administrator's */
    assert_int_equal(policy_document_parse(view(&text), &d, &fault).code, ERR_RANGE);
    assert_int_equal(fault.kind, POLICY_FAULT_FLOOR);
    assert_int_equal(fault.line, 43);
    with_line("TB-1", 16, "review 0\n", &text);
    assert_int_equal(policy_document_parse(view(&text), &d, &fault).code, ERR_RANGE);
    assert_int_equal(fault.line, 16);
    with_line("TB-1", 20, "approval  no\n", &text);
    assert_int_equal(policy_document_parse(view(&text), &d, &fault).code, ERR_FORMAT);
    assert_int_equal(fault.line, 20);
}

/* One value, one encoding: whatever byte is removed, doubled or cut off, it is no policy any more,
 * or another one that is above the floor and has this text and no other. */
static void test_every_alteration_is_noticed(void **state)
{
    (void)state;
    const char *whole = builtin_text("TB-1");
    size_t len = strlen(whole);
    for (size_t i = 0; i < len; i++) {
        for (int way = 0; way < 3; way++) {
            struct text text;
            struct policy_document d;
            struct policy_fault fault;
            put(&text, whole);
            memmove(text.at + i + (way == 1), text.at + i + (way == 0), len - i - (way == 0));
            text.len = way == 0 ? len - 1 : way == 1 ? len + 1 : i;
            if (FAILED(policy_document_parse(view(&text), &d, &fault))) continue;
            uint8_t block[POLICY_DOCUMENT_MAX];
            struct writer w = writer_over(block, sizeof block);
            policy_document_write(&d, &w);
            assert_true(bytes_equal(writer_view(&w), view(&text)));
        }
    }
}

struct signer {
    uint8_t public[POLICY_SIGNER_BYTES], secret[POLICY_SIGNER_SECRET_BYTES];
};

static struct signer signer_from(uint8_t byte)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    struct signer signer;
    memset(seed, byte, sizeof seed);
    crypto_sign_seed_keypair(signer.public, signer.secret, seed);
    return signer;
}

static struct policy_trust trust_in(const struct signer *signer, const char *model, uint32_t least)
{
    struct policy_trust trust = {.model = bytes_text(model), .version_least = least};
    memcpy(trust.signer, signer->public, sizeof trust.signer);
    return trust;
}

static void sign(const char *model, const struct signer *signer, struct text *out)
{
    struct policy_fault fault;
    struct writer w = writer_over(out->at, sizeof out->at);
    assert_int_equal(
        policy_document_sign(bytes_text(builtin_text(model)), signer->secret, &w, &fault).code,
        ERR_OK);
    out->len = w.len;
}

static void assert_refused(const struct text *text, const struct policy_trust *trust,
                           enum policy_fault_kind kind)
{
    struct policy_document untouched = {.version = 77}, d = untouched;
    struct policy_fault fault;
    err opened = policy_document_open(view(text), trust, &d, &fault);
    assert_true(FAILED(opened));
    assert_int_equal(fault.kind, kind);
    assert_memory_equal(&d, &untouched, sizeof d);
}

/* S20: signed for one model, and only by whom the device trusts; never backwards. */
static void test_signatures(void **state)
{
    (void)state;
    struct signer ours = signer_from(1), other = signer_from(2);
    struct text text;
    struct policy_document d;
    struct policy_fault fault;
    struct policy_trust trust = trust_in(&ours, "TB-1", 1);
    sign("TB-1", &ours, &text);
    assert_int_equal(policy_document_open(view(&text), &trust, &d, &fault).code, ERR_OK);
    assert_int_equal(fault.kind, POLICY_FAULT_NONE);
    assert_string_equal(d.model, "TB-1");

    struct policy_trust elsewhere = trust_in(&ours, "TB-2", 1), newer = trust_in(&ours, "TB-1", 2),
                        stranger = trust_in(&other, "TB-1", 1);
    assert_refused(&text, &elsewhere, POLICY_FAULT_MODEL);
    assert_refused(&text, &newer, POLICY_FAULT_OLDER);
    assert_refused(&text, &stranger, POLICY_FAULT_SIGNATURE);

    struct text altered;
    for (size_t i = 0; i < text.len; i++) {
        altered = text;
        altered.at[i] ^= 1;
        assert_refused(&altered, &trust, POLICY_FAULT_SIGNATURE);
    }
    for (size_t len = 0; len < text.len; len += 7) {
        altered = text;
        altered.len = len;
        assert_refused(&altered, &trust, POLICY_FAULT_SIGNATURE);
    }
    altered = text;
    altered.at[altered.len++] = '\n';
    assert_refused(&altered, &trust, POLICY_FAULT_SIGNATURE);
    altered.len = POLICY_DOCUMENT_MAX + 1;
    assert_refused(&altered, &trust, POLICY_FAULT_SIZE);
    put(&altered, builtin_text("TB-1")); /* not signed at all */
    assert_refused(&altered, &trust, POLICY_FAULT_SIGNATURE);
}

/* A signature in capitals would be a second text of the same document. */
static void test_signature_has_one_text(void **state)
{
    (void)state;
    struct signer ours = signer_from(1);
    struct policy_trust trust = trust_in(&ours, "TB-1", 1);
    struct text text;
    sign("TB-1", &ours, &text);
    size_t changed = 0;
    for (size_t i = text.len - 129; i < text.len - 1; i++) {
        if (text.at[i] < 'a' || changed > 0) continue;
        text.at[i] = (uint8_t)(text.at[i] - 'a' + 'A');
        changed++;
    }
    assert_int_equal(changed, 1);
    assert_refused(&text, &trust, POLICY_FAULT_SIGNATURE);
}

/* S29: even who holds the key cannot sign, nor get opened, what would let a password be skipped. */
static void test_a_signature_does_not_lower_the_floor(void **state)
{
    (void)state;
    struct signer ours = signer_from(1);
    struct policy_trust trust = trust_in(&ours, "TB-1", 1);
    struct text text, out;
    struct policy_fault fault;
    with_line("TB-1", 11, "length 0 12\n", &text);
    struct writer w = writer_over(out.at, sizeof out.at);
    assert_int_equal(policy_document_sign(view(&text), ours.secret, &w, &fault).code, ERR_RANGE);
    assert_int_equal(fault.kind, POLICY_FAULT_SKIPS);
    assert_int_equal(w.len, 0);

    uint8_t signature[crypto_sign_BYTES];
    crypto_sign_detached(signature, NULL, text.at, text.len, ours.secret);
    struct writer forged = writer_over(out.at, sizeof out.at);
    write_bytes(&forged, view(&text));
    write_bytes(&forged, BYTES("signature "));
    write_hex(&forged, BYTES_OF(signature));
    write_bytes(&forged, BYTES("\n"));
    out.len = forged.len;
    assert_refused(&out, &trust, POLICY_FAULT_SKIPS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_ships_is_above_the_floor),
        cmocka_unit_test(test_every_profile_and_rule_set_is_used),
        cmocka_unit_test(test_every_choice_is_above_the_floor),
        cmocka_unit_test(test_no_policy_below_the_floor),
        cmocka_unit_test(test_fault_has_its_line),
        cmocka_unit_test(test_every_alteration_is_noticed),
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_signature_has_one_text),
        cmocka_unit_test(test_a_signature_does_not_lower_the_floor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
