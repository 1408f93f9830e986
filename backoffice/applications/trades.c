/* SPDX-License-Identifier: Apache-2.0 */
/* Common trades. What is not among them is one of the rows that say "other". */
#include "backoffice/applications/trades.h"

/* clang-format off */
static const struct trade table[] = {
    {TRADE_FOOD, "5812", "餐馆", "Restaurant", "面馆 粉店 火锅 烧烤 饺子 小厨"},
    {TRADE_FOOD, "5814", "快餐、小吃、奶茶", "Fast food, snacks, milk tea", "快餐 小吃 奶茶 汉堡 饮品 早点"},
    {TRADE_FOOD, "5813", "茶馆、咖啡馆、酒吧", "Tea house, café, bar", "咖啡 酒吧"},
    {TRADE_FOOD, "5462", "面包糕点", "Bakery", "面包 糕 烘焙 蛋糕"},
    {TRADE_FOOD, "5811", "团餐、宴会", "Caterer", "宴 团餐"},
    {TRADE_SHOP, "5411", "超市、便利店、蔬果", "Supermarket, grocer's", "便利 果 菜 生鲜 粮油"},
    {TRADE_SHOP, "5422", "肉类、水产", "Meat and fish", "肉 水产 海鲜"},
    {TRADE_SHOP, "5499", "茶叶、副食、其他食品", "Tea and other food", "食品 茶 副食 特产 零食"},
    {TRADE_SHOP, "5921", "酒类", "Wine and spirits", "酒"},
    {TRADE_SHOP, "5993", "烟草", "Tobacco", "烟"},
    {TRADE_SHOP, "5311", "百货", "Department store", "百货"},
    {TRADE_SHOP, "5331", "杂货、日用品", "Household goods", "杂货 日用 百货"},
    {TRADE_SHOP, "5651", "服装", "Clothes", "服装 服饰 衣 女装 男装"},
    {TRADE_SHOP, "5641", "童装、母婴", "Children's wear", "童装 母婴 婴"},
    {TRADE_SHOP, "5661", "鞋帽箱包", "Shoes and bags", "鞋 帽 箱包"},
    {TRADE_SHOP, "5977", "化妆品", "Cosmetics", "化妆品 美妆"},
    {TRADE_SHOP, "5944", "珠宝、钟表", "Jewellery and watches", "珠宝 首饰 钟表 黄金"},
    {TRADE_SHOP, "5732", "数码、电器", "Electronics", "数码 电器 电脑"},
    {TRADE_SHOP, "4812", "手机", "Telephones", "手机 通讯"},
    {TRADE_SHOP, "5712", "家具", "Furniture", "家具 家居"},
    {TRADE_SHOP, "5251", "五金", "Hardware", "五金"},
    {TRADE_SHOP, "5942", "书店", "Books", "书"},
    {TRADE_SHOP, "5943", "文具、办公用品", "Stationery", "文具 办公"},
    {TRADE_SHOP, "5945", "玩具", "Toys", "玩具"},
    {TRADE_SHOP, "5941", "体育用品", "Sports goods", "体育 户外 渔具"},
    {TRADE_SHOP, "5992", "鲜花", "Flowers", "花"},
    {TRADE_SHOP, "5995", "宠物用品", "Pets", "宠物"},
    {TRADE_SHOP, "5999", "其他零售", "Another shop", "用品"},
    {TRADE_SERVICE, "7230", "美容美发", "Hair and beauty", "美容 美发 理发 美甲 造型"},
    {TRADE_SERVICE, "7298", "按摩、足浴", "Massage", "按摩 足浴 养生 推拿"},
    {TRADE_SERVICE, "7216", "洗衣", "Laundry", "洗衣 干洗"},
    {TRADE_SERVICE, "7221", "照相", "Photographer", "照相 摄影 影楼"},
    {TRADE_SERVICE, "7338", "打印、广告制作", "Copies and prints", "打印 图文 复印 广告"},
    {TRADE_SERVICE, "7349", "家政、保洁", "Cleaning", "家政 保洁"},
    {TRADE_SERVICE, "7699", "维修", "Repairs", "维修 修理"},
    {TRADE_SERVICE, "4215", "快递", "Parcels", "快递 驿站"},
    {TRADE_SERVICE, "4722", "旅行社", "Travel agent", "旅行 旅游"},
    {TRADE_SERVICE, "7299", "其他服务", "Another service", "服务"},
    {TRADE_LEISURE, "7011", "酒店、民宿", "Hotel, guest house", "酒店 宾馆 民宿 客栈 旅馆"},
    {TRADE_LEISURE, "7832", "电影院", "Cinema", "影院 影城"},
    {TRADE_LEISURE, "7911", "歌厅", "Karaoke", "歌 舞"},
    {TRADE_LEISURE, "7997", "健身、运动", "Sports and fitness", "健身 球 泳 瑜伽 运动"},
    {TRADE_LEISURE, "7991", "景点", "Sights", "景区 公园"},
    {TRADE_LEISURE, "7999", "其他娱乐", "Another kind of leisure", "游 棋牌 网吧 娱乐"},
    {TRADE_CAR, "5541", "加油、充电", "Fuel", "加油 充电"},
    {TRADE_CAR, "5533", "汽车配件", "Parts for cars", "汽配 轮胎"},
    {TRADE_CAR, "7538", "汽车维修", "Car repairs", "汽修 维修"},
    {TRADE_CAR, "7542", "洗车", "Car wash", "洗车"},
    {TRADE_CAR, "7523", "停车场", "Parking", "停车"},
    {TRADE_CAR, "5940", "自行车、电动车", "Bicycles", "电动车 自行车"},
    {TRADE_HEALTH, "5912", "药店", "Pharmacy", "药"},
    {TRADE_HEALTH, "8043", "眼镜", "Optician", "眼镜"},
    {TRADE_HEALTH, "8011", "诊所", "Doctor", "诊所 门诊 医"},
    {TRADE_HEALTH, "8021", "牙科", "Dentist", "牙 口腔"},
    {TRADE_HEALTH, "0742", "宠物医院", "Veterinary", "宠物"},
    {TRADE_HEALTH, "8299", "培训", "Training", "培训 教育 艺术 舞蹈"},
    {TRADE_HEALTH, "8351", "托育", "Child care", "托 幼儿"},
    {TRADE_BUILDING, "5200", "建材", "Building material", "建材 瓷砖 灯 门窗 涂料"},
    {TRADE_BUILDING, "1520", "装修、施工", "Builder", "装修 装饰 工程"},
};
/* clang-format on */

