"""Where model text turns into action or markup, and what stands between."""

from __future__ import annotations

import pytest

from readiness.collect.trust.taint_room import Trusted
from tests.trust_program import ASK, python, trust, typescript


def sinks(found: Trusted) -> list[tuple[str, str]]:
    return [(sink.sink, sink.safety) for sink in found.sinks]


def after_answer(*lines: str, imports: str = "") -> list[tuple[str, str]]:
    body = "\n".join(f"    {line}" for line in lines)
    return sinks(python(f"{imports}\ndef work(task):\n    text = {ASK.format('task')}\n{body}\n"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("exec(text)", [("code", "none")]),
        ("exec('print(1)')", []),
        ("int(eval(text))", [("code", "none")]),
        ("os.system(text)", [("shell", "none")]),
        ("os.system(f'less {shlex.quote(text)}')", [("shell", "weak")]),
        ("subprocess.run(['git', 'commit', '-m', text])", [("shell", "safe")]),
        ("subprocess.run(['bash', '-c', text])", [("shell", "none")]),
        ("subprocess.run([text, '--version'])", [("shell", "none")]),
        ("subprocess.run(['git', 'commit', '-m', text], shell=True)", [("shell", "none")]),
        ("subprocess.run(shlex.split(text))", [("shell", "none")]),
        ("database.execute(f'SELECT * FROM {text}')", [("sql", "none")]),
        ("database.execute('SELECT * FROM t WHERE x = ?', (text,))", [("sql", "safe")]),
        ("cursor().execute('DELETE FROM t WHERE x = ' + text)", [("sql", "none")]),
        ("jobs().execute(text)", []),
        ("jinja2.Template(text).render()", [("template", "none")]),
        ("jinja2.Template('Hello {{ x }}').render(x=text)", []),
        ("open(text)", [("path", "none")]),
        ("open('answer.txt', 'w').write(text)", []),
        ("open(os.path.basename(text))", [("path", "safe")]),
        ("open(re.sub(r'[^\\w.-]+', '_', text), 'w')", [("path", "safe")]),
        ("open(re.sub(r'[^\\S.-]+', '_', text), 'w')", [("path", "none")]),
        ("open(re.sub(r'[ -~]', '', text), 'w')", [("path", "safe")]),
        ("open(re.sub(r'[^ -~]', '', text), 'w')", [("path", "none")]),
        ("open(re.sub(r'\\.\\.|[\\\\/]', '', text), 'w')", [("path", "safe")]),
        ("open(re.sub(r'a[/]b', '', text), 'w')", [("path", "none")]),
        ("open(re.sub(r'[<>:]', '', text), 'w')", [("path", "none")]),
        ("open(re.sub(r'[^a-z]', '/', text), 'w')", [("path", "none")]),
        ("open(SEPARATORS.sub('', text).strip(), 'w')", [("path", "safe")]),
        ("open(text.replace('/', '-'), 'w')", [("path", "safe")]),
        ("open(text.replace('/', '-').strip(), 'w')", [("path", "safe")]),
        ("open(text.replace('..', ''), 'w')", [("path", "none")]),
        ("open(''.join(c for c in text if c.isalnum() or c in '-_'), 'w')", [("path", "safe")]),
        ("open(''.join(c for c in text if c.isalnum() or c in '-/'), 'w')", [("path", "none")]),
        ("open('answer' + {'json': '.json'}.get(text, '.txt'), 'w')", []),
        ("open('answer' + {'json': '.json'}.get('json', text), 'w')", [("path", "none")]),
        ("open(f'{hashlib.sha256(text.encode()).hexdigest()}.txt', 'w')", []),
        ("requests.get(text)", [("url", "none")]),
        ("requests.get(f'https://api.example.org/items/{text}')", [("url", "safe")]),
        ("requests.get(f'https://{text}/items')", [("url", "none")]),
        ("requests.post('https://api.example.org/items', json={'text': text})", []),
        ("pickle.loads(text)", [("deserialise", "none")]),
        ("yaml.load(text)", [("deserialise", "none")]),
        ("yaml.load(text, Loader=yaml.SafeLoader)", []),
        ("yaml.safe_load(text)", []),
        ("Markup(text)", [("html", "none")]),
        ("Markup(bleach.clean(text))", [("html", "safe")]),
        ("st.markdown(text, unsafe_allow_html=True)", [("html", "none")]),
        ("st.markdown(text, unsafe_allow_html=False)", [("markdown", "weak")]),
        ("print(len(text))", []),
    ],
)
def test_where_an_answer_goes(line: str, expected: list[tuple[str, str]]) -> None:
    imports = """
import hashlib, os, pickle, re, shlex, sqlite3, subprocess
import bleach, jinja2, requests, yaml
import streamlit as st
from markupsafe import Markup
database = sqlite3.connect("x.db")
SEPARATORS = re.compile(r"[<>:/|]")
"""
    assert after_answer(line, imports=imports) == expected


