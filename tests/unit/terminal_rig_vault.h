/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The scripted vault of terminal_rig.h, which includes this. */

static void rig_mac(struct bytes data, uint8_t mac[8])
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < data.len; i++) hash = (hash ^ data.at[i]) * UINT64_C(1099511628211);
    for (size_t i = 0; i < 8; i++) mac[i] = (uint8_t)(hash >> (8 * i));
}

static const uint8_t rig_master_kcv[4] = {1, 2, 3, 4};

static void rig_vault_status(struct rig *rig, struct writer *w)
{
    static const uint8_t kcv[3][4] = {{5, 6, 7, 8}, {9, 10, 11, 12}, {13, 14, 15, 16}};
    struct bytes none = {0};
    struct vault_status_answer m = {
        .provisioned = rig->provisioned,
        .working_keys = rig->working_keys,
        .tampered = rig->tampered,
        .self_test = rig->self_test,
        .serial = BYTES("TB1-0000017"),
        .model = BYTES("TB-1"),
        .tid = rig->provisioned ? BYTES("10000017") : none,
        .mid = rig->provisioned ? BYTES("898290058120001") : none,
        .merchant_name = BYTES("虹桥小馆(示例)"),
        .kcv_master = rig->provisioned ? BYTES_OF(rig_master_kcv) : none,
        .kcv_pin = rig->working_keys ? BYTES_OF(kcv[0]) : none,
        .kcv_mac = rig->working_keys ? BYTES_OF(kcv[1]) : none,
        .kcv_data = rig->working_keys ? BYTES_OF(kcv[2]) : none,
        .first_login_ms = (uint64_t)(RIG_START_MS - 60000),
        .certificate_expiry_ms =
            (uint64_t)(rig->certificate.end_ms != 0
                           ? rig->certificate.end_ms
                           : rig_now_ms(rig) + INT64_C(86400000) * rig->certificate_days),
        .parameters_number = rig->parameters.vault_number,
        .offline_count = rig->offline.count,
        .offline_each_minor = (uint64_t)rig->offline.each,
        .offline_total_minor = (uint64_t)rig->offline.total,
        .offline_days = rig->offline.days,
    };
    const uint8_t digest[VAULT_DIGEST_BYTES] = {(uint8_t)rig->parameters.vault_number};
    if (rig->parameters.vault_number > 0) m.parameters_digest = BYTES_OF(digest);
    vault_write_status_answer(w, &m);
}

static char *rig_entry_text(struct rig *rig)
{
    return rig->entered[rig->purpose == VAULT_ENTRY_NEW      ? 1
                        : rig->purpose == VAULT_ENTRY_REPEAT ? 2
                                                             : 0];
}

static enum vault_status rig_entry_key(struct rig *rig, struct reader *r, struct writer *w)
{
    struct bytes sealed;
    struct vault_entry_answer answer = {0};
    char *text = rig_entry_text(rig);
    if (FAILED(vault_read_bytes(r, &sealed)) || sealed.len != 1) return VAULT_BAD_SEAL;
    if (!rig->panel_open) return VAULT_BAD_SEAL;
    uint8_t key = sealed.at[0];
    size_t len = strlen(text);
    if (key == 'X') answer.state = VAULT_ENTRY_CANCELLED;
    else if (key == 'O') answer.state = len >= 4 ? VAULT_ENTRY_DONE : VAULT_ENTRY_SHORT;
    else if (key < 10 && len < 12) {
        text[len] = (char)('0' + key);
        text[len + 1] = '\0';
    }
    answer.count = (uint8_t)strlen(text);
    vault_write_entry_answer(w, &answer);
    return VAULT_OK;
}

