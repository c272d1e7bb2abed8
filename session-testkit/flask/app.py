"""A Flask application whose session does what a test asks for.

    python app.py PORT CONFIG

CONFIG is a JSON object: "config" is Flask's configuration (PERMANENT_SESSION_LIFETIME in seconds), and "backend", if it is
there, makes it an application with Flask-Session: its kind, and the "url" of its server.

POST /act takes a JSON list of actions and answers with the list of their results. Values that JSON has not are objects of one
purpose: {"datetime": …}, {"uuid": …}, {"bytes": hex}, {"tuple": […]}, {"markup": …}, {"dict": [[key, value], …]}. The action
"exact" tells the whole session with the type of each number and the bits of each float, as the vectors of session-flask do.
"""
import datetime
import json
import os
import struct
import sys
import time
import uuid

from flask import Flask, abort, current_app, flash, get_flashed_messages, request, session
from markupsafe import Markup
from werkzeug.serving import WSGIRequestHandler, make_server


def read(value):
    """The Python value that a JSON value stands for."""
    if isinstance(value, list):
        return [read(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    return {
        "bytes": bytes.fromhex,
        "datetime": datetime.datetime.fromisoformat,
        "dict": lambda pairs: {read(key): read(item) for key, item in pairs},
        "int": int,
        "markup": Markup,
        "tuple": lambda items: tuple(read(item) for item in items),
        "uuid": uuid.UUID,
    }[kind](held)


def write(value):
    """The JSON value that stands for a Python value."""
    if isinstance(value, Markup):
        return {"markup": str(value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, datetime.datetime):
        return {"datetime": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return {"uuid": str(value)}
    if isinstance(value, tuple):
        return {"tuple": [write(item) for item in value]}
    if isinstance(value, list):
        return [write(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[write(key), write(item)] for key, item in value.items()]}
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
        return {"int": str(value)}
    return value


def exact(value):
    """The value with its exact type."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"bits": struct.pack(">d", value).hex()}
    if isinstance(value, datetime.datetime):
        offset = None if value.tzinfo is None else int(value.utcoffset().total_seconds())
        return {"datetime": value.replace(tzinfo=None).isoformat(timespec="microseconds"), "offset": offset}
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, tuple) and type(value) is tuple:
        return {"tuple": [exact(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[exact(key), exact(item)] for key, item in value.items()]}
    if type(value).__name__ == "Ext":
        return {"ext": [value.code, bytes(value.data).hex()]}
    return write(value)


def begin_many(count):
    """So many sessions with two keys each, stored by Flask-Session itself; their ids."""
    app, interface, ids = current_app, current_app.session_interface, []
    for n in range(count):
        sid = interface._generate_sid(interface.sid_length)
        begun = interface.session_class({"username": "user%d" % n, "n": n}, sid=sid, permanent=True)
        interface._upsert_session(app.permanent_session_lifetime, begun, interface._get_store_id(sid))
        ids.append(sid)
    return ids


def hold(path):
    """Says that the request is under way, with a file PATH.held, and goes on when there is a file PATH.go."""
    open(path + ".held", "w").close()
    end = time.monotonic() + 30
    while not os.path.exists(path + ".go") and time.monotonic() < end:
        time.sleep(0.005)


def make_permanent(permanent):
    session.permanent = permanent


ACTIONS = {
    "set": lambda key, value: session.__setitem__(key, read(value)),
    "get": lambda key: write(session.get(key)),
    "add": lambda key, by: session.__setitem__(key, session.get(key, 0) + by),
    "pop": lambda key: write(session.pop(key, None)),
    "clear": lambda: session.clear(),
    "dump": lambda: write(dict(session)),
    "exact": lambda: exact(dict(session)),
    "begin_many": begin_many,
    "hold": hold,
    "flash": lambda category, text: flash(text, category),
    "flashes": lambda: [list(pair) for pair in get_flashed_messages(with_categories=True)],
    "permanent": make_permanent,
    "is_permanent": lambda: session.permanent,
    "sleep": lambda milliseconds: time.sleep(milliseconds / 1000),
    "fail": lambda: abort(500),
    "sid": lambda: session.sid,
}


def connect(app, backend):
    """Gives the application Flask-Session on a backend."""
    from flask_session import Session

    kind, url = backend["kind"], backend["url"]
    app.config["SESSION_TYPE"] = kind
    if kind == "redis":
        import redis

        app.config["SESSION_REDIS"] = redis.from_url(url)
    elif kind == "memcached":
        from pymemcache.client.base import PooledClient

        # A plain `Client` is for one thread. Without these two the visitor is answered before the write has left for the server.
        app.config["SESSION_MEMCACHED"] = PooledClient(url, default_noreply=False, no_delay=True)
    elif kind == "mongodb":
        import pymongo

        app.config["SESSION_MONGODB"] = pymongo.MongoClient(url)
    elif kind == "sqlalchemy":
        from flask_sqlalchemy import SQLAlchemy

        app.config["SQLALCHEMY_DATABASE_URI"] = url
        app.config["SESSION_SQLALCHEMY"] = SQLAlchemy(app)
    Session(app)


def build(setup):
    app = Flask("live")
    app.config.update(setup["config"])
    lifetime = setup["config"].get("PERMANENT_SESSION_LIFETIME")
    if lifetime is not None:
        app.config["PERMANENT_SESSION_LIFETIME"] = datetime.timedelta(seconds=lifetime)
    if setup.get("backend"):
        connect(app, setup["backend"])

    @app.post("/act")
    def act():
        return json.dumps([ACTIONS[name](*arguments) for name, *arguments in request.get_json()])

    @app.get("/")
    def index():
        return "Hello, %s!" % session["username"] if "username" in session else "You are not logged in"

    return app


class Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


if __name__ == "__main__":
    port, setup = int(sys.argv[1]), json.loads(sys.argv[2])
    make_server("127.0.0.1", port, build(setup), threaded=True, request_handler=Quiet).serve_forever()
