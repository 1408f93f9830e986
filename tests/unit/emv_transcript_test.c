/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S75: the derived card's contact transcripts, replayed through the whole kernel: every command is
 * the transcript's to the byte, and so are the decision, the TVR and what goes to the host.
 */
#include "tests/unit/crypto_vectors.h"
#include "tests/unit/emv_card.h"
#include "tests/unit/emv_rig.h"

static struct rig rig;
static uint8_t ca_modulus[256];

static void start(const json_t *card, const json_t *t)
{
    const json_t *ca = json_object_get(card, "ca");
    const json_t *terminal = json_object_get(t, "terminal_data");
    rig_start(&rig);
    rig.setup.terminal.capabilities[1] = 0x28; /* signature, none: as in the transcripts, no PIN */
    rig.setup.terminal.ask_counter = true;
    rig.setup.payment.amount_minor = emv_amount_of(hex_at(terminal, "9F02"));
    memcpy(rig.number, hex_at(terminal, "9F37").at, 4);
    assert_bytes(hex_at(terminal, "9A"), BYTES_OF(rig.date));
    assert_bytes(hex_at(terminal, "9F21"), BYTES_OF(rig.time));
    assert_bytes(hex_at(terminal, "9F4E"), rig.setup.terminal.merchant);
    rig_add_application(
        &rig, &(struct rig_application){.aid = "A000000333010101", .tac_denial = "8000000000"});
    struct bytes modulus = hex_at(ca, "modulus");
    memcpy(ca_modulus, modulus.at, modulus.len);
    rig_add_ca_key(&rig, hex_at(ca, "rid"), hex_at(ca, "index"), bytes_of(ca_modulus, modulus.len),
                   hex_at(ca, "exponent"), text_at(ca, "expiry"));
}

static const json_t *transaction(const json_t *card, const char *name)
{
    const json_t *t = json_object_get(json_object_get(card, "transactions"), name);
    assert_non_null(t);
    return t;
}

static void check_request(const json_t *t)
{
    rig_assert_data(&rig, 0x9F26, text_at(t, "arqc"));
    rig_assert_data(&rig, 0x9F10, text_at(t, "iad"));
    rig_assert_data(&rig, 0x95, text_at(json_object_get(t, "terminal_data"), "95"));
}

/* The host's answer: 91, and a script when the transcript has one. */
static struct bytes host_answer(const json_t *t)
{
    static uint8_t block[EMV_HOST_MAX];
    struct writer w = writer_over(block, sizeof block);
    tlv_write(&w, 0x91, hex_at(t, "issuer_auth_data_tag91"));
    if (json_object_get(t, "script_template_72") != NULL)
        write_bytes(&w, hex_at(t, "script_template_72"));
    return writer_view(&w);
}

static void replay_online(const char *name, const char *arc, enum emv_result result,
                          enum emv_reason reason)
{
    json_t *card = card_vectors();
    const json_t *t = transaction(card, name), *rows = json_object_get(t, "apdus");
    start(card, t);
    (void)rig_begin(&rig);
    size_t at = rig_play(&rig, rows, 0);
    assert_int_equal(rig.k.want, EMV_WANT_ONLINE);
    check_request(t);
    rig_assert_data(&rig, 0x9F34, "1E0300");
    rig_assert_data(&rig, 0x9B, "E800");
    rig_assert_data(&rig, 0x9F27, "80");
    (void)rig_host(&rig, arc, host_answer(t));
    at = rig_play(&rig, rows, at);
    assert_int_equal(at, json_array_size(rows));
    rig_assert_end(&rig, result, reason);
    assert_false(rig.k.outcome.reverse);
    assert_int_equal(rig.k.outcome.signature, result == EMV_APPROVED_ONLINE);
    vector_file_end(card);
}

static void online_approved(void **state)
{
    (void)state;
    replay_online("contact_online_approved", "00", EMV_APPROVED_ONLINE, EMV_REASON_NONE);
    rig_assert_data(&rig, 0x9F26, "3DDDADA3418D514B");
    rig_assert_data(&rig, 0x9B, "F800");
    rig_assert_data(&rig, 0x9F36, "0021");
}