static enum vault_status rig_login(struct rig *rig, struct reader *r, struct writer *w)
{
    struct vault_person who;
    if (FAILED(vault_read_person(r, &who)) || who.operator_id > 99) return VAULT_BAD_REQUEST;
    uint8_t id = who.operator_id;
    struct vault_login_answer answer = {.role = id == 0    ? VAULT_ROLE_SUPERVISOR
                                                : id == 99 ? VAULT_ROLE_ADMINISTRATOR
                                                           : VAULT_ROLE_CASHIER};
    if (rig->password[id][0] == '\0') answer.verdict = VAULT_LOGIN_NO_OPERATOR;
    else if (rig->wrong_tries >= 5) answer.verdict = VAULT_LOGIN_LOCKED;
    else if (strcmp(rig->password[id], rig->entered[0]) != 0) {
        rig->wrong_tries++;
        answer.verdict = VAULT_LOGIN_WRONG;
        answer.tries_left = (uint8_t)(5 - rig->wrong_tries);
    } else answer.verdict = rig->one_time[id] ? VAULT_LOGIN_MUST_CHANGE : VAULT_LOGIN_OK;
    rig->entered[0][0] = '\0';
    answer.review = rig->review;
    answer.duress = rig->duress;
    answer.review_days = (int16_t)rig->review_days;
    answer.last_login_ms = (uint64_t)rig->last_login_ms;
    answer.first_login_ms = (uint64_t)(RIG_START_MS - 60000);
    vault_write_login_answer(w, &answer);
    return VAULT_OK;
}

static enum vault_status rig_password_set(struct rig *rig, struct reader *r, struct writer *w)
{
    struct vault_person who;
    if (FAILED(vault_read_person(r, &who)) || who.operator_id > 99) return VAULT_BAD_REQUEST;
    char *own = rig->password[who.operator_id];
    struct vault_password_answer answer = {.verdict = VAULT_PASSWORD_OK};
    if (strcmp(rig->entered[1], rig->entered[2]) != 0) {
        answer.verdict = VAULT_PASSWORD_MISMATCH;
    } else if (strcmp(rig->entered[1], own) == 0) {
        answer = (struct vault_password_answer){18, 1 << 18, BYTES("It is the same.")};
    } else if (strspn(rig->entered[1], "1") == strlen(rig->entered[1])) {
        answer = (struct vault_password_answer){10, 1 << 10, BYTES("It repeats.")};
    } else {
        memcpy(own, rig->entered[1], sizeof rig->password[0]);
        rig->one_time[who.operator_id] = false;
    }
    vault_write_password_answer(w, &answer);
    return VAULT_OK;
}

static enum vault_status rig_card_poll(struct rig *rig, struct writer *w)
{
    struct vault_card card = {.state = VAULT_CARD_NONE};
    if (rig->card_waiting) {
        card = rig->card;
        card.pan_masked = bytes_text(rig->card_pan);
        rig->card_waiting = false;
    }
    vault_write_card(w, &card);
    return VAULT_OK;
}

static enum vault_status rig_mac_check(struct rig *rig, struct reader *r)
{
    struct bytes data, mac;
    uint8_t right[8];
    if (FAILED(vault_read_pair(r, &data, &mac))) return VAULT_BAD_REQUEST;
    if (!rig->working_keys) return VAULT_NOT_READY;
    rig_mac(data, right);
    if (rig->macs_fail) return VAULT_BAD_MAC;
    return bytes_equal(mac, BYTES_OF(right)) ? VAULT_OK : VAULT_BAD_MAC;
}

static enum vault_status rig_mac_make(struct rig *rig, struct reader *r, struct writer *w)
{
    struct bytes data;
    uint8_t mac[8];
    if (FAILED(vault_read_bytes(r, &data))) return VAULT_BAD_REQUEST;
    if (!rig->working_keys || rig->refuse_mac) return VAULT_NOT_READY;
    rig_mac(data, mac);
    vault_write_bytes(w, BYTES_OF(mac));
    return VAULT_OK;
}

static enum vault_status rig_entry_begin(struct rig *rig, struct reader *r, struct writer *w)
{
    static const uint8_t layout[36] = {0};
    struct vault_entry_begin begin;
    struct vault_entry_layout answer = {4, 12, VAULT_KEYS_DIGITS, BYTES_OF(layout)};
    if (FAILED(vault_read_entry_begin(r, &begin))) return VAULT_BAD_REQUEST;
    if (!rig->panel_open) return VAULT_BAD_SEAL;
    if (begin.purpose == VAULT_ENTRY_PIN && rig->refuse_entry != VAULT_OK) return rig->refuse_entry;
    rig->purpose = begin.purpose;
    rig->keypad = begin.keypad;
    rig_entry_text(rig)[0] = '\0';
    vault_write_entry_layout(w, &answer);
    return VAULT_OK;
}

