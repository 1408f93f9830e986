/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new version for the terminal (S119): another build of it is signed by the custodian, rolled out
 * from the console, and the terminal starts it by itself and says so, on its screen and to the back
 * office. Begins and ends with nobody logged in.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "cli/stage_updates.h"
#include "cli/story.h"

enum { WAITS = 240, WAIT_NS = 250000000, IMAGE = 2, FROM = 1 };

static void wait_a_little(void)
{
    const struct timespec pause = {0, WAIT_NS};
    (void)nanosleep(&pause, NULL);
}

static err begin_rollout(struct console *chief)
{
    CLEANUP(json_free) struct json_document answer = {0};
    long status = 0;
    TRY(console_ask(chief, "/api/v1/updates/rollouts",
                    "{\"name\":\"TB-1.image\",\"stage_hours\":0}", &status, &answer));
    return status == 201 ? OK : ERR(STATE);
}

/* Until the device itself has said that it runs and is healthy. */
static err await_confirmed(struct console *chief)
{
    for (int i = 0; i < WAITS; i++) {
        CLEANUP(json_free) struct json_document answer = {0};
        struct json_t *list = NULL;
        struct bytes state;
        int64_t image = 0;
        size_t count = 0;
        long status = 0;
        wait_a_little(); /* who asks too often is told to wait, and asks again */
        TRY(console_ask(chief, "/api/v1/updates/devices", NULL, &status, &answer));
        if (status == 429) continue;
        TRY(json_list(answer.root, "devices", 200, &list, &count));
        const struct json_t *device = json_at(list, 0);
        if (count == 1 && !FAILED(json_text(device, "state", 16, &state)) &&
            !FAILED(json_int(device, "image", 0, INT64_MAX, &image))) {
            if (bytes_equal(state, BYTES("rolled_back"))) return ERR(DENIED);
            if (bytes_equal(state, BYTES("confirmed")) && image == IMAGE) return OK;
        }
    }
    return ERR(TIMEOUT);
}

/* The page finds the terminal again where it was. */
static err open_again(struct story *s)
{
    char url[64];
    page_close(s->page);
    s->page = NULL;
    snprintf(url, sizeof url, "http://127.0.0.1:%ld/", s->stage->terminal_port);
    for (int i = 0; i < WAITS; i++) {
        if (!FAILED(page_open(url, &s->page))) break;
        wait_a_little();
    }
    return s->page == NULL ? ERR(TIMEOUT) : page_wait(s->page, "login.operator", STORY_SCREEN_MS);
}

/* A line about something has a name, a tab, and what it is. */
static err copy_value(const struct json_t *line, char *out, size_t size)
{
    char text[160];
    TRY(json_text_copy(line, "text", text, sizeof text));
    const char *tab = strchr(text, '\t');
    return bytes_to_text(bytes_text(tab == NULL ? text : tab + 1), out, size);
}

/* What the screen about this device says of its software. */
static err read_version(struct story *s, char *out, size_t size)
{
    struct json_t *lines = NULL;
    size_t count = 0;
    TRY(json_list(page_screen(s->page), "lines", 32, &lines, &count));
    for (size_t i = 0; i < count; i++) {
        struct bytes name;
        TRY(json_text(json_at(lines, i), "id", 64, &name));
        if (bytes_equal(name, BYTES("ABOUT_VERSION")))
            return copy_value(json_at(lines, i), out, size);
    }
    return ERR(NOT_FOUND);
}

static err look_at_screen(struct story *s, char *out, size_t size)
{
    TRY(page_digits(s->page, "01"));
    TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "login.password", STORY_SCREEN_MS));
    TRY(page_secret(s->page, s->own));
    TRY(page_wait(s->page, "tip.show|main.menu", STORY_SCREEN_MS));
    if (strcmp(page_id(s->page), "tip.show") == 0) TRY(page_key(s->page, "ok"));
    TRY(page_wait(s->page, "main.menu", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:settings"));
    TRY(page_wait(s->page, "settings.menu", STORY_SCREEN_MS));
    TRY(page_key(s->page, "choice:about"));
    TRY(page_wait(s->page, "settings.about", STORY_SCREEN_MS));
    TRY(read_version(s, out, size));
    TRY(page_key(s->page, "cancel"));
    TRY(page_wait(s->page, "settings.menu", STORY_SCREEN_MS));
    TRY(page_key(s->page, "cancel"));
    TRY(page_wait(s->page, "main.menu", STORY_SCREEN_MS));
    return story_log_out(s);
}

err story_update(struct story *s, struct console *chief)
{
    struct process_fault fault = {""};
    char version[160], proof[320];
    int64_t bytes = 0, of = 0;
    if (s->stage->updates == NULL) return OK;
    TRY(stage_updates_next(s->stage, "tongbao-terminal-next", IMAGE, FROM, &fault));
    TRY(begin_rollout(chief));
    TRY(await_confirmed(chief));
    TRY(stage_updates_travelled(s->stage, &bytes, &of));
    if (bytes >= of) return ERR(CONFLICT); /* there is a delta for it */
    snprintf(proof, sizeof proof,
             "1 %%, 10 %%, all: %" PRId64 " bytes travelled instead of %" PRId64
             "; what came out was checked against both, started from the other slot, and found"
             " healthy",
             bytes, of);
    story_proved(
        s, "A new build of the terminal is signed by its custodian and rolled out from the console",
        proof);
    TRY(open_again(s));
    TRY(look_at_screen(s, version, sizeof version));
    if (strstr(version, "-next") == NULL) return ERR(CONFLICT);
    snprintf(proof, sizeof proof, "%s; it said the same to the back office", version);
    story_proved(s, "The terminal says which version it is now", proof);
    return OK;
}
