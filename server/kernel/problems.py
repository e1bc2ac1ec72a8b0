"""The one catalogue of what can go wrong: code, HTTP status, text in both languages, retryable.

`Problem` is what services raise (they know no HTTP; the status is only looked up at the door).
Verdict codes of single items stand here too: their status is never sent as an HTTP status.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalogue; `retryable` tells a device whether sending again can help."""

    status: int
    zh: str
    en: str
    retryable: bool = False


CATALOGUE: dict[str, Entry] = {
    # Transport and envelope
    "bad_request": Entry(400, "请求无法读取", "The request cannot be read"),
    "envelope_invalid": Entry(
        400, "第一行（信封）无法读取", "Line 1, the envelope, cannot be read"
    ),
    "body_truncated": Entry(
        400, "请求体不完整，请重发", "The body was cut off; send it again", True
    ),
    "body_encoding": Entry(400, "请求体解压失败", "The body cannot be decompressed", True),
    "unauthorized": Entry(401, "未登录或令牌已失效", "The token is missing, unknown or revoked"),
    "wrong_install": Entry(401, "设备与令牌不符", "The install does not belong to this token"),
    "login_failed": Entry(401, "用户名或密码错误", "The user name or password is wrong"),
    "forbidden": Entry(403, "没有权限", "Not allowed"),
    "draining": Entry(403, "设备已停用，只能交回数据", "The device may only hand in"),
    "not_found": Entry(404, "没有找到", "Not found"),
    "code_unknown": Entry(404, "接入码不存在", "The enrolment code is unknown"),
    "method_not_allowed": Entry(405, "不支持的请求方法", "Method not allowed"),
    "not_acceptable": Entry(406, "无法提供所要的格式", "Not acceptable"),
    "conflict": Entry(409, "与现有数据冲突", "It conflicts with what is stored"),
    "idempotency_reused": Entry(
        409, "同一 Idempotency-Key 用于了不同的请求", "The Idempotency-Key was used otherwise"
    ),
    "state_illegal": Entry(409, "当前状态不允许此操作", "The current state does not allow this"),
    "code_used": Entry(410, "接入码已被使用", "The enrolment code was used already"),
    "code_expired": Entry(410, "接入码已过期", "The enrolment code has expired"),
    "version_old": Entry(412, "数据已被他人修改，请刷新", "Somebody changed it; read it again"),
    "batch_too_large": Entry(413, "批次过大，请减半重发", "The batch is too large; halve it", True),
    "body_too_large": Entry(413, "请求体过大", "The body is too large"),
    "media_type": Entry(415, "不支持的内容类型", "Unsupported content type"),
    "range_invalid": Entry(416, "范围无效", "The range cannot be satisfied"),
    "invalid": Entry(422, "内容有误", "Some fields are not right"),
    "locked": Entry(423, "正在被另一个请求写入", "Another request is writing this", True),
    "protocol_version": Entry(426, "协议版本不支持", "This protocol version is not supported"),
    "version_needed": Entry(428, "需要 If-Match 版本号", "If-Match with the version is needed"),
    "too_many_requests": Entry(429, "请求过于频繁，请稍后", "Too many requests; wait", True),
    "locked_out": Entry(429, "多次失败，暂时锁定", "Too many failures; locked for a while", True),
    "internal": Entry(500, "服务器内部错误", "Internal error", True),
    "busy": Entry(503, "服务器繁忙，请稍后重试", "The server is busy; try again later", True),
    "not_ready": Entry(503, "服务器尚未就绪", "The server is not ready", True),
    "disk_full": Entry(507, "存储空间不足", "The disk is full", True),
    # Uploads (tus)
    "tus_version": Entry(412, "tus 版本不支持", "The tus version is not supported"),
    "upload_offset": Entry(409, "上传位置不符", "The upload offset does not match", True),
    "upload_expired": Entry(410, "上传已过期", "The upload has expired"),
    "upload_too_large": Entry(413, "文件过大", "The file is too large"),
    "checksum_mismatch": Entry(460, "校验和不符，请从头重传", "The checksum does not match", True),
    "checksum_algorithm": Entry(400, "校验算法不支持", "The checksum algorithm is not supported"),
    # Copies of photos
    "copy_pending": Entry(404, "副本尚未生成，请稍后", "The copy is not made yet", True),
    "copy_impossible": Entry(404, "此文件没有副本", "There is no copy of this file"),
    "link_expired": Entry(410, "链接已过期", "The link has expired"),
    # Areas, members, posts
    "polygon_invalid": Entry(422, "多边形无效", "The polygon is not valid"),
    "polygon_overlap": Entry(422, "与同级网格重叠", "It overlaps a cell of the same level"),
    "tree_cycle": Entry(422, "上级关系成环", "The parent would make a cycle"),
    "code_taken": Entry(422, "编码已存在", "The code is taken"),
    "username_taken": Entry(422, "用户名已存在", "The user name is taken"),
    "post_taken": Entry(422, "该岗位已有人", "The post is held by somebody"),
    "period_reversed": Entry(422, "结束早于开始", "It ends before it starts"),
    "day_beyond": Entry(
        422, "日期须在 1900 年以后、今后十年以内", "A day from 1900 to ten years ahead is needed"
    ),
    "reference_unknown": Entry(422, "所指对象不存在", "What it refers to does not exist"),
    "password_weak": Entry(422, "密码太短（至少 10 位）", "The password is too short (10 or more)"),
    "level_wrong": Entry(422, "层级与上级不符", "The level does not come below its parent's"),
    "code_format": Entry(422, "编码格式不符", "The code has not the form of its level"),
    "area_in_use": Entry(409, "下级网格仍有效", "Areas below it are still live"),
    "backup_wrong": Entry(
        422, "备岗须为同网格、同岗位、另一人", "A backup is another member's, same area and role"
    ),
    # Tasks
    "period_empty": Entry(422, "起止时间颠倒", "The period ends before it begins"),
    "due_past": Entry(422, "期限已过", "The due time has passed"),
    "due_far": Entry(422, "期限太远（最多十年）", "The due time is more than ten years away"),
    "extension_none": Entry(
        422, "须给出比现期限更晚的期限", "A later end than the present one is needed"
    ),
    "extension_beyond": Entry(422, "超出可延长的期限", "The rules do not let it be that late"),
    "extensions_used_up": Entry(
        409, "延期次数已用完", "It was extended as often as the rules allow"
    ),
    "assignee_same": Entry(422, "任务已在此人手中", "The task is this member's already"),
    # Rule packs
    "pack_invalid": Entry(422, "规则包有误", "There are mistakes in the rule pack"),
    "pack_changed": Entry(
        409, "此版本已安装且内容不同，请提高版本号", "This version is installed with other content"
    ),
    "pack_past": Entry(422, "生效日期已过", "The day from which it is to hold is over"),
    # Pushes and plans
    "nobody_reached": Entry(422, "没有人会收到任务", "Nobody would get a task"),
    "template_unknown": Entry(
        422, "所在规则包没有这个任务模板", "The pack in force there has no such template"
    ),
    "subject_twice": Entry(422, "对象重复", "A subject is listed twice"),
    "rhythm_invalid": Entry(422, "周期无效", "The rhythm is not one"),
    "no_working_time": Entry(
        409,
        "按现行日历，今后很久都没有工作时间，算不出期限",
        "By the calendar in force no working time comes for long, so no limit can be counted",
    ),
    "confirm_needed": Entry(
        409,
        "任务数量很大，请确认数量后再派发",
        "So many tasks need to be confirmed by their number",
    ),
    # Absences
    "absence_overlap": Entry(422, "与另一张请假单重叠", "It overlaps another absence"),
    "absence_past": Entry(422, "请假时间已过", "The time of the absence has passed"),
    # Verdicts on items
    "bad_json": Entry(422, "不是有效的 JSON 对象", "Not a valid JSON object"),
    "schema_invalid": Entry(422, "内容不符合格式", "The body does not fit its schema"),
    "schema_unknown": Entry(422, "格式版本未知", "The schema version is unknown", True),
    "kind_unknown": Entry(422, "记录类型未知", "The kind is unknown", True),
    "too_large": Entry(422, "单条记录过大", "The item is too large"),
    "handler_failed": Entry(422, "服务器处理失败，已保存待重放", "Processing failed; kept", True),
    "id_conflict": Entry(422, "同一编号已有不同内容", "The id already stands with other bytes"),
    "action_stale": Entry(422, "任务已变化，此操作不再适用", "The task has moved on"),
}


class Problem(Exception):
    """Something the caller can be told: a code of the catalogue, fields, and what to wait for."""

    def __init__(
        self,
        code: str,
        *,
        errors: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.entry = CATALOGUE[code]
        self.errors = dict(errors or {})
        self.retry_after = retry_after
        self.extra = dict(extra or {})


def invalid(field: str, code: str, detail: str = "") -> Problem:
    """A Problem about one field: `{"errors": {field: [code or detail]}}`."""
    return Problem(code, errors={field: [detail or code]})


def text(code: str, language: str = "zh") -> str:
    """The sentence for `code` in `zh` or `en`."""
    entry = CATALOGUE[code]
    return entry.en if language == "en" else entry.zh
