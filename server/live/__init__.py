"""Live (实时): pages that are open are told what changed where (docs/adr/0013).

`rules` what is told and how it is written, pure · `queries` what is read · `streams` a page that is
told, `hub` tells all pages of a process · `api` the door.
"""
