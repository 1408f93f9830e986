/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys, registry and devices, made by the same calls as `tongbao admin provision`. They are the
 * same for every world: making sixteen devices costs as much as four hundred payments, so it
 * happens once and each world begins with copies of their databases.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/auth/policy.h"
#include "lib/auth/policy_document.h"
#include "lib/base/hex.h"
#include "lib/emv/parameters_text.h"
#include "lib/wire/hsm_protocol.h"
#include "registry/agreement.h"
#include "registry/parameters.h"
#include "registry/registry.h"
#include "tests/simulation/gate.h"

#define MUST(call)                                                         \
    do {                                                                   \
        err must_ = (call);                                                \
        if (FAILED(must_)) {                                               \
            world_fail(w, "provisioning: %s: %s", #call, err_name(must_)); \
            return;                                                        \
        }                                                                  \
    } while (0)

enum { SPARE_EACH = 4 /* one terminal in so many may be destroyed, once */ };

static const char merchant_number[] = "898290058120001";

struct answer_block {
    uint8_t at[HSM_FRAME_MAX];
};

static err make_key(struct world *w, const struct hsm_make_key *ask, struct answer_block *block,
                    struct hsm_key_answer *ret)
{
    uint8_t request[512];
    struct hsm_header header;
    enum hsm_status status;
    struct writer out = writer_over(request, sizeof request);
    hsm_write_header(&out, HSM_MAKE_KEY, 1);
    hsm_write_make_key(&out, ask);
    struct writer answer = writer_over(block->at, sizeof block->at);
    TRY(hsm_execute(w->hsm, writer_view(&out), &answer));
    struct reader r = reader_over(writer_view(&answer));
    TRY(hsm_read_answer(&r, &header, &status));
    if (status != HSM_OK) return ERR(DENIED);
    return hsm_read_key_answer(&r, ret);
}

static err make_zone_key(struct world *w, enum hsm_key_usage usage, enum key_usage own_usage,
                         const struct transport_pair *pair, char *block, struct key *ret_key)
{
    struct answer_block answer;
    struct hsm_key_answer made;
    const struct hsm_make_key ask = {.usage = (uint8_t)usage,
                                     .suite = HSM_SUITE_TONGBAO,
                                     .label = BYTES("zone"),
                                     .recipient = pair == NULL ? (struct bytes){0}
                                                               : BYTES_OF(pair->public_key)};
    TRY(make_key(w, &ask, &answer, &made));
    TRY(bytes_to_text(made.block, block, REGISTRY_KEY_BLOCK_MAX + 1));
    if (pair == NULL) return OK;
    ENSURE(made.hsm_public.len == TRANSPORT_KEY_BYTES);
    return transport_open_key(pair, made.hsm_public.at, made.sealed, own_usage, BYTES("zone"),
                              ret_key);
}

static void make_zone(struct world *w, struct registry *registry, const struct registry_actor *who)
{
    struct transport_pair pair;
    struct registry_zone_keys keys = {.zone = REGISTRY_CARD_NETWORK};
    transport_generate(&w->crypto, &pair);
    MUST(make_zone_key(w, HSM_KEY_ZONE_PIN, KEY_USAGE_ZONE_PIN, &pair, keys.pin_block,
                       &w->zone.pin));
    MUST(make_zone_key(w, HSM_KEY_ZONE_MAC, KEY_USAGE_ZONE_MAC, &pair, keys.mac_block,
                       &w->zone.mac));
    MUST(make_zone_key(w, HSM_KEY_ZONE_DATA, KEY_USAGE_ZONE_DATA, &pair, keys.data_block,
                       &w->zone.data));
    MUST(make_zone_key(w, HSM_KEY_TOKEN, KEY_USAGE_TOKEN, NULL, keys.token_block, NULL));
    w->zone.transport = pair;
    memcpy(w->zone.hsm_public, w->master.transport.public_key, sizeof w->zone.hsm_public);
    MUST(registry_set_zone_keys(registry, who, &keys));
    keys.zone = REGISTRY_WALLET;
    memcpy(w->zone.mac_block, keys.mac_block, sizeof w->zone.mac_block);
    MUST(registry_set_zone_keys(registry, who, &keys));
}

/* Who issues certificates and signs what vaults take. */
struct authority {
    uint8_t signer[POLICY_SIGNER_BYTES], signer_secret[POLICY_SIGNER_SECRET_BYTES];
    struct identity_key key;
    uint8_t block[IDENTITY_PEM_MAX];
    struct bytes pem;
};

/* As the registry keeps it. */
static err print_certificate(struct bytes pem, char ret_hex[REGISTRY_FINGERPRINT_LEN + 1])
{
    char name[IDENTITY_NAME_MAX + 1];
    uint8_t print[CRYPTO_SHA256_BYTES];
    struct writer w = writer_over(ret_hex, REGISTRY_FINGERPRINT_LEN);
    TRY(identity_describe(pem, name, print));
    write_hex(&w, BYTES_OF(print));
    ret_hex[w.len] = '\0';
    return (err){w.fault};
}

/* Keys, certificate and first passwords; *ret_row is what the registry is to know. */
static void provision_device(struct world *w, const struct authority *authority,
                             struct side_terminal *t, struct registry_terminal *ret_row)
{
    uint8_t request_block[IDENTITY_PEM_MAX], certificate_block[IDENTITY_PEM_MAX],
        public_key[TRANSPORT_KEY_BYTES];
    struct writer request = writer_over(request_block, sizeof request_block);
    struct writer certificate = writer_over(certificate_block, sizeof certificate_block);
    MUST(vault_initialise(t->vault, bytes_text(t->serial), BYTES("TB-1"), &request, public_key));
    const struct identity_subject subject = {.common_name = bytes_text(t->tid),
                                             .role = IDENTITY_CLIENT,
                                             .not_before_ms = w->now_ms - 86400000,
                                             .not_after_ms = w->now_ms + INT64_C(86400000) * 365};
    MUST(identity_issue(&authority->key, authority->pem, writer_view(&request), &subject,
                        &certificate));

    struct answer_block answer, recovery_answer;
    struct hsm_key_answer made, recovery;
    struct hsm_make_key ask = {.usage = HSM_KEY_TERMINAL_MASTER,
                               .suite = HSM_SUITE_TONGBAO,
                               .label = bytes_text(t->tid),
                               .recipient = BYTES_OF(public_key)};
    MUST(make_key(w, &ask, &answer, &made));
    ask.usage = HSM_KEY_RECOVERY;
    MUST(make_key(w, &ask, &recovery_answer, &recovery));
    struct registry_terminal row = {.model = "TB-1",
                                    .outlet = 1,
                                    .suite = REGISTRY_TONGBAO,
                                    .status = REGISTRY_ACTIVE,
                                    .first_batch = 1};
    MUST(bytes_to_text(bytes_text(t->tid), row.tid, sizeof row.tid));
    MUST(bytes_to_text(bytes_text(t->serial), row.serial, sizeof row.serial));
    MUST(bytes_to_text(bytes_text(merchant_number), row.mid, sizeof row.mid));
    MUST(bytes_to_text(made.block, row.master_block, sizeof row.master_block));
    MUST(bytes_to_text(recovery.block, row.recovery_block, sizeof row.recovery_block));
    MUST(print_certificate(writer_view(&certificate), row.fingerprint));

    const struct vault_provision provision = {.tid = bytes_text(t->tid),
                                              .mid = bytes_text(merchant_number),
                                              .merchant_zh = BYTES("示例小店"),
                                              .merchant_en = BYTES("EXAMPLE SHOP"),
                                              .certificate = writer_view(&certificate),
                                              .authority = authority->pem,
                                              .hsm_public = made.hsm_public,
                                              .master_key = made.sealed,
                                              .kcv = made.kcv,
                                              .recovery_key = recovery.sealed,
                                              .recovery_kcv = recovery.kcv,
                                              .policy_signer = BYTES_OF(authority->signer)};
    struct vault_initial initials[VAULT_INITIALS];
    struct vault_fault fault = {""};
    err done = vault_provision(t->vault, &provision, &fault, initials);
    if (FAILED(done)) {
        world_fail(w, "provisioning a vault: %s %s", err_name(done), fault.text);
        return;
    }
    for (int i = 0; i < VAULT_INITIALS; i++) {
        struct cashier *c = &t->cashier;
        struct person *p = initials[i].operator_id == 0   ? &c->supervisor
                           : initials[i].operator_id == 1 ? &c->self
                                                          : NULL;
        if (p != NULL) memcpy(p->initial, initials[i].password, sizeof initials[i].password);
    }
    vault_initials_wipe(initials);
    MUST(replaced_owner(t->vault));
    *ret_row = row;
}

static void provision_terminal(struct world *w, struct registry *registry,
                               const struct registry_actor *who, const struct authority *authority,
                               struct side_terminal *t)
{
    struct registry_terminal row = {.model = ""};
    provision_device(w, authority, t, &row);
    if (w->failure[0] == '\0') MUST(registry_add_terminal(registry, who, &row));
}

/* Another device of this terminal number, in its box: as its vault would be, and with keys of its
 * own that the registry does not know yet. */
static void provision_spare(struct world *w, const struct authority *authority, unsigned index)
{
    struct side_terminal *t = &w->terminal[index];
    struct side_terminal device = {.world = w, .index = index, .clock = {w, 0}};
    struct registry_terminal row = {.model = ""};
    struct spare *spare = &t->spare;
    memcpy(device.tid, t->tid, sizeof device.tid);
    snprintf(device.serial, sizeof device.serial, "SPARE%06u", index % 1000000);
    snprintf(device.vault_name, sizeof device.vault_name, "sim-boxed-%u", index);
    MUST(store_anchor_open(device.vault_name, &device.vault_anchor));
    random_fill(&w->secret, device.device_key, sizeof device.device_key);
    side_start_vault(&device);
    if (device.vault == NULL) return;
    provision_device(w, authority, &device, &row);
    if (w->failure[0] != '\0') return;
    MUST(store_anchor_image(device.vault_anchor, &spare->vault));
    vault_close(device.vault);
    store_anchor_close(device.vault_anchor);
    memcpy(spare->key, device.device_key, sizeof spare->key);
    memcpy(spare->counter, device.counter, sizeof spare->counter);
    spare->counter_len = device.counter_len;
    memcpy(spare->serial, device.serial, sizeof spare->serial);
    memcpy(spare->initial, device.cashier.supervisor.initial, sizeof spare->initial);
    memcpy(spare->fingerprint, row.fingerprint, sizeof spare->fingerprint);
    memcpy(spare->master_block, row.master_block, sizeof spare->master_block);
    memcpy(spare->recovery_block, row.recovery_block, sizeof spare->recovery_block);
}

/* From here on a card asks the host, and up to there it may do without: two applications. */
static void write_applications(struct writer *w)
{
    for (unsigned i = 0; i < 24; i++)
        write_format(w,
                     "application\n9F06 A0000003330101%02X\nDF01 00\n9F08 0030\nDF11 D84004A800\n"
                     "DF12 D84004F800\nDF13 0010000000\n9F1B 00004E20\nDF15 00001388\nDF16 50\n"
                     "DF17 10\nDF14 9F3704\nDF18 01\nDF19 000000001000\nDF20 000000500000\n"
                     "DF21 000000100000\n9F35 22\n9F33 60B8C8\n",
                     i + 1);
    write_format(w, "limits\nDF8105 000000100000\nDF8106 000000100000\nDF8107 0000000A\n"
                    "DF8108 000000020000\nDF8109 07\n");
}

static void write_hexadecimal(struct writer *w, struct bytes content)
{
    for (size_t i = 0; i < content.len; i++) write_format(w, "%02X", content.at[i]);
}

/* The key of the virtual cards' authority. */
static err write_authority(struct writer *w)
{
    uint8_t checksum[20];
    struct emv_ca_key key = {.index = chip_keys.index,
                             .modulus = chip_keys.authority.modulus,
                             .exponent = chip_keys.authority.exponent};
    memcpy(key.rid, chip_keys.rid.at, sizeof key.rid);
    TRY(emv_ca_key_checksum(&key, checksum));
    write_format(w, "key\n9F06 ");
    write_hexadecimal(w, chip_keys.rid);
    write_format(w, "\n9F22 %02X\nDF05 20351231\nDF06 01\nDF07 01\nDF02 ", chip_keys.index);
    write_hexadecimal(w, key.modulus);
    write_format(w, "\nDF04 ");
    write_hexadecimal(w, key.exponent);
    write_format(w, "\nDF03 ");
    write_hexadecimal(w, BYTES_OF(checksum));
    write_format(w, "\n");
    return OK;
}

/*
 * Parameters of chip cards of several parts (S118), so that sign-ins go on into downloads that are
 * cut, repeated and killed as everything else here.
 */
static void publish_parameters(struct world *w, struct registry *registry,
                               const struct registry_actor *who, struct authority *authority)
{
    static uint8_t tlv[8192], block[8192];
    static struct emv_parameters parsed;
    static char text[12000];
    struct emv_parameters_text_fault fault;
    struct random_seeded seed;
    random_seed(&seed, 118);
    const struct random random = random_from_seed(&seed);
    struct writer t = writer_over(text, sizeof text), d = writer_over(tlv, sizeof tlv),
                  out = writer_over(block, sizeof block);
    write_applications(&t);
    MUST(write_authority(&t));
    MUST((err){t.fault});
    MUST(emv_parameters_text(writer_view(&t), 1, &d, &parsed, &fault));
    policy_signer_make(&random, authority->signer, authority->signer_secret);
    write_bytes(&out, BYTES("tongbao-parameters 1\n"));
    write_bytes(&out, writer_view(&d));
    policy_signature_write(&out, authority->signer_secret);
    MUST((err){out.fault});
    struct registry_parameters head = {.number = 1};
    crypto_sha256(writer_view(&out), head.digest);
    MUST(registry_publish_parameters(registry, who, &head, writer_view(&out)));
}

static void name_terminal(struct world *w, unsigned index)
{
    struct side_terminal *t = &w->terminal[index];
    *t = (struct side_terminal){.world = w, .index = index, .clock = {w, 0}};
    t->cashier.supervisor.id = "00";
    t->cashier.self.id = "01";
    t->cashier.at = &t->cashier.supervisor;
    snprintf(t->tid, sizeof t->tid, "1%07u", index % 10000000);
    snprintf(t->serial, sizeof t->serial, "SIM%06u", index % 1000000);
    snprintf(t->store_name, sizeof t->store_name, "sim-terminal-%u", index);
    snprintf(t->vault_name, sizeof t->vault_name, "sim-vault-%u", index);
    MUST(store_anchor_open(t->store_name, &t->anchor));
    MUST(store_anchor_open(t->vault_name, &t->vault_anchor));
}

static void make_terminal(struct world *w, unsigned index)
{
    struct side_terminal *t = &w->terminal[index];
    name_terminal(w, index);
    random_fill(&w->secret, t->device_key, sizeof t->device_key);
    side_start_vault(t);
}

static void provision(struct world *w)
{
    struct authority authority = {.key = {NULL}};
    struct registry *registry = NULL;
    const struct registry_actor who = {BYTES("simulation"), w->now_ms};
    hsm_master_generate(&w->crypto, true, &w->master);
    side_start_hsm(w);
    MUST(registry_open("sim-registry", STORE_MEMORY, NULL, &registry));
    make_zone(w, registry, &who);
    const struct registry_merchant merchant = {.mid = "898290058120001",
                                               .name_zh = "示例小店",
                                               .name_en = "EXAMPLE SHOP",
                                               .fee_plan = 1,
                                               .status = REGISTRY_ACTIVE};
    MUST(registry_add_merchant(registry, &who, &merchant));
    MUST(registry_add_agreement(registry, &who, merchant.mid, merchant.fee_plan, 802, w->now_ms));
    MUST(plates_register(w, registry, &who, merchant_number));

    struct writer pem = writer_over(authority.block, sizeof authority.block);
    MUST(identity_key_generate(&authority.key));
    MUST(identity_make_authority(&authority.key, BYTES("Simulation authority"),
                                 w->now_ms - 86400000, w->now_ms + INT64_C(86400000) * 3650, &pem));
    authority.pem = writer_view(&pem);
    publish_parameters(w, registry, &who, &authority);
    for (unsigned i = 0; i < w->options.terminals && w->failure[0] == '\0'; i++) {
        make_terminal(w, i);
        if (w->terminal[i].vault != NULL)
            provision_terminal(w, registry, &who, &authority, &w->terminal[i]);
        if (i % SPARE_EACH == 1 && w->failure[0] == '\0') provision_spare(w, &authority, i);
    }
    identity_key_free(&authority.key);
    registry_close(registry);
}

/* ---- once for all worlds ------------------------------------------------------------------------
 */

struct device {
    uint8_t key[VAULT_DEVICE_KEY_BYTES];
    char initial[2][17]; /* of supervisor and cashier */
    struct bytes vault;  /* image of its database */
    uint8_t counter[VAULT_COUNTER_MAX];
    size_t counter_len;
    struct spare spare;
};

struct provision {
    struct hsm_master master;
    struct zone_set zone;
    struct gate_keys *gate;
    struct bytes registry;
    unsigned count;
    struct device device[WORLD_TERMINALS_MAX];
    struct chip_card chip[WORLD_CHIPS_MAX]; /* masked: see mask_chips() */
};

/* This copy outlives the world, whose memory is searched for card numbers (memory.c). */
static void mask_chips(struct chip_card *chips)
{
    uint8_t *at = (uint8_t *)chips;
    for (size_t i = 0; i < WORLD_CHIPS_MAX * sizeof *chips; i++) at[i] ^= 0x5A;
}

/* Every card there is, as it comes from its issuer. */
static void make_chips(struct world *w, struct chip_card *chips)
{
    size_t count;
    const struct personality *is = personalities(&count);
    ENSURE(count <= WORLD_CHIPS_MAX);
    for (size_t i = 0; i < count; i++)
        MUST(chip_card_make(&w->crypto, w->secret, &is[i], NULL, w->now_ms, &chips[i]));
}

static void give_chips(struct world *w, const struct provision *p)
{
    size_t count;
    (void)personalities(&count);
    memcpy(w->chip, p->chip, sizeof w->chip);
    mask_chips(w->chip);
    for (size_t i = 0; i < count; i++) {
        w->chip[i].crypto = &w->crypto;
        w->chip[i].random = w->secret;
    }
}

static void keep(struct world *w, struct provision *p)
{
    p->master = w->master;
    p->zone = w->zone;
    p->count = w->options.terminals;
    MUST(gate_keys_make(w, &p->gate));
    MUST(store_anchor_image(w->registry_anchor, &p->registry));
    for (unsigned i = 0; i < p->count; i++) {
        const struct side_terminal *t = &w->terminal[i];
        struct device *d = &p->device[i];
        memcpy(d->key, t->device_key, sizeof d->key);
        memcpy(d->initial[0], t->cashier.supervisor.initial, sizeof d->initial[0]);
        memcpy(d->initial[1], t->cashier.self.initial, sizeof d->initial[1]);
        MUST(store_anchor_image(t->vault_anchor, &d->vault));
        memcpy(d->counter, t->counter, sizeof d->counter);
        d->counter_len = t->counter_len;
        d->spare = t->spare;
    }
}

/* '0' '2' '4' '6' '8' '0', or the same of odd digits. */
static char next_but_one(char digit)
{
    return (char)(digit < '8' ? digit + 2 : digit - 8);
}

static bool taken(const char *password)
{
    const struct policy policy = policy_of_model(BYTES("TB-1"), POLICY_CASHIER);
    const struct policy_person nobody = {.names = 0};
    return policy_check(&policy, &nobody, blocklist_builtin(), bytes_text(password)).broken == 0;
}

/*
 * Twelve digits, even and odd in turn. One in forty has a row like 45678 in it, which no vault
 * takes: its digits are changed one after the other until it is gone, without another draw, so that
 * a seed keeps its weather.
 */
static void choose_password(struct world *w, struct person *person)
{
    static const char odd[] = "13579", even[] = "02468";
    char *password = person->password;
    for (int i = 0; i < 12; i++)
        password[i] = i % 2 ? odd[random_below(&w->chance, 5)] : even[random_below(&w->chance, 5)];
    password[12] = '\0';
    for (int i = 0; !taken(password); i++) {
        bool other = i >= 60; /* the changes go round in a circle, and none of them is taken */
        password[i % 12] =
            other ? (char)('0' + random_below(&w->chance, 10)) : next_but_one(password[i % 12]);
    }
}

struct provision *provision_take(struct world *w)
{
    struct provision *p = calloc(1, sizeof *p);
    ENSURE(p != NULL);
    provision(w);
    make_chips(w, p->chip);
    mask_chips(p->chip);
    if (w->failure[0] == '\0') keep(w, p);
    return p;
}

void provision_give(struct world *w, const struct provision *p)
{
    ENSURE(w->options.terminals <= p->count);
    w->master = p->master;
    w->zone = p->zone;
    give_chips(w, p);
    side_start_hsm(w);
    MUST(store_anchor_fill(w->registry_anchor, p->registry));
    MUST(plates_print(w, merchant_number));
    for (unsigned i = 0; i < w->options.terminals; i++) {
        struct side_terminal *t = &w->terminal[i];
        name_terminal(w, i);
        MUST(store_anchor_fill(t->vault_anchor, p->device[i].vault));
        memcpy(t->device_key, p->device[i].key, sizeof t->device_key);
        memcpy(t->counter, p->device[i].counter, sizeof t->counter);
        t->counter_len = p->device[i].counter_len;
        t->spare = p->device[i].spare;
        memcpy(t->cashier.supervisor.initial, p->device[i].initial[0],
               sizeof p->device[i].initial[0]);
        memcpy(t->cashier.self.initial, p->device[i].initial[1], sizeof p->device[i].initial[1]);
        choose_password(w, &t->cashier.supervisor);
        choose_password(w, &t->cashier.self);
        side_start_vault(t);
    }
}

const struct gate_keys *provision_gate(const struct provision *provision)
{
    return provision->gate;
}

void provision_free(struct provision *p)
{
    if (p == NULL) return;
    for (unsigned i = 0; i < p->count; i++) {
        store_image_free(p->device[i].vault);
        if (p->device[i].spare.vault.len > 0) store_image_free(p->device[i].spare.vault);
    }
    store_image_free(p->registry);
    gate_keys_free(p->gate);
    hsm_master_wipe(&p->master);
    explicit_bzero(p, sizeof *p);
    free(p);
}