static enum vault_status rig_panel(struct rig *rig, struct reader *r, struct writer *w)
{
    static const uint8_t key[65] = {4};
    struct bytes page;
    if (FAILED(vault_read_bytes(r, &page)) || page.len != 65) return VAULT_BAD_REQUEST;
    rig->panel_open = true;
    vault_write_bytes(w, BYTES_OF(key));
    return VAULT_OK;
}

/* Parts follow one another, or begin anew; each byte is the one that was published. */
static enum vault_status rig_parameters_load(struct rig *rig, struct reader *r, struct writer *w)
{
    struct rig_parameters *p = &rig->parameters;
    struct vault_parameters_part in;
    struct vault_parameters_loaded said = {.verdict = VAULT_PARAMETERS_MORE};
    if (FAILED(vault_read_parameters_part(r, &in)) || in.total > 50000) return VAULT_BAD_REQUEST;
    if (in.offset != 0 && in.offset != p->vault_has) return VAULT_BAD_REQUEST;
    for (size_t i = 0; i < in.part.len; i++)
        assert_int_equal(in.part.at[i], (uint8_t)((in.offset + i) * 31 + p->number));
    p->vault_has = in.offset + (uint32_t)in.part.len;
    assert_true(p->vault_has <= in.total);
    if (p->vault_has == in.total) {
        said.verdict = p->verdict;
        p->vault_has = 0;
        if (p->verdict == VAULT_PARAMETERS_OK) p->vault_number = p->number;
    }
    said.number = p->vault_number;
    vault_write_parameters_loaded(w, &said);
    return VAULT_OK;
}

static void rig_certificate_renewed(void *context)
{
    ((struct rig *)context)->certificate.told++;
}

static const uint8_t rig_transport[32] = {7};

/* What the host has given is taken when it begins as the test says. */
static enum vault_status rig_activate(struct rig *rig, struct reader *r)
{
    struct bytes document;
    if (FAILED(vault_read_bytes(r, &document))) return VAULT_BAD_REQUEST;
    rig->activations++;
    if (rig->provisioned || !bytes_equal(document, BYTES("{\"tid\":\"10000017\"}")))
        return VAULT_NOT_ALLOWED;
    rig->provisioned = true;
    return VAULT_OK;
}

static enum vault_status rig_small(struct rig *rig, uint8_t command, struct writer *w)
{
    static const uint8_t envelope[64] = {0xe1}, pin_block[16] = {0xb1};
    switch (command) {
    case VAULT_LOGOUT:
        return VAULT_OK;
    case VAULT_WIPE:
        if (!rig->wipe_wanted) return VAULT_NOT_ALLOWED;
        rig->tampered = VAULT_TAMPER_WIPED;
        return VAULT_OK;
    case VAULT_PASSWORD_KEEP:
        rig->kept++;
        return VAULT_OK;
    case VAULT_RECOVERY_BEGIN:
        rig->recoveries++;
        return VAULT_NOT_READY;
    case VAULT_KEYS_LOAD:
        rig->working_keys = !rig->bad_keys;
        return rig->bad_keys ? VAULT_BAD_KEYS : VAULT_OK;
    case VAULT_LAST_WORDS:
        if (rig->tampered == VAULT_TAMPER_NONE) return VAULT_NOT_ALLOWED;
        vault_write_pair(w, BYTES("certificate"), BYTES("\x30\x45"));
        return VAULT_OK;
    case VAULT_RENEW_ASK:
        vault_write_pair(w, BYTES("certificate"), BYTES("request"));
        return VAULT_OK;
    case VAULT_RENEW_TAKE:
        if (rig->certificate.refused) return VAULT_BAD_REQUEST;
        rig->certificate.taken++;
        rig->certificate.end_ms = rig_now_ms(rig) + 397 * INT64_C(86400000);
        return VAULT_OK;
    case VAULT_ACTIVATION_ASK:
        if (rig->provisioned) return VAULT_NOT_ALLOWED;
        vault_write_activation_words(
            w, &(const struct vault_activation_words){BYTES("CSR"), BYTES_OF(rig_transport),
                                                      BYTES("\x30\x45")});
        return VAULT_OK;
    case VAULT_CARD_MANUAL:
        rig->typed.pan_masked = BYTES("620001******0012");
        vault_write_card(w, &rig->typed);
        return VAULT_OK;
    case VAULT_CARD_CODE:
        rig->coded.card.pan_masked = BYTES("620000*********0017");
        rig->coded.card.card_sequence = BYTES("041");
        vault_write_card_code(w, &rig->coded);
        return VAULT_OK;
    case VAULT_CARD_FORGET:
        rig->forgets++;
        return VAULT_OK;
    case VAULT_CARD_ENVELOPE:
        rig->envelopes++;
        vault_write_bytes(w, BYTES_OF(envelope));
        return VAULT_OK;
    case VAULT_PIN_BLOCK:
        if (strlen(rig->entered[0]) < 4) return VAULT_NO_ENTRY;
        vault_write_bytes(w, BYTES_OF(pin_block));
        return VAULT_OK;
    default:
        return VAULT_BAD_REQUEST;
    }
}

