/* SPDX-License-Identifier: Apache-2.0 */
/* One easy handle of curl, used again for each GET. */
#include "lib/wire/download.h"

#include <stdlib.h>

#include "lib/wire/outbound_internal.h"

struct download {
    CURL *easy;
    bool plain_here;
    uint8_t *block; /* of the GET that runs */
    size_t len, max;
};

static size_t take(char *from, size_t size, size_t count, void *context)
{
    struct download *d = context;
    size_t len = size * count;
    if (len > d->max - d->len) return 0; /* curl ends the transfer: CURLE_WRITE_ERROR */
    memcpy(d->block + d->len, from, len);
    d->len += len;
    return len;
}

static bool set_up(struct download *d, const struct download_options *options)
{
    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        {CURLOPT_NOSIGNAL, 1},
        {CURLOPT_TIMEOUT_MS, (long)options->timeout_ms},
        {CURLOPT_LOW_SPEED_LIMIT, DOWNLOAD_SPEED_MIN},
        {CURLOPT_LOW_SPEED_TIME, DOWNLOAD_SLOW_S},
        {CURLOPT_FOLLOWLOCATION, 0},
        {CURLOPT_NETRC, CURL_NETRC_IGNORED},
        {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
        {CURLOPT_SSL_VERIFYPEER, 1},
        {CURLOPT_SSL_VERIFYHOST, 2},
        {CURLOPT_PATH_AS_IS, 1}, /* the name of a role may begin with "..": it is a name */
        {CURLOPT_NOPROGRESS, 1},
    };
    CURL *e = d->easy;
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (!SET(e, numbers[i].option, numbers[i].value)) return false;
    bool authority = options->ca_file == NULL ||
                     (SET(e, CURLOPT_CAINFO, options->ca_file) && SET(e, CURLOPT_CAPATH, NULL));
    return authority && SET(e, CURLOPT_PROXY, "") &&
           SET(e, CURLOPT_PROTOCOLS_STR, options->plain_here ? "http,https" : "https") &&
           SET(e, CURLOPT_WRITEFUNCTION, take) && SET(e, CURLOPT_WRITEDATA, d);
}

err download_create(const struct download_options *options, struct download **ret_download)
{
    ENSURE(options->timeout_ms > 0);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return ERR(NO_MEMORY);
    struct download *d = calloc(1, sizeof *d);
    if (d != NULL) {
        d->plain_here = options->plain_here;
        d->easy = curl_easy_init();
        if (d->easy != NULL && set_up(d, options)) {
            *ret_download = d;
            return OK;
        }
        if (d->easy != NULL) curl_easy_cleanup(d->easy);
        free(d);
    }
    curl_global_cleanup();
    return ERR(NO_MEMORY);
}

void download_destroy(struct download *download)
{
    if (download == NULL) return;
    curl_easy_cleanup(download->easy);
    free(download);
    curl_global_cleanup();
}

bool download_url_allowed(const char *url, bool plain_here)
{
    bool plain = strncmp(url, "http:", sizeof "http:" - 1) == 0;
    return request_url_allowed(url) && (plain_here || !plain);
}

static err judge(long status)
{
    if (status == 200) return OK;
    return status == 403 || status == 404 || status == 410 ? ERR(NOT_FOUND) : ERR(IO);
}

err download_get(struct download *d, const char *url, void *block, size_t max, size_t *ret_len)
{
    if (strlen(url) > DOWNLOAD_URL_MAX) return ERR(LENGTH);
    if (!download_url_allowed(url, d->plain_here)) return ERR(CONFIG);
    d->block = block;
    d->len = 0;
    d->max = max;
    if (!SET(d->easy, CURLOPT_URL, url)) return ERR(NO_MEMORY);
    CURLcode code = curl_easy_perform(d->easy);
    long status = 0;
    (void)curl_easy_getinfo(d->easy, CURLINFO_RESPONSE_CODE, &status);
    d->block = NULL;
    /* What is missing is missing, however long the page is that says so. */
    if (status != 0 && status != 200) return judge(status);
    if (code != CURLE_OK) return outbound_reason(code);
    TRY(judge(status));
    *ret_len = d->len;
    return OK;
}
