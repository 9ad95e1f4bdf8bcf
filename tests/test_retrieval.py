"""Searches that feed prompts, and what stands between them and the answer."""

from pathlib import Path

import pytest

from readiness.model import Abstention, Attribution, Facts, Retrieval
from tests.facts_of import facts_of

STORE = (
    "from langchain_chroma import Chroma\nfrom openai import OpenAI\n\nstore = Chroma()\nclient = OpenAI()\n\n\n"
    "def model(text):\n"
    '    return client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}]).choices[0].message.content\n\n\n'
)


def kinds(facts: Facts) -> set[str]:
    return {fact.kind for fact in facts.production(Abstention)}


def origins(facts: Facts) -> set[str]:
    return {fact.origin for fact in facts.production(Attribution)}


def ask(tmp_path: Path, body: str, before: str = "") -> Facts:
    return facts_of(tmp_path, {"src/ask.py": STORE + before + "def ask(question):\n" + body})


def test_a_search_is_found_where_its_text_reaches_a_prompt(tmp_path: Path) -> None:
    facts = ask(
        tmp_path, '    docs = store.similarity_search(question)\n    return model("\\n".join(d.page_content for d in docs))\n'
    )
    assert [fact.span.line for fact in facts.production(Retrieval)] == [13]
    assert kinds(facts) == set()
    assert origins(facts) == set()


def test_what_is_made_of_a_scored_passage_is_a_source(tmp_path: Path) -> None:
    before = (
        "from llama_index.core.schema import NodeWithScore\nfrom pydantic import BaseModel\n\n\nclass Citation(BaseModel):\n    page: int\n\n"
        "    @classmethod\n    def from_node(cls, found: NodeWithScore):\n        return cls(page=found.node.metadata['page'])\n\n\n"
        "class Answer(BaseModel):\n    text: str\n    citations: list[Citation]\n\n\n"
        "def told(event):\n    citations = [Citation.from_node(each) for each in event.found]\n"
        "    return Answer(text=event.text, citations=citations)\n\n\n"
    )
    facts = ask(tmp_path, "    docs = store.similarity_search(question)\n    return model(str(docs))\n", before)
    assert origins(facts) == {"retrieval"}


def test_the_rows_of_a_query_are_what_its_cursor_fetches(tmp_path: Path) -> None:
    before = (
        "import psycopg\n\n\ndef rows(query, values):\n    with psycopg.connect().cursor() as cursor:\n        cursor.execute(query, values)\n"
        "        return cursor.fetchall()\n\n\nNEAREST = 'SELECT content, source FROM items ORDER BY embedding <-> %s LIMIT 5'\n\n\n"
    )
    body = (
        "    found = rows(NEAREST, (question,))\n    return {'answer': model(str(found)), 'sources': [row[1] for row in found]}\n"
    )
    facts = ask(tmp_path, body, before)
    assert [fact.api for fact in facts.production(Retrieval)] == ["execute (vector search in SQL)"]
    assert origins(facts) == {"retrieval"}


def test_a_search_whose_ids_alone_are_listed_is_none(tmp_path: Path) -> None:
    assert ask(tmp_path, "    return [d.id for d in store.similarity_search(question)]\n").production(Retrieval) == ()


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("    docs = store.similarity_search(question, score_threshold=0.5)\n    return model(str(docs))\n", {"threshold"}),
        ("    docs = store.similarity_search(question, k=5)\n    return model(str(docs))\n", set()),
        ("    docs = [d for d, score in store.similarity_search_with_score(question) if score < 0.3]\n    return model(str(docs))\n", {"threshold"}),
        ('    docs = store.similarity_search(question)\n    if not docs:\n        return "We have nothing on that."\n    return model(str(docs))\n', {"empty_branch"}),
        ('    docs = store.similarity_search(question)\n    if not docs:\n        raise LookupError("We have nothing on that.")\n    return model(str(docs))\n', set()),
        ('    docs = store.similarity_search(question)\n    if not question:\n        return "Please ask a question first."\n    return model(str(docs))\n', set()),
    ],
)  # fmt: skip
def test_abstention(tmp_path: Path, body: str, wanted: set[str]) -> None:
    assert kinds(ask(tmp_path, body)) == wanted


