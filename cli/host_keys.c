/* SPDX-License-Identifier: Apache-2.0 */
/* The host's authority, zone keys and terminals: made once, written atomically. */
#include "cli/host_keys.h"

#include <stdio.h>

#include "cli/host_device_keys.h"
#include "cli/host_policy.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/hex.h"
#include "lib/crypto/identity.h"
#include "lib/crypto/rsa_scheme.h"
#include "lib/wire/json.h"
#include "registry/delivery.h"

enum { JSON_MAX = 16384, BLOCK_HEX_MAX = 1024 };
#define DAY_MS INT64_C(86400000)

static int64_t now_ms(void)
{
    struct clock clock = clock_system();
    return clock_now_ms(&clock);
}

struct registry_actor host_keys_actor(void)
{
    return (struct registry_actor){BYTES("admin"), now_ms()};
}

static err in_directory(const char *directory, const char *name, enum file_access access,
                        struct bytes content, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    TRY(file_path(directory, name, path, sizeof path));
    err written = file_write(path, access, content);
    if (FAILED(written))
        snprintf(fault->text, sizeof fault->text, "%.180s: %s", path, err_text(written));
    return written;
}

static err from_directory(const char *directory, const char *name, enum file_access access,
                          void *block, size_t max, struct bytes *ret, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    size_t len;
    TRY(file_path(directory, name, path, sizeof path));
    err read = file_read(path, access, block, max, &len);
    if (FAILED(read)) {
        snprintf(fault->text, sizeof fault->text, "%.180s: %s", path, err_text(read));
        return read;
    }
    *ret = bytes_of(block, len);
    return OK;
}

/* ---- the authority -------------------------------------------------------------------------- */

struct authority {
    struct identity_key key;
    uint8_t pem_block[IDENTITY_PEM_MAX];
    struct bytes pem;
};

static void authority_free(struct authority *a)
{
    identity_key_free(&a->key);
}

static err write_key(const char *directory, const char *name, const struct identity_key *key,
                     struct process_fault *fault)
{
    uint8_t block[IDENTITY_PEM_MAX];
    struct writer w = writer_over(block, sizeof block);
    err done = identity_key_write(key, &w);
    if (!FAILED(done)) done = in_directory(directory, name, FILE_PRIVATE, writer_view(&w), fault);
    explicit_bzero(block, sizeof block);
    return done;
}

static err authority_make(const char *admin, struct authority *a, struct process_fault *fault)
{
    int64_t now = now_ms();
    TRY(identity_key_generate(&a->key));
    struct writer w = writer_over(a->pem_block, sizeof a->pem_block);
    TRY(identity_make_authority(&a->key, BYTES("Tongbao host authority"), now - DAY_MS,
                                now + HOST_AUTHORITY_DAYS * DAY_MS, &w));
    a->pem = writer_view(&w);
    TRY(write_key(admin, "ca.key", &a->key, fault));
    return in_directory(admin, "ca.pem", FILE_PUBLIC, a->pem, fault);
}

static err authority_load(const char *admin, struct authority *a, struct process_fault *fault)
{
    uint8_t block[IDENTITY_PEM_MAX];
    struct bytes pem;
    TRY(from_directory(admin, "ca.pem", FILE_PUBLIC, a->pem_block, sizeof a->pem_block, &a->pem,
                       fault));
    TRY(from_directory(admin, "ca.key", FILE_PRIVATE, block, sizeof block, &pem, fault));
    err read = identity_key_read(pem, &a->key);
    explicit_bzero(block, sizeof block);
    return read;
}

static err issue(const struct authority *a, struct bytes public_pem, struct bytes name,
                 enum identity_role role, int days, struct writer *w)
{
    static const char *const names[] = {"localhost", NULL};
    static const char *const addresses[] = {"127.0.0.1", "::1", NULL};
    int64_t now = now_ms();
    const struct identity_subject subject = {
        .common_name = name,
        .role = role,
        .dns_names = role == IDENTITY_SERVER ? names : NULL,
        .addresses = role == IDENTITY_SERVER ? addresses : NULL,
        .not_before_ms = now - DAY_MS,
        .not_after_ms = now + days * DAY_MS,
    };
    return identity_issue(&a->key, a->pem, public_pem, &subject, w);
}

