/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets: each function is one step with its errno told apart into the errors a caller acts on. */
#include "lib/wire/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

static err from_errno(int number)
{
    switch (number) {
    case EAGAIN:
    case EINTR:
    case EINPROGRESS:
        return ERR(AGAIN);
    case EADDRINUSE:
        return ERR(BUSY);
    case EACCES:
    case EPERM:
        return ERR(DENIED);
    case ECONNREFUSED:
    case ENOENT:
    case EHOSTUNREACH:
    case ENETUNREACH:
        return ERR(REFUSED);
    case ETIMEDOUT:
        return ERR(TIMEOUT);
    case EPIPE:
    case ECONNRESET:
    case ECONNABORTED:
        return ERR(CLOSED);
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return ERR(FULL);
    case EADDRNOTAVAIL:
        return ERR(CONFIG);
    default:
        return ERR(IO);
    }
}

static err parse_tcp(const char *text, uint16_t port, union address *out, socklen_t *ret_len)
{
    union address parsed = {0};
    if (inet_pton(AF_INET, text, &parsed.v4.sin_addr) == 1) {
        parsed.v4.sin_family = AF_INET;
        parsed.v4.sin_port = htons(port);
        *ret_len = sizeof parsed.v4;
    } else if (inet_pton(AF_INET6, text, &parsed.v6.sin6_addr) == 1) {
        parsed.v6.sin6_family = AF_INET6;
        parsed.v6.sin6_port = htons(port);
        *ret_len = sizeof parsed.v6;
    } else {
        return ERR(CONFIG);
    }
    *out = parsed;
    return OK;
}

static err parse_unix(const char *path, union address *out)
{
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof out->local.sun_path) return ERR(CONFIG);
    *out = (union address){0};
    out->local.sun_family = AF_UNIX;
    memcpy(out->local.sun_path, path, len + 1);
    return OK;
}

static err open_socket(int family, int *ret_fd)
{
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return from_errno(errno);
    *ret_fd = fd;
    return OK;
}

static void set_no_delay(int fd)
{
    const int on = 1;
    /* Fails on a socket that is not TCP, and on one whose peer is gone: both are no news here. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void socket_quick_ack(int fd)
{
    const int on = 1;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on); /* as above */
}

static err bind_tcp(int fd, const union address *to, socklen_t len, uint16_t *ret_port)
{
    const int on = 1;
    union address bound = {0};
    socklen_t bound_len = sizeof bound;
    /* After a restart the port is free although old connections linger; a live listener still
     * makes bind fail. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return from_errno(errno);
    if (bind(fd, &to->any, len) != 0) return from_errno(errno);
    if (listen(fd, BACKLOG) != 0) return from_errno(errno);
    if (getsockname(fd, &bound.any, &bound_len) != 0) return from_errno(errno);
    *ret_port = ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
    return OK;
}

err socket_listen_tcp(const char *address, uint16_t port, int *ret_fd, uint16_t *ret_port)
{
    union address to;
    socklen_t len = 0;
    int fd = -1;
    TRY(parse_tcp(address, port, &to, &len));
    TRY(open_socket(to.any.sa_family, &fd));
    err e = bind_tcp(fd, &to, len, ret_port);
    if (FAILED(e)) {
        close(fd);
        return e;
    }
    *ret_fd = fd;
    return OK;
}

/* A socket file nobody listens on is what a dead process has left. */
static err remove_leftover(const union address *at)
{
    int fd = -1;
    TRY(open_socket(AF_UNIX, &fd));
    int done = connect(fd, &at->any, sizeof at->local);
    int number = errno;
    close(fd);
    if (done == 0 || number != ECONNREFUSED) return ERR(BUSY);
    return unlink(at->local.sun_path) == 0 ? OK : from_errno(errno);
}

static err bind_unix(int fd, const union address *at)
{
    if (bind(fd, &at->any, sizeof at->local) != 0) {
        if (errno != EADDRINUSE) return from_errno(errno);
        TRY(remove_leftover(at));
        if (bind(fd, &at->any, sizeof at->local) != 0) return from_errno(errno);
    }
    /* Nobody can connect before listen(), so there is no moment at which the mode is wrong. */
    if (chmod(at->local.sun_path, 0600) != 0) return from_errno(errno);
    return listen(fd, BACKLOG) == 0 ? OK : from_errno(errno);
}

err socket_listen_unix(const char *path, int *ret_fd)
{
    union address at;
    int fd = -1;
    TRY(parse_unix(path, &at));
    TRY(open_socket(AF_UNIX, &fd));
    err e = bind_unix(fd, &at);
    if (FAILED(e)) {
        close(fd);
        return e;
    }
    *ret_fd = fd;
    return OK;
}

static err begin_connect(int fd, const union address *to, socklen_t len, int *ret_fd)
{
    err e = connect(fd, &to->any, len) == 0 ? OK : from_errno(errno);
    /* A Unix socket whose queue is full says EAGAIN and will never say more: that is a refusal. */
    if (e.code == ERR_AGAIN && to->any.sa_family == AF_UNIX) e = ERR(REFUSED);
    if (FAILED(e) && e.code != ERR_AGAIN) {
        close(fd);
        return e;
    }
    *ret_fd = fd;
    return e;
}

/* By an address of its own, which the machine's routes follow, or by an interface. */
static err leave_by(int fd, const char *from)
{
    union address own;
    socklen_t len = 0;
    bool is_address = !FAILED(parse_tcp(from, 0, &own, &len));
    int done = is_address
                   ? bind(fd, &own.any, len)
                   : setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, from, (socklen_t)strlen(from));
    if (done == 0) return OK;
    return errno == EPERM ? ERR(DENIED) : ERR(REFUSED);
}

