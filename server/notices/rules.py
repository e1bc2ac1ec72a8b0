"""What notices say, in Chinese and English. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

TEXTS: dict[str, tuple[str, str]] = {
    "task_assign": ("新任务：{title}", "A new task: {title}"),
    "push_assign": (
        "批量派发：{title}，{count} 件任务",
        "A push: {title}, {count} tasks",
    ),
    "task_yellow": (
        "黄灯：{title}，期限 {due}",
        "Yellow light: {title}, due {due}",
    ),
    "task_red": (
        "红灯：{title}，期限 {due} 已过",
        "Red light: {title}, was due {due}",
    ),
    "task_escalated": (
        "无人签收，任务已升级：{title}",
        "Not accepted, the task went up a level: {title}",
    ),
    "task_at_top": (
        "无人签收，上面已无人可升级：{title}",
        "Not accepted, and there is nobody above: {title}",
    ),
    "task_returned": ("任务被退回：{title}", "The task was sent back: {title}"),
    "task_handed_over": (
        "任务转由您办理：{title}",
        "The task is yours now: {title}",
    ),
    "task_handed_back": (
        "您已销假，任务交还给您：{title}",
        "You are back, and so is your task: {title}",
    ),
    "task_no_owner": (
        "找不到负责人的任务：{title}",
        "Nobody in the area can take the task: {title}",
    ),
    "absence_asked": (
        "{name} 请假，待批准：{begins} 至 {ends}",
        "{name} asks for leave from {begins} to {ends}",
    ),
    "absence_approved": (
        "请假已批准：{begins} 至 {ends}",
        "Your leave from {begins} to {ends} was approved",
    ),
    "absence_ended": (
        "请假已销：{begins} 至 {ends}",
        "Your leave from {begins} to {ends} has ended",
    ),
}
"""By kind, (Chinese, English) with the names of the args in braces."""

MOMENTS = frozenset({"due", "begins", "ends"})
"""Args that are instants; they are shown in the deployment's time."""
UNREAD, READ = 1, 2
"""The versions of a notice."""


def said(kind: str, args: Mapping[str, Any], language: str, zone: ZoneInfo) -> str:
    """The sentence of a notice; an arg that is missing is left blank."""
    zh, en = TEXTS[kind]
    shown = {name: _shown(name, value, zone) for name, value in args.items()}
    return (en if language == "en" else zh).format_map(_Blank(shown))


def _shown(name: str, value: Any, zone: ZoneInfo) -> str:
    if value is None:
        return ""
    if name in MOMENTS:
        return datetime.fromisoformat(value).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    return str(value)


class _Blank(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return ""
