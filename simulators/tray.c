/* SPDX-License-Identifier: Apache-2.0 */
/* Questions of the tray and of card readers, one function each. */
#include "simulators/tray.h"

#include <stdlib.h>

#include "lib/base/base64.h"
#include "lib/qr/image.h"
#include "lib/wire/json.h"
#include "lib/wire/rpc.h"
#include "lib/wire/vault_protocol.h"
#include "simulators/cards/hand.h"
#include "simulators/limits.h"

enum { SERIAL_MAX = 32, PNG_MAX = 32 << 10, QUESTION_MAX = 2048, CARDS_WAIT_MS = 1000 };

/* A card that is being held to a reader, until the reader has read it. */
struct presented {
    char serial[SERIAL_MAX + 1];
    const struct virtual_card *card;
};

/* What has been done to a device, for good. */
struct harmed {
    char serial[SERIAL_MAX + 1]; /* empty: a free place */
    enum vault_tamper kind;
};

struct tray {
    struct network *network;
    struct channels *channels;
    struct provider_sockets *providers;
    const struct scans *scans;
    struct clock clock;
    struct rpc cards; /* to tongbao-cards; its path is empty when there is none */
    struct presented presented[TRAY_READERS_MAX];
    struct harmed harmed[TRAY_READERS_MAX];
    uint8_t png[PNG_MAX];
    uint8_t answer[TRAY_FRAME_MAX];
};

err tray_open(const struct tray_options *options, struct tray **ret_tray)
{
    const char *cards = options->cards;
    struct tray *tray = calloc(1, sizeof *tray);
    if (tray == NULL) return ERR(NO_MEMORY);
    tray->cards.fd = -1;
    err known = cards != NULL ? rpc_connect(&tray->cards, cards, CARDS_WAIT_MS, HAND_ANSWER_MAX)
                              : OK; /* REFUSED: not there yet, asked again each time */
    if (known.code == ERR_CONFIG) {
        free(tray);
        return known;
    }
    tray->network = options->network;
    tray->channels = options->channels;
    tray->providers = options->providers;
    tray->scans = options->scans;
    tray->clock = options->clock;
    *ret_tray = tray;
    return OK;
}

void tray_close(struct tray *tray)
{
    if (tray == NULL) return;
    rpc_close(&tray->cards);
    explicit_bzero(tray, sizeof *tray);
    free(tray);
}

static void write_text2(struct json_out *j, const char *name, struct text2 text)
{
    json_member_object(j, name);
    json_member_string(j, "zh", text.zh);
    json_member_string(j, "en", text.en);
    json_object_end(j);
}

static void write_cards(struct json_out *j)
{
    size_t count;
    const struct virtual_card *card = virtual_cards(&count);
    json_member_array(j, "cards");
    for (size_t i = 0; i < count; i++) {
        char masked[20];
        err done = payment_mask(bytes_text(card[i].pan), masked);
        ENSURE(!FAILED(done));
        json_object_begin(j);
        json_member_string(j, "name", card[i].name);
        write_text2(j, "title", card[i].title);
        write_text2(j, "hint", card[i].hint);
        json_member_string(j, "pan", masked);
        json_member_string(j, "color", card[i].colour);
        json_object_end(j);
    }
    json_array_end(j);
}

/* `card`: it shows a bank card, and scans nothing. */
static void write_phone(struct json_out *j, const char *name, struct text2 title, struct text2 hint,
                        bool card)
{
    json_object_begin(j);
    json_member_string(j, "name", name);
    write_text2(j, "title", title);
    write_text2(j, "hint", hint);
    if (card) json_member_bool(j, "card", true);
    json_object_end(j);
}

static void write_phones(struct json_out *j)
{
    size_t count;
    const struct virtual_phone *phone = virtual_phones(&count);
    json_member_array(j, "phones");
    for (size_t i = 0; i < count; i++)
        write_phone(j, phone[i].name, phone[i].title, phone[i].hint, false);
    const struct card_phone *card = card_phones(&count);
    for (size_t i = 0; i < count; i++)
        write_phone(j, card[i].name, card[i].title, card[i].hint, true);
    json_array_end(j);
}

static err ask_tray(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    (void)question;
    write_cards(j);
    write_phones(j);
    json_member_bool(j, "messages",
                     tray->channels != NULL && (channels_sms_port(tray->channels) != 0 ||
                                                channels_smtp_port(tray->channels) != 0));
    return OK;
}

/* The place of a reader, or a free one, or the first when all are taken: it is only a demo's tray.
 */
