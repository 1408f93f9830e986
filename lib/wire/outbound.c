/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that each run one transfer of curl at a time, and the way back into the loop. */
#include "lib/wire/outbound_internal.h"

#include <assert.h>
#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>

struct outbound {
    struct loop *loop;
    struct loop_wake wake;
    pthread_mutex_t mutex; /* over the states of transfers, and `quit` */
    pthread_cond_t work;
    bool quit;
    atomic_bool stop; /* asked for by curl's progress function, without the mutex */
    unsigned transfers_max, threads;
    pthread_t thread[OUTBOUND_TRANSFERS_MAX];
    struct transfer transfer[OUTBOUND_TRANSFERS_MAX];
    uint8_t *bodies, *answers;
};

/* ---- memory that is wiped when curl frees it ---- */

/* Before each block stands its size, in as much room as keeps the block aligned. */
enum { HEAD = 16 };
static_assert(HEAD >= sizeof(size_t) && HEAD % alignof(max_align_t) == 0, "blocks stay aligned");

static void *wiping_malloc(size_t size)
{
    if (size > SIZE_MAX - HEAD) return NULL;
    uint8_t *block = malloc(HEAD + size);
    if (block == NULL) return NULL;
    memcpy(block, &size, sizeof size);
    return block + HEAD;
}

static size_t size_of(const void *at)
{
    size_t size;
    memcpy(&size, (const uint8_t *)at - HEAD, sizeof size);
    return size;
}

static void wiping_free(void *at)
{
    if (at == NULL) return;
    explicit_bzero(at, size_of(at));
    free((uint8_t *)at - HEAD);
}

/* Never realloc(3): it may leave a copy where the block was. */
static void *wiping_realloc(void *at, size_t size)
{
    void *moved = wiping_malloc(size);
    if (moved == NULL || at == NULL) return moved;
    memcpy(moved, at, size_of(at) < size ? size_of(at) : size);
    wiping_free(at);
    return moved;
}

static char *wiping_strdup(const char *text)
{
    char *copy = wiping_malloc(strlen(text) + 1);
    if (copy != NULL) memcpy(copy, text, strlen(text) + 1);
    return copy;
}

static void *wiping_calloc(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) return NULL;
    void *block = wiping_malloc(count * size);
    if (block != NULL) memset(block, 0, count * size);
    return block;
}

/* ---- one transfer ---- */

static void clear(struct transfer *t)
{
    clock_seat_give(t->seat);
    if (t->easy != NULL) curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->list);
    if (t->body_len > 0) explicit_bzero(t->body, t->body_len);
    explicit_bzero(t->answer, t->answer_len);
    if (t->headers_len > 0) explicit_bzero(t->headers, t->headers_len);
    *t = (struct transfer){.body = t->body,
                           .stop = t->stop,
                           .answer = t->answer,
                           .answer_max = t->answer_max,
                           .headers = t->headers,
                           .headers_max = t->headers_max};
}

static size_t give_body(char *to, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    size_t left = t->body_len - t->body_sent, len = size * count < left ? size * count : left;
    memcpy(to, t->body + t->body_sent, len);
    t->body_sent += len;
    return len;
}

/* More than an answer may have ends the transfer: curl is told that nothing was taken. */
static size_t take_answer(char *from, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    if (size * count > t->answer_max - t->answer_len) return 0;
    memcpy(t->answer + t->answer_len, from, size * count);
    t->answer_len += size * count;
    return size * count;
}

static int look_up(void *context, curl_off_t down, curl_off_t downed, curl_off_t up,
                   curl_off_t upped)
{
    const struct transfer *t = context;
    (void)down, (void)downed, (void)up, (void)upped;
    return atomic_load(t->stop) ? 1 : 0;
}

/* What every transfer has: limits, and nothing of curl's that would ask the environment. */
static bool set_common(struct transfer *t, unsigned timeout_ms)
{
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_TIMEOUT_MS, (long)timeout_ms},
        /* Every reply may take as long as the whole: curl forgets the whole when it says QUIT. */
        {CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(timeout_ms + 999) / 1000},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_FORBID_REUSE, 1},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_NOPROGRESS, 0},
    };
    CURL *e = t->easy;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (!SET(e, numbers[i].option, numbers[i].value)) return false;
    return SET(e, CURLOPT_PROXY, "") && SET(e, CURLOPT_READFUNCTION, give_body) &&
           SET(e, CURLOPT_READDATA, t) && SET(e, CURLOPT_WRITEFUNCTION, take_answer) &&
           SET(e, CURLOPT_WRITEDATA, t) && SET(e, CURLOPT_XFERINFOFUNCTION, look_up) &&
           SET(e, CURLOPT_XFERINFODATA, t);
}

