/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Additions to the blocklist (S22, CR-07): signed, versioned, and never less than what is compiled
 * in. Every way in which a file can be wrong has its name.
 */
#include "lib/auth/blocklist_build.h"
#include "lib/auth/blocklist_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define assert_ok(e) assert_int_equal((e).code, ERR_OK)

#define NEW_WORD "zqxwvbnplk42"

static const struct policy_person nobody = {.names = 0};
static uint8_t signer[POLICY_SIGNER_BYTES], secret[POLICY_SIGNER_SECRET_BYTES];
static uint8_t file[BLOCKLIST_FILE_MAX];
static size_t file_len;

static void make_file(uint32_t version, unsigned words)
{
    struct random_seeded source;
    random_seed(&source, 5);
    const struct random random = random_from_seed(&source);
    policy_signer_make(&random, signer, secret);
    struct blocklist_words list = {0};
    struct blocklist filter;
    uint16_t *fingerprint = NULL;
    assert_ok(blocklist_words_add(&list, BYTES(NEW_WORD)));
    for (unsigned i = 1; i < words; i++) {
        char word[24];
        snprintf(word, sizeof word, "added-word-%06u", i);
        assert_ok(blocklist_words_add(&list, bytes_text(word)));
    }
    assert_ok(blocklist_build(&list, &filter, &fingerprint));
    struct writer w = writer_over(file, sizeof file);
    assert_ok(blocklist_file_sign(&filter, version, secret, &w));
    file_len = w.len;
    free(fingerprint);
    blocklist_words_free(&list);
}

static enum blocklist_fault open_as(size_t len, uint32_t least, struct blocklist **ret)
{
    enum blocklist_fault fault = BLOCKLIST_FAULT_NONE;
    err e = blocklist_file_open(bytes_of(file, len), signer, least, ret, &fault);
    assert_int_equal(FAILED(e), fault != BLOCKLIST_FAULT_NONE);
    return fault;
}

static bool refused(const struct blocklist *blocklist, const char *word)
{
    struct policy policy;
    const struct policy_choice choice = {.profile = POLICY_PASSPHRASE,
                                         .rules = POLICY_RULES_NIST,
                                         .role = POLICY_OWNER,
                                         .second_factor = true};
    assert_true(policy_make(choice, &policy));
    return policy_check(&policy, &nobody, blocklist, bytes_text(word)).broken ==
           1u << POLICY_COMMON;
}

static void a_file_adds_and_takes_nothing_away(void **state)
{
    (void)state;
    struct blocklist *with = NULL;
    make_file(3, 500);
    assert_int_equal(open_as(file_len, 1, &with), BLOCKLIST_FAULT_NONE);
    assert_int_equal(blocklist_version(with), 3);
    assert_int_equal(blocklist_version(blocklist_builtin()), 0);
    assert_false(refused(blocklist_builtin(), NEW_WORD));
    assert_true(refused(with, NEW_WORD));
    assert_true(refused(with, "added-word-000499"));
    assert_true(refused(with, "sunshine1987") && refused(blocklist_builtin(), "sunshine1987"));
    assert_false(refused(with, "Vj3-kRt8-Zq5w"));
    blocklist_file_close(with);
    make_file(1, 1); /* one word alone */
    assert_int_equal(open_as(file_len, 1, &with), BLOCKLIST_FAULT_NONE);
    assert_true(refused(with, NEW_WORD));
    blocklist_file_close(with);
}

static void what_is_wrong_has_a_name(void **state)
{
    (void)state;
    struct blocklist *none = NULL;
    make_file(3, 500);
    assert_int_equal(open_as(file_len, 4, &none), BLOCKLIST_FAULT_OLDER);
    assert_int_equal(open_as(sizeof file, 1, &none), BLOCKLIST_FAULT_END);
    for (size_t len = 0; len < file_len; len += 97)
        assert_int_equal(open_as(len, 1, &none), BLOCKLIST_FAULT_END);
    for (size_t at = 0; at < file_len - 140; at += 61) {
        file[at] ^= 1;
        assert_int_equal(open_as(file_len, 1, &none), BLOCKLIST_FAULT_SIGNATURE);
        file[at] ^= 1;
    }
    enum blocklist_fault fault = BLOCKLIST_FAULT_NONE;
    static uint8_t large[BLOCKLIST_FILE_MAX + 1];
    assert_true(FAILED(blocklist_file_open(BYTES_OF(large), signer, 1, &none, &fault)));
    assert_int_equal(fault, BLOCKLIST_FAULT_SIZE);
    signer[0] ^= 1; /* another authority's */
    assert_int_equal(open_as(file_len, 1, &none), BLOCKLIST_FAULT_SIGNATURE);
    assert_null(none);
}

/* Signed, and still not taken: a slip of the signer's must not make a vault read past an array. */
static void sizes_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "version 0\nentries 1\nseed 0000000000000001\nsegment 16\nstarts 16\n\n",
        "version 1\nentries 1\nseed 0000000000000001\nsegment 15\nstarts 15\n\n",
        "version 1\nentries 1\nseed 0000000000000001\nsegment 16\nstarts 17\n\n",
        "version 1\nentries 1\nseed 0000000000000001\nsegment 16\nstarts 32\n\n",
        "version 1\nentries 1\nseed 0000000000000001\nsegment 16\nstarts 0\n\n",
        "version 01\nentries 1\nseed 0000000000000001\nsegment 16\nstarts 16\n\n",
        "version 1\nentries 1\nseed 1\nsegment 16\nstarts 16\n\n",
        "entries 1\nversion 1\nseed 0000000000000001\nsegment 16\nstarts 16\n\n",
        "version 1\nentries 1\nseed 0000000000000001\nsegment 16\nstarts 16\nmore 1\n\n"};
    const uint8_t places[48 * 2] = {0};
    make_file(1, 1);
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        struct blocklist *none = NULL;
        struct writer w = writer_over(file, sizeof file);
        write_format(&w, "tongbao-blocklist 1\n%s", heads[i]);
        write_bytes(&w, BYTES_OF(places));
        policy_signature_write(&w, secret);
        assert_int_equal(open_as(w.len, 0, &none), BLOCKLIST_FAULT_FORMAT);
        assert_null(none);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_adds_and_takes_nothing_away),
        cmocka_unit_test(what_is_wrong_has_a_name),
        cmocka_unit_test(sizes_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
