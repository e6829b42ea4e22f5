"""What the layout promises: who imports whom, how long a file may be, where sentences stand."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# The roots, and what they call to do a command's work.
DISCORD_SIDE = {f"bot.{name}" for name in ("client", "app", "cli", "__main__", "doctor")}
PARTS = {"provider", "images", "policy", "db", "reader"}
BESIDE = {"reader": {"images"}}  # the reader opens pictures, too
VALUES = {"choices", "clock", "errors", "i18n", "money", "text", "types"}
LEAVES = VALUES | {"__version__", "addresses", "catalog", "child", "childside", "config", "net"}


def files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def each_of(*folders: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", files(*folders), ids=module)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Every dotted name that `path` imports; `from bot import db` counts as `bot.db`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import in line {node.lineno}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def unit(name: str) -> str:
    """The direct child of its package that a dotted name lies in: a cog, `_reply`, `provider`."""
    return name.partition(".")[2].partition(".")[0]


@each_of("bot", "cogs", "playground")
def test_a_file_is_one_idea(path: Path) -> None:
    lines = len(path.read_text("utf-8").splitlines())
    is_cog = path.parent.name in ("cogs", "settings") and module(path).startswith("cogs.")
    assert lines < (150 if is_cog else 301)


@each_of("bot", "cogs", "playground")
def test_no_function_is_longer_than_a_screen(path: Path) -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [node for node in ast.walk(tree(path)) if isinstance(node, functions)]
    long = [node.name for node in found if (node.end_lineno or 0) - node.lineno >= 60]
    assert not long


def test_the_domain_runs_without_discord() -> None:
    domain = [name for path in files("bot") if (name := module(path)) not in DISCORD_SIDE]
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    assert 'discord' not in sys.modules, f'{name} imports discord'\n"
    )
    command = [sys.executable, "-c", script, *domain]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert run.returncode == 0, run.stderr


@each_of("bot")
def test_the_bot_knows_no_cog_but_where_it_is_put_together(path: Path) -> None:
    if module(path) not in ("bot.app", "bot.cli"):
        assert not [name for name in imports(path) if within(name, "cogs")]


@each_of("bot", "cogs")
def test_what_ships_does_not_need_the_playground_but_for_the_demo(path: Path) -> None:
    if module(path) not in ("bot.app", "bot.cli"):
        assert not [name for name in imports(path) if within(name, "playground")]


@pytest.mark.parametrize(
    "path",
    [path for path in files("bot") if unit(module(path)) in PARTS | LEAVES],
    ids=module,
)
def test_imports_point_downward(path: Path) -> None:
    """A part knows leaves and itself, a leaf leaves; a part's `types` are values, free to all."""
    own = unit(module(path))
    in_reach = LEAVES | {own} | BESIDE.get(own, set())
    names = [name for name in imports(path) if within(name, "bot") and ".types." not in name]
    assert not [name for name in names if unit(name) not in in_reach]


@each_of("cogs")
def test_cogs_leave_the_database_alone(path: Path) -> None:
    banned = ("bot.db", "sqlalchemy", "aiosqlite")
    assert not [name for name in imports(path) for package in banned if within(name, package)]


@each_of("cogs")
def test_a_cog_knows_no_other_cog(path: Path) -> None:
    cogs = {unit(name) for name in imports(path) if within(name, "cogs")}
    assert all(cog.startswith("_") for cog in cogs - {unit(module(path))})


@each_of("playground")
def test_the_playground_knows_neither_bot_nor_cogs(path: Path) -> None:
    foreign = ("bot", "cogs", "discord")
    assert not [name for name in imports(path) for package in foreign if within(name, package)]


def sentences(path: Path) -> Iterator[ast.expr]:
    """The first argument of each `_(...)` and `N_(...)` call."""
    calls = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id in ("_", "N_"):
            yield call.args[0]


@each_of("bot", "cogs")
def test_sentences_can_be_translated(path: Path) -> None:
    """`_()` gets the words themselves, or a name that `N_()` marked where it was written."""
    for sentence in sentences(path):
        built = isinstance(sentence, ast.JoinedStr | ast.BinOp | ast.Call)
        assert not built, f"line {sentence.lineno}: _() can't find a text that is built"


def test_each_sentence_is_written_once() -> None:
    found = [sentence for path in files("bot", "cogs") for sentence in sentences(path)]
    texts = Counter(str(node.value) for node in found if isinstance(node, ast.Constant))
    assert not [text for text, times in texts.items() if times > 1 and len(text.split()) > 3]


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_what_is_installed_is_pinned_by_hash_and_names_no_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text("utf-8")
    pins = [pin for pin in re.split(r"\n(?=\S)", text) if not pin.startswith("#")]
    assert pins
    assert all("==" in pin and "--hash=sha256:" in pin for pin in pins)
    assert "://" not in text
    assert not re.search(r"(?m)(^|\s)/", text)


@pytest.mark.parametrize("document", ["README.md", ".env.example"])
def test_every_name_in_the_environment_is_explained(document: str) -> None:
    source = (ROOT / "bot" / "config.py").read_text("utf-8")
    names = set(re.findall(r'"((?:VIDI|DISCORD)_[A-Z_]+)"', source))
    text = (ROOT / document).read_text("utf-8")
    assert names
    assert not sorted(name for name in names if name not in text)


def test_every_provider_is_in_the_example_environment() -> None:
    provider_files = (ROOT / "bot" / "catalog" / "data").glob("*.toml")
    providers = [tomllib.loads(path.read_text("utf-8"))["provider"] for path in provider_files]
    names = {name for provider in providers for name in provider.get("api_key_env", [])}
    text = (ROOT / ".env.example").read_text("utf-8")
    assert names
    assert not sorted(name for name in names if f"{name}=" not in text)
