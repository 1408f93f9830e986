/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes of a tap when the card has said everything (protocol facts 2.4): declined by the card
 * or by a list; approved by the card alone, if its signature holds; or the host is asked. Then how
 * the cardholder is verified, and what the host says.
 */
#include "lib/emv/pan.h"
#include "lib/emv/tap.h"

enum {
    /* 9F34: method, condition, result */
    CVM_RESULT_PIN = 0x020000,
    CVM_RESULT_SIGNATURE = 0x1E0000,
    CVM_RESULT_NONE = 0x1F0002,
    CVM_RESULT_ON_DEVICE = 0x3F0000, /* the terminal has done nothing */
};

bool tap_ctq(const struct emv_tap *k, unsigned bit)
{
    struct bytes ctq;
    return emv_data_get_exact(&k->data, 0x9F6C, 2, &ctq) && (ctq.at[bit >> 8] & (uint8_t)bit) != 0;
}

/* A card that gives its number in track 2 only. */
static bool number_from_track(struct emv_data *data)
{
    struct bytes track;
    uint8_t packed[10];
    size_t digits = 0;
    if (!emv_data_get(data, 0x57, &track)) return false;
    memset(packed, 0xFF, sizeof packed);
    for (size_t i = 0; i < 2 * track.len; i++) {
        unsigned nibble = i % 2 == 0 ? track.at[i / 2] >> 4 : track.at[i / 2] & 15u;
        if (nibble == 0xD) break;
        if (nibble > 9 || digits == PAN_MAX) return false;
        packed[digits / 2] &=
            digits % 2 == 0 ? (uint8_t)(nibble << 4 | 15) : (uint8_t)(0xF0 | nibble);
        digits++;
    }
    if (digits < PAN_MIN) return false;
    emv_data_set(data, 0x5A, bytes_of(packed, (digits + 1) / 2));
    return true;
}

static enum emv_reason judge_data(struct emv_tap *k)
{
    struct bytes value;
    char pan[PAN_TEXT];
    size_t digits;
    if (!emv_data_get(&k->data, 0x5A, &value) && !number_from_track(&k->data))
        return EMV_REASON_MISSING_DATA;
    if (!emv_data_get_exact(&k->data, 0x5F24, 3, &value)) return EMV_REASON_MISSING_DATA;
    bool good = !FAILED(emv_data_pan(&k->data, pan, &digits)) && emv_data_track_agrees(&k->data);
    return good ? EMV_REASON_NONE : EMV_REASON_BAD_DATA;
}

static void decline(struct emv_tap *k, enum emv_reason reason)
{
    emv_data_set(&k->data, 0x8A, BYTES("Z1"));
    tap_end(k, EMV_DECLINED, reason, EMV_MESSAGE_DECLINED);
}

/* ---- the cardholder ---- */

static bool is_foreign(const struct emv_tap *k)
{
    struct bytes country;
    return emv_data_get_exact(&k->data, 0x5F28, 2, &country) &&
           !bytes_equal(country, BYTES_OF(k->terminal.country));
}

/*
 * What the card and the terminal have in common. The card was not asked for anything when a small
 * amount was exempt; a foreign one is not (protocol facts 2.3), so the terminal chooses then. A
 * card without 9F6C signs.
 */
static bool choose_asked(const struct emv_tap *k, bool by_terminal, enum emv_tap_cvm *ret_cvm)
{
    struct bytes ctq;
    bool silent = !emv_data_get_exact(&k->data, 0x9F6C, 2, &ctq);
    bool pin = by_terminal || tap_ctq(k, CTQ_PIN_ONLINE);
    bool sign = by_terminal || silent || tap_ctq(k, CTQ_SIGNATURE);
    if (tap_ctq(k, CTQ_ON_DEVICE) && tap_qualifiers_agree(k)) *ret_cvm = EMV_TAP_CVM_ON_DEVICE;
    else if (pin && tap_ttq(k, TTQ_PIN_ONLINE)) *ret_cvm = EMV_TAP_CVM_PIN;
    else if (sign && tap_ttq(k, TTQ_SIGNATURE)) *ret_cvm = EMV_TAP_CVM_SIGNATURE;
    else return false;
    return true;
}

static bool choose_cvm(const struct emv_tap *k, enum emv_tap_cvm *ret_cvm)
{
    bool foreign = k->chosen->exempt && is_foreign(k);
    if (tap_ttq(k, TTQ_CVM_WANTED) || foreign) return choose_asked(k, foreign, ret_cvm);
    *ret_cvm = EMV_TAP_CVM_NONE;
    return true;
}

static void set_cvm(struct emv_tap *k, enum emv_tap_cvm cvm)
{
    static const uint32_t result[] = {[EMV_TAP_CVM_NONE] = CVM_RESULT_NONE,
                                      [EMV_TAP_CVM_PIN] = CVM_RESULT_PIN,
                                      [EMV_TAP_CVM_SIGNATURE] = CVM_RESULT_SIGNATURE,
                                      [EMV_TAP_CVM_ON_DEVICE] = CVM_RESULT_ON_DEVICE};
    k->tap.cvm = cvm;
    emv_data_set_number(&k->data, 0x9F34, result[cvm], 3);
}

/* ---- the decision ---- */

static bool can_go_online(const struct emv_tap *k)
{
    return !tap_ttq(k, TTQ_OFFLINE_ONLY);
}

/*
 * The card has approved by itself. That holds when its signature does and it is valid today; if
 * not, the card says what is to be done: the host, or the slot. True: *ret_online says whether the
 * host is to be asked. False: it has ended.
 */
