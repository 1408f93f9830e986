/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The magnetic card: read when the terminal has armed the reader, judged, and kept until it is
 * forgotten or another is awaited. What leaves is a masked number, and the envelope that only the
 * hsm can open (DV-06).
 */
#include "lib/base/money.h"
#include "lib/emv/track.h"
#include "vault/state.h"

enum { ENTRY_MANUAL = 1, ENTRY_SWIPE = 2, ENTRY_CODE = 3, ENTRY_FALLBACK = 80 }; /* field 22 */
enum { BATCH_MAX = 999999, STAN_MAX = 999999 };
static const uint64_t amount_max = 999999999999; /* field 4: twelve digits */

void vault_swipe_wipe(struct vault_swipe *swipe)
{
    secret_wipe_bytes(swipe, sizeof *swipe);
}

bool vault_has_card(const struct vault *v)
{
    return v->secrets->card.pan[0] != '\0';
}

void vault_card_wipe(struct vault *v)
{
    card_data_wipe(&v->secrets->card);
    vault_entry_wipe(v, VAULT_ENTRY_PIN); /* a PIN belongs to its card */
    vault_entry_wipe(v, VAULT_ENTRY_PAN);
    vault_entry_wipe(v, VAULT_ENTRY_EXPIRY);
    vault_chip_forget(v);
    v->card_armed = v->card_typed = v->coded.is = false;
    v->shown_minor = 0;
}

/* "128.50", and below it who is paid: for the page alone, so that the terminal cannot show another
 * amount beside the sign of the vault. */
static err show_amount(struct vault *v, const struct vault_card_arm *arm, struct writer *sealed)
{
    uint8_t text[MONEY_TEXT_MAX + VAULT_MERCHANT_MAX];
    struct writer w = writer_over(text, sizeof text);
    if (!v->secrets->panel_open || arm->amount_minor == 0) return OK;
    money_write(&w, (int64_t)arm->amount_minor);
    write_bytes(&w, BYTES("\n"));
    write_bytes(&w, bytes_text(arm->language == VAULT_CHINESE ? v->device.merchant_zh
                                                              : v->device.merchant_en));
    ENSURE(w.fault == ERR_OK);
    return vault_panel_say(v, writer_view(&w), sealed);
}

/* Nothing to pay is an inquiry, which no card answers by itself. */
static bool inquiry_without_host(const struct vault_card_arm *arm)
{
    return arm->amount_minor == 0 && arm->host != VAULT_HOST_ALWAYS;
}

err vault_run_card_arm(struct vault *v, struct reader *request, struct writer *answer,
                       enum vault_status *status)
{
    struct vault_card_arm arm;
    uint8_t block[MONEY_TEXT_MAX + VAULT_MERCHANT_MAX + PANEL_OVERHEAD];
    struct writer sealed = writer_over(block, sizeof block);
    if (FAILED(vault_read_card_arm(request, &arm)) || !vault_language_known(arm.language) ||
        (arm.ways & ~VAULT_WAY_NOTICE) == 0 || inquiry_without_host(&arm) ||
        arm.amount_minor > amount_max || arm.currency != CURRENCY_CNY || arm.host > VAULT_HOST_AWAY)
        return vault_refuse(status, VAULT_BAD_REQUEST);
    vault_card_wipe(v);
    TRY(show_amount(v, &arm, &sealed));
    vault_write_bytes(answer, writer_view(&sealed));
    v->shown_minor = arm.amount_minor;
    if (v->config.reader.arm != NULL) v->config.reader.arm(v->config.reader.context);
    v->card_armed = true;
    v->card_ways = arm.ways;
    v->card_host = arm.host;
    vault_chip_told(v);
    vault_chip_await(v);
    return OK;
}

