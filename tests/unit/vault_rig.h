/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * A vault on a memory store, with everybody it talks to: a clock that stands still, the hsm that
 * seals its master key, the page at the other end of the panel channel, a card reader. The tests
 * speak to it by the bytes of its protocol, and every answer that it gives is kept, to be searched
 * for what must not be in it.
 */

#include "lib/auth/policy_document.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/identity.h"
#include "lib/store/audit.h"
#include "lib/wire/vault_protocol_chip.h"
#include "tests/unit/scratch.h"
#include "vault/device_file.h"
#include "vault/vault.h"

#define RIG_TID    "10000017"
#define RIG_MID    "898290058120001"
#define RIG_SERIAL "TB1-00004711"
#define RIG_PAN    "6200000000000005" /* the usual test card: see simulators/cards.c */

enum { RIG_KEPT_MAX = 1 << 20 };

/* Verdicts of PASSWORD_SET: numbers of lib/auth/verdicts.h. */
enum {
    RIG_TOO_SHORT = 4,
    RIG_RUN = 11,
    RIG_DATE = 13,
    RIG_PUBLISHED = 14,
    RIG_OWN_NUMBER = 16,
    RIG_SAME = 18,
    RIG_HISTORY = 19,
    RIG_TOO_YOUNG = 21,
    RIG_NOT_TEXT = 1,
    RIG_CONTROL = 2,
    RIG_TOO_LONG = 5,
};

struct rig_sealed {
    uint8_t master[256], recovery[256];
    uint8_t master_kcv[KEY_CHECK_BYTES], recovery_kcv[KEY_CHECK_BYTES];
};

struct rig {
    int64_t now_ms;
    int64_t wall_offset_ms; /* somebody has set the clock; the monotonic one knows nothing of it */
    struct random_seeded source;
    struct store_anchor *anchor;
    char anchor_name[32];
    uint8_t device_key[VAULT_DEVICE_KEY_BYTES];
    struct vault_swipe swipe; /* what the reader will say, once */
    err reader_error;
    struct card_reader_calls card_calls; /* of a chip reader; none until a test says so */
    struct vault *vault;
    unsigned pin_entries_an_hour;
    uint8_t language; /* enum vault_language */
    uint8_t counter[VAULT_COUNTER_MAX];
    size_t counter_len; /* 0: there is no such file */
    unsigned counter_writes;
    err counter_error;
    char path[96]; /* of a store that is a file, with a counter that is one; empty: in memory */
    struct device_counter counter_file;
    struct vault_counter counter_driver;
    err (*counter_fault)(void *context); /* asked before and after a write */
    void *counter_context;

    uint8_t tamper_kind; /* what an input says it has noticed: enum vault_tamper */
    uint8_t erased_kind; /* what stands where the device key was; NONE: the key does */
    err erase_error;
    err (*erase_fault)(void *context); /* asked before and after */
    void *erase_context;
    bool watch_clock;
    const struct self_test_hook *self_test;

    struct crypto crypto;
    struct key master, recovery; /* the terminal's, as the hsm knows them */
    struct rig_sealed sealed;    /* the same on their way */
    struct working_keys working;
    struct transport_pair hsm;
    uint8_t device[TRANSPORT_KEY_BYTES]; /* public half of its transport key */
    uint8_t policy_signer[POLICY_SIGNER_BYTES], policy_secret[POLICY_SIGNER_SECRET_BYTES];
    struct vault_initial initials[VAULT_INITIALS];
    char authority[IDENTITY_PEM_MAX], certificate[IDENTITY_PEM_MAX];
    char authority_key[IDENTITY_PEM_MAX];
    const struct rig *elder; /* a device of the same shop, whose acquirer is ours too; NULL: none */
    const char *serial;      /* NULL: RIG_SERIAL */

    struct panel_channel panel;
    uint8_t layout[12];
    struct vault_entry_layout shown; /* its view is gone */

    uint8_t request[VAULT_FRAME_MAX], response[VAULT_FRAME_MAX];
    struct writer w;      /* the body of the next request */
    struct reader answer; /* the body of the last answer */
    err executed;
    uint8_t *kept; /* every response so far */
    size_t kept_len;
};

#define assert_status(got, want) \
    assert_string_equal(vault_status_text(got), vault_status_text(want))

