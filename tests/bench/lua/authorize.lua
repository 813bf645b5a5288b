-- SPDX-License-Identifier: Apache-2.0
-- Single sign-on: authorize with a live session; each code is written to a file.
-- arguments: FILE of paths (one per citizen: path TAB cookie), FILE to write codes to, how many.
dofile(os.getenv("BENCH_LUA") .. "/common.lua")

local wanted, got, out, at = 0, 0, nil, 0
local requests = {}

function init(args)
	for _, line in ipairs(lines_of(args[1])) do
		local path, cookie = line:match("^(.-)\t(.*)$")
		requests[#requests + 1] = wrk.format("GET", path, {["Host"] = wrk.headers["Host"], ["Cookie"] = cookie})
	end
	out = assert(io.open(args[2], "w"))
	wanted = tonumber(args[3])
end

function request()
	at = at % #requests + 1
	return requests[at]
end

function response(status, headers)
	count(status)
	local location = headers["Location"] or ""
	local code = location:match("[?&]code=([^&]+)")
	if code then
		out:write(code, "\n")
		got = got + 1
	end
	if got >= wanted then
		out:flush()
		wrk.thread:stop()
	end
end
