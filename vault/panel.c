/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secure entry. The page that draws the keypad and the vault agree on a channel past the terminal
 * program; the vault says which digit lies where, the page says where it was touched, and nothing
 * between them learns a digit: touches are sealed, numbered and all of one length (DV-05). Where
 * the policy wants text, characters come sealed as they are typed; how many they are is no secret,
 * since the screen shows as many stars.
 */
#include "lib/auth/strength.h"
#include "vault/state.h"

enum {
    PIN_WINDOW_MS = 3600 * 1000,
    KEY_BACK = 'B',
    KEY_CLEAR = 'C',
    TOUCH_OK = 'O',
    TOUCH_CANCEL = 'X',
    TOUCH_TEXT = 'T',
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
        v->entering.purpose = 0;
        return;
    }
    secret_wipe_bytes(&v->secrets->entry[purpose], sizeof v->secrets->entry[purpose]);
    if (v->entering.purpose == purpose) v->entering.purpose = 0;
}

struct bytes vault_entry_text(const struct vault *v, uint8_t purpose)
{
    ENSURE(purpose > 0 && purpose < VAULT_ENTRIES);
    const struct vault_entry *entry = &v->secrets->entry[purpose];
    return entry->done ? bytes_of(entry->at, entry->len) : (struct bytes){0};
}

