/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many commands a second an hsm takes over its socket, and what one costs it: made for a
 * running `tongbao-hsm --development`. Commands are written in batches, as the acquirer does. S195
 *
 *   hsm_bench SOCKET [COMMANDS [BATCH]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/crypto/delivery.h"
#include "lib/crypto/envelope.h"
#include "lib/crypto/mac.h"
#include "lib/crypto/pin.h"
#include "lib/wire/hsm_protocol.h"

enum { BATCH_MAX = 256, TERMINALS = 64 };

static void check(bool good, const char *what)
{
    if (good) return;
    fprintf(stderr, "hsm_bench: %s\n", what);
    exit(1);
}

struct client {
    int fd;
    long pid;
    uint8_t out[BATCH_MAX * HSM_FRAME_MAX], in[BATCH_MAX * HSM_FRAME_MAX];
};

static void read_exactly(int fd, uint8_t *at, size_t len)
{
    while (len > 0) {
        ssize_t got = read(fd, at, len);
        check(got > 0, "the hsm has closed the connection");
        at += got;
        len -= (size_t)got;
    }
}

static void client_connect(struct client *c, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct ucred peer;
    socklen_t len = sizeof peer;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(connect(c->fd, (struct sockaddr *)&address, sizeof address) == 0, "nobody listens there");
    check(getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0, "no peer");
    c->pid = peer.pid;
}

/* One frame behind its length; the answer is a view of the client's buffer. */
static struct bytes client_call(struct client *c, struct bytes request)
{
    struct writer w = writer_over(c->out, sizeof c->out);
    write_prefixed(&w, 4, request);
    check(write(c->fd, c->out, w.len) == (ssize_t)w.len, "cannot write");
    read_exactly(c->fd, c->in, 4);
    struct reader r = reader_over(bytes_of(c->in, 4));
    size_t len = read_be(&r, 4);
    check(len <= HSM_FRAME_MAX, "answer too long");
    read_exactly(c->fd, c->in, len);
    return bytes_of(c->in, len);
}

/* CPU microseconds that the hsm has used so far. */
static double hsm_cpu_us(const struct client *c)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%ld/schedstat", c->pid);
    FILE *file = fopen(path, "r");
    check(file != NULL && fgets(line, sizeof line, file) != NULL, "cannot read schedstat");
    fclose(file);
    return (double)strtoull(line, NULL, 10) / 1000;
}

struct text {
    uint8_t at[HSM_KEY_BLOCK_MAX];
    size_t len;
};

static struct bytes view(const struct text *text)
{
    return bytes_of(text->at, text->len);
}

static struct reader answer_body(struct bytes answer)
{
    struct reader r = reader_over(answer);
    struct hsm_header header;
    enum hsm_status status;
    check(!FAILED(hsm_read_answer(&r, &header, &status)), "malformed answer");
    check(status == HSM_OK, hsm_status_text(status));
    return r;
}

static struct text keep(struct bytes b)
{
    struct text text = {.len = b.len};
    check(b.len <= sizeof text.at, "key block too long");
    memcpy(text.at, b.at, b.len);
    return text;
}

static struct text make_key(struct client *c, uint8_t usage, const struct key *known)
{
    uint8_t block[512];
    struct writer w = writer_over(block, sizeof block);
    const struct hsm_make_key m = {usage,
                                   HSM_SUITE_TONGBAO,
                                   BYTES("bench"),
                                   {0},
                                   known == NULL ? (struct bytes){0} : secret_view(&known->value)};
    hsm_write_header(&w, known == NULL ? HSM_MAKE_KEY : HSM_IMPORT_KEY, 0);
    hsm_write_make_key(&w, &m);
    struct reader r = answer_body(client_call(c, writer_view(&w)));
    struct hsm_key_answer answer;
    check(!FAILED(hsm_read_key_answer(&r, &answer)), "malformed answer");
    return keep(answer.block);
}

struct terminal {
    struct working_keys keys;
    struct text pin_block, mac_block, data_block;
};

static void sign_in(struct client *c, struct crypto *crypto, struct terminal *t)
{
    struct key master = {0};
    key_generate(crypto, KEY_AES128, KEY_USAGE_TERMINAL_MASTER, &master);
    struct text block = make_key(c, HSM_KEY_TERMINAL_MASTER, &master);
    uint8_t request[512];
    struct writer w = writer_over(request, sizeof request);
    const struct hsm_sign_in m = {HSM_SUITE_TONGBAO, view(&block)};
    struct hsm_sign_in_answer answer;
    hsm_write_header(&w, HSM_SIGN_IN, 0);
    hsm_write_sign_in(&w, &m);
    struct reader r = answer_body(client_call(c, writer_view(&w)));
    check(!FAILED(hsm_read_sign_in_answer(&r, &answer)), "malformed answer");
    check(!FAILED(delivery_unwrap(crypto, &master, answer.delivery, &t->keys)), "bad delivery");
    t->pin_block = keep(answer.pin_block);
    t->mac_block = keep(answer.mac_block);
    t->data_block = keep(answer.data_block);
}

/* One prepared command of each terminal, sent in turn. */
struct prepared {
    uint8_t frame[HSM_FRAME_MAX];
    size_t len;
};

