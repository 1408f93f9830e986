/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syllables stand here in order, to be found fast; the characters in words/pinyin.txt, which is
 * compiled in as it stands. auth_guess_test holds the two against each other.
 */
#include "lib/auth/pinyin.h"

#include <endian.h>

/* Made by meson: the one text, lines of "syllable characters". */
extern const char *const pinyin_table_texts[];
extern const size_t pinyin_table_count;

/* clang-format off */
static const char syllables[][8] = {
    "a", "ai", "an", "ang", "ao", "ba", "bai", "ban", "bang", "bao", "bei", "ben", "beng",
    "bi", "bian", "biao", "bie", "bin", "bing", "bo", "bu", "ca", "cai", "can", "cang",
    "cao", "ce", "cen", "ceng", "cha", "chai", "chan", "chang", "chao", "che", "chen",
    "cheng", "chi", "chong", "chou", "chu", "chuai", "chuan", "chuang", "chui", "chun",
    "chuo", "ci", "cong", "cou", "cu", "cuan", "cui", "cun", "cuo", "da", "dai", "dan",
    "dang", "dao", "de", "dei", "deng", "di", "dian", "diao", "die", "ding", "diu", "dong",
    "dou", "du", "duan", "dui", "dun", "duo", "e", "ei", "en", "er", "fa", "fan", "fang",
    "fei", "fen", "feng", "fo", "fou", "fu", "ga", "gai", "gan", "gang", "gao", "ge", "gei",
    "gen", "geng", "gong", "gou", "gu", "gua", "guai", "guan", "guang", "gui", "gun", "guo",
    "ha", "hai", "han", "hang", "hao", "he", "hei", "hen", "heng", "hong", "hou", "hu",
    "hua", "huai", "huan", "huang", "hui", "hun", "huo", "ji", "jia", "jian", "jiang",
    "jiao", "jie", "jin", "jing", "jiong", "jiu", "ju", "juan", "jue", "jun", "ka", "kai",
    "kan", "kang", "kao", "ke", "ken", "keng", "kong", "kou", "ku", "kua", "kuai", "kuan",
    "kuang", "kui", "kun", "kuo", "la", "lai", "lan", "lang", "lao", "le", "lei", "leng",
    "li", "lia", "lian", "liang", "liao", "lie", "lin", "ling", "liu", "long", "lou", "lu",
    "luan", "lun", "luo", "lv", "lve", "ma", "mai", "man", "mang", "mao", "me", "mei",
    "men", "meng", "mi", "mian", "miao", "mie", "min", "ming", "miu", "mo", "mou", "mu",
    "na", "nai", "nan", "nang", "nao", "ne", "nei", "nen", "neng", "ni", "nian", "niang",
    "niao", "nie", "nin", "ning", "niu", "nong", "nou", "nu", "nuan", "nuo", "nv", "nve",
    "o", "ou", "pa", "pai", "pan", "pang", "pao", "pei", "pen", "peng", "pi", "pian",
    "piao", "pie", "pin", "ping", "po", "pou", "pu", "qi", "qia", "qian", "qiang", "qiao",
    "qie", "qin", "qing", "qiong", "qiu", "qu", "quan", "que", "qun", "ran", "rang", "rao",
    "re", "ren", "reng", "ri", "rong", "rou", "ru", "ruan", "rui", "run", "ruo", "sa",
    "sai", "san", "sang", "sao", "se", "sen", "seng", "sha", "shai", "shan", "shang",
    "shao", "she", "shen", "sheng", "shi", "shou", "shu", "shua", "shuai", "shuan",
    "shuang", "shui", "shun", "shuo", "si", "song", "sou", "su", "suan", "sui", "sun",
    "suo", "ta", "tai", "tan", "tang", "tao", "te", "teng", "ti", "tian", "tiao", "tie",
    "ting", "tong", "tou", "tu", "tuan", "tui", "tun", "tuo", "wa", "wai", "wan", "wang",
    "wei", "wen", "weng", "wo", "wu", "xi", "xia", "xian", "xiang", "xiao", "xie", "xin",
    "xing", "xiong", "xiu", "xu", "xuan", "xue", "xun", "ya", "yan", "yang", "yao", "ye",
    "yi", "yin", "ying", "yo", "yong", "you", "yu", "yuan", "yue", "yun", "za", "zai",
    "zan", "zang", "zao", "ze", "zei", "zen", "zeng", "zha", "zhai", "zhan", "zhang",
    "zhao", "zhe", "zhen", "zheng", "zhi", "zhong", "zhou", "zhu", "zhua", "zhuai", "zhuan",
    "zhuang", "zhui", "zhun", "zhuo", "zi", "zong", "zou", "zu", "zuan", "zui", "zun",
    "zuo",
};
/* clang-format on */

/* Up to eight letters as a number that compares as they do: nothing is the least letter. */
static uint64_t packed(const char letters[8])
{
    uint64_t number;
    memcpy(&number, letters, sizeof number);
    return be64toh(number);
}

bool pinyin_is_syllable(struct bytes letters)
{
    char wanted[8] = "";
    size_t low = 0, high = ARRAY_LEN(syllables);
    if (letters.len == 0 || letters.len > PINYIN_SYLLABLE_MAX) return false;
    memcpy(wanted, letters.at, letters.len);
    const uint64_t number = packed(wanted);
    while (low < high) {
        size_t middle = (low + high) / 2;
        uint64_t here = packed(syllables[middle]);
        if (here == number) return true;
        if (here > number) high = middle;
        else low = middle + 1;
    }
    return false;
}

/* Three bytes of UTF-8 that are one character: a match that starts inside another cannot be. */
static bool is_character(const uint8_t at[3])
{
    return (at[0] & 0xF0) == 0xE0 && (at[1] & 0xC0) == 0x80 && (at[2] & 0xC0) == 0x80;
}

size_t pinyin_readings(struct bytes character, struct bytes ret_reading[PINYIN_READINGS_MAX])
{
    const uint8_t *at = (const uint8_t *)pinyin_table_texts[0], *hit;
    const uint8_t *begin = at, *end = at + strlen(pinyin_table_texts[0]);
    size_t found = 0;
    if (character.len != 3 || !is_character(character.at)) return 0;
    /* Over the whole table at once: readings are ASCII, so a character stands only behind one. */
    while (found < PINYIN_READINGS_MAX &&
           (hit = memmem(at, (size_t)(end - at), character.at, character.len)) != NULL) {
        const uint8_t *before = memrchr(begin, '\n', (size_t)(hit - begin));
        const uint8_t *line = before == NULL ? begin : before + 1;
        const uint8_t *space = memchr(line, ' ', (size_t)(hit - line));
        at = memchr(hit, '\n', (size_t)(end - hit));
        ENSURE(space != NULL && at != NULL);
        ret_reading[found++] = bytes_of(line, (size_t)(space - line));
    }
    return found;
}
