"""Who may ask: nobody without the token, nobody in another name, and no other site's page."""

import re

import pytest
from starlette.websockets import WebSocketDisconnect

from aevum.server.access import Access, reachable
from aevum.server.safety import Safety

HOST = "127.0.0.1:8000"
HOME = f"http://{HOST}"
API = [
    ("GET", "/api/runs"),
    ("GET", "/api/runs/ae"),
    ("POST", "/api/runs/ae/about"),
    ("POST", "/api/runs/ae/decode"),
    ("POST", "/api/runs/ae/upload"),
    ("GET", "/api"),
    ("GET", "/api/"),
    ("GET", "/api/nothing"),
    ("OPTIONS", "/api/runs"),
    ("PUT", "/api/runs/ae/decode"),
    ("HEAD", "/api/runs"),
    ("GET", "/api/ws"),
    ("POST", "/"),
    ("DELETE", "/app.js"),
]


@pytest.mark.parametrize(("method", "path"), API)
def test_nothing_is_answered_without_the_token(stranger, method, path):
    for headers in ({}, {"origin": HOME}, {"cookie": "aevum-8000="}, {"authorization": "Bearer "}):
        response = stranger.request(method, path, headers=headers)
        assert response.status_code == 401, headers
        assert "ae" not in response.text.replace("aevum", "") and response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic {token}"},
        {"authorization": "{token}"},
        {"cookie": "aevum-8000=wrong"},
        {"cookie": "aevum-8001={token}"},
        {"cookie": "aevum={token}"},
        {"cookie": "aevum-8000={token}", "authorization": "Bearer wrong"},
        {"cookie": "aevum-8000=é"},
    ],
)
def test_a_wrong_token_opens_nothing(stranger, access, headers):
    headers = {name: value.format(token=access.token).encode() for name, value in headers.items()}
    assert stranger.get("/api/runs", headers=headers).status_code == 401
    assert stranger.get(f"/api/runs?token={access.token}").status_code == 401


def test_the_token_opens(stranger, access):
    cookie = {"cookie": f'other={{"a":1}}; aevum-8000={access.token}; more=2'}
    bearer = {"authorization": f"Bearer {access.token}"}
    for headers in (cookie, bearer):
        assert stranger.get("/api/runs", headers=headers).status_code == 200
    body = {"z": [[0.0, 0.0]]}
    assert stranger.post("/api/runs/ae/decode", json=body, headers={**cookie, "origin": HOME}).status_code == 200
    assert stranger.post("/api/runs/ae/decode", json=body, headers=bearer).status_code == 200
    response = stranger.post("/api/runs/ae/decode", json=body, headers=cookie)
    assert response.status_code == 403 and "Origin" in response.json()["error"]


# -------------------------------------------------------------------- the entrance


def test_the_address_with_the_token_gives_the_cookie_and_leads_on(stranger, access):
    response = stranger.get(f"/?token={access.token}&run=ae&z=1,2")
    assert response.status_code == 303 and response.headers["location"] == "/?run=ae&z=1%2C2"
    cookie = response.headers["set-cookie"]
    assert cookie == f"aevum-8000={access.token}; HttpOnly; SameSite=Strict; Path=/"
    assert response.headers["cache-control"] == "no-store"
    stranger.cookies.clear()


@pytest.mark.parametrize("query", ["token=wrong", "token=", "token={token}&token=x", "token={token}x"])
def test_an_address_with_another_token(stranger, access, query):
    response = stranger.get("/?" + query.format(token=access.token))
    assert response.status_code == 403 and "set-cookie" not in response.headers
    assert access.token not in response.text


def test_a_code_opens_once(stranger, access):
    code = access.code()
    assert stranger.head(f"/?token={code}").status_code == 200  # whoever only looks does not use it up
    assert stranger.get(f"/?token={code}").status_code == 303
    assert stranger.get(f"/?token={code}").status_code == 403
    assert stranger.get("/api/runs", headers={"authorization": f"Bearer {code}"}).status_code == 401
    stranger.cookies.clear()


def test_the_page_itself_is_no_secret(stranger, access):
    response = stranger.get("/")
    assert response.status_code == 200 and access.token not in response.text


