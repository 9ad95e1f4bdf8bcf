"""The names by which directories and files say what they are for, as they occur across ecosystems."""

from __future__ import annotations

import re
from typing import Final

# fmt: off
VENDORED: Final = frozenset({
    "vendor", "vendors", "vendored", "_vendor", "_vendored", "third_party", "third-party", "thirdparty", "3rdparty", "pods",
})
TESTS: Final = frozenset({
    "test", "tests", "__tests__", "__mocks__", "__fixtures__", "__snapshots__", "testdata", "unittests", "e2e", "cypress",
    "playwright", "cassettes", "androidtest", "integrationtest", "testfixtures", "loadtest", "loadtests",
})
TESTS_UNROUTED: Final = frozenset({"testing", "spec", "specs", "mocks", "fixtures", ".snapshots"})
EXAMPLES: Final = frozenset({
    "example", "examples", "cookbook", "cookbooks", "tutorial", "tutorials", "quickstart", "quickstarts", ".storybook",
})
EXAMPLES_OF_PROJECT: Final = frozenset({
    "demo", "demos", "sample", "samples", "playground", "playgrounds", "recipes", "starters", "showcase", "getting-started",
})
"""Words that can also name a feature: they count at the root and beside a manifest only."""
SCRIPTS: Final = frozenset({
    "script", "scripts", "benchmark", "benchmarks", "benchmarking", "bench", "eval", "evals", "evaluation", "evaluations",
    "devtools", "ablations",
})
SCRIPTS_OF_PROJECT: Final = frozenset({"experiments", "hack", "maintenance", "leaderboard"})
DOCS: Final = frozenset({"doc", "docs", "documentation", "docs_src", "doc_src", "wiki", "javadoc"})
TOOLING: Final = frozenset({
    ".vscode", ".idea", ".devcontainer", ".cursor", ".claude", ".codex", ".gemini", ".windsurf", ".aider", ".continue", ".roo",
    ".kiro", ".agents", ".github", ".husky", ".changeset", ".mvn", ".codex-plugin", ".claude-plugin",
})
"""Settings of editors, coding assistants and code hosts."""
ROUTED: Final = frozenset({"pages", "routes", "routers", "views", "controllers", "api"})
"""Below these directories a name is a page or an endpoint of the product, whatever it says."""
ROUTED_WEB: Final = ROUTED | {"app", "components", "features", "screens"}
"""The same for files of a web front end, whose frameworks make routes of directories."""
WEB: Final = frozenset({"typescript", "vue", "svelte", "astro", "css"})
MANIFESTS: Final = frozenset({
    "package.json", "pyproject.toml", "setup.py", "setup.cfg", "go.mod", "pom.xml", "build.gradle", "build.gradle.kts",
    "Cargo.toml",
})
SOURCE_SETS: Final = frozenset({"main", "test", "androidTest", "integrationTest", "testFixtures"})
"""What may follow `src/` where a package path like `com/company/product` comes next."""
# fmt: on

_SCRIPT: Final = r"\.(?:py|[cm]?[jt]s|rb|sh)$"
"""How the name of a file that is run by hand ends."""