static err make_server(const char *admin, const struct authority *a, struct process_fault *fault)
{
    CLEANUP(identity_key_free) struct identity_key key = {NULL};
    uint8_t key_block[IDENTITY_PEM_MAX], block[IDENTITY_PEM_MAX];
    TRY(identity_key_generate(&key));
    struct writer request = writer_over(key_block, sizeof key_block);
    TRY(identity_request(&key, BYTES("tongbao-acquirer"), &request));
    struct writer w = writer_over(block, sizeof block);
    TRY(issue(a, writer_view(&request), BYTES("tongbao-acquirer"), IDENTITY_SERVER, HOST_KEYS_DAYS,
              &w));
    TRY(write_key(admin, "server.key", &key, fault));
    return in_directory(admin, "server.pem", FILE_PUBLIC, writer_view(&w), fault);
}

/* ---- zone keys ------------------------------------------------------------------------------ */

static err make_zone_key(struct hsm_client *hsm, enum hsm_key_usage usage, const char *name,
                         struct bytes recipient, char block[REGISTRY_KEY_BLOCK_MAX + 1],
                         struct json_out *j, struct process_fault *fault)
{
    const struct hsm_make_key ask = {.usage = (uint8_t)usage,
                                     .suite = HSM_SUITE_TONGBAO,
                                     .label = BYTES("zone"),
                                     .recipient = recipient};
    struct hsm_key_answer made;
    TRY(hsm_client_make_key(hsm, HSM_MAKE_KEY, &ask, &made, fault));
    TRY(bytes_to_text(made.block, block, REGISTRY_KEY_BLOCK_MAX + 1));
    if (recipient.len == 0) return OK;
    if (usage == HSM_KEY_ZONE_PIN) json_member_hex(j, "hsm_public", made.hsm_public);
    json_member_hex(j, name, made.sealed);
    return OK;
}

