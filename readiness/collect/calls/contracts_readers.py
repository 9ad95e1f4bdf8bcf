"""Calls that read structure out of text: parsers, matchers and splitters, told from those that only carry, trim or show it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from readiness.collect import ir
from readiness.collect.calls.limits_around import arguments, last
from readiness.collect.link.scopes import Site
from readiness.collect.link.walk import expressions

PARSERS: Final = frozenset({
    "json.loads", "json.load", "JSON.parse", "yaml.safe_load", "yaml.load", "yaml.full_load", "ast.literal_eval", "ast.parse",
    "json_repair.loads", "json_repair.repair_json", "orjson.loads", "ujson.loads", "simplejson.loads", "json5.loads",
    "demjson3.decode", "partial_json_parser.loads", "xml.etree.ElementTree.fromstring", "ET.fromstring",
    "xml.dom.minidom.parseString", "xmltodict.parse", "jsonrepair.jsonrepair", "toml.loads", "tomllib.loads", "tomli.loads",
    "best-effort-json-parser.parse", "partial-json.parse", "JSON5.parse", "json5.parse", "json5.default.parse", "yaml.parse",
    "js-yaml.load", "js-yaml.default.load", "yaml.default.parse", "pydantic_core.from_json", "dirtyjson.loads", "hjson.loads",
    "csv.reader", "csv.DictReader", "papaparse.parse", "langchain_core.utils.json.parse_json_markdown",
    "langchain_core.utils.json.parse_partial_json",
})  # fmt: skip
"""What turns text into data, by the names under which it is called."""
_WRITERS: Final = frozenset({"dumps", "stringify", "model_dump_json", "to_json"})
"""What turns data into text: reading that again makes a copy of data that the program already has."""
MATCHERS: Final = frozenset(
    {"re.search", "re.match", "re.findall", "re.finditer", "re.fullmatch", "re.split", "regex.search", "regex.findall"}
)
_FLAGS: Final = re.compile(r"^\(\?[aiLmsux]+\)")
_ESCAPED: Final = re.compile(r"\\.|\[[^\]]*\]")
_MATCHING: Final = frozenset({"search", "match", "findall", "finditer", "fullmatch", "exec", "test"})
"""Methods of a compiled pattern, text last."""
_VALIDATORS: Final = frozenset({"model_validate_json", "parse_raw", "model_validate", "parse_obj", "safeParse", "validate_json"})
_CONVERSIONS: Final = frozenset({"int", "float", "parseInt", "parseFloat"})
_SPLITTERS: Final = frozenset({"split", "rsplit", "partition", "rpartition", "match", "matchAll"})
_PREFIXES: Final = frozenset({"startswith", "endswith", "startsWith", "endsWith", "includes"})
_LOCATORS: Final = frozenset({"index", "find", "rfind", "rindex", "indexOf", "lastIndexOf"})
_FRAMING: Final = ("data:", "[DONE]", "event:", "id:", "retry:", ": ")
"""Beginnings of the lines of a server-sent stream."""
_SHOWN: Final = frozenset({"print", "len", "log", "info", "debug", "warning", "error", "sum", "join", "echo", "write"})
_METADATA: Final = frozenset({
    "finish_reason", "type", "role", "status", "stop_reason", "finishReason", "event", "name", "object", "id", "status_code",
    "ok", "usage", "headers", "model", "code", "statusText", "kind", "mime_type", "mimeType", "content_type", "created",
    "state", "langgraph_node", "reason", "total_tokens", "prompt_tokens", "completion_tokens", "input_tokens",
    "output_tokens", "stopReason", "status_message", "error", "op", "subtype",
})  # fmt: skip
_BESIDE: Final = frozenset({
    "usage", "usage_metadata", "usageMetadata", "headers", "grounding_metadata", "groundingMetadata", "citations", "finish_reason",
    "finishReason", "stop_reason", "status_code", "response_metadata", "prompt_feedback", "promptFeedback", "logprobs",
    "annotations",
    "source_documents", "grounding_chunks", "groundingChunks", "safety_ratings",
})  # fmt: skip
"""Parts of a response that stand beside what the model writes."""
_ENVELOPE: Final = frozenset({
    "choices", "content", "answer", "output", "error", "errors", "messages", "message", "result", "text", "tool_calls",
    "context", "usage", "source_documents", "response", "data", "delta", "candidates", "function_call", "chat_history",
    "sources", "images", "model", "done", "assistant", "user", "system", "tool", "human", "ai", "stop", "length", "[DONE]",
    "__end__", "metadata", "finish_reason", "parsed", "refusal",
})  # fmt: skip
_EVENT: Final = re.compile(
    r"(?:response|thread|conversation|session)\.[\w.]+$|(?:content_block|message|text|thinking|signature|citations|input_json)_(?:start|delta|stop)$"
    r"|(?:input|output)_(?:text|image|audio|file)$|(?:redacted_)?thinking$|reasoning$|(?:text|tool|reasoning|source)-[\w-]+$"
    r"|(?:function|tool|custom_tool|web_search|file_search|computer|mcp|code_interpreter)_(?:call|use|result)(?:_output|_result)?$|image_url$"
)
"""Types of the events and parts of a response, as the providers' APIs and the AI SDK spell them."""
_REASONING: Final = re.compile(r"(?i)<[\\/]*(?:think|thinking|thought|reasoning|reflection)\\?>")


@dataclass(frozen=True, slots=True)
class Reading:
    """That a call reads structure: out of which expression, and how (parsed | branched)."""

    kind: str
    expr: ir.Expr


