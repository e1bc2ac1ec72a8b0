"""The web process as `gewu serve` runs it: who comes in at once, and who is given a time to come.

`head` what the first bytes of a request say · `book` what is known of each device, shared by the
processes · `pace` how quick the server is · `visits` how much a device asks for · `gate` decides;
all five pure. `refusal` the answer without the app · `process` gunicorn's threads behind the gate
(docs/adr/0010).
"""
