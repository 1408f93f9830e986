/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * fleet: every known terminal and what it has last told of itself (S114), in memory: a hundred
 * thousand take 25 MB, and a page of any search is one walk over them. What is told is written to
 * the store in groups, at most FLEET_GROUP rows a transaction and one a second or so: a power cut
 * loses the states of a second, which the terminals tell again.
 *
 * Who exists is the registry's to say: it is read anew when it has changed, not more often than
 * FLEET_READ_MS, and a terminal that comes before that is added when it comes.
 */

#include "lib/store/store.h"
#include "lib/wire/device_protocol.h"
#include "registry/registry.h"

enum {
    FLEET_GROUP = 1024,
    FLEET_READ_MS = 10 * 1000,
    FLEET_READ_SLICE = 2048, /* rows of the registry read at a time: 10 ms */
    FLEET_MISSED = 3,        /* so many beats without a word, and a device is offline */
    FLEET_TEXT_MAX = 40,
    FLEET_LOW_BATTERY = 20, /* per cent: below, somebody should charge it */
};

enum fleet_presence {
    FLEET_NEW = 1, /* it has never been here */
    FLEET_ONLINE,  /* connected, and heard of within the beats that it may miss */
    FLEET_AWAY,    /* not connected, but heard of within them */
    FLEET_OFFLINE,
    FLEET_PRESENCES
};

const char *fleet_presence_word(enum fleet_presence presence);
/* 0 when it is none. */
enum fleet_presence fleet_presence_named(struct bytes word);

/* What a device has told. */
struct fleet_state {
    int64_t told_ms; /* when we heard it; 0: it has told nothing yet */
    int64_t last_payment_ms;
    uint32_t unsent, parameters;
    uint8_t battery, paper, hold, link; /* as in struct device_message */
    bool signed_in;
    char operator_id[3];
    char version[DEVICE_VERSION_MAX + 1];
};

struct fleet_device {
    char tid[9];
    char serial[REGISTRY_SERIAL_MAX + 1];
    char model[REGISTRY_MODEL_MAX + 1];
    char mid[16];
    uint32_t outlet;
    uint8_t status; /* enum registry_status */
    bool connected;
    bool dirty;       /* its row waits to be written */
    bool fresh;       /* it came before the registry was read anew */
    int64_t heard_ms; /* last sign of life; 0: never */
    struct fleet_state state;
};

struct fleet;
struct fleet_changes;

extern const struct store_schema fleet_schema;

/* The schema is there. Errors: those of store and registry, NO_MEMORY. */
MUST_USE err fleet_open(struct store *store, struct registry *registry, struct fleet **ret_fleet);
/* What has changed lately (fleet_changes.h): as long as the fleet. */
struct fleet_changes *fleet_changes_of(const struct fleet *fleet);
/* Something about this device is new that is not kept here: a command, a place. */
void fleet_touch(struct fleet *fleet, const char *tid);
void fleet_close(struct fleet *fleet); /* NULL is allowed; what waits is written by fleet_write() */

enum fleet_presence fleet_presence(const struct fleet_device *device, int64_t now_ms);

/* NULL when it is not known. Until the next call of a function that takes `fleet`. */
const struct fleet_device *fleet_find(const struct fleet *fleet, const char *tid);
size_t fleet_count(const struct fleet *fleet);

/* ---- what happens ---- */

/* It is connected and has said hello. */
MUST_USE err fleet_came(struct fleet *fleet, const struct registry_terminal *terminal,
                        const char *version, int64_t now_ms);
void fleet_left(struct fleet *fleet, const char *tid, int64_t now_ms);
void fleet_heard(struct fleet *fleet, const char *tid, int64_t now_ms);
/* DEVICE_STATE. */
void fleet_take(struct fleet *fleet, const char *tid, const struct device_message *said,
                int64_t now_ms);
/* The registry has changed. */
void fleet_stale(struct fleet *fleet);
/* Reads the registry when that is due, and writes a group. */
MUST_USE err fleet_tick(struct fleet *fleet, int64_t now_ms);
/* The registry is being read: fleet_go_on() reads the next slice. */
bool fleet_reads(const struct fleet *fleet);
MUST_USE err fleet_go_on(struct fleet *fleet);
/* Writes all that waits. */
MUST_USE err fleet_write(struct fleet *fleet);

/* ---- searching ---- */

/* Numbers of devices in their order, as a group has them (groups.h). */
struct fleet_set {
    char (*tid)[9];
    size_t count;
};

struct tree_outlets;

/* Empty texts and zeros ask for nothing. Closed terminals are found only by their status. */
struct fleet_query {
    char mid[16];
    uint32_t outlet;
    enum fleet_presence presence;
    enum registry_status status;
    uint8_t hold;   /* of at least this: DEVICE_LOCKED finds the lost, too */
    bool connected; /* those that hold a connection */
    bool unsent;    /* those with unsent payments */
    bool trouble;   /* a printer or a battery that needs somebody */
    char version[DEVICE_VERSION_MAX + 1];
    char model[REGISTRY_MODEL_MAX + 1];
    char text[FLEET_TEXT_MAX + 1];      /* in number, serial, model, or the name of the merchant */
    bool whole_serial;                  /* a part of a serial number finds nothing */
    char after[9];                      /* the device before the first one */
    const struct fleet_set *set;        /* only these; NULL: all */
    const struct tree_outlets *outlets; /* of `mid`: only in these; NULL: in all */
    size_t limit;
};

typedef err (*fleet_each)(void *context, const struct fleet_device *device);
/* In the order of their numbers. */
MUST_USE err fleet_search(struct fleet *fleet, const struct fleet_query *query, int64_t now_ms,
                          fleet_each each, void *context);

/* How many there are of each kind, of all that `query` finds but for its presence. */
struct fleet_counts {
    uint32_t all, presence[FLEET_PRESENCES], locked, unsent, trouble;
};
struct fleet_counts fleet_counts_of(struct fleet *fleet, const struct fleet_query *query,
                                    int64_t now_ms);
bool fleet_has_trouble(const struct fleet_device *device);
/* The merchant's names; empty when the registry has none. */
void fleet_merchant(const struct fleet *fleet, const char *mid, const char **ret_zh,
                    const char **ret_en);
