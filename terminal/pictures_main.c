/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-pictures: one picture, then it ends. The terminal starts it (pictures.h); it reads its
 * request from standard input and answers on standard output.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lib/base/file.h"
#include "lib/qr/image.h"
#include "lib/wire/process.h"
#include "terminal/device/picture.h"
#include "terminal/device/sheet.h"

enum {
    ANSWER_MAX = 256 * 1024, /* the longest receipt is below 128 kB */
    QR_MODULE_PIXELS = 8,
    CPU_S = 3, /* as long as the terminal waits: what spins does not spin on */
};

static err draw_receipt(struct bytes sheet, struct writer *png)
{
    struct receipt receipt;
    TRY(sheet_read(sheet, &receipt));
    return picture_receipt(&receipt, png);
}

static err draw_code(struct bytes text, struct writer *png)
{
    return qr_image_write(text, QR_MODULE_PIXELS, png);
}

static err find_code(err (*read)(struct bytes, uint8_t *, size_t, size_t *), struct bytes picture,
                     struct writer *text)
{
    uint8_t *out = text->at + text->len;
    size_t len = 0;
    TRY(read(picture, out, text->max - text->len, &len));
    text->len += len;
    return OK;
}

static err find_in_png(struct bytes picture, struct writer *text)
{
    return find_code(qr_image_read, picture, text);
}

/* libjpeg complains on standard error, which is the terminal's log, of pictures that are cut; that
 * is said by our answer. */
static err find_in_jpeg(struct bytes picture, struct writer *text)
{
    if (freopen("/dev/null", "w", stderr) == NULL) return ERR(IO);
    return find_code(qr_jpeg_read, picture, text);
}

static err find_in_grey(struct bytes picture, struct writer *text)
{
    return find_code(qr_grey_read, picture, text);
}

/* The request is read before the process closes its standard input to the world. */
static int answer(const struct process_program *program, err (*make)(struct bytes, struct writer *))
{
    static uint8_t request[QR_PNG_MAX + 1], block[1 + ANSWER_MAX];
    const struct rlimit cpu = {CPU_S, CPU_S};
    struct writer made = writer_over(block, sizeof block);
    size_t len = 0;
    err e = file_read_input(request, sizeof request, &len);
    if (!FAILED(e)) e = process_harden();
    if (FAILED(e) || setrlimit(RLIMIT_CPU, &cpu) != 0) {
        process_complain(program, "cannot start: %s", err_text(e));
        return PROCESS_EXIT_FAILED;
    }
    write_be(&made, ERR_OK, 1);
    e = make(bytes_of(request, len), &made);
    if (FAILED(e)) {
        made = writer_over(block, sizeof block);
        write_be(&made, e.code, 1);
    }
    bool gone = fwrite(made.at, 1, made.len, stdout) == made.len && fflush(stdout) == 0;
    explicit_bzero(block, made.len); /* a payment code, perhaps */
    return gone ? EXIT_SUCCESS : PROCESS_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    static struct {
        bool wanted;
        err (*make)(struct bytes, struct writer *);
    } work[] = {{.make = draw_receipt},
                {.make = draw_code},
                {.make = find_in_png},
                {.make = find_in_jpeg},
                {.make = find_in_grey}};
    const struct process_option options[] = {
        {"receipt", NULL, "draw the receipt whose lines come", .flag = &work[0].wanted},
        {"code", NULL, "draw the text that comes as a QR code", .flag = &work[1].wanted},
        {"scan", NULL, "read the QR code in the PNG that comes", .flag = &work[2].wanted},
        {"scan-jpeg", NULL, "read the QR code in the JPEG that comes", .flag = &work[3].wanted},
        {"scan-grey", NULL, "read the QR code in the grey picture that comes",
         .flag = &work[4].wanted},
    };
    const struct process_program program = {
        .name = "tongbao-pictures",
        .version = TONGBAO_VERSION,
        .summary =
            "Draws receipts and codes and reads codes for tongbao-terminal, which starts it.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&program, argc, argv, NULL);
    if (status >= 0) return status;
    size_t chosen = 0, count = 0;
    for (size_t i = 0; i < ARRAY_LEN(work); i++) {
        if (!work[i].wanted) continue;
        chosen = i;
        count++;
    }
    if (count != 1) {
        process_complain(&program, "one of the options is wanted; see --help");
        return PROCESS_EXIT_USAGE;
    }
    return answer(&program, work[chosen].make);
}
