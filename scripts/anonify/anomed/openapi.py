"""Descriptions of our servers (OpenAPI 3.1), which they answer at ``/openapi.json``."""

from typing import Any

import anonify

Description = dict[str, Any]

_BINARY = "application/octet-stream"

_ERRORS = {
    400: "The request is wrong.",
    413: "The body is larger than what is taken, as it is sent or expanded.",
    422: "The data of the challenge do not fit the anonymizer.",
    424: "The challenge refused what was handed in.",
    429: "There were as many fits in the last minute as are allowed.",
    503: "Not fitted, being fitted, too many messages at a time, the challenge can't be reached, "
    "or the folder not written.",
}

_SPLIT = {
    "name": "data_split",
    "in": "query",
    "required": True,
    "description": "Which data of the challenge.",
    "schema": {"type": "string", "enum": ["tuning", "validation"]},
}
_BATCH_SIZE = {
    "name": "batch_size",
    "in": "query",
    "description": "Records that are predicted at a time, where that is less than the default.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
}


def describe_supervised() -> Description:
    """Describe the server of an anonymizer for supervised learning."""
    fit = _post("Fit to the challenge's training data.", _say("It is fitted."), [422, 429, 503])
    evaluate = _post(
        "Predict data of the challenge and have them scored.", _score(), [400, 422, 424, 503]
    )
    predict = _post(
        "Predict records.",
        _give("An .npz file with the array `prediction`."),
        [400, 413, 503],
    )
    predict["requestBody"] = {
        "required": True,
        "description": "An .npz file with the array `X`: a row of finite numbers for each record.",
        "content": {_BINARY: {"schema": {"type": "string", "format": "binary"}}},
    }
    return _describe_interface(
        "Anonymizer for supervised learning",
        {
            "/fit": {"post": fit},
            "/evaluate": {"post": {**evaluate, "parameters": [_SPLIT]}},
            "/predict": {"post": {**predict, "parameters": [_BATCH_SIZE]}},
        },
    )


def describe_tabular() -> Description:
    """Describe the server of an anonymizer for tables."""
    fit = _post("Anonymize the table.", _say("The table is anonymized."), [422, 429, 503])
    scheme = {
        "type": "object",
        "required": ["scheme"],
        "properties": {"scheme": {"enum": ["same", "generalization", "microaggregation"]}},
    }
    return _describe_interface(
        "Anonymizer for tables",
        {
            "/fit": {"post": fit},
            "/evaluate": {"post": _post("Have the table scored.", _score(), [422, 424, 503])},
            "/anon_data": {"get": _get("The table.", _give("A Parquet file."), [503])},
            "/anon_data_scheme": {
                "get": _get("The scheme that the table follows.", _answer("It.", scheme), [503])
            },
        },
    )


def _describe_interface(title: str, paths: Description) -> Description:
    error = {
        "type": "object",
        "required": ["title", "description"],
        "properties": {"title": {"type": "string"}, "description": {"type": "string"}},
    }
    alive = _get("Whether the server is alive.", _say("It is."), [])
    own = _get("This description.", _answer("It.", {"type": "object"}), [])
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": anonify.__version__},
        "paths": {"/": {"get": alive}, **paths, "/openapi.json": {"get": own}},
        "components": {"schemas": {"Error": error}},
    }


def _post(summary: str, success: Description, errors: list[int]) -> Description:
    return {"summary": summary, "responses": {"201": success, **_list_errors(errors)}}


def _get(summary: str, success: Description, errors: list[int]) -> Description:
    return {"summary": summary, "responses": {"200": success, **_list_errors(errors)}}


def _list_errors(codes: list[int]) -> Description:
    schema = {"$ref": "#/components/schemas/Error"}
    return {str(code): _answer(_ERRORS[code], schema) for code in codes}


def _answer(description: str, schema: Description) -> Description:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _say(description: str) -> Description:
    message = {"type": "string"}
    return _answer(
        description,
        {"type": "object", "required": ["message"], "properties": {"message": message}},
    )


def _score() -> Description:
    return _answer(
        "What the challenge answered.",
        {
            "type": "object",
            "required": ["message", "evaluation"],
            "properties": {"message": {"type": "string"}, "evaluation": {}},
        },
    )


def _give(description: str) -> Description:
    return {
        "description": description,
        "content": {_BINARY: {"schema": {"type": "string", "format": "binary"}}},
    }
