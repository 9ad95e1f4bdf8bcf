"""Assessments of an invented client, made of the shipped claims: rich, hostile, undecided, without a model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from readiness.audit import audit
from readiness.identity import identify
from readiness.model import (
    Acceptance,
    Answer,
    Assessment,
    CallKind,
    Confidence,
    Engagement,
    Evidence,
    Gap,
    Judged,
    LanguageCoverage,
    LanguageStat,
    Model,
    ModelCall,
    NeedsContext,
    NotApplicable,
    Pin,
    Prompt,
    RepositoryKind,
    Scope,
    Shows,
    Span,
    State,
    Storage,
    Unknown,
    Verdict,
    absent,
    at,
)
from readiness.registry import Check, load
from tests.facts_builder import call, facts

AS_OF = date(2026, 11, 23)
IDENTITY = identify(knowledge="sha256:" + "4be1" * 16, config="sha256:" + "90ad" * 16, as_of=AS_OF)
ENGAGEMENT = Engagement(
    client="Harbour & Lane Insurance Ltd",
    system="Claims Desk",
    assessor="A. Reviewer, Fictional Consulting",
    notes="This review was made from the repository alone, as agreed. The two weeks after it are for the gates; a second assessment on "
    "the same rubric will show what changed.",
)

CHAT = """async def answer(self, question: str, policy: Policy) -> str:
    # one prompt for every product line
    messages = [
        {"role": "system", "content": f"You help with {policy.product}. Notes: {policy.customer_notes}"},
        {"role": "user", "content": question},
    ]
    reply = await self.client.chat.completions.create(model=MODEL, messages=messages)
    return reply.choices[0].message.content"""
DEPLOY = """jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make image && make push
      - run: kubectl rollout restart deploy/claims-desk"""
RETRIEVE = """def context(question: str) -> str:
    hits = store.similarity_search(question, k=6)
    return "\\n".join(hit.page_content for hit in hits)"""
ASK = """const reply = await generateText({
  model: openai("gpt-4o-mini"),
  prompt,
});"""
RECORD = """def record(span, prompt, reply):
    span.set_attribute("input.value", redact(prompt))
    span.set_attribute("output.value", reply)      # not masked"""
DIGEST = 'reply = client.chat.completions.create(model="gpt-4o", messages=messages)'
RAW = "<Markdown rehypePlugins={[rehypeRaw]}>{answer}</Markdown>"


def span(path: str, line: int, snippet: str = "", symbol: str = "") -> Span:
    """Lines of a file, as many as the snippet has."""
    return Span(path, line, line + snippet.count("\n"), symbol, snippet)


def met(path: str, line: int, note: str) -> Evidence:
    """A place where a claim holds."""
    return at(Shows.MET, span(path, line), note)


def weak(path: str, line: int, note: str, snippet: str = "", symbol: str = "") -> Evidence:
    """A place where a claim half holds."""
    return at(Shows.WEAK, span(path, line, snippet, symbol), note)


def unmet(path: str, line: int, note: str, snippet: str = "", symbol: str = "") -> Evidence:
    """A place where a claim does not hold."""
    return at(Shows.UNMET, span(path, line, snippet, symbol), note)


def said(state: State, summary: str, *evidence: Evidence, confidence: Confidence = Confidence.HIGH) -> Judged:
    """A judgement."""
    return Judged(evidence, state, summary, confidence)