static inline int64_t rig_now(void *context)
{
    const struct rig *rig = context;
    return rig->now_ms + rig->wall_offset_ms;
}

static inline int64_t rig_monotonic(void *context)
{
    return ((struct rig *)context)->now_ms * 1000;
}

static inline struct clock rig_clock(struct rig *rig)
{
    return (struct clock){rig_now, rig_monotonic, rig};
}

static inline err rig_poll(void *context, struct vault_swipe *out)
{
    struct rig *rig = context;
    if (FAILED(rig->reader_error)) return rig->reader_error;
    *out = rig->swipe;
    vault_swipe_wipe(&rig->swipe);
    return OK;
}

static inline void rig_swipe(struct rig *rig, const char *track1, const char *track2)
{
    rig->swipe.present = true;
    snprintf(rig->swipe.track1, sizeof rig->swipe.track1, "%s", track1);
    snprintf(rig->swipe.track2, sizeof rig->swipe.track2, "%s", track2);
}

/* device.counter, as a file that is there or not, and a disk that fails when it is told to. */
static inline err rig_counter_read(void *context, uint8_t block[VAULT_COUNTER_MAX], size_t *ret_len)
{
    struct rig *rig = context;
    if (rig->counter_len == 0) return ERR(NOT_FOUND);
    memcpy(block, rig->counter, rig->counter_len);
    *ret_len = rig->counter_len;
    return OK;
}

static inline err rig_counter_write(void *context, struct bytes content)
{
    struct rig *rig = context;
    if (FAILED(rig->counter_error)) return rig->counter_error;
    if (rig->counter_fault != NULL) TRY(rig->counter_fault(rig->counter_context));
    assert_in_range(content.len, 1, sizeof rig->counter);
    memcpy(rig->counter, content.at, content.len);
    rig->counter_len = content.len;
    rig->counter_writes++;
    return rig->counter_fault != NULL ? rig->counter_fault(rig->counter_context) : OK;
}

static inline err rig_tamper_poll(void *context, uint8_t *ret_kind)
{
    *ret_kind = ((struct rig *)context)->tamper_kind;
    return OK;
}

static inline err rig_tamper_erase(void *context, uint8_t kind)
{
    struct rig *rig = context;
    if (FAILED(rig->erase_error)) return rig->erase_error;
    if (rig->erase_fault != NULL) TRY(rig->erase_fault(rig->erase_context));
    memset(rig->device_key, 0, sizeof rig->device_key);
    rig->erased_kind = kind;
    return rig->erase_fault != NULL ? rig->erase_fault(rig->erase_context) : OK;
}

static inline err rig_try_open(struct rig *rig, struct vault_fault *fault)
{
    bool file = rig->path[0] != '\0';
    struct vault_config config = {
        .store_path = file ? rig->path : rig->anchor_name,
        .store = {.mode = file ? STORE_CREATE : STORE_MEMORY},
        .clock = rig_clock(rig),
        .random = random_from_seed(&rig->source),
        .device_key = BYTES_OF(rig->device_key),
        .cost = password_cost_quick(),
        .reader = {rig_poll, NULL, rig},
        .card = rig->card_calls,
        .counter = file ? rig->counter_driver
                        : (struct vault_counter){rig_counter_read, rig_counter_write, rig},
        .tamper = {rig_tamper_poll, rig_tamper_erase, rig, rig->watch_clock, rig->erased_kind},
        .self_test = rig->self_test,
        .pin_entries_an_hour = rig->pin_entries_an_hour,
    };
    return vault_open(&config, fault, &rig->vault);
}

static inline void rig_open(struct rig *rig)
{
    struct vault_fault fault;
    assert_ok(rig_try_open(rig, &fault));
}

/* Stops the process, so to speak, and starts it again over what was committed. */
static inline void rig_restart(struct rig *rig)
{
    vault_close(rig->vault);
    rig->vault = NULL;
    rig_open(rig);
}

/* The suite that works with a master key of this cipher. */
static inline struct bytes rig_suite(enum key_algorithm master)
{
    if (master == KEY_TDES) return BYTES("cup");
    return master == KEY_SM4 ? BYTES("sm4") : BYTES("");
}

