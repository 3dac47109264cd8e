"""What the papers say: every variable described where people look for it, every link and picture there."""

import re
from pathlib import Path

import pytest

import config.settings
from tests.deploy.compose import ROOT, described

PAPERS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)")


def test_the_page_of_variables_and_the_example_name_the_same() -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`([A-Z_]+)`", " ".join(rows))) == described()


def test_every_variable_of_the_settings_has_its_row() -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf8")
    code = Path(config.settings.__file__).read_text(encoding="utf8")
    read = set(re.findall(r'(?:read\("\w+", |environ\.\w+\()"([A-Z_]+)"', code))
    assert {name for name in read if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_its_links_lead_somewhere(paper: Path) -> None:
    found = LINK.findall(paper.read_text(encoding="utf8"))
    inside = [link for link in found if not link.startswith(("http:", "https:"))]
    assert [link for link in inside if not (paper.parent / link).exists()] == []
