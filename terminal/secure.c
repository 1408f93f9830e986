/* SPDX-License-Identifier: Apache-2.0 */
/* Each command of the vault as one function; see lib/wire/vault_protocol.h for the bytes. */
#include "terminal/secure.h"

#include "terminal/core.h"
#include "terminal/secure_backup.h"

/* Here the two of secure_backup.h go by the short names that every command below calls. */
#define ask   secure_ask
#define begin secure_begin

/* Sends the request that `w` holds; `body` then reads the answer's body. */
enum vault_status ask(struct terminal *t, const struct writer *w, uint8_t command,
                      struct reader *body)
{
    struct bytes request;
    struct writer answer = writer_over(t->answer, sizeof t->answer);
    uint8_t answered;
    enum vault_status status;
    if (FAILED(writer_finish(w, &request))) return VAULT_BAD_REQUEST;
    err e = t->ports.vault(t->ports.context, request, &answer);
    if (!FAILED(e) && answer.fault == ERR_OK) {
        *body = reader_over(writer_view(&answer));
        e = vault_read_answer(body, &answered, &status);
        if (!FAILED(e) && answered == command) {
            if (status == VAULT_TAMPERED) t->watch.at_us = now_us(t); /* looked into at once */
            return status;
        }
    }
    log_event(t->config.log, LOG_ERROR, "vault_failed", LOG_INT("command", command), LOG_ERR(e));
    return VAULT_FAILED;
}

struct writer begin(struct terminal *t, uint8_t command)
{
    struct writer w = writer_over(t->request, sizeof t->request);
    vault_write_header(&w, command);
    return w;
}

/* A body that does not read as it must is a vault that has failed. */
static enum vault_status read_with(enum vault_status status, err e)
{
    return status == VAULT_OK && FAILED(e) ? VAULT_FAILED : status;
}

static enum vault_status simple(struct terminal *t, uint8_t command)
{
    struct reader body;
    struct writer w = begin(t, command);
    return ask(t, &w, command, &body);
}

/* One byte string in, nothing out. */
static enum vault_status with_bytes(struct terminal *t, uint8_t command, struct bytes in)
{
    struct reader body;
    struct writer w = begin(t, command);
    vault_write_bytes(&w, in);
    return ask(t, &w, command, &body);
}

static void copy(struct bytes from, char *to, size_t size)
{
    if (FAILED(bytes_to_text(from, to, size))) to[0] = '\0';
}

static void copy_hex(struct bytes kcv, char to[9])
{
    struct writer w = writer_over(to, 8);
    write_hex_upper(&w, kcv.len == 4 ? kcv : (struct bytes){0});
    to[w.len] = '\0';
}

/* What the host is spoken to in: the vault's keys decide. */
static bool take_profile(struct terminal *t, struct bytes suite)
{
    return suite.len == 0 || !FAILED(payment_profile_named(suite, &t->config.profile));
}

enum vault_status secure_status(struct terminal *t)
{
    struct reader body;
    struct vault_status_answer m = {0};
    struct writer w = begin(t, VAULT_STATUS);
    enum vault_status status = ask(t, &w, VAULT_STATUS, &body);
    if (status == VAULT_OK) status = read_with(status, vault_read_status_answer(&body, &m));
    if (status == VAULT_OK && !take_profile(t, m.suite)) status = VAULT_FAILED;
    t->facts.reached = status == VAULT_OK;
    if (status != VAULT_OK) return status; /* what it said before is still true of this device */