/* The acquirer's certificate authority: a new one, or the elder's. */
static inline void rig_authority(struct rig *rig, struct identity_key *ca, struct writer *a)
{
    const int64_t day = 86400000;
    struct writer k = writer_over(rig->authority_key, sizeof rig->authority_key - 1);
    if (rig->elder != NULL) {
        write_bytes(a, bytes_text(rig->elder->authority));
        assert_ok(identity_key_read(bytes_text(rig->elder->authority_key), ca));
        return;
    }
    assert_ok(identity_key_generate(ca));
    assert_ok(identity_key_write(ca, &k));
    assert_ok(identity_make_authority(ca, BYTES("test authority"), rig->now_ms - day,
                                      rig->now_ms + 3650 * day, a));
}

/* Everything that `admin provision` would hand over, for the request that this device made. */
static inline struct vault_provision rig_make_provision(struct rig *rig, struct bytes csr,
                                                        const uint8_t device[TRANSPORT_KEY_BYTES])
{
    struct identity_key ca = {0};
    struct writer a = writer_over(rig->authority, sizeof rig->authority);
    struct writer c = writer_over(rig->certificate, sizeof rig->certificate);
    struct rig_sealed *sealed = &rig->sealed;
    struct writer s = writer_over(sealed->master, sizeof sealed->master);
    struct writer t = writer_over(sealed->recovery, sizeof sealed->recovery);
    const int64_t day = 86400000;
    const struct identity_subject subject = {.common_name = BYTES(RIG_TID),
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = rig->now_ms - day,
                                             .not_after_ms = rig->now_ms + 730 * day};
    rig_authority(rig, &ca, &a);
    assert_ok(identity_issue(&ca, writer_view(&a), csr, &subject, &c));
    struct writer k = writer_over(rig->authority_key, sizeof rig->authority_key - 1);
    assert_ok(identity_key_write(&ca, &k));
    identity_key_free(&ca);
    memcpy(rig->device, device, sizeof rig->device);
    if (rig->elder != NULL) rig->hsm = rig->elder->hsm;
    else transport_generate(&rig->crypto, &rig->hsm);
    assert_ok(
        transport_seal_key(&rig->crypto, &rig->hsm, device, &rig->master, BYTES(RIG_TID), &s));
    assert_ok(
        transport_seal_key(&rig->crypto, &rig->hsm, device, &rig->recovery, BYTES(RIG_TID), &t));
    assert_ok(key_check_value(&rig->crypto, &rig->master, sealed->master_kcv));
    assert_ok(key_check_value(&rig->crypto, &rig->recovery, sealed->recovery_kcv));
    return (struct vault_provision){.tid = BYTES(RIG_TID),
                                    .mid = BYTES(RIG_MID),
                                    .merchant_zh = BYTES("通宝茶馆"),
                                    .merchant_en = BYTES("Tongbao Teahouse"),
                                    .certificate = writer_view(&c),
                                    .authority = writer_view(&a),
                                    .hsm_public = BYTES_OF(rig->hsm.public_key),
                                    .master_key = writer_view(&s),
                                    .kcv = BYTES_OF(sealed->master_kcv),
                                    .recovery_key = writer_view(&t),
                                    .recovery_kcv = BYTES_OF(sealed->recovery_kcv),
                                    .policy_signer = BYTES_OF(rig->policy_signer),
                                    .suite = rig_suite(rig->master.algorithm)};
}

/* Initialises, and makes what `admin provision` would answer with. */
static inline struct vault_provision rig_prepare(struct rig *rig, enum key_algorithm master)
{
    uint8_t csr[IDENTITY_PEM_MAX], device[TRANSPORT_KEY_BYTES];
    struct writer w = writer_over(csr, sizeof csr);
    key_generate(&rig->crypto, master, KEY_USAGE_TERMINAL_MASTER, &rig->master);
    key_generate(&rig->crypto, KEY_HMAC_SHA256, KEY_USAGE_RECOVERY, &rig->recovery);
    const char *serial = rig->serial == NULL ? RIG_SERIAL : rig->serial;
    assert_ok(vault_initialise(rig->vault, bytes_text(serial), BYTES("TB-1"), &w, device));
    return rig_make_provision(rig, writer_view(&w), device);
}

