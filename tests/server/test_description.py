"""The server's description says what it does: schemathesis holds the two together, and so do known requests."""

import inspect
import json
import re
import warnings

import jsonschema_rs
import pytest
from starlette.routing import Route
from tests.server.conftest import HOST, TINY, TestClient
from tests.server.test_bad_requests import BAD

import aevum.server.app as server
from aevum import CVAE, VAE, open_data
from aevum.server import Run
from aevum.server.app import ENDPOINTS, ROUTES, create_app
from aevum.server.declared import Nothing
from aevum.server.exchange import Exchange
from aevum.server.openapi import ADDRESSES, REFUSALS, typed
from aevum.server.operations import OPERATIONS
from aevum.server.worker import Worker

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import events, from_schema

# What JSON Schema can't say, as the server does: class weights sum to 1, rows of y are 1 or as many as of z, …
BEYOND = "is no value of|have to differ|sum to 1|expected .3, 10. or|opposite|without the attribute|too many for JSON"


@pytest.fixture(scope="module")
def description(client):
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    return answer.json()


def test_every_route_and_every_operation_is_described(description, runs):
    assert {route.path for route in ROUTES if isinstance(route, Route)} == {each.path for each in ADDRESSES}
    assert {*ENDPOINTS} == {each.name for each in ADDRESSES}
    handlers = {name for name, each in vars(server).items() if inspect.iscoroutinefunction(each) and "_" not in name}
    assert handlers - {*ENDPOINTS} == {"conversation", "refused", "ended"}
    paths = description["paths"]
    assert {"/api/runs", "/api/openapi.json", "/api/runs/cvae", "/api/runs/cvae/upload"} <= {*paths}
    assert {f"/api/runs/{run}/{name}" for run in ("ae", "vae", "table") for name in OPERATIONS} <= {*paths}
    # What a run can't be asked is not described: it has no rows, no pictures, one latent.
    assert "/api/runs/first/rows" not in paths and "/api/runs/table/upload" not in paths
    assert "/api/runs/iwae/manifold" not in paths and "/api/runs/table/interval" in paths
    ids = [asked["operationId"] for item in paths.values() for asked in item.values()]
    assert len(ids) == len({*ids})
    for item in paths.values():
        for asked in item.values():
            assert asked["summary"] and "200" in asked["responses"] and {"401", "403", "500"} <= {*asked["responses"]}
    assert {*description["components"]["responses"]} == {str(status) for status in REFUSALS}


