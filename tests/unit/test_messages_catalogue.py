"""Every sentence for people is a template in the code, and has a Dutch translation with the same values."""

from __future__ import annotations

import ast
import inspect
import re
import string
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from geowoonzorg import errors

PACKAGE = Path(errors.__file__).parent
TOML = sorted((PACKAGE / "knowledge" / "messages").glob("*.toml"))

#: Whose sentences are not all templates yet, as paths in the package begin; to be empty.
NOT_YET: tuple[str, ...] = ()

ERRORS = {
    name
    for name, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.GeowoonzorgError)
}
#: These hand on what others say.
HANDS_ON = {"errors.py", "messages.py", "progress.py", "cli/_console.py", "files/_paths.py"}


class Sentence(NamedTuple):
    """A call that says something: where, the template if it is a literal, and the names of its values."""

    where: str
    template: str | None
    values: set[str] | None


def of_call(call: ast.Call) -> tuple[ast.expr, str] | None:
    """Find what a call says, and how: as a message, an error or progress."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "tell" and call.args:
        return call.args[0], "message"
    if name in ERRORS and call.args:
        return call.args[0], "error"
    if name.lstrip("_") == "progress" and len(call.args) == 2:
        return call.args[1], "progress"
    return None


def is_handed_on(node: ast.expr, how: str) -> bool:
    """Whether what is said was said before: another error's message, a variable or call of progress."""
    if isinstance(node, ast.Attribute) and node.attr in {"message", "_message"}:
        return True
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format_message":
        return True  # of click, about the words of the command line
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "renamed":
        return True  # the same sentence about another file
    return how == "progress" and isinstance(
        node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)
    )


def sentences(path: Path) -> list[Sentence]:
    """List what a module says."""
    found = []
    name = path.relative_to(PACKAGE).as_posix()
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        said = of_call(call) if isinstance(call, ast.Call) else None
        if said is None or is_handed_on(*said):
            continue
        node, how = said
        template = node.value if isinstance(node, ast.Constant) else None
        keywords = {k.arg for k in call.keywords}
        values = keywords if how == "message" or (how == "error" and keywords) else None
        found.append(Sentence(f"{name}:{call.lineno}", template, values))
    return found


def names_in(template: str) -> set[str]:
    """List the values that a template names."""
    return {
        name.split(".")[0].split("[")[0]
        for _, name, _, _ in string.Formatter().parse(template)
        if name
    }


def has_words(template: str) -> bool:
    """Whether there is anything to translate."""
    return any(
        re.search(r"[^\W\d_]{2}", text) for text, _, _, _ in string.Formatter().parse(template)
    )


MODULES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).as_posix() not in HANDS_ON
    and not path.relative_to(PACKAGE).as_posix().startswith(NOT_YET)
]
TRANSLATIONS = {path.name: tomllib.loads(path.read_text(encoding="utf-8"))["nl"] for path in TOML}
DUTCH = {template: said for of in TRANSLATIONS.values() for template, said in of.items()}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_what_a_module_says_is_a_template_with_a_translation(path):
    faults = []
    for where, template, values in sentences(path):
        if template is None:
            faults.append(f"{where}: not a literal; write a template with named values")
        elif values is not None and None not in values and values != names_in(template):
            faults.append(f"{where}: names {sorted(names_in(template))}, is given {sorted(values)}")
        elif (values is None or None in values or has_words(template)) and template not in DUTCH:
            faults.append(f"{where}: no Dutch for {template!r}")
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_a_translation_has_the_values_of_its_template(name):
    faults = [
        f"{template!r}: {sorted(names_in(template))}, {said!r}: {sorted(names_in(said))}"
        for template, said in TRANSLATIONS[name].items()
        if names_in(template) != names_in(said) and template != "{en}"  # came in both languages
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_no_translation_is_left_over(name):
    constants = {
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }
    assert [template for template in TRANSLATIONS[name] if template not in constants] == []


def test_a_template_is_translated_in_one_place():
    seen: dict[str, str] = {}
    twice = []
    for name, of in TRANSLATIONS.items():
        twice += [f"{template!r}: {seen[template]}, {name}" for template in of if template in seen]
        seen |= dict.fromkeys(of, name)
    assert twice == []


@pytest.mark.parametrize("name", TRANSLATIONS)
def test_nobody_is_spoken_to_as_je_or_u(name):
    address = re.compile(r"\b(je|jij|jouw|u|uw)\b", re.IGNORECASE)
    assert [said for said in TRANSLATIONS[name].values() if address.search(said)] == []


def test_no_wing_stays_on_the_list_when_it_is_done():
    """What is not on the list any more is checked; what is done must leave it."""
    for start in NOT_YET:
        assert any(
            p.relative_to(PACKAGE).as_posix().startswith(start) for p in PACKAGE.rglob("*.py")
        ), start
