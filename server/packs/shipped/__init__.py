"""The rule packs that come with the program, as YAML files beside this one."""

from importlib.resources import files

_HERE = files(__name__)


def names() -> list[str]:
    """The packs that are there, in order."""
    return sorted(
        one.name.removesuffix(".yaml") for one in _HERE.iterdir() if one.name.endswith(".yaml")
    )


def text(name: str) -> str:
    """The text of a shipped pack; KeyError if there is none of this name."""
    if name not in names():
        raise KeyError(name)
    return _HERE.joinpath(f"{name}.yaml").read_text(encoding="utf-8")