static inline void rig_provision(struct rig *rig, enum key_algorithm master)
{
    struct vault_fault fault = {{0}};
    struct vault_provision p = rig_prepare(rig, master);
    err provisioned = vault_provision(rig->vault, &p, &fault, rig->initials);
    if (FAILED(provisioned)) fail_msg("%s: %s", err_name(provisioned), fault.text);
}

/* An opened vault that nobody has initialised. */
static inline struct rig *rig_new(uint64_t seed)
{
    static unsigned count;
    struct rig *rig = calloc(1, sizeof *rig);
    assert_non_null(rig);
    rig->kept = calloc(1, RIG_KEPT_MAX);
    assert_non_null(rig->kept);
    rig->language = VAULT_ENGLISH;
    rig->now_ms = 1788000000000; /* 29 August 2026 */
    random_seed(&rig->source, seed);
    struct random random = random_from_seed(&rig->source);
    random_fill(&random, rig->device_key, sizeof rig->device_key);
    snprintf(rig->anchor_name, sizeof rig->anchor_name, "vault-rig-%u", ++count);
    assert_ok(store_anchor_open(rig->anchor_name, &rig->anchor));
    assert_ok(crypto_open(random_from_seed(&rig->source), &rig->crypto));
    policy_signer_make(&random, rig->policy_signer, rig->policy_secret);
    rig_open(rig);
    return rig;
}

static inline void rig_free(struct rig *rig)
{
    vault_close(rig->vault);
    store_anchor_close(rig->anchor);
    crypto_close(&rig->crypto);
    free(rig->kept);
    free(rig);
}

/* Begins a request; its body is then written to rig->w. */
static inline struct writer *rig_ask(struct rig *rig, uint8_t command)
{
    rig->w = writer_over(rig->request, sizeof rig->request);
    vault_write_header(&rig->w, command);
    return &rig->w;
}

/* Sends it, and reads the answer up to its body. VAULT_FAILED with rig->executed when it broke. */
static inline enum vault_status rig_send(struct rig *rig)
{
    struct writer response = writer_over(rig->response, sizeof rig->response);
    enum vault_status status = VAULT_FAILED;
    uint8_t command = 0;
    rig->executed = vault_execute(rig->vault, writer_view(&rig->w), &response);
    if (FAILED(rig->executed)) {
        assert_int_equal(response.len, 0);
        return VAULT_FAILED;
    }
    assert_true(response.len <= RIG_KEPT_MAX - rig->kept_len);
    memcpy(rig->kept + rig->kept_len, response.at, response.len);
    rig->kept_len += response.len;
    rig->answer = reader_over(writer_view(&response));
    assert_ok(vault_read_answer(&rig->answer, &command, &status));
    assert_int_equal(command, rig->request[1]);
    if (status != VAULT_OK) assert_ok(reader_finish(&rig->answer));
    return status;
}

static inline enum vault_status rig_plain(struct rig *rig, uint8_t command)
{
    (void)rig_ask(rig, command);
    return rig_send(rig);
}

static inline enum vault_status rig_bytes(struct rig *rig, uint8_t command, struct bytes b)
{
    vault_write_bytes(rig_ask(rig, command), b);
    return rig_send(rig);
}

/* The bytes that the last answer carries. */
static inline struct bytes rig_answer_bytes(struct rig *rig)
{
    struct bytes b = {0};
    assert_ok(vault_read_bytes(&rig->answer, &b));
    return b;
}

/* ---- the page ---- */

static inline void rig_panel(struct rig *rig)
{
    struct panel_pair page;
    assert_ok(panel_pair_generate(&rig->crypto, &page));
    assert_status(rig_bytes(rig, VAULT_PANEL_OPEN, BYTES_OF(page.public_key)), VAULT_OK);
    assert_ok(panel_channel_open(&page, rig_answer_bytes(rig), PANEL_SIDE_PANEL, &rig->panel));
}

