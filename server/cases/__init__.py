"""Reports (上报) of what a worker found: the first step of a case."""
