/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the tests of the contact kernel share: a terminal, its parameters, a world that says what it
 * is told, and transcripts played back byte for byte.
 */

#include "lib/emv/contact.h"
#include "tests/unit/crypto_vectors.h"

struct rig {
    struct emv_contact k;
    struct emv_parameters parameters;
    struct emv_setup setup;
    uint8_t document[16384];
    size_t document_len;
    uint8_t number[4]; /* what the random source gives */
    uint8_t date[3], time[3];
    int64_t logged_minor;
    bool excepted;
    unsigned apdus; /* sent so far */
    char trace[16384];
};

static void rig_random(void *context, void *out, size_t len)
{
    const struct rig *rig = (const struct rig *)context;
    for (size_t i = 0; i < len; i++) ((uint8_t *)out)[i] = rig->number[i % 4];
}

static void rig_now(void *context, uint8_t date[3], uint8_t time[3])
{
    const struct rig *rig = (const struct rig *)context;
    memcpy(date, rig->date, 3);
    memcpy(time, rig->time, 3);
}

static bool rig_excepted(void *context, struct bytes pan_packed, int sequence)
{
    (void)pan_packed;
    (void)sequence;
    return ((const struct rig *)context)->excepted;
}

static int64_t rig_logged(void *context, struct bytes pan_packed)
{
    (void)pan_packed;
    return ((const struct rig *)context)->logged_minor;
}

/* Opens an entry of the document; objects are written behind it until rig_close. */
struct rig_entry {
    uint8_t at[600];
    struct writer w;
};

static inline void rig_put(struct rig_entry *entry, uint32_t tag, const char *text)
{
    tlv_write(&entry->w, tag, hex(text));
}

static inline void rig_append(struct rig *rig, uint32_t tag, struct bytes value)
{
    struct writer w = writer_over(rig->document, sizeof rig->document);
    w.len = rig->document_len;
    tlv_write(&w, tag, value);
    assert_int_equal(w.fault, ERR_OK);
    rig->document_len = w.len;
}

struct rig_application {
    const char *aid, *version, *tac_default, *tac_online, *tac_denial, *floor, *threshold, *maximum,
        *target, *ddol, *tap_floor, *tap_limit, *tap_cvm;
    bool exact, no_online_pin;
};

static inline const char *or_default(const char *text, const char *otherwise)
{
    return text != NULL ? text : otherwise;
}

static inline void rig_add_application(struct rig *rig, const struct rig_application *a)
{
    struct rig_entry e;
    e.w = writer_over(e.at, sizeof e.at);
    rig_put(&e, 0x9F06, a->aid);
    rig_put(&e, 0xDF01, a->exact ? "01" : "00");
    rig_put(&e, 0x9F08, or_default(a->version, "0030"));
    rig_put(&e, 0xDF11, or_default(a->tac_default, "0000000000"));
    rig_put(&e, 0xDF12, or_default(a->tac_online, "0000000000"));
    rig_put(&e, 0xDF13, or_default(a->tac_denial, "0000000000"));
    rig_put(&e, 0x9F1B, or_default(a->floor, "00002710"));
    rig_put(&e, 0xDF15, or_default(a->threshold, "00000000"));
    rig_put(&e, 0xDF16, or_default(a->maximum, "00"));
    rig_put(&e, 0xDF17, or_default(a->target, "00"));
    rig_put(&e, 0xDF14, or_default(a->ddol, "9F3704"));
    rig_put(&e, 0xDF18, a->no_online_pin ? "00" : "01");
    if (a->tap_floor != NULL) rig_put(&e, 0xDF19, a->tap_floor);
    if (a->tap_limit != NULL) rig_put(&e, 0xDF20, a->tap_limit);
    if (a->tap_cvm != NULL) rig_put(&e, 0xDF21, a->tap_cvm);
    rig_append(rig, 0xE1, writer_view(&e.w));
}

static inline void rig_add_ca_key(struct rig *rig, struct bytes rid, struct bytes index,
                                  struct bytes modulus, struct bytes exponent, const char *date)
{
    struct rig_entry e;
    struct emv_ca_key key = {.index = index.at[0], .modulus = modulus, .exponent = exponent};
    uint8_t checksum[20];
    memcpy(key.rid, rid.at, sizeof key.rid);
    assert_ok(emv_ca_key_checksum(&key, checksum));
    e.w = writer_over(e.at, sizeof e.at);
    tlv_write(&e.w, 0x9F06, rid);
    tlv_write(&e.w, 0x9F22, index);
    tlv_write(&e.w, 0xDF05, bytes_text(date));
    rig_put(&e, 0xDF06, "01");
    rig_put(&e, 0xDF07, "01");
    tlv_write(&e.w, 0xDF02, modulus);
    tlv_write(&e.w, 0xDF04, exponent);
    tlv_write(&e.w, 0xDF03, BYTES_OF(checksum));
    rig_append(rig, 0xE2, writer_view(&e.w));
}

