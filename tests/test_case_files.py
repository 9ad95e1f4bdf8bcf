"""The reader of `cases.md`."""

from pathlib import Path

import pytest

from readiness.model import Outcome, Shows, State
from tests.case_files import CaseError, Mark, parse

TWO = """# Title

Prose.

## A limit: on one of two calls: partial, wired

Why.

```python src/app.py
ask()  # met
ask(
    1,  # unresolved
)
```

````markdown prompts/system.md
```
Inner fence. <!-- weak -->
````

- unmet: prompts/system.md:1
- `unmet: repository`

## Nothing to judge: not_applicable

```typescript src/app.ts
const a = 1; // a comment about things met
```
"""


def test_heading_ends_with_verdict_and_state() -> None:
    first, second = parse(TWO)
    assert (first.title, first.verdict, first.state) == ("A limit: on one of two calls", Outcome.PARTIAL, State.WIRED)
    assert (second.title, second.verdict, second.state) == ("Nothing to judge", Outcome.NOT_APPLICABLE, None)


def test_marks_name_path_line_and_what_they_show() -> None:
    assert set(parse(TWO)[0].marks) == {
        Mark("src/app.py", 1, Shows.MET),
        Mark("src/app.py", 3, Shows.UNRESOLVED),
        Mark("prompts/system.md", 2, Shows.WEAK),
        Mark("prompts/system.md", 1, Shows.UNMET),
        Mark(None, None, Shows.UNMET),
    }


def test_mark_comments_leave_the_files_and_other_comments_stay(tmp_path: Path) -> None:
    first, second = parse(TWO)
    first.write(tmp_path)
    second.write(tmp_path)
    assert (tmp_path / "src/app.py").read_text() == "ask()\nask(\n    1,\n)\n"
    assert (tmp_path / "prompts/system.md").read_text() == "```\nInner fence.\n"
    assert (tmp_path / "src/app.ts").read_text() == "const a = 1; // a comment about things met\n"


@pytest.mark.parametrize("comment", ["# unmet", "// unmet", "-- unmet", "/* unmet */", "<!-- unmet -->", "{/* unmet */}"])
def test_every_comment_style_can_carry_a_mark(comment: str) -> None:
    (case,) = parse(f"## X: fail, absent\n```x a.b\nvalue {comment}\n```\n")
    assert case.files == (("a.b", "value\n"),)
    assert case.marks == (Mark("a.b", 1, Shows.UNMET),)


def test_a_file_may_be_named_by_its_path_alone() -> None:
    (case,) = parse("## X: unknown\n```engagement.yaml\nclient: Shop\n```\n")
    assert case.files == (("engagement.yaml", "client: Shop\n"),)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("## No verdict\n", "line 1"),
        ("## X: perhaps\n", "line 1"),
        ("## X: fail, gone\n", "line 1"),
        ("## X: unknown\n```python\nx\n```\n", "line 2"),
        ("## X: unknown\n```python ../x.py\nx\n```\n", "line 2"),
        ("## X: unknown\n```python /x.py\nx\n```\n", "line 2"),
        ("## X: unknown\n```python x.py\nx\n", "line 2"),
        ("## X: unknown\n", "line 1"),
        ("## X: unknown\n```python x.py\nx\n```\n```python x.py\nx\n```\n", "line 1"),
        ("- unmet: repository\n", "line 1"),
        ("## X: fail\n- unmet: x.py\n```python x.py\nx\n```\n", "line 2"),
        ("## X: fail\n```python x.py\nx\n```\n- unmet: x.py:2\n", "line 1"),
        ("## X: pass\n```python x.py\nx\n```\n", "line 1"),
        ("## X: not_applicable\n```python x.py\nx  # met\n```\n", "line 1"),
        ("## X: unknown\n```python x.py\nx  # unmet\n```\n", "line 1"),
    ],
)
def test_what_means_nothing_is_refused_with_its_line(text: str, place: str) -> None:
    with pytest.raises(CaseError, match=place):
        parse(text)
