"""What the room does.

absences.py slips (请假单) · turning.py their begin and end · standing.py who stands in ·
relief.py tasks change hands, those of members who left too · escalation.py up a level (升级) ·
lights.py who is told of a light (红黄灯) · news.py who is told of a task given or returned ·
telling.py how.
"""
