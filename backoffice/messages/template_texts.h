/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The texts of templates.h, by template_number. For templates.c and its test only. */

#include "backoffice/messages/templates.h"

extern const struct template template_texts[TEMPLATES];

/* At the end of every mail, by language. No fields. */
extern const char *const template_footer[LANGUAGES];
