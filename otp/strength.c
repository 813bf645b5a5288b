/* SPDX-License-Identifier: Apache-2.0 */
#include "otp/strength.h"
#include "otp/nfc.h"
#include <string.h>
#include <zxcvbn.h>

#define JUDGED_MAX 72 /* characters: the time grows with the square */
#define PART_MIN 3 /* bytes of a part of a word that counts by itself */
#define PARTS_MAX 8 /* of one word */
#define SEPARATORS " @.,-_/+:()"

/* What zxcvbn's own lists do not know: this service, and what Thai people choose, in both scripts.
 */
static const char *const common[] = {
	"pratu",
	"ประตู",
	"รหัสผ่าน",
	"รหัส",
	"ความลับ",
	"สวัสดี",
	"สวัสดีครับ",
	"สวัสดีค่ะ",
	"ประเทศไทย",
	"เมืองไทย",
	"คนไทย",
	"กรุงเทพ",
	"กรุงเทพมหานคร",
	"เชียงใหม่",
	"ภูเก็ต",
	"พัทยา",
	"ฉันรักเธอ",
	"รักนะ",
	"รักแม่",
	"รักพ่อ",
	"ที่รัก",
	"สมชาย",
	"สมหญิง",
	"มานี",
	"แม่",
	"พ่อ",
	"ครอบครัว",
	"บัตรประชาชน",
	"ภาษี",
	"ราชการ",
	"ฟหกด",
	"ฟหกดเ",
	"ๆไำพ",
	"ๆไำพะ",
	"ผปแอ",
	"sawasdee",
	"sawatdee",
	"sawaddee",
	"krub",
	"krungthep",
	"bangkok",
	"muangthai",
	"thailand",
	"prathet",
	"chiangmai",
	"phuket",
	"pattaya",
	"khonkaen",
	"siam",
	"songkran",
	"loykrathong",
	"somchai",
	"somying",
	"tukta",
	"pasakorn",
	"rahat",
	"rahatphan",
	"ratchakan",
	"phasi",
	"tax",
	"signin",
};
#define COMMON (sizeof common / sizeof *common)

/* One byte for a character: zxcvbn counts bytes, and three of them for a Thai letter would make
 * each word look thrice as long. Letters of one script stay apart. */
static char *folded(struct arena *arena, const char *nfc)
{
	char *const out = arena_alloc(arena, JUDGED_MAX + 1);
	size_t n = 0;
	for (const char *c = nfc; *c != '\0' && n < JUDGED_MAX; c++) {
		if (((unsigned char)*c & 0x80u) == 0)
			out[n++] = *c;
		else if (((unsigned char)c[1] & 0xc0u) != 0x80) /* the last byte of a character */
			out[n++] = (char)(0x80u | ((unsigned)(c[-1] & 1) << 6) | (*c & 0x3fu));
	}
	out[n] = '\0';
	return out;
}

static void add(struct arena *arena, struct str_list *list, const char *word)
{
	const char *const lower = nfc_lower(arena, word);
	if (lower && strlen(lower) >= PART_MIN)
		list->items[list->n++] = folded(arena, lower);
}

/* "somchai@example.go.th" is known as a whole and by its parts. */
static void add_parts(struct arena *arena, struct str_list *list, const char *word)
{
	const char *at = word + strspn(word, SEPARATORS);
	add(arena, list, word);
	for (size_t i = 1; i < PARTS_MAX && *at != '\0'; i++) {
		const size_t len = strcspn(at, SEPARATORS);
		if (len < strlen(word))
			add(arena, list, arena_strndup(arena, at, len));
		at += len;
		at += strspn(at, SEPARATORS);
	}
}

double strength_bits(struct arena *arena, const char *password, const struct str_list *words)
{
	const char *const nfc = nfc_text(arena, password);
	struct str_list known = {
		ARENA_ARRAY(arena, const char *, words->n *PARTS_MAX + COMMON + 1), 0};
	for (size_t i = 0; i < words->n; i++)
		add_parts(arena, &known, words->items[i]);
	for (size_t i = 0; i < COMMON; i++)
		add(arena, &known, common[i]);
	known.items[known.n] = NULL;
	return nfc ? ZxcvbnMatch(folded(arena, nfc), known.items, NULL) : 0;
}

bool strength_enough(struct arena *arena, const char *password, const struct str_list *words)
{
	return strength_bits(arena, password, words) >= STRENGTH_BITS;
}
