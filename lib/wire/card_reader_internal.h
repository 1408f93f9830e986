/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* What card_reader.c (the loop's side) and card_reader_pcsc.c (the threads) share. */

#include <pthread.h>

#include "lib/wire/card_reader.h"

/* What a slot's thread is to do, and did. IDLE -> ASKED -> DONE -> IDLE; one that came too late or
 * was called off becomes a disconnect and is not reported. */
enum card_task_state { TASK_IDLE, TASK_ASKED, TASK_DONE };
enum card_task_kind { TASK_CONNECT, TASK_TRANSMIT, TASK_DISCONNECT };

struct card_task {
    enum card_task_state state;
    enum card_task_kind kind;
    bool unheard; /* late, or called off: nobody waits for it */
    enum card_result result;
    enum card_protocol protocol;
    size_t len; /* of the command, then of the answer */
    uint8_t data[CARD_COMMAND_MAX];
};

/* Every change of a slot gets a number: a card that was changed for another between two looks is
 * still reported as removed and come. */
struct card_slot {
    struct card_reader *reader;
    unsigned number;
    char name[CARD_READER_NAME_MAX + 1]; /* of the PC/SC reader; "" when there is none */
    bool present;
    uint32_t change;
    size_t atr_len;
    uint8_t atr[CARD_ATR_MAX];
    struct card_task task;
    pthread_cond_t work;
    pthread_t thread;
    bool thread_runs;

    /* of the loop alone */
    bool shown;
    uint32_t shown_change;
    bool connected;
    struct loop_timer timer;
};

struct card_reader {
    struct card_reader_options options;
    char prefix[CARD_READER_NAME_MAX + 1];
    pthread_mutex_t mutex; /* over all that is not of the loop alone */
    pthread_cond_t retry;
    bool quit, there;
    unsigned holders;       /* threads and the owner: the last frees */
    unsigned long watching; /* the PC/SC context of the watcher; 0: none */
    pthread_t watcher;
    struct card_slot slot[CARD_READER_SLOTS];

    /* of the loop alone */
    bool shown_there;
    struct loop_wake wake;
};

/* card_reader_pcsc.c; both run until `quit`, and let go of the reader at their end. */
void *card_reader_watch(void *reader);
void *card_reader_work(void *slot);
void card_reader_interrupt(struct card_reader *reader); /* the watcher's wait ends */

/* card_reader.c */
struct timespec card_reader_in(int64_t ms); /* CLOCK_MONOTONIC, so far from now */
void card_reader_release(struct card_reader *reader);
