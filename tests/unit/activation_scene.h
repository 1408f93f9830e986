/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* activation_scene: a shop, a terminal on its way to it with the key of its factory, and what the
 * two ask the back office (S139). */

#include "backoffice/stock/activation.h"

#include "backoffice/devices/last_words.h"
#include "lib/auth/factory.h"
#include "lib/base/hex.h"
#include "lib/crypto/identity.h"
#include "tests/unit/backoffice_rig.h"

#define SERIAL  "TB1-2030-000017"
#define SUBJECT "91310000MA1FL0A062"

/* A device with the key of its factory. */
struct device {
    struct identity_key key;
    char request[IDENTITY_PEM_MAX], print[STOCK_PRINT_LEN + 1];
    uint8_t transport[FACTORY_TRANSPORT];
};

struct scene {
    struct rig *rig;
    struct browser keeper, admin;
    struct device device;
    char code[ACTIVATION_DIGITS + 1];
    /* of the last answer */
    enum device_status status;
    char reason[DEVICE_REASON_MAX], document[DEVICE_DOCUMENT_MAX + 1];
    int64_t seconds;
    bool answered;
};

static inline struct device device_make(void)
{
    struct device d = {.transport = {7}};
    struct writer w = writer_over(d.request, sizeof d.request - 1);
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    assert_ok(identity_key_generate(&d.key));
    assert_ok(identity_request(&d.key, BYTES(SERIAL), &w));
    assert_ok(identity_describe(writer_view(&w), name, print));
    struct writer hex = writer_over(d.print, STOCK_PRINT_LEN);
    write_hex(&hex, BYTES_OF(print));
    return d;
}

static inline err issue(void *context, const struct backoffice_issue *ask, struct writer *document)
{
    struct rig *rig = context;
    assert_string_equal(ask->serial, SERIAL);
    assert_string_equal(ask->mid, RIG_MID);
    assert_string_equal(ask->tid, "10000001");
    assert_int_equal(ask->transport[0], 7);
    rig->issued++;
    write_format(document, "{\"tid\":\"%s\",\"issue\":%u}", ask->tid, rig->issued);
    return OK;
}

static inline err issue_nothing(void *context, const struct backoffice_issue *ask,
                                struct writer *document)
{
    (void)context;
    (void)ask;
    (void)document;
    return ERR(BUSY);
}

static inline unsigned post(struct scene *s, struct browser *who, const char *path,
                            const char *body)
{
    char full[160];
    snprintf(full, sizeof full, "/api/v1/stock/%s", path);
    return rig_ask(s->rig, who, "POST", full, body);
}

static inline void step(struct scene *s, const char *what, const char *body)
{
    char path[80];
    snprintf(path, sizeof path, "terminals/" SERIAL "/%s", what);
    assert_int_equal(post(s, &s->admin, path, body), 200);
}

/* The digits of the newest letter to the shop. */
static inline void read_code(struct scene *s)
{
    const struct rig *rig = s->rig;
    assert_true(rig->letters > 0);
    const char *text = rig->letter[rig->letters - 1].text, *at = strstr(text, "激活码 ");
    assert_non_null(at);
    snprintf(s->code, sizeof s->code, "%.8s", at + strlen("激活码 "));
    assert_int_equal(strspn(s->code, "0123456789"), ACTIVATION_DIGITS);
    assert_string_equal(rig->letter[rig->letters - 1].contact, "+8613800005678");
}

static inline struct scene open_scene(void)
{
    struct scene s = {.rig = rig_open_desk(true),
                      .keeper = {.realm = "staff"},
                      .admin = {.realm = "staff"},
                      .device = device_make()};
    char list[400];
    s.rig->issue = issue;
    s.rig->b->ports.issue = issue;
    (void)rig_known(s.rig, &s.keeper, "keeper", ROLE_AGENT);
    (void)rig_known(s.rig, &s.admin, "admin", ROLE_ADMIN | ROLE_APPROVER);
    assert_int_equal(post(&s, &s.admin, "models",
                          "{\"model\":\"TB-1\",\"kind\":\"smart\",\"form\":\"TB1-####-######\"}"),
                     201);
    snprintf(list, sizeof list, "{\"list\":\"serial,model,print\\n" SERIAL ",TB-1,%s\\n\"}",
             s.device.print);
    assert_int_equal(post(&s, &s.keeper, "lists", list), 201);
    return s;
}

