/* SPDX-License-Identifier: Apache-2.0 */
/* Asks each who can pay codes, in turn. */
#include "simulators/scan.h"

void scans_add(struct scans *scans, scan_function *read, void *context)
{
    ENSURE(scans->count < SCAN_READERS_MAX);
    scans->reader[scans->count].read = read;
    scans->reader[scans->count].context = context;
    scans->count++;
}

err scans_ask(const struct scans *scans, const struct scan *scan, struct scan_result *ret_result)
{
    for (size_t i = 0; i < scans->count; i++) {
        struct scan_result result = {.outcome = SCAN_REFUSED};
        err read = scans->reader[i].read(scans->reader[i].context, scan, &result);
        if (read.code == ERR_NOT_FOUND) continue;
        TRY(read);
        *ret_result = result;
        return OK;
    }
    *ret_result = (struct scan_result){
        .outcome = SCAN_REFUSED,
        .reason = {"这不是收款码", "this is no code to pay with"},
    };
    return OK;
}

const char *scan_outcome_name(enum scan_outcome outcome)
{
    static const char *const names[] = {"paid", "asked", "amount", "refused"};
    ENSURE((size_t)outcome < ARRAY_LEN(names));
    return names[outcome];
}
