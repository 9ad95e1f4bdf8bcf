"""LLM packages of languages without a collector, and how their code names them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

_HOSTS: Final = re.compile(
    r"api\.openai\.com|openai\.azure\.com|api\.anthropic\.com|generativelanguage\.googleapis\.com|api\.mistral\.ai|api\.groq\.com"
    r"|api\.cohere\.(com|ai)|openrouter\.ai/api|bedrock-runtime\.|api\.deepseek\.com|api\.together\.(xyz|ai)"
)
_COMMENT: Final = re.compile(r"(?m)//[^\n\"']*$|^\s*(#|--|;)[^\n]*$|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ForeignPackages:
    """Package names by ecosystem, and patterns that find them in the code of each language."""

    by_ecosystem: Mapping[str, frozenset[str]]
    patterns: Mapping[str, re.Pattern[str]]

    @classmethod
    def load(cls) -> ForeignPackages:
        """Read the shipped table."""
        document = yaml.safe_load((Path(__file__).parent / "packages.yaml").read_text(encoding="utf-8"))
        imports: dict[str, list[str]] = document.pop("imports")
        names = {ecosystem: frozenset(listed) for ecosystem, listed in document.items()}
        patterns = {language: _imports(listed) for language, listed in imports.items()}
        patterns["go"] = re.compile("|".join(rf'"{re.escape(name)}(?:/[^"]*)?"' for name in sorted(names["go"])))
        return cls(names, patterns)

    def named_in(self, text: str, language: str) -> bool:
        """Whether code of a language, comments left out, names an LLM package or the host of a model API."""
        code = _COMMENT.sub("", text[:400_000])
        pattern = self.patterns.get(language)
        return bool(pattern is not None and pattern.search(code)) or bool(_HOSTS.search(code))


def _imports(names: list[str]) -> re.Pattern[str]:
    listed = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    keyword = r"(?:import|using|use|require|alias|global using|extern crate)"
    return re.compile(rf"(?m)^\s*{keyword}\b[\s(\"'<]*(?:static\s+)?(?:{listed})(?![A-Za-z0-9_-])")