/* An attended terminal in China on 22 November 2025, with everything but an online PIN. */
static inline void rig_start(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    rig_append(rig, 0xDF8101, hex("01"));
    rig_append(rig, 0xDF8102, hex("00000001"));
    memcpy(rig->date, "\x25\x11\x22", 3);
    memcpy(rig->time, "\x10\x11\x12", 3);
    rig->setup.ports = (struct emv_ports){.context = rig,
                                          .random = {rig_random, rig},
                                          .now = rig_now,
                                          .excepted = rig_excepted,
                                          .logged_minor = rig_logged};
    rig->setup.terminal = (struct emv_terminal){.type = 0x22,
                                                .capabilities = {0xE0, 0xB8, 0xC8},
                                                .additional = {0x60, 0, 0xF0, 0xA0, 0x01},
                                                .country = {0x01, 0x56},
                                                .serial = {'0', '0', '0', '0', '0', '0', '0', '1'},
                                                .merchant = BYTES("TEST SMART MERCHANT "),
                                                .choice = true};
    rig->setup.payment =
        (struct emv_payment){.amount_minor = 12345, .currency = {0x01, 0x56}, .exponent = 2};
}

static inline void rig_parse(struct rig *rig)
{
    struct emv_parameters_fault fault;
    err e =
        emv_parameters_parse(bytes_of(rig->document, rig->document_len), &rig->parameters, &fault);
    if (FAILED(e)) fail_msg("parameters: %s at %zu, %x", err_name(e), fault.offset, fault.tag);
    rig->setup.parameters = &rig->parameters;
}

static inline enum emv_want rig_begin(struct rig *rig)
{
    rig_parse(rig);
    return emv_contact_begin(&rig->k, &rig->setup);
}

static inline enum emv_want rig_answer(struct rig *rig, struct bytes answer)
{
    struct emv_event event = {.kind = EMV_EVENT_RESPONSE, .bytes = answer};
    rig->apdus++;
    return emv_contact_next(&rig->k, &event);
}

static inline enum emv_want rig_event(struct rig *rig, enum emv_event_kind kind)
{
    struct emv_event event = {.kind = kind};
    return emv_contact_next(&rig->k, &event);
}

static inline enum emv_want rig_host(struct rig *rig, const char *arc, struct bytes field55)
{
    struct emv_event event = {.kind = EMV_EVENT_HOST, .bytes = field55, .arc = {arc[0], arc[1]}};
    return emv_contact_next(&rig->k, &event);
}

/* What the kernel sends must be this, to the byte. */
static inline void rig_expect(const struct rig *rig, struct bytes command)
{
    if (rig->k.want != EMV_WANT_APDU)
        fail_msg("no command is wanted at %s: %s", emv_step_text(rig->k.step),
                 emv_reason_text(rig->k.outcome.reason));
    struct bytes got = emv_contact_command(&rig->k);
    if (!bytes_equal(got, command)) {
        char a[600], b[600];
        struct writer x = writer_over(a, sizeof a - 1), y = writer_over(b, sizeof b - 1);
        write_hex_upper(&x, got);
        write_hex_upper(&y, command);
        a[x.len] = b[y.len] = '\0';
        fail_msg("at %s sent\n%s\nexpected\n%s", emv_step_text(rig->k.step), a, b);
    }
}

/* Command and answer, for as many rows of a transcript as there are, from `at`. Stops where the
 * kernel wants something else than a card, and says where. */
static inline size_t rig_play(struct rig *rig, const json_t *rows, size_t at)
{
    while (at < json_array_size(rows) && rig->k.want == EMV_WANT_APDU) {
        const json_t *row = json_array_get(rows, at++);
        rig_expect(rig, hex_at(row, "c"));
        (void)rig_answer(rig, hex_at(row, "r"));
    }
    return at;
}

static inline void rig_assert_data(const struct rig *rig, uint32_t tag, const char *expected)
{
    struct bytes value = {0};
    bool there = emv_data_get(&rig->k.data, tag, &value);
    if (!there && expected[0] == '\0') return;
    if (!there || !bytes_equal(value, hex(expected))) {
        char text[600];
        struct writer w = writer_over(text, sizeof text - 1);
        write_hex_upper(&w, value);
        text[w.len] = '\0';
        fail_msg("%X is %s and not %s", tag, text, expected);
    }
}

static inline void rig_assert_end(const struct rig *rig, enum emv_result result,
                                  enum emv_reason reason)
{
    if (rig->k.want != EMV_DONE) fail_msg("not at its end: %s", emv_step_text(rig->k.step));
    if (rig->k.outcome.result != result || rig->k.outcome.reason != reason)
        fail_msg("ended at %s: %s, %s; expected %s, %s", emv_step_text(rig->k.step),
                 emv_result_text(rig->k.outcome.result), emv_reason_text(rig->k.outcome.reason),
                 emv_result_text(result), emv_reason_text(reason));
}