static err make_zone(struct hsm_client *hsm, const struct host_place *place,
                     struct registry_zone_keys *keys, struct process_fault *fault)
{
    uint8_t hex_block[64], public_key[32], json_block[JSON_MAX];
    struct bytes hex, json;
    size_t len;
    TRY(from_directory(place->networks, "zone.public", FILE_PUBLIC, hex_block, sizeof hex_block,
                       &hex, fault));
    TRY(hex_decode(hex, public_key, sizeof public_key, &len));
    struct bytes recipient = bytes_of(public_key, len);
    struct writer w = writer_over(json_block, sizeof json_block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    TRY(make_zone_key(hsm, HSM_KEY_ZONE_PIN, "pin", recipient, keys->pin_block, &j, fault));
    TRY(make_zone_key(hsm, HSM_KEY_ZONE_MAC, "mac", recipient, keys->mac_block, &j, fault));
    TRY(make_zone_key(hsm, HSM_KEY_ZONE_DATA, "data", recipient, keys->data_block, &j, fault));
    TRY(make_zone_key(hsm, HSM_KEY_TOKEN, "token", (struct bytes){0}, keys->token_block, &j,
                      fault));
    json_object_end(&j);
    TRY(writer_finish(&w, &json));
    return in_directory(place->networks, "zone.keys", FILE_PRIVATE, json, fault);
}

/* For the passwords of the console: the hsm alone can use it. */
static err make_pepper(struct hsm_client *hsm, char block[REGISTRY_KEY_BLOCK_MAX + 1],
                       struct process_fault *fault)
{
    const struct hsm_make_key ask = {
        .usage = HSM_KEY_PEPPER, .suite = HSM_SUITE_TONGBAO, .label = BYTES("console")};
    struct hsm_key_answer made;
    TRY(hsm_client_make_key(hsm, HSM_MAKE_KEY, &ask, &made, fault));
    return bytes_to_text(made.block, block, REGISTRY_KEY_BLOCK_MAX + 1);
}

err host_keys_registry(const char *admin, enum store_mode mode, struct registry **ret_registry,
                       struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    struct store_fault why = {""};
    TRY(file_path(admin, "registry.db", path, sizeof path));
    err opened = registry_open(path, mode, &why, ret_registry);
    if (FAILED(opened)) snprintf(fault->text, sizeof fault->text, "%.250s", why.text);
    return opened;
}

err host_keys_refused(const struct registry *registry, err why, struct process_fault *fault)
{
    snprintf(fault->text, sizeof fault->text, "%.250s", registry_error_text(registry));
    return why;
}

static err store_keys(const char *admin, struct registry_zone_keys *keys, const char *pepper_block,
                      struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    TRY(host_keys_registry(admin, STORE_CREATE, &registry, fault));
    err done = OK;
    /* One set for both: the simulators are one program, and real networks are set one by one. */
    for (int zone = REGISTRY_CARD_NETWORK; zone < REGISTRY_ZONES && !FAILED(done); zone++) {
        keys->zone = (enum registry_zone)zone;
        done = registry_set_zone_keys(registry, &who, keys);
    }
    if (!FAILED(done))
        done = registry_add_host_key(registry, &who, REGISTRY_PEPPER_KEY, bytes_text(pepper_block));
    if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    return done;
}

err host_keys_initialise(const struct host_place *place, struct process_fault *fault)
{
    char path[FILE_PATH_MAX];
    TRY(process_state_directory(place->admin, fault));
    TRY(file_path(place->admin, "registry.db", path, sizeof path));
    struct registry *there = NULL;
    if (!FAILED(registry_open(path, STORE_READ_ONLY, NULL, &there))) {
        registry_close(there);
        snprintf(fault->text, sizeof fault->text,
                 "%.180s exists: this host has its keys already; take another directory", path);
        return ERR(EXISTS);
    }
    CLEANUP(authority_free) struct authority authority = {.key = {NULL}};
    TRY(authority_make(place->admin, &authority, fault));
    TRY(make_server(place->admin, &authority, fault));
    TRY(host_policy_initialise(place->admin, fault));
    TRY(host_keys_seal_authority(place, fault));

    struct hsm_client hsm;
    struct registry_zone_keys keys = {.zone = REGISTRY_CARD_NETWORK};
    TRY(hsm_client_open(&hsm, place->hsm, fault));
    char pepper_block[REGISTRY_KEY_BLOCK_MAX + 1] = {0};
    err done = make_zone(&hsm, place, &keys, fault);
    if (!FAILED(done)) done = make_pepper(&hsm, pepper_block, fault);
    hsm_client_close(&hsm);
    if (FAILED(done)) return done;
    return store_keys(place->admin, &keys, pepper_block, fault);
}

/* ---- terminals ------------------------------------------------------------------------------ */

struct made_terminal {
    struct registry_terminal row;
    struct host_made_key master, recovery;
    char initial[HSM_KEY_BLOCK_MAX + 1]; /* its first key, where each message has its own */
    struct host_policy policy;
    struct registry_merchant merchant;
    uint8_t certificate_block[IDENTITY_PEM_MAX];
    struct bytes certificate;
    bool has_device; /* ours: its master key may be renewed */
    uint8_t device[REGISTRY_TRANSPORT_BYTES];
};

static err issue_certificate(const struct host_place *place, const struct host_terminal *t,
                             struct bytes request, struct made_terminal *made,
                             struct authority *authority, struct process_fault *fault)
{
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    TRY(authority_load(place->admin, authority, fault));
    struct writer w = writer_over(made->certificate_block, sizeof made->certificate_block);
    int days = t->days > 0 ? t->days : HOST_KEYS_DAYS;
    err issued = issue(authority, request, bytes_text(t->tid), IDENTITY_CLIENT, days, &w);
    if (FAILED(issued)) {
        snprintf(fault->text, sizeof fault->text, "certificate request of %s: %s", t->serial,
                 err_text(issued));
        return issued;
    }
    made->certificate = writer_view(&w);
    TRY(identity_describe(made->certificate, name, print));
    struct writer hex = writer_over(made->row.fingerprint, REGISTRY_FINGERPRINT_LEN);
    write_hex(&hex, BYTES_OF(print));
    return (err){hex.fault};
}

static err fill_row(const struct host_terminal *t, struct made_terminal *made,
                    struct process_fault *fault)
{
    struct registry_terminal *row = &made->row;
    const struct {
        const char *from;
        char *to;
        size_t size;
    } copies[] = {{t->tid, row->tid, sizeof row->tid},
                  {t->serial, row->serial, sizeof row->serial},
                  {t->model, row->model, sizeof row->model},
                  {t->mid, row->mid, sizeof row->mid}};
    for (size_t i = 0; i < ARRAY_LEN(copies); i++) {
        err fits = bytes_to_text(bytes_text(copies[i].from), copies[i].to, copies[i].size);
        if (!FAILED(fits)) continue;
        snprintf(fault->text, sizeof fault->text, "'%.60s' is too long", copies[i].from);
        return fits;
    }
    if (registry_suite(t->suite) == NULL) return ERR(UNSUPPORTED);
    row->outlet = 1;
    row->suite = t->suite;
    row->status = REGISTRY_ACTIVE;
    row->first_batch = 1;
    return OK;
}

err host_make_terminal_key(struct hsm_client *hsm, enum hsm_command command,
                           const struct hsm_make_key *ask, char block[REGISTRY_KEY_BLOCK_MAX + 1],
                           struct host_made_key *made, struct process_fault *fault)
{
    struct hsm_key_answer answer;
    TRY(hsm_client_make_key(hsm, command, ask, &answer, fault));
    if (answer.hsm_public.len != sizeof made->hsm_public || answer.kcv.len != sizeof made->kcv ||
        answer.sealed.len > sizeof made->sealed)
        return ERR(LENGTH);
    memcpy(made->hsm_public, answer.hsm_public.at, sizeof made->hsm_public);
    memcpy(made->kcv, answer.kcv.at, sizeof made->kcv);
    if (answer.sealed.len > 0) memcpy(made->sealed, answer.sealed.at, answer.sealed.len);
    made->sealed_len = answer.sealed.len;
    return bytes_to_text(answer.block, block, REGISTRY_KEY_BLOCK_MAX + 1);
}

/* A suite with keys for each message: a master key like our own carries the first of them. */
static uint8_t carrier_suite(enum registry_suite suite)
{
    return registry_suite(suite)->base != 0 ? HSM_SUITE_TONGBAO : (uint8_t)suite;
}

/* The master key carries the working keys; the recovery key proves who may have a new password. */
static err make_terminal_keys(struct hsm_client *hsm, const struct host_terminal *t,
                              struct bytes recipient, struct made_terminal *made,
                              struct process_fault *fault)
{
    struct hsm_make_key ask = {.usage = HSM_KEY_TERMINAL_MASTER,
                               .suite = carrier_suite(t->suite),
                               .label = bytes_text(t->tid),
                               .recipient = recipient};
    TRY(host_make_terminal_key(hsm, HSM_MAKE_KEY, &ask, made->row.master_block, &made->master,
                               fault));
    ask.usage = HSM_KEY_RECOVERY;
    return host_make_terminal_key(hsm, HSM_MAKE_KEY, &ask, made->row.recovery_block,
                                  &made->recovery, fault);
}

/* The same device under the same number, with new keys: those that it had are nobody's. */
static err put_again(struct registry *registry, const struct registry_actor *who,
                     const struct registry_terminal *row)
{
    struct registry_terminal was;
    TRY(registry_find_terminal(registry, bytes_text(row->tid), &was));
    bool same = strcmp(was.serial, row->serial) == 0 && strcmp(was.model, row->model) == 0 &&
                strcmp(was.mid, row->mid) == 0 && was.suite == row->suite;
    if (!same || was.status == REGISTRY_CLOSED) return ERR(CONFLICT);
    if (row->ksn_len > 0)
        TRY(registry_set_terminal_ksn(registry, who, bytes_text(row->tid),
                                      bytes_of(row->ksn, row->ksn_len)));
    return registry_set_terminal_keys(registry, who, bytes_text(row->tid),
                                      bytes_text(row->fingerprint), bytes_text(row->master_block),
                                      bytes_text(row->recovery_block));
}

static err add_row(const struct host_place *place, bool again, struct made_terminal *made,
                   struct process_fault *fault)
{
    struct registry *registry = NULL;
    struct registry_actor who = host_keys_actor();
    TRY(host_keys_registry(place->admin, STORE_OPEN, &registry, fault));
    err done = registry_find_merchant(registry, bytes_text(made->row.mid), &made->merchant);
    if (!FAILED(done) && !again) done = registry_add_terminal(registry, &who, &made->row);
    if (!FAILED(done) && again) done = put_again(registry, &who, &made->row);
    if (!FAILED(done) && made->has_device)
        done = registry_set_transport(registry, &who, bytes_text(made->row.tid), made->device);
    if (done.code == ERR_CONFLICT && again)
        snprintf(
            fault->text, sizeof fault->text,
            "%.8s is registered for another serial number, model or merchant, or closed: --again "
            "is for the same device",
            made->row.tid);
    else if (FAILED(done)) done = host_keys_refused(registry, done, fault);
    registry_close(registry);
    return done;
}

static void write_provision(const struct host_terminal *t, const struct made_terminal *made,
                            const struct authority *authority, struct writer *w)
{
    struct json_out j = json_out_over(w);
    json_object_begin(&j);
    json_member_string(&j, "tid", t->tid);
    json_member_string(&j, "mid", t->mid);
    json_member_string(&j, "merchant_zh", made->merchant.name_zh);
    json_member_string(&j, "merchant_en", made->merchant.name_en);
    json_member_text(&j, "certificate", made->certificate);
    json_member_text(&j, "authority", authority->pem);
    json_member_hex(&j, "hsm_public", BYTES_OF(made->master.hsm_public));
    json_member_hex(&j, "master_key", bytes_of(made->master.sealed, made->master.sealed_len));
    json_member_hex(&j, "kcv", BYTES_OF(made->master.kcv));
    json_member_hex(&j, "recovery_key", bytes_of(made->recovery.sealed, made->recovery.sealed_len));
    json_member_hex(&j, "recovery_kcv", BYTES_OF(made->recovery.kcv));
    json_member_hex(&j, "policy_signer", BYTES_OF(made->policy.signer));
    json_member_text(&j, "policy", bytes_of(made->policy.document, made->policy.document_len));
    json_member_string(&j, "suite", registry_suite(t->suite)->name);
    if (made->initial[0] != '\0') json_member_string(&j, "initial_key", made->initial);
    json_object_end(&j);
}

err host_keys_issue(const struct host_place *place, const struct host_terminal *t,
                    struct bytes request, const uint8_t public_key[REGISTRY_TRANSPORT_BYTES],
                    struct writer *json, struct process_fault *fault)
{
    CLEANUP(authority_free) struct authority authority = {.key = {NULL}};
    struct made_terminal made = {.row = {.outlet = 1}, .has_device = true};
    memcpy(made.device, public_key, sizeof made.device);
    TRY(issue_certificate(place, t, request, &made, &authority, fault));

