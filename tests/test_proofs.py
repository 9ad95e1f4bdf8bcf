"""How the proof at the end of `cases.md` is read."""

from __future__ import annotations

import pytest

from tests.case_files import CaseError
from tests.proofs import Hunk, Removal, Talk, parse_proof

TALK = "## Only talked about\n```yaml\ntext: limit=1\npython: import a\ntypescript: import b\npackages: {pypi: a, npm: b}\n```\n"
GOOD = f"""
## Taken out of shop

```diff app.py
 ask(
-    limit=1,
 )
@@
-old
+new
+newer
```

{TALK}"""


def test_a_proof_takes_lines_out_of_an_application_and_has_words() -> None:
    proof = parse_proof(GOOD)
    hunks = (Hunk("app.py", "ask(\n    limit=1,\n)\n", "ask(\n)\n"), Hunk("app.py", "old\n", "new\nnewer\n"))
    assert proof.removals == (Removal("shop", hunks),)
    assert proof.talk == Talk("limit=1", "import a", "import b", "a", "b")


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{TALK}",
        "## Taken out of shop\n```diff a.py\n-x\n```\n",
        f"## Taken away from shop\n```diff a.py\n-x\n```\n{TALK}",
        f"## Taken out of shop\n```diff a.py\n+x\n```\n{TALK}",
        f"## Taken out of shop\n```diff a.py\n x\n```\n{TALK}",
    ],
)
def test_what_proves_nothing_is_refused(text: str) -> None:
    with pytest.raises(CaseError):
        parse_proof(text)