    struct secure_facts *f = &t->facts;
    f->provisioned = m.provisioned;
    f->working_keys = m.working_keys;
    f->tampered = m.tampered;
    f->self_test = m.self_test;
    copy(m.serial, f->serial, sizeof f->serial);
    copy(m.model, f->model, sizeof f->model);
    copy(m.tid, f->tid, sizeof f->tid);
    copy(m.mid, f->mid, sizeof f->mid);
    copy(m.merchant_name, f->merchant, sizeof f->merchant);
    copy_hex(m.kcv_master, f->kcv_master);
    copy_hex(m.kcv_pin, f->kcv_pin);
    copy_hex(m.kcv_mac, f->kcv_mac);
    copy_hex(m.kcv_data, f->kcv_data);
    f->first_login_ms = (int64_t)m.first_login_ms;
    f->certificate_expiry_ms = (int64_t)m.certificate_expiry_ms;
    f->policy_version = m.policy_version;
    f->rollback = m.rollback;
    f->offline_count = m.offline_count;
    f->offline_each_minor = (int64_t)m.offline_each_minor;
    f->offline_total_minor = (int64_t)m.offline_total_minor;
    f->offline_days = m.offline_days;
    f->parameters_number = m.parameters_number;
    memset(f->parameters_digest, 0, sizeof f->parameters_digest);
    if (m.parameters_digest.len == sizeof f->parameters_digest)
        memcpy(f->parameters_digest, m.parameters_digest.at, sizeof f->parameters_digest);
    return status;
}

enum vault_status secure_keys_next(struct terminal *t, bool fresh, uint8_t *ret_ksn, size_t len)
{
    struct reader body;
    struct bytes ksn;
    struct writer w = begin(t, VAULT_KEYS_NEXT);
    write_be(&w, fresh, 1);
    enum vault_status status = ask(t, &w, VAULT_KEYS_NEXT, &body);
    if (status == VAULT_OK) status = read_with(status, vault_read_bytes(&body, &ksn));
    if (status == VAULT_OK && ksn.len != len) status = VAULT_FAILED;
    if (status == VAULT_OK) memcpy(ret_ksn, ksn.at, len);
    return status;
}

enum vault_status secure_panel(struct terminal *t, struct bytes page_key, struct writer *answer)
{
    struct reader body;
    struct bytes key;
    struct writer w = begin(t, VAULT_PANEL_OPEN);
    vault_write_bytes(&w, page_key);
    enum vault_status status = ask(t, &w, VAULT_PANEL_OPEN, &body);
    if (status == VAULT_OK) status = read_with(status, vault_read_bytes(&body, &key));
    if (status == VAULT_OK) write_bytes(answer, key);
    return status;
}

static uint8_t language_of(const struct terminal *t)
{
    return t->records.language == LANGUAGE_EN ? VAULT_ENGLISH : VAULT_CHINESE;
}

enum vault_status secure_entry_begin(struct terminal *t, uint8_t purpose, uint8_t keypad,
                                     uint8_t operator_number)
{
    struct reader body;
    struct vault_entry_layout layout = {0};
    struct vault_entry_begin in = {purpose, keypad, operator_number, language_of(t)};
    struct screen_entry *entry = &t->screen.entry;
    struct writer w = begin(t, VAULT_ENTRY_BEGIN);
    vault_write_entry_begin(&w, &in);
    enum vault_status status = ask(t, &w, VAULT_ENTRY_BEGIN, &body);
    if (status == VAULT_OK) status = read_with(status, vault_read_entry_layout(&body, &layout));
    if (layout.sealed.len > sizeof entry->layout) status = VAULT_FAILED;
    entry->layout_len = status == VAULT_OK ? layout.sealed.len : 0;
    entry->count = 0;
    if (entry->layout_len > 0) memcpy(entry->layout, layout.sealed.at, layout.sealed.len);
    if (status == VAULT_OK) {
        entry->min = layout.min;
        entry->max = layout.max;
        entry->text = layout.keyboard == VAULT_KEYS_TEXT;
    }
    return status;
}

enum vault_status secure_entry_key(struct terminal *t, struct bytes sealed,
                                   struct vault_entry_answer *out)
{
    struct reader body;
    struct writer w = begin(t, VAULT_ENTRY_KEY);
    vault_write_bytes(&w, sealed);
    enum vault_status status = ask(t, &w, VAULT_ENTRY_KEY, &body);
    return status == VAULT_OK ? read_with(status, vault_read_entry_answer(&body, out)) : status;
}

