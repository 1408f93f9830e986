/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-check (S1): storage, clock, security module, keys, printer, network, each with a screen and
 * a code of its own when it fails. What stops payments is shown until it is right; a missing
 * printer or network is said and passed over. So is a clock that has gone back: it may be right
 * now and was wrong before, which only the host can tell, so a sign-in comes before any payment.
 *
 *   E101 storage (terminal.c)   E102 clock    E103 security module   E104 its self-test
 *   E105 tampered               E106 keys     E107 not activated     E108 printer    E109 network
 *   E110 certificate: it is renewed over the rescue channel, and then the check goes on by itself
 *   E111 erased by order          E112 erased at the end of the contract: nobody tampered with it
 */
#include "terminal/core.h"

enum {
    NETWORK_WAIT_US = 2000000, /* then the operator may log in without it */
    NETWORK_SHOWN_S = 5,
};

enum check {
    CHECK_STORAGE,
    CHECK_CLOCK,
    CHECK_VAULT,
    CHECK_KEYS,
    CHECK_PRINTER,
    CHECK_NETWORK,
    CHECKS
};

struct boot_fault {
    const char *id, *code;
    enum text_id what;
    bool passable; /* OK goes on without it */
};

static const struct boot_fault clock_fault = {"boot.clock", "E102", TEXT_BOOT_CLOCK_FAULT, true};
static const struct boot_fault vault_fault = {"boot.vault", "E103", TEXT_BOOT_VAULT_FAULT, false};
static const struct boot_fault self_test_fault = {"boot.self_test", "E104",
                                                  TEXT_BOOT_SELF_TEST_FAULT, false};
static const struct boot_fault tamper_fault = {"boot.tamper", "E105", TEXT_BOOT_TAMPER_FAULT,
                                               false};
static const struct boot_fault wiped_fault = {"boot.wiped", "E111", TEXT_BOOT_WIPED_FAULT, false};
static const struct boot_fault ended_fault = {"boot.ended", "E112", TEXT_BOOT_ENDED_FAULT, false};
static const struct boot_fault keys_fault = {"boot.keys", "E106", TEXT_BOOT_KEYS_FAULT, false};
static const struct boot_fault certificate_fault = {"boot.certificate", "E110",
                                                    TEXT_BOOT_CERTIFICATE_FAULT, false};
static const struct boot_fault unprovisioned = {"boot.unprovisioned", "E107",
                                                TEXT_BOOT_UNPROVISIONED, false};
static const struct boot_fault printer_fault = {"boot.printer", "E108", TEXT_BOOT_PRINTER_FAULT,
                                                true};
static const struct boot_fault network_fault = {"boot.network", "E109", TEXT_BOOT_NETWORK_FAULT,
                                                true};

/* Each says what is wrong, or NULL. The store has been read already, or we would not be here. */
static const struct boot_fault *check_storage(struct terminal *t)
{
    ENSURE(!t->broken);
    return NULL;
}

static const struct boot_fault *check_clock(struct terminal *t)
{
    return clock_behind(t) ? &clock_fault : NULL;
}

/* Why there are no keys: somebody did something to it, or somebody who may has ordered it. */
static const struct boot_fault *erased_fault(const struct terminal *t)
{
    if (t->facts.tampered != VAULT_TAMPER_WIPED) return &tamper_fault;
    return t->remote.ended ? &ended_fault : &wiped_fault;
}

static bool is_erased(const struct boot_fault *fault)
{
    return fault == &tamper_fault || fault == &wiped_fault || fault == &ended_fault;
}

static const struct boot_fault *check_vault(struct terminal *t)
{
    if (secure_status(t) != VAULT_OK) return &vault_fault;
    if (t->facts.tampered != VAULT_TAMPER_NONE) return erased_fault(t);
    return t->facts.self_test ? NULL : &self_test_fault;
}

static const struct boot_fault *check_keys(struct terminal *t)
{
    const struct secure_facts *f = &t->facts;
    if (secure_status(t) != VAULT_OK) return &vault_fault; /* it may be a later look */
    if (!f->provisioned) return &unprovisioned;
    if (f->kcv_master[0] == '\0' || strlen(f->tid) != 8 || strlen(f->mid) != 15) return &keys_fault;
    return renewal_ended(t) ? &certificate_fault : NULL;
}