static inline enum vault_status rig_begin_for(struct rig *rig, uint8_t purpose, uint8_t keypad,
                                              uint8_t operator_id)
{
    const struct vault_entry_begin begin = {purpose, keypad, operator_id, rig->language};
    vault_write_entry_begin(rig_ask(rig, VAULT_ENTRY_BEGIN), &begin);
    enum vault_status status = rig_send(rig);
    if (status != VAULT_OK) return status;
    assert_ok(vault_read_entry_layout(&rig->answer, &rig->shown));
    struct writer w = writer_over(rig->layout, sizeof rig->layout);
    assert_ok(panel_open(&rig->crypto, &rig->panel, rig->shown.sealed, &w));
    assert_int_equal(w.len, sizeof rig->layout);
    return status;
}

static inline enum vault_status rig_begin(struct rig *rig, uint8_t purpose, bool shuffled)
{
    return rig_begin_for(rig, purpose, shuffled, 0);
}

/* A touch: a position 0..11, 'O' or 'X'. */
static inline enum vault_status rig_touch(struct rig *rig, uint8_t touch,
                                          struct vault_entry_answer *out)
{
    uint8_t sealed[1 + PANEL_OVERHEAD];
    struct writer w = writer_over(sealed, sizeof sealed);
    assert_ok(panel_seal(&rig->crypto, &rig->panel, bytes_of(&touch, 1), &w));
    enum vault_status status = rig_bytes(rig, VAULT_ENTRY_KEY, writer_view(&w));
    if (status == VAULT_OK) assert_ok(vault_read_entry_answer(&rig->answer, out));
    return status;
}

/* Touches the key that shows `key` ('0'..'9', 'B', 'C'). */
static inline struct vault_entry_answer rig_press(struct rig *rig, char key)
{
    struct vault_entry_answer out = {0};
    for (uint8_t i = 0; i < sizeof rig->layout; i++) {
        if (rig->layout[i] != (uint8_t)key) continue;
        assert_status(rig_touch(rig, i, &out), VAULT_OK);
        return out;
    }
    fail_msg("no key %c", key);
    return out;
}

/* Text of a keyboard, sealed as the page does it. */
static inline enum vault_status rig_type(struct rig *rig, struct bytes text,
                                         struct vault_entry_answer *out)
{
    uint8_t plain[VAULT_FRAME_MAX], sealed[VAULT_FRAME_MAX];
    struct writer p = writer_over(plain, sizeof plain), w = writer_over(sealed, sizeof sealed);
    write_bytes(&p, BYTES("T"));
    write_bytes(&p, text);
    assert_ok(panel_seal(&rig->crypto, &rig->panel, writer_view(&p), &w));
    enum vault_status status = rig_bytes(rig, VAULT_ENTRY_KEY, writer_view(&w));
    if (status == VAULT_OK) assert_ok(vault_read_entry_answer(&rig->answer, out));
    return status;
}

/* A whole entry of somebody's, confirmed. */
static inline void rig_enter_for(struct rig *rig, uint8_t purpose, uint8_t operator_id,
                                 const char *text)
{
    struct vault_entry_answer out = {0};
    assert_status(rig_begin_for(rig, purpose, purpose == VAULT_ENTRY_PIN, operator_id), VAULT_OK);
    if (rig->shown.keyboard == VAULT_KEYS_TEXT) {
        assert_status(rig_type(rig, bytes_text(text), &out), VAULT_OK);
        assert_int_equal(out.state, VAULT_ENTRY_OPEN);
    } else {
        for (const char *c = text; *c != '\0'; c++) (void)rig_press(rig, *c);
    }
    assert_status(rig_touch(rig, 'O', &out), VAULT_OK);
    assert_int_equal(out.state, VAULT_ENTRY_DONE);
    if (rig->shown.keyboard == VAULT_KEYS_DIGITS) assert_int_equal(out.count, strlen(text));
}

static inline void rig_enter(struct rig *rig, uint8_t purpose, const char *digits)
{
    rig_enter_for(rig, purpose, 0, digits);
}

/* ---- people ---- */

/* LOGIN with what was entered. rig->executed tells when the vault broke. */
static inline struct vault_login_answer rig_login_entered(struct rig *rig, uint8_t id)
{
    struct vault_login_answer out = {.verdict = 255};
    vault_write_person(rig_ask(rig, VAULT_LOGIN), (struct vault_person){id, rig->language});
    if (rig_send(rig) == VAULT_OK) assert_ok(vault_read_login_answer(&rig->answer, &out));
    return out;
}

