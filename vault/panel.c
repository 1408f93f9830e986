/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secure entry. The page that draws the keypad and the vault agree on a channel past the terminal
 * program; the vault says which digit lies where, the page says where it was touched, and nothing
 * between them learns a digit: touches are sealed, numbered and all of one length (DV-05).
 */
#include "lib/auth/policy.h"
#include "vault/state.h"

enum {
    PIN_WINDOW_MS = 3600 * 1000,
    KEY_BACK = 'B',
    KEY_CLEAR = 'C',
    TOUCH_OK = 'O',
    TOUCH_CANCEL = 'X',
};

/* Three columns of four: as on a telephone, not as on a calculator. */
static const uint8_t telephone[VAULT_LAYOUT_KEYS] = {'1', '2', '3', '4', '5', '6',
                                                     '7', '8', '9', 'C', '0', 'B'};
enum { PLACE_CLEAR = 9, PLACE_BACK = 11 };

void vault_entry_wipe(struct vault *v, uint8_t purpose)
{
    ENSURE(purpose < VAULT_ENTRIES);
    if (purpose == 0) {
        secret_wipe_bytes(v->secrets->entry, sizeof v->secrets->entry);
        v->entry_open = 0;
        return;
    }
    secret_wipe_bytes(&v->secrets->entry[purpose], sizeof v->secrets->entry[purpose]);
    if (v->entry_open == purpose) v->entry_open = 0;
}

struct bytes vault_entry_digits(const struct vault *v, uint8_t purpose)
{
    ENSURE(purpose > 0 && purpose < VAULT_ENTRIES);
    const struct vault_entry *entry = &v->secrets->entry[purpose];
    return entry->done ? bytes_of(entry->digit, entry->len) : (struct bytes){0};
}

err vault_run_panel_open(struct vault *v, struct reader *request, struct writer *answer,
                         enum vault_status *status)
{
    CLEANUP(panel_pair_wipe) struct panel_pair own = {0};
    CLEANUP(panel_channel_wipe) struct panel_channel channel = {0};
    struct bytes peer;
    if (FAILED(vault_read_bytes(request, &peer))) return vault_refuse(status, VAULT_BAD_REQUEST);
    TRY(panel_pair_generate(&v->crypto, &own));
    if (FAILED(panel_channel_open(&own, peer, PANEL_SIDE_VAULT, &channel)))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    vault_entry_wipe(v, 0); /* another page is being looked at now */
    v->secrets->panel = channel;
    v->secrets->panel_open = true;
    vault_write_bytes(answer, BYTES_OF(own.public_key));
    return OK;
}

static void lay_out(struct vault *v, bool shuffled)
{
    uint8_t *layout = v->secrets->layout;
    memcpy(layout, telephone, sizeof telephone);
    if (!shuffled) return;
    /* The ten places of digits; the two of clear and back stay where fingers expect them. */
    static const uint8_t place[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10};
    static_assert(PLACE_CLEAR == 9 && PLACE_BACK == 11, "not among the places of digits");
    for (uint32_t left = ARRAY_LEN(place); left > 1; left--) {
        uint8_t a = place[left - 1], b = place[random_below(&v->config.random, left)];
        uint8_t kept = layout[a];
        layout[a] = layout[b];
        layout[b] = kept;
    }
}

static err delete_pin_entries(struct vault *v, int64_t now_ms)
{
    struct store_statement *s;
    /* A time that lies ahead is from a clock that has since been set back: it counts as now. */
    TRY(store_statement(v->store, "UPDATE pin_entry SET at_ms = ? WHERE at_ms > ?", &s));
    store_bind_int(s, now_ms);
    store_bind_int(s, now_ms);
    TRY(store_run(s));
    TRY(store_statement(v->store, "DELETE FROM pin_entry WHERE at_ms <= ?", &s));
    store_bind_int(s, now_ms - PIN_WINDOW_MS);
    return store_run(s);
}

/* Counts this PIN entry, durably, when the hour has room for it. */
static err take_pin_entry(struct vault *v, bool *ret_taken)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    int64_t now_ms = clock_now_ms(&v->config.clock), count = 0;
    struct store_statement *s;
    TRY(store_begin(v->store, &tx));
    TRY(delete_pin_entries(v, now_ms));
    /* Rows come at the end and go at the beginning, so their ids count them without a scan. */
    TRY(store_query_int(v->store,
                        "SELECT (SELECT max(id) FROM pin_entry) - "
                        "(SELECT min(id) FROM pin_entry) + 1",
                        &count));
    bool room = count < v->config.pin_entries_an_hour;
    if (room) {
        TRY(store_statement(v->store, "INSERT INTO pin_entry(at_ms) VALUES(?)", &s));
        store_bind_int(s, now_ms);
        TRY(store_run(s));
    }
    TRY(store_commit(&tx));
    *ret_taken = room;
    return OK;
}

