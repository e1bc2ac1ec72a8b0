"""Invented things to report, people to visit and lines to plan, in the words of a street office.

Category codes are the event classes of GB/T 30428.2-2013.
"""

from typing import NamedTuple


class Case(NamedTuple):
    """Something to report (上报); `scene` is what its photo shows."""

    category: str
    text: str
    severity: str
    scene: str


CASES = (
    Case("01-10", "暴露垃圾，垃圾桶满溢，袋装垃圾堆在桶外", "2", "rubbish"),
    Case("01-01", "楼道出口被纸箱堆放堵塞，安全出口无法打开", "3", "fire_exit"),
    Case("04-10", "电动自行车停放在楼道并私拉电线充电", "3", "ebike"),
    Case("06-06", "污水井盖破损塌陷，已摆放警示桩", "3", "manhole"),
    Case("02-01", "灯杆上张贴多张非法小广告", "1", "adverts"),
    Case("04-05", "水果店店外经营，占用人行道", "1", "stall"),
)

STREETS = ("向阳路", "和平巷", "新华里", "春晖路", "幸福里")
FAMILY_NAMES = "赵钱孙李周吴郑王冯陈"
GIVEN_NAMES = ("建国", "秀英", "志强", "桂兰", "晓明", "玉梅")
VISIT_CHECKLIST = "elderly-living-alone"
RESIDENT_FORM, RESIDENT_VERSION = "resident", "1"

PLAN = (
    {"what": "上午巡查", "count": 1},
    {"what": "下午巡查", "count": 1},
    {"what": "走访独居老人", "count": 2},
    {"what": "登记流动人口", "count": 2},
)
