"""The rules of the tree: imports run one way, code knows no recipe, files stay short, versions agree."""

import ast
import functools
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from rule_files import ROOT, RULES, list_rules, locked_versions, read_pins

from spectrolabe import VERSION

LIBRARY = ROOT / "workflow" / "spectrolabe"
MODULES = sorted(LIBRARY.rglob("*.py"))
SCRIPTS = sorted((ROOT / "workflow" / "scripts").rglob("*.py"))
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
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
# What gives a text to a shell, runs it as Python, or builds whatever objects a file names.
UNSAFE_CALLS = {"eval", "exec", "system", "popen", "getoutput", "unsafe_load", "full_load", "read_pickle", "to_pickle"}
UNSAFE_CALLS |= {"enable_unsafe_deserialization"}
# Names under which packages are imported, where these are not their own.
PACKAGES = {
    "openTSNE": "opentsne",
    "PIL": "pillow",
    "pysme": "pysme-astro",
    "sklearn": "scikit-learn",
    "tensorflow": "tensorflow-cpu",
    "yaml": "pyyaml",
}
WITH_SNAKEMAKE = {"snakemake", "yaml", "jsonschema"}
# Modules that are loaded only where they are called, by what another environment than the caller's has.
LOADED_LATER = {"pysme"}
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


@functools.cache
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


def imports_anywhere(script: Path) -> set[str]:
    """All that a script and the library modules that it uses import, also within functions."""
    files = {dotted(path): path for path in MODULES}
    found, waiting = set(), [script]
    while waiting:
        new = imports(waiting.pop()) - found
        found |= new
        waiting += [files[name] for name in new if name in files]
    return found


def project_files() -> list[Path]:
    found = (path for path in ROOT.rglob("*") if path.relative_to(ROOT).parts[0] not in GENERATED)
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


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
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    loaders = {node.name for node in classes if "yaml.SafeLoader" in map(ast.unparse, node.bases)} | {"yaml.SafeLoader"}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called, options = ast.unparse(call.func), {option.arg: ast.unparse(option.value) for option in call.keywords}
        assert called.split(".")[-1] not in UNSAFE_CALLS
        assert "allow_pickle" not in options
        assert options.get("shell", "False") == "False"
        assert called != "yaml.load" or options.get("Loader") in loaders
        assert not called.endswith("load_model") or options.get("safe_mode") == "True"


def test_files_are_short():
    lines = {path: len(path.read_text().splitlines()) for path in [*MODULES, *SCRIPTS]}
    limits = {path: 60 if path in SCRIPTS else 250 for path in lines}
    assert {relative(path): count for path, count in lines.items() if count > limits[path]} == {}


@pytest.mark.parametrize("path", RULES, ids=relative)
def test_rules_run_the_script_of_their_own_name(path):
    text = path.read_text()
    # A shell would see texts of the user's.
    assert not re.search(r"^\s+(run|shell):|\b(eval|exec|system|popen)\(|pickle|shell=", text, re.MULTILINE)
    step = path.stem.split("_")[0]
    for rule in list_rules(path):
        if rule.script:
            assert rule.script == ROOT / "workflow" / "scripts" / step / f"{rule.name}.py"
            assert rule.script.is_file()


@pytest.mark.parametrize("path", RULES, ids=relative)
def test_the_plan_needs_nothing_but_snakemake(path):
    found = set(re.findall(r"^\s*(?:from|import) ([\w.]+)", path.read_text(), re.MULTILINE))
    # A module of a package brings the package's own file in.
    for module in ["spectrolabe", *(name for name in found if name.startswith("spectrolabe."))]:
        found |= imports_on_load(module)
    assert {name.split(".")[0] for name in found} <= sys.stdlib_module_names | {"spectrolabe"} | WITH_SNAKEMAKE


@pytest.mark.parametrize("path", RULES, ids=relative)
def test_rules_have_a_log_and_an_environment(path):
    for rule in list_rules(path):
        # Rules without a script only gather what others make.
        if rule.script:
            assert rule.environment, rule.name
            assert re.search(r"^    log:\n", rule.text, re.MULTILINE), rule.name


@pytest.mark.parametrize("path", RULES, ids=relative)
def test_environments_name_all_that_their_rules_import(path):
    for rule in list_rules(path):
        if rule.script:
            found = {name.split(".")[0] for name in imports_anywhere(rule.script)} - set(sys.stdlib_module_names)
            found -= {"spectrolabe"} | LOADED_LATER
            pinned = read_pins(ROOT / "envs" / f"{rule.environment}.yaml")
            assert {PACKAGES.get(name, name) for name in found} <= set(pinned), rule.name


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
    versions, pinned = locked_versions(path.stem), read_pins(path)
    assert pinned == {name: versions[name] for name in pinned}


def test_the_version_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert project["version"] == VERSION == citation["version"]
