/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The threads of a card reader, and all calls of PC/SC. One waits for changes; one for each slot
 * connects and transmits, in a context of its own, because a context serves one call at a time.
 */
#include "lib/wire/card_reader_internal.h"

#include <stdio.h>
#include <winscard.h>

enum { RETRY_MS = 100, WATCH_MS = 30000, REMOVAL_MS = 1000, NAMES_MAX = 4096, READERS_MAX = 16 };

/* pcsc-lite's own name for "readers have come or gone". */
#define ANY_READER "\\\\?PnP?\\Notification"

/* ---- the watcher ---- */

struct watch {
    struct card_reader *reader;
    SCARDCONTEXT context;
    SCARD_READERSTATE state[CARD_READER_SLOTS + 1]; /* of the slots in use, then ANY_READER */
    unsigned slot[CARD_READER_SLOTS];
    unsigned count;
};

static void tell(struct card_reader *r)
{
    if (r->wake.loop != NULL) loop_wake_signal(&r->wake);
}

/* With the mutex held. */
static void set_present(struct card_slot *s, bool present, struct bytes atr)
{
    s->present = present;
    s->atr_len = atr.len <= CARD_ATR_MAX ? atr.len : 0;
    if (s->atr_len > 0) memcpy(s->atr, atr.at, s->atr_len);
    s->change++;
}

/* Everything has gone: the service, or the reader. */
static void set_gone(struct card_reader *r)
{
    pthread_mutex_lock(&r->mutex);
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) {
        struct card_slot *s = &r->slot[i];
        if (s->present) set_present(s, false, (struct bytes){0});
        s->name[0] = '\0';
    }
    r->there = false;
    tell(r);
    pthread_mutex_unlock(&r->mutex);
}

/* Whether a reader is one of ours and has no slot yet; one that has keeps it. */
static bool is_fresh(struct card_reader *r, const char *name, bool kept[CARD_READER_SLOTS])
{
    size_t len = strlen(r->prefix);
    if (strncmp(name, r->prefix, len) != 0 || strlen(name) > CARD_READER_NAME_MAX) return false;
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++)
        if (strcmp(r->slot[i].name, name) == 0) return !(kept[i] = true);
    return true;
}

/* With the mutex held. Names come in the service's order, which is that of the slots. */
static void assign_names(struct card_reader *r, const char *names)
{
    bool kept[CARD_READER_SLOTS] = {false};
    const char *fresh[READERS_MAX];
    unsigned count = 0;
    for (const char *name = names; *name != '\0'; name += strlen(name) + 1)
        if (is_fresh(r, name, kept) && count < READERS_MAX) fresh[count++] = name;
    unsigned next = 0;
    r->there = false;
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) {
        struct card_slot *s = &r->slot[i];
        if (!kept[i]) {
            if (s->present) set_present(s, false, (struct bytes){0});
            snprintf(s->name, sizeof s->name, "%s", next < count ? fresh[next] : "");
            next++;
        }
        r->there = r->there || s->name[0] != '\0';
    }
}

/* Which readers there are. None is no error: ANY_READER says when one comes. */
static LONG list_readers(struct watch *w)
{
    char names[NAMES_MAX] = "";
    DWORD size = sizeof names - 1;
    struct card_reader *r = w->reader;
    LONG done = SCardListReaders(w->context, NULL, names, &size);
    if (done != SCARD_S_SUCCESS && done != SCARD_E_NO_READERS_AVAILABLE) return done;
    if (done != SCARD_S_SUCCESS) names[0] = '\0';
    SCARD_READERSTATE any = w->state[w->count];
    pthread_mutex_lock(&r->mutex);
    assign_names(r, names);
    w->count = 0;
    for (unsigned i = 0; i < CARD_READER_SLOTS; i++) {
        if (r->slot[i].name[0] == '\0') continue;
        w->slot[w->count] = i;
        w->state[w->count++] = (SCARD_READERSTATE){.szReader = r->slot[i].name};
    }
    tell(r);
    pthread_mutex_unlock(&r->mutex);
    w->state[w->count] = any;
    w->state[w->count].szReader = ANY_READER;
    w->state[w->count].dwCurrentState = any.dwEventState;
    return SCARD_S_SUCCESS;
}

/* What one look has brought for one slot. The upper half of the state counts insertions and
 * removals. False when the reader itself has gone. */
