/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two acts that make a device one of its own kind: its own keys first, made here and known
 * nowhere else; then what its acquirer gives it. Each is one transaction: all of it or nothing.
 */
#include <stdio.h>

#include "lib/crypto/identity.h"
#include "vault/state.h"

static const struct {
    uint8_t id, role;
    bool initial; /* gets an initial password; the others get theirs from the supervisor */
} first_operators[] = {
    {0, VAULT_ROLE_SUPERVISOR, true},     {1, VAULT_ROLE_CASHIER, true},
    {2, VAULT_ROLE_CASHIER, false},       {3, VAULT_ROLE_CASHIER, false},
    {4, VAULT_ROLE_CASHIER, false},       {5, VAULT_ROLE_CASHIER, false},
    {99, VAULT_ROLE_ADMINISTRATOR, true},
};

static bool plain_name(struct bytes name, size_t max)
{
    if (name.len == 0 || name.len > max) return false;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.at[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    c == '-' || c == '.';
        if (!good) return false;
    }
    return true;
}

static err put_device(struct vault *v, struct bytes serial, struct bytes model)
{
    struct store_statement *s;
    TRY(store_statement(v->store, "INSERT INTO device(one, serial, model) VALUES(1, ?, ?)", &s));
    store_bind_text(s, serial);
    store_bind_text(s, model);
    TRY(store_run(s));
    for (size_t i = 0; i < ARRAY_LEN(first_operators); i++)
        TRY(vault_operator_add(v, first_operators[i].id, first_operators[i].role));
    return OK;
}

static err put_device_secrets(struct vault *v, const struct transport_pair *transport,
                              struct bytes identity)
{
    CLEANUP(secret_wipe) struct secret pepper = {.len = PASSWORD_PEPPER_BYTES};
    random_fill(&v->config.random, pepper.at, pepper.len);
    TRY(vault_secret_put(v, VAULT_SECRET_PEPPER, secret_view(&pepper)));
    TRY(vault_secret_put(v, VAULT_SECRET_TRANSPORT, BYTES_OF(transport->secret_key)));
    return vault_secret_put(v, VAULT_SECRET_IDENTITY, identity);
}

/* A PEM block on the stack, wiped at the end of its scope. */
struct identity_pem {
    uint8_t text[VAULT_IDENTITY_PEM_MAX];
};

static void identity_pem_wipe(struct identity_pem *pem)
{
    secret_wipe_bytes(pem, sizeof *pem);
}

err vault_initialise(struct vault *v, struct bytes serial, struct bytes model,
                     struct writer *request, uint8_t ret_public[TRANSPORT_KEY_BYTES])
{
    if (v->device.initialised) return ERR(EXISTS);
    if (!plain_name(serial, VAULT_SERIAL_MAX) || !plain_name(model, VAULT_MODEL_MAX))
        return ERR(FORMAT);
    CLEANUP(transport_pair_wipe) struct transport_pair transport = {0};
    CLEANUP(identity_key_free) struct identity_key key = {0};
    CLEANUP(identity_pem_wipe) struct identity_pem pem = {0};
    struct writer w = writer_over(pem.text, sizeof pem.text);
    struct bytes identity;
    transport_generate(&v->crypto, &transport);
    TRY(identity_key_generate(&key));
    TRY(identity_key_write(&key, &w));
    TRY(writer_finish(&w, &identity));
    TRY(identity_request(&key, serial, request));

    CLEANUP(store_rollback) struct store_tx tx = {0};
    TRY(store_begin(v->store, &tx));
    TRY(put_device(v, serial, model));
    TRY(put_device_secrets(v, &transport, identity));
    char subject[VAULT_SERIAL_MAX + 1];
    TRY(bytes_to_text(serial, subject, sizeof subject));
    TRY(vault_audit(v, &tx, NULL, "initialise", subject, ""));
    TRY(store_commit(&tx));
    TRY(vault_load(v));
    memcpy(ret_public, transport.public_key, TRANSPORT_KEY_BYTES);
    return OK;
}

