"""What a team has before it moves to Rust: a login and a counter, with Flask-Session on Redis.

    REDIS_URL=redis://127.0.0.1/0 SECRET_KEY=... python app.py PORT
"""
import os
import sys

import redis
from flask import Flask, redirect, request, session
from flask_session import Session

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ["SECRET_KEY"],
    SESSION_TYPE="redis",
    SESSION_REDIS=redis.from_url(os.environ["REDIS_URL"]),
)
Session(app)


@app.get("/flask/")
def index():
    return f"Flask: logged in as {session['username']}\n" if "username" in session else "Flask: not logged in\n"


@app.post("/flask/login")
def login():
    session["username"] = request.form["username"]
    return redirect("/flask/")


@app.post("/flask/logout")
def logout():
    session.clear()
    return redirect("/flask/")


@app.get("/flask/visits")
def visits():
    session["visits"] = session.get("visits", 0) + 1
    return f"Flask: visits {session['visits']}\n"


if __name__ == "__main__":
    app.run(port=int(sys.argv[1]))
