/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S164, S166, S167: a device hands its sealed backup over in pieces, over connections that break,
 * and the office keeps what this very device has signed, and nothing else: one of each week, of
 * eight weeks; it hands it back to the device that serves the terminal number, and says when a
 * shop's is old.
 */
#include "tests/unit/desk_backups_rig.h"

#define KEPT    "{\"id\":9,\"status\":\"ok\"}"
#define WEEK_MS (7 * RIG_DAY_MS)

static struct signer own, other;
static struct bundle b, c;

static int start(void **state)
{
    rig_make(state);
    signer_make(&own, RIG_TID);
    signer_make(&other, RIG_TID);
    signer_serves(&own);
    rig_connect(1);
    return 0;
}

static int stop(void **state)
{
    identity_key_free(&own.key);
    identity_key_free(&other.key);
    return rig_drop(state);
}

static size_t files(void)
{
    struct dirent *entry;
    size_t count = 0;
    DIR *directory = opendir(rig.scratch.directory);
    assert_non_null(directory);
    while ((entry = readdir(directory)) != NULL) count += strlen(entry->d_name) == 64;
    closedir(directory);
    return count;
}

#define events(kind) rig_count("SELECT count(*) FROM event WHERE kind = '" kind "'")

static void in_pieces_over_lines_that_break(void **state)
{
    (void)state;
    bundle_make(&b, &own, RIG_TID, RIG_SERIAL, 3, 12);
    bundle_offer(1, &b);
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"ok\",\"part\":1}");
    bundle_piece(1, &b, 1);
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"ok\",\"part\":2}");
    bundle_piece(1, &b, 1); /* it came twice: nothing has changed */
    bundle_piece(1, &b, 4); /* not its turn */
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"ok\",\"part\":2}");
    bundle_piece(1, &b, 2);

    /* The line breaks, and so does the program. */
    rig_close_desk();
    rig_open_desk();
    rig_connect(2);
    bundle_offer(2, &b);
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"ok\",\"part\":3}");
    for (size_t part = 3; part <= (b.len + DEVICE_PART_MAX - 1) / DEVICE_PART_MAX; part++) {
        assert_int_equal(files(), 0);
        bundle_piece(2, &b, part);
    }
    assert_string_equal(rig_heard(), KEPT);
    assert_int_equal(files(), 1);
    assert_int_equal(rig_count("SELECT count(*) FROM backup_piece"), 0);
    assert_int_equal(rig_count("SELECT payments FROM backup WHERE state = 2"), 12);
    assert_int_equal(events("backup.kept"), 1);
    bundle_offer(2, &b); /* the answer was lost */
    assert_string_equal(rig_heard(), KEPT);
    assert_int_equal(events("backup.kept"), 1);
    rig_audit_is_whole();
}

static void cut_before_it_was_a_file(void **state)
{
    (void)state;
    bundle_make(&b, &own, RIG_TID, RIG_SERIAL, 1, 1);
    char gone[] = "/nowhere/at/all";
    const char *before = rig.desk->config.backups;
    rig.desk->config.backups = gone; /* the disk */
    bundle_send(1, &b);
    assert_string_equal(rig_heard(), "{\"id\":9,\"status\":\"refused\",\"reason\":\"no_room\"}");
    assert_int_equal(rig_count("SELECT count(*) FROM backup WHERE state = 2"), 0);
    rig.desk->config.backups = before;
    bundle_offer(1, &b);
    assert_string_equal(rig_heard(), KEPT);
    assert_int_equal(files(), 1);
}

/* What is refused, and by which word; nothing of it stays. */
static void refused(const char *why)
{
    char text[96];
    snprintf(text, sizeof text, "{\"id\":9,\"status\":\"refused\",\"reason\":\"%s\"}", why);
    assert_string_equal(rig_heard(), text);
    assert_int_equal(rig_count("SELECT count(*) FROM backup"), 0);
    assert_int_equal(files(), 0);
}

