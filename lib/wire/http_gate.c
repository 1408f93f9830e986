/* SPDX-License-Identifier: Apache-2.0 */
/* Which requests are looked at: a page of another origin must neither drive us nor read us. */
#include "lib/wire/http_gate.h"

#include <stdio.h>

#include "lib/wire/http.h"
#include "lib/wire/json.h"

static bool is_path_char(uint8_t c)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~';
}

bool http_path_allowed(struct bytes path)
{
    if (path.len == 0 || path.len > HTTP_PATH_MAX || path.at[0] != '/') return false;
    for (size_t i = 1; i < path.len; i++) {
        bool starts = path.at[i - 1] == '/';
        if (path.at[i] == '/' ? starts : !is_path_char(path.at[i])) return false;
        if (starts && path.at[i] == '.') return false;
    }
    return true;
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool same_name(struct bytes a, const char *b)
{
    if (a.len != strlen(b)) return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.at[i]) != lower((uint8_t)b[i])) return false;
    return true;
}

/* The name of `host` when it ends in our port; without one it means port 80. */
static bool cut_port(struct bytes host, uint16_t port, struct bytes *ret_name)
{
    char ending[8];
    int len = snprintf(ending, sizeof ending, ":%u", port);
    ENSURE(len > 0 && (size_t)len < sizeof ending);
    size_t ending_len = (size_t)len;
    if (host.len > ending_len && memcmp(host.at + host.len - ending_len, ending, ending_len) == 0) {
        *ret_name = bytes_of(host.at, host.len - ending_len);
        return true;
    }
    *ret_name = host;
    return port == 80;
}

/* What stands behind "://" in the gate's own origin; empty when it has none. */
static struct bytes own_host(const struct http_gate *gate)
{
    const char *at = gate->origin == NULL ? NULL : strstr(gate->origin, "://");
    return at == NULL ? (struct bytes){0} : bytes_text(at + 3);
}

bool http_host_allowed(const struct http_gate *gate, struct bytes host)
{
    static const char *const loopback[] = {"localhost", "127.0.0.1", "[::1]"};
    struct bytes name;
    if (host.len > 0 && bytes_equal(host, own_host(gate))) return true;
    if (host.len == 0 || !cut_port(host, gate->port, &name)) return false;
    for (size_t i = 0; i < ARRAY_LEN(loopback); i++)
        if (same_name(name, loopback[i])) return true;
    if (same_name(name, gate->address)) return true;
    for (const char *const *at = gate->hosts; at != NULL && *at != NULL; at++)
        if (same_name(name, *at)) return true;
    return false;
}

bool http_origin_allowed(const struct http_gate *gate, struct bytes origin, struct bytes host)
{
    static const char scheme[] = "http://";
    const size_t skip = sizeof scheme - 1;
    if (host.len > 0 && bytes_equal(host, own_host(gate)))
        return bytes_equal(origin, bytes_text(gate->origin));
    if (origin.len <= skip || memcmp(origin.at, scheme, skip) != 0) return false;
    struct bytes rest = bytes_of(origin.at + skip, origin.len - skip);
    return bytes_equal(rest, host) && http_host_allowed(gate, host);
}

static bool is_one_of(struct bytes method, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (bytes_equal(method, bytes_text(names[i]))) return true;
    return false;
}

unsigned http_gate_check(const struct http_gate *gate, struct bytes method, struct bytes path,
                         struct bytes host, struct bytes origin, bool authorized)
{
    static const char *const reading[] = {"GET", "HEAD"};
    static const char *const writing[] = {"POST", "PUT", "PATCH", "DELETE"};
    bool reads = is_one_of(method, reading, ARRAY_LEN(reading));
    if (!reads && !is_one_of(method, writing, ARRAY_LEN(writing))) return 405;
    if (!http_path_allowed(path)) return 400;
    if (!http_host_allowed(gate, host)) return 403;
    if (reads) return 0;
    if (gate->keys && authorized && origin.len == 0) return 0;
    bool ours = gate->programs ? origin.len == 0 : http_origin_allowed(gate, origin, host);
    return ours ? 0 : 403;
}

const char *http_content_type(struct bytes path)
{
    static const struct {
        const char *ending, *type;
    } rows[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".wav", "audio/wav"},
        {".mp3", "audio/mpeg"},
        {".ogg", "audio/ogg"},
        {".wasm", "application/wasm"},
        {".txt", "text/plain; charset=utf-8"},
        {".pdf", "application/pdf"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t len = strlen(rows[i].ending);
        if (path.len > len && memcmp(path.at + path.len - len, rows[i].ending, len) == 0)
            return rows[i].type;
    }
    return "application/octet-stream";
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
    return -1;
}

err http_unescape(struct bytes text, char *out, size_t size)
{
    uint8_t block[HTTP_HEADER_VALUE_MAX];
    struct writer w = writer_over(block, sizeof block);
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.at[i] == '+' ? ' ' : text.at[i];
        if (c == '%') {
            int high = text.len - i > 2 ? hex_value(text.at[i + 1]) : -1;
            int low = text.len - i > 2 ? hex_value(text.at[i + 2]) : -1;
            if (high < 0 || low < 0) return ERR(FORMAT);
            c = (uint8_t)(high << 4 | low);
            i += 2;
        }
        if (c < 0x20 || c == 0x7f) return ERR(FORMAT);
        write_bytes(&w, bytes_of(&c, 1));
    }
    if (w.fault != ERR_OK) return ERR(LENGTH);
    if (!json_utf8_valid(writer_view(&w))) return ERR(FORMAT);
    return bytes_to_text(writer_view(&w), out, size);
}
