"""``skecg models``: the trained models and their cards."""

import json

from skecg.pretrained import pretrained_card, pretrained_names


def run(args) -> int:
    """Print the list or a card and return the exit status."""
    if args.name is not None:
        print(json.dumps(pretrained_card(args.name), indent=2, ensure_ascii=False))
        return 0
    for name in pretrained_names():
        print(f"{name:17}  {pretrained_card(name)['summary']}")
    return 0