static inline struct scene open_shipped(void)
{
    struct scene s = open_scene();
    step(&s, "assign_contract",
         "{\"application\":\"A-17\",\"merchant\":\"" RIG_MID "\",\"subject\":\"" SUBJECT
         "\",\"account\":\"6222020000001234\",\"address\":\"中山东一路17号\","
         "\"phone\":\"13800005678\"}");
    step(&s, "pack", "{\"scanned\":\"" SERIAL "\"}");
    step(&s, "ship", "");
    read_code(&s);
    return s;
}

static inline void close_scene(struct scene *s)
{
    identity_key_free(&s->device.key);
    rig_close(s->rig);
}

/* ---- a device asks, as a frame over a connection without a certificate ---- */

static inline void sign(const struct device *d, struct device_message *m)
{
    uint8_t block[FACTORY_TEXT_MAX], digest[CRYPTO_SHA256_BYTES];
    uint8_t signature[IDENTITY_SIGNATURE_MAX];
    size_t len = 0;
    struct writer w = writer_over(block, sizeof block);
    const struct factory_words words = {
        .serial = bytes_text(m->serial),
        .model = bytes_text(m->model),
        .way = bytes_text(device_proof_name((enum device_proof_way)m->proof_way)),
        .code = bytes_text(m->code),
        .step = bytes_text(device_step_name((enum device_activation_step)m->step)),
        .transport = m->transport};
    assert_ok(factory_write(&words, &w));
    crypto_sha256(writer_view(&w), digest);
    assert_ok(identity_sign(&d->key, digest, signature, &len));
    struct writer hex = writer_over(m->words, sizeof m->words - 1);
    write_hex(&hex, bytes_of(signature, len));
    assert_int_equal(hex.fault, ERR_OK);
}

static inline struct device_message question_of(const struct device *d, const char *code,
                                                enum device_activation_step which)
{
    struct device_message m = {.ask = DEVICE_ACTIVATE,
                               .id = 3,
                               .serial = SERIAL,
                               .model = "TB-1",
                               .proof_way = DEVICE_BY_CODE,
                               .step = (uint8_t)which,
                               .policy = bytes_text(d->request)};
    memcpy(m.transport, d->transport, sizeof m.transport);
    snprintf(m.code, sizeof m.code, "%s", code);
    return m;
}

static inline void send(struct scene *s, const struct device_message *m)
{
    uint8_t frame[DEVICE_FRAME_MAX], answer[DEVICE_FRAME_MAX];
    struct writer w = writer_over(frame, sizeof frame), out = writer_over(answer, sizeof answer);
    CLEANUP(json_free) struct json_document document = {0};
    struct device_message heard = {0};
    s->answered = false;
    s->document[0] = s->reason[0] = '\0';
    device_write_ask(&w, m);
    assert_int_equal(w.fault, ERR_OK);
    if (!rig_lives(s->rig, last_words_from_stranger(s->rig->b->desk, BYTES("192.0.2.9"),
                                                    writer_view(&w), &out)))
        return;
    assert_int_equal(device_read_heard(writer_view(&out), DEVICE_ACTIVATE, &document, &heard),
                     DEVICE_UNDERSTOOD);
    s->answered = true;
    s->status = heard.status;
    s->seconds = heard.seconds;
    memcpy(s->reason, heard.reason, sizeof s->reason);
    assert_ok(bytes_to_text(heard.policy, s->document, sizeof s->document));
}

static inline void ask(struct scene *s, const char *code, enum device_activation_step which)
{
    struct device_message m = question_of(&s->device, code, which);
    sign(&s->device, &m);
    send(s, &m);
}

static inline void refused(struct scene *s, const char *reason)
{
    assert_int_equal(s->status, DEVICE_REFUSED);
    assert_string_equal(s->reason, reason);
    assert_string_equal(s->document, "");
}

static inline int64_t count_of(struct scene *s, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->rig->b->store, sql, &count));
    return count;
}

static inline int64_t state_of(struct scene *s)
{
    return count_of(s, "SELECT state FROM stock_terminal");
}

static inline int64_t alarms(struct scene *s, const char *kind)
{
    struct store_statement *query;
    bool row = false;
    assert_ok(store_statement(s->rig->b->store,
                              "SELECT count(*) FROM notice WHERE alarm = 1 AND kind = ?", &query));
    store_bind_text(query, bytes_text(kind));
    assert_ok(store_step(query, &row));
    int64_t count = store_read_int(query);
    store_reset(query);
    return count;
}
