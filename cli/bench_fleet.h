/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * What the files of `tongbao bench fleet` share.
 *
 *   bench_fleet.c           options, the phases, the report
 *   bench_fleet_stage.c     hsm, back office and a registry of many terminals; the store at the end
 *   bench_fleet_devices.c   the worker: all devices, over TLS with a certificate each
 *   bench_fleet_pages.c     somebody who looks at pages all the while
 *
 * The worker is a process of its own, so that what the back office costs is the back office's. It
 * tells the parent by memory that both share.
 */

#include <stdatomic.h>

#include "cli/children.h"
#include "cli/console.h"
#include "cli/host_keys.h"

enum {
    FLEET_KNOWN_MAX = 1000000,
    FLEET_CONNECTED_MAX = 16000,
    FLEET_TEXT = 200,
    FLEET_KEY_PEM_MAX = 4096,
    FLEET_CONSOLES = 3, /* each may ask for ten searches a second (backoffice/api/rates.h) */
    FLEET_MERCHANT_DEVICES = 50,
};

enum fleet_phase {
    FLEET_PREPARE, /* the worker makes certificates */
    FLEET_CONNECT, /* those that stay come */
    FLEET_REST,    /* they beat, and nothing else happens */
    FLEET_REPORT,  /* the others come in turn, at a pace */
    FLEET_RUSH,    /* the others come as fast as they are taken */
    FLEET_STOP,
};

/* Written by the worker alone, but for `phase`. */
struct fleet_shared {
    atomic_int phase;     /* enum fleet_phase; the parent's */
    atomic_uint prepared; /* certificates of those that stay */
    atomic_uint greeted;  /* of those that stay: hello, place and state are answered */
    atomic_uint reported; /* of the others: the same, and gone again */
    atomic_uint told;     /* of those that stay: have the command */
    atomic_uint verified; /* of those that stay: the host has taken their last word of it */
    atomic_bool failed;   /* `fault` says why */
    char fault[FLEET_TEXT];
    int64_t told_us[FLEET_CONNECTED_MAX]; /* monotonic; 0: not yet */
};

struct bench_fleet {
    struct children children;
    char directory[128];
    char admin[160], hsm[160], hsm_socket[160], networks[160], backoffice[160];
    char authority_pem[FLEET_KEY_PEM_MAX];
    char link[FLEET_CONSOLES][192];
    struct console *console[FLEET_CONSOLES];
    long port, device_port;
    unsigned known, connected, per_second;
    struct fleet_shared *shared;
    struct child *process_hsm, *process_backoffice, *process_devices;
};

/* What device `index` of 0 .. known-1 is called. */
void fleet_tid(unsigned index, char out[static 9]);
void fleet_serial(unsigned index, char out[static 24]);
const char *fleet_model(unsigned index);
void fleet_mid(unsigned index, char out[static 16]);
/* Which of all devices is number `place` of those that stay: they are spread over the fleet. */
unsigned fleet_staying(const struct bench_fleet *b, unsigned place);
bool fleet_stays(const struct bench_fleet *b, unsigned index);

/* ---- bench_fleet_stage.c ---- */

/* Everything but the worker. `progress` hears of each step. */
MUST_USE err fleet_stage_start(struct bench_fleet *b, const char *parent,
                               void (*progress)(const char *step), struct process_fault *fault);
/* Forks the worker. */
MUST_USE err fleet_stage_fork(struct bench_fleet *b, int (*run)(const struct bench_fleet *b));
/* Commands in the store by their state, once the back office has been stopped; of state 0: those
 * for many that are not with all of them yet. */
enum { FLEET_STATES = 6 };
MUST_USE err fleet_stage_commands(struct bench_fleet *b, int64_t ret_count[FLEET_STATES],
                                  struct process_fault *fault);
void fleet_stage_stop(struct bench_fleet *b, bool keep_directory);

/* ---- bench_fleet_devices.c ---- */

int fleet_devices_run(const struct bench_fleet *b);

/* ---- bench_fleet_pages.c ---- */

enum { FLEET_PAGES = 10, FLEET_SAMPLES = 4096 };

struct fleet_pages {
    uint32_t us[FLEET_SAMPLES]; /* of all pages, in the order in which they were asked */
    unsigned count;
    unsigned next;
    uint32_t worst_us;
    const char *worst; /* which page that was */
};

/* Asks for the next page and keeps how long it took. */
MUST_USE err fleet_pages_ask(struct bench_fleet *b, struct fleet_pages *pages,
                             struct process_fault *fault);
/* Microseconds at which `percent` were there; 0 without any. Sorts. */
uint32_t fleet_percentile(uint32_t *us, unsigned count, unsigned percent);
/* One command for all devices. */
MUST_USE err fleet_pages_command(struct bench_fleet *b, int64_t *ret_devices,
                                 struct process_fault *fault);