    struct hsm_client hsm;
    TRY(fill_row(t, &made, fault));
    TRY(host_policy_sign(place->admin, t->model, &made.policy, fault));
    TRY(hsm_client_open(&hsm, place->hsm, fault));
    err done = make_terminal_keys(&hsm, t, BYTES_OF(made.device), &made, fault);
    if (!FAILED(done)) done = host_make_initial(place, &hsm, &made.row, made.initial, fault);
    if (!FAILED(done)) done = add_row(place, t->again, &made, fault);
    hsm_client_close(&hsm);
    TRY(done);
    write_provision(t, &made, &authority, json);
    return (err){json->fault};
}

err host_keys_provision(const struct host_place *place, const struct host_terminal *t,
                        struct process_fault *fault)
{
    uint8_t request_block[IDENTITY_PEM_MAX], public_block[64], block[JSON_MAX];
    uint8_t public_key[REGISTRY_TRANSPORT_BYTES];
    struct bytes request, public_hex;
    struct writer json = writer_over(block, sizeof block);
    size_t len;
    TRY(from_directory(t->device, "device.csr", FILE_PUBLIC, request_block, sizeof request_block,
                       &request, fault));
    TRY(from_directory(t->device, "device.public", FILE_PUBLIC, public_block, sizeof public_block,
                       &public_hex, fault));
    TRY(hex_decode(public_hex, public_key, sizeof public_key, &len));
    if (len != sizeof public_key) return ERR(LENGTH);
    TRY(host_keys_issue(place, t, request, public_key, &json, fault));
    return in_directory(t->device, "provision.json", FILE_PRIVATE, writer_view(&json), fault);
}

/* What the foreign terminal is given: its key, which nobody else opens, and who says so. */
static err write_transport(const struct host_terminal *t, const struct host_foreign *f,
                           const struct host_made_key *key, const struct authority *authority)
{
    uint8_t signed_block[64 + 2 * sizeof key->sealed], block[JSON_MAX];
    uint8_t digest[CRYPTO_SHA256_BYTES], signature[IDENTITY_SIGNATURE_MAX];
    size_t signature_len;
    struct bytes sealed = bytes_of(key->sealed, key->sealed_len), text, json;
    struct writer s = writer_over(signed_block, sizeof signed_block);
    write_bytes(&s, BYTES("tongbao key transport 1\n"));
    write_bytes(&s, bytes_text(t->tid));
    write_bytes(&s, BYTES("\n"));
    write_hex_upper(&s, BYTES_OF(key->kcv));
    write_bytes(&s, BYTES("\n"));
    write_hex_upper(&s, sealed);
    write_bytes(&s, BYTES("\n"));
    TRY(writer_finish(&s, &text));
    crypto_sha256(text, digest);
    TRY(identity_sign(&authority->key, digest, signature, &signature_len));
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "tid", t->tid);
    json_member_string(&j, "scheme", "rsa-oaep-sha256");
    json_member_hex(&j, "kcv", BYTES_OF(key->kcv));
    json_member_hex(&j, "key", sealed);
    json_member_text(&j, "authority", authority->pem);
    json_member_hex(&j, "signature", bytes_of(signature, signature_len));
    json_object_end(&j);
    TRY(writer_finish(&w, &json));
    return file_write(f->key_file, FILE_PUBLIC, json);
}

