"""Print how code reads in numbers: python tools/measure_style.py [DIR ...].

DIR holds one package and may hold its tests beside it; without DIR, this repository is
measured. Give several folders to compare packages, for example an installed one.
"""

import ast
import io
import sys
import tokenize
from pathlib import Path
from statistics import median, quantiles

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
ROOT = Path(__file__).resolve().parents[1]


def measure(package, tests):
    """Return {name of a row: value} of the files of a package and of its tests."""
    files = {path: path.read_text(encoding="utf-8") for path in python_files(package)}
    trees = {path: ast.parse(text) for path, text in files.items()}
    n_lines = sum(text.count("\n") for text in files.values())
    n_docstring = sum(docstring_lines(tree) for tree in trees.values())
    n_comments = sum(comment_lines(text) for text in files.values())
    # Of module size, the façades say nothing.
    sizes = [t.count("\n") for p, t in files.items() if p.name != "__init__.py"]
    functions = [f for tree in trees.values() for f in walk(tree, DEFINITIONS)]
    lengths = sorted(code_lines(function) for function in functions)
    tested = sum(p.read_text(encoding="utf-8").count("\n") for p in tests)
    code = n_lines - n_docstring
    return {
        "lines": f"{n_lines}",
        "median module, lines": f"{median(sizes):.0f}",
        "docstrings": f"{n_docstring / n_lines:.0%}",
        "comments on their own line": f"{n_comments / n_lines:.1%}",
        "test lines per code line": f"{tested / code:.2f}" if tested else "",
        "function, median / 95th percentile": (
            f"{median(lengths):.0f} / {quantiles(lengths, n=20)[-1]:.0f}"
        ),
        "inheritance, deepest": f"{deepest(trees.values())}",
        "most parameters of one signature": f"{max(map(n_parameters, functions))}",
    }


def python_files(folder):
    """Return the Python files of a folder that are no tests."""
    return [p for p in sorted(folder.rglob("*.py")) if "tests" not in p.parts]


def walk(tree, kinds):
    """Return the nodes of some kinds in a tree."""
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def docstring_of(node):
    """Return the node of a docstring, None where there is none."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return first if isinstance(first.value.value, str) else None
    return None


def docstring_lines(tree):
    """Return how many lines of a file are in docstrings."""
    nodes = map(docstring_of, walk(tree, (ast.Module, ast.ClassDef, *DEFINITIONS)))
    return sum(node.end_lineno - node.lineno + 1 for node in nodes if node is not None)


def comment_lines(text):
    """Return how many lines of a file are comments and nothing else."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return sum(
        token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
        for token in tokens
    )


def code_lines(function):
    """Return the lines of a function without its docstring."""
    docstring = docstring_of(function)
    whole = function.end_lineno - function.lineno + 1
    inside = 0 if docstring is None else docstring.end_lineno - docstring.lineno + 1
    return whole - inside


def n_parameters(function):
    """Return how many parameters a function has, `self` included."""
    a = function.args
    return len(a.posonlyargs + a.args + a.kwonlyargs) + bool(a.vararg) + bool(a.kwarg)


def deepest(trees):
    """Return the length of the longest chain of classes of the package itself."""
    bases = {
        node.name: [
            getattr(base, "id", getattr(base, "attr", "")) for base in node.bases
        ]
        for tree in trees
        for node in walk(tree, ast.ClassDef)
    }

    def depth(name, seen=()):
        if name not in bases or name in seen:
            return 0
        return 1 + max((depth(b, (*seen, name)) for b in bases[name]), default=0)

    return max(map(depth, bases), default=0)


def main(folders):
    """Print one column a folder."""
    columns = {}
    for folder in folders:
        package = folder / "skecg" if (folder / "skecg").is_dir() else folder
        inside = [p for p in folder.rglob("*.py") if "tests" in p.parts]
        outside = folder / "tests"
        tests = sorted(outside.rglob("*.py")) if outside.is_dir() else inside
        columns[folder.name] = measure(package, tests)
    rows = next(iter(columns.values()))
    print("| | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for row in rows:
        values = (column[row] for column in columns.values())
        print(f"| {row} | " + " | ".join(values) + " |")


if __name__ == "__main__":
    main([Path(name).resolve() for name in sys.argv[1:]] or [ROOT])
