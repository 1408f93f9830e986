/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The desk's messages as letters of the outbox: which template, which fields, until when. */

#include "backoffice/desk/desk.h"
#include "backoffice/messages/outbox.h"

/* As `send` of struct desk_ports; the context is a struct outbox. */
MUST_USE err desk_letter_send(void *context, struct store_tx *tx,
                              const struct desk_message *message);
