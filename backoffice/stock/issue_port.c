/* SPDX-License-Identifier: Apache-2.0 */
/* Asks the program that has the authority's key. */
#include "backoffice/stock/issue_port.h"

#include "backoffice/program.h"
#include "lib/wire/helper.h"
#include "lib/wire/json.h"

enum { WAIT_MS = 5000 /* two keys of the hsm and a signature: 50 ms */, ASK_MAX = 8192 };

err issue_port(void *context, const struct backoffice_issue *issue, struct writer *document)
{
    const struct program *p = context;
    char path[FILE_PATH_MAX];
    uint8_t block[ASK_MAX];
    struct bytes asked;
    struct writer w = writer_over(block, sizeof block);
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_string(&j, "admin", p->settings.admin);
    json_member_string(&j, "hsm", p->settings.hsm);
    json_member_string(&j, "tid", issue->tid);
    json_member_string(&j, "mid", issue->mid);
    json_member_string(&j, "serial", issue->serial);
    json_member_string(&j, "model", issue->model);
    json_member_text(&j, "request", issue->request);
    json_member_hex(&j, "transport", bytes_of(issue->transport, 32));
    json_object_end(&j);
    TRY(writer_finish(&w, &asked));
    TRY(helper_find("tongbao-issuer", path, sizeof path));
    return helper_run(path, "--issue", asked, WAIT_MS, document);
}
