"""An invented client's assessment, rich enough to fill every page of a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from readiness.audit import audit
from readiness.identity import identify
from readiness.model import (
    Acceptance, Aggregate, Answer, Assessment, CallKind, Claim, Confidence, Effort, Engagement, Evidence, Gap, Judged, LanguageCoverage,
    LanguageStat, Model, NeedsContext, NotApplicable, Pin, Prompt, Reference, RepositoryKind, Scope, Severity, Shows, Span, State, Status,
    Storage, Tier, Unknown, Verdict, absent, at,
)  # fmt: skip
from readiness.registry import Check
from tests.facts_builder import call, facts

AS_OF = date(2026, 11, 23)
IDENTITY = identify(knowledge="sha256:" + "4be1" * 16, config="sha256:" + "90ad" * 16, as_of=AS_OF)
ENGAGEMENT = Engagement(
    client="Harbour & Lane Insurance Ltd",
    system="Claims Desk",
    assessor="A. Reviewer, Fictional Consulting",
    notes="This review was made from the repository alone, as agreed. The two weeks after it are for the gates; a second assessment on the same "
    "rubric will show what changed.",
)
HIGH, MEDIUM, LOW, CRITICAL = Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.CRITICAL
SMALL, DAYS = Effort.SMALL, Effort.MEDIUM

GREETING = '''async def answer(self, question: str, policy: Policy) -> str:
    # one prompt for every product line
    messages = [
        {"role": "system", "content": f"You help with {policy.product}. Notes: {policy.customer_notes}"},
        {"role": "user", "content": question},
    ]
    reply = await self.client.chat.completions.create(model=MODEL, messages=messages)
    return reply.choices[0].message.content'''
DEPLOY = """jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make image && make push
      - run: kubectl rollout restart deploy/claims-desk"""


def span(path: str, line: int, snippet: str = "", symbol: str = "", end: int = 0) -> Span:
    """Lines of a file."""
    return Span(path, line, end or line + snippet.count("\n"), symbol, snippet)


def claim(id_: str, title: str, holds: str, fails: str, partly: str, why: str, remedy: str, severity: Severity, effort: Effort, *refs: str, **more: Any) -> Claim:
    """A claim in few words."""
    references = tuple(Reference(work, number) for work, _, number in (ref.partition(" § ") for ref in refs))
    words = {"aggregate": Aggregate.EXISTENCE, "gate": False, "status": Status.STABLE, "observes": ("repository",), "needs": "code", **more}
    return Claim(id_, id_.partition(".")[0], title, f"{title}?", holds, fails, partly, why, remedy, severity, effort, references=references, **words)


OWASP, NIST = "OWASP Top 10 for LLM Applications 2025", "NIST AI 600-1"


def checks() -> tuple[Check, ...]:
    """Twenty-two checks over six pillars, with every outcome."""
    return tuple(Check(words, lambda _, said=said: said, Path("cases.md")) for words, said in _said())  # type: ignore[misc]


def _said() -> Iterable[tuple[Claim, Verdict]]:
    met, weak, unmet, lost = Shows.MET, Shows.WEAK, Shows.UNMET, Shows.UNRESOLVED
    yield (
        claim("model.version-pinned", "Model versions are pinned", "Every production call names a model version that does not move.", "Model calls name versions that the vendor moves.", "Some model calls name a version that the vendor moves.",
              "When the vendor moves an alias, answers change without a change of yours, and nobody knows why results differ.", "Name the dated snapshot in one settings object.\nMake an upgrade a reviewed change that passes the evaluation.", HIGH, SMALL, "OWASP AISVS 1.0 § 3.2.3", "NIST AI 600-1 § MS-2.8-003", aggregate=Aggregate.SHARE),
        Judged((at(met, span("src/claims/chat.py", 41, "MODEL = \"gpt-5.1-2025-11-13\""), "A dated snapshot."), at(met, span("src/claims/summary.py", 18), "A dated snapshot."), at(met, span("src/claims/triage.py", 33), "A dated snapshot."),
                at(unmet, span("src/jobs/digest.py", 27, 'reply = client.chat.completions.create(model="gpt-4o", messages=messages)', "Digest.run"), "gpt-4o is a name that moves; gpt-4o-2024-11-20 is its dated sibling."),
                at(unmet, span("web/lib/ask.ts", 12, "const reply = await generateText({\n  model: openai(\"gpt-4o-mini\"),\n  prompt,\n});", "ask"), "gpt-4o-mini is a name that moves.")), State.WIRED, "Three of five production calls name a dated snapshot."),
    )
    yield (
        claim("model.lifecycle-supported", "Called models stay available", "Every model that production calls is supported for the next 90 days.", "A model that production calls is retired or retires within 90 days.", "A model is close to its end.",
              "After the date every request fails, for every user at once.", "Move to the replacement that the vendor names and run the regression set on it before the date.", CRITICAL, DAYS, "OWASP AISVS 1.0 § 3.1.1", aggregate=Aggregate.WORST),
        Judged((at(unmet, span("src/jobs/digest.py", 27, 'reply = client.chat.completions.create(model="gpt-4o", messages=messages)', "Digest.run"), "gpt-4o on OpenAI ends on 14 January 2027, in 52 days."), at(met, span("src/claims/chat.py", 41), "No end is announced.")), State.BROKEN, "One of two model ids retires on 14 January 2027."),
    )
    yield (
        claim("model.residency-endpoint", "Inference stays where it may be", "Prompts are processed in the jurisdiction that the obligations ask for.", "Prompts leave the jurisdiction.", "Some prompts leave the jurisdiction.",
              "Claims hold health data.", "Pin the regional endpoint.", CRITICAL, DAYS, "GDPR § Art. 44", gate=True),
        NeedsContext("The client targets the vendor's default endpoint. Whether that is allowed depends on where the data may be processed, which nobody told us.", ("data.residency.required", "data.classes")),
    )
    yield (
        claim("rag.grounding-abstain", "Unsupported questions are refused", "When retrieval finds nothing relevant, the application says so.", "The application answers even when retrieval finds nothing.", "Some paths answer without support.",
              "An assistant that always answers invents policy conditions, and customers act on them.", "Return a refusal below a retrieval score that you measured.\nTest it with questions that the documents do not answer.", HIGH, DAYS, "OWASP Top 10 for LLM Applications 2025 § LLM09", aggregate=Aggregate.EXISTENCE),
        Judged((at(unmet, span("src/claims/retrieve.py", 22, "def context(question: str) -> str:\n    hits = store.similarity_search(question, k=6)\n    return \"\\n\".join(hit.page_content for hit in hits)", "context"), "Six passages are used whatever their score."),), State.ABSENT, "No threshold, no empty branch and no instruction to abstain was found on the one retrieval path."),
    )
    yield (
        claim("rag.source-attribution", "Answers carry their sources", "Answers name the documents that they come from.", "Answers do not name a source.", "Some answers name a source.", "A clerk cannot check an answer without its source.", "Keep the document id.", MEDIUM, SMALL),
        Judged((at(met, span("src/claims/cite.py", 14, "sources = [hit.metadata['id'] for hit in hits]"), "Ids of the passages are returned beside the answer."),), State.WIRED, "Ids kept from retrieval reach the response."),
    )
    yield (
        claim("rag.retrieval-authz", "Retrieval respects who is asking", "Every search filters by tenant.", "A search does not filter by tenant.", "Some searches filter by tenant.", "One client's files reach another.", "Filter by tenant in the store.", CRITICAL, DAYS),
        NotApplicable("One tenant: the store holds public policy conditions only, loaded from docs/conditions."),
    )
    yield (
        claim("prompt.change-gated", "Prompt changes pass an evaluation", "A failing evaluation stops a change of a prompt before release.", "Prompts reach production without being tested.", "An evaluation runs, and its result stops nothing.",
              "Nothing between an edit of a prompt and your customers tells whether answers became worse. You will learn it from them.", "Run the regression set as a job that the deploy job needs.\nMake that job a required check on the main branch.\nStart with today's pass rate as the floor, and raise it.", CRITICAL, DAYS, "NIST AI 600-1 § MS-2.3-002", "ISO/IEC 42001:2023 § A.6.2.4", gate=True, needs="ci"),
        Judged((at(unmet, span(".github/workflows/deploy.yml", 9, DEPLOY, "deploy"), "The deploy job needs no evaluation."), absent("No job of 3 workflows runs an evaluation: promptfoo, deepeval, ragas, inspect or a script under evals/.")), State.ABSENT, "Three workflows were read; none runs an evaluation before the deploy job."),
    )
    yield (
        claim("prompt.structured-output", "Machine-read answers have a schema", "Every answer that code parses is bound to a schema.", "Code parses answers that no schema binds.", "Some parsed answers are bound to no schema.",
              "A reply in another shape breaks the request, or worse, is half understood.", "Bind a schema at the call with the SDK's own parameter, and handle a refusal.", HIGH, SMALL, "OWASP Top 10 for LLM Applications 2025 § LLM05", aggregate=Aggregate.SHARE),
        Judged((at(met, span("src/claims/triage.py", 33), "response_format is a pydantic model."), at(weak, span("src/claims/summary.py", 18, 'response_format={"type": "json_object"}'), "JSON mode: the syntax is enforced, the shape is not."), at(unmet, span("src/jobs/digest.py", 31, "data = json.loads(reply.choices[0].message.content)", "Digest.run"), "json.loads on free text.")), State.WIRED, "One of three parsed answers is bound to a schema, one is JSON without a shape."),
    )
    yield (
        claim("prompt.golden-dataset", "A labelled set of cases exists", "Evaluation cases with expected results exist and are used.", "No evaluation cases exist.", "Cases exist and nothing reads them.", "Without cases every change is a guess.", "Have an evaluation read the cases that exist.", HIGH, DAYS, "NIST AI 600-1 § MS-2.3-001", needs="tests"),
        Judged((at(weak, span("evals/regression.jsonl", 1, '{"id": "c-001", "question": "Is storm damage covered?", "expect": "Yes, above force 8."}'), "186 rows with expected answers; nothing reads the file."),), State.DECLARED_ONLY, "186 cases exist; no evaluation reads them.", Confidence.MEDIUM),
    )
    yield (
        claim("prompt.version-controlled", "Prompts are under version control", "Every prompt is kept with the code.", "Prompts are kept outside version control.", "Some prompts are kept outside.", "A prompt that is changed in a console has no history.", "Move it into the repository.", HIGH, SMALL),
        Judged(tuple(at(met, span(f"src/prompts/{name}.md", 1), "A file of the repository.") for name in ("answer", "digest", "refuse", "rewrite", "summary", "triage", "welcome")), State.WIRED, "All seven prompts are files of the repository."),
    )
    yield (
        claim("prompt.adversarial-tests", "Attacks are part of the tests", "Tests attack the application and can fail.", "No test attacks the application.", "Attacks are tested and cannot fail.", "The first attack will come from outside, and nobody will have seen it before.", "Add forty cases: direct, indirect, encoded and over several turns.", HIGH, DAYS, "OWASP Top 10 for LLM Applications 2025 § LLM01", needs="tests"),
        Judged((absent("No adversarial case, tool or suite in 214 files."),), State.ABSENT, "No red-team tool, configuration or labelled attack was found."),
    )
    yield (
        claim("obs.llm-tracing", "Model calls are traced", "Every production call records prompt, answer, model and time.", "Model calls leave no trace.", "Tracing is off by default, or covers some calls.", "When a customer complains nobody can see what was asked and answered.", "Start the tracer in the entry point.", HIGH, SMALL, gate=True),
        Judged((at(met, span("src/app.py", 11, "phoenix.otel.register(auto_instrument=True)"), "Phoenix is started before the client is made.", tier=Tier.WIRED), at(met, span("src/jobs/__init__.py", 4), "The jobs start it too.")), State.WIRED, "Every production call is traced by Phoenix."),
    )
    yield (
        claim("obs.pii-redaction", "Personal data is masked before it is logged", "Everything that leaves for a trace or a log is masked.", "Personal data is written to traces and logs.", "A masker exists and does not cover every path.",
              "Your trace store holds names, phone numbers and diagnoses of claimants, for as long as the vendor keeps them.", "Move masking into a span processor, so that no path can miss it.\nDelete what was recorded so far.", CRITICAL, DAYS, "OWASP Top 10 for LLM Applications 2025 § LLM02", "GDPR § Art. 5(1)(c)", gate=True),
        Judged((at(met, span("src/obs/trace.py", 44), "The request route masks its question."), at(unmet, span("src/obs/trace.py", 47, "def record(span, prompt, reply):\n    span.set_attribute(\"input.value\", redact(prompt))\n    span.set_attribute(\"output.value\", reply)      # not masked", "record"), "The answer is recorded as it is."), at(unmet, span("src/jobs/digest.py", 30, 'log.info("digest for %s: %s", customer.email, reply)'), "An e-mail address and the answer go to the log.")), State.BROKEN, "One of three recording paths masks its text.", Confidence.MEDIUM),
    )
    yield (
        claim("obs.token-cost", "Use and cost are attributed", "Token use is recorded with who caused it.", "Nobody can tell what causes the bill.", "Use is recorded without a price or an owner.", "A bill grows before anybody sees why.", "Record usage with user and route.", MEDIUM, SMALL),
        Judged((at(met, span("src/obs/usage.py", 9), "Usage is joined with the route and the user."),), State.WIRED, "Usage of every call is written with route and user."),
    )
    yield (
        claim("sec.secrets", "No live credential in the repository", "No credential of a provider is in the repository.", "A credential is in the repository.", "A credential may be in the repository.", "Whoever reads it can spend your money.", "Revoke it.", CRITICAL, SMALL, gate=True),
        Judged((at(met, span(".env.example", 3, "OPENAI_API_KEY="), "The example is empty; keys come from the environment."),), State.WIRED, "No key in 214 files; five values that look like one are placeholders."),
    )
    yield (
        claim("sec.system-prompt-taint", "Untrusted text stays out of instructions", "No text of users or third parties reaches a system message.", "Text of users is written into the instructions of the model.", "Text of operators is written into instructions.",
              "A claimant who writes an instruction into his notes gives orders to your assistant, with its rights.", "Keep instructions constant.\nPass customer text in the user role only, between marks that it cannot write.", CRITICAL, SMALL, "OWASP Top 10 for LLM Applications 2025 § LLM01", "MITRE ATLAS § AML.T0051", gate=True, aggregate=Aggregate.WORST),
        Judged((at(unmet, span("src/claims/chat.py", 38, GREETING, "Chat.answer"), "policy.customer_notes is free text of the claimant and ends in the system message."), at(met, span("src/claims/triage.py", 29), "The instruction is constant.")), State.BROKEN, "One of two system messages holds text that the claimant wrote."),
    )
    yield (
        claim("sec.output-sinks", "Model output never becomes code or markup unchecked", "Model text is escaped or checked wherever it becomes action.", "Model text is executed or shown as markup without a check.", "Some sinks are weakly guarded.", "An injected answer runs in the browser of a clerk.", "Sanitise the markup with an allow-list.", CRITICAL, SMALL, "OWASP Top 10 for LLM Applications 2025 § LLM05", gate=True, aggregate=Aggregate.WORST),
        Judged((at(weak, span("web/components/Answer.tsx", 21, "<Markdown rehypePlugins={[rehypeRaw]}>{answer}</Markdown>", "Answer"), "Raw HTML of the answer is rendered; remote images are allowed."), at(met, span("src/claims/store.py", 50), "The query is parameterised.")), State.WIRED, "The web page renders raw HTML inside answers.", Confidence.MEDIUM),
    )
    yield (
        claim("sec.input-guard", "Questions are screened", "A guard that can refuse stands before every call.", "Nothing screens what users send.", "A guard runs, and its result stops nothing.", "Known attacks reach the model as they are.", "Refuse when the screen flags a text.", MEDIUM, DAYS),
        Judged((at(weak, span("src/claims/guard.py", 17, "if flagged(question):\n    log.warning(\"flagged\")", "screen"), "The result is logged and nothing more."),), State.BROKEN, "A moderation call runs; its result stops nothing."),
    )
    yield (
        claim("sec.endpoint-auth-limits", "Endpoints have access control and limits", "Every route that reaches a model is authenticated and limited.", "A route that reaches a model is open.", "A route has no limit.", "Anyone can spend your budget.", "Limit the route.", CRITICAL, DAYS, gate=True, aggregate=Aggregate.WORST),
        Unknown("The routes are behind a gateway whose configuration is not in the repository.", (at(lost, span("deploy/ingress.yaml", 12), "Annotations name an external authoriser."),), ("access: gateway configuration",)),
    )
    yield (
        claim("rel.timeouts", "Every call has a time limit", "Every production call ends by itself in time.", "Model calls can wait for ever.", "Some calls can wait for minutes.", "A slow provider holds your workers until none is left.", "Set a default timeout on the client, and a shorter one on routes that people wait for.", HIGH, SMALL, aggregate=Aggregate.SHARE),
        Judged(tuple(at(met, span(f"src/claims/{name}.py", 20 + n), "timeout=20 on the client.") for n, name in enumerate(("chat", "summary", "triage"))) + (at(unmet, span("src/jobs/digest.py", 27, "client = OpenAI()"), "The SDK waits 600 seconds."),), State.WIRED, "Three of four calls have a limit under 60 seconds."),
    )
    yield (
        claim("rel.retries", "Transient errors are retried", "Calls retry with back-off.", "Calls give up at the first error.", "Some calls retry.", "One short outage is seen by every user.", "Use the SDK's retries.", MEDIUM, SMALL, aggregate=Aggregate.SHARE),
        Judged((at(met, span("src/claims/chat.py", 20), "The SDK retries twice with back-off."), at(met, span("src/jobs/digest.py", 27), "The SDK retries twice with back-off.")), State.WIRED, "Every call keeps the SDK's two retries."),
    )
    yield (
        claim("rel.output-and-spend-caps", "Output is capped", "Every call caps its output.", "Calls have no cap.", "Some calls have a cap.", "A loop can spend a month's budget in a night.", "Set max_output_tokens.", MEDIUM, SMALL, aggregate=Aggregate.SHARE, status=Status.PREVIEW),
        Judged((at(unmet, span("src/jobs/digest.py", 27), "No cap."), at(met, span("src/claims/chat.py", 41), "max_completion_tokens=800.")), State.WIRED, "One of two calls has a cap."),
    )


def model(id_: str, path: str, line: int, pin: Pin, retires: date | None = None) -> Model:
    """A model id at a place."""
    return Model(id_, span(path, line), "literal", pin, retires=retires, listed=True)


def calls() -> tuple[Any, ...]:
    """Nine model calls in four scopes."""
    pinned, moving, ends = "gpt-5.1-2025-11-13", "gpt-4o", date(2027, 1, 14)
    plain = {"provider": "openai", "platform": "openai", "resolved": True}
    for n, (path, line) in enumerate((("src/claims/chat.py", 44), ("src/claims/summary.py", 18), ("src/claims/triage.py", 33))):
        yield call(line, path, models=(model(pinned, path, 41, Pin.SNAPSHOT),), **plain)
    yield call(27, "src/jobs/digest.py", models=(model(moving, "src/jobs/digest.py", 27, Pin.ALIAS, ends),), **plain)
    yield call(12, "web/lib/ask.ts", language="typescript", api="ai.generateText", models=(model("gpt-4o-mini", "web/lib/ask.ts", 13, Pin.ALIAS, ends),), **plain)
    yield call(22, "src/claims/retrieve.py", api="langchain.vectorstores.similarity_search", kind=CallKind.EMBEDDING, implicit=True, models=(model("text-embedding-3-large", "src/claims/store.py", 8, Pin.STABLE),), **plain)
    yield call(17, "src/claims/guard.py", api="openai.moderations.create", kind=CallKind.MODERATION, models=(model("omni-moderation-latest", "src/claims/guard.py", 17, Pin.ALIAS),), **plain)
    yield call(40, "tests/live/test_chat.py", scope=Scope.TEST, models=(), provider="openai")
    yield call(9, "notebooks/explore.ipynb", scope=Scope.NOTEBOOK, models=(model(moving, "notebooks/explore.ipynb", 9, Pin.ALIAS, ends),), **plain)


LANGUAGES = (
    LanguageStat("python", 148, 21_402, 14_310, LanguageCoverage.FULL, names_llm=True),
    LanguageStat("typescript", 52, 8_114, 7_020, LanguageCoverage.FULL, names_llm=True),
    LanguageStat("go", 9, 1_230, 1_230, LanguageCoverage.NAMES),
    LanguageStat("yaml", 11, 640, 610, LanguageCoverage.FULL, programming=False),
)
GAPS = (
    Gap("prompts", "larger than 2 MB", "data/transcripts.py", 31_000, "python"),
    Gap("syntax", "not UTF-8 and no coding line", "src/legacy/rates.py", 120, "python"),
)
ANSWERS = (
    Answer("deployment.tenants", 1.0, "M. Client, head of claims", "2026-11-20"),
    Answer("users.external", value=True, declared_by="M. Client, head of claims", on="2026-11-20"),
    Answer("data.store", ("postgres", "phoenix"), "P. Form, platform", "2026-11-21"),
)
ACCEPTED = (Acceptance("sec.input-guard", "The pilot is internal, and moderation of the vendor blocks the worst", "P. Form, platform", date(2027, 2, 1)),)


def prompts() -> Iterable[Prompt]:
    """Seven prompts in files, one inline."""
    for name in ("answer", "digest", "refuse", "rewrite", "summary", "triage", "welcome"):
        yield Prompt(span(f"src/prompts/{name}.md", 1), Scope.PRODUCTION, Storage.FILE, "system", ("product", "question"))
    yield Prompt(span("src/claims/chat.py", 41), Scope.PRODUCTION, Storage.INLINE, "system", ("policy.product", "policy.customer_notes"))


def assessment(**subject: Any) -> Assessment:
    """The whole invented assessment."""
    known = facts(
        *calls(), *prompts(), *ANSWERS, gaps=GAPS, name="claims-desk", commit="4f1c2ab9d02b1e77aa31c0de5509f1aa6be20c44", languages=LANGUAGES,
        files=220, lines=31_386, **subject,
    )  # fmt: skip
    return audit(checks(), known, identity=IDENTITY, engagement=ENGAGEMENT, acceptances=ACCEPTED)


def not_llm() -> Assessment:
    """A repository that calls no model."""
    return replace(assessment(llm_application=False, kind=RepositoryKind.NOT_LLM), model_calls=(), prompts=(), context=())


def undetermined() -> Assessment:
    """A Go service that names a model package, in a rubric that cannot read Go yet."""
    go = (LanguageStat("go", 90, 12_300, 11_000, LanguageCoverage.NAMES, names_llm=True),)
    known = facts(name="courier", commit=None, kind=RepositoryKind.UNDETERMINED, llm_application=None, languages=go, files=90, lines=12_300, has_ci=False)
    unread = tuple(Check(check.claim, lambda _: Unknown("Go is read for names only, so nothing can be said of it."), Path("cases.md")) for check in checks())
    return audit(unread, known, identity=IDENTITY)


EVIL = "x`|@team <!-- --> ```\n</pre><script>alert(1)</script>&amp;\u202ereversed\u200b\x07 {{7*7}} {% raw %} ![a](http://e/x.png) 日本語 😀"


def hostile() -> Assessment:
    """The same assessment with everything that a repository may choose replaced by an attack."""
    whole = assessment()
    evil_span = Span("a`|<b>/@x\u202e" + "n" * 300 + ".py", 3, 9, EVIL, (EVIL + "\n") * 300 + "y" * 200_000)
    evidence = Evidence(Shows.UNMET, EVIL, evil_span)
    results = tuple(
        replace(result, headline=EVIL, summary=EVIL * 3, sites=tuple(replace(site, evidence=evidence) for site in result.sites) * 30, missing=(EVIL,) * 9)
        for result in whole.results
    )
    return replace(
        whole,
        subject=replace(whole.subject, name=EVIL, commit=EVIL),
        engagement=Engagement(EVIL, EVIL, EVIL, EVIL * 9),
        results=results,
        model_calls=tuple(replace(item, span=evil_span, api=EVIL, provider=EVIL) for item in whole.model_calls) * 40,
        prompts=tuple(replace(item, span=evil_span, holes=(EVIL,) * 20) for item in whole.prompts) * 40,
        gaps=(Gap(EVIL, EVIL, EVIL),) * 200,
        context=(Answer(EVIL, EVIL, EVIL, EVIL),) * 90,
        actions=tuple(replace(action, headline=EVIL, remedy=EVIL) for action in whole.actions),
    )
