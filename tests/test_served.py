"""What a page shows of what the program's own server answers."""

from __future__ import annotations

import pytest

from tests.trust_program import ASK, OPENAI, trust

SERVER = (
    OPENAI
    + f"""
from fastapi import FastAPI, WebSocket
app = FastAPI()

@app.post("/api/chat")
def chat(question: str):
    return {{"answer": {ASK.format("question")}}}

@app.get("/api/status")
def status():
    return {{"text": "up"}}

@app.websocket("/ws")
async def talk(socket: WebSocket):
    await socket.send_text({ASK.format("await socket.receive_text()")})
"""
)
ASKED = "const reply = await fetch(`${base}/chat`, { method: 'POST', body: question });\n  const data = await reply.json();"
PUSHED = "const socket = new WebSocket(address);\n  socket.onmessage = (event) => {\n    const data = JSON.parse(event.data);\n    "


def page(body: str, server: str = SERVER) -> list[tuple[str, str]]:
    script = f"export async function run(question, node, base, address) {{\n  {body}\n}}\n"
    return [(sink.sink, sink.safety) for sink in trust({"server.py": server, "static/app.js": script}).sinks]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"{ASKED}\n  node.innerHTML = marked.parse(data.answer);", [("html", "none")]),
        (f"{ASKED}\n  node.innerHTML = DOMPurify.sanitize(marked.parse(data.answer));", [("html", "safe")]),
        (f"{ASKED}\n  node.textContent = data.answer;", []),
        (f"{ASKED}\n  node.innerHTML = data.id;", []),
        (f"{ASKED}\n  node.innerHTML = data.answer.replace(/</g, '&lt;');", [("html", "safe")]),
        (f"{ASKED.replace('/chat', '/status')}\n  node.innerHTML = data.text;", []),
        ("const reply = await fetch('/api/chat');\n  node.innerHTML = await reply.text();", [("html", "none")]),
        ("const reply = await fetch('https://elsewhere.example/v1/items');\n  node.innerHTML = await reply.text();", []),
        (f"{PUSHED}node.innerHTML = data.content;\n  }};", [("html", "none")]),
        (f"{PUSHED}node.innerHTML = data.id;\n  }};", []),
        (
            "const socket = new WebSocket(address);\n  socket.addEventListener('message', (event) => { node.innerHTML += event.data; });",
            [("html", "none")],
        ),
        ("const worker = new Worker(address);\n  worker.onmessage = (event) => { node.innerHTML = event.data; };", []),
    ],
)
def test_a_page_shows_what_the_server_answers(body: str, expected: list[tuple[str, str]]) -> None:
    assert page(body) == expected


def test_a_server_that_asks_no_model_sends_none_of_its_text() -> None:
    quiet = SERVER.replace(ASK.format("question"), "question").replace(ASK.format("await socket.receive_text()"), "'hello'")
    assert page(f"{ASKED}\n  node.innerHTML = data.answer;", quiet) == []
    assert page(f"{PUSHED}node.innerHTML = data.content;\n  }};", quiet) == []


@pytest.mark.parametrize(
    ("cleaner", "safety"),
    [
        ("DOMPurify.sanitize(text)", "safe"),
        ("text.replace(/&/g, '&amp;').replace(/</g, '&lt;')", "safe"),
        ("text.replace(/\\n/g, '<br>')", "none"),
    ],
)
def test_a_function_of_the_page_that_sanitises(cleaner: str, safety: str) -> None:
    assert page(f"const clean = (text) => {cleaner};\n  {ASKED}\n  node.innerHTML = clean(data.answer);") == [("html", safety)]


def test_text_that_a_node_escapes() -> None:
    clean = "const clean = (text) => { const box = document.createElement('div'); box.textContent = text; return box.innerHTML; };"
    assert page(f"{clean}\n  {ASKED}\n  node.innerHTML = clean(data.answer);") == [("html", "safe")]


def test_a_message_is_followed_into_the_function_that_shows_it() -> None:
    body = f"const show = (message, own) => {{\n    node.innerHTML = own ? message : marked.parse(message);\n  }};\n  {PUSHED}show(data.content, false);\n  }};"
    assert page(body) == [("html", "none")]