void vault_initials_wipe(struct vault_initial *first)
{
    secret_wipe_bytes(first, VAULT_INITIALS * sizeof *first);
}

static err refuse(struct vault_fault *fault, err e, const char *why)
{
    if (fault != NULL) snprintf(fault->text, sizeof fault->text, "%s", why);
    return e;
}

static err check_texts(const struct vault_provision *p, struct vault_fault *fault)
{
    if (p->tid.len != VAULT_TID_LEN || !plain_name(p->tid, VAULT_TID_LEN))
        return refuse(fault, ERR(FORMAT), "tid: eight letters or digits are wanted");
    if (p->mid.len != VAULT_MID_LEN || !plain_name(p->mid, VAULT_MID_LEN))
        return refuse(fault, ERR(FORMAT), "mid: fifteen letters or digits are wanted");
    if (p->merchant_zh.len == 0 || p->merchant_zh.len > VAULT_MERCHANT_MAX ||
        p->merchant_en.len > VAULT_MERCHANT_MAX)
        return refuse(fault, ERR(LENGTH), "merchant name: 1 to 120 bytes of UTF-8 are wanted");
    return OK;
}

/* The certificate must be for the key that was made here, under the name that the host expects. */
static err check_certificate(struct vault *v, const struct vault_provision *p,
                             struct vault_fault *fault, int64_t *ret_expiry_ms)
{
    CLEANUP(identity_key_free) struct identity_key key = {0};
    uint8_t request[IDENTITY_PEM_MAX];
    struct writer w = writer_over(request, sizeof request);
    char name[IDENTITY_NAME_MAX + 1], own_name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES], own_print[CRYPTO_SHA256_BYTES];
    TRY(identity_key_read(bytes_of(v->secrets->identity, v->secrets->identity_len), &key));
    TRY(identity_request(&key, p->tid, &w));
    TRY(identity_describe(writer_view(&w), own_name, own_print));
    if (FAILED(identity_describe(p->certificate, name, print)) ||
        FAILED(identity_expiry(p->certificate, ret_expiry_ms)))
        return refuse(fault, ERR(FORMAT), "certificate: not a certificate in PEM");
    if (!bytes_equal(BYTES_OF(print), BYTES_OF(own_print)))
        return refuse(fault, ERR(IDENTITY),
                      "certificate: made for another device's key; issue one for this device.csr");
    if (!bytes_equal(bytes_text(name), p->tid))
        return refuse(fault, ERR(IDENTITY), "certificate: its common name is not the tid");
    if (FAILED(identity_verify(p->authority, p->certificate, IDENTITY_CLIENT,
                               clock_now_ms(&v->config.clock))))
        return refuse(fault, ERR(IDENTITY),
                      "certificate: not issued by this authority for a client, or not valid now; "
                      "check the clock");
    return OK;
}

/* A key that the hsm has sealed for this device and this terminal number. */
static err open_key(struct vault *v, const struct vault_provision *p, struct bytes sealed,
                    struct bytes kcv, enum key_usage usage, struct key *ret_key)
{
    if (p->hsm_public.len != TRANSPORT_KEY_BYTES || kcv.len != KEY_CHECK_BYTES) return ERR(LENGTH);
    TRY(transport_open_key(&v->secrets->transport, p->hsm_public.at, sealed, usage, p->tid,
                           ret_key));
    return key_check(&v->crypto, ret_key, kcv);
}

static err explain_key(struct vault_fault *fault, err e, const char *name)
{
    const char *why = e.code == ERR_LENGTH ? "it, hsm_public or its kcv has a wrong length"
                      : e.code == ERR_KCV  ? "its kcv is that of another key"
                                           : "not sealed by this hsm for this device and this tid; "
                                             "make it anew";
    if (FAILED(e) && fault != NULL) snprintf(fault->text, sizeof fault->text, "%s: %s", name, why);
    return e;
}

