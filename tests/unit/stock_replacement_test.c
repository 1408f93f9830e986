/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A broken terminal is replaced (S124): asked for by one of the desk, approved by another; the old
 * device is refused from then on at every door, the spare gets number, elements and keys of its
 * own; who served when is kept. Killed at every call to the back office's store, one place is
 * served by one device, and the approval is done again.
 */
#include "backoffice/stock/replacement.h"

#include "backoffice/desk/desk_internal.h"
#include "backoffice/devices/devices.h"
#include "backoffice/devices/last_words.h"
#include "backoffice/stock/activation.h"
#include "lib/auth/factory.h"
#include "lib/base/hex.h"
#include "lib/crypto/identity.h"
#include "registry/replacement.h"
#include "tests/unit/backoffice_rig.h"

#define OLD     "TB1-2030-000017"
#define SPARE   "TB1-2030-000023"
#define THIRD   "TB1-2030-000034"
#define TID     "10000001"
#define SUBJECT "91310000MA1FL0A062"
#define BLOCK   "D0048P0AE00E0000F1A2B3C4D5E6F7A8B9C0D1E2F3A4B5C6"

/* A device with the key of its factory. */
struct device {
    const char *serial;
    struct identity_key key;
    char request[IDENTITY_PEM_MAX], print[STOCK_PRINT_LEN + 1];
    uint8_t digest[CRYPTO_SHA256_BYTES], transport[FACTORY_TRANSPORT];
};

struct scene {
    struct rig *rig;
    struct browser keeper, admin;
    struct device old, spare, third;
    char code[ACTIVATION_DIGITS + 1];
    enum device_status status;
    char reason[DEVICE_REASON_MAX], document[DEVICE_DOCUMENT_MAX + 1];
};

static struct device device_make(const char *serial)
{
    struct device d = {.serial = serial, .transport = {7}};
    struct writer w = writer_over(d.request, sizeof d.request - 1);
    char name[IDENTITY_NAME_MAX + 1];
    assert_ok(identity_key_generate(&d.key));
    assert_ok(identity_request(&d.key, bytes_text(serial), &w));
    assert_ok(identity_describe(writer_view(&w), name, d.digest));
    struct writer hex = writer_over(d.print, STOCK_PRINT_LEN);
    write_hex(&hex, BYTES_OF(d.digest));
    return d;
}

/* As tongbao-issuer: the row is made, or its keys are; another device's is refused. */
static err issue(void *context, const struct backoffice_issue *ask, struct writer *document)
{
    struct rig *rig = context;
    const struct registry_actor actor = {BYTES("issuer"), rig->now_ms};
    struct registry_terminal t = {.outlet = 1,
                                  .suite = REGISTRY_TONGBAO,
                                  .status = REGISTRY_ACTIVE,
                                  .master_block = BLOCK,
                                  .first_batch = 1};
    struct registry_terminal there;
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t digest[CRYPTO_SHA256_BYTES];
    assert_ok(identity_describe(ask->request, name, digest));
    struct writer hex = writer_over(t.fingerprint, REGISTRY_FINGERPRINT_LEN);
    write_hex(&hex, BYTES_OF(digest));
    snprintf(t.tid, sizeof t.tid, "%s", ask->tid);
    snprintf(t.mid, sizeof t.mid, "%s", ask->mid);
    snprintf(t.serial, sizeof t.serial, "%s", ask->serial);
    snprintf(t.model, sizeof t.model, "%s", ask->model);
    if (FAILED(registry_find_terminal(rig->registry, bytes_text(ask->tid), &there)))
        TRY(registry_add_terminal(rig->registry, &actor, &t));
    else if (strcmp(there.serial, ask->serial) != 0) return ERR(CONFLICT);
    else
        TRY(registry_set_terminal_keys(rig->registry, &actor, bytes_text(t.tid),
                                       bytes_text(t.fingerprint), BYTES(BLOCK), BYTES("")));
    rig->issued++;
    write_format(document, "{\"tid\":\"%s\",\"issue\":%u}", ask->tid, rig->issued);
    return OK;
}

static unsigned post(struct scene *s, struct browser *who, const char *path, const char *body)
{
    char full[160];
    snprintf(full, sizeof full, "/api/v1/stock/%s", path);
    return rig_ask(s->rig, who, "POST", full, body);
}

static void step(struct scene *s, const char *serial, const char *what, const char *body)
{
    char path[80];
    snprintf(path, sizeof path, "terminals/%s/%s", serial, what);
    assert_int_equal(post(s, &s->keeper, path, body), 200);
}

