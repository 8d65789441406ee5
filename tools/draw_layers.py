"""Draw the subpackages of skecg and their imports: python tools/draw_layers.py OUT.svg.

A subpackage stands above all that it imports. An arrow that follows from others is left
out.
"""

import ast
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "skecg"
WIDTH, HEIGHT = 2.15, 0.62


def imports_of_subpackages(package=PACKAGE):
    """Return {subpackage: set of the others that its files import}."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).parts
        if len(parts) > 1:
            names = set(_imported(ast.parse(path.read_text(encoding="utf-8"))))
            found.setdefault(parts[0], set()).update(names - {parts[0]})
    return {name: others & found.keys() for name, others in found.items()}


def _imported(tree):
    """Yield the subpackages of skecg that a file imports, at any level."""
    for node in ast.walk(tree):
        modules = []
        if isinstance(node, ast.ImportFrom) and node.module:
            modules = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            if module.startswith("skecg."):
                yield module.split(".")[1]


def layers(imports):
    """Return {subpackage: layer}, 0 for those that import no other."""
    level = {}

    def of(name):
        if name not in level:
            level[name] = 1 + max(map(of, imports[name]), default=-1)
        return level[name]

    for name in imports:
        of(name)
    return level


def direct(imports):
    """Return the pairs (upper, lower) that do not follow from other pairs."""

    def reachable(name):
        below = set(imports[name])
        for other in imports[name]:
            below |= reachable(other)
        return below

    return [
        (upper, lower)
        for upper, others in imports.items()
        for lower in sorted(others)
        if not any(lower in reachable(other) for other in others - {lower})
    ]


def positions(level, pairs):
    """Return {subpackage: (x, y)}, each near the middle of what it imports."""
    rows = {}
    for name in sorted(level):
        rows.setdefault(level[name], []).append(name)
    at = {}
    for y, names in sorted(rows.items()):
        below = {n: [at[b][0] for a, b in pairs if a == n] for n in names}
        names.sort(key=lambda n: sum(below[n]) / max(1, len(below[n])))
        for k, name in enumerate(names):
            at[name] = (2.45 * (k - (len(names) - 1) / 2), 1.25 * y)
    return at


def draw(out):
    """Write the picture."""
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "skecg"  # the same file each time
    imports = imports_of_subpackages()
    level, pairs = layers(imports), direct(imports)
    at = positions(level, pairs)
    figure, axes = plt.subplots(figsize=(9, 1.05 * (max(level.values()) + 1.2)))
    for upper, lower in pairs:
        (x0, y0), (x1, y1) = at[upper], at[lower]
        axes.annotate(
            "",
            xy=(x1, y1 + HEIGHT / 2),
            xytext=(x0, y0 - HEIGHT / 2),
            arrowprops={"arrowstyle": "-|>", "color": "0.45", "lw": 1.1},
        )
    for name, (x, y) in at.items():
        box = plt.Rectangle(
            (x - WIDTH / 2, y - HEIGHT / 2),
            WIDTH,
            HEIGHT,
            fc="#e8f1fa",
            ec="#2b5d8a",
            zorder=3,
        )
        axes.add_patch(box)
        axes.text(x, y, name, ha="center", va="center", size=10, zorder=4)
    xs, ys = zip(*at.values(), strict=True)
    axes.set(
        xlim=(min(xs) - 1.2, max(xs) + 1.2),
        ylim=(min(ys) - 0.6, max(ys) + 0.6),
        aspect="equal",
    )
    axes.axis("off")
    figure.savefig(out, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    draw(sys.argv[1])
