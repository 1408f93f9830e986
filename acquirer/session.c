/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections. The certificate says which terminal it is, and its messages must say the same.
 *
 * A terminal whose network failed comes back at once, while its old connection still looks alive:
 * so the newer connection replaces the older. Two devices with one identity replace each other
 * again and again: three times within a minute is an alarm, and that identity must sign in anew,
 * which takes the working keys from whichever of the two does not.
 */
#include "acquirer/host.h"

static void contested(struct acquirer *a, struct terminal *t, int64_t now_ms)
{
    if (now_ms - t->replaced_since_ms > ACQUIRER_REPLACEMENTS_MS) {
        t->replaced_since_ms = now_ms;
        t->replacements = 0;
    }
    if (++t->replacements < ACQUIRER_REPLACEMENTS) return;
    t->replacements = 0;
    watch_note(a, WATCH_CONTESTED, bytes_text(t->tid),
               "replaced %d times within a minute: two devices may have one identity; it must sign "
               "in again",
               ACQUIRER_REPLACEMENTS);
    terminal_drop_keys(t);
}

static err replace(struct acquirer *a, struct terminal *t)
{
    struct session *older = &a->session[t->session];
    a->counts.replaced++;
    watch_note(a, WATCH_REPLACED, bytes_text(t->tid), "a newer connection takes its place");
    bool had_keys = terminal_signed_in(t);
    contested(a, t, host_monotonic_ms(a));
    if (had_keys && !terminal_signed_in(t)) TRY(record_terminal(a, t));
    return session_drop(a, older);
}

err acquirer_session_opened(struct acquirer *a, uint32_t id, struct bytes identity_cn)
{
    uint32_t place = a->session_free;
    if (place == INDEX_NONE || index_find(&a->session_by_id, id) != INDEX_NONE) {
        log_event(a->config.log, LOG_WARN, "session_refused", LOG_INT("session", id),
                  LOG_INT("open", a->counts.sessions));
        return group_hold(a, HELD_CLOSE, id, (struct bytes){0}, (struct bytes){0});
    }
    uint32_t terminal = INDEX_NONE;
    err placed = identity_cn.len == 8 ? terminal_place(a, identity_cn, &terminal) : ERR(LENGTH);
    if (placed.code == ERR_FULL)
        watch_note(a, WATCH_TERMINALS_FULL, identity_cn, "there is room for %u terminals",
                   a->limits.terminals);
    else if (FAILED(placed))
        watch_note(a, WATCH_UNKNOWN_TERMINAL, identity_cn, "certificate names no terminal id");
    if (FAILED(placed)) return group_hold(a, HELD_CLOSE, id, (struct bytes){0}, (struct bytes){0});
    struct terminal *t = &a->terminal[terminal];
    if (t->session != INDEX_NONE) TRY(replace(a, t));

    struct session *session = &a->session[place];
    a->session_free = session->next_free;
    *session = (struct session){.open = true, .id = id, .terminal = terminal};
    index_add(&a->session_by_id, id, place);
    t->session = place;
    a->counts.sessions++;
    return OK;
}

/* Its name is its successor's now: it must not even take that one's connection away. */
static err is_replaced(struct acquirer *a, struct bytes identity_cn, const uint8_t print[32],
                       bool *ret_is)
{
    err asked = registry_was_replaced(a->registry, print, ret_is);
    if (FAILED(asked)) {
        log_event(a->config.log, LOG_ERROR, "registry_unread", LOG_ERR(asked),
                  LOG_TEXT("cause", registry_error_text(a->registry)));
        *ret_is = true; /* who cannot be judged is asked to come again */
        return OK;
    }
    if (*ret_is)
        watch_note(a, WATCH_WRONG_CERTIFICATE, identity_cn, "the device was replaced by another");
    return OK;
}

err acquirer_session_opened_by(struct acquirer *a, uint32_t id, struct bytes identity_cn,
                               const uint8_t print[32])
{
    bool replaced = false;
    terminals_watch_registry(a);
    TRY(is_replaced(a, identity_cn, print, &replaced));
    if (replaced) return group_hold(a, HELD_CLOSE, id, (struct bytes){0}, (struct bytes){0});
    TRY(acquirer_session_opened(a, id, identity_cn));
    uint32_t place = index_find(&a->session_by_id, id);
    if (place == INDEX_NONE) return OK; /* refused */
    struct session *session = &a->session[place];
    session->has_print = true;
    session->judged = a->registry_version;
    memcpy(session->print, print, sizeof session->print);
    return OK;
}

err session_judge(struct acquirer *a, struct session *session, bool *ret_replaced)
{
    *ret_replaced = false;
    if (!session->has_print || session->judged == a->registry_version) return OK;
    session->judged = a->registry_version;
    TRY(is_replaced(a, bytes_text(a->terminal[session->terminal].tid), session->print,
                    ret_replaced));
    return *ret_replaced ? session_drop(a, session) : OK;
}

static void end(struct acquirer *a, struct session *session)
{
    struct terminal *t = &a->terminal[session->terminal];
    uint32_t place = (uint32_t)(session - a->session);
    if (t->session == place) t->session = INDEX_NONE;
    index_remove(&a->session_by_id, session->id);
    session->open = false;
    session->next_free = a->session_free;
    a->session_free = place;
    a->counts.sessions--;
}

err acquirer_session_closed(struct acquirer *a, uint32_t id)
{
    uint32_t place = index_find(&a->session_by_id, id);
    if (place != INDEX_NONE) end(a, &a->session[place]);
    return OK;
}

err session_drop(struct acquirer *a, struct session *session)
{
    uint32_t id = session->id;
    end(a, session);
    return group_hold(a, HELD_CLOSE, id, (struct bytes){0}, (struct bytes){0});
}

void acquirer_peer_refused(struct acquirer *a, struct bytes address, const char *reason)
{
    watch_note(a, WATCH_WRONG_CERTIFICATE, address, "%s", reason);
}

void acquirer_session_fault(struct acquirer *a, uint32_t id, const char *reason)
{
    uint32_t place = index_find(&a->session_by_id, id);
    if (place == INDEX_NONE) return; /* dropped by us in this very iteration */
    const struct terminal *t = &a->terminal[a->session[place].terminal];
    watch_note(a, WATCH_CONNECTION, bytes_text(t->tid), "%s", reason);
}

err session_malformed(struct acquirer *a, struct session *session,
                      const struct iso8583_fault *fault, const char *what)
{
    const struct terminal *t = &a->terminal[session->terminal];
    a->counts.malformed++;
    watch_note(a, WATCH_MALFORMED, bytes_text(t->tid), "%s: field %u at byte %zu: %s", what,
               fault->field, fault->offset, err_text((err){fault->code}));
    if (++session->malformed < ACQUIRER_SESSION_MALFORMED) return OK;
    return session_drop(a, session);
}
