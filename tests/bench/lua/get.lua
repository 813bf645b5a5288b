-- SPDX-License-Identifier: Apache-2.0
-- GET the URL; with a file argument, its lines are header lines to send.
dofile(os.getenv("BENCH_LUA") .. "/common.lua")

function init(args)
	if args[1] then
		for _, line in ipairs(lines_of(args[1])) do
			local name, value = line:match("^([^:]+): (.*)$")
			wrk.headers[name] = value
		end
	end
end

function response(status)
	count(status)
end
