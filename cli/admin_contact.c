/* SPDX-License-Identifier: Apache-2.0 */
/* `tongbao admin contact`: who of a merchant is written to and called. */
#include <stdio.h>

#include "cli/admin.h"
#include "cli/host_keys.h"

struct words {
    const char *mid, *name, *pinyin, *phone, *mail;
};

static err copy(const char *from, char *to, size_t size)
{
    return from == NULL ? OK : bytes_to_text(bytes_text(from), to, size);
}

/* LENGTH when a word is longer than anything of its kind; its form is the registry's to check. */
static err fill(struct registry_contact *c, const struct words *words)
{
    TRY(copy(words->mid, c->mid, sizeof c->mid));
    TRY(copy(words->name, c->name_zh, sizeof c->name_zh));
    TRY(copy(words->pinyin, c->pinyin, sizeof c->pinyin));
    TRY(copy(words->phone, c->phone, sizeof c->phone));
    return copy(words->mail, c->mail, sizeof c->mail);
}

int admin_contact(const struct admin_command *command, int argc, char **argv)
{
    const char *state = NULL;
    struct words words = {0};
    struct registry_contact contact = {0};
    int64_t number = 1;
    bool remove = false;
    const struct process_option options[] = {
        {"state", "DIR", "the operator's directory", .text = &state, .required = true},
        {"mid", "MID", "merchant number", .text = &words.mid, .required = true},
        {"number", "N", "which contact, 1 to 8; 1 is the owner, and is meant unless said",
         .number = &number, .min = 1, .max = CONTACTS_MAX},
        {"name", "NAME", "name, as the identity card has it", .text = &words.name},
        {"pinyin", "PINYIN", "the name in lower-case letters", .text = &words.pinyin},
        {"phone", "DIGITS", "mobile phone", .text = &words.phone},
        {"mail", "ADDRESS", "e-mail address", .text = &words.mail},
        {"english", NULL, "write to this person in English", .flag = &contact.english},
        {"remove", NULL, "remove this contact", .flag = &remove},
    };
    int status = admin_options(command, options, ARRAY_LEN(options), argc, argv);
    if (status >= 0) return status;
    struct process_fault fault = {""};
    contact.number = (uint32_t)number;
    err done = fill(&contact, &words);
    if (!FAILED(done)) done = host_keys_contact(state, &contact, remove, &fault);
    return FAILED(done) ? admin_failed(command, done, &fault) : 0;
}