static struct presented *place_of(struct tray *tray, const char *serial)
{
    struct presented *empty = NULL;
    for (size_t i = 0; i < TRAY_READERS_MAX; i++) {
        struct presented *p = &tray->presented[i];
        if (strcmp(p->serial, serial) == 0) return p;
        if (p->card == NULL && empty == NULL) empty = p;
    }
    return empty != NULL ? empty : &tray->presented[0];
}

static err ask_present(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    char serial[SERIAL_MAX + 1];
    struct bytes name;
    TRY(json_text_copy(question, "reader", serial, sizeof serial));
    TRY(json_text(question, "card", 16, &name));
    const struct virtual_card *card = virtual_card_named(name);
    if (card == NULL) return ERR(NOT_FOUND);
    struct presented *place = place_of(tray, serial);
    memcpy(place->serial, serial, sizeof serial);
    place->card = card;
    json_member_bool(j, "ok", true);
    return OK;
}

static err ask_read(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    char serial[SERIAL_MAX + 1];
    TRY(json_text_copy(question, "reader", serial, sizeof serial));
    struct presented *place = place_of(tray, serial);
    if (place->card == NULL || strcmp(place->serial, serial) != 0) return OK;
    uint8_t track[64];
    struct writer w = writer_over(track, sizeof track);
    TRY(virtual_card_track2(place->card, clock_now_ms(&tray->clock), &w));
    json_member_text(j, "track2", writer_view(&w));
    place->card = NULL;
    explicit_bzero(track, sizeof track);
    return OK;
}

static struct harmed *harmed_of(struct tray *tray, const char *serial)
{
    for (size_t i = 0; i < TRAY_READERS_MAX; i++)
        if (strcmp(tray->harmed[i].serial, serial) == 0) return &tray->harmed[i];
    return NULL;
}

/* Somebody does something to a device that its inputs notice; the first of it stays. */
static err ask_harm(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    char serial[SERIAL_MAX + 1];
    struct bytes word;
    TRY(json_text_copy(question, "reader", serial, sizeof serial));
    TRY(json_text(question, "tamper", 16, &word));
    enum vault_tamper kind = vault_tamper_named(word);
    if (kind == VAULT_TAMPER_NONE || serial[0] == '\0') return ERR(NOT_FOUND);
    if (harmed_of(tray, serial) == NULL) {
        struct harmed *place = harmed_of(tray, "");
        if (place == NULL) return ERR(FULL);
        memcpy(place->serial, serial, sizeof serial);
        place->kind = kind;
    }
    json_member_bool(j, "ok", true);
    return OK;
}

/* It has been repaired and closed. What its vault has erased stays erased. */
static err ask_mend(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    char serial[SERIAL_MAX + 1];
    TRY(json_text_copy(question, "reader", serial, sizeof serial));
    struct harmed *place = serial[0] == '\0' ? NULL : harmed_of(tray, serial);
    if (place == NULL) return ERR(NOT_FOUND);
    *place = (struct harmed){.serial = ""};
    json_member_bool(j, "ok", true);
    return OK;
}

/* The inputs' question. */
static err ask_tamper(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    char serial[SERIAL_MAX + 1];
    TRY(json_text_copy(question, "reader", serial, sizeof serial));
    const struct harmed *harmed = serial[0] != '\0' ? harmed_of(tray, serial) : NULL;
    if (harmed != NULL) json_member_string(j, "tamper", vault_tamper_word((uint8_t)harmed->kind));
    return OK;
}

/* "wallet" of a question; UNKNOWN when it is absent. */
static err wallet_asked(const struct json_t *question, enum payment_code_wallet *ret_wallet)
{
    struct bytes name;
    *ret_wallet = PAYMENT_CODE_UNKNOWN;
    if (!json_has(question, "wallet")) return OK;
    TRY(json_text(question, "wallet", 16, &name));
    for (unsigned i = PAYMENT_CODE_ALIPAY; i < PAYMENT_CODE_WALLETS; i++)
        if (bytes_equal(name, bytes_text(payment_code_wallet_name((enum payment_code_wallet)i))))
            *ret_wallet = (enum payment_code_wallet)i;
    return *ret_wallet == PAYMENT_CODE_UNKNOWN ? ERR(NOT_FOUND) : OK;
}

static err phone_asked(const struct json_t *question, uint8_t *ret_phone)
{
    struct bytes name;
    size_t count;
    TRY(json_text(question, "phone", 16, &name));
    const struct virtual_phone *phone = virtual_phone_named(name);
    if (phone == NULL) return ERR(NOT_FOUND);
    *ret_phone = (uint8_t)(phone - virtual_phones(&count));
    return OK;
}

