"""What a value is worth, wherever it is written: each story puts a model id somewhere else and expects it at the call."""

from __future__ import annotations

import pytest

from readiness.model import Scope
from tests.programs import linked, worth

CALL = "client.chat.completions.create(model={model}, messages=[])\n"
HEAD = "import os\nfrom openai import OpenAI\nclient = OpenAI()\n"


def models(files: dict[str, str], scopes: dict[str, Scope] | None = None) -> list[object]:
    return worth(linked(files, scopes), "model")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("client.chat.completions.create(model='gpt-4o', messages=[])", ["gpt-4o"]),
        ("NAME = 'gpt-4o'\ndef ask():\n    client.chat.completions.create(model=NAME, messages=[])", ["gpt-4o"]),
        ("client.chat.completions.create(model=os.getenv('M', 'gpt-4o'), messages=[])", ["gpt-4o"]),
        ("client.chat.completions.create(model=os.environ['M'], messages=[])", ["$M"]),
        ("client.chat.completions.create(model=os.getenv('M') or 'gpt-4o', messages=[])", ["$M", "gpt-4o"]),
        ("client.chat.completions.create(model='gpt-4o' if x else 'gpt-4.1', messages=[])", ["gpt-4o", "gpt-4.1"]),
        ("size = 'mini'\nclient.chat.completions.create(model=f'gpt-4o-{size}', messages=[])", ["gpt-4o-mini"]),
        ("MODELS = {'fast': 'gpt-4o-mini'}\nclient.chat.completions.create(model=MODELS['fast'], messages=[])", ["gpt-4o-mini"]),
        ("args = {'model': 'gpt-4o', 'messages': []}\nclient.chat.completions.create(**args)", ["gpt-4o"]),
        ("args = {}\nargs['model'] = 'gpt-4o'\nclient.chat.completions.create(**args)", ["gpt-4o"]),
        ("args = dict(model='gpt-4o')\nclient.chat.completions.create(**args)", ["gpt-4o"]),
    ],
)
def test_a_value_is_followed_to_where_it_is_written(code: str, expected: list[object]) -> None:
    assert models({"a.py": HEAD + code + "\n"}) == expected


def test_a_call_is_found_by_a_name_that_the_table_writes_with_a_star() -> None:
    code = "from dsp.modules.hf_client import send_hftgi_request_v01_wrapped as send\nsend('http://tgi:80/generate', json={'inputs': 'x'})\n"
    assert [call.entry.sdk for call in linked({"a.py": code}).calls] == ["dspy"]
    plain = code.replace(" as send", "").replace("\nsend(", "\nsend_hftgi_request_v01_wrapped(")
    assert [call.entry.sdk for call in linked({"a.py": plain}).calls] == ["dspy"]


def test_a_message_that_is_nothing_known_ends_where_it_is_sent() -> None:
    code = "export function start(ws) {\n  ws.send(JSON.stringify({ step: 'START' }));\n}\n"
    assert linked({"a.ts": code}).calls == ()


HELD = {
    "a dataclass": "from dataclasses import dataclass\n@dataclass\nclass M:\n    id: str\n    label: str = ''\nTABLE = {'fast': M(id='gpt-4o', label='x')}\n"
    "client.chat.completions.create(model=TABLE['fast'].id, messages=[])\n",
    "by position": "from dataclasses import dataclass\n@dataclass\nclass M:\n    label: str\n    id: str\nFAST = M('x', 'gpt-4o')\n"
    "client.chat.completions.create(model=FAST.id, messages=[])\n",
    "pairs in a loop": "PAIRS = [('a', 'gpt-4o'), ('b', 'gpt-4o')]\nfor count, (label, name) in enumerate(PAIRS):\n"
    "    client.chat.completions.create(model=name, messages=[])\n",
    "a dict that is filled": "def offered():\n    found = {}\n    found['fast'] = {'id': 'gpt-4o'}\n    found['slow'] = {'id': 'o3'}\n    return found\n"
    "client.chat.completions.create(model=offered()['fast']['id'], messages=[])\n",
    "a dict that takes another over": "def given():\n    return {'model': 'gpt-4o'}\nargs = {'messages': []}\nargs.update(given())\nclient.chat.completions.create(**args)\n",
    "a look-up with a default": "NAMES = {'fast': 'gpt-4o'}\nclient.chat.completions.create(model=NAMES.get('fast', 'gpt-4o'), messages=[])\n",
}


