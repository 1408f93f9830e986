/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is kept of one member, for him: a query for each section. */
#include "lib/base/writer.h"
#include "loyalty/internal.h"
#include "loyalty/member.h"

enum { LINE_MAX = 2048 };

struct section {
    const char *name;
    const char *sql; /* one parameter: the member's id; each row is one text */
};

/* clang-format off */
static const struct section section[] = {
    {"member",
     "SELECT 'id=' || id || ' merchant=' || merchant || ' state=' || state || ' code=' ||"
     " coalesce(code, '') || ' phone_sealed=' || hex(coalesce(phone_sealed, x'')) || ' name_sealed='"
     " || hex(coalesce(name_sealed, x'')) || ' birthday=' || birthday || ' card=' ||"
     " (card_index IS NOT NULL) || ' tier=' || tier || ' joined_ms=' || joined_ms || ' outlet=' ||"
     " outlet FROM member WHERE id = ?"},
    {"consent",
     "SELECT 'kind=' || kind || ' text_version=' || text_version || ' given_ms=' || given_ms ||"
     " ' outlet=' || outlet || ' withdrawn_ms=' || coalesce(withdrawn_ms, '') FROM consent"
     " WHERE member = ? ORDER BY id"},
    {"purchase",
     "SELECT 'at_ms=' || at_ms || ' outlet=' || outlet || ' amount_minor=' || amount_minor ||"
     " ' refunded_minor=' || refunded_minor || ' points=' || points || ' key=' || hex(key)"
     " FROM purchase WHERE member = ? ORDER BY at_ms, key"},
    {"adjustment",
     "SELECT 'at_ms=' || at_ms || ' points=' || points || ' by=' || by || ' reason=' || reason"
     " FROM points_adjustment WHERE member = ? ORDER BY at_ms, key"},
    {"transfer",
     "SELECT 'at_ms=' || t.at_ms || ' step=' || t.step || ' account=' || a.kind || ' currency=' ||"
     " a.currency || ' side=' || iif(t.debit = a.id, 'debit', 'credit') || ' amount=' || t.amount ||"
     " ' key=' || hex(t.key) FROM account AS a JOIN transfer AS t ON t.debit = a.id OR"
     " t.credit = a.id WHERE a.owner = ? ORDER BY t.id"},
};
/* clang-format on */

static err write_section(struct store *store, const struct section *s, struct bytes id,
                         loyalty_export_line line, void *context)
{
    struct store_statement *query;
    TRY(store_statement(store, s->sql, &query));
    store_bind_text(query, id);
    for (;;) {
        bool row = false;
        TRY(store_step(query, &row));
        if (!row) return OK;
        char text[LINE_MAX];
        store_read_text_into(query, text, sizeof text);
        err e = store_read_finish(query);
        if (!FAILED(e)) e = line(context, s->name, bytes_text(text));
        if (!FAILED(e)) continue;
        store_reset(query);
        return e;
    }
}

err loyalty_export(struct store *store, struct bytes merchant, struct bytes id,
                   loyalty_export_line line, void *context, enum loyalty_verdict *ret_verdict)
{
    struct loyalty_member member = {{0}};
    enum loyalty_verdict verdict = LOYALTY_DONE;
    TRY(loyalty_member(store, merchant, id, &verdict, &member));
    if (verdict != LOYALTY_DONE) DECIDE(ret_verdict, verdict);
    for (size_t i = 0; i < ARRAY_LEN(section); i++)
        TRY(write_section(store, &section[i], id, line, context));
    DECIDE(ret_verdict, LOYALTY_DONE);
}