static void what_is_not_this_device_s(void **state)
{
    (void)state;
    bundle_make(&b, &other, RIG_TID, RIG_SERIAL, 1, 3); /* another key */
    bundle_send(1, &b);
    refused("not_signed");
    bundle_make(&b, &own, RIG_OTHER, RIG_SERIAL, 1, 3);
    bundle_send(1, &b);
    refused("other_terminal");
    bundle_make(&b, &own, RIG_TID, "TB1-2030-000018", 1, 3);
    bundle_send(1, &b);
    refused("other_device");
    bundle_make(&b, &own, RIG_TID, RIG_SERIAL, 1, 3);
    c = b;
    c.at[c.len - 40] ^= 1; /* of the signature */
    crypto_sha256(bytes_of(c.at, c.len), c.digest);
    bundle_send(1, &c);
    refused("not_signed");
    c = b;
    c.at[3000] ^= 1; /* on its way */
    bundle_send(1, &c);
    refused("digest");
    c = b;
    c.len -= 3;
    crypto_sha256(bytes_of(c.at, c.len), c.digest);
    bundle_send(1, &c);
    refused("format");
    assert_int_equal(events("backup.failed"), 5); /* each cause once */
    bundle_send(1, &c);
    refused("format");
    assert_int_equal(events("backup.failed"), 5);
    rig.now_ms += RIG_DAY_MS;
    bundle_send(1, &c); /* and once more when it is still so a day later */
    refused("format");
    assert_int_equal(events("backup.failed"), 6);
    bundle_send(1, &b);
    assert_string_equal(rig_heard(), KEPT);
}

static void pieces_that_fit_nothing(void **state)
{
    (void)state;
    bundle_make(&b, &own, RIG_TID, RIG_SERIAL, 1, 6);
    bundle_piece(1, &b, 1);
    refused("not_begun");
    bundle_offer(1, &b);
    c = b;
    c.digest[0] ^= 1;
    bundle_piece(1, &c, 1);
    refused("not_begun");
    c = b;
    c.len = 100; /* too short for its place */
    bundle_piece(1, &c, 1);
    refused("format");
    bundle_send(1, &b);
    assert_string_equal(rig_heard(), KEPT);
}

static void one_of_each_week(void **state)
{
    (void)state;
    int64_t week = rig.now_ms / WEEK_MS;
    rig.now_ms = (week + 1) * WEEK_MS + 1000;
    for (uint64_t i = 0; i < 11; i++) {
        for (uint64_t again = 0; again < 2; again++) { /* by hand, the day after */
            rig.now_ms += RIG_DAY_MS;
            bundle_make(&b, &own, RIG_TID, RIG_SERIAL, 1 + 2 * i + again, 1);
            bundle_send(1, &b);
            assert_string_equal(rig_heard(), KEPT);
        }
        rig.now_ms += 5 * RIG_DAY_MS;
    }
    assert_int_equal(rig_count("SELECT count(*) FROM backup WHERE state = 2"), 8);
    assert_int_equal(rig_count("SELECT min(number) FROM backup WHERE state = 2"), 8);
    assert_int_equal(rig_count("SELECT count(*) FROM backup WHERE state = 2 AND number % 2 = 1"),
                     0);
    assert_ok(backups_sweep(rig.desk));
    assert_int_equal(files(), 8);
    assert_int_equal(rig_count("SELECT count(*) FROM backup"), 8);
}