TEST_DIRECTORY: Final = re.compile(
    r"(?i)^.+[-_.](?:tests?|e2e)$|^(?:tests|e2e)[-_.].+$|^.+\.(?:Unit|Integration|Functional)?Tests?$"
    r"|^test[-_](?:data|utils|helpers|fixtures|cases|support|suite|resources|unit|integration)s?$"
)
TEST_FILE: Final = re.compile(
    r".+\.(?:test|tests|spec|e2e|cy|e2e-spec|test-d)\.(?:[cm]?[jt]sx?|vue|svelte)$|(?:^|.+[-_])(?:test|spec)\.[cm]?[jt]sx?$"
    r"|^conftest\.py$|^tests?\.py$|.+_test\.(?:go|rb|exs|cc|cpp|c|dart|rs|ml)$|^test_.+\.(?:rb|c|cc|cpp|ml)$|.+_spec\.(?:rb|lua)$"
    r"|.+Spec\.(?:groovy|scala)$|^(?:jest|vitest|cypress|playwright|karma|wdio)[.\w-]*\.config\.[cm]?[jt]s$"
    r"|^(?:jest|vitest|test)[.-]?setup\.[cm]?[jt]sx?$|^setupTests\.[jt]sx?$"
)
CLASS_TEST: Final = re.compile(
    r".+(?:Tests?|TestCase|[a-z]IT)\.(?:java|kt|cs|fs|php|swift|scala|groovy|m)$|^Test[A-Z].*\.(?:java|kt|php)$"
)
"""Test classes of languages whose test sources may lie beside the product's."""
PYTHON_TEST: Final = re.compile(r"^tests?[-_].*\.pyi?$|.+_tests?\.pyi?$")
PYTHON_TEST_CODE: Final = re.compile(
    r"(?m)^[ \t]*(?:async )?def test|^class Test|^[ \t]*(?:import|from) (?:pytest|unittest|hypothesis)\b|TestCase\)"
)
"""What tells a test from a module of the product that is about tests, such as a generator of them."""
TEST_CONFIG: Final = re.compile(
    r"(?i)^(?:\.env|.+[._-]env|(?:docker-)?compose|application|appsettings|config|settings)[._-](?:test|tests|testing|e2e)(?:\.[\w.]+)?$"
)
EXAMPLE_FILE: Final = re.compile(
    r".+\.stories\.[jt]sx?$|.+\.(?:sample|example)\.(?:py|[jt]sx?|go|java|rb|cs)$|^example_.*_test\.go$|^examples?\.(?:py|[cm]?[jt]sx?)$"
)
EXAMPLE_AT_ROOT: Final = re.compile(r"^(?:example|demo|sample)s?(?:[-_].+)?\.(?:py|[cm]?[jt]sx?|go|rb)$")
SCRIPT_DIRECTORY: Final = re.compile(r"^(?:evals?|benchmarks?)[-_].+$|^.+[-_](?:evals?|benchmarks?)$")
SCRIPT_FILE: Final = re.compile(
    r"^(?:setup|noxfile|fabfile|locustfile|dodo|versioneer)\.py$|^(?:gulpfile|gruntfile)\.[cm]?[jt]s$"
    rf"|.+[_-]benchmarks?{_SCRIPT}|^benchmarks?(?:[_-].+)?{_SCRIPT}|.+_bench\.(?:go|rs)$|.+\.bench\.[cm]?[jt]sx?$"
)
SCRIPT_OUTSIDE_PACKAGE: Final = re.compile(
    rf"^(?:run[_-])?(?:evals?|evaluate|evaluation|ablation)(?:[_-].+)?{_SCRIPT}|.+[_-]evals?{_SCRIPT}"
)
"""Names that inside a package may be a part of the product, such as an evaluator that runs on every answer."""

VENDORED_FILE: Final = re.compile(
    r"(?i)^(?:jquery|bootstrap|react|vue|d3|lodash|moment|highlight|marked|mermaid|katex|purify|htmx|alpine)(?:[.-].*)?\.min\.(?:js|css)$"
    r"|.+[-.]v?\d+\.\d+(?:\.\d+)?(?:[.-]min)?\.(?:js|css)$"
)
BANNER: Final = re.compile(r"(?is)^\s*/\*!(?:(?!\*/).){0,1500}?(?:licen[sc]e|copyright|\(c\)|v\d+\.\d+)")
"""The comment that bundlers keep at the head of published JavaScript libraries."""
NOTE: Final = re.compile(
    r"(?i)^(?:readme|changelog|changes|history|news|contributing|license|licence|copying|notice|authors?|maintainers|security"
    r"|code_of_conduct|governance|roadmap|adopters|todo|agents|claude|gemini|copilot-instructions|releases?|upgrading|upgrade|migration"
    r"|support|faq|install|installation|development|developing|architecture|design|acknowledge?ments|credits|citation|projects"
    r"|pull_request_template|issue_template|third[-_]party[-_]?\w*)(?:[-_.].*)?$"
)
"""Documents for people, and for their coding assistants."""
PROMPT_WORD: Final = re.compile(r"(?i)prompt|system|instruction|persona|template|skill|agent")
SITE: Final = re.compile(r"^(?:docusaurus\.config\.[cm]?[jt]s|_config\.yml|book\.toml|mint\.json)$")
SITE_PARTS: Final = frozenset({"_includes", "_layouts", "_posts", "_sass"})
"""Directories of a Jekyll site."""
NO_APPLICATION: Final = re.compile(
    r"^(?:setup|conftest|noxfile|tasks|fabfile|locustfile|versioneer)\.py$|.*\.config\.[cm]?[jt]s$|.*\.d\.ts$"
)
CODE_FILE: Final = re.compile(r".+\.(?:py|[cm]?[jt]sx?|rb|php)$")
