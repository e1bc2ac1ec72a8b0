"""Every sentence that fieldkit says to a person: key → (Chinese, English)."""

import os

_chosen: str | None = None

TEXTS: dict[str, tuple[str, str]] = {
    # errors
    "error": ("出错了", "Something went wrong"),
    "offline": (
        "连不上服务器（{reason}）。数据都在手机里，稍后再试。",
        "The server cannot be reached ({reason}). Everything is kept here; try again later.",
    ),
    "untrusted_server": (
        "服务器证书不可信（{reason}），没有发送任何数据。请联系管理员。",
        "The server's certificate is not trusted ({reason}); nothing was sent. Ask your admin.",
    ),
    "not_our_server": (
        "回答的不是格物服务器（HTTP {status}）。公共 Wi-Fi 可能要先登录。数据都在手机里。",
        "Something else answered (HTTP {status}); a public Wi-Fi may want a log-in first. "
        "Everything is kept here.",
    ),
    "bad_answer": (
        "服务器的回答看不懂（{reason}）。数据都在手机里。",
        "The server's answer makes no sense ({reason}). Everything is kept here.",
    ),
    "problem": ("服务器拒绝了：{title}（{code}）", "The server refused: {title} ({code})"),
    "unauthorized": (
        "本机的授权已失效。数据都在手机里，请向管理员要新的接入码。",
        "This device is no longer authorised. Everything is kept here; ask for a new code.",
    ),
    "too_large": (
        "内容太大，服务器不收：{title}",
        "Too large for the server: {title}",
    ),
    "upgrade_needed": (
        "程序版本太旧，请先升级。数据都在手机里。",
        "This program is too old; upgrade it. Everything is kept here.",
    ),
    "busy": (
        "服务器忙（{title}），请过 {retry_after} 秒再试。数据都在手机里。",
        "The server is busy ({title}); try again in {retry_after} s. Everything is kept here.",
    ),
    "not_enrolled": (
        "本机还没有接入。请先运行 fieldkit enroll 加二维码里的地址。",
        "This device is not enrolled. Run fieldkit enroll with the address in the QR code first.",
    ),
    "locked": (
        "本机已被管理员锁定，只能上传，不能采集。",
        "A supervisor locked this device: it can hand in, but not capture.",
    ),
    "store_trouble": (
        "手机存储写不进去（{reason}），这一条没有保存。",
        "The disk refused ({reason}); this was not saved.",
    ),
    "store_too_new": (
        "{home} 里的数据是新版程序写的，请升级。",
        "The data in {home} was written by a newer program; upgrade this one.",
    ),
    "not_json": ("内容无法写成 JSON：{reason}", "This cannot be written as JSON: {reason}"),
    "bad_address": (
        "“{address}”不是服务器地址，应当像 https://server 这样。",
        '"{address}" is no server address; it should look like https://server.',
    ),
    "no_code": ("缺少接入码。", "The enrolment code is missing."),
    "bad_photo": (
        "{path} 不是照片（支持 JPEG、PNG、HEIC、WebP）。",
        "{path} is not a photo (JPEG, PNG, HEIC, WebP).",
    ),
    "no_file": ("{path} 读不了：{reason}", "{path} cannot be read: {reason}"),
    "bad_exif": (
        "{path} 的拍摄信息写不进去：{reason}",
        "No capture data can be written into {path}: {reason}",
    ),
    "bad_gpx": ("{path} 不是可用的 GPX：{reason}", "{path} is not a usable GPX: {reason}"),
    "no_photos": (
        "{folder} 里没有照片。",
        "There is no photo in {folder}.",
    ),
    "no_points": (
        "{path} 里没有带时间的轨迹点。",
        "{path} holds no track points with a time.",
    ),
    "reason_needed": (
        "{action} 要写明理由：加上 --reason。",
        "{action} needs a reason: add --reason.",
    ),
    "shift_open": (
        "班次已于 {started} 开始，还没有结束。先运行 fieldkit shift end。",
        "A shift is open since {started}. Run fieldkit shift end first.",
    ),
    "no_shift": (
        "没有已开始的班次。先运行 fieldkit shift start。",
        "No shift was started. Run fieldkit shift start first.",
    ),
    "no_shift_to_end": (
        "没有已开始的班次。确实要结束，请加 --force。",
        "No shift was started. Add --force to end one all the same.",
    ),
    "unknown_task": ("没有任务 {task}。", "There is no task {task}."),
    "ambiguous_task": (
        "{task} 对应 {count} 个任务，请多写几位。",
        "{task} fits {count} tasks; write more of the id.",
    ),
    "bad_instant": (
        "“{value}”不是时间，应当像 2026-12-05T18:00 这样。",
        '"{value}" is no time; it should look like 2026-12-05T18:00.',
    ),
    "mark": ("✎ 待改 {point}：{text}", "✎ to mend, {point}: {text}"),
    "explain_why": (
        "⚠ 已超期，请用 explain 说明原因",
        "⚠ overdue: say why with explain",
    ),
    "half_position": ("--lat 和 --lon 要一起给。", "--lat and --lon go together."),
    "bad_json_input": ("输入的不是 JSON 对象：{reason}", "The input is no JSON object: {reason}"),
    # warnings
    "clock_off": (
        "手机时间差了 {seconds} 秒，请校准。",
        "This device's clock is {seconds} s off; set it right.",
    ),
    "reenrol": (
        "服务器请本机重新接入（可能是换机或恢复备份）。请向管理员要新的接入码。",
        "The server asks this device to enrol anew (a copy or a restore?). Ask for a new code.",
    ),
    "key_changed": (
        "注意：服务器的签名公钥变了！新回执无法验证，请立即告诉管理员。",
        "WARNING: the server's signing key has changed! New receipts cannot be trusted. "
        "Tell your admin at once.",
    ),
    "update_app": ("有新版本，请升级程序。", "A newer version is wanted; upgrade."),
    "open_air": (
        "注意：地址不是 https，数据在网络上没有加密。",
        "WARNING: the address is not https; data travels unencrypted.",
    ),
    # what the commands say
    "enrolled": ("已接入：{name}", "Enrolled: {name}"),
    "captured": (
        "已保存 {kind} {id}（第 {seq} 条），待传 {waiting} 条。",
        "Saved {kind} {id} (no. {seq}); {waiting} waiting to be sent.",
    ),
    "no_position": (
        "没有位置：照片里也没有。可加 --lat --lon。",
        "No position, and none in the photo. You may add --lat --lon.",
    ),
    "synced": (
        "已收到 {sent} 条，需处理 {tray} 条，照片 {uploaded} 张，更新 {taken} 项。",
        "{sent} received, {tray} need attention, {uploaded} photos, {taken} updates.",
    ),
    "still_here": (
        "还在手机里：{items} 条，照片 {media} 张。",
        "Still on this device: {items} items, {media} photos.",
    ),
    "all_sent": ("全部已上传。", "Everything is handed in."),
    "wiped": ("本机数据已按服务器命令清除。", "This device was wiped as the server ordered."),
    "photo_trouble": ("照片 {sha256}：{reason}", "Photo {sha256}: {reason}"),
    "file_lost": ("文件不见了", "the file is gone"),
    "file_changed": ("文件被改动过", "the file was changed"),
    "nothing": ("没有。", "None."),
    "retried": ("{count} 条重新排队。", "{count} queued again."),
    # status
    "status_member": ("人员：{name}", "Member: {name}"),
    "status_server": ("服务器：{url}", "Server: {url}"),
    "status_shift": ("班次：{started} 开始", "Shift: since {started}"),
    "status_off_shift": ("班次：未签到", "Shift: none"),
    "status_last": ("上次同步：{at}", "Last sync: {at}"),
    "status_never": ("上次同步：从未", "Last sync: never"),
    "status_tray": (
        "需处理：{count} 条（fieldkit tray）",
        "Need attention: {count} (fieldkit tray)",
    ),
    "status_others": (
        "另有 {count} 条属于其他人员，等其重新接入后上传。",
        "{count} more belong to another member and wait until that member enrols here again.",
    ),
    # what the server found on a photo
    "photo_found": ("照片 {sha256}：{what}", "Photo {sha256}: {what}"),
    "found_far": (
        "拍摄地点离记录 {number} 米",
        "taken {number} m from where the item is",
    ),
    "found_time": (
        "拍摄时间与记录相差 {number} 秒",
        "taken {number} s before or after the item",
    ),
    "found_missing": ("没有拍摄地点和时间", "tells neither where nor when it was taken"),
    "found_edited": ("像是编辑过", "looks edited"),
    "found_seen": ("以前交过这张或相似的照片", "this photo, or one alike, came in before"),
    # simulate
    "no_url": ("缺少服务器地址 --url。", "The server's address --url is missing."),
    "too_few_codes": (
        "只有 {codes} 个接入码，需要 {devices} 个。",
        "There are {codes} codes for {devices} devices.",
    ),
    "sim_done": (
        "{name}：采集 {captured} 条，照片 {photos} 张，遇到故障 {faults} 次，全部已交。",
        "{name}: {captured} captured, {photos} photos, {faults} faults, all handed in.",
    ),
    "sim_trouble": (
        "{name}：采集 {captured} 条，还有 {left} 件未交或未证实（{trouble}）。",
        "{name}: {captured} captured, {left} not handed in or not proven ({trouble}).",
    ),
    "sim_captured": ("采集", "captured"),
    "sim_accepted": ("收下", "accepted"),
    "sim_quarantined": ("待处理", "quarantined"),
    "sim_conflict": ("冲突", "conflicts"),
    "sim_stale": ("过时", "stale"),
    "sim_duplicates": ("重复内容", "duplicates"),
    "sim_replays": ("重发", "replays"),
    "sim_photos": ("照片", "photos"),
    "sim_receipts": ("回执有效", "receipts valid"),
    "sim_faults": ("故障", "faults"),
    "sim_left": ("未交", "left"),
    # verify
    "verified": ("{count} 张回执全部有效。", "All {count} receipts are valid."),
    "no_key": (
        "还没有服务器公钥，请先同步一次。",
        "The server's key is not here yet; sync once.",
    ),
    "finding": ("回执 {no}：{fault}", "Receipt {no}: {fault}"),
    "root_wrong": ("内容与签名时不同", "its lines are not those that were signed"),
    "signature_wrong": ("签名无效", "the signature is wrong"),
    "link_missing": ("缺少前一张回执", "the receipt before it is missing"),
    "link_broken": ("与前一张回执对不上", "it does not follow the receipt before it"),
}


def choose(lang: str | None) -> None:
    """Fix the language of this process ("zh" or "en"); None goes by the environment."""
    global _chosen
    _chosen = lang


def language() -> str:
    """ "zh" or "en": as chosen, else by GEWU_LANG, else by LANG, else Chinese."""
    wanted = _chosen or os.environ.get("GEWU_LANG") or os.environ.get("LANG") or "zh"
    return "en" if wanted.lower().startswith("en") else "zh"


def say(key: str, **values: object) -> str:
    """The sentence for `key` in the person's language, with its places filled."""
    chinese, english = TEXTS[key]
    return (english if language() == "en" else chinese).format(**values)
