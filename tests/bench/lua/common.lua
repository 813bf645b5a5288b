-- SPDX-License-Identifier: Apache-2.0
-- Shared by the load scripts: reading lines, counting answers by status, one closing line of figures.
-- wrk gives each thread its own state; every run here uses one thread.

status_counts = {}
local ffi = require("ffi")
ffi.cdef("typedef struct { long s, us; } timeval; int gettimeofday(timeval *, void *);")
first_s, last_s = 0, 0

local function now_s()
	local t = ffi.new("timeval")
	ffi.C.gettimeofday(t, nil)
	return tonumber(t.s) + tonumber(t.us) / 1e6
end

function lines_of(path)
	local lines = {}
	for line in io.lines(path) do lines[#lines + 1] = line end
	return lines
end

function form(fields)
	local parts = {}
	for _, f in ipairs(fields) do
		parts[#parts + 1] = f[1] .. "=" .. f[2]:gsub("[^%w%-%._~]", function(c)
			return string.format("%%%02X", c:byte())
		end)
	end
	return table.concat(parts, "&")
end

function count(status)
	last_s = now_s()
	if first_s == 0 then first_s = last_s end
	status_counts[status] = (status_counts[status] or 0) + 1
end

local threads = {}
function setup(thread)
	threads[#threads + 1] = thread
end

-- rate p50 p99 max (microseconds), then status=count ...
function done(summary, latency, _)
	-- A script that stops early leaves wrk waiting for its time: the rate is by the answers' own times.
	local took_s = 0
	for _, t in ipairs(threads) do
		took_s = math.max(took_s, t:get("last_s") - t:get("first_s"))
	end
	local out = string.format("FIGURES %.1f %d %d %d", summary.requests / took_s,
		latency:percentile(50), latency:percentile(99), latency.max)
	for _, t in ipairs(threads) do
		for status, n in pairs(t:get("status_counts")) do
			out = out .. string.format(" %s=%d", tostring(status), n)
		end
	end
	local e = summary.errors
	out = out .. string.format(" connect=%d read=%d write=%d timeout=%d", e.connect, e.read, e.write, e.timeout)
	print(out)
end