static const struct boot_fault *check_printer(struct terminal *t)
{
    return t->devices.printer_fault ? &printer_fault : NULL;
}

static const struct boot_fault *check_network(struct terminal *t)
{
    return t->host.state == SCREEN_ONLINE ? NULL : &network_fault;
}

static const struct {
    enum text_id text;
    const struct boot_fault *(*run)(struct terminal *t);
} checks[CHECKS] = {
    [CHECK_STORAGE] = {TEXT_BOOT_STORAGE, check_storage},
    [CHECK_CLOCK] = {TEXT_BOOT_CLOCK, check_clock},
    [CHECK_VAULT] = {TEXT_BOOT_VAULT, check_vault},
    [CHECK_KEYS] = {TEXT_BOOT_KEYS, check_keys},
    [CHECK_PRINTER] = {TEXT_BOOT_PRINTER, check_printer},
    [CHECK_NETWORK] = {TEXT_BOOT_NETWORK, check_network},
};

/* The transcript so far: `current` is being looked at. */
static void show_transcript(struct terminal *t, enum check current)
{
    screen_begin(t, "boot.check", TEXT_BOOT_TITLE);
    for (enum check check = 0; check <= current && check < CHECKS; check++)
        SAY(t, SCREEN_NORMAL, checks[check].text,
            text(check < current ? TEXT_BOOT_OK : TEXT_BOOT_WAITING, t->records.language));
    if (current == CHECK_NETWORK) screen_wait(t, TEXT_BOOT_CONNECTING, now_us(t) + NETWORK_WAIT_US);
    screen_keys(t, 0);
    screen_idle(t, 0);
    screen_show(t);
}

/* What was noticed, in words, by enum vault_tamper. */
static enum text_id noticed_text(uint8_t kind)
{
    static const enum text_id texts[VAULT_TAMPER_WIPED] = {
        [VAULT_TAMPER_CASE] = TEXT_TAMPER_CASE,
        [VAULT_TAMPER_MESH] = TEXT_TAMPER_MESH,
        [VAULT_TAMPER_VOLTAGE] = TEXT_TAMPER_VOLTAGE,
        [VAULT_TAMPER_HEAT] = TEXT_TAMPER_HEAT,
        [VAULT_TAMPER_CLOCK] = TEXT_TAMPER_CLOCK,
        [VAULT_TAMPER_DEBUGGER] = TEXT_TAMPER_DEBUGGER,
        [VAULT_TAMPER_BATTERY] = TEXT_TAMPER_BATTERY,
        [VAULT_TAMPER_READER] = TEXT_TAMPER_READER,
        [VAULT_TAMPER_KEYPAD] = TEXT_TAMPER_KEYPAD,
        [VAULT_TAMPER_SERIAL] = TEXT_TAMPER_SERIAL,
        [VAULT_TAMPER_KEY] = TEXT_TAMPER_KEY,
        [VAULT_TAMPER_STORE] = TEXT_TAMPER_STORE,
    };
    bool known = kind > VAULT_TAMPER_NONE && kind < VAULT_TAMPER_WIPED;
    return known ? texts[kind] : TEXT_TAMPER_CASE;
}

/* What happened, what it means for money, and what to do with the device. */
static void say_erased(struct terminal *t, const struct boot_fault *fault)
{
    enum text_id todo = fault == &ended_fault   ? TEXT_BOOT_ENDED_RETURN
                        : fault == &wiped_fault ? TEXT_BOOT_WIPED_CALL
                                                : TEXT_BOOT_TAMPER_CALL;
    if (fault == &tamper_fault)
        SAY(t, SCREEN_NORMAL, TEXT_BOOT_TAMPER_NOTICED,
            text(noticed_text(t->facts.tampered), t->records.language));
    SAY(t, SCREEN_NORMAL, TEXT_BOOT_TAMPER_MONEY);
    SAY(t, SCREEN_NORMAL, todo, t->config.support, t->facts.serial);
}

static enum text_id title_of(const struct boot_fault *fault)
{
    if (fault == &tamper_fault) return TEXT_BOOT_TAMPER_TITLE;
    if (fault == &wiped_fault) return TEXT_BOOT_WIPED_TITLE;
    return fault == &ended_fault ? TEXT_BOOT_ENDED_TITLE : TEXT_BOOT_FAULT_TITLE;
}

