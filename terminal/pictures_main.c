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

static err find_code(struct bytes png, struct writer *text)
{
    uint8_t *out = text->at + text->len;
    size_t len = 0;
    TRY(qr_image_read(png, out, text->max - text->len, &len));
    text->len += len;
    return OK;
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
    bool receipt = false, code = false, scan = false;
    const struct process_option options[] = {
        {"receipt", NULL, "draw the receipt whose lines come", .flag = &receipt},
        {"code", NULL, "draw the text that comes as a QR code", .flag = &code},
        {"scan", NULL, "read the QR code in the PNG that comes", .flag = &scan},
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
    if (receipt + code + scan != 1) {
        process_complain(&program, "one of --receipt, --code and --scan is wanted; see --help");
        return PROCESS_EXIT_USAGE;
    }
    return answer(&program, receipt ? draw_receipt : code ? draw_code : find_code);
}
