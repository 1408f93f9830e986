/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies about people, policies, recovery, phones, anchors, and answers to chip cards. Each is its
 * row in the table below: its members in the order in which they travel, a number of 1, 2, 4 or 8
 * bytes or a byte string behind a length. Writer and reader of a message are made from the same
 * row.
 */
#include "lib/wire/vault_protocol_chip.h"
#include "lib/wire/vault_protocol_command.h"

/* NUMBER(member, type, bytes) STRING(member) */
/* clang-format off */
#define OPERATOR_SET_ROW(N, S) N(action, uint8_t, 1) N(operator_id, uint8_t, 1) N(role, uint8_t, 1)
#define OPERATOR_SET_ANSWER_ROW(N, S) N(verdict, uint8_t, 1) S(sealed)
#define APPROVE_ROW(N, S) N(approver, uint8_t, 1) N(action, uint8_t, 1) S(subject)
#define POLICY_LOADED_ROW(N, S) N(verdict, uint8_t, 1) N(version, uint32_t, 4)
#define POLICY_ASK_ROW(N, S) N(role, uint8_t, 1) N(language, uint8_t, 1)
#define POLICY_SHOWN_ROW(N, S) \
    N(version, uint32_t, 4) N(profile, uint8_t, 1) N(rules, uint8_t, 1) N(min, uint8_t, 1) \
    N(max, uint8_t, 1) N(keyboard, uint8_t, 1) N(ways, uint8_t, 1) N(lock_s, uint16_t, 2) \
    S(lines)
#define RECOVERY_ASK_ROW(N, S) N(operator_id, uint8_t, 1) N(way, uint8_t, 1)
#define RECOVERY_BEGUN_ROW(N, S) N(verdict, uint8_t, 1) S(challenge) N(valid_s, uint32_t, 4)
#define RECOVERY_PROOF_ROW(N, S) N(operator_id, uint8_t, 1) S(grant)
#define RECOVERY_ENDED_ROW(N, S) N(verdict, uint8_t, 1) N(tries_left, uint8_t, 1)
#define REISSUE_ROW(N, S) N(operator_id, uint8_t, 1) S(challenge) S(grant)
#define PAIR_FINISH_ROW(N, S) S(token) S(public_key) S(label) N(confirmed, uint8_t, 1)
#define PAIR_ANSWER_ROW(N, S) N(verdict, uint8_t, 1) S(check)
#define APPROVAL_ROW(N, S) N(pair_id, uint8_t, 1) S(signature)
#define CHIP_ANSWER_ROW(N, S) \
    N(kind, uint8_t, 1) N(index, uint8_t, 1) S(response_code) S(field55)
#define PARAMETERS_PART_ROW(N, S) N(total, uint32_t, 4) N(offset, uint32_t, 4) S(part)
#define PARAMETERS_LOADED_ROW(N, S) N(verdict, uint8_t, 1) N(number, uint32_t, 4)
#define ANCHOR_ASK_ROW(N, S) N(epoch, uint64_t, 8) S(mac)
#define ANCHOR_ROW(N, S) N(epoch, uint64_t, 8) S(mac) N(verdict, uint8_t, 1)
#define COMMAND_ASK_ROW(N, S) N(number, uint64_t, 8) S(kind) S(nonce) S(text) S(mac)
#define COMMAND_SAID_ROW(N, S) N(verdict, uint8_t, 1)
/* clang-format on */

#define PUT_NUMBER(member, type, width) write_be(w, m->member, width);
#define PUT_STRING(member)              write_prefixed(w, 2, m->member);
#define GET_NUMBER(member, type, width) m.member = (type)read_be(r, width);
#define GET_STRING(member)              m.member = read_prefixed(r, 2, VAULT_FRAME_MAX);

/* clang-format off */
#define MESSAGE(name, ROW)                                              \
    void vault_write_##name(struct writer *w, const struct vault_##name *m) \
    {                                                                   \
        ROW(PUT_NUMBER, PUT_STRING)                                     \
    }                                                                   \
    err vault_read_##name(struct reader *r, struct vault_##name *out)   \
    {                                                                   \
        struct vault_##name m = {0};                                    \
        ROW(GET_NUMBER, GET_STRING)                                     \
        TRY(reader_finish(r));                                          \
        *out = m;                                                       \
        return OK;                                                      \
    }

MESSAGE(operator_set, OPERATOR_SET_ROW)
MESSAGE(operator_set_answer, OPERATOR_SET_ANSWER_ROW)
MESSAGE(approve, APPROVE_ROW)
MESSAGE(policy_loaded, POLICY_LOADED_ROW)
MESSAGE(policy_ask, POLICY_ASK_ROW)
MESSAGE(policy_shown, POLICY_SHOWN_ROW)
MESSAGE(recovery_ask, RECOVERY_ASK_ROW)
MESSAGE(recovery_begun, RECOVERY_BEGUN_ROW)
MESSAGE(recovery_proof, RECOVERY_PROOF_ROW)
MESSAGE(recovery_ended, RECOVERY_ENDED_ROW)
MESSAGE(reissue, REISSUE_ROW)
MESSAGE(pair_finish, PAIR_FINISH_ROW)
MESSAGE(pair_answer, PAIR_ANSWER_ROW)
MESSAGE(approval, APPROVAL_ROW)
MESSAGE(anchor_ask, ANCHOR_ASK_ROW)
MESSAGE(anchor, ANCHOR_ROW)
MESSAGE(command_ask, COMMAND_ASK_ROW)
MESSAGE(command_said, COMMAND_SAID_ROW)
MESSAGE(chip_answer, CHIP_ANSWER_ROW)
MESSAGE(parameters_part, PARAMETERS_PART_ROW)
MESSAGE(parameters_loaded, PARAMETERS_LOADED_ROW)
/* clang-format on */

void vault_write_pairs(struct writer *w, const struct vault_pair *list, size_t count)
{
    ENSURE(count <= VAULT_PAIRS_MAX);
    write_be(w, count, 1);
    for (size_t i = 0; i < count; i++) {
        write_be(w, list[i].id, 1);
        write_prefixed(w, 2, list[i].label);
        write_be(w, list[i].added_ms, 8);
    }
}

err vault_read_pairs(struct reader *r, struct vault_pair *list, size_t max, size_t *ret_count)
{
    size_t count = (size_t)read_be(r, 1);
    if (count > max) return ERR(LENGTH);
    for (size_t i = 0; i < count; i++) {
        list[i].id = (uint8_t)read_be(r, 1);
        list[i].label = read_prefixed(r, 2, VAULT_PHONE_LABEL_MAX);
        list[i].added_ms = read_be(r, 8);
    }
    TRY(reader_finish(r));
    *ret_count = count;
    return OK;
}
