"""What pytest leaves out while the package has no trained pipelines."""

from pathlib import Path

collect_ignore_glob = []
if not any((Path(__file__).parent / "skecg" / "pretrained").glob("*.npz")):
    collect_ignore_glob = ["skecg/pretrained/*.py"]
