/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * network_watch: looks every second at what the drivers of network and position have written
 * (network_files.h), and tells the terminal what is new.
 */

#include "lib/base/log.h"
#include "lib/wire/loop.h"
#include "terminal/network_files.h"
#include "terminal/terminal.h"

struct network_watch {
    struct loop *loop;
    struct terminal *terminal;
    const struct log *log;
    const struct network_path *network; /* as many as `paths`, in their order */
    size_t paths;                       /* 0: there is no driver */
    const char *place;                  /* a file; NULL: there is no driver */
    void (*done)(void *context, err e); /* what a call of the terminal returned */
    void *context;
    /* its own */
    struct loop_timer timer;
    struct network_facts facts[PATHS_MAX];
    struct network_place position;
};

/* The fields above `its own` are set; the struct stays where it is for as long as its loop. Without
 * a driver for the network it is a cable, as far as anybody has said. */
void network_watch_start(struct network_watch *watch);
