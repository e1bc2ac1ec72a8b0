"""The roles of a post, and the groups of them that doors are opened to."""

WORKER = "worker"  # 网格员
LEADER = "leader"  # 网格长
OPERATOR = "operator"  # 社区坐席
SUPERVISOR = "supervisor"  # 监督员
DEPARTMENT = "department"  # 部门
AUDITOR = "auditor"  # 审计
ADMIN = "admin"  # 管理员

ROLES = (WORKER, LEADER, OPERATOR, SUPERVISOR, DEPARTMENT, AUDITOR, ADMIN)
AREALESS = (AUDITOR, ADMIN)
"""Roles whose post may have no area: they reach everything."""

EVERYBODY = ROLES
STAFF = (LEADER, OPERATOR, SUPERVISOR, DEPARTMENT, AUDITOR, ADMIN)
"""Who looks at what came from the field."""
DISPATCHERS = (LEADER, OPERATOR, SUPERVISOR, ADMIN)
"""Who gives work and judges it."""
ENROLLERS = (LEADER, SUPERVISOR, ADMIN)
"""Who binds a phone to a worker and revokes it."""
MANAGERS = (SUPERVISOR, ADMIN)
"""Who writes members down and gives posts."""
ADMINS = (ADMIN,)
REPLAYERS = (SUPERVISOR, ADMIN)
"""Who looks into the quarantine."""