static inline struct vault_login_answer rig_login(struct rig *rig, uint8_t id, const char *password)
{
    rig_enter_for(rig, VAULT_ENTRY_PASSWORD, id, password);
    return rig_login_entered(rig, id);
}

static inline enum vault_status rig_set_entered(struct rig *rig, uint8_t id, uint8_t *ret_verdict)
{
    struct vault_password_answer said;
    vault_write_person(rig_ask(rig, VAULT_PASSWORD_SET), (struct vault_person){id, rig->language});
    enum vault_status status = rig_send(rig);
    if (status != VAULT_OK) return status;
    assert_ok(vault_read_password_answer(&rig->answer, &said));
    assert_int_equal(said.text.len == 0, said.verdict == VAULT_PASSWORD_OK);
    *ret_verdict = said.verdict;
    return status;
}

/* NEW, REPEAT and PASSWORD_SET; the verdict. */
static inline uint8_t rig_set(struct rig *rig, uint8_t id, const char *chosen, const char *repeated)
{
    uint8_t verdict = 255;
    rig_enter_for(rig, VAULT_ENTRY_NEW, id, chosen);
    rig_enter_for(rig, VAULT_ENTRY_REPEAT, id, repeated);
    assert_status(rig_set_entered(rig, id, &verdict), VAULT_OK);
    return verdict;
}

static inline const char *rig_initial(struct rig *rig, uint8_t id)
{
    for (size_t i = 0; i < VAULT_INITIALS; i++)
        if (rig->initials[i].operator_id == id) return rig->initials[i].password;
    fail_msg("operator %u has no initial password", id);
    return "";
}

/* ---- keys and cards ---- */

static inline enum vault_status rig_sign_in(struct rig *rig)
{
    bool aes = rig->master.algorithm == KEY_AES128;
    uint8_t delivery[DELIVERY_MAX];
    struct writer w = writer_over(delivery, sizeof delivery);
    assert_ok(delivery_generate(&rig->crypto, &rig->master, aes ? KEY_AES128 : KEY_TDES,
                                aes ? KEY_AES128 : KEY_DES, aes, &rig->working));
    assert_ok(delivery_wrap(&rig->crypto, &rig->master, &rig->working, &w));
    return rig_bytes(rig, VAULT_KEYS_LOAD, writer_view(&w));
}

static inline struct vault_card rig_poll_card(struct rig *rig)
{
    struct vault_card card = {.state = 255};
    assert_status(rig_plain(rig, VAULT_CARD_POLL), VAULT_OK);
    assert_ok(vault_read_card(&rig->answer, &card));
    return card;
}

/* From now on a card may be read, for 128.00. */
static inline enum vault_status rig_arm(struct rig *rig)
{
    const struct vault_card_arm arm = {12800, 156, VAULT_CHINESE, VAULT_WAY_SWIPE};
    vault_write_card_arm(rig_ask(rig, VAULT_CARD_ARM), &arm);
    return rig_send(rig);
}

/* Arms, swipes the usual card, polls. */
static inline void rig_read_card(struct rig *rig)
{
    assert_status(rig_arm(rig), VAULT_OK);
    rig_swipe(rig, "", ";" RIG_PAN "=29121200000000?");
    assert_int_equal(rig_poll_card(rig).state, VAULT_CARD_READ);
}

static inline struct vault_status_answer rig_status(struct rig *rig)
{
    struct vault_status_answer out = {0};
    assert_status(rig_plain(rig, VAULT_STATUS), VAULT_OK);
    assert_ok(vault_read_status_answer(&rig->answer, &out));
    return out;
}

/* ---- what must not be seen ---- */

static inline bool rig_contains(struct bytes where, struct bytes what)
{
    return memmem(where.at, where.len, what.at, what.len) != NULL;
}

/* True when `text` is in no answer so far and nowhere in the database. */
static inline bool rig_never_shown(struct rig *rig, const char *text)
{
    struct bytes image = {0};
    assert_ok(store_anchor_image(rig->anchor, &image));
    assert_true(rig_contains(image, BYTES(RIG_TID))); /* the search can find */
    bool shown = rig_contains(image, bytes_text(text)) ||
                 rig_contains(bytes_of(rig->kept, rig->kept_len), bytes_text(text));
    store_image_free(image);
    return !shown;
}
