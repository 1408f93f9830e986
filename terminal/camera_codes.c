/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures from either source, what is read in them, and when that is told. */
#include "terminal/camera_codes.h"

#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/qr/image.h"

enum { HEAD = 4 /* width and height before a grey picture */ };

_Static_assert(HEAD + CAMERA_BLOCK <= QR_PNG_MAX, "a frame fits into a request");

struct camera_codes {
    struct camera_codes_options options;
    struct camera camera;     /* v4l2: */
    const char *file;         /* files:, or NULL */
    struct loop_timer look;   /* at the file */
    bool watching, said_lost; /* the log has heard that it is gone, and not that it is there */
    bool heard;               /* the log has heard anything at all */
    unsigned blind, unreadable;
    unsigned rest;    /* pictures that are passed over */
    unsigned without; /* pictures since the code that was told was seen last */
    size_t said_len;
    uint8_t said[QR_TEXT_MAX], text[QR_TEXT_MAX];
    uint8_t block[QR_PNG_MAX + 1]; /* one more: what is larger is refused as that */
};

/* ---- what is read ---- */

static void forget(struct camera_codes *c)
{
    explicit_bzero(c->said, sizeof c->said);
    c->said_len = 0;
    c->without = 0;
}

static void saw(struct camera_codes *c, struct bytes code)
{
    bool same = bytes_equal(code, bytes_of(c->said, c->said_len));
    c->without = 0;
    if (same) return;
    forget(c);
    memcpy(c->said, code.at, code.len);
    c->said_len = code.len;
    c->options.code(c->options.context, code);
}

static void saw_nothing(struct camera_codes *c)
{
    if (c->said_len > 0 && ++c->without >= CAMERA_GONE) forget(c);
}

static bool worth_a_line(unsigned count)
{
    return (count & (count - 1)) == 0; /* 1, 2, 4, 8 ... */
}

static void look_at(struct camera_codes *c, enum pictures_kind kind, struct bytes picture)
{
    const struct camera_codes_options *o = &c->options;
    size_t len = 0;
    if (c->rest > 0) {
        c->rest--;
        return;
    }
    err e = o->read(o->read_context, kind, picture, c->text, sizeof c->text, &len);
    if (pictures_failed(e) && worth_a_line(++c->blind))
        log_event(o->log, LOG_WARN, "camera_blind", LOG_ERR(e), LOG_INT("count", c->blind));
    if (e.code == ERR_REFUSED || e.code == ERR_TIMEOUT) c->rest = CAMERA_REST;
    if (!FAILED(e) && len > 0) saw(c, bytes_of(c->text, len));
    else saw_nothing(c);
    explicit_bzero(c->text, len); /* what somebody pays with */
}

/* ---- a camera ---- */

static void on_opened(void *context)
{
    struct camera_codes *c = context;
    bool news = !c->heard || c->said_lost; /* it opens for each payment */
    c->heard = true;
    c->said_lost = false;
    if (news) log_event(c->options.log, LOG_INFO, "device_there", LOG_TEXT("device", "camera"));
}

static void on_lost(void *context, const char *why)
{
    struct camera_codes *c = context;
    c->said_lost = true;
    log_event(c->options.log, LOG_WARN, "device_lost", LOG_TEXT("device", "camera"),
              LOG_TEXT("why", why));
}

static void on_dropped(void *context, const char *why, unsigned count)
{
    const struct camera_codes *c = context;
    log_event(c->options.log, LOG_WARN, "frame_dropped", LOG_TEXT("why", why),
              LOG_INT("count", count));
}

static void on_frame(void *context, const struct camera_frame *frame)
{
    struct camera_codes *c = context;
    if (frame->jpeg) {
        look_at(c, PICTURES_JPEG, frame->data);
        return;
    }
    struct writer head = writer_over(c->block, HEAD); /* the camera's block is behind it */
    write_be(&head, frame->width, 2);
    write_be(&head, frame->height, 2);
    look_at(c, PICTURES_GREY, bytes_of(c->block, HEAD + frame->data.len));
}