@pytest.mark.parametrize("code", HELD.values(), ids=HELD.keys())
def test_a_model_is_found_in_what_holds_it(code: str) -> None:
    assert models({"a.py": HEAD + code}) == ["gpt-4o"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    name = 'gpt-4'\n    name = 'gpt-4o'\n", ["gpt-4o"]),
        ("    name = 'gpt-4'\n    if fast:\n        name = 'gpt-4o'\n", ["gpt-4", "gpt-4o"]),
        ("    name = 'gpt-4'\n    name = name or 'gpt-4o'\n", ["gpt-4", "gpt-4o"]),
        ("    name = 'gpt-4'\n    try:\n        name = 'gpt-4o'\n    except OSError:\n        pass\n", ["gpt-4", "gpt-4o"]),
        ("    name = fast\n    name = 'gpt-4o'\n", ["gpt-4o"]),
    ],
)
def test_what_was_replaced_is_no_value_any_more(body: str, expected: list[object]) -> None:
    assert (
        models({"a.py": f"{HEAD}def ask(fast):\n{body}    client.chat.completions.create(model=name, messages=[])\n"}) == expected
    )


def test_a_key_that_is_only_a_default_leaves_the_others_to_choose_from() -> None:
    code = (
        HEAD
        + "M = {'fast': 'gpt-4o', 'slow': 'o3'}\ndef ask(speed='fast'):\n    client.chat.completions.create(model=M[speed], messages=[])\n"
    )
    assert models({"a.py": code}) == ["gpt-4o", "o3"]
    assert models({"a.py": code + "ask('slow')\n"}) == ["o3", "gpt-4o"]
    assert models({"a.py": code.replace("M[speed]", "M[os.getenv('S', 'fast')]")}) == ["gpt-4o"]


def test_a_constructor_of_its_own_decides_what_a_field_holds() -> None:
    code = (
        HEAD
        + "class M:\n    id = 'gpt-4o'\n    def __init__(self, id):\n        self.label = id\nclient.chat.completions.create(model=M('x').id, messages=[])\n"
    )
    assert models({"a.py": code}) == ["gpt-4o"]


def test_an_address_is_put_together_in_steps() -> None:
    code = """import os, requests
class Local:
    def __init__(self, host=None):
        self.host = host or os.getenv("LLM_HOST")
        self.api = f"{self.host or 'http://localhost:11434'}/api"
    def ask(self, text):
        return requests.post(f"{self.api}/generate", json={"model": "gpt-oss:20b", "prompt": text})
"""
    assert models({"a.py": code}) == ["gpt-oss:20b"]
    served = "services:\n  ollama:\n    environment:\n      LLM_HOST: 0.0.0.0\n"
    assert models({"a.py": code, "docker-compose.yml": served}) == ["gpt-oss:20b"]


def test_a_class_holds_its_client_and_its_model() -> None:
    code = """from openai import AsyncOpenAI
class Bot:
    def __init__(self, model="gpt-4o"):
        self.llm = AsyncOpenAI()
        self.model = model
    async def ask(self, text):
        return await self.llm.chat.completions.create(model=self.model, messages=[])
"""
    assert models({"a.py": code}) == ["gpt-4o"]