# fmt: off
VERDICTS: dict[str, Verdict] = {
    "model.version-pinned": said(State.WIRED, "Three of five production calls name a dated snapshot.",
        *(met(f"src/claims/{name}.py", line, "A dated snapshot.") for name, line in (("chat", 41), ("summary", 18), ("triage", 33))),
        unmet("src/jobs/digest.py", 27, "gpt-4o is a name that moves; gpt-4o-2024-11-20 is its dated sibling.", DIGEST, "Digest.run"),
        unmet("web/lib/ask.ts", 12, "gpt-4o-mini is a name that moves.", ASK, "ask")),
    "model.lifecycle-supported": said(State.BROKEN, "One of two model ids retires on 14 January 2027.",
        unmet("src/jobs/digest.py", 27, "gpt-4o on OpenAI ends on 14 January 2027, in 52 days.", DIGEST, "Digest.run"),
        met("src/claims/chat.py", 41, "No end is announced.")),
    "model.residency-endpoint": NeedsContext("The client calls the vendor's default endpoint. Whether that is allowed depends on where the data "
        "may be processed, which nobody told us.", ("data.residency.required", "data.classes")),
    "rag.grounding-abstain": said(State.ABSENT, "No threshold and no empty branch was found on the one retrieval path.",
        unmet("src/claims/retrieve.py", 22, "Six passages are used whatever their score.", RETRIEVE, "context")),
    "rag.source-attribution": said(State.WIRED, "Ids kept from retrieval reach the response.",
        met("src/claims/cite.py", 14, "Ids of the passages are returned beside the answer.")),
    "prompt.change-gated": said(State.ABSENT, "Three workflows were read; none runs an evaluation before the deploy job.",
        unmet(".github/workflows/deploy.yml", 9, "The deploy job needs no evaluation.", DEPLOY, "deploy"),
        absent("No job of 3 workflows runs an evaluation: promptfoo, deepeval, ragas, inspect or a script under evals/.")),
    "prompt.structured-output": said(State.WIRED, "One of three parsed answers is bound to a schema, one is JSON without a shape.",
        met("src/claims/triage.py", 33, "response_format is a pydantic model."),
        weak("src/claims/summary.py", 18, "JSON mode: the syntax is enforced, the shape is not.", 'response_format={"type": "json_object"}'),
        unmet("src/jobs/digest.py", 31, "json.loads on free text.", "data = json.loads(reply.choices[0].message.content)", "Digest.run")),
    "prompt.golden-dataset": said(State.DECLARED_ONLY, "186 cases exist; no evaluation reads them.",
        weak("evals/regression.jsonl", 1, "186 rows with expected answers; nothing reads the file.", '{"id": "c-001", "question": "Is storm damage covered?"}'),
        confidence=Confidence.MEDIUM),
    "prompt.version-controlled": said(State.WIRED, "All seven prompts are files of the repository.",
        *(met(f"src/prompts/{name}.md", 1, "A file of the repository.") for name in ("answer", "digest", "refuse", "rewrite", "summary", "triage", "welcome"))),
    "prompt.adversarial-tests": said(State.ABSENT, "No red-team tool, configuration or labelled attack was found.",
        absent("No adversarial case, tool or suite in 220 files.")),
    "obs.llm-tracing": said(State.WIRED, "Every production call is traced by Phoenix.",
        met("src/app.py", 11, "Phoenix is started before the client is made."), met("src/jobs/__init__.py", 4, "The jobs start it too.")),
    "obs.pii-redaction": said(State.BROKEN, "One of three recording paths masks its text.",
        met("src/obs/trace.py", 44, "The request route masks its question."),
        unmet("src/obs/trace.py", 47, "The answer is recorded as it is.", RECORD, "record"),
        unmet("src/jobs/digest.py", 30, "An e-mail address and the answer go to the log.", 'log.info("digest for %s: %s", customer.email, reply)'),
        confidence=Confidence.MEDIUM),
    "obs.token-cost": said(State.WIRED, "Usage of every call is written with route and user.", met("src/obs/usage.py", 9, "Joined with route and user.")),
    "sec.system-prompt-taint": said(State.BROKEN, "One of two system messages holds text that the claimant wrote.",
        unmet("src/claims/chat.py", 38, "policy.customer_notes is free text of the claimant and ends in the system message.", CHAT, "Chat.answer"),
        met("src/claims/triage.py", 29, "The instruction is constant.")),
    "sec.output-sinks": said(State.WIRED, "The web page renders raw HTML inside answers.",
        weak("web/components/Answer.tsx", 21, "Raw HTML of the answer is rendered; remote images are allowed.", RAW, "Answer"),
        met("src/claims/store.py", 50, "The query is parameterised."), confidence=Confidence.MEDIUM),
    "sec.input-guard": said(State.BROKEN, "A moderation call runs; its result stops nothing.",
        weak("src/claims/guard.py", 17, "The result is logged and nothing more.", 'if flagged(question):\n    log.warning("flagged")', "screen")),
    "sec.output-guard": NotApplicable("No answer is shown without a clerk's approval (src/claims/approve.py)."),
    "rel.timeouts": said(State.WIRED, "Three of four calls have a limit under 60 seconds.",
        *(met(f"src/claims/{name}.py", 20, "timeout=20 on the client.") for name in ("chat", "summary", "triage")),
        unmet("src/jobs/digest.py", 27, "The SDK waits 600 seconds.", "client = OpenAI()")),
    "rel.retries": said(State.WIRED, "Every call keeps the SDK's two retries.", met("src/claims/chat.py", 20, "The SDK retries twice with back-off.")),
    "rel.output-and-spend-caps": Unknown("The caps are set in a gateway whose configuration is not in the repository.",
        (at(Shows.UNRESOLVED, span("deploy/gateway.yaml", 12), "Annotations name an external gateway."),), ("access: gateway configuration",)),
}
# fmt: on

