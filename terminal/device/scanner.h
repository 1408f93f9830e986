/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * scanner: what a barcode scanner on a serial line sends, as codes: characters, then CR, LF or
 * both. A code whose end was lost is not joined to the next one: after SCANNER_GAP_MS of silence it
 * begins anew. One that is too long or has other characters than printable ASCII is dropped whole.
 * (A scanner that plays a keyboard is lib/wire/keyboard.h.) Pure; a code is wiped when it was told.
 */

#include "lib/base/bytes.h"

enum { SCANNER_CODE_MAX = 512, SCANNER_GAP_MS = 500 };

struct scanner {
    bool spoiled;
    int64_t last_ms;
    size_t len;
    char code[SCANNER_CODE_MAX];
};

typedef void (*scanner_code)(void *context, struct bytes code);

void scanner_take(struct scanner *scanner, struct bytes bytes, int64_t now_ms, scanner_code code,
                  void *context);
