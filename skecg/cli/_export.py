"""``skecg export``: a trained model as ONNX."""

import json
from pathlib import Path


def run(args) -> int:
    """Write the model and return the exit status."""
    from skecg.export import to_onnx
    from skecg.pretrained import load_pretrained, pretrained_card, pretrained_names

    if args.model in pretrained_names():
        pipeline, card = load_pretrained(args.model), pretrained_card(args.model)
    elif Path(args.model).suffix in (".onnx", ".zip"):
        raise ValueError(f"{args.model} is exported already; copy the file.")
    else:
        from skecg.serve import open_model

        pipeline = open_model(args.model, pickles=True).estimator
        beside = Path(args.model).with_suffix(".json")
        card = (
            json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else None
        )
    path = to_onnx(pipeline, args.out, card=card)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0
