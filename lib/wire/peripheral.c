/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, writing what the device takes, reading what it says, and trying again. */
#include "lib/wire/peripheral.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "lib/base/reader.h"
#include "lib/wire/hid_descriptor.h"
#include "lib/wire/socket.h"

_Static_assert(PERIPHERAL_READ == HID_REPORT_MAX + 1, "a report and its number");

/* ---- the text of an address ---- */

static const struct {
    uint32_t baud;
    speed_t speed;
} rates[] = {{1200, B1200},   {2400, B2400},   {4800, B4800},   {9600, B9600},
             {19200, B19200}, {38400, B38400}, {57600, B57600}, {115200, B115200}};

static bool speed_of(uint32_t baud, speed_t *ret_speed)
{
    for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
        if (rates[i].baud != baud) continue;
        *ret_speed = rates[i].speed;
        return true;
    }
    return false;
}

/* All of `text`, 1 .. max; 0 when it is no such number. */
static uint32_t number_of(const char *text, uint32_t max)
{
    struct reader digits = reader_over(bytes_text(text));
    size_t count = strlen(text);
    uint64_t value = count >= 1 && count <= 6 ? read_digits(&digits, count) : 0;
    return digits.fault == ERR_OK && value <= max ? (uint32_t)value : 0;
}

/* What stands before the last `mark` becomes the path; what stands behind it, or NULL, is returned.
 */
static const char *split(const char *text, char mark, struct peripheral_address *a)
{
    const char *at = strrchr(text, mark);
    size_t len = at == NULL ? strlen(text) : (size_t)(at - text);
    if (FAILED(bytes_to_text(bytes_of(text, len), a->path, sizeof a->path))) a->path[0] = '\0';
    return at == NULL ? NULL : at + 1;
}

err peripheral_parse(const char *text, struct peripheral_address *out)
{
    static const struct {
        const char *scheme;
        enum peripheral_kind kind;
        char mark; /* before the port or the rate; 0: there is none */
    } forms[] = {{"tcp:", PERIPHERAL_TCP, ':'},
                 {"serial:", PERIPHERAL_SERIAL, ','},
                 {"usb:", PERIPHERAL_FILE, '\0'},
                 {"keys:", PERIPHERAL_KEYS, '\0'},
                 {"hid:", PERIPHERAL_HID, '\0'}};
    struct peripheral_address a = {.baud = 9600};
    speed_t speed;
    size_t i = 0;
    while (i < ARRAY_LEN(forms) && strncmp(text, forms[i].scheme, strlen(forms[i].scheme)) != 0)
        i++;
    if (i == ARRAY_LEN(forms)) return ERR(CONFIG);
    a.kind = forms[i].kind;
    const char *more = split(text + strlen(forms[i].scheme), forms[i].mark, &a);
    if (a.path[0] == '\0') return ERR(CONFIG);
    if (a.kind == PERIPHERAL_TCP) {
        a.port = (uint16_t)(more == NULL ? 0 : number_of(more, UINT16_MAX));
        if (a.port == 0) return ERR(CONFIG);
    } else if (a.path[0] != '/') {
        return ERR(CONFIG);
    }
    if (a.kind == PERIPHERAL_SERIAL && more != NULL) {
        a.baud = number_of(more, rates[ARRAY_LEN(rates) - 1].baud);
        if (!speed_of(a.baud, &speed)) return ERR(CONFIG);
    }
    *out = a;
    return OK;
}

/* ---- opening ---- */

static void shut(struct peripheral *p)
{
    loop_unwatch(p->loop, &p->watch);
    if (p->fd >= 0) (void)close(p->fd);
    p->fd = -1;
    p->connecting = false;
    explicit_bzero(p->queue, p->queued); /* receipts, and what a scanner was told */
    p->queued = 0;
}

/* Again later. That no timer is free is impossible: it was reserved with the one before. */
static void lose(struct peripheral *p, const char *why)
{
    shut(p);
    if (FAILED(loop_timer_set(p->loop, &p->again, PERIPHERAL_AGAIN_MS)))
        ensure_failed(__FILE__, __LINE__, "a timer that fired can be set again");
    if (p->said_lost) return;
    p->said_lost = true;
    p->events.lost(p->events.context, why);
}

static err raw_line(int fd, uint32_t baud)
{
    struct termios line;
    speed_t speed;
    if (!speed_of(baud, &speed)) return ERR(CONFIG);
    if (tcgetattr(fd, &line) != 0) return ERR(IO);
    cfmakeraw(&line);
    line.c_cflag |= CLOCAL | CREAD;
    line.c_cflag &= ~(tcflag_t)(CRTSCTS | CSTOPB);
    if (cfsetispeed(&line, speed) != 0 || cfsetospeed(&line, speed) != 0) return ERR(IO);
    return tcsetattr(fd, TCSANOW, &line) == 0 ? OK : ERR(IO);
}

