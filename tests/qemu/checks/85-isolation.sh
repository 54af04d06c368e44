# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Restricted contexts: what is out of reach, from inside, and that they hold while
# everything happens to the CPUs.

[ -e $asi/classes ] || exit 0

# probes CLASS ANSWER WHAT...: each target is found inside, or leaves
probes() {
	class=$1
	wanted=$2
	shift 2
	for what in "$@"; do
		answer=$(ask "probe $class $what")
		echo "# $class: $what: $answer"
		[ "$answer" = "$wanted" ] || return 1
	done
}

# The task is killed by a signal, and nothing else happens to it.
killed() {
	sh -c ". /lib.sh; ask 'call strict $1'" >/dev/null 2>&1
	[ $? = 137 ]
}

# A fault says who touched what.
traced() {
	echo 1 >$trace/events/asi/asi_fault/enable
	ask "probe allow page" >/dev/null
	echo 0 >$trace/events/asi/asi_fault/enable
	grep -q 'asi_fault: class=selftest_allow .*caller=[a-z_]*+.*depth=0 section=1' \
		$trace/trace
}

# A module is inflated in a restricted context. Nobody has one here, so what is
# inflated is a program: only then does the kernel see that it is no module.
inflates() {
	before=$(asi_count parser sections)
	gzip -c /bin/busybox >/tmp/module.gz
	[ "$(inflate /tmp/module.gz)" = "Exec format error" ] || return 1
	now=$(asi_count parser sections)
	pages=$(($(wc -c </bin/busybox) / 4096))
	echo "# $pages pages inflated in $((now - before)) sections"
	[ $((now - before)) -ge $pages ]
}

# What ends too early is refused, as without isolation: that is no violation.
refuses_a_part() {
	head -c 100000 /tmp/module.gz >/tmp/part.gz
	[ "$(inflate /tmp/part.gz)" = "Invalid argument" ]
}

# A module that comes compressed is inflated as well; this one then runs a part of
# itself in a context that has it for that time, and has nothing of it afterwards.
confined() {
	gzip -c /confined.ko >/tmp/confined.gz
	[ "$(inflate /tmp/confined.gz)" = loaded ] || return 1
	for sum in 1 2; do
		line=$(cat /sys/module/confined/parameters/section)
		echo "# confined: $line"
		[ "$line" = "inside, parts 0 3 0, sum $sum" ] || return 1
	done
	[ "$(asi_count confined sections) $(asi_count confined lost)" = "2 0" ] &&
		rmmod confined && ! grep -q confined $asi/classes
}

nmis() {
	while :; do
		echo l >/proc/sysrq-trigger
		echo "@monitor nmi"
		sleep 2
	done
}

machine_checks() {
	while :; do
		if grep -q AuthenticAMD /proc/cpuinfo; then
			echo "@monitor mce 0 1 0xb000100000000000 0x5 0 0"
		else
			echo "@monitor mce -b 0 1 0xbd000000000000cf 0x5 0 0x8c"
		fi
		sleep 3
	done
}

# CPU 1 goes and comes back.
hotplug() {
	cpu1=/sys/devices/system/cpu/cpu1/online
	[ -e $cpu1 ] || return 0
	while :; do
		echo 0 >$cpu1
		sleep 1
		echo 1 >$cpu1
		sleep 1
	done
}

forks() {
	while :; do
		(: | :)
	done
}

# Each program that is loaded takes memory of vmalloc's area, and gives it back.
vmallocs() {
	while :; do
		cat /proc/vmallocinfo /proc/kallsyms >/dev/null
		mount -t tmpfs none /mnt && umount /mnt
	done
}

# Files that are larger than what is free, one after the other.
pressure() {
	free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
	mkdir -p /tmp/pressure
	mount -t tmpfs -o size=$((free * 9 / 10))m none /tmp/pressure
	while :; do
		dd if=/dev/zero of=/tmp/pressure/file bs=1M 2>/dev/null
		rm -f /tmp/pressure/file
	done
}

all_online() {
	[ "$(nproc)" = "$(parameter cpus)" ]
}

stress() {
	disturbers=
	for disturber in nmis machine_checks hotplug forks vmallocs pressure; do
		$disturber >/tmp/$disturber.log 2>&1 &
		disturbers="$disturbers $!"
	done
	workers=
	: >/tmp/pairs
	each=$((100000 / 2 / $(nproc)))
	cpu=0
	while [ $cpu -lt "$(parameter cpus)" ]; do
		for class in allow deny; do
			(echo "$class $(ask "pairs $class $each")" \
				>>/tmp/pairs) &
			workers="$workers $!"
		done
		cpu=$((cpu + 1))
	done
	# shellcheck disable=SC2086
	wait $workers
	# shellcheck disable=SC2086
	kill $disturbers 2>/dev/null
	# shellcheck disable=SC2086
	wait $disturbers 2>/dev/null
	umount /tmp/pressure 2>/dev/null
	[ ! -e /sys/devices/system/cpu/cpu1/online ] ||
		echo 1 >/sys/devices/system/cpu/cpu1/online
	sed 's/^/# /' /tmp/pairs
	awk '$2 == "pairs" { n += $3; lost += $5 }
		END { exit !(n >= '$((each * 2 * $(parameter cpus)))' && !lost) }' \
		/tmp/pairs
}

verdict "an allow-list context has what is the task's own" \
	probes allow inside own
verdict "it lacks all else" \
	probes allow left task stack page freed cache user sensitive
verdict "a deny-list context has what is the kernel's" \
	probes deny inside own task stack page freed cache
verdict "it lacks sensitive memory and user memory" \
	probes deny left sensitive user
verdict "a strict context has what is the task's own" probes strict inside own
for what in task stack page freed cache user sensitive; do
	verdict "who strays in a strict call to $what is killed" killed $what
done
verdict "a strict call that does not stray returns" \
	[ "$(ask 'call strict own')" = "returned 0" ]
verdict "a touch of what is absent is traced" traced
verdict "a compressed module is inflated in a restricted context" inflates
verdict "a part of one is refused" refuses_a_part
[ ! -e /confined.ko ] || verdict "a module that came compressed runs in its context" \
	confined
verdict "inflating it strayed nowhere" \
	[ "$(asi_count parser violations) $(asi_count parser lost)" = "0 0" ]
start_load
verdict "sections hold whatever happens to the CPUs" stress
verdict "all CPUs are there again" wait_for 20 all_online
stop_load
sed 's/^/# /' $asi/classes
