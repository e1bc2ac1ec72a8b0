"""Keeps an owner on every task (值守): absences, backups, escalation, lights, notices."""
