/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 忘记密码 with a real vault, the hsm's proofs and a scripted back office: exactly the ways of the
 * policy (S38), a code by SMS (S39) and mail (S40), customer service with a ticket that may be left
 * (S41), offline unlock (S43), the administrator's presence (S46).
 */
#include "lib/base/hex.h"
#include "tests/unit/terminal_rig_real.h"

#define OWN     "927461"
#define ANOTHER "381947"

static struct rig *rig_forgotten(uint8_t operator_id)
{
    struct rig *rig = rig_real("TB-1");
    GOOD(rig_keys(rig, real_keys_of(operator_id)));
    GOOD(rig_key(rig, "choice:forgotten"));
    AT(rig, "forgot.ways");
    return rig;
}

/* The member of the last frame that the terminal sent. */
static const char *said(const struct rig *rig, const char *member)
{
    static char value[128];
    char wanted[40];
    snprintf(wanted, sizeof wanted, "\"%s\":\"", member);
    const char *at = strstr(rig->manage_said, wanted);
    assert_non_null(at);
    at += strlen(wanted);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\""), at);
    return value;
}

/* Acknowledges events until the question `ask` comes. */
static void until_asked(struct rig *rig, const char *ask)
{
    for (int i = 0; i < 20; i++) {
        GOOD(rig_advance(rig, 10));
        if (strcmp(said(rig, "ask"), ask) == 0) return;
        GOOD(rig_manage_answer(rig, "ok", ""));
    }
    fail_msg("%s was not asked", ask);
}

struct proof {
    char code[12];
    uint8_t grant[16];
    char challenge[40];
};

/* What the hsm makes of the challenge that the terminal has just sent. */
static struct proof prove(struct rig *rig, uint8_t way, uint8_t operator_id)
{
    struct proof proof;
    uint8_t challenge[16];
    size_t len;
    snprintf(proof.challenge, sizeof proof.challenge, "%s", said(rig, "challenge"));
    GOOD(hex_decode(bytes_text(proof.challenge), challenge, sizeof challenge, &len));
    bench_prove(rig->bench, way, operator_id, bytes_of(challenge, len), proof.code, proof.grant);
    return proof;
}

static void hex(struct bytes b, char *out, size_t size)
{
    struct writer w = writer_over(out, size - 1);
    write_hex_upper(&w, b);
    out[w.len] = '\0';
}

static void tell(struct rig *rig, const char *what, const char *operator_id,
                 const struct proof *proof)
{
    char json[256], grant[33];
    hex(BYTES_OF(proof->grant), grant, sizeof grant);
    bool granted = strcmp(what, "grant") == 0;
    snprintf(json, sizeof json,
             "{\"tell\":\"%s\",\"operator\":\"%s\",\"challenge\":\"%s\",\"%s\":\"%s\"}", what,
             operator_id, proof->challenge, granted ? "grant" : "reason", granted ? grant : "desk");
    GOOD(rig_manage(rig, json));
}

/* S38: what the policy of this model gives each role, and nothing else. */
static void test_ways(void **state)
{
    (void)state;
    static const char *const keys[] = {"supervisor", "sms", "mail", "service", "offline"};
    static const struct {
        uint8_t operator_id;
        const char *offered; /* a letter for each of the keys */
    } rows[] = {{1, "yy---"}, {0, "-yyyy"}, {99, "---yy"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct rig *rig = rig_forgotten(rows[i].operator_id);
        for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
            assert_int_equal(rig_has_choice(rig, keys[k], true), rows[i].offered[k] == 'y');
            assert_false(rig_has_choice(rig, keys[k], false));
        }
        rig_real_free(rig);
    }
}

