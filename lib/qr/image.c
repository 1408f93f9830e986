/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QR codes as pictures. The grey picture that libzbar scans is made inside the pixels that cairo
 * has unpacked (a byte for every four), so a frame costs one block of memory and not two.
 */
#include "lib/qr/image.h"

#include <assert.h>
#include <cairo.h>
#include <qrencode.h>

#include "lib/base/reader.h"
#include "lib/qr/zbar_calls.h"

enum { QUIET_ZONE = 4, MODULE_PIXELS_MAX = 16, FOURCC_Y800 = 0x30303859, FOURCC_JPEG = 0x4745504a };

static_assert((int64_t)QR_PIXELS_MAX * 4 <= 16 * 1000 * 1000, "the promise in image.h");

static void surface_done(cairo_surface_t **surface)
{
    if (*surface != NULL) cairo_surface_destroy(*surface);
}

static void scanner_done(zbar_image_scanner_t **scanner)
{
    if (*scanner != NULL) zbar_image_scanner_destroy(*scanner);
}

static void image_done(zbar_image_t **image)
{
    if (*image != NULL) zbar_image_destroy(*image);
}

static void code_done(QRcode **code)
{
    if (*code != NULL) QRcode_free(*code);
}

static bool within_limits(uint64_t width, uint64_t height)
{
    return width <= QR_SIDE_MAX && height <= QR_SIDE_MAX && width * height <= QR_PIXELS_MAX;
}

/* Signature and header chunk (PNG, 5.2 and 11.2.2): the size, before anything is unpacked. */
static err check_size(struct bytes png)
{
    struct reader r = reader_over(png);
    bool signature =
        bytes_equal(read_bytes(&r, 16), BYTES("\x89PNG\r\n\x1A\n\x00\x00\x00\x0DIHDR"));
    uint64_t width = read_be(&r, 4), height = read_be(&r, 4);
    if (r.fault != ERR_OK || !signature || width == 0 || height == 0) return ERR(FORMAT);
    return png.len <= QR_PNG_MAX && within_limits(width, height) ? OK : ERR(LENGTH);
}

static cairo_status_t take_bytes(void *closure, unsigned char *data, unsigned length)
{
    struct bytes taken = read_bytes((struct reader *)closure, length);
    if (taken.len != length) return CAIRO_STATUS_READ_ERROR;
    memcpy(data, taken.at, length);
    return CAIRO_STATUS_SUCCESS;
}

static err unpack(struct bytes png, cairo_surface_t **ret_surface)
{
    TRY(check_size(png));
    struct reader r = reader_over(png);
    CLEANUP(surface_done)
    cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(take_bytes, &r);
    cairo_status_t status = cairo_surface_status(surface);
    /* cairo 1.16 says NO_MEMORY for every damage that libpng finds, so the two cannot be told
     * apart. */
    if (status != CAIRO_STATUS_SUCCESS) return ERR(FORMAT);
    cairo_format_t format = cairo_image_surface_get_format(surface);
    if (format != CAIRO_FORMAT_ARGB32 && format != CAIRO_FORMAT_RGB24) return ERR(UNSUPPORTED);
    *ret_surface = cairo_surface_reference(surface);
    return OK;
}

/* Pixels to grey on white, in place: the byte written never overtakes the pixel read. */
static uint8_t *make_grey(cairo_surface_t *surface, size_t width, size_t height)
{
    cairo_surface_flush(surface);
    uint8_t *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    bool alpha = cairo_image_surface_get_format(surface) == CAIRO_FORMAT_ARGB32;
    for (size_t y = 0; y < height; y++) {
        for (size_t x = 0; x < width; x++) {
            uint32_t pixel;
            memcpy(&pixel, data + y * stride + 4 * x, sizeof pixel);
            /* Premultiplied colours on white, weighted as in ITU-R BT.601. */
            unsigned white = alpha ? 255 - (pixel >> 24) : 0;
            unsigned grey =
                ((pixel >> 16 & 255) * 299 + (pixel >> 8 & 255) * 587 + (pixel & 255) * 114) /
                    1000 +
                white;
            data[y * width + x] = (uint8_t)(grey > 255 ? 255 : grey);
        }
    }
    return data;
}