static err open_keys(struct vault *v, const struct vault_provision *p, struct vault_fault *fault,
                     struct key *ret_master, struct key *ret_recovery)
{
    TRY(explain_key(fault,
                    open_key(v, p, p->master_key, p->kcv, KEY_USAGE_TERMINAL_MASTER, ret_master),
                    "master_key"));
    return explain_key(
        fault, open_key(v, p, p->recovery_key, p->recovery_kcv, KEY_USAGE_RECOVERY, ret_recovery),
        "recovery_key");
}

static struct bytes suite_name(const struct vault_provision *p)
{
    return p->suite.len > 0 ? p->suite : BYTES("tongbao");
}

/* The master key is the suite's; and where each message has its own keys, the first of them is
 * under it. */
static err open_suite(struct vault *v, const struct vault_provision *p, const struct key *master,
                      struct vault_fault *fault, const struct vault_suite **ret_suite,
                      union vault_registers *ret_registers)
{
    const struct vault_suite *suite = vault_suite_named(suite_name(p));
    if (suite == NULL) return refuse(fault, ERR(UNSUPPORTED), "suite: this vault does not know it");
    if (master->algorithm != suite->master)
        return refuse(fault, ERR(KEY), "master_key: of another cipher than its suite's");
    *ret_suite = suite;
    if (suite->serial == NULL) {
        if (p->initial_block.len == 0) return OK;
        return refuse(fault, ERR(KEY), "initial_key: the suite has none");
    }
    err loaded = vault_suite_load(&v->crypto, suite, master, p->initial_block, ret_registers);
    if (FAILED(loaded))
        return refuse(fault, loaded,
                      "initial_key: not a key block of this suite under this master key");
    return OK;
}

/* A document is checked here; a model that has none lives by the one that is compiled in. */
static err check_policy(struct vault *v, const struct vault_provision *p, struct vault_fault *fault)
{
    struct policy_document document;
    struct policy_fault why = {POLICY_FAULT_NONE, 0};
    if (p->policy_signer.len != POLICY_SIGNER_BYTES)
        return refuse(fault, ERR(LENGTH), "policy_signer: 32 bytes are wanted");
    if (p->policy.len == 0) return OK;
    err opened = vault_policy_open(p->policy_signer.at, bytes_text(v->device.model), p->policy, 1,
                                   &document, &why);
    if (FAILED(opened) && fault != NULL)
        snprintf(fault->text, sizeof fault->text, "policy: %s", policy_fault_text(why.kind));
    return opened;
}

static err put_provision(struct vault *v, const struct vault_provision *p, int64_t expiry_ms)
{
    struct store_statement *s;
    TRY(store_statement(v->store,
                        "UPDATE device SET tid = ?, mid = ?, merchant_zh = ?, merchant_en = ?,"
                        " certificate = ?, authority = ?, certificate_expiry_ms = ?,"
                        " policy = ?, policy_signer = ?, hsm_public = ?, suite = ?",
                        &s));
    store_bind_text(s, p->tid);
    store_bind_text(s, p->mid);
    store_bind_text(s, p->merchant_zh);
    store_bind_text(s, p->merchant_en);
    store_bind_text(s, p->certificate);
    store_bind_text(s, p->authority);
    store_bind_int(s, expiry_ms);
    store_bind_text(s, p->policy);
    store_bind_blob(s, p->policy_signer);
    store_bind_blob(s, p->hsm_public);
    store_bind_text(s, suite_name(p));
    TRY(store_run(s));
    return store_changes(v->store) == 1 ? OK : ERR(CORRUPT);
}

