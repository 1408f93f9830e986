/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a document, line by line. A line is taken off the reader, its key compared, and its
 * values read by a second reader over the line; what is left over on either is a fault. The writer
 * is the same walk, so that what one accepts the other makes.
 */
#include "lib/auth/policy_document.h"

#include "lib/base/reader.h"

struct parser {
    struct reader text;
    struct reader line; /* what follows the key on the present line */
    struct policy_fault fault;
    unsigned line_number;
};

static void fail_here(struct parser *p, enum policy_fault_kind kind)
{
    if (p->fault.kind == POLICY_FAULT_NONE) p->fault = (struct policy_fault){kind, p->line_number};
}

static bool failed(const struct parser *p)
{
    return p->fault.kind != POLICY_FAULT_NONE;
}

/* Up to `end`, which is taken too; NULL bytes and a fault when it does not come. */
static struct bytes take_until(struct reader *r, uint8_t end)
{
    const uint8_t *found = r->left.len == 0 ? NULL : memchr(r->left.at, end, r->left.len);
    if (found == NULL) {
        reader_fail(r, ERR_SHORT);
        return (struct bytes){0};
    }
    struct bytes taken = read_bytes(r, (size_t)(found - r->left.at));
    read_bytes(r, 1);
    return taken;
}

/* The next line must be `key`, a space, and something. */
static void begin_line(struct parser *p, const char *key)
{
    if (failed(p)) return;
    p->line_number++;
    struct bytes line = take_until(&p->text, '\n');
    if (p->text.fault != ERR_OK) {
        fail_here(p, POLICY_FAULT_END);
        return;
    }
    p->line = reader_over(line);
    if (!bytes_equal(take_until(&p->line, ' '), bytes_text(key))) fail_here(p, POLICY_FAULT_KEY);
}

static void end_line(struct parser *p)
{
    if (!failed(p) && FAILED(reader_finish(&p->line))) fail_here(p, POLICY_FAULT_VALUE);
}

/* The next word of the line; the last one ends where the line does. */
static struct bytes word(struct parser *p)
{
    struct bytes left = p->line.left;
    const uint8_t *space = left.len == 0 ? NULL : memchr(left.at, ' ', left.len);
    struct bytes taken = space == NULL ? read_rest(&p->line) : take_until(&p->line, ' ');
    /* A space at the end has no word after it. */
    if (taken.len == 0 || (space != NULL && p->line.left.len == 0))
        fail_here(p, POLICY_FAULT_VALUE);
    return taken;
}

static uint32_t number(struct parser *p, uint32_t max)
{
    if (failed(p)) return 0;
    struct bytes digits = word(p);
    struct reader r = reader_over(digits);
    bool plain = digits.len > 0 && digits.len <= 9 && (digits.at[0] != '0' || digits.len == 1);
    uint32_t value = plain ? read_digits(&r, digits.len) : 0;
    if (!plain || FAILED(reader_finish(&r)) || value > max) fail_here(p, POLICY_FAULT_VALUE);
    return failed(p) ? 0 : value;
}

static bool yes_or_no(struct parser *p)
{
    if (failed(p)) return false;
    struct bytes said = word(p);
    bool yes = bytes_equal(said, BYTES("yes"));
    if (!yes && !bytes_equal(said, BYTES("no"))) fail_here(p, POLICY_FAULT_VALUE);
    return yes;
}

static const char *const class_words[] = {"letter", "digit", "special"};
static const char *const recovery_words[] = {"supervisor", "sms", "mail", "service", "offline"};

/* Words with commas between, each at most once and in the order of `words`; or "none". */
static uint8_t word_bits(struct parser *p, const char *const *words, size_t count)
{
    if (failed(p)) return 0;
    struct bytes said = word(p);
    if (bytes_equal(said, BYTES("none"))) return 0;
    struct reader r = reader_over(said);
    uint8_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        struct bytes one = bytes_text(words[i]);
        bool first = bits == 0;
        size_t len = one.len + (first ? 0 : 1);
        if (r.left.len < len || (!first && r.left.at[0] != ',')) continue;
        struct bytes ahead = {r.left.at + (first ? 0 : 1), one.len};
        if (!bytes_equal(ahead, one)) continue;
        read_bytes(&r, len);
        bits |= (uint8_t)(1u << i);
    }
    if (bits == 0 || FAILED(reader_finish(&r))) fail_here(p, POLICY_FAULT_VALUE);
    return bits;
}

static void read_profile(struct parser *p, struct policy *policy)
{
    if (!policy_profile_of(word(p), &policy->profile)) fail_here(p, POLICY_FAULT_VALUE);
    bool text = policy->profile == POLICY_ALPHANUMERIC || policy->profile == POLICY_PASSPHRASE;
    if (text && policy->keyboard != POLICY_KEYS_TEXT) fail_here(p, POLICY_FAULT_PROFILE);
    policy->keyboard = text ? POLICY_KEYS_TEXT : POLICY_KEYS_DIGITS;
}

