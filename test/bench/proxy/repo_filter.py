"""mitmproxy as a filter of repos: the same rule as km's for the paths that the bench asks for, bodies streamed."""
import os
import re

from mitmproxy import http

FRONT = ("127.0.0.1", int(os.environ["BENCH_FRONT_PORT"]))
TOKEN = os.environ["BENCH_TOKEN"]
ALLOWED = re.compile(r"^/(?:repos/)?my-org/[^/]+(?:/|$)")


def server_connect(data):
    data.server.address = FRONT


def requestheaders(flow):
    if not ALLOWED.match(flow.request.path):
        flow.response = http.Response.make(403, b"denied\n")
        return
    flow.request.headers["authorization"] = TOKEN
    flow.request.stream = True


def responseheaders(flow):
    flow.response.stream = True
