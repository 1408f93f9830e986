/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S120, S62: a new master key for a terminal in the field, with the real programs: `tongbao admin
 * renew-key`, hsm, registry, acquirer, terminal, vault; a payment before and after; every program
 * on that road killed in the middle of it, and the road taken again. What has the old key gets
 * nowhere at the host afterwards.
 */
#include <signal.h>

#include "registry/delivery.h"
#include "tests/protocol/counter.h"
#include "tests/protocol/pos.h"

enum { WAIT_MS = 8000, PAUSE_MS = 20 };

static struct counter counter;
static struct host host;
static struct pos old;

static int start(void **state)
{
    (void)state;
    counter_open(&counter);
    counter_host(&counter, &host);
    pos_make(&old, &host, "10000018", PAYMENT_PROFILE_TONGBAO);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    pos_free(&old);
    counter_close(&counter);
    return 0;
}

/* ---- the operator ---- */

struct kcv {
    char text[9];
};

/* The check value that the command has printed. */
static struct kcv renew(const char *tid)
{
    static const char before[] = "check value ";
    struct said said;
    struct kcv kcv = {""};
    programs_run(&host.children, &said, "tongbao", "admin", "renew-key", "--state", host.admin,
                 "--hsm", host.hsm_socket, "--tid", tid, NULL);
    if (said.status != 0) fail_msg("%s", said.complaint);
    const char *at = strstr(said.out, before);
    assert_non_null(at);
    memcpy(kcv.text, at + strlen(before), 8);
    return kcv;
}

/* What the host knows: the block of the terminal's row and, when there is one, what is on its way.
 */
static bool on_its_way(const char *tid, char ret_block[REGISTRY_KEY_BLOCK_MAX + 1])
{
    struct registry *registry = NULL;
    struct registry_terminal terminal;
    struct registry_delivery delivery;
    assert_ok(
        registry_open(host_path(host.admin, "registry.db"), STORE_READ_ONLY, NULL, &registry));
    assert_ok(registry_find_terminal(registry, bytes_text(tid), &terminal));
    err found = registry_find_delivery(registry, bytes_text(tid), &delivery);
    registry_close(registry);
    if (!FAILED(found)) assert_string_equal(delivery.master_block, terminal.master_block);
    snprintf(ret_block, REGISTRY_KEY_BLOCK_MAX + 1, "%s", terminal.master_block);
    return !FAILED(found);
}

static bool sleeps(pid_t pid)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file == NULL) return false;
    size_t len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    const char *state = len > 0 ? strrchr(text, ')') : NULL;
    return state != NULL && state[2] == 'S';
}

/* While the hsm stands still the command waits for it, and dies there; then at other moments. */
static void killed_while_it_renews(int pauses)
{
    char before[REGISTRY_KEY_BLOCK_MAX + 1], after[REGISTRY_KEY_BLOCK_MAX + 1];
    const char *const arguments[] = {"admin",    "renew-key",       "--state",
                                     host.admin, "--hsm",           host.hsm_socket,
                                     "--tid",    counter.stage.tid, NULL};
    struct child *admin = NULL;
    bool waits = pauses < 0, was = on_its_way(counter.stage.tid, before);
    if (waits) assert_int_equal(kill(counter.stage.process_hsm->pid, SIGSTOP), 0);
    assert_ok(children_start(&counter.stage.children, "tongbao", arguments, false, &admin));
    for (int i = 0; waits && i < WAIT_MS / PAUSE_MS && !sleeps(admin->pid); i++) programs_pause();
    for (int i = 0; i < pauses; i++) programs_pause();
    child_kill(admin);
    if (waits) assert_int_equal(kill(counter.stage.process_hsm->pid, SIGCONT), 0);
    bool is = on_its_way(counter.stage.tid, after); /* the two copies are of one key */
    if (waits) assert_int_equal(is, was);
    if (waits) assert_string_equal(before, after);
}

/* ---- the road ---- */

static int64_t named(struct kcv kcv)
{
    char part[24];
    snprintf(part, sizeof part, "master %s", kcv.text);
    return counter_audits(host.acquirer, "audit.db", "sign_in", part);
}

static int64_t taken(struct kcv kcv)
{
    char part[24];
    snprintf(part, sizeof part, "kcv %s", kcv.text);
    return counter_audits(counter.stage.vault, "vault.db", "master_renewed", part);
}

/* As often as a cashier would, while the acquirer has not found its hsm again. */
static void signs_in_at_last(void)
{
    counter_key(&counter, "choice:manage", "manage.menu");
    counter_key(&counter, "choice:sign_in", "sign_in.done|sign_in.failed");
    for (int i = 0; i < WAIT_MS / PAUSE_MS && strcmp(page_id(counter.page), "sign_in.done") != 0;
         i++) {
        programs_pause();
        counter_key(&counter, "choice:retry", "sign_in.done|sign_in.failed");
    }
    counter_key(&counter, "ok", "manage.menu");
    counter_key(&counter, "cancel", "main.menu");
}

/*
 * The sign-in that brings it (the acquirer looks at the registry each second: it may not be the
 * first), the one that names it, and a payment under it.
 */
static void arrives(struct kcv kcv)
{
    for (int i = 0; i < WAIT_MS / PAUSE_MS && taken(kcv) == 0; i++) {
        signs_in_at_last();
        programs_pause();
    }
    assert_int_equal(taken(kcv), 1);
    assert_int_equal(named(kcv), 0);
    counter_sign_in(&counter);
    assert_int_equal(named(kcv), 1);
    assert_int_equal(taken(kcv), 1);
    counter_sells(&counter);
}

