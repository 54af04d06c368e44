#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# stage.sh NAME COMMAND...: runs a long command with its output in
# build/log/NAME.log and shows the stage's name and the seconds that it takes.
# When it fails, the end of the log and its place.
set -u

name=$1
shift
log=${BUILD:-build}/log/$name.log
tty=$([ -t 1 ] && echo yes)

mkdir -p "${log%/*}" || exit 1
SECONDS=0
if ! : >"$log"; then
	echo "stage $name: can't write $log, check the disk" >&2
	exit 1
fi
[ "$tty" ] || echo "==== $name ..."
"$@" >"$log" 2>&1 </dev/null &
job=$!
# The job puts its things in order before it ends.
trap 'kill $job 2>/dev/null; wait $job; exit 130' INT TERM HUP
while kill -0 $job 2>/dev/null; do
	[ "$tty" ] && printf '\r==== %s ... %d s' "$name" $SECONDS
	sleep 0.2
done
wait $job
status=$?
[ "$tty" ] && printf '\r'
if [ $status = 0 ]; then
	echo "==== $name: done, $SECONDS s"
	exit 0
fi
echo "==== $name: FAILED after $SECONDS s, the end of $log:"
tail -n 25 "$log"
space=$(df -Pk "${log%/*}" | awk 'NR == 2 { print int($4 / 1024) }')
if [ "$space" -lt 200 ]; then
	echo "stage $name: only $space MiB of disk are left for ${BUILD:-build}, make room and run it again" >&2
fi
exit $status
