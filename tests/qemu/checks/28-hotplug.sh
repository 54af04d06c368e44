# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# CPUs and memory come and go, and a process is killed for want of memory, while
# secret memory is in use: nothing is lost, and the direct map is as it was.

seconds=5
memory=/sys/devices/system/memory
cpus=/sys/devices/system/cpu
group=/tmp/cgroup/secret

# The numbers of the blocks of memory, of which boot had some.
blocks() {
	(set +f && cd $memory && echo memory[0-9]*)
}

added() {
	for block in $(blocks); do
		case " $at_boot " in
		*" $block "*) ;;
		*) echo "$block" ;;
		esac
	done
}

# set_blocks STATE: which of the added blocks have come to it
set_blocks() {
	for block in $(added); do
		echo "$1" >"$memory/$block/state" 2>/dev/null && echo "$block"
	done
}

# The kernel itself may use them, not only processes.
bring_all() {
	for block in $(added); do
		! grep -q offline "$memory/$block/state" ||
			echo online_kernel >"$memory/$block/state" || return 1
	done
}

count_added() {
	added | wc -l
}

# plug NUMBER: 128 MiB more, which is a block
plug() {
	wanted_blocks=$(($(count_added) + 1))
	echo "@monitor object_add memory-backend-ram,id=ram$1,size=128M"
	echo "@monitor device_add pc-dimm,id=dimm$1,memdev=ram$1"
	wait_for 10 more $wanted_blocks count_added
	block_of_dimm="$block_of_dimm $1:$(added | tail -n 1)"
}

plug_two() {
	block_of_dimm=""
	plug 1 && plug 2
}

is_gone() {
	[ ! -e "$memory/$1" ]
}

# Memory that the kernel itself has begun to use stays, so not all can go.
unplug_some() {
	n=0
	for pair in $block_of_dimm; do
		block=${pair#*:}
		grep -q offline "$memory/$block/state" || continue
		echo "@monitor device_del dimm${pair%:*}"
		wait_for 10 is_gone "$block" || return 1
		n=$((n + 1))
	done
	[ $n -gt 0 ]
}

start_churn() {
	churns=""
	for _ in 1 2 3; do
		secret churn $seconds &
		churns="$churns $!"
	done
}

churns_are_well() {
	for churn in $churns; do
		wait "$churn" || return 1
	done
}

# One CPU after the other goes, and comes back.
cycle_cpus() {
	cpu=1
	while [ -e $cpus/cpu$cpu ]; do
		echo 0 >$cpus/cpu$cpu/online && echo 1 >$cpus/cpu$cpu/online ||
			return 1
		cpu=$((cpu + 1))
	done
}

# A process has more secret memory than its group may have.
too_much() {
	mkdir -p /tmp/cgroup
	mount -t cgroup2 none /tmp/cgroup
	echo +memory >/tmp/cgroup/cgroup.subtree_control
	mkdir $group
	echo 8M >$group/memory.max
	sh -c "echo 0 >$group/cgroup.procs && exec secret 32 true"
	killed=$(awk '$1 == "oom_kill" { print $2 }' $group/memory.events)
	wait_for 10 rmdir $group
	umount /tmp/cgroup
	[ "$killed" -ge 1 ]
}

# All that was plugged in was mapped by leaves of 2 MiB, and so is what is left.
all_is_back() {
	awk -v more=$(($(count_added) * 131072)) '
		$1 == "DirectMap2M:" { $2 += more }
		{ print $1, $2 }' /tmp/before >/tmp/wanted
	direct_map_layout | awk '{ print $1, $2 }' >/tmp/after
	cmp /tmp/wanted /tmp/after
}

# Memory so far up that it has a root entry of its own where there are 4 levels.
plug_far() {
	far=$memory/memory4096
	echo "@monitor object_add memory-backend-ram,id=far,size=128M"
	echo "@monitor device_add pc-dimm,id=dimmfar,memdev=far,addr=0x8000000000"
	wait_for 10 [ -e $far ]
}

unplug_far() {
	echo "@monitor device_del dimmfar"
	wait_for 10 is_gone memory4096
}

# The last range that the kernel's direct map has.
last_range() {
	awk '/^---/ { here = /Low Kernel Mapping/; next }
		here && /RW/ { last = $1 }
		END { print last }' /sys/kernel/debug/page_tables/kernel
}

# in_contexts RANGE: how many contexts that follow the kernel have it
in_contexts() {
	for context in $contexts; do
		grep "^$1 " "$debug/$context/dump"
	done | wc -l
}

# all_have RANGE
all_have() {
	# shellcheck disable=SC2086
	set -- "$1" $contexts
	[ "$(in_contexts "$1")" -eq $(($# - 1)) ]
}

# Memory that only processes may use.
user_far() {
	echo online_movable >$far/state &&
		! grep -q "^$range " "$debug/asi_master/dump" &&
		grep -q "^0x0*8000000000-.* user" $asi/denied
}

offline_far() {
	echo offline >$far/state && all_have "$range" &&
		! grep -q user $asi/denied
}

# The last ones have tables of their own next to what comes and goes.
contexts="text_poke efi"
[ ! -e "$debug/holes" ] || contexts="$contexts holes"
[ ! -e "$debug/asi_master" ] || contexts="$contexts asi_master"
ulimit -l unlimited
if [ -n "$again" ]; then
	echo "# memory is plugged in since before kexec"
elif [ -e $pools ]; then
	at_boot=$(blocks)
	echo 1 >/sys/kernel/debug/direct_map/shrink
	direct_map_layout >/tmp/before
	kb=$(direct_map_kb)
	verdict "memory is plugged in" plug_two
	verdict "what was plugged in is in the direct map" \
		[ "$(direct_map_kb)" -eq $((kb + 262144)) ]
	verdict "all contexts have what was plugged in" all_have "$(last_range)"
	exact "with it the counters of the direct map are exact"
	verdict "it can be used" bring_all
	start_churn
	verdict "CPUs go and come back while secret memory is used" cycle_cpus
	verdict "who takes too much secret memory is killed" too_much
	offline=$(set_blocks offline | wc -l)
	echo "# blocks offline while secret memory was used: $offline"
	verdict "memory comes back while secret memory is used" \
		bring_all
	verdict "secret memory holds what was written meanwhile" churns_are_well
	sed 's/^/# /' $pools
	verdict "no secret memory is left" [ "$(secret_kb)" -eq 0 ]
	secret 8 true
	offline=$(set_blocks offline | wc -l)
	echo "# blocks offline afterwards: $offline"
	verdict "who takes memory away is not kept from it by an idle pool" \
		pools_are_empty
	verdict "memory is unplugged" unplug_some
	has_debug_pagealloc ||
		verdict "all contexts have what is left" \
			all_have "$(last_range)"
	has_debug_pagealloc ||
		verdict "the direct map is what it was before memory came and went" \
			all_is_back
	exact "without it the counters of the direct map are exact"
	verdict "memory is plugged in far up" plug_far
	range=$(last_range)
	echo "# it is at $range"
	verdict "all contexts have it at once" all_have "$range"
	if [ -e "$debug/asi_master" ]; then
		verdict "as user memory it is in no deny-list context" user_far
		verdict "taken offline it is there again" offline_far
	fi
	verdict "it is unplugged" unplug_far
	verdict "no context has it any more" [ "$(in_contexts "$range")" -eq 0 ]
else
	skip "no pools in this kernel" "secret memory while CPUs and memory go"
fi
