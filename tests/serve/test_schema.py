"""The service against its own description: requests drawn from the OpenAPI document."""

import warnings

import pytest

hypothesis = pytest.importorskip("hypothesis")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of what it imports
    schemathesis = pytest.importorskip(
        "schemathesis", reason="only `skecg[dev]` has it"
    )
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.mark.filterwarnings("ignore")
def test_every_answer_is_one_that_the_document_describes(client):
    """Valid and invalid requests of every operation; none fails inside."""
    schema = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    schema.app = client.app
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
    for result in schema.get_all_operations():
        operation = result.ok()

        @hypothesis.settings(max_examples=5, database=None, derandomize=True)
        @hypothesis.given(
            hypothesis.strategies.one_of(
                *(operation.as_strategy(generation_mode=mode) for mode in modes)
            )
        )
        def asked(case):
            response = case.call(headers={"host": "localhost"})
            case.validate_response(response, checks=CHECKS)

        asked()