/* S39: sent to a masked contact, tries counted, resent after a minute, the first code then dead. */
static void test_sms(void **state)
{
    (void)state;
    struct rig *rig = rig_forgotten(1);
    GOOD(rig_key(rig, "choice:sms"));
    AT(rig, "recover.asking");
    until_asked(rig, "recover");
    assert_string_equal(said(rig, "way"), "sms");
    assert_string_equal(said(rig, "operator"), "01");
    struct proof first = prove(rig, VAULT_BY_SMS, 1);
    GOOD(rig_manage_answer(rig, "sent", "\"contact\":\"138****5678\",\"seconds\":300"));
    AT(rig, "recover.sent");
    assert_non_null(strstr(rig_line(rig, "RECOVER_SENT_SMS"), "138****5678"));
    assert_int_equal(terminal_screen(rig->terminal)->wait_seconds, 300);
    assert_true(rig_has_choice(rig, "again", false));
    GOOD(rig_key(rig, "choice:code"));
    AT(rig, "recover.code");
    GOOD(rig_enter(rig, "000000"));
    AT(rig, "recover.code");
    assert_non_null(strstr(rig_line(rig, "RECOVER_WRONG"), "4"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "recover.sent");
    GOOD(rig_advance(rig, 61000));
    assert_true(rig_has_choice(rig, "again", true));
    GOOD(rig_key(rig, "choice:again"));
    until_asked(rig, "recover");
    struct proof second = prove(rig, VAULT_BY_SMS, 1);
    GOOD(rig_manage_answer(rig, "sent", "\"contact\":\"138****5678\",\"seconds\":300"));
    GOOD(rig_key(rig, "choice:code"));
    GOOD(rig_enter(rig, first.code));
    assert_non_null(rig_line(rig, "RECOVER_WRONG"));
    GOOD(rig_enter(rig, second.code));
    AT(rig, "password.new");
    assert_non_null(rig_line(rig, "RECOVER_PROVED"));
    real_choose(rig, OWN);
    AT(rig, "password.saved");
    GOOD(rig_key(rig, "ok"));
    real_past_tips(rig);
    AT(rig, "login.operator"); /* a recovery is no log-in */
    assert_int_equal(real_count(rig, "SELECT count(*) FROM recovery"), 0);
    real_log_in(rig, 1, OWN);
    AT(rig, "main.menu");
    assert_int_equal(real_count(rig, "SELECT count(*) FROM event WHERE kind = 'recovered'"), 1);
    rig_real_free(rig);
}

/* S39: the code dies with its time, and with five wrong tries. */
static void test_sms_ends(void **state)
{
    (void)state;
    struct rig *rig = rig_forgotten(1);
    GOOD(rig_key(rig, "choice:sms"));
    until_asked(rig, "recover");
    GOOD(rig_manage_answer(rig, "sent", "\"contact\":\"138****5678\",\"seconds\":300"));
    GOOD(rig_advance(rig, 301000));
    AT(rig, "forgot.ways");
    assert_non_null(rig_line(rig, "RECOVER_EXPIRED"));
    GOOD(rig_key(rig, "choice:sms"));
    until_asked(rig, "recover");
    struct proof proof = prove(rig, VAULT_BY_SMS, 1);
    GOOD(rig_manage_answer(rig, "sent", "\"contact\":\"138****5678\",\"seconds\":300"));
    GOOD(rig_key(rig, "choice:code"));
    const char *wrong = strcmp(proof.code, "111111") == 0 ? "222222" : "111111";
    for (int i = 0; i < 5; i++) GOOD(rig_enter(rig, wrong));
    assert_non_null(rig_line(rig, "RECOVER_EXPIRED"));
    if (strcmp(rig_id(rig), "recover.code") == 0) GOOD(rig_enter(rig, proof.code));
    assert_string_not_equal(rig_id(rig), "password.new");
    rig_real_free(rig);
}

/* Whatever the back office says or does not say, the person hears what to do. */
static void test_back_office_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *status, *members, *line;
    } rows[] = {{"limit", "\"seconds\":1800", "RECOVER_LIMIT"},
                {"no_contact", "", "RECOVER_NO_CONTACT"},
                {"refused", "", "RECOVER_REFUSED"}};
    struct rig *rig = rig_forgotten(1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        GOOD(rig_key(rig, "choice:sms"));
        until_asked(rig, "recover");
        GOOD(rig_manage_answer(rig, rows[i].status, rows[i].members));
        AT(rig, "forgot.ways");
        assert_non_null(rig_line(rig, rows[i].line));
    }
    GOOD(rig_key(rig, "choice:sms"));
    GOOD(rig_advance(rig, 16000)); /* says nothing at all */
    AT(rig, "forgot.ways");
    assert_non_null(rig_line(rig, "RECOVER_UNREACHABLE"));
    rig->manage_reachable = rig->manage_online = false;
    GOOD(rig_pump(rig));
    GOOD(rig_key(rig, "choice:sms"));
    GOOD(rig_advance(rig, 16000));
    AT(rig, "forgot.ways");
    assert_non_null(rig_line(rig, "RECOVER_UNREACHABLE"));
    GOOD(rig_key(rig, "choice:sms")); /* the sixth within the hour: the vault makes no more */
    AT(rig, "forgot.ways");
    assert_non_null(rig_line(rig, "RECOVER_TOO_MANY"));
    rig_real_free(rig);
}

