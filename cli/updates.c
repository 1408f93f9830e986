/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `tongbao updates`: what terminals are updated from. Keys of custodians, drafts, signatures,
 * publication; images. cli/updates_repository.h says how a version comes after another.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/updates_delta.h"
#include "cli/updates_keys.h"
#include "cli/updates_repository.h"
#include "lib/base/file.h"
#include "lib/tuf/image.h"

#define DAY_MS INT64_C(86400000)

static struct {
    const char *repository, *hsm, *key, *out, *in, *name, *custom, *role, *publics, *root_publics,
        *targets_publics, *model, *serial, *from;
    int64_t threshold, root_threshold, targets_threshold, days, version, passphrase_fd;
} settings = {.passphrase_fd = -1};

static const struct process_option options[] = {
    {"repository", "DIR", "where the repository is", .text = &settings.repository},
    {"hsm", "SOCKET", "where tongbao-hsm listens", .text = &settings.hsm},
    {"key", "FILE", "a custodian's sealed key", .text = &settings.key},
    {"passphrase-fd", "N", "where its passphrase is read, one line; the terminal, when not given",
     .number = &settings.passphrase_fd, .min = 0, .max = 1023},
    {"out", "FILE", "where a new key, or an image, goes", .text = &settings.out},
    {"in", "FILE", "what is added, or what an image is made of", .text = &settings.in},
    {"from", "FILE", "the image that a delta leads from; what is published, when not given",
     .text = &settings.from},
    {"name", "NAME", "what terminals ask for", .text = &settings.name},
    {"custom", "JSON", "what is said of a file beside its hash", .text = &settings.custom},
    {"role", "ROLE", "root, targets, snapshot, timestamp or director", .text = &settings.role},
    {"publics", "HEX,...", "the keys of a role from now on", .text = &settings.publics},
    {"threshold", "N", "how many of them must sign", .number = &settings.threshold, .min = 1,
     .max = TUF_AUTHOR_KEYS},
    {"root-publics", "HEX,...", "keys of the role root", .text = &settings.root_publics},
    {"root-threshold", "N", "how many of them must sign", .number = &settings.root_threshold,
     .min = 1, .max = TUF_AUTHOR_KEYS},
    {"targets-publics", "HEX,...", "keys of the role targets", .text = &settings.targets_publics},
    {"targets-threshold", "N", "how many of them must sign", .number = &settings.targets_threshold,
     .min = 1, .max = TUF_AUTHOR_KEYS},
    {"days", "N", "how long what is drafted is good for", .number = &settings.days, .min = 1,
     .max = 3650},
    {"serial", "TEXT", "of a device, for one assignment by hand", .text = &settings.serial},
    {"version", "N", "of an image, or of an assignment: a higher one is newer",
     .number = &settings.version, .min = 1, .max = INT64_MAX},
    {"model", "NAME", "which model an image is for", .text = &settings.model}};

static const struct process_program program = {
    .name = "tongbao updates",
    .version = TONGBAO_VERSION,
    .summary = "Signs and publishes what terminals are updated from.",
    .arguments =
        "key | image | init | add | delta | remove | rotate | renew | sign | publish | refresh | "
        "show | discard | assign",
    .options = options,
    .option_count = ARRAY_LEN(options)};

static struct updates_repository repository;

static err say(struct process_fault *fault, err why, const char *text)
{
    snprintf(fault->text, sizeof fault->text, "%s", text);
    return why;
}

static int64_t in_days(int64_t usual)
{
    struct clock clock = clock_system();
    return clock_now_ms(&clock) + (settings.days > 0 ? settings.days : usual) * DAY_MS;
}

static err open_key(struct updates_key *ret_key, struct process_fault *fault)
{
    CLEANUP(updates_passphrase_wipe) struct updates_passphrase passphrase = {.len = 0};
    TRY(updates_passphrase_read((int)settings.passphrase_fd, false, &passphrase, fault));
    return updates_key_open(settings.key, &passphrase, ret_key, fault);
}

/* ---- keys and images ---- */