# -------------------------------------------------------------------- names and origins


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1", "127.0.0.1:8001", "127.0.0.1.evil.example:8000", "",
     "localhost.:8000", "127.0.0.1:8000@evil.example", "[::1", "127.0.0.1:8000 ", "10.0.0.5:8000", "127.1:8000",
     "0x7f000001:8000", "127.0.0.1:080000"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/app.js", "/api/runs"])
def test_another_name_is_refused(client, host, path):
    response = client.get(path, headers={"host": host})
    assert response.status_code == 403 and response.text
    assert "evil" not in response.headers["content-security-policy"]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"])
def test_its_own_names_are_known(client, host):
    assert client.get("/api/runs/ae", headers={"host": host}).status_code == 200
    assert client.get("/api/runs/ae", headers={"host": host, "origin": f"http://{host.lower()}"}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "http://127.0.0.1:8001", "http://127.0.0.1", "https://127.0.0.1:8000",
     "http://localhost:8000", f"{HOME}/", f"{HOME}.evil.example", "http://evil.example@127.0.0.1:8000", ""],
)  # fmt: skip
def test_another_origin_is_refused(client, origin):
    for method, path in (("GET", "/"), ("GET", "/api/runs"), ("POST", "/api/runs/ae/about")):
        response = client.request(method, path, headers={"origin": origin})
        assert response.status_code == 403 and "another site" in response.text


@pytest.mark.parametrize(
    ("site", "status"), [("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403)]
)
def test_what_a_browser_says_of_another_site_is_heeded(client, site, status):
    """A page on another port of this machine: browsers send it the cookie, and it needs no Origin to read."""
    assert client.get("/api/runs/ae", headers={"sec-fetch-site": site}).status_code == status


def test_two_hosts_or_origins_are_refused(client):
    for name, value in (("host", HOST), ("origin", HOME)):
        request = client.build_request("GET", "/", headers=[(name, value), (name, "http://evil.example")])
        assert client.send(request).status_code == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5"])
def test_a_server_for_others_is_known_by_numbers_and_its_own_name(host, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "Laptop")
    access = Access(host, 8000)
    assert not access.loopback and access.knows("192.168.1.5:8000") and access.knows("laptop:8000")
    assert access.knows("localhost:8000") and not access.knows("evil.example:8000") and not access.knows("192.168.1.5")
    assert re.fullmatch(r"http://[0-9.]+:8000/\?token=[\w-]{43}", access.url()) and "0.0.0.0" not in access.url()


def test_addresses_of_this_machine():
    assert Access("::1", 80).url().startswith("http://[::1]:80/") and Access("::1", 80).knows("[::1]")
    assert reachable("somewhere") == "somewhere" and reachable("0.0.0.0") != "0.0.0.0"


# -------------------------------------------------------------------- WebSockets


def refused(client, headers, path="/api/ws", **more):
    address = f"ws://{HOST}{path}"
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(address, headers=dict(headers), **more):
        pass
    return True


def test_a_socket_needs_its_origin_and_the_token(stranger, access):
    bearer, cookie = {"authorization": f"Bearer {access.token}"}, {"cookie": f"aevum-8000={access.token}"}
    home = {"origin": HOME}
    assert refused(stranger, {}) and refused(stranger, home)
    for known in (bearer, cookie):
        assert refused(stranger, known) and refused(stranger, {**known, "origin": "http://evil.example"})
        assert refused(stranger, {**known, "origin": "null"})
        assert refused(stranger, {**known, **home, "host": "evil.example:8000"})
        with stranger.websocket_connect(f"ws://{HOST}/api/ws", headers={**known, **home}) as socket:
            assert socket.accepted_subprotocol is None
    assert refused(stranger, home, subprotocols=["aevum", "bearer.wrong"])
    assert refused(stranger, home, subprotocols=["aevum", access.token])
    with stranger.websocket_connect(
        f"ws://{HOST}/api/ws", headers=home, subprotocols=["aevum", f"bearer.{access.token}"]
    ) as socket:
        assert socket.accepted_subprotocol == "aevum"
    assert refused(stranger, {**bearer, **home}, "/api/other") and refused(stranger, {**bearer, **home}, "/")


# -------------------------------------------------------------------- what every answer says


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 200), ("GET", "/app.js", 200), ("GET", "/missing.js", 404), ("GET", "/api/runs", 200),
     ("GET", "/api/runs/nobody", 404), ("GET", "/api/nothing", 404), ("POST", "/api/runs/ae/decode", 400),
     ("GET", "/api/runs/ae/decode", 405), ("POST", "/", 405), ("OPTIONS", "/api/runs", 405), ("GET", "/?token=x", 403)],
)  # fmt: skip
def test_headers(client, method, path, status):
    response = client.request(method, path, headers={"origin": HOME, "access-control-request-method": "POST"})
    assert response.status_code == status
    check_headers(response)
    if path.startswith("/api"):
        assert response.headers["content-type"] == "application/json"
        assert (status >= 400) == ("error" in response.json())