def reading(site: Site, names: tuple[str, ...]) -> Reading | None:
    """What a call reads structure out of, None where it reads none.

    Args:
        site: the call.
        names: the dotted names that its callee goes by.
    """
    call = site.call
    first = call.args[0] if call.args else None
    if any(is_reasoning(_pattern(part)) for part in (first, call.callee.base if isinstance(call.callee, ir.Member) else None)):
        return None
    if first is not None and any(name in PARSERS for name in names):
        if isinstance(first, ir.Call) and last(first.callee) in _WRITERS:
            return None
        return Reading("parsed", first)
    if len(call.args) > 1 and any(name in MATCHERS for name in names):
        whole = all(name.endswith(".split") for name in names if name in MATCHERS) and _is_one_group(_pattern(first))
        return None if whole else Reading("parsed", call.args[1])
    if first is not None and isinstance(call.callee, ir.Name) and call.callee.id in _CONVERSIONS:
        return Reading("parsed", first)
    if isinstance(call.callee, ir.Member):
        return _method(site, call.callee, first, names)
    return None


def _method(site: Site, callee: ir.Member, first: ir.Expr | None, names: tuple[str, ...]) -> Reading | None:
    name = callee.name
    if first is not None and name in _VALIDATORS:
        return Reading("parsed", first)
    if first is not None and name in _MATCHING and (_is_pattern(callee.base) or any("re.compile." in each for each in names)):
        return Reading("branched" if name == "test" else "parsed", first)
    if first is not None and name in _SPLITTERS and _splits(site, first):
        return Reading("parsed", callee.base)
    if name == "splitlines" and _is_kept(site):
        return Reading("parsed", callee.base)
    if first is not None and name in _PREFIXES and _is_marker(first):
        return Reading("branched", callee.base)
    if first is not None and name in _LOCATORS and _is_marker(first):
        return Reading("parsed", callee.base)
    return None


def _splits(site: Site, separator: ir.Expr) -> bool:
    """Whether a split takes text apart into what code goes on to use: not into words, not to print, not lines of a stream."""
    if not _is_marker(separator) and not (isinstance(separator, ir.Literal) and separator.value in ("\n", "\n\n")):
        return isinstance(separator, ir.Opaque)
    return _is_kept(site)


def _is_marker(expr: ir.Expr) -> bool:
    """A text that stands for structure: not white space, and not what frames a stream."""
    match expr:
        case ir.Literal(value=str(text)):
            return bool(text.strip()) and not text.startswith(_FRAMING) and "[DONE]" not in text
        case ir.Sequence(items=items):
            return any(_is_marker(item) for item in items)
        case _:
            return False


def _is_kept(site: Site) -> bool:
    """Whether the parts go further than into a count or onto a screen."""
    for outer in _statement_calls(site):
        if (
            outer is not site.call
            and last(outer.callee) in _SHOWN
            and any(expr is site.call for a in arguments(outer) for expr in expressions(a))
        ):
            return False
    return True


def _statement_calls(site: Site) -> list[ir.Call]:
    match site.statement:
        case ir.Do(value=value) | ir.Return(value=value) | ir.Assign(value=value) if value is not None:
            return [expr for expr in expressions(value) if isinstance(expr, ir.Call)]
        case _:
            return []


def _is_pattern(expr: ir.Expr) -> bool:
    return isinstance(expr, ir.Opaque) and expr.kind == "other" and expr.text.startswith("/")


@dataclass(frozen=True, slots=True)
class Path:
    """The fields through which an expression goes, last first, and the expression that they start from."""

    names: tuple[str, ...]
    base: ir.Expr

    @property
    def is_metadata(self) -> bool:
        """Whether the API, not the model, writes what the path leads to."""
        return (bool(self.names) and self.names[0] in _METADATA) or self.crosses_metadata

    @property
    def crosses_metadata(self) -> bool:
        """Whether the path leads through a part of a response that holds nothing the model writes."""
        return any(name in _BESIDE for name in self.names)


def path_of(expr: ir.Expr) -> Path:
    """The path that an expression is: members, keys and the receivers of methods; a method's own name is none of it."""
    names: list[str] = []
    current = expr
    while True:
        match current:
            case ir.Member(base=base, name=name):
                names.append(name)
                current = base
            case ir.Index(base=base, key=key):
                names.extend([key.value] if isinstance(key, ir.Literal) and isinstance(key.value, str) else [])
                current = base
            case ir.Call(callee=ir.Member(base=base, name="get"), args=(ir.Literal(value=str(name)), *_)):
                names.append(name)
                current = base
            case ir.Call(callee=ir.Name(id="getattr"), args=(base, ir.Literal(value=str(name)), *_)):
                names.append(name)
                current = base
            case ir.Call(callee=ir.Member(base=base)) | ir.Await(value=base):
                current = base
            case ir.Choice(options=(first, *_)):
                current = first
            case _:
                return Path(tuple(names), current)


def is_reasoning(text: str) -> bool:
    """Whether a text or pattern marks where a model thinks aloud: its own habit, cut out before the answer is shown."""
    return _REASONING.search(text) is not None


def _pattern(expr: ir.Expr | None) -> str:
    match expr:
        case ir.Literal(value=str(text)):
            return text
        case ir.Opaque(kind="other", text=text):
            return text
        case _:
            return ""


def _is_one_group(pattern: str) -> bool:
    """Whether a pattern is one capturing group: a split by it keeps every character, as code does that only marks text up."""
    bare = _ESCAPED.sub("", _FLAGS.sub("", pattern))
    if not bare.startswith("(") or bare.startswith("(?") or not bare.endswith(")"):
        return False
    depths = accumulate({"(": 1, ")": -1}.get(letter, 0) for letter in bare)
    return 0 not in tuple(depths)[:-1]


def is_envelope_key(text: str) -> bool:
    """Whether a text names a field, a role or an event of a response rather than something a model writes."""
    return text in _ENVELOPE or _EVENT.match(text) is not None
