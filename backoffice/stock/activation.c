/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of activation: making, sending, and the two questions of a device. */
#include "backoffice/stock/activation.h"

#include <stdio.h>

#include "backoffice/desk/notices.h"
#include "backoffice/devices/device_commands.h"
#include "backoffice/devices/devices.h"
#include "backoffice/events/events.h"
#include "backoffice/messages/outbox.h"
#include "backoffice/stock/joint.h"
#include "backoffice/stock/replacement.h"
#include "lib/auth/factory.h"
#include "lib/auth/token.h"
#include "lib/base/hex.h"

static const char *const migration[] = {
    /* state: 1 open 2 used 3 dead */
    "CREATE TABLE stock_activation(id INTEGER PRIMARY KEY AUTOINCREMENT, serial TEXT NOT NULL,"
    " hash BLOB NOT NULL, made_ms INTEGER NOT NULL, ends_ms INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, state INTEGER NOT NULL CHECK(state BETWEEN 1 AND 3),"
    " used_ms INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX stock_activation_open ON stock_activation(serial) WHERE state = 1;"
    "CREATE INDEX stock_activation_serial ON stock_activation(serial, id);"
    "CREATE TRIGGER stock_activation_over BEFORE UPDATE ON stock_activation WHEN OLD.state <> 1"
    " BEGIN SELECT RAISE(ABORT, 'a code is used once'); END;"
    "CREATE TRIGGER stock_activation_kept BEFORE DELETE ON stock_activation"
    " BEGIN SELECT RAISE(ABORT, 'codes are kept'); END;"
    /* One alarm a day of each kind and device. */
    "CREATE TABLE stock_alarm(serial TEXT NOT NULL, what TEXT NOT NULL, day INTEGER NOT NULL,"
    " PRIMARY KEY(serial, what, day)) STRICT, WITHOUT ROWID;",
};

const struct store_schema activation_schema = {"stock_activation", migration, ARRAY_LEN(migration)};

enum { WHOSE_MAX = 64 };

/* ---- codes ---- */

static err hash_code(struct backoffice *b, const char *serial, struct bytes code,
                     uint8_t hash[TOKEN_HASH_BYTES])
{
    uint8_t digest[PASSWORD_DIGEST_BYTES];
    char whose[WHOSE_MAX];
    const struct password_keyed *port = &b->ports.keyed;
    snprintf(whose, sizeof whose, "activation.%s", serial);
    token_digest("code of an activation", code, digest);
    return FAILED(port->make(port->context, bytes_text(whose), digest, hash)) ? ERR(REFUSED) : OK;
}

/* Uniform: what would favour the first numbers is drawn again. */
static void draw(const struct random *random, char code[ACTIVATION_DIGITS + 1])
{
    uint32_t number;
    do random_fill(random, &number, sizeof number);
    while (number >= UINT32_C(4200000000));
    snprintf(code, ACTIVATION_DIGITS + 1, "%08u", number % 100000000u);
}

static err put_code(struct store_tx *tx, const char *serial, const uint8_t hash[TOKEN_HASH_BYTES],
                    int64_t now_ms)
{
    struct store_statement *put;
    TRY(activation_kill(tx, serial));
    TRY(store_statement(tx->store,
                        "INSERT INTO stock_activation(serial, hash, made_ms, ends_ms, tries, state,"
                        " used_ms) VALUES(?, ?, ?, ?, 0, 1, 0)",
                        &put));
    store_bind_text(put, bytes_text(serial));
    store_bind_blob(put, bytes_of(hash, TOKEN_HASH_BYTES));
    store_bind_int(put, now_ms);
    store_bind_int(put, now_ms + ACTIVATION_MS);
    return store_run(put);
}

