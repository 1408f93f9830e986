/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* How the scripted host of terminal_rig_host.h settles; included by it. */

/* The certificate of the rig's vault. */
struct rig_certificate {
    int64_t end_ms;       /* 0: so many days from now */
    unsigned taken, told; /* others by the vault; how often the program heard of it */
    bool refused;         /* by the vault */
};

/* What it does with one message of a settlement, and what it keeps of them. */
struct rig_settling {
    enum rig_mood mood; /* of message `at`: ANSWER, SILENT, DEAF, DROP */
    unsigned at, seen;  /* 1 is the first 0500 or 0320 */
    bool differs;       /* it has one payment more */
    uint32_t batch;     /* that is closed */
    unsigned closings;
    enum payment_settle_flag flag;
    struct payment_totals said;
    struct payment_upload_row row[64];
    size_t rows;
    char code[3];       /* instead of 00 */
    unsigned miscounts; /* so many ends are answered 95 */
};

static bool rig_settle_known(const struct rig_settling *s, uint32_t stan)
{
    for (size_t i = 0; i < s->rows; i++)
        if (s->row[i].stan == stan) return true;
    return false;
}
