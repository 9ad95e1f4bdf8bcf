"""`readiness.toml`: what a repository says of itself, and complaints that name key and line."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from readiness.errors import ConfigurationError
from readiness.model import Acceptance
from readiness.repo import open_target, parse_settings

WHOLE = """\
roots = ["services/chat", "./libs/"]
exclude = ["legacy/", "*.old.py"]

[[accept]]
check = "obs.token-cost"
reason = "Flat-rate contract."
owner = "Jo Doe"
until = 2027-06-30

[[accept]]
check = "rel.fallback"
reason = "One region only."
owner = "Jo Doe"
until = "2027-01-31"
"""


def test_everything_that_can_be_said() -> None:
    settings = parse_settings(WHOLE)
    assert settings.roots == ("services/chat", "libs")
    assert settings.acceptances == (
        Acceptance("obs.token-cost", "Flat-rate contract.", "Jo Doe", date(2027, 6, 30)),
        Acceptance("rel.fallback", "One region only.", "Jo Doe", date(2027, 1, 31)),
    )
    assert settings.in_root("services/chat/a.py")
    assert not settings.in_root("services/chatter/a.py")
    assert settings.exclusion()("legacy/a.py")
    assert settings.exclusion()("services/chat/a.old.py")
    assert not settings.exclusion()("services/chat/a.py")


def test_nothing_need_be_said() -> None:
    settings = parse_settings("")
    assert settings.in_root("anything.py")
    assert not settings.exclusion()("anything.py")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('root = ["a"]\n', r"readiness.toml:1: unknown key 'root'; did you mean 'roots'\?"),
        ("\n\nzzz = 1\n", r"readiness.toml:3: unknown key 'zzz'; known keys: roots, exclude, accept"),
        ('[[accept]]\ncheck = "a.b"\nreasons = "x"\n', r"readiness.toml:3: unknown key 'reasons'; did you mean 'reason'\?"),
        (
            WHOLE + '[[accept]]\ncheck = "c.d"\nreason = "x"\nowner = ""\nuntil = 2027-01-01\n',
            r"readiness.toml:15: accept: 'owner'",
        ),
        (
            '[[accept]]\ncheck = "a.b"\nreason = "x"\nowner = "y"\nuntil = "soon"\n',
            r"readiness.toml:5: accept: 'until' must be a date",
        ),
        ('[[accept]]\ncheck = "a.b"\nreason = "x"\nowner = "y"\n', r"accept: 'until' must be a date"),
        ('[[accept]]\ncheck = "a.b"\nreason = "x"\nowner = "y"\nuntil = 2027-01-01T00:00:00\n', r"accept: 'until' must be a date"),
        ('roots = "a"\n', r"readiness.toml:1: 'roots' must be a list"),
        ("exclude = [1]\n", r"readiness.toml:1: 'exclude' must be a list"),
        ('accept = "x"\n', r"'accept' must be written as \[\[accept\]\]"),
        ('roots = ["../other"]\n', r"readiness.toml:1: roots: '../other' leaves the repository"),
        ('exclude = ["*a*a*a*a*a*b"]\n', r"readiness.toml:1: exclude"),
        ("roots = [\n", r"not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        parse_settings(text)
    assert caught.value.exit_code == 2


@hypothesis_settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_settings_or_a_configuration_error(text: str) -> None:
    with suppress(ConfigurationError):
        assert parse_settings(text).in_root("a") in (True, False)


def test_roots_and_exclusions_decide_what_is_read(tmp_path: Path) -> None:
    (tmp_path / "readiness.toml").write_text('roots = ["chat"]\nexclude = ["chat/old/"]\n')
    for name in ("chat/a.py", "chat/old/b.py", "other/c.py", "pyproject.toml", ".github/workflows/ci.yml"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    with open_target(str(tmp_path)) as repository:
        assert [source.path for source in repository.sources] == [
            "pyproject.toml",
            "readiness.toml",
            ".github/workflows/ci.yml",
            "chat/a.py",
        ]
    (tmp_path / "readiness.toml").write_text("rooots = []\n")
    with pytest.raises(ConfigurationError), open_target(str(tmp_path)):
        pass