static err ask_scan(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    static const struct scans none = {.count = 0};
    struct scan scan = {.amount_minor = 0};
    struct scan_result result;
    TRY(phone_asked(question, &scan.phone));
    TRY(json_text(question, "text", SCAN_TEXT_MAX, &scan.text));
    if (json_has(question, "amount"))
        TRY(json_int(question, "amount", 1, MONEY_FIELD_MAX, &scan.amount_minor));
    TRY(wallet_asked(question, &scan.wallet));
    TRY(scans_ask(tray->scans != NULL ? tray->scans : &none, &scan, &result));
    json_member_string(j, "outcome", scan_outcome_name(result.outcome));
    json_member_int(j, "amount", result.amount_minor);
    json_member_string(j, "payee", result.payee);
    json_member_string(j, "reference", result.reference);
    if (result.outcome == SCAN_REFUSED) write_text2(j, "reason", result.reason);
    return OK;
}

/* What the acquirer has said of a plate that a phone has scanned. */
static err ask_scanned(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    char reference[SCAN_REFERENCE_MAX + 1], code[3] = "";
    const char *why;
    TRY(json_text_copy(question, "reference", reference, sizeof reference));
    enum scan_outcome outcome = network_scanned(tray->network, reference, code, &why);
    if (tray->providers != NULL) {
        err known = providers_scanned(provider_sockets_core(tray->providers), bytes_text(reference),
                                      &outcome);
        if (known.code != ERR_NOT_FOUND) TRY(known);
        if (!FAILED(known)) code[0] = '\0'; /* a wallet over HTTP is not told why */
    }
    json_member_string(j, "outcome", scan_outcome_name(outcome));
    json_member_string(j, "code", code);
    json_member_string(j, "why", why);
    return OK;
}

/* What the phone shows: of a card in it, or of one of its wallets. */
static err write_code(struct tray *tray, const struct json_t *question, struct writer *w)
{
    struct bytes name;
    uint8_t phone;
    enum payment_code_wallet wallet;
    char digits[PAYMENT_CODE_MAX + 1];
    TRY(json_text(question, "phone", 16, &name));
    const struct card_phone *card = card_phone_named(name);
    if (card != NULL) return network_card_code(tray->network, card, w);
    TRY(phone_asked(question, &phone));
    TRY(wallet_asked(question, &wallet));
    phones_code(network_phones(tray->network), phone, wallet, digits);
    write_bytes(w, bytes_text(digits));
    return (err){w->fault};
}

static err ask_code(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    struct bytes text, code;
    uint8_t block[CARD_PHONE_TEXT_MAX];
    struct writer shown = writer_over(block, sizeof block);
    TRY(write_code(tray, question, &shown));
    TRY(writer_finish(&shown, &code));
    struct writer png = writer_over(tray->png, sizeof tray->png);
    TRY(qr_image_write(code, 8, &png));

    json_member_text(j, "code", code);
    size_t len = (png.len + 2) / 3 * 4;
    uint8_t *base64 = malloc(len);
    if (base64 == NULL) return ERR(NO_MEMORY);
    struct writer w = writer_over(base64, len);
    base64_write(&w, writer_view(&png));
    err written = writer_finish(&w, &text);
    if (!FAILED(written)) json_member_text(j, "png", text);
    free(base64);
    return written;
}

/* What the wallets over HTTP have been paid and not given back. */
static err write_wallets(struct tray *tray, struct json_out *j)
{
    struct providers *core = provider_sockets_core(tray->providers);
    int64_t alipay_minor, wechat_minor, count;
    TRY(providers_total(core, PROVIDER_ALIPAY, &alipay_minor, &count));
    TRY(providers_total(core, PROVIDER_WECHAT, &wechat_minor, &count));
    json_member_int(j, "alipay_minor", alipay_minor);
    json_member_int(j, "wechat_minor", wechat_minor);
    return OK;
}

static err ask_accounts(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    (void)question;
    struct network_totals totals;
    network_totals(tray->network, &totals);
    size_t cards, phones;
    const struct virtual_card *card = virtual_cards(&cards);
    const struct virtual_phone *phone = virtual_phones(&phones);
    json_member_object(j, "cards");
    for (size_t i = 0; i < cards; i++) json_member_int(j, card[i].name, totals.card_minor[i]);
    json_object_end(j);
    json_member_object(j, "phones");
    for (size_t i = 0; i < phones; i++) json_member_int(j, phone[i].name, totals.phone_minor[i]);
    json_object_end(j);
    json_member_int(j, "card_network_minor", totals.charged_minor[PAYMENT_ROUTE_CARD_NETWORK]);
    json_member_int(j, "wallet_minor", totals.charged_minor[PAYMENT_ROUTE_WALLET]);
    return tray->providers == NULL ? OK : write_wallets(tray, j);
}