/* S40: the same by mail; Cancel tells the back office, and the code then opens nothing. */
static void test_mail_cancelled(void **state)
{
    (void)state;
    struct rig *rig = rig_forgotten(0);
    GOOD(rig_key(rig, "choice:mail"));
    until_asked(rig, "recover");
    assert_string_equal(said(rig, "way"), "mail");
    struct proof proof = prove(rig, VAULT_BY_MAIL, 0);
    assert_int_equal(strlen(proof.code), 8);
    GOOD(rig_manage_answer(rig, "sent", "\"contact\":\"w***@shop.example\",\"seconds\":1800"));
    AT(rig, "recover.sent");
    assert_non_null(rig_line(rig, "RECOVER_SENT_MAIL"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "forgot.ways");
    until_asked(rig, "recover_end");
    assert_string_equal(said(rig, "challenge"), proof.challenge);
    rig_real_free(rig);
}

/* S41: a ticket that can be left and comes back, over a restart too; the grant then counts once. */
static void test_service(void **state)
{
    (void)state;
    struct rig *rig = rig_forgotten(0);
    GOOD(rig_key(rig, "choice:service"));
    until_asked(rig, "recover");
    struct proof proof = prove(rig, VAULT_BY_SERVICE, 0);
    assert_string_equal(proof.code, ""); /* nothing to type, so nothing to talk anybody out of */
    GOOD(rig_manage_answer(rig, "ticket", "\"number\":\"R-000123\""));
    AT(rig, "recover.ticket");
    assert_non_null(strstr(rig_line(rig, "RECOVER_TICKET"), "R-000123"));
    assert_non_null(strstr(rig_line(rig, "RECOVER_CALL"), TERMINAL_SUPPORT));
    GOOD(rig_keys(rig, "cancel cancel"));
    AT(rig, "login.operator");

    rig_off(rig); /* a power cut takes both */
    bench_restart(rig->bench);
    GOOD(rig_boot(rig));
    until_asked(rig, "hello");
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_keys(rig, real_keys_of(0)));
    GOOD(rig_key(rig, "choice:forgotten"));
    assert_non_null(strstr(rig_line(rig, "FORGOT_TICKET"), "R-000123"));
    GOOD(rig_key(rig, "choice:ticket"));
    until_asked(rig, "recover");
    assert_string_equal(said(rig, "challenge"), proof.challenge); /* the same question again */
    GOOD(rig_manage_answer(rig, "ticket", "\"number\":\"R-000123\""));
    AT(rig, "recover.ticket");

    struct proof other = proof;
    other.challenge[0] = other.challenge[0] == 'A' ? 'B' : 'A';
    tell(rig, "grant", "00", &other); /* of another challenge: nothing happens */
    AT(rig, "recover.ticket");
    assert_int_equal(real_count(rig, "SELECT count(*) FROM event WHERE kind = 'granted'"), 0);
    tell(rig, "grant", "00", &proof);
    assert_int_equal(real_count(rig, "SELECT count(*) FROM event WHERE kind = 'granted'"), 1);
    AT(rig, "password.new");
    real_choose(rig, OWN);
    GOOD(rig_key(rig, "ok"));
    real_past_tips(rig);
    real_log_in(rig, 0, OWN);
    AT(rig, "main.menu");
    rig_real_free(rig);
}

/* S45: a device that its owner has locked opens for a supervisor whom the desk lets in; nobody's
 * password does it. */
static void test_service_opens_a_lock(void **state)
{
    (void)state;
    struct rig *rig = rig_real("TB-1");
    until_asked(rig, "place");
    GOOD(rig_manage_answer(rig, "ok", ""));
    char lock[320];
    bench_command(rig->bench, 3, "lock", "", lock, sizeof lock);
    GOOD(rig_manage(rig, lock));
    until_asked(rig, "done");
    AT(rig, "find.locked");
    GOOD(rig_key(rig, "choice:desk"));
    until_asked(rig, "recover");
    struct proof proof = prove(rig, VAULT_BY_SERVICE, 0);
    GOOD(rig_manage_answer(rig, "ticket", "\"number\":\"R-000123\""));
    AT(rig, "recover.ticket");
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "find.locked");
    GOOD(rig_key(rig, "choice:desk"));
    until_asked(rig, "recover");
    GOOD(rig_manage_answer(rig, "ticket", "\"number\":\"R-000123\""));
    tell(rig, "grant", "00", &proof);
    AT(rig, "password.new");
    real_choose(rig, OWN);
    GOOD(rig_key(rig, "ok"));
    real_past_tips(rig);
    AT(rig, "login.operator");
    assert_int_equal(real_count(rig, "SELECT count(*) FROM event WHERE kind ="
                                     " 'remote_lock_opened'"),
                     1);
    rig_off(rig);
    bench_restart(rig->bench);
    GOOD(rig_boot(rig));
    GOOD(rig_advance(rig, 8000));
    AT(rig, "login.operator");
    rig_real_free(rig);
}