/* One person in, somebody's answer out. */
static enum vault_status about(struct terminal *t, uint8_t command, uint8_t operator_number,
                               struct reader *body)
{
    struct writer w = begin(t, command);
    vault_write_person(&w, (struct vault_person){operator_number, language_of(t)});
    return ask(t, &w, command, body);
}

enum vault_status secure_login(struct terminal *t, uint8_t operator_number,
                               struct vault_login_answer *out)
{
    struct reader body;
    enum vault_status status = about(t, VAULT_LOGIN, operator_number, &body);
    return status == VAULT_OK ? read_with(status, vault_read_login_answer(&body, out)) : status;
}

enum vault_status secure_password_set(struct terminal *t, uint8_t operator_number,
                                      struct vault_password_answer *out)
{
    struct reader body;
    enum vault_status status = about(t, VAULT_PASSWORD_SET, operator_number, &body);
    return status == VAULT_OK ? read_with(status, vault_read_password_answer(&body, out)) : status;
}

enum vault_status secure_duress_set(struct terminal *t, uint8_t operator_number,
                                    enum vault_duress_action action,
                                    struct vault_password_answer *out)
{
    struct reader body;
    struct writer w = begin(t, VAULT_DURESS_SET);
    vault_write_duress(&w, &(struct vault_duress){{operator_number, language_of(t)}, action});
    enum vault_status status = ask(t, &w, VAULT_DURESS_SET, &body);
    return status == VAULT_OK ? read_with(status, vault_read_password_answer(&body, out)) : status;
}

enum vault_status secure_operators(struct terminal *t, struct vault_operator *list, size_t max,
                                   size_t *ret_count)
{
    struct reader body;
    struct writer w = begin(t, VAULT_OPERATORS);
    enum vault_status status = ask(t, &w, VAULT_OPERATORS, &body);
    if (status != VAULT_OK) return status;
    return read_with(status, vault_read_operators(&body, list, max, ret_count));
}

