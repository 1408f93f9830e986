/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tongbao-update against a repository over HTTP: the commands of the published conformance suite,
 * its exit statuses and the files it leaves; images into slots, started, confirmed, rolled back;
 * and each refusal with its reason in both languages. S119.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/tuf/image.h"
#include "lib/wire/http.h"
#include "tests/protocol/programs.h"
#include "tests/unit/tuf_repository.h"

static struct repository r;
static struct repository_device d; /* for its clock; the device here is a process */
static struct children children;
static struct scratch scratch;
static struct loop *loop;
static struct http_server *server;
static pthread_t thread;
static atomic_bool stop;
static char metadata_dir[128], target_dir[128], slots_dir[128], root[128], metadata_url[64],
    target_url[64], image_key[65];
static struct said said;

static void give(void *context, const struct http_request *request, struct http_response *response)
{
    char name[512];
    (void)context;
    const struct repository_published *p = NULL;
    if (!FAILED(bytes_to_text(request->rest, name, sizeof name))) p = repository_served(&r, name);
    if (p == NULL) http_response_error(response, 404, "missing", "not here");
    else write_bytes(&response->body, bytes_of(p->text, p->len));
}

static void *serve(void *context)
{
    (void)context;
    while (!atomic_load(&stop))
        if (FAILED(loop_once(loop, 10))) break;
    return NULL;
}

static void make_directory(char out[128], const char *name)
{
    snprintf(out, 128, "%s/%s", scratch.directory, name);
    assert_int_equal(mkdir(out, 0700), 0);
}

/* Until 30 days from now: the program has the machine's clock. */
static void make_current(void)
{
    struct clock clock = clock_system();
    for (size_t i = 0; i < r.role_count; i++)
        r.roles[i].expires_ms = clock_now_ms(&clock) + 30 * DAY;
    repository_publish_again(&r, "targets");
    repository_publish_again(&r, "snapshot");
    repository_publish_again(&r, "timestamp");
    repository_publish_again(&r, "root");
}

static int begin(void **state)
{
    static const struct http_route routes[] = {{"GET", "/m/", give, 0}, {"GET", "/t/", give, 0}};
    repository_open(state);
    scratch_make(&scratch);
    programs_gather(&children, scratch.directory);
    make_directory(metadata_dir, "metadata");
    make_directory(target_dir, "targets");
    make_directory(slots_dir, "slots");
    repository_begin(&r, &d);
    make_current();
    snprintf(root, sizeof root, "%s/first.json", scratch.directory);
    const struct repository_published *first = repository_served(&r, "1.root.json");
    assert_ok(file_write(root, FILE_PUBLIC, bytes_of(first->text, first->len)));
    assert_ok(loop_create(&(struct loop_options){.clock = clock_system()}, &loop));
    const struct http_options options = {
        .loop = loop, .routes = routes, .route_count = ARRAY_LEN(routes), .programs = true};
    assert_ok(http_create(&options, &server));
    snprintf(metadata_url, sizeof metadata_url, "http://127.0.0.1:%u/m/", http_port(server));
    snprintf(target_url, sizeof target_url, "http://127.0.0.1:%u/t", http_port(server));
    struct writer w = writer_over(image_key, sizeof image_key - 1);
    assert_ok(document_key_write_public(repository_key(20), &w));
    assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
    return 0;
}

static int end(void **state)
{
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    http_destroy(server);
    loop_destroy(loop);
    repository_end(&r, &d);
    programs_remove(scratch.directory);
    return repository_close(state);
}

static int init(void)
{
    programs_run(&children, &said, "tongbao-update", "--metadata-dir", metadata_dir, "init", root,
                 NULL);
    return said.status;
}

static int refresh(void)
{
    programs_run(&children, &said, "tongbao-update", "--plain-http-here", "--metadata-dir",
                 metadata_dir, "--metadata-url", metadata_url, "refresh", NULL);
    return said.status;
}

static int fetch(const char *command, const char *name)
{
    programs_run(&children, &said, "tongbao-update", "--plain-http-here", "--metadata-dir",
                 metadata_dir, "--metadata-url", metadata_url, "--target-name", name,
                 "--target-base-url", target_url, "--target-dir", target_dir, "--slots-dir",
                 slots_dir, "--image-key", image_key, "--model", "T1", command, NULL);
    return said.status;
}

static int slots(const char *command, const char *slot)
{
    programs_run(&children, &said, "tongbao-update", "--slots-dir", slots_dir, "--image-key",
                 image_key, "--model", "T1", command, slot, NULL);
    return said.status;
}

static void assert_complaint(const char *english, const char *chinese)
{
    if (strstr(said.complaint, english) == NULL || strstr(said.complaint, chinese) == NULL)
        fail_msg("%s", said.complaint);
}

static void assert_content(const char *directory, const char *name, const char *content)
{
    char path[FILE_PATH_MAX], block[4096];
    size_t len = 0;
    assert_ok(file_path(directory, name, path, sizeof path));
    assert_ok(file_read(path, FILE_PUBLIC, block, sizeof block, &len));
    assert_int_equal(len, strlen(content));
    assert_memory_equal(block, content, len);
}

