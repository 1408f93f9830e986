/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in slots in the test of tongbao-update's `run`: a program that does what the last 16
 * bytes of its own file say ("healthy", "crashes", "silent"), writes down its life, and
 * hands over the assignment that lies in a file.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MARK = 16, ASSIGNMENT_MAX = 8192, AGAIN = 75 };

static const char *log_file, *assign_file;
static int line_fd = -1, ready_fd = -1;

static void note(const char *what)
{
    char text[256];
    int fd = open(log_file, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int len = snprintf(text, sizeof text, "%s\n", what);
    if (fd < 0 || write(fd, text, (size_t)len) != len) exit(3);
    close(fd);
}

static void read_mark(char out[MARK + 1])
{
    int fd = open("/proc/self/exe", O_RDONLY);
    if (fd < 0 || lseek(fd, -MARK, SEEK_END) < 0 || read(fd, out, MARK) != MARK) exit(4);
    close(fd);
    out[MARK] = '\0';
}

static void say(const char *text)
{
    size_t len = strlen(text);
    if (write(line_fd, text, len) != (ssize_t)len) exit(5);
}

/* Once for each file that is laid there. */
static void hand_over(void)
{
    static char line[2 * ASSIGNMENT_MAX + 16];
    unsigned char raw[ASSIGNMENT_MAX];
    int fd = open(assign_file, O_RDONLY);
    if (fd < 0) return;
    ssize_t len = read(fd, raw, sizeof raw);
    close(fd);
    if (len <= 0 || unlink(assign_file) != 0) return;
    size_t at = (size_t)snprintf(line, sizeof line, "assign ");
    for (ssize_t i = 0; i < len; i++)
        at += (size_t)snprintf(line + at, sizeof line - at, "%02x", raw[i]);
    snprintf(line + at, sizeof line - at, "\n");
    say(line);
}

/* "facts IMAGE STATE WAITING REFUSED WHY" */
static void hear(char *text)
{
    for (char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1) {
        *end = '\0';
        note(at);
        const char *healthy = strstr(at, " healthy ");
        if (healthy != NULL && strtoull(healthy + 9, NULL, 10) > 0) exit(AGAIN);
    }
}

static void live(void)
{
    for (;;) {
        char text[4096];
        struct pollfd p = {.fd = line_fd, .events = POLLIN};
        hand_over();
        if (poll(&p, 1, 20) <= 0) continue;
        ssize_t len = read(line_fd, text, sizeof text - 1);
        if (len <= 0) exit(0);
        text[len] = '\0';
        hear(text);
    }
}

int main(int argc, char **argv)
{
    char mark[MARK + 1], started[64];
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--log") == 0) log_file = argv[i + 1];
        if (strcmp(argv[i], "--assign") == 0) assign_file = argv[i + 1];
        if (strcmp(argv[i], "--updater-fd") == 0) line_fd = (int)strtol(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--ready-fd") == 0) ready_fd = (int)strtol(argv[i + 1], NULL, 10);
    }
    if (log_file == NULL || assign_file == NULL || line_fd < 0) return 2;
    read_mark(mark);
    snprintf(started, sizeof started, "started %s", mark);
    note(started);
    if (strncmp(mark, "crashes", 7) == 0) abort();
    if (ready_fd >= 0 && write(ready_fd, "ready port=1234\n", 16) < 0) return 6;
    if (ready_fd >= 0) close(ready_fd);
    if (strncmp(mark, "silent", 6) != 0) say("healthy\n");
    live();
}