static void rig_restarts(void *context)
{
    ((struct rig *)context)->restarts++;
}

/* A MAC that begins with FF is nobody's; numbers only grow. */
static enum vault_status rig_command(struct rig *rig, struct reader *r, struct writer *w, int *last)
{
    struct vault_command_ask in;
    struct vault_command_said said = {.verdict = VAULT_COMMAND_TAKEN};
    if (FAILED(vault_read_command_ask(r, &in))) return VAULT_BAD_REQUEST;
    if (in.mac.at[0] == 0xFF) said.verdict = VAULT_COMMAND_FORGED;
    else if ((int)in.number == *last) said.verdict = VAULT_COMMAND_BEFORE;
    else if ((int)in.number < *last) said.verdict = VAULT_COMMAND_OLD;
    else *last = (int)in.number;
    if (bytes_equal(in.kind, BYTES("wipe"))) rig->wipe_wanted = true;
    vault_write_command_said(w, &said);
    return VAULT_OK;
}

static enum vault_status rig_arm(struct rig *rig, struct reader *r, struct writer *w)
{
    struct vault_card_arm in;
    if (FAILED(vault_read_card_arm(r, &in))) return VAULT_BAD_REQUEST;
    rig->arms++;
    rig->offline.host_use = in.host;
    vault_write_bytes(w, BYTES("sealed amount"));
    return VAULT_OK;
}

/* What is held is the name of its payment, and so is the envelope that is made of it. */
static enum vault_status rig_hold(struct rig *rig, struct reader *r, struct writer *w)
{
    char bound[64];
    struct writer text = writer_over(bound, sizeof bound);
    struct vault_envelope in;
    if (FAILED(vault_read_envelope(r, &in))) return VAULT_BAD_REQUEST;
    if (rig->offline.no_hold) return VAULT_NOT_ALLOWED;
    rig->offline.holds++;
    write_format(&text, "%.8s|%06u|%06u|%lld", (const char *)in.tid.at, in.batch, in.stan,
                 (long long)in.amount_minor);
    vault_write_bytes(w, writer_view(&text));
    return VAULT_OK;
}

static enum vault_status rig_held(struct rig *rig, struct reader *r, struct writer *w)
{
    struct vault_held in;
    if (FAILED(vault_read_held(r, &in))) return VAULT_BAD_REQUEST;
    if (!rig->working_keys) return VAULT_NOT_READY;
    vault_write_bytes(w, in.held);
    return VAULT_OK;
}

static enum vault_status rig_policy_show(const struct rig *rig, struct reader *r, struct writer *w)
{
    struct vault_policy_ask in;
    struct vault_policy_shown shown = {.version = 1,
                                       .min = 4,
                                       .max = 12,
                                       .ways = rig->ways,
                                       .lock_s = (uint16_t)rig->lock_s,
                                       .lines = BYTES("4 to 12 digits\nno runs\n")};
    if (FAILED(vault_read_policy_ask(r, &in))) return VAULT_BAD_REQUEST;
    vault_write_policy_shown(w, &shown);
    return VAULT_OK;
}

static enum vault_status rig_operators(struct rig *rig, struct writer *w)
{
    struct vault_operator list[VAULT_OPERATORS_MAX];
    size_t count = 0;
    for (uint8_t id = 0; id < ARRAY_LEN(rig->password); id++)
        if (rig->password[id][0] != '\0')
            list[count++] = (struct vault_operator){.id = id,
                                                    .role = id == 0 ? VAULT_ROLE_SUPERVISOR
                                                                    : VAULT_ROLE_CASHIER,
                                                    .has_password = rig->one_time[id] ? 1 : 2};
    vault_write_operators(w, list, count);
    return VAULT_OK;
}

