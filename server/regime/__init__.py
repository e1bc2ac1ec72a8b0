"""Which rule pack holds where and when (制度), and the calendar of working days (工作日历)."""
