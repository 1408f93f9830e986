/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the audit log. */
#include "hsm/audit.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/writer.h"
#include "lib/crypto/crypto.h"

err hsm_audit_open(const char *path, struct clock clock, struct hsm_audit *ret_audit,
                   uint64_t *ret_entry)
{
    ret_audit->clock = clock;
    return chain_open(path, crypto_sha256, &ret_audit->chain, ret_entry);
}

err hsm_audit_write(struct hsm_audit *audit, const char *event, const char *format, ...)
{
    if (audit == NULL) return OK;
    char text[CHAIN_TEXT_MAX + 1], line[CHAIN_TEXT_MAX];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    if (len < 0 || (size_t)len >= sizeof text) return ERR(LENGTH);
    struct writer w = writer_over(line, sizeof line);
    write_format(&w, "%llu %lld %s %s", (unsigned long long)audit->chain.entries + 1,
                 (long long)clock_now_ms(&audit->clock), event, text);
    if (w.fault != ERR_OK) return (err){w.fault};
    return chain_append(&audit->chain, writer_view(&w));
}
