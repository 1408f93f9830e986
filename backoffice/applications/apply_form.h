/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* apply_form: what stands on each of the public pages. */

#include "backoffice/applications/agreement.h"
#include "backoffice/applications/apply_page.h"

void apply_draw_start(struct page *page, bool return_there);
/* `bad`: fields that were refused, whose texts are still in `form`. */
void apply_draw_step(struct page *page, const struct apply_form *form, uint32_t bad);
void apply_draw_documents(struct page *page, const struct upload *documents, size_t count,
                          uint32_t missing);
void apply_draw_phone(struct page *page, const struct apply_form *form, bool verified, bool sent);

/* Everything once more. `missing` and `papers`: what is not there yet. */
void apply_draw_send(struct page *page, const struct application *application,
                     const struct apply_form *form, uint32_t missing, uint32_t papers);

MUST_USE err apply_draw_status(struct page *page, struct store *store,
                               const struct application *application);
/* `text`: of agreement_write(). */
void apply_draw_agreement(struct page *page, const struct application *application,
                          const char *text, const uint8_t digest[TOKEN_HASH_BYTES], bool sent);
void apply_draw_return(struct page *page, const char *number, bool sent);