/* A wrong grant opens nothing; a refusal of the desk is said and ends the ticket. */
static void test_service_refused(void **state)
{
    (void)state;
    struct rig *rig = rig_forgotten(0);
    GOOD(rig_key(rig, "choice:service"));
    until_asked(rig, "recover");
    struct proof proof = prove(rig, VAULT_BY_SERVICE, 0);
    GOOD(rig_manage_answer(rig, "ticket", "\"number\":\"R-000124\""));
    struct proof forged = proof;
    forged.grant[0] ^= 1;
    tell(rig, "grant", "00", &forged);
    AT(rig, "forgot.ways");
    assert_non_null(rig_line(rig, "RECOVER_WRONG"));
    GOOD(rig_key(rig, "choice:ticket"));
    until_asked(rig, "recover");
    GOOD(rig_manage_answer(rig, "ticket", "\"number\":\"R-000124\""));
    tell(rig, "refused", "00", &proof);
    AT(rig, "forgot.ways");
    assert_non_null(rig_line(rig, "RECOVER_DESK_REFUSED"));
    assert_false(rig_has_choice(rig, "ticket", true));
    rig_real_free(rig);
}

/* The digits of the challenge as they stand on the screen, without the gaps. */
static void spoken(const struct rig *rig, char out[24])
{
    size_t len = 0;
    for (const char *at = rig_line(rig, "RECOVER_CHALLENGE"); *at != '\0'; at++)
        if (*at != ' ') out[len++] = *at;
    out[len] = '\0';
    assert_int_equal(len, 11);
}

/* S43: with the network unplugged; the code of another operator opens nothing. */
static void test_offline(void **state)
{
    (void)state;
    char digits[24], code[12], other[12];
    uint8_t grant[16];
    struct rig *rig = rig_forgotten(0);
    rig->reachable = rig->online = rig->manage_reachable = rig->manage_online = false;
    GOOD(rig_pump(rig));
    int frames = rig->manage_frames;
    GOOD(rig_key(rig, "choice:offline"));
    AT(rig, "recover.challenge");
    assert_non_null(strstr(rig_line(rig, "RECOVER_READ_OUT"), TERMINAL_SUPPORT));
    spoken(rig, digits);
    bench_prove(rig->bench, VAULT_BY_OFFLINE, 0, bytes_text(digits), code, grant);
    bench_prove(rig->bench, VAULT_BY_OFFLINE, 99, bytes_text(digits), other, grant);
    assert_int_equal(strlen(code), 10);
    GOOD(rig_key(rig, "choice:code"));
    GOOD(rig_enter(rig, other));
    assert_non_null(rig_line(rig, "RECOVER_WRONG"));
    GOOD(rig_enter(rig, code));
    AT(rig, "password.new");
    GOOD(rig_key(rig, "cancel")); /* nothing has changed: the first password still opens */
    assert_int_equal(rig->manage_frames, frames);
    GOOD(rig_keys(rig, "cancel"));
    GOOD(rig_keys(rig, real_keys_of(0)));
    GOOD(rig_enter(rig, bench_initial(rig->bench, 0)));
    AT(rig, "login.first");
    rig_real_free(rig);
}

/* S46: neither the host's proof nor the supervisor's presence is enough for the administrator. */
static void test_administrator(void **state)
{
    (void)state;
    char digits[24], code[12];
    uint8_t grant[16];
    struct rig *rig = rig_real("TB-1");
    real_first_day(rig, 0, OWN);
    real_log_out(rig);
    GOOD(rig_keys(rig, real_keys_of(99)));
    GOOD(rig_keys(rig, "choice:forgotten choice:offline"));
    AT(rig, "approve.password");
    assert_non_null(strstr(rig_line(rig, "APPROVE_RECOVERY"), "99"));
    GOOD(rig_key(rig, "cancel"));
    AT(rig, "forgot.ways");
    GOOD(rig_key(rig, "choice:offline"));
    GOOD(rig_enter(rig, ANOTHER));
    AT(rig, "approve.password");
    assert_non_null(rig_line(rig, "LOGIN_WRONG"));
    GOOD(rig_advance(rig, 5000));
    GOOD(rig_enter(rig, OWN));
    AT(rig, "recover.challenge");
    spoken(rig, digits);
    bench_prove(rig->bench, VAULT_BY_OFFLINE, 99, bytes_text(digits), code, grant);
    GOOD(rig_advance(rig, 400000)); /* more than five minutes: the presence has to be fresh */
    GOOD(rig_key(rig, "choice:code"));
    GOOD(rig_enter(rig, code));
    AT(rig, "approve.password");
    GOOD(rig_enter(rig, OWN));
    AT(rig, "recover.code");
    GOOD(rig_enter(rig, code));
    AT(rig, "password.new");
    real_choose(rig, "58274916");
    AT(rig, "password.saved");
    rig_real_free(rig);
}