LANGUAGES = (
    LanguageStat("python", 148, 21_402, 14_310, LanguageCoverage.FULL, names_llm=True),
    LanguageStat("typescript", 52, 8_114, 7_020, LanguageCoverage.FULL, names_llm=True),
    LanguageStat("go", 3, 230, 230, LanguageCoverage.NAMES),
    LanguageStat("yaml", 11, 640, 610, LanguageCoverage.FULL, programming=False),
)
GAPS = (
    Gap("prompts", "larger than 2 MB", "data/transcripts.py", 310, "python"),
    Gap("syntax", "not UTF-8 and no coding line", "src/legacy/rates.py", 120, "python"),
)
ANSWERS = (
    Answer("deployment.tenants", 1.0, "M. Client, head of claims", "2026-11-20"),
    Answer("users.external", value=True, declared_by="M. Client, head of claims", on="2026-11-20"),
    Answer("data.store", ("postgres", "phoenix"), "P. Form, platform", "2026-11-21"),
)
ACCEPTED = (
    Acceptance("sec.input-guard", "The pilot is internal, and the vendor blocks the worst", "P. Form, platform", date(2027, 2, 1)),
)
SUBJECT: dict[str, Any] = {
    "name": "claims-desk",
    "commit": "4f1c2ab9d02b1e77aa31c0de5509f1aa6be20c44",
    "languages": LANGUAGES,
    "files": 220,
    "lines": 31_386,
}


def calls() -> Iterator[ModelCall]:
    """Nine model calls in three scopes."""
    snapshot, ends = "gpt-5.1-2025-11-13", date(2027, 1, 14)

    def one(line: int, path: str, name: str, pin: Pin, retires: date | None = None, **fields: Any) -> ModelCall:
        model = Model(name, span(path, line), "literal", pin, retires=retires, listed=True)
        return call(line, path, models=(model,), provider="openai", platform="openai", resolved=True, **fields)

    for name, line in (("chat", 44), ("summary", 18), ("triage", 33)):
        yield one(line, f"src/claims/{name}.py", snapshot, Pin.SNAPSHOT)
    yield one(27, "src/jobs/digest.py", "gpt-4o", Pin.ALIAS, ends)
    yield one(9, "notebooks/explore.ipynb", "gpt-4o", Pin.ALIAS, ends, scope=Scope.NOTEBOOK)
    yield one(12, "web/lib/ask.ts", "gpt-4o-mini", Pin.ALIAS, ends, language="typescript", api="ai.generateText")
    yield one(22, "src/claims/retrieve.py", "text-embedding-3-large", Pin.STABLE, kind=CallKind.EMBEDDING, implicit=True)
    yield one(17, "src/claims/guard.py", "omni-moderation-latest", Pin.ALIAS, kind=CallKind.MODERATION)
    yield call(40, "tests/live/test_chat.py", scope=Scope.TEST, provider="openai")


