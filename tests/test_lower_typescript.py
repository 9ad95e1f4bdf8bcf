"""What the TypeScript front end makes of each construct."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from readiness.collect import ir
from readiness.collect.lower.typescript import lower_typescript
from tests.ir_text import told


def lowered(source: str, path: str = "a.ts") -> str:
    return "; ".join(told(one) for one in lower_typescript(source, path).body)


def first(source: str, path: str = "a.ts") -> ir.Statement:
    return lower_typescript(source, path).body[0]


def nodes(root: ir.Node) -> Iterator[ir.Node]:
    todo: list[object] = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, ir.Node):
            yield node
            todo += [getattr(node, name) for name in node.__slots__]
        elif isinstance(node, tuple):
            todo += node


CASES = [
    # what comes in
    (
        'import D, {a as b, type T, default as q} from "m"',
        "import m:default as D; import m:a as b; import m:T as T; import m:default as q",
    ),
    ('import * as N from "./n.js"', "import ./n.js: as N"),
    ('import D, * as N from "n"', "import n:default as D; import n: as N"),
    ('import "s"', "import s: as "),
    ('import type {X} from "x"', "import x:X as X"),
    ('import fs = require("fs")', "import fs: as fs"),
    ('import x from "y" with {type: "json"}', "import y:default as x"),
    ("import a = N.b.c", "a = N.b.c"),
    ('const fs = require("fs")', "import fs: as fs"),
    ('const {a, b: c, ...d} = require("m")', "import m:a as a; import m:b as c; import m: as d"),
    ('const d = require("m").foo', "import m:foo as d"),
    ('const d = (await import("m")).default', "import m:default as d"),
    ('const m = await import("m")', "import m: as m"),
    ('const {g} = await import("m")', "import m:g as g"),
    ('let m; m = require("m")', "m; import m: as m"),
    ('require("m")', "import m: as "),
    ('require("dotenv").config()', 'require("dotenv").config()'),
    ('import("m").then(m => m.f)', 'import("m").then((def (m) {return m.f}))'),
    ("const m = require(name)", "m = require(name)"),
    # exports
    ('export {a as b, c} from "m"', "reimport m:a as b; reimport m:c as c"),
    ('export * from "m"', "reimport m:* as *"),
    ('export * as n from "m"', "reimport m: as n"),
    ("export {d, e as f}", "export f = e"),
    ("export default foo", "export default = foo"),
    ("export = foo", "export default = foo"),
    ("export default function () {}", "export def default() {}"),
    ("export default class {}", "export class default() {}"),
    ("export default async function f(a) {}", "export def f(a) {}; export default = f"),
    ("export default class A extends B {}", "export class A(B) {}; export default = A"),
    ("export default async () => 1", "export default = (def default() {return 1})"),
    ("export default {a: 1} satisfies C", 'export default = {"a": 1}'),
    ("export const x: T = 1, f = () => 2", "export x: T = 1; export f = (export def f() {return 2})"),
    ("export function f() {}", "export def f() {}"),
    ("export const K = class extends B {}", "export class K(B) {}"),
    ("exports.x = 1", "export x = 1"),
    ("exports.x = x", ""),
    ("module.exports.y = function () {}", "export y = (def y() {})"),
    ("module.exports = function f() {}", "export default = (def f() {})"),
    ("module.exports = A", "export default = A"),
    ("module.exports = class A {}", "class A() {}; export default = A"),
    ("module.exports = {a, b: c, d() {}}", 'export b = c; export d = (def d() {}); export default = {"a": a, "b": b, "d": d}'),
    ('module.exports = require("./lib")', "reimport ./lib:* as *"),
    ('exports.a = require("./a")', "reimport ./a: as a"),
    # literals
    (r"x = 'a\n\u{1F600}\x41\u0042\ud83d\ude00\'\q\0'", 'x = "a\\n😀AB😀\'q\\u0000"'),
    ("x = 'a\\\nb'", 'x = "ab"'),
    ("x = [1_000, 0xFF, 0b11, 10n, 1.5e3, .5, -2]", "x = [1000, 255, 3, 10, 1500.0, 0.5, -2]"),
    ("x = [1e999, 9e99999]", "x = [<other>, <other>]"),
    ("x = [true, false, null, undefined, void 0]", "x = [true, false, null, null, null]"),
    (r"x = /a\d+/gi", r"x = <other /a\d+/gi>"),
    # text put together
    ("x = `plain`", 'x = "plain"'),
    ("x = ``", 'x = ""'),
    (r"x = `a${b} ${c}\n$`", 'x = `"a" b " " c "\\n$"`'),
    ("x = `a${`b${c}`}`", 'x = `"ab" c`'),
    ("x = `${a}`", "x = `a`"),
    ("x = sql`a${1}`", 'x = sql`"a" 1`'),
    ("x = styled.div`a`.attrs(b)", 'x = styled.div`"a"`.attrs(b)'),
    ('x = "a" + "b" + "c"', 'x = "abc"'),
    ('x = "a" + b + `c${d}` + "e"', 'x = `"a" b "c" d "e"`'),
    ("x = a + b + 1", "x = <arithmetic + a b 1>"),
    # operators
    ("x = a ?? b ?? c", "x = (a | b | c)"),
    ("x = a || b", "x = (a | b)"),
    ("x = a && b && c", "x = <and a b c>"),
    ("x = a ? b : c", "x = (b | c if a)"),
    ("x = a === b", "x = <compare == a b>"),
    ("x = a !== b", "x = <compare != a b>"),
    ("x = a instanceof B", "x = <compare instanceof a B>"),
    ('x = "k" in o', 'x = <compare in "k" o>'),
    ("x = !a", "x = <not a>"),
    ("x = typeof a", "x = <other typeof a>"),
    ("x = a * b - c", "x = <arithmetic - <arithmetic * a b> c>"),
    ("i++", "<arithmetic ++ i>"),
    # access and calls
    ("a?.b!.c(1, ...q)", "a.b.c(1, <spread q>)"),
    ("a?.[b]?.(c).d", "a[b](c).d"),
    ('a["b"]', 'a["b"]'),
    ("(<any>a as B).c satisfies D", "a.c"),
    ("f<T>(1)", "f(1)"),
    ("new a.B<T>(x)", "new a.B(x)"),
    ("new Foo", "new Foo()"),
    ("new class {}", "class class:1() {}; new class:1()"),
    ("this.#x.y", "self.#x.y"),
    ("super.f(a)", "super.f(a)"),
    ("import.meta.env.KEY", "import.meta.env.KEY"),
    ("process.env.KEY", "process.env.KEY"),
    ("a(/* c */ b, // d\n c)", "a(b, c)"),
    ("p.then(r => r.json()).catch(() => {})", "p.then((def (r) {return r.json()})).catch((def () {}))"),
    ("await f()", "await f()"),
    # collections
    ("x = {model, a: 1, 'b': 2, [c]: 3, 4: 5, ...d}", 'x = {"model": model, "a": 1, "b": 2, c: 3, 4: 5, **d}'),
    (
        "x = {m() {}, async *g() {}, get h() {}, k: () => 1}",
        'x = {"m": (def m() {}), "g": (def g() {}), "h": (def h() {}), "k": (def k() {return 1})}',
    ),
    ("x = [1, , ...y]", "x = [1, <spread y>]"),
    # assignments
    ("const f = async a => a", "f = (def f(a) {return a})"),
    ("const f = (async (a) => { g(a) }) as F", "f = (def f(a) {g(a)})"),
    ("const g = function* named() {}", "g = (def g() {})"),
    ("let x: string, y", "x: string; y"),
    ("a.b = c", "a.b = c"),
    ("a = b = f()", "b = f(); a = b"),
    ("a += 1", "a += 1"),
    ("a ??= f()", "a = f()"),
    ("if (!(m = f())) g()", "m = f(); if <not m> {g()}"),
    ("g(a || (a = f()))", "a = f(); g((a | a))"),
    ("a = 1, b = 2", "a = 1; b = 2"),
    ("const {a, b: c, d = 1, e: {f}, ...g} = x", "a = x.a; c = x.b; d = (x.d | 1); f = x.e.f; g = x"),
    ("({a, b: c.d} = x)", "a = x.a; c.d = x.b"),
    ("const [a, , b, ...c] = x", "[a, <other>, b, <spread c>] = x"),
    ("const [a, , {b} = d] = x", "a = x[0]; b = (x[2] | d).b"),
    ("[a, b] = [b, a]", "[a, b] = [b, a]"),
    # functions
    ("function f(this: X, a?: T, b = 1, ...r: any[]): P<R> {}", "def f(a: T, b = 1, *r: Array[any]) -> P[R] {}"),
    ("function f({a, b = 1, ...r}: T = {}) {}", "def f({}(a, b = 1, **r): T = {}) {}"),
    ("function f({a: b = 1, c: {d}}) {}", "def f({}(a = 1, c)) {b = a; d = c.d}"),
    ("function f([a, b]) {}", "def f({}(a, b)) {}"),
    ("async function* f() { yield* a; yield }", "def f() {<yield a>; <yield>}"),
    ("function f(a: string): void; function f(a: any) { g() }", "def f(a: any) {g()}"),
    ("declare function f(a: T): R", "def f(a: T) -> R {}"),
    ("function f(x): x is T {}", "def f(x) -> boolean {}"),
    # classes
    ("@D({a: 1}) export class A<T> extends B.C<T> implements I {}", '@D({"a": 1}) export class A(B.C[T], I) {}'),
    (
        "class A { @In() private readonly x: T = 1; static y; #z = 2; 'q' = 3 }",
        "class A() {x: Annotated[[T, In()]] = 1; y; #z = 2; q = 3}",
    ),
    (
        "class A { constructor(private c: O, readonly d = 1, e?: E) { g() } }",
        "class A() {def constructor(c: O, d = 1, e: E) {self.c: O = c; self.d = d; g()}}",
    ),
    ('class A { @Get("x") @B async m(@Body() d: D) {} }', 'class A() {@Get("x") @B def m(d: Annotated[[D, Body()]]) {}}'),
    ("class A { f = async () => this.x; static { g() } }", "class A() {def f() {return self.x}; g()}"),
    (
        "class A { get a() {} async *[Symbol.x]() {} m(a): void; m(a) {} [k: string]: any }",
        "class A() {def a() {}; def [Symbol.x]() {}; def m(a) {}}",
    ),
    ("abstract class A { abstract m(): T }", "class A() {def m() -> T {}}"),
    (
        "interface I extends J, K<T> { a: string; b?: number; m(x: X): void; [k: string]: T }",
        "class I(J, K[T]) {a: string; b: number; def m(x: X) -> void {}}",
    ),
    ("type O = {a: string}", "class O() {a: string}"),
    ("type O = A & {a: string} & B", "class O(A, B) {a: string}"),
    ('type U = "a" | "b" | null', 'U: ("a" | "b" | null)'),
    ('enum E { A, B = 5, C, D = "d" }', 'class E() {A = 0; B = 5; C = 6; D = "d"}'),
    ("namespace N { export const a = 1 }", "class N() {export a = 1}"),
    ("return class extends M {}", "class class:1(M) {}; return class:1"),
    # annotations
    ("let x: A.B<C, D>[]", "x: Array[A.B[[C, D]]]"),
    ("let x: readonly (string | undefined)[]", "x: Array[(string | null)]"),
    ("let x: A & B", "x: <and A B>"),
    ("let x: z.infer<typeof schema>", "x: z.infer[schema]"),
    ("let x: [a: string, b?: T, ...c: U[]]", "x: [string, T, Array[U]]"),
    ('let x: T["a"]', 'x: T["a"]'),
    ("let x: {a: string, 'b': T}", 'x: {"a": string, "b": T}'),
    ("let x: (a: A) => R", "x: <other R>"),
    ("let x: A extends B ? C : D", "x: (C | D)"),
    ("let x: keyof T", "x: <other>"),
    # control flow
    ("if (a) b(); else if (c) d(); else { e() }", "if a {b()} else {if c {d()} else {e()}}"),
    (
        "switch (a) { case 1: case 2: b(); break; case 3: c(); default: d() }",
        "if (<compare == a 1> | <compare == a 2>) {b()} else {if <compare == a 3> {c()} else {d()}}",
    ),
    ("switch (a) { default: d() }", "a; d()"),
    ("for (const a of b) c()", "for a in b {c()}"),
    ("for await (const {a} of b) {}", "for {} in b {a = {}.a}"),
    ("for (const [k, v] of b) {}", "for [k, v] in b {}"),
    ("for (let i = 0; i < 3; i++) a()", "i = 0; for - in <compare < i 3> {a(); <arithmetic ++ i>}"),
    ("for (;;) { break }", "for - in true {break}"),
    ("while (a) continue", "for - in a {continue}"),
    ("do { a() } while (b)", "for - in b {a()}"),
    ("try { a() } catch (e: any) { b() } finally { c() }", "try {a()} catch - e {b()} finally {c()}"),
    ("try {} catch ({message}) {}", "try {} catch - {} {message = {}.message}"),
    ("try {} catch {}", "try {} catch -  {}"),
    ('throw new Error("x")', 'raise new Error("x")'),
    ("a: for (const b of c) {}", "for b in c {}"),
    ("using x = f()", "x = f()"),
    ('"use server"', '"use server"'),
    # broken source
    ("f(1)\n}\ng(2)", "f(1); g(2)"),
]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f(x as A.B.C)", "f(x)"),
        ("f(x as A.B.C<D>)", "f(x)"),
        ("f(x.y as A.B.C | null)", "f(x.y)"),
        ("f((await g(x)) satisfies A.B.C.D)", "f(await g(x))"),
        ("f((x as A.B).y)", "f(x.y)"),
    ],
)
def test_a_cast_to_a_qualified_type_leaves_the_value_alone(source: str, expected: str) -> None:
    assert lowered(source) == lowered(expected)


@pytest.mark.parametrize(("source", "expected"), CASES, ids=[source for source, _ in CASES])
def test_construct(source: str, expected: str) -> None:
    assert lowered(source) == expected


JSX = [
    (
        '<A.B a="s&amp;x" b={1} c {...r} d-e=<f/>>t {x} <C/> {/* no */}{...k}</A.B>',
        'jsx A.B("t ", x, " ", jsx C(), " ", <spread k>, a="s&x", b=1, c=true, **=r, d-e=jsx f())',
    ),
    ("<>a &amp; b\n  c</>", 'jsx Fragment("a & b c")'),
    ("<a onClick={() => b()} />", "jsx a(onClick=(def onClick() {return b()}))"),
    ("<a>\n  <b/>\n</a>", "jsx a(jsx b())"),
    ("<x:y/>", "jsx x:y()"),
    ("x = <T,>(a: T) => a", "x = (def x(a: T) {return a})"),
]


@pytest.mark.parametrize(("source", "expected"), JSX, ids=[source for source, _ in JSX])
@pytest.mark.parametrize("path", ["a.tsx", "a.jsx", "a.js", "a.mjs"])
def test_jsx(source: str, expected: str, path: str) -> None:
    assert lowered(source, path) == expected


def test_only_plain_typescript_reads_angle_brackets_as_a_cast() -> None:
    assert lowered("x = <T>y", "a.mts") == "x = y"
    assert lowered("x = <T>y</T>", "a.jsx") == 'x = jsx T("y")'


def test_lines_of_a_call_and_of_its_parts() -> None:
    call = first("f\n  .g(\n    a,\n    {b: 1}\n  )\n")
    assert isinstance(call, ir.Do)
    assert isinstance(call.value, ir.Call)
    assert (call.line, call.value.line, call.value.end_line) == (1, 1, 5)
    assert [arg.line for arg in call.value.args] == [3, 4]
    assert isinstance(call.value.callee, ir.Member)
    assert call.value.callee.line == 2


def test_lines_of_definitions_statements_and_text() -> None:
    source = "class A {\n  m() {\n    return `a\nb${c}\nd`\n  }\n}\na(); b()\nc()"
    made, *calls = lower_typescript(source, "a.ts").body
    assert isinstance(made, ir.Class)
    method = made.body[0]
    assert isinstance(method, ir.Function)
    assert (made.line, made.end_line, method.line, method.end_line) == (1, 7, 2, 6)
    returned = method.body[0]
    assert isinstance(returned, ir.Return)
    assert isinstance(returned.value, ir.Template)
    assert (returned.value.line, returned.value.end_line) == (3, 5)
    assert [part.line for part in returned.value.parts] == [3, 4, 4]
    assert [call.line for call in calls] == [8, 8, 9]


def test_every_name_is_on_its_line() -> None:
    names = [f"n{index}" for index in range(60)]
    source = "x = [" + ",".join(name + "\n" * (index % 3 == 0) for index, name in enumerate(names)) + "]"
    rows = source.split("\n")
    found = [node for node in nodes(lower_typescript(source, "a.ts")) if isinstance(node, ir.Name) and node.id in names]
    assert len(found) == len(names)
    assert all(node.id in rows[node.line - 1].replace("]", ",").split(",") + rows[node.line - 1].split("[") for node in found)


def test_a_destructured_value_is_shared_not_repeated() -> None:
    one, two = lower_typescript("const {a, b} = f()", "a.ts").body
    assert isinstance(one, ir.Assign)
    assert isinstance(two, ir.Assign)
    assert isinstance(one.value, ir.Member)
    assert isinstance(two.value, ir.Member)
    assert one.value.base is two.value.base


def test_the_module_says_what_it_is() -> None:
    code = lower_typescript("a()\nb()\n", "src/a.js")
    assert (code.path, code.language, code.lines) == ("src/a.js", "typescript", 3)


def test_a_long_text_is_cut() -> None:
    literal = first(f"x = '{'a' * 50_000}' + 'b'")
    assert isinstance(literal, ir.Assign)
    assert isinstance(literal.value, ir.Literal)
    assert literal.value.value == "a" * 40_000