static err ask_messages(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    static const struct mailbox none = {0};
    struct bytes contact = {0};
    if (json_has(question, "contact"))
        TRY(json_text(question, "contact", MAILBOX_LINE_MAX, &contact));
    mailbox_list(tray->channels != NULL ? channels_mailbox(tray->channels) : &none, contact,
                 TRAY_MESSAGES_MAX, j);
    return OK;
}

static err fault_named(struct bytes name, enum fault *ret_fault)
{
    for (unsigned i = 0; i < FAULTS; i++) {
        if (!bytes_equal(name, bytes_text(fault_names[i]))) continue;
        *ret_fault = (enum fault)i;
        return OK;
    }
    return ERR(NOT_FOUND);
}

static const struct {
    const char *name;
    enum provider provider;
    bool notices;
} wallet_channels[] = {
    {"alipay", PROVIDER_ALIPAY, false},
    {"wechat", PROVIDER_WECHAT, false},
    {"alipay_notice", PROVIDER_ALIPAY, true},
    {"wechat_notice", PROVIDER_WECHAT, true},
};

/* Errors: UNSUPPORTED (it is not there), NOT_FOUND. */
static err plan_fault(struct tray *tray, struct bytes channel, struct fault_plan plan)
{
    bool sms = bytes_equal(channel, BYTES("sms"));
    for (size_t i = 0; i < ARRAY_LEN(wallet_channels); i++) {
        if (!bytes_equal(channel, bytes_text(wallet_channels[i].name))) continue;
        if (tray->providers == NULL) return ERR(UNSUPPORTED);
        providers_plan(provider_sockets_core(tray->providers), wallet_channels[i].provider,
                       wallet_channels[i].notices, plan);
        return OK;
    }
    if (!sms && !bytes_equal(channel, BYTES("mail"))) return ERR(NOT_FOUND);
    if (tray->channels == NULL) return ERR(UNSUPPORTED);
    channels_plan(tray->channels, sms ? MAILBOX_SMS : MAILBOX_MAIL, plan);
    return OK;
}

/* Of the courier, whose faults have names of their own. */
static err plan_courier(struct tray *tray, struct bytes name, int64_t count)
{
    if (tray->channels == NULL) return ERR(UNSUPPORTED);
    for (unsigned i = 0; i < COURIER_FAULTS; i++) {
        if (!bytes_equal(name, bytes_text(courier_fault_names[i]))) continue;
        channels_courier(tray->channels)->fault = (enum courier_fault)i;
        channels_courier(tray->channels)->fault_count = count;
        return OK;
    }
    return ERR(NOT_FOUND);
}

/* Likewise of who checks identities. */
static err plan_identity(struct tray *tray, struct bytes name, int64_t count, unsigned delay_ms)
{
    struct identity_provider *p = tray->channels == NULL ? NULL : channels_identity(tray->channels);
    if (p == NULL) return ERR(UNSUPPORTED);
    for (unsigned i = 0; i < IDENTITY_FAULTS; i++) {
        if (!bytes_equal(name, bytes_text(identity_fault_names[i]))) continue;
        p->fault = (enum identity_fault)i;
        p->fault_count = count;
        p->delay_ms = delay_ms;
        return OK;
    }
    return ERR(NOT_FOUND);
}

static err ask_fault(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    struct bytes channel, name;
    struct fault_plan plan;
    int64_t delay_ms = 0;
    TRY(json_text(question, "channel", 16, &channel));
    TRY(json_text(question, "fault", 16, &name));
    TRY(json_int(question, "count", 0, 1000000, &plan.count));
    bool courier = bytes_equal(channel, BYTES("courier"));
    if (courier) {
        TRY(plan_courier(tray, name, plan.count));
        json_member_bool(j, "ok", true);
        return OK;
    }
    if (json_has(question, "delay_ms"))
        TRY(json_int(question, "delay_ms", 0, FAULT_DELAY_MAX_MS, &delay_ms));
    plan.delay_ms = (unsigned)delay_ms;
    if (bytes_equal(channel, BYTES("identity"))) {
        TRY(plan_identity(tray, name, plan.count, plan.delay_ms));
        json_member_bool(j, "ok", true);
        return OK;
    }
    TRY(fault_named(name, &plan.fault));
    TRY(plan_fault(tray, channel, plan));
    json_member_bool(j, "ok", true);
    return OK;
}