@pytest.mark.parametrize(("shown", "wanted"), [("<p>No results found.</p>", set()), ('"No results found."', {"empty_branch"})])
def test_a_list_that_people_search_on_a_page_is_no_passage(tmp_path: Path, shown: str, wanted: set[str]) -> None:
    code = f"export function List({{ results }}) {{\n  if (!results.length) return {shown};\n  return results;\n}}\n"
    body = "    return model(str(store.similarity_search(question)))\n"
    facts = facts_of(tmp_path, {"src/ask.py": STORE + "def ask(question):\n" + body, "src/list.tsx": code})
    assert kinds(facts) == wanted


def test_a_clause_of_a_prompt_is_only_that(tmp_path: Path) -> None:
    before = 'PROMPT = "Answer from the passages. If they do not contain the answer, say that you do not know."\n\n\n'
    facts = ask(tmp_path, "    return model(PROMPT + str(store.similarity_search(question)))\n", before)
    assert kinds(facts) == {"prompt_clause"}


def test_a_clause_is_shown_at_its_own_line(tmp_path: Path) -> None:
    before = 'PROMPT = """You answer questions.\nBe short.\nIf the passages lack the answer, say that you do not know.\n"""\n\n\n'
    facts = ask(tmp_path, "    return model(PROMPT + str(store.similarity_search(question)))\n", before)
    (clause,) = facts.production(Abstention)
    lines = (tmp_path / clause.span.path).read_text(encoding="utf-8").splitlines()
    assert "do not know" in lines[clause.span.line - 1]


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ('{"answer": model(str(docs)), "sources": [d.metadata["url"] for d in docs]}', {"retrieval"}),
        ('{"answer": model(str(docs)), "sources": []}', set()),
        ('{"answer": model(str(docs)), "context": [d.page_content for d in docs]}', set()),
    ],
)
def test_sources_are_those_that_were_found(tmp_path: Path, answer: str, wanted: set[str]) -> None:
    assert origins(ask(tmp_path, f"    docs = store.similarity_search(question)\n    return {answer}\n")) == wanted


def test_sources_that_a_prompt_asks_for_are_the_models(tmp_path: Path) -> None:
    before = 'PROMPT = "Answer from the passages and include a list of the sources that you used."\n\n\n'
    assert origins(ask(tmp_path, "    return model(PROMPT + str(store.similarity_search(question)))\n", before)) == {"model"}


def test_the_providers_own_search_is_a_retrieval(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/ask.ts": 'import OpenAI from "openai";\nconst client = new OpenAI();\n'
        "export const ask = (question: string) =>\n"
        '  client.responses.create({ model: "m", input: question, tools: [{ type: "file_search", vector_store_ids: ["v"] }] });\n',
    })  # fmt: skip
    assert [fact.span.line for fact in facts.production(Retrieval)] == [4]


def test_tools_that_read_files_are_no_retrieval(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/agent.py": "from openai import OpenAI\n\nclient = OpenAI()\n\n\ndef read_file(path):\n    return open(path).read()\n\n\n"
        'def run(task):\n    return client.responses.create(model="m", input=task + read_file("a"), tools=[{"type": "function", "name": "read_file"}])\n',
    })  # fmt: skip
    assert facts.production(Retrieval) == ()


