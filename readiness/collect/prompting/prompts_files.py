"""Prompts that are kept in files of their own, or under a key of a configuration file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from readiness.collect import ir
from readiness.collect.prompting.prompts_code import PROMPT_WORDS, FoundPrompt
from readiness.collect.prompting.prompts_reading import placeholders, read
from readiness.collect.prompting.prompts_texts import split_name
from readiness.model import Prompt, Scope, Span, Storage

_FOLDERS: Final = frozenset({"prompt", "prompts", "instructions", "personas", "prompt_templates", "prompt-templates"})
_FOR_MACHINES: Final = frozenset(
    {
        "html",
        "sql",
        "yaml",
        "yml",
        "json",
        "toml",
        "conf",
        "cfg",
        "ini",
        "xml",
        "sh",
        "env",
        "service",
        "py",
        "ts",
        "js",
        "css",
        "tf",
        "nginx",
    }
)
_PEOPLE_FILES: Final = re.compile(
    r"(?i)^(readme|changelog|license|contributing|notice|security|code_of_conduct|index|todo|"
    r"authors|history|requirements.*|robots|llms.*)$"
)
_KEYS: Final = frozenset({"system", "system_message", "systemmessage", "persona", "personality", "backstory"})
_NO_TEXT: Final = frozenset(
    {"description", "name", "title", "id", "label", "version", "model", "type", "help", "url", "path", "file", "key", "tags"}
)
_LOCKS: Final = frozenset({"package.json", "package-lock.json", "pnpm-lock.yaml", "tsconfig.json", "poetry.lock", "uv.lock"})
_ASSISTANTS: Final = re.compile(r"(?i)^(?:claude|agents?|gemini|copilot-instructions|skill)\.md$")
_SHOTS: Final = re.compile(r"(?i)few[-_]?shots?|prompt[-_]examples?")


def in_documents(documents: Iterable[ir.Document], scopes: Mapping[str, Scope], loaded: frozenset[str]) -> Iterator[FoundPrompt]:
    """Files whose whole text is a prompt.

    Args:
        documents: texts of the repository.
        scopes: the scope of each path.
        loaded: names of files that code mentions.
    """
    for document in documents:
        if _is_prompt_file(document, loaded):
            line = 1
            span = Span(document.path, line, max(line, document.lines))
            fact = Prompt(span, scopes[document.path], Storage.FILE, _role(document.path), placeholders(document.text))
            yield FoundPrompt(fact, document.text)


def _is_prompt_file(document: ir.Document, loaded: frozenset[str]) -> bool:
    if of_developers(document.path):
        return False
    if document.format == "prompt":
        return True
    pure = PurePosixPath(document.path)
    names = pure.name.lower().split(".")
    if document.format == "html" or _PEOPLE_FILES.match(names[0]) or set(names[1:-1]) & _FOR_MACHINES or not document.text.strip():
        return False
    reading = read(document.text)
    if reading.foreign or reading.words < 4:
        return False
    kept = bool({part.lower() for part in pure.parts[:-1]} & _FOLDERS) or bool(set(split_name(names[0])) & PROMPT_WORDS)
    if document.format == "jinja":
        return kept or reading.score >= 5
    return (kept and (reading.score >= 2 or reading.words >= 15)) or (pure.name in loaded and reading.score >= 5)


def of_developers(path: str) -> bool:
    """Whether a file instructs the developers' own assistants (`.github`, `.cursor`, `AGENTS.md`), not the application's."""
    pure = PurePosixPath(path)
    return any(part.startswith(".") for part in pure.parts) or bool(_ASSISTANTS.match(pure.name))


def in_configs(configs: Iterable[ir.Config], scopes: Mapping[str, Scope]) -> Iterator[FoundPrompt]:
    """Values of configuration files that stand under a key called after prompts; a file of example turns is one prompt."""
    for config in configs:
        pure = PurePosixPath(config.path)
        if pure.name in _LOCKS or of_developers(config.path) or config.format not in ("yaml", "toml", "json", "ini", "properties"):
            continue
        if _SHOTS.search(pure.stem) and config.entries and config.entries[0].keys and isinstance(config.entries[0].keys[0], int):
            yield FoundPrompt(Prompt(Span(config.path, 1, config.lines), scopes[config.path], Storage.FILE, "example"), "")
            continue
        for entry in config.entries:
            if isinstance(entry.value, str) and _is_prompt_entry(entry, entry.value):
                last = next((str(key) for key in reversed(entry.keys) if isinstance(key, str)), "")
                end = entry.line + entry.value.count("\n")
                span = Span(config.path, entry.line, end)
                fact = Prompt(span, scopes[config.path], Storage.CONFIG, _role(last), placeholders(entry.value))
                yield FoundPrompt(fact, entry.value)


def _is_prompt_entry(entry: ir.Entry, value: str) -> bool:
    names = [key for key in entry.keys if isinstance(key, str)]
    if not names or names[-1].lower() in _NO_TEXT:
        return False
    own = names[-1].lower() in _KEYS or bool(set(split_name(names[-1])) & PROMPT_WORDS)
    if not own and not any(set(split_name(name)) & {"prompt", "prompts"} for name in names[:-1]):
        return False
    reading = read(value)
    holes = len(placeholders(value))
    if reading.foreign or reading.people or (reading.words < 4 and (holes < 2 or reading.words < 2)):
        return False
    return reading.score >= 2 or reading.words >= 12 or holes >= 2


def _role(name: str) -> str:
    words = set(split_name(PurePosixPath(name).name))
    if words & {"system", "persona", "personality", "instructions", "backstory"}:
        return "system"
    return "user" if words & {"user", "human"} else "unknown"