def body_of(description, run, operation):
    asked = description["paths"].get(f"/api/runs/{run}/{operation}")
    return None if asked is None else asked["post"]["requestBody"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize("case", BAD, ids=[f"{run}-{op}-{i}" for i, (run, op, _, _) in enumerate(BAD)])
def test_what_is_refused_is_not_as_described(case, description, over_json):
    run, operation, given, _ = case
    schema = body_of(description, run, operation)
    if schema is not None:
        refused = over_json(run, operation, **given)
        good = jsonschema_rs.is_valid(schema, given)
        assert not good or re.search(BEYOND, refused), refused


GOOD = [
    ("ae", "decode", {"z": [[1, 2.0]], "y": None}),
    ("ae", "decode", {"z": [[10**30 // 10**29, 1e3]]}),
    ("cvae", "decode", {"z": [[0, 0]] * 2, "y": [[0.1] * 10]}),
    ("ae", "rows", {"indices": [0.0, 119]}),
    ("ae", "codes", {}),
    ("ae", "codes", {"start": 3.0, "stop": 5}),
    ("vae", "attribute", {"label": "a", "with": None}),
    ("ae", "attribute", {"with": [1, 2], "without": [3]}),
    ("vae", "trait", {"column": "label", "value": "a", "with": None}),
    ("ae", "trait", {"with": [1, 2], "without": [3]}),
    ("vae", "column", {"column": "label"}),
    ("ae", "find", {"text": "x", "k": 3}),
    ("ae", "manifold", {"n": 2.0, "dims": [1.0, 0], "at": None}),
    ("ae", "path", {"a": [0, 0], "b": [1, 1], "n": 3, "path": None}),
    ("numbers", "law", {"y": [[-1, 2.5]]}),
    ("table", "interval", {"z": [[0, 0]], "level": 0.5}),
    ("ae", "inside", {"x": [[[0] * 8] * 8], "epsilon": None}),
    ("vae", "inside", {"x": [[[0] * 8] * 8], "epsilon": [[0, 1.5, -1]] * 3}),
    ("cvae", "inside", {"x": [[[0] * 8] * 8], "y": [[1] + [0] * 9]}),
    ("table", "inside", {"x": [[5.1, 3.5, 1.4, 0.2]], "epsilon": [[0.5, 0]]}),
    ("ae", "settle", {"x": [[[0] * 8] * 8], "steps": 2}),
]


@pytest.mark.parametrize("case", GOOD, ids=[f"{run}-{op}-{i}" for i, (run, op, _) in enumerate(GOOD)])
def test_what_is_as_described_is_answered_as_described(case, description, client):
    run, operation, given = case
    assert jsonschema_rs.is_valid(body_of(description, run, operation), given)
    answer = client.post(f"/api/runs/{run}/{operation}", content=json.dumps(given))
    assert answer.status_code == 200, answer.text
    told = description["paths"][f"/api/runs/{run}/{operation}"]["post"]["responses"]["200"]
    jsonschema_rs.validate(told["content"]["application/json"]["schema"], answer.json())


def test_every_run_is_as_described(description, client):
    """What a run says of itself, and all that can be asked without arguments."""
    jsonschema_rs.validate(
        description["paths"]["/api/runs"]["get"]["responses"]["200"]["content"]["application/json"]["schema"],
        client.get("/api/runs").json(),
    )
    asked = 0
    for path, item in description["paths"].items():
        body = item.get("post", {}).get("requestBody", {"required": True})
        if not body["required"]:
            answer = client.post(path)
            told = item["post"]["responses"]["200"]["content"]["application/json"]["schema"]
            assert answer.status_code == 200, answer.text
            jsonschema_rs.validate(told, answer.json())
            asked += 1
    assert asked > 50


@pytest.mark.parametrize("name", ["live", "runs", "api"])
def test_checkpoints_are_asked_as_their_run(runs, access, name):
    x = open_data("digits").x[:40]
    model = runs["ae"].estimator
    run = Run(name, name, model, x, checkpoints=[Run(f"{name}@1", name, model, x, epoch=1)])
    worker = Worker()
    headers = {"authorization": f"Bearer {access.token}"}
    with TestClient(create_app(Exchange([run]), access, worker), base_url=f"http://{HOST}", headers=headers) as client:
        paths = client.get("/api/openapi.json").json()["paths"]
        assert paths[f"/api/runs/{name}@1/decode"] == {"$ref": f"#/paths/~1api~1runs~1{name}~1decode"}
        assert paths[f"/api/runs/{name}@1"] == {"$ref": f"#/paths/~1api~1runs~1{name}"}
        assert client.post(f"/api/runs/{name}@1/decode", json={"z": [[0, 0]]}).status_code == 200
        assert client.get(f"/api/runs/{name}@1").status_code == 200
    worker.close()


def test_it_needs_the_token(stranger):
    answer = stranger.get("/api/openapi.json")
    assert answer.status_code == 401 and "token" in answer.json()["error"] and "paths" not in answer.text


def test_types_that_json_can_hold():
    assert typed(Nothing) == {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    assert typed(dict[str, float]) == {"type": "object", "additionalProperties": {"type": ["number", "null"]}}


# -------------------------------------------------------------------- whatever is asked


@pytest.fixture(scope="module")
def small(access):
    """The server of two runs whose examples are small, so that schemathesis makes many requests in seconds."""
    digits, iris = open_data("digits"), open_data("iris")
    x, y = digits.x[:60, ::3, ::3], digits.y[:60] % 3
    images = CVAE(2, likelihood="gaussian", **TINY).fit(x, y)
    table = VAE(2, likelihood="gaussian:emitted", **TINY).fit(iris)
    worker = Worker()
    runs = [Run("images", "runs/images", images, x, y), Run("table", "runs/table", table, iris)]
    yield create_app(Exchange(runs), access, worker)
    worker.close()


# Operations whose requests take all kinds of parts: rows, codes, words, labels, a picture, and nothing.
SOME = r"/(images/(decode|neighbours|upload)|table/(encode|trait|column|interval)|runs)$"


@pytest.mark.parametrize("examples", [1, pytest.param(10, marks=pytest.mark.slow)])
def test_schemathesis_finds_nothing(small, access, examples):
    """Examples, bounds and random requests of every operation, right and wrong ones, all of its checks.

    A request as described may be refused where the description can't say all: of class weights, of pictures' bytes, and
    which words a trait's column has.
    """
    token = {"Authorization": f"Bearer {access.token}"}
    with TestClient(small, base_url=f"http://{HOST}", headers=token) as client:
        description = client.get("/api/openapi.json").json()
    config = SchemathesisConfig.from_dict(
        {
            "seed": 0,
            "base-url": "http://127.0.0.1:8000",
            "headers": token,
            "generation": {"max-examples": examples, "deterministic": True, "mode": "all"},
            "phases": {"stateful": {"enabled": False}},
        }
    )
    schema = schemathesis.openapi.from_dict(description, config=config)
    schema = schema.include(path_regex=SOME) if examples == 1 else schema
    schema.app = small
    checked, failures, asked = set(), [], set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for event in from_schema(schema).execute():
            assert not isinstance(event, (events.NonFatalError, events.FatalError)), event
            if isinstance(event, events.ScenarioFinished):
                asked.add(event.recorder.label)
                for check in (each for case in event.recorder.checks.values() for each in case):
                    checked.add(check.name)
                    beyond = "/images/" in event.recorder.label or event.recorder.label.endswith("/trait")
                    excused = check.name == "positive_data_acceptance" and beyond
                    if check.failure_info is not None and not excused:
                        failures.append(f"{event.recorder.label}: {check.failure_info.failure}")
    assert not failures, "\n".join(failures[:10])
    wanted = [path for path in description["paths"] if examples > 1 or re.search(SOME, path)]
    assert len(asked) == sum(len(description["paths"][path]) for path in wanted) >= 8
    assert {
        "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
        "negative_data_rejection", "positive_data_acceptance", "unsupported_method", "ignored_auth",
    } <= checked  # fmt: skip
