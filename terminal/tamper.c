/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tampering (S70) while the terminal runs. The vault has erased its keys and answers nothing more;
 * we hear of it from a refused command, or by asking every now and then, leave whatever was going
 * on, and begin again with the self-check, which ends at E105; keys that were erased by order
 * (remote_acts.c) end it at E111, or at E112 with the contract. The back office is told over the
 * connection that is still there: another one could not be made, for the key of its certificate is
 * gone. A payment that waits for the host is waited for: it ends as an approval or in a reversal.
 */
#include "terminal/core.h"

/* The channel is brought up even where the self-check goes no further: the desk must hear of it. A
 * vault that has erased its keys cannot prove who it is any more; then the event waits. */
err tamper_tell(struct terminal *t)
{
    const char *word = vault_tamper_word(t->facts.tampered);
    int64_t told_ms = 0;
    if (t->tamper_told) return OK;
    t->tamper_told = true;
    TRY(notes_shown(t->config.store, "tampered", &told_ms));
    if (told_ms == 0) {
        TRY(notes_show(t->config.store, "tampered", now_ms(t)));
        TRY(audit(t, "tampered", "", word));
        TRY(manage_event(t, "tampered", "", word));
    }
    if (!t->manage.wanted) manage_start(t);
    return OK;
}

err tamper_over(struct terminal *t)
{
    int64_t told_ms = 0;
    TRY(notes_shown(t->config.store, "tampered", &told_ms));
    return told_ms == 0 ? OK : notes_show(t->config.store, "tampered", 0);
}

static err begin_again(struct terminal *t)
{
    t->watch.shown = true;
    TRY(tamper_tell(t));
    operator_forget(t);
    t->depth = 0;
    procedure_push(t, session);
    return procedure_run(t);
}

err tamper_tick(struct terminal *t)
{
    struct watch *watch = &t->watch;
    int64_t now = now_us(t);
    bool asks = t->config.watch_ms > 0;
    if (watch->at_us == 0 && asks) watch->at_us = now + (int64_t)t->config.watch_ms * 1000;
    if (watch->shown || watch->at_us == 0 || now < watch->at_us || t->depth == 0) return OK;
    if (t->host.task == HOST_SALE) return OK;
    watch->at_us = asks ? now + (int64_t)t->config.watch_ms * 1000 : 0;
    if (secure_status(t) != VAULT_OK || t->facts.tampered == VAULT_TAMPER_NONE) return OK;
    return begin_again(t);
}

int64_t tamper_next_us(const struct terminal *t)
{
    const struct watch *watch = &t->watch;
    /* 0 is no time; while a sale waits for the host, its end is what brings us here. */
    return watch->shown || t->host.task == HOST_SALE ? 0 : watch->at_us;
}
