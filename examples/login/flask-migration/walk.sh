#!/usr/bin/env bash
# Walks through docs/flask-migration.md: one visitor, a Flask application and the login page behind one host name, first side by
# side, then without Flask. Everything is private to this run: a Redis, the two programs, an nginx, a folder for all of it.
#
#     examples/login/flask-migration/walk.sh
#
# PYTHON, REDIS_SERVER, REDIS_CLI, NGINX and LOGIN name other programs than those that `cargo xtask setup` and `cargo build` give.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
python=${PYTHON:-$root/target/tools/flask/bin/python}
redis_server=${REDIS_SERVER:-redis-server}
redis_cli=${REDIS_CLI:-redis-cli}
nginx=${NGINX:-$(command -v nginx || echo /usr/sbin/nginx)}
login=${LOGIN:-}
if [ -z "$login" ]; then
    (cd "$root" && cargo build --quiet -p login)
    login=${CARGO_TARGET_DIR:-$root/target}/debug/login
fi
[ -x "$python" ] || { echo "no Python with Flask at $python: run cargo xtask setup" >&2; exit 1; }

folder=$(mktemp -d)
pids=()
end() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT

step() { printf '\n== %s\n' "$*"; }
free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
await() {
    for _ in $(seq 300); do
        if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then return; fi
        sleep 0.1
    done
    echo "nothing listens on port $1; see $folder" >&2
    exit 1
}
# The visitor: one jar for the one host name.
visit() { curl -sS -L -b "$folder/jar" -c "$folder/jar" "$@"; }
rust_says() { visit "$site/login" | grep -oE 'Logged in as <span id="username">[^<]*|Not logged in' | head -1 | sed -E 's/<[^>]*>//'; }
rust_counts() { visit "$site/visits" | grep -oE 'id="visits">[0-9]+' | cut -d'>' -f2; }
rust_log_out() {
    local token
    token=$(visit "$site/login" | grep -oE 'action="/logout"><input type="hidden" name="csrf_token" value="[^"]*' | sed 's/.*"//')
    visit -o /dev/null --data-urlencode "csrf_token=$token" "$site/logout"
}
cookie() { awk '$6 == "session" { print $7 }' "$folder/jar"; }
records() { "$redis_cli" -p "$redis_port" -n "$1" --scan --pattern 'session:*' | wc -l | tr -d ' '; }

redis_port=$(free_port) flask_port=$(free_port) rust_port=$(free_port) site_port=$(free_port)
site=http://127.0.0.1:$site_port
flask_store=redis://127.0.0.1:$redis_port/0
rust_store=redis://127.0.0.1:$redis_port/1
SECRET_KEY=$("$python" -c 'import secrets; print(secrets.token_hex())')
export SECRET_KEY
rust_pid=
start_rust() {
    if [ -n "$rust_pid" ]; then
        kill "$rust_pid"
        wait "$rust_pid" 2>/dev/null || true
    fi
    echo "login $*"
    "$login" --listen "127.0.0.1:$rust_port" "$@" >"$folder/rust.log" 2>&1 &
    rust_pid=$!
    pids+=("$rust_pid")
    await "$rust_port"
}

step "A Redis, a Flask application with Flask-Session, and an nginx that sends /flask/ to it and the rest to Rust"
"$redis_server" --port "$redis_port" --save '' --dir "$folder" >"$folder/redis.log" &
pids+=($!)
await "$redis_port"
REDIS_URL=$flask_store "$python" "$here/app.py" "$flask_port" >"$folder/flask.log" 2>&1 &
pids+=($!)
await "$flask_port"
sed -e "s|FOLDER|$folder|; s|SITE_PORT|$site_port|; s|FLASK_PORT|$flask_port|; s|RUST_PORT|$rust_port|" "$here/nginx.conf" >"$folder/nginx.conf"
"$nginx" -c "$folder/nginx.conf" -p "$folder" 2>/dev/null &
pids+=($!)
await "$site_port"

step "Rust beside it, on the same sessions: one flag"
start_rust --store "$flask_store" --flask-session

step "Log in at Flask"
visit -o /dev/null --data-urlencode username=ada "$site/flask/login"
before=$(cookie)
echo "Rust: $(rust_says)"

step "Count on both sides: each sees what the other wrote"
visit "$site/flask/visits"
echo "Rust: visits $(rust_counts)"
visit "$site/flask/visits"
[ "$(cookie)" = "$before" ] && echo "the visitor still has the id that Flask gave"

step "Log out at Rust: Flask knows nothing of the visitor"
rust_log_out
visit "$site/flask/"

step "Log in at Flask again; a second visitor comes and stays away for now"
visit -o /dev/null --data-urlencode username=ada "$site/flask/login"
visit "$site/flask/visits"
curl -sS -L -b "$folder/second" -c "$folder/second" -o /dev/null --data-urlencode username=eve "$site/flask/login"
before=$(cookie)

step "The last route has moved: Rust with records of its own takes the sessions over"
start_rust --store "$rust_store" --adopt-flask-session "$flask_store"
echo "records in Flask's store: $(records 0), in Rust's own: $(records 1)"
echo "Rust: $(rust_says)"
echo "records in Flask's store: $(records 0), in Rust's own: $(records 1)   (reading has moved nothing)"
echo "Rust: visits $(rust_counts)"
echo "records in Flask's store: $(records 0), in Rust's own: $(records 1)   (the change has moved one)"

step "The second visitor comes back"
mv "$folder/jar" "$folder/first" && mv "$folder/second" "$folder/jar"
echo "Rust: $(rust_says)"
echo "Rust: visits $(rust_counts)"
mv "$folder/first" "$folder/jar"
echo "records in Flask's store: $(records 0), in Rust's own: $(records 1)"

step "Nothing is left in Flask's store: Rust alone"
SESSION_COOKIE_NAME=session start_rust --store "$rust_store"
echo "Rust: $(rust_says)"
echo "Rust: visits $(rust_counts)"
[ "$(cookie)" = "$before" ] && echo "the visitor still has the id that Flask gave"

step "Done"
