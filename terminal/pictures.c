/* SPDX-License-Identifier: Apache-2.0 */
/* A request for each picture; an answer is the code of an err in one byte, then what was made. */
#include "terminal/pictures.h"

#include "lib/base/file.h"
#include "lib/qr/image.h"
#include "lib/wire/helper.h"
#include "terminal/device/sheet.h"

enum { WAIT_MS = 3000 /* far above the 60 ms that it takes; the cashier waits meanwhile */ };

err pictures_open(struct pictures *pictures, const char *directory)
{
    static const char name[] = "tongbao-pictures";
    if (directory == NULL) return helper_find(name, pictures->program, sizeof pictures->program);
    return file_path(directory, name, pictures->program, sizeof pictures->program);
}

/* The program is built with us, so its codes are ours. On failure `out` is as it was. */
static err ask(const struct pictures *pictures, const char *what, struct bytes request,
               struct writer *out)
{
    struct writer said = writer_over(out->at + out->len, out->max - out->len);
    TRY(helper_run(pictures->program, what, request, WAIT_MS, &said));
    if (said.len == 0 || said.at[0] >= ERR_CODES) return ERR(CLOSED);
    if (said.at[0] != ERR_OK) return (err){(enum err_code)said.at[0]};
    memmove(said.at, said.at + 1, said.len - 1);
    out->len += said.len - 1;
    return OK;
}

err pictures_receipt(const struct pictures *pictures, const struct receipt *receipt,
                     struct writer *png)
{
    uint8_t block[SHEET_MAX];
    struct writer sheet = writer_over(block, sizeof block);
    sheet_write(receipt, &sheet);
    ENSURE(sheet.fault == ERR_OK);
    return ask(pictures, "--receipt", writer_view(&sheet), png);
}

err pictures_code(const struct pictures *pictures, struct bytes text, struct writer *png)
{
    return ask(pictures, "--code", text, png);
}

err pictures_read(const struct pictures *pictures, enum pictures_kind kind, struct bytes picture,
                  uint8_t *out, size_t max, size_t *ret_len)
{
    static const char *const options[] = {[PICTURES_PNG] = "--scan",
                                          [PICTURES_JPEG] = "--scan-jpeg",
                                          [PICTURES_GREY] = "--scan-grey"};
    uint8_t block[1 + QR_TEXT_MAX];
    struct writer text = writer_over(block, sizeof block);
    if (picture.len > QR_PNG_MAX) return ERR(LENGTH);
    err e = ask(pictures, options[kind], picture, &text);
    if (!FAILED(e) && text.len > max) e = ERR(LENGTH);
    if (!FAILED(e)) {
        memcpy(out, text.at, text.len);
        *ret_len = text.len;
    }
    explicit_bzero(block, sizeof block);
    return e;
}

err pictures_scan(const struct pictures *pictures, struct bytes png, uint8_t *out, size_t max,
                  size_t *ret_len)
{
    return pictures_read(pictures, PICTURES_PNG, png, out, max, ret_len);
}

bool pictures_failed(err e)
{
    return e.code == ERR_REFUSED || e.code == ERR_CLOSED || e.code == ERR_TIMEOUT ||
           e.code == ERR_IO;
}