static err ask_rotate(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    static const char *const stages[] = {"none", "announced", "changed", "ended"};
    struct bytes wallet;
    enum provider_rotation stage;
    TRY(json_text(question, "wallet", 16, &wallet));
    bool alipay = bytes_equal(wallet, BYTES("alipay"));
    if (!alipay && !bytes_equal(wallet, BYTES("wechat"))) return ERR(NOT_FOUND);
    if (tray->providers == NULL) return ERR(UNSUPPORTED);
    TRY(providers_rotate(provider_sockets_core(tray->providers),
                         alipay ? PROVIDER_ALIPAY : PROVIDER_WECHAT, &stage));
    json_member_string(j, "stage", stages[stage]);
    return OK;
}

static err ask_payee(struct tray *tray, const struct json_t *question, struct json_out *j)
{
    struct bytes merchant, url;
    enum payment_code_wallet wallet;
    TRY(wallet_asked(question, &wallet));
    if (wallet != PAYMENT_CODE_ALIPAY && wallet != PAYMENT_CODE_WECHAT) return ERR(NOT_FOUND);
    TRY(json_text(question, "merchant", 15, &merchant));
    TRY(json_text(question, "url", TRADE_URL_MAX, &url));
    if (tray->providers == NULL) return ERR(UNSUPPORTED);
    TRY(providers_payee(provider_sockets_core(tray->providers),
                        wallet == PAYMENT_CODE_ALIPAY ? PROVIDER_ALIPAY : PROVIDER_WECHAT, merchant,
                        url));
    json_member_bool(j, "ok", true);
    return OK;
}

static const struct {
    const char *name;
    err (*answer)(struct tray *tray, const struct json_t *question, struct json_out *j);
} questions[] = {
    {"tray", ask_tray},     {"present", ask_present},   {"read", ask_read},
    {"code", ask_code},     {"accounts", ask_accounts}, {"messages", ask_messages},
    {"fault", ask_fault},   {"harm", ask_harm},         {"mend", ask_mend},
    {"tamper", ask_tamper}, {"scan", ask_scan},         {"scanned", ask_scanned},
    {"rotate", ask_rotate}, {"payee", ask_payee},
};

/* The answer of tongbao-cards as it is. It waits: cards answer within a millisecond or two. */
static err ask_cards(struct tray *tray, struct bytes question, struct writer *w)
{
    struct bytes answer;
    if (tray->cards.path[0] == '\0') return ERR(UNSUPPORTED);
    w->len = 0;
    TRY(rpc_call(&tray->cards, question, w->at, w->max, &answer));
    if (answer.at != w->at) memmove(w->at, answer.at, answer.len);
    w->len = answer.len;
    return OK;
}

static bool is_of_cards(struct bytes ask)
{
    static const char *const names[] = {"chips", "insert", "tap", "remove"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (bytes_equal(ask, bytes_text(names[i]))) return true;
    return false;
}

/* *ret_whole: the answer is there as it is to be sent. */
static err answer_one(struct tray *tray, struct bytes question, struct json_out *j,
                      struct writer *w, bool *ret_whole)
{
    CLEANUP(json_free) struct json_document document = {0};
    struct bytes ask;
    TRY(json_parse(question, QUESTION_MAX, &document));
    TRY(json_text(document.root, "ask", 16, &ask));
    if (is_of_cards(ask)) {
        TRY(ask_cards(tray, question, w));
        *ret_whole = true;
        return OK;
    }
    for (size_t i = 0; i < ARRAY_LEN(questions); i++)
        if (bytes_equal(ask, bytes_text(questions[i].name)))
            return questions[i].answer(tray, document.root, j);
    return ERR(UNSUPPORTED);
}

err tray_answer(struct tray *tray, struct bytes question, struct bytes *ret_answer)
{
    struct writer w = writer_over(tray->answer, sizeof tray->answer);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    bool whole = false;
    err answered = answer_one(tray, question, &j, &w, &whole);
    if (whole) return writer_finish(&w, ret_answer);
    if (FAILED(answered)) { /* what was begun is dropped: an answer is whole or an error */
        w = writer_over(tray->answer, sizeof tray->answer);
        j = json_out_over(&w);
        json_object_begin(&j);
        json_member_string(&j, "error", err_text(answered));
    }
    json_object_end(&j);
    return writer_finish(&w, ret_answer);
}
