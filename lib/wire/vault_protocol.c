/* SPDX-License-Identifier: Apache-2.0 */
/* The vault's commands as bytes: one-byte numbers, big-endian integers, and strings behind a
 * length. */
#include "lib/wire/vault_protocol.h"

#include "lib/wire/vault_protocol_chip.h"

static void put(struct writer *w, struct bytes b)
{
    write_prefixed(w, 2, b);
}

static struct bytes get(struct reader *r)
{
    return read_prefixed(r, 2, VAULT_FRAME_MAX);
}

static uint8_t get_byte(struct reader *r)
{
    return (uint8_t)read_be(r, 1);
}

void vault_write_header(struct writer *w, uint8_t command)
{
    write_be(w, VAULT_PROTOCOL_VERSION, 1);
    write_be(w, command, 1);
}

err vault_read_header(struct reader *r, uint8_t *ret_command)
{
    uint8_t version = get_byte(r);
    uint8_t command = get_byte(r);
    if (r->fault != ERR_OK) return (err){r->fault};
    if (version != VAULT_PROTOCOL_VERSION) return ERR(UNSUPPORTED);
    *ret_command = command;
    return OK;
}

void vault_write_answer(struct writer *w, uint8_t command, enum vault_status status)
{
    vault_write_header(w, command);
    write_be(w, (uint64_t)status, 1);
}

err vault_read_answer(struct reader *r, uint8_t *ret_command, enum vault_status *ret_status)
{
    uint8_t command;
    TRY(vault_read_header(r, &command));
    uint8_t status = get_byte(r);
    if (r->fault != ERR_OK) return (err){r->fault};
    if (status > VAULT_KEYS_SPENT) return ERR(RANGE);
    *ret_command = command;
    *ret_status = (enum vault_status)status;
    return OK;
}

void vault_write_status_answer(struct writer *w, const struct vault_status_answer *m)
{
    const uint8_t flags[] = {m->provisioned, m->working_keys, m->tampered, m->self_test};
    write_bytes(w, BYTES_OF(flags));
    const struct bytes texts[] = {m->serial,  m->model,         m->tid,
                                  m->mid,     m->merchant_name, m->kcv_master,
                                  m->kcv_pin, m->kcv_mac,       m->kcv_data};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) put(w, texts[i]);
    write_be(w, m->first_login_ms, 8);
    write_be(w, m->certificate_expiry_ms, 8);
    write_be(w, m->policy_version, 4);
    write_be(w, m->rollback, 1);
    write_be(w, m->parameters_number, 4);
    put(w, m->parameters_digest);
    put(w, m->suite);
    write_be(w, m->offline_count, 4);
    write_be(w, m->offline_each_minor, 8);
    write_be(w, m->offline_total_minor, 8);
    write_be(w, m->offline_days, 1);
}

