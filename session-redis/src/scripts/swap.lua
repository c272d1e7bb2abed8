-- KEYS: the key. ARGV: now, the version seen, the new value, its milliseconds to live.
local now, seen, value, ttl = unpack(ARGV)
local found = obstacle(KEYS[1], seen, value:sub(2, 17), now)
if found then return found end
redis.call('SET', KEYS[1], value, 'PX', ttl)
return DONE
