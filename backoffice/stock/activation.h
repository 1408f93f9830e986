/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * activation: the right to begin with a terminal, once (S139).
 *
 * A code belongs to one parcel: eight digits by SMS to the telephone of who receives it, kept here
 * as a keyed hash. It ends after ACTIVATION_MS, dies after ACTIVATION_TRIES wrong ones, and when a
 * newer one is sent; it is used once. Instead of it the last six characters of the identity number
 * or social credit code will do, together with the label on the back of the device; both count
 * the same tries.
 *
 * A device asks twice (lib/wire/device_protocol.h, "activate"): first it hears to whom it will be
 * bound, then, after a person has said yes, it gets certificate, keys and parameters. Who asks is
 * a stranger to TLS; that he is the device is shown by a signature of the key that the maker has
 * reported (lib/auth/factory.h). It is looked at before any try is counted, so nobody else can use
 * the tries up.
 *
 * One device, one shop (DV-01): a serial number that is active already, or comes with another key,
 * is refused and the desk is alarmed.
 *
 * The activation lock (S139): what was active once stays bound to its shop, lost, wiped, taken back
 * or replaced. Whoever comes with it, with whatever code, is refused and the desk is alarmed, until
 * the acquirer releases it (stock.h): then its own shop gets another code.
 */

#include "backoffice/stock/elements.h"
#include "backoffice/stock/stock.h"
#include "lib/wire/device_protocol.h"

enum { ACTIVATION_DIGITS = 8, ACTIVATION_TRIES = 5 };
#define ACTIVATION_MS (30 * INT64_C(86400000))

enum activation_state { ACTIVATION_OPEN = 1, ACTIVATION_USED, ACTIVATION_DEAD }; /* stored */

struct activation {
    int64_t id, made_ms, ends_ms, used_ms, tries;
    enum activation_state state;
};

extern const struct store_schema activation_schema;

/*
 * A new code for a terminal on its way, by SMS; the one before is dead. *ret_sent false: the outbox
 * took it not (no SMS, or too many). Errors: REFUSED (the hsm is away), the store's.
 */
MUST_USE err activation_send(struct backoffice *backoffice, struct store_tx *tx,
                             const struct stock_terminal *terminal, const struct elements *elements,
                             int64_t now_ms, bool *ret_sent);
/* The newest. NOT_FOUND: none was made. */
MUST_USE err activation_find(struct store *store, const char *serial, struct activation *ret);
/* What is open ends: the parcel came back. */
MUST_USE err activation_kill(struct store_tx *tx, const char *serial);

/*
 * A device asks. Writes `status`, and of a refusal its `reason`, into `answer`; a document (the
 * five elements, or what it is provisioned with) is appended to `document`. Reasons:
 *
 *   device     no such serial number, or not by its own key
 *   active     it has a shop already, where it is at work
 *   bound      it has a shop already, and was lost, wiped, taken back or replaced
 *   not_sent   it is not on its way to anybody
 *   code       wrong; `seconds` says how many tries are left
 *   ended      the code has ended, was used, or died of wrong ones: ask for another
 *   busy       hsm, registry or issuer are away: again later
 */
MUST_USE err activation_ask(struct backoffice *backoffice, struct bytes address,
                            const struct device_message *question, struct device_message *answer,
                            struct writer *document);