static void online_declined(void **state)
{
    (void)state;
    replay_online("contact_online_declined", "51", EMV_DECLINED, EMV_REASON_BY_HOST);
    rig_assert_data(&rig, 0x9F26, "39888400A5EA7F03");
}

static void online_approved_with_script(void **state)
{
    (void)state;
    replay_online("contact_online_approved_script_block", "00", EMV_APPROVED_ONLINE,
                  EMV_REASON_NONE);
    rig_assert_data(&rig, 0xDF31, "2000000001");
    rig_assert_data(&rig, 0x9B, "FC00");
    rig_assert_data(&rig, 0x95, "0000008000");
}

static void offline_approved(void **state)
{
    (void)state;
    json_t *card = card_vectors();
    const json_t *t = transaction(card, "contact_offline_approved_tc");
    const json_t *rows = json_object_get(t, "apdus");
    start(card, t);
    (void)rig_begin(&rig);
    assert_int_equal(rig_play(&rig, rows, 0), json_array_size(rows));
    rig_assert_end(&rig, EMV_APPROVED_OFFLINE, EMV_REASON_NONE);
    check_request(t);
    rig_assert_data(&rig, 0x8A, "5931");
    vector_file_end(card);
}

/* Parameters anew, with a floor limit that the declined amount does not reach. */
static void without_floor(void)
{
    rig.setup.payment.amount_minor = 12345;
    rig.document_len = 0;
    rig_append(&rig, 0xDF8101, hex("01"));
    rig_append(&rig, 0xDF8102, hex("00000001"));
    rig_add_application(&rig, &(struct rig_application){.aid = "A000000333010101",
                                                        .tac_denial = "8000000000",
                                                        .floor = "000186A0"});
}

/*
 * The declined transcript contradicts itself. Its GENERATE AC, and the cryptogram that the card
 * made over it, have a TVR of 80 00 00 00 00: byte 1 bit 8, offline data authentication was not
 * performed. Its row before has INTERNAL AUTHENTICATE, which is that authentication, and the card's
 * answer is good: a terminal that has sent it says 00 in byte 1 (EMV Book 3, 10.3). So no terminal
 * sends both. offline_declined() replays all but that row with a terminal that has no offline
 * authentication; this one replays all but the last with one that has it, and finds the one bit.
 */
static void declined_transcript_contradicts_itself(void **state)
{
    (void)state;
    json_t *card = card_vectors();
    const json_t *t = transaction(card, "contact_offline_declined_aac");
    const json_t *rows = json_object_get(t, "apdus");
    size_t all = json_array_size(rows), i = 0;
    const json_t *ca = json_object_get(card, "ca");
    start(card, t);
    without_floor();
    rig_add_ca_key(&rig, hex_at(ca, "rid"), hex_at(ca, "index"), hex_at(ca, "modulus"),
                   hex_at(ca, "exponent"), text_at(ca, "expiry"));
    (void)rig_begin(&rig);
    for (; i + 1 < all; i++) {
        assert_int_equal(rig.k.want, EMV_WANT_APDU);
        assert_bytes(emv_contact_command(&rig.k), hex_at(json_array_get(rows, i), "c"));
        (void)rig_answer(&rig, hex_at(json_array_get(rows, i), "r"));
    }
    struct bytes last = hex_at(json_array_get(rows, i), "c"), ours = emv_contact_command(&rig.k);
    enum { TVR_AT = 5 + 6 + 6 + 2 }; /* header; CDOL1: 9F02 9F03 9F1A, then 95 */
    assert_int_equal(ours.len, last.len);
    assert_int_equal(last.at[TVR_AT], 0x80);
    assert_int_equal(ours.at[TVR_AT], 0x00);
    assert_bytes(bytes_of(ours.at + TVR_AT + 1, 20), bytes_of(last.at + TVR_AT + 1, 20));
    assert_bytes(hex_at(json_object_get(t, "terminal_data"), "95"), bytes_of(last.at + TVR_AT, 5));
    vector_file_end(card);
}