def test_a_default_of_settings_counts_and_so_does_what_a_deployment_sets() -> None:
    settings = "from pydantic_settings import BaseSettings\nclass Settings(BaseSettings):\n    chat_model: str = 'gpt-4o'\nsettings = Settings()\n"
    use = "from openai import OpenAI\nfrom app.config import settings\nOpenAI().chat.completions.create(model=settings.chat_model, messages=[])\n"
    files = {"app/__init__.py": "", "app/config.py": settings, "app/main.py": use}
    assert models(files) == ["gpt-4o"]
    assert models({**files, "docker-compose.yml": "services:\n  api:\n    environment:\n      CHAT_MODEL: gpt-4.1\n"}) == [
        "gpt-4o",
        "gpt-4.1",
    ]


def test_an_environment_variable_takes_the_value_of_a_shipped_file() -> None:
    code = HEAD + CALL.format(model="os.environ.get('CHAT_MODEL')")
    assert models({"a.py": code, ".env.example": "CHAT_MODEL=gpt-4o\n"}) == ["gpt-4o"]
    assert models({"a.py": code, ".env.example": "OTHER=gpt-4o\n"}) == ["$CHAT_MODEL"]


def test_a_wrapper_receives_what_its_callers_hand_over() -> None:
    wrapper = "from openai import OpenAI\ndef ask(text, *, model, **options):\n    return OpenAI().chat.completions.create(model=model, messages=[], **options)\n"
    use = "from llm import ask\nask('hi', model='gpt-4o')\nask('ho', model='gpt-4.1')\n"
    assert models({"llm.py": wrapper, "main.py": use}) == ["gpt-4o", "gpt-4.1"]


def test_what_tests_hand_over_says_nothing_of_production() -> None:
    wrapper = "from openai import OpenAI\ndef ask(model):\n    return OpenAI().chat.completions.create(model=model, messages=[])\n"
    files = {
        "llm.py": wrapper,
        "main.py": "from llm import ask\nask('gpt-4o')\n",
        "test_llm.py": "from llm import ask\nask('fake')\n",
    }
    assert models(files, {"test_llm.py": Scope.TEST}) == ["gpt-4o"]


def test_keywords_are_followed_through_a_base_class_and_a_table_of_classes() -> None:
    code = """from openai import OpenAI
class Base:
    def __init__(self, model):
        self.model = model
class Chat(Base):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.client = OpenAI()
    def ask(self):
        return self.client.chat.completions.create(model=self.model, messages=[])
TABLE = {"openai": Chat}
def make(kind, **kwargs):
    return TABLE[kind](**kwargs)
bot = make("openai", model="gpt-4o")
"""
    assert models({"a.py": code}) == ["gpt-4o"]


def test_a_branch_that_does_not_lead_to_the_call_adds_nothing() -> None:
    code = (
        HEAD
        + """def ask(fast):
    args = {"messages": []}
    if fast:
        args["model"] = "gpt-4o-mini"
    else:
        args["model"] = "gpt-4o"
        client.chat.completions.create(**args)
"""
    )
    assert models({"a.py": code}) == ["gpt-4o"]


def test_a_helper_named_like_the_sdk_is_not_the_sdk() -> None:
    files = {
        "app/__init__.py": "",
        "app/openai.py": "class OpenAI:\n    pass\n",
        "app/main.py": HEAD + CALL.format(model="'gpt-4o'"),
    }
    assert models(files) == ["gpt-4o"]


def test_typescript_follows_modules_defaults_and_environment() -> None:
    files = {
        "lib/config.ts": "export const MODEL = process.env.MODEL ?? 'gpt-4o';\n",
        "lib/ai.ts": "import OpenAI from 'openai';\nexport const ai = new OpenAI();\n",
        "app/chat.ts": "import { ai } from '@/lib/ai';\nimport { MODEL } from '../lib/config';\nawait ai.chat.completions.create({ model: MODEL, messages: [] });\n",
    }
    assert models(files) == ["$MODEL", "gpt-4o"]