static err make_key(struct process_fault *fault)
{
    CLEANUP(updates_passphrase_wipe) struct updates_passphrase passphrase = {.len = 0};
    struct tuf_author_key name;
    TRY(updates_passphrase_read((int)settings.passphrase_fd, true, &passphrase, fault));
    TRY(updates_key_make(settings.out, &passphrase, &name, fault));
    printf("%s\n", name.public_hex);
    return OK;
}

static err read_input(uint8_t **ret_block, size_t *ret_len, struct process_fault *fault)
{
    uint8_t *block = malloc(IMAGE_BYTES_MAX);
    if (block == NULL) return ERR(NO_MEMORY);
    err done = file_read(settings.in, FILE_PUBLIC, block, IMAGE_BYTES_MAX, ret_len);
    if (FAILED(done)) {
        snprintf(fault->text, sizeof fault->text, "cannot read %.150s: %s", settings.in,
                 err_text(done));
        free(block);
        return done;
    }
    *ret_block = block;
    return OK;
}

static err write_image(const struct updates_key *key, struct bytes software,
                       struct process_fault *fault)
{
    size_t max = software.len + IMAGE_HEAD_BYTES;
    uint8_t *block = malloc(max);
    if (block == NULL) return ERR(NO_MEMORY);
    struct writer w = writer_over(block, max);
    err done = image_write((uint64_t)settings.version, settings.model, software, &key->key, &w);
    if (done.code == ERR_LENGTH)
        (void)say(fault, done, "a model has 1 to 16 characters (型号为 1 至 16 个字符)");
    if (!FAILED(done)) done = file_write(settings.out, FILE_PUBLIC, writer_view(&w));
    free(block);
    return done;
}

static err make_image(struct process_fault *fault)
{
    CLEANUP(updates_key_free) struct updates_key key = {0};
    uint8_t *block = NULL;
    size_t len = 0;
    TRY(open_key(&key, fault));
    TRY(read_input(&block, &len, fault));
    err done = len + IMAGE_HEAD_BYTES > IMAGE_BYTES_MAX
                   ? say(fault, ERR(LENGTH), "longer than an image may be (镜像过大)")
                   : write_image(&key, bytes_of(block, len), fault);
    free(block);
    return done;
}

/* ---- drafts ---- */

/* "HEX,HEX": keys, and how many of them it takes. */
static err read_role(const char *publics, int64_t threshold, struct tuf_author_role *ret,
                     struct process_fault *fault)
{
    struct tuf_author_role role = {.threshold = threshold};
    for (const char *at = publics; at != NULL;) {
        const char *comma = strchr(at, ',');
        struct bytes hex = comma == NULL ? bytes_text(at) : bytes_of(at, (size_t)(comma - at));
        struct tuf_author_key key;
        if (FAILED(tuf_author_key_read(hex, &key)))
            return say(fault, ERR(FORMAT),
                       "keys are 64 hexadecimal digits each, with commas between them "
                       "(公钥为 64 位十六进制数，以逗号分隔)");
        if (FAILED(tuf_author_role_add(&role, &key)))
            return say(fault, ERR(EXISTS), "a key twice, or too many (密钥重复或过多)");
        at = comma == NULL ? NULL : comma + 1;
    }
    if (threshold < 1 || (size_t)threshold > role.count)
        return say(fault, ERR(RANGE),
                   "a threshold is at least 1 and at most the number of keys (门限须在 1 "
                   "与密钥数之间)");
    *ret = role;
    return OK;
}

static struct tuf_author_role one(const struct updates_online_key *key)
{
    return (struct tuf_author_role){.key = {key->name}, .count = 1, .threshold = 1};
}

