# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Shared by the checks of this directory: which tree is looked at, which files
# it has, how a check ends. A check is run as CHECK [TREE]; it prints one line
# for each finding and exits with 0 (clean), 1 (findings) or 4 (a tool is
# missing; the last line says which). Sourced, never run.

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
export LC_ALL=C.UTF-8
findings=0

# Paths in findings are relative to the tree, and so is what the checks open.
cd "${1:-$HERE/../..}" || exit 1
TREE=$PWD

found()
{
	echo "$*"
	findings=$((findings + 1))
}

# lines PREFIX: each line of stdin is a finding, with PREFIX before it.
lines()
{
	local line

	while IFS= read -r line; do
		[ -z "$line" ] || found "$1$line"
	done
}

finish()
{
	[ "$findings" = 0 ]
	exit
}

skip()
{
	echo "$*"
	exit 4
}

have()
{
	command -v "$1" >/dev/null 2>&1
}

# files PATH...: text files there that are part of the project: nothing hidden
# below the paths given, nothing that a build leaves behind.
files()
{
	local path

	for path; do
		[ -e "$path" ] || continue
		find "$path" -name '.?*' ! -path "$path" -prune -o -type f \
			! -name '*.mod.c' ! -name '*.mod' ! -name '*.cmd' \
			! -name '*.order' ! -name '*.symvers' ! -name '*.d' \
			! -name '*.log' -print
	done | while IFS= read -r path; do
		# Empty files count as text.
		if [ ! -s "$path" ] || grep -Iq . "$path"; then
			echo "${path#./}"
		fi
	done | sort -u
}

c_files()
{
	files "$@" | grep '\.[ch]$'
}

# scripts PATH...: shell scripts, known by name or first line.
scripts()
{
	local file line

	files "$@" | while IFS= read -r file; do
		IFS= read -r line <"$file" || true
		case $file:$line in
		*.sh:* | *:'#!'*/bash* | *:'#!'*/sh* | *:'#!'*/dash* | *:'#!'*env\ bash*)
			echo "$file"
			;;
		esac
	done
}

# kernel_source: sets KERNEL_SOURCE, or ends the check as skipped.
kernel_source()
{
	KERNEL_SOURCE=$("$HERE/../lib/kernel-source" 2>&1) || {
		echo "$KERNEL_SOURCE"
		skip "no kernel source, see above"
	}
	KERNEL_SOURCE=${KERNEL_SOURCE##*$'\n'}
}

# kernel_build: sets KDIR to what modules are built against: the newest kernel
# headers on this machine unless KDIR is set already.
kernel_build()
{
	[ -n "${KDIR:-}" ] && return
	KDIR=$(find /lib/modules/*/build /usr/src/linux-headers-*-* -maxdepth 0 \
		-exec test -e {}/include/generated/autoconf.h \; -print \
		2>/dev/null | sed 's/.*\/\(linux-headers-\)\?\([0-9][^/]*\).*/\2 &/' |
		sort -V | tail -n 1 | cut -d' ' -f2)
	[ -n "$KDIR" ] || skip "no kernel headers (apt-get install linux-headers-amd64)"
}

# module_copy NAME: sets COPY to a fresh copy of the module's sources under
# .build, so that nothing is built between the sources.
module_copy()
{
	COPY=$TREE/.build/static/$1
	rm -rf "$COPY"
	mkdir -p "$COPY"
	[ ! -e Kbuild ] || cp -p Kbuild "$COPY/"
	cp -rp module include "$COPY/"
	find "$COPY" \( -name '*.o' -o -name '*.ko' -o -name '*.cmd' \
		-o -name '*.mod' -o -name '*.mod.c' \) -delete
}
