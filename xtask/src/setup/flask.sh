# Makes the virtual environment $1 with what the file $2 names.
set -eu
rm -rf "$1"
mkdir -p "$1"
python3 -m venv "$1"
"$1/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$2"
cp "$2" "$1/made-from"
