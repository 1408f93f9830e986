/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an operator is told when a program cannot start: the cause, what to do about it, and a
 * status that a script can look at. Nothing is changed by any of it: the last test pays.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "tests/protocol/pos.h"

static struct host host;
static struct pos own;
static struct said said;

/* A network takes its newest connection for the acquirer's: these must not reach ours. */
#define NOBODY "127.0.0.1:9"

/* The acquirer of this host once more, with its own arguments and two more. */
static void acquirer(const char *state_directory, const char *option, const char *value)
{
    programs_run_bound(&host.children, &said, "tongbao-acquirer", "--state", state_directory,
                       "--registry", host.registry, "--hsm", host.hsm_socket, "--tls-cert",
                       host.certificate, "--tls-key", host.key, "--tls-ca", host.authority,
                       "--card-network", NOBODY, "--wallet", NOBODY, option, value, NULL);
}

static void says(const char *text)
{
    if (strstr(said.complaint, text) != NULL) return;
    fail_msg("status %d, and it does not say '%s' but: %s", said.status, text, said.complaint);
}

/* A copy of the acquirer's stores, which the test may spoil. */
static const char *stores_of_their_own(const char *name)
{
    static const char *const files[] = {"journal.db", "ledger.db", "audit.db"};
    static char directory[256];
    snprintf(directory, sizeof directory, "%s/%s", host.directory, name);
    assert_int_equal(mkdir(directory, 0700), 0);
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        static uint8_t block[8 << 20];
        size_t len = 0;
        int in = open(host_path(host.acquirer, files[i]), O_RDONLY | O_CLOEXEC);
        int out = open(host_path(directory, files[i]), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ssize_t got = read(in, block, sizeof block);
        assert_true(got > 0 && (size_t)got < sizeof block);
        len = (size_t)got;
        assert_int_equal(write(out, block, len), len);
        close(in);
        close(out);
    }
    return directory;
}

