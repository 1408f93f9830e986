/* SPDX-License-Identifier: Apache-2.0 */
/* Believed, and then an event like any other of its kind. */
#include "backoffice/devices/last_words.h"

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/device_events.h"
#include "backoffice/devices/devices.h"
#include "backoffice/devices/renewal.h"
#include "lib/auth/last_words.h"
#include "lib/base/hex.h"

/* Of the certificate that this terminal was given. */
static bool is_its_key(const struct registry_terminal *terminal,
                       const uint8_t print[LAST_WORDS_PRINT])
{
    char hex[2 * LAST_WORDS_PRINT];
    struct writer w = writer_over(hex, sizeof hex);
    write_hex(&w, bytes_of(print, LAST_WORDS_PRINT));
    return bytes_equal(writer_view(&w), bytes_text(terminal->fingerprint));
}

static bool believed(const struct registry_terminal *terminal, const struct device_message *q,
                     uint8_t print[LAST_WORDS_PRINT])
{
    uint8_t signature[LAST_WORDS_SIGNATURE_MAX];
    size_t len = 0;
    if (FAILED(hex_decode(bytes_text(q->words), signature, sizeof signature, &len))) return false;
    err checked = last_words_check(q->policy, bytes_of(signature, len), bytes_text(terminal->tid),
                                   bytes_text(terminal->serial), print);
    return !FAILED(checked) && is_its_key(terminal, print);
}

/* A device is tampered with once in the life of its keys, whatever number it is told under. */
static err heard_before(struct desk *desk, const uint8_t print[LAST_WORDS_PRINT], bool *ret_before)
{
    struct store_statement *s;
    TRY(store_statement(desk->config.store, "SELECT 1 FROM last_words WHERE print = ?", &s));
    store_bind_blob(s, bytes_of(print, LAST_WORDS_PRINT));
    TRY(store_step(s, ret_before));
    store_reset(s);
    return OK;
}

/* After the alarm: cut between the two, its number makes it one. */
static err remember(struct desk *desk, const char *tid, const uint8_t print[LAST_WORDS_PRINT])
{
    struct store_statement *s;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(desk->config.store, &tx));
    TRY(store_statement(desk->config.store,
                        "INSERT OR IGNORE INTO last_words(print, tid, at_ms) VALUES(?, ?, ?)", &s));
    store_bind_blob(s, bytes_of(print, LAST_WORDS_PRINT));
    store_bind_text(s, bytes_text(tid));
    store_bind_int(s, desk_now_ms(desk));
    TRY(store_run(s));
    return store_commit(&tx);
}

err last_words_take(struct desk *desk, const struct device_message *question, bool *ret_believed)
{
    struct registry_terminal terminal;
    uint8_t print[LAST_WORDS_PRINT];
    bool before = false;
    struct device_event event = {
        .kind = "tampered", .number = question->number, .at_ms = question->at_ms};
    *ret_believed = false;
    err found =
        registry_find_terminal(desk->config.registry, bytes_text(question->terminal), &terminal);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (terminal.status == REGISTRY_CLOSED || !believed(&terminal, question, print)) return OK;
    *ret_believed = true;
    TRY(heard_before(desk, print, &before));
    if (before) return OK;
    TRY(bytes_to_text(bytes_text(question->detail), event.detail, sizeof event.detail));
    TRY(device_event_take(desk, &terminal, &event));
    return remember(desk, terminal.tid, print);
}

/* A device that has only its factory's key. */
static err activate(struct desk *desk, struct bytes address, const struct device_message *question,
                    struct writer *answer)
{
    uint8_t block[DEVICE_DOCUMENT_MAX];
    struct writer document = writer_over(block, sizeof block);
    struct device_message said = {.ask = DEVICE_ACTIVATE, .id = question->id};
    if (desk->house.activate == NULL)
        return devices_peer_refused(desk, address, "nobody is activated here");
    err asked = desk->house.activate(desk->house.context, address, question, &said, &document);
    if (!FAILED(asked)) {
        if (said.status != DEVICE_OK) asked = devices_peer_refused(desk, address, said.reason);
        device_write_answer(answer, &said);
        ENSURE(answer->fault == ERR_OK);
    }
    explicit_bzero(block, sizeof block);
    return asked;
}

static err answer_last_words(struct desk *desk, struct bytes address,
                             const struct device_message *question, struct writer *answer)
{
    struct device_message said = {.ask = DEVICE_LAST_WORDS, .id = question->id};
    bool is_believed = false;
    TRY(last_words_take(desk, question, &is_believed));
    if (!is_believed) TRY(devices_peer_refused(desk, address, "last words of nobody"));
    said.status = is_believed ? DEVICE_OK : DEVICE_REFUSED;
    device_write_answer(answer, &said);
    return OK;
}

static err answer_renewal(struct desk *desk, struct bytes address,
                          const struct device_message *question, struct writer *answer)
{
    struct device_message said = {.ask = DEVICE_RENEW, .id = question->id};
    uint8_t certificate[DEVICE_CERTIFICATE_MAX];
    TRY(renewal_take(desk, question, true, certificate, &said));
    if (said.status != DEVICE_OK) TRY(devices_peer_refused(desk, address, "a renewal of nobody"));
    device_write_answer(answer, &said);
    return OK;
}

err last_words_from_stranger(struct desk *desk, struct bytes address, struct bytes frame,
                             struct writer *answer)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct device_message question = {0};
    enum device_verdict verdict = device_read_ask(frame, true, &document, &question);
    if (verdict == DEVICE_UNDERSTOOD && question.ask == DEVICE_LAST_WORDS)
        return answer_last_words(desk, address, &question, answer);
    if (verdict == DEVICE_UNDERSTOOD && question.ask == DEVICE_ACTIVATE)
        return activate(desk, address, &question, answer);
    if (verdict == DEVICE_UNDERSTOOD && question.ask == DEVICE_RENEW)
        return answer_renewal(desk, address, &question, answer);
    return devices_peer_refused(desk, address, "the peer has sent no certificate");
}