@pytest.mark.parametrize(
    ("name", "safety"),
    [
        ('text.replace(/[^a-z0-9]+/gi, "-")', "safe"),
        ('text.replace(/[^a-z0-9]+/i, "-")', "none"),
        ('text.replaceAll("/", "-")', "safe"),
        ('text.replace("/", "-")', "none"),
        ('text.replace(/\\s+/g, "-")', "none"),
    ],
)
def test_a_file_name_made_of_an_answer_in_typescript(name: str, safety: str) -> None:
    found = typescript(
        f"""
        import {{ generateText }} from "ai";
        import fs from "node:fs";
        export async function save(task) {{
          const {{ text }} = await generateText({{ model, prompt: task }});
          fs.writeFileSync(`out/${{{name}}}.md`, "x");
        }}
        """
    )
    assert sinks(found) == [("path", safety)]


def test_a_person_who_is_asked_approves_also_from_a_caller() -> None:
    here = after_answer("if input('Run? ') == 'y':", "    os.system(text)", imports="import os")
    refused = after_answer("if input('Run? ') != 'y':", "    return", "os.system(text)", imports="import os")
    unasked = after_answer("if task == 'y':", "    os.system(text)", imports="import os")
    assert (here, refused, unasked) == ([("shell", "approved")], [("shell", "approved")], [("shell", "none")])
    caller = python(
        f"""
        import os, click
        def run(command):
            os.system(command)
        def work(task):
            text = {ASK.format("task")}
            if click.confirm("Run?"):
                run(text)
        """
    )
    assert sinks(caller) == [("shell", "approved")]


@pytest.mark.parametrize(("taken", "expected"), [("suffix", []), ("body", [("path", "none")])])
def test_one_item_of_a_returned_tuple_is_followed_alone(taken: str, expected: list[tuple[str, str]]) -> None:
    found = python(
        f"""
        SUFFIXES = {{"json": ".json"}}
        def split(text):
            kind, body = text.split(":", 1)
            if kind not in SUFFIXES:
                return None
            return body, SUFFIXES.get(kind)
        def work(task):
            text = {ASK.format("task")}
            parts = split(text)
            body, suffix = parts
            open("answer" + {taken}, "w").write("x")
        """
    )
    assert sinks(found) == expected


def test_a_path_that_is_held_inside_a_folder_is_safe() -> None:
    lines = [
        "path = (ROOT / text).resolve()",
        "if not path.is_relative_to(ROOT):",
        "    raise ValueError(text)",
        "path.read_text()",
    ]
    imports = "from pathlib import Path\nROOT = Path('data')"
    assert after_answer(*lines, imports=imports) == [("path", "safe")]
    assert after_answer("(ROOT / text).read_text()", imports=imports) == [("path", "none")]


DISPATCH = """
def run(command):
    os.system(command)
def loop(q):
    call = client.responses.create(model='gpt-4o', input=q).output[0]
    TABLE = {'run': run}
    TABLE[call.name](**json.loads(call.arguments))
"""


@pytest.mark.parametrize(
    "tool",
    [
        "from langchain_core.tools import tool\n@tool\ndef run(command: str):\n    os.system(command)",
        "from agents import function_tool\n@function_tool\ndef run(command: str):\n    os.system(command)",
        "from agents import function_tool\ndef run(command: str):\n    os.system(command)\nTOOL = function_tool(run)",
        "from langchain_core.tools import BaseTool\nclass Run(BaseTool):\n    def _run(self, command: str):\n        os.system(command)",
        "from mcp.server.fastmcp import FastMCP\nserver = FastMCP('x')\n@server.tool()\ndef run(command: str):\n    os.system(command)",
        DISPATCH,
    ],
)
def test_arguments_of_a_tool_are_written_by_the_model(tool: str) -> None:
    assert sinks(python(f"import json, os\n{tool}\n")) == [("shell", "none")]


def test_what_a_framework_hands_a_tool_is_not_model_text() -> None:
    tool = "from pydantic_ai import Agent, RunContext\nagent = Agent('openai:gpt-4o')\n@agent.tool\ndef run(ctx: RunContext, n: int):\n    os.system(f'{ctx.deps} {n}')"
    assert sinks(python(f"import os\n{tool}\n")) == []
    assert sinks(python("import os\ndef run(command):\n    os.system(command)\n")) == []


def test_a_subclass_of_the_programs_own_tool_receives_what_its_base_is_called_with() -> None:
    found = python(
        """
        import json, os
        class Tool:
            def invoke(self, params):
                return self.work(params)
            def work(self, params):
                raise NotImplementedError
        class Shell(Tool):
            def work(self, params):
                os.system(params["command"])
        def loop(q, tool: Tool):
            call = client.responses.create(model="gpt-4o", input=q).output[0]
            tool.invoke(json.loads(call.arguments))
        """
    )
    assert sinks(found) == [("shell", "none")]


PAGE = """
import ReactMarkdown from "react-markdown";
import rehypeRaw from "rehype-raw";
import rehypeSanitize from "rehype-sanitize";
import {{ MarkdownTextPrimitive }} from "@assistant-ui/react-markdown";
export function Line({{ message }}) {{
  return <div>{element}</div>;
}}
"""


