/* SPDX-License-Identifier: Apache-2.0 */
/* The key ceremony, its console, and the audit log. S59, S62, S190. */
#include "hsm/ceremony_console.h"

#include <fcntl.h>
#include <unistd.h>

#include "lib/base/hex.h"
#include "lib/wire/hsm_protocol_cards.h"
#include "tests/unit/hsm_fixture.h"
#include "tests/unit/scratch.h"

#define FIRST     "0123456789ABCDEF0123456789ABCDEF"
#define SECOND    "FEDCBA98765432100011223344556677"
#define FIRST_KCV "D5D44FF7" /* of TDES with equal halves: DES of 0123456789ABCDEF, published */

static struct crypto crypto;
static struct scratch scratch;
static char log_path[FILE_PATH_MAX];

static int set_up(void **state)
{
    (void)state;
    scratch_make(&scratch);
    return FAILED(file_path(scratch.directory, "audit.log", log_path, sizeof log_path)) ||
           FAILED(crypto_open(random_system(), &crypto));
}

static int tear_down(void **state)
{
    (void)state;
    crypto_close(&crypto);
    scratch_remove(&scratch);
    return 0;
}

static struct hsm_audit open_log(void)
{
    struct hsm_audit audit;
    uint64_t entry;
    assert_ok(hsm_audit_open(log_path, clock_system(), &audit, &entry));
    return audit;
}

static size_t read_log(char *text, size_t size)
{
    size_t len;
    assert_ok(file_read(log_path, FILE_PRIVATE, text, size - 1, &len));
    text[len] = '\0';
    return len;
}

/* The check value of a component, as its custodian has it on paper. */
static void kcv_of(enum key_algorithm algorithm, struct bytes component, char text[9])
{
    struct key key = {0};
    uint8_t kcv[KEY_CHECK_BYTES];
    assert_ok(key_make(algorithm, KEY_USAGE_ZONE_MASTER, component, &key));
    assert_ok(key_check_value(&crypto, &key, kcv));
    snprintf(text, 9, "%02X%02X%02X%02X", kcv[0], kcv[1], kcv[2], kcv[3]);
}

static struct bytes unhex(const char *text, uint8_t *out)
{
    size_t len;
    assert_ok(hex_decode(bytes_text(text), out, 64, &len));
    return bytes_of(out, len);
}

/* Runs the console over what custodians type. */
static err console(enum ceremony_kind kind, struct hsm_audit *audit, const char *typed,
                   struct key *ret_key)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], typed, strlen(typed)), (ssize_t)strlen(typed));
    close(ends[1]);
    err e = ceremony_console(ends[0], kind, &crypto, audit, ret_key);
    close(ends[0]);
    return e;
}

/* Two custodians: the key is the XOR, the log has names and check values and no component. */
static void two_custodians(void **state)
{
    (void)state;
    struct hsm_audit audit = open_log();
    struct key key = {0};
    uint8_t a[64], b[64];
    char second_kcv[9], whole_kcv[9], typed[512], log[8192];
    struct bytes one = unhex(FIRST, a), two = unhex(SECOND, b);
    kcv_of(KEY_TDES, two, second_kcv);
    for (size_t i = 0; i < 16; i++) a[i] ^= b[i];
    kcv_of(KEY_TDES, one, whole_kcv);
    snprintf(typed, sizeof typed,
             "li\n0123 4567 89AB CDEF 0123 4567 89AB CDEF\n%s\nwang\n%s\n%s\n\n%s\n", FIRST_KCV,
             SECOND, second_kcv, whole_kcv);
    assert_ok(console(CEREMONY_ZONE_MASTER_TDES, &audit, typed, &key));
    assert_int_equal(key.usage, KEY_USAGE_ZONE_MASTER);
    assert_int_equal(key.algorithm, KEY_TDES);
    assert_memory_equal(key.value.at, a, 16);

    read_log(log, sizeof log);
    assert_non_null(strstr(log, "ceremony_begun zone-master-tdes"));
    assert_non_null(strstr(log, "component_taken zone-master-tdes li kcv " FIRST_KCV));
    assert_non_null(strstr(log, "component_taken zone-master-tdes wang kcv "));
    assert_non_null(strstr(log, "ceremony_ended zone-master-tdes custodians 2 kcv "));
    assert_non_null(strstr(log, whole_kcv));
    assert_null(strstr(log, "FEDCBA98"));
    assert_null(strstr(log, "01234567"));
}