static void offline_declined(void **state)
{
    (void)state;
    json_t *card = card_vectors();
    const json_t *t = transaction(card, "contact_offline_declined_aac");
    json_t *rows = json_deep_copy(json_object_get(t, "apdus"));
    size_t all = json_array_size(rows);
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (strncmp(text_at(json_array_get(rows, i), "c"), "0088", 4) == 0)
            json_array_remove(rows, i);
    assert_int_equal(json_array_size(rows), all - 1);
    start(card, t);
    rig.setup.terminal.capabilities[2] = 0;
    without_floor(); /* nor with the authority's key, which is not asked for */
    (void)rig_begin(&rig);
    assert_int_equal(rig_play(&rig, rows, 0), all - 1);
    rig_assert_end(&rig, EMV_DECLINED, EMV_REASON_BY_TERMINAL);
    check_request(t);
    rig_assert_data(&rig, 0x8A, "5A31");
    json_decref(rows);
    vector_file_end(card);
}

/* The row with this command and this answer, both in hex. */
static bool has_row(const json_t *rows, const char *command, const char *answer)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (strcmp(text_at(row, "c"), command) == 0 && strcmp(text_at(row, "r"), answer) == 0)
            return true;
    }
    return false;
}

/* "sfi2_1", or a member of the processing options: AIP and AFL, wherever they stand in there. */
static void assert_in_transcript(const json_t *rows, const char *member, const char *value)
{
    char command[24], answer[600];
    if (strncmp(member, "sfi", 3) == 0) {
        char *end;
        unsigned sfi = (unsigned)strtoul(member + 3, &end, 10);
        assert_int_equal(*end, '_');
        unsigned number = (unsigned)strtoul(end + 1, NULL, 10);
        snprintf(command, sizeof command, "00B2%02X%02X00", number, sfi << 3 | 4);
        snprintf(answer, sizeof answer, "%s9000", value);
        assert_true(has_row(rows, command, answer));
        return;
    }
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (strncmp(text_at(row, "c"), "80A8", 4) != 0) continue;
        assert_non_null(strstr(text_at(row, "r"), value));
        return;
    }
    fail_msg("no row for %s", member);
}

/* What the file says to be on the card is what the card answers, through either interface. */
static void records_are_the_cards_answers(void **state)
{
    (void)state;
    static const char *const of[][2] = {{"contact", "contact_online_approved"},
                                        {"contactless", "quickpass_online_arqc"}};
    json_t *card = card_vectors(), *value;
    for (size_t i = 0; i < 2; i++) {
        json_t *said = json_object_get(json_object_get(card, "records"), of[i][0]);
        const json_t *rows = json_object_get(transaction(card, of[i][1]), "apdus");
        const char *member;
        assert_int_equal(json_object_size(said), i == 0 ? 6 : 3);
        json_object_foreach(said, member, value)
        {
            assert_in_transcript(rows, member, json_string_value(value));
        }
    }
    vector_file_end(card);
}

/* A byte changed in an answer that is under a signature or a cryptogram is noticed. */
static void changed_answers_are_noticed(void **state)
{
    (void)state;
    json_t *card = card_vectors();
    const json_t *t = transaction(card, "contact_offline_approved_tc");
    const json_t *rows = json_object_get(t, "apdus");
    for (size_t changed = 5; changed <= 9; changed++) {
        start(card, t);
        (void)rig_begin(&rig);
        for (size_t i = 0; i < json_array_size(rows) && rig.k.want == EMV_WANT_APDU; i++) {
            const json_t *row = json_array_get(rows, i);
            uint8_t answer[300];
            struct bytes given = hex_at(row, "r");
            memcpy(answer, given.at, given.len);
            if (i == changed) answer[given.len / 2] ^= 1;
            (void)rig_answer(&rig, bytes_of(answer, given.len));
        }
        bool clean =
            rig.k.outcome.result == EMV_APPROVED_OFFLINE && memcmp(rig.k.tvr, "\0\0\0\0\0", 5) == 0;
        if (changed != 6) assert_false(clean); /* that record is under no signature */
    }
    vector_file_end(card);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(online_approved),
        cmocka_unit_test(online_declined),
        cmocka_unit_test(online_approved_with_script),
        cmocka_unit_test(offline_approved),
        cmocka_unit_test(declined_transcript_contradicts_itself),
        cmocka_unit_test(offline_declined),
        cmocka_unit_test(records_are_the_cards_answers),
        cmocka_unit_test(changed_answers_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