static void change(const char *file, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* ---- the command line ---- */

static void a_wrong_flag_is_usage(void **state)
{
    (void)state;
    static const char *const names[] = {"tongbao-hsm", "tongbao-simulators", "tongbao-acquirer",
                                        "tongbao-vault", "tongbao-terminal"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        programs_run(&host.children, &said, names[i], "--nonsense", NULL);
        assert_int_equal(said.status, 2);
        says("--nonsense");
        says("--help");
        programs_run(&host.children, &said, names[i], NULL);
        assert_int_equal(said.status, 2);
        says("--state");
        programs_run(&host.children, &said, names[i], "--help", NULL);
        assert_int_equal(said.status, 0);
        assert_non_null(strstr(said.out, "--state"));
        programs_run(&host.children, &said, names[i], "--version", NULL);
        assert_int_equal(said.status, 0);
        assert_non_null(strstr(said.out, names[i]));
    }
}

static void a_wrong_command_is_usage(void **state)
{
    (void)state;
    programs_run(&host.children, &said, "tongbao", NULL);
    assert_int_equal(said.status, 2);
    programs_run(&host.children, &said, "tongbao", "nonsense", NULL);
    assert_int_equal(said.status, 2);
    says("nonsense");
    programs_run(&host.children, &said, "tongbao", "admin", "nonsense", NULL);
    assert_int_equal(said.status, 2);
    programs_run(&host.children, &said, "tongbao", "admin", "merchant", "--nonsense", NULL);
    assert_int_equal(said.status, 2);
    programs_run(&host.children, &said, "tongbao", "inspect", "nonsense", "00", NULL);
    assert_int_equal(said.status, 2);
    programs_run(&host.children, &said, "tongbao", "bench", "payments", "--seconds", "0", NULL);
    assert_int_equal(said.status, 2);
    says("--seconds");
    programs_run(&host.children, &said, "tongbao", "--help", NULL);
    assert_int_equal(said.status, 0);
}

static void a_wrong_address_is_named(void **state)
{
    (void)state;
    acquirer(stores_of_their_own("wrong-address"), "--wallet", "nowhere");
    assert_int_equal(said.status, 1);
    says("--wallet nowhere");
    says("HOST:PORT");
    acquirer(stores_of_their_own("wrong-port"), "--port", "70000");
    assert_int_equal(said.status, 2);
    says("--port");
}

/* ---- what is missing ---- */

static void a_missing_file_is_named(void **state)
{
    (void)state;
    const char *stores = stores_of_their_own("missing-file");
    acquirer(stores, "--tls-cert", "/nowhere/server.pem");
    assert_int_equal(said.status, 1);
    says("/nowhere/server.pem");
    acquirer(stores, "--registry", "/nowhere/registry.db");
    assert_int_equal(said.status, 1);
    says("/nowhere/registry.db");
    programs_run(&host.children, &said, "tongbao", "admin", "trial-balance", "--state", "/nowhere",
                 NULL);
    assert_int_equal(said.status, 1);
    says("/nowhere/ledger.db");
    programs_run(&host.children, &said, "tongbao", "admin", "audit", "verify", "/nowhere/audit.db",
                 NULL);
    assert_int_equal(said.status, 1);
    says("/nowhere/audit.db");
}

static void a_missing_hsm_is_named(void **state)
{
    (void)state;
    programs_run(&host.children, &said, "tongbao", "admin", "provision", "--state", host.admin,
                 "--hsm", "/nowhere/hsm.sock", "--tid", "10000099", "--mid", HOST_MID, "--serial",
                 "10000099", "--device", host_path(host.directory, "10000017"), NULL);
    assert_int_equal(said.status, 1);
    says("/nowhere/hsm.sock");
    says("start tongbao-hsm first");
}

/* An acquirer without its hsm takes no terminals, says so, and begins when the hsm is there. */
static void an_acquirer_waits_for_its_hsm(void **state)
{
    (void)state;
    host_stop_acquirer(&host);
    child_kill(host.process_hsm);
    char network[32], wallet[32];
    struct child *waiting;
    snprintf(network, sizeof network, "127.0.0.1:%ld", host.network_port);
    snprintf(wallet, sizeof wallet, "127.0.0.1:%ld", host.wallet_port);
    const char *const arguments[] = {
        "--state",    host.acquirer,    "--registry",     host.registry,
        "--hsm",      host.hsm_socket,  "--port",         "0",
        "--tls-cert", host.certificate, "--tls-key",      host.key,
        "--tls-ca",   host.authority,   "--wallet",       wallet,
        "--status",   host.status,      "--card-network", network,
        NULL};
    assert_ok(children_start(&host.children, "tongbao-acquirer", arguments, false, &waiting));
    static const char event[] = "\"link_waits\",\"to\":\"hsm\"";
    bool noted = false;
    for (int i = 0; !noted && i < 250; i++) {
        noted = host_stored(host.children.directory, bytes_text(event));
        programs_pause();
    }
    assert_true(noted);
    child_kill(waiting);

    const char *const hsm[] = {"--state",       host.hsm,        "--socket",
                               host.hsm_socket, "--development", NULL};
    assert_ok(children_start(&host.children, "tongbao-hsm", hsm, true, &host.process_hsm));
    host_start_acquirer(&host);
    pos_connect(&own, &host);
    pos_pays(&own, 100);
}

/* ---- somebody else is there ---- */

static void a_taken_port_is_named(void **state)
{
    (void)state;
    char port[16];
    snprintf(port, sizeof port, "%ld", host.port);
    acquirer(stores_of_their_own("taken-port"), "--port", port);
    assert_int_equal(said.status, 1);
    says(port);
    says("it is taken");
    says("choose another one");
    snprintf(port, sizeof port, "%ld", host.network_port);
    programs_run(&host.children, &said, "tongbao-simulators", "--state",
                 host_path(host.directory, "no-networks"), "--initialise", NULL);
    assert_int_equal(said.status, 0);
}

static void a_second_instance_is_refused(void **state)
{
    (void)state;
    char pid[16];
    acquirer(host.acquirer, "--port", "0");
    assert_int_equal(said.status, 1);
    snprintf(pid, sizeof pid, "%d", (int)host.process_acquirer->pid);
    says(pid);
    says(host.acquirer);
    programs_run(&host.children, &said, "tongbao-hsm", "--state", host.hsm, "--socket",
                 host_path(host.directory, "other.sock"), "--development", NULL);
    assert_int_equal(said.status, 1);
    says(host.hsm);
    programs_run(&host.children, &said, "tongbao-hsm", "--state",
                 host_path(host.directory, "other-hsm"), "--socket", host.hsm_socket,
                 "--development", NULL);
    assert_int_equal(said.status, 1);
    says(host.hsm_socket);
    pos_pays(&own, 100);
}

/* ---- files ---- */

static void a_state_directory_open_to_others_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *program, *option;
    } programs[] = {{"tongbao-hsm", "--socket"},
                    {"tongbao-vault", "--socket"},
                    {"tongbao-simulators", "--tray"}};
    const char *directory = stores_of_their_own("open");
    assert_int_equal(chmod(directory, 0755), 0);
    acquirer(directory, "--port", "0");
    assert_int_equal(said.status, 1);
    says(directory);
    says("chmod 700");
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        programs_run(&host.children, &said, programs[i].program, "--state", directory,
                     programs[i].option, host_path(host.directory, "s.sock"), NULL);
        assert_int_equal(said.status, 1);
        says(directory);
    }
}

