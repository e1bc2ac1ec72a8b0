"""What `gewu` says, in Chinese and English; `GEWU_LANG` chooses."""

import os

TEXTS: dict[str, tuple[str, str]] = {
    # Options
    "option.data": ("数据目录（或 GEWU_DATA）", "data folder (or GEWU_DATA)"),
    # Refusals
    "refused.database": ("数据库无法连接：{reason}", "The database cannot be reached: {reason}"),
    "refused.migrated": (
        "数据库结构不是最新的；请运行 gewu db upgrade",
        "The database is not migrated; run gewu db upgrade",
    ),
    "refused.fresh": (
        "{path} 里还没有部署；请先运行 gewu init",
        "There is no deployment in {path}; run gewu init first",
    ),
    "refused.no_key": ("没有密钥 {path}；请运行 gewu init", "No key {path}; run gewu init"),
    "refused.bad_key": (
        "密钥 {path} 无法读取；请放回它的备份",
        "The key {path} cannot be read; put its copy back",
    ),
    "refused.instant": ("不是带时区的时间：{value}", "Not an instant with its offset: {value}"),
    # gewu
    "gewu.help": (
        "格物：社区网格工作的服务器。",
        "Gewu: the server of community grid work.",
    ),
    # init
    "init.help": ("建立一个部署：目录、密钥、数据库、管理员。", "Set up a deployment."),
    "init.admin": ("管理员的用户名", "user name of the admin"),
    "init.password": ("管理员密码（至少 10 位）", "Password of the admin (10 or more)"),
    "init.made": ("已建立：{path}", "Made: {path}"),
    "init.migrated": ("数据库已是最新：{revision}", "The database is migrated: {revision}"),
    "init.admin_made": ("已建立管理员：{name}", "Made the admin {name}"),
    "init.admin_known": (
        "管理员 {name} 已存在，未作改动",
        "The admin {name} stands as it was",
    ),
    "init.other_admin": (
        "已有其他管理员；请由他们在网页或接口中添加",
        "There is another admin already; let them add this one through the API",
    ),
    "init.short": ("密码太短（至少 10 位）", "The password is too short (10 or more)"),
    "init.next": ("下一步：gewu serve，另开一个终端 gewu worker", "Next: gewu serve; gewu worker"),
    # serve and worker
    "serve.help": ("启动网页服务（gunicorn）。", "Serve over HTTP (gunicorn)."),
    "serve.host": ("监听地址", "address to listen on"),
    "serve.port": ("监听端口", "port to listen on"),
    "serve.workers": ("进程数（默认 GEWU_WORKERS）", "web processes (default GEWU_WORKERS)"),
    "serve.threads": ("每个进程的线程数", "threads of a process (default GEWU_THREADS)"),
    "serve.at": ("打开 {url}", "Open {url}"),
    "worker.help": ("启动后台任务进程；只需一个。", "Run the background jobs; one is enough."),
    "worker.lost": ("与数据库的连接中断，锁已失去", "The lock was lost with its connection"),
    # doctor
    "doctor.help": ("检查部署；有问题时退出码为 1。", "Check the deployment; exit 1 if it is ill."),
    "doctor.title": ("检查", "Check-up"),
    "doctor.check": ("项目", "Check"),
    "doctor.found": ("结果", "Found"),
    "doctor.advice": ("怎么办", "What to do"),
    "check.clock": ("时钟", "Clock"),
    "check.zone": ("时区", "Time zone"),
    "check.folders": ("目录可写", "Folders writable"),
    "check.keys": ("密钥", "Keys"),
    "check.disk": ("剩余空间", "Free space"),
    "check.bucket": ("照片桶可写", "Photo bucket writable"),
    "check.database": ("数据库", "Database"),
    "check.migrated": ("数据库结构", "Schema"),
    "check.durable": ("落盘", "Durability"),
    "check.database_clock": ("数据库时钟偏差", "Clock of the database"),
    "check.worker": ("后台进程", "Worker"),
    "check.job": ("后台任务", "Job"),
    "check.address": ("公开地址", "Public address"),
    "advice.clock": ("校准服务器时间（NTP）", "Set the machine's time (NTP)"),
    "advice.folders": ("建立目录并允许本用户写入", "Make the folders writable for this user"),
    "advice.keys": ("运行 gewu init；或放回密钥的备份", "Run gewu init, or put the keys back"),
    "advice.modes": ("chmod 600；密钥不应让他人读到", "chmod 600: nobody else may read keys"),
    "advice.disk": ("清理磁盘，或调小 GEWU_FREE_BYTES", "Free space, or lower GEWU_FREE_BYTES"),
    "advice.bucket": (
        "检查 GEWU_MEDIA_URL、GEWU_S3_* 密钥和对象存储服务",
        "Check GEWU_MEDIA_URL, the GEWU_S3_* keys and the object store",
    ),
    "advice.database": ("检查 GEWU_DATABASE_URL 和数据库服务", "Check GEWU_DATABASE_URL"),
    "advice.migrated": ("运行 gewu db upgrade", "Run gewu db upgrade"),
    "advice.durable": ("打开同步写入，否则断电会丢数据", "Turn it on: a power cut loses data"),
    "advice.database_clock": ("校准两台机器的时间（NTP）", "Set both machines' time (NTP)"),
    "advice.worker": ("启动 gewu worker", "Start gewu worker"),
    "advice.job": ("查看 gewu worker 的日志", "Read the log of gewu worker"),
    "advice.insecure": (
        "手机浏览器需要 HTTPS；请设置 https:// 的 GEWU_PUBLIC_URL",
        "Browsers on phones need HTTPS: set GEWU_PUBLIC_URL to https://",
    ),
    "advice.address": ("检查证书、代理和防火墙", "Check certificate, proxy and firewall"),
    "advice.expiring": ("尽快更换证书", "Renew the certificate soon"),
    # enrol
    "enrol.help": (
        "给成员一个一次性接入码和二维码。MEMBER 是用户名、姓名或编号。",
        "Make a one-time code and QR. MEMBER is a user name, a name or an id.",
    ),
    "enrol.ttl": ("有效秒数（60 至 604800）", "seconds that it is valid (60 to 604800)"),
    "enrol.for": ("{name} 的接入码：{code}", "Code for {name}: {code}"),
    "enrol.until": ("有效至 {until}，只能用一次", "Valid until {until}, for one use"),
    "member.unknown": ("没有这个成员：{name}", "No such member: {name}"),
    "member.ambiguous": ("{name} 不止一人，请用编号：", "{name} is ambiguous; use the id:"),
    # config
    "config.help": ("显示所有设置及其来源。", "Show every setting and where it comes from."),
    "config.show": ("显示（默认）", "show (the default)"),
    "config.name": ("设置", "Setting"),
    "config.value": ("值", "Value"),
    "config.source": ("来源", "Source"),
    "config.meaning": ("含义", "Meaning"),
    "source.environment": ("环境变量", "environment"),
    "source.option": ("命令行", "option"),
    "source.default": ("默认", "default"),
    # db
    "db.help": ("数据库结构。", "The schema of the database."),
    "db.upgrade": ("升级到最新结构。", "Migrate to the newest schema."),
    "db.current": ("显示当前结构版本。", "Show the revision."),
    "db.revision": (
        "（开发者）由模型生成迁移。",
        "Write a migration from the models.",
    ),
    "db.is": ("当前 {current}，最新 {newest}", "Current {current}, newest {newest}"),
    "db.none": ("无", "none"),
    # lists
    "items.help": ("列出设备交回的记录，新的在前。", "List what devices handed in, newest first."),
    "items.kind": ("记录类型", "kind of item"),
    "items.member": ("成员：用户名、姓名或编号", "member: user name, name or id"),
    "items.since": ("此刻之后收到（ISO 8601，带时区）", "received since (ISO 8601 with offset)"),
    "list.limit": ("最多行数", "most rows"),
    "list.count": ("{count} 行", "{count} rows"),
    "column.id": ("编号", "Id"),
    "column.kind": ("类型", "Kind"),
    "column.member": ("成员", "Member"),
    "column.received": ("收到", "Received"),
    "column.status": ("状态", "Status"),
    "column.flags": ("标记", "Flags"),
    "column.code": ("原因", "Code"),
    "column.state": ("状态", "State"),
    "column.model": ("型号", "Model"),
    "column.seen": ("最近同步", "Last seen"),
    "column.outbox": ("待传", "Outbox"),
    "column.behind": ("未送达", "Undelivered"),
    "column.title": ("标题", "Title"),
    "column.due": ("期限", "Due"),
    "column.jobs": ("数量", "Jobs"),
    "column.oldest": ("最早到期", "Oldest due"),
    "column.key": ("对象", "Of what"),
    "column.tries": ("次数", "Tries"),
    "column.error": ("原因", "Reason"),
    "column.ended": ("结束", "Ended"),
    "devices.help": ("列出设备：状态、最近同步、待传数。", "List devices and how far they are."),
    # quarantine
    "quarantine.help": ("待处理区：服务器没能使用的记录。", "Lines that could not be used."),
    "quarantine.list": ("列出待处理的记录。", "List the open lines."),
    "quarantine.every": ("也列出已处理的", "also those dealt with"),
    "quarantine.show": ("显示一条，原样。", "Show one line, byte for byte."),
    "quarantine.replay": ("重新处理；仍不行的留在原处。", "Judge lines again; what fails stays."),
    "quarantine.all": ("全部待处理的", "all open lines"),
    "quarantine.which": ("请给出编号，或 --all", "Name the ids, or say --all"),
    "quarantine.unknown": ("没有这一条：{id}", "No such line: {id}"),
    "quarantine.result": ("{id} → {status} {code}", "{id} → {status} {code}"),
    # tasks
    "tasks.help": ("派发和列出任务。", "Assign and list tasks."),
    "tasks.push": ("派一个任务给成员。", "Assign a task to a member."),
    "tasks.to": ("成员：用户名、姓名或编号", "member: user name, name or id"),
    "tasks.title": ("标题", "title"),
    "tasks.text": ("内容", "text"),
    "tasks.due": ("期限（ISO 8601，带时区）", "due (ISO 8601 with offset)"),
    "tasks.kind": ("任务类型", "kind of task"),
    "tasks.pushed": ("已派给 {name}：{id}", "Assigned to {name}: {id}"),
    "tasks.list": ("列出任务，新的在前。", "List tasks, newest first."),
    "tasks.state": ("状态", "state"),
    # media
    "media.help": ("照片：核对、搬迁、列出待清理的。", "Photos: verify, move, what will be swept."),
    "media.verify": (
        "重新计算每张照片的哈希并与数据库核对；有问题时退出码为 1。服务可继续运行。",
        "Hash every photo again and hold it against the database; exit 1 if anything is wrong."
        " The server may run.",
    ),
    "media.hashing": ("核对", "Hashing"),
    "media.verified": ("{count} 个文件，{faults} 处问题", "{count} files, {faults} faults"),
    "media.move": (
        "把全部照片复制到另一处（目录或桶），按哈希核对；中断后再运行会接着做。原处不删除。",
        "Copy every photo to another folder or bucket, checked by its hash; run it again to go on."
        " Nothing is removed.",
    ),
    "media.to": ("目标，写法同 GEWU_MEDIA_URL", "where to, as in GEWU_MEDIA_URL"),
    "media.same": ("照片已经在那里", "The photos are there already"),
    "media.copying": ("复制", "Copying"),
    "media.moved": ("复制 {copied} 个，原已完整 {there} 个", "{copied} copied, {there} were there"),
    "media.broken": (
        "{count} 个文件与其哈希不符，没有复制；请运行 gewu media verify",
        "{count} files are not what their hashes say and were not copied; run gewu media verify",
    ),
    "media.switch": (
        "停止服务，再运行一次以带上新照片，然后设置 GEWU_MEDIA_URL={url} 并启动。"
        "未传完的上传会重新开始。",
        "Stop the server, run this once more for what came meanwhile, set GEWU_MEDIA_URL={url}"
        " and start it. Uploads that are not finished begin anew.",
    ),
    "media.partials": (
        "列出现在会被清理的未完成上传。",
        "List the unfinished uploads that the sweep would take now.",
    ),
    "media.orphans": (
        "列出现在会被清理的、没有记录引用的文件。",
        "List the files that no item names and the sweep would take now.",
    ),
    "media.away": ("照片存储不可用：{reason}", "The store of photos cannot be used: {reason}"),
    "column.sha256": ("哈希", "SHA-256"),
    "column.fault": ("问题", "Fault"),
    "column.detail": ("详情", "Detail"),
    "column.bytes": ("字节", "Bytes"),
    "column.changed": ("最后变动", "Last change"),
    "column.type": ("类型", "Type"),
    "column.stored": ("存入", "Stored"),
    "fault.missing": ("文件缺失", "The file is missing"),
    "fault.wrong_hash": ("内容与哈希不符", "The content has another hash"),
    "fault.wrong_size": ("大小与数据库不符", "The database has another size"),
    "fault.no_row": ("数据库里没有", "The database does not know it"),
    # pack
    "pack.help": (
        "规则包：网格、岗位、巡查、时限、目录，写在一个 YAML 文件里。"
        " FILE 是文件，或随附规则包的名字（xiaoshan、wujiagang、community、chashan）。",
        "Rule packs: areas, posts, patrols, limits, catalogues in one YAML file."
        " FILE is a file or the name of a shipped pack (xiaoshan, wujiagang, community, chashan).",
    ),
    "pack.check": (
        "检查规则包，列出全部错误及其行号；有错时退出码为 1。",
        "Check packs: every mistake with its line; exit 1 if there is one.",
    ),
    "pack.show": (
        "显示规则包，标出本地选定的数。",
        "Show a pack and what was chosen locally.",
    ),
    "pack.diff": (
        "比较两个版本：什么变了，涉及哪些人。",
        "Compare two versions: what changes, and for whom.",
    ),
    "pack.schema": (
        "给编辑器用的 JSON Schema（2020-12）。",
        "The JSON Schema (2020-12) for editors.",
    ),
    "pack.catalog": (
        "把官方目录（CSV）变成 catalogs 块，可粘贴到规则包里。第一行是列名："
        "大类代码、大类名称、小类代码、小类名称，可加责任部门。",
        "Turn an official directory (CSV) into a catalogs block to paste into a pack. Its first"
        " line names the columns: major, major_name, minor, minor_name, and perhaps department.",
    ),
    "pack.output": ("写到此文件（默认标准输出）", "write to this file (default: standard output)"),
    "pack.standard": ("目录所依标准", "standard of the directory"),
    "pack.kind": ("component 部件，event 事件、事项", "components or events"),
    "pack.bad": ("{count} 个文件有错", "{count} files have mistakes"),
    "pack.same": ("{old} 与 {new} 内容相同", "{old} and {new} say the same"),
    "pack.local": (
        "{count} 处由本地选定（依据没有规定）",
        "{count} local choices (the source does not say)",
    ),
    "pack.listed": ("{majors} 个大类、{minors} 个小类", "{majors} majors, {minors} minors"),
    "pack.unreadable": (
        "{file} 无法读取：{reason}。随附的规则包：{known}",
        "{file} cannot be read: {reason}. Shipped packs: {known}",
    ),
    "pack.unwritable": ("{file} 无法写入：{reason}", "{file} cannot be written: {reason}"),
    "column.item": ("对象", "Item"),
    "column.what": ("内容", "What"),
    "column.value": ("值", "Value"),
    "column.chosen": ("本地选定的理由", "Chosen locally because"),
    "column.change": ("变化", "Change"),
    "column.before": ("原来", "Before"),
    "column.after": ("现在", "After"),
    "column.whom": ("涉及", "For whom"),
    # jobs
    "jobs.help": ("后台作业：等待、失败、重试。", "Background jobs: waiting, failed, retried."),
    "jobs.list": (
        "各类作业的数量、最早的到期时间，以及失败的作业",
        "Count jobs by kind and state, and list those that failed",
    ),
    "jobs.retry": ("重试失败的作业", "Try failed jobs again"),
    "jobs.counts": ("后台作业", "Jobs"),
    "jobs.failed": ("失败的作业", "Failed jobs"),
    "jobs.again": ("将重试：{id}", "To be tried again: {id}"),
    "jobs.unknown": ("没有这个失败的作业：{id}", "No failed job {id}"),
    # audit
    "audit.help": ("审计记录。", "The audit trail."),
    "audit.verify": (
        "核对审计链；断裂时退出码为 1。",
        "Check the chains; exit 1 if broken.",
    ),
    "audit.whole": ("审计链完整", "The audit chains are whole"),
    "audit.broken": ("断裂：{actor} 第 {no} 条", "Broken: {actor}, entry {no}"),
    # backup and restore
    "backup.help": (
        "把 SQLite 数据库备份到 FILE（服务可继续运行）。照片和密钥请另行备份。",
        "Copy the SQLite database to FILE while it runs. Keep photos and keys besides.",
    ),
    "backup.done": ("已备份：{path}（{size} 字节）", "Copied to {path} ({size} bytes)"),
    "backup.besides": ("另请复制：{paths}", "Copy these folders too: {paths}"),
    "backup.bucket": (
        "照片在 {url}，不在本备份里；请用对象存储自己的版本或复制功能保护",
        "The photos are in {url}, not in this copy: keep them by its own versions or replication",
    ),
    "backup.exists": ("文件已存在：{path}", "The file exists: {path}"),
    "backup.postgresql": (
        "PostgreSQL 请用 pg_dump 备份",
        "The database is PostgreSQL: use pg_dump",
    ),
    "restore.help": (
        "恢复后换新纪元，让设备重新交出所留记录；SQLite 用 --from 放回备份。",
        "Rotate the epoch after a restore, so that devices offer what they hold;"
        " --from puts a copy back (SQLite).",
    ),
    "restore.from": ("gewu backup 的备份文件", "a copy made by gewu backup"),
    "restore.postgresql": (
        "PostgreSQL 请先用 pg_restore 恢复，再运行不带 --from 的 gewu restore",
        "The database is PostgreSQL: run pg_restore, then gewu restore without --from",
    ),
    "restore.running": (
        "服务或后台进程正在运行；请先停止",
        "The server or the worker is running; stop it first",
    ),
    "restore.bad": ("不能用的备份：{path}：{reason}", "{path} cannot be used: {reason}"),
    "restore.kept": ("原数据库保留为 {path}", "The database that was here is kept as {path}"),
    "restore.epoch": ("新纪元：{epoch}", "New epoch: {epoch}"),
    "restore.means": (
        "设备下次同步时会从头读取，并交出它们还留着的记录",
        "Devices will read from the start and offer every item that they still hold",
    ),
    # demo
    "demo.help": (
        "演示：虚构的阳光街道，八台设备离线一班、经差网络交回，派单、核验、对账。按 Ctrl-C 结束。",
        "An invented street at work: eight devices, one shift offline, a bad network, tasks,"
        " and the numbers at the end. Ctrl-C ends it.",
    ),
    "demo.data": ("演示的数据目录，每次从头建立", "folder of the demo, made anew each time"),
    "demo.host": (
        "监听地址；0.0.0.0 让同一网络的手机可以接入",
        "address to listen on; 0.0.0.0 lets phones of the same network in",
    ),
    "demo.once": (
        "打印结果后结束；全部成立时退出码为 0",
        "end after the table; exit 0 if all holds",
    ),
    "demo.clean": ("删除演示的数据目录", "remove the folder of the demo"),
    "demo.photos_option": ("用此目录里的真实照片", "take real photos from this folder"),
    "demo.devices": ("设备数", "devices"),
    "demo.reports": ("每班最多上报数", "most reports of a shift"),
    "demo.foreign": (
        "{path} 不是演示建立的目录，不会动它；请用 --data 另选",
        "{path} was not made by a demo and is left alone; choose another with --data",
    ),
    "demo.members": (
        "这个数据库里已有 {count} 个成员，不是演示建立的，不会动它",
        "The database holds {count} members that no demo made; it is left alone",
    ),
    "demo.port": (
        "端口 {port} 不能用（{reason}）；请用 --port 另选",
        "Port {port} cannot be used ({reason}); choose another with --port",
    ),
    "demo.not_ready": ("服务没有就绪，请看 {log}", "The server is not ready; see {log}"),
    "demo.ended": ("gewu {command} 意外结束，请看 {log}", "gewu {command} ended; see {log}"),
    "demo.simulator": ("模拟器失败，退出码 {code}", "The simulator failed with exit code {code}"),
    "demo.no_answer": ("{call} 失败：{reason}", "{call} failed: {reason}"),
    "demo.removed": ("已删除 {path}", "Removed {path}"),
    "demo.nothing": ("没有演示数据：{path}", "There is no demo in {path}"),
    "demo.left": (
        "数据库 {url} 里的演示数据还在；下次演示会重建，或请自行删除该库",
        "The demo's tables in {url} stay; the next demo makes them anew, or drop the database",
    ),
    "demo.stopped": ("演示已停止", "The demo was stopped"),
    "demo.step.ground": ("建立目录、密钥、数据库：{path}", "Folder, keys, database: {path}"),
    "demo.step.start": ("启动服务与后台进程：{url}", "Server and worker: {url}"),
    "demo.step.street": (
        "阳光街道：2 个社区、6 个网格、8 名网格员及 AB 岗、网格长、监督员",
        "The street: 2 communities, 6 cells, 8 workers with backups, leaders, a supervisor",
    ),
    "demo.step.enrol": (
        "为 {count} 名网格员发接入码并派单",
        "Codes and tasks for {count} workers",
    ),
    "demo.step.shift": (
        "{count} 台设备离线一班，再经差网络交回；已派 {tasks} 单，途中加派",
        "{count} devices: one shift offline, then a bad network; {tasks} tasks, more on the way",
    ),
    "demo.step.judge": (
        "监督员：核验、退回、撤销、转派",
        "The supervisor verifies, returns, cancels, reassigns",
    ),
    "demo.step.again": (
        "设备继续办理（途中有的已被撤销或转派），再核验",
        "The devices go on, not knowing what was cancelled or reassigned; verified again",
    ),
    "demo.step.gather": ("经接口逐条读回并对账", "Reading every item back through the API"),
    "demo.title": ("演示结果", "What came out"),
    "demo.what": ("项目", "What"),
    "demo.count": ("数量", "Count"),
    "demo.captured": ("{devices} 台设备采集", "Captured by {devices} devices"),
    "demo.kind": ("  收下 {kind}", "  stored {kind}"),
    "demo.aside": ("待处理区", "Set aside"),
    "demo.code": ("  {code}", "  {code}"),
    "demo.conflicts": ("同号异文（冲突）", "Conflicts"),
    "demo.duplicates": ("内容重复（已标记）", "Duplicate content, flagged"),
    "demo.flag": ("标记 {flag}", "Flagged {flag}"),
    "demo.faults": ("网络故障（注入）", "Network faults put in"),
    "demo.replays": ("重发并得到原答复", "Replays, answered as before"),
    "demo.photos": ("照片 完整 / 待传", "Photos complete / pending"),
    "demo.copies": ("照片副本 缩略图 / 水印", "Copies of photos thumb / stamped"),
    "demo.task": ("任务 {state}", "Tasks {state}"),
    "demo.receipts": ("回执 有效 / 全部", "Receipts verified / all"),
    "demo.rule.handed_in": (
        "全部交回，设备上不剩",
        "Nothing is left on a device",
    ),
    "demo.rule.counted": ("采集数 = 收下 + 待处理", "Captured = stored + set aside"),
    "demo.rule.readable": (
        "每条已答复的记录都能原样读回",
        "Every answered item can be read back, byte for byte",
    ),
    "demo.rule.once": ("没有一条记录出现两次", "No item is there twice"),
    "demo.rule.pictured": ("照片全部完整", "Every photo is complete"),
    "demo.rule.proven": (
        "回执全部有效，每条都有回执",
        "Every item has a receipt that verifies",
    ),
    "demo.rule.lawful": ("任务每一步都合规", "Every step of every task was legal"),
    "demo.rule.chained": ("审计链完整", "The audit trail is whole"),
    "demo.took": ("用时 {seconds} 秒", "It took {seconds} s"),
    "demo.logins": ("登录（密码只显示这一次）", "Log-ins (the passwords are shown this once)"),
    "demo.name": ("姓名", "Name"),
    "demo.role": ("岗位", "Role"),
    "demo.username": ("用户名", "User name"),
    "demo.password": ("密码", "Password"),
    "demo.docs": ("接口文档：{url}", "API documents: {url}"),
    "demo.items": ("记录：{url}，或 {command}", "Items: {url}, or {command}"),
    "demo.health": ("健康：{url}", "Health: {url}"),
    "demo.invite": (
        '用真实设备接入（{name}）：fieldkit enroll "{url}"',
        'Enrol a real device as {name}: fieldkit enroll "{url}"',
    ),
    "demo.loopback": (
        "服务只在本机可用；要让手机接入，请用 gewu demo --host 0.0.0.0",
        "Only this machine can reach it; for phones run gewu demo --host 0.0.0.0",
    ),
    "demo.stays": ("服务在运行，按 Ctrl-C 结束", "The server is running; Ctrl-C ends it"),
}


def language() -> str:
    """`zh` or `en`; what is neither is refused with the settings."""
    return "en" if os.environ.get("GEWU_LANG") == "en" else "zh"


def t(key: str, **values: object) -> str:
    """The sentence for `key`, with `values` put in."""
    zh, en = TEXTS[key]
    return (en if language() == "en" else zh).format(**values)
