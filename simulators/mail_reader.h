/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * mail_reader: a message as a person's mail program shows it: sender, subject, text. Encoded words
 * (RFC 2047), quoted-printable and base64 (RFC 2045) are decoded. It is written apart from what
 * writes messages (lib/wire/mail_text.c), so that the two hold each other to the standard.
 *
 * What it does not understand is shown as it stands or left empty; it has no errors.
 */

#include "simulators/mailbox.h"

/* Fills sender, subject and text. Lines of the text end with LF. */
void mail_read(struct bytes message, struct received *out);
