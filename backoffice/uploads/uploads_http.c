/* SPDX-License-Identifier: Apache-2.0 */
/* Uploads as pages and programs see them, in pieces; and the part that owns their tables. */
#include "backoffice/uploads/uploads_http.h"

#include <stdlib.h>

#include "backoffice/parts.h"
#include "lib/base/base64.h"

enum {
    PIECE_BYTES = 96 * 1024, /* in base64 it fits into an answer */
    PIECE_TEXT = PIECE_BYTES / 3 * 4,
};

static const struct api_field from_fields[] = {
    {"from", API_INT, .optional = true, .max = UPLOAD_BYTES_MAX, .text = "The first byte"},
};
const struct api_schema upload_from = {"DocumentFrom", from_fields, ARRAY_LEN(from_fields)};

static const struct api_field piece_fields[] = {
    {"type", API_TEXT, .max = 24, .text = "image/jpeg, image/png or application/pdf"},
    {"bytes", API_INT, .max = UPLOAD_BYTES_MAX, .text = "Of the whole"},
    {"from", API_INT, .max = UPLOAD_BYTES_MAX, .text = "The first byte of this piece"},
    {"piece", API_TEXT, .max = PIECE_TEXT, .text = "In base64; empty behind the end"},
};
const struct api_schema upload_piece = {"DocumentPiece", piece_fields, ARRAY_LEN(piece_fields)};

static const struct api_field slot_fields[] = {
    {"name", API_TEXT, .max = 24, .text = "Its kind, as in the path that it is sent to"},
    {"text_zh", API_TEXT, .max = 120, .text = "What it shows"},
    {"text_en", API_TEXT, .max = 120, .text = "The same in English"},
    {"needed", API_BOOL, .text = "Nothing is agreed to without it"},
    {"type", API_TEXT, .optional = true, .max = 24,
     .text = "It is there: image/jpeg, image/png or application/pdf"},
    {"bytes", API_INT, .optional = true, .max = UPLOAD_BYTES_MAX, .text = "How long it is"},
    {"at", API_TIME, .optional = true, .text = "When it came"},
};
const struct api_schema paper_slot = {"Paper", slot_fields, ARRAY_LEN(slot_fields)};

static err write_piece(struct json_out *j, const struct upload *d, struct bytes content,
                       size_t from)
{
    char *text = malloc(PIECE_TEXT + 1);
    if (text == NULL) return ERR(NO_MEMORY);
    struct writer w = writer_over(text, PIECE_TEXT + 1);
    size_t at = from < content.len ? from : content.len;
    size_t len = content.len - at < PIECE_BYTES ? content.len - at : PIECE_BYTES;
    base64_write(&w, bytes_of(content.at + at, len));
    json_object_begin(j);
    json_member_string(j, "type", picture_type_text(d->picture.type));
    json_member_int(j, "bytes", (int64_t)content.len);
    json_member_int(j, "from", (int64_t)at);
    json_member_text(j, "piece", writer_view(&w));
    json_object_end(j);
    free(text);
    return OK;
}

err upload_answer(struct backoffice *b, const struct api_call *call, const struct upload *d,
                  struct http_response *response)
{
    size_t len = 0;
    uint8_t *block = malloc(UPLOAD_BYTES_MAX);
    if (block == NULL) return ERR(NO_MEMORY);
    err done = upload_read(b->uploads, d, block, &len);
    if (FAILED(done)) backoffice_unavailable(response, done);
    else {
        struct json_out j = json_out_over(&response->body);
        done = write_piece(&j, d, bytes_of(block, len), (size_t)api_query_int(call, "from"));
        if (FAILED(done)) backoffice_unavailable(response, done);
    }
    explicit_bzero(block, len);
    free(block);
    return OK;
}

static void write_slot(struct json_out *j, enum paper paper, bool needed, const struct upload *d)
{
    json_object_begin(j);
    json_member_string(j, "name", paper_word(paper));
    json_member_string(j, "text_zh", paper_text(paper, false));
    json_member_string(j, "text_en", paper_text(paper, true));
    json_member_bool(j, "needed", needed);
    if (d != NULL) {
        json_member_string(j, "type", picture_type_text(d->picture.type));
        json_member_int(j, "bytes", d->bytes);
        json_member_int(j, "at", d->at_ms);
    }
    json_object_end(j);
}

err papers_write(struct backoffice *b, struct json_out *j, enum upload_owner owner, int64_t id,
                 struct paper_wants wants)
{
    struct upload d[UPLOADS_MAX];
    size_t count = 0;
    TRY(uploads_of(b->store, owner, id, d, &count));
    json_member_array(j, "uploads");
    for (enum paper p = PAPER_LICENCE; b->uploads->directory != NULL && p < PAPERS; p++) {
        const struct upload *there = NULL;
        if (!(wants.takes & 1u << p)) continue;
        for (size_t i = 0; i < count; i++)
            if (d[i].kind == p) there = &d[i];
        write_slot(j, p, (wants.needs & 1u << p) != 0, there);
    }
    json_array_end(j);
    return OK;
}

/* ---- the part ---- */

static err open_uploads(struct backoffice *b)
{
    struct uploads *u = calloc(1, sizeof *u);
    if (u == NULL) return ERR(NO_MEMORY);
    u->store = b->store;
    u->clock = b->config.clock;
    u->directory = b->config.documents_path;
    b->uploads = u;
    return OK;
}

static void close_uploads(struct backoffice *b)
{
    free(b->uploads);
    b->uploads = NULL;
}

const struct backoffice_part uploads_part = {
    .name = "uploads", .schema = &uploads_schema, .open = open_uploads, .close = close_uploads};