err vault_read_status_answer(struct reader *r, struct vault_status_answer *out)
{
    struct vault_status_answer m = {0};
    m.provisioned = get_byte(r);
    m.working_keys = get_byte(r);
    m.tampered = get_byte(r);
    m.self_test = get_byte(r);
    struct bytes *const texts[] = {&m.serial,  &m.model,         &m.tid,
                                   &m.mid,     &m.merchant_name, &m.kcv_master,
                                   &m.kcv_pin, &m.kcv_mac,       &m.kcv_data};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) *texts[i] = get(r);
    m.first_login_ms = read_be(r, 8);
    m.certificate_expiry_ms = read_be(r, 8);
    m.policy_version = (uint32_t)read_be(r, 4);
    m.rollback = get_byte(r);
    m.parameters_number = (uint32_t)read_be(r, 4);
    m.parameters_digest = get(r);
    m.suite = get(r);
    m.offline_count = (uint32_t)read_be(r, 4);
    m.offline_each_minor = read_be(r, 8);
    m.offline_total_minor = read_be(r, 8);
    m.offline_days = get_byte(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_entry_begin(struct writer *w, const struct vault_entry_begin *m)
{
    write_be(w, m->purpose, 1);
    write_be(w, m->keypad, 1);
    write_be(w, m->operator_id, 1);
    write_be(w, m->language, 1);
}

err vault_read_entry_begin(struct reader *r, struct vault_entry_begin *out)
{
    struct vault_entry_begin m = {0};
    m.purpose = get_byte(r); /* one a line: initialisers have no order */
    m.keypad = get_byte(r);
    m.operator_id = get_byte(r);
    m.language = get_byte(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_entry_layout(struct writer *w, const struct vault_entry_layout *m)
{
    write_be(w, m->min, 1);
    write_be(w, m->max, 1);
    write_be(w, m->keyboard, 1);
    put(w, m->sealed);
}

err vault_read_entry_layout(struct reader *r, struct vault_entry_layout *out)
{
    struct vault_entry_layout m = {0};
    m.min = get_byte(r);
    m.max = get_byte(r);
    m.keyboard = get_byte(r);
    m.sealed = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_entry_answer(struct writer *w, const struct vault_entry_answer *m)
{
    write_be(w, m->state, 1);
    write_be(w, m->count, 1);
    put(w, m->strength);
}

err vault_read_entry_answer(struct reader *r, struct vault_entry_answer *out)
{
    struct vault_entry_answer m = {0};
    m.state = get_byte(r);
    m.count = get_byte(r);
    m.strength = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_login_answer(struct writer *w, const struct vault_login_answer *m)
{
    write_be(w, m->verdict, 1);
    write_be(w, m->role, 1);
    write_be(w, m->tries_left, 1);
    write_be(w, m->wait_s, 4);
    write_be(w, m->last_login_ms, 8);
    write_be(w, m->first_login_ms, 8);
    write_be(w, m->reason, 1);
    write_be(w, m->review, 1);
    write_be(w, (uint16_t)m->review_days, 2); /* two's complement */
    write_be(w, m->duress, 1);
    put(w, m->approval);
}

err vault_read_login_answer(struct reader *r, struct vault_login_answer *out)
{
    struct vault_login_answer m = {0};
    m.verdict = get_byte(r);
    m.role = get_byte(r);
    m.tries_left = get_byte(r);
    m.wait_s = (uint32_t)read_be(r, 4);
    m.last_login_ms = read_be(r, 8);
    m.first_login_ms = read_be(r, 8);
    m.reason = get_byte(r);
    m.review = get_byte(r);
    m.review_days = (int16_t)(uint16_t)read_be(r, 2);
    m.duress = get_byte(r);
    m.approval = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_person(struct writer *w, struct vault_person who)
{
    write_be(w, who.operator_id, 1);
    write_be(w, who.language, 1);
}

err vault_read_person(struct reader *r, struct vault_person *out)
{
    struct vault_person m = {.operator_id = get_byte(r)};
    m.language = get_byte(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_duress(struct writer *w, const struct vault_duress *m)
{
    vault_write_person(w, m->who);
    write_be(w, m->action, 1);
}

err vault_read_duress(struct reader *r, struct vault_duress *out)
{
    struct vault_duress m = {.who.operator_id = get_byte(r)};
    m.who.language = get_byte(r);
    m.action = get_byte(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_password_answer(struct writer *w, const struct vault_password_answer *m)
{
    write_be(w, m->verdict, 1);
    write_be(w, m->broken, 4);
    put(w, m->text);
}

err vault_read_password_answer(struct reader *r, struct vault_password_answer *out)
{
    struct vault_password_answer m = {.verdict = get_byte(r)};
    m.broken = (uint32_t)read_be(r, 4);
    m.text = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_card(struct writer *w, const struct vault_card *m)
{
    write_be(w, m->state, 1);
    write_be(w, m->entry, 1);
    write_be(w, m->pin_required, 1);
    put(w, m->pan_masked);
    put(w, m->card_sequence);
}

static struct vault_card get_card(struct reader *r)
{
    struct vault_card m = {0};
    m.state = get_byte(r);
    m.entry = get_byte(r);
    m.pin_required = get_byte(r);
    m.pan_masked = get(r);
    m.card_sequence = get(r);
    return m;
}

err vault_read_card(struct reader *r, struct vault_card *out)
{
    struct vault_card m = get_card(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_card_code(struct writer *w, const struct vault_card_code *m)
{
    vault_write_card(w, &m->card);
    put(w, m->field55);
}

err vault_read_card_code(struct reader *r, struct vault_card_code *out)
{
    struct vault_card_code m = {.card = get_card(r)};
    m.field55 = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_card_arm(struct writer *w, const struct vault_card_arm *m)
{
    write_be(w, m->amount_minor, 8);
    write_be(w, m->currency, 2);
    write_be(w, m->language, 1);
    write_be(w, m->ways, 1);
    write_be(w, m->host, 1);
}

err vault_read_card_arm(struct reader *r, struct vault_card_arm *out)
{
    struct vault_card_arm m = {.amount_minor = read_be(r, 8)};
    m.currency = (uint16_t)read_be(r, 2);
    m.language = get_byte(r);
    m.ways = get_byte(r);
    m.host = get_byte(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_envelope(struct writer *w, const struct vault_envelope *m)
{
    put(w, m->tid);
    write_be(w, m->batch, 4);
    write_be(w, m->stan, 4);
    write_be(w, m->amount_minor, 8);
}

static struct vault_envelope get_envelope(struct reader *r)
{
    struct vault_envelope m = {.tid = get(r)};
    m.batch = (uint32_t)read_be(r, 4);
    m.stan = (uint32_t)read_be(r, 4);
    m.amount_minor = read_be(r, 8);
    return m;
}

err vault_read_envelope(struct reader *r, struct vault_envelope *out)
{
    struct vault_envelope m = get_envelope(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_held(struct writer *w, const struct vault_held *m)
{
    vault_write_envelope(w, &m->payment);
    put(w, m->held);
}

err vault_read_held(struct reader *r, struct vault_held *out)
{
    struct vault_held m = {.payment = get_envelope(r)};
    m.held = get(r);
    TRY(reader_finish(r));
    *out = m;
    return OK;
}

void vault_write_operators(struct writer *w, const struct vault_operator *list, size_t count)
{
    ENSURE(count <= VAULT_OPERATORS_MAX);
    write_be(w, count, 1);
    for (size_t i = 0; i < count; i++) {
        const uint8_t row[] = {list[i].id, list[i].role, list[i].has_password, list[i].locked,
                               list[i].suspended};
        write_bytes(w, BYTES_OF(row));
        write_be(w, list[i].last_login_ms, 8);
    }
}

err vault_read_operators(struct reader *r, struct vault_operator *list, size_t max,
                         size_t *ret_count)
{
    size_t count = (size_t)read_be(r, 1);
    if (count > max) return ERR(LENGTH);
    for (size_t i = 0; i < count; i++) {
        struct vault_operator who = {0};
        who.id = get_byte(r);
        who.role = get_byte(r);
        who.has_password = get_byte(r);
        who.locked = get_byte(r);
        who.suspended = get_byte(r);
        who.last_login_ms = read_be(r, 8);
        list[i] = who;
    }
    TRY(reader_finish(r));
    *ret_count = count;
    return OK;
}

void vault_write_byte(struct writer *w, uint8_t value)
{
    write_be(w, value, 1);
}

err vault_read_byte(struct reader *r, uint8_t *out)
{
    uint8_t value = get_byte(r);
    TRY(reader_finish(r));
    *out = value;
    return OK;
}

void vault_write_bytes(struct writer *w, struct bytes b)
{
    put(w, b);
}

err vault_read_bytes(struct reader *r, struct bytes *out)
{
    struct bytes b = get(r);
    TRY(reader_finish(r));
    *out = b;
    return OK;
}

void vault_write_pair(struct writer *w, struct bytes a, struct bytes b)
{
    put(w, a);
    put(w, b);
}

err vault_read_pair(struct reader *r, struct bytes *ret_a, struct bytes *ret_b)
{
    struct bytes a = get(r);
    struct bytes b = get(r);
    TRY(reader_finish(r));
    *ret_a = a;
    *ret_b = b;
    return OK;
}

const char *vault_status_text(enum vault_status status)
{
    switch (status) {
    case VAULT_OK:
        return "ok";
    case VAULT_BAD_REQUEST:
        return "command is malformed";
    case VAULT_NOT_READY:
        return "not provisioned, or not signed in";
    case VAULT_NO_CARD:
        return "no card has been read";
    case VAULT_NO_ENTRY:
        return "no finished entry";
    case VAULT_BAD_MAC:
        return "MAC does not verify";
    case VAULT_BAD_KEYS:
        return "key check value does not match";
    case VAULT_NOT_ALLOWED:
        return "not allowed in this state";
    case VAULT_TAMPERED:
        return "tampered: keys are erased";
    case VAULT_FAILED:
        return "vault failed";
    case VAULT_BAD_SEAL:
        return "panel message does not open";
    case VAULT_KEYS_SPENT:
        return "all keys of this device are used: provision it anew";
    case VAULT_OLD_KEY:
        return "a master key that was replaced before";
    case VAULT_TOO_MANY_PINS:
        return "as many PIN entries as an hour may have";
    }
    return "unknown status";
}
