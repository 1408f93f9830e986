/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a policy document: what is taken is above the floor, for every role, and has this
 * text and no other; what is not has a reason and a line. Then the same bytes as a password: it is
 * taken, described and measured, or refused by name, and its normal form is its own.
 */
#include "lib/auth/policy_document.h"
#include "lib/auth/strength.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_taken(const struct policy_document *d, struct bytes text)
{
    static uint8_t again[POLICY_DOCUMENT_MAX];
    struct writer w = writer_over(again, sizeof again);
    policy_document_write(d, &w);
    ENSURE(w.fault == ERR_OK && bytes_equal(writer_view(&w), text));
    for (enum policy_role role = POLICY_CASHIER; role < POLICY_ROLE_END; role++) {
        const struct policy *policy = policy_document_role(d, role);
        enum policy_key key;
        if (policy == NULL) continue;
        ENSURE(policy_floor(policy, &key) == POLICY_FAULT_NONE);
        ENSURE(policy->min >= 4 && policy->tries >= 1 && policy->tries <= 10);
        static char words[4096];
        struct writer described = writer_over(words, sizeof words);
        policy_describe(policy, POLICY_ZH, &described);
        ENSURE(described.fault == ERR_OK && described.len > 0);
    }
}

static void check_password(struct bytes typed)
{
    static const struct policy_person person = {
        .name = {BYTES("\xe5\xbc\xa0\xe4\xbc\x9f"), BYTES("Joe's Noodle Bar")},
        .names = 2,
        .number = {BYTES("13800731265"), BYTES("TB1-4820-7731-05")},
        .numbers = 2,
    };
    struct password_text text, again;
    bool normal = password_normalise(typed, &text) == POLICY_OK;
    if (normal) {
        ENSURE(password_normalise(password_text_view(&text), &again) == POLICY_OK);
        ENSURE(bytes_equal(password_text_view(&text), password_text_view(&again)));
    }
    for (unsigned n = 0; n < 2; n++) {
        struct policy policy = policy_of_model(n == 0 ? BYTES("TB-1") : BYTES("CONSOLE"),
                                               n == 0 ? POLICY_CASHIER : POLICY_OWNER);
        struct policy_result result = policy_check(&policy, &person, blocklist_builtin(), typed);
        ENSURE((result.broken == 0) == (result.first == POLICY_OK));
        ENSURE(normal || result.broken != 0);
        if (result.broken == 0) ENSURE(text.points >= policy.min && text.points <= policy.max);
        struct strength strength = strength_of(&policy, &person, blocklist_builtin(), typed);
        ENSURE(strength.score <= (result.broken == 0 ? 4 : 1));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct policy_document d;
    struct policy_fault fault;
    struct bytes text = bytes_of(data, size);
    if (!FAILED(policy_document_parse(text, &d, &fault))) check_taken(&d, text);
    else ENSURE(fault.kind != POLICY_FAULT_NONE && fault.line <= 60);
    if (size <= 600) check_password(text);
    return 0;
}
