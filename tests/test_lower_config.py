import textwrap
from typing import Any

import pytest

from readiness.collect.lower import LoweringError
from readiness.collect.lower.config import FORMATS, lower_config
from readiness.collect.lower.config_tree import MAX_ENTRIES, MAX_TEXT, tree


def entries(text: str, kind: str) -> list[tuple[str, Any, int]]:
    config = lower_config(textwrap.dedent(text), "x", kind)
    return [(".".join(map(str, entry.keys)), entry.value, entry.line) for entry in config.entries]


def test_yaml_keeps_words_that_only_yaml_1_1_calls_booleans() -> None:
    assert entries("on:\n  push: yes\n  n: 3\n  t: 1:30\n  b: true\n  z: ~\n", "yaml") == [
        ("on.push", "yes", 2),
        ("on.n", 3, 3),
        ("on.t", "1:30", 4),
        ("on.b", True, 5),
        ("on.z", None, 6),
    ]


def test_yaml_block_scalars_are_whole_and_stand_on_their_first_line() -> None:
    prompt = "You are a bot.\n" * 100
    body = textwrap.indent(prompt, "    ")
    assert entries(f"a:\n  system: |\n{body}  next: >-\n    one\n    two\n", "yaml") == [
        ("a.system", prompt, 3),
        ("a.next", "one two", 104),
    ]


def test_yaml_merge_keys_yield_to_written_ones() -> None:
    text = """
    base: &b {image: x, stage: test}
    job:
      <<: *b
      stage: eval
    """
    assert entries(text, "yaml")[2:] == [("job.image", "x", 2), ("job.stage", "eval", 5)]


def test_yaml_documents_of_a_stream_are_numbered() -> None:
    assert entries("kind: a\n---\nkind: b\n", "yaml") == [("0.kind", "a", 1), ("1.kind", "b", 3)]


def test_empty_containers_and_nulls_keep_their_keys() -> None:
    assert entries("on:\n  pull_request:\n  workflow_dispatch: {}\n  x: []\n", "yaml") == [
        ("on.pull_request", None, 2),
        ("on.workflow_dispatch", None, 3),
        ("on.x", None, 4),
    ]


def test_an_alias_bomb_is_bounded() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert len(lower_config("\n".join(lines), "x", "yaml").entries) == MAX_ENTRIES


def test_a_cyclic_alias_is_no_value() -> None:
    assert entries("a: &a\n  b: *a\n", "yaml") == [("a.b", None, 2)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a: [1", "yaml"),
        ("[" * 5000, "yaml"),
        ('{"a": ', "json"),
        ("{]", "json"),
        ('{"a" 1 2', "json"),
        ("a = ", "toml"),
        ("a = " + "[" * 9000, "toml"),
    ],
)
def test_broken_text_says_so(text: str, kind: str) -> None:
    with pytest.raises(LoweringError):
        lower_config(text, "x", kind)


def test_an_unknown_format_says_so() -> None:
    with pytest.raises(LoweringError, match="no reader"):
        lower_config("", "x", "docx")


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_any_text_lowers_or_is_refused(kind: str) -> None:
    for text in ("", "\0", "{{ x }}", "'''", '"""', "<<EOT\n", "=\n:\n[", "a" * 100_000, "}" * 500, "[" * 500):
        try:
            lower_config(text, "x", kind)
        except LoweringError:
            continue


def test_long_values_are_cut() -> None:
    assert len(entries(f"a: {'x' * 50_000}\n", "yaml")[0][1]) == MAX_TEXT


def test_json_with_comments_and_trailing_commas() -> None:
    text = """
    {
      // why
      "a": [1, 2.5, true,],
      'b': {"c": "x\\ny"}, /* block
      */ d: null,
    }
    """
    assert entries(text, "json") == [("a.0", 1, 4), ("a.1", 2.5, 4), ("a.2", True, 4), ("b.c", "x\ny", 5), ("d", None, 6)]


def test_toml_lines_of_tables_lists_and_texts() -> None:
    text = '''
    top = 1
    [tool.pytest.ini_options]
    addopts = "-q"
    markers = [
      "llm: live",
      "slow",
    ]
    [[case]]
    q = "a"
    [[case]]
    q = """
    [not.a.table]
    b = 2
    """
    last.dotted = {x = 1}
    '''
    assert entries(text, "toml") == [
        ("top", 1, 2),
        ("tool.pytest.ini_options.addopts", "-q", 4),
        ("tool.pytest.ini_options.markers.0", "llm: live", 6),
        ("tool.pytest.ini_options.markers.1", "slow", 7),
        ("case.0.q", "a", 10),
        ("case.1.q", "[not.a.table]\nb = 2\n", 12),
        ("case.1.last.dotted.x", 1, 16),
    ]


def test_env_values_without_comments_and_quotes() -> None:
    text = "# A=1\nexport KEY='x # y'\nMODEL=gpt-4o # cheap\nP=\"two\nlines\"\nE=\n"
    assert entries(text, "env") == [("KEY", "x # y", 2), ("MODEL", "gpt-4o", 3), ("P", "two\nlines", 4), ("E", "", 6)]


def test_ini_values_of_several_lines_stand_where_their_text_starts() -> None:
    text = "[testenv:eval]\ndeps = pytest\ncommands =\n    pytest -m eval\n    # no\n    echo x\n[flake8]\nmax = 1\n"
    assert entries(text, "ini") == [
        ("testenv:eval.deps", "pytest", 2),
        ("testenv:eval.commands", "pytest -m eval\n\necho x", 4),
        ("flake8.max", "1", 8),
    ]