def prompts() -> Iterator[Prompt]:
    """Seven prompts in files, one inline."""
    for name in ("answer", "digest", "refuse", "rewrite", "summary", "triage", "welcome"):
        yield Prompt(span(f"src/prompts/{name}.md", 1), Scope.PRODUCTION, Storage.FILE, "system", ("product", "question"))
    holes = ("policy.product", "policy.customer_notes")
    yield Prompt(span("src/claims/chat.py", 41), Scope.PRODUCTION, Storage.INLINE, "system", holes)


def checks(verdict: Verdict | None = None) -> tuple[Check, ...]:
    """The shipped claims, saying what this client's code would make them say, or all of them one thing."""

    def saying(check: Check) -> Check:
        answer = verdict or VERDICTS.get(check.claim.id) or Unknown("Nobody made this one up yet.")
        return Check(check.claim, lambda _: answer, check.cases)

    return tuple(map(saying, load()))


def assessment(verdict: Verdict | None = None, **subject: Any) -> Assessment:
    """The whole invented assessment; any field of the subject may be given."""
    known = facts(*calls(), *prompts(), *ANSWERS, gaps=GAPS, **{**SUBJECT, **subject})
    return audit(checks(verdict), known, identity=IDENTITY, engagement=ENGAGEMENT, acceptances=ACCEPTED)


def not_llm() -> Assessment:
    """A repository that calls no model."""
    known = facts(gaps=GAPS, **{**SUBJECT, "llm_application": False, "kind": RepositoryKind.NOT_LLM})
    return audit(checks(), known, identity=IDENTITY)


def undetermined() -> Assessment:
    """A Go service that names a model package, in a rubric that cannot read Go."""
    go = (LanguageStat("go", 90, 12_300, 11_000, LanguageCoverage.NAMES, names_llm=True),)
    known = facts(
        name="courier", kind=RepositoryKind.UNDETERMINED, llm_application=None, languages=go, files=90, lines=12_300, has_ci=False
    )
    return audit(checks(Unknown("Go is read for names only, so nothing can be said of it.")), known, identity=IDENTITY)


def everything_fails() -> Assessment:
    """Each shipped claim failing for certain in many places: the fullest summary page there can be."""
    summary = (
        "None of the 23 production calls in 14 files does it; what comes nearest is a comment in the handler that promises to."
    )
    path = "services/assistant/src/routes/customers/handler_{}.py"
    places = tuple(unmet(path.format(n), 100 + n, "The call is made here.", CHAT, "Handler.post") for n in range(23))
    return replace(assessment(said(State.ABSENT, summary, *places)), context=())


EVIL = "x`|@team <!-- --> ```\n</pre><script>alert(1)</script>&amp;\u202ereversed\u200b\x07 {{7*7}} {% raw %} ![a](http://e/x.png) 日本語 😀"


def hostile() -> Assessment:
    """The same assessment with an attack in everything that a repository may choose."""
    whole = assessment()
    evil = Span("a`|<b>/@x\u202e" + "n" * 300 + ".py", 3, 9, EVIL, (EVIL + "\n") * 60 + "y" * 2_000)
    evidence = Evidence(Shows.UNMET, EVIL, evil)
    results = tuple(
        replace(
            result,
            headline=EVIL,
            summary=EVIL * 3,
            sites=tuple(replace(site, evidence=evidence) for site in result.sites) * 12,
            missing=(EVIL,) * 9,
        )
        for result in whole.results[::6]
    )
    return replace(
        whole,
        subject=replace(whole.subject, name=EVIL, commit=EVIL),
        engagement=Engagement(EVIL, EVIL, EVIL, EVIL * 9),
        results=results,
        model_calls=tuple(replace(item, span=evil, api=EVIL, provider=EVIL) for item in whole.model_calls),
        prompts=tuple(replace(item, span=evil, holes=(EVIL,) * 20) for item in whole.prompts),
        gaps=(Gap(EVIL, EVIL, EVIL),) * 30,
        context=(Answer(EVIL, EVIL, EVIL, EVIL),) * 5,
        actions=tuple(replace(action, headline=EVIL, remedy=EVIL) for action in whole.actions),
    )