static void read_code(struct scene *s)
{
    const struct rig *rig = s->rig;
    assert_true(rig->letters > 0);
    const char *text = rig->letter[rig->letters - 1].text, *at = strstr(text, "激活码 ");
    assert_non_null(at);
    snprintf(s->code, sizeof s->code, "%.8s", at + strlen("激活码 "));
}

static void ask_device(struct scene *s, const struct device *d, enum device_activation_step which)
{
    struct device_message m = {.ask = DEVICE_ACTIVATE,
                               .id = 3,
                               .model = "TB-1",
                               .proof_way = DEVICE_BY_CODE,
                               .step = (uint8_t)which,
                               .policy = bytes_text(d->request)};
    uint8_t block[FACTORY_TEXT_MAX], digest[CRYPTO_SHA256_BYTES];
    uint8_t signature[IDENTITY_SIGNATURE_MAX], frame[DEVICE_FRAME_MAX], answer[DEVICE_FRAME_MAX];
    size_t len = 0;
    struct writer w = writer_over(block, sizeof block), ask = writer_over(frame, sizeof frame),
                  out = writer_over(answer, sizeof answer);
    CLEANUP(json_free) struct json_document document = {0};
    struct device_message heard = {0};
    snprintf(m.serial, sizeof m.serial, "%s", d->serial);
    snprintf(m.code, sizeof m.code, "%s", s->code);
    memcpy(m.transport, d->transport, sizeof m.transport);
    const struct factory_words words = {.serial = bytes_text(m.serial),
                                        .model = bytes_text(m.model),
                                        .way = bytes_text(device_proof_name(DEVICE_BY_CODE)),
                                        .code = bytes_text(m.code),
                                        .step = bytes_text(device_step_name(which)),
                                        .transport = m.transport};
    assert_ok(factory_write(&words, &w));
    crypto_sha256(writer_view(&w), digest);
    assert_ok(identity_sign(&d->key, digest, signature, &len));
    struct writer hex = writer_over(m.words, sizeof m.words - 1);
    write_hex(&hex, bytes_of(signature, len));
    device_write_ask(&ask, &m);
    assert_int_equal(ask.fault, ERR_OK);
    assert_ok(
        last_words_from_stranger(s->rig->b->desk, BYTES("192.0.2.9"), writer_view(&ask), &out));
    assert_int_equal(device_read_heard(writer_view(&out), DEVICE_ACTIVATE, &document, &heard),
                     DEVICE_UNDERSTOOD);
    s->status = heard.status;
    memcpy(s->reason, heard.reason, sizeof s->reason);
    assert_ok(bytes_to_text(heard.policy, s->document, sizeof s->document));
}

static void activate(struct scene *s, const struct device *d)
{
    char scanned[64];
    snprintf(scanned, sizeof scanned, "{\"scanned\":\"%s\"}", d->serial);
    step(s, d->serial, "pack", scanned);
    s->rig->now_ms += 61 * 1000; /* letters to one telephone have a limit */
    step(s, d->serial, "ship", "");
    read_code(s);
    ask_device(s, d, DEVICE_STEP_BIND);
    assert_int_equal(s->status, DEVICE_OK);
}

/* The old one is at work, and has told that three payments are unsent. */
static struct scene open_scene(void)
{
    struct scene s = {.rig = rig_open_desk(true),
                      .keeper = {.realm = "staff"},
                      .admin = {.realm = "staff"},
                      .old = device_make(OLD),
                      .spare = device_make(SPARE),
                      .third = device_make(THIRD)};
    char list[600];
    s.rig->issue = issue;
    s.rig->b->ports.issue = issue;
    (void)rig_known(s.rig, &s.keeper, "keeper", ROLE_AGENT);
    (void)rig_known(s.rig, &s.admin, "admin", ROLE_ADMIN | ROLE_APPROVER);
    assert_int_equal(post(&s, &s.admin, "models",
                          "{\"model\":\"TB-1\",\"kind\":\"smart\",\"form\":\"TB1-####-######\"}"),
                     201);
    snprintf(list, sizeof list,
             "{\"list\":\"serial,model,print\\n" OLD ",TB-1,%s\\n" SPARE ",TB-1,%s\\n" THIRD
             ",TB-1,%s\\n\"}",
             s.old.print, s.spare.print, s.third.print);
    assert_int_equal(post(&s, &s.keeper, "lists", list), 201);
    assert_int_equal(post(&s, &s.admin, "terminals/" OLD "/assign_contract",
                          "{\"application\":\"A-17\",\"merchant\":\"" RIG_MID
                          "\",\"subject\":\"" SUBJECT
                          "\",\"account\":\"6222020000001234\",\"address\":\"中山东一路17号\","
                          "\"phone\":\"13800005678\"}"),
                     200);
    activate(&s, &s.old);
    assert_ok(store_exec(s.rig->b->store,
                         "INSERT INTO terminal(tid, epoch, policy, version, first_login_ms,"
                         " seen_ms, certificate_end_ms) VALUES('" TID "', 9, 0, '', 1, 1, 0);"
                         "INSERT INTO device_event(tid, number, kind, operator, detail, taken_ms)"
                         " VALUES('" TID "', -1, 'a', '', '', 1), ('" TID
                         "', 1, 'b', '', '', 1), ('" TID "', 2, 'c', '', '', 1)"));
    return s;
}