@pytest.mark.parametrize(
    ("element", "expected"),
    [
        ("<ReactMarkdown>{message.content}</ReactMarkdown>", [("markdown", "weak")]),
        ("<ReactMarkdown rehypePlugins={[rehypeRaw]}>{message.content}</ReactMarkdown>", [("markdown", "none")]),
        ("<ReactMarkdown rehypePlugins={[rehypeRaw, rehypeSanitize]}>{message.content}</ReactMarkdown>", [("markdown", "weak")]),
        ("<ReactMarkdown disallowedElements={['img']}>{message.content}</ReactMarkdown>", [("markdown", "safe")]),
        ("<ReactMarkdown components={{ img: () => null }}>{message.content}</ReactMarkdown>", [("markdown", "safe")]),
        (
            "<ReactMarkdown components={{ img: (props) => <img {...props} /> }}>{message.content}</ReactMarkdown>",
            [("markdown", "weak")],
        ),
        ("<ReactMarkdown>{message.author.biography}</ReactMarkdown>", []),
        ("<MarkdownTextPrimitive remarkPlugins={[gfm]} />", [("markdown", "weak")]),
        ("<p>{message.content}</p>", []),
        ("<p dangerouslySetInnerHTML={{ __html: message.content }} />", [("html", "none")]),
    ],
)
def test_what_a_chat_renders(element: str, expected: list[tuple[str, str]]) -> None:
    assert sinks(typescript(PAGE.format(element=element), "src/Line.tsx")) == expected


def test_a_renderer_of_another_page_is_no_chat() -> None:
    page = """
        import ReactMarkdown from "react-markdown";
        export function Article({ post }) {
          return <ReactMarkdown>{post.body}</ReactMarkdown>;
        }
        """
    assert sinks(typescript(page, "src/Article.tsx")) == []


def test_text_is_followed_up_through_components() -> None:
    files = {
        "src/Text.tsx": """
            import { memo } from "react";
            import { Streamdown } from "streamdown";
            export const Text = memo(({ children }) => <Streamdown>{children}</Streamdown>);
            """,
        "src/Chat.tsx": """
            import { Text } from "./Text";
            export function Chat({ messages }) {
              return messages.map((message) => message.parts.map((part) => <Text>{part.text}</Text>));
            }
            """,
    }
    assert sinks(trust(files)) == [("markdown", "weak")]


@pytest.mark.parametrize(("named", "expected"), [("i", []), ("m", [("path", "none")])])
def test_the_position_of_an_item_is_no_text_of_it(named: str, expected: list[tuple[str, str]]) -> None:
    found = typescript(
        f"""
        import fs from "fs";
        export async function save(q: string) {{
          const reply = await client.chat.completions.create({{ model: "gpt-4o", messages: [{{ role: "user", content: q }}] }});
          reply.choices[0].message.content.split(",").forEach((m, i) => fs.writeFileSync(`./part-${{{named}}}.txt`, "x"));
        }}
        """
    )
    assert sinks(found) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [("messages", [("markdown", "none")]), ("conversationItemData", [("markdown", "none")]), ("articles", [])],
)
def test_an_item_of_a_conversation_is_a_message_whatever_it_is_called(items: str, expected: list[tuple[str, str]]) -> None:
    files = {
        "src/Render.jsx": """
            import ReactMarkdown from "react-markdown";
            import rehypeRaw from "rehype-raw";
            import { memo } from "react";
            export function Render(props) {
              return <ReactMarkdown rehypePlugins={[rehypeRaw]} {...props}>{props.children}</ReactMarkdown>;
            }
            export default memo(Render);
            """,
        "src/Item.jsx": """
            import Render from "./Render.jsx";
            export function Item({ content }) {
              return <div><Render>{content}</Render></div>;
            }
            """,
        "src/Card.jsx": f"""
            import {{ Item }} from "./Item";
            export function Card({{ {items} }}) {{
              return {items}.map((d, n) => <Item key={{n}} content={{d.content}} />);
            }}
            """,
    }
    assert sinks(trust(files)) == expected


def test_a_default_import_is_its_module() -> None:
    script = """
        import fs from "fs/promises";
        import { generateText } from "ai";
        import { openai } from "@ai-sdk/openai";
        export async function keep(task: string) {
          const { text } = await generateText({ model: openai("gpt-4o"), prompt: task });
          await fs.writeFile(text, "x");
        }
        """
    assert sinks(typescript(script, "src/keep.ts")) == [("path", "none")]


def test_html_of_a_chat_script() -> None:
    script = "function show(message, node) {\n  node.innerHTML = marked.parse(message);\n}\n"
    assert sinks(typescript(script, "static/chat.js")) == [("html", "none")]
    assert sinks(typescript(script.replace("marked.parse(message)", "DOMPurify.sanitize(message)"), "static/chat.js")) == [
        ("html", "safe")
    ]
    assert sinks(typescript("node.innerHTML = '<b>hello</b>';\n", "static/chat.js")) == []
