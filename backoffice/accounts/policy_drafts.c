/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts of policies: how one is made of what is in force, and its rows. */
#include "backoffice/accounts/policy_drafts.h"

#include "registry/policy.h"

static const char *const migration[] = {
    "CREATE TABLE policy_draft(id INTEGER PRIMARY KEY, model TEXT NOT NULL,"
    " version INTEGER NOT NULL, role TEXT NOT NULL, document TEXT NOT NULL,"
    " author INTEGER NOT NULL, at_ms INTEGER NOT NULL, state INTEGER NOT NULL,"
    " approver INTEGER NOT NULL DEFAULT 0, decided_ms INTEGER NOT NULL DEFAULT 0,"
    /* Whoever wrote it does not approve it, whatever a program above this table thinks. */
    " CHECK(state <> 2 OR (approver <> 0 AND approver <> author))) STRICT;"
    "CREATE TABLE blocklist_seen(version INTEGER NOT NULL) STRICT;"
    "INSERT INTO blocklist_seen(version) VALUES(0);",
};

const struct store_schema policy_drafts_schema = {"policy", migration, ARRAY_LEN(migration)};

/* ---- documents ---- */

/* The vault verifies who signed it; here it is only shown and edited. */
static bool parse_published(struct bytes signed_text, struct policy_document *ret)
{
    struct bytes text;
    struct policy_fault fault;
    return policy_signature_split(signed_text, &text) &&
           !FAILED(policy_document_parse(text, ret, &fault));
}

err policy_now(struct backoffice *b, struct bytes model, bool *ret_found,
               struct policy_document *ret_document)
{
    struct registry_policy published;
    err found = ERR(NOT_FOUND);
    *ret_found = false;
    if (b->registry != NULL) found = registry_find_policy(b->registry, model, &published);
    if (FAILED(found) && found.code != ERR_NOT_FOUND) return found;
    if (!FAILED(found)) {
        struct bytes text = bytes_of(published.document, published.document_len);
        if (!parse_published(text, ret_document)) return ERR(CORRUPT);
    } else if (!policy_builtin(model, ret_document)) return OK;
    /* Consoles have the policy of their program. */
    *ret_found = policy_document_role(ret_document, POLICY_CASHIER) != NULL;
    return OK;
}

/* Another profile or rule set stands for other values, all of them; then what was edited. */
static bool apply(const struct policy_edit *edit, struct policy *policy)
{
    const struct policy_choice choice = {.profile = edit->profile,
                                         .rules = edit->rules,
                                         .role = edit->role,
                                         .second_factor = policy->second_factor};
    struct policy made = *policy;
    if (edit->profile != policy->profile || edit->rules != policy->rules) {
        if (!policy_make(choice, &made)) return false;
        made.digit_keys = policy->digit_keys;
    }
    made.min = edit->min;
    made.max = edit->max;
    if (made.digits_only_min < made.min) made.digits_only_min = made.min;
    if (made.digits_only_min > made.max) made.digits_only_min = made.max;
    made.recovery = edit->ways;
    made.auto_lock_s = edit->lock_s;
    *policy = made;
    return true;
}

err policy_edited(const struct policy_document *now, const struct policy_edit *edit,
                  struct policy_document *ret_document, struct policy_fault *ret_fault)
{
    uint8_t text[POLICY_DOCUMENT_MAX];
    struct policy_document changed = *now;
    struct writer w = writer_over(text, sizeof text);
    ENSURE(policy_document_role(now, edit->role) != NULL);
    changed.version++;
    if (!apply(edit, &changed.role[edit->role])) {
        *ret_fault = (struct policy_fault){POLICY_FAULT_PROFILE, 0};
        return ERR(RANGE);
    }
    /* Through its text, as a signer and a vault will read it: the floor is held there. */
    policy_document_write(&changed, &w);
    return policy_document_parse(writer_view(&w), ret_document, ret_fault);
}

const char *policy_fault_key(struct policy_fault fault)
{
    enum { HEAD_LINES = 7, ROLE_LINES = 1 + POLICY_KEYS };
    if (fault.line <= HEAD_LINES) return "";
    unsigned at = (fault.line - HEAD_LINES - 1) % ROLE_LINES;
    return at == 0 ? "role" : policy_key_word((enum policy_key)(at - 1));
}

/* ---- rows ---- */

static err read_draft(struct store_statement *s, struct policy_draft *ret)
{
    struct policy_draft d = {.id = store_read_int(s)};
    struct policy_fault fault;
    store_read_text_into(s, d.role, sizeof d.role);
    struct bytes text = store_read_text(s);
    if (FAILED(policy_document_parse(text, &d.document, &fault))) return ERR(CORRUPT);
    d.author = store_read_int(s);
    d.at_ms = store_read_int(s);
    d.state = (enum policy_draft_state)store_read_int(s);
    d.approver = store_read_int(s);
    d.decided_ms = store_read_int(s);
    store_read_text_into(s, d.author_name, sizeof d.author_name);
    store_read_text_into(s, d.approver_name, sizeof d.approver_name);
    *ret = d;
    return store_read_finish(s);
}