static err init(struct process_fault *fault)
{
    static struct tuf_author_targets targets;
    struct tuf_author_root root = {.version = 1, .expires_ms = in_days(UPDATES_DAYS_ROOT)};
    static struct updates_online online;
    static struct hsm_client hsm;
    if (repository.now.root.version > 0)
        return say(fault, ERR(EXISTS), "this repository has begun already (仓库已经初始化)");
    TRY(read_role(settings.root_publics, settings.root_threshold, &root.role[TUF_ROOT], fault));
    TRY(read_role(settings.targets_publics, settings.targets_threshold, &root.role[TUF_TARGETS],
                  fault));
    TRY(hsm_client_open(&hsm, settings.hsm, fault));
    err made = OK;
    for (uint8_t role = 1; role < HSM_DOCUMENT_ROLES && !FAILED(made); role++)
        made = updates_online_make(&hsm, (enum hsm_document_role)role, &online, fault);
    hsm_client_close(&hsm);
    TRY(made);
    root.role[TUF_SNAPSHOT] = one(&online.key[HSM_DOCUMENT_SNAPSHOT]);
    root.role[TUF_TIMESTAMP] = one(&online.key[HSM_DOCUMENT_TIMESTAMP]);
    targets.version = 1;
    targets.expires_ms = in_days(UPDATES_DAYS_TARGETS);
    targets.director = one(&online.key[HSM_DOCUMENT_DIRECTOR]);
    TRY(updates_draft_online(&repository, &online));
    TRY(updates_draft_root(&repository, &root));
    return updates_draft_targets(&repository, &targets);
}

/* The next list, to be changed. */
static struct tuf_author_targets *next_targets(void)
{
    static struct tuf_author_targets targets;
    targets = *updates_next_targets(&repository);
    targets.version = repository.now.targets.version + 1;
    targets.expires_ms = in_days(UPDATES_DAYS_TARGETS);
    return &targets;
}

/* An image says itself what it is: its head, as it stands. */
static void describe_image(struct bytes content, struct tuf_author_file *file)
{
    uint64_t version = 0;
    char model[IMAGE_MODEL_BYTES + 1];
    struct writer w = writer_over(file->custom, sizeof file->custom - 1);
    if (!image_peek(content, &version, model) || version > INT64_MAX) return;
    struct json_out j = json_out_over(&w);
    json_object_begin(&j);
    json_member_int(&j, "image", (int64_t)version);
    json_member_string(&j, "model", model);
    json_object_end(&j);
    file->custom[w.fault == ERR_OK ? w.len : 0] = '\0';
}

static err take_custom(struct tuf_author_file *file, struct process_fault *fault)
{
    CLEANUP(json_free) struct json_document document = {0};
    if (settings.custom == NULL) return OK;
    struct writer w = writer_over(file->custom, sizeof file->custom - 1);
    err done = json_parse(bytes_text(settings.custom), sizeof file->custom, &document);
    if (!FAILED(done)) done = json_canonical_write(document.root, &w);
    if (FAILED(done) || w.fault != ERR_OK)
        return say(fault, ERR(FORMAT),
                   "--custom is a short JSON object (--custom 应为简短的 JSON)");
    file->custom[w.len] = '\0';
    return OK;
}

static err add(struct process_fault *fault)
{
    struct tuf_author_file file = {.length = 0};
    struct tuf_author_targets *targets = next_targets();
    uint8_t *block = NULL;
    size_t len = 0;
    TRY(read_input(&block, &len, fault));
    err done = updates_add_file(&repository, settings.name, bytes_of(block, len), &file);
    if (!FAILED(done)) describe_image(bytes_of(block, len), &file);
    free(block);
    if (done.code == ERR_FORMAT)
        return say(fault, done,
                   "a name has letters, digits, '.', '_' and '-' (名称只能含字母、数字和 . _ -)");
    TRY(done);
    TRY(take_custom(&file, fault));
    TRY(tuf_author_targets_set(targets, &file));
    updates_delta_drop(targets, settings.name, file.sha256);
    return updates_draft_targets(&repository, targets);
}

static err add_delta(struct process_fault *fault)
{
    struct tuf_author_targets *targets = next_targets();
    TRY(updates_delta_add(&repository, settings.name, settings.from, targets, fault));
    return updates_draft_targets(&repository, targets);
}