static bool judge_approval(struct emv_tap *k, bool in_time, bool *ret_online)
{
    bool authentic = !FAILED(tap_fdda(k));
    if (!authentic) tap_tvr(k, TVR_DDA_FAILED);
    *ret_online = false;
    if (authentic && in_time) return true;
    if (tap_ctq(k, CTQ_ONLINE) && can_go_online(k)) {
        *ret_online = true;
        return true;
    }
    if (!authentic && tap_ctq(k, CTQ_INSERT) && tap_ttq(k, TTQ_CONTACT))
        tap_insert(k, EMV_REASON_INSERT);
    else decline(k, authentic ? EMV_REASON_BY_TERMINAL : EMV_REASON_SIGNATURE);
    return false;
}

static void verify_cardholder(struct emv_tap *k, bool online)
{
    enum emv_tap_cvm cvm;
    if (!choose_cvm(k, &cvm)) {
        tap_tvr(k, TVR_CVM_FAILED);
        decline(k, EMV_REASON_BY_TERMINAL);
        return;
    }
    set_cvm(k, cvm);
    if (cvm == EMV_TAP_CVM_PIN) {
        tap_go(k, EMV_TAP_PIN);
    } else if (online) {
        tap_go(k, EMV_TAP_ONLINE);
    } else {
        emv_data_set(&k->data, 0x8A, BYTES("Y1"));
        tap_end(k, EMV_APPROVED_OFFLINE, EMV_REASON_NONE,
                cvm == EMV_TAP_CVM_SIGNATURE ? EMV_MESSAGE_SIGN : EMV_MESSAGE_APPROVED);
    }
}

/* Exception list, usage, dates. NONE: nothing speaks against it at once. */
static enum emv_reason judge_restrictions(struct emv_tap *k, bool *ret_in_time)
{
    bool early = kernel_too_early(&k->data, k->date), late = kernel_expired(&k->data, k->date);
    if (early) tap_tvr(k, TVR_NOT_EFFECTIVE);
    if (late) tap_tvr(k, TVR_EXPIRED);
    *ret_in_time = !early && !late;
    if (kernel_excepted(k->parameters, &k->ports, &k->data)) {
        tap_tvr(k, TVR_EXCEPTION);
        return EMV_REASON_BY_TERMINAL;
    }
    if (!kernel_usage_allows(&k->data, &k->terminal, &k->payment)) {
        tap_tvr(k, TVR_NOT_ALLOWED);
        return EMV_REASON_NOT_ALLOWED;
    }
    return EMV_REASON_NONE;
}

void tap_enter_judge(struct emv_tap *k)
{
    bool in_time = false, online = k->given == EMV_ARQC;
    enum emv_reason reason = judge_data(k);
    if (reason != EMV_REASON_NONE) {
        tap_terminate(k, reason);
        return;
    }
    reason = k->given == EMV_AAC ? EMV_REASON_BY_CARD : judge_restrictions(k, &in_time);
    if (reason == EMV_REASON_NONE && online && !can_go_online(k)) reason = EMV_REASON_NO_HOST;
    /* Once the host was wanted, a card does not approve by itself. */
    if (reason == EMV_REASON_NONE && !online && tap_ttq(k, TTQ_ONLINE_WANTED))
        reason = EMV_REASON_BY_TERMINAL;
    if (reason != EMV_REASON_NONE) {
        decline(k, reason);
        return;
    }
    if (online || judge_approval(k, in_time, &online)) verify_cardholder(k, online);
}

/* ---- people and host ---- */

void tap_enter_pin(struct emv_tap *k)
{
    if (!can_go_online(k)) {
        decline(k, EMV_REASON_NO_HOST);
        return;
    }
    k->pin = (struct emv_pin_wanted){.kind = EMV_PIN_ONLINE, .tries_left = -1};
    k->tap.message = EMV_MESSAGE_ENTER_PIN;
    k->want = EMV_WANT_PIN;
}

bool tap_pin_event(struct emv_tap *k, const struct emv_event *event)
{
    if (event->kind == EMV_EVENT_PIN) tap_go(k, EMV_TAP_ONLINE);
    else if (event->kind == EMV_EVENT_CANCEL) tap_terminate(k, EMV_REASON_CANCELLED);
    else return false;
    return true;
}

void tap_enter_online(struct emv_tap *k)
{
    k->online_asked = true;
    k->tap.message = EMV_MESSAGE_AUTHORISING;
    k->want = EMV_WANT_ONLINE;
}

/* The card has gone: the host's word is the last one. */
static void host_answered(struct emv_tap *k, const char arc[2])
{
    k->host_reached = true;
    k->host_approved = kernel_arc_approves(arc);
    emv_data_set(&k->data, 0x8A, bytes_of(arc, 2));
    if (!k->host_approved) tap_end(k, EMV_DECLINED, EMV_REASON_BY_HOST, EMV_MESSAGE_DECLINED);
    else
        tap_end(k, EMV_APPROVED_ONLINE, EMV_REASON_NONE,
                k->tap.cvm == EMV_TAP_CVM_SIGNATURE ? EMV_MESSAGE_SIGN : EMV_MESSAGE_APPROVED);
}

bool tap_online_event(struct emv_tap *k, const struct emv_event *event)
{
    if (event->kind == EMV_EVENT_HOST) {
        host_answered(k, event->arc);
    } else if (event->kind == EMV_EVENT_NO_HOST) {
        emv_data_set(&k->data, 0x8A, BYTES("Z3"));
        tap_end(k, EMV_DECLINED, EMV_REASON_NO_HOST, EMV_MESSAGE_DECLINED);
    } else {
        return false;
    }
    return true;
}