static void close_scene(struct scene *s)
{
    identity_key_free(&s->old.key);
    identity_key_free(&s->spare.key);
    identity_key_free(&s->third.key);
    rig_close(s->rig);
}

static int64_t count_of(struct scene *s, const char *sql)
{
    int64_t count = -1;
    assert_ok(store_query_int(s->rig->b->store, sql, &count));
    return count;
}

static int64_t state_of(struct scene *s, const char *serial)
{
    struct stock_terminal terminal;
    assert_ok(stock_find(s->rig->b->store, bytes_text(serial), &terminal));
    return terminal.state;
}

static struct registry_terminal row_of(struct scene *s)
{
    struct registry_terminal t;
    assert_ok(registry_find_terminal(s->rig->registry, BYTES(TID), &t));
    return t;
}

static unsigned ask_for(struct scene *s, struct browser *who, const char *spare)
{
    char body[120];
    snprintf(body, sizeof body, "{\"spare\":\"%s\",\"reason\":\"screen broken\"}", spare);
    return post(s, who, "terminals/" OLD "/replace", body);
}

static unsigned approve(struct scene *s, struct browser *who)
{
    return post(s, who, "terminals/" OLD "/replace/approve", "");
}

/* ---- the way it should go ---- */

static void a_spare_takes_its_place(void **state)
{
    (void)state;
    struct scene s = open_scene();
    bool was = true;
    assert_int_equal(ask_for(&s, &s.keeper, SPARE), 201);
    assert_true(rig_says(s.rig, "\"state\":\"asked\""));
    assert_string_equal(row_of(&s).serial, OLD); /* nothing has changed */
    assert_ok(registry_was_replaced(s.rig->registry, s.old.digest, &was));
    assert_false(was);
    assert_int_equal(approve(&s, &s.admin), 200);
    assert_true(rig_says(s.rig, "\"state\":\"done\"") && rig_says(s.rig, "\"now\":\"" SPARE "\""));
    const struct registry_terminal row = row_of(&s);
    assert_string_equal(row.serial, SPARE);
    assert_string_equal(row.fingerprint, "");
    assert_string_equal(row.master_block, "");
    assert_int_equal(state_of(&s, OLD), STOCK_SCRAPPED);
    assert_int_equal(state_of(&s, SPARE), STOCK_ASSIGNED);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM event WHERE kind = 'device.replaced' AND"
                                  " mid = '" RIG_MID "' AND object = 'devices/" TID "'"),
                     1);
    /* What the old vault had told counts for the new one not. */
    assert_int_equal(count_of(&s, "SELECT count(*) FROM terminal WHERE tid = '" TID "'"), 0);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM device_event WHERE number < 0"), 3);

    activate(&s, &s.spare);
    assert_string_equal(s.document, "{\"tid\":\"" TID "\",\"issue\":2}");
    assert_string_equal(row_of(&s).fingerprint, s.spare.print);
    assert_int_equal(state_of(&s, SPARE), STOCK_ACTIVE);
    assert_int_equal(count_of(&s, "SELECT count(*) FROM stock_binding WHERE serial = '" SPARE
                                  "' AND bound_ms > 0 AND account_tail = '1234'"),
                     1);
    assert_int_equal(
        rig_ask(s.rig, &s.keeper, "GET", "/api/v1/stock/terminals/" SPARE "/replacements", ""),
        200);
    assert_true(rig_says(s.rig, "\"was\":\"" OLD "\"") &&
                rig_says(s.rig, "\"decided_by\":\"staff admin\""));
    close_scene(&s);
}