err vault_panel_say(struct vault *v, struct bytes plain, struct writer *w)
{
    if (!v->secrets->panel_open) return ERR(STATE);
    return panel_seal(&v->crypto, &v->secrets->panel, plain, w);
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

void vault_layout_draw(const struct random *random, bool shuffled,
                       uint8_t layout[static VAULT_LAYOUT_KEYS])
{
    memcpy(layout, telephone, sizeof telephone);
    if (!shuffled) return;
    /* The ten places of digits; the two of clear and back stay where fingers expect them. */
    static const uint8_t place[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10};
    static_assert(PLACE_CLEAR == 9 && PLACE_BACK == 11, "not among the places of digits");
    for (uint32_t left = ARRAY_LEN(place); left > 1; left--) {
        uint8_t a = place[left - 1], b = place[random_below(random, left)];
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

/* The role whose policy says how a password is typed; a stranger's looks like a cashier's. */
static err role_of(struct vault *v, uint8_t operator_id, uint8_t *ret_role)
{
    struct vault_operator_row row;
    err found = vault_operator_read(v, operator_id, &row);
    *ret_role = VAULT_ROLE_CASHIER;
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    *ret_role = row.role;
    return OK;
}

static void take_policy(struct vault_entering *e, const struct policy *policy, bool to_choose)
{
    e->keyboard = (uint8_t)policy->keyboard;
    e->min = to_choose ? policy->min : VAULT_PASSWORD_ENTRY_MIN;
    e->max = policy->max;
    /* A one-time password may be longer than what its owner will choose. */
    if (!to_choose && e->max < VAULT_PASSWORD_ENTRY_MAX) e->max = VAULT_PASSWORD_ENTRY_MAX;
}

static enum vault_status admit_pin(const struct vault *v, struct vault_entering *e)
{
    e->min = PIN_DIGITS_MIN;
    e->max = PIN_DIGITS_MAX;
    if (v->session.logged_in && v->session.must_change) return VAULT_NOT_ALLOWED;
    return vault_has_card(v) ? VAULT_OK : VAULT_NO_CARD; /* a PIN block is bound to one */
}

/* What stands on a card, for a payment whose amount the page was told and that has no card yet. */
static err admit_typed(const struct vault *v, struct vault_entering *e,
                       enum vault_status *ret_status)
{
    bool expiry = e->purpose == VAULT_ENTRY_EXPIRY;
    if (!v->card_armed || vault_has_card(v)) return vault_refuse(ret_status, VAULT_NOT_ALLOWED);
    e->min = expiry ? 4 : VAULT_PAN_DIGITS_MIN;
    e->max = expiry ? 4 : CARD_PAN_MAX;
    return OK;
}

/* What may be entered now, for which purpose, and how long it may be. */
static err admit(struct vault *v, struct vault_entering *e, enum vault_status *ret_status)
{
    uint8_t role = VAULT_ROLE_CASHIER;
    struct policy policy;
    *ret_status = VAULT_OK;
    switch (e->purpose) {
    case VAULT_ENTRY_PIN:
        *ret_status = admit_pin(v, e);
        return OK;
    case VAULT_ENTRY_PAN:
    case VAULT_ENTRY_EXPIRY:
        return admit_typed(v, e, ret_status);
    case VAULT_ENTRY_CODE:
        e->min = recovery_code_digits(VAULT_BY_SMS);
        e->max = RECOVERY_OFFLINE_DIGITS;
        return OK;
    case VAULT_ENTRY_OWNER:
        e->min = e->max = BACKUP_CODE_DIGITS;
        return OK;
    case VAULT_ENTRY_NEW:
    case VAULT_ENTRY_REPEAT:
        if (!vault_may_change(v, e->operator_id))
            return vault_refuse(ret_status, VAULT_NOT_ALLOWED);
        break;
    case VAULT_ENTRY_PASSWORD:
    case VAULT_ENTRY_APPROVER:
        break;
    default:
        return vault_refuse(ret_status, VAULT_BAD_REQUEST);
    }
    TRY(role_of(v, e->operator_id, &role));
    e->role = role;
    policy = vault_policy_of(v, role);
    take_policy(e, &policy, e->purpose == VAULT_ENTRY_NEW || e->purpose == VAULT_ENTRY_REPEAT);
    return OK;
}

/* GUIDED is for PINs: passwords are of people who work here. */
static bool keypad_known(const struct vault_entry_begin *begin)
{
    return begin->keypad <= VAULT_KEYPAD_SHUFFLED ||
           (begin->keypad == VAULT_KEYPAD_GUIDED && begin->purpose == VAULT_ENTRY_PIN);
}

/* One PIN entry more, if the hour has room; that it is a guided one stands in the vault's record.
 */
static err begin_pin(struct vault *v, uint8_t keypad, enum vault_status *ret_status)
{
    bool taken = false;
    TRY(take_pin_entry(v, &taken));
    if (!taken) {
        TRY(vault_audit_note(v, NULL, "pin_entries_exhausted", v->device.tid, ""));
        return vault_refuse(ret_status, VAULT_TOO_MANY_PINS);
    }
    if (keypad != VAULT_KEYPAD_GUIDED) return OK;
    return vault_audit_note(v, NULL, "pin_entry_guided", v->device.tid, "");
}

err vault_run_entry_begin(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    struct vault_entry_begin begin;
    if (FAILED(vault_read_entry_begin(request, &begin)) || !keypad_known(&begin) ||
        !vault_language_known(begin.language))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->secrets->panel_open) return vault_refuse(status, VAULT_BAD_SEAL);
    if (v->entering.purpose != 0) vault_entry_wipe(v, v->entering.purpose);
    struct vault_entering entering = {
        .purpose = begin.purpose, .operator_id = begin.operator_id, .language = begin.language};
    enum vault_status admitted = VAULT_OK;
    TRY(admit(v, &entering, &admitted));
    if (admitted != VAULT_OK) return vault_refuse(status, admitted);
    if (begin.purpose == VAULT_ENTRY_PIN) TRY(begin_pin(v, begin.keypad, &admitted));
    if (admitted != VAULT_OK) return vault_refuse(status, admitted);
    if (begin.purpose == VAULT_ENTRY_NEW) vault_entry_wipe(v, VAULT_ENTRY_REPEAT);
    vault_entry_wipe(v, begin.purpose);
    vault_layout_draw(&v->config.random, begin.keypad == VAULT_KEYPAD_SHUFFLED, v->secrets->layout);

    uint8_t sealed[VAULT_LAYOUT_KEYS + PANEL_OVERHEAD];
    struct writer w = writer_over(sealed, sizeof sealed);
    TRY(vault_panel_say(v, BYTES_OF(v->secrets->layout), &w));
    v->entering = entering;
    vault_write_entry_layout(answer, &(struct vault_entry_layout){.min = entering.min,
                                                                  .max = entering.max,
                                                                  .keyboard = entering.keyboard,
                                                                  .sealed = writer_view(&w)});
    return OK;
}

static void delete_last(struct vault_entry *entry)
{
    if (entry->points == 0) return;
    do { /* a character of UTF-8 begins at the byte that continues nothing */
        entry->len--;
    } while (entry->len > 0 && (entry->at[entry->len] & 0xC0) == 0x80);
    memset(entry->at + entry->len, 0, sizeof entry->at - entry->len);
    entry->points--;
}

/* A key that both keyboards have. False: it is none of them. */
static bool press_common(struct vault_entry *entry, uint8_t key)
{
    if (key == KEY_CLEAR) secret_wipe_bytes(entry, sizeof *entry);
    else if (key == KEY_BACK) delete_last(entry);
    else return false;
    return true;
}

/* A touch on one of the twelve places. A digit beyond the last is not taken. */
static void press(struct vault *v, struct vault_entry *entry, uint8_t place)
{
    uint8_t key = v->secrets->layout[place];
    if (press_common(entry, key) || entry->len >= v->entering.max) return;
    ENSURE(key >= '0' && key <= '9');
    entry->at[entry->len++] = key;
    entry->points++;
}

/*
 * All of it or nothing: what is cut off would be another password (CR-05). What is no text is taken
 * here and refused by the policy, which has a name for it. Too long is what is so in its normal
 * form, which may be a third of what was typed.
 */
static bool append(struct vault_entry *entry, struct bytes text)
{
    size_t points = 0;
    CLEANUP(password_text_wipe) struct password_text normal = {.len = 0};
    for (size_t i = 0; i < text.len; i++) points += (text.at[i] & 0xC0) != 0x80;
    if (text.len > sizeof entry->at - entry->len || entry->points + points > UINT8_MAX)
        return false;
    memcpy(entry->at + entry->len, text.at, text.len);
    if (password_normalise(bytes_of(entry->at, entry->len + text.len), &normal) ==
        POLICY_TOO_LONG) {
        secret_wipe_bytes(entry->at + entry->len, text.len);
        return false;
    }
    entry->len = (uint16_t)(entry->len + text.len);
    entry->points = (uint8_t)(entry->points + points);
    return true;
}

/* Characters as the policy counts them; of what is no text, as they were typed. */
static size_t length_of(const struct vault_entry *entry)
{
    CLEANUP(password_text_wipe) struct password_text normal = {.len = 0};
    bool text = password_normalise(bytes_of(entry->at, entry->len), &normal) == POLICY_OK;
    return text ? normal.points : entry->points;
}

static enum vault_entry_state confirm(struct vault *v, struct vault_entry *entry)
{
    if (length_of(entry) < v->entering.min) return VAULT_ENTRY_SHORT;
    entry->done = true;
    v->entering.purpose = 0;
    return VAULT_ENTRY_DONE;
}

/* Both keyboards: a key that is none of theirs is false. */
static bool act_on_digits(struct vault *v, struct vault_entry *entry, struct bytes touch)
{
    if (touch.len != 1 || touch.at[0] >= VAULT_LAYOUT_KEYS) return false;
    press(v, entry, touch.at[0]);
    return true;
}

static bool act_on_text(struct vault_entry *entry, struct bytes touch, uint8_t *ret_state)
{
    if (touch.len == 1) return press_common(entry, touch.at[0]);
    if (touch.at[0] != TOUCH_TEXT) return false;
    if (!append(entry, bytes_of(touch.at + 1, touch.len - 1))) *ret_state = VAULT_ENTRY_TOO_LONG;
    return true;
}

/* What the page did, opened. */
static bool act(struct vault *v, struct vault_entry *entry, struct bytes touch, uint8_t *ret_state)
{
    *ret_state = VAULT_ENTRY_OPEN;
    if (touch.len == 1 && touch.at[0] == TOUCH_CANCEL) {
        vault_entry_wipe(v, v->entering.purpose);
        *ret_state = VAULT_ENTRY_CANCELLED;
        return true;
    }
    if (touch.len == 1 && touch.at[0] == TOUCH_OK) {
        *ret_state = (uint8_t)confirm(v, entry);
        return true;
    }
    return v->entering.keyboard == VAULT_KEYS_TEXT ? act_on_text(entry, touch, ret_state)
                                                   : act_on_digits(v, entry, touch);
}

enum { STRENGTH_MAX = 256 };

/* S28: for the page and for nobody else, how good what was typed so far is. */
static err write_strength(struct vault *v, const struct vault_entry *entry, struct writer *w)
{
    uint8_t plain[STRENGTH_MAX];
    struct writer p = writer_over(plain, sizeof plain);
    struct policy policy = vault_policy_of(v, v->entering.role);
    struct policy_person person = vault_policy_person(v);
    struct strength strength =
        strength_of(&policy, &person, vault_blocklist(v), bytes_of(entry->at, entry->len));
    write_be(&p, strength.score, 1);
    write_bytes(&p, bytes_text(strength_text(
                        strength, v->entering.language == VAULT_ENGLISH ? POLICY_EN : POLICY_ZH)));
    err said = vault_panel_say(v, writer_view(&p), w);
    secret_wipe_bytes(plain, sizeof plain);
    return said;
}

/* The touch of the page, opened into guarded memory. */
static enum vault_status open_touch(struct vault *v, struct bytes sealed, struct bytes *ret_touch)
{
    size_t most = v->entering.keyboard == VAULT_KEYS_TEXT ? sizeof v->secrets->touch : 1;
    if (!v->secrets->panel_open || sealed.len < 1 + PANEL_OVERHEAD ||
        sealed.len > most + PANEL_OVERHEAD)
        return VAULT_BAD_SEAL;
    struct writer w = writer_over(v->secrets->touch, sizeof v->secrets->touch);
    if (FAILED(panel_open(&v->crypto, &v->secrets->panel, sealed, &w))) return VAULT_BAD_SEAL;
    *ret_touch = writer_view(&w);
    return v->entering.purpose == 0 ? VAULT_NO_ENTRY : VAULT_OK;
}

err vault_run_entry_key(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    struct bytes sealed, touch = {0};
    if (FAILED(vault_read_bytes(request, &sealed))) return vault_refuse(status, VAULT_BAD_REQUEST);
    enum vault_status opened = open_touch(v, sealed, &touch);
    if (opened != VAULT_OK) return vault_refuse(status, opened);

    uint8_t purpose = v->entering.purpose, strength[STRENGTH_MAX + PANEL_OVERHEAD];
    struct vault_entry *entry = &v->secrets->entry[purpose];
    struct vault_entry_answer said = {.state = VAULT_ENTRY_OPEN};
    struct writer w = writer_over(strength, sizeof strength);
    bool good = act(v, entry, touch, &said.state);
    secret_wipe_bytes(v->secrets->touch, touch.len);
    if (!good) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (purpose == VAULT_ENTRY_NEW) TRY(write_strength(v, entry, &w));
    said.count = entry->points;
    said.strength = writer_view(&w);
    vault_write_entry_answer(answer, &said);
    return OK;
}