static void commands_of_the_suite(void **state)
{
    (void)state;
    assert_int_equal(refresh(), 1);
    assert_complaint("begin with init", "请先初始化");
    assert_int_equal(init(), 0);
    assert_int_equal(refresh(), 0);
    assert_string_equal(said.complaint, "");
    assert_int_equal(fetch("download", "nothing"), 1);
    assert_complaint("nothing: is in the list of no role", "没有角色");
    repository_add_file(&r, "targets", "dir/file.txt", "the content");
    repository_publish_all(&r);
    assert_int_equal(fetch("download", "dir/file.txt"), 0);
    assert_content(target_dir, "dir%2Ffile.txt", "the content");
    assert_int_equal(fetch("download", "dir/file.txt"), 0);
    /* The bytes that came, under names without versions. */
    static const char *const kept[][2] = {{"root.json", "1.root.json"},
                                          {"timestamp.json", "timestamp.json"},
                                          {"snapshot.json", "2.snapshot.json"},
                                          {"targets.json", "2.targets.json"}};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
        static char block[262144], path[FILE_PATH_MAX];
        size_t len = 0;
        const struct repository_published *p = repository_served(&r, kept[i][1]);
        assert_ok(file_path(metadata_dir, kept[i][0], path, sizeof path));
        assert_ok(file_read(path, FILE_PUBLIC, block, sizeof block, &len));
        assert_int_equal(len, p->len);
        assert_memory_equal(block, p->text, len);
    }
    r.roles[1].version = 0;
    repository_publish(&r, "timestamp");
    assert_int_equal(refresh(), 1);
    assert_complaint("timestamp: is older", "旧");
    r.roles[1].version = 2;
}

static void command_lines_that_are_wrong(void **state)
{
    (void)state;
    programs_run(&children, &said, "tongbao-update", "--metadata-dir", metadata_dir,
                 "--metadata-url", metadata_url, "refresh", NULL);
    assert_int_equal(said.status, 2);
    assert_complaint("must begin with https://", "必须以 https:// 开头");
    programs_run(&children, &said, "tongbao-update", "--metadata-dir", metadata_dir, "refresh",
                 NULL);
    assert_int_equal(said.status, 2);
    assert_complaint("--metadata-url is missing", "缺少");
    programs_run(&children, &said, "tongbao-update", "--metadata-dir", metadata_dir, "init", NULL);
    assert_int_equal(said.status, 2);
    assert_complaint("a file with the root is missing", "缺少");
    programs_run(&children, &said, "tongbao-update", "upgrade", NULL);
    assert_int_equal(said.status, 2);
    assert_complaint("there is no command 'upgrade'", "没有这个命令");
    assert_int_equal(slots("confirm", "c"), 2);
    assert_complaint("there are slots a and b", "槽位");
    programs_run(&children, &said, "tongbao-update", "--metadata-dir", "/nowhere", "init", root,
                 NULL);
    assert_int_equal(said.status, 1);
    programs_run(&children, &said, "tongbao-update", "--metadata-dir", metadata_dir, "init",
                 "/nowhere/root.json", NULL);
    assert_int_equal(said.status, 1);
    assert_complaint("/nowhere/root.json", "无法读取根元数据");
}

static void publish_image(uint64_t version, size_t signer)
{
    static uint8_t images[8][512];
    assert_true(version < ARRAY_LEN(images));
    struct writer w = writer_over(images[version], sizeof images[version]);
    assert_ok(image_write(version, "T1", BYTES("software"), repository_key(signer), &w));
    repository_add_bytes(&r, "targets", "image", writer_view(&w));
    repository_publish_all(&r);
}

static void images_into_slots(void **state)
{
    (void)state;
    assert_int_equal(slots("start", NULL), 1);
    assert_complaint("no slot has an image", "没有可启动的镜像");
    publish_image(1, 20);
    assert_int_equal(fetch("install", "image"), 0);
    assert_int_equal(slots("start", NULL), 0);
    assert_string_equal(said.out, "b 1\n");
    assert_int_equal(slots("confirm", "b"), 0);
    publish_image(2, 20);
    assert_int_equal(fetch("install", "image"), 0);
    assert_int_equal(fetch("install", "image"), 0); /* it is there already */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(slots("start", NULL), 0);
        assert_string_equal(said.out, "a 2\n");
    }
    assert_int_equal(slots("start", NULL), 0); /* nobody said that it was healthy */
    assert_string_equal(said.out, "b 1\n");
    assert_int_equal(fetch("install", "image"), 1);
    assert_complaint("has failed its health check", "未通过健康检查");
    publish_image(3, 20);
    assert_int_equal(fetch("install", "image"), 0);
    assert_int_equal(slots("start", NULL), 0);
    assert_int_equal(fetch("install", "image"), 1);
    assert_complaint("is being tried", "正在试运行");
    assert_int_equal(slots("confirm", "a"), 0);
    assert_int_equal(slots("refuse", "a"), 1);
    assert_complaint("nothing in this slot", "该槽位");
    publish_image(2, 20); /* announced by the right keys, and older all the same */
    assert_int_equal(fetch("install", "image"), 1);
    assert_complaint("not newer", "不比已验证的版本新");
    publish_image(4, 19); /* announced by the right keys, signed by another */
    assert_int_equal(fetch("install", "image"), 1);
    assert_complaint("not signed by the key", "签名无效");
    assert_int_equal(slots("start", NULL), 0);
    assert_string_equal(said.out, "a 3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_of_the_suite),
        cmocka_unit_test(command_lines_that_are_wrong),
        cmocka_unit_test(images_into_slots),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
