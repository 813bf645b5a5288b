-- SPDX-License-Identifier: Apache-2.0
-- POST bodies from a file, each once; stops at the end of the file unless a third argument says "again".
-- arguments: FILE of header lines, FILE of bodies, [again]
dofile(os.getenv("BENCH_LUA") .. "/common.lua")

local bodies, at, again = {}, 0, false
local headers = {}

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
	return wrk.format("POST", nil, headers, bodies[at])
end

function response(status)
	count(status)
end
