/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody who looks at lists, searches, counts and single devices, one page after the other, by
 * the sessions of a few members of staff: one may ask for ten searches a second. */
#include "cli/bench_fleet.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"

/* What stands for somebody is "...": another one each time. */
static const char *const paths[FLEET_PAGES] = {
    "/api/v1/devices?limit=50",
    "/api/v1/devices?limit=100&text=FLEET-00...",
    "/api/v1/devices?limit=50&merchant=...",
    "/api/v1/fleet",
    "/api/v1/devices?limit=50&presence=online",
    "/api/v1/devices?limit=50&trouble=true&model=TB-2",
    "/api/v1/devices/...",
    "/api/v1/devices?limit=50&text=shop%20...",
    "/api/v1/devices?limit=50&text=nobody%20has%20this",
    "/api/v1/fleet?text=tb-3&unsent=true",
};

static void write_path(const struct bench_fleet *b, unsigned page, unsigned turn, char *out,
                       size_t size)
{
    char tid[9], mid[16];
    unsigned index = turn * 7919u % b->known; /* some other one each time */
    fleet_tid(index, tid);
    fleet_mid(index, mid);
    switch (page) {
    case 1:
        snprintf(out, size, "/api/v1/devices?limit=100&text=FLEET-00%u", index % 100);
        return;
    case 2:
        snprintf(out, size, "/api/v1/devices?limit=50&merchant=%s", mid);
        return;
    case 6:
        snprintf(out, size, "/api/v1/devices/%s", tid);
        return;
    case 7:
        snprintf(out, size, "/api/v1/devices?limit=50&text=shop%%20%u", index % 1000);
        return;
    default:
        snprintf(out, size, "%s", paths[page]);
        return;
    }
}

err fleet_pages_ask(struct bench_fleet *b, struct fleet_pages *pages, struct process_fault *fault)
{
    struct clock clock = clock_system();
    CLEANUP(json_free) struct json_document answer = {0};
    char path[120];
    long status = 0;
    unsigned page = pages->next % FLEET_PAGES;
    write_path(b, page, pages->next, path, sizeof path);
    struct console *console = b->console[pages->next++ % FLEET_CONSOLES];
    int64_t began_us = clock_monotonic_us(&clock);
    err asked = console_ask(console, path, NULL, &status, &answer);
    int64_t took_us = clock_monotonic_us(&clock) - began_us;
    if (FAILED(asked) || status != 200) {
        snprintf(fault->text, sizeof fault->text, "%.100s: %s, status %ld", path, err_text(asked),
                 status);
        return FAILED(asked) ? asked : ERR(STATE);
    }
    if (pages->count < FLEET_SAMPLES) pages->us[pages->count++] = (uint32_t)took_us;
    if ((uint32_t)took_us > pages->worst_us) {
        pages->worst_us = (uint32_t)took_us;
        pages->worst = paths[page];
    }
    return OK;
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

uint32_t fleet_percentile(uint32_t *us, unsigned count, unsigned percent)
{
    if (count == 0) return 0;
    qsort(us, count, sizeof *us, by_size);
    return us[(count * percent + 99) / 100 - 1];
}

err fleet_pages_command(struct bench_fleet *b, int64_t *ret_devices, struct process_fault *fault)
{
    CLEANUP(json_free) struct json_document answer = {0};
    long status = 0;
    err asked =
        console_ask(b->console[0], "/api/v1/fleet/commands",
                    "{\"kind\":\"message\",\"text\":\"Close at six today\"}", &status, &answer);
    if (!FAILED(asked) && status / 100 == 2)
        return json_int(answer.root, "devices", 0, INT64_MAX, ret_devices);
    snprintf(fault->text, sizeof fault->text, "POST /api/v1/fleet/commands: %s, status %ld",
             err_text(asked), status);
    return FAILED(asked) ? asked : ERR(STATE);
}