static void show_fault(struct terminal *t, const struct boot_fault *fault, int64_t until_us)
{
    screen_begin(t, fault->id, title_of(fault));
    SAY(t, SCREEN_ERROR, fault->what);
    if (is_erased(fault)) say_erased(t, fault);
    SAY(t, SCREEN_HINT, TEXT_BOOT_FAULT_CODE, fault->code);
    screen_keys(t, SCREEN_KEY_OK | SCREEN_KEY_CANCEL);
    screen_idle(t, 0);
    if (fault == &network_fault) screen_until(t, until_us);
    screen_show(t);
}

static const struct boot_fault *fault_of(const struct procedure *p)
{
    return (const struct boot_fault *)(intptr_t)p->local[1];
}

/* It was looked at once more, or not: a clock that is still behind cannot tell the day of a
 * sign-in. */
static err pass_over(struct terminal *t, const struct boot_fault *fault)
{
    return fault == &clock_fault && clock_behind(t) ? host_keys_useless(t, fault->code) : OK;
}

static bool looks_again(const struct terminal *t)
{
    return key_is(t, "ok") || key_is(t, "cancel") || t->event.kind == EVENT_TIME;
}

/* What may go by itself while it is shown. */
static bool is_over(const struct terminal *t, const struct boot_fault *fault)
{
    if (fault == &network_fault) return t->host.state == SCREEN_ONLINE;
    return fault == &certificate_fault && !renewal_ended(t);
}

/* Said to those who must know, or can help. */
static err tell_fault(struct terminal *t, const struct boot_fault *fault)
{
    log_event(t->config.log, LOG_ERROR, "self_check", LOG_TEXT("code", fault->code));
    t->watch.shown = is_erased(fault);
    if (fault == &certificate_fault && !t->manage.wanted) manage_start(t);
    return is_erased(fault) ? tamper_tell(t) : OK;
}

/* One check until it passes or is passed over. t->chosen says which. */
static err boot_check(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    p->local[0] = t->chosen;
    for (;;) {
        p->local[1] = (intptr_t)checks[p->local[0]].run(t);
        if (fault_of(p) == NULL && p->local[0] == CHECK_VAULT) TRY(tamper_over(t));
        if (fault_of(p) == NULL) break;
        if (fault_of(p) == &unprovisioned && first_start_possible(t)) {
            PROCEDURE_CALL(t, p, first_start);
            continue;
        }
        TRY(tell_fault(t, fault_of(p)));
        p->local[2] = now_us(t) + (int64_t)NETWORK_SHOWN_S * 1000000;
        do {
            show_fault(t, fault_of(p), p->local[2]);
            PROCEDURE_AWAIT(t, p);
            if (is_over(t, fault_of(p))) break;
        } while (!looks_again(t));
        if (fault_of(p)->passable) {
            TRY(pass_over(t, fault_of(p)));
            break;
        }
    }
    PROCEDURE_END(t, p);
}

/* Waits for the connection, but not long. */
static err boot_network(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    host_start(t);
    if (!t->manage.wanted) manage_start(t); /* it may be on its way already: the rescue channel */
    p->local[0] = now_us(t) + NETWORK_WAIT_US;
    while (t->host.state == SCREEN_CONNECTING && now_us(t) < p->local[0]) {
        show_transcript(t, CHECK_NETWORK);
        screen_until(t, p->local[0]);
        PROCEDURE_AWAIT(t, p);
    }
    PROCEDURE_END(t, p);
}

err boot(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    for (p->local[0] = CHECK_STORAGE; p->local[0] < CHECKS; p->local[0]++) {
        show_transcript(t, (enum check)p->local[0]);
        if (p->local[0] == CHECK_NETWORK) PROCEDURE_CALL(t, p, boot_network);
        t->chosen = p->local[0];
        PROCEDURE_CALL(t, p, boot_check);
    }
    log_event(t->config.log, LOG_INFO, "started", LOG_TEXT("tid", t->facts.tid),
              LOG_INT("unsent", t->records.unsent));
    PROCEDURE_END(t, p);
}
