/* SPDX-License-Identifier: Apache-2.0 */
/* The child: namespaces, pcscd, a loop with two cards, and a pipe with orders of two bytes. */
#include "tests/protocol/reader_process.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/wire/loop.h"
#include "simulators/cards/plug.h"

/* Contacts, T=1; and as a reader makes one up for a card in its field. */
static const uint8_t contact_atr[] = {0x3B, 0xE4, 0x00, 0x00, 0x81, 0x31, 0x20,
                                      0x45, 'T',  'E',  'S',  'T',  0x27};
static const uint8_t field_atr[] = {0x3B, 0x84, 0x80, 0x01, 'T', 'E', 'S', 'T', 0x13};

struct child {
    struct loop *loop;
    struct plug *plug;
    struct loop_watch orders;
    const char *directory;
    pid_t pcscd;
};

static void no_power(void *context, bool on)
{
    (void)context;
    (void)on;
}

static int obey(void *context, struct bytes command, struct writer *answer)
{
    (void)context;
    if (command.len > 4 && command.at[1] == READER_ECHO) {
        write_bytes(answer, bytes_of(command.at + 5, command.len - 5));
    }
    write_be(answer, 0x9000, 2);
    if (command.at[1] == READER_BROKEN) *answer = writer_over(answer->at, answer->max);
    if (command.at[1] == READER_BROKEN) write_be(answer, 0x9090, 2);
    return command.at[1] == READER_SILENT ? 3600 * 1000 : 0;
}

static void on_order(void *context, unsigned events)
{
    struct child *c = context;
    uint8_t order[2];
    (void)events;
    if (read(c->orders.fd, order, sizeof order) != (ssize_t)sizeof order) _exit(0);
    const struct plug_card card = {.atr =
                                       order[1] == 0 ? BYTES_OF(contact_atr) : BYTES_OF(field_atr),
                                   .power = no_power,
                                   .command = obey};
    if (order[0] == 'i') plug_insert(c->plug, order[1], &card);
    if (order[0] == 'r') plug_remove(c->plug, order[1]);
    if (order[0] == 'u') reader_host_stop(c->pcscd);
    if (order[0] == 'p' && FAILED(reader_host_start(c->directory, &c->pcscd))) _exit(3);
}

static _Noreturn void run(const char *directory, uid_t uid, int orders, int said)
{
    struct process_fault fault = {""};
    struct child c = {.directory = directory};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (uid != 0 && (setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0)) _exit(4);
    if (uid != 0) (void)prctl(PR_SET_DUMPABLE, 1); /* as a program of that user would be */
    err done = reader_host_enter(directory, &fault);
    if (!FAILED(done)) done = reader_host_start(directory, &c.pcscd);
    ssize_t told = write(said, fault.text, strlen(fault.text));
    close(said);
    if (FAILED(done) || told < 0) _exit(5);
    struct loop_options options = {.clock = clock_system()};
    c.orders = (struct loop_watch){.ready = on_order, .context = &c};
    if (FAILED(loop_create(&options, &c.loop))) _exit(6);
    if (FAILED(plug_open(c.loop, READER_HOST_PORT, &c.plug))) _exit(6);
    if (FAILED(loop_watch(c.loop, &c.orders, orders, LOOP_READ))) _exit(6);
    _exit(FAILED(loop_run(c.loop)) ? 7 : 0);
}

void reader_process_start(struct reader_process *p, const char *directory, uid_t uid)
{
    int orders[2], said[2];
    *p = (struct reader_process){.orders = -1};
    snprintf(p->directory, sizeof p->directory, "%s", directory);
    assert_ok(reader_host_socket(directory, p->socket, sizeof p->socket));
    if (uid != 0) assert_int_equal(chown(directory, uid, uid), 0);
    assert_int_equal(pipe(orders), 0);
    assert_int_equal(pipe(said), 0);
    p->pid = fork();
    if (p->pid == 0) {
        close(orders[1]);
        close(said[0]);
        run(directory, uid, orders[0], said[1]);
    }
    close(orders[0]);
    close(said[1]);
    p->orders = orders[1];
    assert_true(p->pid > 0);
    ssize_t len = read(said[0], p->why_not, sizeof p->why_not - 1);
    assert_true(len >= 0);
    close(said[0]);
}

void reader_process_order(const struct reader_process *p, char what, unsigned slot)
{
    const uint8_t order[2] = {(uint8_t)what, (uint8_t)slot};
    assert_int_equal(write(p->orders, order, sizeof order), sizeof order);
}

void reader_process_kill(struct reader_process *p)
{
    if (p->pid <= 0) return;
    assert_int_equal(kill(p->pid, SIGKILL), 0);
    assert_int_equal(waitpid(p->pid, NULL, 0), p->pid);
    close(p->orders);
    p->pid = 0;
}

pid_t reader_process_pcscd(const struct reader_process *p)
{
    char path[128];
    int pid = 0;
    snprintf(path, sizeof path, "%s/run/pcscd.pid", p->directory);
    FILE *file = fopen(path, "re");
    if (file == NULL) return 0;
    char text[16] = "";
    if (fgets(text, sizeof text, file) != NULL) pid = (int)strtol(text, NULL, 10);
    (void)fclose(file);
    return pid;
}