static err remove_file(struct process_fault *fault)
{
    struct tuf_author_targets *targets = next_targets();
    if (FAILED(tuf_author_targets_remove(targets, settings.name)))
        return say(fault, ERR(NOT_FOUND), "there is no file of this name (没有该文件)");
    updates_delta_drop(targets, settings.name, NULL);
    return updates_draft_targets(&repository, targets);
}

/* ---- roles ---- */

static err rotate_online(enum hsm_document_role role, struct process_fault *fault)
{
    static struct updates_online online;
    static struct hsm_client hsm;
    if (settings.hsm == NULL)
        return say(fault, ERR(CONFIG), "--hsm is missing: this role signs there (缺少 --hsm)");
    online = *updates_next_online(&repository);
    TRY(hsm_client_open(&hsm, settings.hsm, fault));
    err made = updates_online_make(&hsm, role, &online, fault);
    hsm_client_close(&hsm);
    TRY(made);
    TRY(updates_draft_online(&repository, &online));
    if (role == HSM_DOCUMENT_DIRECTOR) {
        struct tuf_author_targets *targets = next_targets();
        targets->director = one(&online.key[role]);
        return updates_draft_targets(&repository, targets);
    }
    struct tuf_author_root root = updates_next_root(&repository);
    root.role[role == HSM_DOCUMENT_SNAPSHOT ? TUF_SNAPSHOT : TUF_TIMESTAMP] =
        one(&online.key[role]);
    root.expires_ms = in_days(UPDATES_DAYS_ROOT);
    return updates_draft_root(&repository, &root);
}

/* Targets are signed anew by who may from now on, in the same publication. */
static err rotate_offline(enum tuf_type type, struct process_fault *fault)
{
    struct tuf_author_root root = updates_next_root(&repository);
    TRY(read_role(settings.publics, settings.threshold, &root.role[type], fault));
    root.expires_ms = in_days(UPDATES_DAYS_ROOT);
    TRY(updates_draft_root(&repository, &root));
    return type == TUF_TARGETS ? updates_draft_targets(&repository, next_targets()) : OK;
}

static err unknown_role(struct process_fault *fault)
{
    return say(fault, ERR(NOT_FOUND), "there is no such role here (没有这个角色)");
}

static err rotate(struct process_fault *fault)
{
    static const struct {
        const char *name;
        enum hsm_document_role role;
    } online[] = {{"snapshot", HSM_DOCUMENT_SNAPSHOT},
                  {"timestamp", HSM_DOCUMENT_TIMESTAMP},
                  {"director", HSM_DOCUMENT_DIRECTOR}};
    for (size_t i = 0; i < ARRAY_LEN(online); i++)
        if (strcmp(settings.role, online[i].name) == 0) return rotate_online(online[i].role, fault);
    if (strcmp(settings.role, "root") == 0) return rotate_offline(TUF_ROOT, fault);
    if (strcmp(settings.role, "targets") == 0) return rotate_offline(TUF_TARGETS, fault);
    return unknown_role(fault);
}

static err renew(struct process_fault *fault)
{
    if (strcmp(settings.role, "targets") == 0)
        return updates_draft_targets(&repository, next_targets());
    if (strcmp(settings.role, "root") != 0) return unknown_role(fault);
    struct tuf_author_root root = updates_next_root(&repository);
    root.expires_ms = in_days(UPDATES_DAYS_ROOT);
    return updates_draft_root(&repository, &root);
}

/* ---- signing, publishing ---- */

static err sign(struct process_fault *fault)
{
    CLEANUP(updates_key_free) struct updates_key key = {0};
    unsigned count = 0;
    TRY(open_key(&key, fault));
    err done = updates_sign(&repository, &key.key, &key.name, &count);
    if (done.code == ERR_NOT_FOUND)
        return say(fault, done,
                   "nothing that waits is to be signed by this key (没有需要此密钥签名的内容)");
    TRY(done);
    printf("%u\n", count);
    return OK;
}

