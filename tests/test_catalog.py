"""What dotted names mean: types, members, unknown receivers, and calls that an argument decides."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from readiness.collect.calls.limits import Limits
from readiness.collect.calls.models_used import ModelsUsed
from readiness.collect.link.found import CallFinder
from readiness.collect.link.program import Program
from readiness.collect.link.resolve import Resolver
from readiness.collect.link.settings_files import ConfigIndex
from readiness.collect.lower.python import lower_python
from readiness.collect.lower.typescript import lower_typescript
from readiness.errors import UsageError
from readiness.knowledge.catalog import Catalog
from readiness.knowledge.endpoints import Endpoints
from readiness.knowledge.model_table import ModelTable
from readiness.model import CallKind, Scope

ACME = """\
sdk: acme
title: Acme
provider: acme
platform: acme
packages: {pypi: [acme]}
types:
  client:
    names: [acme.Client, 'acme.extra.**.Client', 'acme.*Model']
    platforms: {cloud: acme_cloud}
    roles: {timeout: [options.timeout], timeout_ms: [timeout_ms], attempts: [retry.attempts]}
    defaults: {timeout: 9, retries: 0}
    members:
      chat.ask: &ask {kind: chat, distinctive: true, roles: {model: [model], cap: [1.cap]}}
      messages.create: {kind: chat, distinctive: [model, cap], roles: {model: [model], cap: [max_tokens]}}
      batch: {kind: chat, roles: {model: [requests.model]}}
      make: {kind: image, kinds: {model: {'*embed*': embedding, '*tree*': null}}, roles: {model: [model, 0]}}
      search: {kind: embedding, needs: prompt, roles: {prompt: [text]}}
      send: {receiver: 0, distinctive: true}
      chats.open: {returns: chat, roles: {model: [model]}}
      tuned: {returns: self}
  chat:
    names: [acme.Chat]
    members: {say: {kind: chat}}
  command:
    names: [acme.AskCommand]
    roles: {model: [model]}
    members: {send: {kind: chat}}
  child:
    names: [acme.Child]
    extends: [client]
functions:
  - {names: [acme.wrap], passes: 0}
cases:
  - {title: one, language: python, code: 'import acme'}
  - {title: two, language: python, code: 'import acme'}
