"""YAML that is held to a JSON Schema, with errors that name file and line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from readiness.errors import ConfigurationError

_LONGEST: Final = 200
"""Characters of a message that quotes a document."""

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError


def read_yaml(path: Path, schema: Path) -> object:
    """The plain content of a YAML file that its JSON Schema accepts.

    Raises:
        ConfigurationError: the file cannot be read, is not YAML, says a key twice, or the schema refuses it; names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from None
    return parse_yaml(text, str(path), json.loads(schema.read_text(encoding="utf-8")))


def parse_yaml(text: str, name: str, schema: Mapping[str, object]) -> object:
    """The plain content of YAML text that a JSON Schema accepts; `name` stands for the file in errors.

    Raises:
        ConfigurationError: as `read_yaml`.
    """
    from jsonschema import Draft202012Validator  # noqa: PLC0415 (a tenth of a second that only reading costs)
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        node = loader.get_single_node()
        content = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigurationError(f"{name}:{mark.line + 1 if mark else 1}: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(f"{name}: is not YAML: {error}") from None
    finally:
        loader.dispose()
    for key in _repeated(node):
        raise ConfigurationError(f"{name}:{key.start_mark.line + 1}: {key.value!r} is said twice")
    refusal = best_match(Draft202012Validator(schema).iter_errors(content))
    if refusal is not None:
        where = "".join(f"{part}: " for part in refusal.absolute_path)
        raise ConfigurationError(f"{name}:{_line(node, refusal)}: {where}{refusal.message}")
    return content


def refusal(document: object, schema: Path) -> str | None:
    """What a JSON Schema has against a document, with its place, or None when it accepts it."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415
    from jsonschema.exceptions import best_match  # noqa: PLC0415

    error = best_match(Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).iter_errors(document))
    return None if error is None else f"{error.json_path.removeprefix('$.')}: {error.message[:_LONGEST]}"


def _repeated(node: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    match node:
        case yaml.MappingNode():
            seen: set[str] = set()
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        yield key
                    seen.add(key.value)
                yield from _repeated(value)
        case yaml.SequenceNode():
            for item in node.value:
                yield from _repeated(item)
        case _:
            return


def _line(node: yaml.Node | None, refusal: ValidationError) -> int:
    line = node.start_mark.line if node else 0
    for part in refusal.absolute_path:
        match node, part:
            case yaml.MappingNode(), str():
                key, node = next(pair for pair in node.value if pair[0].value == part)
                line = key.start_mark.line
            case yaml.SequenceNode(), int():
                node = node.value[part]
                line = node.start_mark.line
            case _:
                break
    if refusal.validator == "additionalProperties" and isinstance(node, yaml.MappingNode):
        known = refusal.schema.get("properties", {}) if isinstance(refusal.schema, dict) else {}
        line = next((key.start_mark.line for key, _ in node.value if key.value not in known), line)
    return line + 1
