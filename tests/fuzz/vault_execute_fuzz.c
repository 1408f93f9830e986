/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A terminal program, a page and a card reader that do anything in any order. The input is a row of
 * steps, each behind a length of one byte: a request as it is; 'T' and what is to be sealed as a
 * touch of the page, a place or text; 'S' and the text of a swipe; or 'R', a role and an operator,
 * who is then logged in and may change his password. Always one answer, well-formed; a refusal
 * carries nothing; and the card number that the reader gave is never in one.
 */
#include "lib/crypto/identity.h"
#include "lib/wire/vault_protocol.h"
#include "vault/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUTS_A_VAULT = 20000 /* then a new one: the audit log only grows */ };

static struct {
    struct random_seeded source;
    struct store_anchor *anchor;
    struct vault *vault;
    struct crypto crypto;
    struct panel_channel panel;
    struct vault_swipe swipe;
    unsigned inputs;
    char pan[32]; /* of the last swipe: its first digits */
} fuzz;

static int64_t stopped(void *context)
{
    (void)context;
    return 1788000000000;
}

static err swipe(void *context, struct vault_swipe *out)
{
    (void)context;
    *out = fuzz.swipe;
    fuzz.swipe.present = false;
    return OK;
}

/* That of a model with letters for some and digits for others. */
static struct bytes sign_policy(uint8_t signer[POLICY_SIGNER_BYTES],
                                uint8_t text[POLICY_DOCUMENT_MAX])
{
    struct policy_document document;
    struct policy_fault fault;
    uint8_t plain[POLICY_DOCUMENT_MAX], secret[POLICY_SIGNER_SECRET_BYTES];
    struct writer p = writer_over(plain, sizeof plain);
    struct writer t = writer_over(text, POLICY_DOCUMENT_MAX);
    policy_signer_make(&fuzz.crypto.random, signer, secret);
    ENSURE(policy_builtin(BYTES("TB-2"), &document));
    policy_document_write(&document, &p);
    ENSURE(!FAILED(policy_document_sign(writer_view(&p), secret, &t, &fault)));
    return writer_view(&t);
}

static void provision(void)
{
    struct identity_key ca = {0};
    struct transport_pair hsm;
    struct key master;
    uint8_t csr[IDENTITY_PEM_MAX], authority[IDENTITY_PEM_MAX], own[IDENTITY_PEM_MAX], sealed[256];
    uint8_t device[TRANSPORT_KEY_BYTES], kcv[KEY_CHECK_BYTES], recovery_kcv[KEY_CHECK_BYTES];
    uint8_t recovery_sealed[256];
    struct key recovery;
    uint8_t policy_signer[POLICY_SIGNER_BYTES], policy[POLICY_DOCUMENT_MAX];
    struct bytes document = sign_policy(policy_signer, policy);
    struct writer t = writer_over(recovery_sealed, sizeof recovery_sealed);
    struct writer r = writer_over(csr, sizeof csr), a = writer_over(authority, sizeof authority);
    struct writer c = writer_over(own, sizeof own), s = writer_over(sealed, sizeof sealed);
    const struct identity_subject subject = {.common_name = BYTES("10000017"),
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = 1700000000000,
                                             .not_after_ms = 1900000000000};
    struct vault_initial initials[VAULT_INITIALS];
    ENSURE(!FAILED(vault_initialise(fuzz.vault, BYTES("SN-1"), BYTES("TB-2"), &r, device)));
    ENSURE(!FAILED(identity_key_generate(&ca)));
    ENSURE(!FAILED(identity_make_authority(&ca, BYTES("ca"), 1700000000000, 1900000000000, &a)));
    ENSURE(!FAILED(identity_issue(&ca, writer_view(&a), writer_view(&r), &subject, &c)));
    identity_key_free(&ca);
    transport_generate(&fuzz.crypto, &hsm);
    key_generate(&fuzz.crypto, KEY_AES128, KEY_USAGE_TERMINAL_MASTER, &master);
    ENSURE(!FAILED(transport_seal_key(&fuzz.crypto, &hsm, device, &master, BYTES("10000017"), &s)));
    ENSURE(!FAILED(key_check_value(&fuzz.crypto, &master, kcv)));
    key_generate(&fuzz.crypto, KEY_HMAC_SHA256, KEY_USAGE_RECOVERY, &recovery);
    ENSURE(
        !FAILED(transport_seal_key(&fuzz.crypto, &hsm, device, &recovery, BYTES("10000017"), &t)));
    ENSURE(!FAILED(key_check_value(&fuzz.crypto, &recovery, recovery_kcv)));
    const struct vault_provision p = {.tid = BYTES("10000017"),
                                      .mid = BYTES("898290058120001"),
                                      .merchant_zh = BYTES("M"),
                                      .certificate = writer_view(&c),
                                      .authority = writer_view(&a),
                                      .hsm_public = BYTES_OF(hsm.public_key),
                                      .master_key = writer_view(&s),
                                      .kcv = BYTES_OF(kcv),
                                      .recovery_key = writer_view(&t),
                                      .recovery_kcv = BYTES_OF(recovery_kcv),
                                      .policy_signer = BYTES_OF(policy_signer),
                                      .policy = document};
    ENSURE(!FAILED(vault_provision(fuzz.vault, &p, NULL, initials)));
}