/* Each group's own words fit every trade of it. */
static const struct {
    const char *zh, *en, *words;
} groups[TRADE_GROUPS] = {
    [TRADE_FOOD] = {"餐饮", "Food and drink", "餐 饭 食 面 粉 菜 茶 酒 馆 厨 店 坊 铺 摊"},
    [TRADE_SHOP] = {"零售", "Shops", "店 超市 商 行 铺 市场 摊 馆 城 屋 坊"},
    [TRADE_SERVICE] = {"生活服务", "Services", "店 部 中心 社 馆 坊 工作室"},
    [TRADE_LEISURE] = {"住宿和娱乐", "Lodging and leisure", "店 馆 中心 俱乐部 厅 城 吧"},
    [TRADE_CAR] = {"汽车和出行", "Cars and roads", "车 站 店 行 厂"},
    [TRADE_HEALTH] = {"医疗和教育", "Health and education", "店 院 所 馆 学 班 中心"},
    [TRADE_BUILDING] = {"建材和装修", "Building", "店 行 部 中心 城"},
};

const struct trade *trades(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(table);
    return table;
}

const char *trade_group_text(enum trade_group group, bool english)
{
    ENSURE(group < TRADE_GROUPS);
    return english ? groups[group].en : groups[group].zh;
}

const struct trade *trade_of(const char *code)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(table[i].code, code) == 0) return &table[i];
    return NULL;
}

static bool has_word(const char *name, const char *words)
{
    char word[32];
    while (*words != '\0') {
        size_t len = strcspn(words, " ");
        ENSURE(len > 0 && len < sizeof word);
        memcpy(word, words, len);
        word[len] = '\0';
        if (strstr(name, word) != NULL) return true;
        words += len;
        words += strspn(words, " ");
    }
    return false;
}

bool trade_is_named(const struct trade *trade, const char *name)
{
    return has_word(name, trade->words) || has_word(name, groups[trade->group].words);
}
