"""Which rule pack holds where and when (制度), and the calendar of working days (工作日历).

`service` acts · `books` what holds, kept in memory between requests · `library` what is known of
the holidays of China · `rules` which pack and which day, purely.
"""
