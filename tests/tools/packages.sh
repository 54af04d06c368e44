#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# packages.sh PACKAGE...: installs the Debian packages that are missing.
# Quick when none is; without root, one line says what to run.
set -u

fail() {
	echo "packages: $*" >&2
	exit 1
}

# Make may run us several times at once.
exec {lock}<"$0"
flock $lock

command -v dpkg-query >/dev/null ||
	fail "this is no Debian system, install the like of: $*"

missing=()
for package in "$@"; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)
	[ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} = 0 ] && exit 0

install="apt-get install --no-install-recommends ${missing[*]}"
if [ "$(id -u)" = 0 ]; then
	root=()
elif sudo -n true 2>/dev/null; then
	root=(sudo -n)
else
	fail "missing packages and no root, run as root: $install"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
	"${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 {lock}<&-
}

echo "packages: installing ${missing[*]}"
if ! apt install --no-install-recommends "${missing[@]}"; then
	# The lists may be absent or older than the archive.
	apt update
	apt install --no-install-recommends "${missing[@]}" || {
		grep '^E:' "$log" | sort -u | head -n 3 >&2
		fail "apt-get failed, check network and disk space, then run: $install"
	}
fi