static void before_and_after(void **state)
{
    (void)state;
    counter_log_in_first(&counter);
    counter_sign_in(&counter);
    counter_sells(&counter);
    struct kcv kcv = renew(counter.stage.tid);
    counter_sells(&counter); /* until it signs in again, as before */
    arrives(kcv);
}

static void the_command_is_killed(void **state)
{
    (void)state;
    for (int pauses = -1; pauses < 4; pauses++) killed_while_it_renews(pauses);
    arrives(renew(counter.stage.tid));
}

/* ---- a program dies on the road ---- */

/* The terminal waits for an answer that the hsm does not let the acquirer give. */
static void hold_the_answer(void)
{
    assert_int_equal(kill(counter.stage.process_hsm->pid, SIGSTOP), 0);
    counter_key(&counter, "choice:manage", "manage.menu");
    counter_key(&counter, "choice:sign_in", "sign_in.wait");
}

static void let_go(void)
{
    assert_int_equal(kill(counter.stage.process_hsm->pid, SIGCONT), 0);
}

static void in_again(void)
{
    counter_shows(&counter, "login.operator");
    counter_log_in(&counter);
}

/* Nobody signs in: the terminal shows why, and it is tried again. */
static void fails_and_goes_back(void)
{
    counter_shows(&counter, "sign_in.failed");
    counter_key(&counter, "cancel", "manage.menu");
    counter_key(&counter, "cancel", "main.menu");
}

static void acquirer_dies(void)
{
    hold_the_answer();
    child_kill(counter.stage.process_acquirer);
    let_go();
    fails_and_goes_back();
    counter_restart(&counter, counter.stage.process_acquirer);
}

static void hsm_dies(void)
{
    hold_the_answer();
    counter_restart(&counter, counter.stage.process_hsm);
    fails_and_goes_back();
}

static void terminal_dies(void)
{
    hold_the_answer();
    child_kill(counter.stage.process_terminal);
    let_go();
    counter_restart(&counter, counter.stage.process_terminal);
    in_again();
}

/* The answer is on its way to a vault that never takes it. */
static void vault_dies(void)
{
    int64_t before = counter_audits(host.acquirer, "audit.db", "sign_in", NULL);
    hold_the_answer();
    assert_int_equal(kill(counter.stage.process_vault->pid, SIGSTOP), 0);
    let_go();
    for (int i = 0; i < WAIT_MS / PAUSE_MS; i++) {
        if (counter_audits(host.acquirer, "audit.db", "sign_in", NULL) > before) break;
        programs_pause();
    }
    child_kill(counter.stage.process_terminal); /* a power cut takes both */
    counter_restart(&counter, counter.stage.process_vault);
    counter_restart(&counter, counter.stage.process_terminal);
    in_again();
}

static void a_program_is_killed(void **state)
{
    (void)state;
    static void (*const deaths[])(void) = {acquirer_dies, hsm_dies, terminal_dies, vault_dies};
    for (size_t i = 0; i < ARRAY_LEN(deaths); i++) {
        struct kcv kcv = renew(counter.stage.tid);
        deaths[i]();
        assert_int_equal(taken(kcv), 0);
        arrives(kcv);
    }
}

/* ---- who has the old key ---- */

/* Signs in as one that knows no new key; what the host sends for it. */
static struct bytes signs_in(void)
{
    static uint8_t block[PAYMENT_MESSAGE_ARENA];
    struct arena arena = arena_over(block, sizeof block);
    struct payment_sign_in in = {.mid = HOST_MID, .stan = ++old.stan, .batch = old.batch};
    struct iso8583_message message;
    memcpy(in.tid, old.tid, sizeof in.tid);
    memcpy(in.code, payment_profile(old.profile)->sign_in_code, 4);
    in.has_kcv = true;
    assert_ok(key_check_value(&old.crypto, &old.master, in.master_kcv));
    assert_ok(payment_sign_in_request(old.profile, &in, &arena, &message));
    pos_exchange(&old, pos_encode(&old, &message));
    assert_string_equal(pos_code(&old), "00");
    return iso8583_get(&old.answer, 62);
}

static void the_old_key_is_worth_nothing(void **state)
{
    (void)state;
    struct working_keys keys = {0};
    pos_connect(&old, &host);
    pos_sign_in(&old);
    pos_pays(&old, 12800);
    (void)renew(old.tid);
    struct bytes sent = {0};
    for (int i = 0; i < WAIT_MS / PAUSE_MS && sent.len <= DELIVERY_WITH_DATA; i++) {
        sent = signs_in(); /* the acquirer looks at the registry each second */
        if (sent.len <= DELIVERY_WITH_DATA) programs_pause();
    }
    assert_true(sent.len > DELIVERY_WITH_DATA);
    assert_err(
        delivery_unwrap(&old.crypto, &old.master, bytes_of(sent.at, DELIVERY_WITH_DATA), &keys),
        KCV);
    struct payment sale = pos_sale(&old, 12800); /* under the working keys of before */
    int64_t before = host_audits(&host, "mac_failed", old.tid);
    pos_exchange(&old, pos_request(&old, &sale));
    assert_string_equal(pos_code(&old), "A0");
    host_await_audit(&host, "mac_failed", old.tid, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_and_after),
        cmocka_unit_test(the_command_is_killed),
        cmocka_unit_test(a_program_is_killed),
        cmocka_unit_test(the_old_key_is_worth_nothing),
    };
    return cmocka_run_group_tests_name("protocol: renewal", tests, start, stop);
}
