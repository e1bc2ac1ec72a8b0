"""The one catalogue of what can be wrong in a rule pack, and what would be right instead."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue; `{…}` are filled with the values of a mistake."""

    zh_wrong: str
    zh_right: str
    en_wrong: str
    en_right: str


CATALOGUE: dict[str, Entry] = {
    # The text as a whole
    "encoding": Entry(
        "文件不是 UTF-8 编码", "另存为 UTF-8", "The file is not UTF-8", "Save it as UTF-8"
    ),
    "too_large": Entry(
        "文件超过 1 MiB",
        "拆小，或去掉用不到的目录",
        "More than 1 MiB",
        "Leave out what is not needed",
    ),
    "empty": Entry(
        "文件是空的",
        "至少写 pack 和 calendar",
        "There is nothing in it",
        "Write pack and calendar at least",
    ),
    "syntax": Entry(
        "不是有效的 YAML：{reason}",
        "检查这一行的缩进、引号、冒号后的空格",
        "Not valid YAML: {reason}",
        "Look at the indentation, the quotes, the blank after the colon",
    ),
    "tab": Entry("用了制表符（Tab）缩进", "改用空格", "Indented by a tab", "Indent by blanks"),
    "wide_sign": Entry(
        "用了全角符号 {sign}",
        "冒号、逗号、括号、引号用半角，冒号后空一格",
        "The sign {sign} is of Chinese width",
        "Use : , [ ] and plain quotes, with a blank after the colon",
    ),
    "characters": Entry(
        "有不可见的控制字符",
        "删去，或重新输入这一行",
        "There are control characters",
        "Type this line anew",
    ),
    "several_documents": Entry(
        "一个文件里有多份内容（---）",
        "一个文件只写一个规则包",
        "More than one document (---)",
        "One pack in one file",
    ),
    "too_deep": Entry(
        "嵌套超过 {most} 层",
        "规则包用不到这么多层",
        "Nested deeper than {most} levels",
        "No pack needs that",
    ),
    "tag": Entry(
        "用了类型标记 {tag}",
        "去掉标记，只写内容",
        "The tag {tag} is used",
        "Leave the tag out and write plain content",
    ),
    "anchor": Entry(
        "用了锚点或引用（& 或 *）",
        "把内容照写一遍；以 * 或 & 开头的文字加引号",
        "An anchor or alias (& or *) is used",
        "Write the content again; put text that begins with * or & in quotes",
    ),
    "key_twice": Entry(
        "“{key}”写了两次，第一次在第 {first} 行",
        "只留一个",
        "{key} stands twice, first in line {first}",
        "Keep one of them",
    ),
    "key_not_text": Entry(
        "冒号前不是一个词", "冒号前写一个词", "A key is not a word", "Write a word before the colon"
    ),
    # Shapes
    "missing": Entry("缺少这一项", "补上", "It is missing", "Write it"),
    "null_value": Entry(
        "这一项空着",
        "写上内容，或删去这一行",
        "Nothing stands here",
        "Write a value or remove the line",
    ),
    "unknown_key": Entry(
        "不认识“{key}”", "{near}可写的有：{known}", "{key} is not known", "{near}Known are: {known}"
    ),
    "not_mapping": Entry(
        "这里应是“名称: 内容”的若干行",
        "例如 name: 网格员",
        "Lines of `key: value` belong here",
        "For example name: 网格员",
    ),
    "not_list": Entry(
        "这里应是列表", "写成 [甲, 乙]，或每行一个 - ", "A list belongs here", "Write [a, b]"
    ),
    "list_length": Entry(
        "有 {count} 个，应为 {least} 到 {most} 个",
        "增减到这个数",
        "There are {count}; {least} to {most} belong here",
        "Bring it to that number",
    ),
    "not_text": Entry("这里应是文字", "给它加上引号", "Text belongs here", "Put it in quotes"),
    "text_length": Entry(
        "长度为 {count}，应为 1 到 {most} 个字",
        "写短一些，或写上内容",
        "{count} characters; 1 to {most} belong here",
        "Write a shorter text, or one at all",
    ),
    "code_format": Entry(
        "“{value}”不能作代码",
        "代码用小写字母开头，只用小写字母、数字、_ 和 -，最多 32 个字符",
        "{value} cannot be a code",
        "Codes begin with a small letter and have small letters, digits, _ and -, 32 at most",
    ),
    "category_format": Entry(
        "“{value}”不能作类别代码",
        "最多 64 个字符，没有空格和点，例如 01-10",
        "{value} cannot be the code of a category",
        "64 characters at most, no blanks or dots, such as 01-10",
    ),
    "not_whole": Entry("这里应是整数", "例如 3", "A whole number belongs here", "Such as 3"),
    "not_number": Entry("这里应是数字", "例如 0.7", "A number belongs here", "Such as 0.7"),
    "out_of_range": Entry(
        "{value} 超出范围",
        "应在 {least} 到 {most} 之间",
        "{value} is out of range",
        "{least} to {most} is right",
    ),
    "not_flag": Entry(
        "这里只能写 true 或 false",
        "写 true（是）或 false（否）",
        "Not true or false",
        "Write true or false",
    ),
    "choice_unknown": Entry(
        "“{value}”不在可选之列",
        "{near}可选：{known}",
        "{value} is not one of the choices",
        "{near}Choose from: {known}",
    ),
    "not_time": Entry(
        "“{value}”不是一天里的时刻",
        "写成 07:15",
        "{value} is no time of day",
        "Write 07:15",
    ),
    "midnight_begins": Entry(
        "“{value}”：24:00 是一天的结束，这里要的是开始的时刻",
        "写成 00:00，并看是不是该算第二天",
        "{value}: 24:00 is where a day ends, and here something begins",
        "Write 00:00, and see whether the next day is meant",
    ),
    "not_span": Entry(
        "“{value}”不是一段时间",
        "写成 08:30-12:00",
        "{value} is no stretch of time",
        "Write 08:30-12:00",
    ),
    "not_date": Entry(
        "“{value}”不是日期", "写成 2026-01-31", "{value} is no date", "Write 2026-01-31"
    ),
    "not_month_day": Entry(
        "“{value}”不是月日", "写成 06-01", "{value} is no day of a year", "Write 06-01"
    ),
    "leap_day": Entry(
        "02-29 不是每年都有",
        "写 02-28 或 03-01",
        "02-29 does not come every year",
        "Write 02-28 or 03-01",
    ),
    "not_amount": Entry(
        "这里应是数量和单位",
        "写成 [3, work_day]",
        "A number with its unit belongs here",
        "Write [3, work_day]",
    ),
    "unit_unknown": Entry(
        "没有单位“{value}”",
        "{near}可用：{known}",
        "{value} is no unit here",
        "{near}Units are: {known}",
    ),
    "amount_not_positive": Entry(
        "数量 {value} 不大于 0", "写 1 或更大的整数", "{value} is not above 0", "Write 1 or more"
    ),
    "not_period": Entry(
        "“{value}”不是周期",
        "写成 P1W（一周）、P3M（三个月）、P10D（十天）",
        "{value} is no period",
        "Write P1W, P3M or P10D",
    ),
    "range_reversed": Entry(
        "最少 {least} 大于最多 {most}",
        "小的写在前",
        "The least, {least}, is above the most, {most}",
        "Write the smaller number first",
    ),
    "yellow_after_red": Entry(
        "黄灯点 {value} 不在 0 到 1 之间",
        "写占时限的比例，大于 0、不大于 1，例如 0.7",
        "Yellow at {value} is not before red",
        "Write a share of the limit above 0 and not above 1, such as 0.7",
    ),
    "rhythm_never": Entry(
        "{value} 永远不会到来",
        "应在 {least} 到 {most} 之间",
        "{value} never comes",
        "{least} to {most} comes",
    ),
    "rhythm_incomplete": Entry(
        "周期没有写明哪一天",
        "每周写 weekday；每月写 day，或 nth 和 weekday",
        "The rhythm does not say which day",
        "A week needs weekday; a month needs day, or nth and weekday",
    ),
    "rhythm_no_start": Entry(
        "隔几天、几周的周期没有起点",
        "写 from: 2026-01-05 说明从哪天数起",
        "A rhythm of every so many days or weeks has no start",
        "Write from: 2026-01-05 to say where counting begins",
    ),
    "needed_here": Entry("{what}要有这一项", "补上 {key}", "{what} needs it", "Write {key}"),
    "unused_here": Entry("{what}用不到这一项", "删去", "{what} does not use it", "Remove it"),
    "zone_time_unknown": Entry(
        "没有时区“{value}”",
        "{near}例如 Asia/Shanghai",
        "There is no time zone {value}",
        "{near}Such as Asia/Shanghai",
    ),
    # What shapes cannot say
    "reference_unknown": Entry(
        "{what}里没有“{value}”",
        "{near}已有：{known}",
        "There is no {value} among {what}",
        "{near}There are: {known}",
    ),
    "code_twice": Entry(
        "代码“{value}”出现了两次",
        "每个代码只用一次",
        "The code {value} stands twice",
        "Use a code once",
    ),
    "hours_reversed": Entry(
        "{value} 的结束不晚于开始",
        "结束写在开始之后",
        "{value} does not end after it begins",
        "Let it end after it begins",
    ),
    "hours_overlap": Entry(
        "{value} 与 {other} 重叠",
        "上一段结束后再开始下一段",
        "{value} overlaps {other}",
        "Begin when the one before has ended",
    ),
    "hours_unordered": Entry(
        "{value} 写在 {other} 之后，却更早",
        "按时间先后排列",
        "{value} is earlier than {other} before it",
        "Write them in order",
    ),
    "seasons_overlap": Entry(
        "与第 {other} 个作息季节重叠",
        "一天只能属于一个季节",
        "It overlaps season {other}",
        "A day belongs to one season",
    ),
    "shift_reversed": Entry(
        "班次结束不晚于开始",
        "结束写在开始之后",
        "The shift does not end after it begins",
        "Write a later end",
    ),
    "report_too_early": Entry(
        "第一次上报 {value} 早于开始 {begin}",
        "写在开始之后",
        "The first report, {value}, is before the begin, {begin}",
        "Write a later time",
    ),
    "zone_longer_than_shift": Entry(
        "每 {every} 分钟一次，而班次只有 {length} 分钟",
        "缩短间隔，或改用 patrol 的 visit_every",
        "Every {every} minutes, but the shift has {length}",
        "Shorten it, or use visit_every of patrol",
    ),
    "accept_after_limit": Entry(
        "签收时限不短于办理时限",
        "签收时限写短一些",
        "Acceptance may take as long as the work",
        "Write a shorter time",
    ),
    "backup_cycle": Entry(
        "B 岗绕成了圈：{way}",
        "删去其中一处；同一岗位的两个人互为 AB，在授予岗位时写 backup_of",
        "Backups go in a circle: {way}",
        "Remove one of them; of two people in one post, one has backup_of in the post given",
    ),
    "escalation_cycle": Entry(
        "升级成环：{way}",
        "逐级向上，不要转回来",
        "The escalation goes in a circle: {way}",
        "Let it go up and end",
    ),
    "escalation_down": Entry(
        "从 {level} 升级到更低的 {to}",
        "升级只能向上",
        "It goes down from {level} to {to}",
        "Let it go up",
    ),
    "escalation_dead_end": Entry(
        "{to} 这一级没有能接任务的岗位，升级上去没有人接",
        "在 posts 里给这一级设岗位，role 为 leader、supervisor 或 operator",
        "No post at {to} can take what comes up",
        "Give that level a post whose role is leader, supervisor or operator",
    ),
    "escalation_twice": Entry(
        "{level} 有两条升级规则",
        "每级只写一条",
        "Two steps lead up from {level}",
        "One step a level",
    ),
    "notice_twice": Entry(
        "“{value}”的通知写了两次", "合成一条", "{value} stands twice", "Make it one"
    ),
    "catalog_twice": Entry(
        "同一标准、同一类别的目录写了两次：{value}",
        "合成一份",
        "The directory {value} stands twice",
        "Make it one",
    ),
    "minor_format": Entry(
        "{standard} 的小类代码应为 {digits} 位数字，这里是“{value}”",
        "写成 {example}",
        "Minors of {standard} have {digits} digits, this is {value}",
        "Write {example}",
    ),
    "major_format": Entry(
        "大类代码应为 2 位数字，这里是“{value}”",
        "写成 01",
        "Majors have 2 digits, this is {value}",
        "Write 01",
    ),
    "minor_not_local": Entry(
        "{value} 在地方扩展码段（080 至 999），却没有标 is_local: true",
        "标上 is_local: true，或改用 001 至 079",
        "{value} lies in the local range (080 to 999) but is not marked local",
        "Write is_local: true, or use 001 to 079",
    ),
    "expects_differ": Entry(
        "列出 {majors} 个大类、{minors} 个小类，与 expects 不符",
        "改正其中之一",
        "{majors} majors and {minors} minors are listed, expects says otherwise",
        "Correct one of them",
    ),
    "path_unknown": Entry(
        "文件里没有“{value}”",
        "{near}写一个确实存在的路径，列表从 1 数起",
        "There is no {value} in the file",
        "{near}Name a path that is there; lists count from 1",
    ),
    # Blocks that wait
    "options_missing": Entry(
        "选择题没有选项", "写 options", "A choice has no options", "Write options"
    ),
    "weights_differ": Entry(
        "各项合计 {sum}，总分是 {total}",
        "使两者相等",
        "The items make {sum}, the total is {total}",
        "Make them agree",
    ),
    "grades_unordered": Entry(
        "等级“{value}”不低于前一个",
        "由高到低排列，最后一个写 null",
        "The grade {value} is not below the one before",
        "Write them from high to low, the last with null",
    ),
    "grades_open": Entry(
        "最后一个等级应没有下限",
        "最后一个写 null",
        "The last grade must have no lower bound",
        "Write null for the last",
    ),
    "one_bound": Entry(
        "应恰好有一个界限，这里有 {count} 个",
        "在 max、min、below、above 中写一个",
        "{count} bounds; there must be one",
        "Write one of max, min, below, above",
    ),
    # Official directories as CSV
    "csv_encoding": Entry(
        "文件既不是 UTF-8 也不是 GB18030 编码",
        "另存为“CSV UTF-8”",
        "The file is neither UTF-8 nor GB18030",
        "Save it as CSV UTF-8",
    ),
    "csv_unreadable": Entry(
        "不是有效的 CSV：{reason}", "检查引号", "Not valid CSV: {reason}", "Look at the quotes"
    ),
    "csv_header": Entry(
        "第一行缺少列：{missing}",
        "第一行写 大类代码,大类名称,小类代码,小类名称（可加 责任部门）",
        "The first line lacks the columns {missing}",
        "Begin with major,major_name,minor,minor_name (and department)",
    ),
    "csv_columns": Entry(
        "有 {count} 格，表头有 {wanted} 格",
        "补齐或删去多余的格；含逗号的文字加引号",
        "{count} cells, the header has {wanted}",
        "Add or remove cells; put text with commas in quotes",
    ),
    "csv_nothing": Entry(
        "没有一行小类",
        "表头之后每行一个小类",
        "There is no minor",
        "Write one minor a line",
    ),
    "major_renamed": Entry(
        "大类 {major} 在前面叫“{other}”，这里叫“{value}”",
        "统一名称",
        "Major {major} was {other} before, here it is {value}",
        "Use one name",
    ),
}
