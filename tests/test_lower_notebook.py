"""What a notebook is as Python, and on which raw lines."""

from __future__ import annotations

import json

import pytest

from readiness.collect import ir
from readiness.collect.lower import LoweringError
from readiness.collect.lower.notebook import lower_notebook


def notebook(
    *sources: str | list[str], kind: str = "code", indent: int | None = 1, language: str | None = "python", **extra: object
) -> str:
    cells = [{"cell_type": kind, "metadata": {}, "outputs": [], "source": source, **extra} for source in sources]
    metadata = {"kernelspec": {"language": language}} if language else {}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=indent)


def calls(text: str) -> list[tuple[str, int]]:
    """The names called and the raw lines on which they are."""
    return [
        (one.value.callee.id, one.line)
        for one in lower_notebook(text, "a.ipynb").body
        if isinstance(one, ir.Do) and isinstance(one.value, ir.Call) and isinstance(one.value.callee, ir.Name)
    ]


def line_of(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def test_each_line_of_code_is_on_its_raw_line() -> None:
    text = notebook(["f()\n", "\n", "g()"], ["h(\n", " 1)"])
    assert calls(text) == [("f", line_of(text, "f()")), ("g", line_of(text, "g()")), ("h", line_of(text, "h("))]


def test_a_call_ends_on_the_raw_line_of_its_last_line() -> None:
    text = notebook(["f(\n", " 1,\n", ")"])
    (do,) = lower_notebook(text, "a.ipynb").body
    assert isinstance(do, ir.Do)
    assert isinstance(do.value, ir.Call)
    assert do.value.end_line == do.value.line + 2


def test_a_source_of_one_string_is_on_one_raw_line() -> None:
    text = notebook("f()\ng()\n", "h()")
    assert calls(text) == [("f", line_of(text, "f()")), ("g", line_of(text, "g()")), ("h", line_of(text, "h()"))]


def test_a_file_of_one_line() -> None:
    assert calls(notebook(["f()\n", "g()"], indent=None)) == [("f", 1), ("g", 1)]


def test_a_line_may_be_spread_over_strings() -> None:
    text = notebook(["f(", "1)\n", "g()"])
    assert calls(text) == [("f", line_of(text, "f(")), ("g", line_of(text, "g()"))]


def test_cells_are_numbered_with_those_that_hold_no_code() -> None:
    cells = [{"cell_type": "markdown", "source": ["# f()"]}, {"cell_type": "code", "source": ["f()"]}]
    text = json.dumps({"cells": cells}, indent=1)
    code = lower_notebook(text, "a.ipynb")
    starts = [number for number, line in enumerate(text.split("\n"), start=1) if line == "  {"]
    assert code.cells == ((starts[0], 1), (starts[1], 2))
    assert calls(text) == [("f", line_of(text, '"f()"'))]
    assert (code.path, code.language, code.lines) == ("a.ipynb", "python", text.count("\n") + 1)


def test_the_third_format() -> None:
    cells = [{"cell_type": "code", "language": "python", "input": ["f()"], "outputs": []}]
    text = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}, indent=1)
    assert calls(text) == [("f", line_of(text, "f()"))]


@pytest.mark.parametrize("magic", ["%pip install a", "!ls 'x", "?f", "f?", "f.g??", "x = !ls", "a, b = %sql select 'x", "  !ls"])
def test_magics_are_no_code(magic: str) -> None:
    assert [name for name, _ in calls(notebook([f"{magic}\n", "f()"]))] == ["f"]


def test_a_magic_may_go_on() -> None:
    assert [name for name, _ in calls(notebook(["!pip install \\\n", "  g() \\\n", "  h()\n", "f()"]))] == ["f"]


def test_a_magic_in_a_block_leaves_the_block_whole() -> None:
    (branch,) = lower_notebook(notebook(["if a:\n", "    !ls\n", "else:\n", "    f()"]), "a.ipynb").body
    assert isinstance(branch, ir.If)
    assert [type(one) for one in (*branch.body, *branch.orelse)] == [ir.Jump, ir.Do]


@pytest.mark.parametrize("opening", ['"""', "'''", 'f"""'])
def test_what_looks_like_a_magic_in_a_text_is_text(opening: str) -> None:
    (assigned,) = lower_notebook(notebook([f"x = {opening}\n", "%d ! (\n", "!no\n", f"{opening[-3:]}"]), "a.ipynb").body
    assert isinstance(assigned, ir.Assign)
    assert isinstance(assigned.value, ir.Literal)
    assert assigned.value.value == "\n%d ! (\n!no\n"


def test_what_looks_like_a_magic_in_brackets_is_an_operator() -> None:
    (assigned,) = lower_notebook(notebook(["x = ('%s'\n", "% y)"]), "a.ipynb").body
    assert isinstance(assigned, ir.Assign)
    assert isinstance(assigned.value, ir.Template)


def test_what_is_broken_in_one_cell_leaves_the_others_whole() -> None:
    assert [name for name, _ in calls(notebook(["x = (\n"], ["%pip install 'a\n"], ["f()"]))] == ["f"]


@pytest.mark.parametrize("magic", ["bash", "writefile a.py", "html", "sql"])
def test_cells_in_another_language_are_skipped(magic: str) -> None:
    assert [name for name, _ in calls(notebook([f"\n%%{magic}\n".lstrip("\n"), "g()"], ["f()"]))] == ["f"]


def test_cell_magics_that_run_python_are_kept() -> None:
    assert [name for name, _ in calls(notebook(["%%capture\n", "%%time\n", "f()"]))] == ["f"]


def test_other_cells_are_skipped() -> None:
    assert calls(notebook(["f()"], kind="markdown")) == []
    assert calls(notebook(["f()"], language=None)) != []


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"a": 1}', "[" * 5000])
def test_what_is_no_notebook_is_an_error(text: str) -> None:
    with pytest.raises(LoweringError, match="not a notebook"):
        lower_notebook(text, "a.ipynb")


def test_another_kernel_is_an_error() -> None:
    with pytest.raises(LoweringError, match="in julia"):
        lower_notebook(notebook(["f()"], language="Julia"), "a.ipynb")


@pytest.mark.parametrize(
    "cells", ['"x"', "[1, null, []]", '[{"cell_type": 1}]', '[{"cell_type": "code", "source": 1}]', '[{"cell_type": "code"}]']
)
def test_cells_of_the_wrong_shape_hold_nothing(cells: str) -> None:
    assert lower_notebook(f'{{"cells": {cells}}}', "a.ipynb").body == ()


def test_large_outputs_and_broken_strings() -> None:
    outputs = [{"data": {"image/png": "A" * 2_000_000}}]
    assert len(calls(notebook(["f()"], outputs=outputs))) == 1
    assert len(calls(notebook(["f('\ud800')"]))) == 1