def test_typescript_objects_are_spread_and_shorthand_is_read() -> None:
    code = "import OpenAI from 'openai';\nconst base = { model: 'gpt-4o' };\nconst messages = [];\nnew OpenAI().chat.completions.create({ ...base, messages });\n"
    assert models({"a.ts": code}) == ["gpt-4o"]


@pytest.mark.parametrize("state", ["({...prev, a: 1})", "({...prev, ...prev, ...prev})"])
def test_objects_spread_into_themselves_end(state: str) -> None:
    code = (
        "import OpenAI from 'openai';\nlet prev = {};\n"
        + f"prev = {state};\n" * 30
        + "new OpenAI().chat.completions.create({ model: prev.model, messages: [] });\n"
    )
    assert len(models({"a.ts": code})) == 1


def test_a_circle_of_definitions_is_worth_nothing_and_ends() -> None:
    code = HEAD + "a = b\nb = a\ndef f(x): return f(x)\n" + CALL.format(model="f(a)")
    assert models({"a.py": code}) == ["Unresolved"]


def test_a_table_of_defaults_answers_for_its_keys() -> None:
    code = """import os
from openai import OpenAI
DEFAULTS = {"CHAT_MODEL": os.getenv("CHAT_MODEL", "gpt-4o"), "OTHER_MODEL": "gpt-4.1"}
class Config(dict):
    def get(self, key):
        return os.getenv(key) or super().get(key)
cfg = Config(**DEFAULTS)
OpenAI().chat.completions.create(model=cfg.get("CHAT_MODEL"), messages=[])
"""
    assert models({"a.py": code}) == ["gpt-4o"]


@pytest.mark.parametrize(
    "code",
    [
        "import click\n@click.command()\n@click.option('--model', '-m', default='gpt-4o')\ndef main(model):\n    client.chat.completions.create(model=model, messages=[])",
        "import typer\ndef main(model: str = typer.Option('gpt-4o', help='x')):\n    client.chat.completions.create(model=model, messages=[])",
        (
            "import argparse\np = argparse.ArgumentParser()\np.add_argument('--chat-model', default='gpt-4o')\nargs = p.parse_args()\n"
            "client.chat.completions.create(model=args.chat_model, messages=[])"
        ),
        (
            "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    model: str = field(default_factory=lambda: 'gpt-4o')\n"
            "client.chat.completions.create(model=C().model, messages=[])"
        ),
        "client.chat.completions.create(model=str(os.getenv('M', 'gpt-4o')), messages=[])",
    ],
)
def test_an_option_is_worth_its_default(code: str) -> None:
    assert models({"a.py": HEAD + code + "\n"}) == ["gpt-4o"]


BASE = "from abc import ABC, abstractmethod\nclass Provider(ABC):\n    @abstractmethod\n    def ask(self, model): ...\n"
OWN = (
    f"{HEAD}from base import Provider\nclass Own(Provider):\n    def ask(self, model):\n        return {CALL.format(model='model')}"
)
USE = "from base import Provider\ndef run(provider: Provider):\n    return provider.ask('gpt-4o')\n"


def test_an_abstract_method_leads_to_those_that_take_its_place() -> None:
    assert models({"base.py": BASE, "own.py": OWN, "use.py": USE}) == ["gpt-4o"]


def test_a_method_of_an_interface_leads_to_the_classes_that_have_it() -> None:
    interface = "export interface Provider { ask(model: string): Promise<unknown> }\n"
    own = """import OpenAI from "openai";
import type { Provider } from "./base";
export class Own implements Provider {
  async ask(model: string) { return new OpenAI().chat.completions.create({ model, messages: [] }); }
}
"""
    use = 'import type { Provider } from "./base";\nexport const run = (provider: Provider) => provider.ask("gpt-4o");\n'
    assert models({"base.ts": interface, "own.ts": own, "use.ts": use}) == ["gpt-4o"]