static err open_path(const struct peripheral_address *a, int *ret_fd)
{
    int how = a->kind == PERIPHERAL_KEYS ? O_RDONLY : O_RDWR;
    int fd = open(a->path, how | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return errno == EACCES || errno == EPERM ? ERR(DENIED) : ERR(NOT_FOUND);
    err e = OK;
    if (a->kind == PERIPHERAL_SERIAL) e = raw_line(fd, a->baud);
    /* Ungrabbed, a card's number would be typed into whatever window has the focus. */
    if (a->kind == PERIPHERAL_KEYS && ioctl(fd, EVIOCGRAB, 1) != 0) e = ERR(BUSY);
    if (FAILED(e)) {
        (void)close(fd);
        return e;
    }
    *ret_fd = fd;
    return OK;
}

/* Opens it and has its owner look at what it says of itself. */
static err open_hid(struct peripheral *p, int *ret_fd, const char **ret_why)
{
    const struct hid_calls *calls = p->hid != NULL ? p->hid : &hid_kernel;
    uint8_t descriptor[HID_DESCRIPTOR_MAX];
    size_t len = 0;
    int fd = -1;
    TRY(calls->open(calls->context, p->address.path, &fd));
    err e = calls->describe(calls->context, fd, descriptor, sizeof descriptor, &len);
    if (!FAILED(e)) {
        *ret_why = p->events.described(p->events.context, bytes_of(descriptor, len));
        if (*ret_why != NULL) e = ERR(UNSUPPORTED);
    }
    if (FAILED(e)) {
        (void)close(fd);
        return e;
    }
    *ret_fd = fd;
    return OK;
}

static err open_device(struct peripheral *p, int *ret_fd, const char **ret_why)
{
    const struct peripheral_address *a = &p->address;
    if (a->kind == PERIPHERAL_TCP) return socket_connect_tcp(a->path, a->port, ret_fd);
    return a->kind == PERIPHERAL_HID ? open_hid(p, ret_fd, ret_why) : open_path(a, ret_fd);
}

static void is_open(struct peripheral *p)
{
    p->connecting = false;
    p->said_lost = false;
    p->events.opened(p->events.context);
}

static void try_to_open(void *context)
{
    struct peripheral *p = context;
    const char *why = NULL;
    int fd = -1;
    err e = open_device(p, &fd, &why);
    p->connecting = e.code == ERR_AGAIN;
    if (FAILED(e) && !p->connecting) {
        lose(p, why != NULL ? why : err_text(e));
        return;
    }
    p->fd = fd;
    e = loop_watch(p->loop, &p->watch, fd, LOOP_READ | (p->connecting ? LOOP_WRITE : 0));
    if (FAILED(e)) lose(p, err_text(e));
    else if (!p->connecting) is_open(p);
}

/* ---- bytes ---- */

static void write_on(struct peripheral *p)
{
    size_t sent = 0;
    while (sent < p->queued) {
        ssize_t n = write(p->fd, p->queue + sent, p->queued - sent);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno == EAGAIN) break;
        if (n <= 0) {
            lose(p, "it takes no more bytes");
            return;
        }
        sent += (size_t)n;
    }
    memmove(p->queue, p->queue + sent, p->queued - sent);
    p->queued -= sent;
    err e = loop_watch_change(p->loop, &p->watch, LOOP_READ | (p->queued > 0 ? LOOP_WRITE : 0));
    if (FAILED(e)) lose(p, err_text(e));
}

/* One read for each turn: a device that never stops talking must not stop the loop. */
static void read_on(struct peripheral *p)
{
    uint8_t block[PERIPHERAL_READ];
    ssize_t n = read(p->fd, block, sizeof block);
    if (n > 0) p->events.taken(p->events.context, bytes_of(block, (size_t)n));
    explicit_bzero(block, sizeof block); /* a scanner may have read what somebody pays with */
    if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) return;
    if (p->in_use) lose(p, n == 0 ? "it has ended the connection" : "it cannot be read");
}

static void ready(void *context, unsigned events)
{
    struct peripheral *p = context;
    if (p->connecting) {
        err e = socket_connected(p->fd);
        if (FAILED(e)) {
            lose(p, err_text(e));
            return;
        }
        is_open(p);
        if (p->fd >= 0 && !p->connecting) write_on(p);
        return;
    }
    if (events & (LOOP_READ | LOOP_HANGUP)) read_on(p);
    if ((events & LOOP_WRITE) && p->fd >= 0) write_on(p);
}

err peripheral_open(struct loop *loop, const struct peripheral_address *address,
                    const struct peripheral_events *events, struct peripheral *p)
{
    if (address->kind == PERIPHERAL_HID && events->described == NULL) return ERR(CONFIG);
    p->loop = loop;
    p->address = *address;
    p->events = *events;
    p->fd = -1;
    p->watch = (struct loop_watch){.ready = ready, .context = p, .fd = -1};
    p->again = (struct loop_timer){.run = try_to_open, .context = p};
    TRY(loop_timer_set(loop, &p->again, 0));
    p->in_use = true;
    return OK;
}

err peripheral_send(struct peripheral *p, struct bytes bytes)
{
    if (!peripheral_is_open(p)) return ERR(CLOSED);
    if (bytes.len > sizeof p->queue - p->queued) return ERR(FULL);
    memcpy(p->queue + p->queued, bytes.at, bytes.len);
    p->queued += bytes.len;
    return loop_watch_change(p->loop, &p->watch, LOOP_READ | LOOP_WRITE);
}

bool peripheral_is_open(const struct peripheral *p)
{
    return p->in_use && p->fd >= 0 && !p->connecting;
}

bool peripheral_idle(const struct peripheral *p)
{
    return peripheral_is_open(p) && p->queued == 0;
}

void peripheral_close(struct peripheral *p)
{
    if (!p->in_use) return;
    p->in_use = false;
    shut(p);
    loop_timer_cancel(p->loop, &p->again);
}