/* To whom it will be bound, and whose place it takes: the person at the device hears both. */
static void the_device_hears_whose_place_it_takes(void **state)
{
    (void)state;
    struct scene s = open_scene();
    assert_int_equal(ask_for(&s, &s.keeper, SPARE), 201);
    assert_int_equal(approve(&s, &s.admin), 200);
    step(&s, SPARE, "pack", "{\"scanned\":\"" SPARE "\"}");
    s.rig->now_ms += 61 * 1000;
    step(&s, SPARE, "ship", "");
    read_code(&s);
    ask_device(&s, &s.spare, DEVICE_STEP_SHOW);
    assert_int_equal(s.status, DEVICE_OK);
    assert_non_null(strstr(s.document, "\"replaces\":\"" OLD "\""));
    assert_non_null(strstr(s.document, "\"account\":\"**** 1234\""));
    close_scene(&s);
}

/* ---- the old device ---- */

static void close_nothing(void *context, uint32_t session)
{
    (void)context;
    (void)session;
}

static void the_old_device_is_refused_at_every_door(void **state)
{
    (void)state;
    struct scene s = open_scene();
    struct desk *desk = s.rig->b->desk;
    char old_code[ACTIVATION_DIGITS + 1];
    memcpy(old_code, s.code, sizeof old_code);
    desk->ports.close_device = close_nothing;
    assert_ok(devices_opened_by(desk, 1, BYTES(TID), 0, s.old.digest));
    assert_non_null(connected_tid(&desk->connected, TID));
    assert_int_equal(ask_for(&s, &s.keeper, SPARE), 201);
    assert_int_equal(approve(&s, &s.admin), 200);
    assert_null(connected_tid(&desk->connected, TID)); /* its connection has ended */
    assert_ok(devices_opened_by(desk, 2, BYTES(TID), 0, s.old.digest));
    assert_null(connected_tid(&desk->connected, TID));
    activate(&s, &s.spare);
    assert_ok(devices_opened_by(desk, 3, BYTES(TID), 0, s.spare.digest));
    assert_ok(devices_opened_by(desk, 4, BYTES(TID), 0, s.old.digest));
    assert_non_null(connected_session(&desk->connected, 3)); /* it takes nothing away */
    assert_int_equal(count_of(&s, "SELECT count(*) FROM audit WHERE event = 'device_refused' AND"
                                  " detail = 'replaced'"),
                     2);
    /* It cannot be activated, by its own code or by the spare's. */
    ask_device(&s, &s.old, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_REFUSED);
    memcpy(s.code, old_code, sizeof s.code);
    ask_device(&s, &s.old, DEVICE_STEP_BIND);
    assert_int_equal(s.status, DEVICE_REFUSED);
    /* And nobody registers it again, under this number or another, by serial number or by key. */
    const struct registry_actor actor = {BYTES("admin"), s.rig->now_ms};
    struct registry_terminal again = row_of(&s);
    memcpy(again.tid, "10000009", 9);
    memcpy(again.serial, OLD, sizeof OLD);
    again.fingerprint[0] = '\0';
    assert_true(FAILED(registry_add_terminal(s.rig->registry, &actor, &again)));
    memcpy(again.serial, THIRD, sizeof THIRD);
    memcpy(again.fingerprint, s.old.print, sizeof again.fingerprint);
    assert_true(FAILED(registry_add_terminal(s.rig->registry, &actor, &again)));
    assert_true(FAILED(registry_set_terminal_keys(
        s.rig->registry, &actor, BYTES(TID), bytes_text(s.old.print), BYTES(BLOCK), BYTES(""))));
    assert_string_equal(row_of(&s).fingerprint, s.spare.print);
    close_scene(&s);
}

/* ---- what cannot be ---- */

static void refused(struct scene *s, unsigned status, const char *word)
{
    char said[40];
    snprintf(said, sizeof said, "\"error\":\"%s\"", word);
    assert_true(status == 409 || status == 422);
    if (!rig_says(s->rig, said)) fail_msg("not %s", word);
}

