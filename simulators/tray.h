/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * tray: where a person presents virtual cards and phones. Questions and answers are JSON:
 *
 *   {"ask":"tray"}                                   the cards and phones, to be drawn, and
 *                                                    whether messages can be received
 *   {"ask":"present","card":NAME,"reader":SERIAL}    holds a card to the reader of a terminal
 *   {"ask":"read","reader":SERIAL}                   the reader's question: {"track2":...} once, or
 * {}
 *   {"ask":"harm","reader":SERIAL,"tamper":KIND}     somebody opens the case of that terminal:
 * kinds are the words of enum vault_tamper
 *   {"ask":"mend","reader":SERIAL}                   that terminal has been repaired
 *   {"ask":"tamper","reader":SERIAL}                 its inputs' question: {"tamper":KIND} or {}
 *   {"ask":"code","phone":NAME}                      a fresh payment code, as text and as a QR
 * picture: of the card in it (card_phones.h), or of a wallet;
 * "wallet":"alipay"|"wechat"|"unionpay" for another one than the phone shows by itself
 *   {"ask":"scan","phone":NAME,"text":TEXT,"amount":FEN}
 *                                                    the phone reads a code that a terminal shows
 * (scan.h); amount may be absent. "outcome", "amount", "payee", "reference", and "reason" in both
 * languages when it is refused; "wallet":"alipay"|"wechat" pays a plate there, for the merchant
 * whose address was deposited
 *   {"ask":"scanned","reference":R}                  what became of a plate that was scanned:
 * outcome, and code and why of the acquirer, which a wallet over HTTP does not hear
 *   {"ask":"payee","wallet":"alipay"|"wechat","merchant":MID,"url":URL}
 *                                                    where that wallet tells of this merchant's
 * plates
 *   {"ask":"accounts"}                               what each card and phone has been charged
 *   {"ask":"messages","contact":TO}                  what telephones and mailboxes have received,
 * the newest first (mailbox.h); contact may be absent
 *   {"ask":"fault","channel":CHANNEL,"fault":NAME,"count":N,"delay_ms":N}
 *                                                    what the next N requests have go wrong
 * (faults.h); channels are sms, mail, alipay, wechat, and alipay_notice and wechat_notice for the
 * notices that the two send; courier has names of its own (courier.h)
 *
 *   {"ask":"rotate","wallet":"alipay"|"wechat"}      its certificate is replaced, a stage at a
 * call:
 * {"stage":"announced"|"changed"|"ended"}
 *
 *   {"ask":"chips"|"insert"|"tap"|"remove",...}      of chip cards: cards/hand.h answers
 *
 * An error is {"error":"..."} and leaves the connection open.
 */

#include "simulators/channels.h"
#include "simulators/network.h"
#include "simulators/provider_sockets.h"
#include "simulators/scan.h"

struct tray;

struct tray_options {
    struct network *network;
    struct channels *channels; /* NULL: nothing has been received, and nothing can go wrong */
    struct provider_sockets *providers; /* NULL: there are no wallets over HTTP */
    const struct scans *scans;          /* NULL: no code can be paid */
    struct clock clock;
    const char *cards; /* socket of tongbao-cards, asked whenever chip cards are; NULL: none */
};

/* What the options point to outlives the tray. Errors: NO_MEMORY, CONFIG (the path is too long). */
MUST_USE err tray_open(const struct tray_options *options, struct tray **ret_tray);
void tray_close(struct tray *tray);

/* The answer is a view that lives until the next call. Errors: FULL. */
MUST_USE err tray_answer(struct tray *tray, struct bytes question, struct bytes *ret_answer);
