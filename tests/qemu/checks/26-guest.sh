# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2046,SC2086
# Guests run under KVM, with nested paging, and leave the guest in all ways.

rounds=10
pages=64
stats=/sys/kernel/debug/kvm

cpu_has() {
	grep -m 1 '^flags' /proc/cpuinfo | grep -qw "$1"
}

# What KVM has counted of a guest, while it is there.
cat >/tmp/count-exits <<COUNT
#!/bin/sh
cd $stats/[0-9]*-* && grep . exits *_exits pf_taken pf_fixed insn_emulation \
	hypercalls | tr : ' '
COUNT
chmod +x /tmp/count-exits

# counted COUNTER: what KVM has counted of the last guest
counted() {
	awk -v row="$1" '$1 == row { print $2 }' /tmp/guest.exits
}

# saw VCPU LINE: what user mode has seen of a vCPU
saw() {
	grep -qx "vcpu $1: $2" /tmp/guest.seen
}

# guests KIND VCPUS HALTS TICKS: a guest, and how often each of its vCPUs is seen
# to halt and is woken
guests() {
	who="$1, $2 vCPUs"
	timeout 60 guest "$1" $rounds "$2" /tmp/count-exits \
		>/tmp/guest.out 2>/tmp/guest.errors
	status=$?
	grep '^vcpu' /tmp/guest.out >/tmp/guest.seen
	grep -v '^vcpu' /tmp/guest.out >/tmp/guest.exits
	sed 's/^/# /' /tmp/guest.errors
	echo "# $who:" $(cat /tmp/guest.exits)
	verdict "$who: guest and user mode agree on all that they see" \
		[ $status -eq 0 ]
	vcpu=0
	while [ $vcpu -lt "$2" ]; do
		verdict "$who: vCPU $vcpu left the guest as often as wanted" \
			saw $vcpu "io $((3 * rounds + 1)) mmio $((2 * rounds)) hlt $3 bells $rounds ticks $4 ipis $4 faults $((rounds * pages))"
		vcpu=$((vcpu + 1))
	done
	verdict "$who: KVM has counted port I/O exactly" \
		[ "$(counted io_exits)" -eq $(($2 * (4 * rounds + 1))) ]
	verdict "$who: each halt was an exit" \
		[ "$(counted halt_exits)" -ge $(($2 * rounds)) ]
	verdict "$who: each page was a nested page fault" \
		[ "$(counted pf_fixed)" -ge $(($2 * rounds * pages)) ]
}

# traced REASON: how many exits of all vCPUs were so
traced() {
	awk -v reason="$1" '$2 == reason { sum += $3 } END { print sum + 0 }' \
		/tmp/guest.reasons
}

# Each exit by its reason. The tracepoints are where interrupts are off, next to
# the guest.
trace_guests() {
	echo 4096 >$trace/buffer_size_kb
	echo >$trace/trace
	echo 1 >$trace/events/kvm/enable
	timeout 60 guest irqs 3 "$1" >/tmp/guest.exits
	status=$?
	echo 0 >$trace/events/kvm/enable
	awk '{
		if (match($0, /kvm_exit: vcpu [0-9]+ reason [a-zA-Z0-9_]+/)) {
			split(substr($0, RSTART, RLENGTH), word, " ")
			count[word[3] " " word[5]]++
		}
	}
	END { for (i in count) print i, count[i] }' $trace/trace |
		sort >/tmp/guest.reasons
	echo >$trace/trace
	echo "# exits by vCPU and reason:" $(paste -s -d , /tmp/guest.reasons)
	verdict "traced: guest and user mode agree on all that they see" \
		[ $status -eq 0 ]
	for pair in cpuid:1 hypercall:1 msr:2; do
		verdict "traced: the exits for ${pair%:*} are those that were caused" \
			[ "$(traced "${pair%:*}")" -eq $((3 * ${pair#*:} * $1)) ]
	done
	verdict "traced: the exits for hlt are those that were caused" \
		[ "$(traced hlt)" -eq "$(counted halts)" ]
	verdict "traced: each vCPU halted in each round" \
		[ "$(traced hlt)" -ge $((3 * $1)) ]
}

# Guests run in restricted contexts: how often those were left, and for whom.
isolate_guests() {
	sections=$(asi_count kvm sections)
	lost=$(asi_count kvm lost)
	faults=$(asi_count kvm faults)
	echo >$trace/trace
	echo 1 >$trace/events/asi/asi_fault/enable
	timeout 60 guest irqs $rounds "$1" >/dev/null
	status=$?
	echo 0 >$trace/events/asi/asi_fault/enable
	verdict "isolated: guest and user mode agree on all that they see" \
		[ $status -eq 0 ]
	sections=$(($(asi_count kvm sections) - sections))
	lost=$(($(asi_count kvm lost) - lost))
	faults=$(($(asi_count kvm faults) - faults))
	echo "# guest entries $sections, context left $faults times," \
		"$((faults * 100 / (sections + 1))) per 100 entries; lost $lost"
	awk '/asi_fault: class=kvm / {
			match($0, /caller=[^ +]*/)
			caller = substr($0, RSTART + 7, RLENGTH - 7)
			match($0, /depth=[0-9]*/)
			count[caller " " substr($0, RSTART, RLENGTH)]++
		}
		END { for (i in count) print count[i], i }' $trace/trace |
		sort -rn | head -n 12 | sed 's/^/# left /'
	echo >$trace/trace
	verdict "guests run in the context" [ "$sections" -gt 0 ]
	verdict "no guest ran outside of it" [ "$lost" = 0 ]
}

if cpu_has svm; then
	verdict "KVM is there" [ -c /dev/kvm ]
	verdict "guests have nested paging" \
		[ "$(cat /sys/module/kvm_amd/parameters/npt)" = Y ]
	guests plain 1 $rounds 0
	guests irqs 1 0 $rounds
	guests irqs "$(nproc)" 0 $rounds
	trace_guests "$(nproc)"
	[ ! -e $asi/classes ] || isolate_guests "$(nproc)"
elif dmesg | grep -q 'Hypervisor detected: KVM'; then
	echo "# no guests: the hypervisor gives us no CPU with SVM"
else
	not_ok "the CPU has SVM"
fi