static err send_code(struct backoffice *b, struct store_tx *tx, const char *code,
                     const struct stock_terminal *terminal, const struct elements *elements,
                     int64_t now_ms, bool *ret_sent)
{
    char days[8], purpose[OUTBOX_PURPOSE_MAX + 1];
    struct outbox_answer answer;
    *ret_sent = false;
    if (b->outbox == NULL) return OK;
    snprintf(days, sizeof days, "%d", (int)(ACTIVATION_MS / INT64_C(86400000)));
    snprintf(purpose, sizeof purpose, "activation %.32s", terminal->serial);
    const struct template_field fields[] = {{"serial", bytes_text(terminal->serial)},
                                            {"days", bytes_text(days)},
                                            {"code", bytes_text(code)}};
    const struct outbox_message message = {.channel = CHANNEL_SMS,
                                           .contact = elements->phone,
                                           .template = TEMPLATE_ACTIVATION,
                                           .language =
                                               elements->english ? LANGUAGE_EN : LANGUAGE_ZH,
                                           .fields = fields,
                                           .field_count = ARRAY_LEN(fields),
                                           .purpose = purpose,
                                           .not_after_ms = now_ms + ACTIVATION_MS};
    TRY(outbox_enqueue(b->outbox, tx, &message, &answer));
    *ret_sent = answer.verdict == OUTBOX_TAKEN;
    return OK;
}

err activation_send(struct backoffice *b, struct store_tx *tx,
                    const struct stock_terminal *terminal, const struct elements *elements,
                    int64_t now_ms, bool *ret_sent)
{
    char code[ACTIVATION_DIGITS + 1];
    uint8_t hash[TOKEN_HASH_BYTES];
    draw(&b->config.random, code);
    err done = hash_code(b, terminal->serial, bytes_text(code), hash);
    if (!FAILED(done)) done = put_code(tx, terminal->serial, hash, now_ms);
    if (!FAILED(done)) done = send_code(b, tx, code, terminal, elements, now_ms, ret_sent);
    explicit_bzero(code, sizeof code);
    return done;
}

err activation_kill(struct store_tx *tx, const char *serial)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE stock_activation SET state = 3 WHERE serial = ? AND state = 1",
                        &update));
    store_bind_text(update, bytes_text(serial));
    return store_run(update);
}

static err find(struct store *store, const char *serial, struct activation *ret,
                uint8_t hash[TOKEN_HASH_BYTES])
{
    struct store_statement *query;
    struct activation a;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT id, made_ms, ends_ms, used_ms, tries, state, hash FROM"
                        " stock_activation WHERE serial = ? ORDER BY id DESC LIMIT 1",
                        &query));
    store_bind_text(query, bytes_text(serial));
    TRY(store_step(query, &row));
    if (!row) return ERR(NOT_FOUND);
    a.id = store_read_int(query);
    a.made_ms = store_read_int(query);
    a.ends_ms = store_read_int(query);
    a.used_ms = store_read_int(query);
    a.tries = store_read_int(query);
    a.state = (enum activation_state)store_read_int(query);
    store_read_blob_into(query, hash, TOKEN_HASH_BYTES);
    err read = store_read_finish(query);
    store_reset(query);
    if (!FAILED(read)) *ret = a;
    return read;
}

err activation_find(struct store *store, const char *serial, struct activation *ret)
{
    uint8_t hash[TOKEN_HASH_BYTES];
    return find(store, serial, ret, hash);
}

static err set_activation(struct store_tx *tx, const struct activation *a)
{
    struct store_statement *update;
    TRY(store_statement(tx->store,
                        "UPDATE stock_activation SET tries = ?, state = ?, used_ms = ?"
                        " WHERE id = ?",
                        &update));
    store_bind_int(update, a->tries);
    store_bind_int(update, (int64_t)a->state);
    store_bind_int(update, a->used_ms);
    store_bind_int(update, a->id);
    return store_run(update);
}

/* ---- a device asks ---- */

struct asking {
    struct backoffice *b;
    struct bytes address;
    const struct device_message *question;
    struct device_message *answer;
    struct writer *document;
    struct stock_terminal terminal;
    struct elements elements;
    struct activation activation;
    uint8_t hash[TOKEN_HASH_BYTES];
    bool again; /* the device that was activated has not heard the answer */
    int64_t now_ms;
};

static struct registry_actor actor_of(const struct asking *a)
{
    return (struct registry_actor){BYTES("device channel"), a->now_ms};
}