"""


@pytest.fixture(name="acme", scope="module")
def _acme(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    folder = tmp_path_factory.mktemp("sdks")
    (folder / "acme.yaml").write_text(ACME, encoding="utf-8")
    return Catalog.load(folder, validate=True)


def finder(acme: Catalog, code: str, path: str = "a.py") -> CallFinder:
    lowered = lower_python(code, path) if path.endswith(".py") else lower_typescript(code, path)
    resolver = Resolver(Program([(lowered, Scope.PRODUCTION)], ConfigIndex()), acme)
    return CallFinder(resolver, acme, Endpoints.load())


def kinds(acme: Catalog, code: str, path: str = "a.py") -> dict[int, str]:
    return {call.call.line: call.kind.value for call in finder(acme, code, path).find()}


def used(calls: CallFinder) -> ModelsUsed:
    return ModelsUsed(calls, ModelTable.load(), date(2026, 11, 26))


def models(acme: Catalog, code: str) -> list[str]:
    calls = finder(acme, code)
    answers = used(calls)
    return [model.id for call in calls.find() for model in answers.models(call, answers.place(call))[0]]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("acme.Client.chat.ask", CallKind.CHAT),
        ("acme.Client.tuned.tuned.chat.ask", CallKind.CHAT),
        ("acme.extra.Client.chat.ask", CallKind.CHAT),
        ("acme.extra.deep.down.Client.chat.ask", CallKind.CHAT),
        ("acme.TinyModel.chat.ask", CallKind.CHAT),
        ("acme.Client.chats.open.say", CallKind.CHAT),
        ("acme.Child.chat.ask", CallKind.CHAT),
        ("?.bot.chat.ask", CallKind.CHAT),
    ],
)
def test_a_dotted_name_is_walked_to_its_call(acme: Catalog, path: str, kind: CallKind) -> None:
    match = acme.match(path)
    assert match is not None
    assert match.entry is not None
    assert match.entry.kind is kind


@pytest.mark.parametrize(
    "path", ["acme.Client.chat", "acme.Client.chat.ask.more", "acme.Client.open", "other.Client.chat.ask", "?.batch", "?.chat"]
)
def test_a_name_that_no_member_has_is_no_call(acme: Catalog, path: str) -> None:
    match = acme.match(path)
    assert match is None or match.entry is None or match.entry.kind is None


def test_an_unknown_receiver_is_believed_with_the_roles_that_make_it_certain(acme: Catalog) -> None:
    code = "def f(a):\n    a.messages.create(model='m', max_tokens=1)\n    a.messages.create(model='m', to='+1')\n"
    assert kinds(acme, code) == {2: "chat"}


def test_a_known_client_needs_no_such_proof(acme: Catalog) -> None:
    assert kinds(acme, "import acme\ndef f(**kw):\n    acme.Client().messages.create(**kw)\n") == {3: "chat"}


def test_an_argument_decides_the_kind_or_that_it_is_no_call(acme: Catalog) -> None:
    code = "import acme\nc = acme.Client()\nc.make('pixel-1')\nc.make('Embed-2')\nc.make('tree-3')\nc.make(model=unknown)\n"
    assert kinds(acme, code) == {3: "image", 4: "embedding", 6: "image"}


def test_a_needed_role_that_is_missing_makes_it_no_call(acme: Catalog) -> None:
    assert kinds(acme, "import acme\nc = acme.Client()\nc.search(text='x')\nc.search(vector=[1])\n") == {3: "embedding"}


def test_a_command_that_a_client_sends_is_the_call(acme: Catalog) -> None:
    code = "import acme\nacme.Client().send(acme.AskCommand(model='m-1'))\nacme.Client().send({'model': 'x'})\ndef f(c):\n    c.send(acme.AskCommand(model='m-1'))\n"
    assert kinds(acme, code) == {2: "chat", 5: "chat"}
    assert models(acme, code) == ["m-1", "m-1"]


def test_a_sent_command_keeps_the_limits_of_its_client(acme: Catalog) -> None:
    calls = finder(acme, "import acme\nacme.Client(options={'timeout': 4}).send(acme.AskCommand(model='m'))\n")
    (call,) = calls.find()
    assert Limits(calls).timeout(call).value == 4.0


def test_places_go_into_lists_and_positions(acme: Catalog) -> None:
    code = "import acme\nacme.Client().batch(requests=[{'model': 'a-1'}, {'model': 'b-2'}])\n"
    assert models(acme, code) == ["a-1", "b-2"]
    calls = finder(acme, "import { Client } from 'acme';\nnew Client().chat.ask({ cap: 1 }, { cap: 2 });\n", "a.ts")
    (call,) = calls.find()
    assert Limits(calls).cap(call).value == 2.0


@pytest.mark.parametrize(
    ("written", "retries"),
    [("retry={'attempts': 5}", 4.0), ("retry={'attempts': 1}", 0.0), ("retry={'attempts': 0}", 0.0), ("", 0.0)],
)
def test_attempts_are_one_more_than_retries(acme: Catalog, written: str, retries: float) -> None:
    calls = finder(acme, f"import acme\nacme.Client({written}).chat.ask(model='m')\n")
    (call,) = calls.find()
    assert Limits(calls).retries(call, "acme").value == retries


@pytest.mark.parametrize(
    ("written", "platform"), [("", "acme"), ("cloud=True", "acme_cloud"), ("cloud=False", "acme"), ("cloud=flag", "acme_cloud")]
)
def test_an_argument_switches_the_platform(acme: Catalog, written: str, platform: str) -> None:
    calls = finder(acme, f"import acme\nacme.Client({written}).chat.ask(model='m')\n")
    (call,) = calls.find()
    assert used(calls).place(call).platform == platform


def test_a_wrapped_client_is_still_that_client(acme: Catalog) -> None:
    assert acme.passthrough("acme.wrap") == 0
    assert kinds(acme, "import acme\nacme.wrap(acme.Client()).chat.ask(model='m')\n") == {2: "chat"}


def test_an_unknown_role_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text(ACME.replace("cap: [1.cap]", "colour: [0]"), encoding="utf-8")
    with pytest.raises(UsageError, match=r"acme\.yaml"):
        Catalog.load(tmp_path, validate=True)


def test_arguments_that_are_built_from_themselves_come_to_an_end(acme: Catalog) -> None:
    code = "import acme\ndef f(**kw):\n    kw = dict(kw)\n    kw = dict(**kw, model='m-1')\n    acme.Client().chat.ask(**kw)\n"
    assert models(acme, code) == ["m-1"]


def test_a_client_that_is_none_until_it_is_made_is_that_client(acme: Catalog) -> None:
    code = (
        "import acme\nclass Bot:\n    client = None\n    def open(self):\n        self.client = acme.Client()\n"
        "    def ask(self):\n        return self.client.chat.ask(model='m-1')\n"
    )
    (call,) = finder(acme, code).find()
    assert [variant.path for variant in call.variants] == ["acme.Client.chat.ask"]


def test_a_module_that_a_proxy_loads_late_is_that_module(acme: Catalog) -> None:
    code = (
        "import importlib\nclass Late:\n    _module = None\n    def __getattr__(self, name):\n        self._load()\n        return getattr(self._module, name)\n"
        "    def _load(self):\n        self._module = importlib.import_module('acme')\nacme = Late()\nacme.Client().chat.ask(model='m-1')\n"
    )
    assert models(acme, code) == ["m-1"]


def test_a_proxy_inside_itself_comes_to_an_end(acme: Catalog) -> None:
    code = "class Loop:\n    def __getattr__(self, name):\n        return getattr(self, name)\nLoop().chat.ask(model='m-1')\n"
    assert kinds(acme, code) == {4: "chat"}