err socket_connect_tcp_from(const char *from, const char *address, uint16_t port, int *ret_fd)
{
    union address to;
    socklen_t len = 0;
    int fd = -1;
    TRY(parse_tcp(address, port, &to, &len));
    TRY(open_socket(to.any.sa_family, &fd));
    set_no_delay(fd);
    err e = from == NULL ? OK : leave_by(fd, from);
    if (!FAILED(e)) return begin_connect(fd, &to, len, ret_fd);
    close(fd);
    return e;
}

err socket_connect_tcp(const char *address, uint16_t port, int *ret_fd)
{
    return socket_connect_tcp_from(NULL, address, port, ret_fd);
}

err socket_connect_unix(const char *path, int *ret_fd)
{
    union address to;
    int fd = -1;
    TRY(parse_unix(path, &to));
    TRY(open_socket(AF_UNIX, &fd));
    return begin_connect(fd, &to, sizeof to.local, ret_fd);
}

err socket_pair(int ret_fds[2])
{
    int made = socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ret_fds);
    return made == 0 ? OK : ERR(IO);
}

err socket_connected(int fd)
{
    int number = 0;
    socklen_t len = sizeof number;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &len) != 0) return ERR(IO);
    return number == 0 ? OK : from_errno(number);
}

err socket_accept(int listener, int *ret_fd)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            set_no_delay(fd);
            *ret_fd = fd;
            return OK;
        }
        /* Whoever gave up while waiting in the queue is passed over. */
        if (errno != ECONNABORTED && errno != EINTR) return from_errno(errno);
    }
}

static bool peer_credentials(int fd, struct ucred *out)
{
    socklen_t len = sizeof *out;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, out, &len) == 0;
}

err socket_same_user(int fd)
{
    struct ucred peer;
    if (!peer_credentials(fd, &peer)) return ERR(IO);
    return peer.uid == 0 || peer.uid == geteuid() ? OK : ERR(IDENTITY);
}

void socket_peer_text(int fd, char out[SOCKET_ADDRESS_TEXT_MAX])
{
    union address peer = {0};
    socklen_t len = sizeof peer;
    char text[INET6_ADDRSTRLEN] = "?";
    struct ucred who;
    if (getpeername(fd, &peer.any, &len) != 0) peer.any.sa_family = AF_UNSPEC;
    if (peer.any.sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &peer.v4.sin_addr, text, sizeof text);
        (void)snprintf(out, SOCKET_ADDRESS_TEXT_MAX, "%s:%u", text, ntohs(peer.v4.sin_port));
    } else if (peer.any.sa_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &peer.v6.sin6_addr, text, sizeof text);
        (void)snprintf(out, SOCKET_ADDRESS_TEXT_MAX, "[%s]:%u", text, ntohs(peer.v6.sin6_port));
    } else if (peer_credentials(fd, &who)) {
        (void)snprintf(out, SOCKET_ADDRESS_TEXT_MAX, "unix:%d", (int)who.pid);
    } else {
        (void)snprintf(out, SOCKET_ADDRESS_TEXT_MAX, "?");
    }
}

err socket_read(int fd, void *at, size_t max, size_t *ret_len)
{
    ssize_t len = recv(fd, at, max, 0);
    if (len < 0) return from_errno(errno);
    if (len == 0) return ERR(CLOSED);
    *ret_len = (size_t)len;
    return OK;
}

err socket_write(int fd, struct bytes b, size_t *ret_len)
{
    ssize_t len = send(fd, b.at, b.len, MSG_NOSIGNAL);
    if (len < 0) return from_errno(errno);
    *ret_len = (size_t)len;
    return OK;
}