def test_a_method_that_has_a_body_is_the_one_that_is_called() -> None:
    whole = BASE.replace("...", "return model").replace("    @abstractmethod\n", "")
    (value,) = models({"base.py": whole, "own.py": OWN, "use.py": USE})
    assert value != "gpt-4o"


def test_a_fake_of_the_tests_takes_nobody_s_place() -> None:
    (value,) = models({"base.py": BASE, "tests/own.py": OWN, "use.py": USE}, {"tests/own.py": Scope.TEST})
    assert value != "gpt-4o"


def test_a_settings_object_takes_its_attributes_from_a_table() -> None:
    code = """from openai import OpenAI
DEFAULTS = {"FAST_LLM": "openai:gpt-4o"}
class Config:
    def __init__(self):
        for key, value in DEFAULTS.items():
            setattr(self, key.lower(), value)
        self.provider, self.model = self.parse(self.fast_llm)
    @staticmethod
    def parse(text):
        provider, model = text.split(":", 1)
        return provider, model
OpenAI().chat.completions.create(model=Config().model, messages=[])
"""
    assert models({"a.py": code}) == ["gpt-4o"]


ALIASED = 'import OpenAI from "openai";\nimport {{ CHAT }} from "{module}";\nnew OpenAI().chat.completions.create({{ model: CHAT, messages: [] }});\n'


@pytest.mark.parametrize(
    ("options", "module"),
    [
        ('"paths": {"@core/*": ["../packages/core/src/*"]}', "@core/models"),
        ('"baseUrl": "src", "paths": {"@models": ["../../packages/core/src/models.ts"],}', "@models"),
        ('"baseUrl": "../packages" // where they lie', "core/src/models"),
        ('"paths": {"@core/*": ["./gone/*", "../packages/core/src/*"]}', "@core/models.js"),
    ],
)
def test_an_import_goes_where_the_nearest_configuration_says(options: str, module: str) -> None:
    files = {
        "web/tsconfig.json": f'{{"compilerOptions": {{{options}\n}}}}',
        "tsconfig.json": '{"compilerOptions": {"paths": {"@core/*": ["./old/*"], "@models": ["./old/models.ts"]}}}',
        "packages/core/src/models.ts": "export const CHAT = 'gpt-4o';\n",
        "old/models.ts": "export const CHAT = 'gpt-4';\n",
        "web/src/ask.ts": ALIASED.format(module=module),
    }
    assert models(files) == ["gpt-4o"]


def test_modules_that_export_each_other_are_walked_once() -> None:
    parts = [f"part{n}" for n in range(12)]
    barrel = "".join(f"export * from './{name}';\n" for name in parts)
    names = ", ".join(f"name{n}" for n in range(12))
    files = {f"src/{name}.ts": f"import {{ {names} }} from './index';\nexport const own{name} = name3;\n" for name in parts}
    chosen = "import { own } from './part1';\nexport { own as chosen };\nexport const own = 'gpt-4o';\n"
    use = 'import OpenAI from "openai";\nimport { chosen } from "./index";\nnew OpenAI().chat.completions.create({ model: chosen, messages: [] });\n'
    assert models({**files, "src/index.ts": barrel + "export * from './last';\n", "src/last.ts": chosen, "src/use.ts": use}) == [
        "gpt-4o"
    ]


def test_a_barrel_passes_on_what_the_barrel_inside_it_does() -> None:
    files = {
        "src/index.ts": "export * from './models';\n",
        "src/models/index.ts": "export * from './chat.js';\nexport { default as small } from './small';\n",
        "src/models/chat.ts": "export const CHAT = 'gpt-4o';\n",
        "src/models/small.ts": "export default 'gpt-4o-mini';\n",
        "use.ts": 'import OpenAI from "openai";\nimport { CHAT, small } from "./src";\n'
        "new OpenAI().chat.completions.create({ model: big ? CHAT : small, messages: [] });\n",
    }
    assert models(files) == ["gpt-4o", "gpt-4o-mini"]
