# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# What each restricted context can reach, page by page, against what its policy
# allows: idle, under load, and afterwards.

[ -e $asi/allowed ] || exit 0

# beyond ALLOWED REACHED: bytes that are reached and not allowed, and the first of
# them. Both files have ranges of hexadecimal addresses, in any order.
beyond() {
	{
		awk '{ print $1 }' "$1" | sed 's/^0x//;s/-0x/ /;s/$/ a/'
		awk '{ print $1 }' "$2" | sed 's/^0x//;s/-0x/ /;s/$/ r/'
	} | awk '
		function hex(s,  i, n) {
			for (i = 1; i <= length(s); i++)
				n = n * 16 + index("0123456789abcdef",
					substr(s, i, 1)) - 1
			return n
		}
		{ print hex($1), hex($2), $3 }' | sort -n | awk '
		# Everything up to end is allowed; from there on is not.
		function pass(from, to) {
			if (to < from) return
			if (!bytes) first = from
			bytes += to - from + 1
		}
		{ line[NR] = $0 }
		$3 == "a" {
			if (n && $1 <= last[n] + 1) {
				if ($2 > last[n]) last[n] = $2
			} else { start[++n] = $1; last[n] = $2 }
		}
		END {
			k = 1
			for (i = 1; i <= NR; i++) {
				split(line[i], f, " ")
				if (f[3] != "r") continue
				from = f[1] + 0; to = f[2] + 0
				while (k <= n && last[k] < from) k++
				for (j = k; j <= n && start[j] <= to; j++) {
					pass(from, start[j] - 1)
					from = last[j] + 1
				}
				pass(from, to)
			}
			printf "%.0f %x\n", bytes, first
		}'
}

# The same without the first of them.
bytes_beyond() {
	beyond "$1" "$2" | cut -d' ' -f1
}

kb_of() {
	echo $(($(bytes_beyond /dev/null "$1") / 1024))
}

# changes_of CONTEXT FILE: the line that says how often what is allowed changed
changes_of() {
	grep "^context $1 " "$2"
}

# audit_still CONTEXT: finds the bytes beyond its policy; 2 if that changed
audit_still() {
	cat $asi/allowed >/tmp/before
	awk -v name="$1" '$1 == "context" { inside = $2 == name; next } inside' \
		/tmp/before >/tmp/allowed
	cat "$debug/$1/reach" >/tmp/reached || return 1
	[ -s /tmp/allowed ] && [ -s /tmp/reached ] || return 1
	beyond /tmp/allowed /tmp/reached >/tmp/beyond
	read -r bytes first </tmp/beyond
	[ "$bytes" = 0 ] || [ "$(changes_of "$1" $asi/allowed)" = \
		"$(changes_of "$1" /tmp/before)" ] || return 2
}

# audit_one CONTEXT: prints bytes beyond its policy. A vCPU that goes on to run
# has its task mapped, and a moment before it had not.
audit_one() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		audit_still "$1"
		result=$?
		[ $result = 2 ] || break
	done
	[ $result != 2 ] || echo "# $1 changed each time"
	[ $result = 0 ] || return 1
	echo "# $1 reaches $(kb_of /tmp/reached) kB, $bytes bytes beyond its policy" \
		"$([ "$bytes" = 0 ] || echo "from $first on")"
	[ "$bytes" = 0 ]
}

# The master has what the kernel maps, and of that nothing that is denied.
audit_master() {
	blocks=/sys/kernel/debug/direct_map/asi_sensitive/blocks
	# A block of it stays idle.
	ask "probe deny sensitive" >/dev/null
	cat $asi/denied $blocks >/tmp/denied
	# The kernel maps and unmaps meanwhile.
	for try in 1 2 3 4 5; do
		cat "$debug/kernel/reach" >/tmp/kernel
		cat "$debug/asi_master/reach" >/tmp/reached
		cat "$debug/kernel/reach" >>/tmp/kernel
		more=$(bytes_beyond /tmp/kernel /tmp/reached)
		[ "$more" != 0 ] || break
	done
	total=$(bytes_beyond /dev/null /tmp/denied)
	outside=$(bytes_beyond /tmp/reached /tmp/denied)
	echo "# asi_master reaches $(kb_of /tmp/reached) kB," \
		"$more bytes beyond what the kernel does," \
		"$((total - outside)) of $total that are denied"
	[ -s /tmp/reached ] && [ "$total" -gt 0 ] && [ "$total" = "$outside" ] &&
		[ "$more" = 0 ]
}

# A context can end while it is looked at: then there is nothing to say.
audit_all() {
	bad=0
	contexts=$(awk '$1 == "context" { print $2 }' $asi/allowed)
	[ -n "$contexts" ] || return 1
	for context in $contexts; do
		audit_one "$context" || {
			! changes_of "$context" $asi/allowed >/dev/null || bad=1
		}
	done
	audit_master || bad=1
	[ $bad = 0 ]
}

# with_contexts COMMAND...: there are some then, of vCPUs as well
with_contexts() {
	ask "hold allow 60000" >/dev/null &
	holders=$!
	ask "hold strict 60000" >/dev/null &
	holders="$holders $!"
	wait_for 5 grep -q context $asi/allowed
	if [ -c /dev/kvm ]; then
		guest irqs 1000000 2 >/dev/null 2>&1 &
		holders="$holders $!"
		wait_for 5 grep -q 'context asi_kvm' $asi/allowed
	fi
	"$@"
	result=$?
	# shellcheck disable=SC2086
	kill $holders
	# shellcheck disable=SC2086
	wait $holders 2>/dev/null
	return $result
}

# What is not allowed is found: of a context that has a page, less is allowed.
finds_a_page() {
	awk '$1 == "context" { if (seen++) exit; name = $2; next }
		$2 != "mapped"' $asi/allowed >/tmp/less
	context=$(awk '$1 == "context" { print $2; exit }' $asi/allowed)
	cat "$debug/$context/reach" >/tmp/reached
	beyond /tmp/less /tmp/reached >/tmp/beyond
	read -r bytes first </tmp/beyond
	echo "# without what was mapped: $bytes bytes beyond"
	[ "$bytes" -gt 0 ]
}

verdict "no context reaches a byte beyond its policy" with_contexts audit_all
verdict "a page beyond it would be seen" with_contexts finds_a_page
start_load
ask "pairs allow 20000" >/dev/null &
pairs=$!
verdict "nor under load" with_contexts audit_all
wait $pairs
stop_load
verdict "nor afterwards" with_contexts audit_all