static void run(struct client *c, const char *name, const struct prepared *prepared, long commands,
                long batch)
{
    struct clock clock = clock_system();
    double cpu = hsm_cpu_us(c);
    int64_t start = clock_monotonic_us(&clock);
    long done = 0;
    while (done < commands) {
        struct writer w = writer_over(c->out, sizeof c->out);
        for (long i = 0; i < batch; i++) {
            const struct prepared *p = &prepared[(done + i) % TERMINALS];
            write_prefixed(&w, 4, bytes_of(p->frame, p->len));
        }
        check(w.fault == ERR_OK && write(c->fd, c->out, w.len) == (ssize_t)w.len, "cannot write");
        for (long i = 0; i < batch; i++) {
            uint8_t length[4];
            read_exactly(c->fd, length, 4);
            struct reader r = reader_over(BYTES_OF(length));
            size_t len = read_be(&r, 4);
            check(len <= HSM_FRAME_MAX, "answer too long");
            read_exactly(c->fd, c->in, len);
            answer_body(bytes_of(c->in, len));
        }
        done += batch;
    }
    int64_t took = clock_monotonic_us(&clock) - start;
    cpu = hsm_cpu_us(c) - cpu;
    printf("%-10s batch %3ld  %8ld/s  %5ld ns of hsm CPU each\n", name, batch,
           (long)(done * 1000000 / took), (long)(cpu * 1000 / (double)done));
}

static struct terminal terminal[TERMINALS];
static struct prepared mac_command[TERMINALS], accept_command[TERMINALS];
static uint8_t message[180];

static void prepare(struct client *c, struct crypto *crypto)
{
    struct text token = make_key(c, HSM_KEY_TOKEN, NULL);
    struct text zone_pin = make_key(c, HSM_KEY_ZONE_PIN, NULL);
    struct text zone_data = make_key(c, HSM_KEY_ZONE_DATA, NULL);
    const struct card_data card = {.pan = "6200000000000005",
                                   .expiry = "3012",
                                   .track2 = "6200000000000005=30122201000000000000"};
    struct bytes aad = BYTES("10000017|000012|000345|000000012800");
    for (size_t i = 0; i < TERMINALS; i++) {
        struct terminal *t = &terminal[i];
        sign_in(c, crypto, t);
        uint8_t mac[MAC_MAX], envelope[ENVELOPE_MAX];
        struct writer e = writer_over(envelope, sizeof envelope);
        struct pin pin = {"123456", 6};
        struct pin_block block;
        check(!FAILED(mac_generate(crypto, MAC_AES_CMAC_8, &t->keys.mac, BYTES_OF(message), mac)) &&
                  !FAILED(envelope_seal(crypto, &t->keys.data, aad, &card, &e)) &&
                  !FAILED(pin_block_encrypt(crypto, &t->keys.pin, PIN_ISO4, &pin,
                                            bytes_text(card.pan), &block)),
              "cannot make a request");
        struct writer w = writer_over(mac_command[i].frame, HSM_FRAME_MAX);
        const struct hsm_mac m = {HSM_SUITE_TONGBAO, view(&t->mac_block), BYTES_OF(message),
                                  bytes_of(mac, 8)};
        hsm_write_header(&w, HSM_MAC_CHECK, 0);
        hsm_write_mac(&w, &m);
        mac_command[i].len = w.len;

        w = writer_over(accept_command[i].frame, HSM_FRAME_MAX);
        const struct hsm_accept a = {.suite = HSM_SUITE_TONGBAO,
                                     .mac_key = view(&t->mac_block),
                                     .mac_data = BYTES_OF(message),
                                     .mac = bytes_of(mac, 8),
                                     .pin_key = view(&t->pin_block),
                                     .pin_block = bytes_of(block.at, block.len),
                                     .data_key = view(&t->data_block),
                                     .envelope = writer_view(&e),
                                     .aad = aad,
                                     .token_key = view(&token),
                                     .zone_pin_key = view(&zone_pin),
                                     .zone_data_key = view(&zone_data),
                                     .zone_aad = BYTES("000000000345|000000012800")};
        hsm_write_header(&w, HSM_ACCEPT, 0);
        hsm_write_accept(&w, &a);
        accept_command[i].len = w.len;
    }
}

int main(int argc, char **argv)
{
    static struct client c;
    struct crypto crypto;
    check(argc >= 2, "usage: hsm_bench SOCKET [COMMANDS [BATCH]]");
    long commands = argc > 2 ? strtol(argv[2], NULL, 10) : 200000;
    long batch = argc > 3 ? strtol(argv[3], NULL, 10) : 64;
    check(commands > 0 && batch > 0 && batch <= BATCH_MAX, "COMMANDS or BATCH out of range");
    client_connect(&c, argv[1]);
    check(!FAILED(crypto_open(random_system(), &crypto)), "no ciphers");
    prepare(&c, &crypto);
    run(&c, "mac_check", mac_command, commands, batch);
    run(&c, "accept", accept_command, commands / 4, batch);
    run(&c, "mac_check", mac_command, commands / 10, 1);
    crypto_close(&crypto);
    close(c.fd);
    return 0;
}