static zbar_image_scanner_t *scanner_for_qr(void)
{
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    if (scanner == NULL) return NULL;
    (void)zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    (void)zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    return scanner;
}

/* The text of the only code, or of several that say the same. A view into the image. */
static err only_text(const zbar_image_t *image, struct bytes *ret_text)
{
    struct bytes text = {0};
    bool seen = false;
    for (const zbar_symbol_t *s = zbar_image_first_symbol(image); s != NULL;
         s = zbar_symbol_next(s)) {
        struct bytes found = bytes_of(zbar_symbol_get_data(s), zbar_symbol_get_data_length(s));
        if (seen && !bytes_equal(found, text)) return ERR(CONFLICT);
        text = found;
        seen = true;
    }
    if (!seen) return ERR(NOT_FOUND);
    *ret_text = text;
    return OK;
}

/* The text of the code in a grey picture that zbar has. */
static err scan(zbar_image_t *image, uint8_t *out, size_t max, size_t *ret_len)
{
    CLEANUP(scanner_done) zbar_image_scanner_t *scanner = scanner_for_qr();
    if (scanner == NULL) return ERR(NO_MEMORY);
    if (zbar_scan_image(scanner, image) < 0) return ERR(NO_MEMORY);
    struct bytes text;
    TRY(only_text(image, &text));
    if (text.len > max || text.len > QR_TEXT_MAX) return ERR(LENGTH);
    if (text.len > 0) memcpy(out, text.at, text.len);
    *ret_len = text.len;
    return OK;
}

static zbar_image_t *image_over(unsigned long fourcc, size_t width, size_t height,
                                struct bytes data)
{
    zbar_image_t *image = zbar_image_create();
    if (image == NULL) return NULL;
    zbar_image_set_format(image, fourcc);
    zbar_image_set_size(image, (unsigned)width, (unsigned)height);
    zbar_image_set_data(image, data.at, data.len, NULL);
    return image;
}

static err scan_grey(size_t width, size_t height, struct bytes grey, uint8_t *out, size_t max,
                     size_t *ret_len)
{
    CLEANUP(image_done) zbar_image_t *image = image_over(FOURCC_Y800, width, height, grey);
    return image == NULL ? ERR(NO_MEMORY) : scan(image, out, max, ret_len);
}

err qr_image_read(struct bytes png, uint8_t *out, size_t max, size_t *ret_len)
{
    ENSURE(out != NULL && ret_len != NULL);
    CLEANUP(surface_done) cairo_surface_t *surface = NULL;
    TRY(unpack(png, &surface));
    size_t width = (size_t)cairo_image_surface_get_width(surface);
    size_t height = (size_t)cairo_image_surface_get_height(surface);
    const uint8_t *grey = make_grey(surface, width, height);
    return scan_grey(width, height, bytes_of(grey, width * height), out, max, ret_len);
}

err qr_grey_read(struct bytes picture, uint8_t *out, size_t max, size_t *ret_len)
{
    ENSURE(out != NULL && ret_len != NULL);
    struct reader r = reader_over(picture);
    size_t width = (size_t)read_be(&r, 2), height = (size_t)read_be(&r, 2);
    if (r.fault == ERR_OK && !within_limits(width, height)) return ERR(LENGTH);
    struct bytes grey = read_bytes(&r, width * height);
    TRY(reader_finish(&r));
    return width == 0 || height == 0 ? ERR(NOT_FOUND)
                                     : scan_grey(width, height, grey, out, max, ret_len);
}

/* The next segment of a JPEG: its kind, and what is in it (T.81, B.1.1.4). */
static err jpeg_segment(struct reader *r, uint64_t *ret_kind, struct bytes *ret_body)
{
    enum { FILL = 0xff, SCAN = 0xda /* compressed data follow it: there was no frame header */ };
    uint64_t mark = read_be(r, 2), len = read_be(r, 2);
    *ret_kind = mark & 0xff;
    *ret_body = read_bytes(r, len < 2 ? SIZE_MAX : (size_t)len - 2);
    if (r->fault != ERR_OK || mark >> 8 != FILL) return ERR(FORMAT);
    return *ret_kind == FILL || *ret_kind == SCAN ? ERR(FORMAT) : OK;
}