static enum vault_status rig_approve(struct rig *rig, struct reader *r, struct writer *w)
{
    struct vault_approve in;
    struct vault_login_answer answer = {.verdict = VAULT_LOGIN_OK, .role = VAULT_ROLE_SUPERVISOR};
    if (FAILED(vault_read_approve(r, &in)) || in.approver > 99) return VAULT_BAD_REQUEST;
    if (strcmp(rig->password[in.approver], rig->entered[0]) != 0)
        answer.verdict = VAULT_LOGIN_WRONG;
    rig->entered[0][0] = '\0';
    vault_write_login_answer(w, &answer);
    return VAULT_OK;
}

static enum vault_status rig_chip(struct rig *rig, uint8_t command, struct reader *r,
                                  struct writer *w)
{
    struct vault_chip_answer in;
    if (rig->chip == NULL) return VAULT_NO_CARD;
    if (command == VAULT_CHIP_ANSWER) {
        size_t said = strlen(rig->chip_said);
        if (FAILED(vault_read_chip_answer(r, &in))) return VAULT_BAD_REQUEST;
        assert_true(said + 1 < sizeof rig->chip_said);
        rig->chip_said[said] = (char)('0' + in.kind);
        if (in.kind == VAULT_CHIP_IS_HOST)
            assert_false(FAILED(bytes_to_text(in.response_code, rig->chip_code, 3)));
        rig->chip++;
    }
    vault_write_chip(w, rig->chip);
    return VAULT_OK;
}

static enum vault_status rig_vault_command(struct rig *rig, uint8_t command, struct reader *r,
                                           struct writer *w)
{
    switch (command) {
    case VAULT_STATUS:
        rig_vault_status(rig, w);
        return VAULT_OK;
    case VAULT_ACTIVATE:
        return rig_activate(rig, r);
    case VAULT_CHIP_POLL:
    case VAULT_CHIP_ANSWER:
        return rig_chip(rig, command, r, w);
    case VAULT_CARD_ARM:
        return rig_arm(rig, r, w);
    case VAULT_COMMAND_CHECK:
        return rig_command(rig, r, w, &rig->command_last);
    case VAULT_PARAMETERS_CHECK:
        return rig_command(rig, r, w, &rig->parameters_last);
    case VAULT_CARD_HOLD:
        return rig_hold(rig, r, w);
    case VAULT_HELD_ENVELOPE:
        return rig_held(rig, r, w);
    case VAULT_PANEL_OPEN:
        return rig_panel(rig, r, w);
    case VAULT_ENTRY_BEGIN:
        return rig_entry_begin(rig, r, w);
    case VAULT_ENTRY_KEY:
        return rig_entry_key(rig, r, w);
    case VAULT_LOGIN:
        return rig_login(rig, r, w);
    case VAULT_PASSWORD_SET:
        return rig_password_set(rig, r, w);
    case VAULT_CARD_POLL:
        return rig_card_poll(rig, w);
    case VAULT_MAC_MAKE:
        return rig_mac_make(rig, r, w);
    case VAULT_MAC_CHECK:
        return rig_mac_check(rig, r);
    case VAULT_PARAMETERS_LOAD:
        return rig_parameters_load(rig, r, w);
    case VAULT_POLICY_SHOW:
        return rig_policy_show(rig, r, w);
    case VAULT_OPERATORS:
        return rig_operators(rig, w);
    case VAULT_APPROVE:
        return rig_approve(rig, r, w);
    default:
        return rig_small(rig, command, w);
    }
}

static err rig_vault(void *context, struct bytes request, struct writer *response)
{
    struct rig *rig = context;
    uint8_t block[VAULT_FRAME_MAX], command;
    struct reader r = reader_over(request);
    struct writer body = writer_over(block, sizeof block);
    if (rig->unreachable) return ERR(REFUSED);
    assert_false(FAILED(vault_read_header(&r, &command)));
    enum vault_status status = VAULT_TAMPERED;
    rig->asked_status += command == VAULT_STATUS;
    if (rig->tampered == VAULT_TAMPER_NONE || command == VAULT_STATUS ||
        command == VAULT_LAST_WORDS)
        status = rig_vault_command(rig, command, &r, &body);
    vault_write_answer(response, command, status);
    if (status == VAULT_OK) write_bytes(response, writer_view(&body));
    return OK;
}
