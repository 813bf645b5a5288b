# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the demo's scripts share: where things are, ports, processes. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dir=${PRATU_DEMO_DIR:-$root/.run}
pratu=${PRATU_BIN:-$root/build/pratu}
# Pratu, Revenue, Excise, Customs; then, where a list is given that has them: delivery reports, Kannel's sendsms, the mail server,
# and the first of three for Kannel's own use.
read -r pratu_port revenue_port excise_port customs_port reports_port sendsms_port smtp_port kannel_port \
	<<<"${PRATU_DEMO_PORTS:-8443 9001 9002 9003}"
reports_port=${reports_port:-$((pratu_port + 1))}
sendsms_port=${sendsms_port:-$((pratu_port + 2))}
smtp_port=${smtp_port:-$((pratu_port + 3))}
kannel_port=${kannel_port:-$((pratu_port + 4))}
# Read by those that source this file.
export issuer=https://localhost:$pratu_port conf=$dir/pratu.conf
export pratu revenue_port excise_port customs_port reports_port sendsms_port smtp_port kannel_port

print_line() { printf '%s\n' "$*"; }
die() {
	printf 'demo: %s\n' "$*" >&2
	exit 1
}

# A process is known by its id and its start time, so that an id that was used again is never ended.
started_at() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	read -ra stat <<<"${stat##*) }"
	[ "${stat[0]}" != Z ] && echo "${stat[19]}"
}
note_process() { echo "$2 $(started_at "$2")" >"$1"; }
lives() {
	local pid at
	[ -r "$1" ] && read -r pid at <"$1" && [ -n "$pid" ] && [ "$(started_at "$pid")" = "$at" ]
}
end_process() {
	local pid _ i
	if lives "$1"; then
		read -r pid _ <"$1"
		kill "$pid"
		for ((i = 0; i < 300; i++)); do
			lives "$1" || break
			sleep 0.1
		done
		lives "$1" && kill -9 "$pid"
	fi
	rm -f "$1"
}

# Something listens there.
port_taken() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || (exec 3<>"/dev/tcp/::1/$1") 2>/dev/null
}
# need_port PORT WHO FILE: free, or ours already (the process noted in FILE).
need_port() {
	if lives "$3" || ! port_taken "$1"; then return 0; fi
	die "port $1 ($2) is in use by another program. End that (ss -ltnp 'sport = :$1' shows which), or choose other
ports for Pratu, Revenue, Excise and Customs: PRATU_DEMO_PORTS='8543 9101 9102 9103' make demo"
}
need_ports() {
	need_port "$pratu_port" Pratu "$dir/pratu.process"
	[ -z "${PRATU_DEMO_AGENCIES-yes}" ] && return 0
	need_port "$revenue_port" 'the Revenue Department' "$dir/apache/revenue/process"
	need_port "$excise_port" 'the Excise Department' "$dir/apache/excise/process"
	need_port "$customs_port" 'the Customs Department' "$dir/apache/customs/process"
}

# Whether a user (when we are root) or we ourselves can enter a directory.
can_enter() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid="$1" --regid="$(id -g "$1")" --clear-groups test -x "$2" 2>/dev/null
	else
		[ -x "$2" ]
	fi
}

# Write a file only where its content differs; true if it was written. umask 077: some hold secrets.
write_new() {
	local text
	text=$(cat)
	[ "$text" = "$(cat "$1" 2>/dev/null)" ] && return 1
	(umask 077 && printf '%s\n' "$text" >"$1")
}

# A random secret, made once.
secret() {
	[ -s "$dir/secrets/$1" ] || (umask 077 && openssl rand -hex 24 >"$dir/secrets/$1")
	cat "$dir/secrets/$1"
}