static err refuse(struct asking *a, const char *reason)
{
    log_event(a->b->config.log, LOG_WARN, "activation_refused",
              LOG_TEXT("serial", a->question->serial), LOG_TEXT("why", reason));
    a->answer->status = DEVICE_REFUSED;
    a->answer->has |= DEVICE_HAS_REASON;
    return bytes_to_text(bytes_text(reason), a->answer->reason, sizeof a->answer->reason);
}

static err tell_alarm(struct asking *a, struct store_tx *tx, const char *what)
{
    char object[EVENT_OBJECT_MAX + 1], kind[EVENT_KIND_MAX + 1];
    snprintf(object, sizeof object, "stock/terminals/%s", a->terminal.serial);
    snprintf(kind, sizeof kind, "serial.%s", what + sizeof "serial_" - 1);
    const struct event told = {
        .mid = a->terminal.mid, .kind = kind, .object = object, .at_ms = a->now_ms};
    return event_append(tx, &told, NULL);
}

/* `what`: "serial_cloned". The desk hears of it once a day; the audit says who came with what. */
static err alarm(struct asking *a, const char *what)
{
    struct store_statement *put;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(a->b->store, &tx));
    TRY(store_statement(
        a->b->store, "INSERT OR IGNORE INTO stock_alarm(serial, what, day) VALUES(?, ?, ?)", &put));
    store_bind_text(put, bytes_text(a->terminal.serial));
    store_bind_text(put, bytes_text(what));
    store_bind_int(put, a->now_ms / INT64_C(86400000));
    TRY(store_run(put));
    if (store_changes(a->b->store) == 0) return OK;
    TRY(audit_append(&tx,
                     &(struct audit_entry){a->now_ms, BYTES("device channel"), bytes_text(what),
                                           bytes_text(a->terminal.serial), a->address}));
    TRY(tell_alarm(a, &tx, what));
    if (a->b->desk != NULL)
        TRY(notice_desk(a->b->desk, what, a->terminal.tid, a->terminal.serial, true));
    return store_commit(&tx);
}

/* Whose key is it? False when the words are not signed by the key that came with them. */
static bool is_signed(const struct asking *a, char print[STOCK_PRINT_LEN + 1])
{
    const struct device_message *q = a->question;
    uint8_t signature[FACTORY_SIGNATURE_MAX], digest[FACTORY_PRINT];
    size_t len = 0;
    const struct factory_words words = {
        .serial = bytes_text(q->serial),
        .model = bytes_text(q->model),
        .way = bytes_text(device_proof_name((enum device_proof_way)q->proof_way)),
        .code = bytes_text(q->code),
        .step = bytes_text(device_step_name((enum device_activation_step)q->step)),
        .transport = q->transport};
    if (q->proof_way == DEVICE_NO_PROOF || q->step == DEVICE_NO_STEP) return false;
    if (FAILED(hex_decode(bytes_text(q->words), signature, sizeof signature, &len))) return false;
    if (FAILED(factory_check(q->policy, bytes_of(signature, len), &words, digest))) return false;
    struct writer w = writer_over(print, STOCK_PRINT_LEN);
    write_hex(&w, BYTES_OF(digest));
    print[STOCK_PRINT_LEN] = '\0';
    return w.fault == ERR_OK;
}

/* Is it the device that the maker has reported under this serial number? */
static err know_device(struct asking *a, bool *ret_known)
{
    char print[STOCK_PRINT_LEN + 1];
    *ret_known = false;
    err found = stock_find(a->b->store, bytes_text(a->question->serial), &a->terminal);
    if (found.code == ERR_NOT_FOUND) return OK;
    TRY(found);
    if (!is_signed(a, print)) return OK;
    *ret_known =
        strcmp(print, a->terminal.print) == 0 && strcmp(a->question->model, a->terminal.model) == 0;
    return *ret_known ? OK : alarm(a, "serial_cloned");
}

