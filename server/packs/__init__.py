"""Rule packs (规则包): the management regime of a street as versioned data. Pure.

`definition` what a pack says, as frozen values · `reading` from YAML, with every mistake
(`plain` data, `schemas` shapes, `checks` between blocks, `mistakes` their texts) · `shipped` packs
that come along · `diff` and `describe` for people · `publishing` for editors · `importing` from
official lists · `worktime` working time and deadlines (时限) · `rhythm` when something is due
again (周期).
"""
