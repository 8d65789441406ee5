"""``skecg serve``: the HTTP service with its page."""


def run(args) -> int:
    """Serve until the process is told to end, and return the exit status."""
    from skecg.serve import run_service

    run_service(
        args.model,
        host=args.host,
        port=args.port,
        token_file=args.token_file,
        n_workers=args.workers,
        pickles=True,
    )
    return 0
