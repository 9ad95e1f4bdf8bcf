"""What is published: a wheel with everything that runs and nothing else, which works without the development tools."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement

ROOT: Final = Path(__file__).parents[1]
BUNDLED: Final = "readiness/_bundled"
ALLOWED: Final = re.compile(
    r"""
      readiness/([a-z_]+/)*[a-z0-9_]+\.py | readiness/py\.typed
    | readiness/schemas/[a-z.0-9]+\.json
    | readiness/knowledge/([a-z_]+/)*[a-z0-9_]+\.(yaml|csv) | readiness/knowledge/models/README\.md
    | readiness/_bundled/checks/[a-z]+/[a-z_]+/(check\.yaml|check\.py|cases\.md)
    | readiness/_bundled/templates/[a-z]+\.(html|css)\.j2
    | readiness/_bundled/templates/fonts/[A-Za-z0-9-]+\.(ttf|woff2|LICENSE\.(txt|md))
    | readiness-[0-9.]+\.dist-info/(METADATA|RECORD|WHEEL|entry_points\.txt|licenses/LICENSE)
    """,
    re.VERBOSE,
)
TINY: Final = {
    "requirements.txt": "openai==2.8.1\n",
    "app.py": "from openai import OpenAI\n\nprint(OpenAI(timeout=20).responses.create(model='gpt-5.4-mini', input='Hello'))\n",
}
COMMAND_TIME: Final = 300
"""Seconds after which a command hangs; none takes a tenth of it."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheel and the source archive of this tree."""
    out = tmp_path_factory.mktemp("dist")
    _build(ROOT, out, "sdist", "wheel")
    return out


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `readiness` command of an environment that holds the wheel and what it requires, and nothing else."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    site = next((home / "lib").glob("python3*")) / "site-packages"
    for entry in {entry for name in _required("readiness") for entry in _entries(name)}:
        (site / entry.name).symlink_to(entry)
    _run(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(_wheel(built)))
    return home / "bin" / "readiness"


def _build(source: Path, out: Path, *targets: str) -> None:
    chosen = [word for target in targets for word in ("--target", target)]
    _run(sys.executable, "-m", "hatchling", "build", "--directory", str(out), *chosen, cwd=source)


def _run(*command: str, cwd: Path | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=COMMAND_TIME)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _wheel(directory: Path) -> Path:
    (wheel,) = directory.glob("*.whl")
    return wheel


def _names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def _required(name: str, seen: set[str] | None = None) -> set[str]:
    """The distributions that one needs to run, directly or through others; the development extra is not asked for."""
    seen = set() if seen is None else seen
    for line in distribution(name).requires or ():
        needed = Requirement(line)
        wanted = needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *needed.extras))
        if wanted and needed.name.lower() not in seen:
            seen.add(needed.name.lower())
            _required(needed.name, seen)
    return seen


def _entries(name: str) -> Iterator[Path]:
    """What a distribution puts into `site-packages`, without bytecode and commands."""
    found = distribution(name)
    tops = {file.parts[0] for file in found.files or () if file.parts[0] not in {"..", "__pycache__"}}
    yield from (Path(str(found.locate_file(top))) for top in tops)


def _tree(folder: str) -> set[str]:
    """The files of a folder of the checkout, without bytecode."""
    return {
        str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_what_runs_and_nothing_else(built: Path) -> None:
    names = _names(_wheel(built))
    bundled = {f"{BUNDLED}/{path}" for folder in ("checks", "templates") for path in _tree(folder)}
    assert not (_tree("readiness") | bundled) - names
    assert not [name for name in names if not ALLOWED.fullmatch(name)]


def test_every_check_ships_with_its_words_and_cases(built: Path) -> None:
    names = _names(_wheel(built))
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "checks").glob("*/*/check.py")}
    wanted = {f"{BUNDLED}/{folder}/{file}" for folder in folders for file in ("check.yaml", "check.py", "cases.md")}
    assert folders
    assert wanted <= names


def test_the_source_archive_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    _run(sys.executable, "-m", "tarfile", "--extract", str(archive), str(tmp_path))
    (source,) = tmp_path.iterdir()
    _build(source, tmp_path / "dist", "wheel")
    assert _names(_wheel(tmp_path / "dist")) == _names(_wheel(built))


def test_the_installed_command_knows_every_check(installed: Path) -> None:
    said = _run(str(installed), "checks")
    missing = [path.parent for path in (ROOT / "checks").glob("*/*/check.py") if _id(path.parent) not in said]
    assert not missing


def _id(folder: Path) -> str:
    return f"{folder.parent.name}.{folder.name.replace('_', '-')}"


def test_the_installed_command_audits_an_application(installed: Path, tmp_path: Path) -> None:
    app, out = tmp_path / "app", tmp_path / "out"
    app.mkdir()
    for name, text in TINY.items():
        (app / name).write_text(text, encoding="utf-8")
    _run(str(installed), "audit", str(app), "--out", str(out), cwd=tmp_path)
    assessment = json.loads((out / "assessment.json").read_text(encoding="utf-8"))
    calls = assessment["facts"]["model_calls"]
    assert [(call["path"], call["line"], call["models"]) for call in calls] == [("app.py", 3, ["gpt-5.4-mini"])]
    assert {check["id"]: check["verdict"] for check in assessment["checks"]}["rel.timeouts"] == "pass"
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert not any(gap["collector"].startswith("check ") for gap in assessment["gaps"])
