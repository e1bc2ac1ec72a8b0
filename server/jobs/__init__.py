"""What worker processes run: the schedule, in one of them at a time, and the queue, in all."""