static void and_back(void **state)
{
    (void)state;
    rig.frames = 0;
    rig_say(1, "{\"id\":4,\"ask\":\"backup_find\",\"part\":1}");
    assert_string_equal(rig_heard(), "{\"id\":4,\"status\":\"ok\"}");
    bundle_make(&b, &own, RIG_TID, RIG_SERIAL, 7, 9);
    bundle_send(1, &b);
    rig_say(1, "{\"id\":4,\"ask\":\"backup_find\",\"part\":1}");
    assert_non_null(strstr(rig_heard(), "\"number\":7"));
    assert_non_null(strstr(rig_heard(), "\"serial\":\"" RIG_SERIAL "\""));
    static uint8_t got[BUNDLE_MAX];
    size_t len = 0;
    for (int64_t part = 1; len < b.len; part++) {
        char text[256];
        struct writer w = writer_over(text, sizeof text - 1);
        struct device_message m = {.ask = DEVICE_BACKUP_FETCH, .id = 5, .part = part}, heard = {0};
        CLEANUP(json_free) struct json_document document = {0};
        size_t some = 0;
        memcpy(m.digest, b.digest, sizeof m.digest);
        device_write_ask(&w, &m);
        text[w.len] = '\0';
        rig.frames = 0;
        rig_say(1, text);
        assert_int_equal(
            device_read_heard(bytes_text(rig_heard()), DEVICE_BACKUP_FETCH, &document, &heard),
            DEVICE_UNDERSTOOD);
        assert_true(heard.has & DEVICE_HAS_BYTES);
        assert_ok(base64_decode(heard.policy, got + len, sizeof got - len, &some));
        assert_true(some > 0);
        len += some;
    }
    assert_int_equal(len, b.len);
    assert_memory_equal(got, b.at, len);

    /* Another terminal of the same shop has none of it. */
    assert_ok(devices_opened(rig.desk, 3, BYTES(RIG_OTHER), RIG_CERTIFICATE_END));
    rig_say(3, RIG_HELLO("TB1-2030-000018", "TB-2"));
    rig.frames = 0;
    rig_say(3, "{\"id\":4,\"ask\":\"backup_find\",\"part\":1}");
    assert_string_equal(rig_heard(), "{\"id\":4,\"status\":\"ok\"}");
    char text[256], digest[65] = "";
    struct writer hex = writer_over(digest, 64);
    write_hex(&hex, BYTES_OF(b.digest));
    snprintf(text, sizeof text, "{\"id\":5,\"ask\":\"backup_fetch\",\"part\":1,\"digest\":\"%s\"}",
             digest);
    rig_say(3, text);
    assert_string_equal(rig_heard(), "{\"id\":5,\"status\":\"refused\",\"reason\":\"not_found\"}");
}

static void an_old_one_is_told_once(void **state)
{
    (void)state;
    bundle_make(&b, &own, RIG_TID, RIG_SERIAL, 1, 1);
    bundle_send(1, &b);
    rig.now_ms += 14 * RIG_DAY_MS - 1000;
    assert_ok(backups_sweep(rig.desk));
    assert_int_equal(events("backup.stale"), 0);
    rig.now_ms += 2000;
    for (int i = 0; i < 3; i++) assert_ok(backups_sweep(rig.desk));
    assert_int_equal(events("backup.stale"), 1);
    bundle_make(&b, &own, RIG_TID, RIG_SERIAL, 2, 1);
    bundle_send(1, &b);
    rig.now_ms += 15 * RIG_DAY_MS;
    assert_ok(backups_sweep(rig.desk));
    assert_int_equal(events("backup.stale"), 2);
}

/* By the terminal's own word: its medium, or what was written. */
static void failures_are_events(void **state)
{
    (void)state;
    rig_event(RIG_TID, 1, "backup_failed", "");
    rig_event(RIG_TID, 2, "backup_unreadable", "");
    rig_event(RIG_TID, 3, "backup_stale", "");
    assert_int_equal(events("backup.failed"), 2);
    assert_int_equal(events("backup.stale"), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(in_pieces_over_lines_that_break),
        CASE(cut_before_it_was_a_file),
        CASE(what_is_not_this_device_s),
        CASE(pieces_that_fit_nothing),
        CASE(one_of_each_week),
        CASE(and_back),
        CASE(an_old_one_is_told_once),
        CASE(failures_are_events),
    };
    return cmocka_run_group_tests_name("desk_backups", tests, NULL, NULL);
}
