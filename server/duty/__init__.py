"""Duty (值守): every task has one owner who can act, and somebody is told in time."""