static void open_anew(void)
{
    static const uint8_t device_key[VAULT_DEVICE_KEY_BYTES] = {1};
    vault_close(fuzz.vault);
    store_anchor_close(fuzz.anchor);
    crypto_close(&fuzz.crypto);
    random_seed(&fuzz.source, 1);
    ENSURE(!FAILED(crypto_open(random_from_seed(&fuzz.source), &fuzz.crypto)));
    ENSURE(!FAILED(store_anchor_open("vault-fuzz", &fuzz.anchor)));
    const struct vault_config config = {.store_path = "vault-fuzz",
                                        .store = {.mode = STORE_MEMORY},
                                        .clock = {stopped, stopped, NULL},
                                        .random = random_from_seed(&fuzz.source),
                                        .device_key = BYTES_OF(device_key),
                                        .cost = password_cost_quick(),
                                        .reader = {swipe, NULL, NULL}};
    ENSURE(!FAILED(vault_open(&config, NULL, &fuzz.vault)));
    provision();
}

/* Runs a request; a view of its answer's body when it was OK. */
static struct bytes execute(struct bytes request)
{
    static uint8_t block[VAULT_FRAME_MAX];
    struct writer w = writer_over(block, sizeof block);
    ENSURE(!FAILED(vault_execute(fuzz.vault, request, &w)));
    struct reader r = reader_over(writer_view(&w));
    uint8_t command = 0;
    enum vault_status status = VAULT_FAILED;
    ENSURE(!FAILED(vault_read_answer(&r, &command, &status)));
    ENSURE(status == VAULT_OK || r.left.len == 0);
    ENSURE(status != VAULT_FAILED);
    size_t len = strlen(fuzz.pan);
    if (len >= 12) ENSURE(memmem(r.left.at, r.left.len, fuzz.pan, len) == NULL);
    return r.left;
}

static void open_panel(void)
{
    struct panel_pair page;
    uint8_t request[128];
    struct writer w = writer_over(request, sizeof request);
    ENSURE(!FAILED(panel_pair_generate(&fuzz.crypto, &page)));
    vault_write_header(&w, VAULT_PANEL_OPEN);
    vault_write_bytes(&w, BYTES_OF(page.public_key));
    struct reader r = reader_over(execute(writer_view(&w)));
    struct bytes own;
    ENSURE(!FAILED(vault_read_bytes(&r, &own)));
    ENSURE(!FAILED(panel_channel_open(&page, own, PANEL_SIDE_PANEL, &fuzz.panel)));
}

static void touch(struct bytes what)
{
    uint8_t sealed[300], request[400];
    struct writer s = writer_over(sealed, sizeof sealed), w = writer_over(request, sizeof request);
    ENSURE(!FAILED(panel_seal(&fuzz.crypto, &fuzz.panel, what, &s)));
    vault_write_header(&w, VAULT_ENTRY_KEY);
    vault_write_bytes(&w, writer_view(&s));
    (void)execute(writer_view(&w));
}

/* Keeps the digits behind the first sentinel, to be looked for in the answers. */
static void hold_card(struct bytes text)
{
    size_t len = 0;
    fuzz.swipe = (struct vault_swipe){.present = true};
    if (FAILED(bytes_to_text(text, fuzz.swipe.track2, sizeof fuzz.swipe.track2))) return;
    for (size_t i = 1; i < text.len && len < 19 && text.at[i] >= '0' && text.at[i] <= '9'; i++)
        fuzz.pan[len++] = (char)text.at[i];
    fuzz.pan[len] = '\0';
}

/* Somebody is in, without his password: the commands behind it are what is looked at. */
static void become(uint8_t role, uint8_t id)
{
    if (role < VAULT_ROLE_CASHIER || role > VAULT_ROLE_ADMINISTRATOR || id > 99) return;
    fuzz.vault->session =
        (struct vault_session){.logged_in = true, .operator_id = id, .role = role};
    struct vault_operator_row row;
    if (FAILED(vault_operator_read(fuzz.vault, id, &row))) return;
    fuzz.vault->right = (struct vault_right){.open = true, .operator_id = id};
    fuzz.vault->right.since_us = clock_monotonic_us(&fuzz.vault->config.clock);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (fuzz.inputs++ % INPUTS_A_VAULT == 0) open_anew();
    vault_forget_session(fuzz.vault);
    ENSURE(!FAILED(store_exec(vault_store(fuzz.vault),
                              "UPDATE operator SET tries_used = 0;"
                              "DELETE FROM pin_entry;"
                              "DELETE FROM challenge_made;"
                              "DELETE FROM pair WHERE id > 4;"
                              "DELETE FROM operator WHERE id BETWEEN 6 AND 98;"
                              "DELETE FROM secret WHERE name LIKE 'work.%'")));
    fuzz.pan[0] = '\0';
    open_panel();
    struct reader r = reader_over(bytes_of(data, size));
    for (int steps = 0; r.left.len > 0 && steps < 64; steps++) {
        struct bytes step = read_prefixed(&r, 1, 255);
        if (step.len > 1 && step.at[0] == 'T') touch(bytes_of(step.at + 1, step.len - 1));
        else if (step.len == 3 && step.at[0] == 'R') become(step.at[1], step.at[2]);
        else if (step.len > 2 && step.at[0] == 'S') hold_card(bytes_of(step.at + 1, step.len - 1));
        else (void)execute(step);
    }
    return 0;
}
