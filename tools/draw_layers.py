"""Draw the subpackages of skecg and their imports: python tools/draw_layers.py OUT.svg.

A subpackage stands above all that it imports. An arrow that follows from others is left
out.
"""

import ast
import sys
from pathlib import Path

import numpy as np

PACKAGE = Path(__file__).resolve().parents[1] / "skecg"
WIDTH, HEIGHT = 2.15, 0.62
STEP = 1.225


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
    """Return {subpackage: (x, y)}: few arrows behind other boxes, and short ones."""
    names = sorted(level)
    y = np.array([level[name] for name in names])
    edges = np.array([[names.index(name) for name in pair] for pair in pairs])
    tries = [_arrange(y, edges, np.random.default_rng(seed)) for seed in range(8)]
    _, x = min(tries, key=lambda found: found[0])
    return {name: (x[k], 1.35 * y[k]) for k, name in enumerate(names)}


def _arrange(y, edges, rng):
    """Move and exchange boxes at random; return the cost and x of the best layout."""
    x = np.zeros(len(y))
    for row in range(y.max() + 1):
        x[y == row] = STEP * np.arange(-np.sum(y == row), np.sum(y == row), 2)
    least = _cost(x, y, edges)
    for _ in range(4000):
        moved = x.copy()
        k = rng.integers(len(x))
        if rng.random() < 0.5:
            moved[k] += STEP * rng.integers(-3, 4)
        else:
            other = rng.choice(np.flatnonzero(y == y[k]))
            moved[[k, other]] = moved[[other, k]]
        cost = _cost(moved, y, edges)
        if cost <= least:
            x, least = moved, cost
    return least, x


def _cost(x, y, edges):
    """Return how bad a layout is: overlaps, arrows behind boxes, lengths, width."""
    beside = (y[:, None] == y) & (np.abs(x[:, None] - x) < 2 * STEP)
    upper, lower = edges.T
    between = (y[:, None] < y[upper]) & (y[:, None] > y[lower])
    share = (y[upper] - y[:, None]) / (y[upper] - y[lower])
    distance = np.abs(x[upper] + share * (x[lower] - x[upper]) - x[:, None])
    hidden = between & (distance < 0.8 * WIDTH)
    length = np.abs(x[upper] - x[lower]).sum()
    return 100 * (beside.sum() - len(x)) + 30 * hidden.sum() + length + np.abs(x).sum()


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
        start, end = (x0, y0 - HEIGHT / 2), (x1, y1 + HEIGHT / 2)
        arrow = {"arrowstyle": "-|>", "color": "0.45", "lw": 1.1}
        axes.annotate("", end, start, arrowprops=arrow)
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
        axes.text(x, y, name, ha="center", va="center", size=9, zorder=4)
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
