/* SPDX-License-Identifier: Apache-2.0 */
/* One page and its style. The words are for a cashier: no version, no file, whom to call. */
#include "update/notice.h"

#include <string.h>

#include "lib/wire/http.h"

/* Ten seconds: the page is back before anybody asks where it is. */
#define HEAD                                                                   \
    "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"       \
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">" \
    "<meta http-equiv=\"refresh\" content=\"10\"><title>Tongbao</title>"       \
    "<link rel=\"stylesheet\" href=\"/notice.css\"></head><body><main role=\"alert\">"
#define ZH_END                                                                              \
    "<p>如顾客刚刚付过款，请先在商户后台查看，不要重复收款。</p>" \
    "<p>软件重新安装后，本页会自动恢复。</p></section>"
#define EN_END                                                                                 \
    "<p>If a customer has just paid, look at the owner's console before you charge again.</p>" \
    "<p>When the software is installed again, this page goes on by itself.</p></section>"      \
    "</main></body></html>"

static const char too_old[] =
    HEAD "<section><h1>软件版本过旧，未启动</h1>"
         "<p>本机的软件比曾经正常运行过的版本旧，为了资金安全不会启动。</p>"
         "<p><b>请拨打服务电话，告知“软件版本过旧”，由工程师安装最新版本。</b></p>" ZH_END
         "<section lang=\"en\"><h1>The software is too old and was not started</h1>"
         "<p>It is older than what has already worked on this terminal, so it does not start.</p>"
         "<p><b>Call your service number and say “software too old”: the newest version must be "
         "installed.</b></p>" EN_END;

static const char none[] =
    HEAD "<section><h1>软件无法启动</h1>"
         "<p>本机没有完好的软件可以启动。</p>"
         "<p><b>请拨打服务电话，告知“软件无法启动”，由工程师重新安装。</b></p>" ZH_END
         "<section lang=\"en\"><h1>The software cannot be started</h1>"
         "<p>There is no undamaged software on this terminal.</p>"
         "<p><b>Call your service number and say “software does not start”: it must be installed "
         "again.</b></p>" EN_END;

static const char style[] =
    ":root{color-scheme:light dark}"
    "body{margin:0;font:1.25rem/1.6 system-ui,\"Noto Sans CJK SC\",sans-serif;"
    "background:#fff;color:#1a1a1a}"
    "main{max-width:40rem;margin:0 auto;padding:1.5rem}"
    "section{border-left:.4rem solid #b3261e;padding:.1rem 0 .1rem 1rem;margin:0 0 2rem}"
    "h1{font-size:1.6rem;line-height:1.3;margin:.2rem 0}p{margin:.6rem 0}"
    "@media(prefers-color-scheme:dark){body{background:#121212;color:#eee}"
    "section{border-color:#ff8a80}}";

const char *notice_page(err why)
{
    return why.code == ERR_RANGE ? too_old : none;
}

/* Whatever page was open, this one is there; what a program asks is not. */
static void give(void *context, const struct http_request *request, struct http_response *response)
{
    static const char api[] = "/api/", sheet[] = "/notice.css";
    const err *why = context;
    bool styles = strcmp(request->path, sheet) == 0;
    if (strncmp(request->path, api, sizeof api - 1) == 0) {
        http_response_error(response, 503, "not_started", "the terminal's program is not started");
        return;
    }
    response->content_type = styles ? "text/css; charset=utf-8" : "text/html; charset=utf-8";
    write_bytes(&response->body, bytes_text(styles ? style : notice_page(*why)));
}

static const struct http_route routes[] = {{"GET", "/", give, 0}};

struct showing {
    struct loop *loop;
    struct loop_timer over;
    bool looked;
};

static void on_over(void *context)
{
    struct showing *showing = context;
    showing->looked = true;
    loop_stop(showing->loop);
}

enum notice_end notice_show(uint16_t port, err why, unsigned show_ms)
{
    struct showing s = {.over = {.run = on_over, .context = &s}};
    struct http_server *server = NULL;
    const struct loop_options loop_options = {.clock = clock_system(), .stop_on_signals = true};
    if (FAILED(loop_create(&loop_options, &s.loop))) return NOTICE_STOP;
    const struct http_options options = {.loop = s.loop,
                                         .port = port,
                                         .routes = routes,
                                         .route_count = ARRAY_LEN(routes),
                                         .context = &why};
    err e = loop_timer_set(s.loop, &s.over, show_ms);
    if (!FAILED(e) && port != 0 && FAILED(http_create(&options, &server))) server = NULL;
    if (!FAILED(e)) e = loop_run(s.loop);
    http_destroy(server);
    loop_destroy(s.loop);
    return !FAILED(e) && s.looked ? NOTICE_LOOK_AGAIN : NOTICE_STOP;
}
