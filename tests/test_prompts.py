"""Prompts: what counts as one, where it stands, and what does not count."""

from pathlib import Path

import pytest

from readiness.collect.prompting.prompts_reading import placeholders, read
from readiness.collect.prompting.prompts_texts import split_name
from readiness.model import Facts, Prompt, PromptSource, Storage
from tests.facts_of import facts_of


def lines(facts: Facts) -> list[tuple[str, int]]:
    return [(prompt.span.path, prompt.span.line) for prompt in facts.production(Prompt)]


CLIENT = "from openai import OpenAI\n\nclient = OpenAI()\n"


def test_a_text_that_flows_into_the_system_role_is_one_prompt_however_often_it_is_used(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/bot.py": CLIENT + 'TONE = "You answer politely and in one sentence."\n\n'
        "def ask(q):\n"
        '    return client.chat.completions.create(model="m", messages=[{"role": "system", "content": TONE}, {"role": "user", "content": q}])\n\n'
        "def again(q):\n"
        '    return client.chat.completions.create(model="m", messages=[{"role": "system", "content": TONE}])\n',
    })  # fmt: skip
    (prompt,) = facts.production(Prompt)
    assert (prompt.span.line, prompt.storage) == (4, Storage.CONSTANT)


def test_a_typescript_template_keeps_its_holes(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/answer.ts": 'import OpenAI from "openai";\nconst client = new OpenAI();\n'
        "export async function answer(question: string, passages: string) {\n"
        '  return client.chat.completions.create({ model: "m", messages: [\n'
        '    { role: "system", content: `Answer the question from these passages only: ${passages}` },\n'
        '    { role: "user", content: question },\n  ] });\n}\n',
    })  # fmt: skip
    (prompt,) = facts.production(Prompt)
    assert (prompt.span.line, prompt.role, prompt.holes) == (5, "system", ("passages",))


def test_texts_for_people_and_other_machines_are_none(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/app.py": CLIENT + "import argparse, logging\n"
        "log = logging.getLogger(__name__)\n"
        'log.warning("You are about to delete your project. Make sure that you have a copy of the following files.")\n'
        'argparse.ArgumentParser(description="Summarize the following text for the user with a language model.")\n'
        'prompt = input("Please enter the question that you want to ask the assistant: ")\n'
        'QUERY = "SELECT prompt, answer FROM history WHERE user_id = %s ORDER BY created"\n'
        "def check(key):\n"
        "    if not key:\n"
        '        raise ValueError("You must provide an API key. Return to the settings page and follow the instructions.")\n',
        "README.md": "# You are a helpful assistant\n\nYour task is to answer the question.\n",
    })  # fmt: skip
    assert lines(facts) == []


def test_questions_that_a_user_may_pick_are_none(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/suggestions.ts": "export const suggestions = [\n"
        '  { icon: "sun", prompt: "Explain the seasons in simple terms." },\n'
        '  { icon: "bus", prompt: "Plan a trip to the sea for a family." },\n];\n',
    })  # fmt: skip
    assert lines(facts) == []


def test_the_docstring_of_a_declared_program_is_its_instruction_and_no_other(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/programs.py": "import dspy\n\n\nclass Title(dspy.Signature):\n"
        '    """Write a short title for the report."""\n\n    report = dspy.InputField()\n\n\n'
        'class Report:\n    """Your task is to hold the text that the user wrote. Always return it as JSON."""\n',
    })  # fmt: skip
    assert lines(facts) == [("src/programs.py", 5)]


def test_example_turns_are_one_prompt(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/prompts.py": "examples = [\n"
        '    dict(role="user", content="Change the colour to blue."),\n'
        '    dict(role="assistant", content="Done: the colour is blue now."),\n]\n',
        "src/a.py": CLIENT,
    })  # fmt: skip
    (prompt,) = facts.production(Prompt)
    assert (prompt.span.line, prompt.role) == (1, "example")


