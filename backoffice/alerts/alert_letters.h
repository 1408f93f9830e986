/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * alert_letters: telling people of alerts (S126). What is due for one person goes in one letter:
 * about one alert, or "so many, the gravest is ...". A person gets at most
 * ALERT_LETTERS_AN_HOUR of urgent ones and as many of others: what comes meanwhile waits and is
 * told together, so that a storm of ten thousand events is a handful of messages.
 *
 * What is not urgent waits for the end of the person's quiet hours. When nobody acknowledges, the
 * next person is told after the rule's minutes; after the last of a merchant's people the first of
 * the acquirer's.
 */

#include "backoffice/alerts/alert_people.h"
#include "backoffice/core.h"

enum { ALERT_LETTERS_AN_HOUR = 4 };

/* What has come due, in transactions of its own. Does nothing without an outbox. */
MUST_USE err alert_letters_send(struct backoffice *backoffice, int64_t now_ms);
