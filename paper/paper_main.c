/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-paper: one sheet, then it ends. The back office starts it (lib/wire/paper.h): fonts and
 * what draws stay out of the process that meets strangers, and a name that is made to break a
 * drawing library breaks it here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "lib/base/file.h"
#include "lib/wire/process.h"
#include "paper/label.h"
#include "paper/manual.h"

enum { CPU_S = 10 /* as long as the back office waits */ };

/* The shop's own copy: of its device, in both languages, without any password. */
static err draw_manual(const struct paper *p, struct writer *pdf)
{
    char shop[PAPER_NAME_MAX + 1];
    label_plain(p->name_zh[0] != '\0' ? p->name_zh : p->name_en, shop, sizeof shop);
    struct manual m = {.serial = p->serial,
                       .terminal = p->terminal,
                       .shop = shop,
                       .address = p->link,
                       .language = {true, true}};
    if (!policy_builtin(bytes_text(p->model), &m.policy)) return ERR(UNSUPPORTED);
    if (policy_document_role(&m.policy, POLICY_CASHIER) == NULL) return ERR(UNSUPPORTED);
    return manual_draw(&m, pdf);
}

/* The request is read before the process closes its standard input to the world. */
static int answer(const struct process_program *program,
                  err (*draw)(const struct paper *, struct writer *))
{
    static uint8_t request[PAPER_REQUEST_MAX + 1], block[1 + PAPER_PDF_MAX];
    const struct rlimit cpu = {CPU_S, CPU_S};
    struct writer made = writer_over(block, sizeof block);
    struct paper paper;
    size_t len = 0;
    err e = file_read_input(request, sizeof request, &len);
    if (!FAILED(e)) e = process_harden();
    if (FAILED(e) || setrlimit(RLIMIT_CPU, &cpu) != 0) {
        process_complain(program, "cannot start: %s", err_text(e));
        return PROCESS_EXIT_FAILED;
    }
    write_be(&made, ERR_OK, 1);
    e = paper_read(bytes_of(request, len), &paper);
    if (!FAILED(e)) e = draw(&paper, &made);
    if (FAILED(e)) {
        made = writer_over(block, sizeof block);
        write_be(&made, e.code, 1);
    }
    bool gone = fwrite(made.at, 1, made.len, stdout) == made.len && fflush(stdout) == 0;
    return gone ? EXIT_SUCCESS : PROCESS_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    bool label = false, manual = false;
    const struct process_option options[] = {
        {"label", NULL, "draw the label of box and device", .flag = &label},
        {"manual", NULL, "draw the shop's manual", .flag = &manual},
    };
    const struct process_program program = {
        .name = "tongbao-paper",
        .version = TONGBAO_VERSION,
        .summary = "Draws what goes into a parcel for tongbao-backoffice, which starts it.",
        .options = options,
        .option_count = ARRAY_LEN(options),
    };
    int status = process_options(&program, argc, argv, NULL);
    if (status >= 0) return status;
    if (label == manual) {
        process_complain(&program, "one of the options is wanted; see --help");
        return PROCESS_EXIT_USAGE;
    }
    return answer(&program, label ? label_draw : draw_manual);
}
