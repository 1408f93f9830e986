/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * consent_texts: what a customer agrees to when he becomes a member, as it is shown to him. Who
 * enrols him says which version he was shown; only the one in force is taken. A text that is
 * changed is another version: what was agreed to before stays on record under its own.
 */

#include "lib/wire/json.h"

#define CONSENT_TEXT_VERSION "2026-11"

/* The version, and the text of each consent in both languages. */
void consent_texts_write(struct json_out *j);