static void what_cannot_be_is_refused_by_name(void **state)
{
    (void)state;
    struct scene s = open_scene();
    refused(&s, approve(&s, &s.admin), "not_asked");
    refused(&s, ask_for(&s, &s.keeper, OLD), "spare");               /* itself */
    refused(&s, ask_for(&s, &s.keeper, "TB1-2030-000099"), "spare"); /* nobody knows it */
    refused(&s, ask_for(&s, &s.keeper, "TB1-2030-O00023"), "spare"); /* only looks like it */
    refused(&s,
            post(&s, &s.keeper, "terminals/" SPARE "/replace",
                 "{\"spare\":\"" THIRD "\",\"reason\":\"x\"}"),
            "state"); /* it serves nobody */
    assert_int_equal(ask_for(&s, &s.admin, SPARE), 201);
    refused(&s, ask_for(&s, &s.keeper, THIRD), "asked");
    refused(&s, approve(&s, &s.admin), "same_person");
    assert_int_equal(approve(&s, &s.keeper), 403); /* approves nothing */
    assert_int_equal(post(&s, &s.admin, "terminals/" OLD "/replace/refuse", ""), 200);
    assert_true(rig_says(s.rig, "\"state\":\"refused\""));
    assert_int_equal(state_of(&s, OLD), STOCK_ACTIVE);
    assert_string_equal(row_of(&s).serial, OLD);
    assert_int_equal(ask_for(&s, &s.keeper, SPARE), 201); /* the spare is free again */
    assert_int_equal(approve(&s, &s.admin), 200);
    refused(&s, ask_for(&s, &s.keeper, THIRD), "state"); /* its life is over */
    /* What would leave the place empty for good is refused; another spare is the way on. */
    refused(&s, post(&s, &s.keeper, "terminals/" SPARE "/unassign", ""), "serves");
    step(&s, SPARE, "pack", "{\"scanned\":\"" SPARE "\"}");
    s.rig->now_ms += 61 * 1000;
    step(&s, SPARE, "ship", "");
    refused(&s, post(&s, &s.keeper, "terminals/" SPARE "/return", "{\"reason\":\"lost\"}"),
            "serves");
    assert_int_equal(post(&s, &s.keeper, "terminals/" SPARE "/replace",
                          "{\"spare\":\"" THIRD "\",\"reason\":\"parcel lost\"}"),
                     201);
    assert_int_equal(post(&s, &s.admin, "terminals/" SPARE "/replace/approve", ""), 200);
    activate(&s, &s.third);
    assert_string_equal(row_of(&s).serial, THIRD);
    assert_int_equal(
        count_of(&s, "SELECT count(*) FROM stock_replacement WHERE tid = '" TID "' AND state = 2"),
        2);
    close_scene(&s);
}

/* ---- killed anywhere ---- */

struct reaper {
    int left;
};

static err reap(void *context, enum store_call call)
{
    struct reaper *reaper = context;
    (void)call;
    return reaper->left-- == 0 ? ERR(IO) : OK;
}

/* The program ends in the middle; the registry has it or not, and the approval is done again. */
static void killed_anywhere_it_is_approved_again(void **state)
{
    (void)state;
    int begun = 0;
    for (int cut = 0;; cut++) {
        struct scene s = open_scene();
        assert_int_equal(ask_for(&s, &s.keeper, SPARE), 201);
        struct reaper reaper = {cut};
        struct stock_terminal old;
        enum stock_verdict verdict;
        const struct registry_actor actor = {BYTES("staff admin"), s.rig->now_ms};
        assert_ok(stock_find(s.rig->b->store, BYTES(OLD), &old));
        store_set_fault(s.rig->b->store, reap, &reaper);
        {
            CLEANUP(store_rollback) struct store_tx tx = {0};
            err done = store_begin(s.rig->b->store, &tx);
            if (!FAILED(done)) done = replacement_approve(s.rig->b, &tx, &actor, &old, &verdict);
            if (!FAILED(done)) done = store_commit(&tx);
            assert_int_equal(FAILED(done), reaper.left < 0);
        }
        bool over = reaper.left >= 0;
        rig_restart(s.rig);
        bool moved = state_of(&s, SPARE) == STOCK_ASSIGNED;
        bool there = strcmp(row_of(&s).serial, SPARE) == 0;
        assert_true(!moved || there); /* never a spare without its place */
        begun += there && !moved;
        if (there && !moved)
            refused(&s, post(&s, &s.admin, "terminals/" OLD "/replace/refuse", ""), "begun");
        if (!moved) assert_int_equal(approve(&s, &s.admin), 200);
        assert_string_equal(row_of(&s).serial, SPARE);
        assert_int_equal(state_of(&s, OLD), STOCK_SCRAPPED);
        assert_int_equal(count_of(&s, "SELECT count(*) FROM event WHERE kind = 'device.replaced'"),
                         1);
        int64_t served = 0;
        assert_ok(store_query_int(registry_store(s.rig->registry),
                                  "SELECT count(*) FROM terminal_served", &served));
        assert_int_equal(served, 1);
        close_scene(&s);
        if (!over) continue;
        print_message("%d cuts, %d behind the registry\n", cut, begun);
        assert_true(cut > 15 && begun > 0);
        return;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spare_takes_its_place),
        cmocka_unit_test(the_device_hears_whose_place_it_takes),
        cmocka_unit_test(the_old_device_is_refused_at_every_door),
        cmocka_unit_test(what_cannot_be_is_refused_by_name),
        cmocka_unit_test(killed_anywhere_it_is_approved_again),
    };
    return cmocka_run_group_tests_name("stock_replacement", tests, NULL, NULL);
}
