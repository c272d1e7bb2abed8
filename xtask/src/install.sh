# Installs Debian packages without starting the services in them: the tests start their own servers.
# Arguments: the path of policy-rc.d, then the packages.
set -eu
policy=$1
shift

# Only a policy of our own is taken away again, also when we are interrupted.
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' HUP INT TERM
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
# `update` waits for no lock by itself, so it is tried again.
for pause in 5 20 end; do
    apt-get -o DPkg::Lock::Timeout=300 update && break
    [ "$pause" != end ] || exit 1
    sleep "$pause"
done
apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"