static void read_rules(struct parser *p, struct policy *policy)
{
    if (!policy_rules_of(word(p), &policy->rules)) fail_here(p, POLICY_FAULT_VALUE);
}

static void read_length(struct parser *p, struct policy *policy)
{
    policy->min = (uint8_t)number(p, UINT8_MAX);
    policy->max = (uint8_t)number(p, UINT8_MAX);
}

static void read_digits_only(struct parser *p, struct policy *policy)
{
    policy->digits_only_min = (uint8_t)number(p, UINT8_MAX);
}

static void read_classes(struct parser *p, struct policy *policy)
{
    policy->classes = word_bits(p, class_words, ARRAY_LEN(class_words));
}

static void read_history(struct parser *p, struct policy *policy)
{
    policy->history = (uint8_t)number(p, UINT8_MAX);
}

static void read_min_age(struct parser *p, struct policy *policy)
{
    policy->min_age_s = number(p, 999999999);
}

static void read_review(struct parser *p, struct policy *policy)
{
    policy->review_after_days = (uint16_t)number(p, UINT16_MAX);
}

static void read_expires(struct parser *p, struct policy *policy)
{
    policy->expires = yes_or_no(p);
}

static void read_grace(struct parser *p, struct policy *policy)
{
    policy->grace = (uint8_t)number(p, UINT8_MAX);
}

static void read_tries(struct parser *p, struct policy *policy)
{
    policy->tries = (uint8_t)number(p, UINT8_MAX);
    policy->quick = (uint8_t)number(p, UINT8_MAX);
    policy->first_wait_ms = number(p, 999999999);
}

static void read_approval(struct parser *p, struct policy *policy)
{
    policy->approval = yes_or_no(p);
}

static void read_second_factor(struct parser *p, struct policy *policy)
{
    policy->second_factor = yes_or_no(p);
}

static void read_recovery(struct parser *p, struct policy *policy)
{
    policy->recovery = word_bits(p, recovery_words, ARRAY_LEN(recovery_words));
}

static void read_auto_lock(struct parser *p, struct policy *policy)
{
    policy->auto_lock_s = (uint16_t)number(p, UINT16_MAX);
}

static void read_role(struct parser *p, enum policy_role role, struct policy_document *document)
{
    static void (*const readers[POLICY_KEYS])(struct parser *, struct policy *) = {
        read_profile, read_rules,    read_length,        read_digits_only, read_classes,
        read_history, read_min_age,  read_review,        read_expires,     read_grace,
        read_tries,   read_approval, read_second_factor, read_recovery,    read_auto_lock,
    };
    begin_line(p, "role");
    if (failed(p)) return;
    unsigned role_line = p->line_number;
    if (!bytes_equal(word(p), bytes_text(policy_role_word(role)))) fail_here(p, POLICY_FAULT_VALUE);
    end_line(p);
    struct policy policy = {
        .role = role, .keyboard = document->keyboard, .digit_keys = document->digit_keys};
    for (enum policy_key key = 0; key < POLICY_KEYS && !failed(p); key++) {
        begin_line(p, policy_key_word(key));
        if (!failed(p)) readers[key](p, &policy);
        end_line(p);
    }
    if (failed(p)) return;
    enum policy_key key = 0;
    enum policy_fault_kind kind = policy_floor(&policy, &key);
    if (kind != POLICY_FAULT_NONE) p->fault = (struct policy_fault){kind, role_line + 1 + key};
    document->role[role] = policy;
}

static void read_model(struct parser *p, struct policy_document *document)
{
    begin_line(p, "model");
    if (failed(p)) return;
    struct bytes model = word(p);
    for (size_t i = 0; i < model.len; i++) {
        uint8_t c = model.at[i];
        bool good = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-';
        if (!good) fail_here(p, POLICY_FAULT_VALUE);
    }
    if (FAILED(bytes_to_text(model, document->model, sizeof document->model)))
        fail_here(p, POLICY_FAULT_VALUE);
    end_line(p);
}

static void read_kind(struct parser *p, struct policy_document *document)
{
    begin_line(p, "kind");
    if (failed(p)) return;
    struct bytes said = word(p);
    enum policy_kind kind = 0;
    while (kind < POLICY_KINDS && !bytes_equal(said, bytes_text(policy_kind_word(kind)))) kind++;
    if (kind == POLICY_KINDS) fail_here(p, POLICY_FAULT_VALUE);
    document->kind = kind;
    end_line(p);
}

static void read_keyboard(struct parser *p, struct policy_document *document)
{
    begin_line(p, "keyboard");
    if (failed(p)) return;
    struct bytes said = word(p);
    bool text = bytes_equal(said, BYTES("text"));
    if (!text && !bytes_equal(said, BYTES("digits"))) fail_here(p, POLICY_FAULT_VALUE);
    document->keyboard = text ? POLICY_KEYS_TEXT : POLICY_KEYS_DIGITS;
    document->digit_keys = (uint8_t)number(p, 10);
    bool known = document->digit_keys == 10 || (document->digit_keys == 6 && !text);
    if (!known) fail_here(p, POLICY_FAULT_VALUE);
    end_line(p);
}