static bool take_state(struct watch *w, unsigned i)
{
    SCARD_READERSTATE *state = &w->state[i];
    struct card_slot *s = &w->reader->slot[w->slot[i]];
    const DWORD gone = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_IGNORE;
    if (state->dwEventState & gone) return false;
    bool present = (state->dwEventState & SCARD_STATE_PRESENT) != 0;
    bool counted = state->dwEventState >> 16 != state->dwCurrentState >> 16;
    struct bytes atr = bytes_of(state->rgbAtr, present ? state->cbAtr : 0);
    state->dwCurrentState = state->dwEventState;
    pthread_mutex_lock(&w->reader->mutex);
    if (present != s->present || (present && counted)) {
        set_present(s, present, atr);
        tell(w->reader);
    }
    pthread_mutex_unlock(&w->reader->mutex);
    return true;
}

/* One wait. False when the context, the service or a reader has gone: begin again. */
static bool look(struct watch *w)
{
    LONG done = SCardGetStatusChange(w->context, WATCH_MS, w->state, w->count + 1);
    if (done == SCARD_E_TIMEOUT || done == SCARD_E_CANCELLED) return true;
    if (done != SCARD_S_SUCCESS) return false;
    for (unsigned i = 0; i < w->count; i++)
        if (!take_state(w, i)) return false;
    if (w->state[w->count].dwEventState & SCARD_STATE_CHANGED)
        return list_readers(w) == SCARD_S_SUCCESS;
    return true;
}

static bool quitting(struct card_reader *r)
{
    pthread_mutex_lock(&r->mutex);
    bool quit = r->quit;
    pthread_mutex_unlock(&r->mutex);
    return quit;
}

static void set_watching(struct card_reader *r, SCARDCONTEXT context)
{
    pthread_mutex_lock(&r->mutex);
    r->watching = (unsigned long)context;
    pthread_mutex_unlock(&r->mutex);
}

static void watch_service(struct card_reader *r)
{
    struct watch w = {.reader = r};
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &w.context) != SCARD_S_SUCCESS)
        return;
    set_watching(r, w.context);
    bool well = list_readers(&w) == SCARD_S_SUCCESS;
    while (well && !quitting(r)) well = look(&w);
    set_watching(r, 0);
    (void)SCardReleaseContext(w.context);
}

void *card_reader_watch(void *reader)
{
    struct card_reader *r = reader;
    while (!quitting(r)) {
        watch_service(r);
        set_gone(r);
        struct timespec until = card_reader_in(RETRY_MS);
        pthread_mutex_lock(&r->mutex);
        if (!r->quit) (void)pthread_cond_timedwait(&r->retry, &r->mutex, &until);
        pthread_mutex_unlock(&r->mutex);
    }
    card_reader_release(r);
    return NULL;
}

void card_reader_interrupt(struct card_reader *r)
{
    pthread_mutex_lock(&r->mutex);
    SCARDCONTEXT context = (SCARDCONTEXT)r->watching;
    pthread_mutex_unlock(&r->mutex);
    if (context != 0) (void)SCardCancel(context);
}

/* ---- a slot ---- */

struct line {
    char name[CARD_READER_NAME_MAX + 1];
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    bool open;
};

static void hang_up(struct line *l)
{
    if (!l->open) return;
    (void)SCardDisconnect(l->card, SCARD_UNPOWER_CARD);
    (void)SCardReleaseContext(l->context);
    l->open = false;
}

static enum card_result result_of(LONG code)
{
    switch (code) {
    case SCARD_S_SUCCESS:
        return CARD_DONE;
    case SCARD_W_REMOVED_CARD:
    case SCARD_E_NO_SMARTCARD:
        return CARD_REMOVED;
    case SCARD_E_NO_SERVICE:
    case SCARD_E_SERVICE_STOPPED:
    case SCARD_E_READER_UNAVAILABLE:
    case SCARD_E_UNKNOWN_READER:
    case SCARD_E_NO_READERS_AVAILABLE:
    case SCARD_E_INVALID_HANDLE: /* of a service that has begun anew */
    case SCARD_F_COMM_ERROR:     /* with the service, not with the card */
        return CARD_UNPLUGGED;
    default:
        return CARD_FAULT;
    }
}