/* One alone makes no key; nor do one twice, a component twice, a wrong check value. */
static void what_makes_no_key(void **state)
{
    (void)state;
    struct hsm_audit audit = open_log();
    struct key key = {0};
    char kcv[9], typed[512];
    uint8_t b[64];
    kcv_of(KEY_TDES, unhex(SECOND, b), kcv);
    snprintf(typed, sizeof typed, "li\n%s\n%s\n\n", FIRST, FIRST_KCV);
    assert_string_equal(err_name(console(CEREMONY_ZONE_MASTER_TDES, &audit, typed, &key)), "SHORT");
    snprintf(typed, sizeof typed, "li\n%s\n%s\nli\n%s\n%s\n\n", FIRST, FIRST_KCV, SECOND, kcv);
    assert_string_equal(err_name(console(CEREMONY_ZONE_MASTER_TDES, &audit, typed, &key)), "SHORT");
    snprintf(typed, sizeof typed, "li\n%s\n%s\nwang\n%s\n%s\n\n", FIRST, FIRST_KCV, FIRST,
             FIRST_KCV);
    assert_string_equal(err_name(console(CEREMONY_ZONE_MASTER_TDES, &audit, typed, &key)), "SHORT");
    /* Not the key that was meant. */
    snprintf(typed, sizeof typed, "li\n%s\n%s\nwang\n%s\n%s\n\n00000000\n", FIRST, FIRST_KCV,
             SECOND, kcv);
    assert_string_equal(err_name(console(CEREMONY_ZONE_MASTER_TDES, &audit, typed, &key)), "KCV");
    assert_int_equal(key.value.len, 0);

    struct ceremony c;
    uint8_t a[64], check[64];
    assert_ok(ceremony_begin(CEREMONY_ZONE_MASTER_TDES, &audit, &c));
    struct bytes component = unhex(FIRST, a);
    const struct {
        struct bytes name, component, kcv;
        const char *name_of_err;
    } rows[] = {
        {BYTES("li"), component, BYTES("abcd"), "KCV"},
        {BYTES(""), component, unhex(FIRST_KCV, check), "LENGTH"},
        {BYTES("l i"), component, bytes_of(check, 4), "FORMAT"},
        {BYTES("li"), bytes_of(a, 15), bytes_of(check, 4), "LENGTH"},
        {BYTES("li"), component, bytes_of(check, 4), "OK"},
        {BYTES("li"), component, bytes_of(check, 4), "CONFLICT"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(
            err_name(ceremony_component(&crypto, &c, rows[i].name, rows[i].component, rows[i].kcv)),
            rows[i].name_of_err);
    uint8_t whole[KEY_CHECK_BYTES];
    assert_string_equal(err_name(ceremony_finish(&crypto, &c, &key, whole)), "STATE");
    ceremony_wipe(&c);
}

/* A mistyped component is asked again; three may come. */
static void typed_again(void **state)
{
    (void)state;
    struct hsm_audit audit = open_log();
    struct key key = {0};
    char kcv[3][9], typed[1024];
    static const char *const part[] = {FIRST, SECOND, "00112233445566778899AABBCCDDEEFF"};
    uint8_t out[3][64];
    for (int i = 0; i < 3; i++) kcv_of(KEY_AES128, unhex(part[i], out[i]), kcv[i]);
    snprintf(typed, sizeof typed,
             "li\n%s\n%s\nli\n%s\n%s\nwang\nxx\n%s\nwang\n%s\n%s\nhe\n%s\n%s\n\n", FIRST,
             "12345678", FIRST, kcv[0], kcv[1], SECOND, kcv[1], part[2], kcv[2]);
    assert_ok(console(CEREMONY_BASE_AES, &audit, typed, &key));
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(key.value.at[i], out[0][i] ^ out[1][i] ^ out[2][i]);
    assert_int_equal(key.usage, KEY_USAGE_BASE_DERIVATION);
    assert_int_equal(ceremony_kind_of("master"), CEREMONY_MASTER);
    assert_int_equal(ceremony_kind_of("slave"), CEREMONY_KINDS);
}

/* As file_write, without the wait for the disk: thousands of these come. */
static void write_log(const char *text, size_t len)
{
    FILE *file = fopen(log_path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

/* Every byte of the log changed, every line taken out, in turn: each is found, where it is. */
static void an_altered_log_is_found(void **state)
{
    (void)state;
    static char log[65536], altered[65536];
    struct hsm_audit audit = open_log();
    for (int i = 0; i < 4; i++) assert_ok(hsm_audit_write(&audit, "key_made", "pin aes-128 %d", i));
    size_t len = read_log(log, sizeof log);
    uint64_t entries = audit.chain.entries, entry;
    for (size_t at = 0, line = 1; at < len; at++) {
        memcpy(altered, log, len);
        altered[at] ^= 1;
        write_log(altered, len);
        err e = hsm_audit_open(log_path, clock_system(), &audit, &entry);
        bool last = at + 1 == len; /* without its line feed the last line was never finished */
        assert_string_equal(err_name(e), last ? "OK" : "CORRUPT");
        if (!last) assert_int_equal(entry, line);
        if (log[at] == '\n') line++;
    }
    for (const char *start = log; start < log + len;) {
        const char *end = strchr(start, '\n') + 1;
        size_t before = (size_t)(start - log), cut = (size_t)(end - start);
        memcpy(altered, log, before);
        memcpy(altered + before, end, len - before - cut);
        write_log(altered, len - cut);
        err e = hsm_audit_open(log_path, clock_system(), &audit, &entry);
        /* The last line can be cut off: the number of entries and the hash tell who kept them. */
        assert_string_equal(err_name(e), end == log + len ? "OK" : "CORRUPT");
        start = end;
    }
    assert_int_equal(audit.chain.entries, entries - 1);
    /* A line that power interrupted goes, and the chain goes on after the one before. */
    write_log(log, len - 20);
    audit = open_log();
    assert_int_equal(audit.chain.entries, entries - 1);
    assert_ok(hsm_audit_write(&audit, "key_made", "pin aes-128 again"));
    audit = open_log();
    assert_int_equal(audit.chain.entries, entries);
    assert_string_equal(err_name(hsm_audit_write(&audit, "x", "two\nlines")), "FORMAT");
}

/* A block with one bit changed, and one for something else: by name, and not without end. */
static void refused_blocks_are_on_record(void **state)
{
    (void)state;
    static char log[65536];
    struct fixture *f = calloc(1, sizeof *f);
    struct hsm_audit audit = open_log();
    assert_ok(crypto_open(random_system(), &f->crypto));
    hsm_master_generate(&f->crypto, true, &f->master);
    const struct hsm_config config = {random_system(), NULL, true, &audit};
    assert_ok(hsm_open(&config, &f->master, &f->hsm));
    struct text block = make_key(f, HSM_KEY_TOKEN, HSM_SUITE_TONGBAO);
    for (int i = 0; i < 30; i++) {
        const struct hsm_mac mac = {HSM_SUITE_TONGBAO, bytes_of(block.at, block.len),
                                    BYTES("message"), BYTES("12345678")};
        hsm_write_mac(begin(f, HSM_MAC_CHECK), &mac);
        assert_status(execute(f), i == 0 ? HSM_WRONG_USAGE : HSM_BAD_KEY_BLOCK);
        if (i == 0) block.at[block.len - 1] ^= 1; /* the first is whole: a token's */
    }
    (void)read_log(log, sizeof log);
    size_t lines = 0;
    for (const char *at = log; (at = strstr(at, "block_refused mac_check: ")) != NULL; at++)
        lines++;
    assert_in_range(lines, 10, 20); /* ten a minute, and the minute may have changed */
    assert_non_null(strstr(log, hsm_status_text(HSM_WRONG_USAGE)));
    assert_non_null(strstr(log, hsm_status_text(HSM_BAD_KEY_BLOCK)));
    (void)open_log(); /* the chain holds */
    hsm_close(f->hsm);
    crypto_close(&f->crypto);
    free(f);
}

/* A key of which the log cannot be written is not made; what the log says goes over the socket. */
static void no_log_no_key(void **state)
{
    (void)state;
    struct fixture *f = calloc(1, sizeof *f);
    struct hsm_audit audit = open_log();
    assert_ok(crypto_open(random_system(), &f->crypto));
    hsm_master_generate(&f->crypto, true, &f->master);
    const struct hsm_config config = {random_system(), NULL, true, &audit};
    assert_ok(hsm_open(&config, &f->master, &f->hsm));
    uint64_t before = audit.chain.entries;
    (void)make_key(f, HSM_KEY_TOKEN, HSM_SUITE_TONGBAO);
    struct hsm_audit_answer answer;
    (void)begin(f, HSM_AUDIT);
    assert_status(execute(f), HSM_OK);
    assert_ok(hsm_read_audit_answer(&f->answer, &answer));
    assert_int_equal(answer.entries, before + 1);
    assert_memory_equal(answer.hash.at, audit.chain.last, 32);

    snprintf(audit.chain.path, sizeof audit.chain.path, "%s/gone/audit.log", scratch.directory);
    const struct hsm_make_key m = {HSM_KEY_TOKEN, HSM_SUITE_TONGBAO, BYTES("x"), {0}, {0}};
    hsm_write_make_key(begin(f, HSM_MAKE_KEY), &m);
    assert_status(execute(f), HSM_FAILED);
    hsm_close(f->hsm);
    crypto_close(&f->crypto);
    free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_custodians), cmocka_unit_test(what_makes_no_key),
        cmocka_unit_test(typed_again),    cmocka_unit_test(refused_blocks_are_on_record),
        cmocka_unit_test(no_log_no_key),  cmocka_unit_test(an_altered_log_is_found),
    };
    return cmocka_run_group_tests_name("hsm_ceremony", tests, set_up, tear_down);
}
