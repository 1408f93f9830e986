/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remote diagnostics (S184): customer service has asked, and nothing leaves before somebody at the
 * terminal has said yes. What is sent stands on the screen: version, network, host, printer,
 * payments that wait, and the code of what the self-check found. No secret, no key, no payment, and
 * not the network's name, which says where the shop is.
 */
#include "terminal/core.h"

bool diagnose_waits(const struct terminal *t)
{
    return t->manage.told[DEVICE_DIAGNOSE_TOLD].tell == DEVICE_DIAGNOSE_TOLD;
}

/* E103 to E106 of boot.c by what is known now; "ok" otherwise. */
static const char *check_code(const struct terminal *t)
{
    if (t->facts.tampered) return "E105";
    if (!t->facts.self_test) return "E104";
    return t->facts.provisioned ? "ok" : "E107";
}

/* "0.1.0 wifi unsafe online paper-ok unsent-0 check-ok", in one event's detail. */
static void write_facts(const struct terminal *t, char out[NOTES_DETAIL_MAX])
{
    static const char *const papers[] = {"ok", "low", "out"};
    const struct screen_status *s = &t->screen.status;
    struct writer w = writer_over(out, NOTES_DETAIL_MAX - 1);
    write_format(&w, "%.6s %s %s %s paper-%s unsent-%u check-%s", t->config.version, s->link,
                 s->trusted ? "trusted" : "unsafe",
                 s->network == SCREEN_ONLINE ? "online" : "offline", papers[s->paper],
                 s->unsent > 99 ? 99 : s->unsent, check_code(t));
    ENSURE(w.fault == ERR_OK);
    out[w.len] = '\0';
}

static void show(struct terminal *t)
{
    char facts[NOTES_DETAIL_MAX];
    write_facts(t, facts);
    screen_begin(t, "diagnose.consent", TEXT_DIAGNOSE_TITLE);
    SAY(t, SCREEN_NORMAL, TEXT_DIAGNOSE_ABOUT);
    SAY(t, SCREEN_NORMAL, TEXT_DIAGNOSE_FACTS, facts);
    SAY(t, SCREEN_HINT, TEXT_DIAGNOSE_HINT);
    screen_choice(t, "send", TEXT_ENTRY_DIAGNOSE_SEND, SCREEN_PRIMARY, NULL, true);
    screen_choice(t, "refuse", TEXT_ENTRY_DIAGNOSE_REFUSE, SCREEN_PLAIN, NULL, true);
    screen_show(t);
}

/* Who is logged in has said so, or nobody is: then it was whoever stands there. */
static err answer(struct terminal *t, bool yes)
{
    char facts[NOTES_DETAIL_MAX] = "";
    if (yes) write_facts(t, facts);
    explicit_bzero(&t->manage.told[DEVICE_DIAGNOSE_TOLD],
                   sizeof t->manage.told[DEVICE_DIAGNOSE_TOLD]);
    TRY(audit(t, yes ? "diagnostics" : "diagnostics_refused", t->operator_id, facts));
    return manage_event(t, yes ? "diagnostics" : "diagnostics_refused", t->operator_id, facts);
}

err diagnose(struct terminal *t, struct procedure *p)
{
    PROCEDURE_BEGIN(p);
    do {
        show(t);
        PROCEDURE_AWAIT(t, p);
    } while (!choice_is(t, "send") && !choice_is(t, "refuse") && !key_is(t, "cancel"));
    TRY(answer(t, choice_is(t, "send")));
    PROCEDURE_END(t, p);
}