static err publish_or_refresh(bool refresh, struct process_fault *fault)
{
    static struct hsm_client hsm;
    struct clock clock = clock_system();
    TRY(hsm_client_open(&hsm, settings.hsm, fault));
    err done = updates_publish(&repository, &hsm, refresh, clock_now_ms(&clock), fault);
    hsm_client_close(&hsm);
    return done;
}

static err publish(struct process_fault *fault)
{
    return publish_or_refresh(false, fault);
}

static err refresh(struct process_fault *fault)
{
    return publish_or_refresh(true, fault);
}

static err discard(struct process_fault *fault)
{
    (void)fault;
    return updates_discard(&repository);
}

/* For one device by hand; the back office does it for all of them. */
static err sign_assignment(struct hsm_client *hsm, const struct tuf_author_assignment *assignment,
                           struct writer *out, struct process_fault *fault)
{
    uint8_t body[HSM_DOCUMENT_TEXT_MAX];
    struct bytes made;
    struct tuf_author_signature signature;
    const struct updates_online_key *key = &repository.now.online.key[HSM_DOCUMENT_DIRECTOR];
    struct writer w = writer_over(body, sizeof body);
    TRY(tuf_author_assignment_write(assignment, &w));
    const struct hsm_document_sign ask = {HSM_DOCUMENT_DIRECTOR, bytes_of(key->blob, key->len),
                                          writer_view(&w)};
    TRY(hsm_client_document_sign(hsm, &ask, &made, fault));
    if (made.len != sizeof signature.at) return ERR(CONFLICT);
    memcpy(signature.at, made.at, made.len);
    TRY(bytes_to_text(bytes_text(key->name.id), signature.id, sizeof signature.id));
    return tuf_author_envelope(writer_view(&w), &signature, 1, out);
}

static err assign(struct process_fault *fault)
{
    static struct hsm_client hsm;
    uint8_t block[2 * HSM_DOCUMENT_TEXT_MAX];
    struct writer w = writer_over(block, sizeof block);
    const struct tuf_author_file *file =
        tuf_author_targets_find(&repository.now.targets, settings.name);
    if (file == NULL || !repository.now.has_online)
        return say(fault, ERR(NOT_FOUND), "no such file is published (该文件尚未发布)");
    const struct tuf_author_assignment assignment = {settings.serial, settings.version,
                                                     in_days(UPDATES_DAYS_SNAPSHOT), file};
    TRY(hsm_client_open(&hsm, settings.hsm, fault));
    err done = sign_assignment(&hsm, &assignment, &w, fault);
    hsm_client_close(&hsm);
    TRY(done);
    return file_write(settings.out, FILE_PUBLIC, writer_view(&w));
}

/* ---- what there is ---- */

static void show_version(const char *role, int64_t version, int64_t expires_ms)
{
    struct clock clock = clock_system();
    struct civil c = civil_from_ms(expires_ms);
    int64_t days = (expires_ms - clock_now_ms(&clock)) / DAY_MS;
    printf("%-10s %6" PRId64 "  until %04d-%02d-%02d  %s\n", role, version, c.year, c.month, c.day,
           expires_ms <= clock_now_ms(&clock) ? "EXPIRED (已过期)"
           : days < 2                         ? "soon (即将到期)"
                                              : "");
}

static void show_files(const struct tuf_author_targets *targets)
{
    for (size_t i = 0; i < targets->count; i++)
        printf("  %-40s %10" PRId64 "  %s\n", targets->file[i].path, targets->file[i].length,
               targets->file[i].custom);
}

static err show(struct process_fault *fault)
{
    (void)fault;
    const struct updates_state *now = &repository.now, *next = &repository.next;
    if (now->root.version > 0) show_version("root", now->root.version, now->root.expires_ms);
    if (now->targets.version > 0) {
        show_version("targets", now->targets.version, now->targets.expires_ms);
        show_version("snapshot", repository.snapshot_version, repository.snapshot_expires_ms);
        show_version("timestamp", repository.timestamp_version, repository.timestamp_expires_ms);
        show_files(&now->targets);
    }
    if (next->root_text.len > 0) show_version("+ root", next->root.version, next->root.expires_ms);
    if (next->targets_text.len > 0) {
        show_version("+ targets", next->targets.version, next->targets.expires_ms);
        show_files(&next->targets);
    }
    return OK;
}