/* A command whose request and answer are one struct each. */
#define EXCHANGE(name, command, request, reply)                                           \
    enum vault_status secure_##name(struct terminal *t, const struct vault_##request *in, \
                                    struct vault_##reply *out)                            \
    {                                                                                     \
        struct reader body;                                                               \
        struct writer w = begin(t, command);                                              \
        vault_write_##request(&w, in);                                                    \
        enum vault_status status = ask(t, &w, command, &body);                            \
        if (status != VAULT_OK) return status;                                            \
        return read_with(status, vault_read_##reply(&body, out));                         \
    }

/* clang-format off */
EXCHANGE(operator_set, VAULT_OPERATOR_SET, operator_set, operator_set_answer)
EXCHANGE(approve, VAULT_APPROVE, approve, login_answer)
EXCHANGE(recovery_begin, VAULT_RECOVERY_BEGIN, recovery_ask, recovery_begun)
EXCHANGE(recovery_finish, VAULT_RECOVERY_FINISH, recovery_proof, recovery_ended)
EXCHANGE(pair_finish, VAULT_PAIR_FINISH, pair_finish, pair_answer)
EXCHANGE(approval_finish, VAULT_APPROVAL_FINISH, approval, login_answer)
EXCHANGE(anchor, VAULT_ANCHOR, anchor_ask, anchor)
EXCHANGE(command_check, VAULT_COMMAND_CHECK, command_ask, command_said)
EXCHANGE(parameters_check, VAULT_PARAMETERS_CHECK, command_ask, command_said)
#define SIMPLE(name, command) \
    enum vault_status secure_##name(struct terminal *t) { return simple(t, command); }
SIMPLE(logout, VAULT_LOGOUT)
SIMPLE(wipe, VAULT_WIPE)
/* clang-format on */

enum vault_status secure_reissue(struct terminal *t, const struct vault_reissue *in,
                                 uint8_t *ret_verdict)
{
    struct reader body;
    struct writer w = begin(t, VAULT_REISSUE);
    vault_write_reissue(&w, in);
    enum vault_status status = ask(t, &w, VAULT_REISSUE, &body);
    return status == VAULT_OK ? read_with(status, vault_read_byte(&body, ret_verdict)) : status;
}

enum vault_status secure_policy_load(struct terminal *t, struct bytes document,
                                     struct vault_policy_loaded *out)
{
    struct reader body;
    struct writer w = begin(t, VAULT_POLICY_LOAD);
    vault_write_bytes(&w, document);
    enum vault_status status = ask(t, &w, VAULT_POLICY_LOAD, &body);
    return status == VAULT_OK ? read_with(status, vault_read_policy_loaded(&body, out)) : status;
}

enum vault_status secure_parameters_load(struct terminal *t, const struct vault_parameters_part *in,
                                         struct vault_parameters_loaded *out)
{
    struct reader body;
    struct writer w = begin(t, VAULT_PARAMETERS_LOAD);
    vault_write_parameters_part(&w, in);
    enum vault_status status = ask(t, &w, VAULT_PARAMETERS_LOAD, &body);
    return status == VAULT_OK ? read_with(status, vault_read_parameters_loaded(&body, out))
                              : status;
}

enum vault_status secure_policy_show(struct terminal *t, uint8_t role,
                                     struct vault_policy_shown *out)
{
    struct reader body;
    const struct vault_policy_ask in = {role, language_of(t)};
    struct writer w = begin(t, VAULT_POLICY_SHOW);
    vault_write_policy_ask(&w, &in);
    enum vault_status status = ask(t, &w, VAULT_POLICY_SHOW, &body);
    return status == VAULT_OK ? read_with(status, vault_read_policy_shown(&body, out)) : status;
}

enum vault_status secure_pair_begin(struct terminal *t, uint8_t token[VAULT_GRANT_BYTES])
{
    struct reader body;
    struct bytes made = {0};
    struct writer w = begin(t, VAULT_PAIR_BEGIN);
    enum vault_status status = ask(t, &w, VAULT_PAIR_BEGIN, &body);
    if (status == VAULT_OK) status = read_with(status, vault_read_bytes(&body, &made));
    if (status != VAULT_OK) return status;
    if (made.len != VAULT_GRANT_BYTES) return VAULT_FAILED;
    memcpy(token, made.at, VAULT_GRANT_BYTES);
    return status;
}

enum vault_status secure_pair_list(struct terminal *t, struct vault_pair list[VAULT_PAIRS_MAX],
                                   size_t *ret_count)
{
    struct reader body;
    struct writer w = begin(t, VAULT_PAIR_LIST);
    enum vault_status status = ask(t, &w, VAULT_PAIR_LIST, &body);
    if (status != VAULT_OK) return status;
    return read_with(status, vault_read_pairs(&body, list, VAULT_PAIRS_MAX, ret_count));
}

enum vault_status secure_last_words(struct terminal *t, struct bytes *ret_certificate,
                                    struct bytes *ret_words)
{
    struct reader body;
    struct writer w = begin(t, VAULT_LAST_WORDS);
    enum vault_status status = ask(t, &w, VAULT_LAST_WORDS, &body);
    if (status != VAULT_OK) return status;
    return read_with(status, vault_read_pair(&body, ret_certificate, ret_words));
}

enum vault_status secure_renew_ask(struct terminal *t, struct bytes *ret_certificate,
                                   struct bytes *ret_request)
{
    struct reader body;
    struct writer w = begin(t, VAULT_RENEW_ASK);
    enum vault_status status = ask(t, &w, VAULT_RENEW_ASK, &body);
    if (status != VAULT_OK) return status;
    return read_with(status, vault_read_pair(&body, ret_certificate, ret_request));
}

enum vault_status secure_renew_take(struct terminal *t, struct bytes certificate)
{
    return with_bytes(t, VAULT_RENEW_TAKE, certificate);
}

enum vault_status secure_password_keep(struct terminal *t, uint8_t operator_number)
{
    struct reader body;
    struct writer w = begin(t, VAULT_PASSWORD_KEEP);
    vault_write_byte(&w, operator_number);
    return ask(t, &w, VAULT_PASSWORD_KEEP, &body);
}

enum vault_status secure_pair_remove(struct terminal *t, uint8_t id, uint8_t *ret_verdict)
{
    struct reader body;
    struct writer w = begin(t, VAULT_PAIR_REMOVE);
    vault_write_byte(&w, id);
    enum vault_status status = ask(t, &w, VAULT_PAIR_REMOVE, &body);
    return status == VAULT_OK ? read_with(status, vault_read_byte(&body, ret_verdict)) : status;
}

enum vault_status secure_keys_load(struct terminal *t, struct bytes delivery)
{
    return with_bytes(t, VAULT_KEYS_LOAD, delivery);
}

enum vault_status secure_card_arm(struct terminal *t, int64_t amount_minor, uint8_t host)
{
    struct reader body;
    struct bytes sealed = {0};
    struct vault_card_arm in = {
        (uint64_t)amount_minor, CURRENCY_CNY, language_of(t),
        VAULT_WAY_SWIPE | VAULT_WAY_INSERT | VAULT_WAY_TAP | VAULT_WAY_NOTICE, host};
    struct screen_sealed *shown = &t->work.shown;
    struct writer w = begin(t, VAULT_CARD_ARM);
    vault_write_card_arm(&w, &in);
    enum vault_status status = ask(t, &w, VAULT_CARD_ARM, &body);
    if (status == VAULT_OK) status = read_with(status, vault_read_bytes(&body, &sealed));
    if (sealed.len > sizeof shown->at) status = VAULT_FAILED;
    shown->len = status == VAULT_OK ? sealed.len : 0;
    if (shown->len > 0) memcpy(shown->at, sealed.at, sealed.len);
    return status;
}

static enum vault_status ask_card(struct terminal *t, uint8_t command, struct vault_card *out,
                                  char pan_masked[20], char card_sequence[4])
{
    struct reader body;
    struct vault_card card = {0};
    struct writer w = begin(t, command);
    enum vault_status status = ask(t, &w, command, &body);
    if (status == VAULT_OK) status = read_with(status, vault_read_card(&body, &card));
    if (status != VAULT_OK) return status;
    if (card.state == VAULT_CARD_READ) {
        copy(card.pan_masked, pan_masked, 20);
        copy(card.card_sequence, card_sequence, 4);
        /* What is shown, printed and stored must not depend on the vault being right. */
        if (memchr(pan_masked, '*', strlen(pan_masked)) == NULL) return VAULT_FAILED;
    }
    card.pan_masked = card.card_sequence = (struct bytes){0};
    *out = card;
    return status;
}

enum vault_status secure_card_poll(struct terminal *t, struct vault_card *out, char pan_masked[20],
                                   char card_sequence[4])
{
    return ask_card(t, VAULT_CARD_POLL, out, pan_masked, card_sequence);
}

enum vault_status secure_card_manual(struct terminal *t, struct vault_card *out,
                                     char pan_masked[20], char card_sequence[4])
{
    return ask_card(t, VAULT_CARD_MANUAL, out, pan_masked, card_sequence);
}

enum vault_status secure_card_code(struct terminal *t, struct bytes text)
{
    struct reader body;
    struct vault_card_code said = {.card = {.state = VAULT_CARD_NONE}};
    struct payment *p = &t->work.payment;
    struct writer w = begin(t, VAULT_CARD_CODE);
    vault_write_bytes(&w, text);
    size_t sent = w.len;
    enum vault_status status = ask(t, &w, VAULT_CARD_CODE, &body);
    explicit_bzero(t->request, sent); /* it is card data, and stays in the vault alone */
    if (status == VAULT_OK) status = read_with(status, vault_read_card_code(&body, &said));
    if (status != VAULT_OK) return status;
    if (said.card.state == VAULT_CARD_READ) {
        if (FAILED(payment_chip_take(said.field55, &p->chip))) return VAULT_FAILED;
        copy(said.card.pan_masked, p->pan_masked, sizeof p->pan_masked);
        copy(said.card.card_sequence, p->card_sequence, sizeof p->card_sequence);
        if (memchr(p->pan_masked, '*', strlen(p->pan_masked)) == NULL) return VAULT_FAILED;
    }
    said.card.pan_masked = said.card.card_sequence = (struct bytes){0};
    t->work.card = said.card;
    return VAULT_OK;
}

/* What the card is called is text of its own: only what every screen can show. */
static void copy_label(struct bytes from, char to[VAULT_CHIP_LABEL_MAX + 1])
{
    size_t len = 0;
    for (size_t i = 0; i < from.len && len < VAULT_CHIP_LABEL_MAX; i++)
        if (from.at[i] >= 0x20 && from.at[i] < 0x7f) to[len++] = (char)from.at[i];
    to[len] = '\0';
}

static enum vault_status take_chip(struct terminal *t, struct reader *body)
{
    struct vault_chip m;
    struct chip *chip = &t->work.chip;
    struct payment *p = &t->work.payment;
    if (FAILED(vault_read_chip(body, &m))) return VAULT_FAILED;
    *chip = (struct chip){.open = true,
                          .state = m.state,
                          .entry = m.entry,
                          .result = m.result,
                          .reason = m.reason,
                          .pin_tries = m.pin_tries,
                          .pin_again = m.pin_again == 1,
                          .pin_bypass = m.pin_bypass == 1,
                          .pin_entered = m.pin_entered == 1,
                          .fallback = m.fallback == 1,
                          .reverse = m.reverse == 1,
                          .signature = m.signature == 1,
                          .labels = m.labels};
    for (size_t i = 0; i < m.labels; i++) copy_label(m.label[i], chip->label[i]);
    if (m.field55.len > 0 && FAILED(payment_chip_take(m.field55, &chip->field55)))
        return VAULT_FAILED;
    if (m.pan_masked.len == 0) return VAULT_OK;
    copy(m.pan_masked, p->pan_masked, sizeof p->pan_masked);
    copy(m.card_sequence, p->card_sequence, sizeof p->card_sequence);
    /* As with a stripe: what is shown, printed and stored does not depend on the vault being right.
     */
    return strchr(p->pan_masked, '*') != NULL ? VAULT_OK : VAULT_FAILED;
}

enum vault_status secure_chip_poll(struct terminal *t)
{
    struct reader body;
    struct writer w = begin(t, VAULT_CHIP_POLL);
    enum vault_status status = ask(t, &w, VAULT_CHIP_POLL, &body);
    return status == VAULT_OK ? take_chip(t, &body) : status;
}

enum vault_status secure_chip_answer(struct terminal *t, const struct vault_chip_answer *in)
{
    struct reader body;
    struct writer w = begin(t, VAULT_CHIP_ANSWER);
    vault_write_chip_answer(&w, in);
    enum vault_status status = ask(t, &w, VAULT_CHIP_ANSWER, &body);
    return status == VAULT_OK ? take_chip(t, &body) : status;
}

/* Appends the one byte string that the answer holds. */
static enum vault_status append(enum vault_status status, struct reader *body, struct writer *w)
{
    struct bytes b = {0};
    if (status == VAULT_OK) status = read_with(status, vault_read_bytes(body, &b));
    if (status == VAULT_OK) write_bytes(w, b);
    return status == VAULT_OK && w->fault != ERR_OK ? VAULT_FAILED : status;
}

enum vault_status secure_envelope(struct terminal *t, const struct vault_envelope *in,
                                  struct writer *w)
{
    struct reader body;
    struct writer request = begin(t, VAULT_CARD_ENVELOPE);
    vault_write_envelope(&request, in);
    enum vault_status status = ask(t, &request, VAULT_CARD_ENVELOPE, &body);
    return append(status, &body, w);
}

enum vault_status secure_card_hold(struct terminal *t, const struct vault_envelope *in,
                                   struct writer *w)
{
    struct reader body;
    struct writer request = begin(t, VAULT_CARD_HOLD);
    vault_write_envelope(&request, in);
    enum vault_status status = ask(t, &request, VAULT_CARD_HOLD, &body);
    return append(status, &body, w);
}

enum vault_status secure_held_envelope(struct terminal *t, const struct vault_held *in,
                                       struct writer *w)
{
    struct reader body;
    struct writer request = begin(t, VAULT_HELD_ENVELOPE);
    vault_write_held(&request, in);
    enum vault_status status = ask(t, &request, VAULT_HELD_ENVELOPE, &body);
    return append(status, &body, w);
}

enum vault_status secure_pin_block(struct terminal *t, struct writer *w)
{
    struct reader body;
    struct writer request = begin(t, VAULT_PIN_BLOCK);
    enum vault_status status = ask(t, &request, VAULT_PIN_BLOCK, &body);
    return append(status, &body, w);
}

enum vault_status secure_mac_make(struct terminal *t, struct bytes data, uint8_t mac[8])
{
    struct reader body;
    struct bytes made = {0};
    struct writer w = begin(t, VAULT_MAC_MAKE);
    vault_write_bytes(&w, data);
    enum vault_status status = ask(t, &w, VAULT_MAC_MAKE, &body);
    if (status == VAULT_OK) status = read_with(status, vault_read_bytes(&body, &made));
    if (status != VAULT_OK) return status;
    if (made.len != 8) return VAULT_FAILED;
    memcpy(mac, made.at, 8);
    return status;
}

enum vault_status secure_mac_check(struct terminal *t, struct bytes data, struct bytes mac)
{
    struct reader body;
    struct writer w = begin(t, VAULT_MAC_CHECK);
    vault_write_pair(&w, data, mac);
    return ask(t, &w, VAULT_MAC_CHECK, &body);
}

void secure_forget(struct terminal *t)
{
    (void)simple(t, VAULT_CARD_FORGET); /* a vault that cannot be reached holds nothing for long */
}

/* ---- receipts ---- */

enum vault_status secure_receipt_sign(struct terminal *t, struct bytes body,
                                      uint8_t ret_signature[static 72], size_t *ret_len)
{
    struct reader answer;
    struct bytes made = {0};
    struct writer w = begin(t, VAULT_RECEIPT_SIGN);
    vault_write_bytes(&w, body);
    enum vault_status status = ask(t, &w, VAULT_RECEIPT_SIGN, &answer);
    if (status == VAULT_OK) status = read_with(status, vault_read_bytes(&answer, &made));
    if (status != VAULT_OK) return status;
    if (made.len == 0 || made.len > 72) return VAULT_FAILED;
    memcpy(ret_signature, made.at, made.len);
    *ret_len = made.len;
    return VAULT_OK;
}

enum vault_status secure_certificate(struct terminal *t, struct bytes *ret_pem,
                                     struct bytes *ret_authority)
{
    struct reader answer;
    struct writer w = begin(t, VAULT_TLS_CERTIFICATES);
    enum vault_status status = ask(t, &w, VAULT_TLS_CERTIFICATES, &answer);
    return status == VAULT_OK ? read_with(status, vault_read_pair(&answer, ret_pem, ret_authority))
                              : status;
}