def check_headers(response):
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; ") and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy and "*" not in policy and "img-src 'self' blob: data:" in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer" and response.headers["x-frame-options"] == "DENY"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in response.headers if name.startswith("access-control")]
    assert response.headers["cache-control"] in ("no-store", "no-cache")


def test_headers_of_refusals(stranger):
    check_headers(stranger.get("/api/runs"))
    check_headers(stranger.get("/", headers={"host": "evil.example"}))
    check_headers(stranger.get("/?token=wrong"))


async def test_app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


test_app.__test__ = False


def test_a_notebook_may_frame_the_page(stranger):
    client = type(stranger)(Safety(test_app, Access("127.0.0.1", 8000, framed=True)), base_url=HOME)
    response = client.get("/")
    assert "x-frame-options" not in response.headers
    assert "frame-ancestors http://localhost:*" in response.headers["content-security-policy"]


# -------------------------------------------------------------------- files and bodies


@pytest.mark.parametrize(
    "path",
    ["/../conftest.py", "/%2e%2e/conftest.py", "/..%2f..%2fetc/passwd", "/....//etc/passwd", "/%00", "//etc/passwd",
     "/static/../../app.py", "/" + "a" * 5000, "/..\\..\\secret"],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(client, path):
    response = client.get(f"{HOME}{path}")
    assert response.status_code in (404, 401, 400) and "passwd" not in response.text.replace(path, "")


@pytest.mark.parametrize("path", ["/file", "/file/", "/file/page.html", "/x/../file/page.html", "//file//page.html"])
def test_what_exported_files_are_made_of_is_no_page(client, path):
    assert client.get(f"{HOME}{path}").status_code == 404


@pytest.mark.parametrize("id", ["..", "%2e%2e", "runs%2Fae", "ae%00", "ae.", "AE", "*", "conftest.py"])
def test_runs_are_named_by_their_ids_alone(client, id):
    response = client.get(f"/api/runs/{id}")
    assert response.status_code in (404, 405) and "error" in response.json()
    response = client.get("/api/runs/nobody")
    assert response.json()["error"].startswith("there is no run 'nobody'; there are ae, vae, cvae")


def test_bodies_that_are_too_large(client, monkeypatch):
    monkeypatch.setattr("aevum.server.app.MOST_BODY", 1000)
    monkeypatch.setattr("aevum.server.app.MOST_BYTES", 1000)
    for path in ("/api/runs/ae/decode", "/api/runs/ae/upload"):
        assert client.post(path, content=b"x" * 1001).status_code == 413
        assert client.post(path, content=(b"x" * 100 for _ in range(11))).status_code == 413
        check_headers(client.post(path, content=b"x" * 1001))
        assert client.post(path, content=b"x", headers={"content-length": "-5"}).status_code in (400, 413)
    assert client.post("/api/runs/ae/decode", json={"z": [[0.0, 0.0]]}).status_code == 200


def test_types_and_hashes(client):
    for path, kind in (("/", "text/html"), ("/app.js", "text/javascript"), ("/model.wasm", "application/wasm")):
        response = client.get(path)
        assert response.headers["content-type"].startswith(kind) and response.headers["cache-control"] == "no-cache"
        again = client.get(path, headers={"if-none-match": response.headers["etag"]})
        assert again.status_code == 304 and not again.content
    assert client.head("/app.js").headers["content-length"] == "10"
