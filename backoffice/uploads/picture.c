/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of three kinds of files. */
#include "backoffice/uploads/picture.h"

#include "lib/base/reader.h"

const char *picture_type_text(enum picture_type type)
{
    static const char *const texts[PICTURE_TYPES] = {[PICTURE_JPEG] = "image/jpeg",
                                                     [PICTURE_PNG] = "image/png",
                                                     [PICTURE_PDF] = "application/pdf"};
    ENSURE(type > 0 && type < PICTURE_TYPES);
    return texts[type];
}

static err check_sides(const struct picture *p)
{
    bool good = p->width > 0 && p->height > 0 && p->width <= PICTURE_SIDE_MAX &&
                p->height <= PICTURE_SIDE_MAX;
    return good ? OK : ERR(RANGE);
}

/* ---- JPEG ---- */

enum { JPEG_SOF0 = 0xC0, JPEG_DHT = 0xC4, JPEG_JPG = 0xC8, JPEG_DAC = 0xCC, JPEG_SOF15 = 0xCF };
enum { JPEG_SOS = 0xDA, JPEG_EOI = 0xD9, SEGMENTS_MAX = 1000 };

static bool is_frame(unsigned marker)
{
    return marker >= JPEG_SOF0 && marker <= JPEG_SOF15 && marker != JPEG_DHT &&
           marker != JPEG_JPG && marker != JPEG_DAC;
}

/* The next marker that has a length; fill bytes before it are passed over. */
static unsigned next_marker(struct reader *r)
{
    if (read_be(r, 1) != 0xFF) reader_fail(r, ERR_FORMAT);
    unsigned marker = 0xFF;
    while (marker == 0xFF && r->fault == ERR_OK) marker = (unsigned)read_be(r, 1);
    if (marker < JPEG_SOF0 || (marker >= 0xD0 && marker <= JPEG_EOI)) reader_fail(r, ERR_FORMAT);
    return marker;
}

/* A frame's head has the sides. */
static err read_frame(struct reader *segment, struct picture *p)
{
    (void)read_be(segment, 1); /* precision */
    p->height = (uint32_t)read_be(segment, 2);
    p->width = (uint32_t)read_be(segment, 2);
    return segment->fault == ERR_OK ? OK : ERR(SHORT);
}

/* A frame must have come before the scan, and an end must come after it. */
static err look_scan(struct bytes scan, const struct picture *p)
{
    if (p->width == 0) return ERR(FORMAT);
    return memmem(scan.at, scan.len, "\xFF\xD9", 2) != NULL ? check_sides(p) : ERR(SHORT);
}

static err look_jpeg(struct reader *r, struct picture *p)
{
    for (int i = 0; i < SEGMENTS_MAX && r->fault == ERR_OK; i++) {
        unsigned marker = next_marker(r);
        uint64_t len = read_be(r, 2);
        if (len < 2) reader_fail(r, ERR_FORMAT);
        struct reader segment = reader_over(read_bytes(r, len < 2 ? 0 : (size_t)len - 2));
        if (r->fault != ERR_OK) break;
        if (is_frame(marker)) TRY(read_frame(&segment, p));
        if (marker == JPEG_SOS) return look_scan(read_rest(r), p);
    }
    return r->fault == ERR_OK ? ERR(FORMAT) : (err){r->fault};
}

/* ---- PNG ---- */

static err look_png(struct reader *r, struct picture *p)
{
    for (int i = 0; i < SEGMENTS_MAX * 10 && r->fault == ERR_OK; i++) {
        uint64_t len = read_be(r, 4);
        struct bytes kind = read_bytes(r, 4);
        struct reader chunk = reader_over(read_bytes(r, (size_t)len));
        (void)read_be(r, 4); /* its checksum */
        if (r->fault != ERR_OK) break;
        if ((i == 0) != bytes_equal(kind, BYTES("IHDR"))) return ERR(FORMAT);
        if (i == 0) {
            p->width = (uint32_t)read_be(&chunk, 4);
            p->height = (uint32_t)read_be(&chunk, 4);
            if (len != 13) return ERR(FORMAT);
            TRY(check_sides(p));
        }
        if (bytes_equal(kind, BYTES("IEND"))) return reader_finish(r);
    }
    return r->fault == ERR_OK ? ERR(FORMAT) : (err){r->fault};
}

/* ---- PDF ---- */

enum { PDF_TAIL = 1024 };

/* Its head, its end, and nothing in it that acts when it is opened. */
static err look_pdf(struct bytes file)
{
    static const char *const acts[] = {"/JavaScript", "/JS",           "/Launch",
                                       "/OpenAction", "/EmbeddedFile", "/RichMedia"};
    size_t tail = file.len < PDF_TAIL ? file.len : PDF_TAIL;
    if (memmem(file.at + file.len - tail, tail, "%%EOF", 5) == NULL) return ERR(SHORT);
    for (size_t i = 0; i < ARRAY_LEN(acts); i++)
        if (memmem(file.at, file.len, acts[i], strlen(acts[i])) != NULL) return ERR(FORMAT);
    return OK;
}

static bool begins(struct bytes file, struct bytes with)
{
    return file.len >= with.len && memcmp(file.at, with.at, with.len) == 0;
}

err picture_look(struct bytes file, struct picture *ret)
{
    struct picture p = {.width = 0};
    struct reader r = reader_over(file);
    err e = ERR(FORMAT);
    if (begins(file, BYTES("\xFF\xD8"))) {
        p.type = PICTURE_JPEG;
        (void)read_bytes(&r, 2);
        e = look_jpeg(&r, &p);
    } else if (begins(file, BYTES("\x89PNG\r\n\x1A\n"))) {
        p.type = PICTURE_PNG;
        (void)read_bytes(&r, 8);
        e = look_png(&r, &p);
    } else if (begins(file, BYTES("%PDF-"))) {
        p.type = PICTURE_PDF;
        e = look_pdf(file);
    }
    if (!FAILED(e)) *ret = p;
    return e;
}