/* The size out of the frame header (T.81, B.2.2), before anything is unpacked. */
static err jpeg_size(struct bytes jpeg, size_t *ret_width, size_t *ret_height)
{
    enum { START = 0xffd8, FRAME_FIRST = 0xc0, FRAME_LAST = 0xc2 };
    struct reader r = reader_over(jpeg);
    uint64_t kind = 0;
    struct bytes segment;
    if (read_be(&r, 2) != START) return ERR(FORMAT);
    while (kind < FRAME_FIRST || kind > FRAME_LAST) TRY(jpeg_segment(&r, &kind, &segment));
    struct reader body = reader_over(segment);
    uint64_t bits = read_be(&body, 1), height = read_be(&body, 2), width = read_be(&body, 2);
    if (body.fault != ERR_OK || width == 0 || height == 0) return ERR(FORMAT);
    if (bits != 8) return ERR(UNSUPPORTED);
    if (!within_limits(width, height)) return ERR(LENGTH);
    *ret_width = (size_t)width;
    *ret_height = (size_t)height;
    return OK;
}

err qr_jpeg_read(struct bytes jpeg, uint8_t *out, size_t max, size_t *ret_len)
{
    ENSURE(out != NULL && ret_len != NULL);
    size_t width, height;
    if (jpeg.len > QR_PNG_MAX) return ERR(LENGTH);
    TRY(jpeg_size(jpeg, &width, &height));
    CLEANUP(image_done) zbar_image_t *packed = image_over(FOURCC_JPEG, width, height, jpeg);
    if (packed == NULL) return ERR(NO_MEMORY);
    CLEANUP(image_done) zbar_image_t *grey = zbar_image_convert(packed, FOURCC_Y800);
    return grey == NULL ? ERR(FORMAT) : scan(grey, out, max, ret_len);
}

static cairo_status_t give_bytes(void *closure, const unsigned char *data, unsigned length)
{
    struct writer *w = (struct writer *)closure;
    write_bytes(w, bytes_of(data, length));
    return w->fault == ERR_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void draw_modules(const QRcode *code, unsigned scale, cairo_surface_t *surface)
{
    uint8_t *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    size_t side = (size_t)cairo_image_surface_get_height(surface);
    memset(data, 0xFF, stride * side);
    for (size_t y = 0; y < side; y++) {
        for (size_t x = 0; x < side; x++) {
            size_t row = y / scale, column = x / scale, width = (size_t)code->width;
            if (row < QUIET_ZONE || column < QUIET_ZONE) continue;
            row -= QUIET_ZONE;
            column -= QUIET_ZONE;
            if (row >= width || column >= width || (code->data[row * width + column] & 1) == 0)
                continue;
            memset(data + y * stride + 4 * x, 0, 4);
        }
    }
    cairo_surface_mark_dirty(surface);
}

err qr_image_write(struct bytes text, unsigned module_pixels, struct writer *w)
{
    ENSURE(module_pixels >= 1 && module_pixels <= MODULE_PIXELS_MAX && w != NULL);
    if (text.len == 0 || text.len > QR_TEXT_MAX) return ERR(LENGTH);
    /* On a screen nothing is torn or dirty: a long text has larger modules instead. */
    enum { LONG = 400 };
    QRecLevel level = text.len > LONG ? QR_ECLEVEL_L : QR_ECLEVEL_M;
    CLEANUP(code_done)
    QRcode *code = QRcode_encodeData((int)text.len, text.at, 0, level);
    if (code == NULL) return ERR(NO_MEMORY);

    int side = (code->width + 2 * QUIET_ZONE) * (int)module_pixels;
    CLEANUP(surface_done)
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, side, side);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) return ERR(NO_MEMORY);
    cairo_surface_flush(surface);
    draw_modules(code, module_pixels, surface);

    const size_t before = w->len;
    cairo_status_t status = cairo_surface_write_to_png_stream(surface, give_bytes, w);
    if (status == CAIRO_STATUS_SUCCESS) return OK;
    w->len = before;
    return w->fault != ERR_OK ? (err){w->fault} : ERR(NO_MEMORY);
}