/* Active already: only whoever has not heard the answer, and has never come with what it says. */
static err may_hear_again(struct asking *a, bool *ret_may)
{
    struct device_facts facts = {.known = true};
    if (a->b->desk != NULL) TRY(device_facts_of(a->b->desk, a->terminal.tid, &facts));
    *ret_may = !facts.known && a->activation.state == ACTIVATION_USED &&
               a->question->step == DEVICE_STEP_BIND;
    return OK;
}

/* NULL, or why: it was active once, and was not released since. */
static err look_at_lock(struct asking *a, const char **ret_refused)
{
    struct stock_lock lock;
    bool missed = false;
    *ret_refused = NULL;
    TRY(stock_lock_of(a->b->store, a->terminal.serial, &lock));
    if (!lock.bound) return OK;
    if (a->terminal.state == STOCK_ACTIVE) {
        TRY(may_hear_again(a, &a->again));
        if (a->again) return OK;
        if (a->b->desk != NULL)
            TRY(command_is_missed(a->b->desk, a->terminal.tid, a->activation.used_ms, &missed));
    }
    bool works = a->terminal.state == STOCK_ACTIVE && !missed;
    *ret_refused = works ? "active" : "bound";
    return alarm(a, works ? "serial_again" : "serial_bound");
}

static bool code_is_open(const struct asking *a)
{
    const struct activation *code = &a->activation;
    if (a->again) return a->now_ms < code->ends_ms;
    return code->state == ACTIVATION_OPEN && a->now_ms < code->ends_ms &&
           code->tries < ACTIVATION_TRIES;
}

static err judge_code(struct asking *a, bool *ret_right)
{
    uint8_t hash[TOKEN_HASH_BYTES];
    struct bytes code = bytes_text(a->question->code);
    *ret_right = false;
    if (a->question->proof_way == DEVICE_BY_TAIL)
        return code.len == ELEMENTS_ID_TAIL ? elements_tail_is(a->b, &a->elements, code, ret_right)
                                            : OK;
    TRY(hash_code(a->b, a->terminal.serial, code, hash));
    *ret_right = token_same(hash, a->hash);
    return OK;
}

/* The try is spent before anything is compared, and given back when it was right. */
static err spend(struct asking *a, int64_t tries)
{
    CLEANUP(store_rollback) struct store_tx tx = {0};
    if (a->again) return OK;
    TRY(store_begin(a->b->store, &tx));
    a->activation.tries = tries;
    TRY(set_activation(&tx, &a->activation));
    return store_commit(&tx);
}

static err try_code(struct asking *a, const char **ret_refused)
{
    int64_t before = a->activation.tries;
    bool right = false;
    TRY(spend(a, before + 1));
    err judged = judge_code(a, &right);
    *ret_refused = judged.code == ERR_REFUSED ? "busy" : right ? NULL : "code";
    if (judged.code == ERR_REFUSED || right) return spend(a, before);
    TRY(judged);
    a->answer->seconds = a->again ? 0 : ACTIVATION_TRIES - a->activation.tries;
    a->answer->has |= DEVICE_HAS_SECONDS;
    return OK;
}

/* What the person at the device says yes to. */
static err show(struct asking *a)
{
    struct registry_merchant merchant;
    char tail[32], before[SERIAL_MAX + 1];
    TRY(replacement_before(a->b->store, a->terminal.serial, before));
    err found = registry_find_merchant(a->b->registry, bytes_text(a->terminal.mid), &merchant);
    if (found.code == ERR_NOT_FOUND) return refuse(a, "not_sent");
    TRY(found);
    struct json_out j = json_out_over(a->document);
    json_object_begin(&j);
    json_member_string(&j, "merchant_zh", merchant.name_zh);
    json_member_string(&j, "merchant_en", merchant.name_en);
    json_member_text(&j, "acquirer", bytes_of(merchant.mid, 3));
    json_member_string(&j, "mid", merchant.mid);
    snprintf(tail, sizeof tail, "**** %s", a->elements.subject_tail);
    json_member_string(&j, "subject", tail);
    snprintf(tail, sizeof tail, "**** %s", a->elements.account_tail);
    json_member_string(&j, "account", tail);
    json_member_string(&j, "address", a->elements.address);
    if (before[0] != '\0') json_member_string(&j, "replaces", before);
    json_object_end(&j);
    return OK;
}

