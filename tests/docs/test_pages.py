"""The pages of the documentation are true: links, generated parts, quoted figures, glossary."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType

import pytest

from sigforensics import settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
QUOTED = re.compile(r"`([A-Z]\w+)\.(\w+) = ([^`]+)`")
TERM = re.compile(r"^\*\*([^*]+)\*\*", re.MULTILINE)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchor(heading: str) -> str:
    """What forges make of a heading: lower case, no punctuation, dashes for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    for link in LINK.findall(without_code(text_of(name))):
        if link.startswith("https://"):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if fragment:
            headings = HEADING.findall(without_code(target.read_text(encoding="utf-8")))
            assert fragment in {anchor(heading) for heading in headings}, link


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        links = LINK.findall(without_code(page.read_text(encoding="utf-8")))
        paths = [
            (page.parent / link.partition("#")[0]).resolve()
            for link in links
            if "://" not in link and not link.startswith("#")
        ]
        waiting += [path / "README.md" if path.is_dir() else path for path in paths if path.exists()]
        waiting = [path for path in waiting if path.is_file()]
    assert {path for path in PAGES if path not in reached} == set()


@pytest.mark.parametrize(
    "name", ["commands.md", "exit-status.md", "settings.md", "model-card.md", "generators.md"]
)
def test_generated_parts_are_what_the_program_gives(name: str, reference: ModuleType) -> None:
    page = ROOT / "docs" / name
    assert page in reference.pages()
    text = page.read_text(encoding="utf-8")
    assert reference.filled(text) == text, "run python docs/generate_reference.py"


def test_a_generated_part_that_is_behind_is_made_anew(reference: ModuleType) -> None:
    text = "before\n<!-- generated: exit-statuses -->\noutdated\n<!-- end of generated part -->\nafter\n"
    made = reference.filled(text)
    assert "outdated" not in made
    assert "| 23 | `SignatureNotFound` |" in made
    assert made.startswith("before\n")
    assert made.endswith("\nafter\n")


def test_every_option_of_every_command_is_explained(reference: ModuleType) -> None:
    rows = [line for line in reference.commands().splitlines() if line.startswith("| `-")]
    assert len(rows) > 60
    assert [row for row in rows if row.split(" | ")[1].strip() == ""] == []


def test_every_setting_has_its_meaning_on_the_page(reference: ModuleType) -> None:
    rows = [line for line in reference.every_setting().splitlines() if line.startswith("| `")]
    stages = [kind for kind in vars(settings).values() if isinstance(kind, type) and is_dataclass(kind)]
    assert len(rows) == sum(len(fields(stage)) for stage in stages)
    assert [row for row in rows if len(row.split(" | ")[2]) < 5] == []


def quoted_defaults() -> Iterator[tuple[str, str, str, str]]:
    for name in NAMES:
        for stage, field, value in QUOTED.findall(text_of(name)):
            yield name, stage, field, value


@pytest.mark.parametrize(("name", "stage", "field", "value"), list(quoted_defaults()))
def test_a_quoted_default_is_the_default(name: str, stage: str, field: str, value: str) -> None:
    if stage == "Stage":
        return  # the explanation of the notation itself
    assert getattr(getattr(settings, stage)(), field) == ast.literal_eval(value)


def test_the_layers_of_the_decision_are_those_that_are_checked() -> None:
    listed = re.search(r"```text\n(__main__.*?)```", text_of("docs/decisions/0001-layout.md"), re.DOTALL)
    with (ROOT / "pyproject.toml").open("rb") as stream:
        contracts = tomllib.load(stream)["tool"]["importlinter"]["contracts"]
    assert listed is not None
    assert listed[1].split("\n")[:-1] == contracts[0]["layers"]


def glossary_terms() -> list[str]:
    return TERM.findall(text_of("docs/glossary.md"))


def test_the_glossary_defines_each_term_once_and_in_order() -> None:
    sections = text_of("docs/glossary.md").split("\n## ")[1:]
    for section in sections:
        terms = [term.lower() for term in TERM.findall(section)]
        assert terms == sorted(terms)
    assert len(glossary_terms()) == len({term.lower() for term in glossary_terms()})


@pytest.mark.parametrize("term", glossary_terms())
def test_a_term_of_the_glossary_is_used_elsewhere(term: str) -> None:
    sources = [ROOT / name for name in NAMES if name != "docs/glossary.md"]
    sources += (ROOT / "sigforensics").rglob("*.py")
    wanted = re.compile(
        rf"\b{re.escape(term).replace(chr(92) + ' ', '[ _]')}", re.IGNORECASE
    )  # log_of_mean, too
    assert any(wanted.search(" ".join(path.read_text(encoding="utf-8").split())) for path in sources)


def test_pages_name_no_machine_and_no_unfinished_business() -> None:
    forbidden = re.compile(r"/work/|/tmp/|/home/|\bTODO\b|\bFIXME\b|\bXXX\b", re.IGNORECASE)
    for name in NAMES:
        assert forbidden.findall(text_of(name)) == [], name