/* Its master key: made for its RSA key, or a known one. */
static err make_foreign_key(const struct host_place *place, const struct host_terminal *t,
                            const struct host_foreign *f, struct made_terminal *made,
                            struct process_fault *fault)
{
    uint8_t clear[16], pem[RSA_SCHEME_PEM_MAX];
    struct hsm_client hsm;
    size_t len;
    struct hsm_make_key ask = {
        .usage = HSM_KEY_TERMINAL_MASTER, .suite = (uint8_t)t->suite, .label = bytes_text(t->tid)};
    bool known = f->master_hex != NULL;
    if (known) {
        TRY(hex_decode(bytes_text(f->master_hex), clear, sizeof clear, &len));
        ask.clear = bytes_of(clear, len);
    } else {
        err read = file_read(f->transport_file, FILE_PUBLIC, pem, sizeof pem, &len);
        if (FAILED(read))
            snprintf(fault->text, sizeof fault->text, "%.150s: %s", f->transport_file,
                     err_text(read));
        TRY(read);
        ask.recipient = bytes_of(pem, len);
    }
    TRY(hsm_client_open(&hsm, place->hsm, fault));
    err done = host_make_terminal_key(&hsm, known ? HSM_IMPORT_KEY : HSM_MAKE_KEY, &ask,
                                      made->row.master_block, &made->master, fault);
    hsm_client_close(&hsm);
    explicit_bzero(clear, sizeof clear);
    if (done.code == ERR_DENIED && !known)
        snprintf(fault->text, sizeof fault->text,
                 "%.120s: the hsm takes an RSA public key in PEM of %d to %d bits with exponent "
                 "65537",
                 f->transport_file, RSA_SCHEME_BITS_MIN, RSA_SCHEME_BITS_MAX);
    return done;
}

err host_keys_foreign(const struct host_place *place, const struct host_terminal *t,
                      const struct host_foreign *f, struct process_fault *fault)
{
    uint8_t request_block[IDENTITY_PEM_MAX];
    size_t request_len;
    TRY(file_read(f->request_file, FILE_PUBLIC, request_block, sizeof request_block, &request_len));
    CLEANUP(authority_free) struct authority authority = {.key = {NULL}};
    struct made_terminal made = {.row = {.outlet = 1}};
    TRY(issue_certificate(place, t, bytes_of(request_block, request_len), &made, &authority,
                          fault));
    TRY(fill_row(t, &made, fault));
    TRY(make_foreign_key(place, t, f, &made, fault));
    err done = add_row(place, false, &made, fault);
    if (!FAILED(done) && f->master_hex == NULL)
        done = write_transport(t, f, &made.master, &authority);
    if (!FAILED(done)) done = file_write(f->certificate_file, FILE_PUBLIC, made.certificate);
    return done;
}
