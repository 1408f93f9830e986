/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks: messages under way. A free list over a table; a place carries a generation, so an answer
 * of the hsm to an earlier user of the place is told apart.
 */
#include "acquirer/host.h"

struct task *task_new(struct acquirer *a, enum task_phase phase, uint32_t terminal)
{
    ENSURE(phase != TASK_FREE);
    uint32_t place = a->task_free;
    if (place != INDEX_NONE) {
        a->task_free = a->task[place].next_free;
    } else {
        if (a->task_top == a->limits.tasks) return NULL;
        place = a->task_top++;
    }
    struct task *task = &a->task[place];
    ENSURE(task->phase == TASK_FREE);
    uint32_t generation = task->generation + 1;
    memset(task, 0, offsetof(struct task, out)); /* `out` was wiped when its last user ended */
    task->phase = phase;
    task->generation = generation;
    task->terminal = terminal;
    task->next_free = INDEX_NONE;
    task->started_ms = host_monotonic_ms(a);
    a->task_count++;
    return task;
}

static void owe_nothing(struct acquirer *a, const struct waiter *waiter)
{
    struct session *session = &a->session[waiter->session];
    if (!session->open || session->id != waiter->session_id) return;
    ENSURE(session->under_way > 0);
    session->under_way--;
}

void task_forget_waiters(struct acquirer *a, struct task *task)
{
    for (size_t i = 0; i < task->waiters; i++) owe_nothing(a, &task->waiter[i]);
    task->waiters = 0;
}

void task_free(struct acquirer *a, struct task *task)
{
    ENSURE(task->phase != TASK_FREE);
    task_leave_network(a, task);
    task_forget_waiters(a, task);
    explicit_bzero(task->out, task->out_len);
    explicit_bzero(task->payment_code, sizeof task->payment_code);
    task->out_len = 0;
    task->phase = TASK_FREE;
    task->next_free = a->task_free;
    a->task_free = task_place(a, task);
    ENSURE(a->task_count > 0);
    a->task_count--;
}

void task_wait(struct acquirer *a, struct task *task, struct session *session,
               const struct iso8583_frame_header *header)
{
    ENSURE(session->open);
    if (task->waiters == ACQUIRER_WAITERS) {
        owe_nothing(a, &task->waiter[0]);
        memmove(&task->waiter[0], &task->waiter[1], sizeof task->waiter - sizeof task->waiter[0]);
        task->waiters--;
    }
    task->waiter[task->waiters++] =
        (struct waiter){(uint32_t)(session - a->session), session->id, *header};
    session->under_way++;
}

void task_await_network(struct acquirer *a, struct task *task)
{
    ENSURE(task->rrn_number != 0);
    index_add(&a->task_by_rrn, task->rrn_number, task_place(a, task));
}

void task_leave_network(struct acquirer *a, struct task *task)
{
    if (task->rrn_number == 0) return;
    if (index_find(&a->task_by_rrn, task->rrn_number) != task_place(a, task)) return;
    index_remove(&a->task_by_rrn, task->rrn_number);
}
