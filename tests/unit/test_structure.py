"""The rules of the tree: imports run one way, code knows no recipe, files stay short, versions agree."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from spectrolabe import VERSION

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "workflow" / "spectrolabe"
MODULES = sorted(LIBRARY.rglob("*.py"))
SCRIPTS = sorted((ROOT / "workflow" / "scripts").rglob("*.py"))
RULES = [ROOT / "Snakefile", *sorted((ROOT / "workflow").rglob("*.smk"))]
GENERATED = {".git", ".snakemake", ".venv", ".venv-synthesis", ".pytest_cache", ".ruff_cache", "results", "data"}
KNOWS = {
    "spectra": set(),
    "acquire": {"spectra"},
    "prepare": {"acquire", "spectra"},
    "train": {"spectra"},
    "predict": {"train", "spectra"},
    "validate": {"predict", "train", "spectra"},
}
NETWORKS = {"keras", "tensorflow"}
FIVE_PAPERS = re.compile("starnet|ambrosch|barreto|deep_?remap|gebran", re.IGNORECASE)
UNSAFE_MODULES = {"pickle", "dill", "shelve", "marshal"}
INDEX_ADDRESS = re.compile(
    r"pypi\.org|python[h]osted|://[^\s]*/[s]imple\b|^\s*-{1,2}(i|f|(extra-)?index-url|find-links)\b"
)
MACHINE_PATH = re.compile(r"(?<![\w.})])/(root|work)\b")


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def dotted(path: Path) -> str:
    """The name under which a library file is imported, ``spectrolabe.train.heads``."""
    parts = path.relative_to(LIBRARY.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(nodes) -> set[str]:
    """Every module that the nodes import, and every name that they take from one, dotted."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path, so that this test can follow them"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def imports(path: Path) -> set[str]:
    return imported_names(ast.walk(ast.parse(path.read_text())))


def imports_on_load(module: str) -> set[str]:
    """All that a library module brings in when it is imported, near or far."""
    files = {dotted(path): path for path in MODULES}
    found, waiting = set(), [module]
    while waiting:
        new = imported_names(ast.parse(files[waiting.pop()].read_text()).body) - found
        found |= new
        waiting += [name for name in new if name in files]
    return found


def project_files() -> list[Path]:
    found = (path for path in ROOT.rglob("*") if path.relative_to(ROOT).parts[0] not in GENERATED)
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / name).read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_imports_run_one_way(path):
    package = path.relative_to(LIBRARY).parts[0]
    packages_used = {name.split(".")[1] for name in imports(path) if name.startswith("spectrolabe.")} - {"VERSION"}
    if package in KNOWS:
        assert packages_used <= KNOWS[package] | {package}


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_library_knows_no_workflow_and_networks_stay_in_their_packages(path):
    used = {name.split(".")[0] for name in imports(path)}
    assert "snakemake" not in used
    if path.relative_to(LIBRARY).parts[0] not in {"train", "predict"}:
        assert not used & NETWORKS


def test_figures_load_without_networks():
    figures = [name for name in map(dotted, MODULES) if "validate" in name and "figures" in name]
    assert figures
    for name in figures:
        assert not {used.split(".")[0] for used in imports_on_load(name)} & NETWORKS, name


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS, *RULES], ids=relative)
def test_code_knows_no_recipe(path):
    assert not FIVE_PAPERS.findall(path.read_text())


@pytest.mark.parametrize("path", [*MODULES, *SCRIPTS], ids=relative)
def test_code_runs_no_text_and_loads_no_pickles(path):
    tree = ast.parse(path.read_text())
    assert not {name.split(".")[0] for name in imported_names(ast.walk(tree))} & UNSAFE_MODULES
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert not {call.func.id for call in calls if isinstance(call.func, ast.Name)} & {"eval", "exec"}
    assert "allow_pickle" not in {keyword.arg for call in calls for keyword in call.keywords}


def test_files_are_short():
    lines = {path: len(path.read_text().splitlines()) for path in [*MODULES, *SCRIPTS]}
    limits = {path: 40 if path in SCRIPTS else 250 for path in lines}
    assert {relative(path): count for path, count in lines.items() if count >= limits[path]} == {}


@pytest.mark.parametrize("path", RULES, ids=relative)
def test_rules_run_the_script_of_their_own_name(path):
    text = path.read_text()
    assert not re.search(r"^\s+run:", text, re.MULTILINE)
    for rule in re.split(r"^(?=rule |checkpoint )", text, flags=re.MULTILINE)[1:]:
        name = re.match(r"\w+ (\w+):", rule).group(1)
        for script in re.findall(r"script:\s*\"(.+?)\"", rule):
            step = path.stem.split("_")[0]
            assert script == f"../scripts/{step}/{name}.py"
            assert (path.parent / script).is_file()


def test_no_file_names_a_package_index_or_a_machine():
    found = []
    for path in project_files():
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{relative(path)}: {line}" for line in lines if INDEX_ADDRESS.search(line) or MACHINE_PATH.search(line)
        ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-synthesis.lock", "requirements-uv.lock"])
def test_every_locked_package_has_a_hash(name):
    packages = re.split(r"^(?=[\w.-]+==)", (ROOT / name).read_text(), flags=re.MULTILINE)[1:]
    assert packages
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


@pytest.mark.parametrize("path", sorted((ROOT / "envs").glob("*.yaml")), ids=relative)
def test_environments_have_the_locks_versions(path):
    versions = locked("requirements-synthesis.lock" if path.stem == "synthesis" else "requirements.lock")
    packages = []
    for entry in yaml.safe_load(path.read_text())["dependencies"]:
        packages += entry["pip"] if isinstance(entry, dict) else [entry]
    pinned = dict(re.split("=+", package) for package in packages if package != "pip")
    assert pinned.pop("python") == "3.11"
    # conda-forge keeps Matplotlib without Qt under another name.
    pinned = {name.removesuffix("-base"): version for name, version in pinned.items()}
    assert pinned == {name: versions[name] for name in pinned}


def test_the_version_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert project["version"] == VERSION == citation["version"]