/* A title is shown and printed: text in its normal form, as a password would be. */
static void read_title(struct parser *p, const char *key, char title[POLICY_TITLE_MAX + 1])
{
    begin_line(p, key);
    if (failed(p)) return;
    struct password_text normal;
    struct bytes said = read_rest(&p->line);
    bool good = password_normalise(said, &normal) == POLICY_OK && said.len > 0 &&
                bytes_equal(password_text_view(&normal), said) &&
                !FAILED(bytes_to_text(said, title, POLICY_TITLE_MAX + 1));
    if (!good) fail_here(p, POLICY_FAULT_VALUE);
    end_line(p);
}

static void read_head(struct parser *p, struct policy_document *document)
{
    begin_line(p, "tongbao-policy");
    if (number(p, 1) != 1) fail_here(p, POLICY_FAULT_VALUE);
    end_line(p);
    read_model(p, document);
    begin_line(p, "version");
    document->version = number(p, 999999999);
    if (document->version == 0) fail_here(p, POLICY_FAULT_VALUE);
    end_line(p);
    read_kind(p, document);
    read_keyboard(p, document);
    read_title(p, "name-en", document->name[POLICY_EN]);
    read_title(p, "name-zh", document->name[POLICY_ZH]);
}

static enum policy_role first_role(enum policy_kind kind)
{
    return kind == POLICY_KIND_CONSOLE ? POLICY_STAFF : POLICY_CASHIER;
}

static enum policy_role last_role(enum policy_kind kind)
{
    return kind == POLICY_KIND_CONSOLE ? POLICY_OWNER : POLICY_ADMINISTRATOR;
}

static err err_of(enum policy_fault_kind kind)
{
    switch (kind) {
    case POLICY_FAULT_NONE:
        return OK;
    case POLICY_FAULT_SIZE:
        return ERR(LENGTH);
    case POLICY_FAULT_SKIPS:
    case POLICY_FAULT_FLOOR:
    case POLICY_FAULT_RULES:
    case POLICY_FAULT_PROFILE:
        return ERR(RANGE);
    default:
        return ERR(FORMAT);
    }
}

err policy_document_parse(struct bytes text, struct policy_document *ret_document,
                          struct policy_fault *ret_fault)
{
    struct parser p = {.text = reader_over(text)};
    struct policy_document document = {.version = 0};
    if (text.len > POLICY_DOCUMENT_MAX) fail_here(&p, POLICY_FAULT_SIZE);
    read_head(&p, &document);
    for (enum policy_role role = first_role(document.kind);
         !failed(&p) && role <= last_role(document.kind); role++)
        read_role(&p, role, &document);
    p.line_number++;
    if (!failed(&p) && FAILED(reader_finish(&p.text))) fail_here(&p, POLICY_FAULT_END);
    if (!failed(&p)) *ret_document = document;
    *ret_fault = p.fault;
    return err_of(p.fault.kind);
}

static void write_bits(struct writer *w, const char *key, uint8_t bits, const char *const *words)
{
    write_format(w, "%s ", key);
    if (bits == 0) write_bytes(w, BYTES("none"));
    for (size_t i = 0; bits >> i != 0; i++) {
        if ((bits >> i & 1) == 0) continue;
        write_bytes(w, bytes_text(words[i]));
        if (bits >> (i + 1) != 0) write_bytes(w, BYTES(","));
    }
    write_bytes(w, BYTES("\n"));
}

static void write_role(struct writer *w, const struct policy *p)
{
    write_format(w, "role %s\nprofile %s\nrules %s\n", policy_role_word(p->role),
                 policy_profile_word(p->profile), policy_rules_word(p->rules));
    write_format(w, "length %u %u\ndigits-only %u\n", p->min, p->max, p->digits_only_min);
    write_bits(w, "classes", p->classes, class_words);
    write_format(w, "history %u\nmin-age %u\nreview %u\n", p->history, p->min_age_s,
                 p->review_after_days);
    write_format(w, "expires %s\ngrace %u\n", p->expires ? "yes" : "no", p->grace);
    write_format(w, "tries %u %u %u\n", p->tries, p->quick, p->first_wait_ms);
    write_format(w, "approval %s\nsecond-factor %s\n", p->approval ? "yes" : "no",
                 p->second_factor ? "yes" : "no");
    write_bits(w, "recovery", p->recovery, recovery_words);
    write_format(w, "auto-lock %u\n", p->auto_lock_s);
}

void policy_document_write(const struct policy_document *document, struct writer *w)
{
    write_format(w, "tongbao-policy 1\nmodel %s\nversion %u\nkind %s\n", document->model,
                 document->version, policy_kind_word(document->kind));
    write_format(w, "keyboard %s %u\n", document->keyboard == POLICY_KEYS_TEXT ? "text" : "digits",
                 document->digit_keys);
    write_format(w, "name-en %s\nname-zh %s\n", document->name[POLICY_EN],
                 document->name[POLICY_ZH]);
    for (enum policy_role role = first_role(document->kind); role <= last_role(document->kind);
         role++)
        write_role(w, &document->role[role]);
}