static err commit_active(struct asking *a)
{
    const struct registry_actor actor = actor_of(a);
    const enum stock_state was = a->terminal.state;
    enum stock_verdict verdict;
    CLEANUP(store_rollback) struct store_tx tx = {0};
    if (a->again) return OK;
    TRY(store_begin(a->b->store, &tx));
    a->activation.state = ACTIVATION_USED;
    a->activation.used_ms = a->now_ms;
    TRY(set_activation(&tx, &a->activation));
    TRY(elements_bind(&tx, a->elements.id, a->now_ms));
    TRY(stock_step(&tx, &actor, STOCK_DOES_ACTIVATE, "", &a->terminal, &verdict));
    ENSURE(verdict == STOCK_OK); /* looked at before */
    TRY(joint_follow(a->b, &tx, &actor, STOCK_DOES_ACTIVATE, was, a->terminal.application,
                     a->terminal.serial, &verdict));
    ENSURE(verdict == STOCK_OK); /* nothing else moves it while its terminal is on its way */
    return store_commit(&tx);
}

/* Issued first: cut between the two, the device asks again and is issued anew. */
static err bind(struct asking *a)
{
    const struct backoffice_issue issue = {.tid = a->terminal.tid,
                                           .mid = a->terminal.mid,
                                           .serial = a->terminal.serial,
                                           .model = a->terminal.model,
                                           .request = a->question->policy,
                                           .transport = a->question->transport};
    if (a->b->ports.issue == NULL) return refuse(a, "busy");
    err issued = a->b->ports.issue(a->b->ports.context, &issue, a->document);
    if (FAILED(issued)) {
        log_event(a->b->config.log, LOG_ERROR, "not_issued", LOG_TEXT("serial", issue.serial),
                  LOG_ERR(issued));
        return refuse(a, "busy");
    }
    return commit_active(a);
}

/* Is it on its way to somebody, and to whom? */
static err look_at_parcel(struct asking *a, bool *ret_sent)
{
    *ret_sent = false;
    if (!a->again && stock_next(a->terminal.state, STOCK_DOES_ACTIVATE) == 0) return OK;
    if (a->activation.id == 0 || a->b->registry == NULL || a->terminal.tid[0] == '\0') return OK;
    err found = elements_find(a->b->store, a->terminal.serial, &a->elements);
    if (found.code == ERR_NOT_FOUND) return OK;
    *ret_sent = !FAILED(found);
    return found;
}

/* Everything that can speak against it but the code; NULL: nothing. */
static err look(struct asking *a, const char **ret_refused)
{
    bool known = false, sent = false;
    TRY(know_device(a, &known));
    *ret_refused = "device";
    if (!known) return OK;
    err found = find(a->b->store, a->terminal.serial, &a->activation, a->hash);
    if (found.code != ERR_NOT_FOUND) TRY(found);
    TRY(look_at_lock(a, ret_refused));
    if (*ret_refused != NULL) return OK;
    TRY(look_at_parcel(a, &sent));
    *ret_refused = !sent ? "not_sent" : code_is_open(a) ? NULL : "ended";
    return OK;
}

err activation_ask(struct backoffice *b, struct bytes address,
                   const struct device_message *question, struct device_message *answer,
                   struct writer *document)
{
    struct asking a = {.b = b,
                       .address = address,
                       .question = question,
                       .answer = answer,
                       .document = document,
                       .now_ms = backoffice_now_ms(b)};
    const char *refused = NULL;
    answer->status = DEVICE_OK;
    TRY(look(&a, &refused));
    if (refused == NULL) TRY(try_code(&a, &refused));
    if (refused != NULL) return refuse(&a, refused);
    TRY(question->step == DEVICE_STEP_SHOW ? show(&a) : bind(&a));
    if (answer->status != DEVICE_OK) return OK;
    answer->policy = writer_view(document);
    answer->has |= DEVICE_HAS_POLICY;
    return OK;
}