/* A transfer that is free stays free until we take it: only its state is shared with the threads.
 */
static struct transfer *find_state(struct outbound *o, int state)
{
    for (unsigned i = 0; i < o->transfers_max; i++)
        if ((int)o->transfer[i].state == state) return &o->transfer[i];
    return NULL;
}

err outbound_prepare(struct outbound *o, const char *id, unsigned timeout_ms,
                     struct transfer **ret_transfer)
{
    ENSURE(outbound_id_valid(id) && timeout_ms > 0);
    pthread_mutex_lock(&o->mutex);
    struct transfer *t = find_state(o, TRANSFER_FREE);
    pthread_mutex_unlock(&o->mutex);
    if (t == NULL) return ERR(FULL);
    t->easy = curl_easy_init();
    if (t->easy == NULL) return ERR(NO_MEMORY);
    TRY(bytes_to_text(bytes_text(id), t->id, sizeof t->id));
    if (set_common(t, timeout_ms)) {
        *ret_transfer = t;
        return OK;
    }
    outbound_drop(t);
    return ERR(NO_MEMORY);
}

void outbound_drop(struct transfer *t)
{
    ENSURE(t->state == TRANSFER_FREE);
    clear(t);
}

void outbound_start(struct outbound *o, struct transfer *t, outbound_done done, void *context)
{
    ENSURE(t->state == TRANSFER_FREE && t->judge != NULL);
    ENSURE((done != NULL) != (t->hand_over != NULL));
    t->done = done;
    t->context = context;
    t->seat = clock_seat_take();
    pthread_mutex_lock(&o->mutex);
    t->state = TRANSFER_WAITING;
    pthread_cond_signal(&o->work);
    pthread_mutex_unlock(&o->mutex);
}

/* ---- threads ---- */

static struct transfer *await_work(struct outbound *o)
{
    struct transfer *t = NULL;
    pthread_mutex_lock(&o->mutex);
    while (!o->quit && (t = find_state(o, TRANSFER_WAITING)) == NULL)
        pthread_cond_wait(&o->work, &o->mutex);
    if (o->quit) t = NULL;
    else t->state = TRANSFER_RUNNING;
    pthread_mutex_unlock(&o->mutex);
    return t;
}

static void *run_transfers(void *context)
{
    struct outbound *o = context;
    for (struct transfer *t; (t = await_work(o)) != NULL;) {
        t->code = curl_easy_perform(t->easy);
        pthread_mutex_lock(&o->mutex);
        t->state = TRANSFER_ENDED;
        pthread_mutex_unlock(&o->mutex);
        loop_wake_signal(&o->wake);
    }
    return NULL;
}

/* In the loop. The transfer is free again before its owner hears: he may begin the next. Of a
 * request it is free afterwards, because its answer is in it. */
static void on_wake(void *context)
{
    struct outbound *o = context;
    for (;;) {
        pthread_mutex_lock(&o->mutex);
        struct transfer *t = find_state(o, TRANSFER_ENDED);
        pthread_mutex_unlock(&o->mutex);
        if (t == NULL) return;
        struct outbound_result result = {.outcome = OUTBOUND_LATER};
        long reply = 0;
        (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &reply);
        t->judge(t, (int)reply, &result);
        if (t->hand_over != NULL) t->hand_over(t, &result);
        char id[OUTBOUND_ID_MAX + 1];
        memcpy(id, t->id, sizeof id);
        outbound_done done = t->done;
        void *owner = t->context;
        pthread_mutex_lock(&o->mutex);
        clear(t);
        pthread_mutex_unlock(&o->mutex);
        if (done != NULL) done(owner, id, &result);
    }
}

/* ---- creation ---- */