/* Track 2 with its service code decides; track 1, when it was read too, must not contradict it. */
static err parse_swipe(const struct vault_swipe *swipe, struct card_data *ret_card,
                       struct track_service *ret_service, bool *ret_has_service)
{
    struct track track, other;
    struct track_fault fault;
    TRY(track_parse(bytes_text(swipe->track2), 2, &track, &fault));
    if (!pan_luhn(track.pan)) return ERR(FORMAT);
    if (track.expiry.len == 0) return ERR(MISSING);
    if (swipe->track1[0] != '\0') {
        TRY(track_parse(bytes_text(swipe->track1), 1, &other, &fault));
        if (!bytes_equal(other.pan, track.pan) || !bytes_equal(other.expiry, track.expiry))
            return ERR(CONFLICT);
    }
    CLEANUP(card_data_wipe) struct card_data card = {0};
    TRY(bytes_to_text(track.pan, card.pan, sizeof card.pan));
    TRY(bytes_to_text(track.expiry, card.expiry, sizeof card.expiry));
    TRY(bytes_to_text(track.service_code, card.service_code, sizeof card.service_code));
    TRY(bytes_to_text(track.data, card.track2, sizeof card.track2));
    if (track.pan.len < CARD_PAN_MIN) return ERR(LENGTH);
    *ret_has_service = track.service_code.len > 0;
    if (*ret_has_service) TRY(track_service_code(track.service_code, ret_service));
    *ret_card = card;
    return OK;
}

bool vault_card_expired(const struct vault *v, const struct card_data *card)
{
    struct civil today = civil_from_ms(clock_now_ms(&v->config.clock) + CLOCK_CHINA_OFFSET_MS);
    return pan_expired(bytes_text(card->expiry), today.year, today.month);
}

static enum vault_card_state judge(struct vault *v, const struct vault_swipe *swipe,
                                   struct card_data *ret_card)
{
    struct track_service service = {0};
    bool has_service = false;
    if (FAILED(parse_swipe(swipe, ret_card, &service, &has_service))) return VAULT_CARD_UNREADABLE;
    bool readable = v->chip_unreadable < VAULT_CHIP_READS;
    if (has_service && service.chip && readable) return VAULT_CARD_USE_CHIP;
    return vault_card_expired(v, ret_card) ? VAULT_CARD_EXPIRED : VAULT_CARD_READ;
}

/* Asks the driver once, and keeps the card when it may be used. */
static enum vault_card_state read_card(struct vault *v)
{
    const struct vault_reader *reader = &v->config.reader;
    CLEANUP(vault_swipe_wipe) struct vault_swipe swipe = {0};
    CLEANUP(card_data_wipe) struct card_data card = {0};
    if (reader->poll == NULL) return VAULT_CARD_NONE;
    err polled = reader->poll(reader->context, &swipe);
    if (FAILED(polled)) {
        /* A reader that is gone is not the end of the vault: codes can still be scanned. */
        if (v->config.log != NULL)
            log_event(v->config.log, LOG_WARN, "reader_failed", LOG_ERR(polled));
        return VAULT_CARD_NONE;
    }
    if (!swipe.present) return VAULT_CARD_NONE;
    enum vault_card_state state = judge(v, &swipe, &card);
    if (state == VAULT_CARD_READ) {
        v->secrets->card = card;
        v->card_armed = false;
    }
    return state; /* otherwise the reader stays armed: the next swipe may do */
}

/* ISO/IEC 7813: without a service code the issuer's wish is unknown, and a PIN is the safe guess.
 */
static bool pin_required(const struct card_data *card)
{
    struct track_service service;
    if (FAILED(track_service_code(bytes_text(card->service_code), &service))) return true;
    return service.pin_required || service.pin_prompt;
}

static uint8_t entry_of(const struct vault *v)
{
    if (v->coded.is) return ENTRY_CODE;
    if (v->card_typed) return ENTRY_MANUAL;
    return v->chip_unreadable < VAULT_CHIP_READS ? ENTRY_SWIPE : ENTRY_FALLBACK;
}

err vault_card_say(const struct vault *v, char masked[PAN_TEXT], struct vault_card *said)
{
    const struct card_data *card = &v->secrets->card;
    TRY(pan_mask(bytes_text(card->pan), masked));
    said->entry = entry_of(v);
    said->pin_required = v->coded.is ? v->coded.pin_required : pin_required(card);
    said->pan_masked = bytes_text(masked);
    said->card_sequence = bytes_text(card->sequence);
    return OK;
}

