-- KEYS: the key, its marker's. ARGV: the version seen, the marker, its milliseconds to live.
local seen, marker, ttl = unpack(ARGV)
local found = obstacle(KEYS[1], KEYS[2], seen, marker:sub(2, 17))
if found then return found end
redis.call('SET', KEYS[2], marker, 'PX', ttl)
redis.call('DEL', KEYS[1])
return DONE