/* One that the registry has, or a newer one, is no draft any more. */
static err still_waits(struct backoffice *b, const struct policy_draft *d, bool *ret_waits)
{
    bool found = false;
    struct policy_document now;
    TRY(policy_now(b, bytes_text(d->document.model), &found, &now));
    *ret_waits = found && now.version < d->document.version;
    return OK;
}

err policy_drafts_waiting(struct backoffice *b, policy_draft_each each, void *context)
{
    struct store_statement *s;
    bool row = false;
    err done = OK;
    TRY(store_statement(
        b->store,
        "SELECT d.id, d.role, d.document, d.author, d.at_ms, d.state, d.approver, d.decided_ms,"
        " coalesce(a.name, ''), coalesce(p.name, '') FROM policy_draft d"
        " LEFT JOIN account a ON a.id = d.author LEFT JOIN account p ON p.id = d.approver"
        " WHERE d.state <> 3 ORDER BY d.id",
        &s));
    for (;;) {
        struct policy_draft d;
        bool waits = false;
        done = store_step(s, &row);
        if (FAILED(done) || !row) break;
        done = read_draft(s, &d);
        if (!FAILED(done)) done = still_waits(b, &d, &waits);
        if (!FAILED(done) && waits) done = each(context, &d);
        if (FAILED(done)) break;
    }
    store_reset(s);
    return done;
}

static err note(struct store_tx *tx, const struct registry_actor *actor, const char *event,
                struct bytes model, uint32_t version)
{
    char text[24];
    struct writer w = writer_over(text, sizeof text);
    write_format(&w, "version %u", version);
    return audit_append(tx, &(struct audit_entry){actor->at_ms, actor->name, bytes_text(event),
                                                  model, writer_view(&w)});
}

static err count_waiting(struct store *store, const char *model, uint32_t version, int64_t *ret)
{
    struct store_statement *s;
    bool row = false;
    TRY(store_statement(store,
                        "SELECT count(*) FROM policy_draft WHERE model = ? AND state <> 3"
                        " AND version >= ?",
                        &s));
    store_bind_text(s, bytes_text(model));
    store_bind_int(s, version);
    TRY(store_step(s, &row));
    *ret = row ? store_read_int(s) : 0;
    err read = store_read_finish(s);
    store_reset(s);
    return read;
}

err policy_draft_propose(struct store_tx *tx, const struct registry_actor *actor, int64_t author,
                         const struct policy_document *document, enum policy_role role,
                         int64_t *ret_id)
{
    uint8_t text[POLICY_DOCUMENT_MAX];
    struct writer w = writer_over(text, sizeof text);
    struct store_statement *s;
    int64_t waiting = 0;
    TRY(count_waiting(tx->store, document->model, document->version, &waiting));
    if (waiting > 0) return ERR(EXISTS);
    policy_document_write(document, &w);
    TRY(store_statement(tx->store,
                        "INSERT INTO policy_draft(model, version, role, document, author, at_ms,"
                        " state) VALUES(?, ?, ?, ?, ?, ?, 1)",
                        &s));
    store_bind_text(s, bytes_text(document->model));
    store_bind_int(s, document->version);
    store_bind_text(s, bytes_text(policy_role_word(role)));
    store_bind_text(s, writer_view(&w));
    store_bind_int(s, author);
    store_bind_int(s, actor->at_ms);
    TRY(store_run(s));
    *ret_id = store_last_id(tx->store);
    return note(tx, actor, "policy_proposed", bytes_text(document->model), document->version);
}

static err find_proposed(struct store *store, int64_t id, int64_t *ret_author,
                         char model[POLICY_MODEL_MAX + 1], uint32_t *ret_version)
{
    struct store_statement *s;
    bool row = false;
    TRY(store_statement(
        store, "SELECT author, model, version FROM policy_draft WHERE id = ? AND state = 1", &s));
    store_bind_int(s, id);
    TRY(store_step(s, &row));
    err read = row ? OK : ERR(NOT_FOUND);
    if (row) {
        *ret_author = store_read_int(s);
        store_read_text_into(s, model, POLICY_MODEL_MAX + 1);
        *ret_version = (uint32_t)store_read_int(s);
        read = store_read_finish(s);
    }
    store_reset(s);
    return read;
}

err policy_draft_decide(struct store_tx *tx, const struct registry_actor *actor, int64_t account,
                        int64_t id, enum policy_draft_state state)
{
    struct store_statement *s;
    int64_t author = 0;
    uint32_t version = 0;
    char model[POLICY_MODEL_MAX + 1];
    TRY(find_proposed(tx->store, id, &author, model, &version));
    bool approve = state == POLICY_DRAFT_APPROVED;
    if (approve && author == account) return ERR(DENIED);
    TRY(store_statement(
        tx->store, "UPDATE policy_draft SET state = ?, approver = ?, decided_ms = ? WHERE id = ?",
        &s));
    store_bind_int(s, state);
    store_bind_int(s, account);
    store_bind_int(s, actor->at_ms);
    store_bind_int(s, id);
    TRY(store_run(s));
    return note(tx, actor, approve ? "policy_approved" : "policy_dropped", bytes_text(model),
                version);
}
