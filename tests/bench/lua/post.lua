-- SPDX-License-Identifier: Apache-2.0
-- POST bodies from a file, each once; stops at the end of the file unless a third argument says "again".
-- {n} in a body becomes a number of its own in each request, over all runs.
-- arguments: FILE of header lines, FILE of bodies, [again]
dofile(os.getenv("BENCH_LUA") .. "/common.lua")

local bodies, at, again = {}, 0, false
local headers = {}
local n = os.time() * 100000

function init(args)
	for _, line in ipairs(lines_of(args[1])) do
		local name, value = line:match("^([^:]+): (.*)$")
		headers[name] = value
	end
	headers["Host"] = headers["Host"] or wrk.headers["Host"]
	headers["Content-Type"] = "application/x-www-form-urlencoded"
	bodies = lines_of(args[2])
	again = args[3] == "again"
end

function request()
	at = at + 1
	if at > #bodies then
		if not again then
			wrk.thread:stop()
		end
		at = 1
	end
	n = n + 1
	return wrk.format("POST", nil, headers, (bodies[at]:gsub("{n}", string.format("%.0f", n))))
end

function response(status)
	count(status)
end
