"""Whether photos are known again, others kept apart, and how quickly that is told."""
