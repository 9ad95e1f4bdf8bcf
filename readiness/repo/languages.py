"""What a file is, told from its name alone: kind, language and format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final


class SourceKind(StrEnum):
    """What a file is read as."""

    CODE = "code"
    CONFIG = "config"
    DOCUMENT = "document"
    DATA = "data"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FileType:
    """Kind, language and format of a file; `format` equals `language` except where one language has several forms."""

    kind: SourceKind
    language: str
    format: str


OTHER: Final = FileType(SourceKind.OTHER, "", "")

# fmt: off
_LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "python": ("py", "pyi", "pyw", "pyx"),
    "typescript": ("ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"),
    "vue": ("vue",), "svelte": ("svelte",), "astro": ("astro",),
    "go": ("go",), "java": ("java",), "kotlin": ("kt", "kts"), "groovy": ("groovy",), "scala": ("scala", "sc"),
    "clojure": ("clj", "cljs", "cljc"),
    "csharp": ("cs", "razor", "cshtml"), "fsharp": ("fs", "fsx"), "visualbasic": ("vb",),
    "ruby": ("rb", "rake", "erb"), "rust": ("rs",), "php": ("php",), "swift": ("swift",),
    "objectivec": ("m", "mm"), "dart": ("dart",),
    "c": ("c",), "cpp": ("cpp", "cc", "cxx", "hpp", "hh", "hxx", "h", "cu"),
    "elixir": ("ex", "exs"), "erlang": ("erl",), "haskell": ("hs",), "ocaml": ("ml",), "lua": ("lua",), "perl": ("pl", "pm"),
    "julia": ("jl",), "r": ("r", "R"), "nim": ("nim",), "zig": ("zig",), "crystal": ("cr",), "solidity": ("sol",),
})
"""Programming languages by extension: those in which an application is written."""

_GLUE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "shell": ("sh", "bash", "zsh", "fish", "ksh"), "powershell": ("ps1", "psm1"), "batch": ("bat", "cmd"), "sql": ("sql",),
    "css": ("css", "scss", "sass", "less"), "graphql": ("graphql", "gql"), "protobuf": ("proto",), "prisma": ("prisma",),
})
"""Code that starts, styles, queries or describes, and holds no application logic."""

_CONFIG: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "yaml": ("yaml", "yml"), "toml": ("toml",), "json": ("json", "jsonc", "json5", "webmanifest"),
    "ini": ("ini", "cfg", "conf"), "properties": ("properties",), "env": ("env",),
    "terraform": ("tf", "tfvars", "hcl"), "bicep": ("bicep", "bicepparam"), "dockerfile": ("dockerfile",),
    "xml": ("xml", "csproj", "fsproj", "vbproj", "props", "targets", "config"), "groovy": ("gradle",), "makefile": ("mk",),
})

_DOCUMENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "markdown": ("md", "markdown", "mdx", "mdc"), "text": ("txt", "rst", "adoc", "asciidoc", "org", "tmpl", "tpl"),
    "jinja": ("j2", "jinja", "jinja2", "jinja-md", "liquid", "mustache", "hbs", "handlebars"),
    "prompt": ("prompt", "prompty", "baml", "promptfile"), "html": ("html", "htm", "xhtml"),
})

_DATA: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "jsonl": ("jsonl", "jsonlines", "ndjson"), "csv": ("csv",), "tsv": ("tsv",), "parquet": ("parquet",),
    "arrow": ("arrow", "feather"),
    "geojson": ("geojson",), "sqlite": ("db", "sqlite", "sqlite3"),
})

_NAMES: Final[Mapping[str, FileType]] = MappingProxyType({
    name: FileType(kind, form, form) for kind, form, names in (
        (SourceKind.CONFIG, "text", ("procfile", "go.mod", "go.sum", "gemfile.lock", "yarn.lock", "manifest.in", "pkg-info")),
        (SourceKind.CONFIG, "toml", ("pipfile", "poetry.lock", "uv.lock", "pdm.lock", "cargo.lock")),
        (SourceKind.CONFIG, "json", ("composer.lock", "pipfile.lock", "deno.lock", "bun.lock", ".babelrc", ".eslintrc")),
        (SourceKind.CONFIG, "makefile", ("makefile", "gnumakefile", "justfile")),
        (SourceKind.CONFIG, "groovy", ("jenkinsfile",)),
        (SourceKind.CONFIG, "yaml", (".clang-format", ".yamllint", "citation.cff")),
        (SourceKind.CONFIG, "ini", (".flake8", ".coveragerc", ".npmrc", ".pylintrc", ".editorconfig", ".gitmodules")),
        (SourceKind.CODE, "ruby", ("gemfile", "rakefile", "guardfile", "fastfile")),
        (SourceKind.DOCUMENT, "text", ("license", "licence", "notice", "authors", "changelog", "readme", "copying")),
        (SourceKind.DOCUMENT, "markdown", (".cursorrules", ".windsurfrules")),
    ) for name in names
})
# fmt: on

_PLAIN_CONFIG: Final = frozenset({"requirements", "constraints"})
_ENV: Final = re.compile(r"(?i)^\.?env(?:\..+)?$|^.+\.env(?:\.[\w-]+)?$|^\.(?:dev|prod)\.vars(?:\..+)?$|^\.dev\.vars(?:\..+)?$")
_DOCKERFILE: Final = re.compile(r"(?i)^(?:dockerfile|containerfile)(?:[._-].+)?$|^.+[._-](?:dockerfile|containerfile)$")
_REQUIREMENTS: Final = re.compile(
    r"(?i)^(?:.*[-_.])?(?:requirements|constraints)(?:[-_.].*)?\.(?:txt|in|lock)$|^requirements[-_].*\.(?:txt|in)$"
)


def _by_extension() -> Mapping[str, FileType]:
    tables = (
        (SourceKind.CODE, _LANGUAGES),
        (SourceKind.CODE, _GLUE),
        (SourceKind.CONFIG, _CONFIG),
        (SourceKind.DOCUMENT, _DOCUMENTS),
        (SourceKind.DATA, _DATA),
    )
    return MappingProxyType({
        extension: FileType(kind, language, language)
        for kind, table in tables
        for language, extensions in table.items()
        for extension in extensions
    })  # fmt: skip


_EXTENSIONS: Final = _by_extension()
_NOTEBOOK: Final = FileType(SourceKind.CODE, "python", "notebook")


def file_type(path: str) -> FileType:
    """What the file at `path` (posix, relative) is, judged by its name; `OTHER` when the name says nothing."""
    name = PurePosixPath(path).name
    lowered = name.lower()
    if lowered in _NAMES:
        return _NAMES[lowered]
    if lowered.startswith("jenkinsfile"):
        return _NAMES["jenkinsfile"]
    if _DOCKERFILE.match(name):
        return _EXTENSIONS["dockerfile"]
    if _ENV.match(name) and not lowered.endswith((".ts", ".js", ".py", ".d.ts")):
        return _EXTENSIONS["env"]
    if _REQUIREMENTS.match(name) or (_in_requirements(path) and lowered.endswith((".txt", ".in"))):
        return FileType(SourceKind.CONFIG, "requirements", "requirements")
    extension = lowered.rpartition(".")[2] if "." in lowered.strip(".") else ""
    if extension == "ipynb":
        return _NOTEBOOK
    return _EXTENSIONS.get(extension, OTHER)


def _in_requirements(path: str) -> bool:
    return PurePosixPath(path).parent.name.lower() in _PLAIN_CONFIG


def is_programming(language: str) -> bool:
    """Whether applications are written in `language`; not so for configuration, markup, styles, SQL and shell glue."""
    return language in _LANGUAGES


_SHEBANG: Final = re.compile(r"^#!.{0,80}?\b(python|node|deno|bun|ruby|perl|php|bash|sh|zsh)[\d.]*\b")
_INTERPRETERS: Final[Mapping[str, str]] = MappingProxyType({
    "node": "typescript", "deno": "typescript", "bun": "typescript", "bash": "shell", "sh": "shell", "zsh": "shell",
})  # fmt: skip


def extensionless(path: str, head: str) -> FileType:
    """What a text file without an extension is, by its first line; plain text counts only where prompts are kept."""
    if match := _SHEBANG.match(head):
        language = _INTERPRETERS.get(match.group(1), match.group(1))
        return FileType(SourceKind.CODE, language, language)
    return FileType(SourceKind.DOCUMENT, "text", "text") if "prompt" in path.lower() else OTHER
