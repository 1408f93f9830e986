/* SPDX-License-Identifier: Apache-2.0 */
/* Two lists that take turns, and the jobs that are out with the threads. */
#include "backoffice/accounts/hashing.h"
#include "backoffice/accounts/turns.h"

#include <stdio.h>
#include <stdlib.h>

struct hashing {
    struct task task[2 * HASH_WAITING + HASH_THREADS_MAX];
    struct turns *turns;
    uint64_t lost[HASH_WAITING]; /* tickets that lost their places and are not answered yet */
    size_t lost_count;
    uint64_t last_id;
    unsigned running;
    bool strangers_turn;
};

static const struct task_rules *const rules[TASKS] = {
    [TASK_LOGIN] = &login_task,   [TASK_SETUP] = &setup_task,   [TASK_RESET] = &reset_task,
    [TASK_CHANGE] = &change_task, [TASK_FORCED] = &forced_task,
};

err hashing_open(struct backoffice *b)
{
    ENSURE(b->config.hash_threads >= 1 && b->config.hash_threads <= HASH_THREADS_MAX);
    b->hashing = calloc(1, sizeof *b->hashing);
    if (b->hashing == NULL) return ERR(NO_MEMORY);
    return turns_open(&b->config.random, &b->hashing->turns);
}

void hashing_close(struct backoffice *b)
{
    if (b->hashing == NULL) return;
    turns_close(b->hashing->turns);
    explicit_bzero(b->hashing, sizeof *b->hashing);
    free(b->hashing);
    b->hashing = NULL;
}

void task_from(const struct call *call, enum task_kind kind, struct task *ret_task)
{
    const struct backoffice_request *request = call->request;
    const char *agent = request->reader.header(request->reader.context, "User-Agent");
    *ret_task = (struct task){.kind = kind, .ticket = request->ticket, .realm = call->realm};
    snprintf(ret_task->address, sizeof ret_task->address, "%s", request->address);
    snprintf(ret_task->agent, sizeof ret_task->agent, "%s", agent == NULL ? "" : agent);
}

void task_wipe(struct task *task)
{
    explicit_bzero(task, sizeof *task);
}

/* Do these two share a place's owner? */
static bool same_owner(const struct task *a, const struct task *b)
{
    if (a->trusted != b->trusted) return false;
    return a->trusted ? a->account == b->account : strcmp(a->address, b->address) == 0;
}

/* Does `a` wait behind `b`? */
static bool is_behind(const struct task *a, const struct task *b)
{
    return a->debt_ms != b->debt_ms ? a->debt_ms > b->debt_ms : a->id > b->id;
}

/* The place of the stranger who is last in the list, when that one is behind `task`. */
static struct task *take_over(struct hashing *h, const struct task *task)
{
    struct task *last = NULL;
    if (task->trusted || h->lost_count == ARRAY_LEN(h->lost)) return NULL;
    for (size_t i = 0; i < ARRAY_LEN(h->task); i++) {
        struct task *t = &h->task[i];
        if (!t->used || t->running || t->trusted) continue;
        if (last == NULL || is_behind(t, last)) last = t;
    }
    if (last == NULL || last->debt_ms <= task->debt_ms) return NULL;
    h->lost[h->lost_count++] = last->ticket;
    task_wipe(last);
    return last;
}

static struct task *find_place(struct hashing *h, const struct task *task)
{
    size_t waiting = 0, own = 0;
    struct task *place = NULL;
    for (size_t i = 0; i < ARRAY_LEN(h->task); i++) {
        struct task *t = &h->task[i];
        if (!t->used) place = t;
        if (!t->used || t->running || t->trusted != task->trusted) continue;
        waiting++;
        if (same_owner(t, task)) own++;
    }
    if (own >= HASH_WAITING_EACH) return NULL;
    return waiting < HASH_WAITING ? place : take_over(h, task);
}

static void look_at_debts(struct hashing *h, int64_t now_ms)
{
    for (size_t i = 0; i < ARRAY_LEN(h->task); i++) {
        struct task *t = &h->task[i];
        if (t->used && !t->trusted) t->debt_ms = turns_debt(h->turns, t->network, now_ms);
    }
}

static void ask_for_turn(struct backoffice *b, struct task *task)
{
    struct turns *turns = b->hashing->turns;
    int64_t now_ms = backoffice_now_ms(b);
    task->network = turns_network(turns, task->address);
    turns_ask(turns, task->network, now_ms);
    task->debt_ms = turns_debt(turns, task->network, now_ms);
    look_at_debts(b->hashing, now_ms);
}

static void refuse_busy(struct http_response *response)
{
    http_response_error(response, 429, "busy", "too many at a time; try again in a moment");
    http_response_header(response, "Retry-After", "1");
}