/* S30, S33: random, this device's own, for one use. */
static err make_initials(struct vault *v, const struct vault_provision *p,
                         struct vault_initial initials[VAULT_INITIALS])
{
    const struct policy_person own = {.number = {p->tid, p->mid, bytes_text(v->device.serial)},
                                      .numbers = 3};
    size_t made = 0;
    for (size_t i = 0; i < ARRAY_LEN(first_operators); i++) {
        if (!first_operators[i].initial) continue;
        ENSURE(made < VAULT_INITIALS);
        struct vault_initial *initial = &initials[made++];
        struct vault_operator_name name = vault_operator_name(first_operators[i].id);
        struct password_owner owner = {BYTES_OF(v->secrets->pepper), bytes_text(name.text)};
        char record[PASSWORD_RECORD_MAX];
        initial->operator_id = first_operators[i].id;
        initial->role = first_operators[i].role;
        struct policy policy =
            policy_of_model(bytes_text(v->device.model), (enum policy_role)initial->role);
        TRY(one_time_make(&v->config.random, &policy, &own, vault_blocklist(v), initial->password));
        TRY(password_hash(v->config.cost, &v->config.random, owner, bytes_text(initial->password),
                          record));
        struct vault_operator_row row;
        TRY(vault_operator_read(v, initial->operator_id, &row));
        memcpy(row.record[VAULT_SLOT_OWN], record, PASSWORD_RECORD_MAX);
        row.one_time = true;
        TRY(vault_operator_put(v, &row));
    }
    ENSURE(made == VAULT_INITIALS);
    return OK;
}

struct initials {
    struct vault_initial made[VAULT_INITIALS];
};

static void initials_wipe(struct initials *initials)
{
    secret_wipe_bytes(initials, sizeof *initials);
}

static void registers_wipe(union vault_registers *registers)
{
    secret_wipe_bytes(registers, sizeof *registers);
}

static err provision(struct vault *v, const struct vault_provision *p, struct vault_fault *fault,
                     struct vault_initial ret_initials[VAULT_INITIALS])
{
    CLEANUP(key_wipe) struct key master = {0};
    CLEANUP(key_wipe) struct key recovery = {0};
    CLEANUP(initials_wipe) struct initials initials = {0};
    CLEANUP(registers_wipe) union vault_registers registers = {0};
    const struct vault_suite *suite;
    int64_t expiry_ms = 0;
    if (!v->device.initialised)
        return refuse(fault, ERR(STATE), "not initialised: run --initialise first");
    if (v->device.provisioned)
        return refuse(fault, ERR(EXISTS), "provisioned already: a device is provisioned once");
    TRY(check_texts(p, fault));
    TRY(check_certificate(v, p, fault, &expiry_ms));
    TRY(open_keys(v, p, fault, &master, &recovery));
    TRY(open_suite(v, p, &master, fault, &suite, &registers));
    TRY(check_policy(v, p, fault));

    CLEANUP(store_rollback) struct store_tx tx = {0};
    char tid[VAULT_TID_LEN + 1];
    TRY(bytes_to_text(p->tid, tid, sizeof tid));
    TRY(store_begin(v->store, &tx));
    TRY(put_provision(v, p, expiry_ms));
    TRY(vault_key_put(v, VAULT_SECRET_MASTER, &master));
    TRY(vault_key_put(v, VAULT_SECRET_RECOVERY, &recovery));
    TRY(vault_last_words_put(v, p->tid));
    if (suite->serial != NULL)
        TRY(vault_secret_put(v, VAULT_SECRET_REGISTERS,
                             bytes_of((const uint8_t *)&registers, suite->serial->registers)));
    TRY(make_initials(v, p, initials.made));
    TRY(vault_epoch_begin(v));
    TRY(vault_audit(v, &tx, NULL, "provision", tid, ""));
    TRY(store_commit(&tx));
    TRY(vault_load(v));
    memcpy(ret_initials, initials.made, sizeof initials.made);
    return OK;
}

/* A refusal changes nothing but the audit log: a key of another device, a wrong check value, a
 * certificate that is not this device's are things that somebody has tried. */
err vault_provision(struct vault *v, const struct vault_provision *p, struct vault_fault *fault,
                    struct vault_initial ret_initials[VAULT_INITIALS])
{
    struct vault_fault why = {""};
    err done = provision(v, p, &why, ret_initials);
    if (fault != NULL && FAILED(done)) *fault = why;
    if (!FAILED(done) || why.text[0] == '\0') return done;
    TRY(vault_audit_note(v, NULL, "provision_refused", v->device.serial, why.text));
    return done;
}