/* The gateway to the wallets with this text as its accounts, readable as `mode` says. */
static void gateway(const char *text, mode_t mode, const char *port)
{
    char path[256];
    snprintf(path, sizeof path, "%s", host_path(host.directory, "accounts.json"));
    (void)unlink(path);
    int out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    assert_true(out >= 0 && write(out, text, strlen(text)) == (ssize_t)strlen(text));
    assert_int_equal(fchmod(out, mode), 0);
    close(out);
    programs_run(&host.children, &said, "tongbao-wallets", "--accounts", path, "--hsm",
                 host.hsm_socket, "--port", port, NULL);
}

static void the_gateway_says_what_is_wrong_with_its_accounts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"no JSON", "the file"},
        {"{}", "zone_mac"},
        {"{\"zone_mac\":\"D\",\"alipai\":{}}", "the file"},
        {"{\"zone_mac\":\"D\",\"shown\":\"alipay\"}", "shown"},
        {"{\"zone_mac\":\"D\",\"alipay\":{\"name\":\"A\",\"base\":\"http://pay.example/\","
         "\"app_id\":\"1\",\"subject\":\"s\",\"key\":\"AAAA\",\"public\":\"M\"}}",
         "base is no https:// address"},
    };
    char port[16];
    programs_run(&host.children, &said, "tongbao-wallets", "--nonsense", NULL);
    assert_int_equal(said.status, 2);
    says("--nonsense");
    programs_run(&host.children, &said, "tongbao-wallets", NULL);
    assert_int_equal(said.status, 2);
    says("--accounts");
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        gateway(rows[i].text, 0600, "0");
        assert_int_equal(said.status, 1);
        says(rows[i].says);
        says("tongbao-wallets(1)");
    }
    gateway("{\"zone_mac\":\"D\"}", 0644, "0");
    assert_int_equal(said.status, 1);
    says("accounts.json");
    says("chmod 600");
    snprintf(port, sizeof port, "%ld", host.port);
    gateway("{\"zone_mac\":\"D\"}", 0600, port);
    assert_int_equal(said.status, 1);
    says(port);
    says("it is taken");
}

static void a_key_file_open_to_others_is_refused(void **state)
{
    (void)state;
    char key[256], text[POS_PEM_MAX];
    snprintf(key, sizeof key, "%s", host_path(host.directory, "open.key"));
    int in = open(host.key, O_RDONLY | O_CLOEXEC);
    int out = open(key, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ssize_t len = read(in, text, sizeof text);
    assert_true(len > 0 && write(out, text, (size_t)len) == len);
    close(in);
    close(out);
    assert_int_equal(chmod(key, 0644), 0);
    acquirer(stores_of_their_own("open-key"), "--tls-key", key);
    assert_int_equal(said.status, 1);
    says("open.key");
}

static void a_newer_store_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *file, *sql;
    } newer[] = {
        {"newer-format", "journal.db", "PRAGMA user_version = 2"},
        {"newer-schema", "journal.db",
         "INSERT INTO store_schema SELECT name, max(version) + 1, checksum FROM store_schema"
         " GROUP BY name"},
    };
    for (size_t i = 0; i < ARRAY_LEN(newer); i++) {
        const char *directory = stores_of_their_own(newer[i].name);
        change(host_path(directory, newer[i].file), newer[i].sql);
        acquirer(directory, "--port", "0");
        assert_int_equal(said.status, 1);
        says(newer[i].file);
        says("newer");
    }
}

