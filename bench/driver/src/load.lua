-- Sends the path with each Cookie header of a file in turn; says at its end what the driver reads.
local requests, at = {}, 0

function init(arguments)
   local file = arguments[1] and io.open(arguments[1])
   if file then
      for line in file:lines() do
         requests[#requests + 1] = wrk.format("GET", nil, { ["Cookie"] = line })
      end
      file:close()
   end
   if #requests == 0 then requests[1] = wrk.format("GET") end
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function done(summary, latency)
   local errors = summary.errors
   local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
   io.write("RESULT ", summary.requests, " ", summary.duration, " ", failed)
   for _, p in ipairs({ 50, 75, 90, 99, 99.9 }) do io.write(" ", latency:percentile(p)) end
   io.write("\n")
end