/* Whether the card has gone is seen at the service's next look, a moment later. */
static enum card_result why_nothing(const struct line *l)
{
    SCARD_READERSTATE state = {.szReader = l->name};
    LONG code = SCARD_S_SUCCESS;
    struct timespec until = card_reader_in(REMOVAL_MS);
    for (int64_t left = REMOVAL_MS; left > 0 && code == SCARD_S_SUCCESS;) {
        code = SCardGetStatusChange(l->context, (DWORD)left, &state, 1);
        if (code != SCARD_S_SUCCESS) break;
        if (state.dwEventState & SCARD_STATE_EMPTY) return CARD_REMOVED;
        if (state.dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE))
            return CARD_UNPLUGGED;
        state.dwCurrentState = state.dwEventState;
        struct timespec now = card_reader_in(0);
        left = (until.tv_sec - now.tv_sec) * 1000 + (until.tv_nsec - now.tv_nsec) / 1000000;
    }
    return code == SCARD_E_TIMEOUT || code == SCARD_S_SUCCESS ? CARD_FAULT : result_of(code);
}

static enum card_result pick_up(struct line *l, struct card_task *task)
{
    hang_up(l);
    LONG done = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &l->context);
    if (done != SCARD_S_SUCCESS) return CARD_UNPLUGGED;
    done = SCardConnect(l->context, l->name, SCARD_SHARE_EXCLUSIVE,
                        SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &l->card, &l->protocol);
    if (done != SCARD_S_SUCCESS) {
        (void)SCardReleaseContext(l->context);
        return result_of(done);
    }
    l->open = true;
    task->protocol = l->protocol == SCARD_PROTOCOL_T0 ? CARD_T0 : CARD_T1;
    return CARD_DONE;
}

static enum card_result exchange(struct line *l, struct card_task *task)
{
    if (!l->open) return CARD_FAULT;
    uint8_t answer[CARD_RESPONSE_MAX + 8];
    DWORD len = sizeof answer;
    const SCARD_IO_REQUEST *header = l->protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    LONG done = SCardTransmit(l->card, header, task->data, (DWORD)task->len, NULL, answer, &len);
    enum card_result result = result_of(done);
    /* A driver that lost its card may call that success, with nothing in it. */
    if (result == CARD_DONE && (len < 2 || len > CARD_RESPONSE_MAX)) result = CARD_FAULT;
    if (result == CARD_FAULT) result = why_nothing(l);
    explicit_bzero(task->data, sizeof task->data);
    task->len = 0;
    if (result == CARD_DONE) {
        memcpy(task->data, answer, len);
        task->len = len;
    }
    explicit_bzero(answer, sizeof answer);
    return result;
}

static void do_task(struct line *l, struct card_task *task)
{
    switch (task->kind) {
    case TASK_CONNECT:
        task->result = pick_up(l, task);
        break;
    case TASK_TRANSMIT:
        task->result = exchange(l, task);
        break;
    case TASK_DISCONNECT:
        task->result = CARD_DONE;
        hang_up(l);
        break;
    }
    if (task->result != CARD_DONE) hang_up(l);
}

/* With the mutex held: waits for work. False: there will be none any more. */
static bool next_task(struct card_slot *s, struct line *l, struct card_task *out)
{
    while (s->task.state != TASK_ASKED && !s->reader->quit)
        pthread_cond_wait(&s->work, &s->reader->mutex);
    if (s->reader->quit) return false;
    *out = s->task;
    /* Nobody waits for a disconnect: the next task may be asked for at once. */
    if (s->task.kind == TASK_DISCONNECT) s->task = (struct card_task){.state = TASK_IDLE};
    memcpy(l->name, s->name, sizeof l->name);
    return true;
}

void *card_reader_work(void *slot)
{
    struct card_slot *s = slot;
    struct card_reader *r = s->reader;
    struct line line = {.open = false};
    struct card_task task;
    pthread_mutex_lock(&r->mutex);
    while (next_task(s, &line, &task)) {
        pthread_mutex_unlock(&r->mutex);
        do_task(&line, &task);
        pthread_mutex_lock(&r->mutex);
        if (task.kind == TASK_DISCONNECT) continue;
        if (s->task.unheard) { /* said in the meantime */
            s->task.kind = TASK_DISCONNECT;
            continue;
        }
        s->task = task;
        s->task.state = TASK_DONE;
        explicit_bzero(&task, sizeof task);
        tell(r);
    }
    pthread_mutex_unlock(&r->mutex);
    hang_up(&line);
    card_reader_release(r);
    return NULL;
}
