/* SPDX-License-Identifier: Apache-2.0 */
/* URLs put together. */
#include "update/repository.h"

err repository_fetch(void *context, enum tuf_source source, const char *name, void *block,
                     size_t max, size_t *ret_len)
{
    const struct repository *r = context;
    const char *base = source == TUF_FROM_METADATA ? r->metadata_url : r->files_url;
    char url[DOWNLOAD_URL_MAX + 1];
    if (base == NULL) return ERR(CONFIG);
    struct writer w = writer_over(url, sizeof url - 1);
    struct bytes begin = bytes_text(base);
    write_bytes(&w, begin);
    if (begin.len > 0 && begin.at[begin.len - 1] != '/') write_bytes(&w, BYTES("/"));
    write_bytes(&w, bytes_text(name));
    if (w.fault != ERR_OK) return ERR(CONFIG); /* LENGTH would say that the answer is too long */
    url[w.len] = '\0';
    return download_get(r->download, url, block, max, ret_len);
}
