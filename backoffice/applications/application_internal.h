/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What the files of an application share. */

#include "backoffice/applications/application.h"

/* Of token_make() and token_hash(): the applicant's secret. */
#define APPLICATION_SECRET_LABEL "application"

/* The record as it is, in the transaction of its event. */
MUST_USE err application_write(struct store_tx *tx, const struct application *application);

/* An SMS about its state, when its telephone was verified and there is an outbox. What the outbox
 * refuses is the outbox's to audit. */
MUST_USE err application_tell(const struct applications *applications, struct store_tx *tx,
                              const struct application *application);