err vault_run_card_poll(struct vault *v, struct reader *request, struct writer *answer,
                        enum vault_status *status)
{
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->card_armed && !vault_has_card(v)) return vault_refuse(status, VAULT_NOT_ALLOWED);
    struct vault_card said = {.state = VAULT_CARD_READ};
    char masked[PAN_TEXT];
    if (vault_chip_found(v)) said.state = VAULT_CARD_CHIP;
    else if (!vault_has_card(v)) said.state = (uint8_t)read_card(v);
    if (said.state == VAULT_CARD_NONE && vault_chip_several(v)) said.state = VAULT_CARD_SEVERAL;
    if (said.state == VAULT_CARD_NONE && vault_chip_left(v)) said.state = VAULT_CARD_LEFT;
    if (said.state == VAULT_CARD_READ) TRY(vault_card_say(v, masked, &said));
    vault_chip_told(v);
    vault_write_card(answer, &said);
    return OK;
}

err vault_run_card_manual(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    struct vault_card said = {.state = VAULT_CARD_READ};
    char masked[PAN_TEXT];
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!v->card_armed || vault_has_card(v)) return vault_refuse(status, VAULT_NOT_ALLOWED);
    if (!vault_typed_there(v)) return vault_refuse(status, VAULT_NO_ENTRY);
    said.state = (uint8_t)vault_typed_take(v);
    TRY(vault_audit_note(v, NULL, "card_entered_by_hand", v->device.tid, ""));
    if (said.state == VAULT_CARD_READ) {
        v->card_armed = false;
        v->card_typed = true;
        TRY(vault_card_say(v, masked, &said));
    }
    vault_write_card(answer, &said);
    return OK;
}

bool vault_payment_plausible(const struct vault *v, const struct vault_envelope *m)
{
    return bytes_equal(m->tid, bytes_text(v->device.tid)) && m->batch <= BATCH_MAX &&
           m->stan >= 1 && m->stan <= STAN_MAX && m->amount_minor <= amount_max;
}

err vault_run_card_envelope(struct vault *v, struct reader *request, struct writer *answer,
                            enum vault_status *status)
{
    struct vault_envelope m;
    if (FAILED(vault_read_envelope(request, &m)) || !vault_payment_plausible(v, &m))
        return vault_refuse(status, VAULT_BAD_REQUEST);
    if (!vault_has_card(v)) return vault_refuse(status, VAULT_NO_CARD);
    if (m.amount_minor != v->shown_minor) {
        TRY(vault_audit_note(v, NULL, "amount_changed", v->device.tid, ""));
        return vault_refuse(status, VAULT_NOT_ALLOWED);
    }
    TRY(vault_envelope_say(v, &m, &v->secrets->card, answer, status));
    if (*status == VAULT_OK) vault_code_spend(v);
    return OK;
}

err vault_envelope_say(struct vault *v, const struct vault_envelope *m,
                       const struct card_data *card, struct writer *answer,
                       enum vault_status *status)
{
    /* Deliveries of the plain profile have no data key: there the card data has another way. */
    struct key *key = &v->secrets->in_use.data;
    if (key->value.len == 0) return vault_refuse(status, VAULT_NOT_READY);
    char aad_text[VAULT_PAYMENT_TEXT];
    uint8_t sealed[ENVELOPE_MAX];
    struct writer aad = writer_over(aad_text, sizeof aad_text);
    struct writer w = writer_over(sealed, sizeof sealed);
    vault_payment_write(v, m, &aad);
    TRY(envelope_seal(&v->crypto, key, writer_view(&aad), card, &w));
    vault_key_spend(v, key);
    vault_write_bytes(answer, writer_view(&w));
    return OK;
}

void vault_payment_write(const struct vault *v, const struct vault_envelope *m, struct writer *w)
{
    write_format(w, "%s|%06u|%06u|%012llu", v->device.tid, m->batch, m->stan,
                 (unsigned long long)m->amount_minor);
    ENSURE(w->fault == ERR_OK);
}

err vault_run_card_forget(struct vault *v, struct reader *request, struct writer *answer,
                          enum vault_status *status)
{
    (void)answer;
    if (FAILED(reader_finish(request))) return vault_refuse(status, VAULT_BAD_REQUEST);
    vault_entry_wipe(v, 0);
    vault_card_wipe(v);
    vault_chip_leave(v);
    v->chip_unreadable = 0; /* the next payment begins with the chip again */
    return OK;
}