def test_dockerfile_instructions() -> None:
    text = 'FROM python:3.12 AS base\nENV A=1 B="two words"\nENV C three\nRUN pip install x \\\n  # why\n  && true\nCMD ["python", "-m", "app"]\n'
    found = {key: value for key, value, _ in entries(text, "dockerfile")}
    assert found["ENV.A"] == "1"
    assert found["ENV.B"] == "two words"
    assert found["ENV.C"] == "three"
    assert found["CMD.0"] == "python -m app"
    assert "&& true" in found["RUN.0"]


def test_makefile_targets_and_variables() -> None:
    text = "MODEL ?= gpt-4o\neval: build data  # why\n\t@promptfoo eval \\\n\t  --fail\n\t-rm x\nbuild:\n\tmake y\n"
    assert entries(text, "makefile") == [
        ("targets.eval.needs", "build data", 2),
        ("targets.eval.commands.0", "@promptfoo eval \n\t  --fail", 3),
        ("targets.eval.commands.1", "-rm x", 5),
        ("targets.build.needs", None, 6),
        ("targets.build.commands.0", "make y", 7),
        ("variables.MODEL", "gpt-4o", 1),
    ]


def test_jenkinsfile_steps_by_stage() -> None:
    text = """
    pipeline { triggers { cron('H 4 * * *') }
      stages {
        stage('Eval') {
          when { branch 'main' }
          steps {
            // sh 'no'
            sh '''
              promptfoo eval
            '''
            sh(script: "x", returnStatus: true)
          }
        }
      }
    }
    """
    assert entries(text, "jenkinsfile") == [
        ("stages.Eval.when", "branch 'main'", 5),
        ("stages.Eval.steps.0", "promptfoo eval", 9),
        ("stages.Eval.steps.1", "x || true", 11),
        ("triggers", "cron('H 4 * * *')", 2),
    ]


def test_terraform_blocks() -> None:
    text = """
    variable "model" {
      default = "gpt-4o"
    }
    resource "azurerm_cognitive_deployment" "chat" {
      sku { name = "GlobalStandard" }
      model = var.model
      ids = ["a", var.b]
      prompt = <<-EOT
        You are
      EOT
    }
    """
    assert entries(text, "terraform") == [
        ("variable.model.default", "gpt-4o", 3),
        ("resource.azurerm_cognitive_deployment.chat.sku.name", "GlobalStandard", 6),
        ("resource.azurerm_cognitive_deployment.chat.model", "${var.model}", 7),
        ("resource.azurerm_cognitive_deployment.chat.ids.0", "a", 8),
        ("resource.azurerm_cognitive_deployment.chat.ids.1", "${var.b}", 8),
        ("resource.azurerm_cognitive_deployment.chat.prompt", "    You are", 10),
    ]


def test_bicep_declarations() -> None:
    text = """
    param sku string = 'GlobalStandard'
    param name string
    resource chat 'Microsoft.CognitiveServices/accounts/deployments@2023-05-01' = if (on) {
      name: 'gpt-4o'
      properties: {
        models: [
          { name: modelName }
        ]
      }
    }
    """
    assert entries(text, "bicep") == [
        ("param.sku", "GlobalStandard", 2),
        ("param.name", None, 3),
        ("resource.chat.type", "Microsoft.CognitiveServices/accounts/deployments@2023-05-01", 4),
        ("resource.chat.name", "gpt-4o", 5),
        ("resource.chat.properties.models.0.name", "${modelName}", 8),
    ]


def test_a_helm_template_is_scanned_by_lines() -> None:
    text = """
    {{- if .Values.on }}
    spec:
      env:
        - name: MODEL
          value: {{ .Values.model | quote }}
      replicas: 2
    {{- end }}
    """
    assert entries(text, "yaml") == [
        ("spec.env.name", "MODEL", 5),
        ("spec.env.value", "{{ .Values.model | quote }}", 6),
        ("spec.replicas", 2, 7),
    ]


def test_xml_elements_and_attributes() -> None:
    text = """
    <project a="1">
      <!-- <model>no</model> -->
      <model name='gpt'>
        gpt-4o
      </model>
      <version>3</version><empty/>
      <broken>
    </project>
    """
    assert entries(text, "xml") == [
        ("project.a", "1", 2),
        ("project.model.name", "gpt", 4),
        ("project.model.text", "gpt-4o", 5),
        ("project.version", "3", 7),
        ("project.empty", None, 7),
        ("project.broken", None, 8),
    ]


def test_a_file_without_keys_is_its_lines() -> None:
    assert entries("a==1\n\n b\n", "requirements") == [("lines.0", "a==1", 1), ("lines.1", "b", 3)]


def test_some_files_are_known_by_name() -> None:
    assert lower_config("web: python app.py\n", "Procfile", "text").entries[0].keys == ("web",)
    assert lower_config("stage('E') { sh 'x' }", "ci/Jenkinsfile.release", "groovy").entries[0].keys[:2] == ("stages", "E")


def test_the_tree_of_entries_reads_like_the_file() -> None:
    config = lower_config("on: push\njobs:\n  a:\n    steps:\n      - run: x\n      - run: y\n", "x", "yaml")
    root = tree(config.entries)
    assert [step["run"].text for step in root.get("jobs", "a", "steps").items()] == ["x", "y"]
    assert [item.text for item in root["on"].items()] == ["push"]
    assert not root["missing"]["deeper"]
    assert (root["jobs"]["a"].line, root["jobs"]["a"].end_line) == (5, 6)