static err start(struct outbound *o)
{
    TRY(loop_wake_open(o->loop, &o->wake));
    for (; o->threads < o->transfers_max; o->threads++)
        if (pthread_create(&o->thread[o->threads], NULL, run_transfers, o) != 0)
            return ERR(NO_MEMORY);
    return OK;
}

err outbound_create(const struct outbound_options *options, struct outbound **ret_outbound)
{
    ENSURE(options->transfers_max >= 1 && options->transfers_max <= OUTBOUND_TRANSFERS_MAX);
    if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_malloc, wiping_free, wiping_realloc,
                             wiping_strdup, wiping_calloc) != CURLE_OK)
        return ERR(NO_MEMORY);
    struct outbound *o = calloc(1, sizeof *o);
    size_t answer_max = options->answer_max > 0 ? options->answer_max : OUTBOUND_ANSWER_MAX;
    size_t headers_max = options->answer_max > 0 ? OUTBOUND_HEADERS_MAX : 0;
    uint8_t *bodies = calloc(options->transfers_max, OUTBOUND_BODY_MAX);
    uint8_t *answers = calloc(options->transfers_max, answer_max + headers_max);
    if (o == NULL || bodies == NULL || answers == NULL) {
        free(answers);
        free(bodies);
        free(o);
        curl_global_cleanup();
        return ERR(NO_MEMORY);
    }
    o->loop = options->loop;
    o->transfers_max = options->transfers_max;
    o->bodies = bodies;
    o->answers = answers;
    o->wake = (struct loop_wake){.run = on_wake, .context = o};
    pthread_mutex_init(&o->mutex, NULL);
    pthread_cond_init(&o->work, NULL);
    for (unsigned i = 0; i < o->transfers_max; i++)
        o->transfer[i] =
            (struct transfer){.body = bodies + (size_t)i * OUTBOUND_BODY_MAX,
                              .stop = &o->stop,
                              .answer = answers + i * (answer_max + headers_max),
                              .answer_max = answer_max,
                              .headers = answers + i * (answer_max + headers_max) + answer_max,
                              .headers_max = headers_max};
    err e = start(o);
    if (FAILED(e)) {
        outbound_destroy(o);
        return e;
    }
    *ret_outbound = o;
    return OK;
}

void outbound_destroy(struct outbound *o)
{
    if (o == NULL) return;
    atomic_store(&o->stop, true);
    pthread_mutex_lock(&o->mutex);
    o->quit = true;
    pthread_cond_broadcast(&o->work);
    pthread_mutex_unlock(&o->mutex);
    for (unsigned i = 0; i < o->threads; i++) pthread_join(o->thread[i], NULL);
    loop_wake_close(&o->wake);
    for (unsigned i = 0; i < o->transfers_max; i++) clear(&o->transfer[i]);
    pthread_cond_destroy(&o->work);
    pthread_mutex_destroy(&o->mutex);
    free(o->answers);
    free(o->bodies);
    free(o);
    curl_global_cleanup();
}

unsigned outbound_room(const struct outbound *outbound)
{
    struct outbound *o = (struct outbound *)(uintptr_t)outbound; /* only its mutex changes */
    unsigned room = 0;
    pthread_mutex_lock(&o->mutex);
    for (unsigned i = 0; i < o->transfers_max; i++) room += o->transfer[i].state == TRANSFER_FREE;
    pthread_mutex_unlock(&o->mutex);
    return room;
}

/* ---- what mail and SMS both need ---- */

err outbound_reason(CURLcode code)
{
    switch ((int)code) {
    case CURLE_OK:
        return OK;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return ERR(REFUSED);
    case CURLE_OPERATION_TIMEDOUT:
        return ERR(TIMEOUT);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_USE_SSL_FAILED:
        return ERR(IDENTITY);
    case CURLE_LOGIN_DENIED:
        return ERR(DENIED);
    case CURLE_WRITE_ERROR: /* take_answer() had no room */
        return ERR(LENGTH);
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
        return ERR(CLOSED);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9 and the like */
        return ERR(FORMAT);
    case CURLE_OUT_OF_MEMORY:
        return ERR(NO_MEMORY);
    default:
        return ERR(IO);
    }
}

bool outbound_is_here(struct bytes host)
{
    static const char *const names[] = {"127.0.0.1", "localhost", "::1", "[::1]"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (bytes_equal(host, bytes_text(names[i]))) return true;
    return false;
}
