/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * ceremony_console: asks the custodians, one after the other, on a descriptor: a terminal, where
 * components are not echoed, or a pipe. Questions and check values go to standard error. No
 * component is ever an argument, in the environment, or in a file.
 *
 *     name, component in hexadecimal, its check value     twice, then as often again as wanted
 *     an empty name                                       ends after two
 *     the check value of the whole key                    if it is known beforehand; empty: none is
 */

#include "hsm/ceremony.h"

/* Errors: those of ceremony.h, SHORT (input ends), KCV (not the key that was meant), IO. */
MUST_USE err ceremony_console(int fd, enum ceremony_kind kind, struct crypto *crypto,
                              struct hsm_audit *audit, struct key *ret_key);