def test_pieces_that_a_function_only_puts_together_are_one_prompt(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/prompts.py": "def report_prompt(task, tone):\n"
        '    tone_prompt = f"Write the report in a {tone} tone."\n'
        '    return f"""Write a detailed report about the following task: {task}.\n{tone_prompt}\nUse the given sources only."""\n',
        "src/a.py": CLIENT,
    })  # fmt: skip
    assert lines(facts) == [("src/prompts.py", 3)]


@pytest.mark.parametrize(
    ("path", "text", "wanted"),
    [
        ("src/prompts/answer.md", "You answer questions about orders.\nNever promise a refund.\n", 1),
        ("src/tools/billing_instructions.jinja2", "Use the tool `invoice` for invoices. {{ today }}\n", 1),
        ("src/templates/page.html.j2", "<p>You are logged in. Your answer was saved.</p>\n", 0),
        (".github/prompts/review.md", "You are a reviewer. Review the following change.\n", 0),
        ("src/data/notes.txt", "The meeting is on Monday.\n", 0),
    ],
)
def test_files(tmp_path: Path, path: str, text: str, wanted: int) -> None:
    assert len(lines(facts_of(tmp_path, {path: text, "src/a.py": CLIENT}))) == wanted


def test_keys_of_settings_files(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, {
        "src/settings.yaml": "answer:\n  description: You answer questions about the weather.\n  system_prompt: |\n    You answer questions.\n    Never guess.\n  model: m\n",
        "src/a.py": CLIENT,
    })  # fmt: skip
    ((path, line),) = lines(facts)
    assert path == "src/settings.yaml"
    assert line in (3, 4)


def test_reading_scores_instructions_above_statements() -> None:
    told = read("You are a careful editor. Return only valid JSON with the corrected text.")
    said = read("The report was saved to the folder that was chosen in the settings.")
    assert told.score >= 6
    assert said.score < 3


def test_names_and_placeholders() -> None:
    assert split_name("getSystemPrompt") == ("get", "system", "prompt")
    assert placeholders("{context} {{ question }} {context} %(name)s") == ("context", "question", "name")


def test_a_template_from_the_database_counts_and_a_users_own_snippet_does_not(tmp_path: Path) -> None:
    code = (
        CLIENT
        + "def ask(session, q, user_id):\n"
        + "    row = session.execute(select(PromptTemplate).where({where})).first()\n"
        + '    return client.chat.completions.create(model="m", messages=[{{"role": "system", "content": row.text}}])\n'
    )
    ours = facts_of(tmp_path / "a", {"src/a.py": code.format(where='PromptTemplate.name == "x"')})
    theirs = facts_of(tmp_path / "b", {"src/a.py": code.format(where="PromptTemplate.user_id == user_id")})
    assert [source.kind for source in ours.production(PromptSource)] == ["db"]
    assert theirs.production(PromptSource) == ()


@pytest.mark.parametrize(("reference", "pinned"), [("team/answer", False), ("team/answer:3f2a9c1e", True)])
def test_a_hub_reference_is_pinned_by_its_commit(tmp_path: Path, reference: str, pinned: bool) -> None:
    facts = facts_of(tmp_path, {"src/a.py": CLIENT + f'from langchain import hub\nprompt = hub.pull("{reference}")\n'})
    assert [source.pinned for source in facts.production(PromptSource)] == [pinned]


@pytest.mark.parametrize(
    ("text", "kinds"), [("process.env.RULES", ["environment"]), ('readFileSync(`${process.env.PWD}/rules.txt`, "utf8")', [])]
)
def test_a_variable_that_leads_to_a_file_is_not_its_text(tmp_path: Path, text: str, kinds: list[str]) -> None:
    code = (
        'import OpenAI from "openai";\nimport { readFileSync } from "fs";\nconst client = new OpenAI();\n'
        f"const rules = {text};\n"
        'export const ask = (q: string) => client.chat.completions.create({ model: "m", messages: [\n'
        '  { role: "system", content: rules }, { role: "user", content: q } ] });\n'
    )
    facts = facts_of(tmp_path, {"src/ask.ts": code})
    assert [source.kind for source in facts.production(PromptSource)] == kinds
