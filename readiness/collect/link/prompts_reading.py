"""How much a text reads as an instruction to a language model: a small score over features of how such texts are written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_HEAD: Final = 8_000
"""Characters that are read: an instruction shows itself early."""

_VERBS: Final = (
    "act|analy[sz]e|answer|assess|assist|audit|build|check|choose|classify|clean|combine|compare|compose|compress|condense|conduct|"
    "consider|continue|convert|craft|create|decide|describe|design|detect|determine|draft|edit|evaluate|examine|expand|explain|"
    "extract|fill|find|fix|follow|format|generate|give|given|help|identify|imagine|improve|infer|judge|list|look at|make|merge|"
    "organi[sz]e|outline|paraphrase|pick|plan|predict|pretend|produce|propose|provide|rank|rate|read|reflect|rephrase|reply|report|"
    "research|respond|return|review|revise|rewrite|score|select|simplify|solve|split|suggest|summari[sz]e|synthesi[sz]e|tag|take|tell|"
    "think|transcribe|translate|understand|use|verify|write"
)

# fmt: off
_FEATURES: Final = tuple((weight, re.compile(pattern, re.IGNORECASE | re.MULTILINE)) for weight, pattern in (
    # A role is handed out in the second person: the opening that every vendor's prompt guide recommends.
    (3, r"(?:^|[.!?>:\n]\s*|\bnow )you(?:'re| are) (?!(?:about|sure|here|using|currently|already|logged|trying|welcome|done|all set)\b)(?:an?|the|not|now|given|\w+,|tasked|asked|provided|responsible|expert|part|working|acting|in charge|[A-Z{<]\w*|\w+ing)\b"),
    (3, r"\bact as\b|\bas an? (?:\w+ ){0,3}(?:expert|assistant|analyst|agent|engineer|judge|editor|writer)\b|\bassume the role\b|\bpretend (?:to be|you)\b"),
    # The task, and the answer that is wanted, are the reader's own.
    (3, r"\byour (?:(?:main|sole|only|primary|ultimate|current|new)\s)?(?:task|goal|job|role|purpose|mission|objective|responsibilit)"),
    (2, r"\byour (?:final |entire )?(?:response|answer|output|reply|summary|report|thoughts?|reasoning)\b"),
    # What a model hands over is bounded in form.
    (2, r"\b(?:respond|reply|answer|return|output|write|generate|produce|provide|give|use)\b(?: me| them)? ?(?:only|just|strictly|exclusively|concisely|briefly|in the following|in (?:valid |plain )?(?:json|markdown|the)|using|with (?:a|an|the|only|valid|just)|a (?:single|valid|json|short|brief|concise|list))\b"),
    (2, r"\b(?:only|just) (?:return|output|respond|reply|answer|provide|write|use|include|the)\b"),
    (2, r"\b(?:valid|strict|a|as|in|the) json\b|\bjson (?:object|array|list|schema|format|string|with)\b|\bjson:?$"),
    (2, r"\b(?:without|do not (?:include|add|write|return)|don't (?:include|add)|no) (?:any )?(?:additional|extra|other|introduct|explanat|preamble|commentary|markdown|code fences)"),
    (2, r"\bnot (?:make up|invent|fabricate|hallucinate)\b|\b(?:say|reply|answer|respond)(?: that)?:? ?(?:you|[\"'`]?i) (?:do not|don't|cannot|can't) "),
    # What it works on is announced.
    (2, r"\b(?:given|based (?:solely |only )?(?:on|upon)|using|use|from|in|with|consider|of|about) (?:only )?(?:the|this|these) (?:following|above|below|provided|given|supplied|context|passages?|excerpts?|documents?|sources?|information|search results|conversation|user)"),
    (1, r"\bthe following\b|\b(?:below|above) (?:is|are)\b|\bdelimited by\b|\bhere (?:is|are) (?:the|a|some|an?)\b"),
    (2, r"\bthe (?:user|human|customer|assistant)(?:'s|s'|s)?\b(?! (?:id|name|table|agent|must be|is not|was|has no)\b)"),
    (1, r"\b(?:language model|llm|ai assistant|chat ?bot|ai (?:agent|model))\b"),
    # Rules.
    (1, r"\b(?:do not|don't|never|avoid)\b"),
    (1, r"\b(?:must|always|make sure|ensure|remember|be (?:sure|concise|specific|brief|helpful|as))\b"),
    (1, r"\bstep[- ]by[- ]step\b|\bif (?:you|the (?:answer|question|user|text|context|information|query))\b|\bfor example\b|\bexamples?:"),
    (1, r"^\s*(?:[-*•]|\d+[.)])\s+\S.*\n(?:.*\n){0,3}?\s*(?:[-*•]|\d+[.)])\s+\S"),
    (1, r"^\s*(?:#{1,4} ?\S|<(?!(?:div|p|span|html|body|head|a|b|i|h\d|table|svg|script|style|br|ul|li|img|meta|link)\b)[a-z][\w-]*>|-{3,}|={3,}|[A-Z][\w ]{2,30}:\s*$)"),
    (1, r"\b(?:question|context|query|answer|task|topic|instructions?|input|output|content|text|history|conversation)s?\"?: ?\n*[\"'`<]?\s*\{"),
    # Answers are asked for in the imperative, or in the second person.
    (2, rf"\A\W{{0,12}}you (?:will|must|should|can|may|have|need|help|{_VERBS})\b"),
    (2, rf"\A\W{{0,12}}(?:please |briefly |concisely |carefully |now )?(?:{_VERBS})\b(?! ?[:=(.]| (?:error|failed|failure|file|to|not|is|was|all files)\b)"),
    (1, rf"[.!?:]\s+\W{{0,4}}(?:please |then |only )?(?:{_VERBS})\b"),
    (2, r"\buser'?s'? (?:request|question|query|message|prompt|input|instructions?|needs?)\b"),
    (1, r"\bplease\b|\bI (?:want|need|would like) you to\b|\bcan you\b"),
))
# fmt: on

_FOR_PEOPLE: Final = re.compile(
    r"(?i)\A\W*(?:i'?m sorry|sorry\b|oops|unfortunately|welcome to|thank(?:s| you)|loading|usage:|error:|failed to|an error|could not|cannot|unable to)"
)
"""A text that opens with an apology, a greeting or a failure speaks to people."""
_ASIDE: Final = re.compile(
    r"(?i)\([yY]/[nN]\)|\[[yY]/[nN]\]|\bfailed due to\b|\bencountered an error\b|\bplease (?:check|verify|try again|install|contact|report|configure)\b|"
    r"</?(?:details|table|tr|td|br|strong|a href)\b"
)
"""What texts for people hold now and then, and prompts seldom: a question for yes or no, the report of a failure, HTML."""
_FOREIGN: Final = re.compile(
    r"(?is)\A\s*(?:<!doctype|<(?:html|div|svg|table|span|p|style|script|body|head)\b|select\b.{1,300}?\bfrom\s+[\w\"{`]+\s*(?:where|join|order|limit|group|;|\Z)|"
    r"(?:insert into|update \S+ set|delete from|create (?:or replace |unique )?(?:table|index|extension|function)|alter table|drop (?:table|index))\s|"
    r"with \w+ as \(|#!|\{\s*\"|https?://\S+\s*\Z|usage:)"
)
_YOU: Final = re.compile(r"(?i)\byou(?:r|rself)?\b")
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_BRACES: Final = re.compile(
    r"\{\{-?\s*([\w.]+)[^{}]{0,60}\}\}|(?<!\{)\{([A-Za-z_]\w*)(?:[!:][^{}]{0,20})?\}(?!\})|%\((\w+)\)s|\$\{?([a-z_]\w*)\}?"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """`score` from 0 to about 20: 5 is an instruction wherever it stands. `words` counts the fixed text's words."""

    score: int
    words: int
    foreign: bool
    """SQL, HTML, a URL or a script: other machines read it."""
    people: bool
    """It opens with an apology, a greeting or a failure: people read it."""
    aside: bool
    """It holds what texts for people hold: a question for yes or no, HTML; a prompt may, too."""
    addressed: bool
    """Speaks to its reader as "you"."""


def read(text: str) -> Reading:
    """Score a text whose holes are written in braces."""
    head = text[:_HEAD]
    score = sum(weight for weight, pattern in _FEATURES if pattern.search(head))
    words = len(_WORD.findall(_BRACES.sub(" ", head))) + len(_WIDE.findall(head)) // 2
    return Reading(
        score, words, bool(_FOREIGN.match(head)), bool(_FOR_PEOPLE.match(head)), bool(_ASIDE.search(head)), bool(_YOU.search(head))
    )


def placeholders(text: str) -> tuple[str, ...]:
    """The names of the holes that a template's text leaves open, in order of first appearance; at most 40."""
    names = (next(group for group in match.groups() if group) for match in _BRACES.finditer(text))
    return tuple(dict.fromkeys(names))[:40]
