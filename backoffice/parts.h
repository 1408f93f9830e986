/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The parts of the back office; parts.c puts them together. */

#include "backoffice/core.h"

extern const struct backoffice_part about_part;    /* about.c: what this is */
extern const struct backoffice_part accounts_part; /* about.c: the tables of accounts */
extern const struct backoffice_part outbox_part;   /* notify.c: messages to people */
extern const struct backoffice_part login_part;    /* login.c: in and out */
extern const struct backoffice_part setup_part;    /* setup.c: choosing a password */
extern const struct backoffice_part security_part; /* security.c: one's own factors and sessions */
extern const struct backoffice_part step_up_part;  /* step_up.c: a factor once more */
