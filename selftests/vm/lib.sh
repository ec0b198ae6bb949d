# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Shared by the scripts of this directory: where things are kept, how packages
# are fetched without being installed, how a message ends a script.
# Sourced, never run.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
CACHE=${TCPSTATE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/tcpstate}
# shellcheck disable=SC2034 # used by those who source this
BUILD=$TOP/.build
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
# A make above must not give its variables to the makes below.
unset MAKEFLAGS MFLAGS MAKELEVEL
PATH=$PATH:/usr/sbin:/sbin

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# Progress goes to stderr: stdout of these scripts is for their result.
note()
{
	echo "${0##*/}: $*" >&2
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

distro()
{
	# shellcheck disable=SC1091
	(. /etc/os-release 2>/dev/null && echo "${ID:-unknown}")
}

# lock NAME: one process at a time makes the cache entry NAME. The lock is
# released when the calling shell ends; children do not inherit it by accident
# because every long-lived child is started with 9>&-.
lock()
{
	mkdir -p "$CACHE"
	exec 9>"$CACHE/$1.lock"
	flock -n 9 && return
	note "waiting for another run that prepares $1"
	flock 9
}

# fetch_deb PACKAGE[=VERSION] DIR: downloads a package of the host's own
# release and unpacks it into DIR. Nothing is installed.
fetch_deb()
{
	local tmp

	tmp=$(mktemp -d "$CACHE/tmp.XXXXXX")
	# apt drops privileges for downloads; it has to be able to write here.
	chmod 755 "$tmp"
	if ! (cd "$tmp" && apt-get -o APT::Sandbox::User=root -q download "$1" >&2); then
		rm -rf "$tmp"
		return 1
	fi
	mkdir -p "$2"
	dpkg-deb -x "$tmp"/*.deb "$2" || { rm -rf "$tmp"; return 1; }
	rm -rf "$tmp"
}

# apt_lists PACKAGE: fetches the package lists if they do not know it (a fresh
# container has none).
apt_lists()
{
	! apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [0-9]' || return 0
	[ "$(id -u)" != 0 ] || apt-get -q update >&2
}