/* S170: the network turns bad while a ticket waits: its grant is not taken, and is asked for again.
 */
static void test_grant_over_a_bad_network(void **state)
{
    (void)state;
    const struct network_facts open_wifi = {.kind = NETWORK_WIFI, .security = NETWORK_OPEN};
    struct rig *rig = rig_forgotten(0);
    GOOD(rig_key(rig, "choice:service"));
    until_asked(rig, "recover");
    struct proof proof = prove(rig, VAULT_BY_SERVICE, 0);
    GOOD(rig_manage_answer(rig, "ticket", "\"number\":\"R-000125\""));
    GOOD(terminal_on_network(rig->terminal, 0, &open_wifi));
    tell(rig, "grant", "00", &proof);
    AT(rig, "recover.ticket");
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_key(rig, "choice:ticket"));
    AT(rig, "forgot.network");
    GOOD(rig_key(rig, "ok"));
    GOOD(terminal_on_network(rig->terminal, 0, &(struct network_facts){.kind = NETWORK_MOBILE}));
    GOOD(rig_key(rig, "choice:ticket"));
    until_asked(rig, "recover");
    GOOD(rig_manage_answer(rig, "ticket", "\"number\":\"R-000125\""));
    tell(rig, "grant", "00", &proof);
    AT(rig, "password.new");
    rig_real_free(rig);
}

/* S170: asked over a good network, and the network is a bad one before it leaves: it does not. */
static void test_request_over_a_bad_network(void **state)
{
    (void)state;
    const struct network_facts open_wifi = {.kind = NETWORK_WIFI, .security = NETWORK_OPEN};
    const struct network_facts mobile = {.kind = NETWORK_MOBILE};
    struct rig *rig = rig_forgotten(1);
    GOOD(rig_key(rig, "choice:sms"));
    until_asked(rig, "recover");
    GOOD(rig_manage_answer(rig, "sent", "\"contact\":\"138****5678\",\"seconds\":300"));
    until_asked(rig, "place");
    GOOD(rig_manage_answer(rig, "ok", ""));
    GOOD(rig_advance(rig, 61000));
    GOOD(terminal_on_network(rig->terminal, 0, &open_wifi));
    until_asked(rig, "place"); /* which network it is, anybody may hear */
    GOOD(rig_manage_answer(rig, "ok", ""));
    int frames = rig->manage_frames;
    GOOD(rig_key(rig, "choice:again"));
    AT(rig, "recover.sent");
    assert_non_null(rig_line(rig, "FORGOT_NETWORK"));
    assert_non_null(rig_line(rig, "NETWORK_IS_OPEN"));
    GOOD(rig_key(rig, "cancel"));
    GOOD(rig_advance(rig, 5000));
    assert_int_equal(rig->manage_frames, frames); /* nor is it told that it is over */
    GOOD(terminal_on_network(rig->terminal, 0, &mobile));
    until_asked(rig, "recover_end");
    GOOD(rig_manage_answer(rig, "ok", ""));

    rig->manage_reachable = rig->manage_online = false;
    GOOD(rig_advance(rig, 100));
    GOOD(rig_key(rig, "choice:sms"));
    AT(rig, "recover.asking");
    GOOD(terminal_on_network(rig->terminal, 0, &open_wifi));
    GOOD(rig_advance(rig, 100));
    AT(rig, "forgot.ways");
    assert_non_null(rig_line(rig, "FORGOT_NETWORK"));
    rig->manage_reachable = true;
    GOOD(rig_advance(rig, 30000));
    assert_string_equal(said(rig, "ask"), "hello");
    rig_real_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ways),
        cmocka_unit_test(test_sms),
        cmocka_unit_test(test_sms_ends),
        cmocka_unit_test(test_back_office_refuses),
        cmocka_unit_test(test_mail_cancelled),
        cmocka_unit_test(test_service),
        cmocka_unit_test(test_service_opens_a_lock),
        cmocka_unit_test(test_service_refused),
        cmocka_unit_test(test_offline),
        cmocka_unit_test(test_administrator),
        cmocka_unit_test(test_grant_over_a_bad_network),
        cmocka_unit_test(test_request_over_a_bad_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