/* ---- the command line ---- */

enum need {
    REPOSITORY = 1,
    HSM = 2,
    KEY = 4,
    OUT = 8,
    IN = 16,
    NAME = 32,
    ROLE = 64,
    FIRST = 128,
    MODEL = 256,
    MAKES = 512,
    VERSION = 1024,
    SERIAL = 2048
};

static const struct command {
    const char *name;
    err (*run)(struct process_fault *fault);
    unsigned needs;
} commands[] = {
    {"key", make_key, OUT},
    {"image", make_image, KEY | IN | OUT | MODEL | VERSION},
    {"init", init, REPOSITORY | HSM | FIRST | MAKES},
    {"add", add, REPOSITORY | IN | NAME},
    {"delta", add_delta, REPOSITORY | NAME},
    {"remove", remove_file, REPOSITORY | NAME},
    {"rotate", rotate, REPOSITORY | ROLE},
    {"renew", renew, REPOSITORY | ROLE},
    {"sign", sign, REPOSITORY | KEY},
    {"publish", publish, REPOSITORY | HSM},
    {"refresh", refresh, REPOSITORY | HSM},
    {"show", show, REPOSITORY},
    {"discard", discard, REPOSITORY},
    {"assign", assign, REPOSITORY | HSM | NAME | OUT | SERIAL | VERSION},
};

/* What a command needs and was not given; NULL: nothing. */
static const char *find_missing(unsigned needs)
{
    const struct {
        unsigned need;
        const char *option;
        bool there;
    } rows[] = {{REPOSITORY, "--repository", settings.repository != NULL},
                {HSM, "--hsm", settings.hsm != NULL},
                {KEY, "--key", settings.key != NULL},
                {OUT, "--out", settings.out != NULL},
                {IN, "--in", settings.in != NULL},
                {NAME, "--name", settings.name != NULL},
                {ROLE, "--role", settings.role != NULL},
                {FIRST, "--root-publics", settings.root_publics != NULL},
                {FIRST, "--root-threshold", settings.root_threshold > 0},
                {FIRST, "--targets-publics", settings.targets_publics != NULL},
                {FIRST, "--targets-threshold", settings.targets_threshold > 0},
                {VERSION, "--version", settings.version > 0},
                {MODEL, "--model", settings.model != NULL},
                {SERIAL, "--serial", settings.serial != NULL}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if ((needs & rows[i].need) != 0 && !rows[i].there) return rows[i].option;
    return NULL;
}

static int run(const struct command *command)
{
    struct process_fault fault = {""};
    err done = OK;
    if ((command->needs & REPOSITORY) != 0)
        done =
            updates_open(settings.repository, (command->needs & MAKES) != 0, &repository, &fault);
    if (!FAILED(done)) done = command->run(&fault);
    if ((command->needs & REPOSITORY) != 0) updates_close(&repository);
    if (!FAILED(done)) return 0;
    process_complain(&program, "%s: %s", command->name,
                     fault.text[0] != '\0' ? fault.text : err_text(done));
    return PROCESS_EXIT_FAILED;
}

int updates_main(int argc, char **argv)
{
    int first = 0;
    int status = process_options(&program, argc, argv, &first);
    if (status >= 0) return status;
    const char *name = first < argc ? argv[first] : "";
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        if (strcmp(commands[i].name, name) != 0) continue;
        const char *missing = find_missing(commands[i].needs);
        if (missing == NULL && first + 1 == argc) return run(&commands[i]);
        if (missing != NULL) process_complain(&program, "%s: %s is missing (缺少)", name, missing);
        else process_complain(&program, "%s: too many arguments (参数过多)", name);
        return PROCESS_EXIT_USAGE;
    }
    process_complain(&program, "say what to do; --help lists it (请指明命令，见 --help)");
    return PROCESS_EXIT_USAGE;
}