void hashing_take(struct backoffice *b, struct task *task, struct http_response *response)
{
    struct hashing *h = b->hashing;
    if (!task->trusted) ask_for_turn(b, task);
    struct task *place = find_place(h, task);
    if (place == NULL) {
        refuse_busy(response);
    } else {
        *place = *task;
        place->used = true;
        place->id = ++h->last_id;
        response->later = true;
    }
    task_wipe(task);
}

/* The one of a list whose network has asked least, and of these who has waited longest. */
static struct task *first_of(struct hashing *h, bool trusted)
{
    struct task *first = NULL;
    for (size_t i = 0; i < ARRAY_LEN(h->task); i++) {
        struct task *t = &h->task[i];
        if (!t->used || t->running || t->trusted != trusted) continue;
        if (first == NULL || is_behind(first, t)) first = t;
    }
    return first;
}

static struct task *next_task(struct hashing *h)
{
    struct task *next = first_of(h, !h->strangers_turn);
    if (next == NULL) next = first_of(h, h->strangers_turn);
    if (next != NULL) h->strangers_turn = next->trusted;
    return next;
}

static err start_task(struct backoffice *b, struct task *task)
{
    char whose[PASSWORD_CONTEXT_MAX];
    task->running = true;
    b->hashing->running++;
    TRY(rules[task->kind]->start(b, task));
    snprintf(whose, sizeof whose, "account %lld", (long long)task->account);
    const struct backoffice_hash job = {
        .id = task->id,
        .whose = whose,
        .password = password_text_view(&task->password),
        .record = task->record,
        .chosen = password_text_view(&task->chosen),
        .old = (const char(*)[PASSWORD_RECORD_MAX])task->old,
        .old_count = task->old_count,
    };
    b->ports.hash(b->ports.context, &job);
    return OK;
}

/* At the end of an iteration: no answer is given from inside another request. */
static void answer_lost(struct backoffice *b)
{
    struct hashing *h = b->hashing;
    while (h->lost_count > 0) {
        struct http_response response = backoffice_later(b);
        refuse_busy(&response);
        backoffice_answer(b, h->lost[--h->lost_count], &response);
    }
}

err hashing_run(struct backoffice *b)
{
    struct hashing *h = b->hashing;
    answer_lost(b);
    while (h->running < b->config.hash_threads) {
        struct task *next = next_task(h);
        if (next == NULL) return OK;
        TRY(start_task(b, next));
    }
    return OK;
}

err backoffice_on_hashed(struct backoffice *b, const struct backoffice_hashed *result)
{
    struct hashing *h = b->hashing;
    for (size_t i = 0; i < ARRAY_LEN(h->task); i++) {
        struct task *task = &h->task[i];
        if (!task->used || !task->running || task->id != result->id) continue;
        struct http_response response = backoffice_later(b);
        err done = OK;
        if (FAILED(result->failure)) backoffice_unavailable(&response, result->failure);
        else done = rules[task->kind]->done(b, task, result, &response);
        h->running--;
        uint64_t ticket = task->ticket;
        task_wipe(task);
        TRY(done);
        backoffice_answer(b, ticket, &response);
        return hashing_run(b);
    }
    ENSURE(false); /* a result of nobody's job */
    return ERR(NOT_FOUND);
}

/* ---- the job itself, in a thread or in a test ---- */

static err reused(const struct backoffice_hash *job, struct password_owner owner, bool *ret_reused)
{
    *ret_reused = false;
    for (size_t i = 0; i < job->old_count && !*ret_reused; i++)
        TRY(password_verify(owner, job->chosen, bytes_text(job->old[i]), ret_reused));
    return OK;
}

static err run_job(const struct backoffice_hash *job, struct password_cost cost,
                   const struct random *random, struct password_owner owner,
                   struct backoffice_hashed *out)
{
    out->right = true;
    if (job->record[0] != '\0') {
        out->right = false;
        if (job->password.len > 0)
            TRY(password_verify(owner, job->password, bytes_text(job->record), &out->right));
    }
    if (!out->right) return OK;
    if (job->chosen.len == 0) { /* a log-in: costs may have been raised since it was set */
        if (!password_outdated(bytes_text(job->record), cost)) return OK;
        return password_hash(cost, random, owner, job->password, out->record);
    }
    TRY(reused(job, owner, &out->reused));
    if (out->reused) return OK;
    return password_hash(cost, random, owner, job->chosen, out->record);
}

void backoffice_hash_run(const struct backoffice_hash *job, struct password_cost cost,
                         const struct random *random, struct password_keyed keyed,
                         struct backoffice_hashed *ret_result)
{
    struct backoffice_hashed out = {.id = job->id};
    const struct password_owner owner = {.context = bytes_text(job->whose), .keyed = keyed};
    out.failure = run_job(job, cost, random, owner, &out);
    *ret_result = out;
}