/* ---- files ---- */

static bool begins_with(struct bytes picture, struct bytes magic)
{
    return picture.len > magic.len && memcmp(picture.at, magic.at, magic.len) == 0;
}

static void look_at_file(struct camera_codes *c, struct bytes picture)
{
    if (begins_with(picture, BYTES("\x89PNG"))) look_at(c, PICTURES_PNG, picture);
    else if (begins_with(picture, BYTES("\xff\xd8"))) look_at(c, PICTURES_JPEG, picture);
    else if (worth_a_line(++c->unreadable)) on_dropped(c, "no_picture", c->unreadable);
}

/* Read, and then removed: a picture of a customer stays nowhere. One that cannot be removed would
 * be looked at for ever, so it is not looked at at all. */
static void take_file(struct camera_codes *c, bool read)
{
    size_t len = 0;
    err e = file_read(c->file, FILE_PUBLIC, c->block, QR_PNG_MAX, &len);
    if (e.code == ERR_NOT_FOUND) {
        saw_nothing(c);
        return;
    }
    err gone = file_remove(c->file);
    if (!FAILED(e)) e = gone;
    if (FAILED(e) && worth_a_line(++c->unreadable))
        log_event(c->options.log, LOG_WARN, "frame_dropped", LOG_ERR(e),
                  LOG_INT("count", c->unreadable));
    if (!FAILED(e) && read) look_at_file(c, bytes_of(c->block, len));
    explicit_bzero(c->block, FAILED(e) ? sizeof c->block : len);
}

static void on_look(void *context)
{
    struct camera_codes *c = context;
    if (FAILED(loop_timer_set(c->options.loop, &c->look, CAMERA_PACE_MS)))
        ensure_failed(__FILE__, __LINE__, "a timer that fired can be set again");
    take_file(c, true);
}

/* ---- on and off ---- */

err camera_codes_watch(struct camera_codes *codes, bool wanted)
{
    struct camera_codes *c = codes;
    if (wanted == c->watching) return OK;
    if (!wanted) {
        camera_stop(&c->camera);
        loop_timer_cancel(c->options.loop, &c->look);
    } else if (c->file != NULL) {
        TRY(loop_timer_set(c->options.loop, &c->look, CAMERA_PACE_MS));
        take_file(c, false);
    } else {
        TRY(camera_start(&c->camera));
    }
    c->watching = wanted;
    return OK;
}

static const char *behind(const char *text, const char *scheme)
{
    size_t len = strlen(scheme);
    return strncmp(text, scheme, len) == 0 && text[len] == '/' ? text + len : NULL;
}

err camera_codes_open(const struct camera_codes_options *options, struct camera_codes **ret_codes)
{
    const char *device = behind(options->where, "v4l2:"), *file = behind(options->where, "files:");
    if (device == NULL && file == NULL) return ERR(CONFIG);
    struct camera_codes *c = calloc(1, sizeof *c);
    if (c == NULL) return ERR(NO_MEMORY);
    c->options = *options;
    c->file = file;
    c->look = (struct loop_timer){.run = on_look, .context = c};
    c->camera.loop = options->loop;
    c->camera.path = device;
    c->camera.calls = options->calls != NULL ? options->calls : &camera_kernel;
    c->camera.block = c->block + HEAD;
    c->camera.events = (struct camera_events){on_opened, on_frame, on_dropped, on_lost, c};
    *ret_codes = c;
    return OK;
}

void camera_codes_close(struct camera_codes *codes)
{
    struct camera_codes *c = codes;
    if (c == NULL) return;
    if (c->watching) {
        camera_stop(&c->camera);
        loop_timer_cancel(c->options.loop, &c->look);
    }
    forget(c);
    free(c);
}