/* What may be entered now, for which purpose, and how long it may be. */
static enum vault_status admit(struct vault *v, uint8_t purpose)
{
    switch (purpose) {
    case VAULT_ENTRY_PIN:
        if (v->session.logged_in && v->session.must_change) return VAULT_NOT_ALLOWED;
        if (!vault_has_card(v)) return VAULT_NO_CARD; /* a PIN block is bound to a card */
        v->entry_min = PIN_DIGITS_MIN;
        v->entry_max = PIN_DIGITS_MAX;
        return VAULT_OK;
    case VAULT_ENTRY_PASSWORD:
        v->entry_min = VAULT_PASSWORD_ENTRY_MIN;
        v->entry_max = VAULT_PASSWORD_ENTRY_MAX;
        return VAULT_OK;
    case VAULT_ENTRY_NEW:
    case VAULT_ENTRY_REPEAT: {
        if (!vault_may_change(v)) return VAULT_NOT_ALLOWED;
        struct policy policy = vault_policy_of(v, v->session.role);
        v->entry_min = policy.min;
        v->entry_max = policy.max;
        return VAULT_OK;
    }
    default:
        return VAULT_BAD_REQUEST;
    }
}

err vault_run_entry_begin(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    struct vault_entry_begin begin;
    if (FAILED(vault_read_entry_begin(request, &begin)) || begin.shuffled > 1 ||
        !vault_language_known(begin.language))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->panel_open) return vault_refuse(status, VAULT_BAD_SEAL);
    if (v->entry_open != 0) vault_entry_wipe(v, v->entry_open);
    enum vault_status admitted = admit(v, begin.purpose);
    if (admitted != VAULT_OK) return vault_refuse(status, admitted);
    if (begin.purpose == VAULT_ENTRY_PIN) {
        bool taken = false;
        TRY(take_pin_entry(v, &taken));
        if (!taken) {
            TRY(vault_audit_note(v, NULL, "pin_entries_exhausted", v->device.tid, ""));
            return vault_refuse(status, VAULT_NOT_ALLOWED);
        }
    }
    if (begin.purpose == VAULT_ENTRY_NEW) vault_entry_wipe(v, VAULT_ENTRY_REPEAT);
    vault_entry_wipe(v, begin.purpose);
    lay_out(v, begin.shuffled == 1);

    uint8_t sealed[VAULT_LAYOUT_KEYS + PANEL_OVERHEAD];
    struct writer w = writer_over(sealed, sizeof sealed);
    TRY(panel_seal(&v->crypto, &v->secrets->panel, BYTES_OF(v->secrets->layout), &w));
    v->entry_open = begin.purpose;
    vault_write_entry_layout(answer, &(struct vault_entry_layout){.min = v->entry_min,
                                                                  .max = v->entry_max,
                                                                  .sealed = writer_view(&w)});
    return OK;
}

/* A touch on one of the twelve places. A digit beyond the last is not taken. */
static void press(struct vault *v, struct vault_entry *entry, uint8_t key)
{
    if (key == KEY_CLEAR) {
        secret_wipe_bytes(entry, sizeof *entry);
    } else if (key == KEY_BACK) {
        if (entry->len > 0) entry->digit[--entry->len] = 0;
    } else if (entry->len < v->entry_max) {
        ENSURE(key >= '0' && key <= '9');
        entry->digit[entry->len++] = key;
    }
}

static enum vault_entry_state confirm(struct vault *v, struct vault_entry *entry)
{
    if (entry->len < v->entry_min) return VAULT_ENTRY_SHORT;
    entry->done = true;
    v->entry_open = 0;
    return VAULT_ENTRY_DONE;
}

err vault_run_entry_key(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    struct bytes sealed;
    uint8_t touch = 0;
    if (FAILED(vault_read_bytes(request, &sealed))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->panel_open) return vault_refuse(status, VAULT_BAD_SEAL);
    if (sealed.len != 1 + PANEL_OVERHEAD) return vault_refuse(status, VAULT_BAD_SEAL);
    struct writer w = writer_over(&touch, 1);
    if (FAILED(panel_open(&v->crypto, &v->secrets->panel, sealed, &w)))
        return vault_refuse(status, VAULT_BAD_SEAL);
    if (v->entry_open == 0) return vault_refuse(status, VAULT_NO_ENTRY);

    struct vault_entry *entry = &v->secrets->entry[v->entry_open];
    struct vault_entry_answer said = {.state = VAULT_ENTRY_OPEN};
    if (touch == TOUCH_CANCEL) {
        vault_entry_wipe(v, v->entry_open);
        said.state = VAULT_ENTRY_CANCELLED;
    } else if (touch == TOUCH_OK) {
        said.state = (uint8_t)confirm(v, entry);
    } else if (touch < VAULT_LAYOUT_KEYS) {
        press(v, entry, v->secrets->layout[touch]);
    } else {
        secret_wipe_bytes(&touch, sizeof touch);
        return vault_refuse(status, VAULT_BAD_REQUEST);
    }
    secret_wipe_bytes(&touch, sizeof touch);
    said.count = entry->len;
    vault_write_entry_answer(answer, &said);
    return OK;
}