@pytest.mark.parametrize(
    ("procedure", "found"), [("match_page_sections", True), ("kw_match_documents", True), ("match_teams", False)]
)
def test_a_procedure_of_a_database_searches_by_its_name(tmp_path: Path, procedure: str, found: bool) -> None:
    code = f"""import OpenAI from "openai";
import {{ codeBlock }} from "common-tags";
const openai = new OpenAI();
Deno.serve(async (req) => {{
  const {{ embedding }} = await req.json();
  const {{ data: pages, error }} = await supabase.rpc("{procedure}", {{ embedding, match_threshold: 0.8 }}).select("content").limit(5);
  const passages = pages?.map(({{ content }}) => content).join("\\n") ?? "none";
  const reply = await openai.chat.completions.create({{ model: "m", messages: [{{ role: "user", content: codeBlock`Answer from ${{passages}}` }}] }});
  return new Response(reply.choices[0].message.content);
}});
"""
    facts = facts_of(tmp_path, {"functions/chat.ts": code})
    assert [fact.span.line for fact in facts.production(Retrieval)] == ([6] if found else [])
    assert kinds(facts) == ({"threshold"} if found else set())


READ = """export function citations(message) {{
  const found = [];
  message.parts.forEach((part) => {{
    if ({test}) {{
      const output = part.output;
      found.push(...{taken});
    }}
  }});
  return found;
}}
"""


@pytest.mark.parametrize(
    ("test", "taken", "origin"),
    [
        ('part.type === "tool-webSearch"', "output.results", {"retrieval"}),
        ('part.type === "source-url"', "[part]", {"retrieval"}),
        ('part.type === "tool-weather"', "output.results", set()),
        ('part.type === "text"', "part.text.split(' ')", set()),
    ],
)
def test_what_a_page_takes_out_of_a_search_are_sources(tmp_path: Path, test: str, taken: str, origin: set[str]) -> None:
    agent = """import { streamText, tool } from "ai";
import { tavily } from "@tavily/core";
const client = tavily();
const search = tool({ inputSchema: z.object({ q: z.string() }), execute: async ({ q }) => (await client.search(q)).results });
export const POST = async (req) => streamText({ model: "openai/gpt-4o", tools: { search }, messages: (await req.json()).messages });
"""
    facts = facts_of(tmp_path, {"app/api/route.ts": agent, "lib/citations.ts": READ.format(test=test, taken=taken)})
    assert origins(facts) == origin


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        ('{"type": "sources", "data": [d.metadata for d in docs]}', {"retrieval"}),
        ('{"type": "sources", "data": "none"}', set()),
        ('{"type": "text", "data": docs}', set()),
    ],
)
def test_a_streamed_answer_carries_its_sources_in_an_event(tmp_path: Path, event: str, wanted: set[str]) -> None:
    body = f"    docs = store.similarity_search(question)\n    yield {event}\n    yield model(str(docs))\n"
    assert origins(ask(tmp_path, body)) == wanted


@pytest.mark.parametrize(
    ("url", "searches"),
    [
        ("https://google.serper.dev/search", 1),
        ("http://searx.local/search?format=json&q=", 1),
        ("https://shop.example/search", 0),
    ],
)
def test_a_search_service_is_asked_over_http(tmp_path: Path, url: str, searches: int) -> None:
    before = "import requests\n\n\n"
    body = f'    found = requests.get("{url}" + question).json()\n    return model(str(found))\n'
    assert len(ask(tmp_path, body, before).production(Retrieval)) == searches


def test_neighbours_in_memory_are_a_search(tmp_path: Path) -> None:
    before = (
        "from sklearn.neighbors import NearestNeighbors\n\n\nclass Index:\n    def __init__(self, texts, vectors):\n        self.texts = texts\n"
        "        self.near = NearestNeighbors(n_neighbors=5)\n        self.near.fit(vectors)\n\n    def find(self, vector):\n"
        "        return [self.texts[i] for i in self.near.kneighbors([vector], return_distance=False)[0]]\n\n\n"
    )
    facts = ask(tmp_path, "    return model(str(Index(TEXTS, VECTORS).find(question)))\n", before)
    assert [fact.api for fact in facts.production(Retrieval)] == ["sklearn.neighbors.NearestNeighbors.kneighbors"]
