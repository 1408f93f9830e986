/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The document of parameters (parameters.h) as a text that a person writes and reviews:
 *
 *   # Debit. What follows a # is for people.
 *   application
 *     9F06 A000000333010101          a tag and its value, both hexadecimal
 *     DF11 D84000A800
 *   key
 *     DF02 BBE9066D2517511D239C7BFA
 *        + 77884144AE20C7372F515147  the value above goes on
 *   exception | revoked | limits     the other kinds of entry
 *
 * Nothing is filled in and nothing is left out, so what is reviewed is what terminals get; only the
 * version of the form and the number of the document are written in front.
 */

#include "lib/emv/parameters.h"

struct emv_parameters_text_fault {
    uint32_t line;       /* the first is 1; of the entry where one is wrong as a whole; 0: none */
    uint32_t tag;        /* of parameters.h, when the parser refuses; 0: the line itself */
    enum err_code cause; /* as emv_parameters_parse(); FORMAT, LENGTH of a line too */
};

/*
 * Writes the document with this number and parses it as a terminal would. `ret_parameters` are
 * views into what `out` has written. Errors: FORMAT (a line that is none of the above), LENGTH (an
 * entry above EMV_PARAMETERS_ENTRY_MAX), FULL (of `out`), and those of emv_parameters_parse().
 */
enum { EMV_PARAMETERS_ENTRY_MAX = 1024 };
MUST_USE err emv_parameters_text(struct bytes text, uint32_t number, struct writer *out,
                                 struct emv_parameters *ret_parameters,
                                 struct emv_parameters_text_fault *ret_fault);

/* "floor limit", "CA public key modulus": what a tag is called in a document of parameters, or
 * NULL. */
const char *emv_parameters_tag_name(uint32_t tag);
