"""What manifests ask for, and which versions lockfiles give."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.model import Dependency, Span
from readiness.repo import mark_llm, normalise
from readiness.repo.manifests import is_manifest, read_dependencies


def read(**files: str) -> dict[str, tuple[str, str | None]]:
    """Name to requirement and exact version, of files given by name."""
    found, gaps = read_dependencies(list(files.items()))
    assert gaps == ()
    return {item.name: (item.requirement, item.locked) for item in found}


def read_one(path: str, text: str) -> list[tuple[str, str, str, str | None, int]]:
    found, gaps = read_dependencies([(path, text)])
    assert gaps == ()
    return [(item.ecosystem, item.name, item.requirement, item.locked, item.span.line) for item in found]


# ------------------------------------------------------------------------------------------------ Python


def test_requirements() -> None:
    text = (
        "# comment\n-r base.txt\n--index-url https://example.com\nOpenAI==1.2.3  # why\nlangchain[all]>=0.1,<0.2 ; python_version > '3'\n"
        "  \nhttpx\n-e git+https://example.com/x.git#egg=my_pkg\nurl_pkg @ https://example.com/x.whl\n"
        "numpy==1.26.4 \\\n    --hash=sha256:abc\nwild==1.*\nwords that are no requirement\n"
    )
    assert read_one("requirements.txt", text) == [
        ("pypi", "openai", "==1.2.3", "1.2.3", 4),
        ("pypi", "langchain", ">=0.1,<0.2", None, 5),
        ("pypi", "httpx", "", None, 7),
        ("pypi", "my-pkg", "git+https://example.com/x.git#egg=my_pkg", None, 8),
        ("pypi", "url-pkg", "@ https://example.com/x.whl", None, 9),
        ("pypi", "numpy", "==1.26.4", "1.26.4", 10),
        ("pypi", "wild", "==1.*", None, 12),
    ]


PYPROJECT = """\
[project]
dependencies = ["openai>=1", "Lang_Chain"]
[project.optional-dependencies]
x = ["litellm~=1.0"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
[tool.poetry.dependencies]
python = "^3.11"
anthropic = "^0.30"
cohere = {version = "5.0.1", extras = ["x"]}
boto3 = [{version = ">=1", python = "<3.12"}]
[tool.poetry.group.eval.dependencies]
ragas = "*"
[tool.uv]
dev-dependencies = ["ruff"]
[tool.pdm.dev-dependencies]
t = ["mypy"]
"""


def test_pyproject_of_every_tool() -> None:
    found = read_one("pyproject.toml", PYPROJECT)
    assert {(name, wanted, locked) for _, name, wanted, locked, _ in found} == {
        ("openai", ">=1", None), ("lang-chain", "", None), ("litellm", "~=1.0", None), ("pytest", "", None), ("anthropic", "^0.30", None),
        ("cohere", "5.0.1", "5.0.1"), ("boto3", ">=1", None), ("ragas", "*", None), ("ruff", "", None), ("mypy", "", None),
    }  # fmt: skip
    assert {name: line for _, name, _, _, line in found}["anthropic"] == 9


@pytest.mark.parametrize("lock", ["poetry.lock", "uv.lock", "pdm.lock"])
def test_a_lockfile_gives_exact_versions_and_what_others_pull_in(lock: str) -> None:
    text = 'version = 1\n\n[[package]]\nname = "openai"\nversion = "1.99.9"\n\n[package.dependencies]\nname = "no"\nversion = "0"\n\n[[package]]\nname = "jiter"\nversion = "0.1"\n'
    assert read(**{"pyproject.toml": '[project]\ndependencies = ["openai>=1"]\n', lock: text}) == {
        "openai": (">=1", "1.99.9"),
        "jiter": ("", "0.1"),
    }


def test_the_nearest_lockfile_counts() -> None:
    lock = '[[package]]\nname = "openai"\nversion = "{}"\n'
    found, _ = read_dependencies([
        ("uv.lock", lock.format("1.0.0")),
        ("a/uv.lock", lock.format("2.0.0")),
        ("a/pyproject.toml", '[project]\ndependencies = ["openai"]\n'),
        ("b/c/pyproject.toml", '[project]\ndependencies = ["openai"]\n'),
        ("package.json", '{"dependencies": {"openai": "^4"}}'),
    ])  # fmt: skip
    assert {item.span.path: item.locked for item in found} == {
        "a/pyproject.toml": "2.0.0",
        "b/c/pyproject.toml": "1.0.0",
        "package.json": None,
    }


def test_a_requirements_file_of_pins_is_a_lockfile() -> None:
    found, _ = read_dependencies(
        [("pyproject.toml", '[project]\ndependencies = ["openai"]\n'), ("requirements.txt", "openai==1.5.0\n")]
    )
    assert [(item.span.path, item.locked) for item in found] == [("pyproject.toml", "1.5.0"), ("requirements.txt", "1.5.0")]


def test_pipfile() -> None:
    assert read(**{
        "Pipfile": '[packages]\nopenai = "*"\n[dev-packages]\npytest = "==8.0"\n',
        "Pipfile.lock": '{"default": {"openai": {"version": "==1.1.0"}, "jiter": {"version": "==0.2"}}, "develop": {}}',
    }) == {"openai": ("*", "1.1.0"), "pytest": ("==8.0", "8.0"), "jiter": ("", "0.2")}  # fmt: skip


def test_setup_files_are_read_and_not_run() -> None:
    text = (
        "import os\nos.system('touch pwned')\nINSTALL_REQUIRES = [\n    'openai>=1',  # note\n    \"tiktoken\",\n]\n"
        "setup(name='x', install_requires=INSTALL_REQUIRES, extras_require={'dev': ['pytest[x]>=7'], 'a b': []},\n"
        "      classifiers=['Private'], python_requires='>=3.9', keywords=['langchain'])\n"
    )
    assert [(name, line) for _, name, _, _, line in read_one("setup.py", text)] == [("openai", 4), ("tiktoken", 5), ("pytest", 7)]
    cfg = "[options]\ninstall_requires =\n    openai>=1\n    # no\n    tiktoken\n[options.extras_require]\ndev = pytest\n"
    assert [name for _, name, *_ in read_one("setup.cfg", cfg)] == ["openai", "tiktoken", "pytest"]


def test_conda_environment() -> None:
    text = "name: x\ndependencies:\n  - python=3.11\n  - conda-forge::numpy=1.26.4=h1\n  - scipy>=1.10\n  - pip:\n    - openai==1.0.0\n"
    assert [item[1:4] for item in read_one("environment.yml", text)] == [
        ("numpy", "==1.26.4", "1.26.4"),
        ("scipy", ">=1.10", None),
        ("openai", "==1.0.0", "1.0.0"),
    ]


def test_package_metadata_counts_at_the_root_only() -> None:
    text = "Metadata-Version: 2.1\nRequires-Dist: openai<2,>=1; extra == 'x'\n\nRequires-Dist: prose\n"
    assert read_one("PKG-INFO", text) == [("pypi", "openai", "<2,>=1", None, 2)]
    assert read_one("x.egg-info/PKG-INFO", text) == []


# ------------------------------------------------------------------------------------------------ JavaScript

PACKAGE = '{\n "dependencies": {"openai": "^4.0.0", "@ai-sdk/openai": "^1.0.0"},\n "devDependencies": {"vitest": "2"}\n}'
LOCKS = {
    "package-lock.json": """{"lockfileVersion": 3, "packages": {"": {"dependencies": {}},
        "node_modules/x/node_modules/openai": {"version": "3.0.0"},
        "node_modules/openai": {"version": "4.1.0"}, "node_modules/@ai-sdk/openai": {"version": "1.2.0"}}}""",
    "npm-shrinkwrap.json": """{"lockfileVersion": 1, "dependencies": {"x": {"version": "1.0.0", "dependencies": {"openai": {"version": "3.0.0"}}},
        "openai": {"version": "4.1.0"}, "@ai-sdk/openai": {"version": "1.2.0"}}}""",
    "pnpm-lock.yaml": """lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      '@ai-sdk/openai':
        specifier: ^1.0.0
        version: 1.2.0(zod@3.0.0)
      openai:
        specifier: ^4.0.0
        version: 4.1.0

packages:

  openai@3.0.0:
    resolution: {integrity: x}
  '@ai-sdk/openai@1.2.0':
    resolution: {integrity: x}
""",
    "yarn.lock": '# yarn lockfile v1\n\nopenai@^3:\n  version "3.0.0"\n\nopenai@^4.0.0, openai@~4.1:\n  version "4.1.0"\n\n"@ai-sdk/openai@^1.0.0":\n  version "1.2.0"\n',
    "bun.lock": """{
  "packages": {
    "openai": ["openai@4.1.0", "", {"dependencies": {}}, "sha512"],
    "@ai-sdk/openai": ["@ai-sdk/openai@1.2.0", ""],
    "x/openai": ["openai@3.0.0", ""],
  }
}""",
}


@pytest.mark.parametrize("lock", LOCKS)
def test_each_javascript_lockfile_gives_the_version_at_the_root(lock: str) -> None:
    found = read(**{"package.json": PACKAGE, lock: LOCKS[lock]})
    assert found["openai"] == ("^4.0.0", "4.1.0")
    assert found["@ai-sdk/openai"] == ("^1.0.0", "1.2.0")
    assert found["vitest"] == ("2", None)


def test_older_pnpm_and_newer_yarn() -> None:
    old = "lockfileVersion: 5.4\n\nspecifiers:\n  openai: ^4.0.0\n\ndependencies:\n  openai: 4.1.0\n  '@ai-sdk/openai': 1.2.0_zod@3\n\npackages:\n\n  /openai/4.1.0:\n    resolution: {}\n"
    berry = '__metadata:\n  version: 8\n\n"openai@npm:^4.0.0":\n  version: 4.1.0\n  resolution: "openai@npm:4.1.0"\n\n"@ai-sdk/openai@npm:^1.0.0":\n  version: 1.2.0\n'
    for name, text in (("pnpm-lock.yaml", old), ("yarn.lock", berry)):
        assert read(**{"package.json": PACKAGE, name: text})["openai"] == ("^4.0.0", "4.1.0")


# ------------------------------------------------------------------------------------------------ the others


def test_go() -> None:
    text = "module example.com/x\n\ngo 1.22\n\nrequire github.com/sashabaranov/go-openai v1.36.0\n\nrequire (\n\tgithub.com/openai/openai-go/v2 v2.1.0\n\tgolang.org/x/net v0.1.0 // indirect\n)\n\nreplace (\n\tx.com/a => ./a\n)\n"
    assert read_one("go.mod", text) == [
        ("go", "github.com/sashabaranov/go-openai", "v1.36.0", "v1.36.0", 5),
        ("go", "github.com/openai/openai-go", "v2.1.0", "v2.1.0", 8),
        ("go", "golang.org/x/net", "", "v0.1.0", 9),
    ]


def test_maven_through_its_properties() -> None:
    text = """<project xmlns="http://maven.apache.org/POM/4.0.0"><version>9</version>
<properties><lc.version>1.0.0</lc.version></properties>
<dependencies><dependency><groupId>dev.langchain4j</groupId>
<artifactId>langchain4j-open-ai</artifactId><version>${lc.version}</version></dependency>
<dependency><groupId>a.b</groupId><artifactId>c</artifactId><version>${missing}</version></dependency>
<dependency><groupId>a.b</groupId><artifactId>managed</artifactId></dependency></dependencies></project>"""
    assert read_one("pom.xml", text) == [
        ("maven", "dev.langchain4j:langchain4j-open-ai", "1.0.0", "1.0.0", 4),
        ("maven", "a.b:c", "${missing}", None, 5),
        ("maven", "a.b:managed", "", None, 6),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><project>&b;</project>',
        '<!DOCTYPE p SYSTEM "file:///etc/passwd"><project/>',
        "<project>",
    ],
)
def test_a_document_type_is_never_read(text: str) -> None:
    found, gaps = read_dependencies([("pom.xml", text)])
    assert found == ()
    assert gaps[0].path == "pom.xml"


def test_gradle_of_both_kinds() -> None:
    text = 'ext.lcVersion = "1.2.0"\ndependencies {\n  implementation "dev.langchain4j:langchain4j:${lcVersion}"\n  implementation platform("a.b:bom:3.0")\n  testImplementation(group: "c.d", name: "e", version: "4.0")\n  implementation project(":x")\n  println "not:a:1.0"\n}\n'
    for name in ("build.gradle", "app/build.gradle.kts"):
        assert [item[1:4] for item in read_one(name, text)] == [
            ("dev.langchain4j:langchain4j", "1.2.0", "1.2.0"),
            ("a.b:bom", "3.0", "3.0"),
            ("c.d:e", "4.0", "4.0"),
        ]
    catalogue = (
        '[versions]\nlc = "1.2.0"\n[libraries]\na = {module = "dev.langchain4j:langchain4j", version.ref = "lc"}\nb = "x.y:z:2.0"\n'
    )
    assert [item[1:4] for item in read_one("gradle/libs.versions.toml", catalogue)] == [
        ("dev.langchain4j:langchain4j", "1.2.0", "1.2.0"),
        ("x.y:z", "2.0", "2.0"),
    ]


def test_dotnet() -> None:
    assert read(**{
        "App.csproj": '<Project><ItemGroup><PackageReference Include="Azure.AI.OpenAI" Version="2.0.0" />\n<PackageReference Include="OpenAI"><Version>2.1.0</Version></PackageReference></ItemGroup></Project>',
        "packages.lock.json": '{"version": 1, "dependencies": {"net8.0": {"OpenAI": {"type": "Direct", "resolved": "2.1.1"}}}}',
    }) == {"azure.ai.openai": ("2.0.0", None), "openai": ("2.1.0", "2.1.1")}  # fmt: skip
    central = '<Project><ItemGroup><PackageVersion Include="OpenAI" Version="2.1.0" /></ItemGroup></Project>'
    assert read_one("Directory.Packages.props", central)[0][1:3] == ("openai", "2.1.0")


def test_ruby_rust_and_php() -> None:
    assert read(
        **{
            "Gemfile": "gem 'ruby-openai', '~> 7.0'\n# gem 'no'\n",
            "Gemfile.lock": "GEM\n  specs:\n    ruby-openai (7.1.0)\n      faraday (>= 1)\n    faraday (2.0)\n",
        }
    ) == {
        "ruby-openai": ("~> 7.0", "7.1.0"),
        "faraday": ("", "2.0"),
    }
    cargo = '[dependencies]\nasync-openai = "0.20"\nllm = {package = "rust_llm", version = "1"}\n[target.x.dependencies]\nt = "1"\n'
    lock = '[[package]]\nname = "async-openai"\nversion = "0.20.1"\n'
    assert read(**{"Cargo.toml": cargo, "Cargo.lock": lock}) == {
        "async-openai": ("0.20", "0.20.1"),
        "rust-llm": ("1", None),
        "t": ("1", None),
    }
    assert read(**{
        "composer.json": '{"require": {"php": "^8", "openai-php/client": "^0.10"}}',
        "composer.lock": '{"packages": [{"name": "openai-php/client", "version": "v0.10.1"}]}',
    }) == {"openai-php/client": ("^0.10", "0.10.1")}  # fmt: skip


# ------------------------------------------------------------------------------------------------ in general

NAMES = [
    "requirements.txt", "pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "Pipfile.lock", "uv.lock", "environment.yml", "PKG-INFO", "package.json",
    "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "pom.xml", "build.gradle", "gradle/libs.versions.toml", "gradle.lockfile", "go.mod",
    "A.csproj", "packages.lock.json", "Gemfile", "Gemfile.lock", "Cargo.toml", "Cargo.lock", "composer.json", "composer.lock",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=25)
@given(
    text=st.one_of(
        st.text(max_size=120),
        st.sampled_from(
            [
                "[" * 20_000,
                "{" * 20_000,
                '{"dependencies": 3, "packages": [1]}',
                "[project]\ndependencies = 3",
                "- [",
                "a: &a [*a]",
                "[options]\nx",
            ]
        ),
    )
)
def test_any_text_is_read_or_a_gap(name: str, text: str) -> None:
    found, gaps = read_dependencies([(name, text)])
    assert is_manifest(name)
    assert all(isinstance(item, Dependency) for item in found)
    assert all(gap.path == name for gap in gaps)


def test_names_have_one_spelling_per_ecosystem() -> None:
    assert normalise("pypi", "Lang_Chain.core") == "lang-chain-core"
    assert normalise("maven", "A.b:C") == "A.b:C"
    assert normalise("nuget", "OpenAI") == "openai"
    assert normalise("cargo", "async_openai") == "async-openai"


def test_marking_is_by_ecosystem_and_any_spelling() -> None:
    found, _ = read_dependencies(
        [("requirements.txt", "Llama_Index\nrequests\n"), ("package.json", '{"dependencies": {"llama-index": "1"}}')]
    )
    marked = mark_llm(found, {"pypi": frozenset({"llama.index"})})
    assert [(item.ecosystem, item.name, item.llm) for item in marked] == [
        ("pypi", "llama-index", True),
        ("pypi", "requests", False),
        ("npm", "llama-index", False),
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bun.lock", '  "' + "a/" * 200 + 'a": ["x'),
        ("setup.py", "requires" * 20_000),
        ("setup.py", "requires" + " " * 100_000),
        ("build.gradle", "\n" * 100_000),
        ("yarn.lock", "a" * 100_000 + ":"),
        ("go.mod", "require " + "a." * 50_000),
        ("requirements.txt", "a-" * 50_000),
        ("pnpm-lock.yaml", "packages:\n  /" + "a" * 100_000),
    ],
)
def test_no_text_takes_a_reader_forever(name: str, text: str) -> None:
    assert read_dependencies([(name, text)])[0] is not None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("dev.langchain4j:langchain4j-open-ai", True),
        ("org.springframework.ai:spring-ai-core", True),
        ("org.springframework.boot:spring-boot", False),
    ],
)
def test_a_maven_group_stands_for_all_its_artifacts(name: str, expected: bool) -> None:
    item = Dependency(Span("pom.xml", 1, 1), "maven", name, "1.0")
    names = {"maven": frozenset({"dev.langchain4j", "org.springframework.ai"})}
    assert [found.llm for found in mark_llm([item], names)] == [expected]