static void a_read_only_store_is_refused(void **state)
{
    (void)state;
    const char *directory = stores_of_their_own("read-only");
    assert_int_equal(chmod(host_path(directory, "journal.db"), 0400), 0);
    acquirer(directory, "--port", "0");
    assert_int_equal(said.status, 1);
    says("journal.db");
    says("read-only");
}

static void a_locked_store_is_refused(void **state)
{
    (void)state;
    const char *directory = stores_of_their_own("locked");
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(host_path(directory, "journal.db"), &other), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL),
        SQLITE_OK);
    acquirer(directory, "--port", "0");
    sqlite3_close(other);
    assert_int_equal(said.status, 1);
    says("journal.db");
    says("locked");
}

static void overwrite(const char *file, off_t at, size_t len)
{
    uint8_t noise[4096];
    assert_true(len <= sizeof noise);
    for (size_t i = 0; i < len; i++) noise[i] = (uint8_t)(i * 37 + 11);
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(fd, noise, len, at), len);
    close(fd);
}

static void a_damaged_store_is_refused(void **state)
{
    (void)state;
    static const char *const files[] = {"journal.db", "ledger.db", "audit.db"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char name[32];
        snprintf(name, sizeof name, "damaged-%zu", i);
        const char *directory = stores_of_their_own(name);
        overwrite(host_path(directory, files[i]), 0, 100); /* no database any more */
        acquirer(directory, "--port", "0");
        assert_int_equal(said.status, 1);
        says(files[i]);
    }
    const char *directory = stores_of_their_own("damaged-rows");
    overwrite(host_path(directory, "journal.db"), 2 * 4096, 4096);
    acquirer(directory, "--port", "0");
    assert_int_equal(said.status, 1);
    says("journal.db");
}

static void and_after_all_that_it_pays(void **state)
{
    (void)state;
    pos_connect(&own, &host);
    pos_pays(&own, 100);
}

static int start(void **state)
{
    (void)state;
    host_start(&host);
    pos_make(&own, &host, "10000017", PAYMENT_PROFILE_TONGBAO);
    pos_connect(&own, &host);
    pos_sign_in(&own);
    for (int i = 0; i < 30; i++) pos_pays(&own, 100);
    host_stop_acquirer(&host); /* everything in the files, nothing in a WAL: they may be copied */
    host_start_acquirer(&host);
    pos_connect(&own, &host);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&own);
    host_stop(&host);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_flag_is_usage),
        cmocka_unit_test(a_wrong_command_is_usage),
        cmocka_unit_test(a_wrong_address_is_named),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(a_missing_hsm_is_named),
        cmocka_unit_test(a_taken_port_is_named),
        cmocka_unit_test(a_second_instance_is_refused),
        cmocka_unit_test(a_state_directory_open_to_others_is_refused),
        cmocka_unit_test(the_gateway_says_what_is_wrong_with_its_accounts),
        cmocka_unit_test(a_key_file_open_to_others_is_refused),
        cmocka_unit_test(a_newer_store_is_refused),
        cmocka_unit_test(a_read_only_store_is_refused),
        cmocka_unit_test(a_locked_store_is_refused),
        cmocka_unit_test(a_damaged_store_is_refused),
        cmocka_unit_test(an_acquirer_waits_for_its_hsm),
        cmocka_unit_test(and_after_all_that_it_pays),
    };
    return cmocka_run_group_tests_name("protocol: start-up", tests, start, stop);
}
