"""What is done with tasks, by people and by the house itself; devices' steps: tasks/handlers.py.

giving.py new tasks · changing.py what one person does to one task · answering.py requests and late
work · rounds.py what is done to many at once.
"""

from server.tasks.service.answering import grant, refuse, settle
from server.tasks.service.changing import (
    Change,
    cancel,
    reassign,
    resume,
    send_back,
    suspend,
    verify,
)
from server.tasks.service.giving import assign, assign_many
from server.tasks.service.rounds import Escalation, ask_why, escalated, hand_over
from server.tasks.standing import NewTask

__all__ = [
    "Change",
    "Escalation",
    "NewTask",
    "ask_why",
    "assign",
    "assign_many",
    "cancel",
    "escalated",
    "grant",
    "hand_over",
    "reassign",
    "refuse",
    "resume",
    "send_back",
    "settle",
    "suspend",
    "verify",
]
