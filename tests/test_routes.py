"""Entry points: which functions answer outsiders, what protects them, what they reach."""

from __future__ import annotations

import pytest

from readiness.collect.trust.taint_room import Trusted
from tests.trust_program import ASK, OPENAI, python, trust, typescript


def routes(found: Trusted) -> list[tuple[str, str, str, str, int]]:
    return [(route.framework, route.path, route.authenticated, route.limited, len(route.reaches)) for route in found.routes]


FUNCTION = f"def answer(question):\n    return {ASK.format('question')}\n"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("from fastapi import FastAPI\napp = FastAPI()\n@app.post('/a')\n", ("fastapi", "/a")),
        ("from fastapi import APIRouter\nrouter = APIRouter(prefix='/x')\n@router.post('/a')\nasync ", ("fastapi", "/a")),
        ("from flask import Blueprint\nbp = Blueprint('x', __name__)\n@bp.route('/a')\n", ("flask", "/a")),
        ("import chainlit as cl\n@cl.on_message\n", ("chainlit", "answer")),
        ("from slack_bolt import App\napp = App()\n@app.event('app_mention')\n", ("slack-bolt", "app_mention")),
        ("from celery import shared_task\n@shared_task\n", ("celery", "answer")),
        ("from somewhere import app\n@app.post('/a')\n", ("http", "/a")),
    ],
)
def test_decorated_functions(head: str, expected: tuple[str, str]) -> None:
    found = python(head + FUNCTION)
    assert [route[:2] + route[4:] for route in routes(found)] == [(*expected, 1)]


def test_a_decorator_that_only_looks_like_a_route_is_none() -> None:
    assert routes(python("import mock\n@mock.patch('a.b')\n" + FUNCTION)) == []
    assert routes(python("import click\n@click.command()\n" + FUNCTION)) == []


def test_registered_handlers() -> None:
    assert routes(python(FUNCTION + "import gradio as gr\ngr.ChatInterface(answer).launch()\n"))[0][:2] == ("gradio", "")
    assert routes(python(FUNCTION + "from django.urls import path\nurlpatterns = [path('a/', answer)]\n"))[0][:2] == (
        "django",
        "a/",
    )
    express = 'import express from "express";\nconst app = express();\napp.post("/a", guard, async (req, res) => { res.json(req.body); });\n'
    assert [route[:2] for route in routes(typescript(express, "src/server.ts"))] == [("express", "/a")]


@pytest.mark.parametrize(
    ("code", "framework"),
    [
        ("Deno.serve(async (req) => new Response(await req.text()));", "deno"),
        ("Deno.serve({ port: 8000 }, async (req) => new Response(await req.text()));", "deno"),
        (
            'import { serve } from "https://deno.land/std@0.168.0/http/server.ts";\nserve(async (req) => new Response(await req.text()));',
            "deno",
        ),
        ("Bun.serve({ port: 3000, async fetch(req) { return new Response(await req.text()); } });", "bun"),
        ("export default { async fetch(request, env) { return new Response(await request.text()); } };", "workers"),
        ("const worker = { async fetch(request, env) { return new Response(await request.text()); } };", ""),
    ],
)
def test_what_an_edge_runtime_calls(code: str, framework: str) -> None:
    assert [route[0] for route in routes(typescript(code, "src/index.ts"))] == ([framework] if framework else [])


def test_files_whose_exports_are_routes() -> None:
    handler = "export async function POST(request: Request) { return new Response(await request.text()); }\n"
    assert [route[:2] for route in routes(typescript(handler, "app/(chat)/api/answer/route.ts"))] == [("next", "/api/answer")]
    assert routes(typescript(handler, "src/helper.ts")) == []
    action = '"use server";\nexport async function save(text: string) { return text; }\n'
    assert [route[0] for route in routes(typescript(action, "src/actions.ts"))] == ["next-action"]


def test_who_may_call() -> None:
    plain = "from fastapi import Depends, FastAPI, HTTPException\napp = FastAPI()\n"
    checked = plain + "def user(token: str):\n    if token != 'x':\n        raise HTTPException(status_code=401)\n"
    route = "@app.post('/a')\ndef answer(question: str{}):\n    return {}\n"
    assert routes(python(plain + route.format("", ASK.format("question"))))[0][2:4] == ("no", "no")
    assert routes(python(checked + route.format(", who=Depends(user)", ASK.format("question"))))[0][2] == "yes"
    assert routes(python(plain + "from elsewhere import secured\n@app.post('/a')\n@secured\n" + FUNCTION))[0][2] == "unresolved"


def test_how_often() -> None:
    limited = "from fastapi import FastAPI\nfrom slowapi import Limiter\napp = FastAPI()\nlimiter = Limiter(key_func=str)\n"
    assert routes(python(limited + "@app.post('/a')\n@limiter.limit('5/minute')\n" + FUNCTION))[0][3] == "yes"


def test_calls_know_what_leads_to_them_and_whether_somebody_waits() -> None:
    files = {
        "src/model.py": OPENAI + FUNCTION,
        "src/api.py": "from fastapi import FastAPI\nfrom src.model import answer\napp = FastAPI()\n@app.post('/a')\ndef go(q: str):\n    return answer(q)\n",
    }
    (exposure,) = trust(files).exposures.values()
    assert (exposure.routes, exposure.interactive) == (("/a",), True)
    (queued,) = python("from celery import shared_task\n@shared_task\n" + FUNCTION).exposures.values()
    assert not queued.interactive
    (alone,) = python(FUNCTION).exposures.values()
    assert (alone.routes, alone.interactive) == ((), True)
